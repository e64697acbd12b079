"""The review queue for people: who may see what, and what a decision leaves behind."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pixelmind.storage import Database, NotFound, ReviewRow, SpriteRow

if TYPE_CHECKING:
    from pixelmind.quality.after import Checked

#: What a decision says of the sprite: a fix means that it was not good as it was.
VERDICT = {"approve": "approve", "fix": "reject", "reject": "reject"}


def opaque(user: str) -> str:
    """A person in the eyes of others: the same each time, and nothing that leads to them."""
    return "person_" + hashlib.sha256(f"review:{user}".encode()).hexdigest()[:12]


def visible(db: Database, identity: str, user: str, reviews: bool) -> ReviewRow:
    """A review that a person may see: one of their own sprites, or any where they are a reviewer.

    Raises:
        NotFound: none, or not theirs to see.
    """
    row = db.review.get(identity)
    if not reviews and row.user != user:
        raise NotFound("no such review")
    return row


def sprites_of(db: Database, row: ReviewRow) -> list[SpriteRow]:
    """The sprite under review, then the candidates for its place that are still there."""
    found = [db.sprites.get(row.user, row.sprite_id)]
    for identity in row.candidates:
        try:
            found.append(db.sprites.get(row.user, identity))
        except NotFound:
            continue
    return found


def flag(db: Database, user: str, kept: Sequence[tuple[SpriteRow, Checked | None]]) -> list[SpriteRow]:
    """Put those of a request's or turn's new sprites that were flagged into the queue, the others as what could take their place; the rows
    after it. Call it inside one transaction with their keeping."""
    fine = [row.id for row, checked in kept if checked is None or not checked.flagged]
    out = []
    for row, checked in kept:
        if checked is not None and checked.flagged:
            verdict = checked.inspected.verdict
            db.review.flag(user, row.id, verdict.reason(), verdict.score, checked.heat_map, fine)
            row = db.sprites.get(user, row.id)
        out.append(row)
    return out


def decide(
    db: Database,
    identity: str,
    reviewer: str,
    decision: str,
    comment: str = "",
    replacement: str | None = None,
    request_id: str = "",
) -> ReviewRow:
    """Close a review in one transaction: the decision, a verdict on the sprite (what a critic learns from), and the log's line.

    Raises:
        NotFound: no such review or replacement. Conflict: decided before. BadInput: a replacement without "fix".
    """

    def work() -> ReviewRow:
        row = db.review.decide(identity, reviewer, decision, comment, replacement)
        about: dict[str, Any] = {"review": row.id, "decision": decision, "by": "reviewer"}
        db.feedback.verdict(row.user, row.sprite_id, VERDICT[decision], comment, details=about)
        db.audit.write(reviewer, "review.decide", row.id, {"decision": decision}, request_id)
        return row

    return db.write(lambda _: work())
