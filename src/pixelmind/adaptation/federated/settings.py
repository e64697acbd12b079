"""What all know of a deployed federation, and what its server and its clients say to each other beside the steps of secure aggregation.

A client works out plan and codec of a round itself, from the settings it agreed to and the few numbers in `Start`; the server cannot ask
for another threshold, less noise or more local work than was agreed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import ClassVar

from pixelmind.adaptation.federated.aggregation import AdaptiveClip, Rule
from pixelmind.adaptation.federated.codec import Codec
from pixelmind.adaptation.federated.messages import Message, Refused
from pixelmind.adaptation.federated.plan import Plan
from pixelmind.errors import BadInput

PROTOCOL = 2
BASIS_BYTES = 64 * 2**20


def content_id(data: bytes) -> str:
    """The name of a file by its content, 32 hex digits."""
    return hashlib.sha256(data).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A federation. `weights` is the id of the level that is adapted, `length` the numbers of its shared adapter."""

    federation: str
    """Drawn once, so that machines know it again."""
    weights: str
    length: int
    level: int = 16
    rank: int = 4
    seed: int = 0
    """Of the fixed half of the adapter."""
    basis: str = ""
    """Id of the basis that the numbers are coordinates in (`subspace.Basis`); empty: none."""
    rounds: int = 10
    clients: int = 3
    """Fewest that a round starts with."""
    steps: int = 5
    rows: int = 8
    lr: float = 4e-3
    prox: float = 0.0
    secure: bool = True
    rule: Rule = "mean"
    server_lr: float = 1.0
    momentum: float = 0.0
    adam: bool = False
    clip: float = 2.0
    adaptive_clip: bool = False
    max_weight: int = 32
    multiplier: float = 0.0
    """Noise over sensitivity in every sum; 0: no differential privacy."""
    epsilon: float = 8.0
    delta: float = 1e-5
    dropouts: float = 1 / 3
    patience: float = 30.0
    """Seconds that a step waits for its slowest client."""
    work: float = 300.0
    """The same for the step with local training."""

    def __post_init__(self) -> None:
        if not 3 <= self.clients <= 10_000 or not 1 <= self.rounds <= 10_000:
            raise BadInput("a federation has 3 to 10000 clients in a round, and 1 to 10000 rounds")
        if not 1 <= self.steps <= 1000 or not 1 <= self.rows <= 256 or not 1 <= self.rank <= 64:
            raise BadInput("a round has 1 to 1000 local steps of 1 to 256 rows, an adapter a rank of 1 to 64")
        if not (0 < self.lr < 1 and 0 < self.clip < 1e6) or self.prox < 0 or self.multiplier < 0:
            raise BadInput("lr must lie between 0 and 1, clip above 0; prox and noise must not be negative")
        if not self.secure and (self.multiplier or self.adaptive_clip):
            raise BadInput("noise and an adaptive clip norm are for secure sums; leave out --plain")
        if self.secure and self.rule != "mean":
            raise BadInput(f"--rule {self.rule} needs to see single updates: give --plain with it, or leave it out")
        if not (self.patience > 0 and self.work > 0):
            raise BadInput("a step waits for more than 0 seconds")
        if not 1 <= self.length <= 10_000_000 or not 0 <= self.dropouts < 0.5 or not 1 <= self.max_weight <= 65_536:
            raise BadInput("an adapter has up to 10 million numbers, less than half of the clients may be lost")
        if self.basis and (len(self.basis) != 32 or not set(self.basis) <= set("0123456789abcdef")):
            raise BadInput("a basis is named by 32 hex digits")

    def to_json(self) -> str:
        """The settings as text."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """The reverse of `to_json`.

        Raises:
            Refused: not such a text, or settings that cannot be.
        """
        try:
            value = json.loads(text)
            kinds = {f.name: type(getattr(_EXAMPLE, f.name)) for f in dataclasses.fields(cls)}
            if value.keys() != kinds.keys() or any(type(value[k]) is not kind for k, kind in kinds.items()):
                raise Refused("settings of another version of this program")
            return cls(**value)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Refused(f"settings that cannot be: {error}") from error

    def adaptive(self, norm: float) -> AdaptiveClip | None:
        """The clip norm of a round, where it adapts."""
        return AdaptiveClip(norm=norm) if self.adaptive_clip else None

    def codec(self, norm: float, least: int) -> Codec:
        """How a round's updates become whole numbers, with the clip norm of the round and the fewest clients of a sum."""
        return Codec.choose(
            self.length,
            norm,
            max_weight=self.max_weight,
            multiplier=self.multiplier,
            least=least,
            adaptive=self.adaptive(norm),
        )

    def plan(self, round_: str, clients: int, norm: float) -> tuple[Plan, Codec]:
        """Plan and codec of a round that starts with so many clients.

        Raises:
            BadInput: fewer than agreed, or a clip norm that cannot be.
        """
        if clients < self.clients or (norm != self.clip and not self.adaptive_clip):
            raise BadInput(f"a round of {clients} clients with clip norm {norm:g} is not what was agreed")
        plan = Plan.choose(clients, 1, 16, dropouts=self.dropouts)
        codec = self.codec(norm, plan.minimum)
        plan = dataclasses.replace(plan, round=round_, length=codec.length, bits=codec.bits(clients))
        return plan, codec


_EXAMPLE = Settings(federation="", weights="", length=1)


@dataclass(frozen=True, kw_only=True)
class Hello(Message):
    """Client: its protocol, and whether it has sprites to learn from; how many is not said."""

    kind: ClassVar[str] = "hello"
    protocol: int
    sends: bool


@dataclass(frozen=True, kw_only=True)
class Welcome(Message):
    """Server: the settings."""

    kind: ClassVar[str] = "welcome"
    settings: str


@dataclass(frozen=True, kw_only=True)
class Start(Message):
    """Server: a round begins, from this version, with so many clients and this clip norm. `index` counts from 1."""

    kind: ClassVar[str] = "start"
    index: int
    clients: int
    clip: float
    version: str


@dataclass(frozen=True, kw_only=True)
class Update(Message):
    """Client, where sums are not secure: its update as float32 and how many pictures it stands for."""

    kind: ClassVar[str] = "update"
    vector: bytes
    weight: int


@dataclass(frozen=True, kw_only=True)
class Idle(Message):
    """Server: nothing to do; the newest version, after so many rounds."""

    kind: ClassVar[str] = "idle"
    index: int
    version: str


@dataclass(frozen=True, kw_only=True)
class Finished(Message):
    """Server: there are no more rounds, and why; the last version."""

    kind: ClassVar[str] = "finished"
    index: int
    version: str
    reason: str
