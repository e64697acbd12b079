"""What is kept for people: accounts, keys, sprites, dialogues, feedback and reviews, in SQLite or PostgreSQL. No torch here.

In: records. Out: records. One command: `pixelmind db upgrade`.
"""

from pixelmind.storage.database import Check, Database
from pixelmind.storage.errors import Conflict, DatabaseDown, DiskFull, NotFound, OverQuota, Unauthorized
from pixelmind.storage.feedback import EVENTS, VERDICTS
from pixelmind.storage.keys import SCOPES
from pixelmind.storage.models import AXES, DECISIONS
from pixelmind.storage.registered import ModelEvent, ModelRow
from pixelmind.storage.rollouts import Exposure, Outcome, RolloutRow
from pixelmind.storage.rows import (
    AuditRow,
    FeedbackRow,
    KeyInfo,
    PairRow,
    PreferenceRow,
    ReviewRow,
    SessionRow,
    SpriteRow,
    User,
)

__all__ = [
    "AXES",
    "DECISIONS",
    "EVENTS",
    "SCOPES",
    "VERDICTS",
    "AuditRow",
    "Check",
    "Conflict",
    "Database",
    "DatabaseDown",
    "DiskFull",
    "Exposure",
    "FeedbackRow",
    "KeyInfo",
    "ModelEvent",
    "ModelRow",
    "NotFound",
    "Outcome",
    "OverQuota",
    "PairRow",
    "PreferenceRow",
    "ReviewRow",
    "RolloutRow",
    "SessionRow",
    "SpriteRow",
    "Unauthorized",
    "User",
]
