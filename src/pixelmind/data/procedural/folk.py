"""What families of people share: skin, hair, pose and view parameters, what a size can show of them, and what may be said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pixelmind.data.procedural.body import LONG, SKIRTED, Person
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Param, Params, choice
from pixelmind.data.procedural.hats import HATS
from pixelmind.data.procedural.person import draw_person
from pixelmind.data.procedural.rng import Rng

SKINS = choice("pale skin", "tan skin", "brown skin", "dark skin", weights=(5, 3, 2, 2))
HAIR_COLORS = choice("brown", "blond", "black", "ginger", "white", "grey", weights=(4, 3, 4, 2, 1, 1))
HAIR = choice("short", "long", "ponytail", "spiky", "bun", "bald", weights=(5, 3, 2, 1.5, 1, 0.7))
CLOTH = ("red", "blue", "green", "purple", "brown", "white", "black", "yellow", "orange", "teal", "pink", "grey")
_HELD_WORDS: dict[str, Fact] = {
    "rusty sword": ("a sword", "an old sword"),
    "axe": ("an axe", "an axe in hand"),
    "deck": ("a computer", "a small screen in hand", "a hacking device"),
    "rifle": ("a rifle", "a gun"),
    "pistol": ("a pistol", "a gun", "a revolver"),
    "blaster": ("a blaster", "a ray gun"),
    "bag": ("a bag",),
    "broom": ("a broom", "a broomstick"),
    "crook": ("a crook", "a crook staff"),
    "stone axe": ("an axe", "a stone axe"),
}
_ONLY_FRONT = ("mask", "beard", "eye_color")


def article_of(noun: str) -> str:
    """The noun with its article."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def held_fact(kind: str) -> Fact:
    """Ways to name a held thing."""
    return _HELD_WORDS.get(kind, (article_of(kind), f"{article_of(kind)} in hand"))


def fit_view(p: Params, h: int, w: int) -> None:
    """Lower view, pose and build to the size, then what the view hides, in place."""
    s = min(h, w)
    if s < 14:
        p.update(view="front", pose="standing", build="chibi")
        for key in ("held", "mask", "beard", "shield_color", "cape_color"):
            if key in p:
                p[key] = None if key.endswith("color") else "none"
    elif h < 24:
        p["build"] = "chibi"
    elif w < 0.7 * h:
        p["build"] = "tall"
    if p["view"] == "back":
        for key in _ONLY_FRONT:
            if key in p:
                p[key] = None if key.endswith("color") else "none"
    elif p["view"] != "front" and "shield_color" in p:
        p["shield_color"] = None


def fit_look(p: Params, h: int, w: int, look: Callable[[Params], Person]) -> None:
    """Lower what a hat, a long dress or empty hands leave no room for, in place."""
    s, q = min(h, w), look(p)
    if q.pose == "attacking" and q.held == "none" and q.face == "human":
        p["pose"] = "walking"
    if p["pose"] == "walking" and (q.top in LONG or (q.top in SKIRTED and s < 24 and p["view"] in ("front", "back"))):
        p["pose"] = "standing"
    if "hair" not in p:
        return
    if HATS[q.hat].hides_hair or q.face in ("skull", "bandaged"):
        p["hair"] = "hidden"
    elif p["hair"] == "hidden" or (q.hat != "none" and p["hair"] not in ("short", "long", "ponytail")):
        p["hair"] = "short"
    if s < 20 and p["hair"] in ("spiky", "bun", "topknot"):
        p["hair"] = "short"
    if s < 14 and p["hair"] not in ("hidden", "bald"):
        p["hair"] = "short"
    if s <= 10:
        rows = "".join(HATS[q.hat].tiny)
        p["hair"] = "hidden" if rows and "R" not in rows else "short" if p["hair"] == "bald" else p["hair"]
    if p["hair"] in ("bald", "hidden") and p.get("beard", "none") == "none":
        p["hair_color"] = None


def place_facts(p: Params) -> tuple[Fact, ...]:
    """Pose and view in words."""
    out: list[Fact] = []
    if p["pose"] == "walking":
        out.append(("walking", "walking along", "taking a step"))
    elif p["pose"] == "attacking":
        out.append(("attacking", "in a fighting pose", "ready to strike"))
    if p["view"] == "back":
        out.append(("seen from behind", "from the back", "facing away"))
    elif p["view"] != "front":
        out.append((f"facing {p['view']}", f"in profile facing {p['view']}", f"looking to the {p['view']}"))
    return tuple(out)


