"""What a step of adaptation sees of a few pictures: noisy views of them at a level, and the denoiser's own loss on these.

The noise levels are those of the level's training (logit-normal, `schedule.sample_timesteps`), drawn one from each of equally likely
strata, so that few rows see all of them. Views are mirrored where the words allow it and shifted within their clear margin; colours
never change. The style is not told by name, since a person's own has none; some of the pictures can be shown as references.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from scipy.special import ndtri
from torch import Tensor

from pixelmind.adaptation.tasks import Picture
from pixelmind.encoder.text_tower import TextFeatures
from pixelmind.generator.canvas import to_canvas
from pixelmind.generator.conditioning import MAX_TEXT_TOKENS, Vocabulary, make_condition
from pixelmind.generator.config import LevelConfig
from pixelmind.generator.denoiser import Condition, Denoiser
from pixelmind.generator.losses import velocity_loss
from pixelmind.generator.references import reference_canvas
from pixelmind.generator.schedule import T_MIN, add_noise
from pixelmind.generator.task import SIDE_WORDS, level_frames
from pixelmind.records import U8
from pixelmind.training.lora import Lora, Params

MAX_SHIFT = 2  # px at the picture's own size
SHOWN = 4  # references a view is shown, as in the level's training
Words = Callable[[Sequence[str]], TextFeatures]
Views = dict[str, Any]


def level_config(denoiser: Denoiser, level: int) -> LevelConfig:
    """The defaults of a level's training, with this network."""
    return LevelConfig(level=level, network=denoiser.config)


def vary(picture: Picture, rng: np.random.Generator, mirror: float = 0.5) -> U8:
    """The picture mirrored or not, and moved within its clear margin."""
    rgba = picture.rgba
    if rng.random() < mirror and not SIDE_WORDS & set(picture.caption.replace(",", " ").split()):
        rgba = rgba[:, ::-1]
    for axis in (0, 1):
        seen = np.flatnonzero((rgba[..., 3] > 0).any(axis=1 - axis))
        if len(seen):
            low = min(int(seen[0]), MAX_SHIFT)
            high = min(rgba.shape[axis] - 1 - int(seen[-1]), MAX_SHIFT)
            rgba = np.roll(rgba, int(rng.integers(-low, high + 1)), axis=axis)
    return rgba


def noise_levels(count: int, config: LevelConfig, rng: np.random.Generator) -> Tensor:
    """Noise levels float32 [count], one of each of `count` equally likely strata of the training's distribution, in random order."""
    u = (rng.permutation(count) + rng.random(count)) / count
    t = 1 / (1 + np.exp(-(ndtri(np.clip(u, 1e-6, 1 - 1e-6)) * config.t_std + config.t_mean)))
    return torch.from_numpy(np.clip(t, T_MIN, 1).astype(np.float32))


def make_views(
    pictures: Sequence[Picture],
    rows: int,
    level: LevelConfig,
    words: Words,
    vocabulary: Vocabulary,
    rng: np.random.Generator,
    *,
    shown: Sequence[Picture] = (),
    augment: bool = True,
    forget: bool = False,
    drop: float = 0.0,
) -> Views:
    """Tensors of `rows` noisy views, the pictures in turn.

    Args:
        pictures: all of one frame size on the level.
        words: text features of captions.
        shown: pictures to show as references; a view is never shown its own picture, and at most `SHOWN`.
        augment: mirror and shift.
        forget: leave the words out, for pictures whose colours they do not tell any more.
        drop: chance of a row to be told neither words, kind nor references: what guidance points away from must be learned too.
    """
    order = [pictures[i % len(pictures)] for i in range(rows)]
    seen = [vary(p, rng) if augment else p.rgba for p in order]
    target, valid, coarse = level_frames(
        [to_canvas(np.ascontiguousarray(x)) for x in seen], level.level, level.network.patch
    )
    canvases = {id(p): reference_canvas(p.rgba) for p in shown}
    cond = make_condition(
        words([p.caption for p in order]).padded(MAX_TEXT_TOKENS),
        [(x.shape[0], x.shape[1]) for x in seen],
        [0] * rows,
        [vocabulary.kind(p.kind) for p in order],
        [None] * rows,
        [[canvases[id(q)] for q in shown if q is not p][:SHOWN] for p in order],
    )
    if shown:  # one shape, whatever the number of pictures
        cond = _room_for_references(cond)
    if forget:
        cond = cond.without(torch.ones(rows, dtype=torch.bool), "text")
    if drop:
        cond = cond.without(torch.from_numpy(rng.random(rows) < drop), "text", "kind", "references")
    source = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
    t = noise_levels(rows, level, rng)
    inputs = add_noise(target, torch.randn(target.shape, generator=source), t)
    if coarse is not None:
        mist = torch.rand(rows, generator=source) * level.coarse_noise
        inputs = torch.cat([inputs, add_noise(coarse, torch.randn(coarse.shape, generator=source), mist)], dim=1)
        cond = replace(cond, augment=mist)
    return {"inputs": inputs, "target": target, "valid": valid, "t": t, "cond": dict(vars(cond))}


def _room_for_references(cond: Condition) -> Condition:
    rows, count = cond.reference_mask.shape
    side = cond.references.shape[-1] if count else 32
    references = torch.full((rows, SHOWN, 4, side, side), -1.0)
    mask = torch.zeros(rows, SHOWN, dtype=torch.bool)
    references[:, :count], mask[:, :count] = cond.references, cond.reference_mask
    return replace(cond, references=references, reference_mask=mask)


def stack(views: Sequence[Views]) -> Views:
    """Views of several tasks as one nest of tensors [tasks, rows, ...]; their shapes must agree."""
    first = views[0]
    return {
        key: stack([v[key] for v in views]) if isinstance(value, dict) else torch.stack([v[key] for v in views])
        for key, value in first.items()
    }


def view_loss(lora: Lora) -> Callable[[Params, Views], Tensor]:
    """The level's velocity loss of views as a function of an adapter's tensors."""

    def loss(params: Params, views: Views) -> Tensor:
        predicted = lora(params, views["inputs"], views["t"], Condition(**views["cond"]))
        return velocity_loss(predicted, views["target"], views["t"], views["valid"])

    return loss
