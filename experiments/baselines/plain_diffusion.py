"""Plain diffusion with snapping: what a general image model does to pixel art, at our size.

A convolutional U-Net predicts the noise (Ho, Jain, Abbeel 2020, "Denoising Diffusion Probabilistic Models", eq. 14, linear
betas, T = 1000) of pictures enlarged to fixed 64x64 by nearest neighbour; DDIM draws (Song, Meng, Ermon 2021, eq. 12, eta = 0)
with classifier-free guidance; `pixels.snap` brings the 64x64 picture down to the size asked.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pixelmind.evaluation.ablation.single_level import GUIDANCE, LEVEL, SingleLevelPipeline, SingleLevelTask

sys.path.insert(0, str(Path(__file__).parents[1] / "denoiser_choice"))
from unet import UNet

from pixelmind.data.loader import Batch
from pixelmind.generator.canvas import F32, area_average, coarse_size, from_canvas, place, to_canvas
from pixelmind.generator.denoiser import Condition, Denoiser, DenoiserConfig
from pixelmind.generator.losses import prior_loss
from pixelmind.generator.task import LevelBatch
from pixelmind.pixels.snap import snap
from pixelmind.records import Conditioning

T = 1000
ALPHA_BAR = torch.cumprod(1 - torch.linspace(1e-4, 0.02, T, dtype=torch.float64), 0).float()  # Ho et al., sec. 4


def fitted(height: int, width: int) -> tuple[int, int]:
    """Size of a picture whose longest side is brought to 64 px."""
    scale = LEVEL / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def nearest(x: F32, height: int, width: int) -> F32:
    """Bring [C, h, w] to [C, height, width] by nearest neighbour."""
    rows, cols = (np.arange(n) * old // n for n, old in zip((height, width), x.shape[1:]))
    return x[:, rows[:, None], cols]


class PlainTask(SingleLevelTask):
    """Noise prediction on 64x64 pictures, with the conditions and drop-outs of our levels."""

    network = DenoiserConfig(width=192)

    @classmethod
    def build(cls) -> Denoiser:
        """A fresh U-Net: 64, 32, 16 and 8 px, attention to words and self at 16 and 8 px (Ho et al., app. B)."""
        return UNet(cls.network, (32, 64, 128, 192), (2, 3))

    def _assemble(self, rows: Batch, rng: np.random.Generator, training: bool) -> LevelBatch:
        batch = super()._assemble(rows, rng, training)
        frames = []
        for x, (height, width) in zip(batch.target.numpy(), batch.cond.size.int().tolist()):
            h, w = coarse_size(height, width, LEVEL)
            top, left = (x.shape[1] - h) // 2, (x.shape[2] - w) // 2
            large = nearest(x[:, top : top + h, left : left + w], *fitted(height, width))
            frames.append(place(large, LEVEL, LEVEL)[0])
        target = torch.from_numpy(np.stack(frames))
        return replace(batch, target=target, valid=torch.ones_like(target[:, :1]), coarse=None)

    def _loss(self, batch: LevelBatch, rng: torch.Generator) -> dict[str, Tensor]:
        config, cond, size = self.config, batch.cond, len(batch.target)

        def chance(p: float, *shape: int) -> Tensor:
            return torch.rand(shape or (size,), generator=rng) < p

        told = replace(cond, text_mask=cond.text_mask & ~chance(config.drop_token, *cond.text_mask.shape))
        told = told.without(chance(config.drop_text), "text", "kind").without(chance(config.drop_style), "style")
        told = told.without(chance(config.drop_kind), "kind")
        step = torch.randint(T, (size,), generator=rng)
        noise = torch.randn(batch.target.shape, generator=rng)
        alpha = ALPHA_BAR[step][:, None, None, None]
        predicted = self.denoiser(alpha.sqrt() * batch.target + (1 - alpha).sqrt() * noise, step / T, told)
        assert self.prior is not None
        prior = prior_loss(*(x.float() for x in self.prior(cond.pooled, cond.kind)), cond.kind, cond.style)
        mse = (predicted - noise).square().mean()
        return {"loss": mse + prior, "mse": mse, "prior": prior}


class PlainPipeline(SingleLevelPipeline):
    """DDIM at 64x64, then the package's own snapping to the size asked."""

    def frame(self, cond: Conditioning) -> tuple[int, int]:
        """Always 64x64."""
        return LEVEL, LEVEL

    def denoise(self, noise: Tensor, cond: Condition, negative: Condition) -> Tensor:
        """DDIM with clipped predictions of the picture, guidance on the noise (Ho & Salimans 2022, eq. 6)."""
        both, x = Condition.cat([cond, negative]), noise
        steps = torch.linspace(T - 1, 0, self.steps).round().long()
        for step, following in zip(steps, [*steps[1:], None]):
            a = ALPHA_BAR[step]
            after = torch.tensor(1.0) if following is None else ALPHA_BAR[following]
            times = torch.full((2 * len(x),), float(step) / T)
            told, away = self.net(x.repeat(2, 1, 1, 1), times, both).chunk(2)
            eps = away + GUIDANCE * (told - away)
            clean = ((x - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)
            eps = (x - a.sqrt() * clean) / (1 - a).sqrt()
            x = after.sqrt() * clean + (1 - after).sqrt() * eps
        return x

    def native(self, canvas: F32, cond: Conditioning) -> F32:
        """Cut out the enlarged picture and snap it to its size; average where no grid is seen."""
        size = (cond.height, cond.width)
        h, w = fitted(*size)
        top, left = (LEVEL - h) // 2, (LEVEL - w) // 2
        canvas = canvas[:, top : top + h, left : left + w]
        rgba = snap(from_canvas(canvas), size=size).rgba
        return to_canvas(rgba) if rgba.shape[:2] == size else area_average(canvas, *size)
