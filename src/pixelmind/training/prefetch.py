"""Batches made ahead in one background thread, in order: numpy and decoders free the GIL while the network trains."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any


class Prefetcher:
    """Calls `make(step)` for step = first, first + 1, … ahead of `next()`. An error in `make` is raised by `next()`."""

    def __init__(self, make: Callable[[int], Any], first: int, depth: int) -> None:
        self._make, self._step, self._depth = make, first, depth
        self._stop = threading.Event()
        self._queue: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue(max(depth, 1))
        if depth:
            self._thread = threading.Thread(target=self._run, args=(first,), name="batches", daemon=True)
            self._thread.start()

    def _run(self, step: int) -> None:
        while not self._stop.is_set():
            item: tuple[Any, BaseException | None]
            try:
                item = (self._make(step), None)
            except BaseException as error:  # handed to the loop, which raises it
                item = (None, error)
            while not self._stop.is_set():
                try:
                    self._queue.put(item, timeout=0.2)
                    break
                except queue.Full:
                    continue
            if item[1] is not None:
                return
            step += 1

    def next(self) -> Any:
        """Return the next batch in order."""
        if not self._depth:
            self._step += 1
            return self._make(self._step - 1)
        value, error = self._queue.get()
        if error is not None:
            raise error
        return value

    def close(self) -> None:
        """Stop the thread; batches made ahead are dropped."""
        self._stop.set()
        if self._depth:
            self._thread.join(timeout=10)
