"""Importers of Luanti, Tuxemon, LPC, plain folders and Aseprite sheets, on tiny checkouts drawn here."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmind.data.sources import lpc, lpc_sheets, luanti, sheet, tuxemon
from pixelmind.data.sources.base import KINDS, VIEWS, RawSprite, Skipped
from pixelmind.data.sources.folder import FolderImporter, folder_licence
from pixelmind.errors import BadInput
from pixelmind.pixels import aseprite
from pixelmind.records import Sprite

PACK = Path("/work/shared/data")
RED, BLUE, GREEN = (200, 20, 20, 255), (20, 20, 200, 255), (20, 160, 20, 255)


def draw(
    path: Path, size: tuple[int, int], *boxes: tuple[tuple[int, int, int, int], tuple[int, int, int, int]]
) -> Path:
    """Save a clear RGBA image of (width, height) with filled boxes (x0, y0, x1, y1 inclusive)."""
    image = Image.new("RGBA", size)
    for (x0, y0, x1, y1), color in boxes:
        image.paste(color, (x0, y0, x1 + 1, y1 + 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


def textured(path: Path, size: tuple[int, int], base: tuple[int, int, int] = (120, 80, 40)) -> Path:
    """Save a fully opaque image with a simple pattern."""
    y, x = np.mgrid[: size[1], : size[0]]
    rgba = np.full((size[1], size[0], 4), 255, dtype=np.uint8)
    rgba[..., :3] = np.array(base) + ((x * 3 + y * 5) % 7)[..., None] * 4
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgba).save(path)
    return path


def split(found: list[RawSprite | Skipped]) -> tuple[list[RawSprite], list[Skipped]]:
    return [r for r in found if isinstance(r, RawSprite)], [r for r in found if isinstance(r, Skipped)]


# Luanti


@pytest.mark.parametrize(
    ("stem", "game", "words", "face"),
    [
        ("default_tool_steelpick", "minetest_game", "steel pickaxe", ""),
        ("default_tool_steelpick", "voxelibre", "iron pickaxe", ""),
        ("default_tool_woodsword", "minetest_game", "wooden sword", ""),
        ("wool_dark_green", "minetest_game", "dark green wool", ""),
        ("hardened_clay_stained_light_blue", "voxelibre", "light blue stained hardened clay", ""),
        ("mcl_core_log_big_oak_top", "voxelibre", "dark oak log", "top"),
        ("mcl_doors_door_acacia", "voxelibre", "acacia door", ""),
        ("mcl_copper_oxidized_cut", "voxelibre", "oxidized cut copper", ""),
        ("default_mossycobble", "minetest_game", "mossy cobblestone", ""),
    ],
)
def test_texture_names_read_in_english_order(stem: str, game: str, words: str, face: str) -> None:
    assert luanti.words_of(stem, game)[:2] == (words, face)


@pytest.fixture
def luanti_game(tmp_path: Path) -> Path:
    textures = tmp_path / "mods/default/textures"
    textured(textures / "default_dirt.png", (16, 16))
    draw(textures / "default_grass_side.png", (16, 16), ((0, 0, 15, 3), GREEN))
    draw(textures / "default_tool_steelpick.png", (16, 16), ((3, 3, 12, 5), (150, 150, 150, 255)))
    draw(textures / "default_fence_wood.png", (16, 16), ((3, 3, 12, 5), RED))
    draw(textures / "default_item_smoke.png", (16, 16))
    textured(textures / "default_lava_source_animated.png", (16, 64))
    (textures / "default_broken.png").write_bytes(b"no image")
    draw(tmp_path / "mods/doors/textures/doors_item_glass.png", (16, 16), ((4, 0, 11, 15), BLUE))
    (tmp_path / "texture_names.json").write_text(json.dumps({"doors_item_glass.png": "Wooden Door"}))
    (tmp_path / "mods/default/license.txt").write_text(
        "License of source code\n\nMIT\n\nLicenses of media (textures)\n\n"
        "Attribution-ShareAlike 4.0 (CC BY-SA 4.0)\nCopyright (C) 2014-2016 Ada Pixel <ada@example.org>\n"
    )
    return tmp_path


def test_luanti_game(luanti_game: Path) -> None:
    assert luanti.IMPORTER.detect(luanti_game)
    sprites, skipped = split(list(luanti.IMPORTER.read(luanti_game)))
    by = {s.captions[0]: s for s in sprites}
    assert by["steel pickaxe"].tags["kind"] == "item"
    assert by["steel pickaxe"].licence == "CC-BY-SA-4.0"
    assert by["steel pickaxe"].credit == "Ada Pixel"
    assert by["glass door"].licence == "CC-BY-SA-3.0"  # no licence file in that mod: the game's main one
    side = by["dirt block with grass on top, side view"]
    assert side.tags["view"] == "side"
    assert (side.rgba[..., 3] == 255).all()  # laid over dirt
    assert tuple(side.rgba[0, 0]) == GREEN
    assert tuple(side.rgba[8, 0]) != GREEN
    lava = [s for s in sprites if s.captions[0] == "lava"]
    assert all(s.rgba.shape == (16, 16, 4) for s in lava)
    assert {s.reason for s in skipped} == {"unreadable image", "not a picture by itself", "nearly empty"}


def test_registered_name_of_another_material_is_not_believed() -> None:
    assert luanti._agrees("Desert Cobblestone", "desert cobblestone")
    assert not luanti._agrees("Wooden Trapdoor", "steel trapdoor")
    assert not luanti._agrees("Bread", "cotton seed")


def test_foliage_is_tinted_only_where_grey() -> None:
    grey = np.full((2, 2, 4), 200, dtype=np.uint8)
    grey[..., 3] = 255
    tinted = luanti.LuantiImporter._tint("default_leaves", grey)
    assert tuple(tinted[0, 0]) == (99, 144, 61, 255)  # 200 * (0x7e, 0xb8, 0x4e) / 255
    assert luanti.LuantiImporter._tint("default_stone", grey) is grey


# Tuxemon


def test_attributions_give_each_entry_its_licence() -> None:
    text = (
        "## Assets\n\n### Items\n\n"
        '* ["Debian"](https://example.org) Adapted by Jask licensed under [GPLv3](https://example.org)\n\n'
        '* ["Tuxeball Water"](https://example.org) by Ocean. [CC BY 3.0]\n\n'
        '* ["Hatchet"](x) [CC0 on OGA]\n\n### Type Icons\n\n* ["Rock"](x) GPLv3\n'
    )
    items = tuxemon.attributions(text)["items"]
    assert items["debian"].licence == "GPL-3.0-or-later"
    assert items["tuxeballwater"].licence == "CC-BY-3.0"
    assert items["tuxeballwater"].credit.startswith("Ocean")
    assert items["hatchet"].licence == "CC0-1.0"
    assert "rock" not in items


def test_person_variants_change_the_right_colour() -> None:
    table = {"catgirl": "little girl in a {lavender} dress with cat ears"}
    assert tuxemon.person_words("catgirl", table) == "little girl in a lavender dress with cat ears"
    assert tuxemon.person_words("catgirl_alt1_fiery", table) == "little girl in a fiery orange dress with cat ears"
    assert tuxemon.person_words("stranger", table) == ""


def test_tuxemon_checkout(tmp_path: Path) -> None:
    mod = tmp_path / "mods/tuxemon"
    draw(mod / "gfx/sprites/battle/agnite-front.png", (64, 64), ((10, 20, 40, 60), GREEN))
    draw(mod / "gfx/sprites/battle/newmon-back.png", (64, 64), ((10, 20, 40, 60), BLUE))
    draw(mod / "sprites/knight_left.png", (16, 32), ((2, 8, 13, 31), RED))
    draw(mod / "gfx/items/apple.png", (24, 24), ((4, 4, 20, 20), RED))
    draw(mod / "gfx/tilesets/all.png", (64, 64), ((0, 0, 63, 63), RED))
    (mod / "db/monster").mkdir(parents=True)
    (mod / "db/monster/newmon.json").write_text(json.dumps({"types": ["water"], "shape": "serpent"}))
    po = mod / "l18n/en_US/LC_MESSAGES/base.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid ""\nmsgstr ""\n\nmsgid "odd_thing"\nmsgstr "Glass "\n"Bell"\n')
    draw(mod / "gfx/items/odd-thing.png", (24, 24), ((4, 4, 20, 20), BLUE))
    sprites, skipped = split(list(tuxemon.IMPORTER.read(tmp_path)))
    by = {s.params["path"].rsplit("/", 1)[-1]: s for s in sprites}
    assert by["agnite-front.png"].captions[0] == "small green dragon with fire on its head, front view"
    assert by["newmon-back.png"].captions == (
        "blue water-type snake-like monster, seen from behind",
        "a blue water-type snake-like monster",
        "water-type snake-like monster, blue, seen from behind",
    )  # and none of the game's tales of it
    assert by["newmon-back.png"].rgba.shape == (64, 64, 4)  # a figure keeps its place in the game's cell
    assert by["newmon-back.png"].mask_names == ("background", "subject")
    assert by["knight_left.png"].captions[0] == "knight in grey armour, facing left"
    assert by["knight_left.png"].tags["view"] == "left"
    assert by["apple.png"].tags["kind"] == "item"
    assert by["odd-thing.png"].captions[0] == "glass bell"  # the game's own name, from its .po file
    assert [s.reason for s in skipped] == ["tileset of many things without names"]


# LPC


def layer_sheet(path: Path, cell: int, box: tuple[int, int, int, int], color: tuple[int, int, int, int]) -> Path:
    boxes = [((box[0], box[1] + row * cell, box[2], box[3] + row * cell), color) for row in range(4)]
    return draw(path, (cell, 4 * cell), *boxes)


def test_layers_stack_on_one_origin_with_exact_masks(tmp_path: Path) -> None:
    body = layer_sheet(tmp_path / "body.png", 64, (20, 20, 40, 60), (220, 180, 150, 255))
    shirt = layer_sheet(tmp_path / "shirt.png", 64, (22, 30, 38, 45), BLUE)
    sword = layer_sheet(tmp_path / "sword.png", 128, (32 + 50, 32 + 30, 32 + 60, 32 + 31), RED)  # a 128 px cell
    layers = [lpc.Layer(body, "body"), lpc.Layer(shirt, "torso", "blue shirt"), lpc.Layer(sword, "weapon", "sword")]
    rgba, mask, _ = lpc.compose(lpc.Person("man", layers), 2)
    counts = {name: int((mask == i).sum()) for i, name in enumerate(lpc.MASK_NAMES) if (mask == i).any()}
    shirt_px, body_px = 17 * 16, 21 * 41
    assert counts == {
        "background": 128 * 128 - body_px - 22,
        "body": body_px - shirt_px,
        "torso": shirt_px,
        "weapon": 22,
    }
    assert ((mask > 0) == (rgba[..., 3] > 0)).all()
    assert tuple(rgba[32 + 30, 32 + 22]) == BLUE


def test_captions_name_only_what_is_seen() -> None:
    layers = [
        lpc.Layer(Path("a"), "hair", "red hair"),
        lpc.Layer(Path("b"), "feet", "brown boots"),
        lpc.Layer(Path("c"), "torso", "pink t-shirt"),
        lpc.Layer(Path("d"), "weapon", "steel sword"),
    ]
    person = lpc.Person("woman", layers, skin="pale")
    assert lpc.captions_of(person, {0, 1, 2, 3}, "left")[0] == (
        "a pale woman with red hair wearing a pink t-shirt and brown boots, holding a steel sword, facing left"
    )
    assert (
        lpc.captions_of(person, {1, 2}, "back")[0]
        == "a pale woman wearing a pink t-shirt and brown boots, seen from behind"
    )


def test_recolouring_exchanges_the_ramp_only(tmp_path: Path) -> None:
    path = layer_sheet(tmp_path / "hair.png", 64, (20, 20, 29, 29), RED)
    layer = lpc.Layer(path, "hair", "", (("#c81414",), ("#00ff00",)))
    rgba, _, _ = lpc.compose(lpc.Person("man", [layer]), 0)
    assert {tuple(int(v) for v in p) for p in rgba[rgba[..., 3] > 0]} == {(0, 255, 0, 255)}


@pytest.fixture
def lpc_checkout(tmp_path: Path) -> Path:
    people = tmp_path / "Characters"
    skin = (220, 180, 150, 255)
    for number, build in ((1, "Feminine"), (2, "Masculine")):
        layer_sheet(people / f"Body/Body 0{number} - {build}, Thin/Tan/Idle.png", 64, (24, 30, 40, 60), skin)
        layer_sheet(people / f"Head/Head 0{number} - {build}/Tan/Idle.png", 64, (22, 14, 42, 32), skin)
        for part, name, box in (
            ("Torso", "Shirt 04 - T-shirt", (24, 33, 40, 44)),
            ("Legs", "Pants 03 - Pants", (24, 44, 40, 58)),
        ):
            for color, rgba in (("Red", RED), ("Blue", BLUE)):
                layer_sheet(people / f"Clothing/{build}, Thin/{part}/{name}/{color}/Idle.png", 64, box, rgba)
    layer_sheet(people / "Head/Head 03 - Elderly/Tan/Idle.png", 64, (22, 14, 42, 32), skin)
    for color, rgba in (("Black", (20, 20, 20, 255)), ("White", (240, 240, 240, 255))):
        layer_sheet(people / f"Hair/Short 03 - Curly/{color}/Idle.png", 64, (22, 10, 42, 18), rgba)
    boxes = [((x, 0, x + 20, 30), RED) for x in (0, 32)] + [((4, 4, 8, 20), BLUE), ((36, 4, 50, 8), BLUE)]
    boxes += [((4 + x, 20, 12 + x, 26), GREEN) for x in (0, 32)] + [
        ((2 + x, 1, 4 + x, 3), (9, 9, 9, 255)) for x in (0, 32)
    ]
    draw(tmp_path / "Objects/Furniture/Barrel.png", (64, 32), *boxes)
    draw(tmp_path / "Objects/Furniture/Many Things.png", (64, 32), ((0, 0, 20, 20), RED))
    (tmp_path / "Objects/Credits.txt").write_text("Barrel\n  ARTIST(S): Ada Pixel (ada), Bob\n  LICENSE: OGA-BY 3.0\n")
    return tmp_path


def test_lpc_people_are_the_same_every_time(lpc_checkout: Path) -> None:
    importer = lpc.LpcRevisedImporter(people=12)
    assert importer.detect(lpc_checkout)
    first, skipped = split(list(importer.read(lpc_checkout)))
    again, _ = split(list(importer.read(lpc_checkout)))
    assert [s.captions for s in first] == [s.captions for s in again]
    assert all(np.array_equal(a.rgba, b.rgba) for a, b in zip(first, again))
    people = [s for s in first if s.tags["kind"] == "character"]
    assert people
    assert len(people) % 4 == 0
    assert [p.tags["view"] for p in people[:4]] == ["back", "left", "front", "right"]
    for p in people:
        assert p.mask is not None
        assert ((p.mask > 0) == (p.rgba[..., 3] >= 128)).all()
        assert p.mask_names == lpc.MASK_NAMES
        assert p.rgba.shape[:2] in {(h, w) for _, _, w, h in lpc.FRAMES}
        assert p.params["group"].startswith("person ")
        assert "trousers" in p.captions[0]
        assert "t-shirt" in p.captions[0]
    barrels = [s for s in first if s.params.get("path") == "Objects/Furniture/Barrel.png"]
    assert [b.captions[0] for b in barrels] == ["wooden barrel", "wooden barrel"]
    assert barrels[0].credit == "Ada Pixel (ada), Bob"
    assert "sheet of things or edge pieces without names" in {s.reason for s in skipped}


def test_unreadable_layer_leaves_the_person_out(lpc_checkout: Path) -> None:
    for path in lpc_checkout.glob("Characters/Body/*/Tan/Idle.png"):
        path.write_bytes(b"broken")
    lpc._column.cache_clear()
    lpc._frames.cache_clear()
    sprites, skipped = split(list(lpc.LpcRevisedImporter(people=6).read(lpc_checkout)))
    assert not [s for s in sprites if s.tags["kind"] == "character"]
    assert any("unreadable layer" in s.reason for s in skipped)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6, unique=True))
def test_parts_find_every_separate_piece_once(spots: list[tuple[int, int]]) -> None:
    canvas = np.zeros((40, 40, 4), dtype=np.uint8)
    for y, x in spots:
        canvas[y * 10 : y * 10 + 8, x * 10 : x * 10 + 8] = 255
    found = list(lpc_sheets.parts(canvas))
    assert len(found) == len(spots)
    assert sum(int((p[..., 3] > 0).sum()) for p in found) == 64 * len(spots)


def test_sheet_captions_fill_in_measured_colours() -> None:
    blue = np.full((8, 8, 4), (20, 20, 200, 255), dtype=np.uint8)
    assert lpc_sheets.caption("{c} curtain", blue) == ("blue curtain", "a blue curtain")
    assert lpc_sheets.caption("crate", blue) == ("crate", "a crate", "a blue crate")


def test_every_listed_word_has_a_valid_kind_and_cut() -> None:
    for name, entry in lpc_sheets.table().items():
        assert entry["kind"] in KINDS, name
        assert entry["cut"] in ("parts", "grid", "fill", "whole"), name
        assert entry["words"] == entry["words"].lower(), name


# Folder


def test_folder_with_metadata_jsonl(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", (16, 16), ((2, 2, 12, 12), RED))
    draw(tmp_path / "sub/blue_potion_2.png", (16, 16), ((2, 2, 12, 12), BLUE))
    (tmp_path / "bad.png").write_bytes(b"not a png")
    rows = [
        {
            "file_name": "a.png",
            "captions": ["A Red Square", "red box"],
            "kind": "item",
            "licence": "MIT",
            "credit": "Ada",
            "view": "front",
        },
        {"file_name": "gone.png", "text": "gone"},
        {"file_name": "../outside.png", "text": "x"},
        {"file_name": "bad.png", "text": "broken"},
    ]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\nnot json\n")
    (tmp_path / "LICENSE").write_text("This work is under CC BY-SA 4.0.")
    sprites, skipped = split(list(FolderImporter(credit="the studio").read(tmp_path)))
    first, second = sprites
    assert first.captions == ("a red square", "red box")
    assert (first.licence, first.credit, first.tags["kind"], first.tags["view"]) == ("MIT", "Ada", "item", "front")
    assert second.captions[0] == "blue potion"
    assert (second.licence, second.credit) == ("CC-BY-SA-4.0", "the studio")
    assert [s.reason for s in skipped] == [
        "missing file",
        "points outside the folder",
        "unreadable image",
        "no row with a file_name",
    ]


def test_folder_with_metadata_csv_and_unknown_kind(tmp_path: Path) -> None:
    textured(tmp_path / "grass.png", (16, 16), (30, 120, 30))
    textured(tmp_path / "x.png", (16, 16))
    (tmp_path / "metadata.csv").write_text("file_name,text,kind\ngrass.png,Tall grass,\nx.png,thing,spoon\n")
    sprites, skipped = split(list(FolderImporter().read(tmp_path)))
    assert [(s.captions, s.tags["kind"], s.licence) for s in sprites] == [
        (("tall grass",), "tile", "LicenseRef-unknown")
    ]
    assert "unknown kind 'spoon'" in skipped[0].reason


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007", "GPL-3.0-or-later"),
        ("Creative Commons Zero v1.0", "CC0-1.0"),
        ("Attribution-NonCommercial-ShareAlike 4.0", "LicenseRef-CC-BY-NC"),
        ("All rights reserved", "LicenseRef-unknown"),
    ],
)
def test_licence_file_is_identified(tmp_path: Path, text: str, spdx: str) -> None:
    (tmp_path / "LICENSE.txt").write_text(text)
    assert folder_licence(tmp_path) == spdx


# Sheets


def exported(root: Path, frames: object, tags: list[dict[str, object]] | None = None) -> None:
    draw(root / "slime.png", (48, 16), ((2, 4, 13, 15), GREEN), ((18, 6, 29, 15), GREEN), ((34, 4, 45, 15), BLUE))
    (root / "slime.json").write_text(
        json.dumps({"frames": frames, "meta": {"image": "slime.png", "frameTags": tags or []}})
    )


def box(x: int, w: int = 16) -> dict[str, object]:
    return {"frame": {"x": x, "y": 0, "w": w, "h": 16}, "rotated": False}


def test_sheet_hash_and_array_give_the_same_pictures(tmp_path: Path) -> None:
    hash_dir, array_dir = tmp_path / "h", tmp_path / "a"
    hash_dir.mkdir()
    array_dir.mkdir()
    named = {f"green slime {i}.aseprite": box(16 * i) for i in range(3)}
    exported(hash_dir, named)
    exported(array_dir, [{"filename": n, **f} for n, f in named.items()])
    one, _ = split(list(sheet.IMPORTER.read(hash_dir)))
    two, skipped = split(list(sheet.IMPORTER.read(array_dir)))
    assert [s.captions[0] for s in one] == ["green slime", "green slime"]
    assert all(np.array_equal(a.rgba, b.rgba) and a.captions == b.captions for a, b in itertools.zip_longest(one, two))
    assert [s.reason for s in skipped] == ["another frame of the same animation"]


def test_sheet_tags_and_frames_outside(tmp_path: Path) -> None:
    tags = [{"name": "jump", "from": 0, "to": 1}, {"name": "hurt", "from": 2, "to": 3}]
    exported(tmp_path, [{"filename": f"Frame {i}", **box(16 * i)} for i in range(4)], tags)
    sprites, skipped = split(list(sheet.IMPORTER.read(tmp_path)))
    assert [s.captions[0] for s in sprites] == ["slime, jump", "slime, jump", "slime, hurt"]
    assert [s.reason for s in skipped] == ["frame outside the sheet"]


def test_rotated_frames_are_turned_back() -> None:
    canvas = np.zeros((4, 6, 4), dtype=np.uint8)
    canvas[:2, :3] = np.arange(24).reshape(2, 3, 4)  # a 2 wide, 3 high frame, stored turned clockwise
    upright = sheet.cut_frame(canvas, {"frame": {"x": 0, "y": 0, "w": 2, "h": 3}, "rotated": True})
    assert upright is not None
    assert upright.shape == (3, 2, 4)
    assert np.array_equal(np.rot90(upright, -1), canvas[:2, :3])


def test_json_that_is_no_sheet_is_skipped_by_name(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", (8, 8), ((0, 0, 7, 7), RED))
    (tmp_path / "a.json").write_text('{"hello": 1}')
    sprites, skipped = split(list(sheet.IMPORTER.read(tmp_path)))
    assert not sprites
    assert skipped[0].path == "a.json"
    assert "no Aseprite frames" in skipped[0].reason
    with pytest.raises(BadInput, match="whole-number"):
        sheet.sheet_frames({"frames": [{"filename": "a", "frame": {"x": "0"}}]})


def test_aseprite_file_frames_are_named_by_file_and_tag(tmp_path: Path) -> None:
    frames = np.zeros((2, 12, 12, 4), dtype=np.uint8)
    frames[0, 2:10, 2:10] = RED
    frames[1, 4:10, 2:10] = RED
    sprites = [Sprite.from_rgba(f) for f in frames]
    tags = [aseprite.Tag(name="Walk", first=1, last=1)]
    (tmp_path / "red_slime.aseprite").write_bytes(aseprite.encode(sprites, tags=tags))
    found, skipped = split(list(sheet.IMPORTER.read(tmp_path)))
    assert [s.captions[0] for s in found] == ["red slime", "red slime, walk"]
    assert all(np.array_equal(s.rgba, f) for s, f in zip(found, frames))
    assert not skipped


def test_damaged_aseprite_file_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "cat.aseprite").write_bytes(b"\0" * 200)
    sprites, skipped = split(list(sheet.IMPORTER.read(tmp_path)))
    assert not sprites
    assert skipped[0].path == "cat.aseprite"


# The real pack


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("importer", "folder", "least"),
    [
        (luanti.IMPORTER, "minetest_game", 280),
        (luanti.IMPORTER, "voxelibre", 900),
        (tuxemon.IMPORTER, "tuxemon", 2600),
        (lpc.LpcRevisedImporter(people=40), "lpc_revised", 2800),
        (lpc.LpcGeneratorImporter(people=20), "lpc_generator", 80),
    ],
)
def test_real_sources_hold_the_contract(importer: luanti.LuantiImporter, folder: str, least: int) -> None:
    root = PACK / folder
    if not root.is_dir():
        pytest.skip(f"the art pack is not on this machine ({root})")
    assert importer.detect(root)
    count = 0
    for item in importer.read(root):
        if isinstance(item, Skipped):
            assert item.reason
            continue
        count += 1
        assert item.tags["kind"] in KINDS
        assert item.tags.get("view", "front") in VIEWS
        assert item.rgba.dtype == np.uint8
        assert item.licence
        assert item.credit
        for text in item.captions:
            assert text == text.strip().lower()
            assert "_" not in text
            assert ".png" not in text
    assert count >= least
