"""The meta-training stage: a store and a bundle in, the bundle's start for style adapters out.

    pixelmind train maml --preset small --data STORE --init-from BUNDLE --out RUN

RUN/level16 and level64 are run directories of the one loop (metrics.jsonl has the query loss before and after adaptation of every
meta-update; the same command resumes); RUN/bundle holds the part "adapter".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pixelmind.adaptation import starts
from pixelmind.adaptation.config import MamlConfig
from pixelmind.adaptation.lora import Params
from pixelmind.adaptation.maml_wrapper import MAMLWrapper
from pixelmind.adaptation.meta_task import MetaTask
from pixelmind.adaptation.tasks import Tasks, held_out_styles, read_groups
from pixelmind.adaptation.views import level_config
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.denoiser import Denoiser
from pixelmind.training.loop import TrainResult, train

HELD_OUT_SPLITS = ("val", "test")


@dataclass(frozen=True, kw_only=True)
class MamlResult:
    """The bundle with the part "adapter", the styles held out, and each level's run."""

    bundle: Path
    held_out: tuple[str, ...]
    levels: dict[int, TrainResult]

    @property
    def interrupted(self) -> bool:
        """A level was stopped before its budget was used up."""
        return any(result.interrupted for result in self.levels.values())

    def figures(self) -> dict[str, float]:
        """By level: meta-updates, and the query loss of held-out styles before and after adaptation where it was measured."""
        found: dict[str, float] = {}
        for level, result in self.levels.items():
            found[f"level{level} updates"] = result.step
            measured = {k.removeprefix("val_"): v for k, v in result.metrics.items()}
            found |= {f"level{level} {k}": v for k, v in measured.items() if k.startswith("held_out")}
        return found


def run(
    config: MamlConfig,
    data_dir: Path,
    out_dir: Path,
    *,
    weights: Path | None = None,
    stop: Callable[[], bool] | None = None,
) -> MamlResult:
    """Meta-learn a start for each level in turn; the same call resumes.

    Args:
        config: the `[maml]` table of a preset.
        data_dir: store folder.
        out_dir: run folder.
        weights: bundle that is adapted; None: the released one.
        stop: asked after each meta-update.

    Raises:
        BadInput: too few styles or pictures. Others: see `pixelmind.training.loop.train`.
    """
    store, base = Store.open(data_dir), Bundle(weights)
    cache = TextCache(data_dir / "text")
    names = store.columns("style", "source", "evaluation_only")
    known = [
        str(style or source)
        for style, source, aside in zip(names["style"], names["source"], names["evaluation_only"])
        if not aside
    ]
    held_out = held_out_styles(known, config.held_out)
    results: dict[int, TrainResult] = {}
    for level in config.levels:
        modules, vocabulary = base.get_level(level)
        denoiser = modules["denoiser"]
        assert isinstance(denoiser, Denoiser)
        table = level_config(denoiser, level)
        read = partial(
            read_groups, store, level, denoiser.config.patch, limit=config.group_pictures, seed=config.loop.seed
        )
        groups = read(splits=("train",), without=held_out)
        if not groups and level > config.levels[0]:
            continue  # a store of small pictures
        tasks = Tasks(groups)
        others = read(splits=HELD_OUT_SPLITS, styles=held_out)
        test = Tasks(others) if others else None
        cache.ensure([*tasks.captions(), *(test.captions() if test else ())])
        task = MetaTask(config, table, denoiser, tasks, test, cache.get, vocabulary, store.manifest_hash)
        resolved = {"maml": replace(config, levels=(level,)), "weights": base.id, "held_out": sorted(held_out)}
        result = train(task, config.loop, out_dir / f"level{level}", resolved_config=resolved, stop=stop)
        results[level] = result
        if result.interrupted:
            break
    if not results:
        raise BadInput(f"{data_dir} has no pictures for the levels {config.levels}")
    bundle = export(config, results, base, out_dir)
    return MamlResult(bundle=bundle, held_out=tuple(sorted(held_out)), levels=results)


def export(config: MamlConfig, results: dict[int, TrainResult], base: Bundle, out_dir: Path) -> Path:
    """Write RUN/bundle with the averaged starts of the levels trained."""
    levels: dict[int, Params] = {}
    rates = {}
    for level, result in results.items():
        modules = result.ema[0] if result.ema else result.modules
        wrapper = modules["start"]
        assert isinstance(wrapper, MAMLWrapper)
        levels[level] = {name: value.detach() for name, value in wrapper.params().items()}
        rates[level] = wrapper.rates(config.inner_steps).detach()
    steps = {str(level): result.step for level, result in results.items()}
    about = {"algorithm": config.algorithm, "steps": steps}
    start = starts.Start(config=config.lora, levels=levels, rates=rates, about=about)
    bundle = Bundle.create(out_dir / "bundle", preset="maml")
    starts.put(bundle, start, base)
    return bundle.folder
