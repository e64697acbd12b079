"""The next pair to put before a person, from what the database knows: sprites of one prompt or one dialogue, chosen by `sampling`.

Sprites never change, so their thumbnails are kept in memory by id.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.preference.distance import between, thumbnail
from pixelmind.preference.sampling import Answer, Group, Policy, next_question
from pixelmind.storage import Database, FeedbackRow, NotFound, PairRow, SpriteRow, User

F64 = NDArray[np.float64]
#: So many of a person's newest sprites can be asked about, and so many of one prompt.
MAX_SPRITES, MAX_GROUP = 200, 24
MAX_THUMBNAILS = 4096


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Two sprites to show side by side. `reason`: "uncertain" or "repeat"."""

    pair_id: str
    prompt: str
    left: SpriteRow
    right: SpriteRow
    reason: str


class _Thumbnails:
    """Thumbnails by sprite id, the least used forgotten first; safe in any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, F64] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, row: SpriteRow) -> F64:
        with self._lock:
            if row.id in self._kept:
                self._kept.move_to_end(row.id)
                return self._kept[row.id]
        made = thumbnail(row.sprite)
        with self._lock:
            self._kept[row.id] = made
            while len(self._kept) > MAX_THUMBNAILS:
                self._kept.popitem(last=False)
        return made


_thumbnails = _Thumbnails()


def next_pair(
    db: Database, user: User | str, seed: int = 0, policy: Policy | None = None, skip: Collection[str] = ()
) -> Offer | None:
    """Offer the next pair worth asking a person about, and note the offer; None where there is nothing (left) to ask.

    A pair that was offered and not answered is offered again. Sprites are compared where they have the same prompt and size, without a
    prompt where they are of the same dialogue. The same state of the database and seed choose the same pair.

    Args:
        skip: ids of open pairs that the person does not want to answer now; they stay open, and count as asked.
    """
    rows = db.sprites.list(user, limit=MAX_SPRITES)
    by_id = {row.id: row for row in rows}
    passed = []
    for pair in db.pairs.open(user):
        if pair.id in skip:
            passed.append(Answer(pair.left, pair.right, None))
            continue
        offer = _offer(pair, by_id)
        if offer is not None:
            return offer
    grouped = group_rows(rows)
    if not grouped:
        return None
    since = min(row.created for rows in grouped for row in rows)
    answers = [a for row in db.feedback.each(user, "preference", since) if (a := answer_of(row)) is not None]
    answers += passed
    groups = [_group(rows) for rows in grouped]
    ask = next_question(groups, answers, np.random.default_rng([seed, len(answers)]), policy)
    if ask is None:
        return None
    try:
        identity = db.pairs.offer(user, ask.left, ask.right, ask.reason)
    except NotFound:  # deleted in this moment
        return None
    left, right = by_id[ask.left], by_id[ask.right]
    return Offer(pair_id=identity, prompt=left.prompt or right.prompt, left=left, right=right, reason=ask.reason)


def _offer(pair: PairRow, by_id: dict[str, SpriteRow]) -> Offer | None:
    left, right = by_id.get(pair.left), by_id.get(pair.right)
    if left is None or right is None:
        return None
    prompt = left.prompt or right.prompt
    return Offer(pair_id=pair.id, prompt=prompt, left=left, right=right, reason=pair.reason)


def group_rows(rows: Sequence[SpriteRow]) -> list[list[SpriteRow]]:
    """Sprites that can be compared, oldest first in each group; what a person brought along is left out."""
    groups: dict[tuple[str, str, int, int], list[SpriteRow]] = {}
    for row in rows:
        words = " ".join(row.prompt.lower().split())
        if row.source == "uploaded" or not (words or row.session):
            continue
        key = ("prompt", words) if words else ("session", row.session or "")
        group = groups.setdefault((*key, row.width, row.height), [])
        if len(group) < MAX_GROUP:
            group.append(row)
    return [group[::-1] for group in groups.values() if len(group) > 1]


def answer_of(row: FeedbackRow) -> Answer | None:
    """The answer that a stored choice is; where nobody kept the sides, the chosen one counts as the left. None for other feedback."""
    if row.kind != "preference" or row.other is None:
        return None
    left = row.left or row.sprite
    right = row.other if left == row.sprite else row.sprite
    return Answer(left, right, "tie" if row.tie else "left" if left == row.sprite else "right")


def _group(rows: Sequence[SpriteRow]) -> Group:
    return Group(ids=[row.id for row in rows], apart=between([_thumbnails.of(row) for row in rows]))
