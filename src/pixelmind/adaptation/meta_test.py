"""Meta-test: does a start adapt to styles that meta-training never saw better than no start does? (Finn et al. 2017, sec. 5.)

The figure is the denoiser's own loss on pictures of the style that were not shown (the query), with the same noise for all methods,
paired by episode, after the inner loop on k pictures (the support). Every method but "nothing" is shown the support as references:

    references    the weights as they are
    fine-tuning   inner steps of plain SGD from an adapter that changes nothing, at the rate that is best on the styles of meta-training
    a start       the same number of steps on the same views from where it starts, at the rates it learned

Limits: the loss is no picture; `experiments/kshot/drawn.py` draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pixelmind.adaptation.maml_wrapper import INNER_STEPS, MAMLWrapper
from pixelmind.adaptation.starts import Start
from pixelmind.adaptation.style import descend
from pixelmind.adaptation.tasks import Episode, Tasks, read_groups
from pixelmind.adaptation.views import Views, level_config, make_views, view_loss
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.denoiser import Denoiser
from pixelmind.training.backends.local import LocalBackend
from pixelmind.training.lora import Lora, LoraConfig, Params

RATES = (0.03, 0.1, 0.3, 1.0, 3.0)
QUERY, ROWS, VIEWS = 16, 16, 4
REFERENCES, PLAIN, NOTHING = "references", "fine-tuning", "nothing"
Method = Callable[[Episode, np.random.Generator], Params]
Tell = Callable[[str], None]


@dataclass
class Bench:
    """A frozen level, its words and vocabulary, and the adapters' shape."""

    level: int
    data: Path
    base: Bundle
    lora_config: LoraConfig

    def __post_init__(self) -> None:
        modules, self.vocabulary = self.base.get_level(self.level)
        net = modules["denoiser"]
        assert isinstance(net, Denoiser)
        self.net, self.table = net, level_config(net, self.level)
        self.lora = Lora(net, self.lora_config)
        self.loss = view_loss(self.lora)
        self.cache = TextCache(self.data / "text")
        self.zero = self.lora.init(torch.Generator().manual_seed(0))

    def tasks(self, **which: Any) -> Tasks:
        """Tasks of some splits and styles, their words ready."""
        found = Tasks(read_groups(Store.open(self.data), self.level, self.net.config.patch, **which))
        self.cache.ensure(found.captions())
        return found

    def views(
        self, pictures: Any, shown: Any, rng: np.random.Generator, rows: int = ROWS, augment: bool = True
    ) -> Views:
        """Views as `adapt style` sees them."""
        return make_views(
            pictures, rows, self.table, self.cache.get, self.vocabulary, rng, shown=shown, augment=augment
        )

    def plain(self, rate: float, steps: int = INNER_STEPS) -> Method:
        """Plain fine-tuning: SGD at one rate from an adapter that changes nothing."""
        return self.sgd(self.zero, torch.full((steps, len(self.zero)), rate))

    def of(self, start: Start) -> Method:
        """The inner loop of a start with its own rates."""
        return self.sgd(start.levels[self.level], start.rates[self.level])

    def sgd(self, start: Params, rates: Tensor) -> Method:
        """The inner loop: one SGD step a row of `rates` [steps, tensors], on the same views."""

        def adapt(episode: Episode, rng: np.random.Generator) -> Params:
            wrapper = MAMLWrapper(self.lora, self.loss, inner_lr=1.0, inner_steps=len(rates), first_order=True)
            wrapper.rates = lambda steps: rates  # type: ignore[method-assign]
            return wrapper.adapt(start, self.views(episode.support, episode.support, rng))

        return adapt

    def adamw(self, start: Params, steps: int, lr: float) -> Method:
        """AdamW on fresh views, as `adapt style`."""

        def adapt(episode: Episode, rng: np.random.Generator) -> Params:
            views = lambda: self.views(episode.support, episode.support, rng)  # noqa: E731
            with torch.enable_grad():
                return descend(self.loss, start, steps, lr, views).params

        return adapt

    def query_loss(self, params: Params, episode: Episode, seed: int, shown: bool = True) -> float:
        """Mean loss of four fixed views a query picture."""
        rng = np.random.default_rng((seed, 2))
        support = episode.support if shown else ()
        views = self.views(episode.query, support, rng, rows=VIEWS * len(episode.query), augment=False)
        return float(self.loss(params, views))

    def losses(self, methods: Mapping[str, Method], drawn: Sequence[Episode]) -> dict[str, np.ndarray]:
        """Query loss [episodes] of each method, of references only and of nothing shown."""
        found: dict[str, list[float]] = {name: [] for name in (NOTHING, REFERENCES, *methods)}
        for i, episode in enumerate(drawn):
            found[NOTHING].append(self.query_loss(self.zero, episode, i, shown=False))
            found[REFERENCES].append(self.query_loss(self.zero, episode, i))
            for name, method in methods.items():
                found[name].append(self.query_loss(method(episode, np.random.default_rng((i, 1))), episode, i))
        return {name: np.array(values) for name, values in found.items()}

    def best_rate(self, tasks: Tasks, count: int, tell: Tell = lambda line: None) -> float:
        """The SGD rate with the lowest query loss of plain fine-tuning at k = 4."""
        found = {}
        for rate in RATES:
            losses = self.losses({PLAIN: self.plain(rate)}, episodes(tasks, 4, count, seed=9))[PLAIN]
            found[rate] = float(np.nan_to_num(losses.mean(), nan=1e9))
            tell(f"plain fine-tuning at rate {rate:g}: {found[rate]:.5f}")
        return min(found, key=lambda rate: found[rate])


