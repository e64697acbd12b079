"""What a running batch tells those who wait: its steps, a preview of each level, and whether anybody still waits."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pixelmind.pixels import quantize
from pixelmind.records import GenerationRequest, Palette, Sprite
from pixelmind.serving.jobs import Job

if TYPE_CHECKING:
    import numpy as np


class Meter:
    """What an engine tells of its work, called in its thread; this one keeps nothing."""

    def stage(self, name: str, seconds: float, jobs: Sequence[Job] | None = None) -> None:
        """A stage took so long; see `metrics.STAGES`. `jobs`: whose it was; None: the request's that runs here."""

    def batch(self, images: int) -> None:
        """A batch of so many pictures was drawn."""


class Abandoned(Exception):
    """Nobody waits for any picture of the running batch."""


class Watch:
    """Stands between the pipeline and the jobs of one batch; both calls are made in the engine's thread.

    Args:
        jobs: of the batch.
        requests: what each asks for; None where it is other work, which is told everything that is drawn.
        meter: told how long the words and each level took.
    """

    def __init__(self, jobs: Sequence[Job], requests: Sequence[GenerationRequest | None], meter: Meter) -> None:
        self.jobs, self.requests, self._meter = jobs, requests, meter
        self._at = (0, 0, 0)
        self.since = time.monotonic()  # when the last level ended

    def on_step(self, level: int, step: int, steps: int) -> None:
        """Tell all jobs of a step, once; the parts of a large batch repeat a level's steps.

        Raises:
            Abandoned: all of them were given up.
        """
        if all(job.abandoned for job in self.jobs):
            raise Abandoned
        if self._at[0] == level and step <= self._at[1] and self.requests[0] is not None:
            return
        self._at = (level, step, steps)
        for job in self.jobs:
            if job.on_progress is not None and not job.abandoned:
                job.on_progress(level, step, steps, None)

    def on_level(self, level: int, drawn: Mapping[tuple[int, int], np.ndarray]) -> None:
        """Show the first picture of each request that a level drew (level 0: the words are read, nothing is drawn); a request's own size is
        shown by its answer."""
        now = time.monotonic()
        if level or self.requests[0] is not None:  # what other work does before it draws is no reading of words
            self._meter.stage(f"level_{level}" if level else "text", now - self.since, self.jobs)
        self.since = now
        _, step, steps = self._at
        for place, (job, request) in enumerate(zip(self.jobs, self.requests)):
            canvas = drawn.get((place, 0))
            if canvas is None or job.on_progress is None or job.abandoned:
                continue
            job.on_progress(level, step, steps, preview(canvas, request))


def preview(canvas: np.ndarray, request: GenerationRequest | None) -> Sprite:
    """What a level made of a picture, float [4, h, w], in the colours that its request allows."""
    from pixelmind.generator.canvas import from_canvas
    from pixelmind.generator.pipeline import default_colors

    rgba = from_canvas(canvas)
    asked: Palette | None = None if request is None else request.conditioning.palette
    if asked is not None:
        return quantize.to_palette(rgba, asked)
    count = None if request is None else request.conditioning.max_colors
    return quantize.to_num_colors(rgba, count or default_colors(*rgba.shape[:2]))
