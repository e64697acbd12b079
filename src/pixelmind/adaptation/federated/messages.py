"""What clients and server send each other in a round of secure aggregation, as bytes (MessagePack) and back.

The names of the steps are those of Bonawitz et al. 2017, fig. 4: advertise keys, share keys, masked input, unmasking.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import msgpack

MAX_BYTES = 1 << 30


class Refused(ValueError):
    """A message that is malformed, replayed, of another round or against the protocol. Nothing was changed by it."""


class Aborted(RuntimeError):
    """The round ended without a sum; nobody's update was opened. The next round starts afresh."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """`round` is the id of the round; `peer` the client that sent it, or that it is for."""

    kind: ClassVar[str]
    round: str
    peer: str


@dataclass(frozen=True, kw_only=True)
class Keys(Message):
    """Client: its two X25519 public keys of this round, for masks and for sealing shares; `proof` is its signature of both and its
    certificate, empty where nobody has one (a simulation)."""

    kind: ClassVar[str] = "keys"
    mask_key: bytes
    seal_key: bytes
    proof: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Roster(Message):
    """Server: the client's neighbours and itself, with mask key and seal key (64 bytes) and the proof one after the other."""

    kind: ClassVar[str] = "roster"
    keys: dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Shares(Message):
    """Client: for each neighbour a share of its mask seed and of its mask key, sealed; `commitment` is the seed's SHA-256."""

    kind: ClassVar[str] = "shares"
    sealed: dict[str, bytes]
    commitment: bytes


@dataclass(frozen=True, kw_only=True)
class Inbox(Message):
    """Server: the sealed shares that neighbours sent to this client."""

    kind: ClassVar[str] = "inbox"
    sealed: dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Masked(Message):
    """Client: its vector under its masks, little-endian, `bits` / 8 bytes a number."""

    kind: ClassVar[str] = "masked"
    vector: bytes


@dataclass(frozen=True, kw_only=True)
class Survivors(Message):
    """Server: which of the client's neighbours (and itself) sent a vector, and which were lost before."""

    kind: ClassVar[str] = "survivors"
    alive: list[str]
    lost: list[str]


@dataclass(frozen=True, kw_only=True)
class Opened(Message):
    """Client: its shares of the seeds of those alive, and of the mask keys of those lost."""

    kind: ClassVar[str] = "opened"
    seeds: dict[str, bytes]
    keys: dict[str, bytes]


KINDS: dict[str, type[Message]] = {m.kind: m for m in (Keys, Roster, Shares, Inbox, Masked, Survivors, Opened)}
M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """The message as bytes."""
    fields = {f.name: getattr(message, f.name) for f in dataclasses.fields(message)}
    return bytes(msgpack.packb({"kind": message.kind, **fields}, use_bin_type=True))


def decode(data: bytes, expected: type[M]) -> M:
    """The message of this kind in `data`.

    Raises:
        Refused: it is something else.
    """
    if len(data) > MAX_BYTES:
        raise Refused(f"a message of {len(data)} bytes is too long")
    try:
        value = msgpack.unpackb(data, raw=False, strict_map_key=True)
    except (ValueError, msgpack.exceptions.UnpackException, RecursionError) as error:
        raise Refused("a message that is not MessagePack") from error
    wanted = {f.name: f.type for f in dataclasses.fields(expected)}
    if not isinstance(value, dict) or value.pop("kind", None) != expected.kind or value.keys() != wanted.keys():
        raise Refused(f"not a message of the kind {expected.kind!r}")
    for name, kind in wanted.items():
        if not _is(value[name], str(kind)):
            raise Refused(f"{expected.kind}: {name} is not {kind}")
    return expected(**value)


def decode_any(data: bytes, kinds: Iterable[type[Message]]) -> Message:
    """The message in `data`, of whichever of these kinds it is.

    Raises:
        Refused: none of them.
    """
    for kind in kinds:
        try:
            return decode(data, kind)
        except Refused:
            continue
    raise Refused("a message of a kind that is not expected")


def _is(value: Any, kind: str) -> bool:
    if kind == "str":
        return isinstance(value, str)
    if kind == "bytes":
        return isinstance(value, bytes)
    if kind in ("int", "bool"):
        return type(value).__name__ == kind
    if kind == "float":
        return isinstance(value, float) and math.isfinite(value)
    if kind == "list[str]":
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    return isinstance(value, dict) and all(isinstance(k, str) and isinstance(v, bytes) for k, v in value.items())
