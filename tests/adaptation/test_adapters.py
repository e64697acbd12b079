"""Adapters at rest and in the pipeline: whole or not at all, only beside their own weights, and weights come back bit for bit."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind.adaptation import adapters
from pixelmind.adaptation.adapters import Adapter
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.denoiser import Denoiser
from pixelmind.generator.pipeline import load
from pixelmind.records import Conditioning, GenerationRequest, Sprite
from pixelmind.training.lora import Lora, LoraConfig

from .conftest import shape


def made(bundle: Bundle, name: str = "mine", strength: float = 0.5, rank: int = 2) -> Adapter:
    """A random adapter of a bundle's levels."""
    config = LoraConfig(rank=rank, alpha=float(rank))
    rng = torch.Generator().manual_seed(3)
    levels = {}
    for level in (16, 64):
        net = bundle.get_level(level)[0]["denoiser"]
        params = Lora(net, config).init(rng)
        levels[level] = {n: p + strength * torch.randn(p.shape, generator=rng) for n, p in params.items()}
    about = {"weights": bundle.id, "base": adapters.level_ids(bundle, levels), "pictures": 3, "licence": "own"}
    shown = tuple(Sprite.from_rgba(shape("sea", i, 32)) for i in range(2))
    return Adapter(name=name, config=config, levels=levels, references=shown, about=about)


def test_an_adapter_comes_back_as_it_was_kept(style_bundle, tmp_path):
    bundle = Bundle(style_bundle)
    own = made(bundle)
    folder = adapters.save(own, tmp_path)
    assert sorted(p.name for p in folder.iterdir()) == ["adapter.safetensors", "manifest.json"]
    about = json.loads((folder / "manifest.json").read_text())
    assert (about["rank"], about["pictures"], about["weights"]) == (2, 3, bundle.id)
    assert about["bytes"] == (folder / "adapter.safetensors").stat().st_size <= adapters.MAX_BYTES
    back = adapters.load(tmp_path, "mine")
    assert adapters.names(tmp_path) == ["mine"]
    for level, params in own.levels.items():
        for name, value in params.items():
            assert torch.equal(back.levels[level][name], value.half().float())
    for a, b in zip(own.references, back.references, strict=True):
        assert np.array_equal(a.rgba(), b.rgba())
    back.check(bundle)
    adapters.remove(tmp_path, "mine")
    assert list((tmp_path / "adapters").iterdir()) == []


def test_the_released_shape_fits_in_a_megabyte():
    bundle = Bundle()
    total = 0
    for level in (16, 64):
        with torch.device("meta"):
            from pixelmind.generator.denoiser import DenoiserConfig

            net = Denoiser(DenoiserConfig(**bundle.manifest["parts"][f"level{level}"]["network"]))
        total += sum(2 * a * b for a, b in Lora(net, LoraConfig()).shapes().values())
    assert 100_000 < total < 0.6 * adapters.MAX_BYTES


def test_names_that_are_taken_unknown_or_no_names(style_bundle, tmp_path):
    bundle = Bundle(style_bundle)
    with pytest.raises(BadInput, match="there is no style 'mine' yet"):
        adapters.load(tmp_path, "mine")
    adapters.save(made(bundle), tmp_path)
    with pytest.raises(BadInput, match="already; choose another name, or give --replace"):
        adapters.save(made(bundle), tmp_path)
    adapters.save(made(bundle, strength=0.1), tmp_path, replace=True)
    with pytest.raises(BadInput, match="no style 'yours'; there are: mine"):
        adapters.remove(tmp_path, "yours")
    for odd in ("../mine", "", "Mine", "a b", "x" * 41):
        with pytest.raises(BadInput, match="cannot name a style"):
            adapters.load(tmp_path, odd)
    pipe = load(style_bundle, best_of=1, adapters=[adapters.load(tmp_path, "mine")])
    assert pipe.styles[-1] == "mine"
    with pytest.raises(BadInput, match="unknown style 'yours'"):
        pipe("a gem", style="yours")
    with pytest.raises(BadInput, match="two styles 'crawl'"):
        load(style_bundle, best_of=1, adapters=[made(bundle, name="crawl")])


def test_a_failed_write_leaves_the_old_style_whole(style_bundle, tmp_path, monkeypatch):
    bundle = Bundle(style_bundle)
    adapters.save(made(bundle), tmp_path)
    before = (tmp_path / "adapters" / "mine" / "adapter.safetensors").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            adapters.save(made(bundle, strength=0.1), tmp_path, replace=True)
    assert [p.name for p in (tmp_path / "adapters").iterdir()] == ["mine"]
    assert (tmp_path / "adapters" / "mine" / "adapter.safetensors").read_bytes() == before
    huge = made(bundle, name="huge")
    huge.levels[16]["blocks.0.qkv.b"][0, 0] = 1e6
    with pytest.raises(BadInput, match="cannot be stored"):
        adapters.save(huge, tmp_path)
    big = made(bundle, name="big")
    big.references = tuple(Sprite.from_rgba(np.full((256, 256, 4), 255, np.uint8)) for _ in range(4))
    with pytest.raises(BadInput, match="use a lower rank"):
        adapters.save(big, tmp_path)
    assert adapters.names(tmp_path) == ["mine"]


