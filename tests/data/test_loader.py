from collections import Counter

import numpy as np
import pytest
from drawn import sample
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data.loader import Loader, _tempered, benchmark, padded_to
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store.create(tmp_path_factory.mktemp("loader") / "store")
    rows = [sample(i, source="many", split="train") for i in range(80)]
    rows += [
        sample(100 + i, source="few", kind="tile", split="train", height=24, tags={"style": "mono"}) for i in range(5)
    ]
    rows += [sample(200 + i, source="many", split="test") for i in range(4)]
    rows += [sample(300, source="gpl", split="test", tags={"evaluation_only": "yes"})]
    rows += [sample(400, source="big", split="train", height=16, width=100)]
    store.append(rows)
    return store


def test_tempered_weights_by_hand():
    # source 0 has four rows, source 1 one: temperature 0.5 gives 4 * 4^-0.5 = 2 against 1
    weights = _tempered(np.array([0, 0, 0, 0, 1]), np.zeros(5, dtype=np.int32), 0.5)
    assert weights == pytest.approx([1 / 6] * 4 + [1 / 3])
    assert _tempered(np.array([0, 0, 0, 1]), np.zeros(4, dtype=np.int32), 0.0) == pytest.approx([1 / 6] * 3 + [1 / 2])
    assert _tempered(np.array([0, 0, 0, 1]), np.zeros(4, dtype=np.int32), 1.0) == pytest.approx([1 / 4] * 4)


def test_drawn_shares_follow_the_temperature(store):
    loader = Loader(store, "train", 256, 1)
    counts = Counter(source for step in range(40) for source in loader.batch(step).sources)
    total = 80**0.5 + 5**0.5
    assert counts["many"] / counts.total() == pytest.approx(80**0.5 / total, abs=0.02)
    assert "big" not in counts  # 100 px, above max_size


def same(a, b):
    assert a.captions == b.captions
    assert (a.heights, a.widths, a.kinds, a.styles, a.sources) == (b.heights, b.widths, b.kinds, b.styles, b.sources)
    assert all(np.array_equal(x, y) for x, y in zip(a.rgba + a.palettes, b.rgba + b.palettes))
    assert np.array_equal(a.rows, b.rows)


@given(seed=st.integers(0, 2**31), step=st.integers(0, 10**9), same_size=st.booleans())
@settings(max_examples=10, deadline=None)
def test_batch_is_a_pure_function_of_seed_and_step(store, seed, step, same_size):
    warm = Loader(store, "train", 8, seed, same_size=same_size)
    for other in (0, step + 1):
        warm.batch(other)
    cold = Loader(Store.open(store.path), "train", 8, seed, same_size=same_size, cache_bytes=0)
    same(warm.batch(step), cold.batch(step))


def test_batch_holds_what_the_store_holds(store):
    batch = Loader(store, "train", 32, 3).batch(0)
    assert len(batch) == 32
    for i, row in enumerate(store.take(batch.rows)):
        rgba = decode_png(row["png"])
        assert np.array_equal(batch.rgba[i], rgba)
        assert batch.captions[i] in row["captions"]
        assert (batch.heights[i], batch.widths[i]) == rgba.shape[:2]
        assert (batch.kinds[i], batch.styles[i], batch.sources[i]) == (row["kind"], row["style"], row["source"])
        assert np.array_equal(batch.palettes[i], np.unique(rgba[rgba[..., 3] > 0][:, :3], axis=0))
        assert not batch.rgba[i].flags.writeable


def test_every_caption_is_drawn(store):
    loader = Loader(store, "train", 64, 0)
    drawn = {c for step in range(60) for c in loader.batch(step).captions}
    assert drawn == set(loader.captions())
    assert len(loader.captions()) == 170
    assert loader.captions() == sorted(loader.captions())


def test_same_size_batches(store):
    loader = Loader(store, "train", 16, 0, same_size=True)
    shapes = [{a.shape for a in loader.batch(step).rgba} for step in range(60)]
    assert all(len(s) == 1 for s in shapes)
    assert {s for one in shapes for s in one} == {(16, 16, 4), (24, 16, 4)}
    near = Loader(store, "train", 16, 0, max_size=256, bucket_fn=padded_to(24))
    assert {
        (h <= 24, w <= 24) for step in range(40) for h, w in zip(near.batch(step).heights, near.batch(step).widths)
    } == {
        (True, True),
        (True, False),
    }
    assert len(near._buckets) == 2  # 16x16 and 24x16 together, 16x100 alone
    with pytest.raises(BadInput):
        padded_to(0)
    tall = Loader(store, "train", 16, 0, bucket_fn=lambda heights, widths: heights > 20)
    assert all(len(set(tall.batch(step).heights)) == 1 for step in range(10))


def test_filters(store):
    assert len(Loader(store, "train", 1, 0, kinds=["tile"])) == 5
    assert len(Loader(store, "train", 1, 0, min_size=17)) == 5
    assert len(Loader(store, "train", 1, 0, max_size=256)) == 86
    assert len(Loader(store, "test", 1, 0)) == 4
    assert Loader(store, "test", 4, 0, evaluation_only=True).batch(0).sources == ["gpl"] * 4
    assert Loader(store, "train", 1, 0).styles() == [("many", 80), ("mono", 5)]
    assert Loader(store, "train", 1, 0).sizes() == {(16, 16): 80, (24, 16): 5}


def test_cache_stays_within_its_budget(store):
    loader = Loader(store, "train", 16, 0, cache_bytes=20_000)
    for step in range(30):
        loader.batch(step)
        assert loader.cached_bytes <= 20_000
    assert loader.cached_bytes > 10_000


def test_iterate_gives_the_same_batches_ahead(store):
    loader = Loader(store, "train", 8, 5)
    batches = loader.iterate(7)
    for step in (7, 8, 9):
        same(next(batches), loader.batch(step))
    batches.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"split": "dev"},
        {"batch_size": 0},
        {"seed": -1},
        {"temperature": 2.0},
        {"min_size": 9, "max_size": 8},
        {"kinds": ["no"]},
    ],
)
def test_bad_settings_are_refused(store, wrong):
    with pytest.raises(BadInput):
        Loader(**{"store": store, "split": "train", "batch_size": 4, "seed": 0, **wrong})


@pytest.mark.slow
def test_speed_at_32_px(tmp_path):
    store = Store.create(tmp_path / "s")
    store.append(sample(i, split="train", height=32, width=32) for i in range(4000))
    for cache in (0, 64 << 20):
        rates = benchmark(Loader(store, "train", 64, 0, cache_bytes=cache))
        assert min(rates["first_pass"], rates["cached"]) >= 5000
