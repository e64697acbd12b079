"""Who belongs where in composed scenes: furniture in rooms, flyers in flight, company of the scene's own world."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pixelmind.data.procedural import company
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.genres import genres_of
from pixelmind.data.procedural.places import PLACES
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import draw_scene, families
from pixelmind.data.procedural.telling import Part


def part(name: str, **fixed: Any) -> Part:
    family = families()[name]
    p = family.sample(Rng("company", name)) | fixed
    if family.fit:
        family.fit(p, 32, 32)
    return Part(family, p, family.words({**p, "visible": []}), Canvas(32, 32))


def subjects(seeds: range, size: tuple[int, int]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(place, genre, subject) of every subject of some compositions."""
    for seed in seeds:
        raw = draw_scene(seed, size=size, composed=True, style="snes", num_captions=1)
        for subject in raw.params["subjects"]:
            yield raw.params["place"], raw.tags["genre"], subject


@pytest.mark.parametrize(
    ("subject", "place", "fits"),
    [
        (part("furniture", furniture="bed"), "interior", True),
        (part("furniture", furniture="bed"), "meadow", False),
        (part("farm_animal", animal="cow"), "interior", False),
        (part("animal", animal="cat"), "interior", True),
        (part("flower", stand="pot"), "interior", True),
        (part("mushroom"), "interior", False),
        (part("spacecraft", craft="satellite"), "space", True),
        (part("spacecraft", craft="satellite"), "forest", False),
        (part("landmark", landmark="fountain"), "cave", False),
        (part("ship", ship="sailing ship"), "sea", True),
        (part("ship", ship="sailing ship"), "desert", False),
        (part("fish"), "underwater", True),
        (part("fish"), "meadow", False),
    ],
)
def test_a_subject_is_put_where_it_can_be(subject: Part, place: str, fits: bool) -> None:
    assert company.suits(subject, PLACES[place]) is fits


def test_every_subject_has_a_place_of_its_own_kind() -> None:
    for name in families():
        subject = part(name)
        if families()[name].kind in ("character", "creature", "vehicle"):
            assert any(company.suits(subject, place) for place in PLACES.values()), name


def test_company_is_of_the_world_of_the_scene() -> None:
    strangers = total = 0
    for _, genre, subject in subjects(range(60), (96, 96)):
        if subject["role"] not in ("main", "swimmer"):
            family = families()[subject["family"]]
            words = family.words({**subject["params"], "visible": []})
            stranger = genre not in genres_of(family, words.nouns)
            assert not (stranger and family.kind not in ("character", "creature")), (genre, subject["noun"])
            strangers, total = strangers + stranger, total + 1
    assert total > 40
    assert strangers <= 0.2 * total


def test_what_flies_is_shown_flying_and_what_hangs_is_no_subject() -> None:
    for place, _, subject in subjects(range(300, 380), (64, 64)):
        p = subject["params"]
        assert p.get("pose") != "hanging"
        if subject["role"] == "flyer" and subject["family"] in ("bird", "dragon"):
            assert p["pose"] == "flying", (place, p)


def test_large_pictures_of_the_ground_hold_company() -> None:
    alone = total = 0
    for seed in range(400, 424):
        raw = draw_scene(seed, size=(256, 256), composed=True, style="snes", num_captions=1)
        if PLACES[raw.params["place"]].habitat == ("ground",):
            total += 1
            alone += len(raw.params["subjects"]) == 1
    assert total >= 10
    assert alone <= 0.3 * total
