"""What is certain about a turn once its act is known: closed classes of words that point to something, and how pieces are cut.

The network reads what needs a sense of the whole; these rules put into its output what follows from the words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pixelmind.dialogue.extents import settle
from pixelmind.dialogue.lexicon import nouns, part_words
from pixelmind.dialogue.spans import spans_in, whole_words
from pixelmind.dialogue.values import PaletteChoice, find_values, value_of

Slots = dict[str, tuple[str, ...]]
#: Acts in which a pronoun points to something shown or said before.
POINTING = ("edit", "refine", "undo", "redo", "compare", "approve", "reject", "answer", "ask", "save")
_PRONOUN = re.compile(r"\b(it|that|this|them|those|these|they|he|she|him|her)\b(?!-)", re.IGNORECASE)
_SHOWN = r"(?:one|ones|two|three|four|sprite|picture|image|version|drawing|area|part|change|result|thing)"
_PHRASE = re.compile(rf" {_SHOWN}s?\b(?: (?:here|there|i (?:marked|selected|circled)))?", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(?:so|now|one|ones|thing|sure|way|think|know|said|part|everything|all) $", re.IGNORECASE)
_IDIOM = re.compile(
    r"(?<=\w )it is$|\bmake it (?:snow|rain)\b|\bthat'?s it\b|\blet it (?:snow|rain|go|be)\b|\bmake it so\b|\bforget it\b",
    re.IGNORECASE,
)
_AFTER_HER = re.compile(
    r" (?:\w+er|a|an|the|more|less|look|in|with|and|or|to|from|on|is|was|some|back|again|too|not|up|down|smile|wear|hold|please|"
    r"red|blue|green|yellow|black|white|purple|pink|orange|brown|grey|gray|golden)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"\s*(?:,|\band\b|\badn\b|\bwith\b|\bvs\.?|\bto\b|\bor\b|\bbeside\b|\bnext to\b|\bagainst\b|\bversions? (?=\d))\s*",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"(?:\w+ing|made|full|covered|in|on|by|under|over|next|near|behind|inside|at|of|standing|between|beside|through|above|below)\b",
    re.IGNORECASE,
)
_LINK = re.compile(
    r" ?(?:(?:on|in|of|to|at|from|by|with|out of|next to|top of|a|an|the|its|his|her|their) ?){1,4}$|^ ?$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:the|a|an|his|her|its|their|my)\s+", re.IGNORECASE)
_EMPTY = frozenset(
    {
        "just",
        "even",
        "like",
        "far",
        "next",
        "mit",
        "the",
        "a",
        "an",
        "on",
        "in",
        "of",
        "it",
        "to",
        "is",
        "be",
        "with",
        "and",
        "you touched",
    }
)


#: Words that begin something else behind a phrase for a picture.
_NO_NOUN = (
    r"(?:and|or|next|beside|please|pls|was|were|is|are|looks?|looked|again|back|as|to|then|now|but|with|vs|against|better|best|side|too|instead"
    r"|together|it|this|that|in|on|for|at|wins|please)"
)
#: Phrases for something shown before, whole: "the snowy one", "the part I marked", "the first version".
_POINTER = re.compile(
    r"\b(?:the|this|that|these|those) (?:part|area|bit|spot|region) (?:here|there|i (?:marked|selected|circled|pointed at))\b"
    r"|\b(?:the|this|that) (?:(?!(?:beside|next|and|the|with|or|vs|against|is|was|to|should|looks?)\b)[\w-]+ ){0,3}?"
    r"(?:one|ones|version|batch)\b"
    rf"(?: (?:with|without|before|after|from|in|where) (?:the )?(?:first |last |new |old )?[\w-]+(?: (?!{_NO_NOUN}\b)[\w-]+)?)?"
    r"|\b(?:the (?:first|second|third|last|older|newer|left|right) one|the (?:first|second|third|last|older|newer)"
    r"|number (?:\d|one|two|three|four))"
    r" of (?:the |these |those )?(?:two|three|four|five|new ones|old ones|them|these|those)\b"
    r"|\b(?:the|that) (?:thing|one|guy|creature) (?:we|i|you) (?:talked|spoke|told me|mentioned|showed me|saw)(?: about)?\b"
    r"|\b(?:how|what|the way) (?:it|this|that) (?:was|looked|did look) (?:at (?:first|the (?:start|beginning))|originally)\b"
    r"|\bthe (?:start|original)\b|\bsame thing\b|\bth(?:is|at) garbage\b"
    r"|\bprev\b|\bboth(?: of (?:them|these|those))?(?= (?:look|[a-z]+er)\b| (?:yellow|red|blue|green)\b|$|[.,!?])"
    r"|\ball of (?:them|these|those)\b|\bthe (?:rest|remaining ones)\b",
    re.IGNORECASE,
)
#: A picture told by when it was, where nothing else points: "go back to before the clouds", "as small as in the beginning".
_EARLIER = re.compile(
    r"\b(?:to|how it was|as|like) ((?:before (?:the |that |it )?\w+)|(?:(?:in|at) the (?:beginning|start)))[.!? ]*$",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:in|from|a|an|the|like|just|even|too|more|look(?:s|ing)?) )+(?!bit|little|touch|lot|tad|third|half|quarter|tiny|few)",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(r"\b(?:forget|not|no|without|drop|lose)(?: the| a| an)? $", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ONE_MORE = re.compile(r"\bone(?= more \w)", re.IGNORECASE)
_SOME = re.compile(
    r"\b(?:some|a few|several|many)\b(?= (?:\w+s|fish|sheep|deer|people|men|women|children|geese|mice|teeth)\b)",
    re.IGNORECASE,
)
#: Acts that name a thing to draw, and operations of an edit that do.
_WITH_SUBJECT = ("generate", "edit", "refine", "answer", "reject")
_DRAWING = ("add", "replace", "restyle", "redraw", "unclear", "pattern", "none")


def tidy(text: str, act: str, slots: Mapping[str, Sequence[str]], operation: str = "none") -> Slots:
    """Slots cut as the conventions say (tests/assets/requests/README.md): pronouns that point are references, numbers are one each,
    an attribute that begins with a verb or preposition runs to the end of its phrase, places have no article."""
    out: Slots = settle(text, act, operation, slots)
    if "subject" in out:
        _compounds(text, out)
        if act not in _WITH_SUBJECT or operation not in _DRAWING:
            del out["subject"]
    if "attribute" in out:
        out["attribute"] = tuple(_ARTICLE.sub("", p, count=1) if _ARTICLE.match(p) else p for p in out["attribute"])
        out["attribute"] = _phrases(text, out["attribute"])
    if "region" in out:
        bare = (_ARTICLE.sub("", p, count=1) if _ARTICLE.match(p) else p for p in out["region"])
        out["region"] = tuple(p for p in bare if p.lower() not in _EMPTY and not _only_pronoun(p))
    for slot in ("style", "amount", "palette", "time", "mood"):
        if slot in out:
            out[slot] = tuple(p for p in (_LEADING.sub("", p) for p in out[slot]) if p and p.lower() not in _EMPTY)
    _values(text, out, operation)
    if act in POINTING:
        out["reference"] = _references(text, out)
        if not out["reference"] and (found := _EARLIER.search(text)):
            out["reference"] = (found[1],)
    elif act == "generate":
        out["reference"] = tuple(p for p in out.get("reference", ()) if not _only_pronoun(p))
    if act in ("undo", "redo", "compare", "approve", "reject", "save"):
        out = _outside_references(text, out)
    for slot in ("subject", "region"):  # one word is one thing
        if slot in out:
            taken = {w.lower() for p in out.get("reference", ()) for w in p.split()} - {"the"}
            out[slot] = tuple(p for p in out[slot] if not set(p.lower().split()) <= taken)
    return {slot: pieces for slot, pieces in out.items() if pieces}


def _outside_references(text: str, slots: Slots) -> Slots:
    """Slots without the pieces that lie in a reference ("the teal one" wants no colour)."""
    spans = spans_in(text, {"reference": slots.get("reference", ())})
    spans += spans_in(text, {slot: pieces for slot, pieces in slots.items() if slot != "reference"})
    taken = [s for s in spans if s.slot == "reference"]
    kept = [s for s in spans if s.slot == "reference" or not any(r.start <= s.start < r.end for r in taken)]
    out: Slots = {}
    for s in kept:
        out[s.slot] = (*out.get(s.slot, ()), text[s.start : s.end])
    return out


def _compounds(text: str, out: Slots) -> None:
    """Nouns side by side are one: "hover" + "jets"; a noun right before an attribute belongs to it: "cowboy" + "hat"."""
    subjects, attributes = list[str](), list(out.get("attribute", ()))
    for piece in out["subject"]:
        if subjects and f"{subjects[-1]} {piece}" in text:
            subjects[-1] = f"{subjects[-1]} {piece}"
        else:
            subjects.append(piece)
    for piece in subjects[1:]:
        for i, attribute in enumerate(attributes):
            if f"{piece} {attribute}" in text and not _OPENS.match(attribute):
                attributes[i] = f"{piece} {attribute}"
                subjects.remove(piece)
                break
    out["subject"], out["attribute"] = tuple(subjects), tuple(attributes)


def _found(text: str, pieces: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Where pieces stand, (start, end, piece), each looked for after the one before it."""
    at = 0
    for piece in pieces:
        start = whole_words(text, piece, at)
        if start >= 0:
            at = start + len(piece)
            yield start, at, piece


