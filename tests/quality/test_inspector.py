"""The inspector: what it may change, when it asks a person, and what people said turned into chances."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.quality.calibration import Calibration
from pixelmind.quality.critic import Critic, CriticConfig
from pixelmind.quality.examples import near
from pixelmind.quality.inspector import FEATURES, QualityInspector, load_inspector
from pixelmind.quality.refiner import Refiner, RefinerConfig
from pixelmind.quality.verdict import FAMILIES
from pixelmind.records import U8
from pixelmind.training.weights import Bundle

LIMITS = {f: 0.0 for f in FAMILIES}


def networks(seed: int = 0) -> tuple[Critic, Refiner]:
    torch.manual_seed(seed)
    critic = Critic(CriticConfig(widths=(16, 24), hidden=16, scorer=(8, 16))).requires_grad_(False).eval()
    return critic, Refiner(RefinerConfig(widths=(16, 24), keys=8)).requires_grad_(False).eval()


def inspector(heat_at: float = 0.5, seed: int = 0, **more: float) -> QualityInspector:
    critic, refiner = networks(seed)
    about = {"thresholds": LIMITS, "heat_at": {f: heat_at for f in FAMILIES}, "sha256": "ab" * 32}
    return QualityInspector(critic, about, refiner, move_at=0.1, **more)


def picture(seed: int, height: int = 12, width: int = 17) -> U8:
    rng = np.random.default_rng(seed)
    palette = np.array([[0, 0, 0, 0], [250, 10, 20, 255], [240, 60, 20, 255], [0, 90, 200, 255]], np.uint8)
    return palette[rng.integers(0, 4, (height, width))]


def test_a_verdict_by_hand() -> None:
    found = inspector()
    heat = np.zeros((3, 2, 2), np.float32)
    heat[1, 0, 1] = 0.9
    verdict = found.verdict(np.array([2.5, -1.0, 0.0, 3.0]), heat)
    assert verdict.score == 2.5
    assert verdict.families["palette"] == 0.5  # at its threshold
    assert verdict.families["alignment"] == pytest.approx(1 / (1 + np.e))
    assert verdict.dissatisfied == verdict.families["proportion"]  # nothing calibrated: the likeliest family
    assert verdict.worst == "proportion"
    assert found.hot(verdict).tolist() == [[False, True], [False, False]]
    assert found.id == "abababababab"


def test_a_calibration_takes_its_place() -> None:
    critic, _ = networks()
    fitted = Calibration.fit(np.arange(20.0)[:, None] * np.ones((1, 4)), np.arange(20) > 12)
    about = {"thresholds": LIMITS, "heat_at": LIMITS, "calibration": fitted.to_dict()}
    found = QualityInspector(critic, about)
    features = np.array([9.0, 9.0, 9.0, 9.0])
    assert found.verdict(features, np.zeros((3, 1, 1), np.float32)).dissatisfied == fitted.chance(features[None])[0]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 0.7))
def test_nothing_changes_outside_what_was_hot_or_is_kept(seed: int, heat_at: float) -> None:
    found, rgba = inspector(heat_at, seed), picture(seed)
    keep = np.random.default_rng(seed).random(rgba.shape[:2]) < 0.3
    before = rgba.copy()
    out = found.inspect(rgba, keep=keep)
    assert np.array_equal(rgba, before)  # what came in is left alone
    area = near(found.hot(out.before)) & ~keep
    assert np.array_equal(out.changed, (out.rgba != rgba).any(-1))
    assert not (out.changed & ~area).any()
    assert set(map(tuple, out.rgba.reshape(-1, 4))) <= set(map(tuple, rgba.reshape(-1, 4)))
    assert out.verdict.dissatisfied <= out.before.dissatisfied
    assert out.rounds <= 3
    assert out.flagged == (out.verdict.dissatisfied >= 0.5)
    if not out.changed.any():
        assert out.rgba is rgba


def test_other_pictures_in_the_same_breath_make_no_difference() -> None:
    found = inspector()
    some = [picture(k, 16, 16) for k in range(4)]
    together, alone = found.judge(some), [found.judge([p])[0] for p in some]
    for a, b in zip(together, alone):
        assert a.score == b.score
        assert np.array_equal(a.heat, b.heat)


def test_of_a_large_picture_only_the_surroundings_are_read() -> None:
    found, rgba = inspector(), picture(3, 80, 90)
    area = np.zeros((80, 90), bool)
    area[40:44, 50:60] = True
    moved = found._moved(rgba, area)
    assert moved is not None
    assert not ((moved != rgba).any(-1) & ~area).any()
    seen: list[tuple[int, ...]] = []
    assert found.refiner is not None
    true = found.refiner.moves
    found.refiner.moves = lambda some, cells: (seen.append(some.shape), true(some, cells))[1]  # type: ignore[method-assign]
    found._moved(rgba, area)
    assert seen == [(4 + 16, 10 + 16, 4)]


def test_nothing_hot_nothing_done() -> None:
    rgba = picture(1)
    out = inspector(heat_at=1.0).inspect(rgba)
    assert out.rgba is rgba
    assert out.rounds == 0
    assert inspector(heat_at=0.0).inspect(rgba, rounds=0).rgba is rgba


def _liking(blue: float) -> Callable[[QualityInspector], None]:
    """A critic that wants blue: the chance of dissatisfaction is the share of other cells."""

    def change(found: QualityInspector) -> None:
        def features(rgba: U8) -> tuple[np.ndarray, np.ndarray]:
            share = float((rgba[..., 2] < 150).mean())
            heat = np.repeat((rgba[..., 2] < 150)[None], 3, 0).astype(np.float32)
            return np.array([0, *([20 * (share - blue)] * 3)]), heat

        found.features = features  # type: ignore[method-assign]

    return change


def test_drawing_anew_is_kept_only_where_it_is_better_and_lawful() -> None:
    found = inspector(heat_at=0.5)
    found.refiner = None
    _liking(0.2)(found)
    rgba = np.full((8, 8, 4), (250, 10, 20, 255), np.uint8)
    rgba[:4] = (0, 0, 200, 255)
    asked: list[int] = []

    def draw(color: tuple[int, ...], everywhere: bool = False) -> Callable[[U8, np.ndarray], U8]:
        def regenerate(now: U8, cells: np.ndarray) -> U8:
            asked.append(int(cells.sum()))
            out = now.copy()
            out[np.ones_like(cells) if everywhere else cells] = color
            return out

        return regenerate

    blue = (0, 0, 255, 255)
    out = found.inspect(rgba, regenerate=draw(blue))
    assert out.rounds == 1
    assert asked == [8 * 5]  # the four red rows and a rim of one
    assert not out.flagged
    assert out.before.dissatisfied > 0.9
    assert out.changed.sum() == 40
    worse = found.inspect(rgba, regenerate=draw((9, 9, 9, 255)))
    assert worse.rgba is rgba
    assert worse.flagged
    assert worse.rounds == 3  # it was tried as often as allowed
    assert found.inspect(rgba, regenerate=draw(blue, everywhere=True)).rgba is rgba  # beyond its cells
    assert (
        found.inspect(rgba, regenerate=draw(blue), allowed=np.array([[250, 10, 20], [0, 0, 200]], np.uint8)).rgba
        is rgba
    )
    assert found.inspect(rgba, regenerate=draw(blue), max_colors=1).rgba is rgba
    assert found.inspect(rgba, regenerate=draw(blue), max_colors=2).changed.any()


def test_what_is_not_flagged_is_not_drawn_anew() -> None:
    found = inspector(heat_at=0.5)
    found.refiner = None
    _liking(0.9)(found)

    def regenerate(now: U8, cells: np.ndarray) -> U8:
        raise AssertionError("nobody asked")

    rgba = np.full((8, 8, 4), (250, 10, 20, 255), np.uint8)
    rgba[:4] = (0, 0, 200, 255)
    assert found.inspect(rgba, regenerate=regenerate).rgba is rgba


def test_a_bundle_with_and_without_a_critic(tmp_path: Path) -> None:
    Bundle.create(tmp_path)
    assert load_inspector(tmp_path) is None
    critic, refiner = networks()
    critic.save(tmp_path, thresholds=LIMITS, heat_at={f: 0.4 for f in FAMILIES})
    found = load_inspector(tmp_path)
    assert found is not None
    assert found.refiner is None
    assert len(found.id) == 12
    refiner.save(tmp_path, move_at=0.65)
    again = load_inspector(tmp_path)
    assert again is not None
    assert again.move_at == 0.65
    rgba = picture(5)
    assert again.judge([rgba])[0].score == pytest.approx(found.judge([rgba])[0].score)


def test_nonsense_is_refused() -> None:
    critic, _ = networks()
    with pytest.raises(BadInput, match="no thresholds"):
        QualityInspector(critic, {})
    with pytest.raises(BadInput, match="flag_at"):
        inspector(flag_at=0)
    assert len(FEATURES) == 4
