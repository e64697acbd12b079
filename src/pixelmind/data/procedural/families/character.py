"""People of many races and callings, front view: hair, headgear, clothes, weapon, shield and cape, each its own part of the mask."""

from __future__ import annotations

from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.figure import ROLES, draw

RACES = ("human", "elf", "orc", "dwarf", "goblin", "skeleton", "zombie")
CLOTH = ("red", "blue", "green", "purple", "brown", "white", "black", "yellow", "orange", "teal", "pink")
PARAMETERS = {
    "role": choice(*ROLES, weights=(6, 3, 5, 2, 3, 2.5, 2, 2, 2, 3, 3, 2, 2.5, 2, 1.5, 1.5, 3, 1)),
    "race": choice(*RACES, weights=(12, 2, 1.5, 1.5, 1, 1.5, 1)),
    "skin": choice("pale", "tan", "brown", "dark", weights=(5, 3, 2, 2)),
    "hair": choice("short", "long", "ponytail", "spiky", "bald", weights=(4, 4, 1.5, 2, 1)),
    "hair_color": choice(
        "brown",
        "blond",
        "black",
        "ginger",
        "white",
        "dark brown",
        "blue",
        "pink",
        weights=(4, 4, 4, 2, 1.5, 2, 0.7, 0.7),
    ),
    "beard": flag(0.2),
    "cloth_color": choice(*CLOTH, weights=(5, 5, 4, 3, 2, 2, 2, 2, 1.5, 1.5, 1.5)),
    "metal": choice("steel", "gold", "black", weights=(6, 1.5, 1)),
    "weapon": choice(0, 1, 2, 3, weights=(1, 1, 1, 1)),
    "shield_color": choice(None, "red", "blue", "brown", "gold", "green", weights=(6, 2, 2, 1.5, 1, 1)),
    "cape_color": choice(None, "red", "blue", "purple", "green", "black", weights=(9, 3, 2, 1, 1, 1)),
    "pose": choice("standing", "walking", "cheering", weights=(7, 2, 1.2)),
    "build": choice("chibi", "tall", weights=(1, 1), minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    role, s = p["role"], min(h, w)
    torso, gear, weapons, _ = ROLES[role]
    p["weapon"] = weapons[p["weapon"] % len(weapons)] if isinstance(p["weapon"], int) else p["weapon"]
    p["skin"] = {"orc": "orc green", "goblin": "goblin green", "skeleton": "bone", "zombie": "zombie green"}.get(
        p["race"], p["skin"]
    )
    if role in ("king", "queen", "astronaut", "ninja", "woman", "boy") and p["race"] not in ("human", "elf"):
        p["race"], p["skin"] = "human", "tan"
    if p["race"] in ("skeleton", "goblin"):
        p["hair"], p["beard"] = "bald", False
    if p["race"] == "dwarf":
        p["beard"] = True
    if role in ("woman", "queen"):
        p["hair"], p["beard"] = "long", False
    if role == "king" or (role == "wizard" and p["hair"] != "long"):
        p["beard"] = p["beard"] or role == "king"
    if role in ("boy", "ninja", "astronaut", "archer") or gear in ("great helm",) or s < 16:
        p["beard"] = False
    if gear in ("great helm", "hood", "space helmet", "ninja mask", "chef hat"):
        p["hair"] = "hidden"
    if gear in ("horned helm", "open helm", "wizard hat", "pirate hat", "cowboy hat", "straw hat", "crown") and p[
        "hair"
    ] in ("spiky", "ponytail", "bald"):
        p["hair"] = "short" if p["race"] not in ("skeleton", "goblin") else "bald"
    if role == "villager" and p["hair"] == "bald" and p["race"] == "human" and not p["beard"]:
        p["beard"] = s >= 16
    if p["hair"] in ("bald", "hidden") and not p["beard"]:
        p["hair_color"] = None
    if torso != "armour" and gear not in ("horned helm", "open helm"):
        p["metal"] = None
    if torso == "space suit":
        p["cloth_color"] = p["cloth_color"] if p["cloth_color"] in ("white", "orange", "blue") else "white"
    if role == "ninja":
        p["cloth_color"] = p["cloth_color"] if p["cloth_color"] in ("black", "red", "blue", "purple") else "black"
    if role == "chef":
        p["cloth_color"] = "white"
    if (
        p["weapon"] in ("bow", "staff", "none", "pitchfork")
        or role in ("pirate", "ninja", "hero")
        or w < 14
        or p["pose"] == "cheering"
    ):
        p["shield_color"] = None
    if torso in ("robe", "dress", "space suit", "overalls", "shirt", "coat", "suit"):
        p["cape_color"] = None
    if torso == "royal robe":
        p["cape_color"] = p["cape_color"] or "red"
    if s <= 10:
        p.update(
            weapon="none",
            shield_color=None,
            cape_color=None,
            pose="standing",
            race="human" if p["race"] in ("elf", "dwarf") else p["race"],
        )
        if p["hair"] in ("ponytail", "spiky"):
            p["hair"] = "short"
    if s < 16 or torso in ("robe", "dress", "royal robe"):
        p["pose"] = "cheering" if p["pose"] == "cheering" and p["weapon"] == "none" and s >= 16 else "standing"
    if p["weapon"] != "none" and p["pose"] == "cheering":
        p["pose"] = "standing"
    if w < 0.8 * h or p["race"] in ("dwarf", "goblin"):
        p["build"] = "tall" if w < 0.8 * h else "chibi"


def words(p: Params) -> Words:
    torso, gear, _, nouns = ROLES[p["role"]]
    race, cloth = p["race"], p["cloth_color"]
    adjectives: list[str | tuple[str, ...]] = []
    if race != "human":
        adjectives.append(
            {
                "elf": ("elf", "elven"),
                "dwarf": ("dwarf", "dwarven"),
                "orc": ("orc",),
                "goblin": ("goblin",),
                "skeleton": ("skeleton", "undead"),
                "zombie": ("zombie", "undead"),
            }[race]
        )
        nouns = tuple(n for n in nouns if n != "person")
    c = f"{{{cloth}}}"
    outfit = {
        "armour": ("armour", "armor"),
        "robe": (f"a~{c} robe",),
        "tunic": (f"a~{c} tunic", f"{c} clothes"),
        "royal robe": (f"{c} royal clothes",),
        "dress": (f"a~{c} dress",),
        "overalls": ("{blue} overalls", "overalls"),
        "coat": (f"a~{c} coat",),
        "suit": (f"{c} clothes",),
        "space suit": (f"a~{c} space suit", "a space suit"),
        "shirt": (f"a~{c} shirt",),
    }[torso]
    if torso == "armour":
        outfit = {
            "steel": ("steel armour", "shining armor", "plate armor"),
            "gold": ("{gold} armour", "{gold} armor"),
            "black": ("{dark grey} armour", "dark armor"),
        }[p["metal"]]
    having: list[str | tuple[str, ...]] = [tuple(outfit)]
    hats = {
        "great helm": ("a helmet", "a closed helmet"),
        "open helm": ("a helmet",),
        "wizard hat": ("a pointed hat", f"a~{c} wizard hat", f"a pointed {c} hat"),
        "hood": ("a hood", f"a~{c} hood"),
        "crown": ("a crown", "a {gold} crown"),
        "horned helm": ("a horned helmet", "a helmet with horns"),
        "straw hat": ("a straw hat",),
        "pirate hat": ("a pirate hat", "a hat"),
        "ninja mask": ("a mask", f"a~{c} mask"),
        "cowboy hat": ("a cowboy hat", "a hat"),
        "space helmet": ("a helmet", "a space helmet"),
        "headband": ("a headband",),
        "chef hat": ("a chef hat", "a {white} chef hat"),
    }
    if gear in hats:
        having.append(hats[gear])
    if p["hair_color"] and p["hair"] not in ("bald", "hidden"):
        h = f"{{{p['hair_color']}}}"
        having.append(
            {
                "short": (f"{h} hair", f"short {h} hair"),
                "long": (f"long {h} hair", f"{h} hair"),
                "ponytail": (f"a~{h} ponytail", f"{h} hair"),
                "spiky": (f"spiky {h} hair",),
            }[p["hair"]]
        )
    if p["beard"]:
        h = f"{{{p['hair_color']}}}"
        having.append((f"a~{h} beard", "a beard"))
    if p["weapon"] != "none":
        having.append(
            {
                "sword": ("a sword", "a sword in hand"),
                "spear": ("a spear",),
                "axe": ("an axe", "a battle axe"),
                "staff": ("a staff", "a magic staff"),
                "bow": ("a bow",),
                "pitchfork": ("a pitchfork",),
            }[p["weapon"]]
        )
    if p["shield_color"]:
        having.append((f"a~{{{p['shield_color']}}} shield", "a shield"))
    if p["cape_color"]:
        having.append((f"a~{{{p['cape_color']}}} cape", f"a~{{{p['cape_color']}}} cloak", "a cape"))
    if p["skin"] in ("brown", "dark") and gear not in ("great helm", "space helmet"):
        having.append("dark skin")
    place = {"walking": (("walking",),), "cheering": (("with arms raised", "cheering"),), "standing": ()}[p["pose"]]
    return Words(nouns=nouns, adjectives=tuple(adjectives), having=tuple(having), place=place)


FAMILY = Family(
    name="character",
    kind="character",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=(*SQUARE, (24, 16), (32, 16), (48, 32), (32, 24)),
    weight=3,
)
