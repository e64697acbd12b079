"""The server of a deployed federation without its network: who is there, which round is on, what each client is to do next.

Everything is called from one thread: `hello`, `receive` and `task` by what clients send (their names are those of their certificates),
`tick` from time to time. A round that cannot end is aborted and the next begins. What must last (version, budget, report) is one file,
replaced after every round, and before a sum can be opened: a server that was killed goes on from there, and counts an opening that it
cannot rule out.
"""

from __future__ import annotations

import math
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from pixelmind.adaptation.federated.accounting import Accountant, Budget, BudgetSpent
from pixelmind.adaptation.federated.aggregation import ServerOptimizer, aggregate
from pixelmind.adaptation.federated.codec import Codec
from pixelmind.adaptation.federated.identity import Identity
from pixelmind.adaptation.federated.messages import Aborted, Keys, Message, Refused, decode
from pixelmind.adaptation.federated.quantization import F64
from pixelmind.adaptation.federated.secagg_server import STEPS, SecAggServer
from pixelmind.adaptation.federated.settings import PROTOCOL, Finished, Hello, Idle, Settings, Start, Update, Welcome
from pixelmind.adaptation.federated.versions import Patch, Versions
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes, write_json

STATE, REPORT = "federation.msgpack", "report.json"
SETTLE = 0.5  # seconds after the last client came until a round begins
AGAIN = 1.0  # seconds after an aborted round
PRESENT = 15.0  # seconds after which a client that has not asked for anything is gone
VECTOR = 2  # the step in which clients learn


class Unknown(Refused):
    """The client has not said hello to this server process."""


class PlainRound:
    """A round without secure sums: each client's update is seen. The counterpart of `SecAggServer`."""

    def __init__(self, length: int, clients: set[str]) -> None:
        self.length, self.waiting = length, clients
        self.updates: dict[str, tuple[F64, int]] = {}

    def leave(self, name: str) -> None:
        """Wait no longer for a client."""
        self.waiting.discard(name)

    def receive(self, message: Update, most: int) -> None:
        """Take an update.

        Raises:
            Refused: not expected, of another length, with NaN, or with a weight that cannot be.
        """
        if message.peer not in self.waiting:
            raise Refused(f"{message.peer!r} is not expected to speak, or has spoken")
        if len(message.vector) != 4 * self.length or not 1 <= message.weight <= most:
            raise Refused("an update of another length or weight")
        vector = np.frombuffer(message.vector, "<f4").astype(np.float64)
        if not np.isfinite(vector).all():
            raise Refused("the update holds NaN or infinity")
        self.updates[message.peer] = vector, message.weight
        self.waiting.discard(message.peer)


@dataclass(kw_only=True)
class Round:
    """The round that is on."""

    id: str
    index: int
    began: float
    deadline: float
    clients: list[str]
    codec: Codec
    sums: SecAggServer | PlainRound
    lost: dict[str, str] = field(default_factory=dict)
    """By client that is no longer waited for, the step it did not do."""


@dataclass(kw_only=True)
class Mailbox:
    """What a client is to do next; `number` grows with each task."""

    number: int
    task: Message
    sends: bool
    seen: float


