"""Farmers: overalls or shirt, straw hat or cap, pitchfork, hoe, rake, shovel, scythe or bag."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import HAIR, HAIR_COLORS, SKINS, people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "outfit": choice("overalls", "shirt", "vest", weights=(5, 2, 2)),
    "shirt_color": choice("red", "green", "yellow", "white", "orange", "teal", "purple"),
    "trousers_color": choice("blue", "brown", "navy", weights=(4, 2, 2)),
    "hat": choice("straw hat", "baseball cap", "none", weights=(5, 1.5, 2)),
    "held": choice("none", "pitchfork", "hoe", "rake", "shovel", "scythe", "bag", weights=(1.5, 4, 2, 2, 2, 1.5, 1.5)),
    "skin": SKINS,
    "hair": HAIR,
    "hair_color": HAIR_COLORS,
    "beard": choice("none", "short", "moustache", weights=(5, 2, 1.5)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["view"] == "back" and p["outfit"] == "vest":
        p["outfit"] = "shirt"
    if min(h, w) < 14:
        p["outfit"] = "shirt"
    if p["hair"] in ("long", "ponytail", "bun"):
        p["beard"] = "none"


def look(p: Params) -> Person:
    return person(
        p,
        top=p["outfit"],
        top_color=p["shirt_color"],
        trim_color="beige",
        legs_color=p["trousers_color"],
        boots_color="dark brown" if p["trousers_color"] != "brown" else "black",
        hat=p["hat"],
        hat_color="sand" if p["hat"] == "straw hat" else p["shirt_color"],
        band_color="red" if p["hat"] == "straw hat" else "white" if p["shirt_color"] != "white" else "red",
        held=p["held"],
        held_color="iron" if p["held"] != "bag" else "tan",
    )


def words(p: Params) -> Said:
    shirt, below = f"{{{p['shirt_color']}}}", f"{{{p['trousers_color']}}}"
    having: list[Fact] = []
    if p["outfit"] == "overalls":
        having += [(f"{below} overalls", "overalls"), (f"a~{shirt} shirt",)]
    else:
        having += [
            (f"a~{shirt} shirt",) if p["outfit"] == "shirt" else (f"a~{shirt} vest", "a vest"),
            (f"{below} trousers", f"{below} pants"),
        ]
    if p["hat"] == "straw hat":
        having.append(("a straw hat", "a hat"))
    elif p["hat"] == "baseball cap":
        having.append((f"a~{shirt} cap", "a cap"))
    return ("farmer", "farmer", "farm worker", "gardener", "farmhand"), (("hard working", "", ""),), having


FAMILY = people("farmer", ("farm",), PARAMETERS, look, words, fit=fit, poses=(6, 3, 0.5))
