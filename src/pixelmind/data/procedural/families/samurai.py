"""Samurai: laced armour or kimono, crested helmet or topknot, katana or naginata."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "outfit": choice("lamellar", "gi", weights=(4, 2)),
    "cloth_color": choice("red", "navy", "black", "dark green", "purple", "white", weights=(4, 3, 3, 2, 2, 1)),
    "trim_color": choice("gold", "white", "red", "black"),
    "hat": choice("kabuto", "none", "conical hat", weights=(4, 2, 2)),
    "held": choice("none", "katana", "naginata", weights=(1.5, 5, 2)),
    "skin": choice("pale skin", "tan skin", weights=(2, 3)),
    "hair": choice("topknot", "short", weights=(4, 1)),
    "hair_color": choice("black", "grey", "dark brown", weights=(5, 1.5, 1)),
    "beard": choice("none", "moustache", "short", weights=(5, 2, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["trim_color"] == p["cloth_color"]:
        p["trim_color"] = "gold"
    if min(h, w) < 14:
        p["outfit"] = "lamellar" if p["hat"] == "kabuto" else "gi"
        if p["hat"] != "kabuto":
            p["trim_color"] = None


def look(p: Params) -> Person:
    cloth, trim = p["cloth_color"], p["trim_color"] or "gold"
    dark = "black" if cloth != "black" else "dark grey"
    straw = p["hat"] == "conical hat"
    return person(
        p,
        top=p["outfit"],
        top_color=cloth,
        trim_color=trim,
        legs_color=dark,
        boots_color=dark if p["outfit"] == "lamellar" else "beige",
        hat=p["hat"],
        hat_color="sand" if straw else cloth,
        band_color=trim,
        held=p["held"],
        held_color="steel",
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        (f"{cloth} armour", f"{cloth} armor", "samurai armor")
        if p["outfit"] == "lamellar"
        else (f"a~{cloth} kimono", f"{cloth} robes")
    ]
    if p["hat"] == "kabuto":
        having.append(("a helmet", "a crested helmet", "a samurai helmet"))
    elif p["hat"] == "conical hat":
        having.append(("a straw hat", "a conical hat"))
    return (
        ("samurai", "samurai", "samurai warrior", "ronin" if p["hat"] != "kabuto" else "shogun"),
        (("japanese", "", ""), cloth),
        having,
    )


FAMILY = people("samurai", ("feudal japan",), PARAMETERS, look, words, fit=fit, poses=(5, 2, 4))
