"""Ablations: effects by hand, jobs that are kept, and two real studies at their smallest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.evaluation.ablation import report, runner, studies
from pixelmind.evaluation.ablation.effects import effects, interval
from pixelmind.evaluation.ablation.plan import STUDIES_USE, AblationConfig, Job, Study, result_of
from pixelmind.evaluation.ablation.studies import STUDIES
from pixelmind.evaluation.judge import Judge

TINY = AblationConfig(seeds=(0, 1), memory_steps=4, memory_people=6, people=2, num_prompts=2)


def job(out: Path, **changes: object) -> Job:
    known = {
        "study": "toy", "arm": "whole", "seed": 0, "data": "store", "data_hash": "d", "weights": "w", "weights_id": "i",
        "judge": "j", "judge_id": "k", "out": str(out), "config": TINY,
    }  # fmt: skip
    return Job(**{**known, **changes})  # type: ignore[arg-type]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """A study whose values are known; the list tells what ran."""
    ran: list[Job] = []

    def run(j: Job) -> dict[str, list[float]]:
        ran.append(j)
        if j.arm == "broken":
            raise BadInput("no flour")
        base = np.random.default_rng(j.seed).normal(size=30)
        return {"taste": (base - (0.5 if j.arm == "without salt" else 0)).tolist()}

    study = Study(name="toy", question="Is salt needed?", arms=("whole", "without salt"), item="dish", run=run)
    monkeypatch.setitem(STUDIES, "toy", study)
    monkeypatch.setitem(STUDIES_USE, "toy", ("num_prompts",))
    return ran


def test_effects_by_hand() -> None:
    results = {
        ("whole", 0): {"m": [1.0, 2.0]}, ("whole", 1): {"m": [3.0, 4.0]},
        ("less", 0): {"m": [0.0, 1.5]}, ("less", 1): {"m": [3.0, 2.5]},
    }  # fmt: skip
    (e,) = effects(results, ("whole", "less"))
    # Differences -1, -0.5 and 0, -1.5: their means -0.75 and -0.75, the spread of all four is sqrt(1.25 / 3).
    assert (e.mean, e.whole, e.difference) == (1.75, 2.5, -0.75)
    assert e.d == pytest.approx(-0.75 / np.sqrt(1.25 / 3))
    assert (e.seeds, e.items) == (2, 4)
    assert e.low < -0.75 < e.high
    only = {k: v for k, v in results.items() if k != ("whole", 1)}
    assert effects(only, ("whole", "less"))[0].seeds == 1  # seeds that one of the two lacks are left out
    assert effects({}, ("whole", "less")) == []


def test_the_interval_covers_seeds_that_differ() -> None:
    """Items agree within a seed and seeds do not: the interval must be about as wide as the seeds are apart."""
    low, high = interval([np.full(50, -1.0), np.full(50, 0.0), np.full(50, 1.0)])
    assert low < -0.6
    assert high > 0.6
    low, high = interval([np.full(50, 2.0)] * 3)
    assert low == high == 2.0


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(60):
        seeds = [rng.normal(rng.normal(0, 0.2), 1, 40) for _ in range(8)]
        low, high = interval(seeds)
        held += low <= 0 <= high
    assert held >= 50


def test_what_is_kept_is_not_done_again(tmp_path: Path, toy: list[Job]) -> None:
    jobs = [job(tmp_path, arm=a, seed=s) for s in (0, 1) for a in ("whole", "without salt")]
    told: list[str] = []
    assert runner.run_jobs(jobs[:3], tell=told.append) == {}
    assert runner.run_jobs(jobs, tell=told.append) == {}
    assert [(j.arm, j.seed) for j in toy] == [("whole", 0), ("without salt", 0), ("whole", 1), ("without salt", 1)]
    assert "4 jobs, 3 kept from before" in told
    other = replace(jobs[0], judge_id="another")
    assert result_of(jobs[0]) is not None
    assert result_of(other) is None
    unused = replace(jobs[0], config=replace(TINY, episodes=9))
    assert unused.key == jobs[0].key  # a setting that the study does not use
    assert replace(jobs[0], config=replace(TINY, num_prompts=9)).key != jobs[0].key
    assert replace(jobs[0], out="elsewhere", data="moved").key == jobs[0].key
    (jobs[0].folder / "result.json").write_text("{")
    assert result_of(jobs[0]) is None


def test_a_job_that_fails_is_told_and_the_others_are_done(tmp_path: Path, toy: list[Job]) -> None:
    failed = runner.run_jobs([job(tmp_path, arm="broken"), job(tmp_path)])
    assert failed == {"toy, broken, seed 0": "no flour"}
    assert result_of(job(tmp_path)) is not None


def test_a_signal_keeps_what_is_done(tmp_path: Path, toy: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(j: Job) -> dict[str, list[float]]:
        raise studies.Stopped

    assert runner.work(job(tmp_path)) == ""
    monkeypatch.setitem(STUDIES, "toy", replace(STUDIES["toy"], run=stopped))
    with pytest.raises(KeyboardInterrupt):
        runner.run_jobs([job(tmp_path), job(tmp_path, seed=1)])
    assert result_of(job(tmp_path)) is not None


def test_the_report_says_what_was_found(tmp_path: Path, toy: list[Job], store: Path) -> None:
    jobs = [job(tmp_path, arm=a, seed=s, data=str(store)) for s in (0, 1, 2) for a in ("whole", "without salt")]
    figures, failed = report.run(jobs, tmp_path)
    assert not failed
    (figure,) = figures
    assert figure.section == "toy"
    assert figure.value == pytest.approx(-0.5)
    assert figure.spread == pytest.approx(0, abs=1e-9)  # the same difference everywhere
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["kind"] == "ablation"
    assert found["studies"][0]["effects"][0]["verdict"] == "worse"
    for name in ("report.html", "report.md"):
        assert "Is salt needed?" in (tmp_path / name).read_text()
    assert (tmp_path / "toy.png").read_bytes().startswith(b"\x89PNG")


def test_unknown_studies_are_refused(tmp_path: Path, store: Path) -> None:
    with pytest.raises(BadInput, match="there is no study pepper; choose among memory"):
        report.plan(["pepper"], TINY, data=store, weights=None, judge=None, out=tmp_path)
    for wrong in ({"seeds": ()}, {"seeds": (1, 1)}, {"train_minutes": 0.0}, {"people": 1}):
        with pytest.raises(BadInput, match="ablation"):
            AblationConfig(**wrong)  # type: ignore[arg-type]


def test_every_study_names_its_settings() -> None:
    known = set(AblationConfig.__dataclass_fields__)
    for name, study in STUDIES.items():
        assert set(STUDIES_USE[name]) <= known
        assert len(set(study.arms)) == len(study.arms) >= 2


def test_the_memory_study_runs(tmp_path: Path, judge: Judge) -> None:
    values = STUDIES["memory"].run(job(tmp_path, study="memory", arm="no memory"))
    assert set(values) == {f"reading foretold, {x}" for x in ("said before", "new", "all")}
    assert len(values["reading foretold, all"]) == 6
    assert all(0 <= v <= 1 for v in values["reading foretold, all"])


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("ray_here")
def test_on_ray_the_same_comes_out(tmp_path: Path) -> None:
    """Workers are processes of their own: their results are those of this process."""
    from pixelmind.training import cluster

    with cluster.connected(cpus=2):
        assert (
            runner.run_jobs([job(tmp_path / "ray", study="memory", arm="no memory", seed=s) for s in (0, 1)], ray=True)
            == {}
        )
    assert runner.run_jobs([job(tmp_path / "here", study="memory", arm="no memory", seed=s) for s in (0, 1)]) == {}
    for seed in (0, 1):
        there, here = (
            result_of(job(tmp_path / w, study="memory", arm="no memory", seed=seed)) for w in ("ray", "here")
        )
        assert there is not None
        assert here is not None
        assert there["values"] == here["values"]


@pytest.mark.slow
def test_processes_of_their_own_do_the_same(tmp_path: Path) -> None:
    jobs = [job(tmp_path, study="memory", arm="no memory", seed=s) for s in (0, 1)]
    assert runner.run_jobs(jobs, workers=2) == {}
    assert all(result_of(j) is not None for j in jobs)
