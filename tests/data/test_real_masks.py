"""Region masks of real art: part masks of layered figures in fixed frames, the foreground of everything else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmind.data.procedural import regions
from pixelmind.data.sources import cdda_dolls, crawl_dolls, lpc
from pixelmind.data.sources.base import FOREGROUND, RawSprite

PARTS = {
    "lpc": lpc.MASK_NAMES,
    "crawl": crawl_dolls.PARTS,
    "crawl demons": ("background", "wings", "body", "head"),
    "cdda": cdda_dolls.PARTS,
}


def raw(rgba, kind="item", **more):
    return RawSprite(
        rgba=rgba, captions=("a thing",), source="s", licence="CC0-1.0", credit="c", tags={"kind": kind}, **more
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12))
def test_a_picture_without_parts_gets_its_foreground(seed, height, width):
    rgba = np.random.default_rng(seed).integers(0, 256, (height, width, 4)).astype(np.uint8)
    sprite = raw(rgba)
    seen = rgba[..., 3] >= 128
    if seen.all() or not seen.any():
        assert sprite.mask is None
    else:
        assert sprite.mask_names == FOREGROUND
        assert np.array_equal(sprite.mask, seen)


def test_whole_canvases_and_pictures_with_parts_keep_what_they_have():
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[2:6, 2:6] = 255
    assert raw(rgba, "tile").mask is None
    assert raw(rgba, "scene").mask is None
    mask = (rgba[..., 3] > 0).astype(np.uint8)
    assert raw(rgba, mask=mask, mask_names=("background", "head")).mask_names == ("background", "head")


@pytest.mark.parametrize("source", PARTS)
def test_every_part_is_a_region_class_of_the_procedural_masks(source):
    names = PARTS[source]
    assert names[0] == "background"
    assert len(set(names)) == len(names)
    for name in names:
        assert regions.region_class(name) in regions.REGIONS
        assert regions.region_class(name) != regions.UNKNOWN, name


@settings(max_examples=60, deadline=None)
@given(st.tuples(st.integers(0, 127), st.integers(0, 127)), st.tuples(st.integers(0, 127), st.integers(0, 127)))
def test_a_frame_holds_all_that_is_visible(rows, columns):
    top, bottom = sorted(rows)
    left, right = sorted(columns)
    canvas = np.zeros((128, 128, 4), np.uint8)
    canvas[top : bottom + 1, left : right + 1] = 255
    window = lpc.frame(canvas)
    assert int((canvas[window][..., 3] > 0).sum()) == (bottom - top + 1) * (right - left + 1)
    shape = canvas[window].shape[:2]
    assert shape in {(h, w) for _, _, w, h in lpc.FRAMES}
    fitting = [w * h for x, y, w, h in lpc.FRAMES if x <= left and right < x + w and y <= top and bottom < y + h]
    assert shape[0] * shape[1] == min(fitting)


def sheet(path, columns, box):
    """A sheet of 64 px cells, four rows; the box moves one pixel to the right with every column."""
    image = Image.new("RGBA", (64 * columns, 256))
    for row in range(4):
        for column in range(columns):
            x, y = 64 * column + column, 64 * row
            image.paste((200, 30, 30, 255), (x + box[0], y + box[1], x + box[2], y + box[3]))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


def test_poses_take_their_own_frames_and_feet_stay_on_one_row(tmp_path):
    for name, columns in (("idle", 2), ("walk", 8)):
        sheet(tmp_path / f"body/{name}.png", columns, (20, 16, 40, 62))
        sheet(tmp_path / f"pants/{name}.png", columns, (20, 44, 40, 62))
    sheet(tmp_path / "body/cast.png", 7, (20, 16, 40, 62))  # the trousers have no such sheet
    layers = [
        lpc.Layer(tmp_path / "body/idle.png", "body"),
        lpc.Layer(tmp_path / "pants/idle.png", "legs", "red trousers"),
    ]
    person = lpc.Person("man", layers)
    poses = [list(lpc._poses(person, number)) for number in range(2)]
    assert [[p.pose for p in group] for group in poses] == [["", "walking"], [""]]
    standing, walking = poses[0]
    still, mask, seen = lpc.compose(standing, 2)
    moved, _, _ = lpc.compose(walking, 2)
    assert seen == {0, 1}
    assert np.array_equal(np.roll(still, 1, axis=1), moved)  # frame 1 of "walk", seen from the front
    window = lpc.frame(still)
    legs = np.argwhere(mask[window] == lpc.PART["legs"])
    assert legs[:, 0].max() == still[window].shape[0] - 1  # feet on the lowest row of the frame
    assert "walking" in lpc.captions_of(walking, seen, "front")[0]
