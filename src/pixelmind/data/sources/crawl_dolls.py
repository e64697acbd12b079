"""Dressed people and demon lords of Dungeon Crawl, stacked from the game's own layers with exact part masks.

The player's layers (base, cloak, boots, legs, body, gloves, hair, beard, head, hands) share one origin and are drawn in the
game's order; each figure comes from its own seed, so the same checkout gives the same people.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from pixelmind.data.captions import describe, is_plural, unique, with_article, words_from_stem
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.images import load_rgba

LICENCE, CREDIT = "CC0-1.0", "Dungeon Crawl Stone Soup tile artists (see ARTISTS.md)"
COUNT, DEMONS = 640, 96
_SEX = {"m": "male", "f": "female"}
PARTS = ("background", "cloak", "skin", "footwear", "legwear", "torso", "gloves", "hair", "beard", "headwear",
         "weapon", "shield")  # fmt: skip
_RACES = {
    "human": "human", "elf": "elf", "deep_elf": "deep elf", "dwarf": "dwarf", "deep_dwarf": "pale deep dwarf",
    "gnome": "gnome", "halfling": "halfling", "demigod": "demigod", "vampire": "vampire", "lorc": "orc",
    "gnoll": "gnoll", "gnoll3": "white-furred gnoll", "kobold2": "kobold", "mummy": "mummy", "ghoul": "ghoul",
    "demonspawn_black": "dark demonspawn", "oni_red": "red-skinned oni", "oni_blue": "blue-skinned oni",
    "oni_green": "green-skinned oni", "tengu_wingless": "bird-headed tengu", "meteoran": "golden-skinned meteoran",
    "frog": "frog person", "vine_stalker_green": "vine stalker",
}  # fmt: skip
_HAIRY = {"human", "elf", "deep elf", "gnome", "halfling", "demigod", "vampire", "dwarf", "pale deep dwarf"}
_HAIR = {"brown1": "brown hair", "brown2": "brown hair", "elf_black": "long black hair", "fem_black": "long black hair",
         "fem_red": "long red hair", "fem_white": "long white hair", "fem_yellow": "long blond hair",
         "knot_red": "red hair in a knot", "pigtail_red": "red pigtails", "pigtails_brown": "brown pigtails",
         "pigtails_yellow": "blond pigtails", "ponytail_yellow": "blond ponytail", "legolas": "blond hair"}  # fmt: skip
_BODY = {
    "animal_skin": "animal skin", "armour_blue_gold": "blue and gold armour", "armour_mummy": "golden armour",
    "arwen": "purple dress", "bikini_red": "red bikini top", "boromir": "dark blue coat", "bplate_green": "green breastplate",
    "bplate_metal1": "metal breastplate", "china_red": "red shirt", "coat_black": "black coat", "coat_red": "red coat",
    "dragonarm_blue": "blue dragon armour", "dragonarm_brown": "brown dragon armour",
    "dragonarm_cyan": "icy dragon armour", "dragonarm_golden": "golden dragon armour",
    "dragonarm_shadow": "black dragon armour", "dragonarm_white": "white dragon armour", "dress_green": "green dress",
    "dress_white": "white dress", "gandalf_g": "gray robe", "gimli": "dark red tunic", "green_chain": "green chain mail",
    "half_plate": "steel plate armour", "half_plate2": "steel plate armour", "half_plate3": "steel plate armour",
    "iron_troll_leather": "gray troll leather armour", "deep_troll_leather": "blue troll leather armour",
    "jacket2": "brown jacket", "jacket3": "red jacket", "jacket_stud": "studded gray jacket",
    "karate": "white karate suit", "leather_green": "green leather armour", "leather_heavy": "heavy leather armour",
    "leather_metal": "black studded leather armour", "leather_red": "red leather armour",
    "leather_stud": "studded leather armour", "legolas": "dark green tunic", "maxwell": "pale green plate armour",
    "metal_blue": "blue metal armour", "monk_black": "black monk's robe", "monk_blue": "blue monk's robe",
    "orange_crystal": "orange crystal armour", "pipin": "navy jacket", "merry": "brown and yellow jacket",
    "plate_and_cloth": "white and blue surcoat over plate", "plate_black": "black plate armour",
    "robe_black": "black robe", "robe_black_gold": "black and gold robe", "robe_black_hood": "hooded black robe",
    "robe_black_red": "black and red robe", "robe_blue": "blue robe", "robe_blue_white": "blue robe with white hems",
    "robe_blue_green": "blue and white robe", "robe_brown": "brown robe", "robe_brown2": "brown robe",
    "robe_clouds": "pale blue robe", "robe_cyan": "teal robe", "robe_gray2": "gray robe", "robe_green": "green robe",
    "robe_green_gold": "green and gold robe", "robe_jester": "red and blue jester's robe", "robe_purple": "purple robe",
    "robe_rainbow": "rainbow robe", "robe_red": "red robe", "robe_red2": "red robe", "robe_red_gold": "red and gold robe",
    "robe_white": "white robe", "robe_white_blue": "white and blue robe", "robe_white_green": "white and green robe",
    "robe_white_red": "white and red robe", "robe_yellow": "yellow robe", "saruman": "white robe",
    "shirt_black": "black shirt", "shirt_blue": "blue shirt", "shirt_check": "checkered shirt",
    "shirt_hawaii": "colourful shirt", "shirt_vest": "shirt and vest", "shirt_white1": "white shirt",
    "shirt_white3": "white shirt", "shirt_white_yellow": "white and yellow shirt", "skirt_onep_grey": "gray dress",
    "vanhel1": "black coat over a white shirt", "vest_red": "red vest", "vest_red2": "red vest", "vines": "robe of vines",
}  # fmt: skip
_LEGS = {"belt_gray": "", "loincloth_red": "red loincloth", "metal_gray": "metal leggings", "metal_green": "green greaves",
         "leg_armour01": "leg armour", "leg_armour02": "leg armour", "pants_black": "black trousers",
         "pants_blue": "blue trousers", "pants_brown": "brown trousers", "pants_darkgreen": "dark green trousers",
         "pants_orange": "orange trousers", "pants_red": "red trousers", "pants_short_brown": "brown shorts",
         "pants_short_gray": "gray shorts", "skirt_blue": "blue skirt", "skirt_green": "green skirt",
         "skirt_red": "red skirt", "skirt_white": "white skirt", "trouser_green": "green trousers"}  # fmt: skip
_BOOTS = {"blue_gold": "blue and gold boots", "middle_brown": "brown boots", "middle_brown2": "brown boots",
          "middle_gold": "golden boots", "middle_gray": "gray boots", "middle_green": "green boots",
          "middle_purple": "purple boots", "short_blue": "blue shoes", "short_brown2": "brown shoes",
          "short_purple": "purple shoes"}  # fmt: skip
_GLOVES = {f"glove_{c}": f"{c} gloves" for c in "black blue brown gold gray orange purple red white".split()}  # noqa: SIM905
_HEAD = {
    "art_dragonhelm": "blue dragon helm", "bandana_ybrown": "bandana", "bear": "bear hood", "black_horn": "black horned helmet",
    "cap_black1": "black cap", "cap_blue": "blue cap", "chain": "chain coif", "cone_blue": "pointed blue hat",
    "cone_red": "red hat", "crown_gold1": "golden crown", "crown_gold2": "golden crown", "crown_gold3": "golden crown",
    "feather_blue": "blue feathered hat", "feather_green": "green feathered hat", "feather_red": "red feathered hat",
    "feather_white": "white feathered hat", "fhelm_gray3": "closed steel helmet", "fhelm_horn2": "horned helmet",
    "full_gold": "golden helmet", "gandalf": "gray wizard hat", "hat_archer": "green archer's hat", "hat_black": "black hat",
    "hat_explorer": "brown explorer's hat", "healer": "white cap", "helm_green": "green helmet",
    "helm_plume": "helmet with a red plume", "helm_red": "red helmet", "hood_cyan": "light blue hood",
    "hood_gray": "gray hood", "hood_green2": "green hood", "hood_orange": "orange hood", "hood_purple": "purple hood",
    "hood_red": "red hood", "iron_red": "red iron helmet", "ninja_black": "black ninja mask", "santa_hat": "santa hat",
    "straw": "straw hat", "turban_brown": "brown turban", "turban_purple": "purple turban", "turban_white": "white turban",
    "viking_brown1": "viking helmet", "viking_gold": "golden viking helmet", "wizard_blackgold": "black wizard hat",
    "wizard_blue": "blue wizard hat", "wizard_brown": "brown wizard hat", "wizard_darkgreen": "green wizard hat",
    "wizard_purple": "purple wizard hat", "wizard_red": "red wizard hat", "wizard_white": "white wizard hat",
}  # fmt: skip
_CLOAKS = {f: f"{f} cloak" for f in "black blue brown cyan gray magenta red white yellow".split()}  # noqa: SIM905
_HAND1 = {
    "axe_double": "double axe", "axe_executioner": "executioner's axe", "axe_short": "short axe", "axe_small": "small axe",
    "battleaxe": "battle axe", "bardiche": "bardiche", "black_sword": "black sword", "black_whip": "black whip",
    "bow": "bow", "broadsword": "broadsword", "club": "club", "dagger": "dagger", "dire_flail": "flail",
    "double_sword": "double sword", "eveningstar": "spiked mace", "falchion": "falchion", "flail_balls": "flail",
    "giant_club": "giant club", "glaive": "glaive", "great_mace": "great mace", "great_staff": "tall staff",
    "great_sword": "great sword", "halberd": "halberd", "hammer": "hammer", "hand_axe": "hand axe",
    "heavy_sword": "heavy sword", "katana_slant": "katana", "lance": "lance", "long_sword_slant": "long sword",
    "mace": "mace", "morningstar": "morningstar", "nunchaku": "nunchaku", "pick_axe": "pickaxe", "pike": "pike",
    "quarterstaff": "quarterstaff", "rapier": "rapier", "scimitar": "scimitar", "scythe": "scythe",
    "short_sword": "short sword", "shortbow": "short bow", "sickle": "sickle", "sling": "sling", "spear": "spear",
    "staff_evil": "dark staff", "staff_mage": "magic staff", "staff_plain": "wooden staff",
    "staff_ring_blue": "staff with a blue ring", "staff_ruby": "staff with a ruby", "staff_skull": "skull staff",
    "staff_fancy": "ornate staff", "trident": "trident", "war_axe": "war axe", "whip": "whip", "arbalest": "crossbow",
}  # fmt: skip
_HAND2 = {
    "buckler_green": "green buckler", "buckler_round": "round buckler", "kite_shield_kite1": "kite shield",
    "kite_shield_kite3": "kite shield", "kite_shield_knight_blue": "blue knight's shield",
    "kite_shield_knight_gray": "gray knight's shield", "kite_shield_knight_rw": "red and white shield",
    "tower_shield_gold": "golden tower shield", "tower_shield_green": "green tower shield",
    "tower_shield_long_red": "long red shield", "tower_shield_quartered": "quartered shield",
    "tower_shield_teal": "teal tower shield", "misc/book_blue": "blue book", "misc/book_red": "red book",
    "misc/book_black": "black book", "misc/book_green": "green book", "misc/lantern": "lantern", "misc/torch": "torch",
}  # fmt: skip
_TWO_HANDED = re.compile(r"bow$|arbalest|great_|giant_|lance|pike|halberd|bardiche|glaive|scythe|staff|executioner|spear|trident")


def dolls(tiles: Path) -> Iterator[RawSprite | Skipped]:
    """`COUNT` dressed people, each drawn from its own seed: a race and sex, then garments put on in the game's order."""
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
            canvas[on], mask[on] = rgba[on], PARTS.index(part)
        tags = {"kind": "character", "style": "crawl", "genre": "fantasy", "subject": race, "view": "front"}
        yield RawSprite(
            rgba=canvas, captions=_doll_captions(rng, race, sex, words), source="crawl", licence=LICENCE, credit=CREDIT,
            tags=tags, mask=mask, mask_names=PARTS, params={"layers": [p.relative_to(tiles).as_posix() for _, p in layers]},
        )  # fmt: skip


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
    order = ["cloak", "skin", *(["footwear", "legwear"] if over else ["legwear", "footwear"]), *PARTS[5:]]
    worn["skin"] = (base, "")
    layers = [(part, worn[part][0]) for part in order if part in worn]
    return layers, {part: text for part, (_, text) in worn.items() if text}


