"""Helpers of this folder are importable by their file names; a critic and a refiner of untrained weights."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def tiny_inspector(tmp_path_factory) -> Any:
    """An inspector from its bundle."""
    from tiny_critic import put

    from pixelmind.quality.inspector import load_inspector

    folder = tmp_path_factory.mktemp("critic")
    put(folder)
    return load_inspector(folder)
