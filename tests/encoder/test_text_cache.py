"""The text cache: what goes in comes out, whatever interrupts it."""

from __future__ import annotations

import json

import pytest
import torch

from pixelmind.encoder import text_cache
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput, CorruptFile

CAPTIONS = [
    "a red sword",
    "",
    "a castle with\nflags",
    "ein grünes Schleimmonster",
    "a knight in silver armour with a red cape",
]


def test_round_trip_equals_the_tower(tower, tmp_path):
    cache = TextCache(tmp_path)
    assert cache.ensure(CAPTIONS, tower=tower) == len(CAPTIONS)
    asked = [CAPTIONS[4], CAPTIONS[0], CAPTIONS[0], CAPTIONS[2]]
    got, want = cache.get(asked), tower.encode(asked)
    assert torch.equal(got.mask, want.mask)
    assert torch.equal(got.ids, want.ids)
    assert (got.tokens - want.tokens).abs().max() < 2e-3  # float16 on disk
    assert (got.pooled - want.pooled).abs().max() < 1e-3
    assert got.tokens.dtype == torch.float32


def test_only_new_captions_are_encoded_and_a_second_reader_sees_them(tower, tmp_path):
    cache = TextCache(tmp_path)
    seen: list[tuple[int, int]] = []
    assert cache.ensure(CAPTIONS[:2] * 3, lambda done, total: seen.append((done, total)), tower) == 2
    assert seen == [(2, 2)]
    before = cache.get(CAPTIONS[:2]).tokens.clone()
    assert cache.ensure(CAPTIONS, tower=tower) == 3
    assert cache.ensure(CAPTIONS, tower=tower) == 0
    again = TextCache(tmp_path)
    assert len(again) == 5
    assert "a red sword" in again
    assert torch.equal(again.get(CAPTIONS[:2]).tokens, before)


def test_killed_in_the_middle_resumes(tower, tmp_path, monkeypatch):
    monkeypatch.setattr(text_cache, "_CHUNK", 2)

    def die(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        TextCache(tmp_path).ensure(CAPTIONS, die, tower)
    for name in ("tokens.f16", "lengths.u16", "captions.jsonl"):  # and half a chunk that never got its index
        with open(tmp_path / name, "ab") as file:
            file.write(b"\x07garbage")
    cache = TextCache(tmp_path)
    assert len(cache) == 2
    assert cache.ensure(CAPTIONS, tower=tower) == 3
    want = tower.encode(CAPTIONS)
    assert (TextCache(tmp_path).get(CAPTIONS).tokens - want.tokens).abs().max() < 2e-3


def test_two_handles_on_one_folder_do_not_write_over_each_other(tower, tmp_path):
    first, second = TextCache(tmp_path), TextCache(tmp_path)
    first.ensure(CAPTIONS[:3], tower=tower)
    assert second.ensure(CAPTIONS, tower=tower) == 2
    assert len(TextCache(tmp_path)) == 5


def test_bad_input(tower, tmp_path):
    cache = TextCache(tmp_path)
    cache.ensure(CAPTIONS, tower=tower)
    with pytest.raises(BadInput, match="'a dog' is not in text cache"):
        cache.get(["a dog"])
    with pytest.raises(BadInput, match="max_tokens 32, not 16"):
        TextCache(tmp_path, max_tokens=16)
    (tmp_path / "lengths.u16").write_bytes(b"\0\0")
    with pytest.raises(CorruptFile, match="delete it"):
        TextCache(tmp_path)


def test_index_counts(tower, tmp_path):
    TextCache(tmp_path).ensure(CAPTIONS, tower=tower)
    index = json.loads((tmp_path / "index.json").read_text())
    assert index["captions"] == 5
    assert (tmp_path / "tokens.f16").stat().st_size == index["tokens"] * 384 * 2
