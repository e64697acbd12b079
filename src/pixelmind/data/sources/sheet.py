"""Sprite sheets as Aseprite exports them (PNG + JSON, hash or array), and .aseprite / .ase files themselves.

Words come from frame names ("slime green 3.aseprite" -> "slime green") and from frame tags ("walk" -> "slime, walk").
A frame that repeats an earlier one pixel by pixel is left out; of one animation at most two frames are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.data.captions import clean_caption, describe, words_from_stem
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.folder import folder_licence, guess_kind, unusable
from pixelmind.data.sources.images import load_rgba
from pixelmind.errors import BadInput
from pixelmind.records import U8

ASE = (".aseprite", ".ase")
FRAMES_PER_ANIMATION = 2
#: Frame names and tags that say nothing about the picture.
SILENT = frozenset(["frame", "frames", "sprite", "sheet", "tag", "loop", "animation", "layer", "default", "untitled"])


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
    for name, frame in pairs:
        box = frame.get("frame") if isinstance(frame, dict) else None
        if not isinstance(box, dict) or not all(isinstance(box.get(k), int) for k in "xywh"):
            raise BadInput(f"frame {name!r} has no whole-number x, y, w, h")
    return pairs


def cut_frame(sheet: U8, frame: dict[str, Any]) -> U8 | None:
    """Cut one frame out of uint8 [H, W, 4], turned back where the packer rotated it; None where it lies outside."""
    box = frame["frame"]
    x, y, w, h = (box[k] for k in "xywh")
    if frame.get("rotated"):
        w, h = h, w
    if x < 0 or y < 0 or w < 1 or h < 1 or y + h > sheet.shape[0] or x + w > sheet.shape[1]:
        return None
    piece = sheet[y : y + h, x : x + w]
    return np.rot90(piece) if frame.get("rotated") else piece


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


class SheetImporter:
    """Reads every Aseprite-exported sheet and every Aseprite file below a folder."""

    name = "sheet"

    def __init__(self, licence: str = "", credit: str = "", source: str = "") -> None:
        self.licence, self.credit, self.source = licence, credit, source

    def detect(self, root: Path) -> bool:
        """Return whether `root` holds an Aseprite file or a PNG with a JSON of the same name."""
        return any(
            p.suffix.lower() in ASE or (p.suffix == ".json" and p.with_suffix(".png").is_file()) for p in root.iterdir()
        )

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        """Yield frames, sheet by sheet in path order."""
        licence = self.licence or folder_licence(root)
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            shown = str(path.relative_to(root))
            try:
                if path.suffix.lower() in ASE:
                    frames = self._aseprite(path)
                elif path.suffix == ".json" and (image := self._image_of(path)) is not None:
                    frames = self._exported(path, image)
                else:
                    continue
                yield from self._sprites(root, shown, frames, licence)
            except (BadInput, OSError, ValueError) as error:
                yield Skipped(path=shown, reason=str(error))

    @staticmethod
    def _image_of(path: Path) -> Path | None:
        beside = path.with_suffix(".png")
        if beside.is_file():
            return beside
        try:
            named = json.loads(path.read_text()).get("meta", {}).get("image", "")
        except (ValueError, AttributeError):
            return None
        image = path.parent / Path(str(named)).name
        return image if named and image.is_file() else None

    @staticmethod
    def _exported(path: Path, image: Path) -> Iterator[tuple[U8 | None, str, str]]:
        meta = json.loads(path.read_text())
        pairs = sheet_frames(meta)
        sheet = load_rgba(image)
        if sheet is None:
            raise BadInput(f"unreadable image {image.name}")
        tags = [(str(t["name"]), int(t["from"]), int(t["to"])) for t in meta.get("meta", {}).get("frameTags", [])]
        for index, (name, frame) in enumerate(pairs):
            tag = tag_of(tags, index)
            yield cut_frame(sheet, frame), phrase(name, tag, path.stem), tag or phrase(name, "", path.stem)

    @staticmethod
    def _aseprite(path: Path) -> Iterator[tuple[U8 | None, str, str]]:
        from pixelmind.pixels import aseprite

        file = aseprite.decode(path.read_bytes())
        tags = [(t.name, t.first, t.last) for t in file.tags]
        for index, rgba in enumerate(file.frames):
            tag = tag_of(tags, index)
            yield rgba, phrase("", tag, path.stem), tag

    def _sprites(
        self, root: Path, shown: str, frames: Iterator[tuple[U8 | None, str, str]], licence: str
    ) -> Iterator[RawSprite | Skipped]:
        seen: set[bytes] = set()
        counts: dict[str, int] = {}
        for index, (rgba, words, animation) in enumerate(frames):
            where = f"{shown}#{index}"
            reason = "frame outside the sheet" if rgba is None else unusable(rgba)
            if not reason and not words:
                reason = "no words for it: name the frame or the file"
            if rgba is None or reason:
                yield Skipped(path=where, reason=reason)
                continue
            key = bytes(str(rgba.shape), "ascii") + rgba.tobytes()
            counts[animation] = counts.get(animation, 0) + 1
            if key in seen or counts[animation] > FRAMES_PER_ANIMATION:
                yield Skipped(path=where, reason="another frame of the same animation")
                continue
            seen.add(key)
            rgba = np.ascontiguousarray(rgba)
            yield RawSprite(
                rgba=rgba,
                captions=describe(words, rgba=rgba),
                source=self.source or self.name,
                licence=licence,
                credit=self.credit,
                params={"path": shown, "frame": index},
                tags={"kind": guess_kind(rgba), "style": self.source or root.name, "subject": words},
            )


IMPORTER = SheetImporter()
