import numpy as np
import pytest
from drawn import blob
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data import dedup


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
