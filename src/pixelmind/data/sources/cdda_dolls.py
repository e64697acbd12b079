"""Dressed people of the UltiCa set: worn layers stacked on a body of the same origin, with exact part masks."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pixelmind.data.captions import noun_last, unique, with_article, words_from_stem
from pixelmind.data.sources.base import RawSprite
from pixelmind.data.sources.images import load_rgba

COUNT = 480
ROOT = Path("UltimateCataclysm/pngs_human_body_32x36/overlay")
#: Garment -> mask class, in the order of drawing.
CLASSES = {
    "skin": "body",
    "legwear": "legs",
    "footwear": "feet",
    "torso": "torso",
    "coat": "torso",
    "gloves": "hands",
    "hair": "hair",
    "headwear": "hat",
}
PARTS = ("background", *dict.fromkeys(CLASSES.values()))
#: Part -> folders under worn/ (drawn in the order of CLASSES), and the chance that it is worn.
_WARDROBE: dict[str, tuple[tuple[str, ...], float]] = {
    "legwear": (("trousers", "shorts"), 1.0),
    "footwear": (("boots", "shoes"), 0.9),
    "torso": (("shirts", "dresses_skirts", "bodysuits", "armour_antique", "robes"), 1.0),
    "coat": (("jackets_coats", "capes-cloaks", "armour_modern"), 0.45),
    "gloves": (("gloves",), 0.3),
    "headwear": (("hats_and_helmets",), 0.5),
}
_WHOLE = re.compile(r"dress|suit|gi$|jumpsuit|robe|armor|yukata")
_NOT_TORSO = re.compile(r"arm|leg|feet|hand|coif|helmet|greave|skirt|guard|exosk|rig$|gauntlet|boots|hood|mask|helm\b")
_NOISE = frozenset(("overlay", "female", "male", "worn", "mf", "robofac", "xl", "on", "va", "fp"))
_PLAIN = {
    "motor": "motorcycle",
    "armored": "armoured",
    "eod": "bomb",
    "faux": "fake",
    "tshirt": "t-shirt",
    "acidchitin": "chitin",
    "clownshoes": "clown shoes",
    "felinesuit": "cat suit",
    "wolfsuit": "wolf suit",
    "firehelmet": "fire helmet",
    "longshirt": "long shirt",
    "subsuit": "diving suit",
    "glove": "gloves",
}
_HEADS = frozenset(
    [
        "pants",
        "boots",
        "gloves",
        "cloak",
        "cape",
        "hat",
        "helmet",
        "jacket",
        "coat",
        "shirt",
        "suit",
        "skirt",
        "dress",
        "vest",
        "jeans",
        "shorts",
        "sandals",
        "shoes",
        "armor",
        "robe",
        "sweater",
        "glove",
        "longcoat",
        "trenchcoat",
    ]
)


#: Garments that the words of their files put badly.
_GARMENTS = {
    "aep suit": "futuristic suit",
    "ballistic vest esapi": "armoured ballistic vest",
    "blue pants pants": "blue pants",
    "bike helmet": "bicycle helmet",
    "boy shorts": "tight shorts",
    "diving suit extra large": "diving suit",
    "enviro suit": "protective suit",
    "evac jacket": "orange rescue jacket",
    "kevlar": "kevlar vest",
    "long over eye black hair": "long black hair over one eye",
    "motorbike boots": "motorcycle boots",
    "motorbike pants": "motorcycle pants",
    "peacoat": "pea coat",
    "rollerblades": "roller blades",
    "sharksuit": "shark suit",
    "tank top cheerleader": "cheerleader's top",
    "trenchcoat": "trench coat",
    "trousers bomb": "bomb trousers",
    "army winter pants": "winter army pants",
}


def _phrase(stem: str) -> str:
    words = [w for w in words_from_stem(stem) if w not in _NOISE]
    words = noun_last([_PLAIN.get(w, w) for w in words], _HEADS)
    front = [w for w in words if w in ("light", "heavy", "white", "black", "red", "blue")]
    text = " ".join([*front, *(w for w in words if w not in front)])
    return _GARMENTS.get(text, text)


def _clothes(root: Path, sex: str) -> dict[str, list[tuple[Path, str]]]:
    """Part -> layers that fit a sex, each with its words."""
    other = "m" if sex == "f" else "f"
    out: dict[str, list[tuple[Path, str]]] = {}
    for part, (folders, _) in _WARDROBE.items():
        for folder in folders:
            for path in sorted((root / "worn" / folder).rglob("*.png")):
                stem = path.stem
                if (
                    stem.endswith(f"_{other}")
                    or (sex == "m" and "_female_" in stem)
                    or (sex == "f" and "_male_" in stem)
                ):
                    continue
                if (part in ("torso", "coat") and _NOT_TORSO.search(stem)) or "_var_" in stem:
                    continue
                phrase = _phrase(re.sub(r"_(m|f|mf|male|female)$", "", stem))
                if phrase:
                    out.setdefault(part, []).append((path, phrase))
    return out


def dolls(gfx: Path) -> Iterator[RawSprite]:
    """`COUNT` people, each from its own seed, where the set is present."""
    root = gfx / ROOT
    bodies = {s: sorted((root / "skin").glob(f"skin_*_{s}.png")) for s in "fm"}
    if not bodies["f"] or not bodies["m"]:
        return
    wardrobe = {s: _clothes(root, s) for s in "fm"}
    hair = sorted((root / "hair").rglob("*.png"))
    seen: set[tuple[str, ...]] = set()
    for number in range(COUNT):
        rng = random.Random(f"cdda-doll-{number}")
        sex = "fm"[number % 2]
        worn: dict[str, tuple[Path, str]] = {"skin": (rng.choice(bodies[sex]), "")}
        for part, (_, chance) in _WARDROBE.items():
            if wardrobe[sex].get(part) and rng.random() < chance:
                worn[part] = rng.choice(wardrobe[sex][part])
        if "torso" in worn and _WHOLE.search(worn["torso"][1]):
            worn.pop("legwear", None)
        styles = [h for h in hair if ("female" in h.stem) == (sex == "f")] or hair
        if "headwear" not in worn and styles and rng.random() < 0.85:
            path = rng.choice(styles)
            worn["hair"] = (path, _hair(path.stem))
        layers = [(p, worn[p][0]) for p in CLASSES if p in worn]
        key = tuple(p.name for _, p in layers)
        if key in seen:
            continue
        seen.add(key)
        canvas, mask = np.zeros((36, 32, 4), np.uint8), np.zeros((36, 32), np.uint8)
        for part, path in layers:
            rgba = load_rgba(path)
            if rgba is not None and rgba.shape == canvas.shape:
                on = rgba[..., 3] >= 128
                canvas[on], mask[on] = rgba[on], PARTS.index(CLASSES[part])
        words = {p: t for p, (_, t) in worn.items() if t}
        tags = {
            "kind": "character",
            "style": "ultica",
            "genre": "post-apocalyptic",
            "subject": "person",
            "view": "front",
        }
        yield RawSprite(
            rgba=canvas,
            captions=_captions("woman" if sex == "f" else "man", words),
            source="cdda",
            licence="CC-BY-SA-3.0",
            credit="UltiCa tileset artists (CDDA-Tilesets)",
            tags=tags,
            mask=mask,
            mask_names=PARTS,
            params={"layers": [p.relative_to(gfx).as_posix() for _, p in layers]},
        )


def _hair(stem: str) -> str:
    style = re.sub(r"^.*hair_|_var_\w+$", "", stem).replace("_", " ")
    colour = stem.rsplit("_var_", 1)[-1] if "_var_" in stem else ""
    style = {"fro": "afro", "body length": "very long", "extremely long": "very long", "medium": "medium-long"}.get(
        style, style
    )
    nouns = {"afro": "afro", "mullet": "mullet", "ponytail": "ponytail", "puffs": "hair puffs"}
    text = f"{colour} {nouns[style]}" if style in nouns else f"{style} {colour} hair"
    return _GARMENTS.get(text, text)


def _captions(who: str, words: dict[str, str]) -> tuple[str, ...]:
    clothes = [
        with_article(words[p]) for p in ("torso", "legwear", "coat", "footwear", "gloves", "headwear") if p in words
    ]
    hair = f" with {with_article(words['hair'])}" if "hair" in words else ""
    main = [with_article(words[p]) for p in ("coat", "torso") if p in words][:1]
    hat = f" and {with_article(words['headwear'])}" if "headwear" in words else ""
    full = f"{', '.join(clothes[:-1])} and {clothes[-1]}" if len(clothes) > 1 else clothes[0]
    return unique(
        [f"a {who}{hair} in {main[0]}{hat}", f"a {who}{hair} wearing {full}", f"{who} in {main[0]}", f"a {who}"]
    )
