"""The audit log: who did what, when, in which request. It outlives accounts, then with a hash for the person and no details."""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pixelmind.storage.ids import known, new_id, now, read_time
from pixelmind.storage.models import AuditTable
from pixelmind.storage.rows import AuditRow, User
from pixelmind.storage.table import Store, check_limit, user_id


def hashed(user: User | str) -> str:
    """What stands for a person whose account is gone. Ids hold 80 random bits, so it cannot be undone by trying."""
    return "sha256:" + hashlib.sha256(user_id(user).encode()).hexdigest()


class Audit(Store):
    """Lines of the log."""

    def write(
        self,
        user: User | str | None,
        action: str,
        target: str = "",
        details: Mapping[str, Any] | None = None,
        request_id: str = "",
    ) -> AuditRow:
        """Add a line; `user` None: nobody known, as with a wrong key.

        Raises:
            BadInput: details that are no JSON.
        """
        row = AuditRow(
            id=new_id("aud"),
            user="" if user is None else user_id(user),
            action=action,
            target=target,
            details=dict(details or {}),
            request_id=request_id,
            created=now(),
        )

        def work(session: Session) -> AuditRow:
            session.add(AuditTable(**vars(row)))
            return row

        return self._tx.write(work)

    def list(
        self,
        user: User | str | None = None,
        since: str | datetime | None = None,
        *,
        after: str | None = None,
        limit: int = 1000,
    ) -> builtins.list[AuditRow]:
        """A page, oldest first: of one person (also of one whose account is gone), since a time, after an id.

        Raises:
            BadInput: no time, or `limit` not from 1 to 1,000.
        """
        query = select(AuditTable)
        if user is not None:
            query = query.where(AuditTable.user.in_([user_id(user), hashed(user)]))
        if since is not None:
            query = query.where(AuditTable.created >= read_time(since))
        if after is not None:
            query = query.where(AuditTable.id > known(after, "aud", "line of the audit log"))
        query = query.order_by(AuditTable.id).limit(check_limit(limit))
        return self._tx.read(lambda s: [_row(r) for r in s.scalars(query)])


def _row(found: AuditTable) -> AuditRow:
    return AuditRow(
        id=found.id,
        user=found.user,
        action=found.action,
        target=found.target,
        details=found.details,
        request_id=found.request_id,
        created=found.created,
    )
