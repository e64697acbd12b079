"""Training task of one level: store rows in, a loss out. The loop in `pixelmind.training` does the rest.

Everything random about a batch is a pure function of (seed, step), so a resumed run sees what the unbroken run would have seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.data.config import mix_of
from pixelmind.data.loader import Batch, Loader
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.canvas import area_average, coarse_size, frame_size, frame_sizes, from_canvas, place, to_canvas
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary, make_condition, palette_tensors, region_frame
from pixelmind.generator.config import LEVELS, LevelConfig, below
from pixelmind.generator.denoiser import NUM_REGIONS, Condition, Denoiser, Window
from pixelmind.generator.losses import masked_mse_by_level, prior_loss, region_loss, velocity_loss
from pixelmind.generator.palette_head import palette_loss
from pixelmind.generator.references import reference_canvas
from pixelmind.generator.sampler import sample, seeded_noise
from pixelmind.generator.schedule import T_MIN, add_noise, sample_timesteps
from pixelmind.pixels import palettes, quantize
from pixelmind.records import U8, Palette
from pixelmind.training.task import Modules, Task

SIDE_WORDS = frozenset({"left", "right", "west", "east", "leftward", "rightward", "clockwise"})
MAX_CHOICES = 48  # colours of a picture that the palette head learns from
HEAD_T_MAX = 0.5  # most noise of the rows that the heads learn from
VALIDATION_LEVELS = (0.2, 0.4, 0.6, 0.8, 0.95)


@dataclass(frozen=True, kw_only=True)
class LevelBatch:
    """Tensors of one step: target and coarse [B, 4, H, W], valid [B, 1, H, W] (1 inside the picture), the condition, the crop,
    and how far the level is faded in (0 to 1).

    For the heads: regions long [B, H, W], the region class of each cell, and choices long [B, H, W], its place among the `colors`
    OKLab [B, K, 3] with color_mask bool [B, K]; both below 0 where a cell does not count.
    """

    target: Tensor
    valid: Tensor
    cond: Condition
    coarse: Tensor | None = None
    window: Window | None = None
    fade: float = 1.0
    regions: Tensor | None = None
    choices: Tensor | None = None
    colors: Tensor | None = None
    color_mask: Tensor | None = None

    def within(self, cells: int) -> LevelBatch:
        """As many first rows as fit into `cells` cells, at least one."""
        count = max(1, cells // (self.target.shape[-2] * self.target.shape[-1]))
        rows: dict[str, Any] = {k: v[:count] for k, v in vars(self).items() if isinstance(v, Tensor)}
        return replace(self, cond=self.cond.rows(slice(count)), **rows)

    def cut(self, window: Window) -> LevelBatch:
        """A window of every frame."""
        top, left, height, width = window[:4]
        cells = (..., slice(top, top + height), slice(left, left + width))
        canvases = ("target", "valid", "coarse", "regions", "choices")
        part = {k: v[cells] for k, v in vars(self).items() if k in canvases and v is not None}
        return replace(self, cond=replace(self.cond, layout=self.cond.layout[cells]), window=window, **part)


def level_frames(
    canvases: Sequence[NDArray[np.float32]], level: int, patch: int
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Bring native canvases [4, H, W] onto a level: target frames [B, 4, h, w], valid [B, 1, h, w], coarse frames above level 16."""
    frames, valids, coarses = [], [], []
    for x in canvases:
        height, width = x.shape[1:]
        h, w = coarse_size(height, width, level)
        target = area_average(x, h, w) if (h, w) != (height, width) else x
        fh, fw = frame_size(h, w, level, patch)
        frame, top, left = place(target, fh, fw)
        valid = np.zeros((1, fh, fw), dtype=np.float32)
        valid[:, top : top + h, left : left + w] = 1
        frames.append(frame)
        valids.append(valid)
        if level > 16:
            small = area_average(x, *coarse_size(height, width, below(level)))
            coarses.append(place(area_average(small, h, w), fh, fw)[0])
    stack = [torch.from_numpy(np.stack(a)) for a in (frames, valids)]
    return stack[0], stack[1], torch.from_numpy(np.stack(coarses)) if coarses else None


