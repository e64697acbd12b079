"""End to end on a tiny drawn store: it learns, reports, resumes and saves."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from pixelmind.data.store import Store
from pixelmind.encoder import stage
from pixelmind.encoder.augment import AugmentConfig
from pixelmind.encoder.config import EncoderConfig, NegativesConfig, NetworkConfig, SoftmaxConfig
from pixelmind.encoder.image_tower import ImageTowerConfig
from pixelmind.encoder.model import load_encoder
from pixelmind.encoder.task import EncoderTask
from pixelmind.errors import BadInput
from pixelmind.pixels.png import encode_png
from pixelmind.records import Sample, Sprite
from pixelmind.training.config import LoopConfig, build, load_preset
from pixelmind.training.loop import train

NETWORK = NetworkConfig(
    embed_dim=32,
    text_heads=2,
    text_hidden=64,
    image=ImageTowerConfig(conv_width=24, conv_blocks=1, width=48, depth=1, heads=4, dropout=0.0),
)


def config(steps: int, **loop_settings: Any) -> EncoderConfig:
    loop = LoopConfig(
        steps=steps,
        batch_size=32,
        lr=3e-3,
        warmup_steps=10,
        threads=1,
        log_every=20,
        ema_halflife_samples=(200.0,),
        **loop_settings,
    )
    negatives = NegativesConfig(counterfactuals=2, mined=0.25, mined_captions=0.5, every=10, neighbours=4)
    return EncoderConfig(network=NETWORK, loop=loop, augment=AugmentConfig(hue_variants=1), negatives=negatives)


def facts(caption: str) -> list[dict[str, str]]:
    """What `data synth --counterfactuals` keeps: another colour, and another shape."""
    _, color, shape = caption.split()
    other, form = ("green" if color == "red" else "red"), ("bar" if shape == "box" else "box")
    return [
        {"true_caption": caption, "caption": f"a {other} {shape}", "fact": "color"},
        {"true_caption": caption, "caption": f"a {color} {form}", "fact": "object"},
    ]


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
            source="procedural" if i % 2 else "drawn",
            licence="CC0-1.0",
            credit="drawn by the test",
            tags={"kind": "item"},
            params={"counterfactuals": facts(caption)} if i % 2 else {},
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
    assert figures["counterfactual_color"].value > 0.8
    assert figures["counterfactual_object"].value > 0.8
    assert figures["counterfactual_object"].n == figures["counterfactual_color"].n == 16
    assert figures["real_text_to_image_r@1"].n == 16
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


def same_batches(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert len(a["parts"]) == len(b["parts"])
    for one, other in zip(a["parts"], b["parts"]):
        assert torch.equal(one[0], other[0])
    for x, y in ((a, b), (a["rivals"], b["rivals"])):
        assert torch.equal(x["tokens"], y["tokens"])


def test_false_captions_stand_against_their_own_picture(store_dir):
    task = EncoderTask(config(1), Store.open(store_dir))
    for step in range(5):
        batch = task.batch(step)
        against = batch["rivals"]["against"]
        assert (against.sum(0) == 1).all()
        assert (against.sum(1) <= 2).all()
        assert against.any(1).float().mean() > 0.5


def test_shown_facts_are_true_and_false_of_the_picture(store_dir):
    task = EncoderTask(config(1), Store.open(store_dir))
    row, known = next(iter(task.facts.items()))
    picture = np.full((8, 8, 4), 255, dtype=np.uint8)
    seen = [task._pair(row, picture, "a red thing", np.random.default_rng(seed)) for seed in range(40)]
    shown = [pair for pair in seen if pair.facts]
    assert 5 < len(shown) < 35
    for pair in shown:
        assert sorted(pair.facts) == sorted(known)
        assert np.array_equal(pair.rgba, picture)
    assert {pair.caption for pair in seen} == {"a red thing"}  # never recoloured: its false captions are stored


def test_facts_come_in_pairs(store_dir):
    task = EncoderTask(config(1), Store.open(store_dir))
    batch = task.batch(0)
    owner, number = batch["owner"].tolist(), len(batch["owner"])
    assert number > 0
    assert len(batch["facts"]["tokens"]) == len(batch["weight"]) == number
    assert (batch["weight"] > 0).all()
    assert batch["rivals"]["against"][owner, range(number)].all()


def test_what_is_said_of_both_is_no_negative(store_dir):
    task = EncoderTask(config(1), Store.open(store_dir))
    rows = task.loader.rows[:6].copy()
    captions = [data["captions"][0] for data in task.loader.take(rows, ("captions",))]
    fit = task._may_fit(rows, [*captions, "THE " + captions[2].removeprefix("a "), "a thing never seen"])
    assert fit.diagonal().all()
    assert np.array_equal(fit[:, 6], [captions[2] == c for c in captions])
    assert not fit[:, 7].any()
    task._clusters[int(rows[1])] = task._clusters[int(rows[0])]
    assert task._may_fit(rows, captions)[0, 1]


def test_mined_members_are_neighbours_and_no_right_answers(store_dir, tmp_path):
    task = EncoderTask(config(1), Store.open(store_dir), index_dir=tmp_path)
    assert task.refresh_every == 10
    with torch.no_grad():
        task.refresh(10, task.modules())
    assert task._index_of(17) is None
    index = task._index_of(18)
    assert index is not None
    drawn, rows = task.loader.batch(18), task.loader.batch(18).rows.copy()
    pictures, captions = list(drawn.rgba), list(drawn.captions)
    further = task._with_neighbours(index, 18, rows, pictures, captions)
    assert np.array_equal(rows[:24], drawn.rows[:24])
    near = index.rows[index.near]
    for anchor, member in zip(rows[:8], rows[:23:-1]):
        assert member in near[np.searchsorted(index.rows, anchor)]
    for row, caption in zip(rows[24:], captions[24:]):
        assert caption in task.loader.take([row], ("captions",))[0]["captions"]
    assert further
    batch = task.batch(18)
    assert batch["rivals"]["against"].any(0).all()
    same_batches(batch, EncoderTask(config(1), Store.open(store_dir), index_dir=tmp_path).batch(18))


class Killed(Exception):
    """The process is gone: nothing is saved."""


def test_a_run_killed_across_a_refresh_is_bit_equal(store_dir, tmp_path):
    settings = config(36, checkpoint_every_steps=9, prefetch=2)

    def go(name: str, kill_at: int = 0) -> Any:
        steps = iter(range(1, 100))

        def stop() -> bool:
            if kill_at and next(steps) == kill_at:
                raise Killed
            return False

        task = EncoderTask(settings, Store.open(store_dir), index_dir=tmp_path / name / "mined")
        return train(task, settings.loop, tmp_path / name, resolved_config={}, stop=stop)

    whole = go("whole")
    for kill_at in (23, 4):  # after the refreshes at 10 and 20, back to the checkpoint of 18; then at step 22
        with pytest.raises(Killed):
            go("killed", kill_at)
    again = go("killed")
    assert again.step == whole.step == 36
    for one, other in ((again.modules, whole.modules), (again.ema[0], whole.ema[0])):
        for p, q in zip(one["encoder"].parameters(), other["encoder"].parameters()):
            assert torch.equal(p, q)
    for path in (tmp_path / "whole" / "mined").glob("*.npz"):
        assert path.read_bytes() == (tmp_path / "killed" / "mined" / path.name).read_bytes()


def test_the_temperature_can_follow_a_schedule(store_dir):
    task = EncoderTask(
        dataclasses.replace(config(1), softmax=SoftmaxConfig(period=10, high=0.2, low=0.1)), Store.open(store_dir)
    )
    scale = [task.loss(task.batch(step), torch.Generator())["logit_scale"].item() for step in (0, 5)]
    assert scale == pytest.approx([-math.log(0.2), -math.log(0.1)], rel=1e-5)


def test_two_stores_are_one(store_dir):
    settings = dataclasses.replace(config(1), mix="drawn 0.5, procedural 0.5")
    task = EncoderTask(settings, [Store.open(store_dir), Store.open(store_dir)], index_dir=None)
    assert len(task.loader) == 2 * len(EncoderTask(config(1), Store.open(store_dir)).loader)
    assert len(task.pairs("test", 1000)[0]) == 64


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"negatives": {"mined": 0.7}}, "mined must lie in"),
        ({"negatives": {"every": 3}}, "every above 8"),
        ({"negatives": {"counterfactuals": -1}}, "at least 0"),
        ({"softmax": {"low": 0.2, "high": 0.1}}, "low <= high"),
        ({"mix": "real a lot"}, "cannot read the mix"),
        ({"loop": {"steps": 1, "prefetch": 9}}, "prefetch must be below"),
    ],
)
def test_bad_settings_say_what_is_wrong(table, message):
    with pytest.raises(BadInput, match=message):
        build(EncoderConfig, table, "encoder")


def test_validation_without_a_val_split_is_empty(store_dir):
    task = EncoderTask(config(1), Store.open(store_dir))
    assert task.validate({"encoder": task.encoder.eval()}) == {}


def test_no_store(tmp_path):
    with pytest.raises(BadInput, match="no store"):
        stage.run(config(1), tmp_path, tmp_path / "out")


@pytest.mark.parametrize("preset", ["nano", "small", "base"])
def test_presets_are_valid(preset):
    assert build(EncoderConfig, load_preset(preset)["encoder"], "encoder").loop.batch_size >= 128
