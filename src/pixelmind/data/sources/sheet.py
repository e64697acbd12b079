"""Sprite sheets as Aseprite exports them (PNG + JSON, hash or array), and .aseprite / .ase files themselves.

Words come from frame names ("slime green 3.aseprite" -> "slime green"), frame tags ("walk" -> "slime, walk") and slices
("shield", cut out as a picture of its own). Trimmed frames get their canvas back, rotated ones are turned. Layers become
region masks: those of an .aseprite file, and those of a sheet exported with split layers, whose frames are laid over one
another again. A frame that repeats an earlier one pixel by pixel is left out; of one animation at most two are kept.
Pictures below the folder that belong to no sheet are read as the `folder` importer reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.captions import clean_caption, describe, words_from_stem
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.folder import FolderImporter, folder_licence, guess_kind, unusable
from pixelmind.data.sources.images import read_rgba, walk
from pixelmind.errors import BadInput
from pixelmind.records import MAX_SIZE_PX, U8

ASE = (".aseprite", ".ase")
FRAMES_PER_ANIMATION = 2
MAX_FILE_BYTES = 64 << 20  # a larger JSON or .aseprite is no sprite sheet
#: Frame names and tags that say nothing about the picture.
SILENT = frozenset(["frame", "frames", "sprite", "sheet", "tag", "loop", "animation", "layer", "default", "untitled"])
#: Layers whose names tell no part of the picture.
UNNAMED_LAYER = re.compile(r"(layer|sprite|flattened|background|group|copy)?[\s_\-]*\d*$", re.I)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One frame: `rgba` uint8 [H, W, 4] or None with a `reason`; its words, its animation; the top layer of each cell."""

    rgba: U8 | None
    words: str
    animation: str = ""
    reason: str = ""
    tops: NDArray[np.int16] | None = None
    layers: tuple[str, ...] = ()


def sheet_frames(meta: Any) -> list[tuple[str, dict[str, Any]]]:
    """Frames of an Aseprite JSON as (name, frame), in order, from its hash or array form.

    Raises:
        BadInput: the JSON is not of either form.
    """
    frames = meta.get("frames") if isinstance(meta, dict) else None
    if isinstance(frames, dict):
        pairs = list(frames.items())
    elif isinstance(frames, list):
        pairs = [(str(f.get("filename", "")) if isinstance(f, dict) else "", f) for f in frames]
    else:
        raise BadInput("no Aseprite frames in this JSON: export the sheet with JSON data as hash or array")
    if not all(isinstance(frame, dict) and _box(frame.get("frame")) for _, frame in pairs):
        raise BadInput("a frame has no whole-number x, y, w, h")
    return pairs


def _box(value: Any) -> tuple[int, int, int, int] | None:
    """(x, y, w, h) of a JSON rectangle, or None."""
    if isinstance(value, dict) and all(type(value.get(k)) is int for k in "xywh"):
        return value["x"], value["y"], value["w"], value["h"]
    return None


def cut_frame(sheet: U8, frame: dict[str, Any]) -> U8 | None:
    """Cut one frame out of uint8 [H, W, 4] at its untrimmed size, turned back where the packer rotated it.

    None where it lies outside the sheet, or its place on its own canvas makes no sense.
    """
    x, y, w, h = (frame["frame"][k] for k in "xywh")
    if frame.get("rotated"):
        w, h = h, w
    if x < 0 or y < 0 or w < 1 or h < 1 or y + h > sheet.shape[0] or x + w > sheet.shape[1]:
        return None
    piece = sheet[y : y + h, x : x + w]
    piece = np.rot90(piece) if frame.get("rotated") else piece
    place, whole = _box(frame.get("spriteSourceSize")), frame.get("sourceSize")
    if not frame.get("trimmed") or place is None or not isinstance(whole, dict):
        return piece
    high, wide = whole.get("h"), whole.get("w")
    left, top = place[:2]
    if type(high) is not int or type(wide) is not int or max(high, wide) > 4 * MAX_SIZE_PX:
        return None
    if left < 0 or top < 0 or top + piece.shape[0] > high or left + piece.shape[1] > wide:
        return None
    out = np.zeros((high, wide, 4), dtype=np.uint8)
    out[top : top + piece.shape[0], left : left + piece.shape[1]] = piece
    return out


def tag_of(tags: list[tuple[str, int, int]], index: int) -> str:
    """The narrowest tag (name, first, last) that holds frame `index`, or ''."""
    around = [t for t in tags if t[1] <= index <= t[2]]
    return min(around, key=lambda t: t[2] - t[1])[0] if around else ""


