"""People, creatures and genre figures: the same pixels for the same seed, and a record that holds only what the picture shows."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.family import GENRES, Family
from pixelmind.data.procedural.hats import HATS
from pixelmind.data.procedural.held import THINGS
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import draw_scene, families
from pixelmind.data.procedural.styles import STYLES, render

PEOPLE = (
    "astronaut",
    "caveman",
    "cowboy",
    "farmer",
    "hacker",
    "inventor",
    "mummy",
    "ninja",
    "pharaoh",
    "pirate",
    "raider",
    "roman",
    "samurai",
    "skeleton",
    "townsperson",
    "vampire",
    "witch",
    "wizard",
    "worker",
    "zombie",
)
CREATURES = (
    "alien",
    "animal",
    "bat",
    "bird",
    "demon",
    "dinosaur",
    "dragon",
    "farm_animal",
    "fish",
    "ghost",
    "golem",
    "insect",
    "mermaid",
    "monster",
    "robot",
    "sea_creature",
    "snake",
    "snowman",
    "spider",
    "yeti",
)
ALL = PEOPLE + CREATURES
SIDES = (8, 16, 24, 32, 48)


def drawn(family: Family, params: dict[str, Any], side: tuple[int, int], seed: int) -> tuple[dict[str, Any], Canvas]:
    """What `fit` leaves of the parameters, and the canvas drawn from it."""
    p = dict(params)
    assert family.fit
    family.fit(p, *side)
    canvas = Canvas(*side)
    family.draw(p, canvas, Rng(seed, "draw", family.name))
    return p, canvas


def pixels(canvas: Canvas) -> np.ndarray:
    return render(canvas, STYLES["snes"], [0])


def test_the_families_reach_every_genre() -> None:
    assert {genre for name in ALL for genre in families()[name].genres} == set(GENRES)


@pytest.mark.parametrize("name", ALL)
def test_it_has_parameters_and_draws_the_same_twice_at_any_size(name: str) -> None:
    family = families()[name]
    assert len([p for p in family.parameters.values() if not p.minor and len(p.values) > 1]) >= 4
    assert set(family.genres) <= set(GENRES)
    for seed, size in enumerate([*dict.fromkeys(family.sizes), (12, 12), (11, 29), (37, 14), (64, 64)]):
        one, two = (draw_scene(seed, name, size=size) for _ in range(2))
        assert one.rgba.tobytes() == two.rgba.tobytes()
        assert one.captions == two.captions
        assert one.mask is not None
        filled = (one.rgba[..., 3] > 0).mean()
        assert filled > (0.12 if size[0] == size[1] else 0.05), size


@pytest.mark.parametrize("name", ALL)
def test_fitting_again_changes_nothing(name: str) -> None:
    family = families()[name]
    for seed in range(15):
        side = SIDES[seed % len(SIDES)]
        p, _ = drawn(family, family.sample(Rng(seed, name)), (side, side), seed)
        again = dict(p)
        assert family.fit
        family.fit(again, side, side)
        assert again == p


@pytest.mark.parametrize("name", ALL)
def test_another_value_is_another_picture_or_is_lowered(name: str) -> None:
    family = families()[name]
    for seed in range(5):
        side = SIDES[seed % len(SIDES)]
        raw = family.sample(Rng(seed, "values", name))
        p, canvas = drawn(family, raw, (side, side), seed)
        before = pixels(canvas)
        for key, param in family.parameters.items():
            value = Rng(seed, "other", key).choice(param.values)
            q, other = drawn(family, {**raw, key: value}, (side, side), seed)
            if q != p:
                assert (pixels(other) != before).any(), (side, seed, {k: (p[k], q[k]) for k in p if p[k] != q[k]})


@pytest.mark.parametrize("name", ALL)
def test_every_colour_of_the_record_is_painted(name: str) -> None:
    family = families()[name]
    for seed in range(15):
        side = SIDES[seed % len(SIDES)]
        p, canvas = drawn(family, family.sample(Rng(seed, "colours", name)), (side, side), seed)
        painted = {canvas.materials[i] for i in np.unique(canvas.mat)}
        for key, value in p.items():
            if key.endswith("color") and value is not None:
                assert value in painted, (side, seed, key, p)


@pytest.mark.parametrize("name", ALL)
def test_words_speak_of_colours_of_the_record_only(name: str) -> None:
    """Colours in braces are materials of the canvas, whatever the style keeps of them."""
    family = families()[name]
    for seed in range(15):
        side = SIDES[seed % len(SIDES)]
        p, canvas = drawn(family, family.sample(Rng(seed, "words", name)), (side, side), seed)
        counts = np.bincount(canvas.part.ravel(), minlength=len(canvas.parts))
        p["visible"] = [part for part, n in zip(canvas.parts[1:], counts[1:]) if n > (2 if side > 10 else 0)]
        painted = {canvas.materials[i] for i in np.unique(canvas.mat)} | {"ink", "black"}
        words = family.words(p)
        facts = [*words.adjectives, *words.having, *words.place]
        said = " ".join(alternative for fact in facts for alternative in ([fact] if isinstance(fact, str) else fact))
        assert "None" not in said
        assert set(re.findall(r"\{([^}]*)\}", said)) <= painted, (side, seed, said, p)


@pytest.mark.parametrize("view", ["front", "left", "right", "back"])
@pytest.mark.parametrize("pose", ["standing", "walking", "attacking"])
def test_every_hat_and_held_thing_is_drawn_in_every_view_and_pose(view: str, pose: str) -> None:
    from pixelmind.data.procedural.body import Person
    from pixelmind.data.procedural.person import draw_person

    def figure(side: int, **look: str) -> np.ndarray:
        c = Canvas(side, side)
        draw_person(Person(view=view, pose=pose, **look), c)
        return pixels(c)

    for side in (16, 32):
        plain = figure(side)
        for hat in HATS:
            assert hat == "none" or (figure(side, hat=hat, hat_color="magenta", band_color="lime") != plain).any(), (
                side,
                hat,
            )
        for thing in THINGS:
            assert (figure(side, held=thing, held_color="magenta") != plain).any(), (side, thing)


def test_left_and_right_are_mirror_images() -> None:
    for name in ("pirate", "fish", "dinosaur", "mermaid"):
        key = "view" if name == "pirate" else "facing"
        one, two = (
            draw_scene(3, name, "snes", (32, 32), {key: way, **({"pose": "standing"} if name == "pirate" else {})})
            for way in ("left", "right")
        )
        assert ((one.rgba[..., 3] > 0) == (two.rgba[:, ::-1, 3] > 0)).all()
