"""A plain folder of pictures in the Hugging Face ImageFolder layout: `metadata.jsonl` or `metadata.csv` beside them.

Columns: `file_name` (needed), `text` or `caption` or `captions`; optional `kind`, `style`, `genre`, `view`, `licence`
(or `license`) and `credit`. Pictures without a row, and folders without metadata, take their words from the file name.
A sheet of sprites is cut into its cells: `grid` ("16x16", and `margin` and `spacing` in px) says how, or the picture does
(`cells`); `rows` names its rows and `names` its cells in reading order (lists, or words between ";"). Empty cells and
cells that repeat another are left out.
A licence comes from the row, else from the importer's argument, else from a LICENSE file, else it is LicenseRef-unknown
and the import stage decides.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.data.captions import clean_caption, describe, unique, words_from_stem
from pixelmind.data.sources.base import KINDS, VIEWS, RawSprite, Skipped
from pixelmind.data.sources.cells import SHEET_WORDS, Cut, find_cut, looks_like_sheet, parse_cut
from pixelmind.data.sources.images import blank, read_rgba, walk
from pixelmind.errors import BadInput
from pixelmind.records import MAX_SIZE_PX, U8

IMAGES = (".png", ".gif", ".bmp", ".webp")
#: Files that belong to a folder of pictures and are no pictures: passed over in silence. Others are named.
SIDE_FILES = re.compile(
    r"(metadata\.(jsonl|csv)|(readme|licen[cs]e|copying|credits|authors|attribution|notice).*)$", re.I
)
UNKNOWN = "LicenseRef-unknown"
#: What the text of a licence file says -> SPDX, most specific first.
LICENCE_TEXTS = (
    (r"Attribution-NonCommercial|CC[ -]BY-NC", "LicenseRef-CC-BY-NC"),
    (r"Attribution-NoDerivatives|CC[ -]BY-ND", "LicenseRef-CC-BY-ND"),
    (r"OGA[ -]BY[ -]?3\.0", "OGA-BY-3.0"),
    (r"Attribution-ShareAlike 4\.0|CC[ -]BY[ -]SA[ -]4\.0", "CC-BY-SA-4.0"),
    (r"Attribution-ShareAlike 3\.0|CC[ -]BY[ -]SA[ -]3\.0", "CC-BY-SA-3.0"),
    (r"Attribution 4\.0|CC[ -]BY[ -]4\.0", "CC-BY-4.0"),
    (r"Attribution 3\.0|CC[ -]BY[ -]3\.0", "CC-BY-3.0"),
    (r"CC0|Creative Commons Zero", "CC0-1.0"),
    (r"GNU AFFERO", "AGPL-3.0-or-later"),
    (r"GNU GENERAL PUBLIC LICENSE\s+Version 3|GPL-3\.0|GPLv3", "GPL-3.0-or-later"),
    (r"GNU GENERAL PUBLIC LICENSE\s+Version 2|GPL-2\.0|GPLv2", "GPL-2.0-or-later"),
    (r"Apache License", "Apache-2.0"),
    (r"MIT License|Permission is hereby granted, free of charge", "MIT"),
    (r"public domain", "LicenseRef-public-domain"),
)


def folder_licence(root: Path) -> str:
    """Return the SPDX id that a LICENSE or COPYING file in `root` speaks of, else LicenseRef-unknown."""
    for path in sorted(root.iterdir()):
        if path.is_file() and re.match(r"(licen[cs]e|copying)(\.(txt|md))?$", path.name, re.I):
            text = path.read_text(errors="replace")
            return next((spdx for pattern, spdx in LICENCE_TEXTS if re.search(pattern, text, re.I)), UNKNOWN)
    return UNKNOWN


def guess_kind(rgba: U8) -> str:
    """What a picture of unknown kind most likely is, by its canvas: full ones are tiles or scenes, others objects."""
    full = bool((rgba[..., 3] >= 128).all())
    return ("scene" if max(rgba.shape[:2]) > 48 else "tile") if full else "object"


def unusable(rgba: U8) -> str:
    """Why a picture cannot be used; '' where it can."""
    if max(rgba.shape[:2]) > 4 * MAX_SIZE_PX:  # the stage undoes upscales, so up to four times is given a chance
        return f"larger than {4 * MAX_SIZE_PX} px"
    return "shows nothing" if blank(rgba) else ""


def read_metadata(root: Path) -> Iterator[dict[str, Any] | Skipped]:
    """Yield rows of metadata.jsonl or metadata.csv; a line that is not a row with a `file_name` becomes `Skipped`."""
    for name in ("metadata.jsonl", "metadata.csv"):
        path = root / name
        if not path.is_file():
            continue
        newline = "" if name.endswith("csv") else None
        with path.open(encoding="utf-8-sig", errors="replace", newline=newline) as file:
            lines: Iterator[Any] = csv.DictReader(file) if name.endswith("csv") else file
            for number, line in enumerate(lines, 1):
                if isinstance(line, str) and not line.strip():
                    continue
                try:
                    row = json.loads(line) if isinstance(line, str) else line
                except json.JSONDecodeError:
                    row = None
                if isinstance(row, dict) and row.get("file_name"):
                    yield row
                else:
                    yield Skipped(path=f"{name}:{number}", reason="no row with a file_name")
        return


class FolderImporter:
    """Reads an ImageFolder; `licence` and `credit` hold for all pictures whose row names none."""

    name = "folder"

    def __init__(self, licence: str = "", credit: str = "", source: str = "") -> None:
        self.licence, self.credit, self.source = licence, credit, source

    def detect(self, root: Path) -> bool:
        """Return whether `root` holds ImageFolder metadata or, at any depth, at least one image."""
        return any((root / n).is_file() for n in ("metadata.jsonl", "metadata.csv")) or any(
            p.suffix.lower() in IMAGES for p in walk(root)
        )

    def read(self, root: Path, known: Collection[Path] = (), others: bool = True) -> Iterator[RawSprite | Skipped]:
        """Yield listed pictures in the order of the metadata, then unlisted ones by path.

        Files in `known` are passed over: another importer has read them. `others`: name files that are no pictures.
        """
        licence = self.licence or folder_licence(root)
        listed: set[str] = set()
        for row in read_metadata(root):
            if isinstance(row, Skipped):
                yield row
                continue
            relative = Path(str(row["file_name"]))
            if relative.is_absolute() or ".." in relative.parts:
                yield Skipped(path=str(relative), reason="points outside the folder")
                continue
            listed.add(str(relative))
            yield from self._file(root, relative, row, licence)
        for path in walk(root):
            relative = path.relative_to(root)
            if path in known or str(relative) in listed:
                continue
            if path.suffix.lower() in IMAGES:
                yield from self._file(root, relative, {}, licence)
            elif others and not SIDE_FILES.match(path.name):
                yield Skipped(path=str(relative), reason="not a picture")

    def _file(self, root: Path, relative: Path, row: dict[str, Any], licence: str) -> Iterator[RawSprite | Skipped]:
        """Yield the one sprite of a file, or the cells of a sheet."""
        try:
            if not (root / relative).is_file():
                raise BadInput("missing file")
            rgba = read_rgba(root / relative)
            cut = parse_cut(row)
            if cut is None and looks_like_sheet(words_from_stem(relative.stem), rgba):
                cut = find_cut(rgba)
            if cut is not None and (cut.height, cut.width) != rgba.shape[:2]:
                yield from self._cells(rgba, cut, root, relative, row, licence)
            else:
                yield self._sprite(rgba, root, str(relative), row, licence)
        except BadInput as error:
            yield Skipped(path=str(relative), reason=str(error))

    def _cells(
        self, sheet: U8, cut: Cut, root: Path, relative: Path, row: dict[str, Any], licence: str
    ) -> Iterator[RawSprite | Skipped]:
        boxes = list(cut.boxes(sheet.shape))
        if not boxes:
            raise BadInput(f"a {sheet.shape[1]}x{sheet.shape[0]} sheet has no {cut.width}x{cut.height} cell")
        rows, names = (_listing(row.get(key)) for key in ("rows", "names"))
        words = [w for w in words_from_stem(relative.stem) if w not in SHEET_WORDS]
        seen: set[bytes] = set()
        for number, (line, column, y, x) in enumerate(boxes):
            cell = np.ascontiguousarray(sheet[y : y + cut.height, x : x + cut.width])
            if blank(cell) or cell.tobytes() in seen:
                continue
            seen.add(cell.tobytes())
            name = (names[number] if number < len(names) else "") or (rows[line] if line < len(rows) else "")
            said = {"captions": [name]} if name else {}
            try:
                yield self._sprite(cell, root, f"{relative}#{line},{column}", row | said, licence, words)
            except BadInput as error:
                yield Skipped(path=f"{relative}#{line},{column}", reason=str(error))

    def _sprite(
        self, rgba: U8, root: Path, path: str, row: dict[str, Any], licence: str, words: list[str] | None = None
    ) -> RawSprite:
        """Make the sprite of a picture; `words` are what its file is called, where that is not its path."""
        if reason := unusable(rgba):
            raise BadInput(reason)
        kind = str(row.get("kind") or guess_kind(rgba))
        if kind not in KINDS:
            raise BadInput(f"unknown kind {kind!r}; one of {', '.join(KINDS)}")
        said = row.get("captions") or row.get("text") or row.get("caption") or ()
        captions = unique([said] if isinstance(said, str) else [str(c) for c in said])
        if not captions:
            called = words if words is not None else words_from_stem(Path(path).stem)
            captions = describe(clean_caption(" ".join(called)), rgba=rgba)
        if not captions:
            raise BadInput("no words for it: give it a caption in metadata.jsonl")
        tags = {"kind": kind, "style": str(row.get("style") or self.source or root.name), "subject": captions[0]}
        tags |= {key: str(row[key]) for key in ("genre",) if row.get(key)}
        tags |= {"view": str(row["view"])} if row.get("view") in VIEWS else {}
        return RawSprite(
            rgba=rgba,
            captions=captions,
            source=self.source or self.name,
            licence=str(row.get("licence") or row.get("license") or licence),
            credit=str(row.get("credit") or self.credit),
            tags=tags,
            params={"path": path},
        )


def _listing(value: Any) -> list[str]:
    """A list of names, as JSON gives it or as words between ";"."""
    return [str(v).strip() for v in (value if isinstance(value, list) else str(value or "").split(";"))]


IMPORTER = FolderImporter()
