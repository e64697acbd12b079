"""Dressed people and demon lords of Dungeon Crawl, stacked from the game's own layers with exact part masks.

The player's layers (base, cloak, boots, legs, body, gloves, hair, beard, head, hands) share one origin and are drawn in
the game's order; each figure comes from its own seed, so the same checkout gives the same people.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from pixelmind.data.captions import describe, is_plural, unique, with_article, words_from_stem
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.images import load_rgba

LICENCE, CREDIT = "CC0-1.0", "Dungeon Crawl Stone Soup tile artists (see ARTISTS.md)"
_TABLES = tomllib.loads((Path(__file__).parent / "crawl_dolls.toml").read_text(encoding="utf-8"))
COUNT, DEMONS = 640, 96
_SEX = {"m": "male", "f": "female"}
#: Garment -> mask class, in the order of drawing.
CLASSES = {
    "cloak": "cape",
    "skin": "body",
    "footwear": "feet",
    "legwear": "legs",
    "torso": "torso",
    "gloves": "hands",
    "hair": "hair",
    "beard": "beard",
    "headwear": "hat",
    "weapon": "weapon",
    "shield": "shield",
}
PARTS = ("background", *CLASSES.values())
_RACES: dict[str, str] = _TABLES["races"]
_HAIRY = {"human", "elf", "deep elf", "gnome", "halfling", "demigod", "vampire", "dwarf", "pale deep dwarf"}
_HAIR: dict[str, str] = _TABLES["hair"]
_BODY: dict[str, str] = _TABLES["body"]
_LEGS: dict[str, str] = _TABLES["legs"]
_BOOTS: dict[str, str] = _TABLES["boots"]
_GLOVES: dict[str, str] = _TABLES["gloves"]
_HEAD: dict[str, str] = _TABLES["head"]
_CLOAKS: dict[str, str] = _TABLES["cloak"]
_HAND1: dict[str, str] = _TABLES["hand1"]
_HAND2: dict[str, str] = _TABLES["hand2"]
_TWO_HANDED = re.compile(
    r"bow$|arbalest|great_|giant_|lance|pike|halberd|bardiche|glaive|scythe|staff|executioner|spear|trident"
)


def dolls(tiles: Path) -> Iterator[RawSprite | Skipped]:
    """Yield `COUNT` dressed people, each from its own seed: a race and sex, then garments in the game's order."""
    base = tiles / "player/base"
    bodies = [
        (file, race, sex)
        for stem, race in _RACES.items()
        for sex in "fm"
        if (file := next((f for s in ("", "0") if (f := base / f"{stem}_{sex}{s}.png").is_file()), None)) is not None
    ]
    if not bodies:
        return
    seen: set[tuple[str, ...]] = set()
    for number in range(COUNT):
        rng = random.Random(f"crawl-doll-{number}")
        file, race, sex = bodies[number % len(bodies)] if rng.random() < 0.4 else rng.choice(bodies)
        layers, words = _dress(rng, tiles / "player", file, race, sex)
        key = tuple(str(layer[1]) for layer in layers)
        if key in seen or not words.keys() & {"torso", "legwear"}:
            continue
        seen.add(key)
        canvas = np.zeros((32, 32, 4), np.uint8)
        mask = np.zeros((32, 32), np.uint8)
        for part, path in layers:
            rgba = load_rgba(path)
            if rgba is None or rgba.shape != canvas.shape:
                yield Skipped(path=path.name, reason="layer of another size")
                continue
            on = rgba[..., 3] >= 128
            canvas[on], mask[on] = rgba[on], PARTS.index(CLASSES[part])
        tags = {"kind": "character", "style": "crawl", "genre": "fantasy", "subject": race, "view": "front"}
        yield RawSprite(
            rgba=canvas,
            captions=_doll_captions(rng, race, sex, words),
            source="crawl",
            licence=LICENCE,
            credit=CREDIT,
            tags=tags,
            mask=mask,
            mask_names=PARTS,
            params={"layers": [p.relative_to(tiles).as_posix() for _, p in layers]},
        )


