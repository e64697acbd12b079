"""One step of online adaptation after what a person did: read it, learn of it for a bounded time, keep it only where it does no harm.

    reactions -> replay buffer -> taste (Laplace), adapter (first-order steps of Diffusion-DPO and the level's own loss) -> guard -> state

The adapter starts where the weights have a meta-learned start for it (Finn et al. 2019, "Online Meta-Learning": a start made for few
steps), else from nothing. Each choice is foretold before it is learned from: these points are the learning curve, and what the guard of
the taste goes by (progressive validation: Blum, Kalai, Langford 1999).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.adaptation import starts
from pixelmind.adaptation.adapters import Adapter, level_ids
from pixelmind.adaptation.online import interactions, looks, memory, state, tone
from pixelmind.adaptation.online.guard import TasteGuard
from pixelmind.adaptation.online.personal import Kind, PersonalTaste, described, prior
from pixelmind.adaptation.online.replay import Entry, ReplayConfig
from pixelmind.adaptation.online.state import State
from pixelmind.adaptation.online.taste import Taste, learn, unknown
from pixelmind.adaptation.online.weights import AdapterLearner
from pixelmind.encoder.model import load_encoder
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.records import Sprite
from pixelmind.storage import Database, NotFound
from pixelmind.training.lora import LoraConfig

log = logging.getLogger("pixelmind.adaptation")
F64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class OnlineConfig:
    """Settings of a step."""

    seconds: float = 3.0
    """Time limit of a step, all included."""
    rows: int = 4
    """Choices, and liked sprites, that a first-order step sees."""
    steps: int = 4
    """Most first-order steps after an interaction; 0 leaves the weights alone."""
    lr: float = 1e-4
    beta: float = 0.1
    """Pull of Diffusion-DPO to the weights as they came."""
    min_entries: int = 40
    """Entries from which on the weights are learned, too: ten pairs hold too little (docs/online.md)."""
    kind: Kind = "all"
    """What of a picture's description the taste is about."""
    lora: LoraConfig = field(default_factory=LoraConfig)
    replay: ReplayConfig = field(default_factory=ReplayConfig)

    def __post_init__(self) -> None:
        if not self.seconds > 0 or self.rows < 1 or self.steps < 0 or not self.lr > 0 or not self.beta > 0:
            raise BadInput("online: seconds, rows, lr and beta must be above 0, steps 0 or more")


@dataclass(frozen=True, kw_only=True)
class Stepped:
    """What a step did: new interactions, first-order steps, why something was rolled back ("" where nothing was), seconds."""

    interactions: int
    steps: int
    rolled_back: str
    seconds: float
    state: State