def phrase(name: str, tag: str, stem: str) -> str:
    """Words of a frame: its own name without the tag, else the sheet's; the tag as an addition where it says more."""

    def clean(text: str) -> list[str]:
        return [w for w in words_from_stem(text) if w not in SILENT]

    does = clean(tag)
    subject = [w for w in clean(name) if w not in does] or [w for w in clean(stem) if w not in does]
    return clean_caption(", ".join(" ".join(part) for part in (subject, does) if part))


def layer_mask(tops: NDArray[np.int16], layers: tuple[str, ...]) -> tuple[U8, tuple[str, ...]] | None:
    """Region classes uint8 [H, W] and their names from the top layer of each cell (-1: clear); None where they tell nothing.

    Layers of one name are one region, and so are those without a name ("other"); at least two named ones must show.
    """
    names = [
        "" if UNNAMED_LAYER.match(name.strip()) else clean_caption(" ".join(words_from_stem(name))) for name in layers
    ]
    shown = [names[i] or "other" for i in np.unique(tops[tops >= 0])]
    regions = ("background", *dict.fromkeys(shown))
    if len(set(shown) - {"other"}) < 2 or len(regions) > 256:
        return None
    table = np.array([regions.index(n or "other") if (n or "other") in regions else 0 for n in [*names, ""]], np.uint8)
    table[-1] = 0  # index -1: clear
    return table[tops], regions


class SheetImporter:
    """Reads every Aseprite-exported sheet, every Aseprite file and every other picture below a folder."""

    name = "sheet"

    def __init__(self, licence: str = "", credit: str = "", source: str = "") -> None:
        self.licence, self.credit, self.source = licence, credit, source

    def detect(self, root: Path) -> bool:
        """Return whether `root` holds, at any depth, an Aseprite file or a PNG with a JSON of the same name."""
        return any(
            p.suffix.lower() in ASE or (p.suffix.lower() == ".json" and p.with_suffix(".png").is_file())
            for p in walk(root)
        )

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        """Yield frames, sheet by sheet in path order, then pictures that belong to no sheet."""
        licence = self.licence or folder_licence(root)
        used: set[Path] = set()
        for path in walk(root):
            shown, kind = str(path.relative_to(root)), path.suffix.lower()
            try:
                if kind in ASE:
                    used.add(path)
                    yield from self._sprites(root, shown, _aseprite(path), licence)
                elif kind == ".json" and (image := _image_of(path)) is not None:
                    used |= {path, image}
                    yield from self._sprites(root, shown, _exported(path, image), licence)
            except BadInput as error:
                yield Skipped(path=shown, reason=str(error))
            except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "damaged JSON, or not one of Aseprite's"
                yield Skipped(path=shown, reason=reason or "cannot be read")
        yield from FolderImporter(licence, self.credit, self.source or self.name).read(root, known=used)

    def _sprites(self, root: Path, shown: str, frames: Iterator[Frame], licence: str) -> Iterator[RawSprite | Skipped]:
        seen: set[bytes] = set()
        counts: dict[str, int] = {}
        for index, frame in enumerate(frames):
            where = f"{shown}#{index}"
            reason = frame.reason if frame.rgba is None else unusable(frame.rgba)
            if not reason and not frame.words:
                reason = "no words for it: name the frame or the file"
            if frame.rgba is None or reason:
                yield Skipped(path=where, reason=reason)
                continue
            rgba = np.ascontiguousarray(frame.rgba)
            key = bytes(str(rgba.shape), "ascii") + rgba.tobytes()
            counts[frame.animation] = counts.get(frame.animation, 0) + 1
            if key in seen or counts[frame.animation] > FRAMES_PER_ANIMATION:
                yield Skipped(path=where, reason="another frame of the same animation")
                continue
            seen.add(key)
            parts = layer_mask(frame.tops, frame.layers) if frame.tops is not None else None
            yield RawSprite(
                rgba=rgba,
                captions=describe(frame.words, rgba=rgba),
                source=self.source or self.name,
                licence=licence,
                credit=self.credit,
                params={"path": shown, "frame": index},
                tags={"kind": guess_kind(rgba), "style": self.source or root.name, "subject": frame.words},
                mask=parts[0] if parts else None,
                mask_names=parts[1] if parts else (),
            )


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise BadInput(f"larger than {MAX_FILE_BYTES >> 20} MiB")
    return path.read_bytes()


def _image_of(path: Path) -> Path | None:
    """The PNG beside a JSON that describes it: the one of its name, else the one it names."""
    beside = path.with_suffix(".png")
    if beside.is_file():
        return beside
    try:
        named = json.loads(_read(path)).get("meta", {}).get("image", "")
    except (BadInput, ValueError, AttributeError):
        return None
    image = path.parent / Path(str(named)).name
    return image if named and image.is_file() else None