def _doll_captions(rng: random.Random, race: str, sex: str, words: dict[str, str]) -> tuple[str, ...]:
    """Three wordings: all that is seen, the main things, and the shortest."""
    who = f"{_SEX[sex]} {race}"
    hair = [words[p] for p in ("hair", "beard") if p in words and (p == "beard" or "headwear" not in words)]
    hair = [h if is_plural(h) or h.endswith("hair") or "hair in" in h else with_article(h) for h in hair]
    clothes = [with_article(words[p]) for p in ("torso", "legwear", "footwear", "gloves", "headwear", "cloak") if p in words]
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
        head = with_article(f"{said['head']} head") if said["head"] not in ("hair", "horns") else said["head"]
        wings = f" and {said['wings']} wings" if "wings" in said else ""
        body = {"normal": "", "crouch": "crouching ", "armour": "armoured ", "caterpillar": "caterpillar-bodied ",
                "mantis": "mantis-bodied ", "succubus": "", "spotty": "spotted "}.get(said["body"], said["body"] + " ")  # fmt: skip
        text = f"{body}demon with {head}{wings}"
        yield RawSprite(
            rgba=canvas, captions=describe(text, rgba=canvas, extra=[f"{body}demon lord"]), source="crawl",
            licence=LICENCE, credit=CREDIT, mask=mask, mask_names=("background", "wings", "body", "head"),
            tags={"kind": "creature", "style": "crawl", "genre": "fantasy", "subject": "demon lord"},
            params={"layers": [p.name for p in chosen.values()]},
        )  # fmt: skip
