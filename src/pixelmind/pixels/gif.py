"""GIF out, exact: a palette for each frame, one clear index, nothing merged or dithered.

Format: CompuServe GIF89a specification (1990) with the Netscape loop extension. Codes: T. Welch's LZW (1984), variable
width. Written here because general encoders rebuild palettes between frames and lose the clear index on the way.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from pixelmind.records import U8, Sprite

MAX_CODES = 4096
MIN_DELAY = 2  # hundredths of a second
CLEAR_FRAME_AFTER = 2  # disposal method: restore to background


def encode(sprites: Sequence[Sprite], scale: int = 1, frame_ms: int | Sequence[int] = 200, loop: bool = True) -> bytes:
    """Return a GIF of sprites of one size, a frame each, enlarged `scale` times; it loops where there are several.

    `frame_ms` is one time for all or one a frame. A GIF counts in 10 ms; below 20 ms browsers play slowly, so that is the least.
    """
    h, w = (int(v) * scale for v in sprites[0].indices.shape)
    out = [b"GIF89a", struct.pack("<HHBBB", w, h, 0, 0, 0)]
    if len(sprites) > 1 and loop:
        out.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
    times = [frame_ms] * len(sprites) if isinstance(frame_ms, int) else list(frame_ms)
    delays = [max(MIN_DELAY, round(ms / 10)) if len(sprites) > 1 else 0 for ms in times]
    any_clear = any(not s.rgba()[..., 3].all() for s in sprites)
    for sprite, delay in zip(sprites, delays, strict=True):
        used, indices = np.unique(sprite.indices, return_inverse=True)
        palette = sprite.palette[used]
        if any_clear and palette[0, 3] == 255 and len(used) < 256:  # so that every reader disposes to clear
            palette, indices = np.concatenate([np.zeros((1, 4), dtype=np.uint8), palette]), indices + 1
        bits = max(1, (len(palette) - 1).bit_length())
        table = np.zeros((1 << bits, 3), dtype=np.uint8)
        table[: len(palette)] = palette[:, :3]
        clear = palette[0, 3] == 0
        out.append(struct.pack("<BBBBHBB", 0x21, 0xF9, 4, CLEAR_FRAME_AFTER << 2 | int(clear), delay, 0, 0))
        out.append(struct.pack("<BHHHHB", 0x2C, 0, 0, w, h, 0x80 | bits - 1) + table.tobytes())
        cells = indices.reshape(sprite.indices.shape).astype(np.uint8).repeat(scale, 0).repeat(scale, 1)
        out.append(_lzw(cells, max(2, bits)))
    return b"".join(out) + b"\x3b"


def _lzw(cells: U8, bits: int) -> bytes:
    """Return uint8 [H, W] of values below 2**bits as image data: code size, sub-blocks of 255 bytes, terminator."""
    clear, end = 1 << bits, (1 << bits) + 1
    codes: dict[int, int] = {}  # the code of a longer run by its beginning's code << 8 | its last value
    find = codes.get
    width, free = bits + 1, end + 1
    packed, filled, data = clear, width, bytearray()
    values = iter(cells.tobytes())
    run = next(values)
    for value in values:
        key = run << 8 | value
        longer = find(key)
        if longer is not None:
            run = longer
            continue
        packed |= run << filled
        filled += width
        if free == MAX_CODES:
            packed |= clear << filled
            filled += width
            codes.clear()
            width, free = bits + 1, end + 1
        else:
            codes[key] = free
            if free == 1 << width:
                width += 1
            free += 1
        run = value
        if filled >= 512:
            data += (packed & (1 << 512) - 1).to_bytes(64, "little")
            packed, filled = packed >> 512, filled - 512
    packed |= run << filled
    filled += width
    if free == 1 << width and width < 12:
        width += 1
    packed |= end << filled
    data += packed.to_bytes(-(-(filled + width) // 8), "little")
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    return bytes([bits]) + blocks + b"\0"
