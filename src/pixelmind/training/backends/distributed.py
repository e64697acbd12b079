"""One process of several with the same networks: gradients averaged by DistributedDataParallel (Li et al. 2020, arXiv 2006.15704).

Every process computes the same steps on other batches. The first one alone writes; all decide by its clock.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from pixelmind.training.backends.local import LocalBackend, Loss
from pixelmind.training.task import Task


class _Losses(nn.Module):
    """A task's loss as one network's forward pass, which is what DistributedDataParallel wraps."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.networks = nn.ModuleList(task.modules().values())
        self.task = task

    def forward(self, batch: Any, rng: torch.Generator) -> dict[str, Tensor]:
        terms = self.task.loss(batch, rng)
        return {name: value if name == "loss" else value.detach() for name, value in terms.items()}


@dataclass(frozen=True, kw_only=True)
class DistributedBackend(LocalBackend):
    """A `LocalBackend` in a process group of torch.distributed that is already there."""

    @property
    def rank(self) -> int:  # type: ignore[override]
        """Number of this process."""
        return dist.get_rank()

    @property
    def world(self) -> int:  # type: ignore[override]
        """Number of processes."""
        return dist.get_world_size()

    def losses(self, task: Task) -> Loss:
        """The task's loss; its backward pass averages the gradients over the processes."""
        # A batch need not use every parameter. Running statistics are the first process's own.
        return DistributedDataParallel(_Losses(task), find_unused_parameters=True, broadcast_buffers=False)

    def alone(self, loss: Loss) -> AbstractContextManager[Any]:
        """No averaging within."""
        return cast(DistributedDataParallel, loss).no_sync()

    def mean(self, value: Tensor) -> Tensor:
        """The mean over the processes."""
        total = value.clone()
        dist.all_reduce(total)
        return total / self.world

    def means(self, values: dict[str, float]) -> dict[str, float]:
        """The mean of each figure over the processes that have it."""
        found: list[dict[str, float]] = [{} for _ in range(self.world)]
        dist.all_gather_object(found, values)
        having = {name: [f[name] for f in found if name in f] for f in found for name in f}
        return {name: sum(all_) / len(all_) for name, all_ in having.items()}

    def of_first(self, *values: float) -> tuple[float, ...]:
        """The first process's values."""
        told = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.broadcast(told, src=0)
        return tuple(told.tolist())

    def wait(self) -> None:
        """Until all processes are here."""
        dist.barrier()

    def describe(self) -> str:
        """Name hardware and precision of one process, and how many there are."""
        return f"{self.world} workers, each {super().describe()}"
