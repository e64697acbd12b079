"""Importer for Angband's tile sheets: cells named by the graf-*.prf and flvr-*.prf tables beside each sheet.

A .prf line is `kind:name…:0xROW:0xCOL` with the top bit set: row and column are the low seven bits. Only the two sheets
with free terms (docs/copying.rst) are read: David Gervais's 32x32 and Adam Bolt's 16x16.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pixelmind.data.captions import describe, with_article
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.images import blank, load_rgba
from pixelmind.records import U8

SHEETS = {
    "gervais": (32, "CC-BY-3.0", "David Gervais", "angband-gervais"),
    "adam-bolt": (16, "LicenseRef-Adam-Bolt", "Adam Bolt", "angband-bolt"),
}
_LINE = re.compile(r"^(feat|monster|object|trap|flavor):(.+):0x([0-9a-f]{2}):0x([0-9a-f]{2})\s*$", re.I)
_OF = {"scroll", "potion", "wand", "staff", "rod", "amulet", "ring", "mushroom"}
_FEATS = {
    "closed": "closed door",
    "open": "open door",
    "broken": "broken door",
    "less": "staircase leading up",
    "more": "staircase leading down",
    "home": "entrance of a home",
    "quartz": "quartz vein wall",
    "magma": "magma vein wall",
    "quartz k": "quartz vein wall with treasure",
    "magma k": "magma vein wall with treasure",
    "granite": "granite wall",
    "perm": "solid stone wall",
    "rubble": "pile of rubble",
    "pass rubble": "low pile of rubble",
    "lava": "lava floor",
    "floor": "dungeon floor",
    "store general": "general store sign",
    "store armor": "armour shop sign",
    "store weapon": "weapon shop sign",
    "store book": "bookseller's sign",
    "store alchemy": "alchemist's shop sign",
    "store magic": "magic shop sign",
    "store black": "black market sign",
    "tree": "tree",
}
_BASES = {
    "canine": "dog-like animal",
    "feline": "cat-like animal",
    "townsfolk": "townsperson",
    "person": "adventurer",
    "humanoid": "humanoid",
    "ancient dragon": "ancient dragon",
    "zephyr hound": "spirit hound",
    "hybrid monster": "hybrid beast",
    "minor demon": "demon",
    "major demon": "great demon",
    "lurker": "lurking creature",
    "quadruped": "four-legged beast",
    "ainu": "angelic spirit",
    "icky thing": "slimy creature",
    "yeek": "small furry creature",
    "quylthulg": "pulsing mound of flesh",
    "creeping coins": "living pile of coins",
    "mold": "mould growth",
    "mushroom": "fungus",
    "insect swarm": "swarm of insects",
    "xorn/xaren": "many-armed stone creature",
    "reptile": "reptile",
    "rodent": "rodent",
    "bird": "bird",
    "spider": "spider",
    "worm": "worm swarm",
    "ghost": "ghost",
}
#: Names that say little or read badly -> what a reader would call the thing.
_NAMES = {
    "night mare": "nightmare horse",
    "amulet of jewel": "jewel amulet",
    "amulet of necklace": "necklace",
    "amulet of pendant": "pendant",
    "nruling": "strange creature",
    "giant grey rat": "giant gray rat",
    "will o' the wisp": "will-o'-the-wisp",
}
_SPELLS = {
    "aggravate monster": "anger",
    "curse armour": "cursed armour",
    "curse weapon": "cursed weapons",
    "detect invisible": "detection",
    "dispel undead": "banishing the undead",
    "enchant armour": "armour enchantment",
    "enchant weapon": "weapon enchantment",
    "enchant weapon to-dam": "weapon enchantment",
    "enchant weapon to-hit": "weapon enchantment",
    "identify rune": "rune identification",
    "remove curse": "curse removal",
    "remove hunger": "satisfying hunger",
    "summon monster": "monster summoning",
    "summon undead": "undead summoning",
    "teleport level": "level teleportation",
}
_PEOPLE = {"townsfolk", "person", "humanoid"}


def parse_prf(text: str) -> Iterator[tuple[str, str, str, int, int]]:
    """Yield (kind, group, name, row, column) of a .prf table; a flavour's name is the comment above its line."""
    comment = ""
    for line in text.splitlines():
        if line.startswith("#"):
            comment = line.lstrip("# ").strip()
            continue
        if (m := _LINE.match(line.strip())) is None:
            continue
        kind, fields = m[1].lower(), m[2].split(":")
        row, column = int(m[3], 16) & 0x7F, int(m[4], 16) & 0x7F
        if kind == "object" and len(fields) == 2:
            yield kind, fields[0], fields[1], row, column
        elif kind == "flavor":
            yield kind, comment.split()[-1].lower() if comment else "", comment, row, column
        elif kind == "feat":
            yield kind, fields[-1], fields[0].lower().replace("_", " "), row, column
        elif kind != "object":
            yield kind, "", fields[0], row, column


