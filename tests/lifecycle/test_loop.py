"""The loop on an untrained network and simulated people: it goes on where it stood, keeps to its budget, ships only what was accepted."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from pixelmind import cli
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.lifecycle import preference_gate, registry, release, schedule
from pixelmind.lifecycle.loop import LoopConfig, Run, locked, name_of, states, summary
from pixelmind.lifecycle.preference_gate import GateReport
from pixelmind.lifecycle.registry import Keys, Registry
from pixelmind.lifecycle.release import ReleaseResult
from pixelmind.lifecycle.rollout import Settings
from pixelmind.lifecycle.simulated_week import Week, collect, ramp

WEEK = Week(annotators=3, answers=8, pictures=2, people=100)


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    bundle = Bundle.create(tmp_path_factory.mktemp("untrained"), preset="test")
    net = Denoiser(DenoiserConfig(width=32, depth=1, heads=2, in_channels=4, patch=4))
    torch.nn.init.normal_(net.output.weight, std=0.5)
    bundle.put_level(16, {"denoiser": net, "prior": ConditionPrior()}, net.config, Vocabulary(("flat",)))
    return bundle.folder


@pytest.fixture
def kept(db, tmp_path, untrained, monkeypatch) -> Registry:
    monkeypatch.setattr(registry, "released", lambda: untrained)
    return Registry(db, tmp_path / "home", Keys())


@pytest.fixture
def gate(monkeypatch) -> list[bool]:
    """What the gate says of choices learnt, last first; measured elsewhere (tests/preference)."""
    says = [True]

    def measure(*_: object, **__: object) -> GateReport:
        none = dict.fromkeys(("win_rate", "kl", "held_out_right", "ifs", "test_ifs", "fid", "kid"))
        accepted = says[-1]
        return GateReport(**none, prompts=0, lacks=(), accepted=accepted, reasons=() if accepted else ("worse",))

    monkeypatch.setattr(preference_gate, "measure", measure)
    return says


def config(kept: Registry, tmp_path: Path) -> LoopConfig:
    return LoopConfig(
        preset="nano",
        feedback=f"sqlite:///{tmp_path / 'home' / 'pixelmind.db'}",
        whose="simulated",
        rollout=WEEK.settings,
        collect=lambda weights: collect(kept, WEEK, weights),
        ramp=lambda: ramp(kept, WEEK),
    )


def test_a_week_to_its_end_and_on_after_a_stop(kept, tmp_path, gate):
    whole = config(kept, tmp_path)

    def stopped() -> dict[str, object]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run(replace(whole, ramp=stopped), kept).run()
    before = states(kept.home)[0]
    assert list(before["steps"]) == ["collect", "dpo", "dialogue", "parser", "critic", "candidate", "canary"]
    assert before["steps"]["dpo"]["accepted"]
    assert before["steps"]["dpo"]["pairs"] >= 8
    assert "neither a policy nor a memory" in before["steps"]["dialogue"]["why"]
    assert "have no parser" in before["steps"]["parser"]["why"]
    assert "--data STORE" in before["steps"]["critic"]["why"]
    running = kept.db.rollouts.running()
    assert running.treatment == before["steps"]["canary"]["model"]
    with pytest.raises(BadInput, match="is in progress"), locked(kept.home):
        Run(whole, kept).run()
    state = Run(whole, kept).run()
    assert {name: state["steps"][name] for name in before["steps"]} == before["steps"]  # nothing was done twice
    assert state["outcome"] in ("promoted", "refused")
    assert state["steps"]["ramp"]["people"] > 0
    assert kept.db.rollouts.get(running.id).state == state["outcome"]
    row = kept.db.models.get(running.treatment)
    assert row.lineage["parents"] == [before["steps"]["collect"]["champion"]]
    assert row.state == {"promoted": "champion", "refused": "retired"}[state["outcome"]]
    assert all(r.simulated for r in kept.db.feedback.each())
    told = (kept.home / "loop" / state["name"] / "summary.md").read_text()
    assert "People: simulated" in told
    assert f"Outcome: {state['outcome']}" in told
    assert Run(whole, kept).run() == state  # a week that has ended is not begun again


def test_what_the_gate_refuses_is_not_shipped_and_the_budget_holds(kept, tmp_path, gate):
    gate[:] = [False]
    poor = replace(config(kept, tmp_path), minutes=1e-6)
    state = Run(poor, kept).run()
    assert (state["outcome"], list(state["steps"])) == ("out of budget", ["collect"])
    state = Run(replace(poor, minutes=60.0), kept).run()
    assert (state["outcome"], state["steps"]["dpo"]["why"]) == ("nothing to ship", "worse")
    assert [row.state for row in kept.db.models.list()] == ["champion"]
    assert kept.db.rollouts.list() == []


@pytest.mark.parametrize("better", [True, False])
def test_a_major_update_trains_first_and_the_weeks_parts_build_on_it(kept, tmp_path, gate, monkeypatch, better):
    """The levels' training and measuring are left out (tests/lifecycle/test_release.py): they give this verdict."""
    seen = {}

    def trained(config, data, out, *, weights):
        seen.update(data=data, minutes=dict(config.minutes), start=Bundle(weights).id)
        if better:
            Bundle(weights).describe(trained="on")
        return ReleaseResult(released=better, reasons=("R@1 rises" if better else "R@1 falls",), report=out)

    monkeypatch.setattr(release, "run", trained)
    whole = replace(config(kept, tmp_path), kind="major", data=tmp_path / "store", minutes=60.0)
    state = Run(whole, kept).run()
    champion = state["steps"]["collect"]["champion"]
    assert state["name"].startswith("major-")
    assert (seen["data"], seen["start"]) == (tmp_path / "store", kept.db.models.get(champion).weights)
    assert 25 < sum(seen["minutes"].values()) <= 30  # half of what is left of the budget
    assert (state["steps"]["release"]["accepted"], state["steps"]["release"]["why"]) == (
        better,
        "R@1 rises" if better else "R@1 falls",
    )
    taken = state["steps"]["candidate"]["taken"]
    assert taken == (["release", "dpo"] if better else ["dpo"])
    assert ("trained" in Bundle(state["steps"]["candidate"]["bundle"]).manifest) == better
    assert "trained" not in Bundle(kept.folder(champion)).manifest  # a copy was trained on
    assert kept.db.models.get(state["steps"]["canary"]["model"]).lineage["parents"] == [champion]


