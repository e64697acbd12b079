"""What a person did, to be learned from again: proportional prioritised replay with priority to recent turns.

T. Schaul, J. Quan, I. Antonoglou, D. Silver, "Prioritized Experience Replay" (ICLR 2016, arXiv 1511.05952): with priorities p_i = |error_i|
+ epsilon, entry i is drawn with P(i) = p_i^alpha / sum_k p_k^alpha (eq. 1) and counts w_i = (N P(i))^-beta / max_j w_j (sec. 3.4), which at
beta = 1 undoes the bias of the drawing. New entries have the highest priority so far, so that each is seen soon. On top of the paper p_i is
halved for every `half_life` turns that went by since: tastes move on.

One entry in five is set aside for good, by a hash of its key: the drift guard measures on these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput

F64 = NDArray[np.float64]
ASIDE_EVERY = 5


@dataclass(frozen=True, kw_only=True)
class ReplayConfig:
    """How far priorities reach."""

    capacity: int = 256
    """Entries kept; beyond, the least likely to be drawn goes."""
    alpha: float = 0.6
    """0 draws evenly, 1 in proportion to the priorities."""
    beta: float = 0.4
    """1 undoes the bias of the drawing in full."""
    epsilon: float = 0.01
    half_life: float = 30.0
    """Turns after which an entry's priority is halved."""

    def __post_init__(self) -> None:
        if (
            self.capacity < 1
            or not self.alpha >= 0
            or not 0 <= self.beta <= 1
            or not self.epsilon > 0
            or not self.half_life > 0
        ):
            raise BadInput(
                "online.replay: capacity, epsilon and half_life must be above 0, alpha 0 or more, beta in [0, 1]"
            )


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing to learn: a `pair` (`one` is preferred to `other`; a tie says that neither is), a `liked` sprite (`one`), or a `tone`
    (`one` is preferred to `other`, both a sprite's id with one of its tones: "ID#TONE").

    Attributes:
        key: what happened, once each (the feedback's id, and which pair of it).
        one, other: sprite ids, of a `tone` with the tone's name.
        prompt: the words that both were drawn for.
        turn: number of the interaction, from 1.
        trust: how much it counts, 1 for what was said, less for what was only done.
        error: what the learner got wrong about it when last seen; None: not seen yet.
    """

    key: str
    kind: Literal["pair", "liked", "tone"]
    one: str
    other: str = ""
    prompt: str = ""
    tie: bool = False
    turn: int = 1
    trust: float = 1.0
    error: float | None = None

    @property
    def sprites(self) -> tuple[str, ...]:
        """Ids of the sprites that it is about."""
        return tuple(dict.fromkeys(x.partition("#")[0] for x in (self.one, self.other) if x))

    @property
    def aside(self) -> bool:
        """Whether it is only measured on."""
        digest = hashlib.blake2b(self.key.encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") % ASIDE_EVERY == 0

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Entry:
        """Back from `to_dict`."""
        return cls(**row)


class Replay:
    """A person's entries. `turn` counts their interactions."""

    def __init__(self, config: ReplayConfig | None = None, entries: Sequence[Entry] = (), turn: int = 0) -> None:
        self.config, self.turn = config or ReplayConfig(), turn
        self.entries = list(entries)

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, entry: Entry) -> None:
        """Keep an entry; one of the same key is replaced. When full, the one that is least likely to be drawn goes."""
        self.entries = [e for e in self.entries if e.key != entry.key] + [entry]
        if len(self.entries) > self.config.capacity:
            del self.entries[int(np.argmin(self.priorities(self.entries)))]

    def drop(self, keys: set[str]) -> None:
        """Forget entries, for example of deleted sprites."""
        self.entries = [e for e in self.entries if e.key not in keys]

    def priorities(self, entries: Sequence[Entry]) -> F64:
        """p_i of some entries, recency included, float64 [N]."""
        seen = [e.error for e in self.entries if e.error is not None]
        highest = max(seen, default=1.0)
        errors = np.array([highest if e.error is None else abs(e.error) for e in entries])
        ages = np.array([max(0, self.turn - e.turn) for e in entries], float)
        return np.asarray((errors + self.config.epsilon) * 0.5 ** (ages / self.config.half_life))

    def chances(self, entries: Sequence[Entry]) -> F64:
        """P(i) of some entries, float64 [N], adding up to 1."""
        powers = self.priorities(entries) ** self.config.alpha
        return np.asarray(powers / powers.sum())

    def sample(self, entries: Sequence[Entry], count: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], F64]:
        """Rows drawn with replacement by their chances, and importance weights: (int64 [count], float64 [count], at most 1)."""
        chances = self.chances(entries)
        rows = rng.choice(len(entries), size=count, p=chances)
        weights = (len(entries) * chances) ** -self.config.beta
        return rows, np.asarray(weights[rows] / weights.max())

    def learned(self, errors: Mapping[str, float]) -> None:
        """Set errors by key after a step."""
        self.entries = [replace(e, error=float(errors[e.key])) if e.key in errors else e for e in self.entries]
