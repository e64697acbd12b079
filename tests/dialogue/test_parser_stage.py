"""Labels that kept dialogues give the parser, what a tuned parser is refused for, and one that is tuned to words it did not know."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.dialogue.labels import Label, reading
from pixelmind.dialogue.outcome_stage import shift
from pixelmind.dialogue.outcomes import Dialogue, Sign, dialogues
from pixelmind.dialogue.parser import load_parser
from pixelmind.dialogue.parser_stage import decide
from pixelmind.dialogue.regulars import SAYINGS, change
from pixelmind.dialogue.session import Reply
from pixelmind.dialogue.stored import read, write
from pixelmind.errors import BadInput
from pixelmind.records import Intent
from pixelmind.training.weights import Bundle

WISH = {"subject": "castle"}


def at(minute: int) -> str:
    return f"2026-11-28T10:{minute:02d}:00.000Z"


def said(
    text: str, kind: str, sprites: Sequence[str], act: str, operation: str = "none", **more: Any
) -> dict[str, Any]:
    """A turn as it is kept: what was said, and the answer's message with the reading."""
    region = more.pop("region", "none" if operation == "none" else "whole")
    values = {"text": text, "act": act, "operation": operation, "region": region, "refers": "nothing", "number": None}
    values |= {"slots": more.pop("slots", {}), "ambiguous": [], "contradictions": [], "asked": more.pop("asked", "")}
    values |= {"done": more.pop("done", operation)} if kind == "edit" else {}
    note = {"wish": WISH, "reading": values, **more}
    return {"said": text, "answer": {"role": "assistant", "kind": kind, "sprites": list(sprites), "learning": note}}


DREW = said("draw a castle", "sprites", ["a", "b"], "generate", slots={"subject": ["castle"]})
TOOK = said("the second", "sprites", ["b"], "answer", asked="candidates", chosen=2, slots={"reference": ["the second"]})
ODD = said("dunk it in midnight", "edit", ["c"], "edit", "warmer", slots={"reference": ["it"], "time": ["midnight"]})
UNDO = said("undo", "history", ["b"], "undo")
BUTTON = {"said": "", "answer": {**UNDO["answer"], "learning": {"wish": WISH}}}
NO = said("no", "answer", [], "reject")
PLAIN = said("make it darker", "edit", ["d"], "edit", "darken", slots={"reference": ["it"]})
GOOD = said("I like it", "answer", ["d"], "approve")


def labels(*turns: dict[str, Any], taken: str = "d") -> list[Label]:
    """Of a dialogue in which `taken` was found good after the last turn."""
    messages: list[dict[str, Any]] = []
    for minute, turn in enumerate(turns):
        messages += [{"role": "user", "text": turn["said"], "created": at(minute)}] if turn["said"] else []
        messages.append({**turn["answer"], "created": at(minute)})
    signs = [Sign(sprite=taken, good=True, created=at(30))] if taken else []
    (found,) = dialogues(messages, signs, session="s", user="u", simulated=True, quiet="9999")
    return list(found.labels)


def test_what_stayed_is_confirmed() -> None:
    found = labels(DREW, TOOK, PLAIN, GOOD)
    assert [(x.text, x.act, x.operation, x.asked, x.corrected) for x in found] == [
        ("draw a castle", "generate", "none", "", False),
        ("the second", "answer", "none", "candidates", False),
        ("make it darker", "edit", "darken", "", False),
    ]
    assert found[2].history == ("draw a castle", "the second")
    assert found[1].slots == {"reference": ("the second",)}
    assert labels(DREW, TOOK, PLAIN, taken="") == []  # nobody said that it was good


@pytest.mark.parametrize("back", [UNDO, NO, BUTTON], ids=["undone", "rejected", "by the button"])
def test_what_was_taken_back_and_said_again_is_corrected(back: dict[str, Any]) -> None:
    found = labels(DREW, TOOK, ODD, back, PLAIN, GOOD)
    (odd,) = (x for x in found if x.corrected)
    assert (odd.text, odd.act, odd.operation, odd.region) == ("dunk it in midnight", "edit", "darken", "whole")
    assert odd.slots["reference"] == ("it",)  # its own
    assert odd.history == ("draw a castle", "the second")
    assert [x.text for x in found if not x.corrected] == ["draw a castle", "the second", "make it darker"]
    assert not odd.faults()


