"""A service's metrics as the studio's page shows them: the main figures of the Grafana dashboard, since the start of the process."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from typing import Any

from prometheus_client import Metric

from pixelmind.serving.metrics import STAGES, Metrics

MAX_ROUTES = 8


class Read:
    """All samples of one moment, by name."""

    def __init__(self, metrics: Metrics) -> None:
        families: list[Metric] = list(metrics.registry.collect())
        self.samples: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
        for family in families:
            for sample in family.samples:
                self.samples[sample.name].append((sample.labels, sample.value))

    def value(self, name: str) -> float:
        """The sum over all labels."""
        return sum(value for _, value in self.samples[name])

    def by(self, name: str, label: str) -> dict[str, float]:
        """Sums by a label, largest first."""
        found: dict[str, float] = defaultdict(float)
        for labels, value in self.samples[name]:
            found[labels[label]] += value
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def quantiles(self, name: str, **labels: str) -> tuple[float | None, float | None]:
        """p50 and p95 of a histogram in seconds, within buckets as PromQL's histogram_quantile has them; None where it is empty."""
        found: dict[float, float] = defaultdict(float)
        for told, value in self.samples[f"{name}_bucket"]:
            if all(told[key] == wanted for key, wanted in labels.items()):
                found[float(told["le"])] += value
        buckets = sorted(found.items())
        return quantile(buckets, 0.5), quantile(buckets, 0.95)


def quantile(buckets: list[tuple[float, float]], q: float) -> float | None:
    """The q-quantile of cumulative (upper bound, count), the last bound infinite; None of nothing."""
    if not buckets or buckets[-1][1] == 0:
        return None
    rank, low, before = q * buckets[-1][1], 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            return low if math.isinf(bound) else low + (bound - low) * (rank - before) / (count - before)
        low, before = bound, count
    raise AssertionError


def figures(metrics: Metrics) -> dict[str, Any]:
    """The figures as plain JSON; see `routes.stats.ServiceStats`."""
    read = Read(metrics)
    statuses, counts = read.by("pixelmind_requests_total", "status"), dict[tuple[str, str], float]()
    failed = 0.0
    for labels, value in read.samples["pixelmind_requests_total"]:
        key = labels["method"], labels["route"]
        counts[key] = counts.get(key, 0.0) + value
        if labels["status"].startswith("5") and labels["route"] != "/readyz":  # it says 503 while the networks load
            failed += value
    asked = sum(statuses.values())
    routes = [
        _times(f"{method} {route}", n, read.quantiles("pixelmind_request_seconds", method=method, route=route))
        for (method, route), n in sorted(counts.items(), key=lambda item: -item[1])[:MAX_ROUTES]
    ]
    done = read.by("pixelmind_stage_seconds_count", "stage")
    stages = [
        _times(stage, done[stage], read.quantiles("pixelmind_stage_seconds", stage=stage))
        for stage in STAGES
        if done.get(stage)
    ]
    batches, turns = read.value("pixelmind_batch_images_count"), read.by("pixelmind_turns_total", "kind")
    inspected = read.value("pixelmind_pictures_inspected_total")
    return {
        "seconds": max(0.0, time.time() - read.value("process_start_time_seconds")),
        "requests": asked,
        "failed_share": failed / asked if asked else None,
        "by_status": statuses,
        "routes": routes,
        "stages": stages,
        "waiting": read.value("pixelmind_queue_images"),
        "waiting_limit": read.value("pixelmind_queue_limit_images"),
        "running": read.value("pixelmind_running_images"),
        "pictures": read.value("pixelmind_images_total"),
        "pictures_a_batch": read.value("pixelmind_batch_images_sum") / batches if batches else None,
        "inspected": inspected,
        "flagged": _known(read.by("pixelmind_pictures_flagged_total", "family")),
        "mended": _known(read.by("pixelmind_pictures_refined_total", "family")),
        "decisions": read.by("pixelmind_review_decisions_total", "decision"),
        "turns": turns,
        "question_share": turns.get("question", 0.0) / sum(turns.values()) if turns else None,
        "learning": {
            name: read.value(f"pixelmind_online_{name}_total")
            for name in ("steps", "interactions", "rolled_back", "failed")
        },
        "rollout_share": read.value("pixelmind_rollout_share"),
        "drift": read.by("pixelmind_drift_p_value", "of"),
        "stability": read.by("pixelmind_drift_stability_index", "figure"),
        "cpu_seconds": read.value("process_cpu_seconds_total"),
        "memory_bytes": read.value("process_resident_memory_bytes"),
        "open_files": read.value("process_open_fds"),
        "gpus": [
            {"gpu": labels["gpu"], "utilization": value}
            for labels, value in read.samples["pixelmind_gpu_utilization_ratio"]
        ],
    }


def _times(name: str, count: float, seconds: tuple[float | None, float | None]) -> dict[str, Any]:
    p50, p95 = (None if value is None else 1000 * value for value in seconds)
    return {"name": name, "count": count, "p50_ms": p50, "p95_ms": p95}


def _known(counts: dict[str, float]) -> dict[str, float]:
    """Those above 0."""
    return {name: count for name, count in counts.items() if count}
