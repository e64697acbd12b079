"""Sortable ids and UTC times. An id is a kind and a ULID (48 bits of milliseconds, 80 random bits, Crockford's base 32).

Ids made by one process rise strictly, also within a millisecond, and above those that a database holds when it is brought to this version
(`follow`), whatever the clock says; so "newest first" is the order of ids.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta

from pixelmind.errors import BadInput
from pixelmind.storage.errors import NotFound

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
ID_LENGTH = 4 + LENGTH
_ID = re.compile(rf"[a-z]{{3}}_[{ALPHABET}]{{{LENGTH}}}")
_lock = threading.Lock()
_last = 0


def new_id(kind: str) -> str:
    """A new id of a kind of three letters, above all that this process made before."""
    global _last
    with _lock:
        _last = max((time.time_ns() // 1_000_000) << 80 | secrets.randbits(80), _last + 1)
        number = _last
    return f"{kind}_" + "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def follow(identity: str) -> None:
    """Make new ids rise above one that is kept, also where the clock was set back since it was made."""
    global _last
    number = 0
    for letter in identity[4:]:
        number = number << 5 | ALPHABET.index(letter)
    with _lock:
        _last = max(_last, number)


def known(identity: str, kind: str, name: str) -> str:
    """The id itself, if it can be one of this kind.

    Raises:
        NotFound: it cannot; no database need be asked.
    """
    if not isinstance(identity, str) or not _ID.fullmatch(identity) or not identity.startswith(f"{kind}_"):
        raise NotFound(f"no such {name}")
    return identity


def iso(moment: datetime) -> str:
    """A moment as UTC text, to the millisecond, ended by Z; such texts sort as their moments do.

    Raises:
        BadInput: a time without its zone.
    """
    if moment.tzinfo is None:
        raise BadInput(f"{moment.isoformat()} has no time zone; give UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def now(plus_seconds: float = 0.0) -> str:
    """This moment as UTC text."""
    return iso(datetime.now(UTC) + timedelta(seconds=plus_seconds))


def read_time(text: str | datetime) -> str:
    """ISO text with a zone, or a moment, as UTC text.

    Raises:
        BadInput: neither.
    """
    if isinstance(text, datetime):
        return iso(text)
    try:
        return iso(datetime.fromisoformat(text))
    except ValueError as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{text!r} is no time; write it as {now()}") from error