def test_what_is_no_correction() -> None:
    assert "dunk it in midnight" not in [
        x.text for x in labels(DREW, TOOK, ODD, UNDO, GOOD, taken="b")
    ]  # not said again
    gone = said("undo", "history", ["b"], "undo")
    assert not any(x.corrected for x in labels(DREW, TOOK, ODD, UNDO, PLAIN, gone, taken="b"))  # the second went too
    assert not any(x.corrected for x in labels(DREW, TOOK, ODD, UNDO, PLAIN, NO, GOOD))
    other = said("recolor the roof to red", "edit", ["d"], "edit", "recolor", region="roof", slots={"region": ["roof"]})
    assert not any(x.corrected for x in labels(DREW, TOOK, ODD, UNDO, other, GOOD))  # of something else
    clear = said("make it brighter", "edit", ["c"], "edit", "lighten", slots={"reference": ["it"]})
    assert not any(x.corrected for x in labels(DREW, TOOK, clear, UNDO, PLAIN, GOOD))  # a change of mind: it was clear
    sky = said("sky behind the roof on fire", "edit", ["c"], "edit", "warmer", region="sky", slots={"region": ["sky"]})
    roof = said("warmer roof", "edit", ["d"], "edit", "warmer", region="roof", slots={"region": ["roof"]})
    assert not any(x.corrected for x in labels(DREW, TOOK, sky, UNDO, roof, GOOD))  # another place


def test_what_was_not_done_as_read_or_not_read_has_no_label() -> None:
    ruled = said("darker, maybe", "edit", ["d"], "edit", "unclear", done="darken")
    assert [x.text for x in labels(DREW, TOOK, ruled)] == ["draw a castle", "the second"]
    half = said("darker", "edit", ["d"], "answer", asked="operation", done="darken")
    assert [x.text for x in labels(DREW, TOOK, half)] == ["draw a castle", "the second"]
    again = said("redo", "history", ["c"], "redo")
    assert ("dunk it in midnight", "warmer") in [
        (x.text, x.operation) for x in labels(DREW, TOOK, ODD, UNDO, again, taken="c")
    ]
    old = {**TOOK, "answer": {**TOOK["answer"], "learning": {"wish": WISH, "chosen": 2}}}  # of an older version
    assert [x.text for x in labels(DREW, old, PLAIN)] == ["draw a castle", "make it darker"]
    assert labels(DREW, old, PLAIN)[1].history == ("draw a castle", "the second")


def test_a_reading_is_kept_as_json_and_dialogues_without_labels_are_read(tmp_path: Path) -> None:
    intent = Intent(text="x", act="edit", operation="darken", region="sky", slots={"region": ("sky",)}, refers="last")
    kept = reading(Reply(text="", kind="edit", intent=intent, expected="candidates"))
    assert json.loads(json.dumps(kept)) == kept
    assert (kept["slots"], kept["asked"], kept["refers"]) == ({"region": ["sky"]}, "candidates", "last")
    assert reading(Reply(text="", kind="history")) == {}
    row = Dialogue(
        session="s", user="u", simulated=True, created=at(0), outcome="accepted", labels=tuple(labels(DREW, PLAIN))
    )
    assert read(write([row], tmp_path / "d.jsonl")) == [row]
    broken = json.dumps(row.to_dict()).replace('"darken"', '"paint"')
    (tmp_path / "broken.jsonl").write_text(broken)
    with pytest.raises(BadInput, match=r"line 1 is no dialogue .*operation 'paint' is not known"):
        read(tmp_path / "broken.jsonl")
    before = {k: v for k, v in row.to_dict().items() if k != "labels"}
    (tmp_path / "old.jsonl").write_text(json.dumps(before))
    assert read(tmp_path / "old.jsonl")[0].labels == ()


def test_the_gate() -> None:
    better, same = shift(np.zeros(20), np.ones(20), 0), shift(np.ones(20), np.ones(20), 0)
    fell, noisy = shift(np.ones(100), np.arange(100) > 1, 0), shift(np.ones(8), np.arange(8) > 0, 0)
    fine = {"corrected": {"region and operation": better}, "confirmed": {"act": same}, "grammar": {"slots": same}}
    assert decide(fine, 0.01) == []
    assert decide(fine | {"confirmed": {"act": noisy, "region and operation": {"n": 0}}}, 0.01) == []
    assert "is not clearly better" in decide(fine | {"corrected": {"region and operation": same}}, 0.01)[0]
    few = shift(np.zeros(4), np.array([1.0, 0, 0, 0]), 0)
    assert "is not clearly better" in decide(fine | {"corrected": {"region and operation": few}}, 0.01)[0]
    assert decide(fine | {"grammar": {"slots": fell}}, 0.01) == [
        "slots of grammar turns falls from 1.000 to 0.980, more than 0.01"
    ]
    assert decide(fine | {"grammar": {"slots": fell}}, 0.02) == []


