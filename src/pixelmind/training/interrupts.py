"""Ctrl-C and SIGTERM as a polite request: the loop saves and ends; a second one acts at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interrupts() -> Iterator[threading.Event]:
    """An event set by the first SIGINT or SIGTERM (in the main thread); a second one acts as it would without us."""
    event = threading.Event()
    before: dict[signal.Signals, Any] = {}

    def first(number: int, frame: Any) -> None:
        event.set()
        signal.signal(number, before[signal.Signals(number)])

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, first)
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
