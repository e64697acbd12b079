"""Generic layouts: grids without a description, Aseprite sheets and files with layers, and every kind of broken file."""

import gc
import json
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data.config import ImportConfig
from pixelmind.data.sources import cells
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.folder import FolderImporter
from pixelmind.data.sources.images import MAX_PIXELS, load_rgba, read_rgba, walk
from pixelmind.data.sources.sheet import SheetImporter, cut_frame, layer_mask
from pixelmind.data.stage import import_sources
from pixelmind.errors import BadInput
from pixelmind.pixels import aseprite
from pixelmind.pixels.png import encode_rgba_png
from pixelmind.records import Sprite

RED, GREEN, BLUE = (200, 30, 40, 255), (40, 180, 60, 255), (30, 60, 220, 255)


def figure(side: int, seed: int) -> np.ndarray:
    """A drawn thing with clear margins of at least one cell; no two seeds alike."""
    rng = np.random.default_rng(seed)
    rgba = np.zeros((side, side, 4), np.uint8)
    inner = rng.integers(0, 256, (side - 2, side - 2, 4), dtype=np.uint8)
    inner[..., 3] = np.where(rng.random((side - 2, side - 2)) < 0.8, 255, 0)
    rgba[1:-1, 1:-1] = np.where(inner[..., 3:] > 0, inner, 0)
    return rgba


def grid_sheet(rows: int, columns: int, side: int, margin: int = 0, spacing: int = 0) -> np.ndarray:
    step = side + spacing
    out = np.zeros((2 * margin + rows * step - spacing, 2 * margin + columns * step - spacing, 4), np.uint8)
    for row in range(rows):
        for column in range(columns):
            y, x = margin + row * step, margin + column * step
            out[y : y + side, x : x + side] = figure(side, row * columns + column)
    return out


def save(path: Path, rgba: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_rgba_png(rgba))
    return path


def split(items) -> tuple[list[RawSprite], list[Skipped]]:
    items = list(items)
    return [i for i in items if isinstance(i, RawSprite)], [i for i in items if isinstance(i, Skipped)]


