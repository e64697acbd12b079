"""Motion: the pointer sum by hand, what no frame can break, cycles and their reduction, and training on drawn people."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmind import cli
from pixelmind.errors import BadInput
from pixelmind.generator.motion import (
    ACTIONS,
    TOLD,
    Motion,
    MotionConfig,
    anchor_drift,
    canvas_of,
    distances,
    flicker,
    grounded,
    load_motion,
    pointer_sum,
    save_strip,
    sources_of,
    told_of,
    without_specks,
)
from pixelmind.generator.motion_cycles import BUILDS, Cycle, as_cycle, read_cycles
from pixelmind.generator.motion_task import (
    DRAWERS,
    MotionStageConfig,
    MotionTask,
    area_majority,
    measure,
    recolored,
    reduced,
    run,
)
from pixelmind.pixels import png
from pixelmind.records import Sprite
from pixelmind.training.config import LoopConfig
from pixelmind.training.weights import Bundle

PACK = Path("/work/shared/data")
TINY = MotionConfig(widths=(16, 24), radius=2)
STAGE = MotionStageConfig(
    network=TINY,
    walkers=4,
    idlers=1,
    sides=(56, 24),
    side_weights=(0.3, 0.7),
    test_figures=1,
    loop=LoopConfig(
        steps=60, batch_size=6, lr=1e-2, warmup_steps=5, threads=1, prefetch=0, ema_halflife_samples=(30.0,)
    ),
)


def sprite_of(indices: np.ndarray, colors: int) -> Sprite:
    """Indices with a palette of `colors` greys after the clear entry."""
    palette = np.zeros((colors + 1, 4), np.uint8)
    palette[1:] = [(20 * k + 10, 20 * k + 10, 20 * k + 10, 255) for k in range(colors)]
    return Sprite(indices=indices.astype(np.uint8), palette=palette)


def random_motion(config: MotionConfig = TINY) -> Motion:
    """A network that throws cells about."""
    torch.manual_seed(1)
    motion = Motion(config)
    torch.nn.init.normal_(motion.head.weight, std=2.0)
    torch.nn.init.zeros_(motion.bias)
    return motion.requires_grad_(False).eval()


# ------------------------------------------------------------------------------------------------------- the pointer sum
def loss_of(source: list[list[int]], target: list[list[int]], price: float = 0.0) -> list[float]:
    before, after = (torch.tensor([rows], dtype=torch.uint8) for rows in (source, target))
    logits = torch.zeros(1, 10, *before.shape[1:])  # radius 1: nine offsets and "clear", each of chance 1/10
    return pointer_sum(logits, sources_of(before, 1), after, price).flatten().tolist()


def test_pointer_sum_by_hand() -> None:
    # one pointer leads to each of the two colours, seven of the nine offsets and "clear" lead to nothing
    assert loss_of([[1, 2]], [[2, 1]]) == pytest.approx([-math.log(1 / 10)] * 2)
    assert loss_of([[1, 2]], [[0, 0]]) == pytest.approx([-math.log(8 / 10)] * 2)
    # two pointers to one colour add up; with a price the one that is a px away counts less
    assert loss_of([[1, 1]], [[1, 1]]) == pytest.approx([-math.log(2 / 10)] * 2)
    assert loss_of([[1, 1]], [[1, 1]], 0.5) == pytest.approx([-math.log((1 + math.exp(-0.5)) / 10)] * 2)
    # a colour out of reach costs nothing
    assert loss_of([[1, 1]], [[3, 1]]) == pytest.approx([0.0, -math.log(2 / 10)])


def test_a_sure_pointer_costs_nothing_and_a_wrong_one_much() -> None:
    before = torch.tensor([[[1, 2, 2]]], dtype=torch.uint8)
    logits = torch.zeros(1, 10, 1, 3)
    logits[:, 5] = 50.0  # row by row: dy 0, dx +1
    cells = pointer_sum(logits, sources_of(before, 1), torch.tensor([[[2, 2, 0]]], dtype=torch.uint8)).flatten()
    assert cells.tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
    assert pointer_sum(logits, sources_of(before, 1), before)[0, 0, 0] > 20


@given(st.integers(1, 4), st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_sources_are_shifts_of_the_labels(radius: int, seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 9, (5, 7))
    found = sources_of(torch.from_numpy(labels)[None], radius)[0].numpy()
    padded = np.pad(labels, radius)
    size = 2 * radius + 1
    assert found.shape[0] == size**2 == len(distances(radius)) - 1
    for pointer in range(size**2):
        y, x = divmod(pointer, size)
        assert np.array_equal(found[pointer], padded[y : y + 5, x : x + 7])
        assert distances(radius)[pointer] == pytest.approx(math.hypot(y - radius, x - radius))


# ------------------------------------------------------------------------------------------------------- what is drawn
@given(st.integers(3, 20), st.integers(3, 20), st.integers(1, 12), st.integers(0, 10_000), st.sampled_from(ACTIONS))
@settings(max_examples=25, deadline=None)
def test_frames_hold_the_sprites_size_and_colours_only(
    height: int, width: int, colors: int, seed: int, action: str
) -> None:
    rng = np.random.default_rng(seed)
    sprite = sprite_of(rng.integers(0, colors + 1, (height, width)) * (rng.random((height, width)) < 0.7), colors)
    if not sprite.indices.any() or sprite.indices.all():
        return
    motion = random_motion()
    strip = motion.animate(sprite, action, 3)  # type: ignore[arg-type]
    assert np.array_equal(strip[0].rgba(), sprite.rgba())
    lowest = np.flatnonzero(sprite.indices.any(1))[-1]
    for frame in strip:
        assert frame.indices.shape == sprite.indices.shape
        assert frame.palette is sprite.palette
        assert set(np.unique(frame.indices)) <= {0, *np.unique(sprite.indices)}
        assert not frame.indices.any() or np.flatnonzero(frame.indices.any(1))[-1] == lowest
    again = motion.animate(sprite, action, 3)  # type: ignore[arg-type]
    assert all(np.array_equal(a.indices, b.indices) for a, b in zip(strip, again))


def test_the_likeliest_colour_is_the_sum_over_its_cells() -> None:
    motion = random_motion(MotionConfig(widths=(16,), radius=1))
    torch.nn.init.zeros_(motion.head.weight)  # all ten pointers are as likely
    scores = motion.scores(sprite_of(np.array([[1, 2], [1, 0]]), 2), "walk", 0.25)
    assert scores[:, 0, 0].tolist() == pytest.approx([7 / 10, 2 / 10, 1 / 10])


def test_an_untrained_network_leaves_every_cell_where_it_is() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    sprite = sprite_of(np.pad(rng.integers(1, 6, (12, 9)), 2), 5)
    frame = Motion(MotionConfig()).eval().frame(sprite, "idle", 0.5)
    assert (frame.indices == sprite.indices).mean() > 0.9


def test_specks_are_cleared_but_those_of_the_sprite_itself() -> None:
    source, drawn = np.zeros((8, 8), np.uint8), np.zeros((8, 8), np.uint8)
    source[0:3, 0:3] = source[7, 7] = 1
    drawn[0:3, 0:3] = 1
    drawn[3, 3] = 2  # touches the figure at its corner
    drawn[7, 7] = 3  # a speck that the sprite has too
    drawn[0, 6:8] = drawn[5:7, 0] = 4  # two cells each that it has not
    wanted = drawn * (drawn < 4)
    assert without_specks(drawn, source).tolist() == wanted.tolist()
    assert not without_specks(drawn * 0, source).any()


def test_what_is_told() -> None:
    walk, idle = told_of("walk", 0.25), told_of("idle", 0.0)
    assert walk.shape == (TOLD,)
    assert idle.tolist() == [1, 0, 1, 0, 1, 0, 0, 0, 0, 0]
    assert walk.tolist() == pytest.approx([0, 0, 0, 0, 0, 1, 1, 0, 0, -1], abs=1e-6)
    rgba = np.zeros((6, 5, 4), np.uint8)
    rgba[1:4, 2:5] = 255
    canvas = canvas_of(rgba)
    assert canvas.shape == (6, 6, 5)
    assert canvas[4, :, 0].tolist() == [-1.5, -1, 0, 1, 1.5, 1.5]
    assert canvas[5, 0].tolist() == [-1.5, -1.5, -1, 0, 1]


def test_drift_and_flicker_by_hand() -> None:
    standing, raised = np.zeros((5, 4)), np.zeros((5, 4))
    standing[1:4], raised[0:2] = 1, 1
    strip = [sprite_of(labels, 1) for labels in (standing, raised, standing)]
    assert anchor_drift(strip) == 2
    assert anchor_drift(strip[::2]) == 0
    # of a cycle of four frames the second changes 12 cells for itself: rows 0, 2, 3; four rows are ever opaque
    frames = [standing, raised, standing, standing]
    assert flicker([f.astype(np.uint8) for f in frames]) == pytest.approx(12 / (16 * 4))


@pytest.mark.parametrize(
    ("indices", "action", "frames", "message"),
    [
        (np.ones((4, 4)), "walk", 4, "no clear cell"),
        (np.zeros((4, 4)), "walk", 4, "clear everywhere"),
        (np.eye(4), "fly", 4, "idle, walk"),
        (np.eye(4), "walk", 1, "2 to 64"),
        (np.eye(200), "walk", 4, "at most 128"),
    ],
)
def test_what_cannot_be_animated_is_named(indices: np.ndarray, action: str, frames: int, message: str) -> None:
    palette = np.array([[0, 0, 0, 0], [9, 9, 9, 255]], np.uint8)
    with pytest.raises(BadInput, match=message):
        random_motion().animate(Sprite(indices=indices.astype(np.uint8), palette=palette), action, frames)  # type: ignore[arg-type]


def test_a_strip_is_read_back_from_its_three_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    sprite = sprite_of(np.pad(rng.integers(1, 5, (9, 6)), 3), 4)
    strip = random_motion().animate(sprite, "walk", 4)
    sheet, description, animation = save_strip(strip, tmp_path / "hero.png", "walk", 10, 2)
    told = json.loads(description.read_text())
    assert told["meta"]["frameTags"] == [{"name": "walk", "from": 0, "to": 3, "direction": "forward"}]
    image = png.read_image(sheet)
    with Image.open(animation) as gif:
        assert (gif.n_frames, gif.info["duration"], gif.info["loop"]) == (4, 100, 0)
        for number, (frame, about) in enumerate(zip(strip, told["frames"].values())):
            gif.seek(number)
            large = frame.rgba().repeat(2, 0).repeat(2, 1)
            assert np.array_equal(np.asarray(gif.convert("RGBA")) * (large[..., 3:] > 0), large)
            box = about["frame"]
            assert np.array_equal(image[box["y"] : box["y"] + box["h"], box["x"] : box["x"] + box["w"]], large)
            assert about["duration"] == 100
    with pytest.raises(BadInput, match="cannot write"):
        save_strip(strip, sheet / "x.png", "walk", 10)


# --------------------------------------------------------------------------------------------------------------- cycles
def test_a_frame_stands_on_the_ground_line_and_keeps_its_head() -> None:
    still, low, high = (np.zeros((64, 8), np.uint8) for _ in range(3))
    still[10:60], low[11:61], high[9:58] = 1, 1, 1
    for frame, top in ((low, 11), (high, 9)):
        rows = np.flatnonzero(grounded(frame, still).any(1))
        assert (rows[0], rows[-1]) == (top, 59)
    assert grounded(still, still) is still
    assert np.flatnonzero(grounded(low[:61], still[:61]).any(1))[-1] == 59  # on the last row of its canvas, too
    assert not grounded(still * 0, still).any()  # what has vanished stands nowhere


def test_frames_are_indexed_in_the_colours_of_the_first() -> None:
    still, moved = np.zeros((6, 6, 4), np.uint8), np.zeros((6, 6, 4), np.uint8)
    still[2:5, 2:4], still[2, 2] = (200, 0, 0, 255), (0, 0, 200, 255)
    moved[2:5, 1:3], moved[2, 1] = (190, 10, 0, 255), (0, 0, 190, 255)
    cycle = as_cycle([still, moved], (0, 0.5), "walk", "left", False)
    assert cycle is not None
    assert cycle.labels.tolist() == [[[0, 1, 2], [0, 2, 2], [0, 2, 2]], [[1, 2, 0], [2, 2, 0], [2, 2, 0]]]
    assert cycle.palette.tolist() == [[0, 0, 0, 0], [0, 0, 200, 255], [200, 0, 0, 255]]
    assert as_cycle([moved * 0, moved], (0, 0.5), "walk", "left", False) is None


def test_area_majority_by_hand() -> None:
    labels = np.array([[[1, 1, 0, 0], [1, 2, 0, 3], [2, 2, 3, 3], [2, 1, 3, 3]]], np.uint8)
    whole, halves = np.arange(5.0), np.arange(0, 5, 2.0)
    assert np.array_equal(area_majority(labels, whole, whole), labels)
    assert area_majority(labels, halves, halves).tolist() == [[[1, 0], [2, 3]]]
    # 4/3 cells a side: the first takes 1 + 1/3 + 1/3 of label 1 and 1/9 of label 2, of 16/9 in all
    thirds = np.arange(4) * (4 / 3)
    assert area_majority(labels, thirds, thirds)[0, 0, 0] == 1
    assert reduced(labels, 4)[0, 1:-1, 1:-1].tolist() == labels[0].tolist()


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_other_colours_are_the_same_cells(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 13, (2, 6, 6)).astype(np.uint8)
    palette = np.concatenate([rng.integers(0, 256, (13, 3)), np.full((13, 1), 255)], 1).astype(np.uint8)
    palette[0] = 0
    colors, cells = recolored(palette, labels, rng)
    assert ((cells == 0) == (labels == 0)).all()
    assert not colors[0].any()
    assert all(len(np.unique(cells[labels == k])) <= 1 for k in range(13))  # what was one colour stays one
    assert (colors[np.unique(cells[cells > 0]), 3] == 255).all()


# -------------------------------------------------------------------------------------------------------------- training
def strip_sheet(path: Path, columns: int, boxes: list[tuple[int, int, int, int]], color: str) -> None:
    """Four rows of 64 px cells; the first box swings to and fro from frame to frame, the others stay."""
    image = Image.new("RGBA", (columns * 64, 256))
    for row in range(4):
        for frame in range(columns):
            for number, (left, top, right, bottom) in enumerate(boxes):
                move = (frame % 2) * 2 if number == 0 and columns == 8 else 0
                image.paste(
                    color, (frame * 64 + left + move, row * 64 + top, frame * 64 + right + move, row * 64 + bottom)
                )
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkouts in the form of both LPC sets, with people made of boxes."""
    folder = tmp_path_factory.mktemp("art")
    sheets = folder / "generator/resources/spritesheets"
    names = {f"body/{build}": ([(26, 44, 30, 62), (24, 30, 40, 62)], "#e4a47c") for build in BUILDS}
    names |= {f"head/{head}": ([(26, 16, 38, 30)], "#f9d5ba") for heads, _ in BUILDS.values() for head in heads}
    for fit in ("male", "female"):
        names[f"pants/{fit}"] = [(26, 44, 30, 56), (25, 44, 39, 54)], "#c4b59f"
        names[f"cape/solid-{fit}"] = [(24, 30, 26, 50)], "#ececed"
        names[f"cape/solid-{fit}/solid_behind"] = [(23, 30, 41, 52)], "#d5d7da"
    names |= {f"hair/{style}": ([(25, 14, 39, 20)], "#e55600") for style in ("afro", "bangs", "buzzcut")}
    names["weapon/halberd"] = [(18, 20, 20, 60)], "#775533"
    for name, (boxes, color) in names.items():
        for animation, columns in (("idle", 2), ("walk", 8)):
            strip_sheet(sheets / name / f"{animation}.png", columns, boxes, color)
    (folder / "generator/resources/sheet-definitions").mkdir()
    palettes = folder / "generator/resources/palette-definitions"
    palettes.mkdir()
    for kind, ramps in {
        "skin": {"light": ["#f9d5ba", "#e4a47c"], "green": ["#88cc88", "#448844"]},
        "cloth": {"white": ["#c4b59f", "#958080"], "red": ["#cc2222", "#881111"]},
        "eyes": {"blue": ["#57cee4"], "red": ["#ff0000"]},
        "hair": {"orange": ["#e55600"], "black": ["#221111"]},
    }.items():
        (palettes / f"{kind}.json").write_text(json.dumps(ramps))
    people = folder / "revised/Characters"
    for number, build in ((1, "Feminine"), (2, "Masculine")):
        strip_sheet(people / f"Body/Body 0{number} - {build}, Thin/Tan/Idle.png", 3, [(24, 30, 40, 62)], "#ccaa88")
        strip_sheet(people / f"Head/Head 0{number} - {build}/Tan/Idle.png", 3, [(22, 14, 42, 32)], "#ddbb99")
        for part, name in (("Torso", "Shirt 04 - T-shirt"), ("Legs", "Pants 03 - Pants")):
            strip_sheet(people / f"Clothing/{build}, Thin/{part}/{name}/Red/Idle.png", 3, [(24, 40, 40, 50)], "#bb2222")
    strip_sheet(people / "Hair/Short 02 - Parted/Black/Idle.png", 3, [(22, 10, 42, 18)], "#111111")
    strip_sheet(people / "Head Accessories/Helm 01 - Bascinet, Open/Steel/Idle.png", 3, [(22, 10, 42, 18)], "#8899aa")
    return folder


