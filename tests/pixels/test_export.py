"""Exported files read back exactly, are named as promised, and never stand half-written."""

import io
import json
import time
import zipfile

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


FRAMES = [make(i, 12, 10) for i in range(3)]


def test_every_format_packs_under_its_names_and_saves_the_same_bytes(tmp_path):
    for name, known in export.FORMATS.items():
        made = export.pack(FRAMES[:1], name, "red castle")
        assert list(made) == [f"red castle{suffix}" for suffix in known.suffixes]
        assert made == export.pack(FRAMES[:1], name, "red castle")
        paths = export.save(FRAMES[:1], tmp_path / name / "red castle", name)
        assert {p.name: p.read_bytes() for p in paths} == made
        assert export.check(name, 1, tmp_path / name / "red castle") == paths[0]
        assert export.SUFFIX[name] == known.suffix == paths[0].suffix


def test_any_of_the_endings_will_do_and_no_other(tmp_path):
    for name, given, written in (
        ("tiled", "a.tmj", ["a.tsx", "a.tmj", "a.png"]),
        ("tiled", "a.PNG", ["a.tsx", "a.tmj", "a.png"]),
        ("godot", "a.png", ["a.tres", "a.png"]),
        ("texturepacker", "a.json", ["a.json", "a.png"]),
        ("sheet", "a.json", ["a.png", "a.json"]),
        ("sheet", "a.v2", ["a.v2.png", "a.v2.json"]),
        ("apng", "a.apng", ["a.apng"]),
        ("gpl", "b", ["b.gpl"]),
    ):
        assert [p.name for p in export.save(FRAMES, tmp_path / given, name)] == written
    for name, given, message in (
        ("tiled", "a.gif", "ends in .gif but the format writes .tsx"),
        ("hex", "a.gpl", "ends in .gpl"),
        ("png", "a\nb", "another name"),
    ):
        with pytest.raises(BadInput, match=message):
            export.check(name, 1, tmp_path / given)


def test_a_stem_from_outside_never_leaves_the_folder():
    for name in export.FORMATS:
        for made in export.pack(FRAMES[:1], name, "../../.ssh/id"), export.pack(FRAMES[:1], name, "a\x00\n<b>"):
            assert not [n for n in made if "/" in n or n.startswith(".") or "<" in n or not n.isprintable()]


def test_a_download_is_the_file_or_a_zip_of_all(tmp_path):
    single = export.download(export.pack(FRAMES[:1], "png", "a"), "png", "a")
    assert (single.name, single.media, single.body[:4]) == ("a.png", "image/png", b"\x89PNG")
    for name in ("png", "sheet", "sheet-array", "tiled", "godot", "texturepacker"):
        made = export.pack(FRAMES, name, "a")
        several = export.download(made, name, "a")
        assert (several.name, several.media) == ("a.zip", "application/zip")
        assert several == export.download(dict(made), name, "a")
        with zipfile.ZipFile(io.BytesIO(several.body)) as archive:
            assert archive.testzip() is None
            assert {n: archive.read(n) for n in archive.namelist()} == made


@pytest.mark.parametrize("name", ["gpl", "hex", "pal", "palette-png"])
def test_palettes_hold_the_colours_in_order_and_read_back(tmp_path, name):
    (path,) = export.save([make(0), make(1, palette="gameboy")], tmp_path / "mine", name)
    colors = [c[:3] for c in make(0).palette.tolist() + make(1, palette="gameboy").palette.tolist() if c[3]]
    assert palettes.load(path).colors.tolist() == colors
    full = Sprite(
        indices=np.arange(256, dtype=np.uint8).reshape(16, 16),
        palette=np.stack([np.arange(256)] * 3 + [np.full(256, 255)], 1).astype(np.uint8),
    )
    (path,) = export.save([full], tmp_path / "full", name)
    assert len(palettes.load(path)) == 256
    with pytest.raises(BadInput, match="every cell is clear"):
        export.pack([Sprite(indices=np.zeros((8, 8), np.uint8), palette=np.zeros((1, 4), np.uint8))], name)
    with pytest.raises(BadInput, match="colours together"):
        export.pack([full, make(0, palette="web-safe"), make(3, 64, 64, palette="web-safe")], name)


def test_options_only_where_they_mean_something():
    for name, settings, message in (
        ("gpl", {"scale": 2}, "no size"),
        ("sheet", {"trim": True}, "texturepacker"),
        ("png", {"terrains": ("a", "b")}, "tiled"),
        ("sheet", {"scale": 65}, "1 to 64"),
        ("sheet", {"durations": [1]}, "3 durations"),
        ("../x", {}, "unknown format"),
        ("gif", {"scale": 64}, None),
    ):
        if message is None:
            with pytest.raises(BadInput, match="smaller scale"):
                export.pack([make(0, 64, 64)] * 3, name, **settings)
            continue
        with pytest.raises(BadInput, match=message):
            export.pack(FRAMES, name, **settings)


def test_sides_that_a_format_cannot_say_are_refused():
    wide = Sprite(indices=np.zeros((1, 70000), np.uint8), palette=np.full((1, 4), 255, np.uint8))
    for name in ("gif", "aseprite"):
        with pytest.raises(BadInput, match="70000 px long"):
            export.pack([wide], name)
    assert png.decode_png(export.pack([wide], "png")["sprite.png"]).shape == (1, 70000, 4)


def test_mixed_sizes_go_where_a_file_can_hold_them():
    mixed = [*FRAMES, make(1, 9, 9)]
    for name, known in export.FORMATS.items():
        if known.mixed:
            assert export.pack(mixed, name)
        else:
            with pytest.raises(BadInput, match="different sizes"):
                export.pack(mixed, name)


@pytest.mark.parametrize("name", export.FORMATS)
def test_64_frames_of_64x64_take_less_than_a_second(name):
    sprites = [make(i, 64, 64, palette="db32") for i in range(64)]
    start = time.process_time()  # other work on the machine does not count
    export.pack(sprites, name, "walk", tags=[aseprite.Tag(name="walk", first=0, last=63)])
    assert time.process_time() - start < 1.0
