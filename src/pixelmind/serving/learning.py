"""Online adaptation in the service: a process of low priority learns from what each person just did, and drawings use what it learned.

The process is started with the first reaction and ended when nobody has done anything for a while. What waits is told by the database
itself (each state knows the last reaction that it learned from), so nothing is lost by a restart.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pixelmind.errors import BadInput
from pixelmind.serving.config import Config
from pixelmind.serving.metrics import Metrics

if TYPE_CHECKING:
    from pixelmind.adaptation.online.personal import PersonalTaste
    from pixelmind.generator.pipeline import PixelPipeline

log = logging.getLogger("pixelmind.serving")
SECONDS = 3.0  # of a step
GRACE_SECONDS = 180.0  # beyond them, before the process is given up; it loads the networks first
IDLE_SECONDS = 300.0  # after which the process is ended
KEPT = 64  # people whose taste stays in memory


class OnlineLearning:
    """What is learned of all callers; safe to call from several threads.

    Args:
        seconds: time limit of a step.
        idle: seconds without a reaction after which the process is ended.
    """

    def __init__(self, config: Config, metrics: Metrics, seconds: float = SECONDS, idle: float = IDLE_SECONDS) -> None:
        self.config, self.metrics, self.seconds, self.idle = config, metrics, seconds, idle
        self._changed = threading.Condition()
        self._waiting: dict[str, None] = {}  # in order
        self._running = ""
        self._errors: dict[str, str] = {}
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[str] | None = None
        self._weights = ""
        self._closing = False
        self._kept: dict[str, tuple[int, PersonalTaste | None]] = {}

    # ---- drawing -----------------------------------------------------------------------------------------------------
    def personal(self, user: str, pipe: PixelPipeline) -> PersonalTaste | None:
        """What to draw with for a person; None where nothing fit was learned, or the setting is off."""
        if not self.config.online:
            return None
        from pixelmind.adaptation.online.learner import load_personal
        from pixelmind.adaptation.online.state import stamp

        self._weights = str(pipe.bundle.folder)
        now = stamp(self.config.home, user)
        kept = self._kept.get(user)
        if kept is None or kept[0] != now:
            try:
                found = load_personal(self.config.home, user, pipe.bundle) if now else None
            except BadInput as error:
                log.warning("drawn without what was learned: %s", error)
                found = None
            kept = now, found
            self._kept = dict(list(self._kept.items())[-KEPT:]) | {user: kept}
        return kept[1]

    # ---- learning ----------------------------------------------------------------------------------------------------
    def nudge(self, user: str, weights: str = "") -> None:
        """Tell that a person did something. Returns at once."""
        if not self.config.online:
            return
        with self._changed:
            if self._closing:
                return
            self._weights = weights or self._weights
            self._waiting[user] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="pixelmind-online", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def status(self, user: str) -> dict[str, Any]:
        """Whether it is on, how much was learned of a person, and their learning curve."""
        from pixelmind.adaptation.online import state

        with self._changed:
            learning = user in self._waiting or user == self._running
            error = self._errors.get(user)
        out = {"on": self.config.online, "learning": learning, "turns": 0, "bytes": 0, "curve": [], "error": error}
        try:
            kept = state.load(self.config.home, user)
        except BadInput as damaged:
            return out | {"error": str(damaged)}
        if kept is None:
            return out
        size = sum(len(data) for _, data in state.files(self.config.home, user))
        return out | {"turns": kept.replay.turn, "bytes": size, "curve": kept.curve}

    def files(self, user: str) -> Iterator[tuple[str, bytes]]:
        """File names and bytes of what was learned of a person, for their export."""
        from pixelmind.adaptation.online import state

        return state.files(self.config.home, user)

    def forget(self, user: str, since: str | None = None) -> None:
        """Delete what was learned of a person, waiting until nothing writes it; with `since` (UTC) it begins anew then."""
        from pixelmind.adaptation.online import state

        with self._changed:
            self._waiting.pop(user, None)
            if self._running == user:
                self._end()
                self._changed.wait_for(lambda: self._running != user, GRACE_SECONDS)
            self._kept.pop(user, None)
            self._errors.pop(user, None)
            if since is None:
                state.forget(self.config.home, user)
            else:
                state.begin_anew(self.config.home, user, since)

    def close(self) -> None:
        """End the process; what waits is learned after the next start, with the next reaction."""
        with self._changed:
            self._closing = True
            self._end()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(10)

    # ---- the process -------------------------------------------------------------------------------------------------
    def _serve(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._closing or self._waiting, self.idle):
                    self._close()  # nobody does anything: its memory is needed elsewhere
                    self._changed.wait_for(lambda: self._closing or self._waiting)
                if self._closing:
                    self._close()
                    return
                user = next(iter(self._waiting))
                del self._waiting[user]
                self._running = user
            try:
                told = self._step(user)
            except Exception:
                log.exception("a step of online adaptation failed")
                told = {"error": "the step failed; the service's log has the details"}
            with self._changed:
                self._running = ""
                self._errors.pop(user, None)
                if told.get("error"):
                    self._errors[user] = str(told["error"])
                    log.warning("online adaptation: %s", told["error"])
                self._changed.notify_all()
            self.metrics.learned(told)

    def _step(self, user: str) -> dict[str, Any]:
        """Have one person's step done."""
        process = self._process
        if process is None or process.poll() is not None:
            self._close()
            process = self._start()
        killer = threading.Timer(self.seconds + GRACE_SECONDS, process.kill)
        killer.start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps({"user": user}) + "\n")
                process.stdin.flush()
            for line in process.stdout:
                told: dict[str, Any] = json.loads(line)
                if "ready" not in told:
                    return told
            return {} if self._closing else {"error": "the step took too long, or its process was ended"}
        finally:
            killer.cancel()

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pixelmind.adaptation.online.worker"]
        pipe: Any = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        with self._changed:
            self._process = process
        assert process.stdin is not None
        weights = self._weights or (None if self.config.weights is None else str(self.config.weights))
        told = {"database": self.config.database, "home": str(self.config.home), "weights": weights}
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(told | {"seconds": self.seconds}) + "\n")
            process.stdin.flush()
        return process

    def _end(self) -> None:
        """End the process; its streams are closed by the thread that reads them (`_close`)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _close(self) -> None:
        self._end()
        process, self._process = self._process, None
        if process is not None and process.stdin is not None and process.stdout is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.stdout.close()
