"""Strips: what is refused, how tags play, names that are harmless, slices that follow the regions, palettes that hold all."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.pixels import strip
from pixelmind.pixels.strip import Slice, Tag
from pixelmind.records import Sprite


@pytest.mark.parametrize(
    ("direction", "shown"),
    [
        ("forward", [2, 3, 4, 5]),
        ("reverse", [5, 4, 3, 2]),
        ("pingpong", [2, 3, 4, 5, 4, 3]),
        ("pingpong_reverse", [5, 4, 3, 2, 3, 4]),
    ],
)
def test_a_tag_plays_in_its_direction(direction, shown):
    assert Tag(name="a", first=2, last=5, direction=direction).sequence() == shown
    short = Tag(name="a", first=2, last=3, direction=direction).sequence()
    assert short == [2, 3] if direction in ("forward", "pingpong") else [3, 2]
    assert Tag(name="a", first=7, last=7, direction=direction).sequence() == [7]


def test_runs_are_the_tags_or_all_frames(draw):
    sprites = draw(count=4)
    assert strip.make_strip(sprites).runs() == [("default", [0, 1, 2, 3])]
    tags = [Tag(name="walk", first=0, last=1), Tag(name="walk", first=2, last=3), Tag(name="walk 2", first=1, last=1)]
    assert strip.make_strip(sprites, tags=tags).runs() == [("walk", [0, 1]), ("walk 2", [2, 3]), ("walk 2 2", [1])]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"durations": [1, 2]}, "3 durations, got 2"),
        ({"durations": 0}, "frame of 0 ms"),
        ({"durations": [100, 100, 70000]}, "65535"),
        ({"tags": [Tag(name="\x00 ", first=0, last=0)]}, "no name"),
        ({"tags": [Tag(name="walk", first=0, last=3)]}, "frames 1 to 4; there are 3"),
        ({"tags": [Tag(name="walk", first=2, last=1)]}, "there are 3"),
        ({"tags": [Tag(name="walk", first=-1, last=1)]}, "there are 3"),
        ({"tags": [Tag(name="walk", first=0, last=1, direction="up")]}, "pingpong"),
    ],
)
def test_what_does_not_fit_the_frames_is_refused(draw, settings, message):
    with pytest.raises(BadInput, match=message):
        strip.make_strip(draw(count=3), **settings)
    with pytest.raises(BadInput, match="no sprite"):
        strip.make_strip([])


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\Windows\\con", "C__Windows_con"),
        ("con", "con_"),
        ("LPT1.txt", "LPT1.txt_"),
        ("", "sprite"),
        ("...", "sprite"),
        ("\u202ered\x00 \n flag ", "red flag"),
        ("<script>alert(1)</script>", "script_alert(1)__script"),
        ("häuschen am see", "häuschen am see"),
        ("🏰 castle", "🏰 castle"),
    ],
)
def test_stems_are_harmless(text, stem):
    assert strip.safe_stem(text) == stem


@given(st.text(max_size=300))
def test_any_text_gives_a_file_name(text):
    stem = strip.safe_stem(text)
    assert 1 <= len(stem.encode()) <= strip.MAX_STEM + 1
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', stem)
    assert stem == stem.strip()
    assert stem[0] != "."
    assert stem[-1] != "."
    assert strip.safe_stem(stem) == stem


@given(st.lists(st.sampled_from(["a", "a 2", "b"]), max_size=8))
def test_distinct_names(names):
    out = strip.distinct(names)
    assert len(set(out)) == len(out) == len(names)
    assert all(new.startswith(old) for new, old in zip(out, names))


def masked(cells) -> Sprite:
    mask = np.array(cells, dtype=np.uint8)
    names = ("background", "head", "tail")
    return Sprite(indices=np.zeros_like(mask), palette=np.zeros((1, 4), np.uint8), mask=mask, mask_names=names)


def test_slices_follow_the_regions_from_frame_to_frame():
    first = masked([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    moved = masked([[1, 1, 0], [1, 0, 0], [0, 0, 9]])
    gone = masked([[0, 0, 0], [0, 0, 0], [0, 0, 9]])

    def key(name, first, *box):
        return Slice(name=name, first=first, x=box[0], y=box[1], width=box[2], height=box[3])

    assert strip.region_slices([first, first, moved, gone]) == (
        key("head", 0, 1, 0, 2, 2),
        key("head", 2, 0, 0, 2, 2),
        key("head", 3, 0, 0, 0, 0),
        key("region 9", 2, 2, 2, 1, 1),
    )
    plain = Sprite(indices=first.indices, palette=first.palette)
    assert strip.region_slices([plain]) == ()


@given(st.integers(0, 1 << 30), st.integers(1, 4), st.integers(1, 90), st.booleans(), st.booleans())
def test_a_shared_palette_holds_every_cell(draw, seed, count, colors, clear, own):
    sprites = draw(seed, count, colors=colors, clear=clear, own=own)
    palette = strip.merged_palette(sprites)
    if palette is None:
        used = {tuple(c) for s in sprites for c in s.rgba().reshape(-1, 4).tolist() if c[3]}
        assert len(used) > 255
        return
    assert palette[0].tolist() == [0, 0, 0, 0]
    for sprite in sprites:
        np.testing.assert_array_equal(palette[strip.remap(sprite, palette)], sprite.rgba())
