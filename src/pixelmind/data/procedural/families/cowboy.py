"""Cowboys and outlaws: hat, vest or coat, gun, scarf."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import HAIR_COLORS, SKINS, mask_fact, people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "hat_color": choice("brown", "black", "tan", "white", "dark brown", weights=(4, 2, 2, 1, 2)),
    "outfit": choice("vest", "coat", "shirt", weights=(4, 2, 2)),
    "cloth_color": choice("brown", "red", "blue", "tan", "black", "green", "dark red"),
    "held": choice("none", "pistol", "rifle", weights=(3, 5, 2)),
    "mask": choice("none", "scarf", weights=(3, 1.5)),
    "mask_color": choice("red", "blue", "black", "green"),
    "skin": SKINS,
    "hair": choice("short", "long", weights=(4, 2)),
    "hair_color": HAIR_COLORS,
    "beard": choice("none", "moustache", "short", weights=(4, 2, 1.5)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["mask"] == "scarf":
        p["beard"] = "none"
    if p["mask"] == "none" or p["view"] == "back" or min(h, w) < 14:
        p["mask"], p["mask_color"] = "none", None
    if p["hat_color"] == p["cloth_color"]:
        p["hat_color"] = "tan" if p["cloth_color"] != "tan" else "brown"
    if p["outfit"] == "vest" and p["view"] == "back":
        p["outfit"] = "shirt"
    if min(h, w) < 14:
        p["outfit"] = "shirt"


def look(p: Params) -> Person:
    return person(
        p,
        top=p["outfit"],
        top_color=p["cloth_color"],
        trim_color="beige",
        legs_color="navy" if p["cloth_color"] != "blue" else "dark brown",
        boots_color="dark brown" if p["cloth_color"] != "blue" else "black",
        hat="cowboy hat",
        hat_color=p["hat_color"],
        band_color="dark red" if p["hat_color"] != "brown" else "black",
        mask=p["mask"],
        mask_color=p["mask_color"] or "red",
        held=p["held"],
        held_color="iron",
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        (f"a~{{{p['hat_color']}}} cowboy hat", f"a~{{{p['hat_color']}}} hat", "a cowboy hat"),
        {"vest": (f"a~{cloth} vest", "a vest"), "coat": (f"a~{cloth} coat",), "shirt": (f"a~{cloth} shirt",)}[
            p["outfit"]
        ],
        *mask_fact(p),
    ]
    nouns = ["cowboy", "cowboy", "gunslinger" if p["held"] != "none" else "rancher"]
    nouns.append("outlaw" if p["mask"] == "scarf" else "wild west rider")
    return nouns, (("western", "wild west", ""),), having


FAMILY = people("cowboy", ("western",), PARAMETERS, look, words, fit=fit)
