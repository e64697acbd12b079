"""Versions and what travels between them; settings as text; what a server makes of a mean update."""

from __future__ import annotations

import dataclasses
import json
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.adaptation.federated.accounting import epsilon
from pixelmind.adaptation.federated.aggregation import ServerOptimizer
from pixelmind.adaptation.federated.messages import Refused, decode, encode
from pixelmind.adaptation.federated.settings import Settings
from pixelmind.adaptation.federated.versions import KEPT, Patch, Versions, apply, version_of
from pixelmind.errors import BadInput


def changes(count: int, length: int = 2000, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 0.01, length) for _ in range(count)]


def synced(versions: Versions, vector: np.ndarray) -> tuple[np.ndarray, list[Patch]]:
    """A machine that has `vector` asks until it is up to date."""
    had = []
    while (patch := versions.since(version_of(vector, "w"))) is not None:
        had.append(decode(encode(patch), Patch))
        vector = apply(had[-1], vector, "w")
    return vector, had


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4), min_size=1, max_size=6), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_any_machine_comes_to_the_same_bits_and_near_the_true_sum(moves: list[list[float]], since: int) -> None:
    versions = Versions(vector=np.zeros(4, np.float32), weights="w")
    behind, bound = versions.vector, 0.0
    for index, move in enumerate(moves):
        if index == since:
            behind = versions.vector
        versions.advance(np.array(move))
        bound += float(np.abs(move).max()) / 32767 + 6e-8 * float(np.abs(versions.vector).max())
    found, _ = synced(versions, behind)
    assert np.array_equal(found, versions.vector)
    assert np.abs(found - np.sum(moves, axis=0)).max() <= bound + 1e-12
    again = Versions.unpack(**versions.pack(), weights="w")  # type: ignore[arg-type]
    assert (again.newest, again.patches) == (versions.newest, versions.patches)


def test_a_change_is_half_of_the_whole_and_who_is_far_behind_gets_the_whole() -> None:
    versions = Versions(vector=np.zeros(2000, np.float32), weights="w")
    first, steps = versions.vector, []
    for move in changes(6):
        steps.append(versions.vector)
        versions.advance(move)
    _, had = synced(versions, steps[-1])
    assert [p.base for p in had] == [version_of(steps[-1], "w")]
    assert len(had[0].data) < 0.55 * len(versions.whole().data)
    _, had = synced(versions, first)
    assert [p.base for p in had] == [""]
    _, had = synced(versions, np.ones(2000, np.float32))  # of another server
    assert [p.base for p in had] == [""]
    before = versions.newest
    versions.advance(np.zeros(2000))
    assert versions.newest == before  # nothing changed, nothing to send
    for move in changes(KEPT + 5):
        versions.advance(move)
    assert len(versions.patches) == KEPT


def test_patches_that_were_changed_or_belong_elsewhere_are_refused() -> None:
    versions = Versions(vector=np.zeros(2000, np.float32), weights="w")
    zero = versions.vector
    versions.advance(changes(1)[0])
    patch = versions.patches[0]
    for wrong in (
        dataclasses.replace(patch, scale=patch.scale * 2),
        dataclasses.replace(patch, scale=1e300),
        dataclasses.replace(patch, data=patch.data[:-9]),
        dataclasses.replace(patch, data=b"no"),
        dataclasses.replace(patch, data=zlib.compress(bytes(10**6))),  # more than it may unpack to
        dataclasses.replace(patch, base="", data=zlib.compress(np.full(2000, np.nan, "<f4").tobytes())),
        dataclasses.replace(patch, base=patch.target),
        dataclasses.replace(patch, target=patch.base),
    ):
        with pytest.raises(Refused):
            apply(wrong, zero, "w")
    with pytest.raises(Refused):
        apply(patch, zero, "other weights")


def test_settings_come_back_and_others_are_refused() -> None:
    made = Settings(federation="f", weights="w", length=9, lr=1e-3, multiplier=2.0)
    assert Settings.from_json(made.to_json()) == made
    value = json.loads(made.to_json())
    for wrong in ({"more": 1}, {"steps": "5"}, {"steps": 10**9}, {"secure": 1}, {"lr": -1.0}, {"clients": 2}):
        with pytest.raises(Refused):
            Settings.from_json(json.dumps({**value, **wrong}))
    with pytest.raises(Refused):
        Settings.from_json("[]")


def test_a_client_works_out_plan_and_noise_itself() -> None:
    agreed = Settings(federation="f", weights="w", length=9, clients=6, multiplier=2.0)
    plan, codec = agreed.plan("r", 8, agreed.clip)
    assert plan.length == codec.length == 9
    assert codec.noise is not None
    assert codec.noise.minimum == plan.minimum == plan.threshold
    assert epsilon(codec.cost(), 1e-5) == pytest.approx(epsilon(agreed.codec(agreed.clip, 3).cost(), 1e-5))
    with pytest.raises(BadInput, match="agreed"):
        agreed.plan("r", 5, agreed.clip)
    with pytest.raises(BadInput, match="agreed"):
        agreed.plan("r", 8, 2 * agreed.clip)


@pytest.mark.parametrize(
    "bad",
    [{"secure": False, "multiplier": 1.0}, {"rule": "median"}, {"patience": 0.0}, {"length": 0}, {"rounds": 0}],
)
def test_settings_that_cannot_be_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Settings(**{"federation": "f", "weights": "w", "length": 9, **bad})  # type: ignore[arg-type]


def test_servers_steps_by_hand() -> None:
    """FedAvg adds; FedAvgM with momentum 1/2 adds 1, then 1.5 times; FedAdam steps 0.5 / (sqrt(0.99 t^2 + 0.01) + t) first, t = 1e-3."""
    one = np.ones(2)
    assert np.allclose(ServerOptimizer(lr=3.0).step(one), 3.0)
    momentum = ServerOptimizer(momentum=0.5)
    assert np.allclose(momentum.step(one), 1.0)
    assert np.allclose(momentum.step(one), 1.5)
    adam = ServerOptimizer(lr=0.1, momentum=0.5, adam=True)
    first = adam.step(one)
    assert np.allclose(first, 0.1 * 0.5 / (np.sqrt(0.99e-6 + 0.01) + 1e-3))
    for _ in range(2000):
        last = adam.step(one)
    assert np.allclose(last, 0.1 / (1 + 1e-3))
    for bad in ({"lr": 0.0}, {"momentum": 1.0}):
        with pytest.raises(BadInput):
            ServerOptimizer(**bad)
