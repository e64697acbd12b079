"""LPC object, structure and terrain sheets: cut into the pieces that `lpc_sheets.toml` has words for.

A sheet of many things without names cannot be captioned honestly, so what the table does not list is left out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from pixelmind.data.captions import dominant_color_words, unique, with_article
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.images import load_rgba
from pixelmind.records import U8

GRID_PX = 32
MIN_PX, MAX_PX = 8, 160
#: A sheet of many recolours gives at most this many pieces, spread over the whole sheet.
MAX_PIECES = 48
#: A flat shadow has fewer colours than this.
MIN_COLORS = 4


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """Sheet path without extension -> {cut, kind, words}."""
    return tomllib.loads((Path(__file__).parent / "lpc_sheets.toml").read_text())


@lru_cache(maxsize=64)
def folder_credit(folder: Path, root: Path) -> str:
    """Artists named in the nearest Credits.txt at or above `folder`, in order of appearance."""
    while True:
        notes = folder / "Credits.txt"
        if notes.is_file():
            found = re.findall(r"ARTIST\(S\):\s*([^\n]+)", notes.read_text(errors="replace"))
            names = [n.strip() for line in found for n in re.split(r",(?![^(]*\))", line)]
            if names:
                return ", ".join(dict.fromkeys(n for n in names if n))
        if folder == root or root not in folder.parents:
            return ""
        folder = folder.parent


def parts(sheet: U8) -> Iterator[U8]:
    """Connected pieces (8-neighbourhood of visible pixels) of uint8 [H, W, 4], in reading order."""
    labels, count = ndimage.label(sheet[..., 3] >= 128, structure=np.ones((3, 3)))
    boxes = [(box, i + 1) for i, box in enumerate(ndimage.find_objects(labels)) if box is not None] if count else []
    for box, label in sorted(boxes, key=lambda b: (b[0][0].start // GRID_PX, b[0][1].start)):
        yield np.where((labels[box] == label)[..., None], sheet[box], 0).astype(np.uint8)


def cells(sheet: U8) -> Iterator[tuple[int, U8]]:
    """Cells of the 32 px grid with their row number, in reading order; a rest at the edge is left out."""
    for y in range(0, sheet.shape[0] - GRID_PX + 1, GRID_PX):
        for x in range(0, sheet.shape[1] - GRID_PX + 1, GRID_PX):
            yield y // GRID_PX, sheet[y : y + GRID_PX, x : x + GRID_PX]


def crop(rgba: U8) -> U8 | None:
    """The visible part of uint8 [H, W, 4], or None where nothing is visible."""
    seen = rgba[..., 3] >= 128
    if not seen.any():
        return None
    rows, cols = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    return rgba[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def cut(sheet: U8, how: str, words: str) -> Iterator[tuple[U8, str]]:
    """Yield (piece, words) of one sheet; `how` is parts, grid, fill or whole (see the table's header)."""
    rows = words.split(";")
    if how == "whole":
        yield sheet, words
    elif how == "parts":
        for piece in parts(sheet):
            yield piece, words
    else:
        for row, cell in cells(sheet):
            if how == "fill" and (cell[..., 3] >= 128).all():
                yield cell, words
            elif how == "grid" and row < len(rows) and rows[row] != "-":
                yield cell, rows[row]


def pieces(sheet: U8, how: str, words: str) -> list[tuple[U8, str]]:
    """The usable, different pieces of one sheet, at most `MAX_PIECES` of them."""
    kept: dict[bytes, tuple[U8, str]] = {}
    for raw, said in cut(sheet, how, words):
        piece = raw if how == "fill" else crop(raw)
        if piece is None or not min(piece.shape[:2]) >= MIN_PX or (max(piece.shape[:2]) > MAX_PX and how != "whole"):
            continue
        shown = piece[piece[..., 3] >= 128]
        if len(shown) >= 40 and len(np.unique(np.ascontiguousarray(shown).view(np.uint32))) >= MIN_COLORS:
            kept.setdefault(piece.tobytes() + bytes(piece.shape[:2]), (piece, said))
    found = list(kept.values())
    return [found[i] for i in np.unique(np.linspace(0, len(found) - 1, min(len(found), MAX_PIECES)).astype(int))]


def caption(words: str, rgba: U8) -> tuple[str, ...]:
    """Fill in the measured colours and add the article: "{c} curtain" -> ("blue curtain", "a blue curtain")."""
    colors = " and ".join(dominant_color_words(rgba))
    said = re.sub(r"\s+", " ", words.replace("{c}", colors)).strip()
    said = re.sub(r"\b(a|an) (?=[aeiou])", "an ", re.sub(r"\ban (?![aeiou])", "a ", said))
    more = (
        [f"{with_article(f'{colors} {said}')}"] if colors and "{c}" not in words and not said.startswith(colors) else []
    )
    return unique([said, with_article(said), *more])


def _genre(words: str) -> dict[str, str]:
    """The world a thing certainly belongs to; most furniture, food and walls fit many."""
    modern = re.search(r"laptop|copy machine|office|phone|water cooler|wheelchair|hamburger|poster|flag$", words)
    return {"genre": "modern"} if modern else {}


def read_sheets(root: Path, source: str, licence: str, credit: str) -> Iterator[RawSprite | Skipped]:
    """Yield the pieces of every listed sheet under `root`; sheets without words become `Skipped`."""
    for path in sorted(
        p for part in ("Objects", "Structure", "Terrain", "FX", "_ Test Scenes") for p in (root / part).glob("**/*.png")
    ):
        shown = path.relative_to(root)
        entry = table().get(str(shown.with_suffix("")))
        if entry is None:
            scene = shown.parts[0] == "_ Test Scenes"
            yield Skipped(
                path=str(shown),
                reason="scene larger than 256 px" if scene else "sheet of things or edge pieces without names",
            )
            continue
        sheet = load_rgba(path)
        if sheet is None:
            yield Skipped(path=str(shown), reason="unreadable image")
            continue
        if max(sheet.shape[:2]) > 256 and entry["cut"] == "whole":
            yield Skipped(path=str(shown), reason="larger than 256 px")
            continue
        for rgba, words in pieces(sheet, entry["cut"], entry["words"]):
            captions = caption(words, rgba)
            yield RawSprite(
                rgba=rgba,
                captions=captions,
                source=source,
                licence=licence,
                credit=folder_credit(path.parent, root) or credit,
                tags={"kind": entry["kind"], "style": "lpc", "subject": captions[0]} | _genre(captions[0]),
                params={"path": str(shown)},
            )
