"""What can go wrong with stored things. The API makes 404, 409, 401, 429 and 503 of them."""

from __future__ import annotations

from pixelmind.errors import BadInput


class NotFound(BadInput):
    """No such row, or it is another person's: the two cannot be told apart."""


class Conflict(BadInput):
    """The row has changed, exists or was answered already."""


class Unauthorized(BadInput):
    """The key does not open this. `reason`: "missing", "malformed", "wrong", "expired" or "revoked"."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the API key is {reason}; make one with `pixelmind keys create`")
        self.reason = reason


class OverQuota(BadInput):
    """The quota of this window is used up. `retry_after`: seconds until the next window."""

    def __init__(self, what: str, limit: int, retry_after: float) -> None:
        super().__init__(f"the quota of {limit} {what} is used up; try again in {retry_after:.0f} seconds")
        self.what, self.limit, self.retry_after = what, limit, retry_after


class DatabaseDown(RuntimeError):
    """The database cannot be reached or does not answer. Nothing of the call was written, unless the message says otherwise."""


class DiskFull(DatabaseDown):
    """There is no room left where the database lies. Nothing of the call was written."""
