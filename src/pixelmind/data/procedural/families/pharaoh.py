"""Pharaohs, queens and priests of old Egypt."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "cloth_color": choice("white", "gold", "beige", "teal", weights=(5, 2, 2, 1)),
    "hat": choice("headdress", "crown", "none", weights=(6, 1.5, 1)),
    "band_color": choice("blue", "red", "teal", "purple", "black", weights=(5, 2, 2, 1, 1)),
    "outfit": choice("toga", "straps", "dress", weights=(3, 3, 2)),
    "held": choice("none", "crook", "staff", "spear", weights=(2, 4, 2, 1)),
    "skin": choice("tan skin", "brown skin", "dark skin"),
    "hair": choice("short", "long", weights=(1, 2)),
    "hair_color": choice("black", "dark brown", weights=(4, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    if (p["hat"] == "none" and p["outfit"] != "straps") and min(h, w) < 14:
        p["hat"] = "crown"
    if min(h, w) < 14:
        p["outfit"] = "toga" if p["outfit"] != "straps" else "straps"
        p["band_color"] = "blue" if p["hat"] == "headdress" else None


def look(p: Params) -> Person:
    band = p["band_color"] or "blue"
    return Person(
        skin=p["skin"],
        hair=p["hair"],
        hair_color=p["hair_color"],
        top=p["outfit"],
        top_color=p["cloth_color"],
        trim_color=band if p["cloth_color"] == "gold" or p["hat"] != "headdress" else "gold",
        boots_color="tan",
        hat=p["hat"],
        hat_color="gold",
        band_color=band,
        held=p["held"],
        held_color={"crook": "gold", "staff": "cyan"}.get(p["held"], "copper"),
    )


def words(p: Params) -> Said:
    cloth, band = f"{{{p['cloth_color']}}}", f"{{{p['band_color']}}}"
    having: list[Fact] = [
        {
            "toga": (f"a~{cloth} robe", "a long robe"),
            "straps": (f"a~{cloth} kilt", "a kilt"),
            "dress": (f"a~{cloth} dress", "a dress"),
        }[p["outfit"]]
    ]
    if p["hat"] == "headdress":
        having.append(("a striped headdress", f"a {{gold}} and {band} headdress" if p["band_color"] else "a headdress"))
    elif p["hat"] == "crown":
        having.append(("a crown", "a {gold} crown"))
    royal = p["hat"] != "none"
    nouns = (
        ("egyptian priestess", "priestess of egypt")
        if p["outfit"] == "dress" and royal
        else ("pharaoh", "pharaoh", "egyptian ruler")
        if royal
        else ("egyptian", "egyptian priest")
    )
    return nouns, (("ancient", "", ""),), having


FAMILY = people("pharaoh", ("ancient",), PARAMETERS, look, words, fit=fit, poses=(6, 1.5, 0.5))
