"""Importer for Shattered Pixel Dungeon's sheets: items by rectangle, creatures by their first frame, heroes by armour.

items_rects.json and mob_frames.json (derived) say where; on a plain checkout both are read from the game's own Java
(ItemSpriteSheet and the creature sprites). GPL-3.0 art: kept for evaluation, never trained on by default.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixelmind.data.captions import describe
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.images import blank, load_rgba
from pixelmind.records import U8

ASSETS = Path("core/src/main/assets")
JAVA = Path("core/src/main/java/com/shatteredpixel/shatteredpixeldungeon/sprites")
_FILES = {
    "troll": "blacksmith",
    "keeper": "shopkeeper",
    "maker": "wandmaker",
    "fists": "yog_fists",
    "imp": "demon",
    "necro": "necromancer",
    "rot_lash": "rot_lasher",
}
_HEROES = ("warrior", "mage", "rogue", "huntress", "duelist", "cleric")
_TIERS = (
    "in plain clothes",
    "in cloth armour",
    "in leather armour",
    "in chain mail",
    "in scale armour",
    "in plate armour",
)
_PEOPLE = {
    "blacksmith",
    "shopkeeper",
    "wandmaker",
    "guard",
    "monk",
    "thief",
    "bandit",
    "warlock",
    "necromancer",
    "king",
}
_WHAT = {
    "dm100": "small mining robot",
    "dm200": "mining robot",
    "dm300": "giant mining robot",
    "pylon": "electric pylon",
    "goo": "black goo blob",
    "yog": "giant evil eye god",
    "fist": "giant fist",
    "king": "dwarf king",
    "undead": "undead dwarf",
    "spinner": "cave spider",
    "ripper": "ripper demon",
    "spawner": "demon spawner",
    "scorpio": "scorpion",
    "eye": "evil floating eye",
    "guardian": "earth guardian statue",
    "lotus": "magic lotus",
    "shaman": "gnoll shaman",
    "brute": "gnoll brute",
    "tengu": "tengu ninja",
    "swarm": "swarm of flies",
    "larva": "yog larva",
    "senior": "senior monk",
    "maker": "old wandmaker",
}
_ITEMS = {
    "trinket cata": "trinket catalyst",
    "shattpot": "shattered honeypot",
    "dbl bomb": "double bomb",
    "telegrab": "telekinetic grab",
    "tele grab": "telekinetic grab spell",
    "seal": "broken seal",
    "kit": "armour kit",
    "mastery": "tome of mastery",
    "choc amulet": "chocolate amulet",
    "stewed": "stewed meat",
    "overpriced": "overpriced ration",
    "alch page": "alchemy page",
    "summon ele": "elemental summoning spell",
    "curse infuse": "curse infusion spell",
    "magic infuse": "magical infusion spell",
    "escape": "escape scroll",
    "geo boulder": "boulder",
    "remains": "pile of remains",
    "gold": "pile of gold coins",
    "seed": "seed",
}
_NOUN_FIRST = ("armor", "ring", "artifact", "scroll", "stone", "potion", "seed", "brew")


def item_name(name: str) -> str:
    """Reading order of an item's id: "ring garnet" -> "garnet ring", "stone fear" -> "runestone of fear"."""
    name = re.sub(r"\d+$", "", name)
    if name in _ITEMS:
        return _ITEMS[name]
    head, _, rest = name.partition(" ")
    if head not in _NOUN_FIRST or not rest:
        return name
    if head == "scroll":
        return f"scroll with the rune {rest}"
    if head == "stone":
        return f"runestone of {rest}"
    if head == "armor":
        return f"{rest} armour" if rest != "mail" else "mail armour"
    if head == "artifact":
        return f"magical {rest}"
    return f"{rest} {head}"


def java_items(text: str) -> list[dict[str, Any]]:
    """Item rectangles of ItemSpriteSheet.java: `GROUP = xy(x, y)`, `NAME = GROUP + n`, `assignItemRect(NAME, w, h)`."""
    width = 16
    at = {
        m[1]: (int(m[2]) - 1) + width * (int(m[3]) - 1)
        for m in re.finditer(r"int (\w+)\s*=\s*xy\((\d+),\s*(\d+)\)", text)
    }
    for m in re.finditer(r"int (\w+)\s*=\s*(\w+)\s*\+\s*(\d+)", text):
        if m[2] in at:
            at[m[1]] = at[m[2]] + int(m[3])
    return [
        {
            "name": m[1].lower().replace("_", " "),
            "x": at[m[1]] % width * 16,
            "y": at[m[1]] // width * 16,
            "w": int(m[2]),
            "h": int(m[3]),
        }
        for m in re.finditer(r"assignItemRect\(\s*(\w+),\s*(\d+),\s*(\d+)\s*\)", text)
        if m[1] in at and not m[1].endswith("HOLDER") and m[1] != "SOMETHING"
    ]


