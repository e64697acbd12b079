"""What a client's machine does in a round: some steps on its own sprites, from the shared adapter.

Only the B of each low-rank pair is learned and sent; A is drawn once from a seed that all know (Sun et al. 2024, "Improving LoRA in
privacy-preserving federated learning", FFA-LoRA): the mean of updates is then the update of the mean, noise enters linearly, and half as
many numbers travel. With `prox` the loss holds the client near the shared adapter (FedProx, Li et al. 2020, eq. 2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
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
    """A frozen level with the shared adapter as a flat vector, float64 [length]; all zeros changes nothing."""

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
    ) -> None:
        if f"level{level}" not in bundle:
            raise BadInput(f"{bundle.folder} has no level {level}")
        modules, self.vocabulary = bundle.get_level(level)
        net = modules["denoiser"]
        assert isinstance(net, Denoiser)
        self.words, self.rows, self.lr, self.prox = words, rows, lr, prox
        self.table = level_config(net, level)
        self.lora = Lora(net.requires_grad_(False), config)
        self.loss = view_loss(self.lora)
        self.fixed = {n: v for n, v in self.lora.init(torch.Generator().manual_seed(seed)).items() if n.endswith(".a")}
        self.shapes = {n: shape for n, shape in self.lora.shapes().items() if n.endswith(".b")}
        self.length = sum(a * b for a, b in self.shapes.values())
        self.backend = LocalBackend.choose(device="cpu")

    def params(self, flat: F64) -> Params:
        """The whole adapter."""
        moved: Params = {}
        at = 0
        for name, (rows, columns) in self.shapes.items():
            part = flat[at : at + rows * columns].reshape(rows, columns)
            moved[name], at = torch.from_numpy(part.astype(np.float32)), at + rows * columns
        return {name: self.fixed[name] if name in self.fixed else moved[name] for name in self.lora.shapes()}

    def flat(self, params: Params) -> F64:
        """The learned part of an adapter as one vector."""
        return np.concatenate([params[name].detach().double().numpy().ravel() for name in self.shapes])

    def train(self, flat: F64, pictures: Sequence[Picture], steps: int, rng: np.random.Generator) -> F64:
        """The vector after so many AdamW steps on noisy views of these pictures.

        Raises:
            BadInput: there are no pictures.
        """
        if not pictures:
            raise BadInput("a client without sprites has nothing to learn from; leave it out of the round")
        groups = by_frame(pictures, self.table)
        sizes = np.array([len(group) for group in groups])
        start = {name: value for name, value in self.params(flat).items() if name not in self.fixed}

        def views() -> Views:
            group = groups[int(rng.choice(len(groups), p=sizes / sizes.sum()))]
            order = [group[i] for i in rng.permutation(len(group))]
            return make_views(order, self.rows, self.table, self.words, self.vocabulary, rng, drop=UNTOLD)

        def loss(params: Params, seen: Views) -> Tensor:
            value = self.loss({**self.fixed, **params}, seen)
            if self.prox:
                value = value + self.prox / 2 * sum(((params[n] - v) ** 2).sum() for n, v in start.items())
            return value

        with self.backend.autocast():
            return self.flat(descend(loss, start, steps, self.lr, views).params)

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
