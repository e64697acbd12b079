"""Exported files read back exactly, are named as promised, and never stand half-written."""

import json

import numpy as np
import pytest
from PIL import Image

from pixelmind.errors import BadInput
from pixelmind.pixels import aseprite, export, palettes, png, quantize
from pixelmind.records import Sprite


def make(seed: int, h: int = 8, w: int = 10, palette: str = "pico-8") -> Sprite:
    rgba = np.random.default_rng(seed).integers(0, 256, (h, w, 4), dtype=np.uint8)
    return quantize.to_palette(rgba, palettes.get(palette))


SPRITES = [make(i) for i in range(3)]


def test_png_names(tmp_path):
    assert [p.name for p in export.save(SPRITES[:1], tmp_path / "a.png")] == ["a.png"]
    paths = export.save(SPRITES, tmp_path / "deep/b", scale=4)
    assert [p.name for p in paths] == ["b_1.png", "b_2.png", "b_3.png"]
    for path, sprite in zip(paths, SPRITES):
        np.testing.assert_array_equal(png.read_image(path)[::4, ::4], sprite.rgba())
    assert [p.name for p in export.save(SPRITES[:1], tmp_path)] == ["sprite.png"]
    assert [p.name for p in export.save(SPRITES[:1], f"{tmp_path}/new/")] == ["sprite.png"]
    assert [p.name for p in export.save(SPRITES[:1], tmp_path / "v1.5 knight")] == ["v1.5 knight.png"]
    assert not [p for p in tmp_path.rglob(".*")]  # no temporary file stays


def test_png_carries_provenance_and_no_time(tmp_path):
    sprite = Sprite(indices=SPRITES[0].indices, palette=SPRITES[0].palette, provenance={"prompt": "a café", "seed": 7})
    (path,) = export.save([sprite], tmp_path / "a.png")
    first = path.read_bytes()
    with Image.open(path) as image:
        assert json.loads(image.text["pixelmind"]) == {"prompt": "a café", "seed": 7}
    export.save([sprite], path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("scale", [1, 3])
def test_gif_is_exact_in_every_frame(tmp_path, scale):
    sprites = [
        *SPRITES,
        make(5, palette="web-safe"),
        Sprite.from_rgba(np.full((8, 10, 4), 255, dtype=np.uint8)),
        SPRITES[0],
    ]
    (path,) = export.save(sprites, tmp_path / "a", "gif", scale)
    with Image.open(path) as image:
        assert image.n_frames == len(sprites)
        assert image.info["loop"] == 0
        for i, sprite in enumerate(sprites):
            image.seek(i)
            frame = np.array(image.convert("RGBA"))[::scale, ::scale]
            np.testing.assert_array_equal(frame[..., 3], sprite.rgba()[..., 3])
            opaque = frame[..., 3] == 255
            np.testing.assert_array_equal(frame[opaque], sprite.rgba()[opaque])


def test_aseprite_holds_all_frames(tmp_path):
    (path,) = export.save(SPRITES, tmp_path / "a.ase", "aseprite")
    file = aseprite.decode(path.read_bytes())
    for frame, sprite in zip(file.frames, SPRITES, strict=True):
        np.testing.assert_array_equal(frame, sprite.rgba())
    with pytest.raises(BadInput, match="native"):
        export.save(SPRITES, tmp_path / "b", "aseprite", scale=2)


@pytest.mark.parametrize(
    ("palette", "format_name", "scale"), [("pico-8", "I8", 1), ("pico-8", "I8", 2), (None, "RGBA8888", 2)]
)
def test_sheet_and_its_json(tmp_path, palette, format_name, scale):
    if palette:
        sprites = [make(i, palette=palette) for i in range(18)]
    else:
        sprites = [
            Sprite.from_rgba(np.random.default_rng(i).integers(0, 256, (12, 12, 4), dtype=np.uint8)) for i in range(18)
        ]
        sprites = [Sprite(indices=s.indices, palette=s.palette) for s in sprites]
    image_path, json_path = export.save(sprites, tmp_path / "all", "sheet", scale)
    assert (image_path.name, json_path.name) == ("all.png", "all.json")
    info = json.loads(json_path.read_text())
    assert info["meta"]["format"] == format_name
    assert info["meta"]["image"] == "all.png"
    image = png.read_image(image_path)
    assert info["meta"]["size"] == {"w": image.shape[1], "h": image.shape[0]}
    assert len(info["frames"]) == 18
    for entry, sprite in zip(info["frames"].values(), sprites):
        box = entry["frame"]
        part = image[box["y"] : box["y"] + box["h"], box["x"] : box["x"] + box["w"]]
        np.testing.assert_array_equal(part[::scale, ::scale], sprite.rgba())


def test_bad_requests(tmp_path):
    cases = [
        (SPRITES, "a.png", "jpeg", 1, "unknown format"),
        ([], "a.png", "png", 1, "no sprite"),
        (SPRITES, "a.png", "png", 0, "scale"),
        (SPRITES, "a.gif", "png", 1, "ends in .gif"),
        ([*SPRITES, make(1, 9, 9)], "a", "gif", 1, "different sizes"),
    ]
    for sprites, name, format, scale, message in cases:
        with pytest.raises(BadInput, match=message):
            export.save(sprites, tmp_path / name, format, scale)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="cannot write"):
        export.save(SPRITES[:1], tmp_path / "file" / "a.png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]
