"""What NVIDIA's cards do, for Prometheus; nothing where `pynvml` (nvidia-ml-py, not among our requirements) or a card is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily

#: name, help, and how to read it from `pynvml` and a card's handle
READINGS: tuple[tuple[str, str, Callable[[Any, Any], float]], ...] = (
    ("utilization_ratio", "Share of time that it computed.", lambda n, h: n.nvmlDeviceGetUtilizationRates(h).gpu / 100),
    ("memory_used_bytes", "Memory in use by all processes.", lambda n, h: n.nvmlDeviceGetMemoryInfo(h).used),
    ("memory_total_bytes", "Memory there is.", lambda n, h: n.nvmlDeviceGetMemoryInfo(h).total),
    ("temperature_celsius", "Temperature.", lambda n, h: n.nvmlDeviceGetTemperature(h, n.NVML_TEMPERATURE_GPU)),
    ("power_watts", "Power drawn.", lambda n, h: n.nvmlDeviceGetPowerUsage(h) / 1000),
)


class Cards:
    """A Prometheus collector over the cards of this machine; a reading that a card does not give is left out."""

    def __init__(self, nvml: Any) -> None:
        self.nvml = nvml
        self.handles = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a reading, labelled by the card's number."""
        for name, about, read in READINGS:
            family = GaugeMetricFamily(f"pixelmind_gpu_{name}", about, labels=("gpu",))
            for number, handle in enumerate(self.handles):
                try:
                    family.add_metric([str(number)], float(read(self.nvml, handle)))
                except self.nvml.NVMLError:
                    continue
            yield family


def register(registry: CollectorRegistry) -> bool:
    """Add the cards to a registry; False where there is nothing to add."""
    try:
        import pynvml
    except ImportError:
        return False
    try:
        pynvml.nvmlInit()
        registry.register(Cards(pynvml))
    except pynvml.NVMLError:
        return False
    return True