def bomb(path: Path, side: int = 40_000) -> Path:
    """A PNG of some kilobytes that says it is `side` x `side`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(1 << 20), 9)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path


# Grids


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([8, 12, 16, 20, 24, 32]), st.integers(2, 5), st.integers(2, 6), st.sampled_from(cells.SPACINGS))
def test_cells_with_clear_borders_are_found(side, rows, columns, gaps):
    sheet = grid_sheet(rows, columns, side, *gaps)
    cut = cells.find_cut(sheet)
    assert cut is not None
    boxes = [(y, x) for _, _, y, x in cut.boxes(sheet.shape)]
    assert len(boxes) == rows * columns
    if gaps == (0, 0):
        assert (cut.width, cut.height) == (side, side)
    for number, (y, x) in enumerate(boxes):  # whatever way the gaps were read, each figure is whole in one cell
        seen = sheet[y : y + cut.height, x : x + cut.width]
        assert (seen[..., 3] > 0).sum() == (figure(side, number)[..., 3] > 0).sum()


def test_full_tiles_are_found_by_their_borders():
    rng = np.random.default_rng(3)
    y, x = np.indices((16, 16))
    tiles = [
        np.dstack([y * 4 + c[0], x * 4 + c[1], (x + y) + c[2], y * 0 + 255]) for c in rng.integers(0, 120, (20, 3))
    ]
    sheet = np.concatenate([np.concatenate(tiles[i : i + 5], axis=1) for i in range(0, 20, 5)]).astype(np.uint8)
    assert cells.find_cut(sheet) == cells.Cut(width=16, height=16)


def test_what_is_no_sheet_has_no_grid():
    rng = np.random.default_rng(0)
    assert cells.find_cut(rng.integers(0, 256, (96, 96, 4), dtype=np.uint8) | np.uint8(1)) is None
    one = np.zeros((97, 89, 4), np.uint8)
    one[3:94, 2:87] = RED
    assert cells.find_cut(one) is None


def test_grid_in_the_metadata_with_names_of_rows_and_cells(tmp_path: Path):
    sheet = grid_sheet(2, 3, 16, margin=1, spacing=2)
    sheet[1:17, 19:35] = 0  # the second cell is empty
    sheet[19:35, 37:53] = sheet[19:35, 19:35]  # the last repeats the one before
    save(tmp_path / "monsters.png", sheet)
    save(tmp_path / "more.png", grid_sheet(1, 2, 8))
    rows = [
        {"file_name": "monsters.png", "grid": "16x16", "margin": 1, "spacing": 2, "rows": ["Orc", "Blue Slime"]},
        {"file_name": "more.png", "grid": [8, 8], "names": "apple; pear", "kind": "item", "licence": "MIT"},
    ]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    sprites, skipped = split(FolderImporter().read(tmp_path))
    assert [s.captions[0] for s in sprites] == ["orc", "orc", "blue slime", "blue slime", "apple", "pear"]
    assert [s.params["path"] for s in sprites][:3] == ["monsters.png#0,0", "monsters.png#0,2", "monsters.png#1,0"]
    assert {s.licence for s in sprites[4:]} == {"MIT"}
    np.testing.assert_array_equal(sprites[2].rgba, figure(16, 3))
    assert not skipped


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"grid": "big"}, "not a cell size"),
        ({"grid": "0x16"}, "outside 1 to 256"),
        ({"grid": "16x16", "spacing": "wide"}, "not a cell size"),
        ({"grid": "64x64"}, "has no 64x64 cell"),
    ],
)
def test_a_wrong_grid_is_named_and_the_rest_kept(tmp_path: Path, row, reason):
    save(tmp_path / "a.png", grid_sheet(2, 2, 16))
    save(tmp_path / "good_boat.png", figure(16, 1))
    (tmp_path / "metadata.jsonl").write_text(json.dumps({"file_name": "a.png"} | row))
    sprites, skipped = split(FolderImporter().read(tmp_path))
    assert [s.captions[0] for s in sprites] == ["good boat"]
    assert [s.path for s in skipped] == ["a.png"]
    assert reason in skipped[0].reason


def test_a_sheet_is_known_by_its_name_and_cut(tmp_path: Path):
    save(tmp_path / "goblin_spritesheet.png", grid_sheet(2, 4, 16))
    save(tmp_path / "goblin_portrait.png", grid_sheet(2, 2, 16))  # as large, but nothing says that it is a sheet
    sprites, _ = split(FolderImporter().read(tmp_path))
    assert [s.rgba.shape[:2] for s in sprites] == [(32, 32)] + [(16, 16)] * 8
    assert {s.captions[0] for s in sprites[1:]} == {"goblin"}


# Sheets with JSON


def described(root: Path, sheet: np.ndarray, frames, **meta) -> None:
    save(root / "hero.png", sheet)
    size = {"w": sheet.shape[1], "h": sheet.shape[0]}
    (root / "hero.json").write_text(json.dumps({"frames": frames, "meta": {"image": "hero.png", "size": size} | meta}))


def frame(x: int, y: int, w: int, h: int, **more) -> dict:
    return {"frame": {"x": x, "y": y, "w": w, "h": h}, "rotated": False, "trimmed": False} | more


def test_trimmed_and_rotated_frames_get_their_canvas_back(tmp_path: Path):
    whole = np.zeros((20, 16, 4), np.uint8)
    whole[4:14, 3:11] = figure(10, 5)[:, :8]
    piece = whole[4:14, 3:11]
    sheet = np.zeros((10, 20, 4), np.uint8)
    sheet[:, :8] = piece
    sheet[:8, 9:19] = np.rot90(piece, -1)
    place = {"trimmed": True, "spriteSourceSize": {"x": 3, "y": 4, "w": 8, "h": 10}, "sourceSize": {"w": 16, "h": 20}}
    for each in (frame(0, 0, 8, 10, **place), frame(9, 0, 8, 10, **place, rotated=True) | {"rotated": True}):
        np.testing.assert_array_equal(cut_frame(sheet, each), whole)
    for wrong in ({"w": 16, "h": 9}, {"w": 1 << 20, "h": 1 << 20}, {"w": "16", "h": 20}):
        assert cut_frame(sheet, frame(0, 0, 8, 10, **(place | {"sourceSize": wrong}))) is None


def test_layers_exported_apart_are_laid_together_with_masks(tmp_path: Path):
    body, helmet = np.zeros((12, 12, 4), np.uint8), np.zeros((12, 12, 4), np.uint8)
    body[3:11, 2:10], helmet[1:5, 3:9] = RED, BLUE
    sheet = np.concatenate([body, helmet, body[::-1], helmet], axis=1)
    frames = [
        {"filename": f"hero ({name}) {number}.aseprite", **frame(12 * (2 * number + i), 0, 12, 12)}
        for number in range(2)
        for i, name in enumerate(("Body", "Helmet"))
    ]
    tags = [{"name": "idle", "from": 0, "to": 0}, {"name": "jump", "from": 1, "to": 1}]
    described(tmp_path, sheet, frames, layers=[{"name": "Body"}, {"name": "Helmet"}], frameTags=tags)
    (first, second), skipped = split(SheetImporter().read(tmp_path))
    assert not skipped
    assert (first.captions[0], second.captions[0]) == ("hero, idle", "hero, jump")
    assert first.mask_names == ("background", "body", "helmet")
    assert first.rgba[4, 4].tolist() == list(BLUE)
    assert first.mask is not None
    assert (first.mask[4, 4], first.mask[8, 4], first.mask[0, 0]) == (2, 1, 0)
    assert ((first.mask > 0) == (first.rgba[..., 3] > 0)).all()


def test_slices_are_pictures_of_their_own(tmp_path: Path):
    sheet = np.concatenate([figure(16, 1), figure(16, 2)], axis=1)
    key = {"frame": 0, "bounds": {"x": 2, "y": 2, "w": 10, "h": 12}}
    outside = {"frame": 1, "bounds": {"x": 8, "y": 8, "w": 10, "h": 12}}
    slices = [{"name": "Shield", "keys": [key]}, {"name": "Sword", "keys": [outside]}]
    described(tmp_path, sheet, {"hero 0.ase": frame(0, 0, 16, 16), "hero 1.ase": frame(16, 0, 16, 16)}, slices=slices)
    sprites, skipped = split(SheetImporter().read(tmp_path))
    assert [s.captions[0] for s in sprites] == ["hero", "shield", "hero"]
    np.testing.assert_array_equal(sprites[1].rgba, figure(16, 1)[2:14, 2:12])
    assert [s.reason for s in skipped] == ["slice outside its frame"]


def test_broken_sheets_are_named_and_the_rest_kept(tmp_path: Path):
    good = figure(16, 3)
    for name in ("size", "outside", "half", "list", "types"):
        save(tmp_path / name / "hero.png", good)
    fine = {"hero.ase": frame(0, 0, 16, 16)}
    meta = {"image": "hero.png", "size": {"w": 16, "h": 16}}
    texts = {
        "size": json.dumps({"frames": fine, "meta": meta | {"size": {"w": 64, "h": 16}}}),
        "outside": json.dumps({"frames": fine | {"b.ase": frame(8, 0, 16, 16)}, "meta": meta}),
        "half": json.dumps({"frames": fine, "meta": meta})[:-20],
        "list": json.dumps([1, 2]),
        "types": json.dumps({"frames": fine, "meta": meta | {"frameTags": [{"name": 3}]}}),
    }
    for name, text in texts.items():
        (tmp_path / name / "hero.json").write_text(text)
    bomb(tmp_path / "huge.png")
    (tmp_path / "huge.json").write_text(json.dumps({"frames": fine, "meta": {}}))
    save(tmp_path / "apple.png", figure(16, 9))
    sprites, skipped = split(SheetImporter().read(tmp_path))
    reasons = {s.path: s.reason for s in skipped}
    assert "disagrees with its PNG: it speaks of 64x16 px, the PNG is 16x16" in reasons["size/hero.json"]
    assert reasons["outside/hero.json#1"] == "frame outside the sheet"
    assert "damaged JSON" in reasons["half/hero.json"]
    assert "no Aseprite frames" in reasons["list/hero.json"]
    assert "damaged JSON" in reasons["types/hero.json"]
    assert "16 megapixels" in reasons["huge.json"]
    assert sorted(s.captions[0] for s in sprites) == ["apple", "hero"]


# .aseprite


def layered(path: Path) -> np.ndarray:
    """A file of one frame with regions body and hat; returns the picture."""
    indices, mask = np.zeros((12, 12), np.uint8), np.zeros((12, 12), np.uint8)
    indices[4:11, 2:10], indices[1:5, 3:9] = 1, 2
    mask[4:11, 2:10], mask[1:5, 3:9] = 1, 2
    sprite = Sprite(
        indices=indices,
        palette=np.array([(0, 0, 0, 0), RED, BLUE], np.uint8),
        mask=mask,
        mask_names=("ground", "Body", "Hat"),
    )
    path.write_bytes(aseprite.encode([sprite], tags=[aseprite.Tag(name="Wave", first=0, last=0)]))
    return sprite.rgba()


def test_layers_of_an_aseprite_file_become_masks(tmp_path: Path):
    rgba = layered(tmp_path / "red_wizard.aseprite")
    (sprite,), skipped = split(SheetImporter().read(tmp_path))
    assert not skipped
    np.testing.assert_array_equal(sprite.rgba, rgba)
    assert sprite.captions[0] == "red wizard, wave"
    assert sprite.mask is not None
    assert [sprite.mask_names[i] for i in sprite.mask[[0, 3, 8], [0, 5, 5]]] == ["background", "hat", "body"]


def test_layers_without_names_make_no_mask():
    tops = np.array([[0, 1, -1]], np.int16)
    assert layer_mask(tops, ("Layer 1", "Layer 2")) is None
    assert layer_mask(tops, ("body", "Layer 2")) is None
    mask, names = layer_mask(np.array([[0, 1, 2, -1]], np.int16), ("body", "Layer 2", "Hat")) or (None, ())
    assert names == ("background", "body", "other", "hat")
    assert mask is not None
    assert mask.tolist() == [[1, 2, 3, 0]]


def test_truncated_aseprite_files_are_named_and_the_rest_kept(tmp_path: Path):
    layered(tmp_path / "whole.aseprite")
    data = (tmp_path / "whole.aseprite").read_bytes()
    for at in (0, 40, 130, len(data) // 2, len(data) - 1):
        (tmp_path / f"cut{at}.ase").write_bytes(data[:at])
    large = bytearray(data)
    large[8:12] = struct.pack("<HH", 65535, 65535)
    (tmp_path / "large.ase").write_bytes(large)
    sprites, skipped = split(SheetImporter().read(tmp_path))
    assert [s.captions[0] for s in sprites] == ["whole, wave"]
    assert len(skipped) == 6
    assert all("Aseprite" in s.reason for s in skipped)


# Odd folders


def test_bombs_and_broken_pictures_are_named(tmp_path: Path):
    bomb(tmp_path / "a_bomb.png")
    bomb(tmp_path / "small_bomb.png", side=5000)
    (tmp_path / "cut.png").write_bytes(encode_rgba_png(figure(32, 1))[:300])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "notes.doc").write_text("x")
    (tmp_path / "README.md").write_text("a read me is no fault")
    save(tmp_path / "green_apple.png", figure(16, 2))
    sprites, skipped = split(FolderImporter().read(tmp_path))
    assert [s.captions[0] for s in sprites] == ["green apple"]
    reasons = {s.path: s.reason for s in skipped}
    assert set(reasons) == {"a_bomb.png", "small_bomb.png", "cut.png", "empty.png", "notes.doc"}
    assert "16 megapixels" in reasons["a_bomb.png"]
    assert "16 megapixels" in reasons["small_bomb.png"]
    assert reasons["notes.doc"] == "not a picture"
    assert load_rgba(tmp_path / "a_bomb.png") is None
    assert MAX_PIXELS < 5000 * 5000
    with pytest.raises(BadInput, match="unreadable"):
        read_rgba(tmp_path / "empty.png")


def test_walking_is_in_path_order_and_holds_little(tmp_path: Path):
    for name in ("b/2.png", "a.png", "b/1.png", "b.png", ".hidden/x.png", "c/d/e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [str(p.relative_to(tmp_path)) for p in walk(tmp_path)] == [
        "a.png",
        "b/1.png",
        "b/2.png",
        "b.png",
        "c/d/e.txt",
    ]


def odd_folder(root: Path, count: int) -> None:
    """`count` files of no use in folders of 1000, and three sprites among them."""
    for number in range(count):
        if number % 1000 == 0:
            folder = root / f"f{number // 1000:03d}"
            folder.mkdir(parents=True)
        (folder / f"{number}{('.txt', '.psd', '.png', '.json', '.ase')[number % 5]}").touch()
    for number in range(3):
        save(root / f"f000/blue_bottle_{number}.png", figure(16, number))


def test_memory_stays_flat_over_odd_files(tmp_path: Path):
    peaks = []
    for count in (400, 2000):
        odd_folder(tmp_path / str(count), count)
        gc.collect()
        tracemalloc.start()
        good = bad = 0
        for number, item in enumerate(FolderImporter().read(tmp_path / str(count))):
            good, bad = good + isinstance(item, RawSprite), bad + isinstance(item, Skipped)
            if number % 700 == 699:
                gc.collect()  # exceptions and their frames are cycles: garbage, not growth
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (good, bad) == (3, count)
    assert peaks[1] - peaks[0] < 1600 * 100  # bytes; a list of the paths alone would take five times that


def test_a_folder_of_odd_files_is_imported_with_a_summary(tmp_path: Path):
    odd_folder(tmp_path / "in", 200)
    (tmp_path / "in/LICENSE").write_text("CC0")
    result = import_sources(ImportConfig(progress=False), [tmp_path / "in"], tmp_path / "store")
    assert result.added == 3
    said = result.summary()
    assert "unreadable image" in said
    assert "not a picture" in said
    assert sum(result.skipped["sheet"].values()) == 200