def _values(text: str, out: Slots, operation: str) -> None:
    """Pieces that are values: amounts whole and with "by", years as styles, open numbers, black and white."""
    palettes, styles = list[str](), list(out.get("style", ()))
    for piece in out.get("palette", ()):
        if _YEAR.fullmatch(piece):
            styles.append(piece)
        elif " " in piece or "-" in piece or value_of("palette", piece) is not None:
            palettes.append(piece)
    colors = list(out.get("color", ()))
    for slot, start, end, value in find_values(text):  # a machine's name is no subject
        if (
            slot == "palette"
            and " " in text[start:end]
            and isinstance(value, PaletteChoice)
            and value.name
            and not _GIVEN_UP.search(text[:start])
        ):
            piece = text[start:end]
            words = set(piece.lower().split())
            for name in ("subject", "style", "attribute"):
                out[name] = tuple(p for p in out.get(name, ()) if not set(p.lower().split()) <= words)
            if not any(p in piece or piece in p for p in palettes):
                palettes.append(piece)
    found = re.search(r"\bblack and white\b", text, re.IGNORECASE)
    halves = {"black", "white"} & {p.lower() for p in (*colors, *palettes)}
    if found and halves and not any(found[0] in p for p in palettes):
        palettes = [p for p in palettes if p.lower() not in halves] + [found[0]]
        colors = [c for c in colors if c.lower() not in halves]
    colors = [
        c
        for c in colors
        if " " in c or value_of("color", c) is not None or value_of("color", c.removesuffix("s")) is not None
    ]
    styles = [
        f"{p}{m[0]}" if (m := re.match(r" (?:quality|graphics)\b", text[text.find(p) + len(p) :])) else p
        for p in styles
    ]
    if operation == "add" and (one := _ONE_MORE.search(text)) and not out.get("count"):
        out["count"] = (one[0],)
    counts = [p for p in out.get("count", ()) if p.lower() not in ("a", "an", "few")]
    for m in _SOME.finditer(text):
        if m[0] not in counts and not any(m[0] in p for pieces in out.values() for p in pieces):
            counts.append(m[0])
    amounts = _amounts(text, out.get("amount", ()))
    if operation in ("tile", "enlarge") and counts:
        amounts, counts = (*amounts, *counts), []
    out |= {
        "palette": tuple(palettes),
        "style": tuple(styles),
        "color": tuple(colors),
        "count": tuple(counts),
        "amount": amounts,
    }


