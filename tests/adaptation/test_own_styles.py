"""Own styles where a picture is drawn: in words, by name, brought by a request, in dialogues and edits, and from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.adaptation import adapters
from pixelmind.adaptation.adapters import Kept
from pixelmind.dialogue.parser import load_parser
from pixelmind.dialogue.policy import Policy
from pixelmind.dialogue.session import Session
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.own_styles import StyledRequest, lent, named
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.records import Conditioning, GenerationRequest

from .conftest import shape
from .test_adapters import made


@pytest.fixture(scope="module")
def pipe(style_bundle: Path) -> PixelPipeline:
    return load(style_bundle, best_of=1)


@pytest.fixture
def home(style_bundle: Path, tmp_path: Path) -> Path:
    """A home with the styles "mine" and "other"."""
    bundle = Bundle(style_bundle)
    adapters.save(made(bundle), tmp_path)
    adapters.save(made(bundle, name="other", strength=0.2), tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "rest", "name"),
    [
        ("a knight in mine style", "a knight", "mine"),
        ('a knight in my style "mine"', "a knight", "mine"),
        ("draw it again, in the mine style, bigger", "draw it again, bigger", "mine"),
        ("In my own style mine-2: a cat", ": a cat", "mine-2"),
        ("in style mine", "", "mine"),
        ("a mine in the mountains", "a mine in the mountains", None),
        ("a knight, not in mine style", "a knight, not in mine style", None),
        ("a castle in gold-mine style", "a castle in gold-mine style", None),
    ],
)
def test_styles_are_named_in_words(text, rest, name):
    assert named(text, ["mine", "mine-2"]) == (rest, name)
    assert named(text, []) == (text, None)


def test_styles_by_name_are_read_when_asked_for(home):
    kept = Kept(home)
    assert (list(kept), len(kept), "mine" in kept, "../mine" in kept, 3 in kept) == (
        ["mine", "other"],
        2,
        True,
        False,
        False,
    )
    assert kept["mine"] is kept["mine"]
    assert kept.get("yours") is None
    first = kept["mine"]
    adapters.save(made(Bundle(), strength=0.1), home, replace=True)
    assert kept["mine"] is not first


def test_requests_that_bring_styles_of_one_name_share_no_weights(pipe, style_bundle):
    bundle = Bundle(style_bundle)
    ann, ben = made(bundle), made(bundle, strength=0.2)
    told = {"conditioning": Conditioning(prompt="a gem", height=24, width=24, style="mine"), "seed": 2}
    plain = GenerationRequest(conditioning=Conditioning(prompt="a gem", height=24, width=24), seed=2)
    requests = [
        plain,
        StyledRequest(own=ann, **told),
        StyledRequest(own=ben, **told),
        plain,
        StyledRequest(own=ann, **told),
    ]
    together = [r.sprites[0].rgba().tobytes() for r in pipe.generate_batch(requests)]
    alone = [pipe.generate_batch([r])[0].sprites[0].rgba().tobytes() for r in requests]
    assert together == alone
    assert together[0] == together[3] != together[1] == together[4] != together[2]
    with pytest.raises(BadInput, match="unknown style 'mine'"):
        pipe.generate_batch([GenerationRequest(**told)])
    with pytest.raises(BadInput, match="belongs to the weights"):
        pipe.check(StyledRequest(own=made(Bundle()), **told))


def test_a_dialogue_draws_and_edits_in_a_style_named_in_its_words(pipe, home, tmp_path):
    kept = Kept(home)

    def dialogue(**options: object) -> Session:
        return Session(
            pipe=pipe, parser=load_parser(), policy=Policy(), candidates=1, own_styles=kept, seed=4, **options
        )

    with lent(pipe, kept):
        plain = dialogue().say("a red gem, 16x16")
        talk = dialogue(folder=tmp_path / "talk")
        styled = talk.say("a red gem, 16x16, in my style mine")
        assert (plain.kind, styled.kind) == ("sprites", "sprites")
        assert not np.array_equal(plain.sprites[0].rgba(), styled.sprites[0].rgba())
        assert styled.sprites[0].provenance["style"] == "mine"
        again = dialogue(folder=tmp_path / "talk")
        assert again.style == "mine"
        assert again.say("in other style").text == "From now on I draw in your style other."
        added = again.say("add a hat")
        assert added.kind == "edit", added.text
        asked = dialogue(style="other").say("a red gem, 16x16")
        assert asked.sprites[0].provenance["style"] == "other"
        adapters.remove(home, "other")
        gone = again.say("a blue gem, 16x16")
        assert (gone.kind, "no style 'other'" in gone.text) == ("error", True)
        assert again.say("a blue gem, 16x16").kind == "sprites"
    assert pipe.styles == ("crawl", "ultica")


@pytest.fixture
def command(capfd, home, monkeypatch):
    monkeypatch.setenv("PIXELMIND_HOME", str(home))
    monkeypatch.chdir(home)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(a) for a in arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def test_edit_takes_an_own_style_by_name_and_in_words(command, home, style_bundle):
    from PIL import Image

    Image.fromarray(shape("sea", 3, 24)).save(home / "gem.png")

    def edited(words: str, *more: object) -> bytes:
        code, out, err = command("edit", "gem.png", words, "--weights", style_bundle, "--json", *more)
        assert code == 0, err
        return Path(json.loads(out)["images"][0]["path"]).read_bytes()

    plain = edited("add a red hat")
    styled = edited("add a red hat", "--style", "mine")
    worded = edited("add a red hat in mine style")
    assert plain != styled == worded
    code, _, err = command("edit", "gem.png", "add a hat", "--weights", style_bundle, "--style", "yours")
    assert (code, "unknown style 'yours'" in err, err.count("\n")) == (2, True, 1)


def test_animate_and_chat_take_an_own_style_by_name(command, home):
    adapters.save(made(Bundle(), name="small", strength=0.01), home)
    draw = ("animate", "--prompt", "a knight", "--size", "16x16", "--seed", 3, "--json", "-o")
    assert command(*draw, "plain.png")[0] == 0
    code, _, err = command(*draw, "styled.png", "--style", "small")
    assert code == 0, err
    assert (home / "plain.png").read_bytes() != (home / "styled.png").read_bytes()
    assert command(*draw, "odd.png", "--style", "mine")[0] == 2
    assert command("animate", "plain.png", "--style", "small")[0] == 2
    (home / "turns.txt").write_text("a red gem, 16x16\n/style\n/style small\n")
    code, out, err = command("chat", "--script", "turns.txt", "--style", "small", "--json", "--candidates", 1)
    assert code == 0, err
    told = [json.loads(line) for line in out.splitlines()]
    assert [t["kind"] for t in told] == ["sprites", "answer", "answer"]
    assert told[2]["text"] == "I draw in the style small."