class Learner:
    """The networks that steps need, loaded once. Not for two threads at once.

    Raises (when made):
        BadInput: the weights have no encoder to see pictures with.
    """

    def __init__(self, weights: Path | str | None = None, config: OnlineConfig | None = None) -> None:
        self.config, self.bundle = config or OnlineConfig(), Bundle(weights)
        self.encoder, self.tower = load_encoder(self.bundle.folder), TextTower()
        self.ids = ids_of(self.bundle)
        self.prior = prior(self.encoder.config.embed_dim, self.config.kind)
        self._adapter: AdapterLearner | None = None

    @property
    def adapter(self) -> AdapterLearner:
        """What learns weights, made when first needed."""
        if self._adapter is None:
            self._adapter = AdapterLearner(self.bundle, self.tower, self.config.lora, self.config.beta, self.config.lr)
        return self._adapter

    # ---- a step ------------------------------------------------------------------------------------------------------
    def step(self, db: Database, home: Path, user: str, *, force: bool = False) -> Stepped | None:
        """Learn from what a person did since the last time; None where that was nothing and `force` is not set.

        Raises:
            NotFound: no such user. CorruptFile: what was learned before is damaged.
        """
        began = time.monotonic()
        db.users.get(user)
        kept = self._opened(home, user)
        count, rolled_back = self._read(db, kept)
        if not count and not force:
            return None
        done, why = self._weights(db, kept, began + self.config.seconds)
        rolled_back = rolled_back or why
        memory.confirm(db, user, self.bundle, self.tower, kept)
        seconds = time.monotonic() - began
        if kept.curve:
            kept.curve[-1] |= {"steps": done, "seconds": round(seconds, 3), "rolled_back": rolled_back}
        state.save(kept, home)
        return Stepped(interactions=count, steps=done, rolled_back=rolled_back, seconds=seconds, state=kept)

    def _opened(self, home: Path, user: str) -> State:
        kept = state.load(home, user, self.config.replay)
        if kept is None:
            return State(user=user, weights=self.ids, replay=state.Replay(self.config.replay))
        if kept.weights != self.ids:  # of other weights: what was done still counts, what was seen and learned does not
            kept.weights, kept.described, kept.best_loss = self.ids, {}, None
            kept.taste = kept.good = kept.adapter = kept.best = None
        return kept

    # ---- what was done -----------------------------------------------------------------------------------------------
    def _read(self, db: Database, kept: State) -> tuple[int, str]:
        """Take up new interactions; how many, and why the taste was rolled back."""
        rows, count, guard = [], 0, TasteGuard(kept)
        while page := db.feedback.list(kept.user, after=kept.cursor, limit=500):
            rows += page
            kept.cursor = page[-1].id
        if any(not row.simulated for row in rows) and kept.simulated:
            self._begin_anew(kept)  # a real person: what a simulated one did is not theirs
        if kept.cursor is not None and not kept.replay.turn and rows:
            kept.simulated = all(row.simulated for row in rows)
        for row in rows:
            counts = row.simulated == kept.simulated and row.created >= kept.since
            found = interactions.entries_of(db, row, kept.replay.turn + 1) if counts else []
            if found:
                count += 1
                self._take(db, kept, found, row.kind if row.kind != "event" else row.event, guard)
        known = {e.key for e in kept.replay.entries}
        if not kept.simulated:
            for entry in interactions.uploads(db, kept.user, known, kept.replay.turn + 1, kept.since):
                count += 1
                self._take(db, kept, [entry], "upload", guard)
        self._forget_deleted(db, kept)
        taste = self.fitted(kept)
        kept.taste, rolled_back = guard.checked(taste.mean)
        count_looks = len(looks.NAMES)
        kept.covariance = taste.covariance[-count_looks:, -count_looks:].copy()
        return count, rolled_back

    def _begin_anew(self, kept: State) -> None:
        fresh = State(user=kept.user, weights=self.ids, replay=state.Replay(self.config.replay), cursor=kept.cursor)
        kept.__dict__.update(fresh.__dict__ | {"number": kept.number})

    def _take(self, db: Database, kept: State, found: Sequence[Entry], what: str, guard: TasteGuard) -> None:
        """Foretell an interaction, then keep it."""
        kept.replay.turn += 1
        pairs = [e for e in found if e.kind != "liked"]
        point: dict[str, Any] = {
            "turn": kept.replay.turn,
            "kind": what,
            "time": datetime.now(UTC).isoformat("T", "seconds"),
        }
        if pairs and self._describe(db, kept, pairs[:1]):
            difference = self._differences(kept, pairs[:1])
            taste = self.fitted(kept)
            told = float(taste.chance(difference)[0]), float(unknown(self.prior).chance(difference)[0])
            point |= {"foretold": round(told[0], 4), "foretold_by_words": round(told[1], 4)}
            if pairs[0].tie:
                point["tie"] = True
            else:
                guard.foretold(*told)
        for entry in found:
            kept.replay.add(entry)
        kept.curve.append(point)

    def _describe(self, db: Database, kept: State, entries: Sequence[Entry]) -> bool:
        """See the sprites of entries that were not seen yet; False where one is gone."""
        sprites: dict[str, tuple[Sprite, str]] = {}
        for entry in entries:
            for identity in filter(None, (entry.one, entry.other)):
                if identity not in kept.described:
                    try:
                        sprites[identity] = _sprite(db, kept.user, identity), entry.prompt or " "
                    except (NotFound, KeyError):
                        return False
        if sprites:
            words = self.encoder.encode_texts([w for _, w in sprites.values()], self.tower)
            rows = described(self.encoder, [s for s, _ in sprites.values()], words)
            kept.described |= dict(zip(sprites, rows))
        return True

    def _differences(self, kept: State, pairs: Sequence[Entry]) -> F64:
        seen = [kept.described[e.one] - kept.described[e.other] for e in pairs]
        return np.array(seen).reshape(len(pairs), len(self.prior.mean))

    def fitted(self, kept: State) -> Taste:
        """The taste by all pairs kept, older ones counting less."""
        pairs = [
            e
            for e in kept.replay.entries
            if e.kind != "liked" and e.one in kept.described and e.other in kept.described
        ]
        ages = np.array([kept.replay.turn - e.turn for e in pairs], float)
        weights = np.array([e.trust for e in pairs]) * 0.5 ** (ages / (4 * self.config.replay.half_life))
        return learn(self.prior, self._differences(kept, pairs), weights, [e.tie for e in pairs])

    def _forget_deleted(self, db: Database, kept: State) -> None:
        """Drop entries whose sprites were deleted, with what was seen of these."""
        gone = {e.key for e in kept.replay.entries if not self._describe(db, kept, [e])}
        used = {i for e in kept.replay.entries for i in e.sprites}
        there, before = set[str](), None
        while used and (page := db.sprites.list(kept.user, 1000, before)) and (before or page[0].id) > min(used):
            there |= {row.id for row in page}
            before = page[-1].id
        gone |= {e.key for e in kept.replay.entries if not set(e.sprites) <= there}
        kept.replay.drop(gone)
        used = {i for e in kept.replay.entries for i in (e.one, e.other) if i}
        kept.described = {k: v for k, v in kept.described.items() if k in used}

    # ---- weights -----------------------------------------------------------------------------------------------------
    def _weights(self, db: Database, kept: State, end: float) -> tuple[int, str]:
        """First-order steps on the adapter until `end`; how many, and why they were taken back."""
        if not self.config.steps or sum(e.kind != "tone" for e in kept.replay.entries) < self.config.min_entries:
            return 0, ""
        return self.adapter.step(db, kept, self.config.rows, self.config.steps, end)