class Coordinator:
    """A federation's server between network and disk."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        identity: Identity,
        *,
        clock: Callable[[], float],
        tell: Callable[[str], None] = lambda line: None,
        changed: Callable[[F64], None] = lambda vector: None,
        basis: bytes = b"",
    ) -> None:
        """Args:
        changed: is given every new version, float64 [length].
        basis: the file of the settings' basis, for clients.
        """
        self.settings, self.folder, self.identity = settings, folder, identity
        self.clock, self.tell, self.changed, self.basis = clock, tell, changed, basis
        self.versions = Versions(vector=np.zeros(settings.length, np.float32), weights=settings.weights)
        self.optimizer = ServerOptimizer(lr=settings.server_lr, momentum=settings.momentum, adam=settings.adam)
        self.done = 0  # rounds that ended with a sum
        self.clip = settings.clip
        budget = Budget(epsilon=settings.epsilon, delta=settings.delta)
        self.account = Accountant(budget) if settings.multiplier else None
        self.opening = False
        self.history: list[dict[str, Any]] = []
        self.refused: Counter[str] = Counter()
        self.up = self.down = 0
        self.mail: dict[str, Mailbox] = {}
        self.round: Round | None = None
        self.finished = ""
        self.last_joined = -math.inf
        self.next_round = -math.inf

    # ---- what clients send -------------------------------------------------------------------------------------------
    def hello(self, name: str, data: bytes) -> Welcome:
        """A client comes, or comes back.

        Raises:
            Refused: of another protocol, or it poses as somebody else.
        """
        hello = decode(data, Hello)
        if hello.peer != name:
            raise Refused(f"{name!r} says that it is {hello.peer!r}")
        if hello.protocol != PROTOCOL:
            raise Refused(f"this federation speaks protocol {PROTOCOL}, you speak {hello.protocol}; update pixelmind")
        self._lose(name, "came back without its secrets")
        number = self.mail[name].number + 1 if name in self.mail else 1
        back = "back" if name in self.mail else "here"
        self.mail[name] = Mailbox(number=number, task=self._idle(name), sends=hello.sends, seen=-math.inf)
        self.tell(f"{name} is {back}" + ("" if hello.sends else ", as a receiver only: it has no sprites"))
        self._advance()
        return Welcome(round="", peer=name, settings=self.settings.to_json())

    def task(self, name: str, after: int) -> tuple[int, Message] | None:
        """What a client is to do next, with its number; None where it knows that already. Who asks is ready for a round.

        Raises:
            Unknown: it has not said hello.
        """
        box = self._box(name)
        if box.seen == -math.inf:
            self.last_joined = self.clock()
        box.seen = self.clock()
        return None if box.number == after else (box.number, box.task)

    def known(self, name: str) -> None:
        """Raises: Unknown: the client has not said hello."""
        self._box(name)

    def patch(self, name: str, have: str) -> Patch | None:
        """What a client that has version `have` lacks; None: nothing.

        Raises:
            Unknown: it has not said hello.
        """
        self._box(name)
        return self.versions.since(have)

    def receive(self, name: str, data: bytes) -> None:
        """A message of the round.

        Raises:
            Refused: malformed, replayed, oversized, of another round or step, or somebody else's. Nothing was changed by it.
        """
        self._box(name)
        if self.round is None:
            raise Refused("there is no round")
        sums = self.round.sums
        if isinstance(sums, PlainRound):
            update = decode(data, Update)
            self._own(name, update)
            sums.receive(update, self.settings.max_weight)
        else:
            if sums.step == len(STEPS):
                raise Refused("the round is over")
            message = decode(data, STEPS[sums.step])
            self._own(name, message)
            if isinstance(message, Keys):
                self.identity.check_keys(message)
            sums.receive(message)
        self._advance()

    def refuse(self, name: str, error: Refused) -> None:
        """Count a refusal for the report."""
        self.refused[str(error)] += 1
        self.tell(f"refused {name}: {error}")

    def absent(self, name: str) -> None:
        """A client whose connection ended while it waited for a task."""
        if name in self.mail:
            self.mail[name].seen = -math.inf

    def limit(self) -> int:
        """The most bytes that a message can have now."""
        most = 8 * self.settings.length if self.settings.secure else 4 * self.settings.length
        return most + 65_536 + 1024 * max(len(self.mail), self.settings.clients)

    # ---- rounds ------------------------------------------------------------------------------------------------------
    def tick(self) -> None:
        """Begin a round where enough clients are there, and end a step whose time is up."""
        if self.finished:
            return
        now = self.clock()
        if self.round is None:
            there = [n for n, box in self.mail.items() if box.sends and now - box.seen < PRESENT]
            if len(there) >= self.settings.clients and now >= max(self.next_round, self.last_joined + SETTLE):
                self._begin(sorted(there))
        elif now >= self.round.deadline:
            for name in sorted(self.round.sums.waiting):
                self._lose(name, "did not answer")
            self._advance()

    def _begin(self, clients: list[str]) -> None:
        settings, now = self.settings, self.clock()
        id_ = secrets.token_hex(16)
        if self.done >= settings.rounds:
            self._finish(f"all {settings.rounds} rounds are done")
            return
        plan, codec = settings.plan(id_, len(clients), self.clip)
        if self.account is not None:
            try:
                self.account.check(codec.cost())
            except BudgetSpent as error:
                self._finish(str(error))
                return
        sums = SecAggServer(plan, clients) if settings.secure else PlainRound(settings.length, set(clients))
        wait = settings.patience if settings.secure else settings.work
        self.round = Round(
            id=id_, index=self.done + 1, began=now, deadline=now + wait, clients=clients, codec=codec, sums=sums
        )
        self.tell(f"round {self.done + 1} of {settings.rounds} with {len(clients)} clients")
        version = self.versions.newest
        for name in clients:
            start = Start(
                round=id_, peer=name, index=self.done + 1, clients=len(clients), clip=self.clip, version=version
            )
            self._post(name, start)

    def _advance(self) -> None:
        """Close the steps that nobody is waited for in."""
        while self.round is not None and not self.round.sums.waiting:
            running, settings = self.round, self.settings
            try:
                if isinstance(running.sums, PlainRound):
                    self._close_plain(running, running.sums)
                    return
                step = running.sums.step
                sent = running.sums.close()
                if step == VECTOR and self.account is not None:
                    self.opening = True  # once survivors are told, the sum may be opened, whatever happens here
                    self.save()
                if running.sums.total is not None:
                    told = running.codec.decode(running.sums.total, len(running.sums.members))
                    self._end(running, told.mean, running.sums.members, told.clip.norm if told.clip else self.clip)
                    return
                wait = settings.work if running.sums.step == VECTOR else settings.patience
                running.deadline = self.clock() + wait
                for name, message in sent.items():
                    self._post(name, message)
            except (Aborted, BadInput) as error:
                self._abort(running, str(error))

    def _close_plain(self, running: Round, sums: PlainRound) -> None:
        settings = self.settings
        need = max(2, math.floor((1 - settings.dropouts) * len(running.clients)))
        if len(sums.updates) < need:
            raise Aborted(f"{len(sums.updates)} clients sent an update, {need} are needed")
        names = sorted(sums.updates)
        updates, weights = [sums.updates[n][0] for n in names], [float(sums.updates[n][1]) for n in names]
        mean = aggregate(updates, weights, settings.rule, clip=settings.clip)
        norms = [float(np.linalg.norm(u)) for u in updates]
        more = {
            "norms": {n: round(v, 6) for n, v in zip(names, norms)},
            "clipped": sum(v > settings.clip for v in norms),
        }
        self._end(running, mean, names, self.clip, more)

    def _end(
        self, running: Round, mean: F64, members: list[str], clip: float, more: dict[str, Any] | None = None
    ) -> None:
        if self.account is not None:
            self.account.spend(running.codec.cost())
        self.versions.advance(self.optimizer.step(mean))
        self.done, self.clip, self.opening, self.round = running.index, clip, False, None
        self.history.append(
            {
                "round": running.index,
                "started": running.clients,
                "members": members,
                "lost": running.lost,
                "update_norm": round(float(np.linalg.norm(mean)), 6),
                "clip": running.codec.quantizer.clip,
                "version": self.versions.newest,
                "patch_bytes": len(self.versions.patches[-1].data) if self.versions.patches else 0,
                "seconds": round(self.clock() - running.began, 3),
                **({} if self.account is None else {"epsilon": self.account.epsilon}),
                **(more or {}),
            }
        )
        self.save()
        self.changed(self.versions.vector.astype(np.float64))
        epsilon = "" if self.account is None else f", epsilon {self.account.epsilon:.3f}"
        self.tell(f"round {running.index}: {len(members)} clients, version {self.versions.newest}{epsilon}")
        if self.done >= self.settings.rounds:
            self._finish(f"all {self.settings.rounds} rounds are done")
            return
        for name in self.mail:
            self._post(name, self._idle(name))

    def _abort(self, running: Round, why: str) -> None:
        self.round, self.next_round = None, self.clock() + AGAIN
        if self.opening and self.account is not None:  # no sum came out of it, but clients had begun to open it
            self.account.spend(running.codec.cost())
        self.opening = False
        self.history.append({"round": running.index, "started": running.clients, "lost": running.lost, "aborted": why})
        self.tell(f"round {running.index} is aborted: {why}")
        self.save()
        for name in self.mail:
            self._post(name, self._idle(name))

    def _lose(self, name: str, why: str) -> None:
        if self.round is not None and name in self.round.sums.waiting:
            steps = ("keys", "shares", "vector", "opening")
            step = "update" if isinstance(self.round.sums, PlainRound) else steps[self.round.sums.step]
            self.round.lost[name] = step
            self.round.sums.leave(name)
            self.tell(f"{name} is lost before its {step}: it {why}")

    def _finish(self, reason: str) -> None:
        self.finished = reason
        self.save()
        for name in self.mail:
            self._post(name, self._idle(name))
        self.tell(f"finished: {reason}")

    # ---- mail --------------------------------------------------------------------------------------------------------
    def _idle(self, name: str) -> Message:
        version = self.versions.newest
        if self.finished:
            return Finished(round="", peer=name, index=self.done, version=version, reason=self.finished)
        return Idle(round="", peer=name, index=self.done, version=version)

    def _post(self, name: str, message: Message) -> None:
        box = self.mail.get(name)
        if box is not None:
            box.number, box.task = box.number + 1, message

    def _box(self, name: str) -> Mailbox:
        if name not in self.mail:
            raise Unknown("say hello first")
        return self.mail[name]

    @staticmethod
    def _own(name: str, message: Message) -> None:
        if message.peer != name:
            raise Refused(f"{name!r} sends a message of {message.peer!r}")

    # ---- disk --------------------------------------------------------------------------------------------------------
    def report(self) -> dict[str, Any]:
        """What the federation did so far, ready for JSON."""
        settings = self.settings
        privacy: dict[str, Any] = {"mechanism": "none"}
        if self.account is not None:
            privacy = {
                "mechanism": "distributed",
                "noise": "Skellam, added in shares before masking",
                "unit": "client (zero-out), in every round",
                "epsilon": self.account.epsilon,
                "epsilon_per_round": self.account.rounds,
                "budget": settings.epsilon,
                "delta": settings.delta,
                "noise_multiplier": settings.multiplier,
            }
        return {
            "simulated": False,
            "settings": settings.__dict__,
            "rounds": self.done,
            "finished": self.finished,
            "version": self.versions.newest,
            "privacy": privacy,
            "bounds": {"clip": self.clip, "rule": settings.rule, "single_updates_seen": not settings.secure},
            "traffic": {"up": self.up, "down": self.down},
            "refused": dict(self.refused),
            "history": self.history,
        }

    def save(self) -> None:
        """Write what must last, whole or not at all, and the report."""
        account = self.account
        state = {
            "protocol": PROTOCOL,
            "settings": self.settings.to_json(),
            **self.versions.pack(),
            "done": self.done,
            "clip": self.clip,
            "opening": self.opening,
            "spent": _bytes(None if account is None else account.spent),
            "costs": [] if account is None else account.rounds,
            "history": self.history,
            "refused": dict(self.refused),
            "traffic": [self.up, self.down],
            "finished": self.finished,
            "optimizer": [_bytes(self.optimizer.moved), _bytes(self.optimizer.squares)],
        }
        write_bytes(self.folder / STATE, msgpack.packb(state))
        write_json(self.folder / REPORT, self.report())

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `save` wrote (see `read_state`)."""
        self.versions = Versions.unpack(state["vector"], state["patches"], self.settings.weights)
        self.done, self.clip, self.history = state["done"], state["clip"], state["history"]
        self.refused, (self.up, self.down) = Counter(state["refused"]), state["traffic"]
        self.finished = state["finished"]
        self.optimizer.moved, self.optimizer.squares = map(_vector, state["optimizer"])
        if self.account is not None:
            self.account.spent = np.frombuffer(state["spent"], "<f8").astype(np.float64)
            self.account.rounds = state["costs"]
            if state["opening"]:
                _, codec = self.settings.plan("", self.settings.clients, self.clip)
                self.account.spend(codec.cost())
                self.tell("the last round may have been opened when the server ended; its privacy cost is counted")


def _bytes(vector: F64 | None) -> bytes:
    return b"" if vector is None else vector.astype("<f8").tobytes()


def _vector(data: bytes) -> F64 | None:
    return np.frombuffer(data, "<f8").astype(np.float64) if data else None


def read_state(folder: Path) -> dict[str, Any] | None:
    """What a server that ran here before left; None where there was none.

    Raises:
        CorruptFile: it cannot be read.
    """
    path = folder / STATE
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = msgpack.unpackb(path.read_bytes())
        Settings.from_json(state["settings"])
        return state
    except (OSError, ValueError, KeyError, TypeError, msgpack.exceptions.UnpackException) as error:
        raise CorruptFile(f"{path} cannot be read ({error}); begin anew with another --out") from error
