import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from drawn import blob, raw
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data import stage
from pixelmind.data.config import ImportConfig
from pixelmind.data.sources.base import Skipped
from pixelmind.data.splits import split_of
from pixelmind.data.stage import HOLD, find_sources, hard_alpha, import_sources, pad, prepare, subject, trim_box
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png
from pixelmind.records import content_id

QUIET = ImportConfig(progress=False, batch=3)


class Drawn:
    """An importer of pictures given in memory; a folder is its own when it holds a file of its name."""

    def __init__(self, name, items):
        self.name, self.items, self.reads = name, list(items), 0

    def detect(self, root):
        return (root / self.name).is_file()

    def read(self, root):
        self.reads += 1
        for item in self.items:
            if isinstance(item, BaseException):
                raise item
            yield item

    def folder(self, parent):
        path = parent / f"checkout-{self.name}"
        path.mkdir(parents=True, exist_ok=True)
        (path / self.name).touch()
        return path


@pytest.fixture
def use(monkeypatch, tmp_path):
    def install(**items):
        made = [Drawn(name, pictures) for name, pictures in items.items()]
        monkeypatch.setattr(stage, "importers", lambda: made)
        for importer in made:
            importer.folder(tmp_path / "art")
        return made

    return install


def run(tmp_path, config=QUIET, name="store"):
    return import_sources(config, [tmp_path / "art"], tmp_path / name)


def splits_of(store):
    return dict(zip(store.column("id").tolist(), store.column("split").tolist()))


def test_hard_alpha_by_hand():
    cells = np.array([[[9, 8, 7, 255], [9, 8, 7, 128], [9, 8, 7, 127], [9, 8, 7, 0]]], dtype=np.uint8)
    assert hard_alpha(cells).tolist() == [[[9, 8, 7, 255], [9, 8, 7, 255], [0, 0, 0, 0], [0, 0, 0, 0]]]


@given(st.integers(1, 20), st.integers(1, 20))
@settings(max_examples=20, deadline=None)
def test_pad_reaches_eight_and_keeps_every_cell(height, width):
    canvas = np.full((height, width, 4), 255, dtype=np.uint8)
    out = pad(canvas)
    assert out.shape == (max(8, height), max(8, width), 4)
    assert (out[..., 3] > 0).sum() == height * width


def test_prepare_finds_the_true_size_and_mask():
    small = blob(1)
    mask = (small[..., 3] > 0).astype(np.uint8)
    big = raw(small.repeat(3, 0).repeat(3, 1), mask=mask.repeat(3, 0).repeat(3, 1), mask_names=("background", "thing"))
    out = prepare(big, QUIET)
    assert (out.height, out.width) == (16, 16)
    assert np.array_equal(decode_png(out.png), small)
    assert np.array_equal(decode_png(out.mask_png)[..., 0], mask)
    assert out.mask_names == ("background", "thing")


def test_wide_margins_are_cut_and_narrow_ones_kept():
    canvas = np.zeros((64, 80, 4), dtype=np.uint8)
    canvas[40:60, 50:70] = blob(1, 20, 20) | np.array([0, 0, 0, 255], dtype=np.uint8)
    out = prepare(raw(canvas), QUIET)
    assert (out.height, out.width) == (32, 32)
    assert np.array_equal(decode_png(out.png), canvas[32:64, 44:76])  # clamped at the lower edge, centred across
    assert trim_box(canvas[30:62, 40:72]) == (slice(None), slice(None))
    canvas[0:40, 0:60] = 255
    assert trim_box(canvas) == (slice(None), slice(None))


def test_a_shadow_is_dropped_and_its_picture_kept():
    canvas = np.zeros((16, 16, 4), dtype=np.uint8)
    canvas[8:] = (0, 0, 0, 100)
    canvas[6:10, 6:10] = blob(1, 4, 4) | np.array([0, 0, 0, 255], dtype=np.uint8)
    out = prepare(raw(canvas), QUIET)
    assert (decode_png(out.png)[..., 3] > 0).sum() == 16


