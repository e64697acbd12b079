"""The page of `eval stress`: figures a class, and every failure with its words and picture."""

from __future__ import annotations

import json
from pathlib import Path

from pixelmind.errors import BadInput
from pixelmind.evaluation.report import inline, template
from pixelmind.evaluation.suite import KINDS
from pixelmind.files import write_bytes


def render(folder: Path | str) -> Path:
    """Render FOLDER/report.json of `eval stress` to FOLDER/report.html and return its path.

    Raises:
        BadInput: no such report there.
    """
    folder = Path(folder)
    try:
        data = json.loads((folder / "report.json").read_text())
        cases = data["cases"]
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"no report of the stress suite in {folder}; run: pixelmind eval stress --out {folder}"
        ) from error
    cannot: dict[str, list[str]] = {}
    for case in cases:
        for what in case["cannot"]:
            cannot.setdefault(what, []).append(case["id"])
    page = template("stress.html.j2").render(
        data=data,
        figures={kind: [f for f in data["figures"] if f["section"] == kind] for kind in KINDS},
        failures={kind: [c for c in cases if c["kind"] == kind and c["failed"]] for kind in KINDS},
        cannot=cannot,
        picture=lambda name: inline((folder / "pictures" / name).read_bytes()),
    )
    return write_bytes(folder / "report.html", page.encode())
