"""The studies: what each job does. The first arm of each is the whole."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.evaluation.ablation import choices
from pixelmind.evaluation.ablation.plan import Job, Study, Values
from pixelmind.evaluation.ablation.training import judged, real_items, train_levels
from pixelmind.evaluation.judge import Judge
from pixelmind.records import U8
from pixelmind.training.config import load_preset


class Stopped(Exception):
    """A signal ended a training; the same call goes on."""


# ---- memory ----------------------------------------------------------------------------------------------------------
MODES = {"memory (NTM)": "machine", "last pair only": "last", "no memory": "off"}


def memory(job: Job) -> Values:
    """Train the machine, or one that keeps less, on simulated people, and let it foretell what others mean."""
    from pixelmind.dialogue.memory_stage import MemoryConfig, People, accuracy, fit
    from pixelmind.encoder.text_tower import TextTower

    config = MemoryConfig(steps=job.config.memory_steps, test_people=job.config.memory_people, seed=job.seed)
    people, mode = People(TextTower()), MODES[job.arm]
    net = fit(config, people, mode)  # type: ignore[arg-type]
    others = people.draw(config.test_people, config.wishes, config.words, np.random.default_rng((job.seed, 99)))
    return {
        f"reading foretold, {name}": values.tolist()
        for name, values in accuracy(net, others, mode).items()  # type: ignore[arg-type]
    }


# ---- hierarchy -------------------------------------------------------------------------------------------------------
MIX = "real 0.6, procedural 0.4"
WHOLE, SINGLE = "levels 16 and 64", "one level at native size"


def hierarchy(job: Job) -> Values:
    """Two levels, or one network at native size, for the same CPU seconds."""
    from pixelmind.encoder.text_cache import TextCache
    from pixelmind.evaluation.ablation.budget import spend
    from pixelmind.evaluation.ablation.single_level import SingleLevelPipeline, SingleLevelTask
    from pixelmind.evaluation.ablation.training import LOOPS, loop
    from pixelmind.generator import stage
    from pixelmind.generator.pipeline import load
    from pixelmind.training.bundle import load_into
    from pixelmind.training.checkpoint import run_weights
    from pixelmind.training.loop import train

    data, out, seconds = Path(job.data), job.folder / "run", job.config.train_minutes * 60
    score = partial(
        judged, judge=Judge.load(job.judge), count=job.config.num_prompts, seed=job.seed, name="real prompts"
    )
    if job.arm == WHOLE:
        if train_levels(data, out, MIX, seconds, job.seed) is None:
            raise Stopped
        return score(load(out / "bundle", best_of=1), items=real_items(data))
    store, cache = Store.open(data), TextCache(data / "text")
    vocabulary = stage.store_vocabulary(store)
    batch, halflife = LOOPS["single-level"]
    torch.manual_seed(job.seed)
    task = SingleLevelTask(store, cache, vocabulary, mix=MIX, batch_size=batch, seed=job.seed)
    cache.ensure(task.captions())

    def step_on(steps: int, stop):
        train(task, loop(batch, halflife, steps, job.seed), out, resolved_config={"ablation": SINGLE}, stop=stop)

    if spend(seconds, out, step_on) is None:
        raise Stopped
    load_into(task.modules(), run_weights(out), str(out))
    pipeline = SingleLevelPipeline(modules=task.modules(), vocabulary=vocabulary, name=SINGLE)
    return score(pipeline, items=real_items(data))


# ---- check -----------------------------------------------------------------------------------------------------------
CHECKED, UNCHECKED = "with critic and refiner", "without"


def check(job: Job) -> Values:
    """The released weights' drawings with and without the check after drawing."""
    from pixelmind.evaluation.metrics.orphan_pixels import orphan_share
    from pixelmind.generator.pipeline import load
    from pixelmind.quality.after import load_check

    pipe, checker = load(job.weights), load_check(job.weights)
    if checker is None:
        raise BadInput("the weights hold no critic to be measured without: pixelmind train critic")
    checked, kept = checker, list[U8]()

    class _Drawing:
        def generate_batch(self, requests):
            results = pipe.generate_batch(requests)
            if job.arm == CHECKED:
                results = [checked.drawn(pipe, r, x) for r, x in zip(requests, results)]
            kept.extend(s.rgba() for x in results for s in x.sprites)
            return results

    values = judged(
        _Drawing(), Judge.load(job.judge), real_items(Path(job.data)), job.config.num_prompts, job.seed, name="real prompts"
    )  # fmt: skip
    verdicts = checked.inspector.judge(kept)
    return {
        **values,
        "critic: expected satisfaction": [round(1 - v.dissatisfied, 5) for v in verdicts],
        "cells that are no orphans": [1 - orphan_share(x) for x in kept],
    }


# ---- meta-learning ---------------------------------------------------------------------------------------------------
META, PLAIN, SHOWN = "meta-learned start", "plain fine-tuning", "references only"


