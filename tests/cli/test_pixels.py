"""`snap`, `palette` and `export` from the outside."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pixelmind.cli.pixels import FORMAT_HELP
from pixelmind.pixels import aseprite, export, palettes, png
from pixelmind.records import Sprite


@pytest.fixture
def picture(tmp_path):
    """A 10x8 sprite of 6 colours with one clear row, enlarged three times, with one half-clear cell."""
    rng = np.random.default_rng(0)
    colors = np.concatenate([rng.integers(0, 256, (6, 3)), np.full((6, 1), 255)], axis=1).astype(np.uint8)
    rgba = colors[rng.integers(0, 6, (8, 10))]
    rgba[0] = 0
    rgba[1, 0, 3] = 200
    path = tmp_path / "big.png"
    path.write_bytes(png.encode_rgba_png(rgba.repeat(3, 0).repeat(3, 1)))
    return path


def test_snap_undoes_hardens_and_keeps_colours(command, picture):
    found = command("snap", picture, "--json").json()
    assert (found["width"], found["height"], found["factor"], found["half_clear_cells"]) == (10, 8, 3, 1)
    assert found["colors"] == found["colors_before"] == 6
    rgba = png.read_image(found["path"])
    assert found["path"].endswith("big-snapped.png")
    assert set(np.unique(rgba[..., 3])) == {0, 255}


@pytest.mark.parametrize("dither", [[], ["--dither", "bayer4x4"]])
def test_snap_to_palette_and_count(command, picture, dither):
    found = command("snap", picture, "-o", "out.png", "--palette", "gameboy", "--colors", "3", *dither, "--json").json()
    assert found["colors"] <= 3
    rgba = png.read_image(found["path"])
    allowed = {tuple(c) for c in palettes.get("gameboy").colors.tolist()}
    assert {tuple(c) for c in rgba[rgba[..., 3] == 255][:, :3].tolist()} <= allowed
    ran = command("snap", picture, "--colors", "2")
    assert ran.code == 0
    assert "now 10x8; 6 colours, now 2" in ran.err


def test_snap_refuses(command, picture, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no")
    for arguments, message in (
        ([tmp_path / "bad.png"], "bad.png"),
        ([tmp_path / "none.png"], "none.png"),
        ([picture, "--colors", "1"], "2 to 256"),
        ([picture, "--dither", "floyd"], "bayer4x4"),
        ([picture, "--palette", "nez"], "nes"),
        ([picture, "-o", "x.gif"], "ends in .gif"),
    ):
        ran = command("snap", *arguments)
        assert ran.code == 2
        assert message in ran.err
        assert ran.err.count("\n") == 1


def test_palette_commands(command, tmp_path):
    assert "pico-8" in command("palette", "list").out
    listed = command("palette", "list", "--json").json()["palettes"]
    assert {p["name"]: p["count"] for p in listed}["web-safe"] == 216
    assert command("palette", "show", "Game Boy", "--json").json()["colors"] == [
        "#0f380f",
        "#306230",
        "#8bac0f",
        "#9bbc0f",
    ]
    assert "#9bbc0f" in command("palette", "show", "gameboy").out
    assert command("palette", "convert", "db16", "db.gpl").code == 0
    assert palettes.load(tmp_path / "db.gpl").hex() == palettes.get("db16").hex()
    for suffix in ("hex", "pal", "png"):
        assert command("palette", "convert", "db.gpl", f"again.{suffix}").code == 0
        assert palettes.load(tmp_path / f"again.{suffix}").hex() == palettes.get("db16").hex()
    assert command("palette", "convert", "db16", "db.xyz").code == 2
    assert "cannot write" in command("palette", "convert", "db16", "db.gpl/x.hex").err
    assert command("palette", "show", "gambeoy").code == 2


def test_export_frames(command, tmp_path):
    palette = np.array([[0, 0, 0, 0], [9, 8, 7, 255]], dtype=np.uint8)
    for i in range(3):
        indices = np.zeros((8, 8), dtype=np.uint8)
        indices[i] = 1
        (tmp_path / f"{i}.png").write_bytes(png.encode_png(Sprite(indices=indices, palette=palette)))
    frames = [tmp_path / f"{i}.png" for i in range(3)]
    found = command("export", *frames, "-o", "walk", "--json").json()
    assert found["frames"] == 3
    assert len(json.loads((tmp_path / "walk.json").read_text())["frames"]) == 3
    assert command("export", *frames, "-o", "walk", "--format", "aseprite").code == 0
    assert len(aseprite.decode((tmp_path / "walk.aseprite").read_bytes()).frames) == 3
    ran = command("export", tmp_path / "none.png", "-o", "x")
    assert ran.code == 2
    assert "none.png" in ran.err


def test_export_of_a_photo_points_to_snap(command, tmp_path):
    rgba = np.random.default_rng(0).integers(0, 256, (32, 32, 4), dtype=np.uint8)
    (tmp_path / "photo.png").write_bytes(png.encode_rgba_png(rgba | np.array([0, 0, 0, 255], dtype=np.uint8)))
    ran = command("export", tmp_path / "photo.png", "-o", "x")
    assert ran.code == 2
    assert "pixelmind snap" in ran.err


@pytest.fixture
def frames(tmp_path):
    """Five 8x8 sprites in files, with a region mask each."""
    palette = np.array([[0, 0, 0, 0], [200, 30, 40, 255], [9, 8, 7, 255]], dtype=np.uint8)
    mask = np.zeros((8, 8), dtype=np.uint8)
    mask[2:4, 1:7] = 1
    paths = []
    for i in range(5):
        indices = np.zeros((8, 8), dtype=np.uint8)
        indices[i], indices[:, i] = 1, 2
        sprite = Sprite(indices=indices, palette=palette, mask=mask, mask_names=("background", "cape"))
        paths += export.save([sprite], tmp_path / f"frame{i}")
    return paths


def test_the_help_names_every_format(command):
    assert re.sub(r", or .*: ", ", ", FORMAT_HELP).split(", ") == list(export.FORMATS)
    assert "texturepacker" in command("export", "--help").out
    assert "texturepacker" in command("generate", "--help").out


@pytest.mark.parametrize("format", export.FORMATS)
def test_export_to_every_format(command, tmp_path, frames, format):
    found = command("export", *frames, "-o", "out/hero", "--format", format, "--tag", "walk:1-4:120", "--json").json()
    assert found | {"files": 0} == {
        "files": 0,
        "format": format,
        "frames": 5,
        "width": 8,
        "height": 8,
        "tags": ["walk"],
    }
    names = (
        [f"hero_{i + 1}.png" for i in range(5)]
        if format == "png"
        else [f"hero{s}" for s in export.FORMATS[format].suffixes]
    )
    assert found["files"] == [str(tmp_path / "out" / name) for name in names]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(names)


def test_tags_times_and_regions_reach_the_file(command, tmp_path, frames):
    tags = ["--tag", "walk: left:1-3:120", "--tag", "fall:5"]
    assert command("export", *frames, "-o", "a", "--format", "aseprite", *tags, "--fps", "20").code == 0
    file = aseprite.decode((tmp_path / "a.aseprite").read_bytes())
    assert [(t.name, t.first, t.last) for t in file.tags] == [("walk: left", 0, 2), ("fall", 4, 4)]
    assert file.durations == (120, 120, 120, 50, 50)
    assert file.layers == ("background", "cape")
    assert [s.name for s in file.slices] == ["cape"]
    again = command("export", "a.aseprite", "-o", "b", "--format", "sheet", "--json").json()
    assert (again["frames"], again["tags"]) == (5, ["walk: left", "fall"])
    about = json.loads((tmp_path / "b.json").read_text())
    assert [f["duration"] for f in about["frames"].values()] == [120, 120, 120, 50, 50]
    assert command("export", "a.aseprite", "-o", "c", "--format", "gif", "--once").code == 0
    assert b"NETSCAPE" not in (tmp_path / "c.gif").read_bytes()


def test_a_corner_set(command, tmp_path, frames):
    tiles = (frames * 4)[:16]
    ran = command("export", *tiles, "-o", "shore", "--format", "tiled", "--corners", "grass, water")
    assert ran.code == 0
    assert [Path(line).name for line in ran.out.split()] == ["shore.tsx", "shore.tmj", "shore.png"]
    assert 'name="water"' in (tmp_path / "shore.tsx").read_text()
    assert len(json.loads((tmp_path / "shore.tmj").read_text())["layers"][0]["data"]) == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tag", "walk"], "walk:1-4:120"),
        (["--tag", "walk:0-2"], "counted from 1"),
        (["--tag", "walk:3-2"], "lower one first"),
        (["--tag", "walk:1-6"], "there are 5"),
        (["--tag", "walk:1-2:0"], "1 to 65535"),
        (["--fps", "0"], "0.1 to 100"),
        (["--fps", "nan"], "0.1 to 100"),
        (["--corners", "grass"], "grass,water"),
        (["--corners", "grass,water"], "format tiled"),
        (["--format", "tiled", "--corners", "grass,water"], "16 tiles"),
        (["--format", "gif", "--trim"], "texturepacker"),
        (["--format", "godot", "--scale", "99"], "1 to 64"),
        (["--format", "unity"], "unknown format 'unity'; use one of png, gif"),
    ],
)
def test_export_refuses(command, tmp_path, frames, arguments, message):
    before = sorted(tmp_path.iterdir())
    ran = command("export", *frames, "-o", "x", *arguments)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert message in ran.err
    assert sorted(tmp_path.iterdir()) == before
