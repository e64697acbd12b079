"""Steampunk inventors and engineers: goggles or top hat, brass, coats, wrenches and lanterns."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import HAIR_COLORS, SKINS, mask_fact, people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "hat": choice("goggles", "top hat", "none", weights=(4, 4, 1)),
    "lens_color": choice("cyan", "lime", "orange", "light blue"),
    "outfit": choice("coat", "vest", "suit", weights=(4, 3, 2)),
    "cloth_color": choice("brown", "dark red", "dark green", "navy", "tan", "purple", weights=(4, 2, 2, 2, 2, 1.5)),
    "mask": choice("none", "goggles", "glasses", weights=(4, 1.5, 1)),
    "held": choice("none", "wrench", "hammer", "lantern", "pistol", "book", weights=(1.5, 4, 2, 2, 2, 1)),
    "skin": SKINS,
    "hair": choice("short", "long", "ponytail", weights=(4, 2, 2)),
    "hair_color": HAIR_COLORS,
    "beard": choice("none", "moustache", "short", weights=(4, 3, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["hat"] == "goggles":
        p["mask"] = "none"
    if min(h, w) < 20 and p["mask"] == "glasses":
        p["mask"] = "none"
    if p["view"] == "back" or min(h, w) < 14:
        p["mask"] = "none"
    shown = p["view"] != "back" if p["hat"] == "goggles" else p["mask"] == "goggles"
    if not shown:
        p["lens_color"] = None
    if p["hair"] in ("long", "ponytail"):
        p["beard"] = "none"
    if p["view"] == "back" and p["outfit"] != "coat":
        p["outfit"] = "suit"
    if min(h, w) < 14:
        p["outfit"] = "suit"
    if p["held"] == "book" and p["view"] == "back":
        p["held"] = "none"


def look(p: Params) -> Person:
    cloth = p["cloth_color"]
    return person(
        p,
        top=p["outfit"],
        top_color=cloth,
        trim_color="beige" if p["outfit"] != "suit" else "copper",
        legs_color="dark brown" if cloth != "brown" else "dark grey",
        boots_color="black",
        hat=p["hat"],
        hat_color="copper" if p["hat"] == "goggles" else "dark brown" if cloth != "brown" else "black",
        band_color=(p["lens_color"] or "light blue") if p["hat"] == "goggles" else "copper",
        mask=p["mask"],
        mask_color=p["lens_color"] or "black",
        held=p["held"],
        held_color={"lantern": "flame", "book": "dark red"}.get(p["held"], "copper"),
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        {
            "coat": (f"a~{cloth} coat", "a long coat"),
            "vest": (f"a~{cloth} vest", "a vest"),
            "suit": (f"a~{cloth} suit", "a suit"),
        }[p["outfit"]]
    ]
    if p["hat"] == "goggles":
        having.append(("goggles", "goggles on the head", "brass goggles"))
    elif p["hat"] == "top hat":
        having.append(("a top hat", "a tall hat"))
    having += mask_fact(p, "lens_color")
    return (
        ("inventor", "steampunk inventor", "engineer", "mechanic", "tinkerer"),
        (("steampunk", "victorian", ""),),
        having,
    )


FAMILY = people("inventor", ("steampunk",), PARAMETERS, look, words, fit=fit, poses=(6, 2, 1))
