"""The loop: what people said since the last time is learnt from, measured, and shown to a few of them first.

    collect -> (major: release) -> dpo -> dialogue -> parser -> critic -> candidate -> canary -> ramp

Each of dpo, dialogue (the clarifying policy and the memory), parser and critic has a gate of its own and is left out, with the reason,
where it is refused or has nothing to learn from; without one that is accepted the run ends there. The candidate is registered and rolled
out; services take it from there. A run has a folder, HOME/loop/KIND-NAME, with `state.json` (what is done, read by the next call, which
goes on from there) and `summary.md`. One runs at a time.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.files import write_bytes, write_json
from pixelmind.generator.bundle import Bundle
from pixelmind.lifecycle import rollout
from pixelmind.lifecycle.drift import F64, REFERENCE, WINDOW, Watch
from pixelmind.lifecycle.registry import Registry
from pixelmind.storage import Database
from pixelmind.storage.ids import now as text_now
from pixelmind.training.config import build, load_preset
from pixelmind.training.weights import fcntl

Kind = Literal["weekly", "major"]
Result = dict[str, Any]
#: The steps that learn something, with the parts that a candidate takes of each; a release is the base itself.
PARTS: dict[str, tuple[str, ...]] = {
    "release": (),
    "dpo": ("level16",),
    "dialogue": ("policy", "memory"),
    "parser": ("intent",),
    "critic": ("critic",),
}
#: Asked of a store's pictures where the critic before and after are compared.
CRITIC_PICTURES = 100
#: How far the critic's mean AUROC may fall.
CRITIC_MARGIN = 0.01


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """One run. `feedback` is the database's URL as the stages read it; `minutes` the budget of all training; `whose`
    choices are learnt from.

    `collect` and `ramp` let simulated people act, in a run on them; None: real people do.
    """

    kind: Kind = "weekly"
    preset: str = "small"
    feedback: str
    data: Path | None = None
    whose: str = "human"
    minutes: float = 240.0
    rollout: rollout.Settings
    collect: Callable[[Path], Result] | None = None
    ramp: Callable[[], Result] | None = None

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise BadInput(f"the budget must be above 0 minutes, got {self.minutes:g}")
        if self.kind == "major" and self.data is None:
            raise BadInput("a major update trains on a store; name it: --data STORE")


class OutOfBudget(Exception):
    """The minutes are over; the same call with more goes on."""


class _Nothing(Exception):
    """The run ends here, and that is no failure."""


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """One run at a time.

    Raises:
        BadInput: another runs.
    """
    place = home / "loop"
    place.mkdir(parents=True, exist_ok=True)
    with open(place / ".lock", "a") as lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BadInput("a run of the loop is in progress; see pixelmind loop status") from error
        yield


def name_of(kind: Kind, moment: datetime) -> str:
    """The run's folder: its ISO week, or its quarter."""
    year, week, _ = moment.isocalendar()
    return f"weekly-{year}-W{week:02}" if kind == "weekly" else f"major-{moment.year}-Q{(moment.month + 2) // 3}"


def states(home: Path) -> list[Result]:
    """The states of all runs, oldest first."""
    found = [json.loads(path.read_text()) for path in (home / "loop").glob("*/state.json")]
    return sorted(found, key=lambda state: str(state["began"]))


