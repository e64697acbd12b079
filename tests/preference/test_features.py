"""Each measure on pictures whose value is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.preference import features
from pixelmind.preference.features.color_count import color_thrift
from pixelmind.preference.features.contrast import contrast
from pixelmind.preference.features.flats import equal_neighbours, flatness
from pixelmind.preference.features.harmony import harmony
from pixelmind.preference.features.intent import released_scorer
from pixelmind.preference.features.near_colors import near_share
from pixelmind.preference.features.orphans import orphan_free, orphan_share
from pixelmind.records import Sprite


def of(colors: list[list[tuple[int, ...]]]) -> Sprite:
    rgba = np.zeros((len(colors), len(colors[0]), 4), np.uint8)
    for y, row in enumerate(colors):
        for x, color in enumerate(row):
            rgba[y, x] = (*color, 255) if len(color) == 3 else color
    return Sprite.from_rgba(rgba)


RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 60), (40, 60, 220), (230, 220, 40)
BLACK, WHITE, CLEAR = (0, 0, 0), (255, 255, 255), (0, 0, 0, 0)


def test_harmony_likes_one_hue_and_opposites_more_than_four_hues() -> None:
    assert harmony(of([[RED, (140, 20, 20)]])) == pytest.approx(1)
    assert harmony(of([[BLACK, WHITE]])) == 1
    assert harmony(of([[CLEAR] * 2])) == 1
    opposites = harmony(of([[RED, (20, 190, 190)]]))
    mixed = harmony(of([[RED, GREEN, BLUE, YELLOW]]))
    assert opposites > 0.9
    assert mixed < 0.75


def test_harmony_weighs_cells() -> None:
    mostly = of([[RED] * 30 + [GREEN, BLUE]])
    assert harmony(mostly) > harmony(of([[RED, GREEN, BLUE, YELLOW]])) + 0.1


def test_contrast_of_halves_is_full_and_of_a_flat_nothing() -> None:
    assert contrast(of([[BLACK, WHITE]])) == pytest.approx(1, abs=1e-3)
    assert contrast(of([[RED, RED]])) == 0
    assert contrast(of([[CLEAR, CLEAR]])) == 0
    assert contrast(of([[CLEAR, RED]])) == 0  # what is clear has no lightness


def test_orphans_are_counted_with_diagonals() -> None:
    lone = [[RED] * 5 for _ in range(5)]
    lone[2][2] = BLUE
    assert orphan_share(of(lone)) == pytest.approx(1 / 25)
    checks = of([[RED if (x + y) % 2 else BLUE for x in range(4)] for y in range(4)])
    assert orphan_share(checks) == 0  # diagonal neighbours hold together
    assert orphan_free(of([[RED, BLUE, GREEN]])) == 0
    assert orphan_share(of([[CLEAR]])) == 0


def test_near_colours() -> None:
    assert near_share(of([[RED, (222, 31, 30), BLUE]])) == pytest.approx(2 / 3)
    assert near_share(of([[RED, BLUE]])) == 0
    assert near_share(of([[RED, CLEAR]])) == 0


def test_flats() -> None:
    assert equal_neighbours(of([[RED, RED, BLUE]])) == 0.5
    assert equal_neighbours(of([[CLEAR, RED]])) == 1  # no pair
    assert flatness(of([[RED, RED], [RED, RED]])) == 1
    assert flatness(of([[RED, BLUE], [BLUE, RED]])) == 0


def test_colours_against_the_size() -> None:
    grey = [(i * 8, i * 8, i * 8) for i in range(20)]
    few = of([grey[:10]])
    many = Sprite(indices=np.arange(16, dtype=np.uint8)[None].repeat(2, 0) % 20, palette=of([grey]).palette)
    assert color_thrift(few) == 1
    assert color_thrift(many) == pytest.approx(10 / 16)


def test_measure_is_standardised_and_orders_by_quality() -> None:
    rng = np.random.default_rng(0)
    noise = Sprite.from_rgba(np.dstack([rng.integers(0, 256, (12, 12, 3)), np.full((12, 12, 1), 255)]).astype(np.uint8))
    calm = of([[RED if x < 6 else (90, 10, 10) for x in range(12)] for _ in range(12)])
    table = features.measure([noise, calm])
    assert table.shape == (2, 4)
    assert table[0, 2] == table[1, 2] == 0  # no words, no opinion on the match
    assert (table[1, [0, 3]] > table[0, [0, 3]]).all()
    assert np.allclose(table * features.SPREAD + features.CENTRE, features.raw([noise, calm]))


def test_measure_asks_the_scorer_with_the_words() -> None:
    asked = []

    def scorer(images, prompt):
        asked.append((len(images), prompt))
        return np.array([0.1, 0.9], np.float32)

    table = features.measure([of([[RED]]), of([[BLUE]])], "a red dot", scorer)
    assert asked == [(2, "a red dot")]
    assert table[1, 2] > table[0, 2]
    with pytest.raises(BadInput, match="no sprite"):
        features.measure([])


def test_the_released_encoder_tells_matching_words_from_others() -> None:
    disc = np.zeros((24, 24, 4), np.uint8)
    y, x = np.mgrid[:24, :24]
    disc[np.hypot(y - 11.5, x - 11.5) < 10] = (220, 20, 20, 255)
    score = released_scorer()
    assert score([disc], "a red ball")[0] > score([disc], "a blue sword")[0]


def test_no_feature_knows_the_judge() -> None:
    from pathlib import Path

    folder = Path(features.__file__).parents[1]
    assert not [p for p in folder.rglob("*.py") if "evaluation" in p.read_text()]
