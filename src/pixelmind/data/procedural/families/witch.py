"""Witches: pointed hat, dress, broom, wand or lantern."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "cloth_color": choice("purple", "black", "dark green", "navy", "dark red", weights=(4, 4, 2, 1.5, 1.5)),
    "band_color": choice("orange", "lime", "gold", "red", "violet"),
    "skin": choice("pale skin", "green", "tan skin", "dark skin", weights=(4, 3, 2, 1.5)),
    "hair": choice("long", "short", "ponytail", weights=(5, 2, 1)),
    "hair_color": choice("black", "ginger", "grey", "white", "violet", "lime", weights=(4, 3, 2, 2, 1, 1)),
    "held": choice("none", "broom", "wand", "staff", "lantern", weights=(1.5, 4, 2, 2, 1.5)),
    "glow_color": choice("cyan", "lime", "magenta", "yellow"),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["held"] in ("none", "broom") or min(h, w) < 14:
        p["glow_color"] = None
    if min(h, w) <= 10:
        p["band_color"] = None


def look(p: Params) -> Person:
    cloth = p["cloth_color"]
    return Person(
        skin=p["skin"],
        hair=p["hair"],
        hair_color=p["hair_color"],
        top="dress",
        top_color=cloth,
        trim_color=p["band_color"] or "gold",
        boots_color="black" if cloth != "black" else "dark brown",
        hat="pointed hat",
        hat_color=cloth,
        band_color=p["band_color"] or "gold",
        held=p["held"],
        held_color=p["glow_color"] or "sand",
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        (f"a~{cloth} pointed hat", "a pointed hat", "a witch hat"),
        (f"a~{cloth} dress", "a long dress"),
    ]
    if p["skin"] == "green":
        having.append(("{green} skin",))
    return ("witch", "witch", "sorceress", "hag" if p["skin"] == "green" else "enchantress"), (cloth,), having


FAMILY = people("witch", ("horror", "fantasy"), PARAMETERS, look, words, fit=fit, poses=(6, 0, 2))
