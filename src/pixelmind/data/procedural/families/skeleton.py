"""Skeleton warriors: weapon, shield, helmet or hood, glowing eyes."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import people

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "held": choice("none", "sword", "axe", "spear", "club", "scythe", weights=(2, 4, 2, 2, 1, 1)),
    "shield_color": choice(None, "brown", "red", "blue", "green", weights=(5, 2, 1.5, 1, 1)),
    "hat": choice("none", "hood", "crested helmet", "beast helmet", "crown", weights=(6, 2, 1.5, 1, 1)),
    "hat_color": choice("dark red", "purple", "black", "dark green"),
    "eye_color": choice("ink", "red", "cyan", "lime", weights=(5, 2, 1.5, 1)),
    "cape_color": choice(None, "dark red", "purple", "black", weights=(7, 1, 1, 1)),
}
_METAL = {"crested helmet": "iron", "beast helmet": "iron", "crown": "gold"}


def fit(p: Params, h: int, w: int) -> None:
    if p["hat"] not in ("hood", "crested helmet"):
        p["hat_color"] = None
    if p["held"] in ("scythe", "spear") and w < 20:
        p["shield_color"] = None
    if min(h, w) < 14:
        p["eye_color"] = "red" if p["eye_color"] == "red" else "ink"


def look(p: Params) -> Person:
    return Person(
        skin="bone",
        face="skull",
        hair="bald",
        eye_color=p["eye_color"],
        top="bones",
        top_color="bone",
        boots_color="bone",
        hat=p["hat"],
        hat_color=_METAL.get(p["hat"]) or p["hat_color"] or "black",
        band_color=(p["hat_color"] or "bone") if p["hat"] != "crown" else "red",
        held=p["held"],
        held_color="iron" if p["held"] != "club" else "wood",
        shield_color=p["shield_color"],
        cape_color=p["cape_color"],
    )


def words(p: Params) -> Said:
    having: list[Fact] = []
    if p["eye_color"] and p["eye_color"] != "ink":
        having.append((f"{{{p['eye_color']}}} eyes", f"glowing {{{p['eye_color']}}} eyes"))
    if p["hat"] != "none":
        having.append(
            {
                "hood": (f"a~{{{p['hat_color']}}} hood", "a hood"),
                "crested helmet": ("a helmet", f"a~{{{p['hat_color']}}} crest"),
                "beast helmet": ("a horned helmet", "horns"),
                "crown": ("a {gold} crown", "a crown"),
            }[p["hat"]]
        )
    armed = ("skeleton", "skeleton", "undead warrior", "skeleton warrior")
    plain = ("skeleton", "skeleton", "undead skeleton", "living skeleton")
    king = ("skeleton king", "skeleton", "undead king")
    nouns = king if p["hat"] == "crown" else armed if p["held"] != "none" else plain
    return nouns, (("undead", "bony", ""),), having


FAMILY = people(
    "skeleton",
    ("horror", "fantasy"),
    PARAMETERS,
    look,
    words,
    fit=fit,
    poses=(5, 2, 3),
    lacking=lambda p: () if p["held"] != "none" else ("a weapon",),
)
