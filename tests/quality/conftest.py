"""Helpers of this folder are importable by their file names; a critic and a refiner of untrained weights; a store of drawn scenes."""

import sys
from pathlib import Path
from typing import Any

import pytest

from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.stage import synth

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def tiny_inspector(tmp_path_factory) -> Any:
    """An inspector from its bundle."""
    from tiny_critic import put

    from pixelmind.quality.inspector import load_inspector

    folder = tmp_path_factory.mktemp("critic")
    put(folder)
    return load_inspector(folder)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of small drawn scenes."""
    path = tmp_path_factory.mktemp("scenes") / "store"
    synth(SynthConfig(num_samples=480, composed=0.0, max_size=32, progress=False), path)
    return path