def test_without_feedback_nothing_ships(kept, tmp_path):
    real = replace(config(kept, tmp_path), whose="human", collect=None, ramp=None)
    state = Run(real, kept).run()
    assert (state["outcome"], state["people"]) == ("nothing to ship", "human")
    assert not any(state["steps"][part]["accepted"] for part in ("dpo", "dialogue", "parser", "critic"))
    assert "left out" in "\n".join(summary(state))


def test_a_candidate_takes_the_parts_that_were_accepted(kept, tmp_path):
    champion = kept.add()
    run = Run(config(kept, tmp_path), kept)
    for step, parts in (("dialogue", ("policy", "memory")), ("parser", ("intent",))):
        for part in parts:
            Bundle.create(run.folder / step / "bundle").put(part, {"w": torch.ones(2)}, learned=step)
    run.state["steps"] = {
        "collect": {"champion": champion.id},
        "dialogue": {"accepted": False},
        "parser": {"accepted": True},
    }
    found = run._candidate(run.folder / "candidate")
    bundle = Bundle(found["bundle"])
    assert found["taken"] == ["parser"]
    assert set(bundle.manifest["parts"]) == {"level16", "intent"}
    assert bundle.manifest["parts"]["intent"]["learned"] == "parser"
    assert bundle.get("intent")[0]["w"].tolist() == [1.0, 1.0]


def test_names_and_settings():
    day = datetime(2026, 11, 29, tzinfo=UTC)
    assert (name_of("weekly", day), name_of("major", day)) == ("weekly-2026-W48", "major-2026-Q4")
    with pytest.raises(BadInput, match="budget"):
        LoopConfig(feedback="", rollout=Settings(), minutes=0)
    with pytest.raises(BadInput, match="--data"):
        LoopConfig(feedback="", rollout=Settings(), kind="major")


def stored(home: Path, arguments: list[str]) -> None:
    """Plan, and let the jobs reach the store, without anything being due."""
    scheduler, store = schedule.scheduler_on(home)
    schedule.plan(scheduler, store, arguments)
    scheduler.start(paused=True)
    scheduler.shutdown(wait=False)


def test_jobs_are_kept_and_missed_ones_stay_due(tmp_path):
    assert schedule.due(tmp_path) == {}
    stored(tmp_path, ["--data", "store"])
    assert set(schedule.due(tmp_path)) == {"weekly", "major", "rollout"}
    scheduler, store = schedule.scheduler_on(tmp_path)
    late = datetime(2020, 1, 1, tzinfo=UTC)
    job = store.lookup_job("weekly")
    job._modify(next_run_time=late)
    store.update_job(job)
    schedule.plan(scheduler, store, ["--data", "store"])
    assert schedule.due(tmp_path)["weekly"].startswith("2020-01-01")  # also when it is only looked at
    schedule.plan(scheduler, store, [])
    assert set(schedule.due(tmp_path)) == {"rollout"}  # the others come anew, with other words, at the start
    stored(tmp_path, [])
    assert set(schedule.due(tmp_path)) == {"weekly", "rollout"}
    assert not schedule.due(tmp_path)["weekly"].startswith("2020")
    store.shutdown()


def test_the_schedule_starts_what_is_due(tmp_path, monkeypatch):
    called: list[tuple[str, ...]] = []
    monkeypatch.setattr(schedule, "command", lambda *words: called.append(words))
    stored(tmp_path, [])
    scheduler, store = schedule.scheduler_on(tmp_path)
    job = store.lookup_job("rollout")
    job._modify(next_run_time=datetime.now(UTC))
    store.update_job(job)
    scheduler.start()
    until = time.monotonic() + 20
    while not called and time.monotonic() < until:
        time.sleep(0.05)
    scheduler.shutdown()
    assert called == [("rollout", "step")]


def test_commands(tmp_path, untrained, monkeypatch, capsys):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "cli"))
    monkeypatch.delenv("PIXELMIND_DATABASE_URL", raising=False)
    monkeypatch.setattr(registry, "released", lambda: untrained)
    assert cli.run(["loop", "run", "--nano"]) == 2
    assert cli.run(["loop", "run", "--now", "--nano", "--major"]) == 2
    assert cli.run(["loop", "run", "--now", "--major"]) == 2
    assert cli.run(["loop", "status"]) == 0
    assert "has not run yet" in capsys.readouterr().err
    assert cli.run(["loop", "run", "--now", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "nothing to ship"
    assert cli.run(["loop", "status", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["runs"]) == 1
