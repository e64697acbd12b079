"""Tiled's own programs open the tilesets and maps: cells, animations and corner sets are what we meant."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.pixels import export, png, tiled
from pixelmind.pixels.strip import Tag
from pixelmind.records import Sprite

GRASS, WATER = (20, 160, 40, 255), (30, 60, 200, 255)


def corner_tiles(size: int = 6) -> list[Sprite]:
    """16 tiles whose four quarters show the terrain of their corners, with a mark of the tile's own so that no two are alike."""
    tiles = []
    for index in range(16):
        nw, ne, sw, se = (index >> bit & 1 for bit in (3, 2, 1, 0))
        cells = np.array([[nw, ne], [sw, se]], np.uint8).repeat(size // 2, 0).repeat(size // 2, 1)
        cells[size // 2, size // 2] = 2 + index
        marks = [(10 * i, 0, 0, 255) for i in range(16)]
        tiles.append(Sprite(indices=cells + 1, palette=np.array([(0, 0, 0, 0), GRASS, WATER, *marks], np.uint8)))
    return tiles


def rasterized(program, sprites, folder, stem, **settings) -> np.ndarray:
    made = export.save(sprites, folder / stem, "tiled", **settings)
    program("tmxrasterizer", "--no-smoothing", made[1].name, "map.png", folder=folder)
    return png.read_image(folder / "map.png")


@pytest.mark.parametrize(
    ("count", "scale", "colors", "own"), [(1, 1, 5, False), (5, 1, 5, False), (20, 3, 60, False), (4, 1, 200, True)]
)
@pytest.mark.parametrize("stem", ["plain", "a b#1%20 é 'x' & <"])
def test_the_map_shows_our_cells(program, draw, tmp_path, count, scale, colors, own, stem):
    sprites = draw(count, count, 11, 13, colors, own=own)
    image = rasterized(program, sprites, tmp_path, stem, scale=scale)
    for i, sprite in enumerate(sprites):
        y, x = i // 16 * 11 * scale, i % 16 * 13 * scale
        cells = image[y : y + 11 * scale, x : x + 13 * scale]
        np.testing.assert_array_equal(cells, sprite.rgba().repeat(scale, 0).repeat(scale, 1))
    assert image.shape[0] * image.shape[1] == 11 * 13 * scale**2 * (-(-count // 16) * min(16, count))


def test_corner_tiles_meet_everywhere_on_the_map(program, tmp_path):
    tiles = corner_tiles()
    image = rasterized(program, tiles, tmp_path, "shore", terrains=("grass", "water"))
    assert image.shape == (24, 24, 4)
    seen = {image[y + 3, x + 3].tobytes() for y in range(0, 24, 6) for x in range(0, 24, 6)}
    assert len(seen) == 16  # each tile once
    terrain = image.copy()
    terrain[3::6, 3::6] = terrain[4::6, 4::6]  # without the marks
    field = np.roll(terrain, (3, 3), (0, 1))  # now each corner's terrain is one block of 6x6
    for y in range(0, 24, 6):
        for x in range(0, 24, 6):
            assert len(np.unique(field[y : y + 6, x : x + 6].reshape(-1, 4), axis=0)) == 1


def test_tiled_reads_the_corner_set(program, tmp_path):
    made = export.save(corner_tiles(), tmp_path / "shore", "tiled", terrains=("grass", "water & <mud>"))
    program("tiled", "--export-tileset", made[0].name, "read.tsj", folder=tmp_path)
    (found,) = json.loads((tmp_path / "read.tsj").read_text())["wangsets"]
    assert (found["type"], [c["name"] for c in found["colors"]]) == ("corner", ["grass", "water & <mud>"])
    for tile in found["wangtiles"]:
        top, ne, right, se, bottom, sw, left, nw = tile["wangid"]
        assert (top, right, bottom, left) == (0, 0, 0, 0)
        assert tile["tileid"] == 8 * (nw - 1) + 4 * (ne - 1) + 2 * (sw - 1) + (se - 1)
    assert sorted(t["tileid"] for t in found["wangtiles"]) == list(range(16))


def test_tiled_reads_the_animations(program, draw, tmp_path):
    tags = [
        Tag(name="walk", first=0, last=2, direction="pingpong"),
        Tag(name='all "of" it', first=0, last=3),
        Tag(name="still", first=3, last=3),
    ]
    made = export.save(draw(count=4), tmp_path / "hero", "tiled", tags=tags, durations=[100, 200, 300, 400])
    program("tiled", "--export-tileset", made[0].name, "read.tsj", folder=tmp_path)
    about = json.loads((tmp_path / "read.tsj").read_text())
    assert (about["tilewidth"], about["tileheight"], about["tilecount"], about["columns"]) == (7, 6, 4, 4)
    tiles = {t["id"]: t for t in about["tiles"]}
    named = {i: t["properties"][0]["value"] for i, t in tiles.items()}
    assert named == {0: "walk", 1: 'all "of" it', 3: "still"}
    assert [(f["tileid"], f["duration"]) for f in tiles[0]["animation"]] == [(0, 100), (1, 200), (2, 300), (1, 200)]
    assert [f["tileid"] for f in tiles[1]["animation"]] == [0, 1, 2, 3]
    assert "animation" not in tiles[3]


def test_the_files_say_what_tiled_documents(draw):
    made = export.pack(draw(count=3), "tiled", "hero")
    assert list(made) == ["hero.tsx", "hero.tmj", "hero.png"]
    tileset = ET.fromstring(made["hero.tsx"])
    assert (tileset.tag, tileset.get("name"), tileset.find("image").get("source")) == ("tileset", "hero", "hero.png")
    about = json.loads(made["hero.tmj"])
    assert about["tilesets"] == [{"firstgid": 1, "source": "hero.tsx"}]
    assert (about["type"], about["orientation"], about["infinite"]) == ("map", "orthogonal", False)
    assert about["layers"][0]["data"] == [1, 2, 3]
    assert sorted(tiled.torus_tiles()) == list(range(16))


def test_what_is_no_corner_set_is_refused(draw):
    for sprites, format, terrains, message in (
        (draw(count=15), "tiled", ("grass", "water"), "16 tiles .* got 15"),
        (draw(count=16), "godot", ("grass", "water"), "format tiled"),
        (draw(count=16), "tiled", ("grass", "grass"), "different names"),
        (draw(count=16), "tiled", ("grass", " "), "different names"),
    ):
        with pytest.raises(BadInput, match=message):
            export.pack(sprites, format, terrains=terrains)
    crowded = [Tag(name=n, first=0, last=0) for n in ("a", "b")]
    with pytest.raises(BadInput, match="tag b finds no tile"):
        export.pack(draw(), "tiled", tags=crowded)