def episodes(tasks: Tasks, k: int, count: int, seed: int) -> list[Episode]:
    """The same episodes for every method: styles in turn."""
    rng = np.random.default_rng((seed, k))
    return [tasks.draw(rng, k, QUERY, style=tasks.styles[i % len(tasks.styles)]) for i in range(count)]


def interval(values: np.ndarray, groups: Sequence[str], seed: int = 0) -> tuple[float, float]:
    """95 % interval of a mean over episodes, by a bootstrap over styles and then episodes of each."""
    rng = np.random.default_rng(seed)
    by_style = [values[[i for i, g in enumerate(groups) if g == style]] for style in sorted(set(groups))]
    means = []
    for _ in range(2000):
        picked = [by_style[i] for i in rng.integers(len(by_style), size=len(by_style))]
        means.append(np.mean(np.concatenate([rng.choice(v, len(v)) for v in picked])))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


@dataclass(frozen=True, kw_only=True)
class Gain:
    """How much lower the query loss is than another method's, and its 95 % interval over styles and episodes."""

    value: float
    low: float
    high: float


def gain(other: np.ndarray, own: np.ndarray, styles: Sequence[str]) -> Gain:
    """Of `own` over `other`, losses [episodes] of the same episodes."""
    low, high = interval(other - own, styles)
    return Gain(value=float((other - own).mean()), low=low, high=high)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One level's report before (weights as they are, plain fine-tuning) and after (the start), on held-out styles."""

    level: int
    k: int
    episodes: int
    styles: tuple[str, ...]
    rate: float
    """Of plain fine-tuning."""
    loss: dict[str, float]
    over_references: Gain
    over_fine_tuning: Gain

    @property
    def better(self) -> bool:
        """Than plain fine-tuning, for sure, and not worse than references only."""
        return self.over_fine_tuning.low > 0 and self.over_references.value > 0


def card(bench: Bench, start: Start, known: Tasks, held_out: Tasks, k: int, count: int, seed: int = 0) -> Card:
    """Measure a start on `count` episodes of held-out styles; `known` are tasks of the styles of meta-training, to choose plain
    fine-tuning's rate on."""
    with torch.no_grad(), LocalBackend.choose(device="cpu").autocast():
        rate = bench.best_rate(known, max(1, count // 2))
        drawn = episodes(held_out, k, count, seed)
        losses = bench.losses(
            {PLAIN: bench.plain(rate, len(start.rates[bench.level])), "start": bench.of(start)}, drawn
        )
    styles = [e.style for e in drawn]
    return Card(
        level=bench.level,
        k=k,
        episodes=count,
        styles=tuple(sorted(set(styles))),
        rate=rate,
        loss={name: float(values.mean()) for name, values in losses.items()},
        over_references=gain(losses[REFERENCES], losses["start"], styles),
        over_fine_tuning=gain(losses[PLAIN], losses["start"], styles),
    )
