"""A whole round of secure aggregation in one process: every message as the bytes that a network would carry, counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pixelmind.adaptation.federated.messages import Inbox, Message, Refused, Roster, Survivors, decode, encode
from pixelmind.adaptation.federated.plan import Plan
from pixelmind.adaptation.federated.quantization import I64
from pixelmind.adaptation.federated.secagg_client import SecAggClient
from pixelmind.adaptation.federated.secagg_server import STEPS, SecAggServer


@dataclass
class Traffic:
    """Bytes from the clients to the server and back."""

    up: int = 0
    down: int = 0


def secure_sum(
    plan: Plan,
    clients: list[str],
    vector: Callable[[str], I64],
    lost: Mapping[str, int],
    traffic: Traffic,
) -> tuple[I64, list[str]]:
    """The sum int64 [length] and whose vectors are in it.

    Args:
        vector: asked once for each client that comes to send one.
        lost: clients that say nothing from a step on (0 keys, 1 shares, 2 vector, 3 opening).

    Raises:
        Aborted: too few are left, or refuse; no sum is there then.
    """
    server = SecAggServer(plan, clients)
    sides = {name: SecAggClient(name, plan) for name in clients}

    def answer(step: int, name: str, sent: Message | None) -> Message:
        side = sides[name]
        if sent is None:
            return side.advertise()
        data = encode(sent)
        traffic.down += len(data)
        if step == 1:
            return side.share(decode(data, Roster))
        if step == 2:
            return side.mask(decode(data, Inbox), vector(name))
        return side.open(decode(data, Survivors))

    asked: dict[str, Message | None] = dict.fromkeys(clients)
    for step, kind in enumerate(STEPS):
        for name, sent in asked.items():
            if lost.get(name, len(STEPS)) <= step:
                continue
            try:
                data = encode(answer(step, name, sent))
            except Refused:
                continue  # it says no more in this round
            traffic.up += len(data)
            server.receive(decode(data, kind))
        asked = dict(server.close())
    assert server.total is not None
    return server.total, server.members
