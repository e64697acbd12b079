"""People of today, old and young: shirts, suits, dresses and coats, bags, books and balloons."""

from __future__ import annotations

from collections.abc import Sequence

from pixelmind.data.procedural.body import Person
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Params, choice
from pixelmind.data.procedural.folk import CLOTH, HAIR, HAIR_COLORS, SKINS, mask_fact, people, person

Said = tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]

PARAMETERS = {
    "outfit": choice("shirt", "suit", "dress", "coat", "vest", weights=(5, 2, 2, 2, 1.5)),
    "cloth_color": choice(*CLOTH),
    "trousers_color": choice("navy", "brown", "dark grey", "beige", weights=(4, 2, 2, 1)),
    "hat": choice("none", "baseball cap", "beanie", "straw hat", weights=(6, 2, 1.5, 0.7)),
    "hat_color": choice("red", "blue", "green", "yellow", "black"),
    "mask": choice("none", "glasses", weights=(4, 1)),
    "held": choice("none", "bag", "book", "balloon", "fishing rod", weights=(6, 2, 1.5, 1, 0.7)),
    "age": choice("adult", "child", "old", weights=(6, 3, 1.5)),
    "skin": SKINS,
    "hair": HAIR,
    "hair_color": HAIR_COLORS,
    "beard": choice("none", "short", "moustache", weights=(6, 1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["hat"] == "none":
        p["hat_color"] = None
    if p["hat"] == "straw hat":
        p["hat_color"] = None
    if p["age"] == "child" or p["outfit"] == "dress" or p["hair"] in ("long", "ponytail", "bun"):
        p["beard"] = "none"
    if (p["age"] == "child" and h < 24) or min(h, w) < 14 or (p["age"] == "child" and w < 0.7 * h):
        p["age"] = "adult"
    if h >= 24 and min(h, w) >= 14:  # the child is the one with the large head
        p["build"] = "chibi" if p["age"] == "child" else "tall"
    if p["age"] == "child":
        p["outfit"] = "shirt" if p["outfit"] in ("suit", "vest") else p["outfit"]
    if p["age"] == "old":
        p["hair_color"] = "white" if p["hair_color"] in ("blond", "white", "ginger") else "grey"
        p["hair"] = "short" if p["hair"] in ("spiky", "ponytail") else p["hair"]
    elif p["hair_color"] in ("white", "grey"):
        p["hair_color"] = "brown"
    if p["view"] == "back" and p["outfit"] in ("suit", "vest"):
        p["outfit"] = "shirt"
    if min(h, w) < 14 and p["outfit"] != "dress":
        p["outfit"] = "shirt"
    if min(h, w) < 20:
        p["mask"] = "none"
    if p["trousers_color"] == p["cloth_color"] or (p["cloth_color"], p["trousers_color"]) == ("grey", "dark grey"):
        p["trousers_color"] = "navy"
    if p["outfit"] == "dress":
        p["trousers_color"] = None
    if p["held"] == "book" and p["view"] == "back":
        p["held"] = "none"
    if p["age"] == "old" and p["hair"] == "bald":
        p["hair"] = "short"


def look(p: Params) -> Person:
    cloth = p["cloth_color"]
    return person(
        p,
        top=p["outfit"],
        top_color=cloth,
        trim_color={"suit": "red" if cloth != "red" else "blue"}.get(
            p["outfit"], "white" if cloth != "white" else "light blue"
        ),
        legs_color=p["trousers_color"] or "navy",
        boots_color="black",
        hat=p["hat"],
        hat_color=p["hat_color"] or "sand",
        band_color="white" if p["hat"] != "straw hat" else "red",
        mask=p["mask"],
        mask_color="black",
        held=p["held"],
        held_color={"bag": "brown", "book": "dark red", "balloon": "red", "fishing rod": "wood"}.get(
            p["held"], "brown"
        ),
    )


def words(p: Params) -> Said:
    cloth = f"{{{p['cloth_color']}}}"
    having: list[Fact] = [
        {
            "shirt": (f"a~{cloth} shirt", f"a~{cloth} sweater"),
            "suit": (f"a~{cloth} suit", "a suit and tie"),
            "dress": (f"a~{cloth} dress", "a dress"),
            "coat": (f"a~{cloth} coat", "a coat"),
            "vest": (f"a~{cloth} vest", "a vest"),
        }[p["outfit"]]
    ]
    if p["hat"] != "none":
        hat = f"{{{p['hat_color']}}}"
        having.append(
            {
                "baseball cap": (f"a~{hat} cap", "a baseball cap"),
                "beanie": (f"a~{hat} beanie", "a woolly hat"),
                "straw hat": ("a straw hat",),
            }[p["hat"]]
        )
    if p["trousers_color"]:
        having.append((f"{{{p['trousers_color']}}} trousers", f"{{{p['trousers_color']}}} pants"))
    having += mask_fact(p)
    nouns: Sequence[str] = {
        "adult": ("person", "person", "citizen"),
        "child": ("child", "kid", "child", "little kid"),
        "old": ("old person", "elder", "grandparent"),
    }[p["age"]]
    if p["beard"] != "none":
        nouns = ("man", "man", "old man" if p["age"] == "old" else "townsman")
    elif p["outfit"] == "dress" and p["hair"] in ("long", "ponytail", "bun"):
        nouns = {
            "adult": ("woman", "woman", "lady"),
            "child": ("girl", "girl", "little girl"),
            "old": ("old woman", "grandmother"),
        }[p["age"]]
    return nouns, (("modern", "", ""),), having


FAMILY = people("townsperson", ("modern",), PARAMETERS, look, words, fit=fit, poses=(6, 3, 0), weight=1.2)
