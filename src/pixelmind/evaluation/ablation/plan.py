"""What an ablation is made of: settings, studies, jobs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pixelmind.errors import BadInput

#: Raise where what a job does has changed, so that kept results are made anew.
REVISION = 1
Values = Mapping[str, list[float]]


@dataclass(frozen=True, kw_only=True)
class AblationConfig:
    """The `[ablation]` table of a preset: how much a job may cost."""

    seeds: tuple[int, ...] = (0, 1, 2)
    train_minutes: float = 8.0
    """CPU minutes of a generator's training from nothing, all its levels together."""
    mix_minutes: float = 4.0
    """CPU minutes of going on with another mix."""
    num_prompts: int = 100
    meta_updates: int = 100
    episodes: int = 32
    memory_steps: int = 1500
    memory_people: int = 1000
    people: int = 20
    """Simulated people of a seed of the study of choices."""
    choice_prompts: int = 40
    test_prompts: int = 40
    liked: int = 600
    """Drawings that simulated people took, for the mix with feedback."""

    def __post_init__(self) -> None:
        if not self.seeds or len(set(self.seeds)) != len(self.seeds) or min(self.seeds) < 0:
            raise BadInput(f"ablation.seeds must be different numbers of 0 or more, got {self.seeds}")
        if not min(self.train_minutes, self.mix_minutes) > 0:
            raise BadInput("ablation.train_minutes and ablation.mix_minutes must be above 0")
        for name, value in asdict(self).items():
            if name not in ("seeds", "train_minutes", "mix_minutes") and value < 2:
                raise BadInput(f"ablation.{name} must be at least 2, got {value}")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One arm with one seed. Paths are text, so that a job travels to other processes and machines."""

    study: str
    arm: str
    seed: int
    data: str
    data_hash: str
    weights: str
    weights_id: str
    judge: str
    judge_id: str
    out: str
    config: AblationConfig

    @property
    def folder(self) -> Path:
        """Where its run and its result lie."""
        return Path(self.out) / "jobs" / self.study / _plain(self.arm) / f"seed{self.seed}"

    @property
    def key(self) -> str:
        """Hash of everything that its result depends on."""
        about = {k: v for k, v in asdict(self).items() if k not in ("data", "out", "weights", "judge", "config")} | {
            "settings": {k: getattr(self.config, k) for k in STUDIES_USE[self.study]},
            "revision": REVISION,
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question and how it is answered.

    `run` returns the values of each measure, an item (prompt, person, episode) each, the same items in the same order for all arms of a
    seed. In every measure more is better.
    """

    name: str
    question: str
    arms: tuple[str, ...]
    item: str
    run: Callable[[Job], Values]
    simulated: bool = False
    axis: str = ""
    """What the arms' numbers are, where they are points of a curve."""


#: Settings that a study's jobs depend on.
STUDIES_USE: dict[str, tuple[str, ...]] = {
    "memory": ("memory_steps", "memory_people"),
    "hierarchy": ("train_minutes", "num_prompts"),
    "check": ("num_prompts",),
    "meta": ("meta_updates", "episodes"),
    "mix": ("mix_minutes", "num_prompts", "liked"),
    "choices": ("people", "choice_prompts", "test_prompts"),
}


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c in ".-" else "_" for c in name)


def result_of(job: Job) -> dict[str, Any] | None:
    """The kept result of a job; None where there is none, or one of other settings."""
    file = job.folder / "result.json"
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("key") == job.key else None
