"""Which licences may enter training: SPDX normalising and the allow-list applied at import.

The default list holds licences that let trained weights be given away: public domain, CC0, CC-BY, CC-BY-SA, OGA-BY,
MIT, BSD and Apache. Copyleft code licences (GPL, NGPL) are refused, or admitted as evaluation-only art.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

#: Patterns over normalised identifiers. A digit is asked for after CC-BY, so that CC-BY-NC and CC-BY-ND never match.
ALLOWED: tuple[str, ...] = (
    "LicenseRef-public-domain",
    "CC-PDDC",
    "PDDL-*",
    "Unlicense",
    "CC0-1.0",
    "CC-BY-[0-9]*",
    "CC-BY-SA-[0-9]*",
    "OGA-BY-[0-9]*",
    "MIT",
    "MIT-0",
    "0BSD",
    "BSD-[0-9]-Clause",
    "Apache-[0-9]*",
    "LicenseRef-Adam-Bolt",  # "may be redistributed and used for any purpose, with or without modification"
)
#: Free licences whose art may be measured against, never trained on.
EVALUATION_ONLY: tuple[str, ...] = ("GPL-*", "LGPL-*", "AGPL-*", "NGPL")

_PUBLIC_DOMAIN = re.compile(r"^(licenseref-)?(public[ _-]?domain|pd|none \(public domain\))$")
_VERSION = r"[ _-]*v?(\d+(?:\.\d+)?)"
_FAMILIES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^cc[ _-]?(?:0|zero)(?:[ _-]*v?1(?:\.0)?)?(?:[ _-]+universal)?$"), "CC0-1.0"),
    (re.compile(rf"^cc[ _-]*by[ _-]*sa{_VERSION}(\+|[ _-]or[ _-]later)?$"), "CC-BY-SA-{}"),
    (re.compile(rf"^cc[ _-]*by{_VERSION}(\+|[ _-]or[ _-]later)?$"), "CC-BY-{}"),
    (re.compile(rf"^(?:licenseref-)?oga[ _-]*by{_VERSION}(\+)?$"), "OGA-BY-{}"),
    (re.compile(rf"^(?:gnu )?(a|l)?gpl{_VERSION}(-only)?$"), "{}GPL-{}-only"),
    (re.compile(rf"^(?:gnu )?(a|l)?gpl{_VERSION}(?:\+|-or-later)$"), "{}GPL-{}-or-later"),
    (re.compile(r"^(?:licenseref-)?(?:nethack|ngpl)(?: general public license)?$"), "NGPL"),
    (re.compile(r"^(?:the )?mit(?: licen[cs]e)?$"), "MIT"),
    (re.compile(r"^(?:licenseref-)?bsd[ _-]?([23])?(?:[ _-]?clause)?$"), "BSD-{}-Clause"),
    (re.compile(r"^apache(?:[ _-]?licen[cs]e)?[ ,_-]*(?:version )?(?:2(?:\.0)?)?$"), "Apache-2.0"),
)


def _version(text: str) -> str:
    return text if "." in text else f"{text}.0"


def normalise(licence: str) -> str:
    """Return the SPDX form of one licence or of an expression with AND / OR (upper case, no brackets needed).

    Unknown names come back trimmed but unchanged, so that they are refused by name and a person can read which.
    """
    text = " ".join(licence.replace("(", " ").replace(")", " ").split())
    for word in ("OR", "AND"):
        parts = re.split(rf"\s+{word}\s+", text)
        if len(parts) > 1:
            return f" {word} ".join(normalise(part) for part in parts)
    lower = text.lower()
    if _PUBLIC_DOMAIN.match(lower):
        return "LicenseRef-public-domain"
    for pattern, form in _FAMILIES:
        found = pattern.match(lower)
        if not found:
            continue
        if "GPL-{}" in form:
            return form.format((found[1] or "").upper(), _version(found[2]))
        if form == "BSD-{}-Clause":
            return form.format(found[1] or "3")
        return form.format(_version(found[1])) if "{}" in form else form
    return text


def matches(licence: str, patterns: Iterable[str]) -> bool:
    """Whether a licence expression satisfies the patterns: one side of an OR, every side of an AND."""
    expression, patterns = normalise(licence), tuple(patterns)

    def atom(name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in patterns)

    return any(all(atom(part) for part in choice.split(" AND ")) for choice in expression.split(" OR "))


def chosen(licence: str, patterns: Iterable[str] = ALLOWED) -> str:
    """Of a dual licence keep the choices that the patterns admit ("CC-BY-SA-3.0 OR GPL-3.0-only" -> "CC-BY-SA-3.0")."""
    choices = [c for c in normalise(licence).split(" OR ") if matches(c, patterns)]
    return " OR ".join(choices) if choices else normalise(licence)
