"""ImageMagick, which shares no code with us or with Pillow, reads the same cells from what we write."""

import shutil

import numpy as np
import pytest

from pixelmind.pixels import export


def read(program, path, count, height, width, *settings) -> np.ndarray:
    """uint8 [frames, H, W, 4] of a file; clear cells are zeroed."""
    program("convert", *settings, path, "-coalesce", "-depth", "8", f"rgba:{path.stem}.raw", folder=path.parent)
    raw = np.frombuffer((path.parent / f"{path.stem}.raw").read_bytes(), np.uint8)
    frames = raw.reshape(count, height, width, 4).copy()
    frames[frames[..., 3] == 0] = 0
    return frames


@pytest.mark.parametrize(("colors", "clear"), [(1, True), (3, False), (4, True), (15, True), (90, False), (256, False)])
@pytest.mark.parametrize("scale", [1, 3])
def test_png_and_sheet(program, draw, tmp_path, colors, clear, scale):
    sprites = draw(colors, 2, 9, 14, colors, clear)
    wanted = np.stack([s.rgba() for s in sprites]).repeat(scale, 1).repeat(scale, 2)
    for i, path in enumerate(export.save(sprites, tmp_path / "a", "png", scale)):
        np.testing.assert_array_equal(read(program, path, 1, 9 * scale, 14 * scale)[0], wanted[i])
        assert "Indexed" in program("identify", "-format", "%[png:IHDR.color_type]", path, folder=tmp_path)
    sheet, _ = export.save(sprites, tmp_path / "sheet", "sheet", scale)
    np.testing.assert_array_equal(read(program, sheet, 1, 9 * scale, 28 * scale)[0], np.concatenate([*wanted], 1))


@pytest.mark.parametrize(("colors", "own"), [(5, False), (200, True)])
def test_every_frame_of_a_gif(program, draw, tmp_path, colors, own):
    sprites = draw(7, 4, 12, 10, colors, own=own)
    times = [50, 100, 200, 1000]
    (path,) = export.save(sprites, tmp_path / "a", "gif", 2, durations=times)
    wanted = np.stack([s.rgba() for s in sprites]).repeat(2, 1).repeat(2, 2)
    np.testing.assert_array_equal(read(program, path, 4, 24, 20), wanted)
    assert program("identify", "-format", "%T ", path, folder=tmp_path).split() == ["5", "10", "20", "100"]


@pytest.mark.parametrize(("colors", "own"), [(5, False), (200, True)])
def test_apng(program, draw, tmp_path, colors, own):
    sprites = draw(8, 3, 12, 10, colors, own=own)
    (path,) = export.save(sprites, tmp_path / "a", "apng", 2)
    wanted = np.stack([s.rgba() for s in sprites]).repeat(2, 1).repeat(2, 2)
    np.testing.assert_array_equal(read(program, path, 1, 24, 20)[0], wanted[0])  # the still picture in it
    if shutil.which("ffmpeg"):  # with which ImageMagick reads the animation
        path.rename(tmp_path / "a.apng")
        np.testing.assert_array_equal(read(program, tmp_path / "a.apng", 3, 24, 20), wanted)


def test_a_palette_strip(program, draw, tmp_path):
    sprites = draw(2, 1, colors=33)
    (path,) = export.save(sprites, tmp_path / "colors", "palette-png", 8)
    cells = read(program, path, 1, 8, 33 * 8)[0, ::8, ::8]
    np.testing.assert_array_equal(cells[0], sprites[0].palette[1:])
