"""Counts and times of a service, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from pixelmind.quality.verdict import FAMILIES
from pixelmind.serving import gpu, tracing
from pixelmind.serving.jobs import Job
from pixelmind.serving.progress import Meter

if TYPE_CHECKING:
    from pixelmind.lifecycle.drift import Look
    from pixelmind.quality.after import Checked
    from pixelmind.serving.fleet import Fleet

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
IMAGES = (1, 2, 4, 8, 16, 32, 64)
STAGES = ("queue", "text", "level_16", "level_64", "level_256", "finish", "check", "keep", "work")
"""Of a drawing: waiting for its batch; reading the words and each level, a batch; palette and cells, a batch; the check, a request;
encoding and writing to the database, a request. `work` is a whole turn of a dialogue, an edit or other use of the networks."""
DECISIONS = ("approve", "fix", "reject")


class Metrics(Meter):
    """A registry of its own a service, so that several can live in one process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, fleet: Fleet) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # CPU seconds, memory, open files of this process
        labels = ("method", "route", "status")
        self.requests = Counter("pixelmind_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "pixelmind_request_seconds", "Time to answer.", ("method", "route"), buckets=SECONDS, registry=self.registry
        )
        self.gone = Counter("pixelmind_clients_gone", "Clients that left before the answer.", registry=self.registry)
        self.inspected = Counter("pixelmind_pictures_inspected", "Finished pictures checked.", registry=self.registry)
        self.refined = Counter(
            "pixelmind_pictures_refined",
            "Of these mended, by what was most at fault.",
            ("family",),
            registry=self.registry,
        )
        self.flagged = Counter(
            "pixelmind_pictures_flagged", "Of these sent to review, by family.", ("family",), registry=self.registry
        )
        self.check_seconds = Histogram(
            "pixelmind_check_seconds", "Time to check a picture.", buckets=SECONDS, registry=self.registry
        )
        self.stages = Histogram(
            "pixelmind_stage_seconds", "Time of a stage.", ("stage",), buckets=SECONDS, registry=self.registry
        )
        self.batches = Histogram(
            "pixelmind_batch_images", "Pictures of a batch.", buckets=IMAGES, registry=self.registry
        )
        self.decisions = Counter(
            "pixelmind_review_decisions", "What reviewers decided.", ("decision",), registry=self.registry
        )
        self.turns = Counter(
            "pixelmind_turns", "Turns of dialogues by the kind of reply.", ("kind",), registry=self.registry
        )
        self.online_steps = Counter(
            "pixelmind_online_steps", "Steps of online adaptation done.", registry=self.registry
        )
        self.online_interactions = Counter(
            "pixelmind_online_interactions", "What people did that was learned from.", registry=self.registry
        )
        self.online_rolled_back = Counter(
            "pixelmind_online_rolled_back", "Steps that the drift guard took back.", registry=self.registry
        )
        self.online_failed = Counter("pixelmind_online_failed", "Steps that failed.", registry=self.registry)
        self.online_seconds = Histogram(
            "pixelmind_online_seconds", "Time of a step in its process.", buckets=SECONDS, registry=self.registry
        )
        of = ("of",)
        self.drift_windows = Counter(
            "pixelmind_drift_windows", "Windows compared with the reference.", registry=self.registry
        )
        self.drift_p = Gauge(
            "pixelmind_drift_p_value", "Chance of such a last window without drift.", of, registry=self.registry
        )
        self.drift_distance = Gauge("pixelmind_drift_distance", "MMD2 of the last window.", of, registry=self.registry)
        self.drift_stability = Gauge(
            "pixelmind_drift_stability_index",
            "Population stability index of a figure of the pictures.",
            ("figure",),
            registry=self.registry,
        )
        for family in FAMILIES:
            self.refined.labels(family)
            self.flagged.labels(family)
        for stage in STAGES:
            self.stages.labels(stage)
        for decision in DECISIONS:
            self.decisions.labels(decision)
        gpu.register(self.registry)
        for name, about, value in (
            ("queue_images", "Pictures that wait.", lambda: fleet.stats().queued),
            ("queue_limit_images", "Pictures that may wait.", lambda: float(fleet.champion.engine.max_queue)),
            ("running_images", "Pictures being drawn.", lambda: fleet.stats().running),
            ("images_total", "Pictures drawn since the start.", lambda: fleet.stats().images),
            ("batches_total", "Batches drawn since the start.", lambda: fleet.stats().batches),
            ("cancelled_total", "Jobs given up since the start.", lambda: fleet.stats().cancelled),
            ("ready", "1 once the networks are loaded.", lambda: float(fleet.champion.engine.ready)),
            ("rollout_share", "Share of a rollout that runs.", lambda: fleet.rollout.share if fleet.rollout else 0.0),
        ):
            Gauge(f"pixelmind_{name}", about, registry=self.registry).set_function(value)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the path's template, never what a caller typed."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def stage(self, name: str, seconds: float, jobs: Sequence[Job] | None = None) -> None:
        """Count a stage of `STAGES`, and trace it where traces are made."""
        self.stages.labels(name).observe(seconds)
        tracing.stage(name, seconds, [tracing.current()] if jobs is None else [job.trace for job in jobs])

    def batch(self, images: int) -> None:
        """Count a batch."""
        self.batches.observe(images)

    def checked(self, found: Iterable[Checked]) -> None:
        """Count checks."""
        for one in found:
            self.inspected.inc()
            self.check_seconds.observe(one.seconds)
            if one.inspected.changed.any():
                self.refined.labels(one.inspected.before.worst).inc()
            if one.flagged:
                self.flagged.labels(one.inspected.verdict.worst).inc()

    def drifted(self, look: Look) -> None:
        """Keep the figures of a window."""
        self.drift_windows.inc()
        for of, drift in (("prompts", look.prompts), ("outputs", look.outputs)):
            self.drift_p.labels(of).set(drift.p)
            self.drift_distance.labels(of).set(drift.distance)
            for figure, value in drift.psi.items():
                self.drift_stability.labels(figure).set(value)

    def learned(self, told: Mapping[str, Any]) -> None:
        """Count a step of online adaptation by what its process said."""
        if told.get("error"):
            self.online_failed.inc()
        elif told.get("interactions"):
            self.online_steps.inc()
            self.online_interactions.inc(told["interactions"])
            self.online_rolled_back.inc(bool(told["rolled_back"]))
            self.online_seconds.observe(told["seconds"])

    def text(self) -> bytes:
        """All of it as Prometheus reads it."""
        return generate_latest(self.registry)
