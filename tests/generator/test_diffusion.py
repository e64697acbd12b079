"""Schedule, loss and sampler against hand-computed values and a case whose optimum is known."""

import math

import pytest
import torch

from pixelmind.generator.denoiser import Condition
from pixelmind.generator.losses import masked_mse_by_level, prior_loss, velocity_loss
from pixelmind.generator.sampler import guided, rolled, sample, seeded_noise
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


def test_a_torus_is_turned_and_turned_back() -> None:
    x = torch.arange(2 * 5 * 6, dtype=torch.float32).reshape(1, 2, 5, 6)
    window = (1, 0, 3, 5)
    (there,) = rolled(window, 1, x)
    assert torch.equal(there[..., 0, :], x[..., 0, :])
    assert torch.equal(there[..., 5:], x[..., 5:])
    assert there[0, 0, 2, 2] == x[0, 0, 1, 0]
    assert torch.equal(rolled(window, -1, there)[0], x)


def test_a_seamless_picture_is_drawn_alike_at_its_edges() -> None:
    """A network that fades what it draws towards its frame's edges leaves a seam; seen turned at every other call, it does not."""
    ramp = torch.minimum(torch.arange(16), torch.arange(15, -1, -1)).float() / 7 - 0.5

    def predict(x: torch.Tensor, t: torch.Tensor, cond: Condition) -> tuple[torch.Tensor, None]:
        return (x * 0.5 + (ramp[:, None] + ramp) * 0.5).expand(len(x), 4, -1, -1), None

    calls: list[torch.Tensor] = []
    args = {"num_inference_steps": 2, "on_step": lambda step, x: calls.append(x)}
    sample(predict, torch.zeros(1, 4, 16, 16), blank(1), torus=(0, 0, 16, 16), **args)
    assert torch.equal(calls[0], predict(torch.zeros(1, 4, 16, 16), torch.ones(1), blank(1))[0])
    assert calls[1][0, 0, 0, 0] > calls[1][0, 0, 8, 8]  # the second call saw the corner in the middle
