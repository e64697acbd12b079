"""Astronauts: suits and visors of many colours, with a flag, a tool or a blaster."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "suit_color": choice("white", "orange", "light blue", "yellow", "light grey", weights=(6, 3, 1.5, 1, 2)),
    "visor_color": choice("navy", "gold", "black", "cyan", weights=(4, 3, 2, 2)),
    "trim_color": choice("red", "blue", "gold", "green", "orange"),
    "held": choice("none", "flag", "blaster", "wrench", weights=(5, 2, 2, 1)),
    "flag_color": choice("red", "blue", "green", "yellow"),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["view"] == "back":
        p["visor_color"] = None
    if min(h, w) < 24 or p["view"] == "back":
        p["trim_color"] = None
    if p["trim_color"] == p["suit_color"]:
        p["trim_color"] = "blue"
    if p["held"] != "flag" or min(h, w) < 14:
        p["flag_color"] = None


def look(p: Params) -> Person:
    suit = p["suit_color"]
    return Person(
        top="space",
        top_color=suit,
        legs_color=suit,
        boots_color="grey" if suit != "light grey" else "dark grey",
        trim_color=p["trim_color"] or "gold",
        hat="space helmet",
        hat_color=suit,
        band_color=p["visor_color"] or "navy",
        held=p["held"],
        held_color=p["flag_color"] or {"blaster": "silver"}.get(p["held"], "steel"),
    )


def words(p: Params) -> Said:
    suit = p["suit_color"]
    having: list[Fact] = [(f"a~{{{suit}}} space suit", f"a~{{{suit}}} suit", "a space helmet")]
    if p["visor_color"]:
        having.append((f"a~{{{p['visor_color']}}} visor", "a visor"))
    if p["flag_color"]:
        having.append((f"a~{{{p['flag_color']}}} flag",))
    return ("astronaut", "astronaut", "spaceman", "cosmonaut", "space explorer"), (f"{{{suit}}}",), having


FAMILY = people("astronaut", ("space", "sci-fi"), PARAMETERS, look, words, fit=fit, poses=(6, 3, 1.5))
