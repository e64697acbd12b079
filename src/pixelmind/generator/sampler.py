"""Deterministic sampling with classifier-free guidance.

Solver: DPM-Solver++(2M) (Lu et al. 2022, algorithm 2) on the rectified-flow path alpha = 1 - t, sigma = t; its first and last
steps are first order (DDIM = Euler on this path). Guidance: Ho & Salimans 2022, eq. 6, on the predicted canvas, inside an
interval of noise levels (Kynkaanniemi et al. 2024).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import lru_cache

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


def on_torus(predict: Predictor, window: tuple[int, int, int, int]) -> Predictor:
    """A predictor for one drawing whose edges meet: MultiDiffusion (Bar-Tal et al. 2023, eq. 5) on a torus.

    Four views of the window (top, left, height, width), turned round by half its height, by half its width, by both and by neither, are
    predicted, turned back and averaged. A view weighs most where its own edges are far, by the product of two tents, so that every
    edge is drawn by the views in which it lies inside. All four are turned on by a golden section from call to call, so that no line of
    the window is an edge twice. Beyond the window the first view counts alone.
    """
    top, left, height, width = window
    inside = (..., slice(top, top + height), slice(left, left + width))
    rows, cols = (1 - (torch.arange(n).add(0.5).mul(2 / n).sub(1)).abs() for n in (height, width))
    tent = torch.outer(rows, cols)
    calls = itertools.count()
    fourfold = lru_cache(maxsize=2)(lambda cond: Condition.cat([cond] * 4))

    def turned(x: Tensor, v: int, h: int) -> Tensor:
        x = x.clone()
        x[inside] = x[inside].roll((v, h), dims=(-2, -1))
        return x

    def view(x: Tensor, t: Tensor, cond: Condition) -> tuple[Tensor, Tensor | None]:
        on = next(calls) * (math.sqrt(5) - 1) / 2 % 1
        turns = [(int((on + v) * height), int((on + h) * width)) for v in (0, 0.5) for h in (0, 0.5)]
        weights = torch.stack([tent.roll((-v, -h), dims=(0, 1)) for v, h in turns])
        weights = weights / weights.sum(0)

        def averaged(views: Tensor) -> Tensor:
            back = [turned(y, -v, -h) for y, (v, h) in zip(views.chunk(4), turns)]
            out = back[0].clone()
            out[inside] = torch.stack([y[inside] * w.to(y.dtype) for y, w in zip(back, weights)]).sum(0)
            return out

        predicted, cells = predict(torch.cat([turned(x, *turn) for turn in turns]), t.repeat(4), fourfold(cond))
        return averaged(predicted), None if cells is None else averaged(cells)

    return view


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
    fresh: Callable[[int], Tensor] | None = None,
    narrow: Callable[[float, Tensor], Tensor | None] | None = None,
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
        fresh: gives noise [B, 4, H, W] for a step; where given, a prediction is taken to the next noise level by it instead of by the
            solver (multistep sampling of Song et al. 2023, algorithm 1), as networks tuned to few steps want it.
        narrow: told the noise level and the current prediction, returns the rows (long) that go on, None for all. The others are
            left out of what is returned.
        on_step: called with the step number and the current prediction, for previews.
    """
    times = (start * inference_timesteps(num_inference_steps, shift)).tolist()
    both = None if negative is None else Condition.cat([cond, negative])
    x, previous, previous_lambda = noise, None, 0.0
    if known is not None and start < 1:
        x = (1 - start) * known + start * noise
    for step, (t, s) in enumerate(itertools.pairwise(times)):
        acts = interval[0] < t <= interval[1]
        predicted, cells = guided(predict, x, t, cond, negative if acts else None, guidance_scale, coarse, both)
        predicted = predicted.clamp(-1.2, 1.2)
        if known is not None and keep is not None:
            predicted = torch.where(keep, known, predicted)
        if on_step is not None:
            on_step(step, predicted)
        picks = None if narrow is None else narrow(t, predicted)
        if picks is not None:
            x, predicted, cond = x[picks], predicted[picks], cond.rows(picks)
            cells, previous, coarse, known, keep = (
                None if rows is None else rows[picks] for rows in (cells, previous, coarse, known, keep)
            )
            if negative is not None:
                negative = negative.rows(picks)
                both = Condition.cat([cond, negative])
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
