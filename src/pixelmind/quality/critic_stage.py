"""Training the critic, start to report: `pixelmind train critic --data STORE --out RUN`.

RUN is a run directory of the one loop and a bundle with part "critic". Thresholds are chosen on real `val` pictures; report.json holds the
figures on real `test` pictures and on sources that nobody trains on. With feedback, what people rejected are fakes too, and the scores are
calibrated to the chance that a person is dissatisfied.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.quality.critic import Critic
from pixelmind.quality.critic_task import CriticStageConfig, CriticTask
from pixelmind.quality.critic_test import held_out, measure, thresholds
from pixelmind.quality.defects import SEVERITIES
from pixelmind.quality.dissatisfaction import Whose, read
from pixelmind.quality.drawn import drawn
from pixelmind.quality.examples import CROP
from pixelmind.quality.inspector import QualityInspector
from pixelmind.quality.reviewed import calibrate, rejected
from pixelmind.quality.verdict import FAMILIES
from pixelmind.training.config import plain
from pixelmind.training.loop import TrainResult, train

ALARMS = 0.01
"""Share of clean `val` pictures in which a family may count as found."""


def run(
    config: CriticStageConfig,
    data_dir: Path,
    out_dir: Path,
    *,
    weights: Path | None = None,
    feedback: Path | str | None = None,
    whose: Whose = "",
) -> tuple[TrainResult, dict[str, Any]]:
    """Train on the store at `data_dir` in the run directory `out_dir`, or go on from where it stands; measure, write bundle and report.

    Args:
        weights: the bundle whose drawings are fakes; the released one where none is named.
        feedback: database of what people said, URL or SQLite file.
        whose: "human", "simulated" or "both"; empty where only one kind is there.

    Raises:
        BadInput: no store there, nothing in it to learn from, or no such feedback.
    """
    store = Store.open(data_dir)
    examples = None if feedback is None else read(feedback, whose)
    fakes = (
        drawn(store, weights, config.drawn, config.loop.seed, Path(out_dir) / "drawn.npz")
        if config.drawn and config.drawn_share
        else []
    )
    if examples is not None:
        fakes += [p for p in rejected(examples) if max(p.shape[:2]) <= CROP]
    task = CriticTask(config, store, fakes)
    settings = {key: value for key, value in plain(config).items() if key != "loop"}
    trained = train(task, config.loop, out_dir, resolved_config={"critic": settings})
    critic = (trained.ema[0] if trained.ema else trained.modules)["critic"]
    assert isinstance(critic, Critic)
    critic.cpu().eval()
    report = examine(critic, store, config.test_pictures, config.loop.seed)
    about = {"samples": trained.samples, "seconds": round(trained.seconds, 1), "data": store.manifest_hash}
    found = {key: report[key] for key in ("thresholds", "heat_at")}
    if examples is not None:
        calibration, report["calibration"] = calibrate(QualityInspector(critic, found), examples, config.loop.seed)
        found["calibration"] = calibration.to_dict()
    critic.save(out_dir, **about, **found)
    write_json(Path(out_dir) / "report.json", {"format": 1, **about, **report})
    return trained, report


def examine(critic: Critic, store: Store, count: int, seed: int) -> dict[str, Any]:
    """Thresholds from `val`; figures by family, kind and severity on `test` and on art that is for evaluation only."""
    known = held_out(store, "val", count, seed)
    if not known:
        raise BadInput(f"{store.path} has no picture of split val to set thresholds by; import more art")
    val = measure(critic, known, SEVERITIES, seed=seed + 1)
    limits, heat_at = thresholds(val.clean, ALARMS), val.best_heat()
    report: dict[str, Any] = {"thresholds": limits, "heat_at": heat_at, "alarms_val": val.alarms(limits)}
    for place, pictures in (
        ("test", held_out(store, "test", count, seed)),
        ("unseen sources", held_out(store, "test", count, seed, evaluation_only=True)),
    ):
        if not pictures:
            continue
        found = measure(critic, pictures, SEVERITIES, seed=seed + 2, heat_at=heat_at)
        report[place] = {
            "pictures": len(pictures),
            "false_alarms": found.alarms(limits),
            "families": {s: found.by_family(s) for s in SEVERITIES},
            "caught": {s: found.caught(limits, s) for s in SEVERITIES},
            "score_auroc": {s: found.score_auroc(s) for s in SEVERITIES},
            "defects": {s: found.by_defect(s) for s in SEVERITIES},
        }
    return report


def told(report: dict[str, Any]) -> dict[str, float]:
    """The figures of a report that matter most, by name."""
    out = {}
    for place in ("test", "unseen sources"):
        if place in report:
            for severity in ("low", "medium"):
                for family in FAMILIES:
                    out[f"{place}, {severity}, {family}: AUROC"] = report[place]["families"][severity][family]["auroc"]
            for family in FAMILIES:
                out[f"{place}, medium, {family}: IoU"] = report[place]["families"]["medium"][family]["iou"]
            out[f"{place}: false alarms"] = report[place]["false_alarms"]
    for name, value in report.get("calibration", {}).items():
        if isinstance(value, list):
            out[f"{name} ({report['calibration']['whose']} people)"] = value[0]
    return {key: round(value, 4) for key, value in out.items()}
