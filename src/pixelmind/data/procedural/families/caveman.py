"""Cave people: pelts, wild hair, clubs, bones and stone axes."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import SKINS, mask_fact, people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "pelt_color": choice("tan", "brown", "orange", "grey", "white", weights=(4, 3, 2, 1.5, 1)),
    "spot_color": choice("dark brown", "black", "beige", weights=(4, 2, 1)),
    "held": choice("none", "club", "bone", "stone axe", "spear", "torch", weights=(1.5, 5, 2, 2, 2, 1)),
    "hair": choice("wild", "long", "short", "bun", weights=(5, 2, 1.5, 1)),
    "hair_color": choice("dark brown", "black", "ginger", "brown", "grey"),
    "beard": choice("short", "none", "long", weights=(4, 3, 1.5)),
    "skin": SKINS,
    "mask": choice("none", "paint", weights=(4, 1)),
    "mask_color": choice("red", "white", "blue"),
}


def fit(p: Params, h: int, w: int) -> None:
    if min(h, w) < 20:
        p["spot_color"], p["mask"] = None, "none"
    if p["view"] == "back":
        p["mask"] = "none"
    if p["mask"] == "none":
        p["mask_color"] = None
    if p["hair"] in ("wild", "long") and min(h, w) <= 10:
        p["hair"] = "short"


def look(p: Params) -> Person:
    return person(
        p,
        top="fur",
        top_color=p["pelt_color"],
        trim_color=p["spot_color"] or "dark brown",
        boots_color=p["skin"],
        mask=p["mask"],
        mask_color=p["mask_color"] or "red",
        held=p["held"],
        held_color={"club": "wood", "bone": "bone"}.get(p["held"], "stone"),
    )


def words(p: Params) -> Said:
    pelt = f"{{{p['pelt_color']}}}"
    having: list[Fact] = [(f"a~{pelt} pelt", f"{pelt} furs", "an animal skin")]
    if p["spot_color"]:
        having.append(("a spotted pelt", f"{{{p['spot_color']}}} spots"))
    nouns = (
        ("caveman", "caveman", "prehistoric man", "stone age hunter")
        if p["beard"] != "none"
        else ("caveman", "prehistoric human", "stone age hunter")
    )
    return nouns, (("prehistoric", "primitive", ""),), [*having, *mask_fact(p)]


FAMILY = people("caveman", ("prehistoric",), PARAMETERS, look, words, fit=fit, poses=(5, 2, 4))
