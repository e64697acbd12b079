"""Augmentation: the words stay true of the picture, and alpha stays as it was."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelmind.data.captions import color_shares
from pixelmind.encoder import augment as aug
from pixelmind.encoder.augment import AugmentConfig
from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import srgb_to_oklab


@st.composite
def pictures(draw):
    """uint8 [H, W, 4] with hard alpha and up to 6 colours, sometimes all clear or all opaque."""
    height, width = draw(st.integers(8, 20)), draw(st.integers(8, 20))
    colors = draw(arrays(np.uint8, (6, 4)))
    colors[:, 3] = draw(arrays(np.uint8, 6, elements=st.sampled_from([0, 255])))
    colors[colors[:, 3] == 0] = 0
    return colors[draw(arrays(np.uint8, (height, width), elements=st.integers(0, 5)))]


OTHERS = ("a", "an", "the", "and", "with", "of", "in", "knight", "sword", "dark", "pale", "light", "left", ",", "-")
words = st.sampled_from([*sorted(aug.CHROMATIC), *OTHERS])
captions = st.lists(words, min_size=1, max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("caption", "without"),
    [
        ("a dark red dragon", "a dragon"),
        ("an orange cat", "a cat"),
        ("a red elf", "an elf"),
        ("a red and black flag", "a black flag"),
        ("a black and red flag", "a black flag"),
        ("red, green and blue flowers", "flowers"),
        ("a knight in blue with a purple cape", "a knight with a cape"),
        ("a red-haired elf", "an elf"),
        ("a castle with red flags", "a castle with flags"),
        ("a golden crown", "a crown"),
        ("a blue-colored robe", "a robe"),
        ("a gray wolf", "a gray wolf"),
        ("a scared rat", "a scared rat"),
        ("A Red Sword", "A Sword"),
        ("blue", ""),
        ("a red", ""),
    ],
)
def test_drop_colors(caption, without):
    assert aug.drop_colors(caption) == without


@settings(max_examples=100, deadline=None)
@given(captions)
def test_after_grayscale_no_hue_word_is_left(caption):
    left = set(re.findall("[a-z]+", aug.drop_colors(caption).lower()))
    assert not left & aug.CHROMATIC
    assert aug.augment_caption(caption, "gray") != ""


@pytest.mark.parametrize(
    ("caption", "renamed"),
    [
        ("a castle with red flags", "a castle with green flags"),
        ("a red-haired elf", "a green-haired elf"),
        ("a dark blue robe", "a dark green robe"),
        ("an orange robe", "a green robe"),
        ("a red flame", None),  # a green flame would be no flame
        ("a red and gold robe", None),
        ("a sword", None),
        ("a gray rock", None),
    ],
)
def test_hue_caption(caption, renamed):
    assert aug.hue_caption(caption, 0) == renamed


@pytest.mark.parametrize("word", sorted(aug.HUES))
def test_a_turned_picture_has_the_colour_its_new_words_say(word):
    picture = np.zeros((8, 8, 4), dtype=np.uint8)
    picture[2:6, 2:6] = (*aug.HUES[word], 255)
    for variant in range(aug.MAX_HUE_VARIANTS):
        turned, caption = aug.apply(picture, f"a {word} box", f"hue{variant}")
        assert re.fullmatch(r"an? (\w+) box", caption)[1] == next(iter(color_shares(turned)))


def test_hue_turn_keeps_lightness_and_chroma_inside_srgb():
    rgb = np.array([[150, 90, 80], [90, 120, 100]], dtype=np.uint8)
    before, after = srgb_to_oklab(rgb), srgb_to_oklab(aug.turn_colors(rgb, 2.0))
    assert np.allclose(before[:, 0], after[:, 0], atol=0.005)
    chroma = [np.hypot(lab[:, 1], lab[:, 2]) for lab in (before, after)]
    assert np.allclose(*chroma, atol=0.006)
    turned = np.arctan2(after[:, 2], after[:, 1]) - np.arctan2(before[:, 2], before[:, 1])
    assert np.allclose(turned % (2 * np.pi), 2.0, atol=0.1)


def test_out_of_gamut_loses_chroma_not_lightness():
    blue = np.array([[32, 80, 224]], dtype=np.uint8)
    turned = srgb_to_oklab(aug.turn_colors(blue, 2.6))
    assert abs(turned[0, 0] - srgb_to_oklab(blue)[0, 0]) < 0.02


@settings(max_examples=30, deadline=None)
@given(pictures(), st.integers(0, 1000))
def test_recolouring_leaves_alpha_and_equal_colours(picture, seed):
    rng = np.random.default_rng(seed)
    turned = aug.recolour(picture, lambda rgb: aug.turn_colors(rgb, rng.uniform(0, 6)))
    gray = aug.recolour(picture, aug.grayscale_colors)
    for out in (turned, gray):
        assert np.array_equal(out[..., 3], picture[..., 3])
        assert (out[out[..., 3] == 0] == 0).all()
        assert len(np.unique(out.reshape(-1, 4), axis=0)) <= len(np.unique(picture.reshape(-1, 4), axis=0))
    assert (gray[..., 0] == gray[..., 1]).all()
    assert (gray[..., 1] == gray[..., 2]).all()


@settings(max_examples=50, deadline=None)
@given(pictures(), st.integers(0, 1000))
def test_crop_keeps_the_subject_and_every_pixel_as_it_was(picture, seed):
    out = aug.random_crop(picture, np.random.default_rng(seed))
    assert min(out.shape[:2]) >= 8
    clear_margin = not ((picture[..., 3] > 0).any(1)[[0, -1]].all() and (picture[..., 3] > 0).any(0)[[0, -1]].all())
    if clear_margin and not (picture[..., 3] > 0).all():
        rows, cols = ((picture[..., 3] > 0).any(axis) for axis in (1, 0))
        if not (rows[0] and rows[-1]) and not (cols[0] and cols[-1]):
            assert (out[..., 3] > 0).sum() == (picture[..., 3] > 0).sum()
    windows = np.lib.stride_tricks.sliding_window_view(picture, out.shape)
    assert (windows == out).all(axis=(-1, -2, -3)).any()


def test_mirror_swaps_left_and_right():
    picture = np.zeros((8, 10, 4), dtype=np.uint8)
    picture[:, :3] = (255, 0, 0, 255)
    out, caption = aug.apply(picture, "a wall on the left, the Right side bright", "none+mirror")
    assert caption == "a wall on the right, the left side bright"
    assert np.array_equal(out[:, -3:], picture[:, :3][:, ::-1])
    assert np.array_equal(aug.apply(out, caption, "none+mirror")[0], picture)


@settings(max_examples=60, deadline=None)
@given(pictures(), captions, st.integers(0, 10_000))
def test_every_wording_is_in_the_variants_and_the_same_draw_gives_the_same(picture, caption, seed):
    config = AugmentConfig(hue=0.5, grayscale=0.3, hue_variants=2)
    out, text, operation = aug.augment(picture, caption, np.random.default_rng(seed), config)
    again = aug.augment(picture, caption, np.random.default_rng(seed), config)
    assert text in aug.caption_variants(caption, 2)
    assert text == (aug.augment_caption(caption, operation) or caption)
    false = aug.false_colours(caption, operation, 2)
    assert set(false) <= set(aug.caption_variants(caption, 2)) - {text}
    assert text == again[1]
    assert np.array_equal(out, again[0])
    assert set(np.unique(out[..., 3])) <= {0, 255}


def test_no_chance_means_no_change():
    off = AugmentConfig(crop=0, mirror=0, grayscale=0, hue=0, jitter=0)
    picture = np.full((8, 8, 4), 255, dtype=np.uint8)
    for seed in range(20):
        out, text, _ = aug.augment(picture, "a red box", np.random.default_rng(seed), off)
        assert text == "a red box"
        assert np.array_equal(out, picture)


@pytest.mark.parametrize("bad", [{"crop": 1.5}, {"hue_variants": 9}, {"grayscale": 0.6, "hue": 0.6}])
def test_bad_config(bad):
    with pytest.raises(BadInput, match="augment"):
        AugmentConfig(**bad)


def test_bad_operation():
    with pytest.raises(BadInput, match="unknown augmentation 'sepia'"):
        aug.augment_caption("a red box", "sepia")
