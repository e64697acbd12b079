import threading

import pytest

from pixelmind.training.prefetch import Prefetcher
from pixelmind.training.seeds import derive, numpy_rng


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_batches_come_in_order_from_the_first(depth):
    batches = Prefetcher(lambda step: step * 10, 4, depth)
    assert [batches.next() for _ in range(5)] == [40, 50, 60, 70, 80]
    batches.close()
    assert not [t for t in threading.enumerate() if t.name == "batches"]


def test_an_error_comes_at_its_place():
    def make(step):
        if step == 2:
            raise OSError("gone")
        return step

    batches = Prefetcher(make, 0, 2)
    assert [batches.next(), batches.next()] == [0, 1]
    with pytest.raises(OSError, match="gone"):
        batches.next()
    batches.close()


def test_seeds_differ_by_each_of_their_parts():
    assert len({derive(1, 2, "a"), derive(2, 1, "a"), derive(1, 2, "b"), derive(12, 2, "a"), derive(1, 22, "a")}) == 5
    assert numpy_rng(1, 2).random() == numpy_rng(1, 2).random() != numpy_rng(1, 3).random()
