"""What the loop trains: a task binds networks, batches and a loss; the loop knows nothing else about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Modules = Mapping[str, nn.Module]


class TrainingError(RuntimeError):
    """Training cannot go on (diverged, disk full); the message is one line that says what to do. Exit code 1."""


class Task(ABC):
    """Networks, batches and a loss. `modules`, `batch`, `loss`, `batch_samples` are needed, the rest has defaults."""

    #: Samples in one batch: counts samples/s and the EMA's half-life.
    batch_samples: int
    #: Hash of the data's manifest, kept in environment.json.
    data_hash: str = ""
    #: Batches between calls of `refresh` (0: none).
    refresh_every: int = 0

    @abstractmethod
    def modules(self) -> dict[str, nn.Module]:
        """Return all networks that are trained and saved, by name. The same objects at every call.

        A network may have `muon_parameters() -> Iterable[nn.Parameter]` to choose what Muon trains.
        Parameters with requires_grad False are saved but not trained.
        """

    @abstractmethod
    def batch(self, step: int) -> Any:
        """Return a batch, a pure function of its number `step`: it may be made ahead, in another thread or process.

        A step of the optimiser takes `loop.accumulate` of them, one where that is not set.

        Any nest of dataclasses, dicts, lists, tuples and tensors; tensors are moved to the device by the loop. Draw
        from `seeds.numpy_rng(seed, step)`, never from a global RNG; prefer numpy: torch there would compete for cores.
        """

    @abstractmethod
    def loss(self, batch: Any, rng: torch.Generator) -> dict[str, Tensor]:
        """Return scalars: "loss" is minimised, the others are logged. Called under autocast; `rng` lies on the device
        and, like torch's global RNG (dropout), is seeded anew from (seed, step) before each call."""

    def to(self, device: torch.device) -> None:  # noqa: B027
        """Called once after the networks were moved to `device`; move frozen extras here."""

    def sample(self, ema_modules: Modules) -> NDArray[Any] | None:
        """Return a picture uint8 [H, W, 3] of what the EMA networks make now, or None. Called without gradients."""
        return None

    def validate(self, ema_modules: Modules) -> dict[str, float]:
        """Return held-out figures of the EMA networks. Called without gradients."""
        return {}

    def refresh(self, step: int, ema_modules: Modules) -> None:  # noqa: B027
        """Called without gradients after every `refresh_every`-th batch, in the first process, before a checkpoint of the same step.

        A resumed run calls it again at the steps it repeats. What it makes must therefore depend on step and weights
        alone, and lie where a resumed run finds it; later batches may be made from it.
        """
