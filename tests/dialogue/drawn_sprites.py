"""Small sprites for the tests of edits: one drawn by hand whose parts are known, and random ones."""

import numpy as np
from hypothesis import strategies as st

from pixelmind.records import Sprite

#: A castle under a sky: s sky, c cloud, w wall, o window, d door, f flag, r roof, g grass.
ROWS = (
    "ssssssssssssssss",
    "sfsssssssccssfss",
    "sfssssssccccsfss",
    "rrrsssssssssrrrs",
    "wwwsssssssssswws",
    "wowwwwwwwwwwwows",
    "wwwwwowwwowwwwws",
    "wowwwwwwwwwwwows",
    "wwwwwwwddwwwwwws",
    "wwwwwwwddwwwwwws",
    "gggggggddggggggg",
    "gggggggggggggggg",
)
NAMES = {"s": "sky", "c": "clouds", "w": "wall", "o": "windows", "d": "door", "f": "flags", "r": "roof", "g": "grass"}
COLORS = {
    "s": (110, 180, 240),
    "c": (240, 244, 250),
    "w": (134, 138, 150),
    "o": (250, 215, 90),
    "d": (110, 70, 40),
    "f": (207, 48, 56),
    "r": (140, 50, 40),
    "g": (70, 160, 60),
}


def castle() -> Sprite:
    """12x16, every cell opaque, mask names in the order of NAMES after "background"."""
    letters = list(NAMES)
    rgba = np.array([[(*COLORS[c], 255) for c in row] for row in ROWS], np.uint8)
    mask = np.array([[letters.index(c) + 1 for c in row] for row in ROWS], np.uint8)
    return Sprite.from_rgba(rgba, mask=mask, mask_names=("background", *NAMES.values()))


def hero() -> Sprite:
    """16x16 on a clear ground: an outlined figure with head, torso, legs, a belt and a sword beside it."""
    rgba, mask = np.zeros((16, 16, 4), np.uint8), np.zeros((16, 16), np.uint8)
    names = ("background", "head", "torso", "belt", "legs", "sword")
    boxes = ((1, 5, 5, 9), (5, 11, 4, 10), (8, 9, 4, 10), (11, 15, 5, 9), (4, 10, 12, 14))
    colors = ((240, 200, 160), (60, 90, 200), (120, 70, 30), (70, 70, 80), (200, 210, 220))
    for part in (1, 2, 4, 5, 3):
        (top, bottom, left, right), color = boxes[part - 1], colors[part - 1]
        if part != 3:
            rgba[top:bottom, left:right], mask[top:bottom, left:right] = (20, 18, 26, 255), part
            top, bottom, left, right = top + 1, bottom - 1, left + 1, right - 1
        else:
            left, right = left + 1, right - 1
        rgba[top:bottom, left:right], mask[top:bottom, left:right] = (*color, 255), part
    return Sprite.from_rgba(rgba, mask=mask, mask_names=names)


@st.composite
def sprites(draw: st.DrawFn) -> Sprite:
    """Random sprites of 8 to 20 px a side with up to 6 colours, some clear, with a mask of four parts or none."""
    height, width = draw(st.integers(8, 20)), draw(st.integers(8, 20))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    colors = np.append(rng.integers(0, 256, (draw(st.integers(2, 6)), 3)), np.zeros((1, 3)), axis=0)
    blocks = rng.integers(0, len(colors) - (1 if draw(st.booleans()) else 0), (-(-height // 3), -(-width // 3)))
    choice = blocks.repeat(3, 0).repeat(3, 1)[:height, :width]
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = colors[choice], np.where(choice == len(colors) - 1, 0, 255)
    rgba[0, 0] = (*colors[0].astype(int), 255)
    rgba[rgba[..., 3] == 0] = 0
    if not draw(st.booleans()):
        return Sprite.from_rgba(rgba)
    mask = rng.integers(0, 5, blocks.shape).repeat(3, 0).repeat(3, 1)[:height, :width].astype(np.uint8)
    mask[rgba[..., 3] == 0] = 0
    return Sprite.from_rgba(rgba, mask=mask, mask_names=("background", "sky", "wall", "left arm", "head"))
