"""Who calls: the one person of a service without keys, or the owner of the key shown."""

from __future__ import annotations

from dataclasses import dataclass

from pixelmind.serving.config import Config
from pixelmind.serving.errors import ApiError
from pixelmind.serving.limits import Limiter
from pixelmind.storage import SCOPES, Database, Unauthorized

LOCAL = "local"


@dataclass(frozen=True)
class Caller:
    """Who calls: `user` is the id of the owner of every row the call reads or writes; `key` of the key shown, empty in local mode."""

    user: str
    scopes: frozenset[str]
    key: str = ""


def identify(
    config: Config, db: Database, limiter: Limiter, token: str | None, address: str, scope: str | None
) -> Caller:
    """Who shows `token` from `address`, if the key holds `scope`.

    Raises:
        ApiError: 401 without a good key, 403 where it lacks the scope, 429 after too many requests or wrong keys.
    """
    if not config.keys:
        return Caller(db.users.ensure(LOCAL).id, frozenset(SCOPES))
    if token is None:
        raise ApiError(
            401, "show a key: Authorization: Bearer pmx_…; make one with: pixelmind keys create", code="missing_api_key"
        )
    if not db.keys.seen(token):  # who shows a known key is not kept out by a neighbour's wrong ones
        limiter.check("failure", address, config.failures_per_minute)
    try:
        key = db.keys.verify(token)
    except Unauthorized:
        limiter.take("failure", address, config.failures_per_minute)
        raise
    limiter.take("request", key.id, config.requests_per_minute)
    if scope is not None and scope not in key.scopes:
        raise ApiError(403, f"this key lacks the scope {scope}; it has: {', '.join(sorted(key.scopes)) or 'none'}")
    return Caller(key.user, frozenset(key.scopes), key.id)
