"""JSON as both databases keep it: ASCII, with NUL and lone surrogates escaped, and no NaN, which is no JSON."""

from __future__ import annotations

import json
from typing import Any

from pixelmind.errors import BadInput


def dumps(value: Any) -> str:
    """Text of a JSON value.

    Raises:
        BadInput: it is none.
    """
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(f"it cannot be kept as JSON: {error}") from error
