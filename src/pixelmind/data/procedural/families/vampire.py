"""Vampires: cape, suit or gown, pale skin, fangs."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "outfit": choice("suit", "dress", "coat", weights=(5, 2, 2)),
    "cloth_color": choice("black", "dark red", "purple", "navy", weights=(5, 2, 2, 1)),
    "cape_color": choice(None, "red", "dark red", "purple", "black", weights=(1.5, 3, 3, 2, 2)),
    "eye_color": choice("red", "yellow", "ink", weights=(5, 1.5, 2)),
    "hair": choice("short", "long", "bald", weights=(5, 3, 1)),
    "hair_color": choice("black", "white", "grey", "dark brown", weights=(5, 2, 1, 1)),
    "hat": choice("none", "top hat", weights=(5, 1)),
    "held": choice("none", "staff", weights=(6, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["cape_color"] == p["cloth_color"]:
        p["cape_color"] = "red"
    if p["outfit"] != "dress" and min(h, w) < 14:
        p["outfit"] = "suit"
    if p["outfit"] == "coat" and p["view"] == "back":
        p["outfit"] = "suit"


def look(p: Params) -> Person:
    dark = p["cloth_color"]
    return Person(
        skin="light grey",
        eye_color=p["eye_color"],
        hair=p["hair"],
        hair_color=p["hair_color"],
        top=p["outfit"],
        top_color=dark,
        trim_color={"coat": "white", "suit": "red", "dress": "gold"}[p["outfit"]],
        legs_color="black" if dark != "black" else "dark grey",
        boots_color="black",
        mask="fangs" if p["view"] != "back" else "none",
        hat=p["hat"],
        hat_color="black" if dark != "black" else "dark grey",
        band_color="red",
        held=p["held"],
        held_color="red",
        cape_color=p["cape_color"],
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        {
            "suit": (f"a~{cloth} suit", "a suit"),
            "dress": (f"a~{cloth} dress", "a long dress"),
            "coat": (f"a~{cloth} coat",),
        }[p["outfit"]]
    ]
    if p["eye_color"] in ("red", "yellow"):
        having.append((f"{{{p['eye_color']}}} eyes", f"glowing {{{p['eye_color']}}} eyes"))
    if p["hat"] != "none":
        having.append(("a top hat", "a hat"))
    if "fangs" in p["visible"]:
        having.append("fangs")
    nouns = (
        ("vampire", "vampire", "vampire lady")
        if p["outfit"] == "dress"
        else ("vampire", "vampire", "vampire lord", "vampire count")
    )
    return nouns, (("pale", "undead", ""),), having


FAMILY = people("vampire", ("horror",), PARAMETERS, look, words, fit=fit, poses=(6, 2, 0.5))
