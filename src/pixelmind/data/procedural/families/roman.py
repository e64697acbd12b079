"""Roman soldiers and gladiators: crest, breastplate or straps, spear, sword, trident, shield."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import SKINS, people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "calling": choice("centurion", "gladiator", weights=(1, 1)),
    "metal": choice("gold", "steel", "copper", weights=(3, 3, 2)),
    "crest_color": choice("red", "blue", "white", "black", "purple", weights=(5, 2, 1.5, 1, 1)),
    "skirt_color": choice("red", "white", "blue", "brown", "green", weights=(4, 2, 1.5, 2, 1)),
    "held": choice("none", "spear", "short sword", "trident", "axe", weights=(1, 4, 4, 2, 1)),
    "shield_color": choice(None, "red", "blue", "gold", "brown", weights=(3, 3, 1.5, 1.5, 1)),
    "cape_color": choice(None, "red", "purple", weights=(4, 2, 1)),
    "skin": SKINS,
}


def fit(p: Params, h: int, w: int) -> None:
    if p["calling"] == "gladiator":
        p["cape_color"] = None
    if min(h, w) < 14 or (p["view"] == "back" and p["cape_color"] and min(h, w) < 32):
        p["skirt_color"] = None


def look(p: Params) -> Person:
    centurion = p["calling"] == "centurion"
    skirt = p["skirt_color"] or "red"
    return Person(
        skin=p["skin"],
        hair="bald",
        top="cuirass" if centurion else "straps",
        top_color=p["metal"] if centurion else skirt,
        trim_color=skirt if centurion else p["metal"],
        boots_color="dark brown",
        hat="crested helmet" if centurion else "gladiator helmet",
        hat_color=p["metal"],
        band_color=p["crest_color"],
        held=p["held"],
        held_color="steel",
        shield_color=p["shield_color"],
        cape_color=p["cape_color"],
    )


def words(p: Params) -> Said:
    metal = {"gold": "{gold}", "steel": "steel", "copper": "bronze"}[p["metal"]]
    having: list[Fact] = [
        (f"a~{{{p['crest_color']}}} crest", f"a helmet with a~{{{p['crest_color']}}} crest", "a crested helmet")
    ]
    if p["calling"] == "centurion":
        having.append((f"{metal} armor", f"a~{metal} breastplate", "armour"))
    else:
        having.append(("a bare chest", f"a~{metal} helmet", "a closed helmet"))
    if p["skirt_color"]:
        having.append((f"a~{{{p['skirt_color']}}} kilt", f"a~{{{p['skirt_color']}}} skirt"))
    nouns = (
        ("centurion", "roman soldier", "roman centurion", "legionary")
        if p["calling"] == "centurion"
        else ("gladiator", "gladiator", "arena fighter")
    )
    return nouns, (("roman", "ancient", ""),), having


FAMILY = people("roman", ("ancient",), PARAMETERS, look, words, fit=fit, poses=(5, 1.5, 3))
