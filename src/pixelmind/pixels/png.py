"""PNG as pixel art needs it: indexed, with tRNS, at the smallest bit depth; and a decoder fast enough for a store.

Format: W3C PNG specification (third edition, 2025). The fast decoder takes non-interlaced files of 8 bits a sample (or
indexed of any depth) whose rows are unfiltered, as the encoders here write them; everything else goes through Pillow.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from pixelmind.errors import BadInput
from pixelmind.records import U8, Sprite

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS = 1 << 26  # an image larger than this is refused before it is decoded
GREY, RGB, INDEXED, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, INDEXED: 1, GREY_ALPHA: 2, RGBA: 4}


def encode_png(sprite: Sprite, scale: int = 1, text: Mapping[str, str] | None = None) -> bytes:
    """Return an indexed PNG of the sprite, enlarged `scale` times by repeating cells.

    The file's palette is the sprite's, in order; `text` becomes iTXt entries (UTF-8).

    Raises:
        BadInput: `scale` below 1 or above 64.
    """
    if not 1 <= scale <= 64:
        raise BadInput(f"scale must be from 1 to 64, got {scale}")
    indices = sprite.indices.repeat(scale, 0).repeat(scale, 1) if scale > 1 else sprite.indices
    return _indexed(indices, sprite.palette, text)


def encode_rgba_png(rgba: U8) -> bytes:
    """Return a lossless PNG of uint8 [H, W, 4] with any alpha: indexed where 256 colours suffice, else RGBA.

    Colours under clear cells are written as (0, 0, 0, 0).
    """
    h, w = rgba.shape[:2]
    packed = np.where(rgba[..., 3] == 0, 0, np.ascontiguousarray(rgba).view(np.uint32)[..., 0])
    values = np.unique(packed)
    if len(values) <= 256:
        indices = np.searchsorted(values, packed).astype(np.uint8)
        return _indexed(indices, values[:, None].view(np.uint8).reshape(-1, 4), None)
    return _file(w, h, 8, RGBA, packed.view(np.uint8).reshape(h, w * 4), b"")


def _indexed(indices: U8, palette: U8, text: Mapping[str, str] | None) -> bytes:
    h, w = indices.shape
    depth = next(d for d in (1, 2, 4, 8) if len(palette) <= 1 << d)
    rows = indices
    if depth < 8:
        per_byte = 8 // depth
        rows = np.zeros((h, -(-w // per_byte)), dtype=np.uint8)
        for i in range(per_byte):
            part = indices[:, i::per_byte] << (8 - depth * (i + 1))
            rows[:, : part.shape[1]] |= part
    middle = _chunk(b"PLTE", palette[:, :3].tobytes())
    clear = np.flatnonzero(palette[:, 3] < 255)
    if len(clear):
        middle += _chunk(b"tRNS", palette[: clear[-1] + 1, 3].tobytes())
    for key, value in (text or {}).items():
        keyword = key.encode("latin-1", "replace")[:79]
        middle += _chunk(b"iTXt", keyword + b"\0\0\0\0\0" + value.encode())
    return _file(w, h, depth, INDEXED, rows, middle)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _file(w: int, h: int, depth: int, color_type: int, rows: U8, middle: bytes) -> bytes:
    raw = np.zeros((h, rows.shape[1] + 1), dtype=np.uint8)
    raw[:, 1:] = rows
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, color_type, 0, 0, 0))
    return SIGNATURE + head + middle + _chunk(b"IDAT", _deflate(raw.tobytes())) + _chunk(b"IEND", b"")


def _deflate(raw: bytes) -> bytes:
    """Compress, with no more window and memory than a small picture needs: setting up 256 kB costs more than a sprite. Level 7 takes
    0.12 ms a scene where level 9 takes 0.30 ms for 1.3 % fewer bytes (docs/log.md)."""
    window = min(max((len(raw) - 1).bit_length(), 9), 15)
    packer = zlib.compressobj(7, zlib.DEFLATED, window, 8 if window == 15 else 5)
    return packer.compress(raw) + packer.flush()


def decode_png(data: bytes) -> U8:
    """Return uint8 [H, W, 4], straight alpha, of an image file's bytes (PNG, or what Pillow reads; the first frame).

    Raises:
        BadInput: not an image, damaged, or larger than 64 megapixels.
    """
    fast = _decode_fast(data)
    return fast if fast is not None else _decode_pillow(data)


def _decode_fast(data: bytes) -> U8 | None:
    """Decode what the encoders above write, or return None: Pillow then decides (and reports damage)."""
    if data[:8] != SIGNATURE or data[12:16] != b"IHDR" or len(data) < 33:
        return None
    w, h, depth, kind, _, _, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    if interlace or kind not in CHANNELS or not 0 < w * h <= MAX_PIXELS:
        return None
    if depth != 8 and not (kind == INDEXED and depth in (1, 2, 4)):
        return None
    at, table, alpha, body = 33, b"", b"", b""
    while True:
        (length,) = struct.unpack_from(">I", data, at) if at + 12 <= len(data) else (0,)
        name, chunk = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if at + 12 + length > len(data):
            return None
        if name == b"IDAT":
            body += chunk
        elif name == b"PLTE":
            table = chunk
        elif name == b"tRNS":
            alpha = chunk
        elif name == b"IEND":
            break
        at += 12 + length
    per_row = -(-w * CHANNELS[kind] * depth // 8) + 1
    if kind != INDEXED and alpha:
        return None
    try:
        raw = np.frombuffer(zlib.decompressobj().decompress(body, h * per_row + 1), dtype=np.uint8)  # no bomb unpacks
    except zlib.error:
        return None
    if raw.size != h * per_row or raw[::per_row].any():
        return None
    rows = raw.reshape(h, per_row)[:, 1:]
    if kind == RGBA:
        return rows.reshape(h, w, 4).copy()
    if kind == INDEXED:
        return _apply_palette(rows, w, depth, table, alpha)
    out = np.full((h, w, 4), 255, dtype=np.uint8)
    if kind == RGB:
        out[..., :3] = rows.reshape(h, w, 3)
    else:
        pixels = rows.reshape(h, w, CHANNELS[kind])
        out[..., :3] = pixels[..., :1]
        if kind == GREY_ALPHA:
            out[..., 3] = pixels[..., 1]
    return out


def _apply_palette(rows: U8, w: int, depth: int, table: bytes, alpha: bytes) -> U8 | None:
    h, entries = len(rows), len(table) // 3
    if depth < 8:
        shifts = np.arange(8 - depth, -1, -depth, dtype=np.uint8)
        rows = (rows[:, :, None] >> shifts & np.uint8((1 << depth) - 1)).astype(np.uint8).reshape(h, -1)[:, :w]
    if not entries or int(rows.max()) >= entries:
        return None
    palette = np.full((entries, 4), 255, dtype=np.uint8)
    palette[:, :3] = np.frombuffer(table, dtype=np.uint8, count=entries * 3).reshape(-1, 3)
    palette[: len(alpha), 3] = np.frombuffer(alpha, dtype=np.uint8)[:entries]
    return palette.view(np.uint32)[:, 0][rows].view(np.uint8).reshape(h, w, 4)


#: Formats that Pillow may try; others of its readers start programs or read documents.
FORMATS = ("PNG", "GIF", "BMP", "WEBP", "JPEG", "TGA", "TIFF", "ICO", "PCX", "PPM", "QOI")
#: What Pillow raises on damage, as its readers were seen to (tests/test_foreign_bytes.py).
DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, ArithmeticError, TypeError, AttributeError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)


def _decode_pillow(data: bytes) -> U8:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise BadInput(f"it is {image.width}x{image.height}, above {MAX_PIXELS >> 20} megapixels")
                return np.array(image.convert("RGBA"), dtype=np.uint8)
    except UnidentifiedImageError as error:
        raise BadInput("not an image in a known format") from error
    except BadInput:
        raise
    except DAMAGE as error:
        raise BadInput(f"the image is damaged ({error})") from error


def read_image(path: str | Path, still: bool = False) -> U8:
    """Read an image file (PNG, GIF, BMP, WebP, .aseprite …; the first frame) as uint8 [H, W, 4].

    Raises:
        BadInput: missing, unreadable or damaged, or animated where a `still` is wanted; the message names the file.
    """
    path = Path(path).expanduser()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read image {path}: {error.strerror or error}") from error
    try:
        return decode_image(data, still)
    except BadInput as error:
        raise BadInput(f"cannot read image {path}: {error}") from error


def decode_image(data: bytes, still: bool = False) -> U8:
    """The bytes of an image file as uint8 [H, W, 4]; see `read_image`.

    Raises:
        BadInput: unreadable or damaged, or animated where a `still` is wanted.
    """
    if data[4:6] == b"\xe0\xa5":
        from pixelmind.pixels import aseprite

        frames = aseprite.decode(data).frames
        if still and len(frames) > 1:
            raise BadInput(f"it is animated ({len(frames)} frames), save one frame as PNG")
        return frames[0]
    rgba = decode_png(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                count = getattr(image, "n_frames", 1)
    except DAMAGE as error:
        raise BadInput(f"the image is damaged ({error})") from error
    if still and count > 1:
        raise BadInput(f"it is animated ({count} frames), save one frame as PNG")
    return rgba
