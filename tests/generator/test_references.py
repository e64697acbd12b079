"""What is drawn goes some way towards the references' colours."""

import numpy as np
import pytest

from pixelmind.generator.references import toward_references, usual_colors
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.pixels.quantize import to_num_colors
from pixelmind.records import Sprite


def picture(seed: int, low: int, high: int) -> np.ndarray:
    rgba = np.random.default_rng(seed).integers(low, high, (12, 10, 4), dtype=np.uint8)
    rgba[..., 3] = 255
    rgba[:3, :, 3] = 0
    return rgba


def sprite(rgba: np.ndarray) -> Sprite:
    return to_num_colors(rgba, 255)


def lab(rgba: np.ndarray) -> np.ndarray:
    return srgb_to_oklab(rgba[rgba[..., 3] > 0][:, :3]).astype(np.float64)


def test_mean_and_spread_go_the_asked_share_of_the_way() -> None:
    drawn, shown = picture(0, 100, 180), [sprite(picture(1, 60, 150)), sprite(picture(2, 60, 150))]
    there = np.concatenate([lab(s.rgba()) for s in shown])
    for share in (0.0, 0.4, 1.0):
        moved = lab(toward_references(drawn, shown, share))
        mean, spread = lab(drawn).mean(0), lab(drawn).std(0)
        assert moved.mean(0) == pytest.approx(mean + share * (there.mean(0) - mean), abs=0.004)
        assert moved.std(0) == pytest.approx(spread + share * (there.std(0) - spread), abs=0.004)


def test_clear_cells_and_pictures_without_any_colour_stay() -> None:
    drawn, clear = picture(0, 0, 255), np.zeros((8, 8, 4), np.uint8)
    out = toward_references(drawn, [sprite(picture(1, 0, 99))])
    assert (out[:3] == drawn[:3]).all()
    assert (out[..., 3] == drawn[..., 3]).all()
    assert (toward_references(drawn, [sprite(clear)]) == drawn).all()
    assert (toward_references(clear, [sprite(drawn)]) == clear).all()


def test_as_many_colours_as_the_references_wear() -> None:
    def wearing(count: int) -> Sprite:
        rgba = np.zeros((16, 16, 4), np.uint8)
        rgba.reshape(-1, 4)[:count] = [(i, 9, 0, 255) for i in range(count)]
        return sprite(rgba)

    assert usual_colors([wearing(4), wearing(9), wearing(30)]) == 9
    assert usual_colors([wearing(4), wearing(9)]) == 6  # 6.5, cut
    assert usual_colors([wearing(1)]) == 2  # one colour alone cannot be asked for
    assert usual_colors([wearing(200)]) == 64
