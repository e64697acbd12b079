"""What comes out of the database: plain frozen rows, safe in any thread. Pictures and other large things are read when asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pixelmind.records import Feedback, PreferencePair, Sprite


@dataclass(frozen=True)
class User:
    """A person."""

    id: str
    name: str
    created: str


@dataclass(frozen=True)
class KeyInfo:
    """An API key without its secret. `user` is the owner's id."""

    id: str
    user: str
    user_name: str
    name: str
    scopes: tuple[str, ...]
    created: str
    expires: str | None
    revoked: str | None


@dataclass(frozen=True)
class SpriteRow:
    """A stored sprite. `palette` are its opaque colours in order, `regions` the names of its mask's classes that have cells, `quality` what
    the check after drawing found (None: not checked), `review` why a person is to look at it (None: nobody is)."""

    id: str
    user: str
    created: str
    source: str
    parent: str | None
    session: str | None
    prompt: str
    operation: str
    instruction: str
    seed: int | None
    weights: str
    width: int
    height: int
    colors: int
    transparent: bool
    palette: tuple[str, ...]
    regions: tuple[str, ...]
    quality: dict[str, Any] | None
    review: str | None
    _load: Callable[[], Sprite] = field(repr=False, compare=False)

    @cached_property
    def sprite(self) -> Sprite:
        """The record, read at the first use.

        Raises:
            NotFound: deleted since.
        """
        return self._load()


@dataclass(frozen=True)
class SessionRow:
    """A dialogue. `state` is read at the first use; it is of a version that may be newer than `version`."""

    id: str
    user: str
    name: str
    settings: dict[str, Any]
    version: int
    created: str
    updated: str
    _load: Callable[[], dict[str, Any]] = field(repr=False, compare=False)

    @cached_property
    def state(self) -> dict[str, Any]:
        """What the dialogue needs to go on.

        Raises:
            NotFound: deleted since.
        """
        return self._load()


@dataclass(frozen=True)
class FeedbackRow:
    """One reaction. In a preference `sprite` is the chosen one and `other` the rejected."""

    id: str
    user: str
    kind: str
    sprite: str
    other: str | None
    created: str
    simulated: bool
    ratings: dict[str, int]
    event: str
    verdict: str | None
    tie: bool
    pair: str | None
    left: str | None
    prompt: str
    comment: str
    seconds: float | None
    details: dict[str, Any]

    def record(self) -> Feedback:
        """As the record that learning reads; a verdict is an event of its name."""
        return Feedback(
            sprite_id=self.sprite,
            user=self.user,
            simulated=self.simulated,
            ratings=self.ratings,
            event=self.event or self.verdict or "",
            created=self.created,
        )


@dataclass(frozen=True)
class PreferenceRow:
    """A choice between two sprites. `left` is the one that was shown on the left, None where nobody kept it."""

    id: str
    user: str
    chosen: str
    rejected: str
    tie: bool
    prompt: str
    simulated: bool
    created: str
    pair: str | None
    left: str | None
    seconds: float | None
    _load: Callable[[], tuple[Sprite, Sprite]] = field(repr=False, compare=False)

    def record(self) -> PreferencePair:
        """With both sprites, read now.

        Raises:
            NotFound: deleted since.
        """
        chosen, rejected = self._load()
        return PreferencePair(
            prompt=self.prompt, chosen=chosen, rejected=rejected, user=self.user, simulated=self.simulated
        )


@dataclass(frozen=True)
class PairRow:
    """A pair put before a person; `answered` is when they chose."""

    id: str
    user: str
    left: str
    right: str
    reason: str
    created: str
    answered: str | None


@dataclass(frozen=True)
class ReviewRow:
    """A sprite in the review queue. `user` is the sprite's owner."""

    id: str
    user: str
    sprite_id: str
    status: str
    reason: str
    score: float | None
    candidates: tuple[str, ...]
    created: str
    decided: str | None
    decision: str | None
    reviewer: str | None
    comment: str
    replacement: str | None
    _load: Callable[[str], Any] = field(repr=False, compare=False)

    @cached_property
    def sprite(self) -> Sprite:
        """The record, read at the first use.

        Raises:
            NotFound: deleted since.
        """
        found: Sprite = self._load("sprite")
        return found

    @cached_property
    def heatmap(self) -> bytes | None:
        """Where the fault is, as the PNG it was flagged with; read at the first use."""
        found: bytes | None = self._load("heatmap")
        return found


@dataclass(frozen=True)
class AuditRow:
    """One line of the audit log."""

    id: str
    user: str
    action: str
    target: str
    details: dict[str, Any]
    request_id: str
    created: str
