"""`pixelmind generate` with a tiny untrained bundle: files, JSON, reproducibility, and every kind of bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelmind.cli import output
from pixelmind.cli.generate import parse_size, read_layout
from pixelmind.errors import BadInput
from pixelmind.pixels import aseprite, palettes, png


@pytest.mark.parametrize(
    ("text", "size"), [("64x64", (64, 64)), ("8X256", (8, 256)), ("48", (48, 48)), (" 16 × 24 ", (16, 24))]
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["0", "1000x3", "7x8", "8x257", "big", "8x", "-8x8", "8x8x8", "", "9999999999x8"])
def test_bad_sizes(text):
    with pytest.raises(BadInput, match="size"):
        parse_size(text)


BAD = [
    ([""], "empty"),
    (["   "], "empty"),
    (["x" * 10_000], "10000 characters"),
    (["a", "--size", "0"], "8 to 256"),
    (["a", "--size", "1000x3"], "8 to 256"),
    (["a", "--colors", "1"], "2 to 256"),
    (["a", "--colors", "0"], "2 to 256"),
    (["a", "--colors", "257"], "2 to 256"),
    (["a", "-n", "0"], "1 to 64"),
    (["a", "--steps", "0"], "--steps"),
    (["a", "--guidance", "-1"], "--guidance"),
    (["a", "--seed", "-1"], "--seed"),
    (["a", "--threads", "0"], "--threads"),
    (["a", "--scale", "0"], "scale"),
    (["a", "--format", "jpeg"], "format"),
    (["a", "--format", "gif", "-o", "a.png"], "ends in .png"),
    (["a", "--palette", "pcio-8"], "pico-8"),
    (["a", "--palette", "none.gpl"], "none.gpl"),
    (["a", "--reference", "x.png"], "x.png"),
    (["a", *(["--reference", "x.png"] * 9)], "at most 8"),
    (["a", "--layout", "missing.png"], "missing.png"),
    (["a", "--weights", "nowhere"], "nowhere"),
    (["a", "--strength", "0.5"], "--image"),
    (["a", "--image", "missing.png"], "missing.png"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_is_one_line_and_two(command, tmp_path, arguments, message):
    ran = command("generate", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert message in ran.err
    assert ran.err.count("\n") == 1
    assert not list(tmp_path.rglob("*.png"))


def test_empty_palette_file(command, tmp_path):
    (tmp_path / "empty.gpl").touch()
    ran = command("generate", "a", "--palette", "empty.gpl")
    assert ran.code == 2
    assert "empty.gpl is empty" in ran.err


def test_what_the_weights_cannot_do_is_bad_input_too(command, tiny_bundle):
    cases = (
        (["--size", "65x64"], "64 px"),
        (["--style", "crwl"], "crawl"),
        (["--palette", "pico-8", "--colors", "32"], "ask for at most 16"),
        (["--negative", "A slime "], "negative prompt is the prompt"),
    )
    for arguments, message in cases:
        ran = command("generate", "a slime", "--weights", tiny_bundle, *arguments)
        assert ran.code == 2
        assert message in ran.err
        assert ran.err.count("\n") == 1


def saved(path, frames):
    """Write RGBA frames as PNG, or as an animated GIF."""
    pictures = [Image.fromarray(f) for f in frames]
    pictures[0].save(path, save_all=len(pictures) > 1, append_images=pictures[1:])
    return path.name


def test_references_must_be_still_true_pixel_art(command, tmp_path):
    square = np.full((16, 16, 4), 255, np.uint8)
    dark, soft, clear, large = (
        square // 2 + 128,
        square.copy(),
        np.zeros_like(square),
        np.full((8, 300, 4), 255, np.uint8),
    )
    soft[3, 4:9, 3] = 100
    cases = {
        "moves.gif": ([square, dark // 2], "animated (2 frames)"),
        "soft.png": ([soft], "5 half-clear cells"),
        "clear.png": ([clear], "empty"),
        "large.png": ([large], "300x8 px"),
    }
    for name, (frames, message) in cases.items():
        ran = command("generate", "a", "--reference", saved(tmp_path / name, frames))
        assert ran.code == 2
        assert message in ran.err
        assert name in ran.err
        assert ran.err.count("\n") == 1
    (tmp_path / "words.png").write_text("not a picture")
    assert "words.png" in command("generate", "a", "--reference", "words.png").err


def test_layouts_are_painted_in_the_colours_of_the_parts(command, tmp_path):
    colors = command("segment", "--list", "--json").json()
    assert len(set(colors.values())) == len(colors)
    rgba = np.zeros((16, 24, 4), np.uint8)
    rgba[8:] = (*bytes.fromhex(colors["grass"][1:]), 255)
    parts = read_layout(tmp_path / saved(tmp_path / "parts.png", [rgba]))
    assert parts.mask_names == ("background", "grass")
    assert np.array_equal(parts.mask, (np.arange(16)[:, None] >= 8) * np.ones((16, 24), np.uint8))
    rgba[0, 0] = (1, 2, 3, 255)
    ran = command("generate", "a", "--layout", saved(tmp_path / "odd.png", [rgba]))
    assert ran.code == 2
    assert "#010203" in ran.err
    ran = command("generate", "a", "--layout", saved(tmp_path / "none.png", [rgba * 0]))
    assert "paint at least one part" in ran.err


def test_corrupt_weights(command, tiny_bundle, tmp_path):
    for file in Path(tiny_bundle).iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "level16.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    ran = command("generate", "a slime", "--weights", tmp_path)
    assert ran.code == 2
    assert "sha256" in ran.err


def test_json_contract_and_same_bytes_again(command, tiny_bundle, tmp_path):
    request = [
        "a green slime with a crown",
        "-n",
        "4",
        "--size",
        "32x24",
        "--palette",
        "pico-8",
        "--seed",
        "7",
        "--json",
    ]
    first = command("generate", *request, "--weights", tiny_bundle, "-o", "one/").json()
    second = command("generate", *request, "--weights", tiny_bundle, "-o", "two/").json()
    assert set(first) == {"images", "seconds", "weights"}
    assert [i["seed"] for i in first["images"]] == [7, 8, 9, 10]
    allowed = {tuple(c) for c in palettes.get("pico-8").colors.tolist()}
    for a, b in zip(first["images"], second["images"], strict=True):
        assert set(a) == {"path", "width", "height", "colors", "seed"}
        assert Path(a["path"]).read_bytes() == Path(b["path"]).read_bytes()
        rgba = png.read_image(a["path"])
        assert rgba.shape == (24, 32, 4)
        assert (a["width"], a["height"]) == (32, 24)
        opaque = rgba[rgba[..., 3] == 255][:, :3]
        assert set(np.unique(rgba[..., 3])) <= {0, 255}
        assert {tuple(c) for c in opaque.tolist()} <= allowed
        assert a["colors"] == len(np.unique(opaque, axis=0))


def test_plain_run_prints_preview_path_and_seed(command, tiny_bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(output, "colored", lambda: True)
    ran = command("generate", "a 'red' castle", "--size", "9x8", "--colors", "2", "--weights", tiny_bundle)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    path = Path(lines[-1])
    assert path.parent == tmp_path / "home" / "outputs"
    assert path.name.startswith("a-red-castle-9x8-seed")
    assert "\x1b[0" in ran.out
    assert f"seed {path.stem.removeprefix('a-red-castle-9x8-seed')}" in ran.err
    assert len(np.unique(png.read_image(path).reshape(-1, 4), axis=0)) <= 3
    with Image.open(path) as image:
        assert json.loads(image.text["pixelmind"])["prompt"] == "a 'red' castle"
    quiet = command("generate", "x", "--size", "8", "--no-preview", "--weights", tiny_bundle)
    assert quiet.out.count("\n") == 1


def test_a_pipe_gets_only_the_path(command, tiny_bundle):
    ran = command("generate", "x", "--size", "8", "--weights", tiny_bundle)
    assert Path(ran.out.removesuffix("\n")).is_file()


@pytest.mark.parametrize(("format", "name"), [("gif", "a.gif"), ("aseprite", "a.aseprite"), ("sheet", "a.png")])
def test_other_formats(command, tiny_bundle, tmp_path, format, name):
    ran = command(
        "generate",
        "a potion",
        "-n",
        "3",
        "--size",
        "12",
        "--format",
        format,
        "-o",
        "a",
        "--weights",
        tiny_bundle,
        "--json",
    )
    images = ran.json()["images"]
    assert [Path(i["path"]).name for i in images] == [name] * 3
    if format == "aseprite":
        assert len(aseprite.decode((tmp_path / name).read_bytes()).frames) == 3
    else:
        with Image.open(tmp_path / name) as image:
            assert image.size == ((12, 12) if format == "gif" else (36, 12))


def test_scale_enlarges_the_file_only(command, tiny_bundle):
    (image,) = command(
        "generate", "a key", "--size", "8", "--scale", "5", "--weights", tiny_bundle, "-o", "k", "--json"
    ).json()["images"]
    assert (image["width"], image["height"]) == (8, 8)
    assert png.read_image(image["path"]).shape == (40, 40, 4)


def test_a_picture_is_changed_inside_a_mask_or_drawn_on_around(command, tiny_bundle, tmp_path):
    rgba = np.zeros((16, 20, 4), np.uint8)
    rgba[2:14, 3:17] = (200, 40, 40, 255)
    mask = np.zeros((16, 20), np.uint8)
    mask[4:9, 5:12] = 255
    Image.fromarray(rgba).save(tmp_path / "red.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    common = ["generate", "a blue window", "--image", "red.png", "--weights", tiny_bundle, "--seed", "1"]
    inside = command(*common, "--region", "mask.png", "--strength", "0.8", "-o", "inside.png", "--json").json()
    assert (inside["images"][0]["width"], inside["images"][0]["height"]) == (20, 16)
    assert np.array_equal(png.read_image("inside.png")[mask == 0], rgba[mask == 0])
    command(*common, "--size", "32x24", "-o", "around.png", "--json").json()
    assert np.array_equal(png.read_image("around.png")[4:20, 6:26], rgba)
    for arguments, message in (
        (["--region", "sky"], "segmenter"),
        (["--region", "mask.png", "--size", "32x24"], "one at a time"),
        (["--size", "8x8"], "does not fit"),
    ):
        ran = command(*common, *arguments)
        assert ran.code == 2
        assert message in ran.err
