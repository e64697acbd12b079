from dataclasses import replace

import numpy as np
import pytest
from drawn import blob, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data import dedup
from pixelmind.data.store import Store
from pixelmind.data.thin import first_of, thin
from pixelmind.errors import BadInput
from pixelmind.pixels.png import encode_rgba_png


def arrays(pictures):
    hashes = np.array([dedup.phash(p) for p in pictures], dtype=np.uint64)
    marks = np.frombuffer(b"".join(dedup.signature(p) for p in pictures), dtype=np.uint8)
    return hashes, marks.reshape(len(pictures), dedup.SIGNATURE_BYTES)


def near(a, b):
    return len(dedup.near_pairs(*arrays([a, b]))) == 1


def test_area_matrix_by_hand():
    # 3 pixels into 2 cells: the middle pixel is shared; each row averages
    assert dedup._area(3, 2) == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]]))
    assert dedup._area(2, 4) == pytest.approx(np.array([[1, 0], [1, 0], [0, 1], [0, 1]]))


def test_dct_matches_scipy():
    from scipy.fft import dct

    signal = np.random.default_rng(0).random(32)
    assert dedup._dct(32) @ signal == pytest.approx(dct(signal, type=2)[:8] / 2, rel=1e-4, abs=1e-4)


def test_signature_of_white_is_known():
    white = np.full((8, 8, 4), 255, dtype=np.uint8)
    cells = np.frombuffer(dedup.signature(white), dtype=np.uint8).reshape(4, 4, 3)
    assert (cells[..., 0] == 255).all()  # OKLab lightness of white is 1
    assert np.abs(cells[..., 1:].astype(int) - 128).max() <= 1


def test_first_bit_says_lighter_or_darker_than_grey():
    picture = blob(1)
    for value, bit in ((255, 1), (0, 0)):
        picture[picture[..., 3] > 0, :3] = value
        assert dedup.phash(picture) >> 63 == bit


@given(st.integers(0, 500), st.integers(0, 6), st.integers(0, 6))
@settings(max_examples=20, deadline=None)
def test_margins_and_enlargement_change_nothing(seed, top, left):
    picture = blob(seed)
    moved = np.pad(picture, ((top, 3), (left, 1), (0, 0)))
    assert dedup.phash(moved) == dedup.phash(picture)
    assert dedup.signature(moved) == dedup.signature(picture)
    assert near(picture, picture.repeat(2, 0).repeat(2, 1))


def test_one_cell_touched_is_near_and_a_recolour_is_not():
    picture = blob(3, 32, 32)
    touched = picture.copy()
    touched[15, 15, :3] ^= 40
    assert near(picture, touched)
    recoloured = picture.copy()
    recoloured[..., :3] = np.where(picture[..., 3:] > 0, picture[..., [2, 0, 1]], 0)
    assert not near(picture, recoloured)


def test_different_pictures_are_not_near():
    assert len(dedup.near_pairs(*arrays([blob(i) for i in range(200)]))) == 0


def test_lsh_finds_what_all_pairs_find():
    rng = np.random.default_rng(0)
    pictures = []
    for i in range(150):
        base = blob(i, 24, 24)
        pictures.append(base)
        for _ in range(i % 3):
            copy = base.copy()
            y, x = rng.integers(4, 20, 2)
            copy[y, x, :3] ^= 24
            pictures.append(copy)
    hashes, marks = arrays(pictures)
    found = {tuple(p) for p in dedup.near_pairs(hashes, marks).tolist()}
    gap = np.abs(marks[:, None].astype(int) - marks[None])
    close = np.bitwise_count(hashes[:, None] ^ hashes[None]) <= dedup.MAX_BITS
    close &= (gap.mean(2) <= dedup.MAX_MEAN) & (gap.max(2) <= dedup.MAX_CELL)
    every = {(i, j) for i, j in np.argwhere(close).tolist() if i < j}
    assert found <= every
    assert len(found) >= 0.99 * len(every) > 100


def test_mirrored_hash_and_signature_are_those_of_the_mirrored_picture():
    pictures = [blob(i, 20 + i % 7, 24) for i in range(60)]
    hashes, marks = arrays(pictures)
    truth = arrays([np.ascontiguousarray(p[:, ::-1]) for p in pictures])
    turned = dedup.mirrored(hashes, marks)
    assert np.abs(turned[1].astype(int) - truth[1]).max() <= 1  # rounding
    off = np.bitwise_count(turned[0] ^ truth[0])
    assert np.median(off) <= 4
    assert off.max() <= dedup.MAX_BITS
    again = dedup.mirrored(*turned)
    assert np.array_equal(again[0], hashes)
    assert np.array_equal(again[1], marks)


@given(st.integers(0, 500))
@settings(max_examples=8, deadline=None)
def test_a_mirrored_copy_is_near_where_asked(seed):
    picture = blob(seed, 24, 20)
    touched = np.ascontiguousarray(picture[:, ::-1])
    touched[12, 9, :3] ^= 16
    three = arrays([picture, blob(seed + 1000, 24, 20), touched])
    assert dedup.near_pairs(*three, mirror=True).tolist() == [[0, 2]]
    assert dedup.near_pairs(*three).tolist() == []