def _dress(
    rng: random.Random, root: Path, base: Path, race: str, sex: str
) -> tuple[list[tuple[str, Path]], dict[str, str]]:
    """Choose garments. Returns the layers from back to front and the words of each part worn."""
    worn: dict[str, tuple[Path, str]] = {}

    def put(part: str, folder: str, names: dict[str, str], chance: float, fits: Callable[[str], bool] = bool) -> None:
        choices = [n for n, text in names.items() if text and fits(n) and (root / folder / f"{n}.png").is_file()]
        if choices and rng.random() < chance:
            name = rng.choice(choices)
            worn[part] = (root / folder / f"{name}.png", names[name])

    put("torso", "body", _BODY, 0.97, lambda n: sex == "f" or not re.search("bikini|dress|arwen|skirt", n))
    long = "torso" in worn and re.search("robe|dress|coat|armour_mummy|monk", worn["torso"][1])
    put("legwear", "legs", _LEGS, 0.25 if long else 0.9, lambda n: sex == "f" or "skirt" not in n)
    put("footwear", "boots", _BOOTS, 0.8)
    put("gloves", "gloves", _GLOVES, 0.35)
    put("cloak", "cloak", _CLOAKS, 0.3)
    hooded = "torso" in worn and "hood" in worn["torso"][1]
    if not hooded:
        if race in _HAIRY:
            feminine = re.compile("fem|pigtail|ponytail|knot|elf")
            put("hair", "hair", _HAIR, 0.85, lambda n: bool(feminine.search(n)) == (sex == "f"))
        if sex == "m" and "dwarf" in race:
            put("beard", "beard", {"pj": "beard"}, 0.8)
        put("headwear", "head", _HEAD, 0.45)
    put("weapon", "hand1", _HAND1, 0.75)
    if "weapon" not in worn or not _TWO_HANDED.search(worn["weapon"][0].stem):
        put("shield", "hand2", _HAND2, 0.4)
    over = "legwear" in worn and "skirt" in worn["legwear"][1]
    order = ["cloak", "skin", *(["footwear", "legwear"] if over else ["legwear", "footwear"]), *list(CLASSES)[4:]]
    worn["skin"] = (base, "")
    layers = [(part, worn[part][0]) for part in order if part in worn]
    return layers, {part: text for part, (_, text) in worn.items() if text}


def _doll_captions(rng: random.Random, race: str, sex: str, words: dict[str, str]) -> tuple[str, ...]:
    """Three wordings: all that is seen, the main things, and the shortest."""
    who = f"{_SEX[sex]} {race}"
    hair = [words[p] for p in ("hair", "beard") if p in words and (p == "beard" or "headwear" not in words)]
    hair = [h if is_plural(h) or h.endswith("hair") or "hair in" in h else with_article(h) for h in hair]
    clothes = [
        with_article(words[p]) for p in ("torso", "legwear", "footwear", "gloves", "headwear", "cloak") if p in words
    ]
    held = [with_article(words[p]) for p in ("weapon", "shield") if p in words]
    with_hair = f" with {_join(hair)}" if hair else ""
    holding = f" {rng.choice(['holding', 'carrying'])} {_join(held)}" if held else ""
    full = f"{with_article(who)}{with_hair} wearing {_join(clothes)}{holding}"
    main = [with_article(words[p]) for p in ("torso", "headwear") if p in words] or clothes[:1]
    short = f"{with_article(who)}{with_hair} in {_join(main)}{f' with {held[0]}' if held else ''}"
    first = words.get("torso") or next(iter(words.values()))
    return unique([short, full, f"{race} in {with_article(first)}", who])


def _join(things: list[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}" if things else "nothing"


_HEADS = {"hair": "hair", "horns": "horns", "tentacles": "tentacled head", "eyestalk": "head of eyestalks"}
_WINGS = {"knobs": "knobbly", "medium": ""}


def demons(folder: Path) -> Iterator[RawSprite]:
    """Pandemonium lords: wings behind a body under a head, the game's own three layers."""
    groups = {p: sorted(folder.glob(f"demon_{p}_*.png")) for p in ("wings", "body", "head")}
    if not groups["body"] or not groups["head"]:
        return
    for number in range(DEMONS):
        rng = random.Random(f"crawl-demon-{number}")
        chosen = {p: rng.choice(g) for p, g in groups.items() if g and (p != "wings" or rng.random() < 0.6)}
        canvas, mask = np.zeros((48, 32, 4), np.uint8), np.zeros((48, 32), np.uint8)
        for part, path in chosen.items():
            rgba = load_rgba(path)
            if rgba is None or rgba.shape != canvas.shape:
                continue
            on = rgba[..., 3] >= 128
            canvas[on], mask[on] = rgba[on], ("background", "wings", "body", "head").index(part)
        said = {p: " ".join(words_from_stem(f.stem)[2:]) for p, f in chosen.items()}
        head = _HEADS.get(said["head"], f"{said['head']} head")
        head = head if head.endswith(("hair", "horns")) else with_article(head)
        wings = f" and {_WINGS.get(said['wings'], said['wings'])} wings".replace("  ", " ") if "wings" in said else ""
        body = {
            "normal": "",
            "crouch": "crouching ",
            "armour": "armoured ",
            "caterpillar": "caterpillar-bodied ",
            "mantis": "mantis-bodied ",
            "succubus": "",
            "spotty": "spotted ",
        }.get(said["body"], said["body"] + " ")
        text = f"{body}demon with {head}{wings}"
        yield RawSprite(
            rgba=canvas,
            captions=describe(text, rgba=canvas, extra=[f"{body}demon lord"]),
            source="crawl",
            licence=LICENCE,
            credit=CREDIT,
            mask=mask,
            mask_names=("background", "wings", "body", "head"),
            tags={"kind": "creature", "style": "crawl", "genre": "fantasy", "subject": "demon lord"},
            params={"layers": [p.name for p in chosen.values()]},
        )
