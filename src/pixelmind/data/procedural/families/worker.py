"""People at work today: police officers, fire fighters, doctors and builders."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import HAIR, HAIR_COLORS, SKINS, mask_fact, people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "job": choice("police officer", "fire fighter", "doctor", "builder"),
    "uniform_color": choice(0, 1, 2),
    "skin": SKINS,
    "hair": HAIR,
    "hair_color": HAIR_COLORS,
    "beard": choice("none", "moustache", "short", weights=(5, 1.5, 1)),
    "held": choice("none", "tool", weights=(1, 2)),
    "hat": choice("yes", "none", weights=(4, 1)),
    "mask": choice("none", "glasses", weights=(4, 1)),
}
_COLORS = {
    "police officer": ("navy", "black", "blue"),
    "fire fighter": ("dark grey", "dark red", "tan"),
    "doctor": ("light blue", "teal", "green"),
    "builder": ("orange", "blue", "red"),
}
_HATS = {"police officer": "cap", "fire fighter": "hard hat", "doctor": "none", "builder": "hard hat"}
_TOOLS = {"police officer": "lantern", "fire fighter": "axe", "doctor": "book", "builder": "hammer"}


def fit(p: Params, h: int, w: int) -> None:
    job = p["job"]
    if isinstance(p["uniform_color"], int):
        p["uniform_color"] = _COLORS[job][p["uniform_color"]]
    p["hat"] = _HATS[job] if p["hat"] != "none" else "none"
    p["held"] = _TOOLS[job] if p["held"] != "none" else "none"
    if job == "doctor" and p["view"] == "back":
        p["uniform_color"], p["held"] = "teal", "none"
    if p["hair"] in ("long", "ponytail", "bun"):
        p["beard"] = "none"
    if p["hat"] != "none" and p["hair"] == "bald":
        p["hair"] = "short"
    if min(h, w) < 20:
        p["mask"] = "none"
    if min(h, w) < 14 and job != "doctor":
        p["hat"] = _HATS[job]
    if min(h, w) < 14 and job == "doctor":
        p["uniform_color"] = "light blue"


def look(p: Params) -> Person:
    job: str = p["job"]
    color: str = p["uniform_color"]
    hat = {"police officer": color, "fire fighter": "red" if color != "dark red" else "yellow"}.get(job, "yellow")
    return person(
        p,
        top={"doctor": "doctor", "builder": "overalls"}.get(job, "uniform"),
        top_color={"doctor": "white", "builder": "white"}.get(job, color),
        trim_color={"police officer": "gold", "fire fighter": "yellow", "doctor": color}.get(job, color),
        legs_color={"doctor": color, "builder": color, "police officer": color}.get(job, "black"),
        boots_color={"doctor": "white", "builder": "brown"}.get(job, "black"),
        hat=p["hat"],
        hat_color=hat,
        band_color="gold" if job != "builder" else "yellow",
        mask=p["mask"],
        mask_color="black",
        held=p["held"],
        held_color={"axe": "red", "lantern": "flame", "book": "brown"}.get(p["held"], "steel"),
    )


def words(p: Params) -> Said:
    job, color = p["job"], f"{{{p['uniform_color']}}}"
    nouns = {
        "police officer": (
            "police officer",
            "police officer",
            "cop",
            "policeman" if p["beard"] != "none" else "officer",
        ),
        "fire fighter": ("firefighter", "fire fighter", "firefighter"),
        "doctor": ("doctor", "doctor", "medic", "physician"),
        "builder": ("builder", "construction worker", "builder", "worker"),
    }[job]
    stripes = " with {yellow} stripes" if "stripes" in p["visible"] else ""
    outfit: Fact = {
        "police officer": (f"a~{color} uniform", "a uniform", "a badge" if "badge" in p["visible"] else "a uniform"),
        "fire fighter": (f"a~{color} jacket{stripes}", f"a~{color} uniform", "a uniform"),
        "doctor": ("a {white} coat", "a lab coat"),
        "builder": (f"{color} overalls", "overalls"),
    }[job]
    having: list[Fact] = [outfit, *mask_fact(p)]
    if p["hat"] != "none":
        having.append(
            {
                "cap": ("a police cap", "a cap"),
                "hard hat": ("a helmet", "a fire helmet")
                if job == "fire fighter"
                else ("a {yellow} hard hat", "a hard hat"),
            }[p["hat"]]
        )
    return nouns, (("modern", "", ""),), having


FAMILY = people("worker", ("modern",), PARAMETERS, look, words, fit=fit, poses=(6, 2, 0.5), weight=1.2)
