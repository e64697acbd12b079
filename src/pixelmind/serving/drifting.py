"""The service looks for drift (`lifecycle.drift`) of what its champion is asked for and draws, and tells Prometheus."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from pixelmind.lifecycle.drift import F64, Watch
from pixelmind.serving.fleet import Fleet
from pixelmind.serving.jobs import EngineError
from pixelmind.serving.metrics import Metrics
from pixelmind.storage import Database

log = logging.getLogger("pixelmind.serving")
ALARM = 0.005  # as in deploy/monitoring/alerts.yml
TOGETHER = 16  # prompts read at once, so that drawing waits little


class DriftWatch:
    """Looks at the champion's pictures; `look` in one thread at a time."""

    def __init__(self, fleet: Fleet, db: Database, metrics: Metrics) -> None:
        self.fleet, self.metrics = fleet, metrics
        self.watch = Watch(db, self._encode)

    def look(self) -> None:
        """Compare where there is a new window, and keep the figures.

        Raises:
            DatabaseDown.
        """
        engine = self.fleet.champion.engine
        if not engine.ready:
            return
        try:
            found = self.watch.look(engine.pipe.bundle.id)
        except EngineError as error:
            log.warning("drift was not looked for: %s", error)
            return
        if found is not None:
            self.metrics.drifted(found)
            for name, drift in (("prompts", found.prompts), ("outputs", found.outputs)):
                if drift.p < ALARM:
                    log.warning("%s drift: MMD2 %.4f, p %.4f", name, drift.distance, drift.p)

    def _encode(self, prompts: Sequence[str]) -> F64:
        engine = self.fleet.champion.engine
        tower = engine.pipe.text_tower
        parts = [
            engine.run(lambda some: tower.encode(some).pooled.numpy(), list(prompts[i : i + TOGETHER]))
            for i in range(0, len(prompts), TOGETHER)
        ]
        return np.concatenate(parts).astype(np.float64)
