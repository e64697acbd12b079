"""What all stores share: whose rows, how one is found, how a page is cut."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage.errors import NotFound
from pixelmind.storage.ids import known
from pixelmind.storage.models import Base
from pixelmind.storage.rows import User
from pixelmind.storage.transactions import Transactions

M = TypeVar("M", bound=Base)
MAX_LIMIT = 1000


class Store:
    """Rows of one kind on a database."""

    def __init__(self, transactions: Transactions) -> None:
        self._tx = transactions


def user_id(user: User | str) -> str:
    """The id of a person.

    Raises:
        NotFound: it can be none: not a `User`, nor an id.
    """
    return known(user.id if isinstance(user, User) else user, "usr", "user")


def own(session: Session, table: type[M], user: User | str, identity: str, kind: str, name: str) -> M:
    """The person's row of this id.

    Raises:
        NotFound: none, or another person's.
    """
    owner: Any = table
    query = select(table).where(owner.id == known(identity, kind, name), owner.user_id == user_id(user))
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"no such {name}")
    return row


def check_limit(limit: int) -> int:
    """A page's length.

    Raises:
        BadInput: below 1 or above 1,000.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise BadInput(f"limit must be from 1 to {MAX_LIMIT}, got {limit}")
    return limit


def check_name(name: str, what: str, longest: int = 100) -> str:
    """A name that may be kept, compared and printed.

    Raises:
        BadInput: empty, too long, or with unprintable characters.
    """
    if not name.strip() or len(name) > longest or not name.isprintable():
        raise BadInput(f"{what} must have 1 to {longest} printable characters")
    return name


def insert_if_absent(session: Session, table: type[Base], **values: Any) -> bool:
    """Insert a row unless one of its key is there; on PostgreSQL waits for a transaction that is about to. True: inserted."""
    target = table.__table__
    assert isinstance(target, Table)
    module: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    key = next(iter(target.primary_key))
    done = module.insert(target).values(**values).on_conflict_do_nothing().returning(key)
    return session.scalar(done) is not None
