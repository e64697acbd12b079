"""A bundle that holds the generator's levels: their networks, vocabularies and weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pixelmind.errors import CorruptFile
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.training import weights
from pixelmind.training.bundle import flatten
from pixelmind.training.weights import MAX_BUNDLE_BYTES, released

__all__ = ["MAX_BUNDLE_BYTES", "Bundle", "released"]


class Bundle(weights.Bundle):
    """A bundle with a part a level: "level16", "level64", "level256"."""

    def put_level(
        self,
        level: int,
        states: Mapping[str, nn.Module | Mapping[str, Tensor]],
        network: DenoiserConfig,
        vocabulary: Vocabulary,
        **about: Any,
    ) -> Path:
        """Store one generator level: its denoiser and, on level 16, the condition prior, as modules or state dicts."""
        names = {"styles": list(vocabulary.styles), "kinds": list(vocabulary.kinds)}
        return self.put(f"level{level}", flatten(states), network=dataclasses.asdict(network), **names, **about)

    def get_level(self, level: int) -> tuple[dict[str, nn.Module], Vocabulary]:
        """Load one generator level, strictly, in evaluation mode."""
        tensors, about = self.get(f"level{level}")
        modules: dict[str, nn.Module] = {}
        with torch.device("meta"):
            modules["denoiser"] = Denoiser(DenoiserConfig(**about["network"]))
            if any(k.startswith("prior.") for k in tensors):
                modules["prior"] = ConditionPrior()
        for name, module in modules.items():
            state = {k.removeprefix(f"{name}."): v for k, v in tensors.items() if k.startswith(f"{name}.")}
            try:
                module.load_state_dict(state, strict=True, assign=True)
            except RuntimeError as error:
                raise CorruptFile(
                    f"level {level} of {self.folder} does not fit its recorded network: {str(error).splitlines()[0]}"
                ) from error
            module.requires_grad_(False).eval()
        return modules, Vocabulary(tuple(about["styles"]), tuple(about["kinds"]))

    def lighten(self, level: int) -> int:
        """Leave out of a level what an upper level can do without: its region and palette heads (the segmenter and the level below name the
        parts) and its reference tower (the level below has seen the references). Returns the bytes saved."""
        tensors, about = self.get(f"level{level}")
        before = about["bytes"]
        aside = (
            "denoiser.cells.",
            "denoiser.regions.",
            "denoiser.palette_head.",
            "denoiser.reference.",
            "denoiser.reference_mean.",
        )
        kept = {name: tensor for name, tensor in tensors.items() if not name.startswith(aside)}
        network = {**about["network"], "cell_features": 0, "references": 0}
        told = {k: v for k, v in about.items() if k not in ("file", "sha256", "bytes", "network")}
        self.put(f"level{level}", kept, network=network, **told)
        return int(before - self.manifest["parts"][f"level{level}"]["bytes"])
