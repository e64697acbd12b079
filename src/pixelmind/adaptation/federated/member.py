"""A federation's client: asks its server over HTTPS what comes next, and does its part with what only it knows.

    pixelmind adapt federated join HOST:PORT --identity KEYS/anna.pem --images my_sprites

It holds the server to what was agreed: the settings of a federation it knows stay, plans and noise are worked out here, and what the rounds
cost is counted here too and kept on disk before anything is opened.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
import msgpack
import numpy as np

from pixelmind.adaptation.federated.accounting import Accountant, Budget, BudgetSpent
from pixelmind.adaptation.federated.codec import Codec
from pixelmind.adaptation.federated.identity import Identity
from pixelmind.adaptation.federated.messages import (
    Inbox,
    Message,
    Refused,
    Roster,
    Survivors,
    decode,
    decode_any,
    encode,
)
from pixelmind.adaptation.federated.noise import secret_rng
from pixelmind.adaptation.federated.quantization import F64
from pixelmind.adaptation.federated.secagg_client import SecAggClient
from pixelmind.adaptation.federated.server import POLL
from pixelmind.adaptation.federated.settings import (
    BASIS_BYTES,
    PROTOCOL,
    Finished,
    Hello,
    Idle,
    Settings,
    Start,
    Update,
    Welcome,
    content_id,
)
from pixelmind.adaptation.federated.versions import F32, Patch, apply, version_of
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes

HELLO_BYTES = 65_536
MOST_REFUSALS = 10
TASKS: tuple[type[Message], ...] = (Idle, Start, Roster, Inbox, Survivors, Finished)


class Learner(Protocol):
    """A machine's sprites and how it learns from them."""

    @property
    def pictures(self) -> int:
        """How many sprites there are to learn from."""

    def update(self, shared: F64) -> F64:
        """What some local steps add to the shared adapter, float64 [length]."""

    def keep(self, shared: F64, index: int) -> None:
        """Take over a new version, float64 [length], of that many rounds."""


class _Restarted(Exception):
    """The server does not know this client (any more)."""


@dataclass(kw_only=True)
class _Round:
    index: int
    codec: Codec
    secrets: SecAggClient | None


