"""The client's side of secure aggregation, one object a round (Bonawitz et al. 2017, "Practical secure aggregation for
privacy-preserving machine learning", fig. 4, with signed keys and without the consistency check; Bell et al. 2020 for many).

Four steps in this order, each once: `advertise`, `share`, `mask`, `open`. A message that does not fit changes nothing.
"""

from __future__ import annotations

import hashlib
import secrets

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from numpy.typing import NDArray

from pixelmind.adaptation.federated import shamir
from pixelmind.adaptation.federated.identity import Identity
from pixelmind.adaptation.federated.masks import KEY_BYTES, U64, agree, expand, pack, seal, to_ring, unseal
from pixelmind.adaptation.federated.messages import (
    Inbox,
    Keys,
    Masked,
    Message,
    Opened,
    Refused,
    Roster,
    Shares,
    Survivors,
)
from pixelmind.adaptation.federated.plan import Plan


def sealing(plan: Plan, sender: str, recipient: str) -> str:
    """What a sealed share is bound to."""
    return f"pixelmind shares {plan.round} {sender!r} {recipient!r}"


def masking(plan: Plan, a: str, b: str) -> str:
    """What the seed of a pair's mask is bound to."""
    return f"pixelmind mask {plan.round} {min(a, b)!r} {max(a, b)!r}"


