"""Edit pairs: outside its region a picture stays bit-identical, for every operation; exact operations do what their names say."""

from __future__ import annotations

import json
import re
from functools import lru_cache

import numpy as np
import pytest
from drawn import blob, printed_in_other_processes
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pixelmind.cli import main
from pixelmind.data.edits import exact, geometry, instructions, shape
from pixelmind.data.edits.color import cells_called, dominant, opaque, recolor, remap
from pixelmind.data.edits.operations import CONSOLES, EXACT, OPERATIONS, draw
from pixelmind.data.edits.pair import Edit
from pixelmind.data.edits.redraw import PARAMETER_OPERATIONS, REDRAW, all_changes
from pixelmind.data.edits.scenes import SCENE
from pixelmind.data.edits.stage import EditConfig, edit_at, edits, show, triptych
from pixelmind.data.edits.store import MANIFEST, EditStore, edit_row, row_pair
from pixelmind.data.procedural.canvas import grow
from pixelmind.data.procedural.ramps import accepts
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.styles import STYLES
from pixelmind.data.splits import split_of
from pixelmind.data.store import group_cluster
from pixelmind.errors import BadInput
from pixelmind.pixels import palettes
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.pixels.png import decode_png, read_image
from pixelmind.records import EditPair

seeds = st.integers(0, 2**40)
pictures = st.builds(blob, st.integers(0, 10_000), st.integers(9, 24), st.integers(9, 24))
SIZED = ("rotate", "crop", "pad", "enlarge", "tile", "resize", "undo")


@lru_cache(maxsize=256)
def found(operation: str, seed: int) -> Edit:
    """The first edit of an operation from a seed on."""
    for attempt in range(80):
        edit = draw(operation, seed * 1000 + attempt)
        if edit is not None:
            return edit
    raise AssertionError(f"no scene of 80 fits {operation}")


