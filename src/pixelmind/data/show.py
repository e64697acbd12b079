"""A contact sheet of a store: pictures enlarged, their captions below, and their region masks beside them in colours."""

from __future__ import annotations

import colorsys
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pixelmind.data.procedural.regions import REGIONS
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.files import write_bytes
from pixelmind.pixels.png import decode_png
from pixelmind.pixels.preview import FONT_PX, MARGIN, contact_sheet
from pixelmind.records import U8

GAP_PX = 1
_SWATCH, _LINE = 10, FONT_PX + 5


def show(
    store: Store,
    out_png: Path | str,
    n: int = 64,
    seed: int = 0,
    source: str | None = None,
    split: str | None = None,
    search: str | None = None,
    kind: str | None = None,
    scale: int = 2,
    columns: int = 8,
    all_captions: bool = False,
    family: str | None = None,
    genre: str | None = None,
    masks: bool = False,
) -> list[int]:
    """Write a contact sheet of `n` random pictures with their first caption; return their row numbers.

    `search` keeps pictures one of whose captions holds the text (upper and lower case alike), `family` those of a
    procedural family (tag "subject"), `genre` those of a world (tag "genre"). `masks` draws the region mask to the
    right of each picture, and a legend of the classes below the sheet.

    Raises:
        BadInput: nothing fits.
    """
    if n < 1:
        raise BadInput(f"a contact sheet needs at least one picture, got n={n}")
    keep = np.ones(len(store), dtype=bool)
    for name, wanted in (("source", source), ("split", split), ("kind", kind)):
        if wanted is not None:
            keep &= store.column(name) == wanted
    if search:
        lists = store.column("captions")
        keep &= np.array([any(search.lower() in c.lower() for c in captions) for captions in lists], dtype=bool)
    for tag, wanted in (("subject", family), ("genre", genre)):
        if wanted is not None:
            keep &= _tagged(store, tag, wanted)
    rows = np.flatnonzero(keep)
    if not len(rows):
        raise BadInput(f"no picture in {store.path} fits; see what there is with: pixelmind data stats {store.path}")
    rows = np.sort(np.random.default_rng(seed).permutation(rows)[:n])
    data = store.take(rows, ("png", "captions", "mask_png", "mask_names"))
    texts = [" | ".join(row["captions"]) if all_captions else row["captions"][0] for row in data]
    images = [decode_png(row["png"]) for row in data]
    legend: dict[str, tuple[int, int, int]] = {}
    if masks:
        legend = class_colors([name for row in data for name in row["mask_names"][1:]])
        images = [_with_mask(image, row, legend) for image, row in zip(images, data)]
    sheet = contact_sheet(images, texts, columns=columns, scale=scale)
    file = io.BytesIO()
    (_with_legend(sheet, legend) if masks else sheet).save(file, "PNG")
    write_bytes(out_png, file.getvalue())
    return rows.tolist()


def _tagged(store: Store, tag: str, wanted: str) -> NDArray[np.bool_]:
    """Which rows carry a tag of this value, bool [len(store)]; upper and lower case alike."""
    values, codes = store.codes("tags")
    fits = np.array([json.loads(text).get(tag, "").lower() == wanted.lower() for text in values], dtype=bool)
    return np.asarray(fits[codes], dtype=bool)


def class_colors(names: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """One clearly different sRGB colour a class, in alphabetical order: hues around the circle in three lightnesses."""
    distinct = sorted(set(names))
    out = {}
    for i, name in enumerate(distinct):
        rgb = colorsys.hls_to_rgb(i / len(distinct), (0.62, 0.45, 0.75)[i % 3], 0.9)
        out[name] = (round(rgb[0] * 255), round(rgb[1] * 255), round(rgb[2] * 255))
    return out


def region_colors() -> dict[str, tuple[int, int, int]]:
    """The colour that stands for each region class but the background in every picture of parts."""
    return class_colors(REGIONS[1:])


def _with_mask(image: U8, row: dict[str, Any], legend: dict[str, tuple[int, int, int]]) -> U8:
    """The picture and, a cell apart, its mask in the legend's colours: uint8 [H, 2 W + GAP_PX, 4]."""
    painted = np.zeros_like(image)
    if row["mask_png"]:
        colors = np.array([(0, 0, 0, 0), *((*legend[name], 255) for name in row["mask_names"][1:])], dtype=np.uint8)
        painted = colors[decode_png(row["mask_png"])[..., 0]]
    gap = np.zeros((image.shape[0], GAP_PX, 4), dtype=np.uint8)
    return np.concatenate([image, gap, painted], axis=1)


def _with_legend(sheet: Image.Image, legend: dict[str, tuple[int, int, int]]) -> Image.Image:
    """The sheet with a line of coloured class names below, wrapped to its width."""
    font = ImageFont.load_default(FONT_PX)
    width, x, y, places = sheet.width, MARGIN, 0, []
    for name in legend:
        needed = _SWATCH + 4 + round(font.getlength(name)) + 12
        if x > MARGIN and x + needed > width:
            x, y = MARGIN, y + _LINE
        places.append((x, y, name))
        x += needed
    out = Image.new("RGB", (width, sheet.height + y + _LINE + MARGIN), (40, 40, 44))
    out.paste(sheet, (0, 0))
    draw = ImageDraw.Draw(out)
    for x, y, name in places:
        top = sheet.height + y
        draw.rectangle((x, top + 2, x + _SWATCH, top + 2 + _SWATCH), fill=legend[name])
        draw.text((x + _SWATCH + 4, top), name, font=font, fill=(230, 230, 230))
    return out
