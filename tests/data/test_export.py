"""Exported stores: read back by our own importer and by pyarrow, refused where they would lose something."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from pixelmind.data import export as module
from pixelmind.data.config import ImportConfig
from pixelmind.data.export import export
from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.stage import synth
from pixelmind.data.stage import import_sources
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "store"
    synth(SynthConfig(num_samples=24, max_size=48, progress=False), path)
    return Store.open(path)


def test_an_image_folder_comes_back_the_same(store, tmp_path):
    result = export(store, tmp_path / "art")
    assert sum(result.pictures.values()) == len(store)
    rows = [json.loads(line) for line in (tmp_path / "art/metadata.jsonl").read_text().splitlines()]
    assert all((tmp_path / "art" / row["file_name"]).is_file() for row in rows)
    again = import_sources(ImportConfig(progress=False), [tmp_path / "art"], tmp_path / "back")
    back = {s.id: s for s in Store.open(again.store).samples(range(again.total))}
    for sample in store.samples(range(len(store))):
        twin = back[sample.id]
        assert np.array_equal(decode_png(twin.png), decode_png(sample.png))
        assert (twin.licence, twin.credit) == (sample.licence, sample.credit)
        assert set(twin.captions) & set(sample.captions)


def test_masks_lie_beside_their_pictures(store, tmp_path):
    export(store, tmp_path / "art")
    rows = [json.loads(line) for line in (tmp_path / "art/metadata.jsonl").read_text().splitlines()]
    masked = [row for row in rows if "mask_file_name" in row]
    assert masked
    for row in masked:
        mask = decode_png((tmp_path / "art" / row["mask_file_name"]).read_bytes())
        assert mask.shape == decode_png((tmp_path / "art" / row["file_name"]).read_bytes()).shape
        assert mask[..., 0].max() < len(row["regions"])


def test_parquet_holds_every_picture_in_parts(store, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ROWS_A_FILE", 8)
    result = export(store, tmp_path / "art", "parquet", split="train")
    parts = sorted((tmp_path / "art").glob("train-*.parquet"))
    assert len(parts) == -(-result.pictures["train"] // 8)
    rows = [row for part in parts for row in pq.read_table(part).to_pylist()]
    wanted = [s for s in store.samples(range(len(store))) if s.split == "train"]
    assert [row["id"] for row in rows] == [s.id for s in wanted]
    assert [row["image"]["bytes"] for row in rows] == [s.png for s in wanted]
    assert [row["captions"] for row in rows] == [list(s.captions) for s in wanted]


@pytest.mark.parametrize(
    ("kwargs", "hint"),
    [({"form": "zip"}, "imagefolder"), ({"source": "crawl"}, "procedural"), ({"split": "tests"}, "judge")],
)
def test_bad_wishes_are_refused(store, tmp_path, kwargs, hint):
    with pytest.raises(BadInput, match=hint):
        export(store, tmp_path / "art", **kwargs)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_and_no_half_folder_stays(store, tmp_path, monkeypatch):
    (tmp_path / "art").mkdir()
    with pytest.raises(BadInput, match="exists"):
        export(store, tmp_path / "art")

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_write", fail)
    with pytest.raises(BadInput, match="is full"):
        export(store, tmp_path / "new")
    assert [p.name for p in tmp_path.iterdir()] == ["art"]
