"""Logs of a service: one JSON object a line on stderr, each request's with its id; never a prompt, a key or a body."""

from __future__ import annotations

import json
import logging
import sys
import time


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
        return json.dumps(line, ensure_ascii=True)


def set_up(requests: bool) -> None:
    """Write to stderr from now on; `requests`: a line for each one too, else warnings and errors only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name, level in (("pixelmind", logging.INFO if requests else logging.WARNING), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