def _sprite(db: Database, user: str, identity: str) -> Sprite:
    """A person's sprite by its id, or one of its tones by "ID#TONE"; KeyError where it cannot have that tone."""
    sprite_id, _, name = identity.partition(tone.MARK)
    sprite = db.sprites.get(user, sprite_id).sprite
    return tone.question(sprite)[name] if name else sprite


def ids_of(bundle: Bundle) -> dict[str, str]:
    """Which weights a state belongs to.

    Raises:
        BadInput: no encoder.
    """
    parts = bundle.manifest["parts"]
    if "encoder" not in parts:
        raise BadInput(f"the weights at {bundle.folder} have no encoder, so that nothing can be learned of a taste")
    return {name: str(parts[name]["sha256"])[:12] for name in ("level16", "encoder")}


def load_personal(home: Path, user: str, bundle: Bundle, lora: LoraConfig | None = None) -> PersonalTaste | None:
    """What to draw with for a person; None where nothing was learned, or it belongs to other weights.

    Raises:
        CorruptFile: damaged.
    """
    kept = state.load(home, user)
    if kept is None or kept.taste is None or kept.covariance is None or kept.weights != ids_of(bundle):
        return None
    own = None
    if kept.adapter is not None:
        start = starts.find(bundle)
        config = lora or (LoraConfig() if start is None or 16 not in start.levels else start.config)
        levels = {16: kept.adapter}
        own = Adapter(name="online", config=config, levels=levels, about={"base": level_ids(bundle, levels)})
    return PersonalTaste(kept.id, kept.taste, kept.covariance, own)
