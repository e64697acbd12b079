"""Each rule on pictures drawn by hand, whose counts are known; what turning and mirroring must not change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelmind.errors import BadInput
from pixelmind.pixels import palettes
from pixelmind.pixels.clusters import label
from pixelmind.quality.lint import MAX_COLORS, MAX_SIDE, RULES, lint
from pixelmind.quality.lint.base import CLASSES
from pixelmind.quality.lint.jaggies import uneven
from pixelmind.quality.lint.pillow import depth
from pixelmind.quality.lint.usual import USUAL
from pixelmind.records import U8

INK = {
    ".": (0, 0, 0, 0),
    "#": (20, 16, 30, 255),
    "r": (200, 40, 50, 255),
    "g": (40, 180, 80, 255),
    "b": (50, 80, 210, 255),
    "w": (250, 250, 250, 255),
    "h": (200, 40, 50, 120),
    "1": (60, 60, 60, 255),
    "2": (100, 100, 100, 255),
    "3": (140, 140, 140, 255),
    "4": (180, 180, 180, 255),
}


def drawn(*rows: str) -> U8:
    return np.array([[INK[letter] for letter in row] for row in rows], np.uint8)


def count(rule: str, rgba: U8, **more: object) -> int:
    return lint(rgba, **more).count(rule).count  # type: ignore[arg-type]


def cells(rule: str, rgba: U8) -> set[tuple[int, int]]:
    return {(int(y), int(x)) for y, x in np.argwhere(lint(rgba).count(rule).cells)}


def disc(size: int = 24, radius: float = 9.0) -> np.ndarray:
    y, x = np.mgrid[:size, :size]
    return np.hypot(y - (size - 1) / 2, x - (size - 1) / 2) < radius


def test_clusters_join_by_sides_and_by_corners() -> None:
    mask = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 1]], bool)
    labels, sizes = label(mask, mask)
    assert sizes.tolist() == [4]
    assert labels[0].tolist() == [0, -1, 0]
    labels, sizes = label(mask, mask, corners=False)
    assert sizes.tolist() == [1, 1, 1, 1]
    assert labels.max() == 3
    values = np.array([[1, 1, 2], [2, 1, 2]])
    labels, sizes = label(values, values > 0, corners=False)
    assert labels.tolist() == [[0, 0, 1], [2, 0, 1]]
    assert sizes.tolist() == [3, 2, 1]


def test_a_snake_is_one_cluster() -> None:
    snake = np.zeros((41, 41), bool)
    snake[::2] = True
    snake[1::4, -1] = snake[3::4, 0] = True
    assert label(snake, snake, corners=False)[1].tolist() == [int(snake.sum())]


def test_orphans() -> None:
    rgba = drawn("rrrrr", "rrbrr", "rrrrr", "grrrw")
    assert cells("orphans", rgba) == {(1, 2), (3, 0), (3, 4)}
    assert lint(rgba).count("orphans").share == pytest.approx(3 / 20)
    assert count("orphans", drawn("rbrb", "brbr", "rbrb")) == 0  # checks hold together


def test_lone_cells_that_hardly_differ_are_noise_and_no_orphans() -> None:
    rgba = drawn("rrrrr", "rrrrr", "rrrrr")
    for add, orphans, noise in ((2, 0, 1), (40, 0, 0), (160, 1, 0)):
        hurt = rgba.copy()
        hurt[1, 2, 1] += add
        assert (count("orphans", hurt), count("noise", hurt)) == (orphans, noise), add
    mixed = drawn("rrrrr", "rrrbb", "rrrrr")
    mixed[1, 2] = (52, 82, 212, 255)  # near one neighbour of eight
    assert cells("noise", mixed) == {(1, 2)}
    assert count("orphans", drawn("....", ".b..", "....")) == 1  # nothing beside it


def test_near_colours_and_their_rarer_cells() -> None:
    rgba = drawn("rrr", "bbb")
    rgba[0, 2, 0] += 2
    assert count("near-colors", rgba) == 2
    assert cells("near-colors", rgba) == {(0, 2)}
    assert count("near-colors", drawn("rb")) == 0


def test_colours_against_a_budget() -> None:
    rgba = drawn("rrrrg", "bbbbw")
    assert not lint(rgba).findings
    (finding,) = lint(rgba, max_colors=2).findings
    assert (finding.rule, finding.count, finding.share) == ("colors", 4, 2.0)
    assert finding.message == "4 colours: 2 above the budget of 2; merge the rarest"
    assert np.argwhere(finding.cells).tolist() == [[0, 4], [1, 4]]
    many = np.full((4, 4, 4), 255, np.uint8)
    many[..., 0] = np.arange(0, 160, 10).reshape(4, 4)
    assert "pixelmind snap" not in lint(many, max_colors=4).count("colors").message
    assert "13 above the budget of 3; if it was smoothed" in lint(many, max_colors=3).count("colors").message
    assert not lint(rgba, max_colors=4).findings
    assert not lint(rgba, max_colors=4, everything=True).count("colors").fault


def test_off_palette_is_exact() -> None:
    rgba = np.full((2, 2, 4), 255, np.uint8)
    rgba[..., :3] = palettes.get("gameboy").colors[0]
    assert count("off-palette", rgba, palette=palettes.get("gameboy")) == 0
    rgba[1, 1, 0] += 1
    assert count("off-palette", rgba, palette=palettes.get("gameboy")) == 1
    assert count("off-palette", rgba) == 0


def test_half_clear_cells() -> None:
    rgba = drawn("r.h", "hrr")
    assert cells("semi-clear", rgba) == {(0, 2), (1, 0)}
    assert lint(rgba).count("semi-clear").share == pytest.approx(2 / 5)


def test_specks_stand_alone_beside_something_large() -> None:
    body = ["rrrrrr......", "rrrrrr...b..", "rrrrrr......", "rrrrrr....g.", "rrrrrr...g..", "rrrrrr......"]
    assert cells("specks", drawn(*body)) == {(1, 9), (3, 10), (4, 9)}
    assert count("specks", drawn(*body)) == 2
    assert count("specks", drawn("rr..", "...b")) == 0  # nothing large
    touching = drawn("rrrrrr.", "rrrrrr.", "rrrrrr.", "......b")
    assert count("specks", touching) == 0


def test_pinholes_lie_inside() -> None:
    rgba = drawn("rrrrrrr", "r.rrr.r", "rrrrrrr", "rr..rrr", "rrrrrr.", "rrrrrrr")
    assert cells("pinholes", rgba) == {(1, 1), (1, 5), (3, 2), (3, 3)}
    assert count("pinholes", rgba) == 3
    assert count("pinholes", drawn("rrrrr", "r...r", "rrrrr")) == 0  # a window is three cells and larger


@pytest.mark.parametrize(
    ("lengths", "places"),
    [
        ([3, 1, 3], [1]),
        ([3, 3, 3], []),
        ([2, 1, 2, 1, 2], []),  # a straight line between two slopes
        ([7, 4, 2, 1, 1], []),  # a curve
        ([3, 3, 1, 3, 3], [2]),
        ([1, 1, 4, 1, 1], [2]),
        ([1, 4, 1], []),  # ends may be cut off
        ([4, 4, 2, 4, 1, 4], [2, 4]),
    ],
)
def test_uneven_runs(lengths: list[int], places: list[int]) -> None:
    assert uneven(lengths) == places


def test_jaggies_along_a_silhouette() -> None:
    def slope(lengths: list[int]) -> U8:
        width = sum(lengths) + 4
        rows = ["." * width, "." * width]
        for i in range(len(lengths)):
            left = sum(lengths[:i])
            rows.append("." * 2 + "r" * (left + lengths[i]) + "." * (width - 2 - left - lengths[i]))
        rows.append("." * width)
        return drawn(*rows)

    assert count("jaggies", slope([3, 3, 3, 3])) == 0
    jagged = slope([3, 3, 1, 3, 3])
    assert cells("jaggies", jagged) == {(4, 8)}
    for turned in (np.rot90(jagged), jagged[:, ::-1], jagged[::-1]):
        assert count("jaggies", np.ascontiguousarray(turned)) == 1
    assert count("jaggies", drawn("rrr", "rrr", "rrr")) == 0  # the canvas's edge is no silhouette


def test_bumps_and_dents_of_a_straight_edge() -> None:
    block = ["." * 9, "." * 9, *[".rrrrrrr."] * 6, "." * 9]
    assert count("jaggies", drawn(*block)) == 0
    bump = [*block[:1], "....r....", *block[2:]]
    assert cells("jaggies", drawn(*bump)) == {(1, 4)}
    dent = [*block[:2], ".rrr.rrr.", *block[3:]]
    assert cells("jaggies", drawn(*dent)) == {(3, 4)}  # the floor of the dent
    assert count("jaggies", drawn(*dent)) == 1
    assert count("jaggies", drawn(*block[:1], "..r......", *block[2:])) == 0  # too near a corner to tell
    wide = ["." * 13, "." * 13, *[".rrrrrrrrrrr."] * 3, "." * 13]
    assert cells("jaggies", drawn(*wide[:1], ".....rrr.....", *wide[2:])) == {(1, 5), (1, 6), (1, 7)}
    assert count("jaggies", drawn(*wide[:1], "....rrrr.....", *wide[2:])) == 0  # a step, no slip
    roof = [".......", "...r...", ".rrrrr.", "rrrrrrr"]
    assert count("jaggies", drawn(*[r.center(11, ".") for r in roof], "r" * 11, "." * 11)) == 0  # a tip


def test_a_disc_is_smooth() -> None:
    for radius in (4.0, 5.5, 7.0, 9.0):
        rgba = np.zeros((24, 24, 4), np.uint8)
        rgba[disc(24, radius)] = INK["r"]
        assert count("jaggies", rgba) == 0, radius


def test_doubled_steps_of_an_outline() -> None:
    rgba = np.zeros((24, 24, 4), np.uint8)
    rgba[disc(24, 9)] = INK["#"]
    rgba[disc(24, 8)] = INK["r"]
    assert count("doubles", rgba) == 0
    line = rgba[..., 0] == INK["#"][0]
    line &= rgba[..., 3] > 0
    spots = []
    for y, x in np.argwhere(rgba[..., 0] == INK["r"][0]):
        again = rgba.copy()
        again[y, x] = INK["#"]
        if count("doubles", again) == 1:
            spots.append((y, x))
            assert (y, x) in cells("doubles", again)
    assert len(spots) >= 8
    assert all(line[y - 1 : y + 2, x - 1 : x + 2].sum() >= 2 for y, x in spots)


def test_an_outline_doubled_throughout_is_a_style_and_a_box_has_no_doubles() -> None:
    stairs = drawn("........", ".##.....", ".r##....", ".rr##...", ".rrr##..", ".rrrr#..", ".#####..", "........")
    assert count("doubles", stairs) == 0
    box = drawn("......", ".####.", ".#rr#.", ".#rr#.", ".####.", "......")
    assert count("doubles", box) == 0
    assert lint(box).count("doubles").share == 0


def test_gaps_of_an_outline() -> None:
    box = ["." * 9, ".#######.", *[".#rrrrr#."] * 5, ".#######.", "." * 9]
    assert count("broken-outline", drawn(*box)) == 0
    box[3] = ".rrrrrr#."
    box[1] = ".###rr##."
    broken = drawn(*box)
    assert count("broken-outline", broken) == 2
    assert cells("broken-outline", broken) == {(3, 1), (1, 4), (1, 5)}
    assert count("broken-outline", drawn("....", ".rb.", ".gw.", "....")) == 0  # no outline to break


def test_a_fringe_of_white() -> None:
    y, x = np.mgrid[:24, :24]
    far = np.hypot(y - 11.5, x - 11.5)
    rgba = np.zeros((24, 24, 4), np.uint8)
    rgba[far < 9] = INK["r"]
    clean = lint(rgba).count("halo")
    assert clean.count == 0
    rim = np.argwhere((far < 9) & (far >= 8.4))
    for i, (row, column) in enumerate(rim):
        share = 0.3 + 0.05 * (i % 8)
        rgba[row, column, :3] = np.rint(np.array(INK["r"][:3]) * (1 - share) + 255 * share)
    found = lint(rgba).count("halo")
    assert found.count >= 0.5 * len(rim)
    assert {tuple(c) for c in np.argwhere(found.cells)} <= {tuple(c) for c in rim}
    assert found.fault


def test_bands_that_hug() -> None:
    banded = drawn(*["1112333"] * 6)
    assert cells("banding", banded) == {(y, 3) for y in range(6)}
    assert count("banding", drawn(*["1122233"] * 6)) == 0  # wide enough
    assert count("banding", drawn(*["1112333"] * 4)) == 0  # too short
    assert count("banding", drawn(*["1113222"] * 6)) == 0  # no ramp
    assert count("banding", drawn(*["###2www"] * 6)) == 0  # an outline, no ramp


def test_pillow_shading_has_no_side() -> None:
    y, x = np.mgrid[:26, :26]
    far = np.hypot(y - 12.5, x - 12.5)
    rgba = np.zeros((26, 26, 4), np.uint8)
    for radius, letter in ((11.5, "#"), (10.5, "1"), (8, "2"), (5.5, "3"), (3, "4")):
        rgba[far < radius] = INK[letter]
    assert count("pillow", rgba) == 1
    lit = rgba.copy()
    from_corner = np.hypot(y - 5, x - 5)
    for radius, letter in ((99, "1"), (16, "2"), (11, "3"), (6, "4")):
        lit[(far < 10.5) & (from_corner < radius)] = INK[letter]
    assert count("pillow", lit) == 0
    face = rgba.copy()  # a pale face in dark hair: light in the middle, but of another hue
    for radius, color in ((10.5, (60, 10, 10)), (8, (70, 20, 15)), (5.5, (240, 220, 120)), (3, (230, 210, 110))):
        face[far < radius, :3] = color
    assert count("pillow", face) == 0
    hollow = rgba.copy()  # darker to the middle is no pillow
    for radius, letter in ((10.5, "4"), (8, "3"), (5.5, "2"), (3, "1")):
        hollow[far < radius] = INK[letter]
    assert count("pillow", hollow) == 0


def test_depth_counts_rings() -> None:
    assert depth(np.ones((5, 5), bool)).tolist() == [
        [1, 1, 1, 1, 1],
        [1, 2, 2, 2, 1],
        [1, 2, 3, 2, 1],
        [1, 2, 2, 2, 1],
        [1, 1, 1, 1, 1],
    ]


def speckled(size: int, seed: int = 0) -> U8:
    letters = np.random.default_rng(seed).integers(0, 3, (size, size))
    return np.array([INK["r"], INK["g"], INK["b"]], np.uint8)[letters]


def test_a_whole_enlargement_is_counted_at_its_true_size() -> None:
    small = speckled(12)
    big = small.repeat(3, 0).repeat(3, 1)
    report = lint(big)
    assert (report.size, report.factor, report.colors) == ((12, 12), 3, 3)
    mixels = report.count("mixels")
    assert (mixels.count, mixels.share, mixels.fault) == (144, 1.0, True)
    assert mixels.cells.shape == (36, 36)
    assert "12x12 px enlarged 3 times" in mixels.message
    orphans = lint(small).count("orphans")
    assert report.count("orphans").count == orphans.count
    assert (report.count("orphans").cells[::3, ::3] == orphans.cells).all()


def test_a_plain_box_on_even_px_is_not_an_enlargement() -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[2:14, 2:14] = INK["r"]
    assert lint(rgba).factor == 1
    assert count("mixels", rgba) == 0


def test_a_region_in_larger_pixels() -> None:
    rgba = speckled(32)
    assert count("mixels", rgba) == 0
    rgba[10:22, 7:19] = speckled(6, 1).repeat(2, 0).repeat(2, 1)
    found = lint(rgba).count("mixels")
    inside = np.zeros((32, 32), bool)
    inside[10:22, 7:19] = True
    assert (found.cells & inside).sum() >= 100
    assert (found.cells & ~inside).sum() <= 20


def test_findings_are_what_is_beyond_the_usual() -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[2:14, 2:14] = INK["r"]
    rgba[5, 5] = INK["b"]
    assert lint(rgba).count("orphans").count == 1
    assert not lint(rgba).findings
    assert [f.rule for f in lint(rgba, everything=True).findings] == ["orphans"]
    assert [f.rule for f in lint(rgba, rules=["orphans", "colors"]).counts] == ["orphans", "colors"]


def test_usual_shares_are_of_known_rules_and_classes() -> None:
    assert set(USUAL) <= set(RULES)
    assert all(len(shares) == len(CLASSES) and all(0 <= s <= 1 for s in shares) for shares in USUAL.values())
    assert [name for name, rule in RULES.items() if name != rule.name] == []


def test_bad_input_is_one_line() -> None:
    for rgba, more, words in (
        (np.zeros((4, 4, 3), np.uint8), {}, "uint8 [height, width, 4]"),
        (np.zeros((4, MAX_SIDE + 1, 4), np.uint8), {}, "pixelmind snap"),
        (drawn("r"), {"max_colors": 0}, "at least 1"),
        (drawn("r"), {"rules": ["orphan"]}, "use one of mixels"),
    ):
        with pytest.raises(BadInput) as error:
            lint(rgba, **more)  # type: ignore[arg-type]
        assert words in str(error.value)
        assert "\n" not in str(error.value)
    photo = np.random.default_rng(0).integers(0, 256, (80, 80, 4), np.uint8)
    photo[..., 3] = 255
    assert len(np.unique(photo.reshape(-1, 4), axis=0)) > MAX_COLORS
    with pytest.raises(BadInput, match="photo"):
        lint(photo)


def test_odd_pictures_are_no_trouble() -> None:
    for rgba in (
        np.zeros((1, 1, 4), np.uint8),
        drawn("r"),
        np.zeros((9, 9, 4), np.uint8),
        np.full((30, 3, 4), 255, np.uint8),
        np.full((16, 16, 4), 90, np.uint8),
    ):
        assert [f.rule for f in lint(rgba).counts] == list(RULES)


PICTURES = arrays(np.uint8, st.tuples(st.integers(1, 18), st.integers(1, 18)), elements=st.integers(0, 5)).map(
    lambda letters: np.array([INK[c] for c in "..rg#h"], np.uint8)[letters]
)
BLOTS = st.tuples(st.integers(0, 2**16), st.integers(6, 20)).map(
    lambda pair: speckled(pair[1], pair[0]) * np.uint8(1) * disc(pair[1], pair[1] / 2.3)[..., None]
)


@settings(max_examples=40, deadline=None)
@given(st.one_of(PICTURES, BLOTS))
def test_turning_and_mirroring_change_no_count(rgba: U8) -> None:
    report = lint(rgba)
    for turn in (lambda a: np.rot90(a), lambda a: a[:, ::-1], lambda a: a.swapaxes(0, 1)):
        again = lint(np.ascontiguousarray(turn(rgba)))
        for before, after in zip(report.counts, again.counts):
            assert (before.rule, before.count) == (after.rule, after.count)
            if before.rule not in ("colors", "near-colors"):  # which of two equally rare colours is marked may differ
                assert (turn(before.cells) == after.cells).all(), before.rule


@settings(max_examples=40, deadline=None)
@given(PICTURES)
def test_cells_lie_in_the_picture_and_fit_the_count(rgba: U8) -> None:
    for finding in lint(rgba).counts:
        assert finding.cells.shape == rgba.shape[:2]
        assert finding.cells.dtype == bool
        assert finding.share >= 0
        if finding.rule not in ("colors", "near-colors"):
            assert bool(finding.cells.any()) == (finding.count > 0)
        if finding.rule not in ("pinholes", "mixels"):
            assert not finding.cells[rgba[..., 3] == 0].any()