def half(rgba: np.ndarray) -> np.ndarray:
    """The left half of a canvas as a region."""
    region = np.zeros(rgba.shape[:2], dtype=bool)
    region[:, : rgba.shape[1] // 2] = True
    return region


# ---- the invariant, over all operations, families and styles ---------------------------------------------------------


def check(edit: Edit) -> None:
    before, after = edit.before.rgba, edit.after.rgba
    assert edit.region.shape == before.shape[:2]
    assert edit.region.dtype == bool
    for raw in (edit.before, edit.after):
        assert raw.mask is not None
        assert set(np.unique(raw.rgba[..., 3])) <= {0, 255}
        assert raw.mask.shape == raw.rgba.shape[:2]
        assert int(raw.mask.max()) < len(raw.mask_names)
        assert raw.captions
        assert raw.params["cluster"]
    if before.shape != after.shape:
        assert edit.region.all()
        assert edit.operation in SIZED
    else:
        assert np.array_equal(before[~edit.region], after[~edit.region])
        assert (before[edit.region] != after[edit.region]).any()
    assert 1 <= len(edit.wordings) == len(set(edit.wordings))
    for text in edit.wordings:
        assert text == " ".join(text.split())
        assert not re.search(
            r"[{}|()_]|\bNone\b|\bnone\b|\ba a\b|\bthe the\b|\ba [aei]\w|\ban [bcdfgjklmnpqrstvwxyz]", text
        ), text
    assert json.loads(json.dumps(edit.arguments)) == edit.arguments


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_leaves_the_outside_bit_identical(operation: str) -> None:
    edit = found(operation, 1)
    check(edit)
    assert edit.operation == operation
    again = found.__wrapped__(operation, 1)
    assert np.array_equal(again.after.rgba, edit.after.rgba)
    assert again.wordings == edit.wordings


@settings(max_examples=120, deadline=None)
@given(operation=st.sampled_from(sorted(OPERATIONS)), seed=seeds)
def test_the_invariant_holds_for_any_operation_and_seed(operation: str, seed: int) -> None:
    edit = draw(operation, seed)
    assume(edit is not None)  # too many refused seeds fail the test
    check(edit)


def test_there_are_at_least_forty_operations_in_all_groups() -> None:
    assert len(OPERATIONS) >= 40
    assert set(OPERATIONS) == {*EXACT, *SCENE, *REDRAW, "undo", "more"}
    assert {s.applies or n for n, s in EXACT.items()} == set(exact.NAMES)


def test_edits_come_in_many_families_and_styles() -> None:
    drawn = [found(name, 2) for name in OPERATIONS]
    assert len({e.before.params["family"] for e in drawn}) >= 15
    assert len({e.before.params["style"] for e in drawn}) >= 8


@pytest.mark.parametrize("operation", sorted(EXACT))
def test_stored_arguments_suffice_to_apply_an_exact_edit_again(operation: str) -> None:
    edit = found(operation, 3)
    arguments = dict(edit.arguments)
    style = arguments.pop("within", None)
    within = None if style is None else np.array(STYLES[style].palette, dtype=np.uint8)
    name = EXACT[operation].applies or operation
    if name in exact.SHAPE and name not in ("remove_background", "fill_background"):
        return  # their region is what changed; the subject they were given is wider
    again = exact.apply(name, edit.before.rgba, edit.region, within, **arguments)
    assert np.array_equal(again, edit.after.rgba)


@pytest.mark.parametrize("operation", [n for n, s in EXACT.items() if s.keep and n not in exact.GRID])
def test_edits_stay_in_a_fixed_palette(operation: str) -> None:
    for seed in range(4, 8):
        edit = found(operation, seed)
        palette = STYLES[edit.before.tags["style"]].palette
        if palette and operation != "drop_shadow":
            seen = {tuple(int(v) for v in c) for c in edit.after.rgba[opaque(edit.after.rgba)][:, :3]}
            assert seen <= set(palette)


@pytest.mark.parametrize(
    "operation", ["change_color", "add_part", "remove_part", "change_material", "add_object", "recolor"]
)
def test_regions_are_no_larger_than_the_parts_concerned(operation: str) -> None:
    """A region is the changed parts before and after, and changed contour cells beside them."""
    for seed in range(5, 8):
        edit = found(operation, seed)
        assert edit.before.mask is not None
        assert edit.after.mask is not None
        changed = edit.changed()
        allowed = grow(grow(changed))
        for name in {*edit.before.mask_names, *edit.after.mask_names}:
            cells = np.zeros_like(changed)
            for raw in (edit.before, edit.after):
                if name in raw.mask_names:
                    cells |= raw.mask == raw.mask_names.index(name)
            if (changed & cells).any():
                allowed |= cells
        assert (edit.region <= allowed).all()
        assert changed.sum() >= 0.08 * edit.region.sum()


# ---- operations on any picture ----------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    rgba=pictures,
    name=st.sampled_from(["darken", "lighten", "saturate", "grayscale", "invert", "warmer", "hue_shift", "contrast"]),
)
def test_colour_operations_change_opaque_cells_of_the_region_only(rgba: np.ndarray, name: str) -> None:
    region = half(rgba)
    after = exact.apply(name, rgba, region)
    outside = ~region | ~opaque(rgba)
    assert np.array_equal(after[outside], rgba[outside])
    assert np.array_equal(after[..., 3], rgba[..., 3])
    same = {}  # one colour becomes one colour
    for old, new in zip(rgba[~outside].tolist(), after[~outside].tolist()):
        assert same.setdefault(tuple(old), new) == new


