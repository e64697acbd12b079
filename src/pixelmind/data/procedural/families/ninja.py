"""Ninjas: hooded and masked, headband, katana, sickle or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "cloth_color": choice(
        "black", "navy", "dark red", "purple", "dark green", "grey", "white", weights=(6, 3, 2, 2, 2, 2, 1)
    ),
    "band_color": choice("red", "white", "blue", "yellow", "lime", "black"),
    "skin": choice("pale skin", "tan skin", "dark skin", weights=(3, 3, 1)),
    "eye_color": choice("ink", "red", "white", weights=(5, 1, 1)),
    "held": choice("none", "katana", "short sword", "scythe", "spear", weights=(2, 5, 2, 1, 1)),
    "scarf_color": choice(None, "red", "purple", "white", weights=(5, 1.5, 1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["band_color"] == p["cloth_color"]:
        p["band_color"] = "red"
    if min(h, w) < 20:
        p["scarf_color"] = None
    if p["view"] == "back":
        p["eye_color"] = None
    if min(h, w) <= 10 and p["eye_color"] == "white":
        p["eye_color"] = "ink"


def look(p: Params) -> Person:
    cloth = p["cloth_color"]
    return Person(
        skin=p["skin"],
        hair="bald",
        eye_color=p["eye_color"],
        top="gi",
        top_color=cloth,
        trim_color=p["band_color"],
        legs_color=cloth,
        boots_color="black" if cloth not in ("black", "navy") else "dark grey",
        hat="ninja mask",
        hat_color=cloth,
        band_color=p["band_color"],
        held=p["held"],
        held_color="steel",
        cape_color=p["scarf_color"],
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        (f"a~{{{p['band_color']}}} headband", f"a~{{{p['band_color']}}} belt", f"a~{cloth} mask", "a mask")
    ]
    if p["eye_color"] in ("red", "white"):
        having.append(f"{{{p['eye_color']}}} eyes")
    if p["scarf_color"]:
        having.append((f"a~{{{p['scarf_color']}}} cape", "a cape"))
    return ("ninja", "ninja", "shinobi", "assassin"), (("stealthy", "masked", ""), cloth), having


FAMILY = people("ninja", ("feudal japan",), PARAMETERS, look, words, fit=fit, poses=(4, 3, 4))
