"""Each defect on pictures drawn by hand, whose cells at fault are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.quality.defects import DEFECTS, SEVERITIES, Damaged, Picture, damage
from pixelmind.quality.defects.base import changed
from pixelmind.quality.defects.material import JND, Material, depth, grown, spread
from pixelmind.quality.defects.parts import part_sets, without
from pixelmind.quality.verdict import FAMILIES
from pixelmind.records import U8

INK = {
    ".": (0, 0, 0, 0),
    "#": (20, 16, 30, 255),
    "r": (200, 40, 50, 255),
    "g": (40, 180, 80, 255),
    "b": (50, 80, 210, 255),
    "w": (250, 250, 250, 255),
    "y": (240, 220, 60, 255),
    "m": (150, 150, 150, 255),
}
SEEDS = range(12)


def drawn(*rows: str) -> U8:
    return np.array([[INK[letter] for letter in row] for row in rows], np.uint8)


def boxed(height: int, width: int, top: int, left: int, bottom: int, right: int, letter: str) -> U8:
    """A canvas of clear cells with one box."""
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[top:bottom, left:right] = INK[letter]
    return rgba


def each(name: str, rgba: U8, severity: float = 1.0, **more: object) -> list[Damaged]:
    """What a defect makes of a picture with twelve seeds, where it can be made."""
    picture = Picture(rgba=rgba, **more)  # type: ignore[arg-type]
    made = [damage(picture, np.random.default_rng(seed), name=name, severity=severity) for seed in SEEDS]
    found = [d for d in made if d is not None]
    assert found
    return found


def outlined() -> U8:
    """A white box of 12 x 12 with a dark outline, on 16 x 16."""
    rgba = boxed(16, 16, 2, 2, 14, 14, "#")
    rgba[3:13, 3:13] = INK["w"]
    return rgba


def figure() -> tuple[U8, U8]:
    """A red box with a blue and green head on top and a yellow foot below, and their region classes 1 and 2."""
    rgba = boxed(20, 20, 8, 5, 15, 15, "r")
    mask = np.zeros((20, 20), np.uint8)
    rgba[4:8, 8:12], mask[4:8, 8:12] = INK["b"], 1
    rgba[4:8:2, 8:12:2] = INK["g"]
    rgba[15:18, 6:10], mask[15:18, 6:10] = INK["y"], 2
    return rgba, mask


def moved(cells: np.ndarray, dy: int, dx: int) -> np.ndarray:
    out = np.zeros_like(cells)
    ys, xs = np.nonzero(cells)
    on = (ys + dy >= 0) & (ys + dy < cells.shape[0]) & (xs + dx >= 0) & (xs + dx < cells.shape[1])
    out[ys[on] + dy, xs[on] + dx] = True
    return out


# ---- alignment -------------------------------------------------------------------------------------------------------
def test_mixels_at_full_severity_are_blocks_and_every_block_of_a_noisy_picture_is_at_fault() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (12, 12, 4)).astype(np.uint8)
    rgba[..., 3] = 255
    sizes = set()
    for made in each("mixels", rgba):
        same = (made.rgba[1:] == made.rgba[:-1]).all((1, 2))
        sizes.add(int(same.sum()))
        wide = (made.rgba[:, 1:] == made.rgba[:, :-1]).all((0, 2))
        assert same.sum() == wide.sum()
        starts_y, starts_x = np.flatnonzero(np.append(True, ~same)), np.flatnonzero(np.append(True, ~wide))
        differs = changed(rgba, made.rgba)
        blocks = np.logical_or.reduceat(np.logical_or.reduceat(differs, starts_y, 0), starts_x, 1)
        rows, columns = np.cumsum(np.append(True, ~same)) - 1, np.cumsum(np.append(True, ~wide)) - 1
        assert (made.where == blocks[rows][:, columns]).all()
    assert sizes == {4, 6}  # blocks of 1.5 px repeat every third row, of 2 px every second


def test_a_sub_pixel_shift_blends_the_column_beside_an_edge_and_nothing_else() -> None:
    rgba = drawn(*["rrrrbbbb"] * 8)
    for made in each("sub-pixel", rgba):
        columns = np.flatnonzero(made.where.any(0))
        assert columns.tolist() in ([3], [4])
        assert made.where[:, columns[0]].all()
        middle = (rgba[0, 3, :3].astype(int) + rgba[0, 4, :3]) / 2
        assert (np.abs(made.rgba[0, columns[0], :3] - middle) <= 4).all()


def test_a_halo_over_the_whole_silhouette_is_the_rim_or_the_ring_around_it() -> None:
    rgba = boxed(12, 12, 3, 3, 9, 9, "b")
    body = rgba[..., 3] > 0
    rim, ring = body & (depth(body) == 1), grown(body, corners=False) & ~body
    kinds = set()
    for made in each("halo", rgba):
        inside = bool(made.where[body].any())
        assert (made.where == (rim if inside else ring)).all()
        kinds.add((inside, bool((made.rgba[made.where][:, 3] < 255).any())))
    assert kinds == {(True, False), (False, False), (False, True)}


def test_jaggies_of_a_plain_box_add_and_take_single_cells_of_its_rim() -> None:
    rgba = boxed(24, 24, 4, 4, 20, 20, "b")
    body = rgba[..., 3] > 0
    for made in each("jaggies", rgba):
        after = made.rgba[..., 3] > 0
        assert (made.where == (after ^ body)).all()
        near = grown(body, corners=False) & (depth(body) <= 1)
        assert not (made.where & ~near).any()
        assert (made.where & ~body).any() or (made.where & body).any()


def test_jaggies_carry_the_outline_with_them() -> None:
    for made in each("jaggies", outlined(), 0.5):
        body = made.rgba[..., 3] > 0
        rim = body & (depth(body) == 1)
        dark = (made.rgba[..., :3] == INK["#"][:3]).all(-1)
        assert (rim & dark).sum() >= 0.85 * rim.sum()


def test_orphans_are_single_cells_of_another_colour_far_from_all_around_them() -> None:
    rgba = boxed(20, 20, 2, 2, 18, 18, "m")
    rgba[3, 3:6] = INK["y"]
    for made in each("orphans", rgba, 0.5):
        assert made.where.sum() == max(3, round(0.045 * 14 * 14))
        assert (made.where == changed(rgba, made.rgba)).all()
        for y, x in np.argwhere(made.where):
            around = made.rgba[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 4)
            same = (around == made.rgba[y, x]).all(-1).sum()
            assert same == 1
            assert tuple(made.rgba[y, x].tolist()) in (INK["y"], INK["m"])


def test_a_broken_outline_has_gaps_of_the_inner_colour_or_clear_ones() -> None:
    rgba = outlined()
    line = (rgba == INK["#"]).all(-1)
    fills = set()
    for made in each("broken-outline", rgba, 0.5):
        gone = line & ~(made.rgba == INK["#"]).all(-1)
        assert (made.where == gone).all()
        assert 3 <= gone.sum() <= 0.275 * line.sum() + 3
        fills |= {tuple(c) for c in made.rgba[gone].tolist()}
    assert fills == {INK["w"], INK["."]}


# ---- palette ---------------------------------------------------------------------------------------------------------
def test_drift_moves_each_colour_of_a_region_by_one_table_and_the_told_distance() -> None:
    rgba = drawn(*["mmmmmmmmmmmm", "rrrrrrrrrrrr"] * 6)
    for made in each("drift", rgba, 0.5):
        before, after = rgba[made.where], made.rgba[made.where]
        assert len(np.unique(np.concatenate([before, after], 1), axis=0)) == len(np.unique(before, axis=0))
        far = np.linalg.norm(srgb_to_oklab(before[:, :3]) - srgb_to_oklab(after[:, :3]), axis=-1)
        assert np.median(far) == pytest.approx(0.125, abs=0.03)
        assert (made.where == changed(rgba, made.rgba)).all()


def test_near_colors_are_three_at_the_told_distance() -> None:
    rgba = boxed(20, 20, 2, 2, 18, 18, "m")
    for made in each("near-colors", rgba, 0.5):
        colors = np.unique(made.rgba[made.where], axis=0)
        assert len(colors) == 3
        far = np.linalg.norm(srgb_to_oklab(colors[:, :3]) - srgb_to_oklab(rgba[4, 4, :3]), axis=-1)
        assert far == pytest.approx(2 * JND, abs=0.006)
        assert made.where.sum() == pytest.approx(0.4 * 256, rel=0.35)


def test_noise_gives_the_cells_of_a_box_colours_of_their_own() -> None:
    rgba = boxed(20, 20, 2, 2, 18, 18, "m")
    for made in each("noise", rgba, 1.0):
        assert made.where.sum() >= 0.95 * 256
        assert len(np.unique(made.rgba[made.where], axis=0)) >= 0.8 * made.where.sum()


def test_dither_throws_flat_cells_to_a_colour_of_the_picture() -> None:
    rgba = drawn(*["mmmmmmmmmmmm"] * 6, *["wwwwwwwwwwww"] * 6)
    flat = Material.from_picture(Picture(rgba=rgba)).flat
    for made in each("dither", rgba, 0.5):
        assert not (made.where & ~flat).any()
        other = np.where(rgba == INK["m"], np.array(INK["w"], np.uint8), np.array(INK["m"], np.uint8))
        assert (made.rgba[made.where] == other[made.where]).all()


def test_bands_step_away_from_one_edge_of_a_flat() -> None:
    rgba = boxed(16, 16, 2, 2, 14, 14, "m")
    for made in each("banding", rgba, 0.5):
        light = srgb_to_oklab(made.rgba[..., :3])[2:14, 2:14, 0]
        levels = np.unique(light.round(3))
        assert 4 <= len(levels) <= 6
        assert np.diff(levels) == pytest.approx(0.0625, abs=0.015)
        down, right = np.diff(light, axis=0).round(3), np.diff(light, axis=1).round(3)
        assert all((step >= 0).all() or (step <= 0).all() for step in (down, right))


def test_pillow_shading_gets_lighter_with_every_ring() -> None:
    rgba = boxed(20, 20, 2, 2, 18, 18, "m")
    body = rgba[..., 3] > 0
    ring = depth(body)
    for made in each("pillow", rgba, 1.0):
        assert not (made.where & (ring < 2)).any()
        light = srgb_to_oklab(made.rgba[..., :3])[..., 0]
        means = [light[ring == i] for i in range(2, 9)]
        assert all(np.ptp(m) < 1e-6 for m in means)
        values = np.array([m.mean() for m in means])
        assert (np.diff(values) > -1e-6).all()
        assert values[-1] - values[0] == pytest.approx(0.45, abs=0.03)


def test_holes_are_the_cells_that_are_not_opaque_any_more_and_specks_those_that_are() -> None:
    rgba = boxed(20, 20, 5, 5, 15, 15, "b")
    body = rgba[..., 3] > 0
    alphas = set()
    for made in each("holes", rgba, 1.0):
        assert (made.where == (body & (made.rgba[..., 3] < 255))).all()
        assert not (made.where & (depth(body) < 2)).any()
        alphas.add(int(made.rgba[made.where][0, 3]) > 0)
    assert alphas == {False, True}
    for made in each("specks", rgba, 1.0):
        assert (made.where == (~body & (made.rgba[..., 3] == 255))).all()
        assert not (made.where & grown(body)).any()
        assert made.where.sum() == round(0.035 * (~grown(body)).sum())


# ---- proportion ------------------------------------------------------------------------------------------------------
def test_a_displaced_part_is_at_fault_where_it_was_and_where_it_is() -> None:
    rgba, mask = figure()
    seen = set()
    for made in each("displaced", rgba, 1.0, mask=mask):
        fits = [
            (part, dy, dx)
            for part in (1, 2)
            for dy in range(-4, 5)
            for dx in range(-4, 5)
            if (dy or dx) and (made.where == ((mask == part) | moved(mask == part, dy, dx))).all()
        ]
        assert len(fits) == 1
        part, dy, dx = fits[0]
        assert abs(np.hypot(dy, dx) - 3) <= 1
        seen.add(part)
    assert seen == {1, 2}


def test_a_missing_part_is_clear_or_smeared_over() -> None:
    rgba, mask = figure()
    inner = np.zeros_like(mask)
    rgba[10:13, 8:12], inner[10:13, 8:12] = INK["w"], 1
    for made in each("missing", rgba, 0.5, mask=inner):
        assert (made.where == (inner == 1)).all()
        assert (made.rgba[made.where] == INK["r"]).all()
    with_outline = outlined()
    with_outline[5:11, 14:16] = INK["#"]
    with_outline[6:10, 13:15] = INK["w"]
    arm = np.zeros((16, 16), np.uint8)
    arm[5:11, 14:16] = 1
    for made in each("missing", with_outline, 0.5, mask=arm):
        assert (made.where == (arm == 1)).all()
        assert (made.rgba[made.where] == 0).all()


def test_a_missing_part_that_nothing_tells_of_is_not_made() -> None:
    rgba = np.zeros((16, 24, 4), np.uint8)
    rgba[:, :16] = outlined()
    rgba[5:9, 18:22] = INK["#"]
    apart = np.zeros((16, 24), np.uint8)
    apart[5:9, 18:22] = 1
    picture = Picture(rgba=rgba, mask=apart)
    made = [damage(picture, np.random.default_rng(seed), name="missing", severity=0.5) for seed in SEEDS]
    assert not any((d.where & (apart == 1)).any() for d in made if d is not None)


def test_a_doubled_part_is_a_copy_of_it() -> None:
    rgba, mask = figure()
    for made in each("doubled", rgba, 0.5, mask=mask):
        fits = [
            (part, dy, dx)
            for part in (1, 2)
            for dy in range(-6, 7)
            for dx in range(-6, 7)
            if (dy or dx) and (made.where == moved(mask == part, dy, dx)).all()
        ]
        copies = 0
        for part, dy, dx in fits:
            ys, xs = np.nonzero(moved(mask == part, dy, dx))
            copies += bool((made.rgba[ys, xs] == rgba[ys - dy, xs - dx]).all())
        assert copies == 1


def test_swapped_parts_lie_in_each_others_place() -> None:
    rgba, mask = figure()
    head, foot = mask == 1, mask == 2
    for made in each("swapped", rgba, 0.5, mask=mask):
        assert (made.where >= (head | foot)).all()
        colors = {tuple(c) for c in made.rgba[15:18, 7:9].reshape(-1, 4).tolist()}
        assert colors <= {INK["b"], INK["g"]}
        assert {tuple(c) for c in made.rgba[5:7, 9:11].reshape(-1, 4).tolist()} == {INK["y"]}


def test_a_scaled_part_covers_about_the_square_of_the_factor() -> None:
    rgba, mask = figure()
    factors = set()
    for made in each("scaled", rgba, 1.0, mask=mask):
        assert (made.where >= changed(rgba, made.rgba)).all()
        now = np.isin(made.rgba.view(np.uint32)[..., 0], rgba[mask > 0].view(np.uint32)[..., 0])
        grew = now.sum() > (mask > 0).sum()
        factors.add(bool(grew))
        assert not (changed(rgba, made.rgba) & ~(grown(mask > 0) | made.where)).any()
    assert factors == {True, False}


def test_broken_symmetry_changes_one_half() -> None:
    rgba = boxed(20, 20, 3, 4, 17, 16, "r")
    rgba[6:8, 6:8] = rgba[6:8, 12:14] = INK["w"]
    rgba[12:14, 8:12] = INK["#"]
    sides = set()
    for made in each("asymmetry", rgba, 0.5):
        left, right = made.where[:, :10].any(), made.where[:, 10:].any()
        assert left != right
        sides.add(bool(left))
    assert sides == {True, False}


def test_a_picture_that_is_not_symmetric_has_no_symmetry_to_break() -> None:
    rgba, _ = figure()
    rgba[8:15, 5:10] = INK["g"]
    for seed in SEEDS:
        assert damage(Picture(rgba=rgba), np.random.default_rng(seed), name="asymmetry") is None


# ---- parts -----------------------------------------------------------------------------------------------------------
def test_parts_of_a_picture_without_regions_are_what_sticks_out_or_has_its_own_colour() -> None:
    rgba, mask = figure()
    m = Material.from_picture(Picture(rgba=rgba))
    found = [p for seed in SEEDS for parts in part_sets(m, np.random.default_rng(seed)) for p in parts]
    assert any((p == (mask == 2)).all() for p in found)
    assert any((p & (mask == 1)).sum() >= 10 and p.sum() <= 24 for p in found)
    assert all(p.sum() <= 0.42 * m.body_cells for p in found)


def test_known_regions_are_the_parts() -> None:
    rgba, mask = figure()
    m = Material.from_picture(Picture(rgba=rgba, mask=mask))
    found = next(part_sets(m, np.random.default_rng(0)))
    assert sorted(p.sum() for p in found) == [12, 16]


def test_what_stuck_out_leaves_clear_cells_and_what_lay_inside_its_surroundings() -> None:
    rgba, mask = figure()
    rgba[10:12, 9:11] = INK["w"]
    m = Material.from_picture(Picture(rgba=rgba))
    assert (without(m, mask == 1)[mask == 1] == 0).all()
    assert (without(m, (rgba == INK["w"]).all(-1))[10:12, 9:11] == INK["r"]).all()


def test_spread_keeps_its_distance() -> None:
    places = spread(np.ones((12, 12), bool), 9, np.random.default_rng(0), apart=2)
    far = np.abs(places[:, None] - places[None]).max(-1)
    assert len(places) >= 6
    assert far[~np.eye(len(places), dtype=bool)].min() > 2


# ---- asking ----------------------------------------------------------------------------------------------------------
def test_every_defect_says_what_it_does_and_what_a_severity_means() -> None:
    assert len(DEFECTS) >= 16
    assert {d.family for d in DEFECTS.values()} == set(FAMILIES)
    assert list(SEVERITIES.values()) == [0.25, 0.5, 1.0]
    for name, defect in DEFECTS.items():
        assert defect.name == name
        assert len(defect.does) > 20
        assert any(unit in defect.means for unit in ("px", "OKLab", "hare", "factor", "just noticeable")), name
    assert {name for name, d in DEFECTS.items() if d.needs_parts} == {
        "displaced",
        "scaled",
        "missing",
        "doubled",
        "swapped",
    }


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"name": "smudge"}, "unknown defect 'smudge'"),
        ({"family": "taste"}, "unknown family 'taste'"),
        ({"name": "drift", "family": "alignment"}, "drift is of family palette"),
        ({"severity": 0.0}, "severity must lie in"),
        ({"severity": 1.5}, "severity must lie in"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(asked: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        damage(Picture(rgba=outlined()), np.random.default_rng(0), **asked)  # type: ignore[arg-type]


def test_a_picture_of_another_kind_is_refused() -> None:
    with pytest.raises(BadInput, match="must be uint8"):
        Picture(rgba=np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(BadInput, match="its picture's size"):
        Picture(rgba=outlined(), mask=np.zeros((8, 8), np.uint8))


def test_an_empty_and_a_plain_picture_take_what_can_be_made_and_none_else() -> None:
    rng = np.random.default_rng(0)
    assert all(damage(Picture(rgba=np.zeros((16, 16, 4), np.uint8)), rng, family=f) is None for f in FAMILIES)
    plain = Picture(rgba=np.full((16, 16, 4), 255, np.uint8))
    assert damage(plain, rng, family="proportion") is None
    assert damage(plain, rng, family="alignment") is None
    assert damage(plain, rng, family="palette") is not None


def test_families_are_drawn_evenly_where_none_is_asked() -> None:
    rgba, _ = figure()
    rng = np.random.default_rng(0)
    made = [damage(Picture(rgba=rgba), rng) for _ in range(300)]
    counts = [sum(d is not None and d.family == f for d in made) for f in FAMILIES]
    assert min(counts) >= 70
    assert all(0.15 <= d.severity <= 1 for d in made if d is not None)
