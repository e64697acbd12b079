"""What a person meant before: a Neural Turing Machine over pairs of words said and readings chosen, which predicts the next choice.

Each pair is written into the machine's memory; a question reads it and leaves it as it was, so the state is of one size for ever. A state
belongs to the weights that wrote it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from pixelmind import files
from pixelmind.dialogue.ntm import NTM, NTMConfig, NTMState
from pixelmind.encoder.text_tower import TEXT_DIM, TextTower
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.training.bundle import load_into
from pixelmind.training.config import build
from pixelmind.training.weights import Bundle

PART = "memory"
FORMAT = 1
EMBEDDING = 32
#: A pair: the words' embedding, the reading's, and whether it is told (else asked).
INPUTS = 2 * EMBEDDING + 1
SHARPNESS = 10.0
ABOUT, STATE = "memory.json", "state.safetensors"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@lru_cache(maxsize=1)
def _projection() -> Tensor:
    """Orthonormal [384, 32], the same everywhere."""
    return torch.linalg.qr(torch.randn(TEXT_DIM, EMBEDDING, generator=torch.Generator().manual_seed(32)))[0]


def embedded(tower: TextTower, texts: Sequence[str]) -> Tensor:
    """Directions float [N, 32] of words: the text tower's mean, projected, of unit length."""
    return F.normalize(tower.encode(list(texts)).pooled @ _projection(), dim=-1)


def asking(words: Tensor) -> Tensor:
    """Inputs [B, I] that ask what was meant by words [B, 32]."""
    return torch.cat([words, torch.zeros_like(words), words.new_zeros(len(words), 1)], -1)


def telling(words: Tensor, choices: Tensor) -> Tensor:
    """Inputs [B, I] that tell what was meant."""
    return torch.cat([words, choices, words.new_ones(len(words), 1)], -1)


def scores(answer: Tensor, options: Tensor) -> Tensor:
    """Logits [B, K] of options [B, K, 32] for what the machine answered [B, 32]: cosines, sharpened."""
    return SHARPNESS * (F.normalize(answer, dim=-1, eps=1e-6)[:, None] * options).sum(-1)


class Memory:
    """The memory of one person. `pairs` counts what it was told.

    Args:
        net: the trained machine.
        weights: short name of its weights, kept with the state.
        tower: the text tower.
    """

    def __init__(self, net: NTM, weights: str, tower: TextTower) -> None:
        self.net, self.weights, self.tower = net, weights, tower
        self.state, self.pairs = net.start(1), 0

    @torch.no_grad()
    def recall(self, words: str, options: Sequence[str]) -> list[float]:
        """How likely each option is meant by the words, adding up to 1; all alike while nothing was told."""
        if not self.pairs:
            return [1 / len(options)] * len(options)
        vectors = embedded(self.tower, [words, *options])
        answer, _ = self.net(asking(vectors[:1]), self.state)
        found: list[float] = scores(answer, vectors[None, 1:])[0].softmax(-1).tolist()
        return found

    @torch.no_grad()
    def remember(self, words: str, choice: str) -> None:
        """Write that the choice was meant by the words."""
        vectors = embedded(self.tower, [words, choice])
        _, self.state = self.net(telling(vectors[:1], vectors[1:]), self.state)
        self.pairs += 1

    def packed(self) -> tuple[bytes, dict[str, Any]]:
        """The state as safetensors, and what belongs to it: format, weights, number of pairs."""
        tensors = {f.name: getattr(self.state, f.name).contiguous() for f in fields(NTMState)}
        return save(tensors), {"format": FORMAT, "weights": self.weights, "pairs": self.pairs}

    def unpack(self, blob: bytes, about: Mapping[str, Any]) -> bool:
        """Take up a packed state; False, and nothing taken up, where other weights wrote it.

        Raises:
            CorruptFile: damaged.
        """
        try:
            if about["weights"] != self.weights:
                return False
            state = NTMState(**load(blob))
            for f in fields(NTMState):
                if getattr(state, f.name).shape != getattr(self.state, f.name).shape:
                    raise ValueError(f.name)
            self.state, self.pairs = state, int(about["pairs"])
        except (ValueError, KeyError, TypeError, SafetensorError) as error:
            raise CorruptFile("the memory is damaged; delete it to begin anew") from error
        return True

    def save(self, folder: Path, name: str) -> Path:
        """Keep the memory of a person under FOLDER/NAME, whole or not at all; each save counts its version up.

        Raises:
            BadInput: no fit name, or the folder cannot be written.
        """
        place = place_of(folder, name)
        version = 1 + (json.loads((place / ABOUT).read_text())["version"] if (place / ABOUT).is_file() else 0)
        blob, about = self.packed()
        try:
            files.write_bytes(place / f"{version}-{STATE}", blob)
            files.write_json(place / ABOUT, {"version": version, **about})
            for old in place.glob(f"*-{STATE}"):
                if old.name != f"{version}-{STATE}":
                    old.unlink()
        except OSError as error:
            raise BadInput(f"cannot write the memory to {place}: {error.strerror or error}") from error
        return place

    def restore(self, folder: Path, name: str) -> bool:
        """Take up what was kept; False where there is none, or it was written by other weights and cannot be read by these.

        Raises:
            BadInput: no fit name. CorruptFile: damaged.
        """
        place = place_of(folder, name)
        if not (place / ABOUT).is_file():
            return False
        try:
            about = json.loads((place / ABOUT).read_text())
            if about["weights"] != self.weights:
                return False
            return self.unpack((place / f"{about['version']}-{STATE}").read_bytes(), about)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CorruptFile(
                f"the memory at {place} is damaged; delete it with: pixelmind memory delete {name}"
            ) from error


def place_of(folder: Path, name: str) -> Path:
    """Where the memory of a person lies.

    Raises:
        BadInput: a name that is none.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name of a person; use up to 64 letters, digits, - and _")
    return folder / name


def delete(folder: Path, name: str) -> None:
    """Delete all that is remembered of a person.

    Raises:
        BadInput: nothing is.
    """
    place = place_of(folder, name)
    if not place.is_dir():
        raise BadInput(f"nothing is remembered of {name}")
    shutil.rmtree(place)


def save_network(net: NTM, folder: Path | str, **about: object) -> Path:
    """Put the machine into the bundle at `folder` (made where there is none)."""
    return Bundle.create(folder).put(PART, net.state_dict(), network=asdict(net.config), **about)


def load_memory(folder: Path | str | None = None, tower: TextTower | None = None) -> Memory:
    """An empty memory with the machine of a bundle (default: the released one).

    Raises:
        BadInput: no memory there. CorruptFile: damaged, or the hash differs.
    """
    tensors, about = Bundle(folder).get(PART)
    net = NTM(INPUTS, EMBEDDING, build(NTMConfig, about["network"], "memory.network"))
    load_into({PART: net}, {PART: tensors}, "the memory")
    return Memory(net.requires_grad_(False).eval(), about["sha256"][:12], tower or TextTower())
