"""What a client's machine does in a round: some steps on its own sprites, from the shared adapter.

Only the B of each low-rank pair is learned and sent; A is drawn once from a seed that all know (Sun et al. 2024, "Improving LoRA in
privacy-preserving federated learning", FFA-LoRA): the mean of updates is then the update of the mean, noise enters linearly, and half as
many numbers travel. With a basis only coordinates in it are learned and sent (`subspace.py`): some dozens of numbers, so that noise for
privacy is small. With `prox` the loss holds the client near the shared adapter (FedProx, Li et al. 2020, eq. 2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixelmind.adaptation.federated.quantization import F64
from pixelmind.adaptation.style import UNTOLD, by_frame, descend
from pixelmind.adaptation.tasks import Picture
from pixelmind.adaptation.views import Views, Words, level_config, make_views, view_loss
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.denoiser import Denoiser
from pixelmind.training.backends.local import LocalBackend
from pixelmind.training.lora import Lora, LoraConfig, Params

VIEWS = 4  # fixed views of a picture that is measured on


class LocalTrainer:
    """A frozen level with the shared adapter as a vector of the numbers learned, float64 [length]; all zeros changes nothing."""

    def __init__(
        self,
        bundle: Bundle,
        level: int,
        words: Words,
        config: LoraConfig,
        *,
        rows: int = 8,
        lr: float = 1e-3,
        prox: float = 0.0,
        seed: int = 0,
        basis: NDArray[np.float32] | None = None,
    ) -> None:
        """Args:
        rows, lr, prox: of the local steps; see `SimulationConfig`.
        seed: of the fixed half.
        basis: float32 [length, numbers of the whole learned half] (`subspace.Basis`); None: all numbers are learned.

        Raises:
            BadInput: the bundle has no such level, or the basis is not of the adapter's numbers.
        """
        if f"level{level}" not in bundle:
            raise BadInput(f"{bundle.folder} has no level {level}")
        modules, self.vocabulary = bundle.get_level(level)
        net = modules["denoiser"]
        assert isinstance(net, Denoiser)
        self.words, self.rows, self.prox = words, rows, prox
        self.table = level_config(net, level)
        self.lora = Lora(net.requires_grad_(False), config)
        self.loss = view_loss(self.lora)
        self.fixed = {n: v for n, v in self.lora.init(torch.Generator().manual_seed(seed)).items() if n.endswith(".a")}
        self.shapes = {n: shape for n, shape in self.lora.shapes().items() if n.endswith(".b")}
        self.whole = self.length = sum(a * b for a, b in self.shapes.values())
        self.basis = None if basis is None else torch.from_numpy(basis)
        if self.basis is not None:
            if self.basis.shape[1] != self.whole:
                raise BadInput(f"the basis is of {self.basis.shape[1]} numbers, the adapter has {self.whole}")
            self.length = len(self.basis)
        self.lr = lr * math.sqrt(self.whole / self.length)  # a step of AdamW is as long in few numbers as in all
        self.backend = LocalBackend.choose(device="cpu")

    def _learned(self, numbers: Tensor) -> Params:
        """The learned half of the adapter that numbers [length] stand for."""
        if self.basis is not None:
            with torch.autocast("cpu", enabled=False):
                numbers = numbers @ self.basis
        parts = numbers.split([a * b for a, b in self.shapes.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), parts)}

    def params(self, flat: F64) -> Params:
        """The whole adapter."""
        learned = self._learned(torch.from_numpy(flat.astype(np.float32)))
        return {name: self.fixed[name] if name in self.fixed else learned[name] for name in self.lora.shapes()}

    def train(self, flat: F64, pictures: Sequence[Picture], steps: int, rng: np.random.Generator) -> F64:
        """The vector after so many AdamW steps on noisy views of these pictures.

        Raises:
            BadInput: there are no pictures.
        """
        if not pictures:
            raise BadInput("a client without sprites has nothing to learn from; leave it out of the round")
        groups = by_frame(pictures, self.table)
        sizes = np.array([len(group) for group in groups])
        start = torch.from_numpy(flat.astype(np.float32))

        def views() -> Views:
            group = groups[int(rng.choice(len(groups), p=sizes / sizes.sum()))]
            order = [group[i] for i in rng.permutation(len(group))]
            return make_views(order, self.rows, self.table, self.words, self.vocabulary, rng, drop=UNTOLD)

        def loss(params: Params, seen: Views) -> Tensor:
            value = self.loss({**self.fixed, **self._learned(params["numbers"])}, seen)
            if self.prox:
                value = value + self.prox / 2 * ((params["numbers"] - start) ** 2).sum()
            return value

        with self.backend.autocast():
            moved = descend(loss, {"numbers": start}, steps, self.lr, views).params["numbers"]
        return np.asarray(moved.double().numpy())

    def views(self, pictures: Sequence[Picture], seed: int) -> list[Views]:
        """Views of these pictures to measure on, the same for the same seed."""
        rng = np.random.default_rng((seed, 73))
        return [
            make_views(g, VIEWS * len(g), self.table, self.words, self.vocabulary, rng, augment=False)
            for g in by_frame(pictures, self.table)
        ]

    @torch.no_grad()
    def measure(self, flat: F64, views: Sequence[Views]) -> float:
        """The level's loss of these views, mean over their rows; lower is better."""
        params = self.params(flat)
        rows = [len(v["t"]) for v in views]
        return float(np.average([float(self.loss(params, v)) for v in views], weights=rows))
