"""How well a style is drawn from k = 1, 4, 8, 16 of its pictures: MAML, FOMAML, Reptile, plain fine-tuning, references only.

    .venv/bin/python experiments/kshot/run.py --data STORE --start maml=RUN/bundle --start reptile=RUN2/bundle --out OUT

The figure is the denoiser's own loss on pictures of the style that were not shown (the query), with the same noise for all methods,
paired by episode. Episodes are of styles held out from meta-training and from pictures of the `val` and `test` splits; with --unseen
of evaluation-only art, which no weights were trained on. Every method is shown the support as references, but "nothing". Plain
fine-tuning takes the steps of SGD that the others take, at the rate that is best for it on the styles of meta-training; --long adds
AdamW steps as `adapt style` takes them.

Writes OUT/results.json and OUT/kshot.png.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pixelmind.adaptation import starts
from pixelmind.adaptation.config import SHOTS
from pixelmind.adaptation.lora import Lora, LoraConfig, Params
from pixelmind.adaptation.maml_wrapper import INNER_STEPS, MAMLWrapper
from pixelmind.adaptation.stage import HELD_OUT_SPLITS
from pixelmind.adaptation.style import descend
from pixelmind.adaptation.tasks import Episode, Tasks, held_out_styles, read_groups
from pixelmind.adaptation.views import Views, level_config, make_views, view_loss
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.denoiser import Denoiser
from pixelmind.training.backends.local import LocalBackend

RATES = (0.03, 0.1, 0.3, 1.0, 3.0)
QUERY, ROWS = 16, 16
Method = Callable[[Episode, np.random.Generator], Params]


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


def query_loss(bench: Bench, params: Params, episode: Episode, seed: int, shown: bool = True) -> float:
    """Mean loss of four fixed views a query picture."""
    rng = np.random.default_rng((seed, 2))
    views = bench.views(
        episode.query, episode.support if shown else (), rng, rows=4 * len(episode.query), augment=False
    )
    return float(bench.loss(params, views))


def episodes(tasks: Tasks, k: int, count: int, seed: int) -> list[Episode]:
    """The same episodes for every method: styles in turn."""
    rng = np.random.default_rng((seed, k))
    return [tasks.draw(rng, k, QUERY, style=tasks.styles[i % len(tasks.styles)]) for i in range(count)]


def best_rate(bench: Bench, tasks: Tasks, count: int) -> float:
    """The SGD rate with the lowest query loss of plain fine-tuning at k = 4, on the styles of meta-training."""
    found = {}
    for lr in RATES:
        method = bench.sgd(bench.zero, torch.full((INNER_STEPS, len(bench.zero)), lr))
        losses = []
        for i, episode in enumerate(episodes(tasks, 4, count, seed=9)):
            losses.append(query_loss(bench, method(episode, np.random.default_rng((i, 1))), episode, i))
        found[lr] = float(np.nan_to_num(np.mean(losses), nan=1e9))
        print(f"plain fine-tuning at rate {lr:g}: {found[lr]:.5f}", flush=True)
    return min(found, key=lambda lr: found[lr])


def interval(values: np.ndarray, groups: list[str], seed: int = 0) -> tuple[float, float]:
    """95 % interval of a mean over episodes, by a bootstrap over styles and then episodes of each."""
    rng = np.random.default_rng(seed)
    by_style = [values[[i for i, g in enumerate(groups) if g == style]] for style in sorted(set(groups))]
    means = []
    for _ in range(2000):
        picked = [by_style[i] for i in rng.integers(len(by_style), size=len(by_style))]
        means.append(np.mean(np.concatenate([rng.choice(v, len(v)) for v in picked])))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def measure(
    bench: Bench, tasks: Tasks, methods: dict[str, Method], shots: tuple[int, ...], count: int, seed: int
) -> dict[str, Any]:
    """Query losses by method and k, and each one's difference to references only with its interval."""
    rows: dict[str, Any] = {}
    for k in shots:
        drawn = episodes(tasks, k, count, seed)
        styles = [e.style for e in drawn]
        losses: dict[str, list[float]] = {name: [] for name in ("nothing", "references", *methods)}
        for i, episode in enumerate(drawn):
            losses["nothing"].append(query_loss(bench, bench.zero, episode, i, shown=False))
            losses["references"].append(query_loss(bench, bench.zero, episode, i))
            for name, method in methods.items():
                losses[name].append(query_loss(bench, method(episode, np.random.default_rng((i, 1))), episode, i))
        plain = np.array(losses["references"])
        rows[str(k)] = {}
        for name, values in losses.items():
            gain = plain - np.array(values)
            low, high = interval(gain, styles)
            rows[str(k)][name] = {
                "loss": round(float(np.mean(values)), 5),
                "gain": round(float(gain.mean()), 5),
                "interval": [round(low, 5), round(high, 5)],
            }
            print(
                f"k={k} {name}: loss {np.mean(values):.4f}, gain {gain.mean():+.5f} [{low:+.5f}, {high:+.5f}]",
                flush=True,
            )
        names = [n for n in methods if n != "fine-tuning"]
        for name in names if "fine-tuning" in methods else ():
            gain = np.array(losses["fine-tuning"]) - np.array(losses[name])
            low, high = interval(gain, styles)
            rows[str(k)][name]["over_fine_tuning"] = [round(float(gain.mean()), 5), round(low, 5), round(high, 5)]
            print(f"k={k} {name} over fine-tuning: {gain.mean():+.5f} [{low:+.5f}, {high:+.5f}]", flush=True)
    return rows


