"""The meta-training stage: a store and a bundle in, the bundle's start for style adapters out.

    pixelmind train maml --preset small --data STORE --feedback DATABASE --init-from BUNDLE --out RUN

RUN/level16 and level64 are run directories of the one loop (metrics.jsonl has the query loss before and after adaptation of every
meta-update; the same command resumes); RUN/bundle holds the part "adapter"; RUN/report.json is the report before and after on styles that
were held out (`meta_test.py`), by which a start that is not better than plain fine-tuning is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from pixelmind.adaptation import feedback as studio
from pixelmind.adaptation import starts
from pixelmind.adaptation.config import MamlConfig
from pixelmind.adaptation.maml_wrapper import MAMLWrapper
from pixelmind.adaptation.meta_task import VALIDATION_SHOTS, MetaTask
from pixelmind.adaptation.meta_test import Bench, Card, card
from pixelmind.adaptation.tasks import MIN_GROUP, Tasks, held_out_styles, read_groups
from pixelmind.adaptation.views import level_config
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.denoiser import Denoiser
from pixelmind.training.loop import TrainResult, train
from pixelmind.training.lora import Params

HELD_OUT_SPLITS = ("val", "test")


@dataclass(frozen=True, kw_only=True)
class MamlResult:
    """The bundle with the part "adapter", the styles held out, each level's run, and its report where there were styles to test on."""

    bundle: Path
    held_out: tuple[str, ...]
    levels: dict[int, TrainResult]
    people: int = 0
    """Persons whose sprites were among the styles."""
    cards: tuple[Card, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the start is refused; empty where it is accepted."""
        if not self.cards:
            return ("no style was held out to test on",)
        return tuple(
            f"level {c.level}: gain over plain fine-tuning {c.over_fine_tuning.value:+.5f} "
            f"[{c.over_fine_tuning.low:+.5f}, {c.over_fine_tuning.high:+.5f}], over references only {c.over_references.value:+.5f}"
            for c in self.cards
            if not c.better
        )

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
        for c in self.cards:
            found[f"level{c.level} gain over fine-tuning"] = c.over_fine_tuning.value
            found[f"level{c.level} gain over references"] = c.over_references.value
        return found


def run(
    config: MamlConfig,
    data_dir: Path,
    out_dir: Path,
    *,
    weights: Path | None = None,
    feedback: Path | str | None = None,
    whose: studio.Whose = "",
    stop: Callable[[], bool] | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> MamlResult:
    """Meta-learn a start for each level in turn, and test it on held-out styles; the same call resumes.

    Args:
        config: the `[maml]` table of a preset.
        data_dir: store folder.
        out_dir: run folder.
        weights: bundle that is adapted; None: the released one.
        feedback: database whose people's own sprites are styles too.
        whose: of real people, of simulated ones or of both, see `feedback.people`.
        stop: asked after each meta-update.
        tell: hears of the test.

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
    persons = [] if feedback is None else studio.people(feedback, whose)
    held_out = held_out_styles([*known, *(p.style for p in persons)], config.held_out)
    if persons and not studio.groups(persons, config.levels[0], 1):
        raise BadInput(f"nobody in {feedback} has {MIN_GROUP} sprites that fit; collect more, or leave --feedback out")
    results: dict[int, TrainResult] = {}
    benches: dict[int, tuple[Tasks, Tasks]] = {}
    for level in config.levels:
        modules, vocabulary = base.get_level(level)
        denoiser = modules["denoiser"]
        assert isinstance(denoiser, Denoiser)
        table = level_config(denoiser, level)
        read = partial(
            read_groups, store, level, denoiser.config.patch, limit=config.group_pictures, seed=config.loop.seed
        )
        own = partial(studio.groups, persons, level, denoiser.config.patch)
        groups = [*read(splits=("train",), without=held_out), *own(without=held_out)]
        if not groups and level > config.levels[0]:
            continue  # a store of small pictures
        tasks = Tasks(groups)
        others = [*read(splits=HELD_OUT_SPLITS, styles=held_out), *(g for g in own() if g.style in held_out)]
        test = Tasks(others) if others else None
        cache.ensure([*tasks.captions(), *(test.captions() if test else ())])
        task = MetaTask(config, table, denoiser, tasks, test, cache.get, vocabulary, store.manifest_hash)
        resolved = {"maml": replace(config, levels=(level,)), "weights": base.id, "held_out": sorted(held_out)}
        if persons:
            resolved["people"] = sorted(p.style for p in persons)
        result = train(task, config.loop, out_dir / f"level{level}", resolved_config=resolved, stop=stop)
        results[level] = result
        if result.interrupted:
            break
        known_val = read(splits=HELD_OUT_SPLITS, without=held_out)
        if test is not None and known_val:
            benches[level] = Tasks(known_val), test
    if not results:
        raise BadInput(f"{data_dir} has no pictures for the levels {config.levels}")
    bundle = export(config, results, base, out_dir)
    cards: list[Card] = []
    if len(results) and not any(r.interrupted for r in results.values()):
        start = starts.find(base, bundle)
        assert start is not None
        for level, (tuned_on, test) in benches.items():
            tell(f"level {level}: {config.report_episodes} episodes of held-out styles")
            bench = Bench(level, data_dir, base, config.lora)
            bench.cache.ensure([*tuned_on.captions(), *test.captions()])
            cards.append(card(bench, start, tuned_on, test, VALIDATION_SHOTS, config.report_episodes))
    made = MamlResult(
        bundle=bundle, held_out=tuple(sorted(held_out)), levels=results, people=len(persons), cards=tuple(cards)
    )
    if not made.interrupted:
        told = {"held_out": made.held_out, "people": len(persons), "whose": whose, "accepted": not made.reasons}
        write_json(out_dir / "report.json", {**told, "reasons": made.reasons, "levels": [asdict(c) for c in cards]})
    return made


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
