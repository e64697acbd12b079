"""Snap: the native picture comes back from every kind of damage, and native pictures stay as they are."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmind.errors import BadInput
from pixelmind.pixels import grid
from pixelmind.pixels.snap import DARKEST, merged, snap


def sprite(side: int = 32, seed: int = 0, clear: bool = True) -> np.ndarray:
    """A round, shaded, outlined figure of 7 colours with marks of single cells, on clear or plain ground."""
    rng = np.random.default_rng(seed)
    ramp = np.array(
        [[34, 32, 52], [91, 50, 86], [172, 50, 50], [223, 113, 38], [251, 242, 54], [99, 155, 255]], np.uint8
    )
    y, x = np.indices((side, side)) / side - 0.5
    shade = np.clip(((0.45 - np.hypot(x, y)) * 9 - x * 2 - y * 3).astype(int), 0, 4)
    rgba = np.concatenate([ramp[shade], np.full((side, side, 1), 255, np.uint8)], axis=2)
    for row, column in rng.integers(side // 4, 3 * side // 4, (side, 2)):
        rgba[row, column, :3] = ramp[5]
    outside = np.hypot(x, y) > 0.45
    rgba[outside] = 0 if clear else (200, 210, 190, 255)
    return rgba


def resized(rgba: np.ndarray, factor: float, how: Image.Resampling) -> np.ndarray:
    side = round(len(rgba) * factor)
    return np.array(Image.fromarray(rgba).resize((side, side), how))


def jpeg(rgba: np.ndarray, quality: int) -> np.ndarray:
    data = io.BytesIO()
    Image.fromarray(rgba[..., :3]).save(data, "JPEG", quality=quality)
    return np.array(Image.open(data).convert("RGBA"))


def wrong(got: np.ndarray, truth: np.ndarray, codes: int) -> float:
    """Share of cells further off than `codes` values in a channel."""
    return float((np.abs(got.astype(int) - truth).max(axis=2) > codes).mean())


def drifting(rgba: np.ndarray, period: float, cells: float) -> np.ndarray:
    """Nearest enlargement whose columns and rows lie up to `cells` cells off."""
    n = len(rgba)
    at = np.arange(n + 1)
    lines = period * (at + cells * np.sin(2 * np.pi * at / n))
    index = np.searchsorted(lines, np.arange(round(n * period)) + 0.5, side="right") - 1
    index = index.clip(0, n - 1)
    return rgba[index][:, index]


@pytest.mark.parametrize("how", [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
@pytest.mark.parametrize("factor", [2.7, 6.3])
def test_resampled_pictures_are_solved_exactly(how, factor):
    truth = sprite()
    found = snap(resized(truth, factor, how))
    assert found.rgba.shape == truth.shape
    assert found.kernel == how.name.lower()
    assert set(np.unique(found.rgba[..., 3])) == {0, 255}
    assert wrong(found.rgba, truth, 12) <= 0.01
    assert found.factor == pytest.approx((factor, factor), rel=0.02)


def test_jpeg():
    truth = sprite(clear=False)
    found = snap(jpeg(truth.repeat(7, 0).repeat(7, 1), 70))
    assert found.rgba.shape == truth.shape
    assert wrong(found.rgba, truth, 40) <= 0.05
    assert len(np.unique(found.rgba.reshape(-1, 4), axis=0)) <= 40  # of thousands


def test_noise_and_a_factor_that_is_not_whole():
    truth = sprite(24, clear=False)
    noisy = resized(truth, 5.4, Image.Resampling.NEAREST).astype(float)
    noisy[..., :3] += np.random.default_rng(0).normal(0, 9, noisy[..., :3].shape)
    found = snap(noisy.clip(0, 255).astype(np.uint8))
    assert found.rgba.shape == truth.shape
    assert wrong(found.rgba, truth, 24) <= 0.02


def test_a_grid_that_does_not_begin_at_the_corner():
    truth = sprite(32, clear=False)
    big = resized(truth.repeat(4, 0).repeat(4, 1), 2.1, Image.Resampling.BOX)  # soft edges, 8.4 px a cell
    found = snap(big[3:-2, 2:-3])
    assert found.rgba.shape == truth.shape
    assert found.rows[16] == pytest.approx(16 * 8.4 - 3, abs=0.6)
    assert found.columns[16] == pytest.approx(16 * 8.4 - 2, abs=0.6)
    assert wrong(found.rgba, truth, 16) <= 0.02


def test_a_drifting_grid():
    truth = sprite(32, clear=False)
    found = snap(drifting(truth, 9.0, 0.4))
    assert found.rgba.shape == truth.shape
    assert wrong(found.rgba, truth, 8) <= 0.02


@settings(max_examples=15, deadline=None)
@given(st.integers(8, 40), st.integers(8, 40), st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_native_noise_of_few_colours_is_left_alone_to_the_bit(h, w, seed, colors):
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colors, 4), dtype=np.uint8)
    palette[:, 3] = np.where(rng.random(colors) < 0.2, 0, 255)
    rgba = palette[rng.integers(0, colors, (h, w))]
    if grid.detect_upscale(rgba) > 1:
        return
    found = snap(rgba)
    assert not found.found
    np.testing.assert_array_equal(found.rgba, rgba)


@pytest.mark.parametrize("side", [16, 24, 32, 48, 64])
def test_native_sprites_are_left_alone_to_the_bit(side):
    for seed in range(3):
        for clear in (True, False):
            native = sprite(side, seed, clear)
            found = snap(native)
            np.testing.assert_array_equal(found.rgba, native)
            assert found.factor == (1, 1)
            assert "--size" in found.note


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_repeated_pixels_are_undone_exactly(k, seed):
    native = np.random.default_rng(seed).integers(0, 256, (9, 11, 4), dtype=np.uint8)
    native[..., 3] |= 255
    found = snap(native.repeat(k, 0).repeat(k, 1))
    np.testing.assert_array_equal(found.rgba, native)
    assert (found.factor, found.kernel) == ((k, k), "exact")
    assert len(found.rows) == 10


def test_a_photo_like_picture_has_no_grid():
    y, x = np.indices((120, 160)) / 160
    rgb = np.stack([np.sin(5 * x + 3 * y), np.cos(4 * y - x), np.sin(7 * x * y)], axis=2) * 100 + 128
    rgb += np.random.default_rng(0).normal(0, 3, rgb.shape)
    photo = np.concatenate([rgb, np.full((120, 160, 1), 255.0)], axis=2).clip(0, 255).astype(np.uint8)
    found = snap(photo)
    np.testing.assert_array_equal(found.rgba, photo)


def test_alpha_is_hard_whatever_comes_in():
    native = sprite(16)
    native[8, 8, 3], native[8, 9, 3] = 127, 128
    found = snap(native)
    assert found.half_clear == 2
    assert found.rgba[8, 8].tolist() == [0, 0, 0, 0]
    assert found.rgba[8, 9, 3] == 255
    assert set(np.unique(found.rgba[..., 3])) == {0, 255}


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 3), (2, 200), (15, 15), (9, 300), (40, 5)])
def test_odd_shapes_do_not_fail(shape):
    rng = np.random.default_rng(0)
    rgba = rng.integers(0, 256, (*shape, 4), dtype=np.uint8)
    assert snap(rgba).rgba.shape[2] == 4
    assert snap(np.sort(rgba, axis=1)).rgba.shape[2] == 4


def test_one_colour_is_returned_with_a_note():
    for value in ((0, 0, 0, 0), (9, 8, 7, 255)):
        plain = np.full((64, 64, 4), value, np.uint8)
        found = snap(plain)
        np.testing.assert_array_equal(found.rgba, plain)
        assert "one colour" in found.note


def test_size_and_colours_can_be_named():
    truth = sprite()
    big = resized(truth, 5.5, Image.Resampling.BICUBIC)
    assert snap(big, size=(32, 32)).rgba.shape == truth.shape
    assert snap(big, size=(16, 16)).rgba.shape == (16, 16, 4)
    assert snap(sprite(40), size=(30, 30)).rgba.shape == (30, 30, 4)  # no such grid: made all the same
    few = snap(big, colors=4).rgba
    assert len(np.unique(few[few[..., 3] > 0], axis=0)) <= 4
    for bad in ((0, 5), (400, 400)):
        with pytest.raises(BadInput, match="name a smaller size"):
            snap(big, size=bad)
    with pytest.raises(BadInput, match="canvas"):
        snap(np.zeros((4, 4, 3), np.uint8))


def test_a_large_picture_is_averaged_down_for_the_search():
    truth = sprite(32, clear=False)
    found = snap(resized(truth, 36.5, Image.Resampling.BICUBIC))
    assert found.rgba.shape == truth.shape
    assert found.factor == pytest.approx((36.5, 36.5), rel=0.01)
    assert wrong(found.rgba, truth, 16) <= 0.02


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=40), st.floats(0.001, 0.1))
def test_merging_never_makes_more_colours_and_keeps_lone_ones(values, reach):
    colors = np.array(values, np.uint8)
    out = merged(colors, reach)
    assert out.shape == colors.shape
    assert len(np.unique(out, axis=0)) <= len(np.unique(colors, axis=0))
    lit = np.maximum(colors, DARKEST).astype(np.uint8)  # blacks that no eye tells apart are one colour by design
    np.testing.assert_array_equal(merged(lit, 1e-9), lit)


def test_merging_joins_near_colours_and_not_far_ones():
    colors = np.array([[200, 10, 10]] * 5 + [[203, 11, 10]] + [[10, 10, 200]], np.uint8)
    out = merged(colors, 0.02)
    assert len(np.unique(out, axis=0)) == 2
    assert (out[-1] == [10, 10, 200]).all()


def test_the_command(capfd, tmp_path):
    import json

    from pixelmind import cli
    from pixelmind.pixels.png import encode_rgba_png, read_image

    truth = sprite(24)
    (tmp_path / "big.png").write_bytes(encode_rgba_png(resized(truth, 4.6, Image.Resampling.BILINEAR)))
    assert cli.run(["snap", str(tmp_path / "big.png"), "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert (said["width"], said["height"], said["enlarged_by"]) == (24, 24, "bilinear")
    assert read_image(said["path"]).shape == truth.shape
    out = str(tmp_path / "out.png")
    assert cli.run(["snap", str(tmp_path / "big.png"), "-o", out, "--size", "12x12", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["width"] == 12
    for size, message in (("12", "not a size"), ("0x4", "not a size"), ("900x900", "smaller size")):
        assert cli.run(["snap", str(tmp_path / "big.png"), "--size", size]) == 2
        assert message in capfd.readouterr().err
