"""The few directions that styles differ in, so that the noise of privacy has few numbers to cover.

Noise for (ε, δ) has a norm of multiplier x clip x √numbers / clients. What adapters for styles have in common lies in few directions, and
public pictures show which: the principal ones of adapters that simulated clients with a store's training pictures learn. Members of a
federation then learn and send coordinates in this basis only (after Yu et al. 2021, "Do not let privacy overbill utility: gradient
embedding perturbation", and Zhou et al. 2021, "Bypassing the ambient dimension: private SGD with gradient subspace identification",
sec. 3). Nobody's own pictures go into it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from pixelmind.adaptation.adapters import level_ids
from pixelmind.adaptation.federated.clients import partition
from pixelmind.adaptation.federated.local import LocalTrainer
from pixelmind.adaptation.federated.quantization import F64
from pixelmind.adaptation.federated.settings import BASIS_BYTES, content_id
from pixelmind.adaptation.tasks import read_groups
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.files import write_bytes
from pixelmind.generator.bundle import Bundle
from pixelmind.training.lora import LoraConfig

F32 = NDArray[np.float32]
MAKE = "make one with: pixelmind adapt federated basis"
LR = 4e-3
PICTURES = (8, 24)  # of a public client
OF_A_STYLE = 64  # pictures of a style and kind that are used


@dataclass(frozen=True, kw_only=True)
class Basis:
    """A basis as it is kept and handed to members: safetensors, half precision.

    `fits` names the adapter that it is for: the weights' level, its rank and the seed of its fixed half.
    """

    data: bytes
    vectors: F32
    """float32 [size, numbers of the whole learned half]."""
    fits: str

    @property
    def id(self) -> str:
        """Its content id, 32 hex digits."""
        return content_id(self.data)

    @classmethod
    def of(cls, vectors: F32, fits: str) -> Basis:
        """The basis of these vectors, as rounded."""
        return cls.read(safetensors.numpy.save({"basis": np.ascontiguousarray(vectors, np.float16)}, {"fits": fits}))

    @classmethod
    def read(cls, data: bytes) -> Basis:
        """The reverse of `data`.

        Raises:
            BadInput: it is no basis.
        """
        try:
            size = int.from_bytes(data[:8], "little")
            fits = json.loads(data[8 : 8 + size])["__metadata__"]["fits"]
            vectors = safetensors.numpy.load(data)["basis"].astype(np.float32)
            if not isinstance(fits, str) or vectors.ndim != 2 or not vectors.size or not np.isfinite(vectors).all():
                raise ValueError("another form")
        except (ValueError, KeyError, TypeError, RecursionError, SafetensorError) as error:
            raise BadInput(f"this is no basis of a federation; {MAKE}") from error
        return cls(data=data, vectors=vectors, fits=fits)

    @classmethod
    def load(cls, path: Path) -> Basis:
        """Read a file of `save`.

        Raises:
            BadInput: there is none, or it is no basis.
        """
        try:
            return cls.read(path.read_bytes())
        except OSError as error:
            raise BadInput(f"cannot read the basis {path}: {error.strerror or error}; {MAKE}") from error

    def save(self, path: Path) -> Path:
        """Write it, whole or not at all."""
        return write_bytes(path, self.data)

    def check(self, fits: str) -> F32:
        """Its vectors, for the adapter that `fits` names.

        Raises:
            BadInput: it is for another one.
        """
        if fits != self.fits:
            raise BadInput(f"the basis is for {self.fits}, this adapter is {fits}; {MAKE}")
        return self.vectors


def principal(vectors: F64, size: int) -> F32:
    """The first right singular vectors of vectors float64 [N, length], each taken at length 1: float32 [size, length], orthonormal.

    Raises:
        BadInput: fewer than `size` of them are independent.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled = vectors[norms[:, 0] > 0] / norms[norms[:, 0] > 0]
    values, turned = np.linalg.eigh(scaled @ scaled.T)
    order = np.argsort(values)[::-1]
    if int((values > 1e-9).sum()) < size:
        raise BadInput(f"{len(vectors)} clients do not give {size} directions; ask for fewer, or import more art")
    first = order[:size]
    return np.asarray((turned[:, first] / np.sqrt(values[first])).T @ scaled, np.float32)


def fits(bundle: Bundle, level: int, rank: int, seed: int = 0) -> str:
    """The name of an adapter of these weights in which `seed` draws the fixed half."""
    return f"level {level} of {level_ids(bundle, {level: None})[str(level)]}, rank {rank}, seed {seed}"


def make(
    data: Path,
    *,
    weights: Path | None = None,
    level: int = 16,
    rank: int = 4,
    size: int = 64,
    clients: int = 200,
    steps: int = 40,
    seed: int = 0,
    tell: Callable[[str], None] = lambda line: None,
) -> Basis:
    """A basis of `size` directions from the training pictures of a store, dealt out to `clients` that each learn for `steps` steps.

    Raises:
        BadInput: too few pictures, styles or clients; the weights have no such level.
    """
    if not 1 <= size <= clients or steps < 1:
        raise BadInput(f"a basis has 1 to {clients} directions (one a client at most), not {size}; steps is at least 1")
    store, cache, bundle = Store.open(data), TextCache(data / "text"), Bundle(weights)
    lora = LoraConfig(rank=rank, alpha=4.0 * rank)
    trainer = LocalTrainer(bundle, level, cache.get, lora, lr=LR)
    patch = trainer.table.network.patch
    groups = read_groups(store, level, patch, splits=("train",), limit=OF_A_STYLE, seed=seed)
    dealt = partition(groups, clients, alpha=0.1, pictures=PICTURES, seed=seed)
    cache.ensure(p.caption for c in dealt for p in (*c.train, *c.test))
    zero, found = np.zeros(trainer.length), []
    for number, client in enumerate(dealt):
        rng = np.random.default_rng((seed, 103, number))
        found.append(trainer.train(zero, client.train + client.test, steps, rng))
        if number % 20 == 19:
            tell(f"{number + 1} of {clients} public clients")
    made = Basis.of(principal(np.stack(found), size), fits(bundle, level, rank))
    if len(made.data) > BASIS_BYTES:
        raise BadInput(f"a basis of {len(made.data):,} bytes is more than members fetch; lower --size or --rank")
    return made
