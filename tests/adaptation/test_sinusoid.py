"""The sinusoid task of Finn et al. 2017 in its quick form: few meta-updates, but the order of the curves is there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

RUN = Path(__file__).resolve().parents[2] / "experiments" / "maml_sinusoid" / "run.py"


@pytest.fixture(scope="module")
def sinusoid():
    spec = importlib.util.spec_from_file_location("maml_sinusoid", RUN)
    module = importlib.util.module_from_spec(spec)
    sys.modules["maml_sinusoid"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["maml_sinusoid"]


def test_maml_learns_to_learn_where_pretraining_does_not(sinusoid):
    own = sinusoid.meta_train("maml", 500, seed=0, lr=5e-3)
    pretrained = sinusoid.meta_train("pretrained", 300, seed=0, lr=5e-3)
    mse = sinusoid.curve(own, 10, 0.01, seed=0, tasks=200).mean(1)
    plain = sinusoid.curve(pretrained, 10, sinusoid.best_rate(pretrained, 10), seed=0, tasks=200).mean(1)
    assert mse[1] < 0.6 * mse[0]  # one step does most of it
    assert mse[10] < mse[1]  # and more steps do not spoil it
    assert mse[1] < plain[1]
    assert mse[10] < 0.7 * plain[10]
    assert torch.isfinite(mse).all()
