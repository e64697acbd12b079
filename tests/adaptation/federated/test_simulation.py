"""A federation of tiny simulated clients: it learns, its sums are exact, its budget holds, and the command tells so."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.adaptation import adapters
from pixelmind.adaptation.federated.accounting import least_noise
from pixelmind.adaptation.federated.clients import partition
from pixelmind.adaptation.federated.local import LocalTrainer
from pixelmind.adaptation.federated.simulation import Simulation, SimulationConfig, simulate
from pixelmind.adaptation.tasks import Group, Picture, read_groups
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.training.lora import LoraConfig

TINY = SimulationConfig(
    clients=6, rounds=2, steps=3, rows=4, lr=2e-2, rank=2, pictures=(4, 8), secure=True, clip=5.0, baselines=False
)


def trainer(store: Path, bundle: Path, **changes: float) -> tuple[LocalTrainer, list[Picture]]:
    cache = TextCache(store / "text")
    made = LocalTrainer(Bundle(bundle), 16, cache.get, LoraConfig(rank=2, alpha=8.0), rows=4, lr=2e-2, **changes)
    groups = read_groups(Store.open(store), 16, made.table.network.patch, splits=("test",))
    pictures = [p for g in groups for p in g.pictures]
    cache.ensure(p.caption for p in pictures)
    return made, pictures


def groups(styles: int = 3, each: int = 30) -> list[Group]:
    def picture(style: int, index: int) -> Picture:
        return Picture(rgba=np.full((4, 4, 4), (style, index, 0, 255), np.uint8), caption=str(style))

    return [Group(style=f"s{s}", kind="", pictures=tuple(picture(s, i) for i in range(each))) for s in range(styles)]


def test_every_picture_has_one_owner_and_styles_are_not_alike() -> None:
    dealt = partition(groups(), 9, alpha=0.05, pictures=(4, 10), seed=3)
    seen = [tuple(p.rgba[0, 0]) for c in dealt for p in (*c.train, *c.test)]
    assert len(seen) == len(set(seen))
    assert all(4 <= len(c.train) + len(c.test) <= 10 for c in dealt)
    assert all(c.test for c in dealt)
    share = np.mean([np.mean([f"s{p.caption}" == c.style for p in (*c.train, *c.test)]) for c in dealt])
    mixed = partition(groups(), 9, alpha=100.0, pictures=(4, 10), seed=3)
    even = np.mean([np.mean([f"s{p.caption}" == c.style for p in (*c.train, *c.test)]) for c in mixed])
    assert share > 0.85 > 0.7 > even
    again = partition(groups(), 9, alpha=0.05, pictures=(4, 10), seed=3)
    assert [tuple(p.rgba[0, 0]) for c in again for p in (*c.train, *c.test)] == seen


def test_clients_that_overlap_learn_from_nothing_they_are_measured_on() -> None:
    dealt = partition(groups(), 60, alpha=0.05, pictures=(4, 10), seed=3, overlap=True)
    assert all(4 <= len(c.train) + len(c.test) <= 10 and c.test for c in dealt)
    seen = [[tuple(p.rgba[0, 0]) for p in (*c.train, *c.test)] for c in dealt]
    assert all(len(one) == len(set(one)) for one in seen)
    assert len({p for one in seen for p in one}) < sum(map(len, seen))
    learned, measured = (
        {tuple(p.rgba[0, 0]) for c in dealt for p in part(c)} for part in (lambda c: c.train, lambda c: c.test)
    )
    assert not learned & measured
    share = np.mean([np.mean([f"s{p.caption}" == c.style for p in c.train]) for c in dealt])
    assert share > 0.8


def test_too_few_pictures_or_styles_are_refused() -> None:
    with pytest.raises(BadInput, match="the store has 90"):
        partition(groups(), 50, alpha=0.1, pictures=(4, 10), seed=0)
    with pytest.raises(BadInput, match="two"):
        partition(groups(styles=1), 3, alpha=0.1, pictures=(4, 5), seed=0)


def test_vectors_and_adapters_are_one_and_zeros_change_nothing(style_store: Path, style_bundle: Path) -> None:
    local, pictures = trainer(style_store, style_bundle)
    flat = np.random.default_rng(0).normal(size=local.length).astype(np.float32).astype(np.float64)
    params = local.params(flat)
    assert np.array_equal(np.concatenate([params[n].numpy().ravel() for n in local.shapes]), flat)
    assert {n: tuple(v.shape) for n, v in params.items()} == local.lora.shapes()
    zeros = local.lora.deltas(local.params(np.zeros(local.length)))
    assert all(float(v.abs().max()) == 0 for v in zeros.values())
    # A is shared: the change of the mean is the mean of the changes.
    one, two = (local.lora.deltas(local.params(flat * k)) for k in (1, 3))
    both = local.lora.deltas(local.params(flat * 2))
    assert all(np.allclose((one[n] + two[n]) / 2, both[n], atol=1e-4) for n in one)
    assert local.measure(flat * 0.1, local.views(pictures, 0)) == local.measure(flat * 0.1, local.views(pictures, 0))


def test_local_steps_learn_and_prox_holds_them_near(style_store: Path, style_bundle: Path) -> None:
    local, pictures = trainer(style_store, style_bundle)
    start, views = np.zeros(local.length), local.views(pictures[:8], 0)
    after = local.train(start, pictures[:8], 12, np.random.default_rng(0))
    assert local.measure(after, views) < local.measure(start, views)
    near, _ = trainer(style_store, style_bundle, prox=100.0)
    held = near.train(start, pictures[:8], 12, np.random.default_rng(0))
    assert np.linalg.norm(held) < 0.5 * np.linalg.norm(after)
    with pytest.raises(BadInput, match="without sprites"):
        local.train(start, [], 1, np.random.default_rng(0))


def test_a_secure_federation_learns_with_exact_sums(style_store: Path, style_bundle: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, steps=5, baselines=True, dropouts=0.2)
    found = simulate(config, style_store, tmp_path / "out", weights=style_bundle)
    assert found == json.loads((tmp_path / "out/report.json").read_text())
    assert found["simulated"] is True
    assert found["finished"] is True
    assert found["sums"] == {"secure": True, "numbers_that_differ": 0}
    loss = found["quality"]["loss"]
    assert loss["federated"] < loss["base"]
    assert loss["central"] < loss["base"]
    assert [p["round"] for p in found["curve"]] == [0, 1, 2]
    assert found["quality"]["share_of_central_gain"] == pytest.approx(
        (loss["base"] - loss["federated"]) / (loss["base"] - loss["central"])
    )
    assert 5 <= found["curve"][1]["clients"] <= 6
    shared = adapters.load(tmp_path / "out", "shared")
    shared.check(Bundle(style_bundle))
    assert any(float(v.abs().max()) > 0 for n, v in shared.levels[16].items() if n.endswith(".b"))
    with pytest.raises(BadInput, match="report already"):
        simulate(config, style_store, tmp_path / "out", weights=style_bundle)


def test_secure_and_plain_federations_agree(style_store: Path, style_bundle: Path) -> None:
    """The same rounds with and without masks: the shared adapters differ by the rounding only."""
    store, bundle = Store.open(style_store), Bundle(style_bundle)
    runs = []
    for secure in (True, False):
        run = Simulation(dataclasses.replace(TINY, secure=secure), store, bundle, style_store)
        run.run_round(0)
        runs.append(run)
    step = TINY.clip / 2**16
    weights = [len(c.train) for c in runs[0].clients.values()]
    off = step * len(weights) * TINY.pictures[1] / sum(weights)
    assert np.abs(runs[0].shared - runs[1].shared).max() <= off
    assert np.linalg.norm(runs[1].shared) > 100 * off
    assert runs[0].clipped == 0


def test_noise_is_paid_for_and_the_budget_is_not_passed(style_store: Path, style_bundle: Path, tmp_path: Path) -> None:
    for privacy in ("distributed", "central"):
        config = dataclasses.replace(TINY, privacy=privacy, epsilon=3.0)
        found = simulate(config, style_store, tmp_path / privacy, weights=style_bundle)
        told = found["privacy"]
        assert 2.9 < told["epsilon"] <= 3.0
        assert len(told["epsilon_per_round"]) == 2
        assert told["epsilon"] > max(told["epsilon_per_round"])
        assert (told["delta"], told["clients"], told["sampling_rate"]) == (1e-5, 6, 1.0)
        # The mean of six clients moved by noise of about multiplier x clip / clients a number, or more where fewer were planned for.
        moved = found["curve"][1]["update_norm"]
        assert moved > 0.9 * told["noise_multiplier"] * TINY.clip / 6 * np.sqrt(found["numbers"])


def test_the_budget_stops_the_rounds(style_store: Path, style_bundle: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, rounds=9, privacy="distributed", epsilon=5.0, noise_multiplier=2.0, every=9)
    heard: list[str] = []
    found = simulate(config, style_store, tmp_path / "out", weights=style_bundle, tell=heard.append)
    done = len(found["curve"]) - 1
    assert 1 <= done < 9
    assert found["privacy"]["epsilon"] <= 5.0
    assert found["finished"] is False
    assert "budget is spent" in found["stopped"]
    assert heard[-1] == found["stopped"]
    assert found["quality"]["loss"]["federated"] == found["curve"][-1]["federated"] != found["quality"]["loss"]["base"]


def test_clients_who_take_turns_pay_for_their_own_rounds(style_store: Path, style_bundle: Path) -> None:
    config = dataclasses.replace(TINY, rounds=4, per_round=3, privacy="distributed", noise_multiplier=4.0)
    run = Simulation(config, Store.open(style_store), Bundle(style_bundle), style_store)
    for index in range(4):
        run.run_round(index)
    assert set(run.took_part.values()) == {2} == {config.turns}
    assert run.account is not None
    assert len(run.account.rounds) == 2
    assert least_noise(run._cost, 2, run.account.budget) < least_noise(run._cost, 4, run.account.budget)


def test_the_clip_norm_adapts_under_masks(style_store: Path, style_bundle: Path) -> None:
    config = dataclasses.replace(TINY, adaptive_clip=True, clip=1e3)
    run = Simulation(config, Store.open(style_store), Bundle(style_bundle), style_store)
    run.run_round(0)
    assert run.clip is not None
    assert run.clip.norm == pytest.approx(1e3 * np.exp(-0.2 * 0.5))  # nobody was above it


@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_too_many_losses_abort_a_round_for_nothing_and_the_next_goes_on(
    style_store: Path, style_bundle: Path, step: int
) -> None:
    config = dataclasses.replace(TINY, privacy="distributed", steps=1)
    run = Simulation(config, Store.open(style_store), Bundle(style_bundle), style_store)
    run.lost = lambda names, index: dict.fromkeys(names[:3], step) if index == 0 else {}  # type: ignore[method-assign]
    point = run.run_round(0)
    assert point["clients"] == 0
    assert "needed" in point["aborted"]
    assert not run.shared.any()
    assert run.account is not None
    assert run.account.epsilon == 0
    assert set(run.took_part.values()) == {0}
    assert run.run_round(1)["clients"] == 6
    assert run.account.epsilon > 0


@pytest.mark.parametrize(
    "bad",
    [
        {"clients": 2},
        {"per_round": 99},
        {"dropouts": 0.5},
        {"secure": False, "privacy": "distributed"},
        {"rule": "median"},
        {"privacy": "central", "adaptive_clip": True},
        {"secure": False, "adaptive_clip": True},
        {"noise_multiplier": 0.0},
        {"pictures": (3, 8)},
        {"lr": 0.0},
        {"every": 0},
    ],
)
def test_settings_that_cannot_be_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        dataclasses.replace(TINY, **bad)


def test_the_command(style_store: Path, style_bundle: Path, tmp_path: Path, capfd) -> None:
    small = ["--clients", "5", "--rounds", "1", "--steps", "1", "--rows", "2", "--rank", "2", "--pictures", "4", "6"]
    where = ["--data", str(style_store), "--weights", str(style_bundle), "--out", str(tmp_path / "out")]
    call = ["adapt", "federated", "simulate", *small, *where]
    assert cli.run([*call, "--dp"]) == 2
    assert "--secure" in capfd.readouterr().err
    assert cli.run([*call, "--rule", "best"]) == 2
    assert cli.run([*call, "--secure", "--dp", "--central-dp"]) == 2
    assert not (tmp_path / "out").exists()
    capfd.readouterr()
    assert cli.run([*call, "--secure", "--dp", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["privacy"]["mechanism"] == "distributed"
    assert found["sums"]["numbers_that_differ"] == 0
    assert cli.run(call) == 2  # a report is there