@settings(max_examples=30, deadline=None)
@given(rgba=pictures)
def test_inverses_are_exact(rgba: np.ndarray) -> None:
    everywhere = np.ones(rgba.shape[:2], dtype=bool)
    assert np.array_equal(exact.apply("invert", exact.apply("invert", rgba)), rgba)
    for name in ("mirror", "flip"):
        assert np.array_equal(exact.apply(name, exact.apply(name, rgba)), rgba)
    turned = rgba
    for _ in range(4):
        turned = exact.apply("rotate", turned, degrees=90)
    assert np.array_equal(turned, rgba)
    assert np.array_equal(exact.apply("rotate", exact.apply("rotate", rgba, degrees=90), degrees=270), rgba)
    assert np.array_equal(exact.apply("enlarge", rgba, times=3)[1::3, 1::3], rgba)
    assert np.array_equal(exact.apply("pad", rgba, pixels=4)[4:-4, 4:-4], rgba)
    assert np.array_equal(
        exact.apply("tile", rgba, columns=2, rows=3)[rgba.shape[0] :, : rgba.shape[1]][: rgba.shape[0]], rgba
    )
    small = exact.apply("crop", rgba)
    assert np.array_equal(exact.apply("crop", exact.apply("pad", small, pixels=2)), small)
    assert np.array_equal(
        exact.apply("symmetric", rgba, side="left"), geometry.mirror(exact.apply("symmetric", rgba, side="left"))
    ) or (rgba.shape[1] % 2)
    outlined = exact.apply("add_outline", exact.apply("pad", rgba, pixels=1), color="#010203")
    assert np.array_equal(exact.apply("remove_outline", outlined)[1:-1, 1:-1][opaque(rgba)], rgba[opaque(rgba)])
    assert np.array_equal(remap(rgba, ~everywhere, lambda lab: lab * 0), rgba)


def test_darker_is_darker_and_grey_has_no_chroma() -> None:
    rgba = blob(3)
    inside = opaque(rgba)

    def lab(a: np.ndarray) -> np.ndarray:
        return srgb_to_oklab(a[inside][:, :3])

    assert lab(exact.apply("darken", rgba))[:, 0].mean() < lab(rgba)[:, 0].mean() - 0.05
    assert lab(exact.apply("lighten", rgba))[:, 0].mean() > lab(rgba)[:, 0].mean() + 0.05
    assert np.hypot(*lab(exact.apply("grayscale", rgba))[:, 1:].T).max() < 0.01
    assert lab(exact.apply("warmer", rgba, amount=0.05))[:, 2].mean() > lab(rgba)[:, 2].mean()
    assert lab(exact.apply("contrast", rgba, factor=1.6))[:, 0].std() > lab(rgba)[:, 0].std()


@pytest.mark.parametrize("color", ["red", "blue", "#37c85a", "white", "purple"])
def test_recolor_makes_the_dominant_colour_the_one_asked_for(color: str) -> None:
    rgba = blob(5)
    after = recolor(rgba, opaque(rgba), color)
    seen = dominant(after, opaque(after))
    assert seen is not None
    if color.startswith("#"):
        assert np.abs(np.array(seen) - np.array([0x37, 0xC8, 0x5A])).max() <= 1
    else:
        assert accepts(color, seen)


def test_swap_and_replace_touch_only_the_colours_named() -> None:
    rgba = np.zeros((8, 9, 4), dtype=np.uint8)
    rgba[:, :3], rgba[:, 3:6], rgba[:, 6:] = (207, 48, 56, 255), (58, 100, 212, 255), (69, 168, 62, 255)
    swapped = exact.apply("swap_colors", rgba, color="red", other="blue")
    assert cells_called(swapped, "blue")[:, :3].all()
    assert cells_called(swapped, "red")[:, 3:6].all()
    assert np.array_equal(swapped[:, 6:], rgba[:, 6:])
    replaced = exact.apply("replace_color", rgba, color="green", to="yellow")
    assert cells_called(replaced, "yellow")[:, 6:].all()
    assert np.array_equal(replaced[:, :6], rgba[:, :6])


@pytest.mark.parametrize("name", [*CONSOLES])
def test_palettes_are_kept_and_colours_counted(name: str) -> None:
    rgba = blob(8, 24, 24, colors=12)
    allowed = {tuple(c) for c in palettes.get(name).colors.tolist()}
    after = exact.apply("restrict_palette", rgba, palette=name)
    assert {tuple(c) for c in after[opaque(after)][:, :3].tolist()} <= allowed
    mapped = exact.apply("tone_map", rgba, palette=name)
    assert {tuple(c) for c in mapped[opaque(mapped)][:, :3].tolist()} <= allowed
    few = exact.apply("fewer_colors", rgba, count=4)
    assert len(np.unique(few[opaque(few)][:, :3], axis=0)) <= 4