def java_frames(folder: Path) -> dict[str, dict[str, Any]]:
    """Sheet -> frame size and names, from `texture(Assets.Sprites.X)` and `new TextureFilm(texture, w, h)`."""
    out: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*Sprite.java")):
        text = path.read_text(encoding="utf-8", errors="replace")
        sheet = re.search(r"texture\(\s*Assets\.Sprites\.(\w+)\s*\)", text)
        film = re.search(r"new TextureFilm\(\s*texture,\s*(\d+),\s*(\d+)", text)
        if sheet and film:
            name = re.sub(r"(?<!^)(?=[A-Z])", " ", path.stem.removesuffix("Sprite")).lower()
            entry = out.setdefault(sheet[1].lower(), {"frame_w": int(film[1]), "frame_h": int(film[2]), "names": []})
            entry["names"].append(name)
    return out


def _load(root: Path, derived: str, fallback: Any) -> Any:
    path = root / derived
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else fallback()


class ShatteredImporter:
    """Reads a checkout of Shattered Pixel Dungeon."""

    name = "shattered"

    def detect(self, root: Path) -> bool:
        return (root / ASSETS / "sprites/items.png").is_file()

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        sprites = root / ASSETS / "sprites"
        yield from self._items(root, sprites)
        yield from self._creatures(root, sprites)
        for hero in _HEROES:
            sheet = load_rgba(sprites / f"{hero}.png")
            for tier, armour in enumerate(_TIERS if sheet is not None else ()):
                assert sheet is not None
                yield self._cut(
                    sheet, 0, tier * 15, 12, 15, f"{hero} {armour}", "character", "hero", f"{hero}.png:{tier}"
                )

    def _items(self, root: Path, sprites: Path) -> Iterator[RawSprite | Skipped]:
        java = root / JAVA / "ItemSpriteSheet.java"
        rects = _load(
            root, "items_rects.json", lambda: java_items(java.read_text(encoding="utf-8")) if java.is_file() else []
        )
        sheet = load_rgba(sprites / "items.png")
        if sheet is None:
            yield Skipped(path="items.png", reason="unreadable image")
            return
        for rect in rects:
            name = item_name(rect["name"])
            weapon = "food" if re.search(r"meat|ration|pie|cake|fish|berry|pasty|steak|fruit|candy", name) else ""
            yield self._cut(
                sheet, rect["x"], rect["y"], rect["w"], rect["h"], name, "item", weapon, f"items.png:{rect['name']}"
            )

    def _creatures(self, root: Path, sprites: Path) -> Iterator[RawSprite | Skipped]:
        for key, frame in sorted(_load(root, "mob_frames.json", lambda: java_frames(root / JAVA)).items()):
            file = next((f for f in (key, _FILES.get(key, key)) if (sprites / f"{f}.png").is_file()), None)
            sheet = load_rgba(sprites / f"{file}.png") if file else None
            if sheet is None:
                yield Skipped(path=f"{key}.png", reason="no readable sheet")
                continue
            names = [str(n) for n in frame["names"]]
            plain = str(file).replace("_", " ")
            name = next((n for n in (key.replace("_", " "), plain) if n in names), names[0] if names else plain)
            kind = (
                "character"
                if name in _PEOPLE
                else "object"
                if name in ("pylon", "statue", "crystal spire")
                else "creature"
            )
            category = "monster" if kind == "creature" else ""
            yield self._cut(
                sheet,
                0,
                0,
                frame["frame_w"],
                frame["frame_h"],
                _WHAT.get(name, _WHAT.get(key, name)),
                kind,
                category,
                f"{file}.png",
            )

    def _cut(
        self, sheet: U8, x: int, y: int, w: int, h: int, name: str, kind: str, category: str, where: str
    ) -> RawSprite | Skipped:
        rgba = sheet[y : y + h, x : x + w].copy()
        if rgba.shape[:2] != (h, w):
            return Skipped(path=where, reason="rectangle outside the sheet")
        if blank(rgba):
            return Skipped(path=where, reason="empty or flat image")
        return RawSprite(
            rgba=rgba,
            captions=describe(name, rgba=rgba, category=category),
            source=self.name,
            licence="GPL-3.0-or-later",
            credit="Watabou, Evan Debenham and contributors (Shattered Pixel Dungeon)",
            params={"cell": where},
            tags={"kind": kind, "style": "shattered", "genre": "fantasy", "subject": name},
        )


IMPORTER = ShatteredImporter()
