"""Versions of the shared adapter: each is named by its content, and a machine that has one is sent only what changed since.

A round moves every number a little, so what changed is sent as whole steps of 16 bits, compressed; the new version *is* the old one plus
these steps, on the server as on every client, bit for bit, and its name proves it. A machine that is too far behind gets it whole.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelmind.adaptation.federated.messages import Message, Refused, decode, encode
from pixelmind.adaptation.federated.quantization import F64

F32 = NDArray[np.float32]
STEPS = 32767
KEPT = 64  # changes that are kept for machines that come back


@dataclass(frozen=True, kw_only=True)
class Patch(Message):
    """Server: from version `base` to `target`, as int16 steps of `scale`; with base "" the whole, as float32. Compressed."""

    kind: ClassVar[str] = "patch"
    base: str
    target: str
    scale: float
    data: bytes


def version_of(vector: F32, weights: str) -> str:
    """The content id of an adapter for these weights, 16 hex digits."""
    return hashlib.sha256(weights.encode() + b"\0" + vector.astype("<f4").tobytes()).hexdigest()[:16]


def _inflate(data: bytes, size: int) -> bytes:
    """Exactly `size` bytes; what would be more is not unpacked."""
    engine = zlib.decompressobj()
    try:
        found = engine.decompress(data, size)
    except zlib.error as error:
        raise Refused("a patch that does not unpack") from error
    if len(found) != size or engine.decompress(engine.unconsumed_tail, 1):
        raise Refused("a patch of another length")
    return found


def apply(patch: Patch, vector: F32, weights: str) -> F32:
    """The version after a patch, float32 [length].

    Raises:
        Refused: the patch is for another version, does not unpack, or does not give what it names.
    """
    if not patch.base:
        after = np.frombuffer(_inflate(patch.data, 4 * len(vector)), "<f4").astype(np.float32)
    elif patch.base != version_of(vector, weights):
        raise Refused(f"a patch for version {patch.base}, which is not what is here")
    else:
        steps = np.frombuffer(_inflate(patch.data, 2 * len(vector)), "<i2")
        after = _moved(vector, steps, patch.scale)
    if not np.isfinite(after).all() or version_of(after, weights) != patch.target:
        raise Refused(f"a patch that does not give version {patch.target}")
    return after


def _moved(vector: F32, steps: NDArray[np.int16], scale: float) -> F32:
    with np.errstate(over="ignore", invalid="ignore"):
        return (vector.astype(np.float64) + steps.astype(np.float64) * scale).astype(np.float32)


@dataclass(kw_only=True)
class Versions:
    """The server's: the newest version and the last changes that led to it, oldest first."""

    vector: F32
    weights: str
    patches: list[Patch] = field(default_factory=list)

    @property
    def newest(self) -> str:
        """Its content id."""
        return version_of(self.vector, self.weights)

    def advance(self, change: F64) -> None:
        """Make the next version: this one and a change, float64 [length], rounded to 1/32767 of its largest number."""
        scale = float(np.abs(change).max()) / STEPS
        if scale == 0:
            return
        steps = np.rint(change / scale).astype("<i2")
        base, self.vector = self.newest, _moved(self.vector, steps, scale)
        data = zlib.compress(steps.tobytes(), 6)
        self.patches.append(Patch(round="", peer="", base=base, target=self.newest, scale=scale, data=data))
        del self.patches[:-KEPT]

    def whole(self) -> Patch:
        """The newest version for a machine that has none."""
        data = zlib.compress(self.vector.astype("<f4").tobytes(), 1)
        return Patch(round="", peer="", base="", target=self.newest, scale=0.0, data=data)

    def since(self, have: str) -> Patch | None:
        """The next patch for a machine that has version `have`; None where it is the newest. The whole, where that is shorter."""
        if have == self.newest:
            return None
        at = next((i for i, p in enumerate(self.patches) if p.base == have), None)
        whole = self.whole()
        if at is None or sum(len(p.data) for p in self.patches[at:]) >= len(whole.data):
            return whole
        return self.patches[at]

    def pack(self) -> dict[str, object]:
        """For the disk; see `unpack`."""
        return {"vector": self.vector.astype("<f4").tobytes(), "patches": [encode(p) for p in self.patches]}

    @classmethod
    def unpack(cls, vector: bytes, patches: Iterable[bytes], weights: str) -> Versions:
        """The reverse of `pack`."""
        whole = np.frombuffer(vector, "<f4").astype(np.float32)
        return cls(vector=whole, weights=weights, patches=[decode(p, Patch) for p in patches])
