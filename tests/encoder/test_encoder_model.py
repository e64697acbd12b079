"""The encoder as its users see it: scores, and weights at rest."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from pixelmind.encoder.config import EncoderConfig, NetworkConfig
from pixelmind.encoder.image_tower import ImageTowerConfig
from pixelmind.encoder.model import Encoder, load_encoder, size_groups
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.training.config import LoopConfig, build, load_preset

TINY = NetworkConfig(
    embed_dim=16,
    text_heads=2,
    text_hidden=32,
    image=ImageTowerConfig(conv_width=8, conv_blocks=1, width=16, depth=1, heads=2),
)


@pytest.fixture
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(TINY).eval()


def pictures(sides: list[int]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (side, side, 4), dtype=np.uint8) for side in sides]


def test_size_groups_give_every_row_back():
    images = pictures([64, 8, 20, 16, 64, 33])
    parts, order = size_groups(images)
    assert [tuple(c.shape[2:]) for c, _ in parts] == [(16, 16), (24, 24), (40, 40), (64, 64)]
    sizes = torch.cat([s for _, s in parts])[order]
    assert sizes[:, 0].tolist() == [64, 8, 20, 16, 64, 33]


def test_a_picture_scores_the_same_in_any_company(encoder, tower):
    images = pictures([64, 8, 20, 16, 64, 33])
    prompts = ["a green slime", "a castle"]
    scores = encoder.score(images, prompts, tower)
    assert scores.shape == (6, 2)
    assert scores.dtype == np.float32
    assert np.abs(scores).max() <= 1 + 1e-6
    for i, image in enumerate(images):
        assert np.allclose(encoder.score([image], "a castle", tower), scores[i, 1], atol=1e-5)


def test_one_prompt_gives_one_column(encoder, tower):
    images = pictures([8, 8])
    scores = encoder.score(images, "a castle", tower)
    assert scores.shape == (2,)
    assert np.array_equal(scores, encoder.score(images, ["a castle"], tower)[:, 0])
    assert np.array_equal(scores, encoder.score(images, tower.encode(["a castle"]))[:, 0])


def test_padding_of_text_does_not_matter(encoder, tower):
    prompts = ["slime", "an old wizard in a long blue robe, holding a staff"]
    together = encoder.text_features(tower.encode(prompts))
    assert torch.allclose(encoder.text_features(tower.encode(prompts[:1]))[0], together[0], atol=1e-5)
    assert torch.allclose(together.norm(dim=1), torch.ones(2), atol=1e-5)


def test_word_pieces_are_learned_beside_the_frozen_tokens(tower):
    torch.manual_seed(0)
    encoder = Encoder(dataclasses.replace(TINY, word_rows=50, word_dim=8)).eval()
    text = tower.encode(["slime", "an old wizard in a long blue robe"])
    with torch.no_grad():
        features = encoder.text_features(text)
        assert torch.allclose(encoder.text_features(tower.encode(["slime"]))[0], features[0], atol=1e-5)
        frozen = encoder.text_features(dataclasses.replace(text, ids=None))
        assert not torch.allclose(frozen, features, atol=1e-3)
        assert encoder.text_head.words is not None
        encoder.text_head.words.weight.zero_()
        assert torch.allclose(encoder.text_features(text), frozen, atol=1e-5)


def test_a_bundle_from_before_the_word_table_loads_as_it_was(encoder):
    network = encoder.network()
    for name in ("word_rows", "word_dim", "word_dropout"):
        del network[name]
    for name in ("stem", "stem_stride"):
        del network["image"][name]
    again = Encoder.from_network(network, encoder.state_dict())
    assert again.network() == encoder.network()
    assert torch.equal(again.encode_images(pictures([16, 40])), encoder.encode_images(pictures([16, 40])))


def test_save_and_load(encoder, tower, tmp_path):
    path = encoder.save(tmp_path, steps=7)
    assert json.loads((tmp_path / "manifest.json").read_text())["parts"]["encoder"]["steps"] == 7
    assert not [k for k in encoder.state_dict() if "tower" in k and "image" not in k]  # MiniLM is not in the file
    loaded = load_encoder(tmp_path)
    assert not loaded.training
    images = pictures([16, 24])
    assert np.allclose(encoder.score(images, "a castle", tower), loaded.score(images, "a castle", tower), atol=5e-3)
    again = Encoder.from_network(encoder.network(), {k: v.half() for k, v in encoder.state_dict().items()})
    assert np.array_equal(again.score(images, "x", tower), loaded.score(images, "x", tower))
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(CorruptFile, match="sha256"):
        load_encoder(tmp_path)


def test_bad_weights(encoder, tmp_path):
    with pytest.raises(BadInput, match="no weights at"):
        load_encoder(tmp_path)
    encoder.save(tmp_path)
    card = tmp_path / "manifest.json"
    newer = json.loads(card.read_text()) | {"format": 99}
    card.write_text(json.dumps(newer))
    with pytest.raises(BadInput, match="update pixelmind"):
        load_encoder(tmp_path)
    card.write_text("{")
    with pytest.raises(CorruptFile, match="not a readable manifest"):
        load_encoder(tmp_path)
    with pytest.raises(BadInput, match="do not fit"):
        Encoder.from_network(encoder.network(), {})


def test_no_picture(encoder):
    with pytest.raises(BadInput, match="no picture"):
        encoder.score([], "a castle")


def test_released_size():
    network = build(EncoderConfig, load_preset("small")["encoder"], "encoder").network
    assert sum(p.numel() for p in Encoder(network).parameters()) * 2 < 8 * 2**20


@pytest.mark.parametrize(
    "bad",
    [
        {"loop": LoopConfig(steps=1, batch_size=1)},
        {"max_size_px": 128},
        {"temperature": 2.0},
        {"val_pictures": 0},
    ],
)
def test_bad_config(bad):
    with pytest.raises(BadInput, match="encoder"):
        EncoderConfig(**bad)


@pytest.mark.parametrize("bad", [{"word_rows": -1}, {"word_dropout": 1.0}, {"word_dim": 0}])
def test_bad_network(bad):
    with pytest.raises(BadInput, match="word"):
        NetworkConfig(**bad)