def _exported(path: Path, image: Path) -> Iterator[Frame]:
    data = json.loads(_read(path))
    pairs = sheet_frames(data)
    sheet = read_rgba(image)
    meta = data.get("meta") or {}
    size = meta.get("size") or {}
    if {"w", "h"} <= set(size) and (size["h"], size["w"]) != sheet.shape[:2]:
        said = f"{size['w']}x{size['h']} px, the PNG is {sheet.shape[1]}x{sheet.shape[0]}"
        raise BadInput(f"the JSON disagrees with its PNG: it speaks of {said}")
    tags = [(str(t["name"]), int(t["from"]), int(t["to"])) for t in meta.get("frameTags") or []]
    layers = tuple(str(layer["name"]) for layer in meta.get("layers") or [])
    split = _split_layers(pairs, layers)
    # Slices of our own sheets are parts of the picture, and so is one that is named as a layer.
    cut = [] if meta.get("app") == "pixelmind" else meta.get("slices") or []
    slices = [
        (str(s["name"]), int(key["frame"]), _box(key["bounds"]))
        for s in cut
        if s["name"] not in layers
        for key in s["keys"]
    ]
    whole = _composed(sheet, split, layers) if split else ((name, cut_frame(sheet, f), None) for name, f in pairs)
    for index, (name, rgba, tops) in enumerate(whole):
        tag = tag_of(tags, index)
        words = phrase(name, tag, path.stem)
        animation = tag or phrase(name, "", path.stem)
        reason = "frame outside the sheet" if rgba is None else ""
        yield Frame(rgba=rgba, words=words, animation=animation, reason=reason, tops=tops, layers=layers)
        yield from _slices(rgba, [(n, box) for n, first, box in slices if first == index])


def _slices(rgba: U8 | None, named: list[tuple[str, tuple[int, int, int, int] | None]]) -> Iterator[Frame]:
    """Cut named rectangles (x, y, w, h) out of a frame; those that are not wholly on it are named and left out."""
    for name, box in named:
        words = phrase(name, "", "")
        if rgba is None or box is None or not _inside(box, rgba.shape):
            yield Frame(rgba=None, words=words, reason="slice outside its frame")
        elif words and box[2:] != (rgba.shape[1], rgba.shape[0]):
            x, y, w, h = box
            yield Frame(rgba=rgba[y : y + h, x : x + w], words=words, animation=f"slice {name}")


def _inside(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> bool:
    x, y, w, h = box
    return x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= shape[1] and y + h <= shape[0]


def _split_layers(
    pairs: list[tuple[str, dict[str, Any]]], layers: tuple[str, ...]
) -> dict[tuple[str, int], dict[str, dict[str, Any]]]:
    """Group the frames of a sheet exported with split layers ("title (Layer) 3.aseprite") by title and frame number.

    Empty where the names are not of that form.
    """
    grouped: dict[tuple[str, int], dict[str, dict[str, Any]]] = {}
    for name, frame in pairs:
        found = re.fullmatch(r"(.*?) ?\((.+)\)(?: (\d+))?(?:\.\w+)?", name)
        if found is None or found[2] not in layers or len(layers) < 2:
            return {}
        grouped.setdefault((found[1], int(found[3] or 0)), {})[found[2]] = frame
    return grouped


def _composed(
    sheet: U8, grouped: dict[tuple[str, int], dict[str, dict[str, Any]]], layers: tuple[str, ...]
) -> Iterator[tuple[str, U8 | None, NDArray[np.int16] | None]]:
    """Lay the layers of each frame over one another, lowest first, and note which one is on top."""
    for (title, _), by_layer in grouped.items():
        pieces = {name: cut_frame(sheet, frame) for name, frame in by_layer.items()}
        known = [p for p in pieces.values() if p is not None]
        if len(known) < len(pieces) or len({p.shape for p in known}) != 1:
            yield title, None, None
            continue
        out = np.zeros_like(known[0])
        tops = np.full(out.shape[:2], -1, dtype=np.int16)
        for number, name in enumerate(layers):
            piece = pieces.get(name)
            if piece is not None:
                seen = piece[..., 3] >= 128
                out[seen], tops[seen] = piece[seen], number
        yield title, out, tops


def _aseprite(path: Path) -> Iterator[Frame]:
    from pixelmind.pixels import aseprite

    file = aseprite.decode(_read(path))
    tags = [(t.name, t.first, t.last) for t in file.tags]
    for index, (rgba, tops) in enumerate(zip(file.frames, file.tops)):
        tag = tag_of(tags, index)
        yield Frame(rgba=rgba, words=phrase("", tag, path.stem), animation=tag, tops=tops, layers=file.layers)
        own = [s for s in file.slices if s.first == index and s.name not in file.layers]  # else a part, as its layer
        named = [(s.name, (s.x, s.y, s.width, s.height)) for s in own]
        yield from _slices(rgba, list(named))


IMPORTER = SheetImporter()
