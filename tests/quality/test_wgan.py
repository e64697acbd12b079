"""WGAN-GP: the losses against values worked out by hand, and the critic's estimate against exact Wasserstein distances."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from pixelmind.quality.wgan import critic_loss, generator_loss, gradient_norms, gradient_penalty

TOY = Path(__file__).resolve().parents[2] / "experiments" / "wgan_toy" / "toy.py"


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_losses_by_hand() -> None:
    real, fake = torch.tensor([1.0, 2.0, 6.0]), torch.tensor([0.5, -1.5])
    assert critic_loss(real, fake).item() == -0.5 - 3.0
    assert generator_loss(fake).item() == 0.5


def test_penalty_of_a_linear_critic() -> None:
    weight = torch.tensor([3.0, -4.0])  # the gradient is the weight everywhere: norm 5
    real, fake = torch.randn(7, 2, generator=rng()), torch.randn(7, 2, generator=rng(1))
    assert gradient_penalty(lambda x: x @ weight, real, fake, rng()).item() == pytest.approx((5 - 1) ** 2)
    assert gradient_penalty(lambda x: x @ weight / 5, real, fake, rng()).item() == pytest.approx(0, abs=1e-12)
    assert gradient_penalty(lambda x: (x @ weight)[:, None] / 10, real, fake, rng()).item() == pytest.approx(0.25)


def test_penalty_is_two_sided_and_of_each_sample() -> None:
    # f(x) = x^2 / 2 has the gradient x: at x^ = 0, 1 and 3 the penalty is 1, 0 and 4
    at = torch.tensor([[0.0], [1.0], [3.0]])
    assert gradient_penalty(lambda x: x.square().sum(1) / 2, at, at, rng()).item() == pytest.approx(5 / 3)
    one_sided = gradient_penalty(lambda x: x.square().sum(1) / 2, at, at, rng(), one_sided=True)
    assert one_sided.item() == pytest.approx(4 / 3)


def test_norms_of_images_take_all_channels_and_cells() -> None:
    images = torch.full((2, 4, 3, 5), 0.5)
    images[1] = 0.25  # gradient of sum x^2 is 2 x: norm sqrt(60) and sqrt(60) / 2
    assert gradient_norms(lambda x: x.square().sum(dim=(1, 2, 3)), images).tolist() == pytest.approx([60**0.5, 15**0.5])
    weight = torch.randn(4, 3, 5, generator=rng())
    found = gradient_penalty(lambda x: (x * weight).sum(dim=(1, 2, 3)), images, torch.zeros_like(images), rng())
    assert found.item() == pytest.approx((weight.norm().item() - 1) ** 2)


def test_one_epsilon_a_sample_uniform_between_fake_and_real() -> None:
    seen: list[Tensor] = []

    def critic(x: Tensor) -> Tensor:
        seen.append(x.detach())
        return x.sum(dim=(1, 2, 3))

    gradient_penalty(critic, torch.ones(4000, 4, 2, 2), torch.zeros(4000, 4, 2, 2), rng())
    epsilon = seen[0]  # real is 1 and fake 0, so a point between is its epsilon
    assert torch.equal(epsilon, epsilon[:, :1, :1, :1].expand_as(epsilon))
    epsilon = epsilon[:, 0, 0, 0]
    assert epsilon.unique().numel() > 3900
    assert 0 <= epsilon.min() < 0.01
    assert 0.99 < epsilon.max() <= 1
    assert epsilon.mean().item() == pytest.approx(0.5, abs=0.02)
    assert epsilon.var().item() == pytest.approx(1 / 12, abs=0.005)


def test_penalty_is_the_same_for_the_same_draws() -> None:
    critic = nn.Sequential(nn.Linear(3, 8), nn.SiLU(), nn.Linear(8, 1))
    real, fake = torch.randn(5, 3, generator=rng()), torch.randn(5, 3, generator=rng(1))
    one, same, other = (gradient_penalty(critic, real, fake, rng(s)).item() for s in (4, 4, 5))
    assert one == same != other


def test_gradients_of_the_penalty_by_finite_differences() -> None:
    """Of the weights, through the gradient in it: the double backward pass of alg. 1, line 9."""
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.Tanh(), nn.Flatten(), nn.Linear(3 * 12, 1)).double()
    real, fake = (torch.randn(3, 2, 3, 4, generator=rng(s), dtype=torch.float64) for s in (0, 1))

    def penalty() -> Tensor:
        return gradient_penalty(critic, real, fake, rng(7))

    penalty().backward()
    step = 1e-6
    for parameter in critic.parameters():
        if parameter.grad is None:
            continue
        for place in range(0, parameter.numel(), 7):
            flat = parameter.data.view(-1)
            kept = flat[place].item()
            flat[place] = kept + step
            above = penalty().item()
            flat[place] = kept - step
            below = penalty().item()
            flat[place] = kept
            assert parameter.grad.view(-1)[place].item() == pytest.approx(
                (above - below) / (2 * step), rel=1e-5, abs=1e-8
            )
    assert critic[0].weight.grad is not None
    assert critic[0].weight.grad.abs().sum() > 0
    assert critic[3].bias.grad is None or not critic[3].bias.grad.any()  # a shift of the score changes no gradient


def test_no_gradient_into_the_samples_and_finite_where_the_critic_is_flat() -> None:
    weight = torch.zeros(2, requires_grad=True)
    real, fake = torch.ones(4, 2, requires_grad=True), torch.zeros(4, 2, requires_grad=True)
    penalty = gradient_penalty(lambda x: x @ weight, real, fake, rng())
    penalty.backward()
    assert penalty.item() == 1
    assert weight.grad is not None
    assert weight.grad.isfinite().all()
    assert real.grad is None
    assert fake.grad is None


def test_measured_where_gradients_are_off() -> None:
    weight = torch.tensor([0.6, 0.8], requires_grad=True)
    with torch.no_grad():
        penalty = gradient_penalty(lambda x: 3 * x @ weight, torch.ones(4, 2), torch.zeros(4, 2), rng())
    assert penalty.item() == pytest.approx(4)
    assert not penalty.requires_grad


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"one shape, got \(4, 2\) and \(3, 2\)"):
        gradient_penalty(lambda x: x.sum(1), torch.ones(4, 2), torch.zeros(3, 2), rng())


# ---- toys of the paper against exact distances -----------------------------------------------------------------------
@pytest.fixture(scope="module")
def toy() -> Iterator[ModuleType]:
    """experiments/wgan_toy/toy.py, which needs POT."""
    if not TOY.is_file():
        pytest.skip("experiments/ is not part of an installed package")
    pytest.importorskip("ot")
    spec = importlib.util.spec_from_file_location("wgan_toy", TOY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["wgan_toy"] = module
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    spec.loader.exec_module(module)
    yield module
    torch.set_num_threads(threads)
    del sys.modules["wgan_toy"]


def test_the_exact_distance_is_exact(toy: ModuleType) -> None:
    p, q = toy.swiss_roll(200, rng(1)), toy.gaussian(200, rng(2))
    value, g = toy.exact_w1(p, q)
    cost = torch.cdist(p.double(), q.double()).numpy()
    rows, columns = linear_sum_assignment(cost)  # of equally many samples the best plan is an assignment
    assert value == pytest.approx(cost[rows, columns].mean(), rel=1e-9)
    assert toy.dual_bound(q, g, p, q) == pytest.approx(value, rel=1e-9)  # and the dual has no gap
    assert toy.exact_w1(p, p + torch.tensor([0.6, -0.8]))[0] == pytest.approx(1, rel=1e-6)
    scaled, _ = toy.exact_w1(p, 1.8 * p)
    assert scaled == pytest.approx(0.8 * p.norm(dim=1).mean().item(), rel=1e-6)
    exact, _, _ = toy.truth(toy.eight_gaussians, toy.scaled(toy.eight_gaussians, 1.8), 800, 0)
    assert exact.below < 0.8 * math.sqrt(2) * 1.01  # the distributions' own: radius sqrt(2) times 0.8
    assert exact.below == pytest.approx(exact.samples, rel=0.05)


def test_readings_of_a_critic_by_hand(toy: ModuleType) -> None:
    # raw 1.2 = W (1 + W / 2) at lambda 1: W = sqrt(3.4) - 1
    found = toy.Estimate(raw=1.2, mean_slope=1.5, largest_slope=2.0, weight=1.0)
    assert (found.by_mean_slope, found.by_largest_slope) == pytest.approx((0.8, 0.6))
    assert found.solved == pytest.approx(math.sqrt(3.4) - 1)
    assert found.solved * (1 + found.solved / 2) == pytest.approx(1.2)


@pytest.mark.parametrize("name", ["8 Gaussians", "Swiss roll"])
def test_the_critics_estimate_is_within_ten_percent(toy: ModuleType, name: str) -> None:
    """Against a normal distribution, on samples that the critic never saw, as is. Over ten seeds the worst error was 5 %."""
    draw = toy.DISTRIBUTIONS[name]
    exact, p, q = toy.truth(draw, toy.gaussian, 1500, seed=0, fresh=20_000)
    settings = toy.Settings(steps=1000, lr=2e-3, width=64, one_sided=True)
    found = toy.estimate(toy.CriticTrainer(settings, seed=0).fit(draw, toy.gaussian), p, q)
    assert abs(found.raw / exact.samples - 1) < 0.1
    assert abs(found.raw / exact.middle - 1) < 0.1
    assert abs(found.solved / exact.samples - 1) < 0.1
    assert found.by_largest_slope < exact.samples  # a function that is 1-Lipschitz cannot say more
    untrained = toy.estimate(toy.CriticTrainer(settings, seed=0), p, q)
    assert abs(untrained.raw / exact.samples - 1) > 0.5
