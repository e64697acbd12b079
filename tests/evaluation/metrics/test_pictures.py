"""Metrics of single pictures, of concepts and of people, against values worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelmind.evaluation.metrics import (
    concept_match,
    flat_area,
    grid_score,
    kid,
    memory,
    orphan_pixels,
    palette_adherence,
    satisfaction,
    unique_colors,
)
from pixelmind.evaluation.metrics.satisfaction import Reaction

A, B, CLEAR = (200, 0, 0, 255), (0, 0, 200, 255), (7, 7, 7, 0)
PICTURES = arrays(
    np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(4)), elements=st.sampled_from([0, 255])
)


def picture(*rows: str) -> np.ndarray:
    return np.array([[{"a": A, "b": B, ".": CLEAR}[x] for x in row] for row in rows], np.uint8)


def test_palette_adherence_counts_opaque_cells() -> None:
    red = np.array([A[:3]], np.uint8)
    assert palette_adherence.palette_adherence(picture("aab", "..."), red) == pytest.approx(2 / 3)
    assert np.isnan(palette_adherence.palette_adherence(picture("..."), red))


def test_unique_colors_leaves_out_clear_cells() -> None:
    assert unique_colors.unique_colors(picture("aab", "...")) == 2
    assert unique_colors.unique_colors(picture("..")) == 0


def test_flat_area_by_hand() -> None:
    """aab / aab: left-right 2 of 4 pairs, up-down 3 of 3."""
    assert flat_area.flat_area_ratio(picture("aab", "aab")) == pytest.approx(5 / 7)
    assert flat_area.flat_area_ratio(picture("ab", "ba")) == 0
    assert np.isnan(flat_area.flat_area_ratio(picture("a.", ".a")))


@given(PICTURES, st.integers(1, 4))
def test_an_enlargement_is_on_the_grid_and_comes_back(rgba: np.ndarray, k: int) -> None:
    large = rgba.repeat(k, 0).repeat(k, 1)
    assert grid_score.grid_score(large, *rgba.shape[:2]) == 1
    assert (grid_score.at_size(large, *rgba.shape[:2]) == rgba).all()


def test_grid_score_by_hand() -> None:
    large = picture("ab").repeat(2, 0).repeat(2, 1)
    large[0, 0] = B
    assert grid_score.grid_score(large, 1, 2) == 0.5
    assert grid_score.grid_score(large, 2, 3) == 0
    assert grid_score.grid_score(large, 3, 5) == 0
    assert grid_score.at_size(large, 3, 5).shape == (3, 5, 4)


def test_orphans_are_those_of_lint() -> None:
    assert orphan_pixels.orphan_share(picture("aaa", "aba", "aaa")) == pytest.approx(1 / 9)
    assert orphan_pixels.orphan_share(picture("aab", "abb", "bbb")) == 0


def test_concept_match_by_hand() -> None:
    """The picture lies at [1, 0]. Subject: true 0.8 beats 0.6, not 1.0 -> 1/2. View: true beats the only other -> 1. Mean 3/4."""
    image = np.array([[1.0, 0.0], [0.0, 1.0]])
    values = {
        "subject": {"castle": np.array([0.8, 0.6]), "hut": np.array([0.6, 0.8]), "key": np.array([1.0, 0.0])},
        "view": {"front": np.array([0.0, 1.0]), "side": np.array([0.8, 0.6])},
        "genre": {"fantasy": np.array([1.0, 0.0])},
    }
    told = [{"subject": "castle", "view": "side", "genre": "fantasy"}, {"genre": "fantasy"}]
    score = concept_match.concept_match(image, told, values)
    assert score[0] == pytest.approx(0.75)
    assert np.isnan(score[1])
    tie = {"view": {"front": np.array([0.0, 1.0]), "back": np.array([0.0, 1.0])}}
    assert concept_match.concept_match(image[:1], [{"view": "front"}], tie)[0] == 0.5


def test_memory_is_read_from_the_system(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("Name:\tx\nVmHWM:\t  4096 kB\nVmRSS:\t  2048 kB\n")
    assert memory.resident_mib(tmp_path / "status") == (2.0, 4.0)
    assert memory.resident_mib(tmp_path / "none") is None


def test_kid_agrees_with_torchmetrics() -> None:
    import torch
    from torchmetrics.image.kid import poly_mmd

    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(60, 6)), rng.normal(0.3, 1.2, size=(60, 6))
    theirs = poly_mmd(torch.from_numpy(a), torch.from_numpy(b), degree=3, gamma=None, coef=1.0)
    assert kid.mmd2(a, b) == pytest.approx(float(theirs), rel=1e-9)


def test_kid_of_small_sets_tells_a_deviation() -> None:
    rng = np.random.default_rng(6)
    assert kid.kid(rng.normal(size=(40, 5)), rng.normal(size=(40, 5)))[1] > 0


# --------------------------------------------------------------------------------------------------------------- people
def said(user: str, day: int, sprite: str = "s", **more: object) -> Reaction:
    return Reaction(user=user, created=f"2026-11-{day:02d}T12:00:00+00:00", sprite=sprite, **more)  # type: ignore[arg-type]


def test_each_person_counts_once() -> None:
    """ann 5, 5, 5, 5 and bob 1: 3, not 4.2."""
    rows = [said("ann", 1, ratings={"accuracy": 5, "aesthetics": 5})] * 4 + [said("bob", 1, ratings={"accuracy": 1})]
    both = satisfaction.explicit(rows)
    assert both is not None
    assert (both.value, both.n) == (3, 2)
    assert both.spread == 2
    alone = satisfaction.explicit(rows, "aesthetics")
    assert alone is not None
    assert (alone.value, alone.n, alone.spread) == (5, 1, None)
    assert satisfaction.explicit([said("ann", 1, event="view")]) is None


def test_implicit_signs_by_hand() -> None:
    rows = [
        said("ann", 1, "s1", event="view", seconds=10.0),
        said("ann", 3, "s1", event="edit", seconds=20.0),
        said("ann", 3, "s2", event="export", seconds=2.0),
        said("bob", 1, "s3", event="undo"),
        said("bob", 1, "s3", event="iterate"),
        said("cat", 3, "s4", event="view"),
    ]
    time = satisfaction.seconds_an_artwork(rows)
    assert time is not None
    assert (time.value, time.n) == (16, 2)  # s1 30, s2 2
    back = satisfaction.retention(rows)
    assert back is not None
    assert (back.value, back.n) == (0.5, 2)  # cat came on the last day and could not come back
    again = satisfaction.iteration_requests(rows)
    assert again is not None
    assert (again.value, again.n) == (pytest.approx((0.5 + 2 + 0) / 3), 3)
    assert satisfaction.retention([]) is None
    assert satisfaction.retention(rows, days=9) is None
