"""Training the refiner, start to report: `pixelmind train refiner --data STORE --out RUN`.

RUN is a run directory of the one loop and a bundle with part "refiner". Suspected cells are as in training: faults as a heat map that errs
would show them. The chance from which a cell is moved is the one that leaves most cells of real `val` pictures right; report.json holds
figures on real `test` pictures and on sources that nobody trains on. What the critic finds by itself: experiments/critic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.quality.critic_test import held_out
from pixelmind.quality.defects import DEFECTS, SEVERITIES, damage
from pixelmind.quality.defects.base import Picture, changed
from pixelmind.quality.examples import suspected
from pixelmind.quality.refiner import Refiner
from pixelmind.quality.refiner_task import RefinerStageConfig, RefinerTask
from pixelmind.quality.verdict import FAMILIES
from pixelmind.records import U8
from pixelmind.training.config import plain
from pixelmind.training.loop import TrainResult, train

LEVELS = tuple(np.round(np.arange(0.3, 0.96, 0.05), 2).tolist())


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One picture: of `suspected` cells how many are moved, of `wrong` ones how many `right` again, and of sound ones how many `broken`, at
    each of LEVELS."""

    name: str
    family: str
    suspected: int
    moved: tuple[int, ...]
    wrong: int
    right: tuple[int, ...]
    broken: tuple[int, ...]


def run(config: RefinerStageConfig, data_dir: Path, out_dir: Path) -> tuple[TrainResult, dict[str, Any]]:
    """Train on the store at `data_dir` in the run directory `out_dir`, or go on from where it stands; measure, write bundle and report.

    Raises:
        BadInput: no store there, or nothing in it to learn from.
    """
    store = Store.open(data_dir)
    task = RefinerTask(config, store)
    settings = {key: value for key, value in plain(config).items() if key != "loop"}
    trained = train(task, config.loop, out_dir, resolved_config={"refiner": settings})
    refiner = (trained.ema[0] if trained.ema else trained.modules)["refiner"]
    assert isinstance(refiner, Refiner)
    refiner.cpu().eval()
    report = examine(refiner, store, config.test_pictures, config.loop.seed)
    about = {"samples": trained.samples, "seconds": round(trained.seconds, 1), "data": store.manifest_hash}
    refiner.save(out_dir, **about, move_at=report["move_at"])
    write_json(Path(out_dir) / "report.json", {"format": 1, **about, **report})
    return trained, report


def moved(refiner: Refiner, picture: Picture, damaged: U8, name: str, family: str, rng: np.random.Generator) -> Moved:
    """What the refiner does to `damaged` uint8 [H, W, 4], against the clean picture."""
    own = damaged.copy()
    own[own[..., 3] == 0] = 0
    fault = changed(own, picture.rgba)
    area = suspected(fault, own, rng)
    best, wrong = refiner.moves(damaged, area)
    differ, mended = changed(own, best) & area, ~changed(best, picture.rgba)
    return Moved(
        name=name,
        family=family,
        suspected=int(area.sum()),
        moved=tuple(int((differ & (wrong >= at)).sum()) for at in LEVELS),
        wrong=int(fault.sum()),
        right=tuple(int((differ & fault & mended & (wrong >= at)).sum()) for at in LEVELS),
        broken=tuple(int((differ & ~fault & (wrong >= at)).sum()) for at in LEVELS),
    )


def tried(refiner: Refiner, pictures: Sequence[Picture], severity: float, seed: int) -> list[Moved]:
    """Every clean picture, and with one fault of each family."""
    found = []
    for i, picture in enumerate(pictures):
        rng = np.random.default_rng((seed, 8, i))
        found.append(moved(refiner, picture, picture.rgba, "clean", "clean", rng))
        for f, family in enumerate(FAMILIES):
            made = damage(picture, np.random.default_rng((seed, 7, f, i)), family=family, severity=severity)
            if made is not None:
                found.append(moved(refiner, picture, made.rgba, made.name, family, rng))
    return found


def figures(found: Sequence[Moved], at: int) -> dict[str, float]:
    """Means over pictures at LEVELS[at]: share of suspected cells moved, of cells at fault "mended", of suspected sound cells "broken"."""
    if not found:
        return {"n": 0.0, "moved": float("nan"), "mended": float("nan"), "broken": float("nan")}
    return {
        "n": float(len(found)),
        "moved": float(np.mean([m.moved[at] / max(m.suspected, 1) for m in found])),
        "mended": float(np.mean([m.right[at] / max(m.wrong, 1) for m in found])),
        "broken": float(np.mean([m.broken[at] / max(m.suspected - m.wrong, 1) for m in found])),
    }


def best_level(found: Sequence[Moved]) -> int:
    """The place in LEVELS that leaves most cells right: mended less broken, each picture's over its suspected cells."""
    gain = [np.mean([(m.right[k] - m.broken[k]) / max(m.suspected, 1) for m in found]) for k in range(len(LEVELS))]
    return int(np.argmax(gain))


def examine(refiner: Refiner, store: Store, count: int, seed: int) -> dict[str, Any]:
    """The chance from which cells are moved, from `val`; figures by family and kind on `test` and on art for evaluation only."""
    known = held_out(store, "val", count, seed)
    if not known:
        raise BadInput(f"{store.path} has no picture of split val to set the chance by; import more art")
    at = best_level(tried(refiner, known, SEVERITIES["medium"], seed + 1))
    report: dict[str, Any] = {"move_at": LEVELS[at]}
    for place, evaluation_only in (("test", False), ("unseen sources", True)):
        pictures = held_out(store, "test", count, seed, evaluation_only=evaluation_only)
        if not pictures:
            continue
        report[place] = {"pictures": len(pictures)}
        for word, severity in SEVERITIES.items():
            found = tried(refiner, pictures, severity, seed)
            report[place][word] = {
                "families": {f: figures([m for m in found if m.family == f], at) for f in (*FAMILIES, "clean")},
                "defects": {d: figures([m for m in found if m.name == d], at) for d in DEFECTS},
            }
    return report


def told(report: dict[str, Any]) -> dict[str, float]:
    """The figures of a report that matter most, by name."""
    out = {"moved from a chance of": report["move_at"]}
    for place in ("test", "unseen sources"):
        if place in report:
            families = report[place]["medium"]["families"]
            out[f"{place}: suspected clean cells moved"] = families["clean"]["moved"]
            out |= {f"{place}, medium, {f}: cells mended": families[f]["mended"] for f in FAMILIES}
    return {key: round(value, 4) for key, value in out.items()}
