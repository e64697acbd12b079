"""Raiders and survivors of the wasteland: gas masks, goggles, scraps, makeshift weapons."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import SKINS, mask_fact, people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "mask": choice("gas mask", "goggles", "scarf", "none", weights=(5, 2, 2, 1)),
    "lens_color": choice("lime", "red", "yellow", "cyan", "orange"),
    "hat": choice("hood", "none", "beast helmet", weights=(3, 4, 1)),
    "outfit": choice("rags", "vest", "coat", weights=(3, 3, 3)),
    "cloth_color": choice("olive", "brown", "grey", "dark brown", "tan", "dark red", weights=(3, 3, 2, 2, 2, 1)),
    "held": choice("none", "club", "wrench", "axe", "rifle", "spear", weights=(1, 3, 2, 2, 3, 2)),
    "hair": choice("mohawk", "bald", "short", "wild", weights=(4, 2, 2, 1.5)),
    "hair_color": choice("red", "lime", "black", "brown", "orange", "white"),
    "skin": SKINS,
}


def fit(p: Params, h: int, w: int) -> None:
    if min(h, w) < 14:
        p["mask"], p["hair"] = "none", "short"
        p["outfit"] = "vest"
    if p["view"] == "back":
        p["mask"] = "none"
        p["outfit"] = "rags" if p["outfit"] == "vest" else p["outfit"]
    if p["mask"] in ("none", "scarf"):
        p["lens_color"] = None


def look(p: Params) -> Person:
    cloth = p["cloth_color"]
    return Person(
        skin=p["skin"],
        hair=p["hair"],
        hair_color=p["hair_color"],
        top=p["outfit"],
        top_color=cloth,
        trim_color="dark grey",
        legs_color="dark brown" if cloth not in ("brown", "dark brown") else "dark grey",
        boots_color="black",
        hat=p["hat"],
        hat_color=cloth if p["hat"] == "hood" else "iron",
        band_color="bone",
        mask=p["mask"],
        mask_color=p["lens_color"] or "dark red",
        held=p["held"],
        held_color={"club": "wood"}.get(p["held"], "iron"),
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        {
            "rags": ("ragged clothes", f"ragged {cloth} clothes"),
            "vest": (f"a~{cloth} vest", "a vest"),
            "coat": (f"a~{cloth} coat", "a long coat"),
        }[p["outfit"]]
    ]
    having += [] if p["mask"] == "scarf" else mask_fact(p, "lens_color")
    if p["mask"] == "scarf":
        having.append(("a scarf over the mouth", "a~{dark red} scarf"))
    if p["mask"] == "gas mask":
        having.append((f"{{{p['lens_color']}}} lenses", f"glowing {{{p['lens_color']}}} eyes"))
    if p["hat"] == "hood":
        having.append((f"a~{cloth} hood", "a hood"))
    elif p["hat"] == "beast helmet":
        having.append(("a horned helmet", "horns"))
    return (
        ("raider", "wasteland raider", "survivor", "scavenger", "bandit"),
        (("post-apocalyptic", "wasteland", ""),),
        having,
    )


FAMILY = people("raider", ("post-apocalyptic",), PARAMETERS, look, words, fit=fit, poses=(5, 2, 3))
