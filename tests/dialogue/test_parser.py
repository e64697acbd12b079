"""Words to tensors and back, the losses by hand, a tiny parser that learns and is kept, and its figures."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind import cli
from pixelmind.dialogue.intent_network import (
    CHOICES,
    FLAGS,
    TAGS,
    IntentNetwork,
    IntentNetworkConfig,
    Turns,
    intent_losses,
)
from pixelmind.dialogue.intent_task import STAGES, IntentConfig, IntentTask, curriculum, points_to, stage_weights
from pixelmind.dialogue.parser import IntentParser, load_parser
from pixelmind.dialogue.reading import (
    MOST_KEPT,
    Kept,
    Reader,
    slots_of,
    spans_of,
    tags_of,
    text_layers,
    through_tower,
)
from pixelmind.dialogue.schema import Example
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput
from pixelmind.evaluation.dialogue import calibration_error, f1, overlap, pieces, pointed_right
from pixelmind.records import Intent

SMALL = IntentNetworkConfig(width=16, depth=1, heads=2, dropout=0.0, word_dropout=0.0)


def test_slots_become_tags_and_come_back() -> None:
    text = "swap the red for #ff8800 on the left tower's roof, red stays"
    slots = {"old_color": ("red",), "color": ("#ff8800", "red"), "region": ("left tower's roof",)}
    reader = Reader()
    words = reader.words(reader.encodings([text])[0])
    tags = tags_of(text, slots, words)
    assert TAGS[tags[2]] == "B-old_color"
    assert slots_of(text, tags, words) == slots


def test_a_piece_stands_where_it_is_a_whole_word() -> None:
    assert spans_of("a redder red", {"color": ("red",)}) == [("color", 9, 12)]
    assert spans_of("red and red", {"color": ("red", "red")}) == [("color", 0, 3), ("color", 8, 11)]
    assert spans_of("blue", {"color": ("red",)}) == []


def test_every_drawn_example_can_be_told_in_tags() -> None:
    reader, lost, told = Reader(), 0, 0
    for name in STAGES:
        draw = curriculum(name, 3)
        for example in (draw(i) for i in range(150)):
            words = reader.words(reader.encodings([example.text])[0])
            found = slots_of(example.text, tags_of(example.text, example.slots, words), words)
            told += sum(pieces(dict(example.slots)).values())
            lost += sum((pieces(dict(example.slots)) - pieces(dict(found))).values())
    assert told > 500
    assert lost / told < 0.03  # a piece that ends inside a word, as in "32x32px"


def test_losses_by_hand() -> None:
    logits = {name: torch.zeros(2, len(names)) for name, names in {**CHOICES, **FLAGS}.items()}
    logits |= {"tags": torch.zeros(2, 3, len(TAGS)), "pointer": torch.tensor([[0.0, 0.0], [0.0, -math.inf]])}
    target = {name: torch.zeros(2, dtype=torch.long) for name in CHOICES}
    target |= {name: torch.zeros(2, len(names)) for name, names in FLAGS.items()}
    target["tags"] = torch.tensor([[0, -100, 1], [2, 0, -100]])
    target["pointer"] = torch.tensor([1, -100])
    found = intent_losses(logits, target)
    assert found["act"].item() == pytest.approx(math.log(len(CHOICES["act"])))
    assert found["ambiguous"].item() == pytest.approx(len(FLAGS["ambiguous"]) * math.log(2))
    assert found["tags"].item() == pytest.approx(math.log(len(TAGS)))
    assert found["pointer"].item() == pytest.approx(math.log(2))
    target["pointer"][0] = -100
    assert "pointer" not in intent_losses(logits, target)


def test_turns_of_a_batch_do_not_see_each_other() -> None:
    torch.manual_seed(0)
    net, tower, reader = IntentNetwork(SMALL).eval(), TextTower(), Reader()
    texts, histories = ["make it darker", "a castle with three red flags, 32x32"], [["a blue house", "add a moon"], []]
    both, _ = reader.read(texts, histories, ["", "color"])
    alone, _ = reader.read(texts[:1], histories[:1], [""])
    with torch.no_grad():
        a, b = net(through_tower(tower, both)), net(through_tower(tower, alone))
    for name in ("act", "region", "refers", "pointer"):
        torch.testing.assert_close(a[name][:1], b[name], atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(a["tags"][:1, : b["tags"].shape[1]], b["tags"], atol=1e-4, rtol=1e-3)
    assert torch.isinf(a["pointer"][1]).all()


def test_texts_are_run_through_the_tower_once() -> None:
    tower, reader = TextTower(), Reader()
    runs: list[int] = []
    states = tower.hidden_states
    tower.hidden_states = lambda ids, mask: runs.append(len(ids)) or states(ids, mask)  # type: ignore[method-assign]
    kept: Kept = {}
    first, _ = reader.read(["add a moon"], [["a blue house"]], [""])
    second, _ = reader.read(["make it much darker, please"], [["a blue house", "add a moon"]], [""])
    text_layers(tower, first, kept=kept)
    again = text_layers(tower, second, kept=kept)
    assert (sum(runs), len(kept)) == (3, 3)  # of the second turn's three texts only one is new
    fresh = text_layers(tower, second)
    torch.testing.assert_close(again[0][second.text_mask], fresh[0][second.text_mask], atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(again[1], fresh[1], atol=1e-4, rtol=1e-3)
    many, _ = reader.read([f"castle {n}" for n in range(MOST_KEPT + 9)], [[]] * (MOST_KEPT + 9), [""] * (MOST_KEPT + 9))
    layers, _ = text_layers(tower, many, kept=kept)
    assert len(kept) == MOST_KEPT
    assert layers.abs().sum((1, 2, 3)).min() > 0


def test_what_a_turn_points_to() -> None:
    turn = {"text": "x", "act": "undo"}
    assert points_to(Example(**turn, history=("a", "b", "c"), resolved={"that": "turn 2"})) == ("turn", 1)
    assert points_to(Example(**turn, resolved={"2": "candidate 2"})) == ("candidate", -1)
    assert points_to(Example(**turn, resolved={"it": "roof"})) == ("region", -1)
    assert points_to(Example(**turn)) == ("nothing", -1)
    example = Example(**turn, history=("a", "b", "c"), resolved={"that": "turn 2"})
    assert pointed_right(example, Intent(text="x", refers="turn", number=2))
    assert not pointed_right(example, Intent(text="x", refers="turn", number=3))


def test_later_stages_keep_a_share_of_the_earlier() -> None:
    assert stage_weights("art", 0.4) == {"art": 1.0}
    assert stage_weights("dialogue", 0.4) == pytest.approx({"art": 0.2, "pixel": 0.2, "dialogue": 0.6})


def test_figures_by_hand() -> None:
    told, found = pieces({"color": ["Red", "red"], "size": ["8x8"]}), pieces({"color": ["red"], "mood": ["sad"]})
    assert overlap(told, found) == (1, 2, 3)
    assert f1(np.array([[1.0, 2.0, 3.0]])) == pytest.approx(0.4)
    assert f1(np.zeros((3, 3))) == 1.0
    # two bins: 0.95 said and all right, 0.65 said and half right
    assert calibration_error(np.array([0.95, 0.95, 0.65, 0.65]), np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(0.1)


def test_training_can_start_from_a_parser(tmp_path: Path) -> None:
    torch.manual_seed(1)
    IntentParser(IntentNetwork(SMALL), {}, TextTower()).save(tmp_path)
    config = IntentConfig(network=SMALL, init_from=str(tmp_path), val_examples=2)
    draw = curriculum("pixel", 0)
    task = IntentTask(config, [draw], [1.0], [draw])
    started = load_parser(tmp_path, task.tower).network.state_dict()
    assert all(torch.equal(value, started[name]) for name, value in task.network.state_dict().items())
    with pytest.raises(BadInput, match="parser of"):
        IntentTask(replace(config, network=replace(SMALL, width=32)), [draw], [1.0], [draw])


def test_it_learns_is_kept_and_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert cli.run(["train", "intent", "--preset", "nano", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["dialogue_act"] > 0.5  # the commonest act alone: under 0.4
    parser = load_parser(out)
    intent = parser.parse("make the sky darker", ["a castle at noon"])
    assert 0 < intent.confidence["act"] <= 1
    assert (
        Intent.from_dict(intent.to_dict()) == intent or intent.to_dict() == Intent.from_dict(intent.to_dict()).to_dict()
    )
    with pytest.raises(BadInput, match="nothing was said"):
        parser.parse("  ")
    with pytest.raises(BadInput, match="too many"):
        parser.parse("word " * 5000)
    assert cli.run(["train", "intent", "--preset", "nano", "--out", str(out)]) == 0  # done: nothing is trained again


def test_no_parser_in_the_bundle_is_said(tiny_bundle_without_intent: Path) -> None:
    with pytest.raises(BadInput, match="no intent"):
        load_parser(tiny_bundle_without_intent)


@pytest.fixture
def tiny_bundle_without_intent(tmp_path: Path) -> Path:
    from pixelmind.training.weights import Bundle

    return Bundle.create(tmp_path / "empty").folder


def test_shapes() -> None:
    net = IntentNetwork(SMALL, memory_dim=6).eval()
    turns = Turns(
        pieces=torch.zeros(1, 3, 4, 384),
        mask=torch.ones(1, 3, dtype=torch.bool),
        turn=torch.zeros(1, 3, dtype=torch.long),
        history=torch.zeros(1, 0, 384),
        history_mask=torch.zeros(1, 0, dtype=torch.bool),
        asked=torch.zeros(1, dtype=torch.long),
        memory=torch.zeros(1, 6),
    )
    out = net(turns)
    assert out["tags"].shape == (1, 3, len(TAGS))
    assert out["pointer"].shape == (1, 0)
