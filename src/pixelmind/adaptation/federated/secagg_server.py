"""The server's side of secure aggregation, one object a round (Bonawitz et al. 2017, fig. 4; Bell et al. 2020).

It takes the clients' messages of a step (`receive`), closes the step (`close`) with what each client is sent next, and after four steps
has the sum and nothing else: vectors reach it under masks, shares sealed for others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from numpy.typing import NDArray

from pixelmind.adaptation.federated import shamir
from pixelmind.adaptation.federated.masks import KEY_BYTES, U64, expand, from_ring, to_ring, unpack
from pixelmind.adaptation.federated.messages import (
    Aborted,
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
from pixelmind.adaptation.federated.secagg_client import add_pair_mask

STEPS: tuple[type[Message], ...] = (Keys, Shares, Masked, Opened)


class SecAggServer:
    """One round. `step` counts the steps closed; `total` is there after the fourth."""

    def __init__(self, plan: Plan, clients: Sequence[str]) -> None:
        self.plan = plan
        self.step = 0
        self.total: NDArray[np.int64] | None = None
        """int64 [length], the sum over `members`."""
        self._open = set(clients)
        """Who may still speak in this step."""
        self._keys: dict[str, Keys] = {}
        self._neighbours: dict[str, list[str]] = {}
        self._shares: dict[str, Shares] = {}
        self._sum: U64 = np.zeros(plan.length, np.uint64)
        self._masked: set[str] = set()
        self._opened: dict[str, Opened] = {}

    @property
    def members(self) -> list[str]:
        """The clients whose vectors are in the sum."""
        return sorted(self._masked)

    @property
    def waiting(self) -> set[str]:
        """The clients that this step still waits for."""
        return set(self._open)

    def leave(self, name: str) -> None:
        """Wait no longer for a client in this step."""
        self._open.discard(name)

    def receive(self, message: Message) -> None:
        """Take a client's message of this step.

        Raises:
            Refused: of another round or step, of a client that is not expected to speak (again), or malformed.
        """
        if self.step == len(STEPS) or type(message) is not STEPS[self.step] or message.round != self.plan.round:
            raise Refused("a message of another round or step")
        if message.peer not in self._open:
            raise Refused(f"{message.peer!r} is not expected to speak, or has spoken")
        (self._on_keys, self._on_shares, self._on_masked, self._on_opened)[self.step](message)
        self._open.discard(message.peer)

    def close(self) -> dict[str, Message]:
        """End the step with whoever has spoken: what each client is sent next; nothing after the last.

        Raises:
            Aborted: too few are left for a sum. The round is over.
        """
        step, self.step, self._open = self.step, self.step + 1, set()
        sent: Mapping[str, Message]
        try:
            if step == 0:
                sent = self._rosters()
            elif step == 1:
                sent = self._inboxes()
            elif step == 2:
                sent = self._survivors()
            elif step == 3:
                self._unmask()
                sent = {}
            else:
                raise Aborted("the round is over")
        except Aborted:
            self.step = len(STEPS)
            raise
        self._open = set(sent)
        return dict(sent)

    def _on_keys(self, message: Message) -> None:
        keys = cast(Keys, message)
        known = {key for k in self._keys.values() for key in (k.mask_key, k.seal_key)}
        if len(keys.mask_key) != KEY_BYTES or len(keys.seal_key) != KEY_BYTES:
            raise Refused("malformed public key")
        if keys.mask_key == keys.seal_key or {keys.mask_key, keys.seal_key} & known:
            raise Refused("a key that is in use already")
        self._keys[message.peer] = keys

    def _on_shares(self, message: Message) -> None:
        shares = cast(Shares, message)
        if shares.sealed.keys() != set(self._neighbours[message.peer]) or len(shares.commitment) != 32:
            raise Refused("shares are not for the client's neighbours")
        self._shares[message.peer] = shares

    def _on_masked(self, message: Message) -> None:
        self._sum += unpack(cast(Masked, message).vector, self.plan.length, self.plan.bits)
        self._masked.add(message.peer)

    def _on_opened(self, message: Message) -> None:
        opened = cast(Opened, message)
        alive, lost = self._fates(message.peer)
        if opened.seeds.keys() != set(alive) or opened.keys.keys() != set(lost):
            raise Refused("shares that were not asked for, or not all that were")
        self._opened[message.peer] = opened

    def _rosters(self) -> dict[str, Roster]:
        self._enough(len(self._keys), "sent keys")
        self._neighbours = self.plan.neighbours(sorted(self._keys))
        both = {name: keys.mask_key + keys.seal_key + keys.proof for name, keys in self._keys.items()}
        return {
            name: Roster(round=self.plan.round, peer=name, keys={n: both[n] for n in sorted([*among, name])})
            for name, among in self._neighbours.items()
        }

    def _inboxes(self) -> dict[str, Inbox]:
        self._enough(len(self._shares), "sent shares")
        boxes = {}
        for name in sorted(self._shares):
            sealed = {n: self._shares[n].sealed[name] for n in self._neighbours[name] if n in self._shares}
            boxes[name] = Inbox(round=self.plan.round, peer=name, sealed=sealed)
        return boxes

    def _survivors(self) -> dict[str, Survivors]:
        self._enough(len(self._masked), "sent a vector")
        sent = {}
        for name in sorted(self._masked):
            alive, lost = self._fates(name)
            sent[name] = Survivors(round=self.plan.round, peer=name, alive=alive, lost=lost)
        return sent

    def _fates(self, name: str) -> tuple[list[str], list[str]]:
        around = sorted(n for n in [*self._neighbours[name], name] if n in self._shares)
        return [n for n in around if n in self._masked], [n for n in around if n not in self._masked]

    def _unmask(self) -> None:
        plan, total = self.plan, self._sum.copy()
        for name in sorted(self._shares):
            lost = name not in self._masked
            around = sorted([*self._neighbours[name], name])
            shares = {
                x: (opened.keys if lost else opened.seeds)[name]
                for x, n in enumerate(around, 1)
                if (opened := self._opened.get(n)) is not None
            }
            if lost and not any(n in self._masked for n in self._neighbours[name]):
                continue  # nobody masked against it
            try:
                secret = shamir.combine(shares, plan.threshold)
            except Refused as error:
                raise Aborted(f"the secret of {name!r} does not open: {error}") from error
            if lost:
                private = X25519PrivateKey.from_private_bytes(secret)
                if private.public_key().public_bytes_raw() != self._keys[name].mask_key:
                    raise Aborted(f"the shares of {name!r} do not open its mask key")
                for other in self._neighbours[name]:
                    if other in self._masked:
                        public = self._keys[other].mask_key
                        add_pair_mask(total, plan, private, name, other, public)
            else:
                if hashlib.sha256(secret).digest() != self._shares[name].commitment:
                    raise Aborted(f"the shares of {name!r} do not open its seed")
                total -= expand(secret, plan.length, plan.bits)
        self.total = from_ring(to_ring(total.view(np.int64), plan.bits), plan.bits)

    def _enough(self, count: int, did: str) -> None:
        need = max(self.plan.minimum, self.plan.threshold)
        if count < need:
            raise Aborted(f"{count} clients {did}, {need} are needed; nothing was opened")
