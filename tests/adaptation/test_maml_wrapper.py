"""Meta-gradients against hand computation, finite differences, and closed forms."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from pixelmind.adaptation.maml_wrapper import RATE_GAIN, MAMLWrapper, Parameters
from pixelmind.adaptation.reptile import Reptile
from pixelmind.errors import BadInput


class Point(nn.Module):
    def __init__(self, value: float) -> None:
        super().__init__()
        self.at = nn.Parameter(torch.tensor([value], dtype=torch.float64))

    def forward(self) -> torch.Tensor:
        return self.at


def quadratic(point: Parameters):
    """c / 2 (theta - m)^2 for a batch {c, m}."""
    return lambda params, batch: (batch["c"] / 2 * (point(params) - batch["m"]) ** 2).sum()


def tasks(**values: list[float]) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(v, dtype=torch.float64) for name, v in values.items()}


@pytest.mark.parametrize("steps", [1, 3])
def test_the_meta_gradient_of_a_quadratic_is_exact(steps):
    alpha, theta, c, m, cq, mq = 0.1, 2.0, 3.0, 0.5, 1.5, -1.0
    adapted = theta
    for _ in range(steps):
        adapted -= alpha * c * (adapted - m)
    for first_order in (False, True):
        selection = Parameters(Point(theta))
        wrapper = MAMLWrapper(
            selection, quadratic(selection), inner_lr=alpha, inner_steps=steps, first_order=first_order
        ).double()
        out = wrapper(tasks(c=[c], m=[m]), tasks(c=[cq], m=[mq]))
        out["loss"].backward()
        slope = cq * (adapted - mq)
        want = slope if first_order else slope * (1 - alpha * c) ** steps
        assert wrapper.start[0].grad.item() == pytest.approx(want, rel=1e-12)
        assert out["loss"].item() == pytest.approx(cq / 2 * (adapted - mq) ** 2, rel=1e-12)
        assert out["before"].item() == pytest.approx(cq / 2 * (theta - mq) ** 2, rel=1e-12)


def test_a_learned_rate_has_the_gradient_of_its_quadratic():
    alpha, theta, c, m, cq, mq = 0.1, 2.0, 3.0, 0.5, 1.5, -1.0
    selection = Parameters(Point(theta))
    wrapper = MAMLWrapper(
        selection, quadratic(selection), inner_lr=alpha, inner_steps=1, first_order=True, learn_rates=True
    ).double()
    wrapper(tasks(c=[c], m=[m]), tasks(c=[cq], m=[mq]))["loss"].backward()
    adapted = theta - alpha * c * (theta - m)
    want = cq * (adapted - mq) * -c * (theta - m) * alpha * RATE_GAIN
    assert wrapper.rate_shifts.grad.item() == pytest.approx(want, rel=1e-12)


def small_problem(first_order: bool, steps: int = 3):
    torch.manual_seed(3)
    net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    selection = Parameters(net)

    def loss(params, batch):
        return (selection(params, batch["x"]) - batch["y"]).square().mean()

    wrapper = MAMLWrapper(selection, loss, inner_lr=0.2, inner_steps=steps, first_order=first_order).double()
    rng = torch.Generator().manual_seed(4)
    support, query = (
        {k: torch.randn(5, 6, d, generator=rng, dtype=torch.float64) for k, d in (("x", 2), ("y", 1))} for _ in "ab"
    )
    return wrapper, support, query


def test_second_order_agrees_with_finite_differences():
    wrapper, support, query = small_problem(first_order=False)
    wrapper(support, query)["loss"].backward()
    eps = 1e-5
    for p in wrapper.start:
        for index in range(p.numel()):
            values = []
            for sign in (1, -1):
                p.data.view(-1)[index] += sign * eps
                values.append(wrapper(support, query)["loss"].item())
                p.data.view(-1)[index] -= sign * eps
            assert p.grad.view(-1)[index].item() == pytest.approx((values[0] - values[1]) / (2 * eps), abs=1e-8)


def test_first_order_is_the_gradient_at_the_adapted_weights():
    wrapper, support, query = small_problem(first_order=True)
    wrapper(support, query)["loss"].backward()
    want = [torch.zeros_like(p) for p in wrapper.start]
    for k in range(5):
        s, q = ({n: v[k] for n, v in batch.items()} for batch in (support, query))
        adapted = {n: v.detach().requires_grad_() for n, v in wrapper.adapt(wrapper.params(), s).items()}
        for total, g in zip(want, torch.autograd.grad(wrapper.loss(adapted, q), list(adapted.values()))):
            total += g / 5
    for p, g in zip(wrapper.start, want):
        torch.testing.assert_close(p.grad, g, rtol=1e-10, atol=1e-12)


def test_reptile_is_its_closed_form():
    wrapper, support, query = small_problem(first_order=True)
    reptile = Reptile(wrapper)
    reptile(support, query)["loss"].backward()
    direction = reptile.direction(support)
    for name, p in wrapper.params().items():
        torch.testing.assert_close(p.grad, direction[name], rtol=1e-10, atol=1e-12)
    # on a quadratic: theta - phi_S = (theta - m) (1 - (1 - alpha c)^S)
    selection = Parameters(Point(2.0))
    own = MAMLWrapper(selection, quadratic(selection), inner_lr=0.1, inner_steps=4, first_order=True).double()
    moved = Reptile(own).direction(tasks(c=[3.0, 1.0], m=[0.5, -1.0]))["at"].item()
    assert moved == pytest.approx((1.5 * (1 - 0.7**4) + 3.0 * (1 - 0.9**4)) / 2, rel=1e-12)


def test_adapting_longer_goes_on_with_the_last_rate_and_lowers_the_loss():
    wrapper, support, _ = small_problem(first_order=True)
    batch = {n: v[0] for n, v in support.items()}
    losses = [wrapper.loss(wrapper.adapt(wrapper.params(), batch, steps), batch).item() for steps in (0, 3, 30)]
    assert losses[0] > losses[1] > losses[2]
    assert torch.equal(wrapper.rates(9)[-1], wrapper.rates(3)[-1])


def test_only_the_selected_parameters_move():
    net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    selection = Parameters(net, ["2\\..*"])
    assert selection.names == ["2.weight", "2.bias"]
    with pytest.raises(BadInput, match="no parameter's name fits"):
        Parameters(net, ["blocks"])
    with pytest.raises(BadInput, match="at least 1 inner step"):
        MAMLWrapper(selection, lambda p, b: p["2.bias"].sum(), inner_steps=0)
