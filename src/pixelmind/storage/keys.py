"""API keys: shown once, kept as argon2id hashes (RFC 9106), with scopes, expiry and revocation.

A token is `pmx_<26 characters>_<64 hex digits>`: the key's id and 256 random bits. Such a secret cannot be guessed, so the hash takes
OWASP's least setting (19 MiB, 2 passes), about 20 ms. Tokens found right are kept as SHA-256 in this process and need no second
argon2; whether the key is revoked or expired is read anew each time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

import argon2
from sqlalchemy import select
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage.errors import NotFound, Unauthorized
from pixelmind.storage.ids import ALPHABET, LENGTH, known, new_id, now, read_time
from pixelmind.storage.models import KeyTable, UserTable
from pixelmind.storage.rows import KeyInfo, User
from pixelmind.storage.table import Store, user_id
from pixelmind.storage.transactions import Transactions

SCOPES = ("generate", "feedback", "review", "admin")
CACHED = 1024
_TOKEN = re.compile(rf"pmx_([{ALPHABET}]{{{LENGTH}}})_([0-9a-f]{{64}})")
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_hex(32))  # an unknown id costs the same time as a wrong secret


class Keys(Store):
    """A person's keys."""

    def __init__(self, transactions: Transactions) -> None:
        super().__init__(transactions)
        self._right: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()
        self._hashing = threading.Semaphore(2)  # argon2 takes 19 MiB each time

    def create(
        self, user: User | str, scopes: Iterable[str], name: str = "", expires: datetime | timedelta | str | None = None
    ) -> tuple[KeyInfo, str]:
        """A new key and its token, which is kept nowhere.

        Args:
            user: the owner.
            scopes: of SCOPES, at least one.
            name: for the owner to tell keys apart.
            expires: a moment, or how long from now; None: never.

        Raises:
            BadInput: unknown scope, or an expiry that has passed. NotFound: no such user.
        """
        wanted = tuple(s for s in SCOPES if s in (asked := set(scopes)))
        if not asked or asked - set(SCOPES):
            wrong = ", ".join(sorted(map(str, asked - set(SCOPES)))) or "none"
            raise BadInput(f"scopes are {', '.join(SCOPES)}, at least one; got {wrong}")
        until = None
        if expires is not None:
            until = now(expires.total_seconds()) if isinstance(expires, timedelta) else read_time(expires)
            if until <= now():
                raise BadInput(f"a key that expired at {until} is of no use; name a later time")
        identity, secret = new_id("key"), secrets.token_hex(32)
        row = KeyTable(
            id=identity,
            user_id=user_id(user),
            name=name,
            scopes=list(wanted),
            secret_hash=_HASHER.hash(secret),
            created=now(),
            expires=until,
            revoked=None,
        )

        def work(session: Session) -> KeyInfo:
            session.merge(row)
            session.flush()
            return self._find(session, identity)

        return self._tx.write(work), f"pmx_{identity.removeprefix('key_')}_{secret}"

    def verify(self, token: str) -> KeyInfo:
        """The key that this token opens.

        Raises:
            Unauthorized: malformed, wrong, expired or revoked.
        """
        match = _TOKEN.fullmatch(token) if isinstance(token, str) else None
        if match is None:
            raise Unauthorized("malformed")
        identity, secret = f"key_{match[1]}", match[2]

        def work(session: Session) -> tuple[KeyInfo, str] | None:
            query = select(KeyTable, UserTable.name).join(UserTable).where(KeyTable.id == identity)
            found = session.execute(query).one_or_none()
            return (_row(found[0], found[1]), found[0].secret_hash) if found else None

        found = self._tx.read(work)
        right = self._matches(token, secret, found[1] if found else _NOBODY)
        if found is None or not right:
            raise Unauthorized("wrong")
        key = found[0]
        if key.revoked is not None:
            raise Unauthorized("revoked")
        if key.expires is not None and key.expires <= now():
            raise Unauthorized("expired")
        return key

    def seen(self, token: str) -> bool:
        """Whether this token was found right before in this process, so that `verify` takes no argon2 for it."""
        with self._lock:
            return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest() in self._right

    def list(self, user: User | str) -> list[KeyInfo]:
        """All keys of a person, revoked ones too, oldest first."""

        def work(session: Session) -> list[KeyInfo]:
            query = select(KeyTable, UserTable.name).join(UserTable).where(KeyTable.user_id == user_id(user))
            return [_row(key, owner) for key, owner in session.execute(query.order_by(KeyTable.id))]

        return self._tx.read(work)

    def find(self, identity: str) -> KeyInfo:
        """The key of this id, whoever's it is: for administrators.

        Raises:
            NotFound: none.
        """
        query = select(KeyTable, UserTable.name).join(UserTable).where(KeyTable.id == known(identity, "key", "key"))
        found = self._tx.read(lambda s: s.execute(query).one_or_none())
        if found is None:
            raise NotFound("no such key")
        return _row(found[0], found[1])

    def revoke(self, user: User | str, identity: str) -> KeyInfo:
        """Close a key for good, at once in every process. A second time changes nothing.

        Raises:
            NotFound: none, or another person's.
        """

        def work(session: Session) -> KeyInfo:
            query = select(KeyTable).where(
                KeyTable.id == known(identity, "key", "key"), KeyTable.user_id == user_id(user)
            )
            row = session.scalar(query)
            if row is None:
                raise NotFound("no such key")
            row.revoked = row.revoked or now()
            session.flush()
            return self._find(session, identity)

        return self._tx.write(work)

    def _find(self, session: Session, identity: str) -> KeyInfo:
        found = session.execute(select(KeyTable, UserTable.name).join(UserTable).where(KeyTable.id == identity)).one()
        return _row(found[0], found[1])

    def _matches(self, token: str, secret: str, secret_hash: str) -> bool:
        digest = hashlib.sha256(token.encode()).digest()
        with self._lock:
            seen = self._right.get(digest)
        if seen is not None and hmac.compare_digest(seen, secret_hash):
            return True
        try:
            with self._hashing:
                _HASHER.verify(secret_hash, secret)
        except argon2.exceptions.VerifyMismatchError:
            return False
        with self._lock:
            self._right[digest] = secret_hash
            while len(self._right) > CACHED:
                self._right.popitem(last=False)
        return True


def _row(found: KeyTable, owner: str) -> KeyInfo:
    return KeyInfo(
        id=found.id,
        user=found.user_id,
        user_name=owner,
        name=found.name,
        scopes=tuple(found.scopes),
        created=found.created,
        expires=found.expires,
        revoked=found.revoked,
    )