def test_dither_can_be_removed() -> None:
    rgba = np.zeros((16, 16, 4), dtype=np.uint8)
    rgba[:] = (90, 140, 200, 255)
    rgba[(np.indices((16, 16)).sum(0) % 2) == 0] = (70, 120, 180, 255)
    flat = exact.apply("undither", rgba)
    assert len(np.unique(flat[2:-2, 2:-2].reshape(-1, 4), axis=0)) == 1


def test_outlines_are_seen_where_they_are() -> None:
    rgba = np.zeros((16, 16, 4), dtype=np.uint8)
    rgba[4:12, 4:12] = (200, 80, 60, 255)
    assert not shape.outlined(rgba, opaque(rgba))
    lined = shape.add_outline(rgba, opaque(rgba), "black")
    assert shape.outlined(lined, opaque(lined))
    white = shape.recolor_outline(lined, opaque(lined), "white")
    assert (white[opaque(lined) & ~opaque(rgba)] == 255).all()
    thick = shape.thicken_outline(lined, opaque(lined))
    assert opaque(thick).sum() > opaque(lined).sum()


@pytest.mark.parametrize(
    ("name", "arguments", "hint"),
    [
        ("darkn", {}, "darken"),
        ("rotate", {"degrees": 45}, "quarter"),
        ("enlarge", {"times": 40}, "256"),
        ("recolor", {"color": "plaid"}, "plaid"),
        ("restrict_palette", {"palette": "pico 9"}, "pico-8"),
    ],
)
def test_bad_requests_say_what_to_do(name: str, arguments: dict, hint: str) -> None:
    with pytest.raises(BadInput, match=hint):
        exact.apply(name, blob(1), **arguments)


# ---- instructions ------------------------------------------------------------------------------------------------------


def slots(operation: str) -> set[str]:
    texts = [t for group in instructions.templates()[operation] for t in group]
    return {slot for t in texts for slot in re.findall(r"\{(\w+)\}", t)}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_at_least_eight_wordings_an_operation(operation: str) -> None:
    spoken = instructions.SPOKEN_AS.get(operation, operation)
    words = {slot: slot.upper() for slot in slots(spoken)}
    texts = instructions.wordings(operation, words)
    assert len(texts) >= 8
    assert len(instructions.say(operation, words, Rng(1), 8)) == 8
    for group in instructions.templates()[spoken]:
        assert group


def test_words_agree_in_number() -> None:
    assert instructions.about("flags")["is"] == "are"
    assert instructions.about("grass")["is"] == "is"
    assert instructions.article("axe") == "an axe"
    assert instructions.article("stars") == "stars"
    assert (
        instructions.articles("a image, an ufo, a one-eyed slime, a ugly hat")
        == "an image, a ufo, a one-eyed slime, an ugly hat"
    )
    assert instructions.pluralized("torch") == "torches"
    assert instructions.pluralized("stack of books") == "stacks of books"
    assert instructions.expand("(make|turn) it (very |)dark")[-1] == "turn it dark"


def test_families_offer_parameters_to_edit() -> None:
    kinds = {kind for _, _, kind in all_changes()} - {""}
    assert kinds >= {k for kinds, _, _ in PARAMETER_OPERATIONS.values() for k in kinds}


# ---- stage and store ---------------------------------------------------------------------------------------------------


def test_a_table_is_the_same_whether_drawn_at_once_or_in_two_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pixelmind.data.edits.stage.CHUNK", 10)
    config = EditConfig(count=30, seed=5, progress=False)
    whole = edits(config, tmp_path / "whole")
    edits(EditConfig(count=12, seed=5, progress=False), tmp_path / "parts")
    rest = edits(config, tmp_path / "parts")
    assert (whole.added, rest.added, rest.total) == (30, 18, 30)
    assert whole.content_hash == rest.content_hash
    assert edits(config, tmp_path / "parts").added == 0
    assert sum(whole.operations.values()) == 30
    assert 0 < whole.accepted <= 1
    with pytest.raises(BadInput, match="other settings"):
        edits(EditConfig(count=30, seed=6, progress=False), tmp_path / "whole")


