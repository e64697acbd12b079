"""`animate` from the outside: its three files, the figure's own palette and ground line, and what it refuses."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pixelmind.generator.motion import Motion, MotionConfig
from pixelmind.pixels import png
from pixelmind.records import Sprite
from pixelmind.training.weights import released


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """The released weights with a motion network that throws cells about."""
    folder = shutil.copytree(released(), tmp_path_factory.mktemp("moving") / "bundle")
    torch.manual_seed(0)
    motion = Motion(MotionConfig(widths=(16, 24), radius=2))
    torch.nn.init.normal_(motion.head.weight, std=0.5)
    motion.save(folder)
    return folder


@pytest.fixture
def figure(tmp_path):
    """A 14x18 figure of 5 colours on a clear ground."""
    rng = np.random.default_rng(0)
    rgba = np.zeros((18, 14, 4), np.uint8)
    colors = np.concatenate([rng.integers(0, 256, (5, 3)), np.full((5, 1), 255)], 1).astype(np.uint8)
    rgba[2:16, 3:11] = colors[rng.integers(0, 5, (14, 8))]
    path = tmp_path / "knight.png"
    path.write_bytes(png.encode_rgba_png(rgba))
    return path


@pytest.mark.parametrize(("action", "frames", "duration"), [("walk", 4, 125), ("idle", 3, 250)])
def test_sheet_json_and_gif_show_the_same_frames(command, figure, weights, action, frames, duration):
    asked = ("animate", figure, "--action", action, "--frames", frames, "--weights", weights, "--json")
    found = command(*asked).json()
    assert (found["action"], found["frames"], found["width"], found["height"]) == (action, frames, 14, 18)
    assert found["colors"] == 5
    assert found["sheet"].endswith(f"knight-{action}.png")
    sheet, source = png.read_image(found["sheet"]), png.read_image(figure)
    assert sheet.shape == (18, 14 * frames, 4)
    assert np.array_equal(sheet[:, :14], source)
    assert set(map(tuple, sheet.reshape(-1, 4).tolist())) <= set(map(tuple, source.reshape(-1, 4).tolist()))
    assert not sheet[16:].any()  # nothing below the ground line
    told = json.loads(Path(found["json"]).read_text())
    assert told["meta"]["image"] == f"knight-{action}.png"
    assert told["meta"]["frameTags"] == [{"name": action, "from": 0, "to": frames - 1, "direction": "forward"}]
    with Image.open(found["gif"]) as gif:
        assert gif.n_frames == frames
        for number, about in enumerate(told["frames"].values()):
            gif.seek(number)
            assert gif.info["duration"] == pytest.approx(duration, abs=6)  # GIF counts in hundredths of a second
            assert about["duration"] == duration
            shown = np.asarray(gif.convert("RGBA"))
            cut = sheet[:, about["frame"]["x"] : about["frame"]["x"] + about["frame"]["w"]]
            assert np.array_equal(shown * (cut[..., 3:] > 0), cut)
    first = Path(found["gif"]).read_bytes()
    assert Path(command(*asked).json()["gif"]).read_bytes() == first


def test_names_scale_and_words_for_people(command, figure, weights, tmp_path):
    ran = command("animate", figure, "-o", "out/strip.gif", "--scale", 3, "--fps", 12, "--weights", weights)
    assert ran.code == 0, ran.err
    for suffix in (".png", ".json", ".gif"):
        assert str(tmp_path / f"out/strip{suffix}") in ran.out
    assert png.read_image(tmp_path / "out/strip.png").shape == (54, 14 * 4 * 3, 4)
    assert "ground line moves" in ran.err


def test_a_figure_from_words(command, weights):
    told = command(
        "animate", "--prompt", "a knight", "--size", "24x32", "--seed", 7, "--weights", weights, "--json"
    ).json()
    assert (told["width"], told["height"], told["seed"]) == (24, 32, 7)
    assert "/outputs/a-knight-walk" in told["sheet"]


def test_refuses_in_one_line(command, figure, weights, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no")
    full = tmp_path / "full.png"
    full.write_bytes(png.encode_rgba_png(np.full((8, 8, 4), 255, np.uint8)))
    large = tmp_path / "large.png"
    wide = np.zeros((20, 200), np.uint8)
    wide[5:9, 5:9] = 1
    large.write_bytes(png.encode_png(Sprite(indices=wide, palette=np.array([[0, 0, 0, 0], [9, 9, 9, 255]], np.uint8))))
    many = tmp_path / "many.png"
    rgba = np.full((20, 20, 4), 255, np.uint8)
    rgba[..., 0], rgba[..., 1] = np.arange(20)[:, None], np.arange(20)
    many.write_bytes(png.encode_rgba_png(rgba))
    for arguments, message in (
        ([], "--prompt"),
        ([figure, "--prompt", "a knight"], "--prompt"),
        ([figure, "--size", "32x32"], "--size"),
        ([figure, "--action", "fly"], "walk, idle"),
        ([figure, "--frames", 1], "2 to 64"),
        ([figure, "--fps", 0], "0.5 to 50"),
        ([figure, "--scale", 0], "scale"),
        ([figure, "-o", "strip.aseprite"], "ends in .aseprite"),
        ([figure, "-o", figure], "overwrite"),
        (["--prompt", " "], "prompt is empty"),
        (["--prompt", "a knight", "--size", "4x4"], "8 to 256"),
        ([tmp_path / "bad.png"], "bad.png"),
        ([tmp_path / "none.png"], "none.png"),
        ([many], "pixelmind snap"),
        ([full, "--weights", weights], "no clear cell"),
        ([large, "--weights", weights], "at most 128"),
        ([figure, "--weights", tmp_path], "no weights"),
    ):
        ran = command("animate", *arguments)
        assert ran.code == 2, (arguments, ran.err)
        assert message in ran.err, (arguments, ran.err)
        assert ran.err.count("\n") == 1
    assert not list(tmp_path.glob("*-walk.*"))
