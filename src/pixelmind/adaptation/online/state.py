"""All that is kept of a person's online adaptation: PIXELMIND_HOME/online/USER with state.json and one file of tensors.

The tensors' file is written under a new number, then state.json, which names it, is replaced: a reader sees the old state or the new one,
whole, after a kill at any moment too. `forget` deletes all of it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as load_tensors

from pixelmind.adaptation.online.replay import Entry, Replay, ReplayConfig
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes, write_json
from pixelmind.training.bundle import to_bytes
from pixelmind.training.lora import Params

FORMAT = 1
STATE = "state.json"
CURVE = 2000  # points kept
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
F64 = NDArray[np.float64]


@dataclass(kw_only=True)
class State:
    """One person's.

    Attributes:
        user: the person's id.
        weights: ids of the parts that it belongs to ("level16", "encoder").
        simulated: whether the person is; real and simulated reactions are never mixed.
        since: what was done before this UTC time does not count: they had all deleted then.
        cursor: the last reaction that was learned from.
        replay: what is learned from again.
        taste: mean of the taste [1 + D + L]; None: nothing known.
        covariance: of the looks' weights [L, L].
        good: the taste at the last turn at which it foretold choices better than the prior, and that turn.
        adapter: low-rank tensors of the first level; None: not begun.
        best: those at which the sprites set aside were told best, and their loss then.
        described: what was seen of each sprite, by id.
        remembered: what was written into the memory of dialogues, "session:slot:word".
        curve: a point for each interaction.
    """

    user: str
    weights: dict[str, str]
    simulated: bool = False
    since: str = ""
    cursor: str | None = None
    replay: Replay = field(default_factory=Replay)
    taste: F64 | None = None
    covariance: F64 | None = None
    good: F64 | None = None
    good_turn: int = 0
    adapter: Params | None = None
    best: Params | None = None
    best_loss: float | None = None
    described: dict[str, F64] = field(default_factory=dict)
    remembered: list[str] = field(default_factory=list)
    curve: list[dict[str, Any]] = field(default_factory=list)
    number: int = 0

    @property
    def id(self) -> str:
        """Tells this state from others of the person."""
        return f"{self.replay.turn}-{self.number}"


def folder_of(home: Path, user: str) -> Path:
    """Where a person's state lies.

    Raises:
        BadInput: no id of a person.
    """
    if not _USER.fullmatch(user):
        raise BadInput(f"{user[:40]!r} is no id of a person")
    return home / "online" / user


def save(state: State, home: Path) -> Path:
    """Write a state, whole or not at all."""
    folder = folder_of(home, state.user)
    tensors = {f"described.{k}": torch.from_numpy(v.astype(np.float32)) for k, v in state.described.items()}
    for name, vector in (("taste", state.taste), ("covariance", state.covariance), ("good", state.good)):
        if vector is not None:
            tensors[name] = torch.from_numpy(vector)
    for name, params in (("adapter", state.adapter), ("best", state.best)):
        tensors |= {f"{name}.{k}": v.detach().contiguous() for k, v in (params or {}).items()}
    state.number += 1
    data = to_bytes(tensors)
    file = f"{state.number}-tensors.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / file, data)
    about = {
        "format": FORMAT,
        "user": state.user,
        "weights": state.weights,
        "simulated": state.simulated,
        "number": state.number,
        "tensors": {"file": file, "sha256": hashlib.sha256(data).hexdigest()},
        "since": state.since,
        "cursor": state.cursor,
        "turn": state.replay.turn,
        "good_turn": state.good_turn,
        "best_loss": state.best_loss,
        "entries": [e.to_dict() for e in state.replay.entries],
        "remembered": state.remembered,
        "curve": state.curve[-CURVE:],
    }
    write_json(folder / STATE, about)
    for old in folder.glob("*-tensors.safetensors"):
        if old.name != file:
            old.unlink(missing_ok=True)
    return folder


def load(home: Path, user: str, config: ReplayConfig | None = None) -> State | None:
    """Read a state; None where there is none.

    Raises:
        CorruptFile: damaged. BadInput: of a newer program.
    """
    folder = folder_of(home, user)
    for _ in range(3):  # the tensors may be replaced between two reads
        try:
            about = json.loads((folder / STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise _damaged(user) from error
        try:
            if about["format"] > FORMAT:
                raise BadInput(f"the online adaptation of {user} is of format {about['format']}; update the program")
            data = (folder / about["tensors"]["file"]).read_bytes()
            if hashlib.sha256(data).hexdigest() != about["tensors"]["sha256"]:
                raise _damaged(user)
            return _built(about, data, config)
        except FileNotFoundError:
            continue
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, BadInput):
                raise
            raise _damaged(user) from error
    raise _damaged(user)


def _built(about: dict[str, Any], data: bytes, config: ReplayConfig | None) -> State:
    tensors = load_tensors(data)

    def part(name: str) -> Params | None:
        return {k.removeprefix(f"{name}."): v for k, v in tensors.items() if k.startswith(f"{name}.")} or None

    def vector(name: str) -> F64 | None:
        return tensors[name].double().numpy() if name in tensors else None

    return State(
        user=about["user"],
        weights=about["weights"],
        simulated=about["simulated"],
        since=about["since"],
        cursor=about["cursor"],
        replay=Replay(config, [Entry.from_dict(e) for e in about["entries"]], about["turn"]),
        taste=vector("taste"),
        covariance=vector("covariance"),
        good=vector("good"),
        good_turn=about["good_turn"],
        adapter=part("adapter"),
        best=part("best"),
        best_loss=about["best_loss"],
        described={k: v.double().numpy() for k, v in (part("described") or {}).items()},
        remembered=about["remembered"],
        curve=about["curve"],
        number=about["number"],
    )


def _damaged(user: str) -> CorruptFile:
    return CorruptFile(
        f"what was learned of {user} is damaged; begin anew with: pixelmind adapt online reset --user NAME"
    )


def stamp(home: Path, user: str) -> int:
    """Changes with each save; 0 where there is nothing."""
    try:
        return (folder_of(home, user) / STATE).stat().st_mtime_ns
    except OSError:
        return 0


def forget(home: Path, user: str) -> bool:
    """Delete all of it; whether there was any."""
    folder = folder_of(home, user)
    there = folder.is_dir()
    shutil.rmtree(folder, ignore_errors=True)
    return there


def begin_anew(home: Path, user: str, now: str) -> None:
    """Delete all of it, and let nothing that was done before the UTC time `now` be learned from again."""
    forget(home, user)
    save(State(user=user, weights={}, since=now), home)


def files(home: Path, user: str) -> Iterator[tuple[str, bytes]]:
    """File names and bytes of all that is kept of a person, for their export."""
    folder = folder_of(home, user)
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        try:
            yield f"online/{path.name}", path.read_bytes()
        except OSError:  # replaced meanwhile
            continue