class Member:
    """One client, from its first hello to the last round."""

    def __init__(
        self,
        address: str,
        identity: Identity,
        prepare: Callable[[Settings, bytes], Learner],
        folder: Path,
        *,
        sends: bool = True,
        plain: bool = False,
        epsilon: float | None = None,
        give_up: float = 120.0,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Args:
        prepare: makes the learner for a federation's settings and the file of its basis (empty: none); refuses those it cannot serve.
        folder: where what lasts is kept: the version and the privacy budget.
        sends: whether there are sprites to learn from.
        plain: whether sums that are not secure are accepted.
        epsilon: the most that all rounds may cost this client, at the federation's delta; None: what the federation promises.
        give_up: seconds without a word from the server.
        """
        self.address, self.identity, self.prepare, self.folder = address, identity, prepare, folder
        self.sends, self.plain, self.epsilon, self.give_up, self.tell = sends, plain, epsilon, give_up, tell
        self.name = identity.name
        self.settings: Settings | None = None
        self.learner: Learner | None = None
        self.vector: F32 = np.zeros(0, np.float32)
        self.account: Accountant | None = None
        self.round: _Round | None = None
        self.rounds = 0
        """Rounds that the newest version here has behind it."""
        self.ended = ""
        self._refusals = 0
        """In a row, without a new version between them."""
        timeout = httpx.Timeout(10.0, read=POLL + 10.0)
        self._http = httpx.Client(
            base_url=f"https://{address}", verify=identity.tls(), timeout=timeout, trust_env=False
        )

    # ---- the way through a federation --------------------------------------------------------------------------------
    def run(self) -> str:
        """Take part until there are no more rounds; why there are none.

        Raises:
            BadInput: a certificate or version that does not fit, a server that cannot be reached, or a spent budget.
        """
        with self._http:
            number = self._hello()
            while True:
                try:
                    found = self._task(number)
                    if found is None:
                        continue
                    number, task = found
                    if isinstance(task, Finished):
                        self._sync(task.version, task.index)
                        return task.reason
                    self._do(task)
                except _Restarted:
                    self.tell("the server has begun anew; coming back")
                    number = self._hello()
                except BudgetSpent:
                    raise
                except (Refused, BadInput) as error:
                    self._refusals += 1
                    if self._refusals == MOST_REFUSALS:
                        raise BadInput(f"leaving after {MOST_REFUSALS} refusals in a row, the last: {error}") from error
                    self.tell(f"this round goes on without me: {error}")
                    number = self._hello()

    def _do(self, task: Message) -> None:
        if isinstance(task, Idle):
            self.round = None
            self._sync(task.version, task.index)
        elif isinstance(task, Start):
            self._start(task)
        elif self.round is not None and self.round.secrets is not None and task.round == self.round.secrets.plan.round:
            secret = self.round.secrets
            if isinstance(task, Roster):
                self._send(secret.share(task))
            elif isinstance(task, Inbox):
                assert self.learner is not None
                values = self.round.codec.encode(self._update(), self.learner.pictures, secret_rng())
                self._send(secret.mask(task, values))
            elif isinstance(task, Survivors):
                opened = secret.open(task)
                if self.account is not None:
                    self.account.spend(self.round.codec.cost())
                    self._save()
                self._send(opened)

    def _start(self, task: Start) -> None:
        settings = self._agreed()
        self.round = None
        if not self.sends:
            raise Refused("a round for a client that only receives")
        self._sync(task.version, task.index - 1)
        if not settings.secure:
            codec = settings.codec(settings.clip, 2)
            self.round = _Round(index=task.index, codec=codec, secrets=None)
            assert self.learner is not None
            vector = self._update().astype("<f4").tobytes()
            weight = min(self.learner.pictures, settings.max_weight)
            self._send(Update(round=task.round, peer=self.name, vector=vector, weight=weight))
            return
        plan, codec = settings.plan(task.round, task.clients, task.clip)
        if self.account is not None:
            self.account.check(codec.cost())
        secret = SecAggClient(self.name, plan, self.identity)
        self.round = _Round(index=task.index, codec=codec, secrets=secret)
        self.tell(f"round {task.index} with {task.clients} clients")
        self._send(secret.advertise())

    def _update(self) -> F64:
        assert self.learner is not None
        update = self.learner.update(self.vector.astype(np.float64))
        if not np.isfinite(update).all():
            raise BadInput("the update holds NaN or infinity; it was not sent")
        return update

    def _agreed(self) -> Settings:
        if self.settings is None:
            raise _Restarted
        return self.settings

    # ---- hello, versions, budget -------------------------------------------------------------------------------------
    def _hello(self) -> int:
        """Say hello; the number of the last task known, which is none."""
        self.round = None
        hello = Hello(round="", peer=self.name, protocol=PROTOCOL, sends=self.sends)
        response = self._call("POST", "/hello", encode(hello), HELLO_BYTES)
        if response.status_code == 400:
            raise BadInput(f"the server refuses {self.name}: {response.text[:300]}")
        settings = Settings.from_json(decode(response.content, Welcome).settings)
        if self.settings is None:
            self._join(settings)
        elif settings != self.settings:
            raise BadInput("the server is of another federation now; join it anew")
        return 0

    def _join(self, settings: Settings) -> None:
        if not settings.secure and not self.plain and self.sends:
            raise BadInput("this federation's server sees single updates; give --plain to take part all the same")
        if self.epsilon is not None and self.sends and not settings.multiplier:
            raise BadInput("this federation has no differential privacy; leave out --epsilon to take part all the same")
        self.learner = self.prepare(settings, self._basis(settings.basis))
        self.settings = settings
        self.vector = np.zeros(settings.length, np.float32)
        if settings.multiplier and self.sends:
            most = settings.epsilon if self.epsilon is None else min(self.epsilon, settings.epsilon)
            self.account = Accountant(Budget(epsilon=most, delta=settings.delta))
        self._load(settings)
        self.tell(f"joined as {self.name}" + ("" if self.sends else ", as a receiver only"))

    def _basis(self, id_: str) -> bytes:
        """The file of the federation's basis, fetched once; empty where it has none."""
        path = self.folder / f"basis-{id_}.safetensors"
        if not id_:
            return b""
        if path.is_file() and content_id(kept := path.read_bytes()) == id_:
            return kept
        found = self._call("GET", "/basis", None, BASIS_BYTES).content
        if content_id(found) != id_:
            raise BadInput("the server's basis is not the one that its settings name; nothing is sent to it")
        write_bytes(path, found)
        return found

    @property
    def _path(self) -> Path:
        return self.folder / f"{self._agreed().federation}-{self.name}.msgpack"

    def _load(self, settings: Settings) -> None:
        if not self._path.exists():
            return
        try:
            kept = msgpack.unpackb(self._path.read_bytes())
            if kept["settings"] != settings.to_json():
                raise BadInput("the server says other settings than it did before; nothing is sent to it")
            vector = np.frombuffer(kept["vector"], "<f4").astype(np.float32)
            if len(vector) != settings.length:
                raise ValueError("another length")
            if self.account is not None and kept["costs"]:
                self.account.spent = np.frombuffer(kept["spent"], "<f8").copy()
                self.account.rounds = kept["costs"]
            self.vector = vector
        except BadInput:
            raise
        except (OSError, ValueError, KeyError, TypeError, msgpack.exceptions.UnpackException) as error:
            raise CorruptFile(
                f"{self._path} cannot be read; without it nobody knows what was given away: ask for a new identity"
            ) from error

    def _save(self) -> None:
        account = self.account
        kept = {
            "settings": self._agreed().to_json(),
            "vector": self.vector.astype("<f4").tobytes(),
            "spent": b"" if account is None else account.spent.astype("<f8").tobytes(),
            "costs": [] if account is None else account.rounds,
        }
        write_bytes(self._path, msgpack.packb(kept))

    def _sync(self, version: str, index: int) -> None:
        """Bring the shared adapter to this version, by what changed since ours where the server still knows it."""
        settings, moved = self._agreed(), False
        most = 8 * settings.length + HELLO_BYTES
        for _ in range(200):
            have = version_of(self.vector, settings.weights)
            if have == version:
                break
            response = self._call("GET", f"/patch?have={have}", None, most)
            if response.status_code == 204:
                break
            self.vector = apply(decode(response.content, Patch), self.vector, settings.weights)
            moved = True
        else:
            raise Refused("the server's versions have no end")
        if moved:
            self._refusals = 0
            self._save()
            self.rounds = index
            assert self.learner is not None
            self.learner.keep(self.vector.astype(np.float64), index)

    # ---- calls -------------------------------------------------------------------------------------------------------
    def _task(self, after: int) -> tuple[int, Message] | None:
        most = HELLO_BYTES + 1024 * 10_000
        response = self._call("GET", f"/task?after={after}", None, most)
        if response.status_code == 204:
            return None
        task = decode_any(response.content, TASKS)
        if task.peer != self.name:
            raise Refused("a task for somebody else")
        return int(response.headers.get("task-number", "0")), task

    def _send(self, message: Message) -> None:
        """Send a message of the round, once; where it is not known whether it came through, again."""
        data = encode(message)
        before = self._broken
        response = self._call("POST", "/message", data, HELLO_BYTES)
        if response.status_code == 400 and self._broken == before:
            raise Refused(f"the server refuses it: {response.text[:300]}")

    _broken = 0
    """Connections that broke."""

    def _call(self, method: str, path: str, data: bytes | None, most: int) -> httpx.Response:
        """A call, tried until the server answers.

        Raises:
            BadInput: certificates that do not fit, or no answer for `give_up` seconds. Refused: an answer that is too long.
            _Restarted: the server does not know us.
        """
        pause, began = 0.1, time.monotonic()
        while True:
            try:
                with self._http.stream(method, path, content=data) as response:
                    found = bytearray()
                    for part in response.iter_bytes():
                        found += part
                        if len(found) > most:
                            raise Refused(f"an answer of more than {most} bytes")
                answer = httpx.Response(response.status_code, headers=response.headers, content=bytes(found))
                if answer.status_code == 428:
                    raise _Restarted
                if answer.status_code not in (200, 204, 400):
                    raise Refused(f"the server answers {answer.status_code}")
                return answer
            except (httpx.TransportError, ssl.SSLError) as error:
                self._broken += 1
                why = _certificate_problem(error)
                if why:
                    raise BadInput(f"{self.address}: {why}") from error
                silent = time.monotonic() - began
                if silent > self.give_up:
                    raise BadInput(
                        f"no word from the server at {self.address} for {silent:.0f} s; what came until then is kept"
                    ) from error
                time.sleep(pause)
                pause = min(2 * pause, 2.0)


def _certificate_problem(error: BaseException | None) -> str:
    """What is wrong with somebody's certificate, where an error comes from that."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not one of this federation's server ({error.verify_message}); check --identity"
        if isinstance(error, ssl.SSLError) and "alert" in str(error).lower():
            return "the server refuses this identity's certificate; ask for one of its own authority"
        error = error.__cause__ or error.__context__
    return ""
