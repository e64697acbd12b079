"""`lint` from the outside: the table, JSON, marked-up pictures, exit codes, and how little is imported."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from pixelmind.cli.lint import RULE_HELP
from pixelmind.pixels import png
from pixelmind.quality.lint import RULES

RED, BLUE = (200, 40, 50, 255), (50, 80, 210, 255)


def write(path, rgba):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png.encode_rgba_png(rgba))
    return path


def square(*faults):
    """A red 12x12 square on a 16x16 canvas, with cells of other values."""
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[2:14, 2:14] = RED
    for y, x, value in faults:
        rgba[y, x] = value
    return rgba


@pytest.fixture
def clean(tmp_path):
    return write(tmp_path / "art" / "clean.png", square())


@pytest.fixture
def faulty(tmp_path):
    """An orphan and a cell of noise (usual), the latter half clear (never usual)."""
    return write(tmp_path / "art" / "faulty.png", square((5, 5, BLUE), (7, 1, (200, 40, 50, 99))))


def test_the_table_counts_and_tells_what_to_do(command, clean, faulty, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    ran = command("lint", clean, faulty)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].endswith("clean.png   16x16, 1 colour: nothing found")
    assert any(line.endswith("faulty.png   16x16, 2 colours: 1 finding") for line in lines)
    (fault,) = [line for line in lines if line.startswith("  !")]
    assert re.search(r"semi-clear +1 cell +0\.7 % of drawn cells +alpha neither 0 nor 255; make it hard$", fault)
    (usual,) = [line for line in lines if "orphans" in line]
    assert re.search(r"1 cell +0\.7 % of drawn cells +usual to 21 %$", usual)
    assert "2 pictures, 1 with nothing found, 1 finding" in ran.err


def test_strict_and_all(command, clean, faulty):
    assert command("lint", clean, "--strict").code == 0
    assert command("lint", faulty, "--strict").code == 1
    assert command("lint", faulty, "--strict", "--rule", "orphans").code == 0
    assert command("lint", faulty, "--strict", "--rule", "orphans", "--all").code == 1
    assert command("lint", faulty, "--strict", "--rule", "colors", "--max-colors", "1").code == 1
    assert command("lint", clean, "--strict", "--palette", "gameboy").code == 1


def test_json_has_the_cells_of_every_count(command, faulty):
    found = command("lint", faulty, "--json").json()
    (picture,) = found["pictures"]
    assert found["findings"] == picture["findings"] == 1
    assert (picture["width"], picture["height"], picture["enlarged"], picture["frame"]) == (16, 16, 1, None)
    counts = {row["rule"]: row for row in picture["counts"]}
    assert list(counts) == list(RULES)
    assert (counts["orphans"]["cells"], counts["noise"]["cells"]) == ([[5, 5]], [[1, 7]])
    assert counts["semi-clear"]["cells"] == [[1, 7]]
    assert (counts["semi-clear"]["fault"], counts["orphans"]["fault"]) == (True, False)
    assert counts["orphans"]["share"] == pytest.approx(1 / 145, abs=1e-6)
    assert set(counts["orphans"]) == {"rule", "count", "share", "usual", "fault", "message", "cells"}


def test_a_folder_is_read_through_and_marked_up(command, tmp_path, clean, faulty):
    write(tmp_path / "art" / "more" / "faulty.png", square((3, 3, (0, 0, 0, 0))))
    ran = command("lint", "art", "--marked", "art/out", "--scale", "6", "--json").json()
    assert [p["path"].rpartition("art/")[2] for p in ran["pictures"]] == ["clean.png", "faulty.png", "more/faulty.png"]
    names = [p["marked"].rpartition("/")[2] for p in ran["pictures"]]
    assert names == ["clean-lint.png", "faulty-lint.png", "faulty-2-lint.png"]
    again = command("lint", "art", "--json").json()
    assert len(again["pictures"]) == 3  # our own pictures are passed over
    with Image.open(ran["pictures"][1]["marked"]) as image:
        colors = {tuple(c) for c in np.asarray(image.convert("RGB")).reshape(-1, 3).tolist()}
        assert image.width >= 2 * 16 * 6
    assert RULES["semi-clear"].color in colors
    assert RULES["orphans"].color not in colors  # usual, so not marked


def test_one_marked_up_picture_as_a_file(command, tmp_path, clean, faulty):
    ran = command("lint", faulty, "--marked", "out.png")
    assert ran.code == 0
    assert ran.out.rstrip().endswith(str(tmp_path / "out.png"))
    assert png.read_image(tmp_path / "out.png").shape[0] > 16 * 20
    assert command("lint", clean, faulty, "--marked", "two.png").code == 2
    assert command("lint", faulty, "--marked", faulty).code == 2
    assert (png.read_image(faulty) == square((5, 5, BLUE), (7, 1, (200, 40, 50, 99)))).all()


def test_every_frame_of_an_animation(command, tmp_path):
    frames = [Image.fromarray(square(*faults)) for faults in ([], [(4, 4, (0, 0, 0, 0))])]
    frames[0].save(tmp_path / "walk.gif", save_all=True, append_images=frames[1:], disposal=2)
    found = command("lint", "walk.gif", "--rule", "pinholes", "--json").json()
    assert [(p["frame"], p["counts"][0]["count"]) for p in found["pictures"]] == [(1, 0), (2, 1)]
    assert "walk.gif frame 2   16x16" in command("lint", "walk.gif").out


def test_an_enlarged_picture_is_said_to_be_one(command, tmp_path):
    rng = np.random.default_rng(0)
    small = np.array([RED, BLUE], np.uint8)[rng.integers(0, 2, (16, 16))]
    write(tmp_path / "big.png", small.repeat(40, 0).repeat(40, 1))
    ran = command("lint", "big.png")
    assert ran.code == 0
    assert "16x16, enlarged 40 times" in ran.out
    assert "the whole picture is 16x16 px enlarged 40 times" in ran.out
    assert command("lint", "big.png", "--json").json()["pictures"][0]["enlarged"] == 40


def test_wrong_input_is_one_line_and_two(command, tmp_path, clean):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (tmp_path / "empty").mkdir()
    write(tmp_path / "wide.png", np.zeros((2, 1100, 4), np.uint8))
    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 4), dtype=np.uint8)
    noise[..., 3] = 255
    write(tmp_path / "photo.png", noise)
    for arguments, message in (
        (["none.png"], "none.png"),
        (["bad.png"], "not an image"),
        (["empty"], "holds no picture"),
        (["wide.png"], "wide.png: it is 1100x2 px, at most 1,024"),
        (["photo.png"], "pixelmind snap"),
        ([clean, "--rule", "orphan"], "unknown rule 'orphan'"),
        ([clean, "--max-colors", "0"], "use 1 or more"),
        ([clean, "--scale", "65"], "use 1 to 64"),
        ([clean, "--palette", "gambeoy"], "gameboy"),
        ([clean, "--marked", "bad.png/x"], "cannot write"),
        ([], "IMAGE|FOLDER"),
    ):
        ran = command("lint", *arguments)
        assert ran.code == 2, arguments
        assert message in ran.err, ran.err
        assert ran.err.count("\n") == 1


def test_a_bad_file_does_not_keep_the_others_from_being_counted(command, tmp_path, clean, faulty):
    (tmp_path / "art" / "bad.png").write_bytes(b"no picture")
    ran = command("lint", "art", "--marked", "out", "--json")
    found = json.loads(ran.out)
    assert ran.code == 2
    assert [p["path"].rpartition("/")[2] for p in found["pictures"]] == ["clean.png", "faulty.png"]
    assert [e["path"].rpartition("/")[2] for e in found["errors"]] == ["bad.png"]
    assert "bad.png: not an image" in found["errors"][0]["error"]
    assert ran.err.splitlines() == [f"error: {found['errors'][0]['error']}"]
    assert len(list((tmp_path / "out").iterdir())) == 2
    (tmp_path / "art" / "worse.png").write_bytes(b"")
    clean.unlink()
    faulty.unlink()
    ran = command("lint", "art", "--marked", "out.png")
    assert (ran.code, ran.out, ran.err.count("error: ")) == (2, "", 2)


def test_the_help_names_every_rule():
    assert RULE_HELP.partition("more: ")[2].rstrip(".").split(", ") == list(RULES)


def test_it_starts_without_torch_or_scipy(clean):
    code = (
        "import sys; from pixelmind import cli; code = cli.run(['lint', sys.argv[1]])\n"
        "print(code, [m for m in ('torch', 'transformers', 'scipy', 'lance') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(clean)], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0 []"