class SecAggClient:
    """One client in one round. Its secrets are drawn anew for every round and leave it only as shares, sealed or asked for."""

    def __init__(self, name: str, plan: Plan, identity: Identity | None = None) -> None:
        """`identity` signs this client's keys, and says whose signatures count; None: keys of a simulation, which are not signed."""
        self.name, self.plan, self.identity = name, plan, identity
        self._mask_key, self._seal_key = X25519PrivateKey.generate(), X25519PrivateKey.generate()
        self._seed = secrets.token_bytes(KEY_BYTES)
        self._step = 0
        self._roster: dict[str, bytes] = {}
        self._held: dict[str, tuple[bytes, bytes]] = {}
        """By owner, the shares of its seed and mask key that this client holds."""

    def advertise(self) -> Keys:
        """Step 0: fresh public keys."""
        self._expect(0, None)
        self._step = 1
        mask_key, seal_key = self._public()
        proof = b""
        if self.identity is not None:
            proof = self.identity.sign(self.plan.round, mask_key, seal_key) + self.identity.der
        return Keys(round=self.plan.round, peer=self.name, mask_key=mask_key, seal_key=seal_key, proof=proof)

    def share(self, roster: Roster) -> Shares:
        """Step 1: a share of seed and mask key for each neighbour.

        Raises:
            Refused: too few or too many neighbours, keys that repeat, are not signed, or not this client's own.
        """
        self._expect(1, roster)
        keys = roster.keys
        if self.identity is not None:
            for name, value in keys.items():
                self.identity.verify(self.plan.round, name, value[: 2 * KEY_BYTES], value[2 * KEY_BYTES :])
            keys = {name: value[: 2 * KEY_BYTES] for name, value in keys.items()}
        if not self.plan.threshold <= len(keys) <= self.plan.degree + 1:
            raise Refused(f"{len(keys)} clients on the roster, {self.plan.threshold} to {self.plan.degree + 1} can be")
        halves = [half for both in keys.values() for half in (both[:KEY_BYTES], both[KEY_BYTES:])]
        if len(set(halves)) != len(halves) or any(len(both) != 2 * KEY_BYTES for both in keys.values()):
            raise Refused("keys on the roster are malformed or repeat")
        if keys.get(self.name) != b"".join(self._public()):
            raise Refused("the roster does not name this client's own keys")
        points = {name: x for x, name in enumerate(sorted(keys), 1)}
        seed = shamir.split(self._seed, self.plan.threshold, list(points.values()))
        key = shamir.split(self._mask_key.private_bytes_raw(), self.plan.threshold, list(points.values()))
        sealed = {}
        for name, x in points.items():
            if name != self.name:
                about = sealing(self.plan, self.name, name)
                sealed[name] = seal(self._sealing_key(keys[name], about), seed[x] + key[x], about)
        own = points[self.name]
        self._roster, self._held, self._step = dict(keys), {self.name: (seed[own], key[own])}, 2
        commitment = hashlib.sha256(self._seed).digest()
        return Shares(round=self.plan.round, peer=self.name, sealed=sealed, commitment=commitment)

    def mask(self, inbox: Inbox, values: NDArray[np.int64]) -> Masked:
        """Step 2: the vector under this client's own mask and one for each neighbour whose shares arrived.

        Args:
            values: int64 [length]; only its numbers mod 2^bits count.

        Raises:
            Refused: too few neighbours, or shares that do not open.
            ValueError: not such a vector.
        """
        self._expect(2, inbox)
        plan = self.plan
        if values.shape != (plan.length,) or values.dtype != np.int64:
            raise ValueError(f"int64 [{plan.length}] is summed in this round, not {values.dtype} {list(values.shape)}")
        if self.name in inbox.sealed or not inbox.sealed.keys() <= self._roster.keys():
            raise Refused("shares of clients that are not on the roster")
        if len(inbox.sealed) + 1 < plan.threshold:
            raise Refused(f"{len(inbox.sealed)} neighbours are left, {plan.threshold - 1} are needed")
        held = dict(self._held)
        for name, sealed in inbox.sealed.items():
            about = sealing(plan, name, self.name)
            plain = unseal(self._sealing_key(self._roster[name], about), sealed, about)
            if len(plain) != 2 * shamir.SHARE_BYTES:
                raise Refused("malformed share")
            held[name] = plain[: shamir.SHARE_BYTES], plain[shamir.SHARE_BYTES :]
        total = to_ring(values, plan.bits) + expand(self._seed, plan.length, plan.bits)
        for name in inbox.sealed:
            add_pair_mask(total, plan, self._mask_key, self.name, name, self._roster[name][:KEY_BYTES])
        self._held, self._step = held, 3
        vector = pack(to_ring(total.view(np.int64), plan.bits), plan.bits)
        return Masked(round=plan.round, peer=self.name, vector=vector)

    def open(self, survivors: Survivors) -> Opened:
        """Step 3: shares of the seeds of neighbours alive and of the mask keys of those lost; never both of one, and once only.

        Raises:
            Refused: the two lists are not the neighbours parted in two with this client alive, or too few are alive.
        """
        self._expect(3, survivors)
        alive, lost = set(survivors.alive), set(survivors.lost)
        told = len(survivors.alive) + len(survivors.lost)
        if alive & lost or told != len(alive | lost) or alive | lost != self._held.keys() or self.name not in alive:
            raise Refused("the survivors are not this client's neighbours, each told once")
        if len(alive) < self.plan.threshold:
            raise Refused(f"{len(alive)} of the neighbourhood are alive, {self.plan.threshold} are needed")
        self._step = 4
        return Opened(
            round=self.plan.round,
            peer=self.name,
            seeds={name: self._held[name][0] for name in sorted(alive)},
            keys={name: self._held[name][1] for name in sorted(lost)},
        )

    def _expect(self, step: int, message: Message | None) -> None:
        if self._step != step:
            raise Refused(f"step {step} is not what comes next in this round")
        if message is not None and (message.round, message.peer) != (self.plan.round, self.name):
            raise Refused("a message of another round or for another client")

    def _public(self) -> tuple[bytes, bytes]:
        return self._mask_key.public_key().public_bytes_raw(), self._seal_key.public_key().public_bytes_raw()

    def _sealing_key(self, keys: bytes, about: str) -> bytes:
        return agree(self._seal_key, keys[KEY_BYTES:], about)


def add_pair_mask(total: U64, plan: Plan, private: X25519PrivateKey, name: str, other: str, public: bytes) -> None:
    """Add to `total`, in place and mod 2^64, the mask that `name` has against `other`: each takes off what the other adds."""
    mask = expand(agree(private, public, masking(plan, name, other)), plan.length, plan.bits)
    if name > other:
        total += mask
    else:
        total -= mask