def partial_layout(parts: Tensor, drop: float, drop_region: float, rng: np.random.Generator) -> Tensor:
    """What rows are told of their regions long [B, h, w] (-1 unknown): 1 + class, 0 for what is left out, a row or a region at a time."""
    keep = (rng.random((len(parts), NUM_REGIONS)) >= drop_region) & (rng.random((len(parts), 1)) >= drop)
    told = torch.from_numpy(keep).gather(1, parts.clamp_min(0).flatten(1)).view_as(parts) & (parts >= 0)
    return torch.where(told, parts + 1, 0)


def color_choices(pictures: Sequence[U8], level: int, frame: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """What the palette head is to choose: choices long [B, h, w] (-1: clear, averaged, or of a picture of over `MAX_CHOICES` colours)
    among each picture's own colours, OKLab [B, K, 3] with mask [B, K]; K is at least 1."""
    choices = np.full((len(pictures), *frame), -1, np.int64)
    own: list[U8 | None] = []
    for out, rgba in zip(choices, pictures):
        height, width = rgba.shape[:2]
        opaque = rgba[..., 3] > 0
        seen = rgba[opaque][:, :3].astype(np.int32)
        codes, index = np.unique(seen @ np.array([65536, 256, 1], np.int32), return_inverse=True)
        colors = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1).astype(np.uint8)
        fits = max(height, width) <= level and 0 < len(colors) <= MAX_CHOICES
        own.append(colors if fits else None)
        if fits:
            top, left = (frame[0] - height) // 2, (frame[1] - width) // 2
            out[top : top + height, left : left + width][opaque] = index.ravel()
    colors_lab, mask = palette_tensors(own, MAX_CHOICES)
    if not mask.shape[1]:
        colors_lab, mask = torch.zeros(len(own), 1, 3), torch.zeros(len(own), 1, dtype=torch.bool)
    return torch.from_numpy(choices), colors_lab, mask


def recolor(pictures: Sequence[U8], styles: Sequence[str], rng: np.random.Generator) -> list[U8]:
    """Bring the pictures of each style to one palette, drawn for it: some colours of a built-in one."""
    names = palettes.names()
    chosen = {}
    for style in dict.fromkeys(styles):
        colors = palettes.resolve(names[int(rng.integers(len(names)))]).colors
        count = int(rng.integers(2, 17))
        if count < len(colors):
            colors = colors[np.sort(rng.permutation(len(colors))[:count])]
        chosen[style] = Palette(name="drawn", colors=colors)
    return [quantize.to_palette(rgba, chosen[style]).rgba() for rgba, style in zip(pictures, styles)]


