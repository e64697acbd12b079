"""An adapter from 1 to 16 sprites, in a minute on two cores.

    pixelmind adapt style --images my_sprites/ --name mine

From the meta-learned start where the weights have one: its inner steps with their learned rates, which is what it was trained for. Then,
or from a start that changes nothing, AdamW on noisy views of the sprites (`views.py`). How many steps is decided by the sprites: a
quarter of them is set aside, the others are learned from until the loss of those set aside rises, and then all are learned from for as
many steps as were best; none, where no step helps. Few sprites are soon known by heart: docs/adaptation.md has the figures.

Up to four of the sprites stay with the adapter and are shown as references whenever it draws.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.func import grad_and_value

from pixelmind.adaptation import starts
from pixelmind.adaptation.adapters import Adapter, level_ids
from pixelmind.adaptation.config import ADAPTED_LEVELS
from pixelmind.adaptation.maml_wrapper import Loss
from pixelmind.adaptation.tasks import Picture
from pixelmind.adaptation.views import SHOWN, Views, Words, level_config, make_views, view_loss
from pixelmind.encoder.text_tower import TextFeatures, TextTower
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.canvas import coarse_size, frame_size
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
from pixelmind.generator.config import LevelConfig, below
from pixelmind.generator.denoiser import Denoiser
from pixelmind.pixels import quantize
from pixelmind.records import Sprite
from pixelmind.training.backends.local import LocalBackend
from pixelmind.training.lora import Lora, LoraConfig, Params

Progress = Callable[[int, int, int], None]
"""(level, step, most steps); the steps are counted anew where all sprites are learned from."""
WATCHED = 4  # sprites of a level from which on a quarter is set aside first
WATCH_EVERY, PATIENCE = 5, 2
UNTOLD = 0.25  # share of the views that are told nothing, as the side that guidance points away from is
LICENCE_NOTE = "made from pictures of your own; it may be shared as far as they may"


@dataclass(frozen=True, kw_only=True)
class StyleConfig:
    """How far an adapter goes from its start."""

    steps: int = 40
    """Most AdamW steps a level."""
    steps_unwatched: int = 10
    """Most steps from fewer than `WATCHED` sprites of a level, of which none can be set aside."""
    rows: int = 16
    """Noisy views a step."""
    lr: float = 5e-4
    lora: LoraConfig = field(default_factory=LoraConfig)
    """Shape where there is no meta-learned start; else the start's."""
    seed: int = 0
    seconds: float = 60.0
    """Time limit of the training, shared by the levels; what is learned by then is kept."""

    def __post_init__(self) -> None:
        if min(self.steps, self.steps_unwatched) < 0 or self.rows < 1 or not self.lr > 0 or not self.seconds > 0:
            raise BadInput("adapt: steps must not be negative; rows, lr and seconds must be above 0")


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """An adapter, and by level the steps done and the loss of fixed views of the sprites before and after."""

    adapter: Adapter
    steps: dict[int, int]
    before: dict[int, float]
    after: dict[int, float]
    seconds: float


def fit(
    pictures: Sequence[Picture],
    name: str,
    weights: Bundle,
    config: StyleConfig | None = None,
    *,
    start: starts.Start | None = None,
    progress: Progress = lambda level, step, steps: None,
) -> Fitted:
    """Make an adapter of a bundle's first levels from sprites.

    Raises:
        BadInput: no pictures, or the name is a style of the weights.
    """
    config = config or StyleConfig()
    if not pictures:
        raise BadInput("a style is made from 1 to 16 sprites; name some")
    began = time.monotonic()
    backend = LocalBackend.choose(device="cpu")
    lora_config = config.lora if start is None else start.config
    levels = [
        level
        for level in ADAPTED_LEVELS
        if f"level{level}" in weights and (level == 16 or any(max(p.rgba.shape[:2]) > below(level) for p in pictures))
    ]
    words = words_of(pictures)
    out: dict[int, Params] = {}
    steps, before, after = {}, {}, {}
    for index, level in enumerate(levels):
        modules, vocabulary = weights.get_level(level)
        denoiser = modules["denoiser"]
        assert isinstance(denoiser, Denoiser)
        if level == 16:
            if name in vocabulary.styles:
                raise BadInput(f"the weights know a style {name!r} already; choose another name")
            pictures = told_kinds(pictures, words, modules.get("prior"), vocabulary)
        level_start = None if start is None or level not in start.levels else start
        lora = Lora(denoiser, lora_config)
        end = began + config.seconds * (index + 1) / len(levels)
        with backend.autocast():
            found = _fit_level(lora, level, pictures, words, vocabulary, config, level_start, end, progress)
        out[level], steps[level], before[level], after[level] = found
    about = {
        "weights": weights.id,
        "base": level_ids(weights, out),
        "pictures": len(pictures),
        "start": "zero" if start is None else str(start.about.get("algorithm", "meta-learned")),
        "steps": {str(k): v for k, v in steps.items()},
        "licence": LICENCE_NOTE,
    }
    adapter = Adapter(name=name, config=lora_config, levels=out, references=references(pictures), about=about)
    return Fitted(adapter=adapter, steps=steps, before=before, after=after, seconds=time.monotonic() - began)


