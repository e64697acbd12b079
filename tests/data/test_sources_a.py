"""Importers for crawl, cdda, crossfire, angband, nethack and shattered, on tiny drawn packs and on the real one."""

import itertools
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelmind.data.sources import angband, cdda, crawl, crossfire, nethack, shattered
from pixelmind.data.sources.base import KINDS, VIEWS, RawSprite, Skipped
from pixelmind.data.sources.images import blank, load_rgba
from pixelmind.errors import BadInput

PACK = Path("/work/shared/data")
DIRTY = re.compile(r"_|\.(png|arc|prf)\b|\boverlay\b|\bmon\b|(^|\s)[ft]_|\s\d+$|\s{2}|\bunrand\b|\burand\b|\bspwpn\b")


def draw(path, size=(32, 32), color=(120, 75, 40, 255), box=(8, 8, 24, 24), ground=None):
    """Write a PNG with a box of one colour and a darker row, on a clear or coloured ground."""
    image = Image.new("RGBA", size, ground or (0, 0, 0, 0))
    image.paste(color, box)
    image.paste((10, 10, 10, 255), (box[0], box[1], box[2], box[1] + 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def check(sprite):
    assert isinstance(sprite, RawSprite)
    assert sprite.rgba.dtype == np.uint8
    assert sprite.rgba.ndim == 3
    assert sprite.rgba.shape[2] == 4
    assert sprite.tags["kind"] in KINDS
    assert sprite.tags.get("view", VIEWS[0]) in VIEWS
    assert 1 <= len(sprite.captions) <= 4
    assert sprite.licence
    assert sprite.credit
    for caption in sprite.captions:
        assert caption == caption.lower()
        assert not DIRTY.search(caption), caption
        assert len(caption) <= 200
    if sprite.mask is not None:
        assert sprite.mask.shape == sprite.rgba.shape[:2]
        assert sprite.mask_names[0] == "background"
        assert int(sprite.mask.max()) < len(sprite.mask_names)
        assert ((sprite.mask == 0) == (sprite.rgba[..., 3] < 128)).all()  # the parts cover exactly what is drawn


def split(items):
    items = list(items)
    return [i for i in items if isinstance(i, RawSprite)], [i for i in items if isinstance(i, Skipped)]


def test_blank_and_unreadable(tmp_path):
    assert blank(np.zeros((8, 8, 4), np.uint8))
    assert blank(np.full((8, 8, 4), 255, np.uint8))
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    assert load_rgba(tmp_path / "bad.png") is None


# ---- crawl


@pytest.fixture
def crawl_root(tmp_path):
    tiles = tmp_path / crawl.TILES
    for name in (
        "mon/demihumanoids/satyr",
        "mon/undead/zombies/zombie_fawn",
        "mon/unique/sigmund",
        "mon/statues/overlay_axe",
        "item/potion/ruby",
        "item/potion/i-haste",
        "item/weapon/mace_large1",
        "dngn/statues/statue_angel",
        "dngn/altars/xom2",
        "dngn/floor/grass/grass1",
        "dngn/floor/pedestal_ne",
        "gui/spells/fire/throw_flame",
        "item/weapon/artefact/urand_skullcrusher",
        "misc/halo_neutral",
        "mon/animals/unclear",
    ):
        draw(tiles / f"{name}.png")
    box = {
        "base/human_f": (12, 4, 20, 28),
        "base/human_m": (12, 4, 20, 28),
        "body/robe_blue": (11, 10, 21, 22),
        "hair/fem_red": (12, 3, 20, 6),
        "hand1/quarterstaff": (4, 2, 6, 28),
        "boots/short_blue": (12, 25, 20, 28),
    }
    for name, where in box.items():
        draw(tiles / "player" / f"{name}.png", box=where)
    (tmp_path / "TILES_UNDER_UNKNOWN_LICENSE.md").write_text("- unclear.png\n")
    return tmp_path


def test_crawl_captions(crawl_root):
    assert crawl.IMPORTER.detect(crawl_root)
    sprites, skipped = split(crawl.IMPORTER.read(crawl_root))
    for sprite in sprites:
        check(sprite)
    by_path = {s.params["path"].split("/")[-1][:-4]: s for s in sprites if "path" in s.params}
    assert by_path["satyr"].captions == (
        "satyr",
        "a satyr, a half-human monster",
        "a brown satyr",
        "satyr, half-human monster, brown",
    )
    assert by_path["zombie_fawn"].captions[0] == "fawn zombie"
    assert by_path["sigmund"].captions[0] == "old man with a scythe"
    assert by_path["ruby"].captions[0] == "ruby potion"
    assert by_path["mace_large1"].captions[0] == "large mace"
    assert by_path["statue_angel"].captions[0] == "statue of an angel"
    assert by_path["xom2"].captions[0] == "altar"
    assert by_path["grass1"].tags["kind"] == "tile"
    assert "icon for the spell throw flame" in by_path["throw_flame"].captions
    assert by_path["urand_skullcrusher"].captions[0] == "magical mace"
    reasons = Counter(s.reason for s in skipped)
    assert reasons == {"piece, overlay or mark": 4, "unclear licence": 1}


def test_crawl_people_are_dressed_and_repeatable(crawl_root):
    def people():
        return [s for s in split(crawl.IMPORTER.read(crawl_root))[0] if "layers" in s.params]

    first, again = people(), people()
    assert first
    assert [s.captions for s in first] == [s.captions for s in again]
    assert all((a.rgba == b.rgba).all() for a, b in zip(first, again, strict=True))
    robed = [s for s in first if "body/robe_blue" in str(s.params["layers"])]
    assert robed
    for sprite in robed:
        assert any("blue robe" in c for c in sprite.captions)
        assert sprite.mask[15, 15] == sprite.mask_names.index("torso")
    for sprite in first:
        assert ("quarterstaff" in " ".join(sprite.captions)) == ("hand1/quarterstaff" in str(sprite.params["layers"]))
        assert "male" in sprite.captions[0]


def test_a_real_caption_never_shows_a_layer_alone(crawl_root):
    sprites, _ = split(crawl.IMPORTER.read(crawl_root))
    assert not [s for s in sprites if str(s.params.get("path", "")).startswith("player/")]


# ---- cdda


@pytest.mark.parametrize(
    ("rel", "stem", "prefix", "said"),
    [
        ("items/food/beansnrice.png", "beansnrice", "item", "beans and rice"),
        ("items/bowl_clay.png", "bowl_clay", "item", "clay bowl"),
        ("items/glass_bottle.png", "bottle_glass", "item", "glass bottle"),
        ("items/aunt_su_guns/hk_mp5k.png", "hk_mp5k", "item", "mp5 submachine gun"),
        ("items/aunt_su_guns/pamd71z.png", "pamd71z", "item", "gun"),
        ("items/trenchcoat_leather.png", "trenchcoat_leather", "item", "leather trench coat"),
        ("monsters/mon_cat_tabby_walk.png", "mon_cat_tabby_walk", "mon", "walking tabby cat"),
        ("monsters/mon_feral_crowbar_2.png", "mon_feral_crowbar", "mon", "feral human with a crowbar"),
        ("monsters/corpse_mon_zombie_rot.png", "corpse_mon_zombie_rot", "corpse", "corpse of a rotting zombie"),
        ("items/string_xy.png", "string_xy", "item", ""),
    ],
)
def test_cdda_ids_are_said_as_a_reader_would(rel, stem, prefix, said):
    assert cdda._subject(rel, stem, prefix)[0] == said


def test_cdda(tmp_path):
    base = tmp_path / "gfx/UltimateCataclysm"
    for name in (
        "pngs_normal_32x32/monsters/mon_spider_wolf_giant",
        "pngs_normal_32x32/monsters/mon_zombie_dog",
        "pngs_normal_32x32/monsters/corpse_mon_bear",
        "pngs_normal_32x32/furniture/f_rack_wood",
        "pngs_normal_32x32/furniture/f_table_corner_ne",
        "pngs_normal_32x32/terrain/t_shrub_rose_season_autumn",
        "pngs_human_body_32x36/overlay/worn/hat_f",
        "pngs_small_20x20/items/by_hand/coat_rain_2",
        "pngs_normal_32x32/items/stockings_var_stockings_red_striped",
        "pngs_normal_32x32/furniture/f_chair_faceN",
        "pngs_normal_32x32/furniture/piece7",
    ):
        draw(base / f"{name}.png")
    draw(base / "pngs_normal_32x32/terrain/t_water_dp_center.png", ground=(30, 70, 220, 255))
    draw(tmp_path / "gfx/MShockXotto+/pngs_dcss_32x32/mods/monster/redcap.png")
    (base / "tile_info.json").write_text("[]")
    (base / "sprite_ids.json").write_text(json.dumps({"piece7": ["end_piece"]}))
    (base / "pngs_small_20x20/items/by_hand/credits.txt").write_text("by Someone Else\n")
    assert cdda.IMPORTER.detect(tmp_path)
    sprites, skipped = split(cdda.IMPORTER.read(tmp_path))
    for sprite in sprites:
        check(sprite)
    at = {Path(s.params["path"]).stem: s for s in sprites}
    assert at["mon_spider_wolf_giant"].captions[0] == "giant wolf spider"
    assert at["mon_zombie_dog"].captions[0] == "zombie dog"
    assert at["corpse_mon_bear"].captions[0] == "corpse of a bear"
    assert at["f_rack_wood"].captions[0] == "wooden rack"
    assert at["t_shrub_rose_season_autumn"].tags["kind"] == "plant"
    assert "a rose shrub in autumn" in at["t_shrub_rose_season_autumn"].captions
    assert at["t_water_dp_center"].captions[0] == "deep water"
    assert at["t_water_dp_center"].tags["kind"] == "tile"
    assert at["coat_rain_2"].captions[0] == "rain coat"
    assert at["coat_rain_2"].credit.endswith("Someone Else")
    assert at["stockings_var_stockings_red_striped"].captions[0] == "red striped stockings"
    assert at["f_chair_faceN"].tags["view"] == "back"
    assert (at["redcap"].licence, at["redcap"].tags["style"]) == ("CC0-1.0", "crawl")
    assert at["mon_zombie_dog"].licence == "CC-BY-SA-3.0"
    assert Counter(s.reason for s in skipped) == {"piece or rotation": 2, "worn or wielded layer": 1}


def test_cdda_people(tmp_path):
    overlay = tmp_path / "gfx" / cdda.dolls.__globals__["ROOT"]
    boxes = {
        "skin/skin_tan_f": (12, 4, 20, 30),
        "skin/skin_tan_m": (12, 4, 20, 30),
        "worn/shirts/longshirt_f": (11, 10, 21, 18),
        "worn/shirts/longshirt_m": (11, 10, 21, 18),
        "worn/trousers/pants_army_mf": (12, 19, 20, 27),
        "hair/Short/overlay_female_mutation_hair_short_var_black": (12, 3, 20, 6),
    }
    for name, box in boxes.items():
        draw(overlay / f"{name}.png", size=(32, 36), box=box)
    people = list(cdda.dolls(tmp_path / "gfx"))
    assert people
    for sprite in people:
        check(sprite)
        assert "long shirt" in sprite.captions[0]
        assert "army pants" in sprite.captions[1]


# ---- crossfire


@pytest.mark.parametrize(
    ("text", "licence", "credit"),
    [
        ("license cc-by-3.0\ncomment Original artwork by David Gervais. Most of it.", "CC-BY-3.0", "David Gervais"),
        ("sourcename kettek\nlicense cc0", "CC0-1.0", "kettek"),
        ("license CC BY-SA 4.0", "CC-BY-SA-4.0", "Crossfire artists"),
        ("sourcename A B\nlicense GPL", "GPL-2.0-or-later", "A B"),
        ("license public domain", "LicenseRef-public-domain", "Crossfire artists"),
        ("license unknown", "", "Crossfire artists"),
    ],
)
def test_crossfire_licences(text, licence, credit):
    assert crossfire.parse_licence(text) == (licence, credit)


def test_crossfire(tmp_path):
    for name in (
        "monster/goblin/orc.clsc.111",
        "armour/cloak/cloak.base.111",
        "wall/st/stwall_3.base.111",
        "food/x.base.111",
        "skills/skill_mining.base.111",
    ):
        draw(tmp_path / f"{name}.png")
    for name in (
        "monster/goblin/orc.clsc",
        "armour/cloak/cloak.base",
        "wall/st/stwall.base",
        "skills/skill_mining.base",
    ):
        (tmp_path / f"{name}.LICENSE").write_text("license cc0\nsourcename Someone\n")
    (tmp_path / "monster/goblin/orc.arc").write_text("Object orc\nname Hill_Orc\nface orc.111\nend\n")
    assert crossfire.IMPORTER.detect(tmp_path)
    sprites, skipped = split(crossfire.IMPORTER.read(tmp_path))
    for sprite in sprites:
        check(sprite)
        assert sprite.licence == "CC0-1.0"
    said = {s.tags["kind"]: s.captions[0] for s in sprites}
    assert said["creature"] == "hill orc"
    assert said["icon"] == "mining skill icon"
    assert [s.reason for s in skipped] == ["no free licence named"]


# ---- angband


def test_angband_prf():
    text = (
        "# Plain Gold ring\n"
        "flavor:1:0x80:0x81\nmonster:Wolf:0x81:0x82\nobject:scroll:Light:0x82:0x83\nfeat:FLOOR:lit:0x83:0x80\n"
    )
    assert list(angband.parse_prf(text)) == [
        ("flavor", "ring", "Plain Gold ring", 0, 1),
        ("monster", "", "Wolf", 1, 2),
        ("object", "scroll", "Light", 2, 3),
        ("feat", "lit", "floor", 3, 0),
    ]


def test_angband_backdrop_is_cleared_from_the_border_only():
    tile = np.full((5, 5, 4), (14, 14, 14, 255), np.uint8)
    tile[1:4, 1:4] = (200, 0, 0, 255)
    tile[2, 2] = (14, 14, 14, 255)
    out = angband.clear_backdrop(tile, (14, 14, 14))
    assert out[0, 0, 3] == 0
    assert out[2, 2, 3] == 255
    assert int((out[..., 3] == 0).sum()) == 16


def test_angband(tmp_path):
    folder = tmp_path / "lib/tiles/gervais"
    draw(folder / "32x32.png", size=(96, 32), box=(2, 2, 90, 30))
    (folder / "graf-dvg.prf").write_text(
        "monster:Wolf:0x80:0x80\nobject:potion:Speed:0x80:0x81\nmonster:Fang, a Dog:0x80:0x82\n"
    )
    (tmp_path / "lib/tiles/list.txt").write_text("")
    (tmp_path / "lib/gamedata").mkdir()
    (tmp_path / "lib/gamedata/monster.txt").write_text(
        "name:Wolf\nbase:canine\n\nname:Fang, a Dog\nbase:canine\nflags:UNIQUE\n"
    )
    assert angband.IMPORTER.detect(tmp_path)
    sprites, skipped = split(angband.IMPORTER.read(tmp_path))
    for sprite in sprites:
        check(sprite)
    assert [s.captions[0] for s in sprites] == ["wolf", "potion of speed", "dog-like animal"]
    assert "a dog" in sprites[2].captions
    assert not any("fang" in c for c in sprites[2].captions)  # a name shows in no picture
    assert [s.reason for s in skipped] == ["no readable sheet"]


# ---- nethack

ROW = "  " + "A" * 8 + "." * 8 + "\n"
TABLE = ". = (71, 108, 108)\nA = (0, 0, 0)\nB = (255,0,0)\n"
TILE = "{\n" + ROW * 8 + ("  " + "B" * 16 + "\n") * 8 + "}\n"


def test_nethack_tiles_parse():
    ((number, name, rgba),) = nethack.parse_tiles(TABLE + "# tile 3 (giant ant,male)\n" + TILE)
    assert (number, name, rgba.shape) == (3, "giant ant,male", (16, 16, 4))
    assert rgba[0, 15, 3] == 0
    assert tuple(rgba[15, 0]) == (255, 0, 0, 255)


@pytest.mark.parametrize("tile", ["{\n  AC\n}\n", "{\n  AA\n  A\n}\n"])
def test_nethack_bad_tiles_are_named(tile):
    with pytest.raises(BadInput, match="text tile 0"):
        list(nethack.parse_tiles(TABLE + "# tile 0 (thing)\n" + tile))


def test_nethack(tmp_path):
    names = {
        "monsters.txt": ["giant ant,male", "knight,female"],
        "objects.txt": [
            "ruby / gain ability",
            "ZELGO MER / enchant armor",
            "VERR / light",
            "glass / light",
            "gold piece",
        ],
        "other.txt": ["staircase up", "swallow top left"],
    }
    for file, tiles in names.items():
        path = tmp_path / "win/share" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TABLE + "".join(f"# tile {i} ({n})\n{TILE}" for i, n in enumerate(tiles)))
    assert nethack.IMPORTER.detect(tmp_path)
    sprites, skipped = split(nethack.IMPORTER.read(tmp_path))
    for sprite in sprites:
        check(sprite)
    assert [s.captions[0] for s in sprites] == [
        "giant ant",
        "female knight",
        "ruby potion",
        "scroll",
        "scroll",
        "glass wand",
        "gold piece",
        "staircase leading up",
    ]
    assert len(skipped) == 1


# ---- shattered


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ring garnet", "garnet ring"),
        ("stone fear", "runestone of fear"),
        ("artifact horn3", "magical horn"),
        ("spear", "spear"),
    ],
)
def test_shattered_item_names(name, said):
    assert shattered.item_name(name) == said