# ---- people who say something that the parser misreads ---------------------------------------------------------------
def talk(index: int, changes: int = 4) -> list[Dialogue]:
    """Dialogues of a simulated person: each change in own words is undone and said again in plain ones."""
    rng, out = np.random.default_rng((7, index)), []
    for _ in range(changes):
        wanted = change(rng)
        odd, plain = (
            said(text, "edit", [sprite], "edit", operation, slots={"reference": ["it"]} if " it" in text else {})
            for text, sprite, operation in ((wanted.own, "c", "crop"), (wanted.plain, "d", wanted.operation))
        )
        about = {
            "session": f"s{index}",
            "user": f"u{index}",
            "simulated": True,
            "created": at(index),
            "outcome": "accepted",
        }
        out.append(Dialogue(**about, labels=tuple(labels(DREW, TOOK, odd, UNDO, plain, GOOD))))  # type: ignore[arg-type]
    return out


def test_a_parser_is_tuned_to_what_people_say(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    write([d for i in range(10) for d in talk(i)], Path("d.jsonl"))
    call = ["train", "parser", "--preset", "nano", "--feedback", "d.jsonl", "--init-from", "start", "--out", "run"]
    call += [
        x for s in ("margin=0.02", "test_examples=200", "calibration_examples=100") for x in ("--set", f"parser.{s}")
    ]
    released = Bundle()
    entry = released.manifest["parts"]["intent"]
    about = {k: v for k, v in entry.items() if k not in ("file", "sha256", "bytes")}
    Bundle.create("start").adopt("intent", released.folder / entry["file"], **about)
    assert cli.run([*call, "--json"]) == 0, capsys.readouterr().err
    report = json.loads(capsys.readouterr().out)
    won = report["figures"]["corrected"]["region and operation"]
    assert won["after"] > won["before"] + 0.3
    assert all(f["difference"] >= -0.02 for f in report["figures"]["grammar"].values())
    assert (report["people"], report["human"], report["held_out"]["corrected"]) == (10, 0, 12)
    text = Path("run/report.json").read_text() + Path("run/bundle/manifest.json").read_text()
    assert not any(words in text for _, own in SAYINGS.values() for words in own)
    assert load_parser("run/bundle").parse("make the sky darker").operation == "darken"
    once = Path("run/bundle/intent.safetensors").read_bytes()
    assert cli.run(call) == 0  # finished: the same again
    assert Path("run/bundle/intent.safetensors").read_bytes() == once
    assert "corrected, region and operation: " in capsys.readouterr().out
    write([d for i in range(9) for d in talk(i)], Path("d.jsonl"))
    assert cli.run(call) == 2  # somebody's turns are gone: not the same run
    assert "parser.turns was" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("found", "more", "words"),
    [
        ([], (), "holds no dialogues"),
        ([Dialogue(session="s", user="u", simulated=True, created=at(0), outcome="iterated")], (), "none of the 1 dialogues was accepted"),
        (talk(0, 2), (), "2 corrected turns are too few to learn from, 4 are needed"),
        (talk(0, 6), ("--set", "parser.min_corrected=0"), "parser.min_corrected and min_held_out must be"),
        (talk(0, 4), (), "of 4 corrected turns 1 are held out, where 2 are needed to measure"),
        (talk(0, 6), ("--init-from", "other"), "have no parser to better"),
        (talk(0, 6), ("--data", "x"), "leave --data and --level out"),
        (talk(0, 6), ("--whose", "human"), "no dialogues of human people"),
    ],
)  # fmt: skip
def test_bad_input(
    found: list[Dialogue], more: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other").mkdir()
    Path("other/manifest.json").write_text(json.dumps({"format": 1, "parts": {}}))
    write(found, Path("d.jsonl"))
    assert cli.run(["train", "parser", "--preset", "nano", "--feedback", "d.jsonl", "--out", "run", *more]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not Path("run/bundle").exists()


def test_no_share_is_refused() -> None:
    from pixelmind.dialogue.parser_stage import ParserConfig

    with pytest.raises(BadInput, match=r"parser\.share must"):
        ParserConfig(share=0)
