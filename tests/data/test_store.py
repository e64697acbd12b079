import json

import numpy as np
import pytest
from drawn import blob, sample

from pixelmind.data import stats as stats_module
from pixelmind.data.show import show
from pixelmind.data.splits import split_of
from pixelmind.data.store import MANIFEST, Store, group_cluster
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.pixels.png import decode_png, read_image
from pixelmind.records import content_id


@pytest.fixture
def store(tmp_path):
    made = Store.create(tmp_path / "store")
    made.append(sample(i, source=f"s{i % 2}", kind="item" if i % 3 else "tile") for i in range(12))
    return made


def test_samples_come_back_whole(store):
    original = sample(5, source="s1")
    row = int(np.flatnonzero(store.column("id") == content_id(blob(5)))[0])
    (back,) = store.samples([row])
    assert back.png == original.png
    assert back.captions == original.captions
    assert back.tags == original.tags
    assert (back.source, back.licence, back.credit) == ("s1", "CC0-1.0", "Nobody")
    assert back.id == back.cluster == content_id(blob(5))
    assert back.split == split_of(back.cluster)


def test_reopened_store_is_the_same(store):
    again = Store.open(store.path)
    assert len(again) == 12
    assert again.manifest == store.manifest
    assert again.samples(range(12)) == store.samples(range(12))


def test_take_keeps_order_and_repeats(store):
    ids = store.column("id")
    assert [r["id"] for r in store.take([3, 0, 3], ["id"])] == [ids[3], ids[0], ids[3]]
    assert store.take([]) == []


def test_scan_filters(store):
    assert {row["source"] for row in store.scan(["source"], filter="source = 's1'")} == {"s1"}
    assert sum(1 for _ in store.scan(["id"], filter="source = 's1'")) == 6


def test_palette_column_holds_the_opaque_colours(store):
    (row,) = store.take([0], ["png", "palette", "num_colors"])
    rgba = decode_png(row["png"])
    expected = np.unique(rgba[rgba[..., 3] > 0][:, :3], axis=0)
    assert np.array_equal(np.array(row["palette"]).reshape(-1, 3), expected)
    assert row["num_colors"] == len(expected)


def test_same_ids_add_nothing(store):
    before = store.manifest
    assert store.append(sample(i) for i in range(12)) == 0
    assert store.append([sample(11), sample(12), sample(12)]) == 1
    assert Store.open(store.path).append([sample(12)]) == 0
    assert len(store) == 13
    assert before["rows"] == 12


def test_content_hash_knows_content_not_order(tmp_path):
    one, two, other = (Store.create(tmp_path / name) for name in "abc")
    one.append(sample(i) for i in range(4))
    two.append([sample(3), sample(1)])
    two.append([sample(0), sample(2)])
    other.append(sample(i, captions=["another word"]) for i in range(4))
    assert one.manifest_hash == two.manifest_hash != other.manifest_hash


def test_merged_captions_change_hash_as_if_written_so(tmp_path):
    one, two = Store.create(tmp_path / "a"), Store.create(tmp_path / "b")
    one.append([sample(1, captions=["x"]), sample(2)])
    assert one.merge_captions({content_id(blob(1)): ["x", "y"], "0" * 64: ["nobody"]}) == 1
    assert one.merge_captions({content_id(blob(1)): ["y"]}) == 0
    two.append([sample(1, captions=["x", "y"]), sample(2)])
    assert one.manifest_hash == two.manifest_hash
    assert sorted(map(list, Store.open(one.path).column("captions"))) == sorted(map(list, two.column("captions")))


def test_group_gives_one_cluster(tmp_path):
    store = Store.create(tmp_path / "g")
    store.append(sample(i, params={"group": "walk"}) for i in range(3))
    assert set(store.column("cluster")) == {group_cluster("drawn", "walk")}
    assert len(set(store.column("split"))) == 1


def test_failing_source_leaves_the_store_as_it_was(store):
    def failing():
        yield sample(50)
        raise RuntimeError("the disk went away")

    with pytest.raises(RuntimeError, match="disk went away"):
        store.append(failing(), batch=1)
    again = Store.open(store.path)
    assert len(again) == 12
    assert again.append([sample(50)]) == 1


def test_rows_behind_the_manifest_are_unseen_and_discarded(store):
    before = (store.path / MANIFEST).read_bytes()
    store.append([sample(60)])
    (store.path / MANIFEST).write_bytes(before)  # as a kill between table and manifest leaves it
    again = Store.open(store.path)
    assert len(again) == len(again.column("id")) == 12
    assert again.append([sample(61)]) == 1
    final = Store.open(store.path)
    assert len(final.column("id")) == 13
    assert content_id(blob(60)) not in set(final.column("id"))


def test_manifest_counts(store):
    manifest = json.loads((store.path / MANIFEST).read_text())
    assert manifest["sources"]["s0"]["images"] == manifest["sources"]["s1"]["images"] == 6
    assert manifest["sources"]["s0"]["licences"] == {"CC0-1.0": 6}
    assert manifest["sources"]["s0"]["credits"] == {"Nobody": 6}
    assert sum(manifest["splits"].values()) == manifest["rows"] == 12


def test_missing_and_damaged_stores_are_named(tmp_path, store):
    with pytest.raises(BadInput, match="no store at"):
        Store.open(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="already holds"):
        Store.create(store.path)
    manifest = json.loads((store.path / MANIFEST).read_text())
    (store.path / MANIFEST).write_text(json.dumps(manifest | {"rows": 3}))
    with pytest.raises(CorruptFile, match="says 3"):
        Store.open(store.path)
    (store.path / MANIFEST).write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(BadInput, match="newer"):
        Store.open(store.path)
    (store.path / MANIFEST).write_text("{")
    with pytest.raises(CorruptFile, match="damaged"):
        Store.open(store.path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"height": 9}, "its PNG is"), ({"captions": ()}, "caption"), ({"split": "dev"}, "unknown split")],
)
def test_bad_samples_are_refused(store, fields, message):
    import dataclasses

    with pytest.raises(BadInput, match=message):
        store.append([dataclasses.replace(sample(70), **fields)])


def test_stats_by_hand(store):
    figures = stats_module.stats(store)
    assert figures["images"] == 12
    assert figures["captions"] == 24
    source = figures["sources"]["s0"]
    assert source["images"] == 6
    assert source["top_sizes"] == {"16x16": 6}
    assert source["longer_side_px"] == {"min": 16, "median": 16.0, "max": 16}
    assert source["captions_per_image"] == 2
    assert source["kinds"] == {"item": 4, "tile": 2}
    json.dumps(figures)
    assert stats_module.table(figures).row_count == 2
    assert stats_module.credits(store) == [f"s{i} (CC0-1.0): Nobody [6 pictures]" for i in (0, 1)]


def test_show_draws_what_was_asked(store, tmp_path):
    rows = show(store, tmp_path / "sheet.png", n=4, seed=1, source="s1", search="BLOB")
    assert len(rows) == 4
    assert set(store.column("source")[rows]) == {"s1"}
    assert read_image(tmp_path / "sheet.png").shape[1] > 4 * 32
    assert rows == show(store, tmp_path / "again.png", n=4, seed=1, source="s1", search="BLOB")
    with pytest.raises(BadInput, match="no picture"):
        show(store, tmp_path / "none.png", search="dragon")
