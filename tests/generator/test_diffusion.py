"""Schedule, loss and sampler against hand-computed values and a case whose optimum is known."""

import math

import pytest
import torch

from pixelmind.generator.denoiser import Condition
from pixelmind.generator.losses import masked_mse_by_level, prior_loss, velocity_loss
from pixelmind.generator.sampler import guided, on_torus, sample, seeded_noise
from pixelmind.generator.schedule import T_MIN, add_noise, inference_timesteps, sample_timesteps


def blank(batch: int) -> Condition:
    zeros = torch.zeros(batch, dtype=torch.long)
    return Condition(
        text=torch.zeros(batch, 1, 384), text_mask=torch.zeros(batch, 1, dtype=torch.bool), pooled=torch.zeros(batch, 384),
        size=torch.full((batch, 2), 16.0), style=zeros, kind=zeros, palette=torch.zeros(batch, 0, 3),
        palette_mask=torch.zeros(batch, 0, dtype=torch.bool), augment=torch.zeros(batch),
        references=torch.zeros(batch, 0, 4, 32, 32), reference_mask=torch.zeros(batch, 0, dtype=torch.bool),
        layout=torch.zeros(batch, 0, 0, dtype=torch.long),
    )  # fmt: skip


def test_timesteps_are_logit_normal_and_bounded() -> None:
    t = sample_timesteps(20_000, 0.4, 0.9, torch.Generator().manual_seed(0))
    assert t.min() >= T_MIN
    assert t.max() <= 1
    assert float(t.median()) == pytest.approx(1 / (1 + math.exp(-0.4)), abs=0.01)


def test_shifted_timesteps_by_hand() -> None:
    torch.testing.assert_close(inference_timesteps(2, 3.0), torch.tensor([1.0, 0.75, 0.0]))  # 3*.5 / (1 + 2*.5)


def test_velocity_loss_by_hand() -> None:
    predicted, target = torch.zeros(2, 4, 2, 2), torch.ones(2, 4, 2, 2)
    valid = torch.ones(2, 1, 2, 2)
    valid[1, :, 0] = 0
    predicted[1, :, 0] = 99  # outside the picture: must not count
    loss = velocity_loss(predicted, target, torch.tensor([1.0, 0.5]), valid)
    assert float(loss) == pytest.approx((1 / 1 + 1 / 0.25) / 2)
    assert float(masked_mse_by_level(predicted, target, valid)) == pytest.approx(1.0)


def test_velocity_loss_is_the_error_of_the_velocity() -> None:
    rng = torch.Generator().manual_seed(0)
    x, z, guess = (torch.randn(3, 4, 2, 2, generator=rng) for _ in range(3))
    t = torch.tensor([0.2, 0.5, 0.9])
    x_t = add_noise(x, z, t)
    velocity = (x_t - guess) / t[:, None, None, None]
    torch.testing.assert_close(velocity_loss(guess, x, t, torch.ones(3, 1, 2, 2)), (velocity - (z - x)).square().mean())


def test_prior_loss_skips_unknown_rows() -> None:
    logits = torch.zeros(2, 4)
    known = prior_loss(logits, logits, torch.tensor([1, 0]), torch.tensor([2, 0]))
    assert float(known) == pytest.approx(2 * math.log(4))


def test_sampler_ends_on_the_point_a_perfect_denoiser_knows() -> None:
    point = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1)).clamp(-1, 1)
    drawn, _ = sample(
        lambda x, t, c: (point.expand(len(x), -1, -1, -1), None),
        torch.randn(2, 4, 16, 16),
        blank(2),
        num_inference_steps=5,
    )
    torch.testing.assert_close(drawn, point.expand(2, -1, -1, -1))


def test_sampler_draws_a_gaussian_from_its_exact_denoiser() -> None:
    """For x ~ N(m, s^2): E[x | x_t] = m + s^2 (1-t) (x_t - (1-t) m) / ((1-t)^2 s^2 + t^2). Samples must have that mean and spread."""
    m, s = 0.3, 0.2

    def exact(x: torch.Tensor, t: torch.Tensor, cond: Condition) -> tuple[torch.Tensor, None]:
        a, b = (1 - t)[:, None, None, None], t[:, None, None, None]
        return m + s**2 * a * (x - a * m) / (a**2 * s**2 + b**2), None

    drawn, _ = sample(exact, seeded_noise([0], 4, 64, 64), blank(1), num_inference_steps=40)
    assert float(drawn.mean()) == pytest.approx(m, abs=0.01)
    assert float(drawn.std()) == pytest.approx(s, abs=0.02)