def read_bases(path: Path) -> dict[str, tuple[str, bool]]:
    """monster.txt: name in lower case -> (template name, is one of a kind)."""
    if not path.is_file():
        return {}
    out: dict[str, tuple[str, bool]] = {}
    for block in re.split(r"\n(?=name:)", path.read_text(encoding="utf-8", errors="replace")):
        name, base = re.search(r"^name:(.+)$", block, re.M), re.search(r"^base:(.+)$", block, re.M)
        if name and base:
            out[name[1].strip().lower()] = (base[1].strip(), bool(re.search(r"^flags:.*\bUNIQUE\b", block, re.M)))
    return out


def clear_backdrop(rgba: U8, colour: tuple[int, int, int]) -> U8:
    """Make the backdrop of an opaque tile clear: cells of `colour` joined to the border. Inner dark cells stay."""
    back = (rgba[..., :3] == np.array(colour, np.uint8)).all(-1)
    reach = np.zeros_like(back)
    reach[0], reach[-1], reach[:, 0], reach[:, -1] = back[0], back[-1], back[:, 0], back[:, -1]
    while True:
        grown = reach.copy()
        grown[1:] |= reach[:-1]
        grown[:-1] |= reach[1:]
        grown[:, 1:] |= reach[:, :-1]
        grown[:, :-1] |= reach[:, 1:]
        grown &= back
        if (grown == reach).all():
            break
        reach = grown
    out = rgba.copy()
    out[reach] = 0
    return out


class AngbandImporter:
    """Reads the free tile sheets of an Angband checkout (lib/tiles)."""

    name = "angband"

    def detect(self, root: Path) -> bool:
        return any((root / "lib/tiles" / s).is_dir() for s in SHEETS) and (root / "lib/tiles/list.txt").is_file()

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        bases = read_bases(root / "lib/gamedata/monster.txt")
        for sheet, (size, licence, artist, style) in SHEETS.items():
            folder = root / "lib/tiles" / sheet
            image = load_rgba(folder / f"{size}x{size}.png") if folder.is_dir() else None
            if image is None:
                yield Skipped(path=f"lib/tiles/{sheet}", reason="no readable sheet")
                continue
            cells: dict[tuple[int, int], list[tuple[str, str, str]]] = {}
            for table in sorted(folder.glob("graf-*.prf")) + sorted(folder.glob("flvr-*.prf")):
                for kind, group, name, row, column in parse_prf(table.read_text(encoding="utf-8", errors="replace")):
                    cells.setdefault((row, column), []).append((kind, group, name))
            for (row, column), entries in sorted(cells.items()):
                rgba = image[row * size : (row + 1) * size, column * size : (column + 1) * size].copy()
                where = f"{sheet}/{row},{column}"
                if rgba.shape[:2] != (size, size):
                    yield Skipped(path=where, reason="cell outside the sheet")
                    continue
                if sheet == "adam-bolt" and entries[0][0] != "feat":
                    rgba = clear_backdrop(rgba, (14, 14, 14))
                if blank(rgba):
                    yield Skipped(path=where, reason="empty or flat image")
                    continue
                captions, tags = _caption(entries, rgba, bases)
                if not captions:
                    yield Skipped(path=where, reason="no words")
                    continue
                yield RawSprite(
                    rgba=rgba,
                    captions=captions,
                    source=self.name,
                    licence=licence,
                    credit=f"{artist} (Angband)",
                    tags={**tags, "style": style, "genre": "fantasy"},
                    params={"cell": where},
                )


