"""Drift: the two-sample test by hand and by its false alarms, the stability index, and windows read from a database."""

import numpy as np
import pytest

from pixelmind.lifecycle import drift
from pixelmind.lifecycle.drift import FIGURES, Watch, figures, stability, two_sample
from pixelmind.records import Sprite


def test_mmd_by_hand():
    a, b = np.array([[0.0], [1.0]]), np.array([[3.0], [4.0]])
    kernel = lambda x, y: np.exp(-((x - y) ** 2) / 6.5)  # noqa: E731  (squared distances 1, 9, 16, 4, 9, 1: their median is 6.5)
    within = (2 + 2 * kernel(0, 1)) / 4 * 2
    across = (kernel(0, 3) + kernel(0, 4) + kernel(1, 3) + kernel(1, 4)) / 4
    found, p = two_sample(a, b, permutations=99)
    assert found == pytest.approx(within - 2 * across)
    assert 0.01 <= p <= 1
    assert two_sample(a, b) == two_sample(a, b)  # the same pictures, the same figures


def test_p_is_even_without_drift_and_small_with_it():
    rng = np.random.default_rng(0)
    same = [two_sample(rng.normal(size=(80, 4)), rng.normal(size=(30, 4)), 99, seed)[1] for seed in range(200)]
    assert np.mean(np.array(same) <= 0.1) == pytest.approx(0.1, abs=0.06)
    assert np.mean(same) == pytest.approx(0.5, abs=0.07)
    moved = [two_sample(rng.normal(size=(80, 4)), rng.normal(0.8, 1, (30, 4)), 99, seed)[1] for seed in range(20)]
    assert max(moved) <= 0.05


def test_stability_by_hand():
    one = np.arange(10.0)
    assert stability(one, one) == 0
    shares = np.full(10, 1.5 / 15)
    lone = np.array([*[0.5 / 15] * 9, 10.5 / 15])  # all ten in the last decile
    assert stability(one, np.full(10, 9.0)) == pytest.approx(((lone - shares) * np.log(lone / shares)).sum())
    assert stability(np.ones(50), np.ones(30)) < 0.01
    assert stability(np.ones(50), np.full(30, 2.0)) > 1


def test_figures_of_a_picture():
    rgba = np.zeros((4, 8, 4), np.uint8)
    rgba[:, :4] = (255, 255, 255, 255)
    rgba[:, 2:4] = (0, 0, 0, 255)
    told = dict(zip(FIGURES, figures(Sprite.from_rgba(rgba)), strict=True))
    assert (told["side"], told["colors"], told["opaque"], told["orphans"]) == (3, 2, 0.5, 0)
    assert told["lightness"] == pytest.approx(0.5, abs=1e-3)
    assert told["chroma"] == pytest.approx(0, abs=1e-3)
    assert np.isfinite(figures(Sprite.from_rgba(np.zeros((4, 4, 4), np.uint8)))).all()


def disc(rng: np.random.Generator, bright: float) -> Sprite:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[1 : int(rng.integers(4, 8)), 1:7] = (*(bright * rng.integers(20, 90, 3)).astype(np.uint8), 255)
    return Sprite.from_rgba(rgba)


def test_a_watch_reads_windows_and_sees_what_changed(db):
    rng, read = np.random.default_rng(1), []
    user = db.users.ensure("ann")

    def encode(prompts):
        read.append(len(prompts))
        return np.array([[len(p), p.count("dragon") * 10.0] for p in prompts])

    def draw(count: int, thing: str, bright: float = 1.0, weights: str = "w1") -> None:
        for _ in range(count):
            db.sprites.add(user, disc(rng, bright), prompt=f"a {thing} {rng.integers(10**9)}", weights=weights)

    watch = Watch(db, encode, reference=40, window=20)
    draw(39, "key")
    assert watch.look("w1") is None
    draw(20, "key")
    assert watch.look("w1") is None  # the window would reach into the reference
    draw(1, "key")
    same = watch.look("w1")
    assert read == [40, 20]
    assert min(same.prompts.p, same.outputs.p) > 0.01
    assert set(same.outputs.psi) == set(FIGURES)
    assert watch.look("w1") is None
    draw(19, "dragon", 2.5)
    draw(30, "key", weights="w2")  # another model's
    for _ in range(3):  # variations of one prompt count once
        db.sprites.add(user, disc(rng, 2.5), prompt="a dragon", weights="w1")
    changed = watch.look("w1")
    assert read == [40, 20, 20]
    assert max(changed.prompts.p, changed.outputs.p) <= 0.002
    assert changed.outputs.psi["lightness"] > 1 > 0.5 > changed.outputs.psi["side"]
    assert watch.look("w2") is None
    drawn = db.sprites.drawn("w1", 5, newest=True)
    assert drawn[0].prompt == "a dragon"
    assert [row.id for row in drawn] == sorted((row.id for row in drawn), reverse=True)
    assert drift.REFERENCE <= 1000
