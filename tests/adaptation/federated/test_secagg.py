"""Secure aggregation: 50 clients and a server in one process, everything through bytes, and all that the server saw kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.adaptation.federated import masks, shamir
from pixelmind.adaptation.federated.messages import (
    KINDS,
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
    decode,
    encode,
)
from pixelmind.adaptation.federated.plan import Plan, choose_degree
from pixelmind.adaptation.federated.rounds import Traffic, secure_sum
from pixelmind.adaptation.federated.secagg_client import SecAggClient
from pixelmind.adaptation.federated.secagg_server import SecAggServer
from pixelmind.errors import BadInput

BITS = 24


class Round:
    """Drives a round; clients lost at a step say nothing from it on. `seen` is every byte string the server received."""

    def __init__(self, values: np.ndarray, lost: dict[int, set[str]] | None = None, plan: Plan | None = None) -> None:
        self.names = [f"c{i:03d}" for i in range(len(values))]
        self.values = dict(zip(self.names, values))
        self.plan = plan or Plan.choose(len(values), values.shape[1], BITS)
        self.clients = {n: SecAggClient(n, self.plan) for n in self.names}
        self.server = SecAggServer(self.plan, self.names)
        self.lost = lost or {}
        self.seen: list[tuple[int, str, bytes]] = []
        self.sent = 0

    def here(self, step: int) -> list[str]:
        gone = set().union(*(self.lost.get(s, set()) for s in range(step + 1)))
        return [n for n in self.names if n not in gone]

    def answer(self, step: int, name: str, message: Message | None) -> Message:
        client = self.clients[name]
        if step == 0:
            return client.advertise()
        assert message is not None
        data = encode(message)
        self.sent += len(data)
        if step == 1:
            return client.share(decode(data, Roster))
        if step == 2:
            return client.mask(decode(data, Inbox), self.values[name])
        return client.open(decode(data, Survivors))

    def run(self, until: int = 4) -> np.ndarray | None:
        """Steps 0 to `until` - 1; the sum after all four."""
        inbox: dict[str, Message] = {}
        for step, kind in enumerate((Keys, Shares, Masked, Opened)[:until]):
            for name in self.here(step):
                if step and name not in inbox:
                    continue
                data = encode(self.answer(step, name, inbox.get(name)))
                self.seen.append((step, name, data))
                self.server.receive(decode(data, kind))
            inbox = self.server.close()
        return self.server.total


def vectors(clients: int, length: int = 40, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(-3000, 3000, (clients, length))


@pytest.mark.parametrize("step", [0, 1, 2, 3])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.33])
def test_masks_cancel_exactly_whoever_is_lost_and_when(step: int, share: float) -> None:
    values = vectors(50)
    lost = {f"c{i:03d}" for i in np.random.default_rng(step).permutation(50)[: int(50 * share)]}
    done = Round(values, {step: lost})
    total = done.run()
    counted = [n for n in done.names if step == 3 or n not in lost]
    assert done.server.members == counted
    assert np.array_equal(total, sum(done.values[n] for n in counted))


def test_losses_at_every_step_at_once() -> None:
    done = Round(vectors(50), {0: {"c000", "c001"}, 1: {"c010", "c011"}, 2: {"c020", "c021"}, 3: {"c030", "c031"}})
    total = done.run()
    assert np.array_equal(total, sum(done.values[n] for n in done.here(2)))


@given(st.integers(3, 9), st.integers(1, 5), st.sampled_from([16, 24, 40, 56]), st.data())
@settings(max_examples=25, deadline=None)
def test_any_losses_give_the_exact_sum_or_no_sum(clients: int, length: int, bits: int, data: st.DataObject) -> None:
    limit = 2 ** (bits - 1) // clients - 1
    values = np.array(
        data.draw(
            st.lists(
                st.lists(st.integers(-limit, limit), min_size=length, max_size=length),
                min_size=clients,
                max_size=clients,
            )
        )
    )
    names = [f"c{i:03d}" for i in range(clients)]
    when = data.draw(st.dictionaries(st.sampled_from(names), st.integers(0, 3), max_size=clients))
    lost = {s: {n for n, at in when.items() if at == s} for s in range(4)}
    done = Round(values, lost, Plan.choose(clients, length, bits))
    enough = all(len(done.here(s)) >= max(done.plan.threshold, done.plan.minimum if s < 3 else 0) for s in range(4))
    if enough:
        assert np.array_equal(done.run(), sum(done.values[n] for n in done.here(2)))
    else:
        with pytest.raises((Aborted, Refused)):
            done.run()
        assert done.server.total is None


@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_below_the_threshold_the_round_aborts_and_opens_nothing(step: int) -> None:
    done = Round(vectors(10), {step: {f"c{i:03d}" for i in range(5)}})
    with pytest.raises(Aborted):
        done.run()
    assert done.server.total is None
    with pytest.raises(Refused):
        done.server.receive(SecAggClient("c000", done.plan).advertise())
    with pytest.raises(Aborted, match="over"):
        done.server.close()


def test_a_ring_of_neighbours_sums_exactly_too() -> None:
    values = vectors(80)
    plan = Plan.choose(80, 40, BITS, degree=40)
    done = Round(values, {1: {"c001"}, 2: {"c005", "c040"}, 3: {"c070"}}, plan)
    total = done.run()
    assert np.array_equal(total, sum(done.values[n] for n in done.here(2)))
    rosters = [len(c._roster) for n, c in done.clients.items() if n not in {"c001"}]
    assert set(rosters) == {41}


class Ring(Plan):
    """Neighbours by number, not by chance."""

    def neighbours(self, names):
        half, n = self.degree // 2, 40
        at = {name: int(name[1:]) for name in names}
        return {a: [b for b in names if a != b and (at[a] - at[b] + half) % n <= 2 * half] for a in names}


@pytest.mark.parametrize(("lost", "aborts"), [((10, 11, 12, 14, 15, 16), True), ((10, 11, 12, 14, 15), False)])
def test_a_client_whose_neighbours_are_gone_refuses_and_the_round_ends_cleanly(
    lost: tuple[int, ...], aborts: bool
) -> None:
    """On a ring of 40 with 10 neighbours each, six around client 13 are lost after sending keys: it sees five, itself included."""
    values = vectors(40)
    names = [f"c{i:03d}" for i in range(40)]
    plan = Ring(round="r", length=40, bits=BITS, threshold=6, minimum=20, degree=10)
    gone = {names[i]: 1 for i in lost}
    run = lambda: secure_sum(plan, names, lambda n: values[int(n[1:])], gone, Traffic())  # noqa: E731
    if aborts:
        with pytest.raises(Aborted):
            run()
    else:
        total, members = run()
        assert members == [n for n in names if n not in gone]
        assert np.array_equal(total, sum(values[int(n[1:])] for n in members))


def test_nothing_the_server_sees_is_a_clients_vector() -> None:
    """One vector has all numbers the same; under its mask they look uniform, and differ between two rounds of the same vector."""
    values = np.full((6, 4000), 7)
    rounds = [Round(values), Round(values)]
    looks = []
    for done in rounds:
        assert np.array_equal(done.run(), np.full(4000, 42))
        masked = [masks.unpack(decode(d, Masked).vector, 4000, BITS) for s, _, d in done.seen if s == 2]
        looks += masked
        for vector in masked:
            # Kolmogorov-Smirnov against uniform: chance below 1e-9 that a true mask fails.
            x = np.sort(vector / 2**BITS)
            assert np.abs(x - np.arange(1, 4001) / 4001).max() < 3.3 / np.sqrt(4000)
        plain = masks.pack(masks.to_ring(values[0], BITS), BITS)
        assert all(plain[:60] not in data for _, _, data in done.seen)
    assert np.abs(np.corrcoef(np.array(looks, float)) - np.eye(12)).max() < 0.11  # 7 standard errors


def test_the_server_never_holds_both_secrets_of_a_client_nor_one_of_those_who_would_open_it() -> None:
    done = Round(vectors(10), {2: {"c003"}})
    done.run()
    opened = [decode(d, Opened) for s, _, d in done.seen if s == 3]
    seeds, keys = {n for o in opened for n in o.seeds}, {n for o in opened for n in o.keys}
    assert keys == {"c003"}
    assert not seeds & keys
    assert len(seeds) == 9
    secrets = [c._seed for c in done.clients.values()]
    secrets += [k.private_bytes_raw() for c in done.clients.values() for k in (c._mask_key, c._seal_key)]
    assert all(secret not in data for _, _, data in done.seen for secret in secrets)


def test_clients_refuse_what_would_open_a_vector() -> None:
    done = Round(vectors(10))
    done.run(until=3)
    names = done.names
    ask = lambda alive, lost: Survivors(round=done.plan.round, peer="c000", alive=alive, lost=lost)  # noqa: E731
    client = done.clients["c000"]
    for alive, lost in (
        (names, ["c001"]),  # both secrets of c001
        ([*names, "c001"], []),  # one twice
        (names[1:], ["c000"]),  # itself lost
        (names[:-1], []),  # somebody left out
        (names[:3], names[3:]),  # too few alive
    ):
        with pytest.raises(Refused):
            client.open(ask(alive, lost))
    client.open(ask(names, []))
    with pytest.raises(Refused):  # the other story, afterwards
        client.open(ask(names[:-1], names[-1:]))


def test_the_steps_of_a_client_come_once_and_in_order() -> None:
    done = Round(vectors(5))
    client = done.clients["c000"]
    with pytest.raises(Refused):
        client.share(Roster(round=done.plan.round, peer="c000", keys={}))
    done.run(until=2)
    with pytest.raises(Refused):
        client.advertise()
    inbox = done.server._inboxes()["c000"]
    with pytest.raises(ValueError, match="int64"):
        client.mask(inbox, np.zeros(40))
    with pytest.raises(Refused):
        client.mask(dataclasses.replace(inbox, round="other"), done.values["c000"])
    with pytest.raises(Refused):
        client.mask(dataclasses.replace(inbox, peer="c001"), done.values["c000"])
    client.mask(inbox, done.values["c000"])
    with pytest.raises(Refused):  # the same masks over another vector would tell the difference
        client.mask(inbox, done.values["c000"] + 1)


@pytest.mark.parametrize("change", ["own", "small order", "repeat", "few", "many", "short"])
def test_clients_refuse_a_wrong_roster(change: str) -> None:
    done = Round(vectors(5))
    done.run(until=1)
    roster = done.server._rosters()["c000"]
    keys = dict(roster.keys)
    if change == "own":
        keys["c000"] = keys["c001"][::-1]
    elif change == "small order":
        keys["c001"] = keys["c001"][:32] + bytes(32)
    elif change == "repeat":
        keys["c001"] = keys["c002"]
    elif change == "few":
        keys = {n: keys[n] for n in ("c000", "c001")}
    elif change == "many":
        keys |= {"c900": bytes(range(64)), "c901": bytes(range(100, 164))}
    else:
        keys["c001"] = keys["c001"][:40]
    with pytest.raises(Refused):
        done.clients["c000"].share(dataclasses.replace(roster, keys=keys))
    done.clients["c000"].share(roster)  # nothing was lost by the wrong one


def test_sealed_shares_that_were_changed_or_swapped_are_refused() -> None:
    done = Round(vectors(5))
    done.run(until=2)
    inbox = done.server._inboxes()["c000"]
    one, two = inbox.sealed["c001"], inbox.sealed["c002"]
    flipped = one[:20] + bytes([one[20] ^ 1]) + one[21:]
    for sealed in ({"c001": flipped}, {"c001": two, "c002": one}, {"c001": b""}, {"c000": one}, {"stranger": one}):
        with pytest.raises(Refused):
            done.clients["c000"].mask(
                dataclasses.replace(inbox, sealed={**inbox.sealed, **sealed}), done.values["c000"]
            )
    done.clients["c000"].mask(inbox, done.values["c000"])


def test_the_server_refuses_replays_strangers_and_other_rounds() -> None:
    done = Round(vectors(5))
    keys = done.clients["c000"].advertise()
    done.server.receive(keys)
    other = Round(vectors(5)).clients["c001"].advertise()
    for message in (
        keys,  # again
        dataclasses.replace(keys, peer="c001"),  # somebody else with the same keys
        dataclasses.replace(other, peer="stranger", round=done.plan.round),
        other,  # of another round
        dataclasses.replace(other, round=done.plan.round, mask_key=b"short"),
        Masked(round=done.plan.round, peer="c001", vector=bytes(120)),  # of another step
    ):
        with pytest.raises(Refused):
            done.server.receive(message)
    for name in done.names[1:]:
        done.server.receive(done.clients[name].advertise())
    assert len(done.server.close()) == 5


def test_a_vector_of_another_length_is_refused_and_the_round_goes_on() -> None:
    done = Round(vectors(5))
    done.run(until=2)
    boxes = done.server._inboxes()
    made = {n: done.clients[n].mask(boxes[n], done.values[n]) for n in done.names}
    with pytest.raises(Refused):
        done.server.receive(dataclasses.replace(made["c000"], vector=made["c000"].vector[:-3]))
    for message in made.values():
        done.server.receive(message)
    asked = done.server.close()
    for name in done.names:
        survivors = asked[name]
        assert isinstance(survivors, Survivors)
        done.server.receive(done.clients[name].open(survivors))
    done.server.close()
    assert np.array_equal(done.server.total, sum(done.values.values()))


def test_forged_shares_abort_the_round() -> None:
    for forge in ("all", "one"):
        done = Round(vectors(6))
        done.run(until=3)
        asked = {n: s for n, s in done.server._survivors().items()}
        for name in done.names:
            opened = done.clients[name].open(asked[name])
            if forge == "all" or name == "c000":
                opened = dataclasses.replace(opened, seeds={n: s[:-1] + b"\0" for n, s in opened.seeds.items()})
            done.server.receive(opened)
        with pytest.raises(Aborted):
            done.server.close()
        assert done.server.total is None


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_bytes_that_are_no_message_are_refused(data: bytes) -> None:
    for kind in KINDS.values():
        with pytest.raises(Refused):
            decode(data, kind)


def test_messages_come_back_and_wrong_types_do_not() -> None:
    import msgpack

    message = Survivors(round="r", peer="c", alive=["a"], lost=[])
    assert decode(encode(message), Survivors) == message
    with pytest.raises(Refused):
        decode(encode(message), Opened)
    good = {"kind": "survivors", "round": "r", "peer": "c", "alive": ["a"], "lost": []}
    for wrong in ({"alive": [1]}, {"alive": "a"}, {"peer": b"c"}, {"more": 1}, {"kind": "x"}):
        with pytest.raises(Refused):
            decode(msgpack.packb({**good, **wrong}), Survivors)
    with pytest.raises(Refused):
        decode(msgpack.packb({"kind": "opened", "round": "r", "peer": "c", "seeds": {"a": "s"}, "keys": {}}), Opened)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 7), st.data())
@settings(max_examples=60, deadline=None)
def test_any_threshold_of_shares_gives_the_secret(secret: bytes, threshold: int, data: st.DataObject) -> None:
    points = data.draw(st.lists(st.integers(1, 65535), min_size=threshold, max_size=9, unique=True))
    shares = shamir.split(secret, threshold, points)
    some = data.draw(st.permutations(points))[: data.draw(st.integers(threshold, len(points)))]
    assert shamir.combine({x: shares[x] for x in some}, threshold) == secret
    with pytest.raises(Refused):
        shamir.combine({x: shares[x] for x in some[: threshold - 1]}, threshold)


def test_shamir_by_hand_and_what_too_few_shares_say() -> None:
    # f(x) = 5 + 2 x + x^2 at 1, 2, 3 is 8, 13, 20.
    shares = {x: v.to_bytes(33, "big") for x, v in ((1, 8), (2, 13), (3, 20))}
    assert int.from_bytes(shamir.combine(shares, 3), "big") == 5
    # Two shares of a threshold of three fit every secret: for each there is a third share that gives it.
    secret = bytes(range(32))
    two = dict(list(shamir.split(secret, 3, [1, 2, 3]).items())[:2])
    for wanted in (0, 1, 2**256 - 1):
        # f(0) by Lagrange at 1, 2, 3 is 3 f(1) - 3 f(2) + f(3).
        f1, f2 = (int.from_bytes(s, "big") for s in two.values())
        third = (wanted - 3 * f1 + 3 * f2) % shamir.PRIME
        assert shamir.combine({**two, 3: third.to_bytes(33, "big")}, 3) == wanted.to_bytes(32, "big")


def test_shamirs_prime_is_one() -> None:
    p = shamir.PRIME
    d, s = p - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for a in range(2, 42):  # Miller and Rabin
        x = pow(a, d, p)
        if x not in (1, p - 1) and all((x := x * x % p) != p - 1 for _ in range(s - 1)):
            pytest.fail(f"{a} is a witness")


def test_keys_and_stream_are_those_of_the_standards() -> None:
    """RFC 7748, section 6.1 (X25519) and RFC 8439, A.1, test vector 1 (ChaCha20 block 0 of a zero key)."""
    alice, bob = (X25519PrivateKey.from_private_bytes(bytes.fromhex(k)) for k in (_ALICE, _BOB))
    a, b = alice.public_key().public_bytes_raw(), bob.public_key().public_bytes_raw()
    assert (a.hex(), b.hex()) == (_ALICE_PUBLIC, _BOB_PUBLIC)
    assert masks.agree(alice, b, "x") == masks.agree(bob, a, "x") != masks.agree(alice, b, "y")
    assert masks.pack(masks.expand(bytes(32), 8, 32), 32).hex() == _CHACHA_ZERO


_ALICE = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
_BOB = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
_ALICE_PUBLIC = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
_BOB_PUBLIC = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
_CHACHA_ZERO = "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"


@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=20))
def test_packing_and_the_ring_come_back(values: list[int]) -> None:
    vector = np.array(values, np.int64)
    packed = masks.pack(masks.to_ring(vector, 24), 24)
    assert len(packed) == 3 * len(values)
    assert np.array_equal(masks.from_ring(masks.unpack(packed, len(values), 24), 24), vector)


@pytest.mark.parametrize("clients", [3, 4, 5, 10, 50, 65, 200])
def test_plans_hold_a_majority_and_neighbours_are_mutual(clients: int) -> None:
    plan = Plan.choose(clients, 4, BITS)
    names = [str(i) for i in range(clients)]
    around = plan.neighbours(names)
    assert all(a in around[b] for a in names for b in around[a])
    assert all(a not in around[a] for a in names)
    size = len(around["0"]) + 1
    assert size / 2 < plan.threshold <= size
    assert plan.minimum >= min(clients * 0.66 - 1, 2)


def test_the_degree_survives_random_losses() -> None:
    """The bound at a tail that can be seen: with a failure chance of 5 % allowed, fewer than 5 % of random losses break a majority."""
    degree = choose_degree(120, 0.25, failure=0.05)
    assert 8 <= degree < 118
    rng = np.random.default_rng(0)
    half, need, broken = degree // 2, (degree + 1) // 2 + 1, 0
    for _ in range(400):
        alive = np.ones(120)
        alive[rng.permutation(120)[:30]] = 0
        around = sum(np.roll(alive, k) for k in range(-half, half + 1))
        broken += bool((around < need).any())
    assert broken / 400 < 0.05


@pytest.mark.parametrize(
    "make",
    [
        lambda: Plan.choose(2, 4, 24),
        lambda: Plan.choose(9, 4, 24, dropouts=0.5),
        lambda: Plan.choose(9, 4, 20),
        lambda: Plan(round="r", length=4, bits=24, threshold=4, minimum=4, degree=8),
        lambda: Plan(round="r", length=4, bits=24, threshold=10, minimum=4, degree=8),
    ],
)
def test_plans_that_cannot_be_are_refused(make: Callable[[], Plan]) -> None:
    with pytest.raises(BadInput):
        make()


def test_traffic_is_at_most_twice_the_plain() -> None:
    """20 clients, 60,000 numbers, a tenth lost: all bytes up and down against float32 updates, which nobody lost there."""
    values = vectors(20, 60_000)
    done = Round(values, {2: {f"c{i:03d}" for i in range(2)}})
    done.run()
    up = sum(len(data) for _, _, data in done.seen)
    plain = 18 * 4 * 60_000
    assert np.array_equal(done.server.total, sum(done.values[n] for n in done.here(2)))
    assert 0.75 < (up + done.sent) / plain < 1.0