def body_facts(p: Params) -> list[Fact]:
    """Hair, beard, skin, mask, what is held and worn on the back, as far as they are parameters."""
    out: list[Fact] = []
    color = f"{{{p.get('hair_color')}}}"
    hair = p.get("hair", "hidden")
    if p.get("hair_color") and hair not in ("bald", "hidden"):
        out.append(
            {
                "short": (f"{color} hair", f"short {color} hair"),
                "long": (f"long {color} hair", f"{color} hair"),
                "ponytail": (f"a~{color} ponytail", f"{color} hair"),
                "spiky": (f"spiky {color} hair",),
                "bun": (f"a~{color} bun", f"{color} hair in a bun"),
                "mohawk": (f"a~{color} mohawk", "a mohawk"),
                "topknot": ("a topknot", f"a~{color} topknot"),
                "wild": (f"wild {color} hair", f"messy {color} hair"),
            }[hair]
        )
    if p.get("beard", "none") != "none" and p.get("hair_color"):
        out.append(
            (f"a~{color} moustache", "a mustache")
            if p["beard"] == "moustache"
            else (f"a~{color} beard", "a long beard" if p["beard"] == "long" else "a beard")
        )
    if p.get("held", "none") != "none":
        out.append(held_fact(p["held"]))
    if p.get("shield_color"):
        out.append((f"a~{{{p['shield_color']}}} shield", "a shield"))
    if p.get("cape_color"):
        out.append((f"a~{{{p['cape_color']}}} cape", f"a~{{{p['cape_color']}}} cloak", "a cape"))
    if p.get("skin") in ("brown skin", "dark skin"):
        out.append("dark skin")
    return out


def mask_fact(p: Params, color_key: str = "mask_color") -> list[Fact]:
    """What is worn over the face."""
    color = f"{{{p.get(color_key)}}}"
    said: dict[str, list[Fact]] = {
        "none": [],
        "eyepatch": [("an eyepatch", "an eye patch")],
        "glasses": [("glasses", "eyeglasses")],
        "visor": [(f"a~{color} visor", "a visor")],
        "goggles": [(f"{color} goggles", "goggles")],
        "gas mask": [("a gas mask", "a mask")],
        "scarf": [(f"a~{color} scarf over the mouth", f"a~{color} bandana over the face", "a masked face")],
        "fangs": [("fangs",)],
        "paint": [(f"{color} face paint", "face paint")],
    }
    return said[p.get("mask", "none")]


def person(p: Params, **clothes: Any) -> Person:
    """A person with the skin, hair and beard of the parameters; `clothes` are other fields of `Person`."""
    return Person(skin=p["skin"], hair=p["hair"], hair_color=p["hair_color"], beard=p["beard"], **clothes)


def people(
    name: str,
    genres: tuple[str, ...],
    parameters: Mapping[str, Param],
    look: Callable[[Params], Person],
    words: Callable[[Params], tuple[Sequence[str], Sequence[Fact], Sequence[Fact]]],
    *,
    fit: Callable[[Params, int, int], None] | None = None,
    poses: tuple[float, float, float] = (6, 2, 2),
    weight: float = 1.0,
    lacking: Callable[[Params], tuple[str, ...]] | None = None,
) -> Family:
    """A family of people.

    Args:
        parameters: its own parameters; pose, view and build are added. `hair`, `hair_color`, `beard`, `mask`, `held`, `shield_color`
            and `cape_color` are lowered where they cannot be seen.
        look: the person for parameters; pose, view and build are filled in here.
        words: (nouns, adjectives, having) for parameters; hair, beard, held things, pose and view are added.
        fit: what its own parameters lower, once pose and view are settled.
        poses: weights of standing, walking, attacking.
    """
    every = {
        **parameters,
        "pose": choice("standing", "walking", "attacking", weights=poses),
        "view": choice("front", "left", "right", "back", weights=(7, 1.3, 1.3, 1)),
        "build": choice("tall", "chibi", minor=True),
    }

    def whole(p: Params) -> Person:
        q = look(p)
        q.pose, q.view, q.build = p["pose"], p["view"], p["build"]
        if q.hair == "hidden":
            q.hair = "bald"
        q.hair_color = q.hair_color or "brown"
        q.eye_color = q.eye_color or "ink"
        return q

    def lower(p: Params, h: int, w: int) -> None:
        fit_view(p, h, w)
        if fit:
            fit(p, h, w)
        fit_look(p, h, w, whole)

    def draw(p: Params, c: Canvas, rng: Rng) -> None:
        draw_person(whole(p), c)

    def say(p: Params) -> Words:
        nouns, adjectives, having = words(p)
        return Words(
            nouns=tuple(nouns),
            adjectives=tuple(adjectives),
            having=(*having, *body_facts(p)),
            place=place_facts(p),
            lacking=lacking(p) if lacking else (),
        )

    return Family(
        name=name,
        kind="character",
        parameters=every,
        draw=draw,
        words=say,
        fit=lower,
        sizes=TALL,
        weight=weight,
        genres=genres,
    )
