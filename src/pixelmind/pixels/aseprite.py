"""Aseprite files (.ase, .aseprite) in and out, after the published file specification of the Aseprite project.

Reading flattens each frame: indexed, greyscale and RGBA cels, raw, compressed or linked, in layer (and z-index) order,
with layer and cel opacity and the blend modes of the W3C's Compositing and Blending Level 1, plus addition, subtract
and divide. It also says which layer is on top at each cell. Left out: hidden and reference layers. Refused: tilemap cels.
Writing: indexed where at most 255 opaque colours occur in all frames together, else RGBA; entry 0 is always clear,
since the format makes that index clear in every layer. A sprite with a region mask gets one layer a region.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.pixels.strip import DIRECTIONS, merged_palette, name_color, region_slices, regions, remap
from pixelmind.pixels.strip import Slice as Slice
from pixelmind.pixels.strip import Tag as Tag
from pixelmind.records import U8, Sprite

FILE_MAGIC, FRAME_MAGIC = 0xA5E0, 0xF1FA
OLD_PALETTE, LAYER, CEL, PROFILE, TAGS, PALETTE = 0x0004, 0x2004, 0x2005, 0x2007, 0x2018, 0x2019
USER_DATA, SLICE = 0x2020, 0x2022
SRGB, HAS_COLOR = 1, 2
VISIBLE, EDITABLE, BACKGROUND, REFERENCE = 1, 2, 8, 64
MAX_SIDE = 16384
MAX_FRAME_PX, MAX_FILE_PX = 1 << 24, 1 << 25  # larger canvases, and more in all frames together, are refused
MAX_DEPTH_PX = 1 << 28  # cels drawn over one another, in all


@dataclass(frozen=True, kw_only=True)
class AseFile:
    """A file: flattened `frames` uint8 [H, W, 4], `durations` in ms, `palette` uint8 [K, 4], tags, layer names, slices.

    `tops` int16 [H, W] a frame: the topmost of `layers` that shows at each cell, -1 where the frame is clear (alpha
    below 128).
    """

    frames: tuple[U8, ...]
    durations: tuple[int, ...]
    palette: U8
    tags: tuple[Tag, ...] = ()
    layers: tuple[str, ...] = ()
    tops: tuple[NDArray[np.int16], ...] = ()
    slices: tuple[Slice, ...] = ()


@dataclass
class _Layer:
    name: str
    flags: int
    group: bool
    level: int
    opacity: int
    blend: int = 0
    shown: bool = True


@dataclass
class _Cel:
    layer: int
    x: int
    y: int
    opacity: int
    z: int
    pixels: U8 | None  # stored pixels [h, w, bytes per pixel]
    link: int | None = None


@dataclass
class _State:
    depth: int
    clear_index: int
    palette: U8 = field(default_factory=lambda: np.zeros((0, 4), dtype=np.uint8))
    new_palette: bool = False
    layers: list[_Layer] = field(default_factory=list)
    cels: list[list[_Cel]] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    slices: list[Slice] = field(default_factory=list)


def decode(data: bytes) -> AseFile:
    """Read a file's bytes.

    Raises:
        BadInput: not an Aseprite file, damaged, or using tilemaps.
    """
    try:
        return _decode(data)
    except (struct.error, zlib.error, IndexError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"damaged Aseprite file ({error})") from error


def _decode(data: bytes) -> AseFile:
    _, magic, count, w, h, depth, flags = struct.unpack_from("<IHHHHHI", data)
    (speed,) = struct.unpack_from("<H", data, 18)
    if magic != FILE_MAGIC or depth not in (8, 16, 32):
        raise BadInput("not an Aseprite file")
    if not (0 < w * h <= MAX_FRAME_PX and 0 < w * h * count <= MAX_FILE_PX):
        raise BadInput(f"an Aseprite file of {w}x{h} px and {count} frames cannot be read")
    state = _State(depth=depth, clear_index=data[28])
    at, durations = 128, []
    for _ in range(count):
        size, frame_magic, old_chunks, duration, _, chunks = struct.unpack_from("<IHHHHI", data, at)
        if frame_magic != FRAME_MAGIC or size < 16:
            raise ValueError("frame header missing")
        if at + size > len(data):
            raise ValueError("the file ends early")
        durations.append(duration or speed or 100)
        state.cels.append([])
        position = at + 16
        for _ in range(chunks or old_chunks):
            length, kind = struct.unpack_from("<IH", data, position)
            if length < 6:
                raise ValueError("chunk of no length")
            _read_chunk(state, kind, data[position + 6 : position + length], bool(flags & 1))
            position += length
        at += size
    _inherit_visibility(state.layers)
    if sum(map(len, state.cels)) * w * h > MAX_DEPTH_PX:
        raise BadInput(f"an Aseprite file of {w}x{h} px with {sum(map(len, state.cels))} cels is too large to flatten")
    flat = [_flatten(state, i, h, w) for i in range(count)]
    return AseFile(
        frames=tuple(rgba for rgba, _ in flat),
        tops=tuple(tops for _, tops in flat),
        slices=tuple(state.slices),
        durations=tuple(durations),
        palette=state.palette,
        tags=tuple(state.tags),
        layers=tuple(layer.name for layer in state.layers if not layer.group),
    )


def _read_chunk(state: _State, kind: int, body: bytes, opacity_valid: bool) -> None:
    if kind == LAYER:
        flags, layer_type, level, _, _, blend, opacity = struct.unpack_from("<HHHHHHB", body)
        name = _string(body, 16)
        state.layers.append(_Layer(name, flags, layer_type == 1, level, opacity if opacity_valid else 255, blend))
    elif kind == CEL:
        state.cels[-1].append(_read_cel(body, state.depth // 8))
    elif kind == PALETTE:
        _read_palette(state, body)
    elif kind == OLD_PALETTE and not state.new_palette:
        _read_old_palette(state, body)
    elif kind == TAGS:
        (count,) = struct.unpack_from("<H", body)
        at = 10
        for _ in range(count):
            first, last, direction = struct.unpack_from("<HHB", body, at)
            name = _string(body, at + 17)
            state.tags.append(Tag(name=name, first=first, last=last, direction=DIRECTIONS[direction % 4]))
            at += 19 + _string_bytes(body, at + 17) - 2
    elif kind == SLICE:
        count, flags = struct.unpack_from("<II", body)
        name = _string(body, 12)
        at = 12 + _string_bytes(body, 12)
        for _ in range(count):
            first, x, y, width, height = struct.unpack_from("<IiiII", body, at)
            state.slices.append(Slice(name=name, first=first, x=x, y=y, width=width, height=height))
            at += 20 + (16 if flags & 1 else 0) + (8 if flags & 2 else 0)


def _string_bytes(body: bytes, at: int) -> int:
    return 2 + int(struct.unpack_from("<H", body, at)[0])


def _string(body: bytes, at: int) -> str:
    (length,) = struct.unpack_from("<H", body, at)
    return body[at + 2 : at + 2 + length].decode("utf-8", "replace")


def _read_cel(body: bytes, pixel_bytes: int) -> _Cel:
    layer, x, y, opacity, kind, z = struct.unpack_from("<HhhBHh", body)
    if kind == 1:
        return _Cel(layer, x, y, opacity, z, None, link=struct.unpack_from("<H", body, 16)[0])
    if kind not in (0, 2):
        raise BadInput("tilemap cels cannot be read; convert the tilemap layer to a normal layer first")
    w, h = struct.unpack_from("<HH", body, 16)
    if w > MAX_SIDE or h > MAX_SIDE:
        raise ValueError(f"cel of {w}x{h} px")
    need = w * h * pixel_bytes
    raw = body[20 : 20 + need] if kind == 0 else zlib.decompressobj().decompress(body[20:], need)
    if len(raw) < need:
        raise ValueError("cel ends early")
    return _Cel(layer, x, y, opacity, z, np.frombuffer(raw, dtype=np.uint8).reshape(h, w, pixel_bytes))


def _grow(palette: U8, size: int) -> U8:
    if size > 4096:
        raise ValueError(f"palette of {size} entries")
    out = np.zeros((max(size, len(palette)), 4), dtype=np.uint8)
    out[:, 3] = 255
    out[: len(palette)] = palette
    return out


def _read_palette(state: _State, body: bytes) -> None:
    size, first, last = struct.unpack_from("<III", body)
    state.palette, state.new_palette = _grow(state.palette, max(size, last + 1)), True
    at = 20
    for index in range(first, last + 1):
        flags, *rgba = struct.unpack_from("<HBBBB", body, at)
        state.palette[index] = rgba
        at += 6 + (_string_bytes(body, at + 6) if flags & 1 else 0)


def _read_old_palette(state: _State, body: bytes) -> None:
    (packets,) = struct.unpack_from("<H", body)
    at, index = 2, 0
    for _ in range(packets):
        index += body[at]
        count = body[at + 1] or 256
        colors = np.frombuffer(body, dtype=np.uint8, count=3 * count, offset=at + 2).reshape(-1, 3)
        state.palette = _grow(state.palette, index + count)
        state.palette[index : index + count, :3] = colors
        at, index = at + 2 + 3 * count, index + count


def _inherit_visibility(layers: list[_Layer]) -> None:
    """A layer shows if it and every group around it is visible and it is no reference layer."""
    groups: list[bool] = []
    for layer in layers:
        outer = all(groups[: layer.level])
        layer.shown = outer and bool(layer.flags & VISIBLE) and not layer.flags & REFERENCE
        groups = [*groups[: layer.level], layer.shown] if layer.group else groups[: layer.level]


def _flatten(state: _State, index: int, h: int, w: int) -> tuple[U8, NDArray[np.int16]]:
    """Return frame `index` as uint8 [H, W, 4] and the topmost layer of each cell (int16 [H, W], -1 where clear)."""
    canvas = np.zeros((h, w, 4))
    tops = np.full((h, w), -1, dtype=np.int16)
    number = np.cumsum([not layer.group for layer in state.layers]) - 1  # groups are not counted
    order = sorted(state.cels[index], key=lambda cel: (cel.layer + cel.z, cel.z))
    for cel in order:
        layer = state.layers[cel.layer]
        if layer.shown:
            source = cel
            if cel.link is not None:
                linked = [c for c in state.cels[cel.link] if c.layer == cel.layer and c.pixels is not None]
                if not linked:
                    raise ValueError("linked cel points to nothing")
                source = linked[0]
            rgba = _to_rgba(state, source, layer)
            opacity = layer.opacity / 255 * cel.opacity / 255
            _blend(canvas, tops, rgba, (source.x, source.y), opacity, layer.blend, int(number[cel.layer]))
    out = np.rint(canvas * [1, 1, 1, 255]).astype(np.uint8)
    out[out[..., 3] == 0] = 0
    tops[out[..., 3] < 128] = -1
    return out, tops


def _to_rgba(state: _State, cel: _Cel, layer: _Layer) -> U8:
    if cel.pixels is None:
        raise ValueError("cel without pixels")
    if state.depth == 32:
        return cel.pixels
    if state.depth == 16:
        return cel.pixels[..., [0, 0, 0, 1]]
    indices = cel.pixels[..., 0]
    rgba = _grow(state.palette, 256)[indices]
    if not layer.flags & BACKGROUND:
        rgba[indices == state.clear_index] = 0
    return rgba


def _blend(
    canvas: NDArray[np.float64],
    tops: NDArray[np.int16],
    rgba: U8,
    at: tuple[int, int],
    opacity: float,
    mode: int,
    layer: int,
) -> None:
    """Source over with straight alpha of `rgba` at (x, y), cut to the canvas, whose alpha is in [0, 1]."""
    x, y = at
    top, left = max(0, y), max(0, x)
    span = slice(top, max(top, y + rgba.shape[0])), slice(left, max(left, x + rgba.shape[1]))
    below = canvas[span]
    above = rgba[top - y : top - y + below.shape[0], left - x : left - x + below.shape[1]]
    if not below.size:
        return
    alpha = above[..., 3:] / 255 * opacity
    color = above[..., :3].astype(np.float64)
    if mode:
        mixed_in = 255 * _mix(mode, below[..., :3] / 255, color / 255)
        color += below[..., 3:] * (mixed_in - color)
    out_alpha = alpha + below[..., 3:] * (1 - alpha)
    mixed = color * alpha + below[..., :3] * below[..., 3:] * (1 - alpha)
    below[..., :3] = np.where(out_alpha > 0, mixed / np.maximum(out_alpha, 1e-9), 0)
    below[..., 3:] = out_alpha
    under = tops[span]
    under[(alpha[..., 0] >= 0.5) | ((alpha[..., 0] > 0) & (under < 0))] = layer


def _mix(mode: int, b: NDArray[np.float64], s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Blend source `s` with backdrop `b`, both [..., 3] in [0, 1], by the number of the file's blend mode.

    W3C Compositing and Blending Level 1, sections 9.1 and 9.2; 16 to 18 are Aseprite's addition, subtract and divide.
    """
    if 12 <= mode <= 15:  # hue, saturation, colour, luminosity
        hue, saturation, luminosity = [(s, b, b), (b, s, b), (s, s, b), (b, b, s)][mode - 12]
        return _with_luminosity(
            _with_saturation(hue, np.ptp(saturation, axis=-1, keepdims=True)), _luminosity(luminosity)
        )
    if mode in (3, 8):  # overlay is hard light with the two exchanged
        under, over = (s, b) if mode == 3 else (b, s)
        return np.where(over <= 0.5, 2 * under * over, 1 - 2 * (1 - under) * (1 - over))
    if mode == 9:  # soft light
        d = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b))
        return np.where(s <= 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (d - b))
    tiny = 1e-9
    simple: dict[int, NDArray[np.float64]] = {
        1: b * s,  # multiply
        2: b + s - b * s,  # screen
        4: np.minimum(b, s),  # darken
        5: np.maximum(b, s),  # lighten
        6: np.where(b <= 0, 0, np.minimum(1, b / np.maximum(1 - s, tiny))),  # colour dodge
        7: np.where(b >= 1, 1, 1 - np.minimum(1, (1 - b) / np.maximum(s, tiny))),  # colour burn
        10: np.abs(b - s),  # difference
        11: b + s - 2 * b * s,  # exclusion
        16: np.minimum(1, b + s),
        17: np.maximum(0, b - s),
        18: np.where(b <= 0, 0, np.minimum(1, b / np.maximum(s, tiny))),
    }
    if mode not in simple:
        raise ValueError(f"unknown blend mode {mode}")
    return simple[mode]


