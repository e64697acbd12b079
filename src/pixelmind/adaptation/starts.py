"""A meta-learned start as a bundle's part "adapter": by level, the tensors adaptation starts from and its learned inner rates.

A start belongs to the levels' weights it was learned beside, like an adapter, and is passed over beside others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from pixelmind.adaptation.adapters import level_ids
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.training.lora import LoraConfig, Params
from pixelmind.training.weights import Bundle as AnyBundle

PART = "adapter"


@dataclass(frozen=True, kw_only=True)
class Start:
    """By level: the tensors, and inner rates [steps, tensors] in the tensors' order."""

    config: LoraConfig
    levels: Mapping[int, Params]
    rates: Mapping[int, Tensor]
    about: Mapping[str, Any]


def put(bundle: AnyBundle, start: Start, base: Bundle) -> Path:
    """Store a start in a bundle as fp16, with the ids of the levels of `base`."""
    tensors: dict[str, Tensor] = {}
    for level, params in start.levels.items():
        tensors |= {f"level{level}.{name}": value for name, value in params.items()}
        tensors[f"rates{level}"] = start.rates[level]
    lora = {**asdict(start.config), "layers": list(start.config.layers)}
    ids = level_ids(base, start.levels)
    order = {str(level): list(params) for level, params in start.levels.items()}
    return bundle.put(PART, tensors, lora=lora, base=ids, weights=base.id, order=order, **start.about)


def find(weights: Bundle, folder: Path | None = None) -> Start | None:
    """The start in `folder`, or else in the weights themselves; None where there is none.

    Raises:
        BadInput: `folder` holds none, or one for other weights. A start in the weights that does not fit them is passed over.
    """
    source: AnyBundle = weights if folder is None else AnyBundle(folder)
    if PART not in source:
        if folder is not None:
            raise BadInput(f"{folder} holds no start for adapters; make one with: pixelmind train maml --out {folder}")
        return None
    tensors, about = source.get(PART)
    order = {int(level): names for level, names in about["order"].items()}
    if about["base"] != level_ids(weights, order):
        if folder is not None:
            raise BadInput(f"the start in {folder} belongs to the weights {about['weights']}, these are {weights.id}")
        return None
    return Start(
        config=LoraConfig(**{**about["lora"], "layers": tuple(about["lora"]["layers"])}),
        levels={level: {n: tensors[f"level{level}.{n}"] for n in names} for level, names in order.items()},
        rates={level: tensors[f"rates{level}"] for level in order},
        about={k: about[k] for k in ("algorithm", "steps") if k in about},
    )
