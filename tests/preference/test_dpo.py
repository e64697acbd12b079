"""The DPO loss against hand-computed values, its gradient, and a diffusion whose optimum is known."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import pytest
import torch

from pixelmind.errors import BadInput
from pixelmind.generator.schedule import T_MIN
from pixelmind.preference.dpo import bound_penalty, dpo_loss, even_timesteps, log_ratio, path_kl, time_weight
from pixelmind.preference.dpo_config import DpoConfig

TOY = Path(__file__).resolve().parents[2] / "experiments" / "dpo_toy" / "toy.py"


def canvas(*cells: float) -> torch.Tensor:
    """One picture of one channel and two cells."""
    return torch.tensor(cells, dtype=torch.float64).view(1, 1, 1, 2)


def test_log_ratio_by_hand():
    # target (1, 0); policy off by (0.1, 0.2): 0.05; reference off by (0.3, 0.1): 0.10; gain 0.05 at t = 0.5
    t, valid = torch.tensor([0.5], dtype=torch.float64), torch.ones(1, 1, 1, 2, dtype=torch.float64)
    told = (canvas(1.1, 0.2), canvas(0.7, 0.1), canvas(1.0, 0.0), t, valid)
    assert log_ratio(*told, "velocity").item() == pytest.approx(0.95 * 4 * 0.05)
    assert log_ratio(*told, "likelihood").item() == pytest.approx(0.95 * 0.5 / 0.125 * 0.05)
    valid[..., 1] = 0  # the second cell lies outside the picture
    assert log_ratio(*told, "velocity").item() == pytest.approx(0.95 * 4 * 0.08)


def test_loss_by_hand():
    chosen, rejected = torch.tensor([0.4, -1.0], dtype=torch.float64), torch.tensor([-0.6, 1.0], dtype=torch.float64)
    each = [math.log1p(math.exp(-0.5)), math.log1p(math.exp(1.0))]
    assert dpo_loss(chosen, rejected, 0.5).item() == pytest.approx(sum(each) / 2)
    weighed = dpo_loss(chosen, rejected, 0.5, torch.tensor([3.0, 1.0])).item()
    assert weighed == pytest.approx((3 * each[0] + each[1]) / 4)
    assert dpo_loss(chosen, rejected, 0.5, torch.tensor([1.0, 0.0])).item() == pytest.approx(each[0])


def test_log_two_at_the_start():
    prediction, target = torch.randn(4, 4, 2, 2), torch.randn(2, 4, 4, 2, 2)
    t, valid = torch.rand(4), torch.ones(4, 1, 2, 2)
    same = [log_ratio(prediction, prediction, x, t, valid, "velocity") for x in target]
    assert dpo_loss(*same, beta=5.0).item() == pytest.approx(math.log(2))
    assert dpo_loss(torch.randn(4), torch.randn(4), beta=0.0).item() == pytest.approx(math.log(2))
    assert path_kl(prediction, prediction, t, valid).abs().max() == 0


def test_gradient():
    torch.manual_seed(0)
    policy = torch.randn(2, 3, 2, 2, 2, dtype=torch.float64, requires_grad=True)
    reference, target = torch.randn(2, 2, 3, 2, 2, 2, dtype=torch.float64)
    t, valid = torch.tensor([0.2, 0.6, 0.9], dtype=torch.float64), torch.ones(3, 1, 2, 2, dtype=torch.float64)

    def loss(policy: torch.Tensor) -> torch.Tensor:
        ratio = [log_ratio(policy[i], reference[i], target[i], t, valid, "likelihood") for i in (0, 1)]
        kl = path_kl(policy[0], reference[0], t, valid)
        return dpo_loss(*ratio, beta=0.01, weight=t) + bound_penalty(kl, 3.0)

    assert torch.autograd.gradcheck(loss, (policy,))
    start = reference.clone().requires_grad_(True)
    loss(start).backward()  # the chosen picture is drawn nearer, the rejected one pushed away
    assert start.grad is not None
    assert ((target - reference)[0] * start.grad[0]).sum() < 0 < ((target - reference)[1] * start.grad[1]).sum()


def test_weights_and_noise_levels():
    t = torch.tensor([T_MIN, 0.5, 1.0])
    assert time_weight(t, "velocity").tolist() == pytest.approx([400.0, 4.0, 1.0])
    assert time_weight(t, "likelihood").tolist() == pytest.approx([0.95 / 0.05**3, 4.0, 0.0])
    levels = even_timesteps(200, torch.Generator().manual_seed(0)).sort().values
    assert levels.min() >= T_MIN
    assert levels.max() <= 1
    part = even_timesteps(50, torch.Generator().manual_seed(0), 0.2, 0.5)
    assert 0.2 <= part.min() < 0.21
    assert 0.49 < part.max() <= 0.5
    assert (levels.diff() < 2 * 0.95 / 200 + 1e-6).all()  # one in each part


def test_penalty_beyond_the_bound_only():
    assert bound_penalty(torch.tensor([1.0, 3.0]), 2.0).item() == 0
    assert bound_penalty(torch.tensor([1.0, 5.0]), 2.0).item() == pytest.approx(0.5)


@pytest.fixture(scope="module")
def toy() -> ModuleType:
    if not TOY.is_file():
        pytest.skip("experiments/ is not part of an installed package")
    spec = importlib.util.spec_from_file_location("dpo_toy", TOY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_likelihood_weighting_is_the_log_ratio_of_gaussians(toy):
    """Both networks exact: the mean over t and z is log p_theta(x) / p_ref(x), and the divergence that of two Gaussians."""
    draws = 40000
    t = even_timesteps(draws, torch.Generator().manual_seed(0)).double()
    mean, zero = torch.tensor([0.6, -0.3], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    x = torch.tensor([0.5, 0.4], dtype=torch.float64)
    target, valid = x.view(1, 2, 1, 1).expand(draws, 2, 1, 1), torch.ones(draws, 1, 1, 1)
    noise = torch.randn(target.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    noisy = torch.stack([(1 - t)[:, None, None, None] * target + t[:, None, None, None] * s * noise for s in (1, -1)])
    found = [
        log_ratio(toy.exact(mean, y, t), toy.exact(zero, y, t), target, t, valid, "likelihood").mean().item()
        for y in noisy
    ]
    expected = (x.square().sum() - (x - mean).square().sum()) / (2 * toy.S**2)
    assert sum(found) / 2 == pytest.approx(expected.item(), abs=0.03)
    kl = path_kl(toy.exact(mean, noisy[0], t), toy.exact(zero, noisy[0], t), t, valid).mean().item()
    assert kl == pytest.approx((mean.square().sum() / (2 * toy.S**2)).item(), abs=0.02)


def test_the_tilted_gaussian_is_found(toy):
    found = toy.gaussian(1.0, pairs=4000, draws=8, steps=50)
    assert (found["x"], found["y"]) == pytest.approx((found["best_x"], found["best_y"]), abs=0.06)


def test_a_network_moves_to_the_tilted_gaussian(toy):
    found = toy.network(1.0, "likelihood", draws=4, steps=150)
    assert found["shift"] == pytest.approx(found["best_shift"], rel=0.2)
    assert abs(found["aside"]) < 0.1
    assert found["spread"] == pytest.approx(found["best_spread"], abs=0.06)
    assert 0 < found["kl"] < 3 * found["best_kl"]


@pytest.mark.parametrize(
    "settings",
    [
        {"beta": 0.0},
        {"max_kl": 0.0},
        {"sft": -1.0},
        {"drop_text": 2.0},
        {"held_out": 1.0},
        {"draws": 0},
        {"noise_levels": (0.6, 0.2)},
        {"mirror": -1.0},
    ],
)
def test_settings_that_make_no_sense(settings):
    with pytest.raises(BadInput, match=f"dpo.{next(iter(settings))}"):
        DpoConfig(**settings)
