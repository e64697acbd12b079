"""Who was dissatisfied with what: stored verdicts, ratings and choices as labelled pictures, to calibrate a critic on.

    a verdict      rejected 1, approved 0; one of the review queue is its reviewer's ("fix" is a rejection of the picture as it was)
    a rating       1 where any axis got 2 or less, else 0
    a choice       the loser 1, the winner 0, each at half weight: the loser of two good pictures is not a bad one; ties tell nothing

Of one person's verdicts (ratings) on a picture the last counts. What people did without a word (undo, export, time) is not read. Real
people and simulated ones are never mixed without being told to. The review queue holds what was flagged, so its share of rejections is
higher than that of all pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.records import Sprite
from pixelmind.storage import Database, DatabaseDown, FeedbackRow, NotFound

Kind = Literal["verdict", "review", "rating", "choice"]
Whose = Literal["", "human", "simulated", "both"]
LOW = 2
"""A rating up to this, of 1 to 5, is a dissatisfied one."""
CHOICE_WEIGHT = 0.5
MOST = 50.0
"""No person weighs more than this many verdicts."""
F64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Example:
    """A picture that one person was dissatisfied with, or not. Simulated people go by their names, real ones by their ids."""

    sprite: Sprite
    sprite_id: str
    dissatisfied: bool
    weight: float
    user: str
    simulated: bool
    kind: Kind


@dataclass(frozen=True, kw_only=True, eq=False)
class Examples:
    """What was read, oldest first. `passed` were left out: ties, and those of pictures that were uploaded or deleted."""

    rows: Sequence[Example]
    passed: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sprites(self) -> list[Sprite]:
        """The pictures, N."""
        return [r.sprite for r in self.rows]

    @property
    def dissatisfied(self) -> F64:
        """Labels [N], 0 or 1."""
        return np.array([float(r.dissatisfied) for r in self.rows])

    @property
    def weights(self) -> F64:
        """Weights [N]."""
        return np.array([r.weight for r in self.rows])

    @property
    def users(self) -> list[str]:
        """Whose they are, N."""
        return [r.user for r in self.rows]

    @property
    def whose(self) -> str:
        """ "human", "simulated" or "both", as `Calibration.fit` keeps it."""
        kinds = {r.simulated for r in self.rows}
        return "both" if len(kinds) > 1 else "simulated" if True in kinds else "human"


def read(source: Database | Path | str, whose: Whose = "", *, most: float = MOST) -> Examples:
    """The examples of a database (open, or its URL or SQLite file).

    Args:
        source: where they are.
        whose: "human", "simulated" or "both"; empty where only one kind is there.
        most: a person's examples together weigh this at most; see `balanced`.

    Raises:
        BadInput: no such database, both kinds without `whose`, none of the kind that is asked for, or none at all.
    """
    if isinstance(source, Database):
        return _chosen(source, whose, most, source.url)
    text = str(source)
    if "://" not in text:
        path = Path(source).expanduser()
        if not path.is_file():
            raise BadInput(f"there is no database {path}; name the service's, such as ~/.pixelmind/pixelmind.db")
        text = f"sqlite:///{path}"
    try:
        with Database(text) as db:
            db.upgrade()
            return _chosen(db, whose, most, db.url)
    except DatabaseDown as error:
        raise BadInput(f"{source} cannot be opened: {error}") from error


def balanced(weights: F64, users: Sequence[str], most: float) -> F64:
    """Weights [N] of which no person has more than `most` in all: those of whoever has are scaled down together."""
    if not most > 0:
        raise BadInput(f"the most that a person weighs must be above 0, got {most}")
    place = np.unique(np.asarray(users), return_inverse=True)[1]
    total = np.bincount(place, weights)
    return np.asarray(weights * np.minimum(1.0, most / np.maximum(total, 1e-12))[place])


def _chosen(db: Database, whose: Whose, most: float, name: str) -> Examples:
    said = list(_said(db))
    counts = Counter("simulated" if row.simulated else "human" for row, _, _, _ in said)
    if whose in ("human", "simulated"):
        said = [s for s in said if s[0].simulated == (whose == "simulated")]
    elif len(counts) > 1 and whose != "both":
        raise BadInput(
            f"{name} holds what real people said ({counts['human']}) and simulated ones ({counts['simulated']}); "
            "say whose to calibrate on: human, simulated or both"
        )
    if not said:
        kind = f"{whose} " if counts else ""
        raise BadInput(f"{name} holds no verdict, rating or choice of {kind}people; collect some first")
    loaded = _Pictures(db)
    people: dict[str, str] = {}
    rows: list[Example] = []
    passed = 0
    for row, sprite_id, dissatisfied, weight in said:
        sprite = loaded.get(row.user, sprite_id) if weight else None
        if sprite is None:
            passed += 1
            continue
        kind, user = _speaker(db, row)
        if row.simulated:
            if user not in people:
                people[user] = db.users.get(user).name
            user = people[user]
        rows.append(
            Example(
                sprite=sprite,
                sprite_id=sprite_id,
                dissatisfied=dissatisfied,
                weight=weight,
                user=user,
                simulated=row.simulated,
                kind=kind,
            )
        )
    if not rows:
        raise BadInput(f"{name} holds only ties, and words on pictures that were uploaded or deleted; collect others")
    weights = balanced(np.array([r.weight for r in rows]), [r.user for r in rows], most)
    return Examples(rows=[replace(r, weight=float(w)) for r, w in zip(rows, weights)], passed=passed)


def _said(db: Database) -> Iterator[tuple[FeedbackRow, str, bool, float]]:
    """(row, sprite, dissatisfied, weight), oldest first; of repeated verdicts and ratings the last; weight 0 of a tie."""
    last: dict[tuple[str, ...], str] = {}
    rows = [row for row in db.feedback.each() if row.kind in ("verdict", "rating", "preference")]
    for row in rows:
        last[_place(row)] = row.id
    for row in rows:
        if last[_place(row)] != row.id:
            continue
        if row.kind == "verdict":
            yield row, row.sprite, row.verdict == "reject", 1.0
        elif row.kind == "rating":
            yield row, row.sprite, min(row.ratings.values()) <= LOW, 1.0
        else:
            assert row.other is not None
            weight = 0.0 if row.tie else CHOICE_WEIGHT
            yield row, row.sprite, False, weight
            yield row, row.other, True, weight


def _place(row: FeedbackRow) -> tuple[str, ...]:
    """What a later row takes the place of: the same person's verdict or rating of one picture; a choice or a review's nothing's."""
    if row.kind == "preference" or "review" in row.details:
        return (row.id,)
    return (row.kind, row.user, row.sprite)


def _speaker(db: Database, row: FeedbackRow) -> tuple[Kind, str]:
    """(kind, person): a verdict of the review queue is kept on its owner's sprite but is the reviewer's."""
    if row.kind == "verdict" and "review" in row.details:
        try:
            return "review", db.review.get(str(row.details["review"])).reviewer or "a reviewer who left"
        except NotFound:
            return "review", "a reviewer who left"
    kinds: dict[str, Kind] = {"verdict": "verdict", "rating": "rating", "preference": "choice"}
    return kinds[row.kind], row.user


class _Pictures:
    """Sprites by id, each read once; None of one that was uploaded or deleted."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, Sprite | None] = {}

    def get(self, user: str, identity: str) -> Sprite | None:
        if identity not in self._known:
            try:
                row = self._db.sprites.get(user, identity)
                self._known[identity] = None if row.source == "uploaded" else row.sprite
            except NotFound:
                self._known[identity] = None
        return self._known[identity]
