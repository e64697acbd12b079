"""What the commands do with a critic: what is drawn is checked, `review check` judges any picture, `show` writes a heat map."""

from __future__ import annotations

import io
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
from tiny_critic import put

from pixelmind.cli import chat
from pixelmind.dialogue.session import Reply
from pixelmind.generator.motion import Motion, MotionConfig
from pixelmind.pixels import export, png
from pixelmind.pixels.metadata import read_sprite
from pixelmind.records import Sprite
from pixelmind.storage import Database
from pixelmind.training.weights import released


@pytest.fixture(scope="session")
def critical(tiny_bundle, tmp_path_factory) -> Path:
    """The tiny bundle with a critic that finds fault with everything."""
    folder = tmp_path_factory.mktemp("critical") / "bundle"
    shutil.copytree(tiny_bundle, folder)
    put(folder, threshold=-20.0)
    return folder


def block(size: int = 12) -> Sprite:
    rgba = np.zeros((size, size, 4), np.uint8)
    rgba[3:-3, 3:-3] = (200, 40, 40, 255)
    return Sprite.from_rgba(rgba)


def draw(command, weights: Path, *more: str):
    arguments = ("a key", "--weights", weights, "--size", "16x16", "--seed", 3, "--steps", 2, "--palette", "pico-8")
    return command("generate", *arguments, "-o", "key.png", "--no-preview", *more)


def test_what_is_drawn_is_checked_unless_told_not_to(command, critical, tiny_bundle):
    ran = draw(command, critical)
    assert ran.code == 0, ran.err
    told = read_sprite("key.png")
    about = told.provenance["quality"]
    assert about["flagged"]
    assert len(about["critic"]) == 12
    assert "key.png may have a fault, " in ran.err
    again = draw(command, critical, "--json")
    assert again.code == 0
    assert read_sprite("key.png") == told  # the same seed, the same picture
    assert draw(command, critical, "--no-check").code == 0
    plain = read_sprite("key.png")
    assert "quality" not in plain.provenance
    assert about["changed_cells"] == (plain.rgba() != told.rgba()).any(-1).sum()
    ran = draw(command, tiny_bundle)
    assert (ran.code, "fault" in ran.err) == (0, False)
    assert "quality" not in read_sprite("key.png").provenance


def test_an_edit_that_draws_is_checked(command, critical):
    export.save([block(16)], Path("block.png"))
    told = ("edit", "block.png", "add a flag", "--weights", critical, "--seed", 5, "-o", "f.png", "--json")
    found = command(*told).json()
    assert found["changed_outside"] == 0
    assert read_sprite("f.png").provenance["quality"]["dissatisfied"] > 0.5
    command(*told, "--no-check").json()
    assert "quality" not in read_sprite("f.png").provenance


def test_a_figure_that_is_animated_is_checked(command, tmp_path):
    folder = shutil.copytree(released(), tmp_path / "moving")
    put(folder, threshold=-20.0)
    Motion(MotionConfig(widths=(16, 24), radius=2)).save(folder)
    asked = ("animate", "--prompt", "a knight", "--size", "16x16", "--seed", 3, "--weights", folder, "--no-preview")
    ran = command(*asked, "-o", "walk.png")
    assert ran.code == 0, ran.err
    assert "walk.png may have a fault, " in ran.err
    ran = command(*asked, "-o", "plain.png", "--no-check")
    assert (ran.code, "fault" in ran.err) == (0, False)


def test_a_turn_tells_which_sprite_is_doubtful(capsys):
    quality = {"families": {"alignment": 0.91, "palette": 0.02, "proportion": 0.3}, "flagged": True}
    bad = replace(block(), provenance={"quality": quality})
    fine = replace(block(), provenance={"quality": quality | {"flagged": False}})
    chat._show(Reply(text="Here.", kind="sprites", sprites=(fine, bad, block())), preview=False)
    told = capsys.readouterr().err
    assert told.count("may have a fault") == 1
    assert (
        "number 2 may have a fault, alignment: likely at fault (alignment 0.91, palette 0.02, proportion 0.30)" in told
    )
    chat._show(Reply(text="Done.", kind="sprites", sprites=(bad,)), preview=False)
    assert "the sprite may have a fault" in capsys.readouterr().err