def test_guidance_by_hand() -> None:
    def network(x: torch.Tensor, t: torch.Tensor, cond: Condition) -> tuple[torch.Tensor, torch.Tensor]:
        return cond.pooled.sum(1)[:, None, None, None].expand(-1, 4, 2, 2), cond.pooled[:, :1]

    cond, away = blank(1), blank(1)
    cond.pooled[0, 0], away.pooled[0, 0] = 2.0, 0.5
    out, cells = guided(network, torch.zeros(1, 4, 2, 2), 0.5, cond, away, 3.0, None)
    assert cells is not None
    assert cells.tolist() == [[2.0]]
    torch.testing.assert_close(out, torch.full((1, 4, 2, 2), 0.5 + 3 * 1.5))


def test_noise_depends_on_the_own_seed_only() -> None:
    together, alone = seeded_noise([5, 6], 4, 8, 8), seeded_noise([6], 4, 8, 8)
    torch.testing.assert_close(together[1:], alone)
    assert not torch.equal(together[0], together[1])
    assert not torch.equal(seeded_noise([6], 4, 8, 8, stream=1), alone)


def test_high_bits_of_a_seed_count() -> None:
    assert not torch.equal(seeded_noise([6], 4, 8, 8), seeded_noise([6 + (1 << 54)], 4, 8, 8))


def net_like(x: torch.Tensor, t: torch.Tensor, cond: Condition) -> tuple[torch.Tensor, torch.Tensor]:
    """Fades what it draws towards its frame's edges, as networks that never saw beyond them do; features are what it saw."""
    rows, cols = (torch.minimum(torch.arange(n), torch.arange(n - 1, -1, -1)).float() for n in x.shape[-2:])
    return (x[:, :4] * 0.5 + torch.minimum(rows[:, None], cols) / 8).clamp(-1, 1), x


@pytest.mark.parametrize("window", [(0, 0, 16, 16), (2, 0, 12, 16), (1, 3, 9, 7)])
def test_on_a_torus_a_turned_window_is_drawn_as_the_same_window_turned(window: tuple[int, int, int, int]) -> None:
    top, left, height, width = window
    inside = (..., slice(top, top + height), slice(left, left + width))
    x = seeded_noise([3], 4, 16, 16)
    turned = x.clone()
    turned[inside] = x[inside].roll((height // 2 * (height % 2 == 0), width // 2 * (width % 2 == 0)), dims=(-2, -1))
    cond, t = blank(1), torch.ones(1)
    (first, cells), (second, _) = on_torus(net_like, window)(x, t, cond), on_torus(net_like, window)(turned, t, cond)
    assert cells is not None
    torch.testing.assert_close(cells, x)  # turned and turned back
    expected = first[inside].roll((height // 2 * (height % 2 == 0), width // 2 * (width % 2 == 0)), dims=(-2, -1))
    torch.testing.assert_close(second[inside], expected)
    outside = torch.ones(16, 16, dtype=torch.bool)
    outside[inside[1:]] = False
    torch.testing.assert_close(first[..., outside], net_like(x, t, cond)[0][..., outside])


def test_edges_that_meet_are_drawn_as_insides() -> None:
    x, cond, t = torch.zeros(1, 4, 16, 16), blank(1), torch.ones(1)
    plain, torus = net_like(x, t, cond)[0], on_torus(net_like, (0, 0, 16, 16))(x, t, cond)[0]
    assert plain[0, 0, 0, 8] == 0
    assert plain[0, 0, 8, 8] > 0.8
    assert torus[0, 0, 0, 8] > 0.6  # its weight lies on the view that saw it in the middle
    steps = {"num_inference_steps": 3, "guidance_scale": 2.0, "negative": cond}
    drawn = sample(on_torus(net_like, (0, 0, 16, 16)), seeded_noise([1], 4, 16, 16), cond, **steps)[0]
    assert drawn.shape == (1, 4, 16, 16)
