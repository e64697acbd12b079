"""Counterfactual captions: each differs from a true caption in one fact and is false of the picture."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from drawn import blob, printed_in_other_processes, raw
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data.edits.color import opaque
from pixelmind.data.edits.counterfactuals import (
    FACTS,
    SPOKEN,
    STYLED,
    TIMES,
    Counterfactual,
    Picture,
    alike,
    as_params,
    could_be,
    counterfactuals,
    nouns,
)
from pixelmind.data.edits.instructions import articles
from pixelmind.data.procedural.captions import NUMBERS
from pixelmind.data.procedural.ramps import basic_name, says
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import draw_scene
from pixelmind.data.procedural.stage import to_sample
from pixelmind.data.procedural.styles import STYLES
from pixelmind.data.sources.base import RawSprite

seeds = st.integers(0, 2**40)


def colors(scene: RawSprite, cells: np.ndarray | None = None) -> set[str]:
    """Basic colour words of a picture's opaque cells."""
    inside = opaque(scene.rgba) if cells is None else opaque(scene.rgba) & cells
    return {basic_name(tuple(int(v) for v in c)) for c in np.unique(scene.rgba[inside][:, :3], axis=0)}


def difference(a: str, b: str) -> tuple[list[str], list[str]]:
    """The words between the common beginning and the common end of two captions."""
    x, y = (re.sub(r"\ban\b", "a", t).split() for t in (a, b))
    while x and y and x[0] == y[0]:
        x, y = x[1:], y[1:]
    while x and y and x[-1] == y[-1]:
        x, y = x[:-1], y[:-1]
    return x, y


def refute(scene: RawSprite, found: Counterfactual) -> None:
    """Check with tests of our own that a counterfactual is false of the picture."""
    false, true = found.caption, found.true_caption
    assert false not in scene.captions
    assert false != true
    one, other = difference(true, false)
    assert other or found.fact == "object"
    mask, names = scene.mask, scene.mask_names
    assert mask is not None
    if found.fact == "color":
        word = re.sub(r"[^a-z ]", "", " ".join(other))
        claimed = next(c for c in sorted(SPOKEN, key=len, reverse=True) if re.search(rf"\b{c}\b", word))
        said, was = (re.sub(r"\ban\b", "a", t).split() for t in (false, true))
        start = next(i for i, (a, b) in enumerate(zip(said, was)) if a != b)
        part: list[str] = []
        for word in said[start + len(other) :][:2]:
            bare = word.strip(",.?").rstrip("s")
            part = [n for n in names if bare in {name.rstrip("s") for name in (n.split("/")[0], n.split("/")[-1])}]
            if part or word.strip(",.?") != word:
                break
        cells = np.isin(mask, [i for i, n in enumerate(names) if n in part]) if part else None
        assert not any(says(SPOKEN[claimed], basic) for basic in colors(scene, cells)), (true, false)
    elif found.fact == "count":
        numbers = [NUMBERS.index(w) if w in NUMBERS else int(w) for w in (one[0], other[0])]
        assert numbers[0] != numbers[1]
        assert min(numbers) >= 2
    elif found.fact == "time":
        said = [t for t, phrases in TIMES.items() if any(re.search(rf"\b{f}\b", false) for f in phrases)]
        assert not any(f in c for t in said for f in TIMES[t] for c in scene.captions)
    elif found.fact == "style":
        style = next(s for s, word in STYLED.items() if false.startswith(word + " "))
        palette = STYLES[style].palette
        seen = {tuple(int(v) for v in c) for c in scene.rgba[opaque(scene.rgba)][:, :3]}
        assert style != scene.tags["style"]
        assert style in ("noir", "sepia", "1-bit") or not seen <= set(palette)
    elif found.fact == "palette":
        seen = {tuple(int(v) for v in c) for c in scene.rgba[opaque(scene.rgba)][:, :3]}
        assert f"in {NUMBERS[len(seen)]} colors" in true
        assert f"in {NUMBERS[len(seen)]} colors" not in false
    elif found.fact == "position" and " with the " in true and true not in scene.captions:
        name, side = re.fullmatch(r".* with the (.+) (?:on|at) the (\w+)", false).groups()
        cells = np.isin(mask, [i for i, n in enumerate(names) if i and name in (n.split("/")[-1], n.split("/")[0])])
        rows, columns = np.nonzero(cells)
        h, w = mask.shape
        bounds = {
            "left": columns.min() > 0.4 * w,
            "right": columns.max() < 0.6 * w,
            "top": rows.min() > 0.4 * h,
            "bottom": rows.max() < 0.6 * h,
        }
        assert bounds[side]
    elif found.fact == "object" and " without " in false and " without " not in true:
        assert false.replace(" without ", " with ") == true
    elif found.fact in ("object", "part", "state"):
        text = " ".join(scene.captions).replace(",", " ").split()
        assert not set(other) <= set(text)


