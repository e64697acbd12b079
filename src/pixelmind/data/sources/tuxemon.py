"""Tuxemon: battle creatures (front, back, menu icons), people, items, objects and technique animations.

A creature's invented name tells a reader nothing, so `tuxemon.toml` beside this file says in our own words what is seen
in each picture; the game's JSON (types, shape) fills in what the table lacks. Its tales of a creature show in no picture.
Licences are read per picture from ATTRIBUTIONS.md; what no entry names has the project's own CC-BY-SA-4.0.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from pixelmind.data.captions import (
    accent_color_word,
    clean_caption,
    describe,
    dominant_color_words,
    has_colour_word,
    unique,
    with_article,
)
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.records import U8

PROJECT_LICENCE = "CC-BY-SA-4.0"
VIEW_WORDS = {"front": "front view", "back": "seen from behind", "left": "facing left", "right": "facing right"}
#: (height, width) of the game's cells: battle monsters, people on the map, menu icons and items. Figures keep their place in them.
CELLS = ((64, 64), (32, 16), (24, 24))
#: What the game calls a creature's build, in plain words.
SHAPES = {
    "blob": "blob creature",
    "brute": "hulking monster",
    "dragon": "dragon-like monster",
    "flier": "winged creature",
    "grub": "insect-like creature",
    "humanoid": "humanoid creature",
    "hunter": "predatory beast",
    "landrace": "four-legged animal",
    "leviathan": "giant sea monster",
    "piscine": "fish-like creature",
    "polliwog": "amphibian creature",
    "serpent": "snake-like monster",
    "sprite": "small spirit",
    "varmint": "small animal",
}
TYPES = {"wood": "plant", "aether": "spirit"}
SUFFIX_COLORS = {
    "fiery": "fiery orange",
    "lapi": "turquoise",
    "rose": "pink",
    "violet": "purple",
    "blonde": "blond",
    "copper": "orange",
}
SUFFIX_COLORS |= {
    c: c for c in ["black", "blue", "brown", "gray", "grey", "green", "red", "yellow", "orange", "beige", "olive"]
}
GEM_CUTS = {
    "assymetrical": "small heart-shaped {} gem",
    "emerald": "{} hexagonal crystal",
    "triangular": "{} diamond",
    "triangular2": "{} pointed gem",
}
VIEW_FILE = re.compile(r"^(.*?)_(front|back|left|right)$")
LICENCE_WORDS = (
    (r"GPL ?v?3|gpl-3\.0", "GPL-3.0-or-later"),
    (r"XYG", "LicenseRef-XYG-Open-Source-1.1"),
    (r"CC[ -]BY[ -]SA[ -]3", "CC-BY-SA-3.0"),
    (r"CC[ -]BY[ -]SA", "CC-BY-SA-4.0"),
    (r"CC[ -]BY[ -]4", "CC-BY-4.0"),
    (r"CC[ -]BY", "CC-BY-3.0"),
    (r"CC-?0|Public Domain", "CC0-1.0"),
)


@dataclass(frozen=True)
class _Entry:
    licence: str
    credit: str


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


@lru_cache(maxsize=1)
def tables() -> dict[str, dict[str, str]]:
    """The hand-written words of `tuxemon.toml`: section -> file stem -> what is seen."""
    return tomllib.loads((Path(__file__).parent / "tuxemon.toml").read_text())


def attributions(text: str) -> dict[str, dict[str, _Entry]]:
    """Read ATTRIBUTIONS.md: group (people, creatures, items, effects) -> key of a title -> licence and credit."""
    groups = {
        "Character": "people",
        "Pair": "people",
        "Tuxemon": "creatures",
        "Items": "items",
        "Item Anim": "effects",
        "Technique Anim": "effects",
    }
    out: dict[str, dict[str, _Entry]] = {g: {} for g in set(groups.values())}
    for section in re.split(r"\n#{2,3} ", text):
        group = next((g for head, g in groups.items() if section.startswith(head)), None)
        if group is None:
            continue
        for entry in re.split(r"\n\s*\* ", section)[1:]:
            titles = re.findall(r'\["([^"\]]+)"\]', entry)
            licence = next(
                (spdx for pattern, spdx in LICENCE_WORDS if re.search(pattern, entry, re.I)), PROJECT_LICENCE
            )
            plain = re.sub(r"\[([^\]\s]+(?: [^\]\s]+)*)\]\(<?[^)]*\)?", r"\1", entry)
            by = re.findall(r"\b[Bb]y ([A-Z][\w.\-]*(?: [A-Z][\w.\-]*)*|[a-z][\w\-]+\d*)", plain)
            names = [n.rstrip(".") for n in by if n.lower() not in ("the", "a") and not n.startswith("CC")]
            credit = ", ".join([*dict.fromkeys(names), "Tuxemon contributors"])
            for title in titles:
                out[group].setdefault(_key(title), _Entry(licence, credit))
    return out


def read_po(path: Path) -> dict[str, str]:
    """Read a gettext file: msgid -> msgstr (single and continued lines)."""
    out: dict[str, str] = {}
    if not path.is_file():
        return out
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
        found = re.search(r'^msgid ((?:"[^\n]*"\n?)+)\s*msgstr ((?:"[^\n]*"\n?)+)', block, re.M)
        if found:
            key, value = ("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', part)) for part in found.groups())
            out[key] = value.replace('\\"', '"').replace("\\n", " ")
    return out


def _crop(rgba: U8) -> U8 | None:
    """The visible part of uint8 [H, W, 4]; None where (almost) nothing is visible."""
    seen = rgba[..., 3] >= 128
    if int(seen.sum()) < 12:
        return None
    rows, cols = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    return rgba[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def _split_variant(stem: str, table: dict[str, str]) -> tuple[str, str]:
    """Return (base stem, colour word) of "catgirl_alt1_fiery"."""
    color = ""
    while stem not in table and "_" in stem:
        stem, tail = stem.rsplit("_", 1)
        color = color or SUFFIX_COLORS.get(tail, "")
    return stem, color


def person_words(stem: str, table: dict[str, str]) -> str:
    """The words of a person's sprite; the braces in the table hold the part that colour variants change."""
    base, color = _split_variant(stem, table)
    words = table.get(base, "")
    if base == "cooldude" and color in ("red", "blue"):
        return f"man with sunglasses, a {color} shirt and grey trousers"
    return re.sub(r"\{(.*?)\}", color or r"\1", words)


