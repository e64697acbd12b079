"""Zombies in rags or suits, arms out or shuffling."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "skin": choice("olive", "lime", "grey", "teal", weights=(5, 3, 2, 1)),
    "outfit": choice("rags", "suit", "dress", "shirt", weights=(5, 2, 1.5, 2)),
    "cloth_color": choice("brown", "blue", "red", "grey", "black", "white", "purple"),
    "eye_color": choice("red", "yellow", "white", "ink", weights=(3, 2, 2, 2)),
    "hair": choice("short", "wild", "bald", weights=(4, 2, 2)),
    "hair_color": choice("black", "brown", "grey", "dark brown"),
}


def fit(p: Params, h: int, w: int) -> None:
    if min(h, w) < 14 and p["outfit"] in ("rags", "suit"):
        p["outfit"] = "shirt"
    if p["cloth_color"] == p["skin"]:
        p["cloth_color"] = "brown"
    if p["outfit"] == "suit" and p["view"] == "back":
        p["outfit"] = "shirt"


def look(p: Params) -> Person:
    cloth = p["cloth_color"]
    return Person(
        skin=p["skin"],
        face="zombie",
        eye_color=p["eye_color"],
        hair=p["hair"],
        hair_color=p["hair_color"],
        top=p["outfit"],
        top_color=cloth,
        trim_color="dark red",
        legs_color="navy" if cloth != "blue" else "dark brown",
        boots_color="black" if cloth != "black" else "dark brown",
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        {
            "rags": ("torn clothes", f"torn {cloth} clothes"),
            "suit": (f"a~{cloth} suit", "a suit and tie"),
            "dress": (f"a~{cloth} dress", "a dress"),
            "shirt": (f"a~{cloth} shirt",),
        }[p["outfit"]]
    ]
    if p["eye_color"] in ("red", "yellow", "white"):
        having.append(f"{{{p['eye_color']}}} eyes")
    skin = f"{{{p['skin']}}} skin"
    if "head" in p["visible"] or p["view"] == "front":
        having.append((skin, "rotten skin"))
    return ("zombie", "zombie", "walking corpse", "ghoul"), ("undead", ("scary", "")), having


FAMILY = people("zombie", ("horror", "post-apocalyptic"), PARAMETERS, look, words, fit=fit, poses=(5, 3, 3))