@settings(max_examples=40, deadline=None)
@given(seed=seeds)
def test_every_counterfactual_is_false_in_one_fact(seed: int) -> None:
    scene = draw_scene(seed)
    found = counterfactuals(scene, Rng(seed, "test"), 10)
    assert len({c.caption for c in found}) == len(found)
    for one in found:
        assert one.fact in FACTS
        assert one.caption == " ".join(one.caption.split())
        refute(scene, one)


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_compositions_are_contradicted_too(seed: int) -> None:
    scene = draw_scene(seed, size=(64, 64), composed=True)
    found = counterfactuals(scene, Rng(seed, "test"), 8)
    assert found
    for one in found:
        refute(scene, one)


def test_all_kinds_of_fact_are_found() -> None:
    kinds = {c.fact for seed in range(50) for c in counterfactuals(draw_scene(seed), Rng(seed), 10)}
    assert kinds == set(FACTS)


def test_most_scenes_have_many() -> None:
    assert np.mean([len(counterfactuals(draw_scene(seed), Rng(seed), 6)) for seed in range(12)]) > 5.5


def test_a_sample_gives_what_its_scene_gives_and_params_are_json() -> None:
    scene = draw_scene(11, "castle", "snes", (48, 48), {"flags": 3, "flag_color": "red", "backdrop": "night"})
    stored = as_params(scene, 5)
    assert stored == as_params(to_sample(scene), 5)
    assert json.loads(json.dumps(stored)) == stored
    assert set(stored[0]) == {"caption", "true_caption", "fact"}
    assert as_params(scene, 6) != stored


def test_they_are_the_same_in_another_process() -> None:
    code = (
        "from pixelmind.data.edits.counterfactuals import as_params; "
        "from pixelmind.data.procedural.scene import draw_scene; "
        "print([as_params(draw_scene(s, composed=True, size=(48, 48)), 4) for s in (12, 65, 91)])"
    )
    assert len(printed_in_other_processes(code)) == 1


def test_red_flags_are_not_blue_unless_the_flags_show_blue() -> None:
    scene = draw_scene(3, "castle", "snes", (48, 48), {"flags": 3, "flag_color": "red"})
    said = [
        c
        for seed in range(30)
        for c in counterfactuals(scene, Rng(seed), 12)
        if c.fact == "color" and "flags" in c.caption
    ]
    assert said
    assert not any(
        re.search(r"\b(red|crimson|scarlet) flags", c.caption) and c.true_caption.count("red") == 1 for c in said
    )


def test_counts_never_name_the_true_number() -> None:
    scene = draw_scene(3, "castle", "snes", (48, 48), {"flags": 3, "towers": 3})
    for seed in range(30):
        for found in counterfactuals(scene, Rng(seed), 12):
            if found.fact == "count":
                assert not re.search(r"\b(three|3)\b.*\b(three|3)\b", found.caption)
                assert re.search(r"\b(three|3)\b", found.true_caption)


def test_of_real_art_only_colours_are_contradicted() -> None:
    rgba = blob(4)
    rgba[opaque(rgba)] = (207, 48, 56, 255)
    found = counterfactuals(raw(rgba, "a red potion", "red potion on the left"), Rng(1), 5)
    assert found
    assert {c.fact for c in found} == {"color"}
    assert all("red" not in c.caption for c in found)
    assert counterfactuals(raw(rgba, "a potion"), Rng(1), 5) == []


def test_colours_no_one_sees_are_left_alone() -> None:
    """A caption whose colour word the picture does not bear out gives no counterfactual of it."""
    rgba = blob(4)
    rgba[opaque(rgba)] = (207, 48, 56, 255)
    assert counterfactuals(raw(rgba, "a blue potion"), Rng(1), 5) == []


@pytest.mark.parametrize("style", sorted(STYLED))
def test_a_picture_of_a_style_could_be_of_that_style(style: str) -> None:
    scene = draw_scene(2, "slime", style, (24, 24))
    assert could_be(style, np.unique(scene.rgba[opaque(scene.rgba)][:, :3], axis=0))


def test_words_that_may_be_said_of_one_thing_do_not_contradict() -> None:
    assert alike("katana", "sword")
    assert not alike("sword", "spear")
    assert all(len(found) > 5 for found in nouns().values())
    assert articles("a axe and an sword") == "an axe and a sword"


def test_parts_of_a_composition_are_known_by_their_own_names() -> None:
    scene = draw_scene(8, size=(64, 64), composed=True)
    picture = Picture(scene, Rng(0))
    assert picture.noun in picture.parts
    assert not any("/" in name for name in picture.parts)
