"""Mummies: wrapped from head to foot, glowing eyes, a head cloth or a crown."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "wrap_color": choice("beige", "white", "tan", "light grey", weights=(5, 3, 2, 1)),
    "eye_color": choice("red", "lime", "cyan", "yellow", "ink", weights=(4, 2, 2, 2, 1)),
    "hat": choice("none", "headdress", "crown", weights=(6, 2, 1)),
    "band_color": choice("blue", "red", "teal", "purple"),
    "held": choice("none", "crook", "scythe", "torch", weights=(6, 1, 0.7, 1)),
    "cape_color": choice(None, "purple", "dark red", weights=(6, 1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["hat"] == "none" or (p["hat"] == "crown" and min(h, w) < 24):
        p["band_color"] = None


def look(p: Params) -> Person:
    cloth = p["wrap_color"]
    return Person(
        skin=cloth,
        face="bandaged",
        hair="bald",
        eye_color=p["eye_color"],
        top="bandages",
        top_color=cloth,
        legs_color=cloth,
        boots_color=cloth,
        hat=p["hat"],
        hat_color="gold",
        band_color=p["band_color"] or "blue",
        held=p["held"],
        held_color="gold" if p["held"] == "crook" else "iron",
        cape_color=p["cape_color"],
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['wrap_color']}}}"
    having: list[Fact] = [(f"{cloth} bandages", "bandages", "wrappings")]
    if p["eye_color"] and p["eye_color"] != "ink":
        having.append((f"{{{p['eye_color']}}} eyes", f"glowing {{{p['eye_color']}}} eyes"))
    if p["hat"] == "headdress":
        having.append(("a headdress", f"a {{gold}} and {{{p['band_color']}}} headdress"))
    elif p["hat"] == "crown":
        having.append(("a crown", "a {gold} crown"))
    return ("mummy", "mummy", "egyptian mummy", "undead mummy"), (("ancient", "undead", ""), cloth), having


FAMILY = people("mummy", ("ancient", "horror"), PARAMETERS, look, words, fit=fit, poses=(5, 3, 3))
