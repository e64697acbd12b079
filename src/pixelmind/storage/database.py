"""One database with all its stores: `Database(url)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pixelmind.storage.account import Account
from pixelmind.storage.audit import Audit
from pixelmind.storage.feedback import FeedbackStore
from pixelmind.storage.idempotency import Idempotency
from pixelmind.storage.ids import follow
from pixelmind.storage.keys import Keys
from pixelmind.storage.memory import MemoryStore
from pixelmind.storage.models import FeedbackTable, ReviewTable, SessionTable, SpriteTable
from pixelmind.storage.pairs import Pairs
from pixelmind.storage.palettes import Palettes
from pixelmind.storage.quota import Quota
from pixelmind.storage.registered import Models
from pixelmind.storage.review import Review
from pixelmind.storage.rollouts import Rollouts
from pixelmind.storage.rows import User
from pixelmind.storage.sessions import Sessions
from pixelmind.storage.sprites import Sprites
from pixelmind.storage.table import user_id
from pixelmind.storage.transactions import Transactions
from pixelmind.storage.users import Users

T = TypeVar("T")


@dataclass(frozen=True)
class Check:
    """What `Database.check` found. `problems` is empty where all is well."""

    url: str
    server: str
    revision: str | None
    newest: str
    problems: tuple[str, ...]


class Database:
    """A SQLite file or a PostgreSQL database. Safe in any number of threads.

    Args:
        url: sqlite:///FILE (made where it is missing) or postgresql+psycopg://USER:PASSWORD@HOST/NAME.
        busy_seconds: how long a write waits for another program that writes to the same SQLite file.

    Raises:
        BadInput: another kind of URL. DatabaseDown: the SQLite file cannot be opened.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self._tx = tx = Transactions(url, busy_seconds)
        self.users = Users(tx)
        self.keys = Keys(tx)
        self.sprites = Sprites(tx)
        self.sessions = Sessions(tx)
        self.feedback = FeedbackStore(tx, self.sprites)
        self.pairs = Pairs(tx)
        self.review = Review(tx, self.sprites)
        self.palettes = Palettes(tx)
        self.memory = MemoryStore(tx)
        self.audit = Audit(tx)
        self.idempotency = Idempotency(tx)
        self.quota = Quota(tx)
        self.account = Account(tx)
        self.models = Models(tx)
        self.rollouts = Rollouts(tx)

    @property
    def url(self) -> str:
        """The URL without its password."""
        return self._tx.url.render_as_string(hide_password=True)

    def write(self, work: Callable[[Session], T]) -> T:
        """Run several calls of this database as one unit: all of them or none. See `Transactions.write`."""
        return self._tx.write(work)

    def ping(self) -> None:
        """Ask the database for an answer.

        Raises:
            DatabaseDown: none came.
        """
        self._tx.read(lambda s: s.execute(text("SELECT 1")).one())

    def upgrade(self) -> str:
        """Bring the tables to this version of the program, from any older one or none; the revision then. Safe to call at each start.

        Raises:
            DatabaseDown: not reachable. BadInput: the tables are of a newer program.
        """
        from pixelmind.storage.schema import upgrade

        revision = upgrade(self._tx)
        kinds = (SpriteTable.id, SessionTable.id, FeedbackTable.id, ReviewTable.id)
        for last in self._tx.read(lambda s: [s.scalar(select(func.max(column))) for column in kinds]):
            if last is not None:
                follow(last)
        return revision

    def check(self) -> Check:
        """Revision of the tables, and whether the file is sound (SQLite's quick_check and foreign_key_check).

        Raises:
            DatabaseDown: not reachable.
        """
        from pixelmind.storage.schema import check

        revision, newest, server, problems = check(self._tx)
        return Check(url=self.url, server=server, revision=revision, newest=newest, problems=tuple(problems))

    def tidy(self) -> None:
        """Forget what no one needs any more: answers to requests of more than 30 days ago, quota windows that have passed."""
        self.idempotency.prune()
        self.quota.prune()

    def stats(self, user: User | str | None = None) -> dict[str, Any]:
        """Counts of one person, or of all: sprites, which of them were checked and flagged, sessions, pairs, feedback by kind, open
        reviews, and mean ratings."""

        def work(session: Session) -> dict[str, Any]:
            def count(table: Any, *where: Any) -> int:
                mine = () if user is None else (table.user_id == user_id(user),)
                return session.scalar(select(func.count()).select_from(table).where(*mine, *where)) or 0

            kinds = select(FeedbackTable.kind, func.count()).group_by(FeedbackTable.kind)
            if user is not None:
                kinds = kinds.where(FeedbackTable.user_id == user_id(user))
            feedback = {kind: number for kind, number in session.execute(kinds)}
            return {
                "sprites": count(SpriteTable),
                "checked": count(SpriteTable, SpriteTable.quality.is_not(None)),
                "flagged": count(SpriteTable, SpriteTable.quality["flagged"].as_boolean()),
                "sessions": count(SessionTable),
                "feedback": feedback,
                "pairs": feedback.get("preference", 0),
                "open_reviews": count(ReviewTable, ReviewTable.status == "open"),
                "ratings": self.feedback.means(user),
            }

        return self._tx.read(work)

    def close(self) -> None:
        """Close all connections."""
        self._tx.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
