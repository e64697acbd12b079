"""Quotas: so much of something in a window of time, counted in the database, so that they hold over restarts and processes.

A window begins with its first use. Limits by the second are the API's own, in memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage.errors import OverQuota
from pixelmind.storage.models import QuotaTable
from pixelmind.storage.rows import User
from pixelmind.storage.table import Store, check_name, insert_if_absent, user_id
from pixelmind.storage.transactions import Transactions


class Quota(Store):
    """What people used."""

    def __init__(self, transactions: Transactions, clock: Callable[[], float] = time.time) -> None:
        super().__init__(transactions)
        self._clock = clock

    def take(self, user: User | str, what: str, amount: int, limit: int, window_seconds: int) -> int:
        """Use `amount` of `limit`; what is left of it. A refused amount is not counted.

        Raises:
            OverQuota: not so much is left. BadInput: amount or window below 1.
        """
        if amount < 1 or window_seconds < 1:
            raise BadInput("a quota is taken in whole numbers from 1, over windows from 1 second")
        owner, _ = user_id(user), check_name(what, "a quota's name", 64)

        def work(session: Session) -> int:
            moment = self._clock()
            key = dict(user_id=owner, what=what, window_seconds=window_seconds)
            insert_if_absent(session, QuotaTable, **key, start=moment, used=0)
            row = session.get_one(QuotaTable, key, with_for_update=True)
            if not row.start <= moment < row.start + window_seconds:
                row.start, row.used = moment, 0
            if row.used + amount > limit:
                raise OverQuota(what, limit, row.start + window_seconds - moment)
            row.used += amount
            return limit - row.used

        return self._tx.write(work)

    def give_back(self, user: User | str, what: str, amount: int, window_seconds: int) -> None:
        """Undo a `take` whose work failed; a window that has passed is left alone."""
        key = dict(user_id=user_id(user), what=what, window_seconds=window_seconds)

        def work(session: Session) -> None:
            row = session.get(QuotaTable, key, with_for_update=True)
            if row is not None and self._clock() < row.start + window_seconds:
                row.used = max(0, row.used - amount)

        self._tx.write(work)

    def usage(self, user: User | str) -> dict[str, int]:
        """What is used in the windows that still run, by name."""
        query = select(QuotaTable).where(QuotaTable.user_id == user_id(user))
        rows = self._tx.read(lambda s: list(s.scalars(query)))
        moment = self._clock()
        return {r.what: r.used for r in rows if r.start <= moment < r.start + r.window_seconds}

    def prune(self) -> int:
        """Forget windows that have passed; how many."""
        past = delete(QuotaTable).where(QuotaTable.start + QuotaTable.window_seconds < self._clock())
        return self._tx.write(lambda s: int(getattr(s.execute(past), "rowcount", 0)))
