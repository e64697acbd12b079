"""Who belongs where: the places that suit a subject of a composition, and which others may keep it company there.

A subject is judged by the names it was drawn under ("single bed", "horse"), since one family holds things of several worlds.
"""

from __future__ import annotations

import re
from typing import Any

from pixelmind.data.procedural.family import Family, Params
from pixelmind.data.procedural.genres import genres_of
from pixelmind.data.procedural.places import PLACES
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.setting import Place
from pixelmind.data.procedural.telling import Part


def _named(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b({words})\b")


_FLYING = _named(
    "dragon|drake|wyvern|bird|owl|eagle|crow|raven|bat|bee|butterfly|dragonfly|ufo|flying saucer|plane|airplane|aeroplane|helicopter"
    "|hot air balloon|balloon|airship|zeppelin|blimp|ghost|fairy|parrot|pterodactyl|rocket|spaceship|drone|seagull|kite"
)
_DEEP = _named(
    "fish|shark|octopus|squid|whale|jellyfish|crab|dolphin|submarine|mermaid|merman|seahorse|diver|coral|starfish|clam|anglerfish"
    "|pufferfish|eel|manta|kraken|shell|anchor"
)
_AFLOAT = _named("ship|boat|galleon|sailboat|raft|canoe|steamer|steamship|longship|frigate|ferry|yacht|submarine")
_SPACE = _named(
    "astronaut|spaceman|alien|ufo|flying saucer|rocket|spaceship|starship|satellite|planet|robot|comet|meteor"
)
#: Seen in the sky, never among others on the ground.
_CELESTIAL = _named("planet|moon|sun|star|cloud|comet|lightning|rainbow|snowflake|galaxy")
#: Never leaves space.
_ORBIT = _named("satellite|space station|orbital station")
#: Hangs in the air wherever there is a sky.
_ALOFT = _named("airship|zeppelin|blimp|hot air balloon|ufo|flying saucer")
#: Part of a wall, or a place of its own: odd in the open.
_FIXED = _named("door|gate|hatch|wall torch|torch on the wall|bridge|ice cave|coffin")
_FURNITURE = _named(
    "bed|table|chair|sofa|couch|bookshelf|bookcase|wardrobe|desk lamp|computer|television|tv|laptop|arcade machine|piano"
    "|candelabra|candlestick"
)
#: Stands under the open sky.
_OUTDOORS = _named(
    "igloo|fountain|well|signpost|sign|notice board|tent|tipi|teepee|camp|campfire|bonfire|tombstone|gravestone|crypt|mausoleum|mansion"
    "|dead tree|sled|sleigh|cabin|fir|street lamp|lamp post|car|wall|tower|cannon|drum barrel|snowman|steam engine"
)
#: Set up on soil, not on paving or planks.
_CAMPED = _named(
    "tent|tipi|teepee|camp|campfire|bonfire|igloo|cabin|tombstone|gravestone|dead tree|sled|sleigh|well|crypt"
)
#: Too large to lie about.
_HOUSE = _named("house|mansion|cabin|crypt|mausoleum|tower|wall|igloo|car")
#: Creatures that may be in a room; the others are too large or too wild.
_HOUSEHOLD = _named("cat|dog|puppy|kitty|rabbit|bunny|mouse|ghost|spirit|spider|parrot|slime|snake|imp|frog|monster")
#: Plants no taller than a knee.
_LOW = ("flower", "mushroom")
#: How high company stands, as a share of what a main subject has: by role, and by family where it is small of nature.
_ROLE_SCALE = {"behind": 1.1, "things": 0.8, "flyer": 0.75, "swimmer": 0.7}
_FAMILY_SCALE = {"flower": 0.6, "mushroom": 0.6, "animal": 0.72, "bird": 0.75, "bat": 0.75, "snake": 0.72, "slime": 0.8}


def names(part: Part) -> str:
    """All the names of a subject in one text."""
    return " ".join(part.words.nouns)


def habitat(part: Part) -> str:
    """Where it lives: "ground", "sea" (afloat) or "deep" (under water)."""
    text = names(part)
    if part.family.kind in ("vehicle", "building") and _AFLOAT.search(text):
        return "deep" if "submarine" in text else "sea"
    return "deep" if part.family.kind in ("creature", "character") and _DEEP.search(text) else "ground"


def swims(part: Part) -> bool:
    """Whether it swims in the water of a scene rather than walks its bed."""
    return (
        part.family.kind in ("creature", "character", "vehicle")
        and habitat(part) == "deep"
        and "crab" not in names(part)
    )


def fixed(part: Part) -> bool:
    """Whether it is part of a building, hangs from something or is a place of its own, so that it cannot stand in a scene."""
    return bool(_FIXED.search(names(part))) or part.params.get("pose") == "hanging"


def celestial(part: Part) -> bool:
    """Whether it is a thing of the sky."""
    return bool(_CELESTIAL.search(names(part)))


def hovers(part: Part, place: Place) -> bool:
    """Whether a main subject hangs in the sky of the place."""
    return not place.inside and place.habitat[0] in ("ground", "sea") and bool(_ALOFT.search(names(part)))


def in_flight(family: Family) -> dict[str, Any]:
    """Parameter values that show a subject of a family flying, where it can be shown so."""
    values = {"pose": ("flying", "wings up"), "perch": ("none",)}
    return {
        k: v
        for k, wanted in values.items()
        if k in family.parameters
        for v in wanted
        if v in family.parameters[k].values
    }


def company_scale(family: Family, role: str) -> float:
    """Height of company as a share of what it would have as the main subject."""
    return _ROLE_SCALE.get(role, 0.9) * _FAMILY_SCALE.get(family.name, 1.0)


def _potted(p: Params) -> bool:
    return p.get("stand") in ("pot", "vase") or p.get("ground") == "pot"


def suits(part: Part, place: Place) -> bool:
    """Whether a subject can be in a place at all."""
    kind, text, lives = part.family.kind, names(part), habitat(part)
    if _ORBIT.search(text) and place.name != "space":
        return False
    if place.name in ("space", "moon"):
        return bool(_SPACE.search(text) or _ORBIT.search(text)) and (
            place.name == "space" or kind == "character" or "robot" in text or "alien" in text
        )
    if lives not in place.habitat or {*part.noun.split()} & {*place.shows}:
        return False
    if _FURNITURE.search(text):
        return place.name == "interior"
    if place.inside and kind != "character" and _OUTDOORS.search(text):
        return False
    if place.name == "interior":
        if kind == "creature":
            return bool(_HOUSEHOLD.search(text))
        return kind in ("character", "object", "item") or (kind == "plant" and _potted(part.params))
    if place.inside:
        return kind not in ("building", "vehicle", "plant") or place.name == "underwater"
    if place.name in ("rooftop", "bridge", "wooden bridge"):
        return kind not in ("building", "plant", "vehicle") and not _CAMPED.search(text)
    return place.name != "street" or not _CAMPED.search(text)


def place_for(part: Part, genre: str, rng: Rng) -> Place:
    """A place the subject can be in, of its genre where there is one."""
    built = part.family.kind in ("building", "vehicle", "object")
    fits = [place for place in PLACES.values() if suits(part, place)] or [PLACES["meadow"]]
    weights = []
    for p in fits:
        rank = p.genres.index(genre) if genre in p.genres else None
        weight = p.weight * ((0.02 if built else 0.08) if rank is None else 1 + 3 / (1 + rank))
        weights.append(weight * (4 if p.name in ("space", "moon", "underwater", "sea") else 1))
    return rng.choice(fits, weights)


def keeps_company(part: Part, role: str, place: Place, genre: str, rng: Rng) -> bool:
    """Whether a subject may join a scene of a genre in a role: one of its world, that stands, flies or swims as the role wants."""
    text, kind = names(part), part.family.kind
    if part.words.plural or fixed(part) or (celestial(part) and place.name != "space"):
        return False
    if role == "swimmer":
        return habitat(part) == "deep"
    if role == "flyer":
        if not _FLYING.search(text) or (place.name == "space" and not (_SPACE.search(text) or _ORBIT.search(text))):
            return False
        if any(part.params[k] != v for k, v in in_flight(part.family).items()) or part.params.get("wings") == "none":
            return False  # it cannot be shown in flight
        if _ORBIT.search(text) and place.name != "space":
            return False
    if role in ("beside", "behind") and part.family.name in _LOW:
        return False
    if role != "flyer" and (not suits(part, place) or _ALOFT.search(text)):
        return False
    if role == "things" and _HOUSE.search(text):
        return False
    stray = kind in ("character", "creature") and rng.chance(0.06)
    return stray or genre in genres_of(part.family, part.words.nouns)
