"""Dialogues with the released weights: questions, candidates, edits, undo, saving, going on later, and turns that cannot be done."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.dialogue.answers import left_open, option_taken, turns_back
from pixelmind.dialogue.clicks import Pointing
from pixelmind.dialogue.edits import EditRequest
from pixelmind.dialogue.grounding import Wish
from pixelmind.dialogue.history import History
from pixelmind.dialogue.memory import load_memory
from pixelmind.dialogue.parser import load_parser
from pixelmind.dialogue.policy import Policy
from pixelmind.dialogue.regions import pointed_at
from pixelmind.dialogue.session import Session
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.pixels import png
from pixelmind.records import Intent, Sprite

PALETTE = np.array([(0, 0, 0, 0), (200, 30, 30, 255)], np.uint8)
DEMO = Path("tests/assets/requests/demo.txt")


@pytest.fixture(scope="module")
def pipe() -> PixelPipeline:
    return load(threads=2)


@pytest.fixture
def talk(pipe: PixelPipeline, tmp_path: Path) -> Session:
    return Session(out=tmp_path / "out", folder=tmp_path / "kept", parser=load_parser(tower=pipe.text_tower), pipe=pipe)


def test_question_answer_candidates_edits_undo_export(talk: Session) -> None:
    asks = talk.say("draw a retro castle under a wide sky")
    assert (asks.kind, asks.question.slot if asks.question else "") == ("question", "style")
    assert asks.question is not None
    assert len(asks.sprites) == len(asks.question.options) >= 2
    shown = talk.say("like the old Game Boy")
    assert (shown.kind, len(shown.sprites), talk.wish.palette) == ("sprites", 2, "gameboy")
    taken = talk.say("the second one")
    assert taken.sprites[0] is shown.sprites[1]
    darker = talk.say("make the sky darker")
    assert darker.edit is not None
    assert (darker.edit.operation, darker.edit.changed_outside) == ("darken", 0)
    assert darker.edit.changed_cells > 0
    back = talk.say("undo that")
    assert np.array_equal(back.sprites[0].rgba(), taken.sprites[0].rgba())
    saved = talk.say("export it as aseprite")
    assert [p.suffix for p in saved.paths] == [".aseprite"]
    assert saved.paths[0].is_file()


def test_a_session_goes_on_where_it_stood(talk: Session, pipe: PixelPipeline, tmp_path: Path) -> None:
    talk.say("draw a retro castle")
    again = Session(out=tmp_path, folder=tmp_path / "kept", parser=talk.parser, pipe=pipe)
    assert again.asked is not None
    assert talk.asked is not None
    assert (again.asked.text, again.wish, again.turns) == (talk.asked.text, talk.wish, talk.turns)
    shown = again.say("2")
    assert (shown.kind, again.wish.palette) == ("sprites", "gameboy")
    third = Session(out=tmp_path, folder=tmp_path / "kept", parser=talk.parser, pipe=pipe)
    assert len(third.candidates) == 2
    assert np.array_equal(third.history.current.sprite.rgba(), shown.sprites[0].rgba())


def test_turns_that_cannot_be_done_change_nothing(talk: Session) -> None:
    assert talk.say("undo").kind == "error"
    assert talk.say("🐉").kind == "error"
    assert talk.say("word " * 5000).kind == "error"
    assert talk.say("a green slime").kind == "sprites"
    before = talk.history.current.sprite
    for text in ("make the submarine darker", "take number 7"):
        talk.say(text)
    refused = talk.say("make the windows darker")
    assert refused.kind == "error"
    assert "in this sprite; I see" in refused.text
    assert talk.history.current.sprite is before
    assert len(talk.history) == 1


def test_same_words_and_seed_same_pictures(talk: Session, pipe: PixelPipeline) -> None:
    other = Session(parser=talk.parser, pipe=pipe)
    first, second = talk.say("a red potion, 16x16"), other.say("a red potion, 16x16")
    assert [np.array_equal(a.rgba(), b.rgba()) for a, b in zip(first.sprites, second.sprites)] == [True, True]
    assert first.sprites[0].width == 16


def test_other_languages_are_tried(talk: Session) -> None:
    assert talk.say("ein Haus mit rotem Dach").text.startswith("I was taught English only")


def test_which_option_an_answer_takes(talk: Session) -> None:
    from pixelmind.dialogue.grounding import Open
    from pixelmind.dialogue.policy import question

    asks = question(Wish(subject="castle", mood="nostalgic"), Open(slot="mood", word="nostalgic"))
    picks = {
        "the second one": 1,
        "3": 2,
        "NES please": 1,
        "you decide": 0,
        "a warm sunset": 2,
        "in teal and orange": None,
    }
    assert {text: option_taken(asks, text, Intent(text=text)) for text in picks} == picks
    with pytest.raises(BadInput, match="no number 9"):
        option_taken(asks, "number 9", Intent(text="number 9", slots={"reference": ("number 9",)}))
    assert all(map(left_open, ("you decide", "I don't mind", "any of them is fine", "up to you, please")))
    assert not any(map(left_open, ("remove any cork", "not any of these, teal", "whatever is on the left, darker")))
    counts = {"undo": 1, "undo the last two changes": 2, "go back 3 steps": 3, "undo twice": 2}
    assert {text: turns_back(text) for text in counts} == counts


def test_a_damaged_session_is_named(tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text('{"format": 1}')
    with pytest.raises(CorruptFile, match="damaged"):
        Session(folder=tmp_path)
    (tmp_path / "session.json").write_text('{"format": 99}')
    with pytest.raises(BadInput, match="update"):
        Session(folder=tmp_path)


def test_saved_names_stay_in_the_folder(talk: Session, tmp_path: Path) -> None:
    talk.policy = Policy()
    talk.say("a blue gem, 16x16")
    for text in ("save it as ../../evil", "save it as gem", "save it as gem"):
        reply = talk.say(text)
        assert all(p.parent == (tmp_path / "out").resolve() for p in reply.paths)
    assert len(list((tmp_path / "out").iterdir())) >= 2


def test_chat_plays_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["chat", "--script", str(DEMO), "--out", str(tmp_path), "--json", "--threads", "2"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["kind"] for r in rows] == ["question", "sprites", "sprites", "edit", "edit", "history", "saved"]
    assert [r["edit"]["changed_outside"] for r in rows if r["edit"]] == [0, 0]
    assert [p.name for p in tmp_path.iterdir()] == [Path(rows[-1]["paths"][0]).name]


def test_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "s.txt"
    lines = ["# a comment", "/show", "a red heart, 16x16", "/history", "/save heart", "/export gif", "/export exe"]
    lines += ["/seed x", "/seed 5", "/go 9", "/go 0", "/undo", "/new", "/nonsense", "/help", "/quit", "never read"]
    script.write_text("\n".join(lines))
    assert cli.run(["chat", "--script", str(script), "--out", str(tmp_path / "o"), "--json", "--threads", "2"]) == 0
    rows = {r["said"]: r for r in map(json.loads, capsys.readouterr().out.splitlines())}
    kinds = {said: row["kind"] for said, row in rows.items()}
    for said in ("/show", "/seed x", "/go 9", "/undo", "/nonsense", "/export exe"):
        assert kinds[said] == "error", said
    assert png.read_image(Path(rows["/save heart"]["paths"][0])).shape == (16, 16, 4)
    assert kinds["/export gif"] == "saved"
    assert "never read" not in rows


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--script", "none.txt"], "cannot read"),
        (["--script", "EMPTY"], "no turn"),
        (["--script", "BINARY"], "UTF-8"),
        (["--candidates", "9"], "candidates"),
        (["--session", "../x"], "name"),
        (["--seed", "-1"], "--seed"),
        (["--threads", "0"], "--threads"),
    ],
)
def test_bad_input(arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "EMPTY").write_text("\n# nothing\n")
    (tmp_path / "BINARY").write_bytes(b"\xff\xfe\x00")
    arguments = [str(tmp_path / a) if a in ("EMPTY", "BINARY") else a for a in arguments]
    assert cli.run(["chat", "--out", str(tmp_path / "o"), *arguments]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert len(error.splitlines()) == 1


def test_what_was_meant_before_is_taken_without_a_question(pipe: PixelPipeline, tmp_path: Path) -> None:
    memory = load_memory(tower=pipe.text_tower)
    first = Session(parser=load_parser(tower=pipe.text_tower), pipe=pipe, memory=memory)
    assert first.say("draw a retro castle").kind == "question"
    first.say("2")
    assert memory.pairs == 1
    assert memory.recall("retro", ["NES colours", "Game Boy colours", "C64 colours", "1-bit black and white"])[1] > 0.6
    later = Session(parser=first.parser, pipe=pipe, memory=memory)
    reply = later.say("draw a retro car")
    assert reply.kind == "sprites"
    assert "I took retro as Game Boy colours, as you did before" in reply.text
    assert later.wish.palette == "gameboy"


def test_a_session_is_kept_as_plain_json_with_its_sprites_elsewhere(talk: Session, pipe: PixelPipeline) -> None:
    talk.say("a red potion, 16x16")
    talk.say("the second one")
    talk.say("make it darker")
    shelf: list[Sprite] = []

    def number(sprite: Sprite) -> int:
        if not any(s is sprite for s in shelf):
            shelf.append(sprite)
        return next(i for i, s in enumerate(shelf) if s is sprite)

    kept = json.loads(json.dumps([talk.state(number), talk.history.state(lambda v: {"sprite": number(v.sprite)})]))
    assert len(json.dumps(kept)) < 3000
    fetched: list[int] = []

    def fetch(row: Mapping[str, int]) -> Sprite:
        fetched.append(row["sprite"])
        return shelf[row["sprite"]]

    again = Session(out=None, parser=talk.parser, pipe=pipe)
    again.restore(kept[0], shelf.__getitem__)
    again.history = History.restored(kept[1], lambda row: partial(fetch, row))
    assert not fetched  # versions are fetched when they are looked at
    assert (again.wish, again.turns, again.seed) == (talk.wish, talk.turns, talk.seed)
    back = again.say("undo")
    assert np.array_equal(back.sprites[0].rgba(), talk.say("undo").sprites[0].rgba())
    ready = again.say("export it as gif")
    assert (ready.kind, ready.paths, ready.file and ready.file[1]) == ("saved", (), "gif")


def test_pointing_says_where(talk: Session, pipe: PixelPipeline) -> None:
    talk.policy = Policy()
    talk.say("a castle under a wide sky")
    talk.say("the first one")
    sprite = talk.history.current.sprite
    done = talk.say("make this darker", Pointing(points=((0, 0),)))
    assert done.edit is not None, done.text
    assert done.edit.changed_outside == 0
    cells = pointed_at(sprite, 0, 0)
    assert (done.edit.changed & ~cells).sum() == 0
    assert done.edit.changed.any()
    talk.say("undo")
    part = next(n for i, n in enumerate(sprite.mask_names) if n != "background" and (sprite.mask == i).sum() > 20)
    named = talk.say("darker", Pointing(region=part))
    assert named.edit is not None, named.text
    assert named.edit.changed_cells > 0
    outside = talk.say("make this red", Pointing(points=((99, 0),)))
    assert (outside.kind, "outside" in outside.text) == ("error", True)
    dot = np.zeros((16, 16), np.uint8)
    dot[8, 8] = 1  # too small a part for words to find, and still there to be picked by its name
    small = Sprite(indices=np.ones((16, 16), np.uint8), palette=PALETTE, mask=dot, mask_names=("background", "torso"))
    cells = Pointing(region="torso").applied(EditRequest(operation="darken"), small).pointed
    assert cells is not None
    assert np.array_equal(cells, dot)
    with pytest.raises(BadInput, match="dragon"):
        Pointing(region="dragon").applied(EditRequest(operation="darken"), small)
    with pytest.raises(BadInput, match="at most 256"):
        Pointing(points=((0, 0),) * 257)


def test_chat_remembers_a_person_until_told_to_forget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path))
    script = tmp_path / "s.txt"
    script.write_text("draw a retro castle\nthe first one\n")
    chat = ["chat", "--script", str(script), "--out", str(tmp_path / "o"), "--json", "--user", "ann", "--threads", "2"]
    assert cli.run(chat) == 0
    capsys.readouterr()
    assert cli.run(["memory", "show", "ann"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert (about["pairs"], about["version"]) == (1, 1)
    assert cli.run(["memory", "export", "ann", "--out", str(tmp_path / "copy")]) == 0
    assert sorted(p.name for p in (tmp_path / "copy").iterdir()) == ["1-state.safetensors", "memory.json"]
    assert cli.run(["memory", "export", "ann", "--out", str(tmp_path / "copy")]) == 2
    assert cli.run(["memory", "delete", "ann"]) == 0
    assert cli.run(["memory", "show", "ann"]) == 2


def test_a_pronoun_means_the_thing_that_was_put_in(talk: Session) -> None:
    for text in ("draw a pirate ship at sea", "1", "put a parrot on the mast"):
        talk.say(text)
    sprite = talk.history.current.sprite
    assert sprite.mask is not None
    parrot = sprite.mask == sprite.mask_names.index("parrot")
    for text, operation in (("make it green", "recolor"), ("darker", "darken")):
        reply = talk.say(text)
        assert reply.edit is not None
        assert (reply.edit.operation, "parrot" in reply.text) == (operation, True)
        assert not (reply.edit.changed & ~parrot).any()
    talk.say("undo")
    talk.say("make the sails red")
    reply = talk.say("make them darker")  # spoken of since: the sails
    assert "parrot" not in reply.text
