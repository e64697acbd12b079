"""The models that a service draws with: the registry's champion, and the canary of a rollout for those who get it.

`follow` is called every second. A new champion is loaded beside the old one and takes its place once it is ready; what the old one has
begun it ends, and it is let go when it has been idle for a while. So a promotion or a rollback fails no request. A champion that cannot
be loaded changes nothing, and at the start the one before it draws; a canary that cannot be loaded is refused.

A request keeps the arm it began with. Who gets which is a hash (`lifecycle.rollout`), so it needs no database; exposures and counts are
kept in memory until the next `follow`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pixelmind.errors import BadInput
from pixelmind.lifecycle import rollout as rollouts
from pixelmind.serving.config import Config
from pixelmind.serving.engine import Engine, Stats
from pixelmind.serving.networks import Networks
from pixelmind.storage import Database, DatabaseDown, ModelRow, RolloutRow

log = logging.getLogger("pixelmind.serving")
GRACE_SECONDS = 30.0
EXPOSURE, FAILED, USER = "pixelmind.exposure", "pixelmind.failed", "pixelmind.user"


@dataclass(eq=False)
class Arm:
    """A model that is loaded, or being loaded; `model` is empty for weights that are in no registry."""

    model: str
    engine: Engine
    left: float = 0.0  # when it was replaced

    @cached_property
    def networks(self) -> Networks:
        """The networks of dialogues, loaded when first used."""
        return Networks(self.engine)


@dataclass
class Seen:
    """What is not written yet of an exposure."""

    rollout: RolloutRow
    user: str
    segment: str
    moment: datetime
    requests: int = 0
    errors: int = 0
    seconds: float = 0.0


Key = tuple[str, str, int]


@dataclass(eq=False)
class Fleet:
    """Which model answers whom. Safe in several threads; `follow` in one at a time.

    Args:
        first: what draws at the start.
        load: an engine for the files of a registered model, by its id; None: what draws is never changed.
        bound: whether a person has weights of their own for the champion, who then stays with it.
    """

    config: Config
    db: Database
    champion: Arm
    load: Callable[[str], Engine] | None = None
    bound: Callable[[str], bool] = lambda user: False
    canary: Arm | None = None
    rollout: RolloutRow | None = None
    _coming: dict[str, Arm] = field(default_factory=dict)
    _leaving: list[Arm] = field(default_factory=list)
    _failed: set[str] = field(default_factory=set)
    _gone: list[Stats] = field(default_factory=list)
    _seen: dict[Key, Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # ---- for requests ------------------------------------------------------------------------------------------------
    def arm(self, scope: MutableMapping[str, Any]) -> Arm:
        """The arm that answers a request; marks the request where that is part of a rollout."""
        champion, canary, running = self.champion, self.canary, self.rollout
        user = scope.get(USER)
        if running is None or canary is None or not user or scope.get("method") != "POST" or self.bound(user):
            return champion
        if (running.control, running.treatment) != (champion.model, canary.model):
            return champion
        moment = datetime.now(UTC)
        found = rollouts.assign(running, user, moment)
        if found is None:
            return champion
        key = (running.id, found.unit, running.stage)
        scope[EXPOSURE] = key
        with self._lock:
            self._seen.setdefault(key, Seen(running, user, found.segment, moment))
        return canary if found.arm == "treatment" else champion

    def observe(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        """Count an answered request of a rollout: 2xx as done, 5xx and streams that broke off as failed."""
        key = scope.get(EXPOSURE)
        failed = status >= 500 or bool(scope.get(FAILED))
        if key is None or not (failed or 200 <= status < 300):
            return
        with self._lock:
            seen = self._seen.get(key)
            if seen is None:
                running = self.rollout
                if running is None or running.id != key[0]:
                    return  # it ended meanwhile
                seen = self._seen[key] = Seen(running, "", "", datetime.now(UTC))
            seen.requests += 1
            seen.errors += failed
            seen.seconds += 0.0 if failed else seconds

    def stats(self) -> Stats:
        """Counts of all models since the start; times are the champion's."""
        now = self.champion.engine.stats()
        others = [arm.engine.stats() for arm in (self.canary, *self._leaving) if arm is not None] + self._gone
        return Stats(
            **{
                **vars(now),
                **{
                    name: getattr(now, name) + sum(getattr(other, name) for other in others)
                    for name in ("queued", "running", "images", "batches", "cancelled")
                },
            }
        )

    # ---- following the registry --------------------------------------------------------------------------------------
    def follow(self) -> None:
        """Write what was seen, and go where the registry is.

        Raises:
            DatabaseDown: what was seen is kept for the next time.
        """
        self._write()
        if self.load is None:
            return
        champion, running = self.db.rollouts.deployment()
        self._failed &= {m for m in (champion and champion.id, running and running.treatment) if m}
        if champion is not None and champion.id != self.champion.model:
            ready = self._ready(champion.id)
            if ready is not None:
                log.warning("drawing with model %s instead of %s", ready.model, self.champion.model or "none")
                old, self.champion = self.champion, ready
                self._leave(old)
        self._follow_rollout(running)
        self._tidy({champion.id if champion else "", running.treatment if running else ""})

    def _follow_rollout(self, running: RolloutRow | None) -> None:
        canary = None if running is None else self._ready(running.treatment)
        if running is not None and canary is None and running.treatment in self._failed:
            told = {"reason": "the model could not be loaded; the service's log has the details"}
            self.db.rollouts.end(running.id, "refused", told)
        old, self.canary, self.rollout = self.canary, canary, running if canary is not None else None
        if old is not None and old is not canary and old is not self.champion:
            self._leave(old)

    def _ready(self, model: str) -> Arm | None:
        """The arm of a model where it is loaded; begins to load it where it is not."""
        known = [self.champion, self.canary, self._coming.get(model), *self._leaving]
        arm = next((a for a in known if a is not None and a.model == model), None)
        if arm is None and model not in self._failed:
            assert self.load is not None
            arm = self._coming[model] = Arm(model, self.load(model))
        if arm is None:
            return None
        if arm.engine.failure is not None:
            self._coming.pop(model, None)
            self._failed.add(model)
            arm.engine.close(0)
            return None
        if not arm.engine.ready:
            return None
        self._coming.pop(model, None)
        if arm in self._leaving:
            self._leaving.remove(arm)
        return arm

    def _leave(self, arm: Arm) -> None:
        if arm not in (self.champion, self.canary):
            arm.left = time.monotonic()
            self._leaving.append(arm)

    def _tidy(self, wanted: set[str]) -> None:
        """Let go of what is not wanted any more and has nothing to do."""
        for model in [m for m in self._coming if m not in wanted]:
            self._leave(self._coming.pop(model))
        for arm in list(self._leaving):
            stats = arm.engine.stats()
            if time.monotonic() - arm.left > GRACE_SECONDS and not stats.queued and not stats.running:
                self._leaving.remove(arm)
                arm.engine.close()
                self._gone.append(arm.engine.stats())

    def judge(self) -> None:
        """Look at the rollout that runs, and go on, stop or promote as its figures say."""
        if self.load is not None and self.rollout is not None:
            rollouts.judge(self.db)

    def _write(self) -> None:
        with self._lock:
            seen, self._seen = self._seen, {}
        try:
            while seen:
                key, one = next(iter(seen.items()))
                if one.user:
                    rollouts.expose(self.db, one.rollout, one.user, one.moment)
                if one.requests:
                    self.db.rollouts.count(*key, one.requests, one.errors, one.seconds)
                del seen[key]
        except DatabaseDown:
            with self._lock:
                for key, one in seen.items():
                    newer = self._seen.pop(key, None)
                    if newer is not None:
                        one.requests, one.errors = one.requests + newer.requests, one.errors + newer.errors
                        one.seconds += newer.seconds
                    self._seen[key] = one
            raise

    def close(self, own_first: bool) -> None:
        """Write what was seen, and close the engines that were loaded here (`own_first`: the first one too)."""
        try:
            self._write()
        except DatabaseDown as error:
            log.warning("exposures were lost: %s", error)
        for arm in {self.champion, self.canary, *self._coming.values(), *self._leaving} - {None}:
            if arm is not None and (arm.model or own_first):
                arm.engine.close()


def whole(config: Config, db: Database, champion: ModelRow) -> tuple[str, Path]:
    """Id and verified files of the champion, or where they are damaged of the last one before it whose files are whole.

    Raises:
        CorruptFile: none is.
    """
    row, damaged = champion, dict[str, BadInput]()
    while True:
        try:
            return row.id, model_folder(config, db, row.id)
        except BadInput as error:
            log.error("model %s cannot be drawn with: %s", row.id, error)
            damaged[row.id] = error
            if row.replaced is None or row.replaced in damaged:
                raise damaged[champion.id] from error
            row = db.models.get(row.replaced)


def model_folder(config: Config, db: Database, model: str) -> Path:
    """The verified files of a registered model.

    Raises:
        CorruptFile: they are not what was registered.
    """
    from pixelmind.lifecycle.registry import Registry

    registry = Registry(db, config.home)
    return registry.folder(registry.verify(model))