@pytest.mark.parametrize(
    ("caption", "thing"),
    [
        ("red crab, front view", "red crab"),
        ("knight seen from behind, small icon", "knight"),
        ("miner with a lamp, facing left", "miner with a lamp"),
        ("house with a view", "house with a view"),
    ],
)
def test_subject_drops_the_view(caption, thing):
    assert subject(caption) == thing


def test_views_of_one_subject_share_a_split(use, tmp_path):
    use(
        alpha=[
            raw(blob(2 * i + j), f"beast {i}, {view} view")
            for i in range(30)
            for j, view in enumerate(("front", "back"))
        ]
    )
    run(tmp_path)
    found = splits_of(Store.open(tmp_path / "store"))
    assert all(found[content_id(blob(2 * i))] == found[content_id(blob(2 * i + 1))] for i in range(30))
    assert len(set(found.values())) > 1


def test_prepare_cleans_captions_and_quantises():
    rng = np.random.default_rng(0)
    rich = np.concatenate([rng.integers(0, 256, (32, 32, 3)), np.full((32, 32, 1), 255)], axis=2).astype(np.uint8)
    out = prepare(raw(rich, " a  noise ", "", "a noise", "colours"), QUIET)
    assert out.captions == ("a noise", "colours")
    assert len(np.unique(decode_png(out.png).reshape(-1, 4), axis=0)) <= 255


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (raw(np.zeros((16, 16, 4), np.uint8)), "empty picture"),
        (raw(np.full((16, 16, 4), 255, np.uint8)), "one flat colour"),
        (raw(np.full((16, 16, 4), 20, np.uint8)), "empty picture"),
        (raw(np.full((16, 16, 4), 100, np.uint8)), "mostly half transparent"),
        (raw(blob(1, 300, 20)), "larger than 256 px"),
        (raw(blob(1), "  "), "no caption"),
        (raw(blob(1), kind="thing"), "unknown kind"),
        (raw(blob(1)[..., :3]), "not an RGBA picture"),
        (raw(blob(1), licence="GPL-3.0"), "licence GPL-3.0-only is not on the allow-list"),
        (raw(blob(1), licence=""), "no licence is stated: put a LICENSE file"),
    ],
)
def test_prepare_says_why_not(item, reason):
    out = prepare(item, QUIET)
    assert isinstance(out, Skipped)
    assert reason in out.reason


def test_import_end_to_end(use, tmp_path):
    use(
        alpha=[raw(blob(i), f"thing {i}", source="alpha") for i in range(8)]
        + [Skipped(path="a.png", reason="unreadable image")],
        beta=[raw(blob(0), "same thing", source="beta"), raw(blob(20), source="beta", licence="CC-BY-NC-4.0")],
    )
    result = run(tmp_path)
    store = Store.open(tmp_path / "store")
    assert (result.added, result.total, result.duplicates) == (8, 8, 1)
    assert result.sources == {"alpha": 8, "beta": 1}
    assert result.skipped["alpha"] == {"unreadable image": 1}
    assert result.named["alpha"] == ["a.png: unreadable image"]
    assert "CC-BY-NC-4.0" in next(iter(result.skipped["beta"]))
    assert "1 unreadable image" in result.summary()
    assert store.manifest["skipped"]["alpha"] == {"unreadable image": 1}
    (copied,) = [r for r in store.scan() if r["id"] == content_id(blob(0))]
    assert copied["captions"] == ["thing 0", "same thing"]
    assert not (tmp_path / "store" / HOLD).exists()
    assert all(split == split_of(cluster) for cluster, split in zip(store.column("cluster"), store.column("split")))


