"""Wishes that cannot all hold: what is found, which compromise is taken, what is left alone."""

import pytest

from pixelmind.dialogue.contradictions import RULES, resolve
from pixelmind.dialogue.grounding import Wish, ground
from pixelmind.dialogue.schema import CONTRADICTIONS
from pixelmind.records import Intent


def said(wish: Wish, text: str = "", **intent: object) -> tuple[Wish, list[str]]:
    new, given = resolve(wish, Intent(text=text, **intent))  # type: ignore[arg-type]
    assert all(not c.sentence[0].islower() and c.sentence.endswith(".") for c in given)
    ground(new)
    return new, [c.kind for c in given]


def test_rules_are_of_known_kinds() -> None:
    assert {kind for kind, _ in RULES} == set(CONTRADICTIONS)


@pytest.mark.parametrize(
    ("wish", "text", "kind", "kept"),
    [
        (Wish(subject="cat", size=(4000, 2000)), "", "size", {"size": (256, 128)}),
        (Wish(subject="cat", size=(0, 0)), "", "size", {"size": (8, 8)}),
        (
            Wish(subject="knight", palette="gameboy", attributes=("with a red cape",)),
            "",
            "palette_color",
            {"palette": "gameboy"},
        ),
        (Wish(subject="bird", max_colors=2, colors=("red", "green", "blue")), "", "color_budget", {"max_colors": 4}),
        (Wish(subject="knight", attributes=("with a helmet",), absent=("helmet",)), "", "presence", {"absent": ()}),
        (Wish(subject="apple"), "a photorealistic apple", "realism", {"size": (64, 64)}),
        (Wish(subject="owl", style="minimal, highly detailed"), "", "detail", {"max_colors": 8}),
        (Wish(subject="hero", palette="nes", style="ps5 quality"), "", "era", {"palette": "nes"}),
        (Wish(subject="field", time="noon"), "a field at noon under the full moon", "time", {"time": "noon"}),
        (Wish(subject="house", view="isometric"), "isometric side view of a house", "view", {"view": "isometric"}),
        (Wish(subject="sign", size=(8, 8)), "8x8 icon with the words GAME OVER", "text", {}),
        (Wish(subject="soldier", count=100, size=(16, 16)), "army of 100 soldiers", "text", {"count": 4}),
    ],
)
def test_what_clashes_is_named_and_settled(wish: Wish, text: str, kind: str, kept: dict[str, object]) -> None:
    new, kinds = said(wish, text)
    assert kind in kinds
    assert {name: getattr(new, name) for name in kept} == kept
    assert kind not in said(new)[1] or kind in ("palette_color", "era", "detail")  # what was settled is settled


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (Wish(subject="castle", size=(32, 32), colors=("grey",)), "a grey castle at night"),
        (Wish(subject="knight", palette="gameboy", colors=("green",)), "a green game boy knight"),
        (Wish(subject="bird", max_colors=4, colors=("red", "blue")), "a red and blue bird in four colours"),
        (Wish(subject="knight", attributes=("with a helmet",), absent=("cape",)), "a knight with a helmet and no cape"),
        (Wish(subject="owl", style="minimal"), "a minimal owl"),
    ],
)
def test_what_goes_together_is_left_alone(wish: Wish, text: str) -> None:
    assert said(wish, text) == (wish, [])


def test_what_the_parser_flags_decides_where_words_alone_do_not() -> None:
    new, kinds = said(
        Wish(subject="tower"), "a single tower with three towers", contradictions=("count",), values={"count": [1, 3]}
    )
    assert (kinds, new.count) == (["count"], 3)
    assert said(Wish(subject="cat", colors=("black", "white")), "all black white cat", contradictions=("color",))[
        1
    ] == ["color"]
    assert said(Wish(subject="cat"), "odd", contradictions=("era",))[1] == ["era"]