def test_symmetric_pictures_are_near_themselves_once():
    half = blob(2, 24, 12)
    whole = np.concatenate([half, half[:, ::-1]], axis=1)
    assert dedup.near_pairs(*arrays([whole, whole, blob(9)]), mirror=True).tolist() == [[0, 1]]


def planted(count, rng):
    """Random hashes and signatures uint8 [count, 48], the last tenth planted near copies: 0 to 12 bits off, some mirrored."""
    hashes = rng.integers(0, 2**64, count, dtype=np.uint64)
    marks = rng.integers(0, 256, (count, dedup.SIGNATURE_BYTES), dtype=np.uint8)
    copies = np.arange(count - count // 10, count)
    origin = rng.choice(count // 2, len(copies), replace=False)
    hashes[copies], marks[copies] = hashes[origin], marks[origin]
    turn = copies[::2]
    hashes[turn], marks[turn] = dedup.mirrored(hashes[turn], marks[turn])
    for row in copies:
        for bit in rng.choice(64, rng.integers(0, dedup.MAX_BITS + 1), replace=False):
            hashes[row] ^= np.uint64(1) << np.uint64(bit)
    return hashes, marks, np.stack([origin, copies], axis=1)


def test_recall_of_planted_near_copies():
    hashes, marks, pairs = planted(20_000, np.random.default_rng(0))
    found = {tuple(p) for p in dedup.near_pairs(hashes, marks, mirror=True).tolist()}
    hit = np.mean([tuple(p) in found for p in pairs.tolist()])
    assert hit >= 0.98
    assert len(found) < 1.01 * len(pairs)


def test_of_near_rows_the_first_by_rank_stays_by_hand():
    # 0-1-2 a chain, 3-4 a pair of which 3 may not go, 5 alone; rank puts 1 first
    pairs = np.array([[0, 1], [1, 2], [3, 4]])
    rank, droppable = np.array([2, 1, 2, 0, 1, 1]), np.array([True, True, True, False, True, True])
    assert first_of(rank, droppable, pairs).tolist() == [False, True, False, True, False, True]
    assert first_of(np.zeros(6, dtype=np.int64), droppable, pairs).tolist() == [True, False, True, True, False, True]
    assert first_of(rank, np.zeros(6, dtype=bool), pairs).all()


def test_thinned_store_has_no_near_pair_of_drawn_scenes_and_all_real_art(tmp_path):
    store = Store.create(tmp_path / "a")

    def near(seed, turn, **fields):
        base = sample(seed, height=20, width=20, **fields)
        rgba = blob(seed, 20, 20)[:, ::-1] if turn else blob(seed, 20, 20)
        rgba = np.ascontiguousarray(rgba)
        rgba[9, 9, :3] ^= 16
        return replace(base, png=encode_rgba_png(rgba))

    drawn = {"source": "procedural"}
    store.append(sample(i, height=20, width=20, split="train", **drawn) for i in range(12))
    store.append(near(i, i % 2, split="test", **drawn) for i in range(6))
    store.append(
        [sample(20, height=20, width=20, split="train"), near(20, True, split="train"), near(7, True, split="judge")]
    )
    result = thin(store, tmp_path / "b")
    found = Store.open(tmp_path / "b")
    assert (result.kept, result.dropped, result.dropped_splits) == (len(found), 7, {"train": 7})
    assert result.crossing_before == 7
    assert found.manifest["splits"] == {"train": 7, "val": 0, "test": 6, "judge": 1}
    left = dedup.near_pairs(found.column("phash").astype(np.uint64), found.signatures(), mirror=True)
    assert found.column("source")[left].tolist() == [["drawn", "drawn"]]
    assert found.manifest["skipped"]["procedural"] == {"near duplicate": 7}
    with pytest.raises(BadInput, match="already holds"):
        thin(store, tmp_path / "b")


def test_bits_are_reordered_and_none_lost():
    keys = np.random.default_rng(1).integers(0, 2**64, 50, dtype=np.uint64)
    for table in (0, 5):
        turned = dedup._reordered(keys, table)
        assert np.array_equal(np.bitwise_count(turned), np.bitwise_count(keys))
        assert np.array_equal(np.bitwise_count(turned[1:] ^ turned[:-1]), np.bitwise_count(keys[1:] ^ keys[:-1]))
    assert not np.array_equal(dedup._reordered(keys, 0), dedup._reordered(keys, 1))


def test_components_and_groups_by_hand():
    pairs = np.array([[0, 1], [1, 4]])
    labels = dedup.components(5, pairs)
    assert labels[0] == labels[1] == labels[4]
    assert len({labels[0], labels[2], labels[3]}) == 3
    groups = np.array(["", "b", "a", "b", "a", "", "b"], dtype=object)
    chained = dedup.components(7, dedup.group_pairs(groups))
    assert chained[1] == chained[3] == chained[6]
    assert chained[2] == chained[4]
    assert len(set(chained.tolist())) == 4
    assert dedup.group_pairs(np.array(["", ""], dtype=object)).shape == (0, 2)