def test_same_import_again_adds_nothing_and_merges_new_words(use, tmp_path):
    (one,) = use(alpha=[raw(blob(i), f"thing {i}") for i in range(5)])
    first = run(tmp_path)
    before = Store.open(tmp_path / "store").manifest_hash
    assert run(tmp_path).added == 0
    assert Store.open(tmp_path / "store").manifest_hash == before
    one.items[0] = raw(blob(0), "other words")
    again = run(tmp_path)
    assert (first.added, again.added, again.captions_merged) == (5, 0, 1)


def test_killed_import_goes_on_where_it_stood(use, tmp_path):
    good, bad = use(alpha=[raw(blob(i)) for i in range(4)], beta=[raw(blob(9)), KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    assert len(Store.open(tmp_path / "store")) == 0
    bad.items[1] = raw(blob(10))
    assert run(tmp_path).added == 6
    assert good.reads == 1


def touched(picture):
    copy = picture.copy()
    copy[7, 7, :3] ^= 8
    return copy


@given(st.integers(0, 10**6))
@settings(max_examples=6, deadline=None)
def test_no_near_duplicate_or_group_crosses_a_split(tmp_path_factory, seed):
    tmp_path = tmp_path_factory.mktemp("cross")
    rng = np.random.default_rng(seed)
    items, kin = [], []
    for i in range(25):
        base = blob(seed + i, 20, 20)
        turned = np.ascontiguousarray(touched(base)[:, ::-1])
        items += [raw(base), raw(touched(base)), raw(turned)]
        kin += [(base, touched(base)), (base, turned)]
    frames = [blob(seed + 10**7 + i, 20, 20) for i in range(6)]
    items += [raw(f, group="walk") for f in frames]
    kin += list(pairwise(frames))
    importer = Drawn("alpha", [items[i] for i in rng.permutation(len(items))])
    importer.folder(tmp_path / "art")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "importers", lambda: [importer])
        run(tmp_path)
    found = splits_of(Store.open(tmp_path / "store"))
    assert len(found) == 81
    assert all(found[content_id(a)] == found[content_id(b)] for a, b in kin)


def test_new_near_copies_take_the_stored_cluster(use, tmp_path):
    (one,) = use(alpha=[raw(blob(i, 20, 20)) for i in range(30)])
    run(tmp_path)
    before = splits_of(Store.open(tmp_path / "store"))
    one.items = [raw(touched(blob(i, 20, 20))) for i in range(30)]
    assert run(tmp_path).added == 30
    store = Store.open(tmp_path / "store")
    found = splits_of(store)
    assert len(set(store.column("cluster"))) == 30
    assert all(found[k] == v for k, v in before.items())
    assert all(found[content_id(blob(i, 20, 20))] == found[content_id(touched(blob(i, 20, 20)))] for i in range(30))


def test_a_bridge_between_splits_is_left_out(use, tmp_path):
    (one,) = use(alpha=[raw(blob(i), group=f"g{i}") for i in range(40)])
    run(tmp_path)
    found = splits_of(Store.open(tmp_path / "store"))
    train, judge = (next(i for i in range(40) if found[content_id(blob(i))] == s) for s in ("train", "judge"))
    one.items = [raw(touched(blob(train)), group="bridge"), raw(touched(blob(judge)), group="bridge")]
    result = run(tmp_path)
    assert result.added == 0
    assert result.skipped["drawn"] == {"near copy of stored pictures in two splits": 2}


def test_evaluation_only_art_is_test_only(use, tmp_path):
    use(
        alpha=[raw(blob(i, 20, 20)) for i in range(20)],
        gpl=[raw(blob(100 + i), source="gpl", licence="GPL-3.0") for i in range(20)]
        + [raw(blob(3, 20, 20), "copy", licence="NGPL")],
    )
    assert run(tmp_path).added == 20
    result = run(tmp_path, ImportConfig(progress=False, evaluation_only=True), "eval")
    assert result.added == 40
    store = Store.open(tmp_path / "eval")
    only = store.column("evaluation_only").astype(bool)
    assert only.sum() == 20
    assert set(store.column("source")[only]) == {"gpl"}
    assert set(store.column("split")[only]) == {"test"}
    assert all(json.loads(t)["evaluation_only"] == "yes" for t in store.column("tags")[only])
    assert not set(store.column("cluster")[only]) & set(store.column("cluster")[~only])


def test_words_read_anew_keep_the_former_splits(use, tmp_path):
    (one,) = use(alpha=[raw(blob(i, 20, 20), f"beast {i}") for i in range(30)])
    run(tmp_path)
    former = splits_of(Store.open(tmp_path / "store"))
    one.items = [raw(blob(i, 20, 20), f"better words {i}", group=f"g{i // 2}") for i in range(30)]
    one.items += [raw(blob(100 + i, 20, 20), group=f"g{i // 2}") for i in range(0, 30, 2)]
    result = run(tmp_path, ImportConfig(progress=False, keep_splits=tmp_path / "store"), "anew")
    store = Store.open(tmp_path / "anew")
    found = splits_of(store)
    assert all(found[key] == split for key, split in former.items())
    assert all(
        c[0].startswith("better words") for k, c in zip(store.column("id"), store.column("captions")) if k in former
    )
    apart = [
        i for i in range(0, 30, 2) if former[content_id(blob(i, 20, 20))] != former[content_id(blob(i + 1, 20, 20))]
    ]
    assert apart
    assert result.skipped["drawn"] == {"near copy of stored pictures in two splits": len(apart)}
    for i in set(range(0, 30, 2)) - set(apart):
        assert found[content_id(blob(100 + i, 20, 20))] == former[content_id(blob(i, 20, 20))]


def test_evaluation_only_near_copies_of_trainable_art_are_left_out(use, tmp_path):
    use(
        alpha=[raw(blob(i, 20, 20), f"beast {i}") for i in range(4)],
        gpl=[raw(touched(blob(2, 20, 20)), "copied beast", licence="GPL-3.0", source="gpl")],
    )
    result = run(tmp_path, ImportConfig(progress=False, evaluation_only=True))
    assert result.added == 4
    assert result.skipped["gpl"] == {"evaluation only, near copy of art that may be trained on": 1}


def test_stored_rows_keep_their_clusters_though_they_look_alike(use, tmp_path):
    base, other = blob(1, 20, 20), touched(blob(1, 20, 20))
    store = Store.create(tmp_path / "store")  # as written by `append`, which compares no pictures
    rows = [prepare(raw(base, "a"), QUIET), prepare(raw(other, "b"), QUIET)]
    store.append(replace(row, split=split, cluster=split) for row, split in zip(rows, ("train", "test")))
    use(alpha=[raw(blob(5, 20, 20), "unrelated"), raw(blob(6, 20, 20), "a")])
    assert run(tmp_path).added == 2
    found = Store.open(tmp_path / "store")
    assert splits_of(found)[content_id(blob(6, 20, 20))] == "train"  # by its group
    assert splits_of(found)[content_id(other)] == "test"


def test_bad_folders_are_named(use, tmp_path):
    use(alpha=[])
    with pytest.raises(BadInput, match="is not a folder"):
        find_sources([tmp_path / "nowhere"])
    (tmp_path / "bare").mkdir()
    with pytest.raises(BadInput, match="no importer understands"):
        find_sources([tmp_path / "bare"])
    with pytest.raises(BadInput, match="no importer 'omega'"):
        find_sources([tmp_path / "art"], ("omega",))


def test_every_importer_of_the_package_has_the_contract():
    found = stage.importers()
    assert len({i.name for i in found}) == len(found) > 0
    assert all(callable(i.detect) and callable(i.read) for i in found)


@pytest.mark.realdata
def test_real_pack_sources_are_all_recognised():
    root = Path(__file__).parents[3] / "shared" / "data"
    if not root.is_dir():
        pytest.skip("no ../shared/data here: the real art pack is not part of the repository")
    folders = {path.name for _, path in find_sources([root])}
    assert folders == {p.name for p in root.iterdir() if p.is_dir()}
