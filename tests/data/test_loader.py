from collections import Counter

import numpy as np
import pytest
from drawn import sample
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data.config import mix_of
from pixelmind.data.interleave import Mix, Stream
from pixelmind.data.loader import Loader, _tempered, benchmark
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


def test_captions_are_capped_alike_in_batches_and_in_the_list(drawn_store):
    whole, capped = Loader(drawn_store, "train", 50, 0), Loader(drawn_store, "train", 50, 0, max_captions=1)
    assert set(capped.captions()) < set(whole.captions())
    seen = {c for step in range(40) for c in capped.batch(step).captions}
    assert seen <= set(capped.captions())
    by_row = {}
    for step in range(40):
        batch = capped.batch(step)
        for row, caption in zip(batch.rows.tolist(), batch.captions):
            assert by_row.setdefault(row, caption) == caption


def test_same_size_batches(store):
    loader = Loader(store, "train", 16, 0, same_size=True)
    shapes = [{a.shape for a in loader.batch(step).rgba} for step in range(60)]
    assert all(len(s) == 1 for s in shapes)
    assert {s for one in shapes for s in one} == {(16, 16, 4), (24, 16, 4)}
    near = Loader(
        store, "train", 16, 0, max_size=256, bucket_fn=lambda heights, widths: -(-heights // 24) * 99 + -(-widths // 24)
    )
    assert {
        (h <= 24, w <= 24) for step in range(40) for h, w in zip(near.batch(step).heights, near.batch(step).widths)
    } == {
        (True, True),
        (True, False),
    }
    assert len(near._buckets) == 2  # 16x16 and 24x16 together, 16x100 alone
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


@pytest.fixture(scope="module")
def drawn_store(tmp_path_factory):
    store = Store.create(tmp_path_factory.mktemp("loader") / "drawn")
    store.append(sample(1000 + i, source="procedural", split="train", height=16 + 8 * (i % 3)) for i in range(300))
    return store


@pytest.mark.parametrize("memory_limit", [1 << 40, 0])
def test_every_picture_comes_once_before_any_comes_again(drawn_store, memory_limit):
    loader = Loader(drawn_store, "train", 10, 4, temperature=1.0, memory_limit=memory_limit)
    rounds = [[loader.batch(30 * r + step).rows.tolist() for step in range(30)] for r in range(2)]
    assert rounds[0] != rounds[1]
    for batches in rounds:
        assert sorted(row for rows in batches for row in rows) == list(range(300))
    sized = Loader(drawn_store, "train", 10, 4, temperature=1.0, same_size=True, memory_limit=memory_limit)
    seen = {}
    for step in range(60):
        batch = sized.batch(step)
        assert len(set(zip(batch.heights, batch.widths))) == 1
        seen.setdefault(batch.heights[0], []).extend(batch.rows.tolist())
    for rows in seen.values():
        assert len(rows) >= 100
        assert len(set(rows[:100])) == 100


@pytest.mark.parametrize("memory_limit", [1 << 40, 0])
@pytest.mark.parametrize("world", [2, 3, 5])
def test_ranks_are_disjoint_and_together_exhaustive(drawn_store, world, memory_limit):
    kwargs = {"temperature": 1.0, "world_size": world, "memory_limit": memory_limit}
    loaders = [Loader(drawn_store, "train", 60 // world, 7, rank=r, **kwargs) for r in range(world)]
    rows = [row for loader in loaders for step in range(5) for row in loader.batch(step).rows.tolist()]
    assert sorted(rows) == list(range(300))


@given(count=st.integers(1, 400), run=st.integers(1, 30), buffer=st.integers(1, 9), start=st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_a_stream_goes_round_its_members(count, run, buffer, start):
    stream = Stream(np.arange(count, dtype=np.uint32) * 3, (1,), run, buffer)
    start -= start % count
    rounds = stream.at(np.arange(start, start + 3 * count)).reshape(3, count)
    assert (np.sort(rounds, axis=1) == np.arange(count) * 3).all()
    assert np.array_equal(stream.at(np.arange(start + count // 2, start + count)), rounds[0, count // 2 :])


def test_mix_is_read_from_words():
    assert mix_of("real 0.6, procedural 0.4") == {"real": 0.6, "procedural": 0.4}
    for wrong in ("", "real", "real 0.6 procedural 0.4,", "real -1", "real 1, real 2", "real nan"):
        with pytest.raises(BadInput, match="cannot read the mix"):
            mix_of(wrong)


def test_mix_draws_the_named_shares_from_several_stores(store, drawn_store):
    loader = Loader([store, drawn_store], "train", 50, 0, mix={"real": 0.6, "procedural": 0.4})
    counts = Counter(source for step in range(100) for source in loader.batch(step).sources)
    assert counts["procedural"] / counts.total() == pytest.approx(0.4, abs=0.01)
    assert counts["few"] / counts["many"] == pytest.approx((5 / 80) ** 0.5, abs=0.03)
    batch = loader.batch(3)
    for i, row in enumerate(loader.take(batch.rows, ["png", "captions", "source", "kind"])):
        assert np.array_equal(batch.rgba[i], decode_png(row["png"]))
        assert batch.captions[i] in row["captions"]
        assert (batch.sources[i], batch.kinds[i]) == (row["source"], row["kind"])
    named = Loader([store, drawn_store], "train", 50, 0, mix={"few": 3, "procedural": 1})
    counts = Counter(source for step in range(40) for source in named.batch(step).sources)
    assert set(counts) == {"few", "procedural"}
    assert counts["few"] / counts.total() == pytest.approx(0.75, abs=0.01)
    assert set(named.captions()) == set(Loader(drawn_store, "train", 1, 0).captions()) | {
        c for c in Loader(store, "train", 1, 0, sources=["few"]).captions()
    }


def test_a_streamed_store_gives_the_same_batches_cold_and_warm_and_stays_within_its_budget(store, drawn_store):
    settings_ = {"same_size": True, "memory_limit": 0}
    warm = Loader([store, drawn_store], "train", 8, 2, **settings_)
    for step in range(30):
        warm.batch(step)
    for step in (0, 7, 31, 10**7):
        cold = Loader([store, drawn_store], "train", 8, 2, stream_bytes=0, **settings_)
        same(warm.batch(step), cold.batch(step))
    small = Loader(drawn_store, "train", 8, 2, memory_limit=0, stream_bytes=30_000)
    for step in range(40):
        small.batch(step)
        assert small._ahead.bytes <= 30_000
    assert small.cached_bytes == 0


@given(
    weights=st.lists(st.floats(0.001, 1), min_size=1, max_size=6),
    section=st.integers(5, 50),
    start=st.integers(0, 10**9),
)
@settings(max_examples=50, deadline=None)
def test_a_mix_goes_through_each_stream_without_gap_whatever_the_entry(weights, section, start):
    mix = Mix(np.array(weights), section, (1, 2))
    stream, place = mix.at(np.arange(start, start + 4 * section))
    again = mix.at(np.arange(start + section, start + 4 * section))
    assert np.array_equal(again[0], stream[section:])
    assert np.array_equal(again[1], place[section:])
    assert len(set(zip(stream.tolist(), place.tolist()))) == len(stream)
    share = np.array(weights) / sum(weights)
    whole, places = mix.at(np.arange(20 * section))
    for number in range(len(weights)):
        found = np.sort(places[whole == number])
        assert abs(len(found) - 20 * section * share[number]) <= section * share[number] + len(weights) + 2
        assert len(found) == 0 or found[0] == 0
        inner = found[: max(0, len(found) - int(section * share[number]) - 2)]  # the last section is open
        assert np.array_equal(inner, np.arange(len(inner)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"split": "dev"},
        {"batch_size": 0},
        {"seed": -1},
        {"temperature": 2.0},
        {"min_size": 9, "max_size": 8},
        {"kinds": ["no"]},
        {"rank": 2, "world_size": 2},
        {"mix": {}},
        {"mix": {"real": -1.0, "many": 3.0}},
        {"mix": {"real": 1.0, "procedural": 1.0}},
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