def _object(group: str, name: str) -> str:
    name = re.sub(r"^(pair|set) of ", "", name.strip("[]").lower())
    group = group.lower()
    if group == "flavor" or group in name.split():
        return name
    if group in _OF:
        return _NAMES.get(text := f"{group} of {_SPELLS.get(name, name)}", text)
    if group.endswith("book"):  # their titles stand in no picture
        return group.replace("magic book", "spell book").replace("nature book", "book of nature magic")
    if group == "chest":
        return name if "chest" in name else f"{name} chest"
    if group == "gold":
        return f"pile of {name}"
    return name


def _caption(
    entries: list[tuple[str, str, str]], rgba: U8, bases: dict[str, tuple[str, bool]]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Captions and tags of a cell; several names of one group fall back to the group ("scroll")."""
    kind, group, name = entries[0]
    low = name.lower()
    if low.startswith("<") or low in ("none", "unknown"):
        return (), {}
    low = re.sub(r" of (?:gorgoroth|tindalos|the brownlands|durthang|angmar|carn dum|sauron)$", "", low)
    low = _NAMES.get(low, re.sub(r"^skeleton (.+)$", r"\1 skeleton", low))
    others = list(dict.fromkeys(n for k, _, n in entries[1:] if n != name))
    if kind == "monster":
        base, one = bases.get(name.lower(), ("", False))
        proper = one or ", " in name
        category = _BASES.get(base, base if base and base not in low else "")
        tag = "character" if base in _PEOPLE else "creature"
        tags = {"kind": tag, "subject": low}
        if proper:
            what = category or base or "monster"  # the name shows in no picture; "the queen ant" tells what it is
            title = re.match(r"(?:the|an?) ([a-z -]+?)(?: of .*)?$", low.rpartition(", ")[2])
            return describe(what, rgba=rgba, extra=[with_article(title[1])] if title else ()), tags
        return describe(low, rgba=rgba, category=category), tags
    if kind == "trap":
        text = low if "trap" in low or "rune" in low or "glyph" in low else f"{low} trap"
        return describe(text, rgba=rgba, category="dungeon trap"), {"kind": "object", "subject": text}
    if kind == "feat":
        text = _FEATS.get(low, low)
        full = (rgba[..., 3] >= 128).mean() > 0.97 and not re.search("door|stair|sign|entrance", text)
        tag = "tile" if full else "plant" if text == "tree" else "object"
        dim = "in dim light" if group == "dark" and tag == "tile" else ""
        return describe(text, rgba=rgba, detail=dim), {"kind": tag, "subject": text}
    group = "flavor" if kind == "flavor" else group
    many = len({g for _, g, _ in entries}) == 1 and len(others) > 2
    text = group if many and group in _OF else _object(group, low)
    category = {
        "sword": "blade weapon",
        "polearm": "weapon",
        "hafted": "blunt weapon",
        "bow": "ranged weapon",
        "food": "food",
        "helm": "headgear",
        "boots": "footwear",
        "soft armor": "light armour",
        "hard armor": "metal armour",
        "dragon armor": "scaled armour",
        "digger": "digging tool",
        "light": "light source",
    }.get(group, "")
    return describe(text, rgba=rgba, category=category), {"kind": "item", "subject": text}


IMPORTER = AngbandImporter()
