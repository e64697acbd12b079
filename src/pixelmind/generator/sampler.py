"""Deterministic sampling with classifier-free guidance.

Solver: DPM-Solver++(2M) (Lu et al. 2022, algorithm 2) on the rectified-flow path alpha = 1 - t, sigma = t; its first and last
steps are first order (DDIM = Euler on this path). Guidance: Ho & Salimans 2022, eq. 6, on the predicted canvas, inside an
interval of noise levels (Kynkaanniemi et al. 2024).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pixelmind.generator.denoiser import Condition
from pixelmind.generator.schedule import inference_timesteps

Predictor = Callable[[Tensor, Tensor, Condition], tuple[Tensor, Tensor | None]]  # `Denoiser.predict`


def seeded_noise(seeds: Sequence[int], channels: int, height: int, width: int, stream: int = 0) -> Tensor:
    """Noise [B, C, H, W] in which a row depends on its own seed only, never on the batch it is drawn in.

    numpy's seed sequences take seeds of any length; torch's CPU generator would drop all but the low 32 bits.
    """
    rows = [
        np.random.default_rng((seed, stream)).standard_normal((channels, height, width), np.float32) for seed in seeds
    ]
    return torch.from_numpy(np.stack(rows))


def guided(
    predict: Predictor,
    x: Tensor,
    t: float,
    cond: Condition,
    negative: Condition | None,
    guidance_scale: float,
    coarse: Tensor | None,
    both: Condition | None = None,
) -> tuple[Tensor, Tensor | None]:
    """One prediction of the clean canvas [B, 4, H, W], guided away from `negative` when it is given; and the features of the cells
    [B, P, H, W] under `cond`, None where the network has no heads. `both` is `cond` above `negative`, where they are joined already."""
    batch = len(x)
    inputs = x if coarse is None else torch.cat([x, coarse], dim=1)
    times = torch.full((batch,), t)
    if negative is None or guidance_scale == 1:
        return predict(inputs, times, cond)
    joined = both or Condition.cat([cond, negative])
    predicted, cells = predict(inputs.repeat(2, 1, 1, 1), times.repeat(2), joined)
    with_words, without = predicted.chunk(2)
    return without + guidance_scale * (with_words - without), None if cells is None else cells[:batch]


def rolled(window: tuple[int, int, int, int], shift: int, *canvases: Tensor | None) -> list[Any]:
    """Turn a window (top, left, height, width) of canvases [..., H, W] round by `shift` halves of its sides, as on a torus."""
    top, left, height, width = window
    out: list[Any] = []
    for x in canvases:
        if x is not None and shift:
            inside = x[..., top : top + height, left : left + width]
            x = x.clone()
            x[..., top : top + height, left : left + width] = inside.roll(
                (shift * (height // 2), shift * (width // 2)), dims=(-2, -1)
            )
        out.append(x)
    return out


def sample(
    predict: Predictor,
    noise: Tensor,
    cond: Condition,
    *,
    num_inference_steps: int,
    guidance_scale: float = 1.0,
    negative: Condition | None = None,
    coarse: Tensor | None = None,
    shift: float = 1.0,
    interval: tuple[float, float] = (0.1, 1.0),
    known: Tensor | None = None,
    keep: Tensor | None = None,
    start: float = 1.0,
    torus: tuple[int, int, int, int] | None = None,
    fresh: Callable[[int], Tensor] | None = None,
    on_step: Callable[[int, Tensor], None] | None = None,
) -> tuple[Tensor, Tensor | None]:
    """Denoise `noise` [B, 4, H, W] in `num_inference_steps` network calls; returns the clean canvas [B, 4, H, W] and the features
    of its cells [B, P, H, W] at the last call (None where the network has no heads).

    Args:
        coarse: upsampled coarser canvas [B, 4, H, W] for the upper levels.
        shift: > 1 spends more steps at high noise.
        interval: noise levels (low, high] at which guidance acts.
        known: canvas [B, 4, H, W] to change; every prediction is replaced by it where `keep` bool [B, 1, H, W] is set (as
            replacement conditioning in Song et al. 2021, sec. 5, on the predicted canvas).
        start: noise level the known canvas starts from instead of pure noise (SDEdit: Meng et al. 2022), in (0, 1].
        torus: window (top, left, height, width) whose edges are to meet: the network sees it turned round by half its sides at every
            other call, so that what was an edge is drawn as an inside.
        fresh: gives noise [B, 4, H, W] for a step; where given, a prediction is taken to the next noise level by it instead of by the
            solver (multistep sampling of Song et al. 2023, algorithm 1), as networks tuned to few steps want it.
        on_step: called with the step number and the current prediction, for previews.
    """
    times = (start * inference_timesteps(num_inference_steps, shift)).tolist()
    both = None if negative is None else Condition.cat([cond, negative])
    x, previous, previous_lambda = noise, None, 0.0
    if known is not None and start < 1:
        x = (1 - start) * known + start * noise
    for step, (t, s) in enumerate(itertools.pairwise(times)):
        acts = interval[0] < t <= interval[1]
        seen, seen_coarse, shift = x, coarse, step % 2
        if torus is not None:
            seen, seen_coarse = rolled(torus, shift, x, coarse)
        predicted, cells = guided(predict, seen, t, cond, negative if acts else None, guidance_scale, seen_coarse, both)
        if torus is not None:
            predicted, cells = rolled(torus, -shift, predicted, cells)
        predicted = predicted.clamp(-1.2, 1.2)
        if known is not None and keep is not None:
            predicted = torch.where(keep, known, predicted)
        if on_step is not None:
            on_step(step, predicted)
        if s == 0:
            return predicted, cells
        if fresh is not None:
            x = (1 - s) * predicted + s * fresh(step)
            continue
        direction = predicted
        lambda_t = math.log((1 - t) / t) if t < 1 else -math.inf
        lambda_s = math.log((1 - s) / s)
        if previous is not None and math.isfinite(previous_lambda):
            ratio = (lambda_t - previous_lambda) / (lambda_s - lambda_t)
            direction = predicted + (predicted - previous) / (2 * ratio)
        x = (1 - s) * direction + (s / t) * (x - (1 - t) * direction)
        previous, previous_lambda = predicted, lambda_t
    return x, None