class TuxemonImporter:
    """Reads a Tuxemon checkout (`mods/tuxemon/...`)."""

    name = "tuxemon"

    def detect(self, root: Path) -> bool:
        """Return whether `root` is a Tuxemon checkout."""
        return (root / "mods/tuxemon/gfx/sprites/battle").is_dir()

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        """Yield creatures, people, items, objects and effects, in path order within each group."""
        mod = root / "mods/tuxemon"
        notes = root / "ATTRIBUTIONS.md"
        credits = attributions(notes.read_text(errors="replace")) if notes.is_file() else attributions("")
        texts = read_po(mod / "l18n/en_US/LC_MESSAGES/base.po")
        for path in sorted(mod.glob("gfx/sprites/battle/*.png")):
            yield self._creature(root, path, mod, credits["creatures"])
        for folder, table in (("gfx/sprites/player", "people"), ("sprites", "overworld")):
            for path in sorted((mod / folder).glob("*.png")):
                yield self._person(root, path, tables()[table], credits["people"])
        for path in sorted(mod.glob("gfx/items/*.png")):
            yield self._item(root, path, texts, credits["items"])
        for path in sorted(mod.glob("sprites_obj/*.png")):
            words = tables()["objects"].get(path.stem, "")
            kind = "creature" if path.stem in ("drokoro", "volcoli") else "object"
            yield self._make(root, path, kind, words, credits["items"], path.stem)
        for path in sorted(mod.glob("animations/*/*.png")):
            yield self._effect(root, path, credits["effects"])
        for path in sorted(mod.glob("gfx/tilesets/*")):
            if path.suffix.lower() == ".png":
                yield Skipped(path=str(path.relative_to(root)), reason="tileset of many things without names")

    def _creature(self, root: Path, path: Path, mod: Path, credits: dict[str, _Entry]) -> RawSprite | Skipped:
        slug, _, part = path.stem.rpartition("-")
        facts_file = mod / f"db/monster/{slug}.json"
        facts = json.loads(facts_file.read_text()) if facts_file.is_file() else {}
        types = [TYPES.get(t, t) for t in facts.get("types", [])]
        shape = SHAPES.get(facts.get("shape", ""), "monster")
        words = tables()["creatures"].get(slug, "")
        view = part if part in ("front", "back") else ""
        tail = f", {VIEW_WORDS[view]}" if view else ", small icon"
        rgba = _read(path)
        if isinstance(rgba, str):
            return Skipped(path=str(path.relative_to(root)), reason=rgba)
        build = f"{types[0]}-type {shape}" if types else shape
        colors = " and ".join(dominant_color_words(rgba))
        measured = f"{colors} {build}".strip()
        captions = [f"{words or measured}{tail}", with_article(words or measured)]
        # the game's types and shapes are rules of play: its wooden door is of metal and a "small spirit"
        accent = "" if has_colour_word(words) else accent_color_word(rgba)
        told = [
            words or build,
            "" if "monster" in (words or build) else "monster",
            "" if has_colour_word(words) else colors,
            f"touches of {accent}" * bool(accent),
        ]
        captions.append(", ".join(t for t in told if t) + tail)
        return self._make(root, path, "creature", words or measured, credits, slug, view, unique(captions), rgba)

    def _person(self, root: Path, path: Path, table: dict[str, str], credits: dict[str, _Entry]) -> RawSprite | Skipped:
        stem, view = path.stem, "front"
        found = VIEW_FILE.match(stem) or re.match(r"^(.*?)_(back)(?:_alt\d)?$", stem)
        if found and stem not in table:
            stem, view = found[1], found[2]
        words = person_words(stem, table)
        base, _ = _split_variant(stem, table)
        monsters = ("brute", "landrace", "landbird", "varmint", "rockitten", "firenymph")
        kind = "creature" if base in monsters and "sprites/player" not in str(path) else "character"
        captions = (f"{words}, {VIEW_WORDS[view]}", with_article(words)) if words else ()
        return self._make(root, path, kind, words, credits, base, view, unique(captions))

    def _item(self, root: Path, path: Path, texts: dict[str, str], credits: dict[str, _Entry]) -> RawSprite | Skipped:
        stem = path.stem
        words = tables()["items"].get(stem, "")
        gem = re.match(r"gem_([a-z]+)_([a-z]+2?)$", stem)
        if gem:
            words = GEM_CUTS[gem[2]].format(gem[1])
        if stem.startswith("tuxeball"):
            rgba = _read(path)
            colors = [] if isinstance(rgba, str) else dominant_color_words(rgba)
            words = f"{' and '.join(colors)} capture ball".strip()
        title = texts.get(stem.replace("-", "_"), "")
        entry = credits.get(_key(title)) or credits.get(_key(stem))
        return self._make(root, path, "item", words or clean_caption(title), {_key(stem): entry} if entry else {}, stem)

    def _effect(self, root: Path, path: Path, credits: dict[str, _Entry]) -> RawSprite | Skipped:
        base = re.sub(r"_\d+$", "", path.stem)
        bare = re.sub(r"_\d{2,3}$", "", base)
        entry = credits.get(_key(base)) or credits.get(_key(bare))
        kind = "icon" if bare.startswith(("buff", "calling", "clock")) else "effect"
        return self._make(
            root, path, kind, tables()["effects"].get(bare, ""), {_key(bare): entry} if entry else {}, bare
        )

    def _make(
        self,
        root: Path,
        path: Path,
        kind: str,
        words: str,
        credits: dict[str, _Entry],
        key: str,
        view: str = "",
        captions: tuple[str, ...] = (),
        rgba: U8 | str | None = None,
    ) -> RawSprite | Skipped:
        shown = str(path.relative_to(root))
        if not words:
            return Skipped(path=shown, reason="no words for it")
        rgba = _read(path) if rgba is None else rgba
        if isinstance(rgba, str):
            return Skipped(path=shown, reason=rgba)
        entry = credits.get(_key(key)) or _Entry(PROJECT_LICENCE, "Tuxemon contributors")
        tags = {"kind": kind, "style": "tuxemon", "genre": "modern", "subject": words}
        if view:
            tags["view"] = view
        if not captions:
            captions = describe(words, rgba=None if has_colour_word(words) else rgba)
        return RawSprite(
            rgba=rgba,
            captions=captions,
            source=self.name,
            licence=entry.licence,
            credit=entry.credit,
            tags=tags,
            params={"path": shown},
        )


def _read(path: Path) -> U8 | str:
    """An image of one of the game's cell sizes as it is, the visible part of others, or why there is none."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            rgba = np.asarray(image.convert("RGBA"), dtype=np.uint8)
    except (OSError, ValueError) as error:
        return f"unreadable image: {error}"
    cropped = _crop(rgba)
    if cropped is None:
        return "nearly empty"
    if rgba.shape[:2] in CELLS:
        return rgba
    h, w = cropped.shape[:2]
    if max(h, w) > 256:
        return "larger than 256 px"
    if min(h, w) < 8:
        pad_h, pad_w = max(0, 8 - h), max(0, 8 - w)
        cropped = np.pad(cropped, ((pad_h // 2, pad_h - pad_h // 2), (pad_w // 2, pad_w - pad_w // 2), (0, 0)))
    return cropped


IMPORTER = TuxemonImporter()
