"""A tiny task with all that a resume could get wrong: dropout, a normal draw, BatchNorm buffers, an embedding."""

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parent / "regression_task.py"


def _load():
    spec = importlib.util.spec_from_file_location("regression_task", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["regression_task"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def regression():
    """The module `regression_task`: `RegressionTask` and `run(run_dir, **loop)`; also a script, for tests that kill."""
    return sys.modules.get("regression_task") or _load()
