"""Importer for NetHack's text tiles (win/share/*.txt): 16x16 characters with their own colour table and names.

NGPL art: kept for evaluation, never trained on by default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pixelmind.data.captions import describe
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.images import blank
from pixelmind.errors import BadInput
from pixelmind.records import U8

FILES = ("monsters.txt", "objects.txt", "other.txt")
_COLOUR = re.compile(r"^(\S) = \((\d+),\s*(\d+),\s*(\d+)\)")
_TILE = re.compile(r"^# tile (\d+) \((.+)\)\s*$")
_PIECE = re.compile(
    r"^(swallow|explosion|warning|nothing|unexplored|stone$|(main|mines|gehennom|knox|sokoban) walls"
    r"|no door|strange object|valid position|dark part|shield\d)|zap \d|tail\b|generic |invisible monster"
)
#: First object of each class (its true name) -> the noun its appearance is said with.
_CLASSES = {
    "adornment": "{} ring",
    "amulet of ESP": "{} amulet",
    "large box": "",
    "gain ability": "{} potion",
    "enchant armor": "scroll",
    "dig": "{} spellbook",
    "glass / light": "{} wand",
    "gold piece": "",
    "dilithium crystal": "{} gem",
    "luckstone": "{} stone",
    "rock": "",
}
_PROPER = re.compile(r"^(Lord|King|Grand|Arch|Master|Dark|Goblin|Thoth|Minion|Chromatic|Neferet|Shaman|[A-Z])")
_PEOPLE = re.compile(
    r"\b(human|elf|elvenking|shopkeeper|guard|prisoner|oracle|priest|priestess|cleric|soldier|sergeant|lieutenant|captain|watchman"
    r"|nurse|doppelganger|were\w+|archeologist|barbarian|cave dweller|healer|knight|monk|ranger|rogue|samurai|tourist"
    r"|valkyrie|wizard|student|chieftain|neanderthal|attendant|page|abbot|acolyte|hunter|thug|ninja|roshi|guide|warrior"
    r"|apprentice|hobbit|dwarf|gnome|croesus|medusa)\b"
)
_FEATURES = {
    "corridor": "tile",
    "lit corridor": "tile",
    "floor of a room": "tile",
    "ice": "tile",
    "molten lava": "tile",
    "wall of lava": "tile",
    "pool": "tile",
    "water": "tile",
    "air": "tile",
    "cloud": "tile",
    "tree": "plant",
}


def parse_tiles(text: str) -> Iterator[tuple[int, str, U8]]:
    """Yield (number, name, rgba uint8 [16, 16, 4]) of a text tile file; "." is the clear backdrop.

    Raises:
        BadInput: a row uses a character that the colour table does not define, or a tile is not rectangular.
    """
    colours: dict[str, tuple[int, int, int, int]] = {}
    number, name = -1, ""
    rows: list[str] = []
    for line in text.splitlines():
        if (m := _COLOUR.match(line)) is not None and name == "":
            colours[m[1]] = (0, 0, 0, 0) if m[1] == "." else (int(m[2]), int(m[3]), int(m[4]), 255)
        elif (m := _TILE.match(line)) is not None:
            number, name, rows = int(m[1]), m[2], []
        elif line.strip() == "}" and rows:
            widths = {len(r) for r in rows}
            if len(widths) != 1:
                raise BadInput(f"text tile {number} ({name}) has rows of different lengths")
            try:
                pixels = np.array([[colours[c] for c in r] for r in rows], dtype=np.uint8)
            except KeyError as error:
                raise BadInput(f"text tile {number} ({name}) uses {error}, which is not in its colour table") from error
            yield number, name, pixels
            rows = []
        elif name and line.startswith("  ") and not line.lstrip().startswith("#"):
            rows.append(line.strip())


class NethackImporter:
    """Reads the text tiles of a NetHack checkout."""

    name = "nethack"

    def detect(self, root: Path) -> bool:
        return all((root / "win/share" / f).is_file() for f in FILES)

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        for file in FILES:
            form = ""
            seen: set[str] = set()
            for number, name, rgba in parse_tiles(
                (root / "win/share" / file).read_text(encoding="utf-8", errors="replace")
            ):
                where = f"{file}:{number}"
                true = name.rpartition(" / ")[2]
                marker = next((n for n in (name, true) if n in _CLASSES and n not in seen), None)
                if file == "objects.txt" and marker is not None:
                    form = _CLASSES[marker]
                    seen.add(marker)
                if _PIECE.search(name):
                    yield Skipped(path=where, reason="piece, mark or placeholder")
                elif blank(rgba):
                    yield Skipped(path=where, reason="empty or flat image")
                else:
                    subject, kind, category, extra = _describe(file, name, form)
                    proper = category == "fantasy character"
                    yield RawSprite(
                        rgba=rgba,
                        captions=describe(subject, rgba=rgba, category=category, extra=extra, proper=proper),
                        source=self.name,
                        licence="NGPL",
                        credit="NetHack tile artists",
                        params={"tile": where},
                        tags={"kind": kind, "style": "nethack", "genre": "fantasy", "subject": subject},
                    )


def _describe(file: str, name: str, form: str) -> tuple[str, str, str, list[str]]:
    """Subject, kind, category and extra captions of a tile name; `form` is how the object class says its appearance."""
    if file == "monsters.txt":
        who, _, sex = name.partition(",")
        low = who.strip().lower()
        kind = "character" if _PEOPLE.search(low) and not re.search("zombie|mummy|ant$|bee$", low) else "creature"
        sexed = (
            f"{sex.strip()} {low}"
            if kind == "character" and sex.strip() in ("male", "female") and who[0].islower()
            else low
        )
        if _PROPER.match(who):
            return low, "character", "fantasy character", []
        return sexed, kind, "" if kind == "character" else "monster", [low]
    if file == "other.txt":
        text = {"staircase up": "staircase leading up", "staircase down": "staircase leading down"}.get(name, name)
        text = (
            text.replace("branch staircase", "staircase")
            .replace("boom left", "boomerang")
            .replace("boom right", "boomerang")
        )
        text = re.sub(r"^(vertical|horizontal) (open|closed) ", r"\2 ", text)
        kind = _FEATURES.get(name, "effect" if re.search("beam|cloud|field", name) else "object")
        return text.lower(), kind, "dungeon feature" if kind == "object" else "", []
    look, _, true = name.partition(" / ")
    true = (true or look).lower()
    if form == "scroll":
        return "scroll", "item", "magic paper", [f"scroll of {true}"] if " / " in name else []
    if form:
        noun = form.split()[-1]
        said = form.format(look.lower())
        extra = [f"{noun} of {true}"] if noun in ("ring", "potion", "wand", "spellbook") else [true]
        return said, "item", "", extra
    return look.lower(), "item", "", [true] if true != look.lower() else []


IMPORTER = NethackImporter()
