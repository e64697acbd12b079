"""Writes that act once: all of a request's rows in one transaction, and with an Idempotency-Key the answer kept beside them.

>>> hashed = fingerprint(request, body.model_dump_json())                                      # doctest: +SKIP
>>> kept = found(service, caller, key, hashed)  # before long work, such as drawing            # doctest: +SKIP
>>> return kept or once(service, caller, key, hashed, lambda: write_rows())                    # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from fastapi import Request

from pixelmind.serving.dependencies import Caller, State

Answer = dict[str, Any]


def fingerprint(request: Request, *parts: str | bytes) -> str:
    """What makes two requests the same: method, path and the parts of the body."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}".encode())
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def found(service: State, caller: Caller, key: str | None, hashed: str) -> Answer | None:
    """The answer that was given to this request before.

    Raises:
        Conflict: the key was used for another request.
    """
    return None if key is None else service.db.idempotency.find(caller.user, key, hashed)


def once(
    service: State, caller: Caller, key: str | None, hashed: str, work: Callable[[], Answer], learn: bool = False
) -> Answer:
    """Do `work`, which writes to the database only and answers plain JSON, in one transaction, once a key. It is on disk when this returns.

    `work` may be called again where the database failed before the commit. With `learn` it was something that tells of the person's taste.

    Raises:
        Conflict: the key was used for another request. Else what `work` raised; then nothing was written.
    """
    if key is None:
        answer = service.db.write(lambda _: work())
    else:
        answer = service.db.idempotency.run(caller.user, key, hashed, lambda _: work())
    if learn:
        service.learning.nudge(caller.user)
    return answer
