"""`adapt style`: a few sprites in, an adapter out that fits them better; and every kind of bad input, one line each."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from pixelmind.adaptation import adapters, starts
from pixelmind.adaptation.sprites import caption_of, find_images, read_pictures
from pixelmind.adaptation.style import WATCH_EVERY, StyleConfig, adapt_style, descend, fit
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.pipeline import load
from pixelmind.pixels.png import encode_png
from pixelmind.records import Sprite
from pixelmind.training.lora import Lora, LoraConfig

from .conftest import shape

QUICK = StyleConfig(steps=30, rows=8, lr=4e-3)


def save_rgba(path, rgba) -> None:
    Image.fromarray(np.asarray(rgba, np.uint8), "RGBA" if np.asarray(rgba).shape[-1] == 4 else "RGB").save(path)


def test_four_sprites_make_a_style_that_fits_them(style_bundle, sprites, tmp_path):
    path, made = adapt_style([sprites], "mine", tmp_path, weights=style_bundle, config=QUICK)
    assert all(0 < n <= 30 for n in made.steps.values())
    for level in (16, 64):
        assert made.after[level] < 0.95 * made.before[level]
    about = adapters.manifest_of(path)
    assert (about["pictures"], about["start"], about["weights"]) == (4, "zero", Bundle(style_bundle).id)
    own = adapters.load(tmp_path, "mine")
    assert len(own.references) == 4
    pipe = load(style_bundle, best_of=1, adapters=[own])
    assert pipe("a gem", size=(32, 32), style="mine", seed=1).sprites[0].width == 32


def test_the_same_sprites_and_seed_make_the_same_style(style_bundle, sprites, tmp_path):
    config = StyleConfig(steps=3, rows=4)
    for name in ("one", "two"):
        adapt_style([sprites], name, tmp_path, weights=style_bundle, config=config)
    files = [(tmp_path / "adapters" / n / "adapter.safetensors").read_bytes() for n in ("one", "two")]
    assert files[0] == files[1]


def test_one_small_sprite_is_enough_and_adapts_the_first_level(style_bundle, tmp_path):
    file = tmp_path / "hero.png"
    file.write_bytes(encode_png(Sprite.from_rgba(shape("gold", 1, 16))))
    _, made = adapt_style([file], "mine", tmp_path, weights=style_bundle, config=StyleConfig(steps=4, rows=4))
    assert made.steps == {16: 4}  # too few to set any aside
    assert made.adapter.about["pictures"] == 1


def test_the_time_limit_ends_it_and_keeps_what_is_learned(style_bundle, sprites, tmp_path):
    config = StyleConfig(steps=100_000, rows=2, seconds=2.0, lr=1e-4)
    _, made = adapt_style([sprites], "mine", tmp_path, weights=style_bundle, config=config)
    assert all(0 <= n < 100_000 for n in made.steps.values())
    assert adapters.names(tmp_path) == ["mine"]


def test_a_start_is_taken_where_it_fits_and_refused_where_it_does_not(style_bundle, sprites, tmp_path):
    bundle = Bundle(style_bundle)
    config = LoraConfig(rank=3, alpha=6.0)
    net = bundle.get_level(16)[0]["denoiser"]
    params = Lora(net, config).init(torch.Generator().manual_seed(1))
    rates = torch.full((5, len(params)), 0.1)
    start = starts.Start(
        config=config, levels={16: params}, rates={16: rates}, about={"algorithm": "maml", "steps": {}}
    )
    folder = tmp_path / "start"
    starts.put(Bundle.create(folder), start, bundle)
    _, made = adapt_style(
        [sprites], "mine", tmp_path, weights=style_bundle, start=folder, config=StyleConfig(steps=0, rows=4)
    )
    about = adapters.manifest_of(tmp_path / "adapters" / "mine")
    assert (about["start"], about["rank"], about["alpha"]) == ("maml", 3, 6.0)
    moved = made.adapter.levels[16]
    assert any(not torch.equal(moved[n], params[n].half().float()) for n in params if n.endswith(".b"))
    with pytest.raises(BadInput, match="belongs to the weights"):
        starts.find(Bundle(), folder)
    with pytest.raises(BadInput, match="holds no start"):
        starts.find(bundle, style_bundle)
    assert starts.find(bundle) is None


def test_what_is_no_sprite_is_refused_in_one_line(tmp_path):
    good = shape("sea", 1, 32)
    soft, flat, empty = good.copy(), np.full((16, 16, 4), 200, np.uint8), np.zeros((16, 16, 4), np.uint8)
    soft[4:8, 4:8, 3] = 128
    flat[..., 3] = 255
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3))
    cases = {
        "soft": (soft, "half-clear cells"),
        "flat": (flat, "one flat colour"),
        "empty": (empty, "is empty"),
        "huge": (np.pad(good, ((0, 300), (0, 0), (0, 0))), "at most 256 a side"),
        "tiny": (good[10:16, 10:16], "at least 8 a side"),
        "photo": (noise, "colours, pixel art has at most 256"),
        "enlarged": (np.kron(good, np.ones((4, 4, 1), np.uint8)), "enlarged 4 times"),
    }
    for name, (rgba, message) in cases.items():
        file = tmp_path / f"{name}.png"
        save_rgba(file, rgba)
        with pytest.raises(BadInput, match=message) as refused:
            read_pictures([file])
        assert "\n" not in str(refused.value)
        assert name in str(refused.value)
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(BadInput, match="cannot read image"):
        read_pictures([tmp_path / "text.png"])


def test_a_thousand_pictures_none_and_nowhere(tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(1000):
        (folder / f"sprite_{i:04}.png").touch()
    told: list[str] = []
    found = find_images([folder], told.append)
    assert len(found) == 16
    assert found[0].name == "sprite_0000.png"
    assert "1,000 pictures are there, 16 are taken" in told[0]
    (tmp_path / "none").mkdir()
    with pytest.raises(BadInput, match="no pictures in"):
        find_images([tmp_path / "none"])
    with pytest.raises(BadInput, match="nothing at"):
        find_images([tmp_path / "nowhere"])


def test_captions_come_from_file_names(tmp_path):
    assert caption_of(tmp_path / "blue_gem_03.png") == "blue gem"
    assert caption_of(tmp_path / "sprite_0001.png") == ""
    twice = tmp_path / "gem.png"
    for file in (twice, tmp_path / "gem_copy.png"):
        file.write_bytes(encode_png(Sprite.from_rgba(shape("moss", 1, 32))))
    assert len(read_pictures([twice, tmp_path / "gem_copy.png"])) == 1


def test_names_of_the_weights_own_styles_are_refused(style_bundle, sprites, tmp_path):
    with pytest.raises(BadInput, match="know a style 'crawl' already"):
        adapt_style([sprites], "crawl", tmp_path, weights=style_bundle, config=QUICK)
    with pytest.raises(BadInput, match="made from 1 to 16"):
        fit([], "mine", Bundle(style_bundle))


def test_steps_end_where_the_sprites_set_aside_are_no_longer_helped():
    """Learning one set by heart: what is watched falls, then rises; its best step is told, and it ends soon after."""
    target, watched = torch.tensor([3.0]), torch.tensor([1.0])
    seen: list[float] = []

    def watch(params):
        seen.append(float(params["x"].detach()))
        return float((params["x"].detach() - watched).abs())

    made = descend(
        lambda params, _: (params["x"] - target).square().sum(),
        {"x": torch.zeros(1)},
        200,
        0.1,
        lambda: {},
        watch=watch,
    )
    assert made.steps == made.best + 2 * WATCH_EVERY
    assert abs(seen[made.best // WATCH_EVERY] - 1.0) < 0.3
    none = descend(
        lambda p, _: (p["x"] - target).square().sum(), {"x": torch.ones(1)}, 200, 0.1, lambda: {}, watch=watch
    )
    assert none.best == 0


def test_learning_goes_on_under_one_autocast_context():
    """Autocast keeps bf16 copies of leaves; a step must not go on with those from before."""
    x = torch.randn(32, 8, generator=torch.Generator().manual_seed(0))
    target = x @ torch.ones(8, 1)
    with torch.autocast("cpu", torch.bfloat16):
        made = descend(
            lambda params, _: (torch.nn.functional.linear(x, params["w"]).float() - target).square().mean(),
            {"w": torch.zeros(1, 8)},
            60,
            0.1,
            lambda: {},
        )
    assert torch.allclose(made.params["w"], torch.ones(1, 8), atol=0.1)
