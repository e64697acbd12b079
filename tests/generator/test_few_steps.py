"""Adversarial tuning: losses by hand, gradients that stay apart, and a tiny run end to end."""

import math
from pathlib import Path

import pytest
import torch
from tests.generator.test_diffusion import blank

from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.few_steps import (
    Discriminator,
    FewStepsConfig,
    adversarial_losses,
    gradient_penalty,
    relativistic_loss,
)
from pixelmind.generator.few_steps_task import run
from pixelmind.generator.pipeline import PixelPipeline
from pixelmind.generator.sampler import sample
from pixelmind.training.config import LoopConfig


def tiny(**changes: object) -> FewStepsConfig:
    loop = LoopConfig(steps=3, batch_size=4, lr=1e-3, warmup_steps=1, ema_halflife_samples=(8.0,), validate_every=0)
    return FewStepsConfig(**{"steps": 2, "widths": (8, 16), "loop": loop, **changes})  # type: ignore[arg-type]


def test_relativistic_loss_by_hand() -> None:
    loss = relativistic_loss(torch.tensor([2.0, 0.0]), torch.tensor([1.0, 0.0]))
    assert float(loss) == pytest.approx((math.log(1 + math.exp(-1)) + math.log(2)) / 2)


def test_gradient_penalty_by_hand() -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    logits = 3 * x[:, 0] + x[:, 1] ** 2 / 2  # gradient (3, x1): squares 9 + 4 and 9 + 16
    assert float(gradient_penalty(logits, x).detach()) == pytest.approx((13 + 25) / 2)


def test_each_loss_reaches_its_own_network_only() -> None:
    torch.manual_seed(0)
    judge = Discriminator(4, (8, 16))
    real, drawn = torch.randn(3, 4, 8, 8), torch.randn(3, 4, 8, 8, requires_grad=True)
    fooled, told_apart, right = adversarial_losses(judge, real, drawn, torch.full((3,), 0.5), blank(3), None, 1.0)
    fooled.backward(retain_graph=True)
    assert drawn.grad is not None
    assert float(drawn.grad.abs().sum()) > 0
    assert all(p.grad is None for p in judge.parameters())
    before = drawn.grad.clone()
    told_apart.backward()
    assert torch.equal(drawn.grad, before)
    assert all(p.grad is not None for p in judge.stem.parameters())
    assert 0 <= float(right) <= 1


def test_a_discriminator_learns_what_is_real() -> None:
    torch.manual_seed(0)
    judge = Discriminator(4, (8, 16))
    optimizer = torch.optim.AdamW(judge.parameters(), 3e-3)
    generator = torch.Generator().manual_seed(1)
    for _ in range(60):
        real = torch.rand(8, 4, 8, 8, generator=generator) * 0.2 + 0.5
        drawn = torch.rand(8, 4, 8, 8, generator=generator) * 0.2 - 0.5
        _, loss, right = adversarial_losses(judge, real, drawn, torch.full((8,), 0.5), blank(8), None, 0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(right) == 1


def test_the_words_count_for_the_discriminator() -> None:
    torch.manual_seed(0)
    judge, x = Discriminator(4, (8, 16)), torch.randn(1, 4, 8, 8)
    one, other = blank(1), blank(1)
    other.pooled[:] = 0.05
    assert not torch.allclose(judge(x, torch.ones(1), one), judge(x, torch.ones(1), other))


def test_fresh_noise_takes_the_place_of_the_solver() -> None:
    seen: list[torch.Tensor] = []

    def predict(x: torch.Tensor, t: torch.Tensor, cond: object) -> tuple[torch.Tensor, None]:
        seen.append(x)
        return torch.full_like(x, 0.5), None

    out, _ = sample(
        predict,
        torch.zeros(1, 4, 4, 4),
        blank(1),
        num_inference_steps=2,
        fresh=lambda step: torch.full((1, 4, 4, 4), float(step + 1)),
    )
    torch.testing.assert_close(seen[1], torch.full((1, 4, 4, 4), 0.5 * 0.5 + 0.5 * 1.0))
    assert (out == 0.5).all()


@pytest.mark.parametrize("level", [16, 64])
def test_tuning_end_to_end(tiny_store: Path, bundle_dir: Path, tmp_path: Path, level: int) -> None:
    bundle, results = run(tiny(), tiny_store, tmp_path, weights=bundle_dir, levels=(level,))
    assert results[level].step == 3
    about = bundle.manifest["parts"][f"level{level}"]
    assert about["timesteps"] == [1.0, 0.5]
    assert about["tuned_samples"] == 12
    calls: list[tuple[int, int, int]] = []
    pipe = PixelPipeline(Bundle(bundle.folder), best_of=1)
    drawn = pipe("a red disc", size=(24, 24), on_step=lambda *call: calls.append(call)).sprites[0]
    assert [c for c in calls if c[0] == level] == [(level, 0, 2), (level, 1, 2)]
    again = pipe("a red disc", size=(24, 24)).sprites[0]
    assert (drawn.rgba() == again.rgba()).all()
    with pytest.raises(BadInput, match="tuned before"):
        run(tiny(), tiny_store, tmp_path / "again", weights=bundle.folder, levels=(level,))


def test_settings_are_checked(tiny_store: Path, tmp_path: Path) -> None:
    for bad in ({"steps": 0}, {"widths": (5,)}, {"distill": -1.0}, {"shift": 0.0}):
        with pytest.raises(BadInput, match="few_steps"):
            tiny(**bad)
    with pytest.raises(BadInput, match="no weights"):
        run(tiny(), tiny_store, tmp_path, weights=tmp_path / "none")
