"""The stage `synth`: draw scenes into a store, the same rows for the same config, appended to whatever the store holds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import draw_scene, families
from pixelmind.data.procedural.styles import STYLES
from pixelmind.data.sources.base import RawSprite
from pixelmind.records import Sample


@dataclass(frozen=True, kw_only=True)
class SynthResult:
    """What a run of `synth` did: rows added and in the store now, scenes per family and style, seconds."""

    store: Path
    added: int
    total: int
    families: dict[str, int]
    styles: dict[str, int]
    splits: dict[str, int]
    seconds: float


def scene_at(config: SynthConfig, index: int) -> RawSprite:
    """Scene number `index` of a shard: a pure function of (config, index)."""
    seed = config.seed * 2**32 + index
    rng = Rng(seed, "plan")
    known = families()
    names = [n for n in (config.families or tuple(known)) if any(config.fits(s) for s in known[n].sizes)]
    family = rng.choice(names, [known[n].weight for n in names])
    size = rng.choice([s for s in known[family].sizes if config.fits(s)])
    styles = [n for n in (config.styles or tuple(STYLES)) if config.styles or min(size) > 10 or not STYLES[n].lined]
    style = rng.choice(styles, [STYLES[n].weight for n in styles])
    return draw_scene(seed, family, style, size)


def to_sample(raw: RawSprite) -> Sample:
    """A scene as a row of the store; scenes that differ in details, style or size alone share a group, so a cluster and a split."""
    from pixelmind.pixels.png import encode_rgba_png

    mask = raw.mask if raw.mask is not None else np.zeros(raw.rgba.shape[:2], dtype=np.uint8)
    return Sample(
        png=encode_rgba_png(raw.rgba),
        height=raw.rgba.shape[0],
        width=raw.rgba.shape[1],
        captions=raw.captions,
        source=raw.source,
        licence=raw.licence,
        credit=raw.credit,
        tags=raw.tags,
        mask_png=encode_rgba_png(np.dstack([mask, mask, mask, np.full_like(mask, 255)])),
        mask_names=raw.mask_names,
        params={**raw.params, "group": raw.params["cluster"]},
    )


def synth(config: SynthConfig, out_dir: Path | str) -> SynthResult:
    """Draw `config.num_samples` scenes and append them to the store at `out_dir` (made if missing). The same call again adds nothing.

    Raises:
        BadInput: see `SynthConfig` and `Store.open`.
    """
    from pixelmind.data.store import Store

    start = time.monotonic()
    store = Store.open_or_create(out_dir)
    by_family: Counter[str] = Counter()
    by_style: Counter[str] = Counter()

    def counted(samples: Iterator[Sample]) -> Iterator[Sample]:
        for sample in samples:
            by_family[sample.tags["subject"]] += 1
            by_style[sample.tags["style"]] += 1
            yield sample

    added = store.append(counted(_samples(config)))
    return SynthResult(
        store=store.path,
        added=added,
        total=len(store),
        families=dict(by_family.most_common()),
        styles=dict(by_style.most_common()),
        splits=dict(store.manifest["splits"]),
        seconds=time.monotonic() - start,
    )


def _draw(job: tuple[SynthConfig, int, int]) -> list[Sample]:
    config, low, high = job
    return [to_sample(scene_at(config, i)) for i in range(low, high)]


def _samples(config: SynthConfig, chunk: int = 256) -> Iterator[Sample]:
    """All scenes in order, constant memory; drawn in `config.workers` processes (spawned, since Lance does not survive a fork)."""
    from rich.console import Console
    from rich.progress import track

    jobs = [(config, i, min(i + chunk, config.num_samples)) for i in range(0, config.num_samples, chunk)]
    bar = {
        "description": "drawing",
        "total": len(jobs),
        "console": Console(stderr=True),
        "disable": not config.progress,
    }
    if config.workers == 1:
        for job in track(jobs, **bar):  # type: ignore[arg-type]
            yield from _draw(job)
        return
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(config.workers) as pool:
        for samples in track(pool.imap(_draw, jobs), **bar):  # type: ignore[arg-type]
            yield from samples
