"""Wizards and mages: robe, pointed hat or hood, beard, staff, wand or book."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import SKINS, people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "robe_color": choice(
        "blue", "purple", "red", "green", "white", "black", "teal", "grey", weights=(4, 4, 2, 2, 1.5, 1.5, 1, 1.5)
    ),
    "trim_color": choice("gold", "white", "red", "cyan"),
    "hat": choice("pointed hat", "hood", "none", weights=(5, 2, 2)),
    "held": choice("none", "staff", "wand", "book", weights=(1, 5, 2, 1.5)),
    "magic_color": choice("cyan", "red", "lime", "yellow", "magenta"),
    "skin": SKINS,
    "hair": choice("short", "long", "bald", weights=(3, 3, 1)),
    "hair_color": choice("white", "grey", "brown", "black", "ginger", weights=(5, 3, 2, 2, 1)),
    "beard": choice("long", "short", "none", weights=(4, 2, 2)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["trim_color"] == p["robe_color"]:
        p["trim_color"] = "gold"
    if p["held"] == "none" or min(h, w) < 14:
        p["magic_color"] = None
    if min(h, w) <= 10 and p["robe_color"] == p["hair_color"]:  # hood and hair are one shape here
        p["hat"] = "pointed hat"
    if min(h, w) <= 10:
        p["trim_color"] = None


def look(p: Params) -> Person:
    return person(
        p,
        top="robe",
        top_color=p["robe_color"],
        trim_color=p["trim_color"] or "gold",
        boots_color="dark brown",
        hat=p["hat"],
        hat_color=p["robe_color"],
        band_color=p["trim_color"] or "gold",
        held=p["held"],
        held_color=p["magic_color"] or "cyan",
    )


def words(p: Params) -> Said:
    robe = f"{{{p['robe_color']}}}"
    having: list[Fact] = [(f"a~{robe} robe", f"{robe} robes", "a long robe")]
    if p["hat"] == "pointed hat":
        having.append((f"a~{robe} wizard hat", "a pointed hat", "a wizard hat"))
    elif p["hat"] == "hood":
        having.append((f"a~{robe} hood", "a hood"))
    if p["magic_color"] and p["held"] == "staff":
        having.append((f"a~{{{p['magic_color']}}} orb on the staff", f"a~{{{p['magic_color']}}} orb"))
    return (
        ("wizard", "wizard", "mage", "sorcerer", "magician"),
        (("old", "") if p["hair_color"] in ("white", "grey") else "", robe),
        having,
    )


FAMILY = people("wizard", ("fantasy",), PARAMETERS, look, words, fit=fit, poses=(6, 0, 2), weight=1.2)