def _luminosity(color: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(color @ [[0.3], [0.59], [0.11]])


def _with_saturation(color: NDArray[np.float64], saturation: NDArray[np.float64]) -> NDArray[np.float64]:
    low, extent = color.min(axis=-1, keepdims=True), np.ptp(color, axis=-1, keepdims=True)
    return np.where(extent > 0, (color - low) * saturation / np.maximum(extent, 1e-9), 0)


def _with_luminosity(color: NDArray[np.float64], luminosity: NDArray[np.float64]) -> NDArray[np.float64]:
    color = color + luminosity - _luminosity(color)
    low, high = color.min(axis=-1, keepdims=True), color.max(axis=-1, keepdims=True)
    raised = luminosity + (color - luminosity) * luminosity / np.maximum(luminosity - low, 1e-9)
    color = np.where(low < 0, raised, color)
    lowered = luminosity + (color - luminosity) * (1 - luminosity) / np.maximum(high - luminosity, 1e-9)
    return np.where(high > 1, lowered, color)


def encode(sprites: Sequence[Sprite], durations: Sequence[int] | None = None, tags: Sequence[Tag] = ()) -> bytes:
    """Return a file with one frame a sprite (all of one size), `durations` in ms (100 each by default).

    Layers and slices come from the region masks: a layer a region, and a slice around each but the background.

    Raises:
        BadInput: no sprite, sprites of different sizes, or as many durations as frames are not given.
    """
    if not sprites:
        raise BadInput("an Aseprite file needs at least one sprite")
    h, w = sprites[0].indices.shape
    if any(s.indices.shape != (h, w) for s in sprites):
        raise BadInput("all frames of an Aseprite file must have one size")
    times = list(durations) if durations is not None else [100] * len(sprites)
    if len(times) != len(sprites):
        raise BadInput(f"{len(sprites)} frames need {len(sprites)} durations, got {len(times)}")
    palette = merged_palette(sprites)
    indexed = palette is not None
    table = palette if palette is not None else np.array([[0, 0, 0, 0], [0, 0, 0, 255]], dtype=np.uint8)
    layers = _layer_names(sprites)
    body = b""
    for i, sprite in enumerate(sprites):
        chunks = []
        if i == 0:
            chunks = [_chunk(PROFILE, struct.pack("<HH12x", SRGB, 0)), _palette_chunk(table)]
            chunks += [_layer_chunk(n) for n in layers] + ([_tags_chunk(tags)] if tags else []) + _slice_chunks(sprites)
        chunks += _cel_chunks(sprite, layers, palette)
        frame = b"".join(chunks)
        head = struct.pack("<IHHHHI", 16 + len(frame), FRAME_MAGIC, min(len(chunks), 0xFFFF), times[i], 0, len(chunks))
        body += head + frame
    depth = 8 if indexed else 32
    header = struct.pack("<IHHHHHI", 128 + len(body), FILE_MAGIC, len(sprites), w, h, depth, 1)
    header += struct.pack("<HIIB3xHBB", times[0], 0, 0, 0, len(table), 1, 1)
    return header.ljust(128, b"\0") + body


def _layer_names(sprites: Sequence[Sprite]) -> list[str]:
    """Region names in order of first use; one plain layer where no sprite has a mask."""
    if all(s.mask is None for s in sprites):
        return ["sprite"]
    return list(dict.fromkeys(name for s in sprites for _, name in _parts(s)))


def _parts(sprite: Sprite) -> list[tuple[int | None, str]]:
    return [*regions(sprite)] or [(None, "sprite")]


def _cel_chunks(sprite: Sprite, layers: list[str], palette: U8 | None) -> list[bytes]:
    pixels = sprite.rgba() if palette is None else remap(sprite, palette)[..., None]
    chunks = []
    for region, name in _parts(sprite):
        part = pixels
        if region is not None and sprite.mask is not None:
            part = np.where((sprite.mask == region)[..., None], pixels, np.uint8(0))
        rows, columns = np.flatnonzero(part.any(axis=(1, 2))), np.flatnonzero(part.any(axis=(0, 2)))
        if not len(rows):
            continue
        y, x = int(rows[0]), int(columns[0])
        part = np.ascontiguousarray(part[y : rows[-1] + 1, x : columns[-1] + 1])
        head = struct.pack("<HhhBHh5xHH", layers.index(name), x, y, 255, 2, 0, part.shape[1], part.shape[0])
        chunks.append(_chunk(CEL, head + zlib.compress(part.tobytes(), 9)))
    return chunks


def _chunk(kind: int, body: bytes) -> bytes:
    return struct.pack("<IH", 6 + len(body), kind) + body


def _text(value: str) -> bytes:
    raw = value.encode()[:65535]
    return struct.pack("<H", len(raw)) + raw


def _layer_chunk(name: str) -> bytes:
    return _chunk(LAYER, struct.pack("<HHHHHHB3x", VISIBLE | EDITABLE, 0, 0, 0, 0, 0, 255) + _text(name))


def _palette_chunk(palette: U8) -> bytes:
    entries = b"".join(b"\0\0" + c.tobytes() for c in palette)
    return _chunk(PALETTE, struct.pack("<III8x", len(palette), 0, len(palette) - 1) + entries)


def _tags_chunk(tags: Sequence[Tag]) -> bytes:
    body = struct.pack("<H8x", len(tags))
    for tag in tags:
        body += struct.pack("<HHBH6x", tag.first, tag.last, DIRECTIONS.index(tag.direction), 0)
        body += bytes((*name_color(tag.name), 0)) + _text(tag.name)
    return _chunk(TAGS, body)


def _slice_chunks(sprites: Sequence[Sprite]) -> list[bytes]:
    """A chunk for each region's slice with all its keys, its colour in the user data that follows."""
    keys: dict[str, list[Slice]] = {}
    for part in region_slices(sprites):
        keys.setdefault(part.name, []).append(part)
    chunks = []
    for name, own in keys.items():
        body = struct.pack("<III", len(own), 0, 0) + _text(name)
        body += b"".join(struct.pack("<IiiII", k.first, k.x, k.y, k.width, k.height) for k in own)
        chunks += [_chunk(SLICE, body), _chunk(USER_DATA, struct.pack("<I4B", HAS_COLOR, *name_color(name), 255))]
    return chunks