class LevelTask(Task):
    """Binds a level's denoiser (and, on level 16, the condition prior) to its data and loss."""

    def __init__(
        self, config: LevelConfig, store: Store, cache: TextCache, vocabulary: Vocabulary, *, batch_size: int, seed: int
    ) -> None:
        self.config, self.cache, self.vocabulary, self.seed = config, cache, vocabulary, seed
        self.data_hash = store.manifest_hash
        kwargs: dict[str, Any] = {"temperature": config.temperature, "max_size": LEVELS[-1]}
        kwargs |= {
            "max_captions": config.max_captions,
            "masks": config.region_weight > 0 and config.network.cell_features > 0,
        }
        if config.level > 16:
            kwargs["bucket_fn"] = partial(frame_sizes, level_size=config.level, patch=config.network.patch)
            kwargs["min_size"] = below(config.level) + 1
        self.loader = Loader(store, "train", batch_size, seed, mix=mix_of(config.mix) if config.mix else None, **kwargs)
        try:
            self.val_loader: Loader | None = Loader(store, "val", 64, 0, **kwargs)
        except BadInput:  # a small store may hold out no picture of these sizes
            self.val_loader = None
        self.batch_samples = batch_size
        torch.manual_seed(seed)
        self.denoiser = Denoiser(config.network)
        self.prior = ConditionPrior() if config.level == 16 else None

    def captions(self) -> list[str]:
        """Every caption the task can meet, for the text cache."""
        held_out = [] if self.val_loader is None else self.val_loader.captions()
        return sorted({*self.loader.captions(), *held_out})

    def modules(self) -> dict[str, nn.Module]:
        """The networks this task trains and the loop saves."""
        found: dict[str, nn.Module] = {"denoiser": self.denoiser}
        if self.prior is not None:
            found["prior"] = self.prior
        return found

    def _assemble(self, rows: Batch, rng: np.random.Generator, training: bool) -> LevelBatch:
        config, network = self.config, self.config.network
        pictures, regions = self._pictures(rows, rng) if training else (rows.rgba, rows.regions)
        show = training and network.references > 0 and rng.random() < config.reference_batches
        recolored = show and rng.random() < config.recolor
        if recolored:
            pictures = recolor(pictures, rows.styles, rng)
        canvases = [to_canvas(rgba) for rgba in pictures]
        target, valid, coarse = level_frames(canvases, config.level, network.patch)
        frame = (target.shape[-2], target.shape[-1])
        told = training and not recolored and rng.random() < config.palette_batches
        shown: list[list[NDArray[np.float32]]] = [[] for _ in pictures]
        styles = [self.vocabulary.style(s) for s in rows.styles]
        if show:
            shown = self._references(pictures, rows.styles, rng)
            styles = [0 if some and rng.random() < config.drop_style_shown else s for s, some in zip(styles, shown)]
        parts = None
        if network.cell_features and config.region_weight:
            parts = torch.from_numpy(np.stack([region_frame(r, config.level, frame) for r in regions]))
        layout = None
        if network.layout and training and rng.random() < config.layout_batches and parts is not None:
            layout = partial_layout(parts, config.drop_layout, config.drop_region, rng)
        cond = make_condition(
            self.cache.get(rows.captions),
            [(r.shape[0], r.shape[1]) for r in pictures],
            styles,
            [self.vocabulary.kind(k) for k in rows.kinds],
            [p if told and len(p) else None for p in rows.palettes],
            shown,
            layout,
        )
        if recolored:  # the words may name colours that are gone
            cond = cond.without(torch.from_numpy(rng.random(len(pictures)) < 0.5), "text")
        batch = LevelBatch(target=target, valid=valid, cond=cond, coarse=coarse, regions=parts)
        if network.cell_features and config.palette_weight:
            choices, colors, mask = color_choices(pictures, config.level, frame)
            batch = replace(batch, choices=choices, colors=colors, color_mask=mask)
        return self._crop(batch, rng) if training else batch

    def _pictures(self, rows: Batch, rng: np.random.Generator) -> tuple[list[U8], list[U8 | None]]:
        """Pictures and regions of a training batch, mirrored where the words allow it."""
        flips = [
            rng.random() < self.config.mirror and not SIDE_WORDS & set(caption.replace(",", " ").split())
            for caption in rows.captions
        ]
        turned = [rgba[:, ::-1] if flip else rgba for rgba, flip in zip(rows.rgba, flips)]
        regions = [r if r is None or not flip else r[:, ::-1] for r, flip in zip(rows.regions, flips)]
        return turned, regions

    def _references(
        self, pictures: list[U8], styles: Sequence[str], rng: np.random.Generator
    ) -> list[list[NDArray[np.float32]]]:
        """For each row, canvases of up to `max_references` other rows of its style."""
        canvases = [reference_canvas(rgba) for rgba in pictures]
        shown = []
        for index, style in enumerate(styles):
            others = [i for i, other in enumerate(styles) if other == style and i != index]
            count = (
                0
                if rng.random() < self.config.drop_references
                else int(rng.integers(1, self.config.max_references + 1))
            )
            picks = rng.permutation(others)[:count] if others else ()
            shown.append([canvases[i] for i in picks])
        return shown

    def _crop(self, batch: LevelBatch, rng: np.random.Generator) -> LevelBatch:
        """On upper levels, keep a window of at most `crop` px a side in three of four batches; of the fourth, as many rows as
        cost the same."""
        height, width = batch.target.shape[-2:]
        crop, patch = self.config.crop, self.config.network.patch
        if self.config.level == 16 or (height <= crop and width <= crop):
            return batch
        if rng.random() < 0.25:
            return batch.within(len(batch.target) * crop**2)
        h, w = min(crop, height), min(crop, width)
        top = int(rng.integers((height - h) // patch + 1)) * patch
        left = int(rng.integers((width - w) // patch + 1)) * patch
        return batch.cut((top, left, h, w, height, width))

    def batch(self, step: int) -> dict[str, Any]:
        """Return the batch of a step as plain dicts of tensors."""
        batch = self._assemble(self.loader.batch(step), np.random.default_rng((self.seed, 1, step)), training=True)
        if self.config.level > 16 and self.config.fade_samples:
            batch = replace(batch, fade=min(1.0, (step + 1) * self.batch_samples / self.config.fade_samples))
        return {**vars(batch), "cond": dict(vars(batch.cond))}

    def _inputs(
        self, batch: LevelBatch, noisy: Tensor, augment: Tensor, rng: torch.Generator
    ) -> tuple[Tensor, Condition]:
        if batch.coarse is None:
            return noisy, batch.cond
        noise = torch.randn(batch.coarse.shape, generator=rng, device=rng.device)
        return torch.cat([noisy, add_noise(batch.coarse, noise, augment)], dim=1), replace(batch.cond, augment=augment)

    def loss(self, batch: dict[str, Any], rng: torch.Generator) -> dict[str, Tensor]:
        """Velocity loss under condition drop-out, plus the prior's cross-entropy on level 16."""
        return self._loss(LevelBatch(**{**batch, "cond": Condition(**batch["cond"])}), rng)

    def _loss(self, batch: LevelBatch, rng: torch.Generator) -> dict[str, Tensor]:
        config, device = self.config, rng.device
        size = len(batch.target)

        def chance(p: float, *shape: int) -> Tensor:
            return torch.rand(shape or (size,), generator=rng, device=device) < p

        cond = batch.cond
        hidden = chance(config.drop_token, *cond.text_mask.shape)
        told = replace(cond, text_mask=cond.text_mask & ~hidden)
        told = (
            told.without(chance(config.drop_text), "text", "kind")
            .without(chance(config.drop_style), "style")
            .without(chance(config.drop_kind), "kind")
        )
        t = sample_timesteps(size, config.t_mean, config.t_std, rng)
        if config.network.cell_features:  # the heads are asked at the last call: their rows see little noise
            t[::3] = torch.rand(len(t[::3]), generator=rng, device=device) * (HEAD_T_MAX - T_MIN) + T_MIN
        noise = torch.randn(batch.target.shape, generator=rng, device=device)
        augment = torch.rand(size, generator=rng, device=device) * config.coarse_noise
        inputs, told = self._inputs(replace(batch, cond=told), add_noise(batch.target, noise, t), augment, rng)
        predicted, cells = self.denoiser.predict(inputs, t, told, batch.window)
        if batch.coarse is not None and batch.fade < 1:
            predicted = torch.lerp(batch.coarse, predicted, batch.fade)
        losses = {"velocity": velocity_loss(predicted, batch.target, t, batch.valid)}
        if cells is not None:
            losses |= self._head_losses(batch, predicted, cells, t)
        if self.prior is not None:
            kind_logits, style_logits = self.prior(cond.pooled, cond.kind)
            losses["prior"] = prior_loss(kind_logits.float(), style_logits.float(), cond.kind, cond.style)
        weights = {"regions": config.region_weight, "palette": config.palette_weight}
        total = sum((weights.get(name, 1.0) * loss for name, loss in losses.items()), torch.zeros((), device=device))
        return {"loss": total, **losses}

    def _head_losses(self, batch: LevelBatch, predicted: Tensor, cells: Tensor, t: Tensor) -> dict[str, Tensor]:
        """Cross-entropy of the regions and of the palette choice, of every third row: the more noise, the less either counts."""
        losses, weight, cells = {}, 1 - t[::3], cells[::3]
        if batch.regions is not None:
            losses["regions"] = region_loss(self.denoiser.regions(cells).float(), batch.regions[::3], weight)
        if batch.choices is not None and batch.colors is not None and batch.color_mask is not None:
            logits = self.denoiser.palette_head(predicted[::3].detach(), cells, batch.colors[::3], t[::3])
            losses["palette"] = palette_loss(logits, batch.color_mask[::3], batch.choices[::3], weight)
        return losses

    @torch.no_grad()
    def validate(self, modules: Modules) -> dict[str, float]:
        """Mean squared error on fixed `val` batches with fixed noise, a figure a noise level and their velocity-weighted mean."""
        if self.val_loader is None:
            return {}
        denoiser = modules["denoiser"]
        device = next(denoiser.parameters()).device
        totals = dict.fromkeys(VALIDATION_LEVELS, 0.0)
        num_batches = 4
        for index in range(num_batches):
            batch = self._assemble(self.val_loader.batch(index), np.random.default_rng(index), training=False)
            batch = batch.within(64 * 64**2)
            for level in VALIDATION_LEVELS:
                rng = torch.Generator().manual_seed(index)
                noise = torch.randn(batch.target.shape, generator=rng)
                t = torch.full((len(batch.target),), level)
                inputs, cond = self._inputs(batch, add_noise(batch.target, noise, t), torch.full_like(t, 0.1), rng)
                predicted = denoiser(inputs.to(device), t.to(device), cond.to(device)).cpu()
                totals[level] += float(masked_mse_by_level(predicted, batch.target, batch.valid)) / num_batches
        weighted = sum(v / k**2 for k, v in totals.items()) / len(totals)
        return {"velocity": weighted} | {f"mse_t{k:g}": v for k, v in totals.items()}

    @torch.no_grad()
    def sample(self, modules: Modules) -> NDArray[np.uint8]:
        """Grid of samples for the first 32 `val` captions (else training captions), seed 0, on mid grey, each row real above
        generated: uint8 [H, W, 3]."""
        denoiser = modules["denoiser"]
        assert isinstance(denoiser, Denoiser)
        batch = self._assemble((self.val_loader or self.loader).batch(0), np.random.default_rng(0), training=False)
        height, width = batch.target.shape[-2:]
        batch = batch.within(min(32 * height * width, 32 * 64**2))
        target, cond, count = batch.target, batch.cond, len(batch.target)
        noise = seeded_noise(range(count), 4, height, width)
        coarse = None
        if batch.coarse is not None:
            coarse = add_noise(
                batch.coarse,
                seeded_noise(range(count), 4, height, width, stream=1),
                torch.full((count,), 0.1),
            )
            cond = replace(cond, augment=torch.full((count,), 0.1))
        device = next(denoiser.parameters()).device
        negative = cond.without(torch.ones(count, dtype=torch.bool), "text", "kind")
        drawn = sample(
            denoiser.predict,
            noise.to(device),
            cond.to(device),
            num_inference_steps=12,
            guidance_scale={16: 3.0, 64: 1.5}.get(self.config.level, 1.0),
            negative=negative.to(device),
            coarse=None if coarse is None else coarse.to(device),
        )[0].cpu()
        return picture_grid([target, drawn])


def picture_grid(rows: Sequence[Tensor], columns: int = 16, scale: int = 3) -> NDArray[np.uint8]:
    """Lay canvases [B, 4, H, W] out as an RGB picture on mid grey; several `rows` of equal B are interleaved."""
    lines = []
    for start in range(0, len(rows[0]), columns):
        for part in rows:
            cells = []
            for x in part[start : start + columns].numpy():
                rgba = from_canvas(x)
                shown = np.where(rgba[..., 3:] > 0, rgba[..., :3], 112).astype(np.uint8)
                cells.append(
                    np.pad(shown.repeat(scale, 0).repeat(scale, 1), ((1, 1), (1, 1), (0, 0)), constant_values=48)
                )
            cells += [np.full_like(cells[0], 48)] * (min(columns, len(rows[0])) - len(cells))
            lines.append(np.concatenate(cells, axis=1))
    return np.concatenate(lines, axis=0)
