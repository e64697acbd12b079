"""Compositions, genres, light, sizes, regions and many wordings: all that is said of a scene holds on its pixels."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data.procedural import weather
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, SYNONYMS, Speaker, Words, captions, phrases, pluralize, tidy
from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.family import GENRES
from pixelmind.data.procedural.genres import genres_of
from pixelmind.data.procedural.places import PLACES
from pixelmind.data.procedural.ramps import COLORS, GLOWING, TINTS, basic_name, ramp_lab, says, tinted
from pixelmind.data.procedural.regions import REGIONS, UNKNOWN, region_class
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import COMPOSED_SIZES, draw_scene, families, families_of, plan
from pixelmind.data.procedural.setting import Setting
from pixelmind.data.procedural.sight import Sight, anchored, mirrored
from pixelmind.data.procedural.stage import scene_at
from pixelmind.data.procedural.styles import STYLES, tone_colors
from pixelmind.data.sources.base import RawSprite
from pixelmind.errors import BadInput
from pixelmind.records import Sprite

seeds = st.integers(0, 2**40)
#: Compositions drawn once for the slow checks.
COMPOSED = [
    draw_scene(s, size=((48, 64), (64, 64), (96, 96))[s % 3], composed=True, num_captions=20) for s in range(45)
]


def colors_of(raw: RawSprite, part: str) -> dict[str, int]:
    """Hex colours, with their cells, of all parts whose last name has this word."""
    assert raw.mask is not None
    stem = part.removesuffix("s")
    ids = [
        i for i, n in enumerate(raw.mask_names) if stem in {w.removesuffix("s") for w in n.rpartition("/")[2].split()}
    ]
    cells = raw.rgba[np.isin(raw.mask, ids)]
    values, counts = np.unique(cells[:, :3].reshape(-1, 3), axis=0, return_counts=True)
    return {"#{:02x}{:02x}{:02x}".format(*v): int(n) for v, n in zip(values, counts)}


# ---- captions -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(seed=seeds)
def test_a_scene_has_twenty_wordings_of_every_register(seed: int) -> None:
    raw = draw_scene(seed, num_captions=24)
    assert len(set(raw.captions)) == len(raw.captions) >= 20
    assert any(text.endswith("?") for text in raw.captions)
    assert any("," in text or len(text.split()) <= 3 for text in raw.captions)
    assert len({len(text.split()) for text in raw.captions}) >= 4
    for text in raw.captions:
        assert text == text.strip() == " ".join(text.split())
        bad = r"[{}~@_]|\ba a\b|\ban? (?:,|and|with)\b|, ,|\b(?:with|and|a|an)$|\band and\b|\ba [aeio]\w|\ban [bcdfghjklmnpqrstvwxyz]\w"
        assert not re.search(bad, text), text


@settings(max_examples=60, deadline=None)
@given(seed=seeds, style=st.sampled_from(sorted(STYLES)))
def test_colour_words_and_hex_values_hold_on_the_part_they_name(seed: int, style: str) -> None:
    raw = draw_scene(seed, style=style, num_captions=24)
    spoken = {n: {n} for n, (_, basic) in COLORS.items() if basic}
    for name, others in SYNONYMS.items():
        for other in others:
            spoken.setdefault(other, set()).add(name)
    words = "|".join(sorted(spoken, key=len, reverse=True))
    parts = {n.rpartition("/")[2] for n in raw.mask_names if " " not in n.rpartition("/")[2]} - {"background"}
    told = raw.params.get("subjects") or [{"family": raw.tags["subject"], "params": raw.params}]
    nouns = {w for s in told for n in families()[s["family"]].words(s["params"]).nouns for w in n.split()}
    for text in raw.captions:
        for value in re.findall(r"#[0-9a-f]{6}", text):
            assert value in {
                "#{:02x}{:02x}{:02x}".format(*v[:3]) for v in np.unique(raw.rgba.reshape(-1, 4), axis=0) if v[3]
            }
        for color, part, more in re.findall(rf"(?<![-\w])(#[0-9a-f]{{6}}|{words}) (\w+)((?: \w+)?)", text):
            if (
                part not in parts
                or more.strip() in parts
                or color == "orange"
                or part in ("light", "rose")
                or part in nouns
            ):
                continue  # "pink cake" speaks of the whole
            seen = colors_of(raw, part)
            basic = {h: basic_name(tuple(bytes.fromhex(h[1:]))) for h in seen}
            good = [h for h in seen if h == color or any(says(n, basic[h]) for n in spoken.get(color, ()))]
            assert good, (text, color, part, seen)


def test_said_colours_are_read_from_the_pixels_of_their_own_subject() -> None:
    rgba = np.zeros((4, 8, 4), np.uint8)
    rgba[:, :4], rgba[:, 4:] = (200, 40, 40, 255), (60, 100, 210, 255)
    part = np.repeat([[1, 1, 1, 1, 2, 2, 2, 2]], 4, axis=0).astype(np.uint8)
    sight = Sight(rgba, part, ["background", "slime/body", "bird/wing"], "snes", {"0": [1], "1": [2]})
    assert sight("red@0:")
    assert sight("blue@1:wing")
    assert not sight("blue@0:")
    assert not sight("red@1:wing")
    assert not sight("red@1:")
    assert sight.hex("red@0:") == "#c82828"
    assert sight.hex("blue@0:") == ""


def test_facts_keep_no_dangling_joints_when_colours_are_left_out() -> None:
    mute = Speaker(Rng(0), lambda brace: False)
    assert mute.say("a~{red} and {white} checkered floor") == "a~checkered floor"
    assert mute.say("{red} and {white}") == ""
    assert mute.say("a {red} and {gold} headdress") == "a headdress"
    assert Speaker(Rng(0), lambda brace: brace == "white").say("{red} and {white} stripes") == "white stripes"
    assert Speaker(Rng(0), lambda brace: brace == "gold").say("a {black} and {blue} hat") == "a hat"
    assert tidy("with arms raised") == "with arms raised"


def test_genres_and_sizes_are_spoken_now_and_then() -> None:
    words = Words(nouns=("robot",), adjectives=("{red}",), having=("an antenna",))
    said = [
        t
        for seed in range(40)
        for t in captions(words, Rng(seed), lambda c: True, ("nes style",), (16, 24), count=20, genre="sci-fi")
    ]
    share = np.mean([bool(re.search("sci-?fi|science fiction", t)) for t in said])
    assert 0.03 < share < 0.4
    assert any("24x16" in t for t in said)
    assert set(phrases()["game"]) == set(GENRES)


@pytest.mark.parametrize(
    ("one", "many"),
    [("slime", "slimes"), ("fox", "foxes"), ("fairy", "fairies"), ("woman", "women"), ("gold fish", "gold fish")]
    + [("potion of healing", "potions of healing"), ("knife", "knives"), ("boy", "boys"), ("bush", "bushes")],
)
def test_plurals(one: str, many: str) -> None:
    assert pluralize(one) == many


# ---- light, time and weather ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tint", TINTS)
def test_tints_keep_ramps_rising_and_leave_what_glows(tint: str) -> None:
    for color in COLORS:
        light = [tone[0] for tone in ramp_lab(tinted(color, tint))]
        assert light == sorted(light)
        assert (tinted(color, tint) == color) == (color in GLOWING)
    assert ramp_lab("red|far|night") != ramp_lab("red|night")
    assert tinted("red|far", "far") == "red|far"


@settings(max_examples=25, deadline=None)
@given(seed=seeds, family=st.sampled_from(["dragon", "dungeon", "landscape", "vehicle", "ship"]))
def test_light_from_the_right_mirrors_the_picture_and_its_words(seed: int, family: str) -> None:
    left = draw_scene(seed, family, "snes", (48, 48), num_captions=20)
    right = draw_scene(seed, family, "snes", (48, 48), light="top right", num_captions=20)
    assert (left.rgba[..., 3] == right.rgba[:, ::-1, 3]).all()
    assert right.params["mirrored"]
    assert "mirrored" not in left.params
    facing = left.params.get("facing")
    if facing:
        other = {"left": "right", "right": "left"}[facing]
        assert not any(f"facing {facing}" in t for t in right.captions)
        assert not any(f"facing {other}" in t for t in left.captions)


def test_mirrored_words_swap_sides() -> None:
    words = mirrored(Words(nouns=("x",), place=(("facing left", "on the right"),), having=("a leftover",)))
    assert words.place == (("facing right", "on the left"),)
    assert words.having == ("a leftover",)


def test_weather_lies_over_a_figure_without_an_outline() -> None:
    c = Canvas(32, 32)
    c.paint(c.full(), "grass", "ground", back=True)
    c.paint(c.rect(8, 8, 16, 16), "red", "box")
    figure = c.figure.copy()
    weather.falling(c, Rng(1), "rain")
    assert (c.figure == figure).all()
    assert "rain" in c.parts


@pytest.mark.parametrize("place", PLACES)
def test_places_fill_canvases_of_any_shape(place: str) -> None:
    for number, (h, w) in enumerate(((16, 16), (33, 40), (128, 72))):
        c = Canvas(h, w)
        setting = Setting(
            light="right" if number else "left",
            time=PLACES[place].times[-number % len(PLACES[place].times)],
            genre="cyberpunk",
        )
        ground = PLACES[place].draw(c, Rng(number, place), setting)
        assert c.mat.all()
        assert not c.figure.any()
        assert 0 < ground.horizon <= h
        assert 0 < ground.far <= ground.near <= h


# ---- compositions ---------------------------------------------------------------------------------------------------


def subject_cells(raw: RawSprite, noun: str) -> np.ndarray:
    assert raw.mask is not None
    return np.isin(raw.mask, [i for i, n in enumerate(raw.mask_names) if n.startswith(f"{noun}/")])


def test_compositions_keep_part_names_boxes_and_visibility() -> None:
    for raw in COMPOSED:
        h, w = raw.rgba.shape[:2]
        assert (raw.rgba[..., 3] == 255).all()
        assert raw.tags["kind"] == "scene"
        assert raw.tags["genre"] in GENRES
        for subject in raw.params["subjects"]:
            cells = subject_cells(raw, subject["noun"])
            assert cells.any()
            assert len(subject["boxes"]) == subject["count"]
            inside = np.zeros((h, w), bool)
            for x, y, bw, bh in subject["boxes"]:
                assert 0 <= x < x + bw <= w
                assert 0 <= y < y + bh <= h
                inside[max(0, y - 1) : y + bh + 1, max(0, x - 1) : x + bw + 1] = True
            assert (cells <= inside).all()  # the outline lies one cell around
            assert min(subject["visible"]) > 0.5


def test_compositions_count_what_was_drawn() -> None:
    spoken = 0
    for raw in COMPOSED:
        for subject in raw.params["subjects"]:
            if subject["count"] < 2:
                continue
            nouns = families()[subject["family"]].words(subject["params"]).nouns
            many = "|".join(re.escape(pluralize(n)) for n in nouns)
            for text in (t.replace("one bit", "") for t in raw.captions):
                for number in re.findall(
                    rf"\b(\d|{'|'.join(NUMBERS)}) (?:(?!with\b|and\b)[\w#-]+ ){{0,3}}?(?:{many})\b", text
                ):
                    spoken += 1
                    assert (int(number) if number.isdigit() else NUMBERS.index(number)) == subject["count"], text
    assert spoken > 20


def _relation_holds(relation: str, a: list[int], b: list[int]) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = a, b
    return {
        "left of": ax + aw < bx,
        "right of": bx + bw < ax,
        "above": ay + ah <= by,
        "below": by + bh <= ay,
        "next to": ax + aw < bx or bx + bw < ax,
        "in front of": ay + ah > by + bh,
        "behind": by + bh > ay + ah,
    }[relation]


def test_relations_are_said_only_where_they_hold() -> None:
    said = 0
    for raw in COMPOSED:
        subjects = raw.params["subjects"]
        for i, relation, j in raw.params["relations"]:
            assert _relation_holds(relation, subjects[i]["boxes"][0], subjects[j]["boxes"][0])
        nouns = [families()[s["family"]].words(s["params"]).nouns for s in subjects]
        for text in raw.captions:
            for relation, side in re.findall(r"\b((?:left|right) of|above|below|behind|in front of) an? ([^,]+)", text):
                found = [
                    j
                    for j, names in enumerate(nouns)
                    for n in names
                    if re.match(rf"(?:[\w#'-]+ ){{0,4}}{re.escape(n)}\b", side)
                ]
                if found:
                    said += 1
                    assert any(r == relation and j in found for _, r, j in raw.params["relations"]), text
    assert said > 30


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_places_times_and_sides_are_those_of_the_record(seed: int) -> None:
    raw = draw_scene(seed, size=(64, 64), composed=True, num_captions=20)
    p = raw.params
    for text in raw.captions:
        for time, words in weather.TIMES.items():
            if any(re.search(rf"\b{w}\b", text) for w in words):
                assert time == p["time"], text
        if re.search(r"in the rain|while it rains", text):
            assert p["weather"] == "rain"
            assert "rain" in raw.mask_names
    first = p["subjects"][0]
    x, _, w, _ = first["boxes"][0]
    side = "left" if x + w / 2 < 32 else "right"
    if first["count"] == 1 and len(p["subjects"]) == 1:
        other = {"left": "right", "right": "left"}[side]
        assert not any(f"on the {other} side" in t for t in raw.captions)


def test_a_large_picture_is_composed_natively_and_not_a_stretched_one() -> None:
    raw = draw_scene(12, style="snes", size=(256, 256))
    assert raw.params["composed"]
    assert raw.rgba.shape == (256, 256, 4)
    for k in (2, 4):
        for dy in range(k):
            rows = raw.rgba[dy:, dy:][: 248 // k * k, : 248 // k * k]
            blocks = rows.reshape(248 // k, k, 248 // k, k, 4)
            assert (blocks == blocks[:, :1, :, :1]).all((1, 3, 4)).mean() < 0.97
    assert Sprite.from_rgba(raw.rgba).num_colors < 200


def test_the_same_composition_twice_and_its_style_changes_no_cluster() -> None:
    a, b = (draw_scene(7, "character", "snes", (64, 64), composed=True) for _ in range(2))
    assert a.captions == b.captions
    assert (a.rgba == b.rgba).all()
    assert a.params == b.params
    nes = draw_scene(7, "character", "nes", (64, 64), composed=True)
    assert nes.params["cluster"] == a.params["cluster"]
    assert a.params["subjects"][0]["family"] == "character"


def test_a_subject_can_be_put_in_a_place_with_fixed_parameters() -> None:
    raw = draw_scene(3, "character", "snes", (64, 64), {"role": "knight"}, place="bridge")
    assert raw.params["place"] == "bridge"
    assert raw.params["subjects"][0]["params"]["role"] == "knight"
    assert any(re.search(r"(knight|warrior).* on a (stone )?bridge", t) for t in raw.captions)


# ---- genres, sizes, plan --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_can_be_asked_for(genre: str) -> None:
    assert len(families_of(genre)) >= 2
    for seed in range(3):
        raw = draw_scene(seed, size=(32, 32), genre=genre, composed=seed > 0)
        assert raw.tags["genre"] == genre
        first = raw.params["subjects"][0] if seed else {"family": raw.tags["subject"], "params": raw.params}
        subject = families()[first["family"]]
        assert genre in genres_of(subject, subject.words(first["params"]).nouns)


@pytest.mark.parametrize(
    ("kwargs", "hint"),
    [
        ({"genre": "noir"}, "cyberpunk"),
        ({"light": "below"}, "top left"),
        ({"place": "attic"}, "meadow"),
        ({"family": "terrain", "composed": True}, "composition"),
        ({"family": "dungeon", "genre": "underwater"}, "underwater"),
        ({"size": (300, 16)}, "8 to 256"),
    ],
)
def test_bad_requests_say_what_is_wrong(kwargs: dict, hint: str) -> None:
    with pytest.raises(BadInput, match=hint):
        draw_scene(0, **kwargs)


@pytest.mark.parametrize(
    ("kwargs", "hint"),
    [
        ({"genres": ("noir",)}, "horror"),
        ({"composed": 1.5}, "share"),
        ({"families": ("dungeon",), "genres": ("underwater",)}, "genre"),
    ],
)
def test_bad_configs_say_what_is_wrong(kwargs: dict, hint: str) -> None:
    with pytest.raises(BadInput, match=hint):
        SynthConfig(**kwargs)


def test_plans_mix_sizes_and_keep_to_what_was_asked() -> None:
    plans = [plan(seed) for seed in range(1500)]
    large = np.mean([max(p["size"]) > 64 for p in plans])
    assert 0.04 < large < 0.15
    assert 0.2 < np.mean([p["composed"] for p in plans]) < 0.4
    assert {max(p["size"]) for p in plans} >= {96, 128, 192, 256}
    assert any(p["size"][0] != p["size"][1] for p in plans)
    assert {p["light"] for p in plans} == {"top left", "top right"}
    assert all(max(size) <= 256 and min(size) >= 32 for size in COMPOSED_SIZES)
    config = SynthConfig(seed=4, genres=("western", "horror"), max_size=48, composed=0.5)
    for index in range(12):
        raw = scene_at(config, index)
        assert raw.tags["genre"] in ("western", "horror")
        assert max(raw.rgba.shape[:2]) <= 48


# ---- regions --------------------------------------------------------------------------------------------------------


def test_at_least_forty_region_classes_and_the_known_parts() -> None:
    assert len(REGIONS) == len(set(REGIONS)) >= 40
    for part, name in {
        "knight/helmet": "helmet",
        "knight/great helm": "helmet",
        "flags": "flag",
        "flagpole": "handle",
        "stone wall": "wall",
        "lit windows": "window",
        "dragon/wings": "wing",
        "tree trunk": "trunk",
        "snow caps": "snow",
        "footwear": "leg",
        "legwear": "leg",
        "headwear": "helmet",
        "gloves": "arm",
        "cloak": "cape",
        "skin": "head",
        "coat": "torso",
        "Helmet": "helmet",
        "stonework": "stone",
        "zzz": UNKNOWN,
        "background": "background",
    }.items():
        assert region_class(part) == name


def test_every_part_a_family_paints_has_a_class() -> None:
    names: set[str] = set()
    for family in families().values():
        for seed in range(2):
            names |= set(draw_scene(seed, family.name, "snes", (32, 32)).mask_names)
    classes = {name: region_class(name) for name in names}
    assert set(classes.values()) <= set(REGIONS)
    assert np.mean([c == UNKNOWN for c in classes.values()]) < 0.25
    assert len(set(classes.values())) >= 40


def test_anchored_braces_know_whose_they_are_and_what_of() -> None:
    words = anchored(Words(nouns=("castle",), having=("two {red} flags and a {blue} door",)), "3")
    assert words.having == ("two {red@3:flags} flags and a {blue@3:door} door",)


def test_fixed_palettes_hold_for_compositions() -> None:
    for style in ("nes", "gameboy", "1-bit"):
        rgba = draw_scene(5, style=style, size=(64, 64), composed=True).rgba
        found = {tuple(int(v) for v in c) for c in np.unique(rgba.reshape(-1, 4)[:, :3], axis=0)}
        assert found <= set(STYLES[style].palette)
    assert tone_colors("nes", "red|night", 0) != tone_colors("nes", "red", 0)
