"""Pirates: tricorn or bandana, coat or vest, cutlass, pistol, eyepatch, beard."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import HAIR_COLORS, SKINS, mask_fact, people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "hat": choice("tricorn", "bandana", "none", weights=(4, 4, 1)),
    "hat_color": choice("black", "red", "blue", "dark brown", "purple", weights=(4, 3, 2, 1, 1)),
    "outfit": choice("coat", "vest", "shirt", weights=(4, 3, 2)),
    "cloth_color": choice("red", "blue", "brown", "black", "green", "purple", "white"),
    "held": choice("none", "cutlass", "pistol", "lantern", "bag", weights=(1.5, 5, 2, 1, 1)),
    "mask": choice("none", "eyepatch", weights=(2, 2)),
    "skin": SKINS,
    "hair": choice("short", "long", "ponytail", "bald", weights=(3, 3, 2, 1)),
    "hair_color": HAIR_COLORS,
    "beard": choice("none", "short", "long", "moustache", weights=(3, 3, 1.5, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["hat"] == "none":
        p["hat_color"] = None
    if p["hat_color"] == p["cloth_color"]:
        p["cloth_color"] = "brown" if p["hat_color"] != "dark brown" else "green"
    if p["view"] == "back" and p["outfit"] == "vest":
        p["outfit"] = "shirt"
    if min(h, w) < 14:
        p["outfit"] = "shirt"


def look(p: Params) -> Person:
    cloth = p["cloth_color"]
    return person(
        p,
        top=p["outfit"],
        top_color=cloth,
        trim_color="white" if cloth != "white" else "red",
        legs_color="dark grey" if cloth != "brown" else "navy",
        boots_color="black" if cloth != "black" else "dark brown",
        hat=p["hat"],
        hat_color=p["hat_color"] or "black",
        band_color="gold" if p["hat"] == "tricorn" else "white",
        mask=p["mask"],
        held=p["held"],
        held_color={"cutlass": "steel", "lantern": "flame", "bag": "tan"}.get(p["held"], "iron"),
    )


def words(p: Params) -> Said:
    cloth, hat = f"{{{p['cloth_color']}}}", f"{{{p['hat_color']}}}"
    having: list[Fact] = [
        {
            "vest": (f"a~{cloth} vest", "a vest"),
            "coat": (f"a~{cloth} coat", "a long coat"),
            "shirt": (f"a~{cloth} shirt",),
        }[p["outfit"]],
        *mask_fact(p),
    ]
    if p["hat"] == "tricorn":
        having.append((f"a~{hat} pirate hat", "a pirate hat", f"a~{hat} tricorn"))
    elif p["hat"] == "bandana":
        having.append((f"a~{hat} bandana", "a bandana"))
    captain = p["hat"] == "tricorn"
    return ("pirate", "pirate", "pirate captain" if captain else "buccaneer", "corsair"), (("fierce", "", ""),), having


FAMILY = people("pirate", ("pirate",), PARAMETERS, look, words, fit=fit, poses=(5, 2, 3))
