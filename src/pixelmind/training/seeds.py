"""Random numbers as a function of (seed, step, purpose), so that a resumed run draws what an unbroken one would."""

from __future__ import annotations

import hashlib

import numpy as np
import torch


def derive(seed: int, step: int, purpose: str = "") -> int:
    """Return 63 well-mixed bits for (seed, step, purpose)."""
    digest = hashlib.blake2b(f"{seed}/{step}/{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def numpy_rng(seed: int, step: int, purpose: str = "") -> np.random.Generator:
    """Return numpy's generator for (seed, step, purpose): what a task's `batch(step)` should draw from."""
    return np.random.default_rng(derive(seed, step, purpose))


def seed_global(device: torch.device, value: int) -> None:
    """Seed torch's global RNG of the CPU and of `device` (dropout draws from it).

    Not torch.manual_seed: where CUDA is not initialised that keeps a stack trace at every call.
    """
    torch.default_generator.manual_seed(value)
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        torch.cuda.default_generators[index].manual_seed(value)
