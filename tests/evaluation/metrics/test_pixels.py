"""Pixel-Accuracy@K, conformance, near copies and timing on hand-made cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.evaluation.metrics import conformance, near_copies, pixel_accuracy, timing
from pixelmind.records import U8, Conditioning, Palette, Sprite

BLACK_WHITE = Palette(name="1-bit", colors=np.array([[0, 0, 0], [255, 255, 255]], dtype=np.uint8))


def noise(seed: int, size: tuple[int, int] = (12, 10)) -> U8:
    rng = np.random.default_rng(seed)
    rgba: U8 = rng.integers(0, 256, (*size, 4), dtype=np.uint8)
    rgba[..., 3] = 255
    return rgba


def test_pixel_accuracy_counts_prompts_with_an_approved_picture_in_the_top_k() -> None:
    rank = np.array([[1, 9, 9], [6, 5, 9], [9, 9, 2], [1, 1, 1]])
    conforms = np.array([[True] * 3, [True] * 3, [True, True, True], [False] * 3])
    ok = pixel_accuracy.approved(rank, conforms)
    assert [pixel_accuracy.hits_at(ok, k).mean() for k in (1, 2, 3)] == [0.25, 0.5, 0.75]
    with pytest.raises(ValueError, match="k=4"):
        pixel_accuracy.hits_at(ok, 4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000))
def test_pixel_accuracy_never_falls_with_k(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ok = pixel_accuracy.approved(rng.integers(1, 30, (20, 5)), rng.random((20, 5)) < 0.8)
    shares = [pixel_accuracy.hits_at(ok, k).mean() for k in range(1, 6)]
    assert shares == sorted(shares)


def test_conformance_names_what_fails() -> None:
    rgba = np.zeros((9, 8, 4), dtype=np.uint8)
    rgba[2:5, 2:5] = (255, 255, 255, 255)
    rgba[3, 3] = (255, 0, 0, 255)
    sprite = Sprite.from_rgba(rgba)
    ask = lambda **k: Conditioning(**{"prompt": "x", "height": 9, "width": 8, **k})  # noqa: E731
    assert conformance.violations(sprite, ask()) == ()
    assert conformance.violations(sprite, ask(max_colors=2)) == ()
    assert conformance.violations(sprite, ask(max_colors=1)) == ("max_colors",)
    assert conformance.violations(sprite, ask(palette=BLACK_WHITE)) == ("palette",)
    assert conformance.violations(sprite, ask(height=8, palette=BLACK_WHITE)) == ("size", "palette")
    assert not conformance.is_empty(sprite)
    assert conformance.is_empty(Sprite.from_rgba(np.zeros((8, 8, 4), dtype=np.uint8)))


def test_a_copy_is_found_wherever_it_is_pasted_and_mirrored() -> None:
    training = [(f"t{i}", noise(i)) for i in range(30)]
    moved = np.zeros((20, 24, 4), dtype=np.uint8)
    moved[3:15, 7:17] = training[4][1]
    changed = training[5][1].copy()
    changed[0, 0, 0] ^= 64
    outputs = [moved, moved[:, ::-1], changed, noise(999)]
    found = near_copies.nearest(outputs, training)
    assert [(m.id, m.mirrored, m.exact) for m in found[:3]] == [
        ("t4", False, True), ("t4", True, True), ("t5", False, False)
    ]  # fmt: skip
    assert found[2].distance == pytest.approx(64 / 255 / (12 * 10 * 4))
    assert found[3].distance > 0.1


def test_an_upscaled_copy_is_near_but_not_exact() -> None:
    small = noise(7, (8, 8))
    match = near_copies.nearest([small.repeat(2, 0).repeat(2, 1)], [("a", small), ("b", noise(8, (8, 8)))])[0]
    assert (match.id, match.distance, match.exact) == ("a", 0.0, False)


def test_a_picture_is_not_its_own_copy() -> None:
    training = [("a", noise(1)), ("b", noise(2))]
    assert near_copies.nearest([noise(1)], training, skip=["a"])[0].id == "b"
    assert near_copies.nearest([noise(1)], [])[0].distance == 1.0


def test_pixel_distance_counts_only_what_is_visible_in_either() -> None:
    a, b = np.zeros((4, 4, 4), dtype=np.uint8), np.zeros((4, 4, 4), dtype=np.uint8)
    a[0, 0] = b[0, 0] = 255
    a[1, 1] = (255, 255, 255, 255)
    assert near_copies.pixel_distance(a, b) == pytest.approx(0.5)  # two visible cells, one wholly different
    assert near_copies.pixel_distance(np.zeros_like(a), np.zeros_like(a)) == 0


def test_the_threshold_is_the_median_of_real_near_duplicates() -> None:
    assert near_copies.choose_threshold(np.array([0.01, 0.5, 0.02])) == 0.02
    assert near_copies.choose_threshold(np.array([])) == 0.0


def test_timing_leaves_the_warm_up_out() -> None:
    ticks = iter([0.0, 1.0, 1.0, 3.0, 3.0, 6.0])
    calls: list[int] = []
    assert timing.warm_seconds(lambda: calls.append(1), num_calls=3, clock=lambda: next(ticks)).tolist() == [1, 2, 3]
    assert len(calls) == 4
