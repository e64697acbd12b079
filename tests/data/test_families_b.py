"""Families of things, places, vehicles, plants and interface parts: every parameter shows, every size and style draws, no caption lies."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, SYNONYMS, Words
from pixelmind.data.procedural.family import GENRES, Family
from pixelmind.data.procedural.pen import Pen
from pixelmind.data.procedural.ramps import COLORS, basic_name, says
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import draw_scene, families
from pixelmind.data.procedural.styles import STYLES, keeps

MINE = (
    "book",
    "bridge",
    "cactus",
    "camp",
    "computer",
    "door",
    "farm",
    "furniture",
    "graveyard",
    "gun",
    "icon",
    "instrument",
    "interface",
    "island",
    "isobuilding",
    "lamp",
    "landmark",
    "monument",
    "planet",
    "reef",
    "reflection",
    "ruin",
    "shrine",
    "skyscraper",
    "spacecraft",
    "spaceroom",
    "steampunk",
    "street",
    "vegetable",
    "western",
    "wilds",
    "winter",
)


def painted(family: Family, params: dict, seed: int, size: tuple[int, int]) -> Canvas:
    canvas = Canvas(*size)
    family.draw(params, canvas, Rng(seed, "draw", family.name))
    return canvas


def sampled(family: Family, seed: int, size: tuple[int, int], **fixed: object) -> dict:
    params = {**family.sample(Rng(seed, "params", family.name)), **fixed}
    if family.fit:
        family.fit(params, *size)
    return params


# ---- the pen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(8, 8), (16, 16), (24, 24), (33, 33), (64, 64), (48, 32)])
def test_pen_mirrors_and_fills_its_room(size: tuple[int, int]) -> None:
    c = Canvas(*size)
    pen = Pen(c)
    whole = pen.rect(0, 0, 14, 14)
    x, y, w, h = c.box(whole)
    assert (x, y + h) == (c.w - x - w, c.h - pen.m)
    for a, b in ((1.3, 4.7), (0, 2), (3.9, 6.2)):
        assert (pen.rect(a, 2, b, 9) == pen.rect(14 - b, 2, 14 - a, 9)[:, ::-1]).all()
        assert not (pen.rect(a, 2, b, 9) & pen.rect(b, 2, b + 3, 9)).any()  # shapes that share an edge meet
    roof = pen.poly((6.7, 0), (7.3, 0), (14, 14), (0, 14))
    assert (roof == roof[:, ::-1]).all()
    assert (roof.sum(1)[1:] >= roof.sum(1)[:-1])[pen.y(0) :].sum() >= roof.shape[0] - pen.y(0) - 1 - pen.m


def test_pen_units_are_pixels_at_sixteen() -> None:
    c = Canvas(16, 16)
    pen = Pen(c)
    assert (pen.rect(3, 5, 9, 7) == c.rect(4, 6, 6, 2)).all()
    assert pen.rect(7, 7, 7.01, 7.01).sum() == 1  # nothing vanishes
    assert c.box(pen.star(7, 7, 6, 2.6))[2] >= 10


# ---- every family ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MINE)
def test_family_is_well_described(name: str) -> None:
    family = families()[name]
    assert set(family.genres) <= set(GENRES)
    assert len([p for p in family.parameters.values() if not p.minor]) >= 4
    assert all(len(set(map(str, p.values))) == len(p.values) >= 2 for p in family.parameters.values())


def test_thirteen_genres_and_more_are_covered() -> None:
    assert len({genre for name in MINE for genre in families()[name].genres}) >= 13
    assert len(MINE) >= 22


@pytest.mark.parametrize("name", MINE)
def test_family_draws_the_same_at_every_size(name: str) -> None:
    family = families()[name]
    for seed, size in enumerate([(8, 8), (8, 32), (64, 16), (13, 29), *dict.fromkeys(family.sizes)]):
        params = sampled(family, seed, size)
        a, b = painted(family, dict(params), seed, size), painted(family, dict(params), seed, size)
        assert a.mat.any()
        for x, y in ((a.mat, b.mat), (a.tone, b.tone), (a.part, b.part), (a.line, b.line)):
            assert (x == y).all()
        assert np.isfinite(a.tone).all()


@pytest.mark.parametrize("name", MINE)
def test_large_scenes_are_not_empty(name: str) -> None:
    """At 128 px a scene has more in it than the same scene at 32 px enlarged: more edges, and no stray canvas."""
    family = families()[name]
    for seed in range(2):
        large = painted(family, sampled(family, seed, (128, 128)), seed, (128, 128))
        small = painted(family, sampled(family, seed, (32, 32)), seed, (32, 32))

        def cover(c: Canvas) -> float:
            return float((c.mat > 0).mean())

        assert cover(large) > 0.35 * cover(small)
        assert len(large.parts) >= len(small.parts) - 1


@pytest.mark.parametrize("name", MINE)
def test_every_parameter_value_shows_or_is_lowered(name: str) -> None:
    """Two scenes whose fitted parameters differ in one value differ in the picture too."""
    family = families()[name]
    for size in ((16, 16), (32, 32)):
        for seed in range(2):
            for key, param in family.parameters.items():
                seen: dict[str, bytes] = {}
                base = None
                for value in param.values:
                    params = sampled(family, seed, size, **{key: value})
                    rest = {k: v for k, v in params.items() if k != key}
                    base = base if base is not None else rest
                    if rest != base:
                        continue  # the value changed others too
                    c = painted(family, dict(params), seed, size)
                    seen.setdefault(str(params[key]), c.mat.tobytes() + c.tone.tobytes() + str(c.materials).encode())
                assert len(set(seen.values())) == len(seen), (size, seed, key, sorted(seen), base)


_SPOKEN = {name: name for name, (_, basic) in COLORS.items() if basic}
for _name, _others in SYNONYMS.items():
    for _other in _others:
        _SPOKEN.setdefault(_other, _name)
_COLOR = re.compile(r"\b(" + "|".join(sorted(map(re.escape, _SPOKEN), key=len, reverse=True)) + r")\b")


@pytest.mark.parametrize("name", MINE)
def test_captions_are_clean_and_name_only_colours_that_show(name: str) -> None:
    for seed in range(8):
        raw = draw_scene(seed, name, size=(8, 8) if seed % 8 == 7 else None)
        style = raw.tags["style"]
        seen = {
            basic_name((int(v[0]), int(v[1]), int(v[2]))) for v in np.unique(raw.rgba.reshape(-1, 4), axis=0) if v[3]
        }
        assert len(set(raw.captions)) == len(raw.captions) >= 6
        for text in raw.captions:
            assert not re.search(r"[{}~_]|\ba a\b|\ban? and\b|, ,|\bwith$|\band$|none|None|  ", text), text
            assert not re.search(r"\ba [aeio]\w|\ban [bcdfghjklmnpqrstvwxyz]\w", text), text
            for look in sorted(STYLES[style].words, key=len, reverse=True):
                text = text.replace(look, "")
            for word in _COLOR.findall(text):
                known = _SPOKEN[word]
                assert not STYLES[style].mono, text
                assert keeps(style, known), (text, style)
                assert any(says(known, basic) for basic in seen), text


#: What captions count, and the parameter that counts it.
COUNTED = {
    "bridge": {"arch": "arches", "arche": "arches"},
    "cactus": {"arm": "arms"},
    "reef": {"fish": "fish"},
    "street": {"building": "buildings", "lamp": "lamps"},
    "shrine": {"tier": "tiers", "roof": "tiers"},
    "monument": {"column": "columns"},
    "planet": {"moon": "moons"},
    "island": {"palm": "palms", "tree": "palms"},
    "landmark": {"sign": "arms", "notice": "papers"},
    "book": {"book": "number"},
    "steampunk": {"gear": "number"},
    "winter": {"button": "buttons"},
    "isobuilding": {"floor": "floors", "storey": "floors"},
}


@pytest.mark.parametrize("name", COUNTED)
def test_captions_count_what_was_drawn(name: str) -> None:
    spoken = 0
    for seed in range(48):
        raw = draw_scene(seed, name, "snes", (32, 32))
        for text in raw.captions:
            for number, thing in re.findall(r"\b(" + "|".join(NUMBERS) + r")\s(?:[a-z]+ )??(\w+?)s?\b(?=[, ]|$)", text):
                key = COUNTED[name].get(thing)
                if key and raw.params[key]:
                    spoken += 1
                    assert raw.params[key] == NUMBERS.index(number), (text, key)
    assert spoken


@pytest.mark.parametrize("name", MINE)
def test_words_follow_the_parameters_alone(name: str) -> None:
    family = families()[name]
    raw = draw_scene(3, name, "snes")
    params = {k: raw.params[k] for k in (*family.parameters, "visible")}
    words = family.words(params)
    assert isinstance(words, Words)
    assert words.nouns
    assert all(noun == noun.lower().strip() and noun for noun in words.nouns)


def test_checkered_tiles_are_worded_in_every_style() -> None:
    for seed in range(60):
        raw = draw_scene(
            seed, "terrain", ("1-bit", "snes", "gameboy")[seed % 3], (16, 16), {"tile": "floor tiles", "checker": True}
        )
        assert not any(re.search(r"\ban? and\b|^and\b|, and (?:check|chequ)", text) for text in raw.captions), (
            raw.captions
        )
