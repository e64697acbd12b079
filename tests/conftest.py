"""Shared by all rooms: property tests draw the same examples on every CI run; a Ray of one's own where it is installed."""

import gc
import os
import warnings

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture
def ray_here(monkeypatch):
    """Skip without Ray; else a test starts its own, whatever cluster the environment names.

    Give the test the mark `ray` and `filterwarnings("ignore")` too: Ray leaves processes and sockets open, which are
    collected here, where nobody is told.
    """
    pytest.importorskip("ray", reason="needs the extra 'ray': pip install -c constraints.txt -e '.[ray]'")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
