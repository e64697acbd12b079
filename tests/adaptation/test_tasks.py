"""Tasks from styles: splits that hold, episodes that do not mix, views that keep the style."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pixelmind.adaptation.tasks import Picture, Tasks, held_out_styles, read_groups
from pixelmind.adaptation.views import SHOWN, make_views, noise_levels, stack, vary
from pixelmind.data.store import Store
from pixelmind.encoder.text_tower import TextFeatures
from pixelmind.errors import BadInput
from pixelmind.generator.conditioning import Vocabulary
from pixelmind.generator.config import LevelConfig
from pixelmind.generator.denoiser import DenoiserConfig
from pixelmind.generator.schedule import T_MIN, sample_timesteps

from .conftest import STYLES, shape

LEVEL = LevelConfig(network=DenoiserConfig(width=32, depth=1, heads=2, references=16))


def words(captions) -> TextFeatures:
    """Features that tell captions apart by their length."""
    tokens = torch.stack([torch.full((3, 384), len(c) / 100) for c in captions])
    return TextFeatures(tokens=tokens, mask=torch.ones(len(captions), 3, dtype=torch.bool), pooled=tokens[:, 0])


def pictures(style: str, count: int, side: int = 32) -> list[Picture]:
    return [Picture(rgba=shape(style, i, side), caption=f"a {style} gem", kind="item") for i in range(count)]


def test_held_out_styles_are_the_same_in_any_order_and_store():
    names = [f"style{i}" for i in range(10)]
    held = held_out_styles(names, 0.25)
    assert len(held) == 3
    assert held_out_styles(names[::-1] * 2, 0.25) == held
    assert held_out_styles(names, 0.0) == frozenset()
    more = held_out_styles([*names, "new"], 0.25)
    assert len(held & more) >= 2  # one more style moves at most one


def test_groups_keep_to_styles_splits_and_sizes(style_store):
    store = Store.open(style_store)
    train = read_groups(store, 16, 4, splits=("train",), without=frozenset({"sea"}))
    assert {g.style for g in train} == set(STYLES) - {"sea"}
    assert all(len(g.pictures) == 20 for g in train)
    test = read_groups(store, 16, 4, splits=("test",), styles=frozenset({"sea"}))
    assert [g.style for g in test] == ["sea"]
    seen = {p.rgba.tobytes() for g in train for p in g.pictures}
    assert not seen & {p.rgba.tobytes() for g in test for p in g.pictures}
    upper = read_groups(store, 64, 4, splits=("train",))
    assert {p.rgba.shape for g in upper for p in g.pictures} == {(32, 32, 4)}
    assert len(read_groups(store, 16, 4, splits=("train",), limit=9)[0].pictures) == 9
    assert read_groups(store, 16, 4, splits=("train",), evaluation_only=True) == []
    with pytest.raises(BadInput, match="no style has"):
        Tasks([])


def test_an_episode_is_one_style_and_shares_no_picture(style_store):
    tasks = Tasks(read_groups(Store.open(style_store), 16, 4, splits=("train", "test")))
    for seed, k in enumerate((1, 4, 8, 16)):
        episode = tasks.draw(np.random.default_rng(seed), k, 12)
        assert (len(episode.support), len(episode.query)) == (k, 12)
        fill = (*STYLES[episode.style][0], 255)
        assert all((p.rgba == fill).all(-1).any() for p in (*episode.support, *episode.query))
        assert not {id(p) for p in episode.support} & {id(p) for p in episode.query}
    again = [tasks.draw(np.random.default_rng(3), 4, 8).style for _ in range(2)]
    assert again[0] == again[1]
    recolored = tasks.draw(np.random.default_rng(9), 4, 8, style="sea", recolored=True)
    colors = {tuple(c) for p in recolored.support for c in p.rgba[p.rgba[..., 3] > 0].tolist()}
    assert colors != {(*c, 255) for c in STYLES["sea"]}


def test_views_keep_the_colours_and_the_figure():
    picture = pictures("gold", 1)[0]
    cells = np.sort(picture.rgba.reshape(-1, 4).view(np.uint32).ravel())
    for seed in range(12):
        seen = vary(picture, np.random.default_rng(seed))
        assert np.array_equal(np.sort(np.ascontiguousarray(seen).reshape(-1, 4).view(np.uint32).ravel()), cells)
    sided = Picture(rgba=shape("gold", 3, 16), caption="a gem facing left")
    left = sided.rgba
    tries = [vary(sided, np.random.default_rng(s)) for s in range(20)]
    assert all(
        any(np.array_equal(np.roll(left, (a, b), (0, 1)), t) for a in range(-2, 3) for b in range(-2, 3)) for t in tries
    )


def test_noise_levels_follow_the_training_distribution_evenly():
    rng = np.random.default_rng(0)
    own = torch.cat([noise_levels(8, LEVEL, rng) for _ in range(400)])
    trained = sample_timesteps(20000, LEVEL.t_mean, LEVEL.t_std, torch.Generator().manual_seed(0))
    assert abs(own.mean() - trained.mean()) < 0.01
    assert abs(own.std() - trained.std()) < 0.01
    assert own.min() >= T_MIN
    means = [noise_levels(8, LEVEL, rng).mean().item() for _ in range(100)]
    plain = [t.mean().item() for t in trained[:800].view(100, 8)]
    assert np.std(means) < 0.5 * np.std(plain)  # one of each stratum


def test_views_show_other_pictures_as_references_and_stack():
    support = pictures("moss", 3)
    rng = np.random.default_rng(0)
    vocabulary = Vocabulary(("crawl",))
    one = make_views(support, 6, LEVEL, words, vocabulary, rng, shown=support)
    assert one["inputs"].shape == one["target"].shape == (6, 4, 16, 16)
    assert one["cond"]["reference_mask"].sum(1).tolist() == [2] * 6  # not its own
    assert one["cond"]["references"].shape[1] == SHOWN
    assert (one["cond"]["style"] == 0).all()
    alone = make_views(support[:1], 6, LEVEL, words, vocabulary, rng, shown=support[:1])
    assert not alone["cond"]["reference_mask"].any()
    both = stack([one, alone])
    assert both["cond"]["references"].shape == (2, 6, SHOWN, 4, 32, 32)
    unseen = make_views(support, 6, LEVEL, words, vocabulary, rng, forget=True)
    assert not unseen["cond"]["text_mask"].any()
    upper = LevelConfig(level=64, network=DenoiserConfig(width=32, depth=1, heads=2, in_channels=8))
    above = make_views(support, 4, upper, words, vocabulary, rng)
    assert above["inputs"].shape == (4, 8, 32, 32)
    assert (above["cond"]["augment"] <= upper.coarse_noise).all()


def test_some_views_are_told_nothing():
    support = pictures("moss", 3)
    views = make_views(
        support, 200, LEVEL, words, Vocabulary(("crawl",)), np.random.default_rng(0), shown=support, drop=0.25
    )
    cond = views["cond"]
    untold = ~cond["text_mask"].any(1)
    assert 0.15 < untold.float().mean() < 0.35
    assert not cond["reference_mask"][untold].any()
    assert not cond["kind"][untold].any()
    assert cond["reference_mask"][~untold].any(1).all()
