"""Files for a caller's disk: names that are harmless everywhere, and the header that carries them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import Response

from pixelmind.errors import BadInput
from pixelmind.pixels import export
from pixelmind.pixels.strip import safe_stem
from pixelmind.records import Sprite

if TYPE_CHECKING:
    from pixelmind.storage import SpriteRow

MAX_SIDE_PX = 4096
WORDS = 6


def stem_of(row: SpriteRow) -> str:
    """A file's name without ending: the first words of the prompt, else the sprite's id."""
    words = re.findall(r"\w+", row.prompt.lower())[:WORDS]
    return safe_stem("-".join(words)) if words else row.id


def disposition(name: str) -> str:
    """The Content-Disposition header of a file name (RFC 6266): plain ASCII for all, UTF-8 beside it where that differs."""
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name).strip(" .") or "file"
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def check_scale(sprite: Sprite | SpriteRow, scale: int) -> None:
    """Refuse pictures that no screen needs.

    Raises:
        BadInput: a side would be longer than 4096 px.
    """
    longest = max(sprite.width, sprite.height)
    if longest * scale > MAX_SIDE_PX:
        raise BadInput(f"scale {scale} would make {longest * scale} px; use at most {MAX_SIDE_PX // longest}")


def file_answer(name: str, media: str, body: bytes) -> Response:
    """A file to be saved under a name."""
    return Response(body, media_type=media, headers={"Content-Disposition": disposition(name)})


def packed(row: SpriteRow, format: str, scale: int) -> export.Download:
    """The sprite as one file, or several in a zip.

    Raises:
        BadInput: an unknown format or a scale that it does not take.
    """
    check_scale(row, scale)
    stem = stem_of(row)
    return export.download(export.pack([row.sprite], format, stem, scale), format, stem)