class Run:
    """One run of the loop in its folder; the same call goes on where it stands.

    Args:
        registry: where the candidate goes, on the database that people use.
        tell: told of each step.
    """

    def __init__(
        self,
        config: LoopConfig,
        registry: Registry,
        tell: Callable[[str], None] = lambda _: None,
        moment: datetime | None = None,
    ) -> None:
        self.config, self.registry, self.tell = config, registry, tell
        self.db: Database = registry.db
        self.folder = registry.home / "loop" / name_of(config.kind, moment or datetime.now(UTC))
        self.state: Result = {"format": 1, "name": self.folder.name, "kind": config.kind, "preset": config.preset}
        self.state |= {"people": "simulated" if config.ramp else config.whose, "began": text_now(), "steps": {}}
        path = self.folder / "state.json"
        if path.is_file():
            self.state = json.loads(path.read_text())

    def run(self) -> Result:
        """Do what is left, and write the summary; the state then.

        Raises:
            BadInput: another run is in progress.
        """
        with locked(self.registry.home):
            if self.state.get("outcome") in (None, "out of budget", "failed"):
                self.state["outcome"], self.state["why"] = None, ""
                try:
                    self._steps()
                except (_Nothing, OutOfBudget) as end:
                    self.state["outcome"] = "out of budget" if isinstance(end, OutOfBudget) else "nothing to ship"
                    self.state["why"] = str(end)
                except Exception as error:
                    self.state["outcome"], self.state["why"] = "failed", f"{type(error).__name__}: {error}"
                    self._save()
                    raise
                self._save()
            return self.state

    def _steps(self) -> None:
        self._step("collect", self._collect)
        if self.config.kind == "major":
            self._step("release", self._release)
        learning = (
            ("dpo", self._dpo),
            ("dialogue", self._dialogue),
            ("parser", self._parser),
            ("critic", self._critic),
        )
        for part, work in learning:
            self._step(part, work)
        self._step("candidate", self._candidate)
        self._step("canary", self._canary)
        self._step("ramp", self._ramp)
        self.state["outcome"] = self.state["steps"]["ramp"]["outcome"]

    def _step(self, name: str, work: Callable[[Path], Result]) -> None:
        """Do a step unless it is done; what has nothing to learn from is left out with the reason."""
        if name in self.state["steps"]:
            return
        if name in PARTS and self._left() <= 0:
            raise OutOfBudget(f"{self.config.minutes:g} minutes were used before {name}; give more with --minutes")
        self.tell(name)
        start = time.monotonic()
        try:
            result = work(self.folder / name)
        except BadInput as error:
            if name not in PARTS:
                raise
            result = {"accepted": False, "why": str(error)}
        self.state["steps"][name] = {"seconds": round(time.monotonic() - start, 1), **result}
        self._save()

    def _left(self) -> float:
        """Minutes of the budget; what a step tells of its training alone counts, else all of it."""
        return self.config.minutes - sum(s.get("trained", s["seconds"]) for s in self.state["steps"].values()) / 60

    def _config(self, cls: type[Any], part: str) -> Any:
        """A stage's settings from the preset, within the budget."""
        config = build(cls, load_preset(self.config.preset).get(part, {}), part)
        if not hasattr(config, "loop"):
            return config
        minutes = min(config.loop.minutes or self._left(), self._left())
        return replace(config, loop=replace(config.loop, minutes=minutes))

    @property
    def _base(self) -> Path:
        """The weights that the run starts from."""
        major = self.state["steps"].get("release", {})
        return (
            Path(major["bundle"])
            if major.get("accepted")
            else self.registry.folder(self.state["steps"]["collect"]["champion"])
        )

    # ---- the steps ---------------------------------------------------------------------------------------------------
    def _collect(self, folder: Path) -> Result:
        if self.db.rollouts.running() is not None:
            raise _Nothing("a rollout runs; the loop waits until it has ended")
        champion = self.db.models.champion() or self.registry.add()
        self.registry.verify(champion.id)
        told = {} if self.config.collect is None else self.config.collect(self.registry.folder(champion))
        look = Watch(self.db, _embedded).look(champion.weights)
        drift = f"not measured: fewer than {REFERENCE + WINDOW} pictures of the champion"
        if look is not None:
            moved = [name for name, psi in look.outputs.psi.items() if psi > 0.25]
            drift = f"prompts p {look.prompts.p:.3f}, pictures p {look.outputs.p:.3f}"
            drift += f", moved: {', '.join(moved)}" if moved else ""
        return {"champion": champion.id, "feedback": self.db.stats()["feedback"], "drift": drift, **told}

    def _release(self, folder: Path) -> Result:
        from pixelmind.generator.config import GeneratorConfig
        from pixelmind.lifecycle import release

        assert self.config.data is not None
        table = load_preset(self.config.preset)
        minutes = {16: 0.5, 64: 1 / 3, 256: 1 / 6}
        config = release.ReleaseConfig(
            generator=build(GeneratorConfig, table.get("generator", {}), "generator"),
            preset=self.config.preset,
            minutes={level: share * self._left() / 2 for level, share in minutes.items()},
        )
        weights = _copied(self._base, folder / "weights")
        done = release.run(config, self.config.data, folder / "run", weights=weights)
        if done.stopped:
            raise KeyboardInterrupt
        told = {"accepted": done.released, "why": "; ".join(done.reasons), "bundle": str(weights)}
        return {**told, "trained": round(done.seconds, 1)}

    def _dpo(self, folder: Path) -> Result:
        from pixelmind.lifecycle.preference_gate import measure
        from pixelmind.preference.dpo_config import DpoConfig
        from pixelmind.preference.stage import run

        config = self._config(DpoConfig, "dpo")
        done = run(config, self.config.feedback, folder, weights=self._base, whose=self.config.whose)  # type: ignore[arg-type]
        if done.interrupted:
            raise KeyboardInterrupt
        users = [p.user for p in done.train.pairs if p.simulated]
        figures = done.levels[16].metrics
        found = measure(
            config,
            done.bundle,
            self._base,
            done.held_out,
            users,
            folder,
            data=self.config.data,
            figures=figures,
            tell=self.tell,
        )
        told = {"accepted": found.accepted, "why": "; ".join(found.reasons), "pairs": len(done.train)}
        return {**told, "win_rate": found.win_rate and found.win_rate.value, "not_measured": list(found.lacks)}

    def _dialogue(self, folder: Path) -> Result:
        from pixelmind.dialogue.outcome_stage import DialogueConfig, run

        config = self._config(DialogueConfig, "dialogue")
        done = run(config, self.config.feedback, folder, weights=self._base, whose=self.config.whose)  # type: ignore[arg-type]
        return {"accepted": not done.reasons, "why": "; ".join(done.reasons), "dialogues": done.report["dialogues"]}

    def _parser(self, folder: Path) -> Result:
        from pixelmind.dialogue.parser_stage import ParserConfig, run

        config = self._config(ParserConfig, "parser")
        done = run(config, self.config.feedback, folder, weights=self._base, whose=self.config.whose)  # type: ignore[arg-type]
        found = done.report["figures"]["corrected"]["region and operation"]
        told = {
            "accepted": not done.reasons,
            "why": "; ".join(done.reasons),
            "corrected": done.report["train"]["corrected"],
        }
        return {**told, "held_out_right": found["after"], "held_out_right_before": found["before"]}

    def _critic(self, folder: Path) -> Result:
        from pixelmind.quality import critic_stage
        from pixelmind.quality.critic import load_critic
        from pixelmind.quality.critic_task import CriticStageConfig

        if self.config.data is None:
            raise BadInput("the critic learns from a store; name it: --data STORE")
        config = self._config(CriticStageConfig, "critic")
        feedback, whose = self.config.feedback, self.config.whose
        done, report = critic_stage.run(
            config,
            self.config.data,
            folder,
            weights=self._base,
            feedback=feedback,
            whose=whose,  # type: ignore[arg-type]
        )
        if done.interrupted:
            raise KeyboardInterrupt
        told: Result = {"auroc": _auroc(report), "auroc_before": None}
        if "critic" in Bundle(self._base):
            from pixelmind.data.store import Store

            before, _ = load_critic(self._base)
            told["auroc_before"] = _auroc(
                critic_stage.examine(before, Store.open(self.config.data), config.test_pictures, config.loop.seed)
            )
        fell = (told["auroc_before"] or 0.0) - (told["auroc"] or 0.0)
        why = (
            "" if fell <= CRITIC_MARGIN else f"mean AUROC falls from {told['auroc_before']:.3f} to {told['auroc']:.3f}"
        )
        return {"accepted": not why, "why": why, **told}

    def _candidate(self, folder: Path) -> Result:
        """The base with the parts that were accepted; it must draw what it is asked for before anybody sees it."""
        steps = self.state["steps"]
        taken = [name for name in PARTS if steps.get(name, {}).get("accepted")]
        if not taken:
            raise _Nothing("nothing that was learnt was accepted; the champion stays")
        shutil.rmtree(folder, ignore_errors=True)
        bundle = Bundle(_copied(self._base, folder))
        for name, part in ((step, part) for step in taken for part in PARTS[step]):
            source = Bundle(self.folder / name / ("" if name == "critic" else "bundle"))
            if part in source:
                entry = source.manifest["parts"][part]
                about = {k: v for k, v in entry.items() if k not in ("file", "sha256", "bytes")}
                bundle.adopt(part, source.folder / entry["file"], **about)
        bundle.describe(loop={"run": self.folder.name, "people": self.state["people"], "taken": taken})
        _draws(bundle.folder)
        return {"taken": taken, "bundle": str(bundle.folder), "weights": bundle.id}

    def _canary(self, folder: Path) -> Result:
        candidate = self.state["steps"]["candidate"]
        champion = self.state["steps"]["collect"]["champion"]
        note = f"{self.folder.name}: {', '.join(candidate['taken'])} ({self.state['people']} people)"
        figures = {
            f"{name}: {key}": value for name in candidate["taken"] for key, value in self.state["steps"][name].items()
        }
        numbers = {
            key: value
            for key, value in figures.items()
            if isinstance(value, int | float) and not key.endswith("accepted")
        }
        known = [row for row in self.db.models.list() if row.lineage["note"] == note]  # of a call that ended right here
        row = (
            known[-1]
            if known
            else self.registry.add(Path(candidate["bundle"]), parents=[champion], metrics=numbers, note=note)
        )
        running = self.db.rollouts.running()
        if running is None or running.treatment != row.id:
            running = rollout.start(self.db, row.id, self.config.rollout)
        return {"model": row.id, "rollout": running.id}

    def _ramp(self, folder: Path) -> Result:
        identity = self.state["steps"]["canary"]["rollout"]
        told = {} if self.config.ramp is None else self.config.ramp()
        row = self.db.rollouts.get(identity)
        reason = (row.conclusion or {}).get("reason", "the service looks at it from here; see pixelmind rollout status")
        return {"outcome": "rolling out" if row.state == "running" else row.state, "why": reason, **told}

    # ---- what is kept ------------------------------------------------------------------------------------------------
    def _save(self) -> None:
        self.state["updated"] = text_now()
        write_json(self.folder / "state.json", self.state)
        write_bytes(self.folder / "summary.md", ("\n".join(summary(self.state)) + "\n").encode())


