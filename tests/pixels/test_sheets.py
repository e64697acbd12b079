"""Sheets: every sprite is found again where the JSON says, in Aseprite's two shapes and in TexturePacker's."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.pixels import export, png, sheets
from pixelmind.pixels.strip import Tag
from pixelmind.records import Sprite

BOX = {"x", "y", "w", "h"}
FRAME = {"frame": BOX, "spriteSourceSize": BOX, "sourceSize": {"w", "h"}}
TAGS = [Tag(name="walk", first=0, last=2, direction="pingpong"), Tag(name="fall", first=3, last=3)]


def put_back(image: np.ndarray, entry: dict, scale: int) -> np.ndarray:
    """The sprite at native size, from a sheet uint8 [H, W, 4] and a frame's entry, as an engine restores it."""
    box, source, size = entry["frame"], entry["spriteSourceSize"], entry["sourceSize"]
    assert (box["w"], box["h"]) == (source["w"], source["h"])
    canvas = np.zeros((size["h"], size["w"], 4), np.uint8)
    part = image[box["y"] : box["y"] + box["h"], box["x"] : box["x"] + box["w"]]
    canvas[source["y"] : source["y"] + box["h"], source["x"] : source["x"] + box["w"]] = part
    np.testing.assert_array_equal(canvas, canvas[::scale, ::scale].repeat(scale, 0).repeat(scale, 1))
    return canvas[::scale, ::scale]


@pytest.mark.parametrize("format", ["sheet", "sheet-array"])
@pytest.mark.parametrize(("own", "scale"), [(False, 1), (False, 3), (True, 2)])
def test_aseprite_json(draw, format, own, scale):
    sprites = draw(1, 20, 9, 7, 40, own=own, masks=True)
    times = [10 * (i + 1) for i in range(20)]
    made = export.pack(sprites, format, "kn/ight", scale, tags=TAGS, durations=times)
    assert list(made) == ["kn_ight.png", "kn_ight.json"]
    about, image = json.loads(made["kn_ight.json"]), png.decode_png(made["kn_ight.png"])
    names = [f"kn_ight {i}.aseprite" for i in range(20)]
    if format == "sheet":
        assert list(about["frames"]) == names
        entries = list(about["frames"].values())
    else:
        assert [e.pop("filename") for e in about["frames"]] == names
        entries = about["frames"]
    assert [e["duration"] for e in entries] == times
    for entry, sprite in zip(entries, sprites, strict=True):
        assert entry.keys() == {*FRAME, "rotated", "trimmed", "duration"}
        assert all(entry[k].keys() == fields for k, fields in FRAME.items())
        assert (entry["rotated"], entry["trimmed"]) == (False, False)
        np.testing.assert_array_equal(put_back(image, entry, scale), sprite.rgba())
    meta = about["meta"]
    assert meta.keys() == {"app", "version", "image", "format", "size", "scale", "frameTags", "slices"}
    assert (meta["image"], meta["scale"], meta["size"]) == (
        "kn_ight.png",
        str(scale),
        {"w": image.shape[1], "h": image.shape[0]},
    )
    assert meta["format"] == ("RGBA8888" if own else "I8")
    assert [(t["name"], t["from"], t["to"], t["direction"]) for t in meta["frameTags"]] == [
        ("walk", 0, 2, "pingpong"),
        ("fall", 3, 3, "forward"),
    ]
    assert [s["name"] for s in meta["slices"]] == ["head", "red cape"]
    for part, region in zip(meta["slices"], (1, 2)):
        assert len(part["color"]) == 9
        assert part["color"][0] == "#"
        assert part["keys"][0]["frame"] == 0
        for key in part["keys"]:
            inside = np.argwhere(sprites[key["frame"]].mask == region)
            (y, x), (bottom, right) = inside.min(0), inside.max(0) + 1
            wanted = {"x": x, "y": y, "w": right - x, "h": bottom - y}
            assert key["bounds"] == {k: v * scale for k, v in wanted.items()}


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 9), st.integers(1, 3), st.booleans(), st.booleans())
def test_texturepacker_puts_any_sizes_back(seed, count, scale, trim, own):
    rng = np.random.default_rng(seed)
    sprites = []
    for _ in range(count):
        h, w = rng.integers(1, 12, 2)
        rgba = rng.integers(0, 256, (h, w, 4), dtype=np.uint8)
        rgba[..., :3] &= 255 if own else 128
        rgba[..., 3] = np.where(rng.random((h, w)) < 0.15, 255, 0)  # margins, and now and then nothing at all
        sprites.append(Sprite.from_rgba(rgba))
    made = export.pack(sprites, "texturepacker", "all", scale, trim=trim)
    assert list(made) == ["all.json", "all.png"]
    about, image = json.loads(made["all.json"]), png.decode_png(made["all.png"])
    assert list(about["frames"]) == ([f"all_{i + 1}.png" for i in range(count)] if count > 1 else ["all.png"])
    assert about["meta"]["size"] == {"w": image.shape[1], "h": image.shape[0]}
    used = np.zeros(image.shape[:2], int)
    for entry, sprite in zip(about["frames"].values(), sprites, strict=True):
        assert entry.keys() == {*FRAME, "rotated", "trimmed", "pivot"}
        assert entry["pivot"] == {"x": 0.5, "y": 0.5}
        box = entry["frame"]
        used[box["y"] : box["y"] + box["h"], box["x"] : box["x"] + box["w"]] += 1
        np.testing.assert_array_equal(put_back(image, entry, scale), sprite.rgba())
        whole = (box["w"], box["h"]) == (sprite.width * scale, sprite.height * scale)
        assert entry["trimmed"] is not whole
        assert whole or trim
        if entry["trimmed"] and sprite.rgba()[..., 3].any():
            opaque = np.argwhere(sprite.rgba()[..., 3])
            assert (box["h"], box["w"]) == tuple((np.ptp(opaque, axis=0) + 1) * scale)
    assert used.max() == 1  # no two frames share a cell


def test_texturepacker_animations_and_meta(draw):
    about = json.loads(export.pack(draw(count=4), "texturepacker", "hero", tags=TAGS)["hero.json"])
    assert about["animations"] == {
        "walk": ["hero_1.png", "hero_2.png", "hero_3.png", "hero_2.png"],
        "fall": ["hero_4.png"],
    }
    assert about["meta"].keys() == {"app", "version", "image", "format", "size", "scale"}
    assert about["meta"]["image"] == "hero.png"
    assert "animations" not in json.loads(export.pack(draw(), "texturepacker", "hero")["hero.json"])


def test_packing_wastes_little(draw):
    sprites = [s for i in range(30) for s in draw(i, 1, 5 + i % 9, 4 + i % 7)]
    sheet = sheets.packed(sprites)
    area = sum((s.height + 1) * (s.width + 1) for s in sprites)
    assert sheet.width * sheet.height < 1.4 * area


def test_a_sheet_of_gigapixels_is_refused_before_it_is_drawn(draw):
    for format in ("sheet", "tiled", "godot", "texturepacker", "apng"):
        with pytest.raises(BadInput, match="smaller scale"):
            export.pack(draw(count=32, h=256, w=256), format, scale=64)
