"""Aseprite files: what is written reads back, and files built by hand from the specification read as it says."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pixelmind.errors import BadInput
from pixelmind.pixels import aseprite
from pixelmind.pixels.strip import region_slices
from pixelmind.records import Sprite

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


def sprite(indices, palette=((0, 0, 0, 0), RED, BLUE), **kwargs) -> Sprite:
    return Sprite(indices=np.array(indices, dtype=np.uint8), palette=np.array(palette, dtype=np.uint8), **kwargs)


@settings(max_examples=25, deadline=None)
@given(st.lists(hnp.arrays(np.uint8, (5, 7, 4), elements=st.sampled_from([0, 7, 128, 255])), min_size=1, max_size=4))
def test_frames_survive(frames):
    sprites = [Sprite.from_rgba(f) for f in frames]
    times = [10 * (i + 1) for i in range(len(sprites))]
    tags = [
        aseprite.Tag(name="wälk", first=0, last=len(sprites) - 1, direction="pingpong"),
        aseprite.Tag(name="b", first=0, last=0),
    ]
    file = aseprite.decode(aseprite.encode(sprites, times, tags))
    assert file.durations == tuple(times)
    assert file.tags == tuple(tags)
    assert file.layers == ("sprite",)
    for got, wanted in zip(file.frames, sprites, strict=True):
        np.testing.assert_array_equal(got, wanted.rgba() * (wanted.rgba()[..., 3:] == 255))


def test_opaque_sprites_keep_their_first_colour():
    opaque = sprite([[0, 1], [1, 0]], (RED, BLUE))
    file = aseprite.decode(aseprite.encode([opaque]))
    np.testing.assert_array_equal(file.frames[0], opaque.rgba())
    assert file.palette.tolist() == [[0, 0, 0, 0], list(RED), list(BLUE)]


def test_too_many_colours_become_rgba():
    palette = np.full((256, 4), 255, dtype=np.uint8)
    palette[:, 0] = np.arange(256)
    full = sprite(np.arange(256).reshape(16, 16), palette)
    data = aseprite.encode([full])
    assert struct.unpack_from("<H", data, 12) == (32,)
    np.testing.assert_array_equal(aseprite.decode(data).frames[0], full.rgba())


def test_regions_become_layers():
    mask = np.array([[0, 1, 1], [0, 2, 9]], dtype=np.uint8)
    masked = sprite([[0, 1, 1], [2, 2, 1]], mask=mask, mask_names=("background", "head", "torso"))
    file = aseprite.decode(aseprite.encode([masked]))
    assert file.layers == ("background", "head", "torso", "region 9")
    np.testing.assert_array_equal(file.frames[0], masked.rgba())


def test_slices_follow_the_regions_and_survive():
    mask = np.array([[0, 1, 1], [0, 2, 2]], dtype=np.uint8)
    names = ("background", "head", "torso")
    frames = [
        sprite([[0, 1, 1], [2, 2, 1]], mask=mask, mask_names=names),
        sprite([[0, 1, 1], [2, 2, 1]], mask=mask, mask_names=names),
        sprite([[0, 1, 1], [2, 2, 1]], mask=np.array([[0, 0, 0], [2, 0, 0]], dtype=np.uint8), mask_names=names),
    ]
    tags = [aseprite.Tag(name="walk", first=0, last=1), aseprite.Tag(name="fall", first=2, last=2)]
    file = aseprite.decode(aseprite.encode(frames, [10, 20, 30], tags))
    assert file.slices == region_slices(frames)
    assert [(s.name, s.first, s.x, s.y, s.width, s.height) for s in file.slices] == [
        ("head", 0, 1, 0, 2, 1),
        ("head", 2, 0, 0, 0, 0),
        ("torso", 0, 1, 1, 2, 1),
        ("torso", 2, 0, 1, 1, 1),
    ]
    assert (file.tags, file.durations) == (tuple(tags), (10, 20, 30))
    for got, wanted in zip(file.frames, frames, strict=True):
        np.testing.assert_array_equal(got, wanted.rgba())


def test_bad_requests():
    with pytest.raises(BadInput, match="at least one"):
        aseprite.encode([])
    with pytest.raises(BadInput, match="one size"):
        aseprite.encode([sprite([[1]]), sprite([[1, 2]])])
    with pytest.raises(BadInput, match="durations"):
        aseprite.encode([sprite([[1]])], [1, 2])


# ---- files put together from the specification, not by our writer ----


def chunk(kind: int, body: bytes) -> bytes:
    return struct.pack("<IH", len(body) + 6, kind) + body


def layer(name: str, flags: int = 1, kind: int = 0, level: int = 0, opacity: int = 255) -> bytes:
    return chunk(0x2004, struct.pack("<HHHHHHB3xH", flags, kind, level, 0, 0, 0, opacity, len(name)) + name.encode())


def cel(index: int, x: int, y: int, pixels: np.ndarray, opacity: int = 255, packed: bool = False, z: int = 0) -> bytes:
    raw = pixels.astype(np.uint8).tobytes()
    head = struct.pack("<HhhBHh5xHH", index, x, y, opacity, 2 if packed else 0, z, pixels.shape[1], pixels.shape[0])
    return chunk(0x2005, head + (zlib.compress(raw) if packed else raw))


def link(index: int, frame: int) -> bytes:
    return chunk(0x2005, struct.pack("<HhhBHh5xH", index, 0, 0, 255, 1, 0, frame))


def file(depth: int, size: tuple[int, int], *frames: list[bytes], clear: int = 0, flags: int = 1) -> bytes:
    body = b""
    for chunks in frames:
        joined = b"".join(chunks)
        body += struct.pack("<IHHHHI", len(joined) + 16, 0xF1FA, len(chunks), 0, 0, 0) + joined
    head = struct.pack("<IHHHHHIH8xB3xH", 128 + len(body), 0xA5E0, len(frames), *size, depth, flags, 70, clear, 0)
    return head.ljust(128, b"\0") + body


OLD_PALETTE = chunk(0x0004, struct.pack("<HBB", 1, 0, 3) + bytes([9, 9, 9, 255, 0, 0, 0, 0, 255]))


def test_indexed_raw_compressed_linked_offsets_and_groups():
    dot = np.array([[1]])
    first = [
        OLD_PALETTE, layer("group", kind=1, flags=0), layer("hidden by group", level=1), layer("low"), layer("top"),
        layer("reference", flags=1 | 64),
        cel(1, 0, 0, dot), cel(2, 0, 0, np.full((2, 2), 2)), cel(3, 1, -1, np.array([[1], [1]]), packed=True),
        cel(4, 0, 1, dot),
    ]  # fmt: skip
    got = aseprite.decode(file(8, (2, 2), first, [link(2, 0)]))
    assert got.durations == (70, 70)  # frames without their own take the header's speed
    assert got.layers == ("hidden by group", "low", "top", "reference")
    assert got.frames[0].tolist() == [[list(BLUE), list(RED)], [list(BLUE), list(BLUE)]]
    assert (got.frames[1] == BLUE).all()


def test_z_index_lifts_a_cel():
    red, blue = np.array([[1]]), np.array([[2]])
    got = aseprite.decode(
        file(8, (1, 1), [OLD_PALETTE, layer("a"), layer("b"), cel(0, 0, 0, red, z=2), cel(1, 0, 0, blue)])
    )
    assert got.frames[0][0, 0].tolist() == list(RED)


def test_background_layer_shows_the_clear_index():
    background = [OLD_PALETTE, layer("Background", flags=1 | 8), cel(0, 0, 0, np.array([[0]]))]
    assert aseprite.decode(file(8, (1, 1), background)).frames[0][0, 0].tolist() == [9, 9, 9, 255]


def test_grey_and_rgba_with_opacity():
    grey = file(16, (1, 1), [layer("a"), cel(0, 0, 0, np.array([[[80, 255]]]))])
    assert aseprite.decode(grey).frames[0][0, 0].tolist() == [80, 80, 80, 255]
    rgba = file(
        32,
        (1, 1),
        [layer("a"), layer("b"), cel(0, 0, 0, np.array([[RED]])), cel(1, 0, 0, np.array([[BLUE]]), opacity=51)],
    )
    assert aseprite.decode(rgba).frames[0][0, 0].tolist() == [204, 0, 51, 255]


def test_named_palette_entries():
    body = (
        struct.pack("<III8x", 2, 0, 1) + struct.pack("<HBBBBH", 1, *RED, 3) + b"red" + struct.pack("<HBBBB", 0, *BLUE)
    )
    got = aseprite.decode(
        file(8, (1, 1), [chunk(0x2019, body), OLD_PALETTE, layer("a"), cel(0, 0, 0, np.array([[1]]))])
    )
    assert got.palette.tolist() == [list(RED), list(BLUE)]
    assert got.frames[0][0, 0].tolist() == list(BLUE)


def test_tilemaps_and_damage_are_refused():
    tilemap = chunk(0x2005, struct.pack("<HhhBHh5xHH", 0, 0, 0, 255, 3, 0, 1, 1))
    with pytest.raises(BadInput, match="tilemap"):
        aseprite.decode(file(8, (1, 1), [layer("a"), tilemap]))
    with pytest.raises(BadInput, match="damaged"):
        aseprite.decode(file(8, (1, 1), [layer("a"), link(0, 0)]))
    with pytest.raises(BadInput, match="not an Aseprite"):
        aseprite.decode(bytes(200))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 400), st.integers(0, 255), st.integers(0, 1))
def test_flipped_or_cut_bytes_never_crash(at, value, cut):
    data = bytearray(aseprite.encode([sprite([[0, 1], [2, 1]]), sprite([[2, 1], [2, 1]])]))
    at %= len(data)
    if at in (8, 9, 10, 11) and not cut:
        return  # a changed canvas size is not damage
    data[at] = value
    try:
        got = aseprite.decode(bytes(data[: at if cut else None]))
    except BadInput:
        return
    assert got.frames