@pytest.fixture(scope="module")
def cycles(art: Path) -> list[Cycle]:
    return read_cycles(art, 5, 2)


def test_cycles_are_the_same_every_time_and_no_test_character_is_trained_on(art: Path, cycles: list[Cycle]) -> None:
    again = read_cycles(art, 1, 0)
    assert len(again) == 8
    assert all(
        np.array_equal(a.labels, b.labels) and np.array_equal(a.palette, b.palette) for a, b in zip(cycles, again)
    )
    assert {(c.action, c.held_out) for c in cycles} == {(a, h) for a in ACTIONS for h in (True, False)}
    for cycle in cycles:
        assert len(cycle.labels) == len(cycle.phases) == (8 if cycle.action == "walk" else 4)
        assert cycle.labels.max() < len(cycle.palette)
        lowest = [np.flatnonzero(labels.any(1))[-1] for labels in cycle.labels]
        assert len(set(lowest)) == 1
    task = MotionTask(STAGE, cycles)
    assert not {id(c) for cs in task.train_cycles.values() for c in cs} & {id(c) for c in cycles if c.held_out}
    batch, same = task.batch(5), task.batch(5)
    assert all(torch.equal(batch[key], same[key]) for key in batch)
    assert batch["canvas"].shape[1:] in {(6, 56, 56), (6, 24, 24)}
    assert ((batch["before"] > 0) == (batch["canvas"][:, 3] > 0)).all()