def summary(state: Result) -> list[str]:
    """A run in words."""
    lines = [
        f"# {state['name']}",
        "",
        f"People: {state['people']}. Preset {state['preset']}. Began {state['began']}.",
        "",
    ]
    for name, step in state["steps"].items():
        taken = {True: "taken", False: "left out", None: "done"}[step.get("accepted")]
        told = [f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in step.items()
                if key not in ("seconds", "accepted", "why", "bundle") and value not in (None, "", [])]  # fmt: skip
        why = f" ({step['why']})" if step.get("why") else ""
        lines.append(f"- {name}: {taken} in {step['seconds']:g} s{why}{'; ' if told else ''}{', '.join(told)}")
    lines += ["", f"Outcome: {state.get('outcome') or 'in progress'}.{' ' + state['why'] if state.get('why') else ''}"]
    return lines


def _copied(bundle: Path, target: Path) -> Path:
    if not (target / "manifest.json").is_file():
        shutil.rmtree(target, ignore_errors=True)
        wanted = [part["file"] for part in Bundle(bundle).manifest["parts"].values()]
        for file in [*wanted, "manifest.json"]:  # the manifest last: without it there is no bundle
            write_bytes(target / file, (bundle / file).read_bytes())
    return target


def _embedded(prompts: Sequence[str]) -> F64:
    """Sentence embeddings float64 [N, D]."""
    from pixelmind.encoder.text_tower import TextTower

    return np.asarray(TextTower().encode(list(prompts)).pooled.numpy(), np.float64)


def _auroc(report: Result) -> float | None:
    """Mean over families of the AUROC on real test pictures, medium severity."""
    families = report.get("test", {}).get("families", {}).get("medium", {})
    found = [about["auroc"] for about in families.values()]
    return sum(found) / len(found) if found else None


def _draws(weights: Path) -> None:
    """Draw a few sprites; their size, alpha and colours must be what was asked for.

    Raises:
        RuntimeError: they are not.
    """
    from pixelmind.generator.pipeline import load

    for size in ((8, 8), (16, 12), (16, 16)):
        sprite = load(weights, best_of=1)("a red key", size=size, num_images=1, seed=0, max_colors=4).sprites[0]
        rgba = sprite.rgba()
        if rgba.shape[:2] != size or not set(rgba[..., 3].flat) <= {0, 255} or len(sprite.palette) > 5:
            raise RuntimeError(
                f"the candidate draws {rgba.shape[1]}x{rgba.shape[0]} px with {len(sprite.palette)} colours, not what was asked for"
            )
