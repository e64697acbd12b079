"""What `data stats` counts and what `data show` filters and draws, on a small store made by hand."""

import json

import numpy as np
import pytest

from pixelmind.data import show as show_module
from pixelmind.data import stats as stats_module
from pixelmind.data.procedural.regions import REGIONS
from pixelmind.data.show import show
from pixelmind.data.stage import encode_mask
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.pixels.png import encode_rgba_png, read_image
from pixelmind.records import Sample

ROWS = [
    # source, kind, style, genre, subject, licence, captions, parts
    ("procedural", "building", "nes", "fantasy", "castle", "CC0-1.0", ("a red castle", "castle"), ("background", "wall", "roof")),
    ("procedural", "building", "nes", "horror", "castle", "CC0-1.0", ("a dark castle",), ("background", "wall")),
    ("procedural", "vehicle", "snes", "space", "rocket", "CC0-1.0", ("a rocket",), ("background", "hull", "flame")),
    ("crawl", "character", "crawl", "fantasy", "knight", "CC-BY-SA-4.0", ("a woman in armour",), ("background", "subject")),
    ("crawl", "item", "crawl", "fantasy", "sword", "CC-BY-SA-4.0", ("a sword",), ()),
    ("shattered", "item", "spd", "", "bow", "GPL-3.0-or-later", ("a bow",), ()),
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    out = Store.create(tmp_path_factory.mktemp("store") / "s")
    samples = []
    for number, (source, kind, style, genre, subject, licence, captions, parts) in enumerate(ROWS):
        rgba = np.zeros((16, 16, 4), np.uint8)
        rgba[4:12, 4:12] = (number * 40, 20, 200, 255)
        mask = np.zeros((16, 16), np.uint8)
        mask[4:12, 4:12] = max(0, len(parts) - 1)
        tags = {"kind": kind, "style": style, "subject": subject} | ({"genre": genre} if genre else {})
        samples.append(
            Sample(
                png=encode_rgba_png(rgba),
                height=16,
                width=16,
                captions=captions,
                source=source,
                licence=licence,
                credit="Ada",
                tags=tags,
                mask_png=encode_mask(mask) if parts else None,
                mask_names=parts,
            )
        )
    out.append(samples)
    return out


def test_coverage_counts_every_cell_of_family_style_and_genre(store):
    figures = stats_module.stats(store)
    assert figures["coverage"] == {
        "castle": {"nes": {"fantasy": 1, "horror": 1}},
        "rocket": {"snes": {"space": 1}},
    }
    assert json.loads(json.dumps(figures)) == figures


def test_region_classes_are_counted_in_masks_with_parts_alone(store):
    figures = stats_module.stats(store)
    assert figures["sources"]["procedural"]["regions"] == {"wall": 1, "roof": 1, "hull": 1, "flame": 1}
    assert figures["sources"]["crawl"]["regions"] == {}
    shown = stats_module.tables(figures)[3]
    assert shown.title == f"region classes: 4 of {len(REGIONS)}"
    assert "helmet" in shown.caption
    assert "roof" not in shown.caption


def test_captions_are_measured_in_words(store):
    figures = stats_module.stats(store)
    told = figures["sources"]["procedural"]["captions"]
    assert told["number"] == told["distinct"] == 4
    assert told["words"] == {"min": 1, "median": 2.5, "mean": 2.25, "max": 3}
    assert told["vocabulary"] == 5  # a, red, castle, dark, rocket
    assert figures["vocabulary"] == 10  # and woman, in, armour, sword, bow


def test_the_ledger_says_what_each_licence_asks(store):
    ledger = stats_module.stats(store)["ledger"]
    assert {name: (e["may_train"], e["share_alike"]) for name, e in ledger.items()} == {
        "CC-BY-SA-4.0": (True, True),
        "CC0-1.0": (True, False),
        "GPL-3.0-or-later": (False, True),
    }
    assert ledger["CC-BY-SA-4.0"] | {"credit_lines": 0} == {
        "pictures": 2,
        "sources": {"crawl": 2},
        "credit_lines": 0,
        "may_train": True,
        "share_alike": True,
    }


def test_biases_are_told_over_real_pictures_with_what_cannot_be_known(store):
    told = stats_module.stats(store)["biases"]
    assert told[0] == "real pictures by source: crawl 66.7%, shattered 33.3%"
    assert "fantasy 66.7%" in told[3]
    assert "words for women with 33.3%" in " ".join(told)
    assert "cannot be counted" in " ".join(told)
    assert told[-1] == "drawn by this program: 50.0% of all pictures"


def test_masks_are_told_apart(store):
    sources = stats_module.stats(store)["sources"]
    assert sources["procedural"]["masks"] == {"parts": 2, "foreground": 1}
    assert sources["crawl"]["masks"] == {"foreground": 1, "none": 1}
    assert sources["crawl"]["masked"] == 1


def test_tables_hold_a_row_a_source_licence_region_and_family(store):
    figures = stats_module.stats(store)
    assert [t.row_count for t in stats_module.tables(figures)] == [3, 3, 3, 4, 2]
    assert len(stats_module.tables(figures | {"coverage": {}})) == 4


def test_an_empty_store_has_figures(tmp_path):
    figures = stats_module.stats(Store.create(tmp_path / "s"))
    assert figures["images"] == figures["vocabulary"] == 0
    assert figures["biases"] == []
    assert len(stats_module.tables(figures)) == 3


@pytest.mark.parametrize(
    ("filters", "count"),
    [({"family": "castle"}, 2), ({"genre": "Fantasy"}, 3), ({"family": "castle", "genre": "horror"}, 1)],
)
def test_show_filters_by_family_and_genre(store, tmp_path, filters, count):
    rows = show(store, tmp_path / "x.png", **filters)
    assert len(rows) == count
    tags = [json.loads(t) for t in store.column("tags")[rows]]
    assert all(t["subject"] == filters.get("family", t["subject"]) for t in tags)


def test_show_of_an_unknown_family_says_where_to_look(store, tmp_path):
    with pytest.raises(BadInput, match="pixelmind data stats"):
        show(store, tmp_path / "x.png", family="dragon")
    assert not (tmp_path / "x.png").exists()


def test_show_draws_masks_beside_pictures_with_a_legend(store, tmp_path):
    show(store, tmp_path / "plain.png", family="castle", scale=3)
    show(store, tmp_path / "masks.png", family="castle", scale=3, masks=True)
    plain, masks = read_image(tmp_path / "plain.png"), read_image(tmp_path / "masks.png")
    assert masks.shape[0] > plain.shape[0]  # the legend
    colors = show_module.class_colors(["wall", "roof", "wall"])
    assert list(colors) == ["roof", "wall"]
    for color in colors.values():
        assert (masks[..., :3] == color).all(-1).sum() > 8 * 8 * 9  # the mask, three times enlarged, and the legend
        assert not (plain[..., :3] == color).all(-1).any()


def test_class_colors_differ():
    names = [f"part {i}" for i in range(60)]
    assert len(set(show_module.class_colors(names).values())) == len(names)
    assert show_module.class_colors([]) == {}