def test_figures_of_the_baselines_by_hand() -> None:
    # a figure of 2 x 2 cells whose lower half steps a px to the right: of 6 x 7 counted cells two differ
    labels = np.zeros((4, 2, 3), np.uint8)
    labels[:, 0, :2], labels[0::2, 1, :2], labels[1::2, 1, 1:] = 1, 1, 1
    palette = np.array([[0, 0, 0, 0], [9, 9, 9, 255]], np.uint8)
    cycle = Cycle(labels, palette, (0, 0.25, 0.5, 0.75), "walk", "left", True)
    values = {f.metric: f.value for f in measure([cycle], 1, None, DRAWERS["still"], "still")}
    assert values["cells_right"] == pytest.approx(1 - 4 / (3 * 42))
    assert values["moved_right"] == 0
    assert values["silhouette_iou"] == pytest.approx((3 / 5 + 1 + 3 / 5) / 3)
    assert values["anchor_drift_px"] == 0
    assert (values["flicker"], values["flicker_of_the_art"]) == (0, pytest.approx(2 * 4 / (5 * 4)))
    assert {f.metric: f.value for f in measure([cycle], 1, None, DRAWERS["bob"], "bob")}["anchor_drift_px"] == 1
    assert measure([], 1, None, DRAWERS["bob"], "bob") == []


