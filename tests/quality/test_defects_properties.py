"""What holds for every defect, whatever the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelmind.quality.defects import DEFECTS, Picture, damage
from pixelmind.quality.defects.base import changed
from pixelmind.quality.defects.material import Material, seen
from pixelmind.records import U8

NAMES = tuple(DEFECTS)
ABOUT_ALPHA = {"holes", "halo"}
ONLY_CHANGED = set(NAMES) - {"mixels", "displaced", "scaled", "doubled", "swapped", "asymmetry"}
PALETTE = np.array(
    [
        (0, 0, 0, 0),
        (22, 18, 30, 255),
        (200, 60, 50, 255),
        (230, 130, 80, 255),
        (60, 120, 190, 255),
        (245, 240, 220, 255),
    ],
    np.uint8,
)


def creature(seed: int, size: int = 32) -> Picture:
    """A round thing with a head, feet and an arm, two shades and a dark outline."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    body = ((y - 0.6) / rng.uniform(0.2, 0.28)) ** 2 + ((x - 0.5) / rng.uniform(0.2, 0.3)) ** 2 < 1
    head = ((y - 0.28) / 0.16) ** 2 + ((x - 0.5) / rng.uniform(0.12, 0.18)) ** 2 < 1
    feet = (np.abs(np.abs(x - 0.5) - 0.14) < 0.06) & (y > 0.7) & (y < 0.94)
    number = np.zeros((size, size), np.uint8)
    for cells, color in ((feet, 4), (body, 2), (head, 5)):
        number[cells] = color
    number[body & (y < 0.56) & (number == 2)] = 3
    inside = np.pad(number > 0, 1)
    rim = (number > 0) & ~(inside[2:, 1:-1] & inside[:-2, 1:-1] & inside[1:-1, 2:] & inside[1:-1, :-2])
    number[rim] = 1
    return Picture(rgba=PALETTE[number])


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Blocks and cells of six colours, one of them clear, with or without region classes."""
    height, width = draw(st.integers(8, 24)), draw(st.integers(8, 24))
    coarse = draw(arrays(np.uint8, (6, 6), elements=st.integers(0, 5)))
    number = np.kron(coarse, np.ones((4, 4), np.uint8))[:height, :width]
    fine = draw(arrays(np.uint8, (8, 8), elements=st.integers(0, 5)))
    if draw(st.booleans()):
        number[:8, :8] = fine
    mask = None
    if draw(st.booleans()):
        mask = np.kron(draw(arrays(np.uint8, (4, 4), elements=st.integers(0, 3))), np.ones((6, 6), np.uint8))
        mask = mask[:height, :width]
    return Picture(
        rgba=PALETTE[number], mask=mask, mask_names=("none", "head", "arm", "leg") if mask is not None else ()
    )


@settings(max_examples=120, deadline=None)
@given(picture=pictures(), name=st.sampled_from(NAMES), severity=st.floats(0.05, 1.0), seed=st.integers(0, 2**32 - 1))
def test_a_fault_keeps_the_size_says_where_it_is_and_is_the_same_again(
    picture: Picture, name: str, severity: float, seed: int
) -> None:
    before = picture.rgba.copy()
    made = damage(picture, np.random.default_rng(seed), name=name, severity=severity)
    assert (picture.rgba == before).all()
    if made is None:
        return
    assert made.rgba.shape == before.shape
    assert made.rgba.dtype == np.uint8
    assert made.where.shape == before.shape[:2]
    assert made.where.dtype == np.bool_
    assert (made.name, made.family, made.severity) == (name, DEFECTS[name].family, severity)
    differs = changed(before, made.rgba)
    assert differs.sum() >= 2
    assert (made.where >= differs).all()
    if name in ONLY_CHANGED:
        assert (made.where == differs).all()
    if name not in ABOUT_ALPHA:
        assert np.isin(made.rgba[..., 3], (0, 255)).all()
    assert (made.rgba[made.rgba[..., 3] == 0] == 0).all()
    again = DEFECTS[name].apply(picture, severity, np.random.default_rng(seed))
    assert again is not None
    assert (again.rgba == made.rgba).all()
    assert (again.where == made.where).all()


def _amount(rgba: U8, picture: Picture) -> float:
    """Cells changed times how far, in OKLab."""
    return float(seen(Material.from_picture(picture), rgba) * changed(picture.rgba, rgba).sum())


@pytest.mark.parametrize("name", NAMES)
def test_more_severe_is_more_changed_on_average_and_most_creatures_take_it(name: str) -> None:
    clean = [creature(seed) for seed in range(40)]
    means = []
    for severity in (0.25, 0.5, 1.0):
        made = [damage(p, np.random.default_rng((i, 5)), name=name, severity=severity) for i, p in enumerate(clean)]
        amounts = [_amount(d.rgba, p) for d, p in zip(made, clean) if d is not None]
        assert len(amounts) >= 20
        means.append(float(np.mean(amounts)))
    assert means[0] < means[1] < means[2]


@pytest.mark.parametrize("name", NAMES)
def test_a_medium_fault_leaves_the_picture_recognisable(name: str) -> None:
    shares = []
    for seed in range(30):
        picture = creature(seed)
        made = damage(picture, np.random.default_rng(seed), name=name, severity=0.5)
        if made is not None:
            shares.append(_amount(made.rgba, picture) / (picture.rgba[..., 3] > 0).sum())
    assert np.mean(shares) < 0.2  # mean OKLab change of a body's cell; black to white is 1


def test_a_picture_with_a_fault_takes_another() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        first = damage(creature(seed), rng, name="holes")
        assert first is not None
        second = damage(Picture(rgba=first.rgba), rng, family="proportion")
        assert second is not None
        assert (second.where >= changed(first.rgba, second.rgba)).all()