def test_damage_and_other_weights_are_refused(style_bundle, tmp_path):
    bundle = Bundle(style_bundle)
    folder = adapters.save(made(bundle), tmp_path)
    own = adapters.load(tmp_path, "mine")
    with pytest.raises(BadInput, match=f"belongs to the weights {bundle.id}, these are"):
        own.check(Bundle())
    file = folder / "adapter.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(CorruptFile, match="does not match its recorded sha256"):
        adapters.load(tmp_path, "mine")
    (folder / "manifest.json").write_text("{")
    with pytest.raises(CorruptFile, match="no readable manifest"):
        adapters.load(tmp_path, "mine")
    (folder / "manifest.json").write_text('{"format": 2}')
    with pytest.raises(BadInput, match="format 2"):
        adapters.load(tmp_path, "mine")


def test_drawing_in_a_style_changes_the_picture_and_nothing_else(style_bundle, tmp_path):
    bundle = Bundle(style_bundle)
    adapters.save(made(bundle), tmp_path)
    pipe = load(style_bundle, best_of=2, adapters=[adapters.load(tmp_path, "mine")])
    plain = load(style_bundle, best_of=2)
    kept = {level: {n: p.clone() for n, p in net.state_dict().items()} for level, net in pipe.denoisers.items()}
    before = pipe("a gem", size=(24, 24), seed=5).sprites[0]
    styled = pipe("a gem", size=(24, 24), seed=5, style="mine").sprites[0]
    after = pipe("a gem", size=(24, 24), seed=5).sprites[0]
    assert np.array_equal(before.rgba(), after.rgba())
    assert np.array_equal(before.rgba(), plain("a gem", size=(24, 24), seed=5).sprites[0].rgba())
    assert not np.array_equal(before.rgba(), styled.rgba())
    for level, net in pipe.denoisers.items():
        assert all(torch.equal(p, kept[level][n]) for n, p in net.state_dict().items())
    assert styled.provenance["style"] == "mine"
    assert styled.provenance["adapter"] == pipe.adapters["mine"].about["sha256"][:12]
    assert "style" not in before.provenance


def test_a_style_draws_the_same_alone_and_in_a_batch(style_bundle, tmp_path):
    bundle = Bundle(style_bundle)
    adapters.save(made(bundle), tmp_path)
    adapters.save(made(bundle, name="other", strength=0.2), tmp_path)
    pipe = load(style_bundle, best_of=1, adapters=[adapters.load(tmp_path, n) for n in ("mine", "other")])
    requests = [
        GenerationRequest(conditioning=Conditioning(prompt="a gem", height=24, width=24, style=style), seed=2)
        for style in ("mine", None, "other", None, "mine")
    ]
    together = [result.sprites[0].rgba() for result in pipe.generate_batch(requests)]
    alone = [pipe.generate_batch([request])[0].sprites[0].rgba() for request in requests]
    assert all(np.array_equal(a, b) for a, b in zip(together, alone))
    assert np.array_equal(together[0], together[4])
    assert len({t.tobytes() for t in together}) == 3


def test_weights_come_back_when_a_drawing_is_broken_off(style_bundle, tmp_path):
    bundle = Bundle(style_bundle)
    adapters.save(made(bundle), tmp_path)
    pipe = load(style_bundle, best_of=1, adapters=[adapters.load(tmp_path, "mine")])
    kept = {n: p.clone() for n, p in pipe.denoisers[16].state_dict().items()}

    def stop(level: int, step: int, steps: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipe("a gem", style="mine", on_step=stop)
    assert all(torch.equal(p, kept[n]) for n, p in pipe.denoisers[16].state_dict().items())


def test_an_adapter_that_changes_nothing_draws_what_references_alone_do(style_bundle, tmp_path):
    bundle = Bundle(style_bundle)
    neutral = made(bundle, strength=0.0)
    pipe = load(style_bundle, best_of=1, adapters=[neutral])
    a = pipe("a gem", size=(24, 24), seed=5, style="mine").sprites[0]
    b = pipe("a gem", size=(24, 24), seed=5, references=neutral.references).sprites[0]
    assert np.array_equal(a.rgba(), b.rgba())
    assert Path(style_bundle, "manifest.json").is_file()
