"""Logs of a service: one JSON object a line on stderr, each request's with its id; never a prompt, a key or a body.

No line of ours names a key; what callers put where it does not belong (a path, a request id) and what libraries say is veiled here.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time

#: Keys, and passwords in URLs, wherever they come from.
SECRETS = re.compile(r"(pmx_)[A-Za-z0-9_-]+|(://[^:/@\s]+:)[^@\s]+(?=@)")


def veiled(text: str) -> str:
    """A text without the secrets in it."""
    return SECRETS.sub(lambda found: f"{found[1] or found[2]}…", text)


class Lines(logging.Formatter):
    """A record as one line of JSON; the message of an access line is JSON already."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        told = {name: veiled(value) if isinstance(value, str) else value for name, value in line.items()}
        return json.dumps(told, ensure_ascii=True)


def set_up(requests: bool) -> None:
    """Write to stderr from now on; `requests`: a line for each one too, else warnings and errors only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name, level in (("pixelmind", logging.INFO if requests else logging.WARNING), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