def test_it_learns_and_the_bundle_holds_it(art: Path, cycles: list[Cycle], tmp_path: Path) -> None:
    trained, figures = run(STAGE, art, tmp_path / "run")
    assert trained.finished
    assert {f.note.split(",")[0] for f in figures} == {"network", "still", "bob"}
    motion = load_motion(tmp_path / "run")
    assert motion.config == TINY
    task = MotionTask(STAGE, cycles)
    batches = [task.batch(step) for step in (97, 98, 99)]

    def loss() -> float:
        return sum(float(task.loss(batch, torch.Generator())["loss"].detach()) for batch in batches)

    untrained = loss()
    task.motion.load_state_dict(motion.state_dict())
    assert loss() < 0.95 * untrained
    assert json.loads((tmp_path / "run/report.json").read_text())["split"] == "held-out people"


def test_art_that_is_not_there_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput, match="no LPC generator"):
        read_cycles(tmp_path / "none", 2, 0)
    assert cli.run(["train", "motion", "--preset", "nano", "--data", str(tmp_path), "--out", str(tmp_path / "r")]) == 2
    assert "LPC" in capfd.readouterr().err
    with pytest.raises(BadInput, match="no motion"):
        load_motion(Bundle.create(tmp_path / "bundle").folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sides": (20,)}, "sides"),
        ({"side_weights": (1.0,)}, "shares"),
        ({"walkers": 1}, "walkers"),
        ({"still": 0.0}, "still"),
    ],
)
def test_bad_configs_are_named(change: dict, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        MotionStageConfig(**change)
    with pytest.raises(BadInput, match="widths"):
        MotionConfig(widths=(12,))
    with pytest.raises(BadInput, match="radius"):
        MotionConfig(radius=0)


@pytest.mark.realdata
@pytest.mark.skipif(not PACK.is_dir(), reason="the art pack is not here")
def test_real_walkers_move_their_legs_more_than_their_heads() -> None:
    cycles = [c for c in read_cycles(PACK, 2, 0) if c.action == "walk"]
    assert {c.view for c in cycles} == {"back", "left", "front", "right"}
    for cycle in cycles:
        changed = (cycle.labels[1:] != cycle.labels[0]).mean(axis=(0, 2))
        third = len(changed) // 3
        assert changed[-third:].mean() > 0.1
