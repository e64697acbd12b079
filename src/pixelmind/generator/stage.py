"""The generator's training stage: a store in, a bundle with trained levels out.

    pixelmind train generator --preset small --data STORE --out RUN

RUN/level16, level64 and level256 are run directories of the one loop; RUN/bundle holds the EMA weights in release form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import Tensor

from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.conditioning import Vocabulary
from pixelmind.generator.config import LEVELS, GeneratorConfig, LevelConfig, below
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.generator.task import LevelTask
from pixelmind.training.checkpoint import newest
from pixelmind.training.config import plain
from pixelmind.training.loop import TrainResult, train


@dataclass(frozen=True, kw_only=True)
class GeneratorResult:
    """Bundle folder and, for each level trained in this call, where its run stands."""

    bundle: Path
    levels: dict[int, TrainResult]


def store_vocabulary(store: Store, known: Vocabulary | None = None) -> Vocabulary:
    """Styles of everything that may be trained on, appended to the known ones so that learnt rows keep their place."""
    columns = store.columns("style", "source", "evaluation_only")
    style = [s or source for s, source in zip(columns["style"].astype(str), columns["source"].astype(str))]
    names = {s for s, held_out in zip(style, columns["evaluation_only"].astype(bool)) if not held_out}
    return (known or Vocabulary(())).extend(sorted(names))


def own_networks(config: GeneratorConfig, out_dir: Path, start: Bundle | None = None) -> GeneratorConfig:
    """The configuration with the networks of the weights the run starts from; without such weights, as it is.

    The run keeps them in networks.json, so that weights stay usable when the presets' shapes change. A run that starts from nothing
    has no such file, and is refused with other shapes than its own.
    """
    file, kept = out_dir / "networks.json", {}
    if file.is_file():
        kept = json.loads(file.read_text())
    elif start is not None:
        kept = {
            f"level{level}": start.manifest["parts"][f"level{level}"]["network"]
            for level in LEVELS
            if f"level{level}" in start
        }

    def table(level: int) -> LevelConfig:
        network = kept.get(f"level{level}")
        return replace(config.level(level), network=DenoiserConfig(**network)) if network else config.level(level)

    return replace(config, level16=table(16), level64=table(64), level256=table(256))


def trainable(store: Store) -> tuple[int, ...]:
    """The levels that a store has pictures for: the first, and those whose canvases are larger than the level below."""
    columns = store.columns("height", "width", "split", "evaluation_only")
    train = (columns["split"] == "train") & ~columns["evaluation_only"].astype(bool)
    longest = int(np.maximum(columns["height"], columns["width"])[train].max(initial=0))
    return tuple(level for level in LEVELS if level == LEVELS[0] or longest > below(level))


def grow(denoiser: Denoiser, lower: Mapping[str, Tensor]) -> list[str]:
    """Give a fresh level the weights of the level below where name and shape are equal (Karras et al. 2018); return their names."""
    own = denoiser.state_dict()
    same = {name: value for name, value in lower.items() if name in own and own[name].shape == value.shape}
    denoiser.load_state_dict(same, strict=False)
    return sorted(same)


def run(
    config: GeneratorConfig,
    data_dir: Path,
    out_dir: Path,
    *,
    levels: Sequence[int] | None = None,
    minutes: dict[int, float] | None = None,
    init_from: Path | None = None,
    stop: Callable[[], bool] | None = None,
) -> GeneratorResult:
    """Train the levels in order; the same call resumes.

    Args:
        config: the `[generator]` table of a preset.
        data_dir: store folder; captions' text features are kept beside it in `text/`.
        out_dir: run folder.
        levels: which levels to train now; None: all that the store has pictures for.
        minutes: wall-clock budget a level, instead of the preset's.
        init_from: bundle whose levels, networks and weights, a fresh run starts from.
        stop: asked after each step; true ends the level as Ctrl-C would.

    Raises:
        BadInput, CorruptFile, TrainingError: see `pixelmind.training.loop.train`.
    """
    store = Store.open(data_dir)
    start = Bundle(init_from) if init_from is not None else None
    config = own_networks(config, out_dir, start)
    if start is not None:
        write_json(out_dir / "networks.json", {f"level{level}": plain(config.level(level).network) for level in LEVELS})
    known_file = out_dir / "vocabulary.json"
    known = None
    if known_file.is_file():
        known = Vocabulary(tuple(json.loads(known_file.read_text())["styles"]))
    elif start is not None:
        known = start.get_level(16)[1]
    vocabulary = store_vocabulary(store, known)
    write_json(known_file, {"styles": list(vocabulary.styles)})
    cache = TextCache(data_dir / "text")
    results: dict[int, TrainResult] = {}
    for level in trainable(store) if levels is None else levels:
        table = config.level(level)
        loop = table.loop
        if minutes is not None:
            loop = replace(loop, minutes=minutes[level])
        if start is not None and f"level{level}" in start:
            loop = replace(loop, init_from=str(start.folder / f"level{level}.safetensors"))
        task = LevelTask(table, store, cache, vocabulary, batch_size=loop.batch_size, seed=loop.seed)
        cache.ensure(task.captions())
        if level > LEVELS[0] and not loop.init_from and newest(out_dir / f"level{level}") is None:
            lower = newest(out_dir / f"level{below(level)}")
            if lower is not None:
                grow(
                    task.denoiser,
                    lower.modules(0 if config.level(below(level)).loop.ema_halflife_samples else None)["denoiser"],
                )
        result = train(
            task, loop, out_dir / f"level{level}", resolved_config={"level": replace(table, loop=loop)}, stop=stop
        )
        results[level] = result
        if result.interrupted:
            break
    export(config, out_dir).describe(data=store.manifest, data_sha256=store.manifest_hash)
    return GeneratorResult(bundle=out_dir / "bundle", levels=results)


def export(config: GeneratorConfig, out_dir: Path) -> Bundle:
    """Write the newest checkpoint of every level of a run, also of one still training, into `out_dir`/bundle (EMA weights).

    Raises:
        BadInput: no level has a checkpoint yet.
    """
    config = own_networks(config, out_dir)
    found = {level: newest(out_dir / f"level{level}") for level in LEVELS}
    if not any(found.values()):
        raise BadInput(f"{out_dir} holds no checkpoint yet: train there first")
    vocabulary = Vocabulary(tuple(json.loads((out_dir / "vocabulary.json").read_text())["styles"]))
    bundle = Bundle.create(out_dir / "bundle", preset=config.name, generator=plain(config))
    for level, checkpoint in found.items():
        if checkpoint is not None:
            table, state = config.level(level), checkpoint.state
            states = checkpoint.modules(0 if table.loop.ema_halflife_samples else None)
            known = {"samples": state["samples"], "seconds": round(state["seconds"]), "seed": table.loop.seed}
            bundle.put_level(level, states, table.network, vocabulary, **known)
    return bundle