def test_what_a_killed_writer_left_is_not_kept(tmp_path, monkeypatch) -> None:
    config = EditConfig(count=6, seed=1, progress=False)
    clean = edits(config, tmp_path / "clean")
    edits(EditConfig(count=4, seed=1, progress=False), tmp_path / "cut")
    manifest = (tmp_path / "cut" / MANIFEST).read_bytes()
    edits(config, tmp_path / "cut")
    (tmp_path / "cut" / MANIFEST).write_bytes(manifest)  # as if killed between the table and the manifest
    assert len(EditStore.open(tmp_path / "cut")) == 4
    again = edits(config, tmp_path / "cut")
    assert (again.added, again.total, again.content_hash) == (2, 6, clean.content_hash)


def test_rows_come_back_as_records(tmp_path) -> None:
    config = EditConfig(count=8, seed=2, operations=("darken", "rotate"), progress=False)
    edits(config, tmp_path)
    store = EditStore.open(tmp_path)
    pairs = store.pairs(range(8))
    for i, pair in enumerate(pairs):
        edit, _ = edit_at(config, i)
        assert pair.instruction == edit.instruction
        assert np.array_equal(decode_png(pair.after.png), edit.after.rgba)
        assert np.array_equal(pair.region > 0, edit.region)
        assert pair.before.split == split_of(group_cluster("procedural", edit.before.params["cluster"]))
        assert EditPair.from_dict(pair.to_dict()) == pair
        assert row_pair(edit_row(edit)) == pair
    assert {row["operation"] for row in store.scan(["operation"])} == {"darken", "rotate"}
    rows = show(store, tmp_path / "sheet.png", n=4, operation="darken")
    assert rows
    assert read_image(tmp_path / "sheet.png").shape[2] == 4
    with pytest.raises(BadInput, match="darken"):
        show(store, tmp_path / "sheet.png", operation="fog")


def test_before_after_and_region_stand_side_by_side() -> None:
    a, b = blob(1, 10, 8), blob(2, 12, 9)
    panel = triptych(a, b, np.ones((10, 8)))
    assert panel.shape == (12, 8 + 9 + 8 + 4, 4)
    assert np.array_equal(panel[:10, :8], a)


def test_command_writes_pairs_and_a_sheet(tmp_path, capsys) -> None:
    out, names = str(tmp_path / "e"), ["--operation", "mirror", "--operation", "invert"]
    with pytest.raises(SystemExit) as done:
        main(["data", "edits", "--count", "6", "--out", out, *names, "--show", str(tmp_path / "s.png"), "--json"])
    assert done.value.code == 0
    result = json.loads(capsys.readouterr().out)
    assert result["added"] == 6
    assert set(result["operations"]) <= {"mirror", "invert"}
    assert (tmp_path / "s.png").is_file()
    with pytest.raises(SystemExit) as done:
        main(["data", "edits", "--count", "6", "--out", out, "--operation", "nonsense"])
    assert done.value.code == 2
    assert "mirror" in capsys.readouterr().err


def test_same_pairs_in_another_process() -> None:
    code = (
        "import hashlib; from pixelmind.data.edits.stage import *; "
        "e = [edit_at(EditConfig(count=1, seed=7), i)[0] for i in range(6)]; "
        "print(hashlib.sha256(b''.join(x.after.rgba.tobytes() + x.instruction.encode() for x in e)).hexdigest())"
    )
    assert len(printed_in_other_processes(code)) == 1


@pytest.mark.parametrize("kwargs", [{"count": 0}, {"workers": 0}, {"operations": ("x",)}])
def test_bad_configs_are_refused(kwargs: dict) -> None:
    with pytest.raises(BadInput):
        EditConfig(**kwargs)
