"""Cyberpunk people: glowing jackets, visors, neon hair, decks and blades."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import mask_fact, people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "jacket_color": choice("black", "dark grey", "navy", "purple", "white", weights=(5, 3, 2, 2, 1)),
    "glow_color": choice("cyan", "magenta", "lime", "orange", "yellow", weights=(4, 4, 2, 1.5, 1)),
    "mask": choice("visor", "goggles", "none", "glasses", weights=(4, 2, 2, 1)),
    "hair": choice("mohawk", "short", "long", "spiky", "bald", "ponytail", weights=(3, 2, 2, 3, 1, 1.5)),
    "hair_color": choice("magenta", "cyan", "lime", "violet", "white", "black", "blue"),
    "held": choice("none", "deck", "blaster", "katana", weights=(2, 4, 3, 2)),
    "skin": choice("pale skin", "tan skin", "brown skin", "dark skin", "silver", weights=(4, 2, 2, 2, 1.5)),
}


def fit(p: Params, h: int, w: int) -> None:
    if min(h, w) < 14:
        p["glow_color"] = None
        p["hair"] = "short" if p["hair"] != "bald" else "bald"
    if min(h, w) < 20 and p["mask"] == "glasses":
        p["mask"] = "visor"


def look(p: Params) -> Person:
    glow = p["glow_color"] or "cyan"
    return Person(
        skin=p["skin"],
        hair=p["hair"],
        hair_color=p["hair_color"],
        top="tech",
        top_color=p["jacket_color"],
        trim_color=glow,
        legs_color="dark grey" if p["jacket_color"] != "dark grey" else "black",
        boots_color="black" if p["jacket_color"] != "dark grey" else "navy",
        mask=p["mask"],
        mask_color=glow,
        held=p["held"],
        held_color={"deck": "screen", "blaster": "silver"}.get(p["held"], "steel"),
    )


def words(p: Params) -> Said:
    having: list[Fact] = [(f"a~{{{p['jacket_color']}}} jacket", "a jacket")]
    if p["glow_color"]:
        having.append((f"glowing {{{p['glow_color']}}} lights", f"{{{p['glow_color']}}} lights"))
    having += mask_fact(p, "glow_color")
    if p["skin"] == "silver":
        having.append("metal skin")
    nouns = (
        ("cyborg", "cyborg", "cyberpunk android")
        if p["skin"] == "silver"
        else ("hacker", "cyberpunk hacker", "cyberpunk", "netrunner")
    )
    return nouns, (("futuristic", "cyberpunk", ""),), having


FAMILY = people("hacker", ("cyberpunk", "sci-fi"), PARAMETERS, look, words, fit=fit, poses=(6, 2, 2))
