"""One process on the CPU or one GPU: device, bf16 autocast where it pays, threads, moving batches."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pixelmind.errors import BadInput
from pixelmind.training.task import Task

Loss = Callable[[Any, torch.Generator], dict[str, Tensor]]


@dataclass(frozen=True, kw_only=True)
class LocalBackend:
    """A device and the autocast type used on it (None: float32 throughout)."""

    device: torch.device
    autocast_dtype: torch.dtype | None

    #: Which process this is, of how many.
    rank = 0
    world = 1

    @classmethod
    def choose(cls, *, device: str = "auto", autocast: str = "auto", threads: int = 0) -> LocalBackend:
        """Pick device and precision; `threads` above 0 is set for torch in this process.

        Raises:
            BadInput: a CUDA device is asked for and there is none.
        """
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        chosen = torch.device(device)
        if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
            raise BadInput(f"loop.device={device}: there is no such GPU here; use auto or cpu")
        if threads:
            torch.set_num_threads(threads)
        use = autocast == "bf16" or (autocast == "auto" and bf16_pays(chosen))
        return cls(device=chosen, autocast_dtype=torch.bfloat16 if use else None)

    def autocast(self) -> AbstractContextManager[Any]:
        """The context the forward pass runs in."""
        if self.autocast_dtype is None:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.autocast_dtype)

    def move(self, batch: Any) -> Any:
        """Return a batch with its tensors on the device; nests of dataclasses, dicts, lists and tuples are walked."""
        if self.device.type == "cpu":
            return batch
        return _map(batch, lambda t: t.to(self.device, non_blocking=True))

    def pin(self, batch: Any) -> Any:
        """Put a batch's CPU tensors into page-locked memory, for an overlapped copy. Done in the prefetch thread."""
        if self.device.type == "cpu":
            return batch
        return _map(batch, lambda t: t.pin_memory() if t.device.type == "cpu" else t)

    def losses(self, task: Task) -> Loss:
        """Return what the loop calls for a loss; backward of it leaves gradients that all processes share."""
        return task.loss

    def alone(self, loss: Loss) -> AbstractContextManager[Any]:
        """The context of all batches of a step but the last, whose gradients are added up before they are shared."""
        return nullcontext()

    def mean(self, value: Tensor) -> Tensor:
        """Return the mean of a scalar over the processes."""
        return value

    def means(self, values: dict[str, float]) -> dict[str, float]:
        """Return the mean of each figure over the processes that have it."""
        return values

    def of_first(self, *values: float) -> tuple[float, ...]:
        """Return the first process's values, so that all decide alike."""
        return values

    def wait(self) -> None:
        """Wait until all processes are here."""

    def spare_core(self) -> bool:
        """Whether another thread can work without taking a core from the network's."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self.device.type == "cuda" or cores > torch.get_num_threads()

    def describe(self) -> str:
        """Name the hardware and precision in a few words."""
        on_gpu = self.device.type == "cuda"
        name = torch.cuda.get_device_name(self.device) if on_gpu else f"cpu x{torch.get_num_threads()}"
        return f"{name}, {'bf16 autocast' if self.autocast_dtype else 'float32'}"


def _map(value: Any, change: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, dict):
        return {k: _map(v, change) for k, v in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (f.name for f in dataclasses.fields(value) if f.init)
        return dataclasses.replace(value, **{name: _map(getattr(value, name), change) for name in fields})
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_map(v, change) for v in value))
    if isinstance(value, (list, tuple)):
        return type(value)(_map(v, change) for v in value)
    return value


def bf16_pays(device: torch.device) -> bool:
    """Whether bf16 matrix products are native: CUDA with bf16, or a CPU with AVX512-BF16 or AMX."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in probes)
