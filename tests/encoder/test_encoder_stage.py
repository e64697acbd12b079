"""End to end on a tiny drawn store: it learns, reports, resumes and saves."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from pixelmind.data.store import Store
from pixelmind.encoder import stage
from pixelmind.encoder.augment import AugmentConfig
from pixelmind.encoder.config import EncoderConfig, NetworkConfig
from pixelmind.encoder.image_tower import ImageTowerConfig
from pixelmind.encoder.model import load_encoder
from pixelmind.encoder.task import EncoderTask
from pixelmind.errors import BadInput
from pixelmind.pixels.png import encode_png
from pixelmind.records import Sample, Sprite
from pixelmind.training.config import LoopConfig, build, load_preset

NETWORK = NetworkConfig(
    embed_dim=32,
    text_heads=2,
    text_hidden=64,
    image=ImageTowerConfig(conv_width=24, conv_blocks=1, width=48, depth=1, heads=4, dropout=0.0),
)


def config(steps: int) -> EncoderConfig:
    loop = LoopConfig(
        steps=steps, batch_size=32, lr=3e-3, warmup_steps=10, threads=1, log_every=20, ema_halflife_samples=(200.0,)
    )
    return EncoderConfig(network=NETWORK, loop=loop, augment=AugmentConfig(hue_variants=1))


@pytest.fixture(scope="module")
def store_dir(shapes, tmp_path_factory):
    """The drawn shapes; every third picture is held out for the test split."""
    folder = tmp_path_factory.mktemp("store")
    store = Store.create(folder)
    samples = [
        Sample(
            png=encode_png(Sprite.from_rgba(rgba)),
            height=rgba.shape[0],
            width=rgba.shape[1],
            captions=(caption,),
            source="drawn",
            licence="CC0-1.0",
            credit="drawn by the test",
            tags={"kind": "item"},
            split="test" if i % 3 == 0 else "train",
        )
        for i, (rgba, caption) in enumerate(shapes)
    ]
    store.append(samples)
    return folder


@pytest.fixture(scope="module")
def run_dir(store_dir, tmp_path_factory):
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("run")
    return out, stage.run(config(100), store_dir, out)


def test_it_learns_to_tell_shapes_and_colours(run_dir):
    _, result = run_dir
    figures = {f.metric: f for f in result.figures}
    assert figures["text_to_image_r@1"].value > 0.7
    assert figures["image_to_text_r@1"].value > 0.7
    assert figures["colour_counterfactual"].value > 0.8
    assert figures["text_to_image_r@1"].n >= 25
    assert result.finished
    assert not result.interrupted
    assert result.samples == 3200


def test_the_saved_encoder_ranks(run_dir, shapes, tower):
    out, _ = run_dir
    encoder = load_encoder(out)
    picture, caption = shapes[0]
    assert caption == "a red box"
    prompts = ["a red box", "a blue box", "a green cross", "a yellow ring"]
    assert encoder.score([picture], prompts, tower)[0].argmax() == 0


def test_report_and_card_on_disk(run_dir):
    out, result = run_dir
    report = json.loads((out / "report.json").read_text())
    assert report["split"] == "test"
    assert {r["metric"] for r in report["results"]} == {f.metric for f in result.figures}
    assert json.loads((out / "manifest.json").read_text())["parts"]["encoder"]["steps"] == 100


def test_the_same_command_again_changes_nothing(run_dir, store_dir):
    out, _ = run_dir
    before = (out / "encoder.safetensors").read_bytes()
    stage.run(config(100), store_dir, out)
    assert (out / "encoder.safetensors").read_bytes() == before


def test_batches_are_a_pure_function_of_the_step(store_dir):
    first, second = (EncoderTask(config(1), Store.open(store_dir)) for _ in range(2))
    a, b, other = first.batch(5), second.batch(5), first.batch(6)
    assert torch.equal(a["tokens"], b["tokens"])
    assert torch.equal(a["parts"][0][0], b["parts"][0][0])
    assert torch.equal(a["same"], b["same"])
    assert a["same"].diagonal().all()
    assert not np.array_equal(a["pooled"], other["pooled"])
    for p, q in zip(first.encoder.parameters(), second.encoder.parameters()):
        assert torch.equal(p, q)


def test_loss_has_finite_gradients_everywhere(store_dir):
    task = EncoderTask(config(1), Store.open(store_dir))
    terms = task.loss(task.batch(0), torch.Generator())
    terms["loss"].backward()
    assert 0 <= terms["batch_accuracy"] <= 1
    for name, p in task.encoder.named_parameters():
        assert p.grad is not None, name
        assert torch.isfinite(p.grad).all(), name


def test_validation_without_a_val_split_is_empty(store_dir):
    task = EncoderTask(config(1), Store.open(store_dir))
    assert task.validate({"encoder": task.encoder.eval()}) == {}


def test_no_store(tmp_path):
    with pytest.raises(BadInput, match="no store"):
        stage.run(config(1), tmp_path, tmp_path / "out")


@pytest.mark.parametrize("preset", ["nano", "small", "base"])
def test_presets_are_valid(preset):
    assert build(EncoderConfig, load_preset(preset)["encoder"], "encoder").loop.batch_size >= 128
