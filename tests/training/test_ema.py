import pytest
import torch
from torch import nn

from pixelmind.training.ema import Ema, decay


def test_decay_halves_over_a_half_life():
    assert decay(1000, 10**9, 1000) == pytest.approx(0.5)
    assert decay(1000, 10**9, 100) ** 10 == pytest.approx(0.5)


def test_decay_ramps_up_as_in_edm():
    # EDM: half-life = min(half-life, 0.05 * seen) -> 0.05 * 2000 = 100 samples; 50 more samples: 0.5 ** 0.5
    assert decay(1000, 2000, 50) == pytest.approx(2**-0.5)
    assert decay(1000, 0, 8) == 0.0


def test_update_by_hand():
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, 2.0)
    ema = Ema({"net": net}, 100.0)
    with torch.no_grad():
        net.weight.fill_(6.0)
    ema.update(samples_seen=10**9, samples_passed=100)  # beta 1/2: 2 + (6 - 2) / 2
    assert ema.modules["net"].weight.item() == pytest.approx(4.0)
    ema.update(samples_seen=10**9, samples_passed=200)  # beta 1/4: 4 + (6 - 4) * 3/4
    assert ema.modules["net"].weight.item() == pytest.approx(5.5)
    assert net.weight.item() == 6.0


def test_frozen_weights_stay_and_buffers_are_taken_over():
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    net[0].requires_grad_(False)
    ema = Ema({"net": net}, 1.0)
    before = ema.modules["net"][0].weight.clone()
    with torch.no_grad():
        net[0].weight.add_(1.0)
        net[1].running_mean.fill_(3.0)
    ema.update(100, 100)
    ema.copy_buffers()
    assert torch.equal(ema.modules["net"][0].weight, before)
    assert torch.equal(ema.modules["net"][1].running_mean, torch.full((2,), 3.0))
    assert not ema.modules["net"].training
    assert not any(p.requires_grad for p in ema.modules["net"].parameters())