def references(pictures: Sequence[Picture]) -> tuple[Sprite, ...]:
    """Up to `SHOWN` sprites to show with the style, evenly among them; larger ones than 64 px are left to the weights."""
    small = [p.rgba for p in pictures if max(p.rgba.shape[:2]) <= 64]
    picked = [small[i * len(small) // SHOWN] for i in range(SHOWN)] if len(small) > SHOWN else small
    few = [len(np.unique(rgba[rgba[..., 3] > 0], axis=0)) <= 255 for rgba in picked]
    return tuple(Sprite.from_rgba(x) if ok else quantize.to_num_colors(x, 255) for x, ok in zip(picked, few))


def words_of(pictures: Sequence[Picture]) -> Words:
    """What the text tower says of these pictures' captions."""
    captions = sorted({p.caption for p in pictures})
    features = TextTower().encode(captions)
    row = {caption: i for i, caption in enumerate(captions)}

    def words(wanted: Sequence[str]) -> TextFeatures:
        return features.rows(torch.tensor([row[c] for c in wanted]))

    return words


def told_kinds(pictures: Sequence[Picture], words: Words, prior: object, vocabulary: Vocabulary) -> list[Picture]:
    """The pictures with the kind that the weights will take them for when such words are asked."""
    if not isinstance(prior, ConditionPrior):
        return list(pictures)
    with torch.inference_mode():
        pooled = words([p.caption for p in pictures]).pooled
        logits = prior(pooled, torch.zeros(len(pictures), dtype=torch.long))[0]
    best = logits[:, 1 : len(vocabulary.kinds) + 1].argmax(1).tolist()
    return [
        p if p.kind else Picture(rgba=p.rgba, caption=p.caption, kind=vocabulary.kinds[k])
        for p, k in zip(pictures, best)
    ]


def by_frame(pictures: Sequence[Picture], level: LevelConfig) -> list[list[Picture]]:
    """The pictures that a level draws, those of one frame size together."""
    found: dict[tuple[int, int], list[Picture]] = {}
    for p in pictures:
        height, width = p.rgba.shape[:2]
        if level.level == 16 or max(height, width) > below(level.level):
            size = coarse_size(height, width, level.level)
            found.setdefault(frame_size(*size, level.level, level.network.patch), []).append(p)
    return list(found.values())


def _fit_level(
    lora: Lora,
    level: int,
    pictures: Sequence[Picture],
    words: Words,
    vocabulary: Vocabulary,
    config: StyleConfig,
    start: starts.Start | None,
    end: float,
    progress: Progress,
) -> tuple[Params, int, float, float]:
    """The tensors of a level, AdamW steps done, and the loss of fixed views before and after."""
    assert isinstance(lora.module, Denoiser)
    table = level_config(lora.module, level)
    shown = pictures if lora.module.config.references else ()
    loss = view_loss(lora)
    lora.module.requires_grad_(False)

    def views(
        rng: np.random.Generator, among: Sequence[Picture], augment: bool = True, rows: int = config.rows
    ) -> Views:
        groups = by_frame(among, table)
        sizes = np.array([len(g) for g in groups])
        group = groups[int(rng.choice(len(groups), p=sizes / sizes.sum()))]
        order = [group[i] for i in rng.permutation(len(group))]
        some = [shown[i] for i in rng.permutation(len(shown))] if len(shown) and rng.random() < 0.75 else ()
        drop = UNTOLD if augment else 0.0
        return make_views(order, rows, table, words, vocabulary, rng, shown=some, augment=augment, drop=drop)

    def watch(among: Sequence[Picture]) -> Callable[[Params], float]:
        """The loss of fixed views."""
        fixed = [views(np.random.default_rng((7, i)), among, augment=False, rows=2 * config.rows) for i in range(2)]

        def measured(params: Params) -> float:
            with torch.no_grad():
                return float(np.mean([float(loss(params, v)) for v in fixed]))

        return measured

    def learn(among: Sequence[Picture], steps: int, until: float, seen: Callable[[Params], float] | None) -> Learned:
        rng = np.random.default_rng((config.seed, level))
        params = lora.init(torch.Generator().manual_seed(config.seed)) if start is None else dict(start.levels[level])
        if start is not None:
            params = inner_steps(loss, params, start.rates[level], lambda: views(rng, among))
        tell = lambda step: progress(level, step, steps)  # noqa: E731
        return descend(loss, params, steps, config.lr, lambda: views(rng, among), until, seen, tell)

    own = [p for group in by_frame(pictures, table) for p in group]
    neutral = lora.init(torch.Generator().manual_seed(config.seed))
    steps, now = min(config.steps, config.steps_unwatched), time.monotonic()
    if len(own) >= WATCHED and config.steps:
        order = np.random.default_rng((config.seed, level, 1)).permutation(len(own)).tolist()
        aside, rest = ([own[i] for i in part] for part in (order[: len(own) // 4], order[len(own) // 4 :]))
        steps = learn(rest, config.steps, now + 0.6 * (end - now), watch(aside)).best
    all_seen = watch(own)
    made = learn(own, steps, end, None)
    return made.params, made.steps, all_seen(neutral), all_seen(made.params)


def inner_steps(loss: Loss, params: Params, rates: Tensor, views: Callable[[], Views]) -> Params:
    """The inner loop of a meta-learned start with its own rates [steps, tensors], each step on fresh views."""
    for step in rates:
        slopes, _ = grad_and_value(loss)(params, views())
        params = {n: (v - rate * slopes[n]).detach() for (n, v), rate in zip(params.items(), step)}
    return params


class Learned(NamedTuple):
    """Tensors after all steps, the steps done, and after how many the loss that was watched was lowest."""

    params: Params
    steps: int
    best: int


def descend(
    loss: Loss,
    params: Params,
    steps: int,
    lr: float,
    views: Callable[[], Views],
    end: float = math.inf,
    watch: Callable[[Params], float] | None = None,
    progress: Callable[[int], None] = lambda step: None,
) -> Learned:
    """AdamW at a constant rate after five steps of warm-up; stops at the monotonic time `end`, or where what is watched has risen."""
    leaves = {n: v.detach().clone().requires_grad_() for n, v in params.items()}
    optimizer = torch.optim.AdamW(leaves.values(), lr=lr, betas=(0.9, 0.99), weight_decay=0.0)
    done, best, risen = 0, 0, 0
    lowest = watch(params) if watch is not None else 0.0
    while done < steps and time.monotonic() < end and risen < PATIENCE:
        for group in optimizer.param_groups:
            group["lr"] = lr * min(1.0, (done + 1) / 5)
        optimizer.zero_grad()
        loss(leaves, views()).backward()
        torch.nn.utils.clip_grad_norm_(leaves.values(), 1.0)
        optimizer.step()
        torch.clear_autocast_cache()  # it holds bf16 copies of the leaves as they were
        done += 1
        progress(done)
        if watch is not None and (done % WATCH_EVERY == 0 or done == steps):
            value = watch(leaves)
            risen = 0 if value < lowest else risen + 1
            lowest, best = (value, done) if value < lowest else (lowest, best)
    return Learned({n: v.detach() for n, v in leaves.items()}, done, best)


def adapt_style(
    images: Sequence[Path] | Sequence[Picture],
    name: str,
    home: Path,
    *,
    weights: Path | None = None,
    start: Path | None = None,
    config: StyleConfig | None = None,
    replace: bool = False,
    tell: Callable[[str], None] = lambda line: None,
    progress: Progress = lambda level, step, steps: None,
) -> tuple[Path, Fitted]:
    """The whole of `pixelmind adapt style`: read the sprites, make the adapter, keep it.

    Args:
        images: sprites and folders of them, or pictures that were read already.
        home: PIXELMIND_HOME.
        start: bundle with a meta-learned start; None: the weights' own, if they have one.

    Raises:
        BadInput: see `sprites.read_sprite`, `adapters.save`, `fit`.
    """
    from pixelmind.adaptation import adapters
    from pixelmind.adaptation.sprites import find_images, read_pictures

    adapters.check_name(name)
    if adapters.folder_of(home, name).exists() and not replace:
        raise BadInput(f"there is a style {name} already; choose another name, or give --replace")
    bundle = Bundle(weights)
    read = [image for image in images if isinstance(image, Picture)]
    pictures = read or read_pictures(find_images([i for i in images if isinstance(i, Path)], tell))
    found = fit(pictures, name, bundle, config, start=starts.find(bundle, start), progress=progress)
    return adapters.save(found.adapter, home, replace=replace), found
