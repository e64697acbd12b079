"""People."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from pixelmind.storage.errors import NotFound
from pixelmind.storage.ids import new_id, now
from pixelmind.storage.models import UserTable
from pixelmind.storage.rows import User
from pixelmind.storage.table import Store, check_name, insert_if_absent, user_id


class Users(Store):
    """People by name and id."""

    def ensure(self, name: str) -> User:
        """The person of this name, made where there is none.

        Raises:
            BadInput: no name of 1 to 100 printable characters.
        """
        check_name(name, "a user's name")
        fresh = new_id("usr")

        def work(session: Session) -> User:
            insert_if_absent(session, UserTable, id=fresh, name=name, created=now())
            return _row(session.scalars(select(UserTable).where(UserTable.name == name)).one())

        try:
            return self.find(name)
        except NotFound:
            return self._tx.write(work)

    def find(self, name: str) -> User:
        """The person of this name.

        Raises:
            NotFound: none.
        """
        check_name(name, "a user's name")
        found = self._tx.read(lambda s: s.scalar(select(UserTable).where(UserTable.name == name)))
        if found is None:
            raise NotFound(f"no user {name}")
        return _row(found)

    def get(self, user: User | str) -> User:
        """The person of this id.

        Raises:
            NotFound: none.
        """
        found = self._tx.read(lambda s: s.get(UserTable, user_id(user)))
        if found is None:
            raise NotFound("no such user")
        return _row(found)

    def list(self) -> list[User]:
        """Everyone, in the order they came."""
        return self._tx.read(lambda s: [_row(u) for u in s.scalars(select(UserTable).order_by(UserTable.id))])


def _row(found: UserTable) -> User:
    return User(id=found.id, name=found.name, created=found.created)
