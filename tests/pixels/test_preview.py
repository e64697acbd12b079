"""Terminal preview and contact sheets show the colours where they are."""

import numpy as np
from rich.text import Text

from pixelmind.pixels import preview
from pixelmind.records import Sprite


def sprite(indices) -> Sprite:
    palette = np.array([[0, 0, 0, 0], [255, 0, 0, 255], [0, 0, 255, 255]], dtype=np.uint8)
    return Sprite(indices=np.array(indices, dtype=np.uint8), palette=palette)


def test_half_blocks_hand_written():
    text = preview.terminal_preview(sprite([[1, 0, 1, 0], [2, 0, 0, 2]]))
    assert text == ("\x1b[0;38;2;255;0;0;48;2;0;0;255m▀\x1b[0m \x1b[0;38;2;255;0;0m▀\x1b[0;38;2;0;0;255m▄\x1b[0m")
    assert Text.from_ansi(text).plain == "▀ ▀▄"


def test_odd_heights_and_wide_sprites():
    lines = Text.from_ansi(preview.terminal_preview(sprite(np.ones((5, 200))), max_width=80)).plain.splitlines()
    assert [len(line) for line in lines] == [67]
    assert len(preview.terminal_preview(sprite(np.ones((5, 6)))).splitlines()) == 3


def test_contact_sheet_places_pictures_over_a_checkerboard():
    red = np.full((4, 4, 4), (255, 0, 0, 255), dtype=np.uint8)
    clear = np.zeros((4, 4, 4), dtype=np.uint8)
    sheet = np.array(preview.contact_sheet([red, clear], columns=2, scale=3))
    m = preview.MARGIN
    assert sheet.shape[2] == 3
    assert (sheet[m : m + 12, m : m + 12] == (255, 0, 0)).all()
    assert set(np.unique(sheet[m : m + 12, 2 * m + 12 : 2 * m + 24])) == set(preview.CHECKER)


def test_captions_wrap_below_and_long_words_break():
    red = np.full((8, 8, 4), (255, 0, 0, 255), dtype=np.uint8)
    short = preview.contact_sheet([red], ["red"], scale=1)
    long = preview.contact_sheet([red], ["a red square, " * 5 + "x" * 80], scale=1)
    assert long.width == short.width
    assert long.height > short.height + 40
    assert (np.array(short)[8 + preview.MARGIN :] > 200).any()


def test_empty_sheet_is_a_picture():
    assert preview.contact_sheet([]).height > 0