def meta(job: Job) -> Values:
    """Five inner steps on four pictures of a style that meta-training never saw; minus the loss on other pictures of it."""
    from pixelmind.adaptation import meta_test, stage, starts
    from pixelmind.adaptation.config import MamlConfig
    from pixelmind.adaptation.tasks import held_out_styles
    from pixelmind.generator.bundle import Bundle
    from pixelmind.training.backends.local import LocalBackend
    from pixelmind.training.config import build

    table = load_preset("small")["maml"]
    config = build(MamlConfig, table, "maml")
    loop = replace(
        config.loop, steps=job.config.meta_updates, warmup_steps=max(1, job.config.meta_updates // 20), seed=job.seed
    )
    config = replace(config, loop=loop, levels=(16,))
    base, data, out = Bundle(job.weights), Path(job.data), job.folder / "run"
    start = None
    if job.arm == META:
        result = stage.run(replace(config, report_episodes=2), data, out, weights=Path(job.weights))
        if result.interrupted:
            raise Stopped
        start = starts.find(base, result.bundle)
    columns = Store.open(data).columns("style", "source", "evaluation_only")
    known = [str(s or r) for s, r, e in zip(columns["style"], columns["source"], columns["evaluation_only"]) if not e]
    held_out = held_out_styles(known, config.held_out)
    bench = meta_test.Bench(16, data, base, config.lora)
    tasks = bench.tasks(splits=stage.HELD_OUT_SPLITS, styles=held_out, limit=config.group_pictures)
    tuned_on = bench.tasks(splits=stage.HELD_OUT_SPLITS, without=held_out, limit=64)
    with torch.no_grad(), LocalBackend.choose(device="cpu").autocast():
        methods: dict[str, meta_test.Method] = {}
        if job.arm == PLAIN:
            methods[PLAIN] = bench.plain(bench.best_rate(tuned_on, max(2, job.config.episodes // 2)))
        elif start is not None:
            methods[META] = bench.of(start)
        drawn = meta_test.episodes(tasks, 4, job.config.episodes, seed=100 + job.seed)
        losses = bench.losses(methods, drawn)
    own = losses[meta_test.REFERENCES if job.arm == SHOWN else job.arm]
    return {"minus the loss of held-out styles, k = 4": [round(-float(v), 6) for v in own]}


# ---- data mix --------------------------------------------------------------------------------------------------------
LIKED = "procedural-dialogue"  # what counts as drawn in every figure; see dialogue/taken.py
MIXES = {
    "real 60, drawn 40": MIX,
    "human art only": "real 1",
    "drawn scenes only": "procedural 1",
    "real 50, drawn 30, liked 20": f"real 0.5, procedural 0.3, {LIKED} 0.2",
}


def mix(job: Job) -> Values:
    """Level 16 of the weights trained on with one mix, asked for real and for drawn prompts at 16x16."""
    from pixelmind.generator.pipeline import load

    data = Path(job.data)
    learn = with_liked(job) if LIKED in MIXES[job.arm] else data
    trained = train_levels(
        learn, job.folder / "run", MIXES[job.arm], job.config.mix_minutes * 60, job.seed,
        share={16: 1.0}, init_from=Path(job.weights), lr=3e-4,
    )  # fmt: skip
    if trained is None:
        raise Stopped
    pipe, judge = load(job.folder / "run" / "bundle", best_of=1), Judge.load(job.judge)
    values: dict[str, list[float]] = {}
    for origin, name in (("real", "real prompts"), ("procedural", "drawn prompts")):
        values |= judged(pipe, judge, real_items(data, origin), job.config.num_prompts, job.seed, side=16, name=name)
    return values


def with_liked(job: Job) -> Path:
    """A copy of the store (its files linked) with drawings of the weights that simulated people took of two."""
    out = Path(job.out) / "store-with-liked"
    if (out / "ready").is_file():
        return out
    partial_ = out.with_name(f"{out.name}.{os.getpid()}")
    shutil.rmtree(partial_, ignore_errors=True)
    shutil.copytree(job.data, partial_, copy_function=_link)
    choices.add_liked(partial_, job.weights, job.config.liked, LIKED)
    (partial_ / "ready").write_text("")
    try:
        partial_.rename(out)
    except OSError:  # another job was faster
        shutil.rmtree(partial_, ignore_errors=True)
    return out


def _link(source: str, target: str) -> None:
    """Lance's data files never change; everything else is copied."""
    if source.endswith(".lance"):
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
    else:
        shutil.copy2(source, target)


STUDIES: dict[str, Study] = {
    s.name: s
    for s in (
        Study(
            name="memory", question="Does the dialogue's memory foretell what a person means by a vague word?",
            arms=tuple(MODES), item="person", run=memory, simulated=True,
        ),
        Study(
            name="hierarchy", question="Do two levels draw better than one network at native size, for the same CPU seconds?",
            arms=(WHOLE, SINGLE), item="prompt", run=hierarchy,
        ),
        Study(
            name="check", question="What do critic and refiner change in what is drawn?",
            arms=(CHECKED, UNCHECKED), item="prompt", run=check,
        ),
        Study(
            name="meta", question="Does a meta-learned start take on a new style better than plain fine-tuning, or than showing pictures?",
            arms=(META, PLAIN, SHOWN), item="episode", run=meta,
        ),
        Study(
            name="mix", question="What should level 16 go on learning from: human art, drawn scenes, what people took?",
            arms=tuple(MIXES), item="prompt", run=mix, simulated=True,
        ),
        Study(
            name="choices", question="How many choices until a person's drawings please them better?",
            arms=tuple(str(n) for n in choices.COUNTS), item="person", run=choices.run, simulated=True, axis="choices",
        ),
    )
}  # fmt: skip
