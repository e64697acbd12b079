import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmind.data.splits import SHARES, split_of
from pixelmind.records import SPLITS


def test_shares_cover_every_split_once():
    assert {name for name, _ in SHARES} == set(SPLITS)
    assert sum(share for _, share in SHARES) == pytest.approx(1.0)


def test_split_is_the_hash_in_the_unit_interval():
    # sha256("abc") starts ba7816bf..., 0xba78.../2^64 = 0.7284: just past train's 0.72
    assert hashlib.sha256(b"abc").hexdigest().startswith("ba7816bf")
    assert split_of("abc") == "judge"
    # sha256("") starts e3b0c442..., 0.8894
    assert split_of("") == "judge"


def test_shares_are_met():
    counts = Counter(split_of(f"cluster {i}") for i in range(20_000))
    for name, share in SHARES:
        assert counts[name] / 20_000 == pytest.approx(share, abs=0.01)


@given(st.text(max_size=80))
def test_split_is_a_function_of_the_cluster_alone(cluster):
    assert split_of(cluster) == split_of(cluster)
    assert split_of(cluster) in SPLITS