def draw_figure(found: dict[str, Any], path: Path) -> None:
    """The gain over references only against k."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    shots = list(found["query_loss"])
    for j, name in enumerate(n for n in found["query_loss"][shots[0]] if n != "references"):
        cells = [found["query_loss"][k][name] for k in shots]
        gain = np.array([c["gain"] for c in cells])
        low, high = np.array([c["interval"] for c in cells]).T
        x = np.arange(len(shots)) + (j - 2) * 0.06
        axes.errorbar(x, gain, [gain - low, high - gain], marker="o", markersize=3, capsize=2, label=name)
    axes.axhline(0, color="grey", linewidth=0.8)
    axes.set_xticks(range(len(shots)), shots)
    axes.set(xlabel="pictures of the style (k)", ylabel="lower query loss than with references only")
    axes.legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--start", action="append", default=[], metavar="NAME=BUNDLE", help="a meta-learned start")
    parser.add_argument("--level", type=int, default=16)
    parser.add_argument("--shots", default=",".join(map(str, SHOTS)))
    parser.add_argument("--episodes", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--long", type=int, default=0, help="also AdamW for so many steps, as `adapt style`")
    parser.add_argument("--lr", type=float, default=1e-3, help="of --long")
    parser.add_argument("--rate", type=float, help="of plain fine-tuning; default: the best on other styles")
    parser.add_argument("--unseen", action="store_true")
    parser.add_argument("--held-out", type=float, default=0.25)
    args = parser.parse_args()
    torch.set_num_threads(1)
    began = time.process_time()
    base = Bundle(args.weights)
    given = {}
    for item in args.start:
        name, _, folder = item.partition("=")
        given[name] = starts.find(base, Path(folder))
    config = next((s.config for s in given.values() if s), LoraConfig())
    bench = Bench(args.level, args.data, base, config)
    columns = Store.open(args.data).columns("style", "source", "evaluation_only")
    known = [s or r for s, r, e in zip(columns["style"], columns["source"], columns["evaluation_only"]) if not e]
    held_out = held_out_styles(known, args.held_out)
    with torch.no_grad(), LocalBackend.choose(device="cpu").autocast():
        rate = args.rate
        if rate is None:
            rate = best_rate(bench, bench.tasks(splits=HELD_OUT_SPLITS, without=held_out, limit=64), 24)
        if args.unseen:
            tasks = bench.tasks(splits=("train", "val", "test", "judge"), evaluation_only=True, limit=128)
        else:
            tasks = bench.tasks(splits=HELD_OUT_SPLITS, styles=held_out, limit=128)
        methods: dict[str, Method] = {
            "fine-tuning": bench.sgd(bench.zero, torch.full((INNER_STEPS, len(bench.zero)), rate))
        }
        if args.long:
            methods[f"{args.long} AdamW steps"] = bench.adamw(bench.zero, args.long, args.lr)
        for name, start in given.items():
            assert start is not None
            methods[f"{name}, no step"] = _stay(start.levels[args.level])
            methods[name] = bench.sgd(start.levels[args.level], start.rates[args.level])
            if args.long:
                methods[f"{name}, {args.long} more"] = _then(bench, start, args.level, args.long, args.lr)
        shots = tuple(int(k) for k in args.shots.split(","))
        rows = measure(bench, tasks, methods, shots, args.episodes, args.seed)
    found = {
        "level": args.level,
        "styles": tasks.styles,
        "episodes": args.episodes,
        "rate": rate,
        "long": [args.long, args.lr],
        "starts": {name: dict(start.about) for name, start in given.items() if start},
        "weights": base.id,
        "query_loss": rows,
        "cpu_seconds": round(time.process_time() - began),
    }
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "results.json").write_text(json.dumps(found, indent=2) + "\n")
    draw_figure(found, args.out / "kshot.png")


def _stay(start: Params) -> Method:
    return lambda episode, rng: start


def _then(bench: Bench, start: starts.Start, level: int, steps: int, lr: float) -> Method:
    inner = bench.sgd(start.levels[level], start.rates[level])
    return lambda episode, rng: bench.adamw(inner(episode, rng), steps, lr)(episode, rng)


if __name__ == "__main__":
    main()
