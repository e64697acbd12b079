"""Built-in palettes against their published counts and values; palette files of every kind, good and bad."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.pixels import aseprite, palettes, png
from pixelmind.records import Palette, Sprite

PUBLISHED = {
    "nes": 54, "gameboy": 4, "gameboy-pocket": 4, "c64": 16, "zx-spectrum": 15, "cga": 16, "ega16": 16, "ega64": 64,
    "cga-mode4-0-low": 4, "cga-mode4-0-high": 4, "cga-mode4-1-low": 4, "cga-mode4-1-high": 4, "cga-mode4-2-low": 4,
    "cga-mode4-2-high": 4, "amstrad-cpc": 27, "msx": 15, "master-system": 64, "pico-8": 16, "db16": 16, "db32": 32,
    "endesga32": 32, "web-safe": 216, "grey-2": 2, "grey-4": 4, "grey-8": 8, "grey-16": 16, "1bit": 2,
}  # fmt: skip


def test_counts_are_the_published_ones_and_no_colour_repeats():
    assert {n: len(palettes.get(n)) for n in palettes.names()} == PUBLISHED
    for name in palettes.names():
        assert len(np.unique(palettes.get(name).colors, axis=0)) == PUBLISHED[name], name
        assert palettes.title(name)


@pytest.mark.parametrize(
    ("name", "index", "value"),
    [
        ("pico-8", 8, "#ff004d"), ("gameboy", 3, "#9bbc0f"), ("c64", 6, "#2e2c9b"), ("db16", 15, "#deeed6"),
        ("db32", 31, "#8a6f30"), ("endesga32", 0, "#be4a2f"), ("ega64", 20, "#aa5500"), ("ega64", 63, "#ffffff"),
        ("cga", 6, "#aa5500"), ("amstrad-cpc", 6, "#ff0000"), ("amstrad-cpc", 24, "#ffff00"), ("msx", 4, "#8076f1"),
        ("master-system", 1, "#000055"), ("web-safe", 1, "#000033"), ("nes", 27, "#fffeff"), ("grey-4", 1, "#555555"),
        ("amstrad-cpc", 15, "#ff8000"), ("ega64", 1, "#0000aa"), ("ega64", 8, "#000055"),
    ],
)  # fmt: skip
def test_known_entries(name, index, value):
    assert palettes.get(name).hex()[index] == value


def test_rules_between_palettes():
    as_set = {n: set(palettes.get(n).hex()) for n in palettes.names()}
    assert as_set["ega64"] == as_set["master-system"]  # both are all of two bits a channel
    assert as_set["ega16"] == as_set["cga"]
    assert all(as_set[n] <= as_set["cga"] for n in as_set if n.startswith("cga-mode4"))


@pytest.mark.parametrize("spelling", ["Pico 8", "PICO-8", "pico8", "pico_8", " pico-8 "])
def test_spelling_is_tolerant(spelling):
    assert palettes.get(spelling).name == "pico-8"


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("game boy", "gameboy"), ("NES", "nes"), ("1-bit", "1bit"), ("Commodore 64", "c64"), ("gray 4", "grey-4")],
)
def test_other_names(spelling, name):
    assert palettes.get(spelling).name == name


def test_unknown_name_suggests_near_ones():
    with pytest.raises(BadInput, match=r"unknown palette 'pikko-8': did you mean pico-8"):
        palettes.get("pikko-8")
    with pytest.raises(BadInput, match="palette list"):
        palettes.get("zzzzzzzzzzzz")
    with pytest.raises(BadInput):
        palettes.get("")


COLORS = np.array([[255, 128, 0], [0, 0, 0], [1, 2, 3]], dtype=np.uint8)


@pytest.mark.parametrize("suffix", palettes.WRITABLE)
def test_written_files_read_back(tmp_path, suffix):
    path = palettes.save(Palette(name="Three of them", colors=COLORS), tmp_path / f"mine{suffix}")
    assert palettes.resolve(path).colors.tolist() == COLORS.tolist()
    assert palettes.load(path).name == "mine"


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=256, unique=True),
    st.sampled_from(palettes.WRITABLE),
)
def test_any_palette_survives_its_file(tmp_path_factory, colors, suffix):
    path = tmp_path_factory.mktemp("palette") / f"p{suffix}"
    palette = Palette(name="p", colors=np.array(colors, dtype=np.uint8))
    assert palettes.load(palettes.save(palette, path)) == palette


def test_save_refuses_other_endings(tmp_path):
    with pytest.raises(BadInput, match=r"\.gpl"):
        palettes.save(palettes.get("db16"), tmp_path / "x.doc")


def swatches(*entries: tuple[bytes, tuple[float, ...]]) -> bytes:
    group = struct.pack(">HIH", 0xC001, 4, 1) + "\0".encode("utf-16-be")
    blocks = [group]
    for model, values in entries:
        body = struct.pack(">H", 2) + "a\0".encode("utf-16-be") + model + struct.pack(f">{len(values)}fH", *values, 2)
        blocks.append(struct.pack(">HI", 1, len(body)) + body)
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


FILES = {
    "gimp.gpl": (b"GIMP Palette\nName: x\nColumns: 2\n# c\n255 128   0\tOrange\n0 0 0\n", ["#ff8000", "#000000"]),
    "alpha.gpl": (b"GIMP Palette\nChannels: RGBA\n#\n0 0 0 0 none\n9 9 9 255 Black\n", ["#090909"]),
    "jasc.pal": (b"JASC-PAL\r\n0100\r\n2\r\n255 128 0\r\n0 0 0\r\n", ["#ff8000", "#000000"]),
    "lospec.hex": (b"ff8000\n#000000\n; note\n\nFF8000\n", ["#ff8000", "#000000"]),
    "paintnet.txt": (b"; paint.net\nFFff8000\n00ffffff\n", ["#ff8000"]),
    "adobe.ase": (
        swatches(
            (b"RGB ", (1.0, 0.5, 0.0)), (b"Gray", (1.0,)), (b"CMYK", (0.0, 1.0, 1.0, 0.0)), (b"LAB ", (1.0, 0.0, 0.0))
        ),
        ["#ff8000", "#ffffff", "#ff0000"],
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_reads_each_format(tmp_path, name):
    data, expected = FILES[name]
    (tmp_path / name).write_bytes(data)
    assert list(palettes.resolve(tmp_path / name).hex()) == expected


def test_reads_colours_of_an_image_in_order_and_of_an_aseprite_file(tmp_path):
    palette = np.array([[0, 0, 0, 0], [255, 128, 0, 255], [5, 5, 5, 255]], dtype=np.uint8)
    sprite = Sprite(indices=np.array([[0, 2], [1, 2]], dtype=np.uint8), palette=palette)
    (tmp_path / "a.png").write_bytes(png.encode_png(sprite))
    assert palettes.load(tmp_path / "a.png").hex() == ("#050505", "#ff8000")
    (tmp_path / "a.ase").write_bytes(aseprite.encode([sprite]))
    assert palettes.load(tmp_path / "a.ase").hex() == ("#ff8000", "#050505")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.gpl", b"", "is empty"),
        ("blank.hex", b"\n \n", "is empty"),
        ("comment.hex", b"; nothing here\n", "no colour"),
        ("head.gpl", b"GIMP Palette\nName: x\n", "no colour"),
        ("bad.hex", b"ff80\n", "ff80"),
        ("bad.gpl", b"GIMP Palette\n300 0 0\n", "0 to 255"),
        ("short.pal", b"JASC-PAL\n0100\n5\n1 2 3\n", "promises 5"),
        ("cut.pal", b"JASC-PAL\n0100\n", "cannot read"),
        ("what.gpl", b"hello", "known format"),
        ("what.png", b"hello", "not an image"),
        ("cut.ase", b"ASEF\0\1\0\0\0\0\0\5", "cannot read"),
        ("cut.aseprite", b"\0\0\0\0\xe0\xa5" + bytes(30), "cannot be read|damaged|not an"),
        ("many.hex", "\n".join(f"{i:06x}" for i in range(257)).encode(), "at most 256"),
    ],
)
def test_bad_files_are_named(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput, match=message):
        palettes.load(tmp_path / name)


def test_missing_file_and_clear_image(tmp_path):
    with pytest.raises(BadInput, match=r"missing\.gpl"):
        palettes.resolve(tmp_path / "missing.gpl")
    (tmp_path / "clear.png").write_bytes(png.encode_rgba_png(np.zeros((4, 4, 4), dtype=np.uint8)))
    with pytest.raises(BadInput, match="no colour"):
        palettes.load(tmp_path / "clear.png")


@pytest.mark.parametrize("suffix", palettes.WRITABLE)
def test_bytes_from_elsewhere_need_no_file(suffix):
    palette = Palette(name="mine", colors=COLORS)
    assert (
        palettes.parse(palettes.encode(palette, suffix), "mine") == palette
    )  # bytes say what they are; else a hex list
    for data in (b"", b"ff00", b"<script>", b"JASC-PAL\n0100\nx\n", b"\x89PNG\r\n\x1a\nno", b"GIMP Palette\n#"):
        with pytest.raises(BadInput, match="mine") as caught:
            palettes.parse(data, "mine")
        assert "\n" not in str(caught.value)


def test_a_strip_is_one_cell_a_colour_and_may_be_enlarged():
    palette = Palette(name="mine", colors=COLORS)
    assert png.decode_png(palettes.encode(palette, ".png")).tolist() == [[[*c, 255] for c in COLORS.tolist()]]
    large = png.decode_png(palettes.encode(palette, ".png", scale=8))
    assert large.shape == (8, 24, 4)
    assert palettes.parse(palettes.encode(palette, ".png", scale=8), "mine") == palette
