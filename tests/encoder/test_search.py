"""`pixelmind data search`: what is asked for is found, features are kept and renewed, bad input is one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from pixelmind import cli
from pixelmind.data.store import Store
from pixelmind.encoder.config import NetworkConfig
from pixelmind.encoder.image_tower import ImageTowerConfig
from pixelmind.encoder.model import Encoder
from pixelmind.encoder.search import Searcher
from pixelmind.pixels.png import encode_png
from pixelmind.records import Sample, Sprite

NETWORK = NetworkConfig(embed_dim=16, text_heads=1, text_hidden=16, image=ImageTowerConfig(
    conv_width=16, conv_blocks=1, width=32, depth=1, heads=4, dropout=0.0))  # fmt: skip


def sample(rgba: np.ndarray, caption: str) -> Sample:
    return Sample(png=encode_png(Sprite.from_rgba(rgba)), height=rgba.shape[0], width=rgba.shape[1], captions=(caption,),
                  source="drawn", licence="CC0-1.0", credit="the test", tags={"kind": "item"})  # fmt: skip


@pytest.fixture
def store_dir(shapes, tmp_path):
    Store.create(tmp_path / "store").append(sample(*pair) for pair in shapes[:32])
    return tmp_path / "store"


@pytest.fixture
def encoder_dir(tmp_path):
    torch.manual_seed(0)
    Encoder(NETWORK).save(tmp_path / "encoder")
    return tmp_path / "encoder"


@pytest.fixture
def command(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run(["data", "search", *map(str, arguments)])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_picture_finds_itself_first(command, store_dir, encoder_dir, shapes, tmp_path):
    Image.fromarray(shapes[5][0]).save(tmp_path / "one.png")
    code, out, _ = command(store_dir, "--image", "one.png", "-n", 4, "--encoder", encoder_dir, "--json")
    assert code == 0
    told = json.loads(out)
    assert told["results"][0]["captions"] == [shapes[5][1]]
    scores = [r["score"] for r in told["results"]]
    assert scores[0] == pytest.approx(1, abs=2e-3)
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 4
    with Image.open(told["path"]) as sheet:
        assert sheet.width > 100


def test_words_rank_by_the_encoders_score(store_dir, encoder_dir):
    searcher = Searcher(Store.open(store_dir), encoder_dir)
    found = searcher.find("a red ring", n=32)
    assert sorted(f.row for f in found) == list(range(32))
    from pixelmind.pixels.png import decode_png

    pictures = [decode_png(row["png"]) for row in Store.open(store_dir).take([f.row for f in found], ("png",))]
    expected = searcher.encoder.score(pictures, "a red ring")
    assert [f.score for f in found] == pytest.approx(expected.tolist(), abs=2e-3)


def test_words_and_sheet(command, store_dir, encoder_dir, tmp_path):
    code, out, _ = command(store_dir, "a red ring", "-n", 3, "-o", "sheet.png", "--encoder", encoder_dir)
    assert code == 0
    assert len(out.splitlines()) == 4
    assert out.splitlines()[-1] == str(tmp_path / "sheet.png")


def test_features_are_kept_and_renewed(store_dir, encoder_dir, shapes):
    store = Store.open(store_dir)
    first = Searcher(store, encoder_dir)
    stamp = first.path.stat().st_mtime_ns
    again = Searcher(store, encoder_dir, progress=lambda *_: pytest.fail("made anew"))
    assert again.path.stat().st_mtime_ns == stamp
    assert np.array_equal(first.features, again.features)
    store.append([sample(*shapes[40])])
    renewed = Searcher(Store.open(store_dir), encoder_dir)
    assert len(renewed.features) == 33
    assert [p.name for p in renewed.path.parent.iterdir()] == [renewed.path.name]


def test_the_usual_encoder_is_found(command, store_dir, encoder_dir, tmp_path):
    (tmp_path / "home" / "release").mkdir(parents=True)
    encoder_dir.rename(tmp_path / "home" / "release" / "encoder")
    code, out, _ = command(store_dir, "a red ring", "-n", 1, "--json")
    assert code == 0
    assert len(json.loads(out)["results"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["store"], "words, or a picture"),
        (["store", "  "], "words, or a picture"),
        (["nothing", "a dragon"], "no store at"),
        (["store", "a dragon", "-n", "0"], "at least 1"),
        (["store", "--image", "absent.png"], "cannot read image"),
        (["store", "--image", "text.png"], "not an image"),
        (["store", "a dragon", "--encoder", "absent"], "no weights at"),
        (["empty", "a dragon", "--encoder", "encoder"], "is empty"),
        (["store", "a dragon"], "pixelmind train encoder"),
    ],
)
def test_bad_input_is_one_line(command, store_dir, encoder_dir, tmp_path, monkeypatch, arguments, message):
    (tmp_path / "text.png").write_text("not a picture")
    Store.create(tmp_path / "empty")
    monkeypatch.setattr("pixelmind.training.weights.released", lambda: tmp_path / "unreleased")
    code, out, err = command(*arguments)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert message in err