def test_shattered_java_is_read_without_derived_files(tmp_path):
    sprites = tmp_path / shattered.ASSETS / "sprites"
    draw(sprites / "items.png", size=(256, 64), box=(0, 20, 256, 64))
    draw(sprites / "rat.png", size=(64, 32), box=(0, 0, 64, 32))
    java = tmp_path / shattered.JAVA
    java.mkdir(parents=True)
    (java / "ItemSpriteSheet.java").write_text(
        "private static final int POTIONS = xy(1, 2);\npublic static final int POTION_RED = POTIONS+3;\n"
        "static{ assignItemRect(POTION_RED, 12, 14); }"
    )
    (java / "RatSprite.java").write_text("texture( Assets.Sprites.RAT );\nnew TextureFilm( texture, 16, 15 );")
    assert shattered.IMPORTER.detect(tmp_path)
    found, _ = split(shattered.IMPORTER.read(tmp_path))
    for sprite in found:
        check(sprite)
        assert sprite.licence == "GPL-3.0-or-later"
    assert {(s.captions[0], s.rgba.shape[:2]) for s in found} == {("red potion", (14, 12)), ("rat", (15, 16))}


# ---- the real pack


REAL = [
    (crawl.IMPORTER, "crawl", 4000),
    (cdda.IMPORTER, "cdda", 9000),
    (crossfire.IMPORTER, "crossfire", 600),
    (angband.IMPORTER, "angband", 1700),
    (nethack.IMPORTER, "nethack", 1200),
    (shattered.IMPORTER, "shattered_pixel_dungeon", 300),
]


@pytest.mark.realdata
@pytest.mark.parametrize(("importer", "folder", "least"), REAL, ids=[r[1] for r in REAL])
def test_real_pack_reads_clean(importer, folder, least):
    root = PACK / folder
    if not root.is_dir():
        pytest.skip(f"the shared data pack is not here ({root})")
    assert importer.detect(root)
    assert [i.name for i in (r[0] for r in REAL) if i.detect(root)] == [importer.name]  # no other importer claims it
    limit = 6000 if folder in ("crawl", "cdda") else None  # the two large ones: a part, to keep this test short
    sprites = 0
    for item in itertools.islice(importer.read(root), limit):
        if isinstance(item, RawSprite):
            sprites += 1
            check(item)
    assert sprites > (1200 if limit else least)
