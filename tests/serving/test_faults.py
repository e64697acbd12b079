"""The fault table (`benchmarks/faults.py`): faults of real processes. Nothing acknowledged is lost, all comes back by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import faults


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in faults.ROWS if name not in faults.TESTS])
def test_nothing_is_lost_and_it_comes_back(name: str) -> None:
    try:
        found = faults.run(name)
    except faults.NotHere as why:
        pytest.skip(str(why))
    assert found.acknowledged > 0
    assert (found.lost, found.twice) == (0, 0), found.saw


def test_rows_that_are_tests_name_tests_that_exist() -> None:
    root = Path(__file__).resolve().parents[2]
    for _, node in faults.TESTS.values():
        path, _, test = node.partition("::")
        assert f"def {test}(" in (root / path).read_text()