def test_pictures_are_judged(command, critical, tmp_path):
    export.save([block()], Path("a.png"))
    frames = [Image.fromarray(s.rgba()).resize((16, 16)) for s in (block(), block(10))]
    frames[0].save("b.gif", save_all=True, append_images=frames[1:])
    found = command("review", "check", "a.png", "b.gif", "--weights", critical, "--heatmap", "heat", "--json").json()
    rows = found["pictures"]
    assert [(Path(r["path"]).name, r["frame"]) for r in rows] == [("a.png", None), ("b.gif", 1), ("b.gif", 2)]
    assert all(set(r["families"]) == {"alignment", "palette", "proportion"} for r in rows)
    assert all(r["flagged"] == (r["dissatisfied"] >= 0.5) for r in rows)
    assert [Path(r["heatmap"]).name for r in rows] == ["a-heat.png", "b-1-heat.png", "b-2-heat.png"]
    assert png.read_image(Path(rows[0]["heatmap"])).shape[0] % 12 == 0
    ran = command("review", "check", "a.png", "--weights", critical, "--heatmap", "one.png")
    (line, path) = ran.out.splitlines()
    assert line.startswith("! ")
    assert line.endswith("  a.png")
    assert "proportion" in line
    assert Path(path) == tmp_path / "one.png"
    assert Path(path).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.png", "--weights", "TINY"], "hold no critic"),
        (["a.png", "--weights", "nowhere"], "nowhere"),
        (["none.png"], "none.png"),
        (["big.png"], "pixelmind snap big.png"),
        (["a.png", "a.png", "--heatmap", "one.png"], "name a folder"),
        (["a.png", "--heatmap", "a.png"], "is the picture itself"),
        ([], "IMAGE"),
    ],
)
def test_what_cannot_be_judged(command, tiny_bundle, arguments, said):
    export.save([block()], Path("a.png"))
    Image.new("RGBA", (300, 20), (9, 9, 9, 255)).save("big.png")
    ran = command("review", "check", *(tiny_bundle if a == "TINY" else a for a in arguments))
    assert ran.code == 2
    assert said in ran.err
    assert not Path("one.png").exists()


def test_the_heat_map_of_a_review_is_written(command, tmp_path, monkeypatch):
    monkeypatch.delenv("PIXELMIND_DATABASE_URL", raising=False)
    (tmp_path / "home").mkdir()
    heat = io.BytesIO()
    Image.new("RGB", (24, 24)).save(heat, "PNG")
    quality = {"families": {"alignment": 0.914, "palette": 0.02, "proportion": 0.3}, "flagged": True}
    sprite = Sprite(indices=block().indices, palette=block().palette, provenance={"quality": quality})
    with Database(f"sqlite:///{tmp_path / 'home' / 'pixelmind.db'}") as db:
        db.upgrade()
        ann = db.users.ensure("ann")
        plain, bad = (db.sprites.add(ann, s, prompt="a gem").id for s in (block(), sprite))
        hot, cold = db.review.flag(ann, bad, "alignment", 0.9, heat.getvalue()), db.review.flag(ann, plain, "torn")
    shown = command("review", "show", hot.id, "--heatmap", "h.png")
    assert shown.code == 0
    assert "families: alignment 0.91, palette 0.02, proportion 0.30\n" in shown.out
    assert Path("h.png").read_bytes() == heat.getvalue()
    assert command("review", "show", hot.id, "--json").json()["families"] == quality["families"]
    ran = command("review", "show", cold.id, "--heatmap", "cold.png")
    assert (ran.code, "without a heat map" in ran.err, Path("cold.png").exists()) == (2, True, False)
    assert "families" not in command("review", "show", cold.id).out