def _amounts(text: str, pieces: Sequence[str]) -> tuple[str, ...]:
    """Amounts that touch as one, with the "by" before them."""
    out: list[tuple[int, int]] = []
    for start, at, _piece in _found(text, pieces):
        if out and text[out[-1][1] : start] in ("", " "):
            out[-1] = (out[-1][0], at)
        else:
            out.append((start - 3 if text[:start].endswith("by ") else start, at))
    return tuple(text[a:b] for a, b in out)


def _only_pronoun(piece: str) -> bool:
    return bool(_PRONOUN.fullmatch(piece))


def _references(text: str, slots: Slots) -> tuple[str, ...]:
    """References in the order in which they stand: those read, cut at "and", and pronouns that point."""
    found = [m.span() for m in _POINTER.finditer(text) if m[0].lower() != "the one"]
    idioms = [m.span() for m in _IDIOM.finditer(text)]
    for start, _at, piece in _found(text, slots.get("reference", ())):
        for part in _JOINT.split(piece) if len(piece.split()) > 1 else [piece]:
            inner = whole_words(text, part, start) if part else -1
            if inner < 0 or any(a <= inner < b for a, b in idioms):
                continue
            if any(a <= inner < b or inner <= a < inner + len(part) for a, b in found):
                continue
            if part and part.lower() not in ("the", "the one", "versions", "number", "of"):
                found.append((inner, inner + len(part)))
    known = nouns() | part_words()
    for m in _PRONOUN.finditer(text):
        start, end = m.span()
        word, rest = m[1].lower(), text[end:]
        if any(a <= start < b and (a, b) != (start, end) for a, b in found) or any(a <= start < b for a, b in idioms):
            continue
        following = re.match(r"[ ]([a-z'-]+)", rest, re.IGNORECASE)
        if word in ("this", "that", "these", "those"):
            if phrase := _PHRASE.match(rest):
                end += phrase.end()
            elif following and (following[1].lower() in known or following[1].lower().rstrip("s") in known):
                continue  # "that trim" names a part
            if word == "that" and _RELATIVE.search(text[:start]):
                continue
        if word == "her" and following and not _AFTER_HER.match(rest):
            continue  # possessive
        found = [(a, b) for a, b in found if not (start <= a and b <= end)]
        found.append((start, end))
    return tuple(text[a:b] for a, b in sorted(set(found)))


def _phrases(text: str, pieces: Sequence[str]) -> tuple[str, ...]:
    """Attributes that stand side by side, the first begun by a verb or preposition, as one."""
    out: list[tuple[int, int]] = []
    for start, at, piece in _found(text, pieces):
        if (out and _OPENS.match(text[out[-1][0] : out[-1][1]]) and _LINK.search(text[out[-1][1] : start])) or (
            out and text[out[-1][1] : start] == " " and _OPENS.match(piece)
        ):
            out[-1] = (out[-1][0], at)
        else:
            out.append((start, at))
    return tuple(text[a:b] for a, b in out)
