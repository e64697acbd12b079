"""Animated PNG out, exact: indexed where the frames share at most 256 colours, else RGBA; only what changes is stored again.

Format: W3C PNG specification, third edition (2025), §11.3.4 (acTL, fcTL, fdAT). A program that knows no animation shows the
first frame.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from pixelmind import __version__
from pixelmind.pixels import png
from pixelmind.pixels.sheets import enlarge
from pixelmind.pixels.strip import Strip, merged_palette, remap
from pixelmind.records import U8

KEEP, REPLACE = 0, 0  # dispose_op none, blend_op source: a frame's rectangle replaces what was there
PLAY_FOR_EVER, PLAY_ONCE = 0, 1


def encode(strip: Strip, scale: int = 1) -> bytes:
    """Return an animated PNG of a strip whose sprites have one size, enlarged `scale` times, with each frame's own time."""
    palette, frames = _shared(strip)
    height, width = (int(v) * scale for v in frames[0].shape[:2])
    depth = 8 if palette is None else next(d for d in (1, 2, 4, 8) if len(palette) <= 1 << d)
    header = struct.pack(">IIBBBBB", width, height, depth, png.RGBA if palette is None else png.INDEXED, 0, 0, 0)
    plays = PLAY_FOR_EVER if strip.loop else PLAY_ONCE
    out = [png.SIGNATURE, _chunk(b"IHDR", header), _chunk(b"acTL", struct.pack(">II", len(frames), plays))]
    if palette is not None:
        out.append(_chunk(b"PLTE", palette[:, :3].tobytes()))
        if palette[0, 3] == 0:
            out.append(_chunk(b"tRNS", b"\0"))
    out.append(_chunk(b"tEXt", b"Software\0pixelmind " + __version__.encode()))
    number = 0
    for i, frame in enumerate(frames):
        y, x, rows, columns = _changed(frames[i - 1], frame) if i else (0, 0, *frame.shape[:2])
        part = enlarge(frame[y : y + rows, x : x + columns], scale)
        place = (part.shape[1], part.shape[0], x * scale, y * scale)
        out.append(_chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *place, strip.durations[i], 1000, KEEP, REPLACE)))
        number += 1
        data = _pack_rows(part, depth)
        if i == 0:
            out.append(_chunk(b"IDAT", data))
        else:
            out.append(_chunk(b"fdAT", struct.pack(">I", number) + data))
            number += 1
    return b"".join((*out, _chunk(b"IEND", b"")))


def _shared(strip: Strip) -> tuple[U8 | None, list[U8]]:
    """One palette uint8 [K, 4] for all frames and their indices [H, W]; or None and RGBA [H, W, 4]."""
    palette = merged_palette(strip.sprites)
    if palette is None:
        frames = [s.rgba() for s in strip.sprites]
        colors = np.unique(np.concatenate([s.palette[np.unique(s.indices)] for s in strip.sprites]), axis=0)
        if len(colors) > 256 or not colors[:, 3].all():
            return None, frames
        palette = colors  # 256 opaque colours, and no clear cell that would need an entry
    elif all(s.palette[s.indices, 3].all() for s in strip.sprites):
        palette = palette[1:]
    return palette, [_indices(s.rgba(), palette) if palette[0, 3] else remap(s, palette) for s in strip.sprites]


def _indices(rgba: U8, palette: U8) -> U8:
    packed, order = np.ascontiguousarray(palette).view(np.uint32)[:, 0], np.ascontiguousarray(rgba).view(np.uint32)
    sorter = np.argsort(packed)
    return sorter[np.searchsorted(packed, order[..., 0], sorter=sorter)].astype(np.uint8)


def _changed(before: U8, after: U8) -> tuple[int, int, int, int]:
    """(y, x, height, width) of the cells that differ; one cell where none does, since a frame may not be empty."""
    differs = before != after
    if differs.ndim == 3:
        differs = differs.any(2)
    rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
    if not len(rows):
        return 0, 0, 1, 1
    y, x = int(rows[0]), int(columns[0])
    return y, x, int(rows[-1]) - y + 1, int(columns[-1]) - x + 1


def _pack_rows(part: U8, depth: int) -> bytes:
    """Compressed rows, each with the filter byte 0, of indices [H, W] at `depth` bits or RGBA [H, W, 4]."""
    rows = part.reshape(len(part), -1)
    if depth < 8:
        padded = np.zeros((len(rows), -(-rows.shape[1] * depth // 8) * 8 // depth), dtype=np.uint8)
        padded[:, : rows.shape[1]] = rows
        bits = np.unpackbits(padded[..., None], axis=2)[..., 8 - depth :]
        rows = np.packbits(bits.reshape(len(rows), -1), axis=1)
    raw = np.zeros((len(rows), rows.shape[1] + 1), dtype=np.uint8)
    raw[:, 1:] = rows
    return zlib.compress(raw.tobytes(), 7)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
