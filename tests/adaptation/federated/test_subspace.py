"""The few directions that a federation learns in: they are the principal ones, what is learned lies in them, files say what they fit."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.adaptation.federated.local import LocalTrainer
from pixelmind.adaptation.federated.simulation import SimulationConfig, simulate
from pixelmind.adaptation.federated.subspace import Basis, fits, principal
from pixelmind.adaptation.tasks import Picture, read_groups
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.training.lora import LoraConfig

CONFIG = SimulationConfig(
    clients=6, rounds=2, steps=3, rows=4, lr=2e-2, rank=2, pictures=(4, 8), secure=True, clip=5.0, baselines=False
)


def trainer(store: Path, bundle: Path, basis: np.ndarray | None = None) -> tuple[LocalTrainer, list[Picture]]:
    cache = TextCache(store / "text")
    made = LocalTrainer(Bundle(bundle), 16, cache.get, LoraConfig(rank=2, alpha=8.0), rows=4, lr=2e-2, basis=basis)
    groups = read_groups(Store.open(store), 16, made.table.network.patch, splits=("test",))
    pictures = [p for g in groups for p in g.pictures]
    cache.ensure(p.caption for p in pictures)
    return made, pictures


def random_basis(size: int, length: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(0).normal(size=(length, size)))[0].T.astype(np.float32)


def test_principal_directions_are_those_of_the_svd() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(9, 3)) * (5.0, 2.0, 1.0) @ rng.normal(size=(3, 40)) + 0.01 * rng.normal(size=(9, 40))
    found = principal(vectors, 3)
    assert np.allclose(found @ found.T, np.eye(3), atol=1e-5)
    right = np.linalg.svd(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), full_matrices=False)[2][:3]
    assert np.allclose(np.abs((found * right).sum(1)), 1, atol=1e-4)
    with pytest.raises(BadInput, match="do not give 10 directions"):
        principal(vectors, 10)
    with pytest.raises(BadInput, match="do not give 2"):
        principal(np.stack([vectors[0], 3 * vectors[0], 0 * vectors[0]]), 2)


def test_what_is_learned_lies_in_the_basis(style_store: Path, style_bundle: Path) -> None:
    whole, pictures = trainer(style_store, style_bundle)
    basis = random_basis(24, whole.length)
    local, _ = trainer(style_store, style_bundle, basis)
    assert (local.length, local.whole) == (24, whole.length)
    coordinates = np.random.default_rng(2).normal(size=24)
    other = whole.params(coordinates @ basis.astype(np.float64))
    assert all(np.allclose(v, other[n], atol=1e-5) for n, v in local.params(coordinates).items())
    zero, views = np.zeros(24), local.views(pictures[:8], 0)
    assert local.measure(zero, views) == whole.measure(np.zeros(whole.length), views)
    after = local.train(zero, pictures[:8], 12, np.random.default_rng(0))
    assert after.shape == (24,)
    assert local.measure(after, views) < local.measure(zero, views)
    with pytest.raises(BadInput, match="of 9 numbers"):
        trainer(style_store, style_bundle, random_basis(3, 9))
    # A step of AdamW is as long in few numbers as in all, as far as signs go.
    one = local.train(zero, pictures[:8], 1, np.random.default_rng(0))
    all_ = whole.train(np.zeros(whole.length), pictures[:8], 1, np.random.default_rng(0))
    assert 0.5 < np.linalg.norm(one) / np.linalg.norm(all_) < 2


def test_a_file_says_what_it_fits(tmp_path: Path) -> None:
    vectors = random_basis(3, 10)
    made = Basis.of(vectors, "level 16 of abc, rank 2, seed 0")
    kept = Basis.load(made.save(tmp_path / "basis.safetensors"))
    assert kept.id == made.id == Basis.of(vectors, "level 16 of abc, rank 2, seed 0").id
    assert np.array_equal(kept.check("level 16 of abc, rank 2, seed 0"), vectors.astype(np.float16).astype(np.float32))
    assert Basis.of(vectors, "another").id != made.id
    with pytest.raises(BadInput, match="the basis is for level 16 of abc, rank 2, seed 0, this adapter is rank 4"):
        kept.check("rank 4")
    with pytest.raises(BadInput, match="cannot read"):
        Basis.load(tmp_path / "none")
    for bad in (b"", b"x" * 100, made.data[:-5], made.data.replace(b"fits", b"fats")):
        with pytest.raises(BadInput, match="no basis"):
            Basis.read(bad)


def test_a_federation_in_a_basis_sends_less_and_has_less_noise(
    style_store: Path, style_bundle: Path, tmp_path: Path, capfd
) -> None:
    where = ["--data", str(style_store), "--weights", str(style_bundle), "--rank", "2"]
    path = tmp_path / "basis.safetensors"
    make = ["adapt", "federated", "basis", *where, "--steps", "2", "--out", str(path)]
    assert cli.run([*make, "--clients", "4", "--size", "5"]) == 2
    assert "1 to 4 directions" in capfd.readouterr().err
    assert cli.run([*make, "--clients", "4", "--size", "3"]) == 0
    assert Basis.load(path).fits == fits(Bundle(style_bundle), 16, 2)
    config = dataclasses.replace(CONFIG, privacy="distributed", epsilon=8.0, rounds=2, every=2)
    told = {
        name: simulate(dataclasses.replace(config, basis=basis), style_store, tmp_path / name, weights=style_bundle)
        for name, basis in (("few", path), ("whole", None))
    }
    few, whole = told["few"], told["whole"]
    assert few["numbers"] == 3
    assert few["sums"]["numbers_that_differ"] == 0
    assert few["privacy"]["epsilon"] <= 8.0
    assert few["traffic"]["up"] < whole["traffic"]["up"]
    ratio = whole["curve"][1]["update_norm"] / few["curve"][1]["update_norm"]
    assert ratio > 0.2 * np.sqrt(whole["numbers"] / 3)  # nearly all of it is noise
    assert ["federated" in p for p in few["curve"]] == [False, False, True]
    assert few["curve"][2]["up"] == 2 * few["curve"][1]["up"] == few["traffic"]["up"]
    assert json.loads((tmp_path / "few/report.json").read_text())["config"]["basis"] == str(path)
    with pytest.raises(BadInput, match="rank 2"):
        simulate(dataclasses.replace(config, rank=1, basis=path), style_store, tmp_path / "o", weights=style_bundle)
