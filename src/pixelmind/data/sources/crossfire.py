"""Importer for Crossfire's archetypes: 32x32 faces NAME.SET.PDA.png, each licensed by the .LICENSE file beside it.

PDA is a drawing priority, a direction (1 or 5 to 8 for away, 3 right, 5 front, 7 left where four are drawn) and an
animation phase. Names come from face_names.json (derived) or the .arc files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pixelmind.data.captions import describe, noun_last, words_from_stem
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.images import blank, load_rgba

_FACE = re.compile(r"^(?P<name>.+)\.(?P<set>base|clsc)\.(?P<pda>\d\d\w)\.png$")
_LICENCES = (
    (re.compile(r"^cc-?0$"), "CC0-1.0"),
    (re.compile(r"^cc[ -]by[ -]sa[ -]([\d.]+)$"), "CC-BY-SA-{}"),
    (re.compile(r"^cc[ -]by[ -]([\d.]+)$"), "CC-BY-{}"),
    (re.compile(r"^gpl$"), "GPL-2.0-or-later"),
    (re.compile(r"^public domain$"), "LicenseRef-public-domain"),
)
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("monster/humanoid", "character", "person"),
    ("monster", "creature", "monster"),
    ("player", "character", "person"),
    ("armour", "item", "piece of armour"),
    ("weapon", "item", "weapon"),
    ("potion", "item", ""),
    ("spell/potion", "item", ""),
    ("food", "item", "food"),
    ("jewel/gems", "item", "gemstone"),
    ("jewel", "item", ""),
    ("flesh", "item", ""),
    ("skills", "icon", "skill icon"),
    ("spell", "effect", "magical effect"),
    ("exit/magic_portal", "effect", "magical portal"),
    ("wall", "tile", ""),
    ("connect", "tile", ""),
    ("floor", "tile", ""),
    ("ground", "tile", "terrain tile"),
    ("road", "tile", ""),
    ("light", "item", "light"),
    ("gods/items", "item", "magical item"),
    ("crafting", "item", "tool"),
)
_FRAGMENT = re.compile(r"secret|^bul_wall|^lbull?_?wall|^sanctuary|^earthquake$|_(effect)$|bullet")
_NAMES = {
    "cforest": "snowy forest",
    "istone": "ice stone",
    "darkforest": "dark forest",
    "generator": "monster hut",
    "rivlets": "mountain with small streams",
    "wing": "dragon wing",
    "mountain1_snow": "snowy mountain",
    "bulletwall": "bullet wall",
    "block": "block of mercury",
    "spell effect": "magic spell effect",
    "fenx": "fox-tailed elf",
    "whim": "winged halo spirit",
    "smalltroll": "small troll",
    "smallt green": "small green troll",
    "lblue cloak": "light blue cloak",
    "lgrey cloak": "light gray cloak",
    "potionpow": "potion of power",
    "potioncha": "potion of charisma",
    "potioncon": "potion of constitution",
    "potiondex": "potion of dexterity",
    "potionint": "potion of intelligence",
    "potionstr": "potion of strength",
    "potionwis": "potion of wisdom",
    "metalrobe": "metal robe",
    "rustmonster": "rust monster",
    "firebullet": "ball of fire",
    "blackfirebullet": "ball of black fire",
    "large bulletwall": "large bullet wall",
    "gorokh": "red devil",
    "hyper kobold": "fierce kobold",
    "checkered black gray": "black and gray checkered floor",
    "trans cloak": "cloak",
    "skeleton berzerk": "raging skeleton",
    "water vial": "vial of water",
    "bottle of wise water": "bottle of water",
    "gaea's shield of earth": "magical shield of earth",
    "thorin's plate mail": "plate mail",
    "supreme potion of life": "potion of life",
    "resist potion": "potion of resistance",
}
_SHAPES = r"(giant|large|medium|small|tiny)(square|round|tapered)$|ishock|mimm|util|tiny$"
_HEADS = frozenset(("cloak", "potion", "shield", "robe", "sword", "gloves", "bag", "helmet"))
_POSES = {
    "bow": "shooting a bow",
    "singing": "singing",
    "double_sword": "with two swords",
    "sword": "with a sword",
    "karate": "kicking",
    "punching": "punching",
    "praying": "praying",
    "read_scroll": "reading a scroll",
    "spellcasting": "casting a spell",
    "class_warrior": "dressed as a warrior",
}


def parse_licence(text: str) -> tuple[str, str]:
    """Read a .LICENSE file: (SPDX id or "" where it names none, who to credit)."""
    name = re.search(r"^license\s+(.+)$", text, re.M)
    who = re.search(r"^sourcename\s+(.+)$", text, re.M)
    by = re.search(
        r"^comment\s+.*?\b(?:artwork |image |images )?(?:created )?by ([A-Z][\w. ]*?)(?:[.,(]| for | with | from | in \d|$)",
        text,
        re.M,
    )
    credit = who[1].strip() if who else by[1].strip() if by else "Crossfire artists"
    for pattern, form in _LICENCES:
        found = pattern.match(name[1].strip().lower()) if name else None
        if found:
            version = found[1] if found.groups() else ""
            return form.format(version), credit
    return "", credit


@cache
def _licence(folder: Path, face: str, art: str) -> tuple[str, str]:
    """Licence of a face: its own file, else that of the longest name it begins with in the same folder and set."""
    names = {p.name.removesuffix(f".{art}.LICENSE"): p for p in folder.glob(f"*.{art}.LICENSE")}
    best = max((n for n in names if face == n or face.startswith(f"{n}_")), key=len, default=None)
    if best is None:
        return "", ""
    return parse_licence(names[best].read_text(encoding="utf-8", errors="replace"))


def read_names(root: Path) -> dict[str, str]:
    """Face -> English name, from every .arc file below `root`, then face_names.json over it."""
    names: dict[str, str] = {}
    for path in sorted(root.rglob("*.arc")):
        for block in re.split(r"^(?=Object )", path.read_text(encoding="utf-8", errors="replace"), flags=re.M):
            face = re.search(r"^face (\S+)\.\w+$", block, re.M)
            name = re.search(r"^name (.+)$", block, re.M)
            if face and name:
                names.setdefault(face[1], name[1].strip())
    derived = root / "face_names.json"
    if derived.is_file():
        names.update(json.loads(derived.read_text(encoding="utf-8")))
    return names


class CrossfireImporter:
    """Reads a checkout of crossfire-arch; faces without a licence of their own are left out."""

    name = "crossfire"

    def detect(self, root: Path) -> bool:
        return (
            (root / "armour").is_dir() and (root / "monster").is_dir() and any((root / "skills").glob("*.base.111.png"))
        )

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        names = read_names(root)
        directions: dict[tuple[Path, str], set[str]] = {}
        files = sorted(root.rglob("*.png"))
        for path in files:
            if (m := _FACE.match(path.name)) is not None:
                directions.setdefault((path.parent, m["name"]), set()).add(m["pda"][1])
        for path in files:
            rel = path.relative_to(root).as_posix()
            face = _FACE.match(path.name)
            if face is None:
                yield Skipped(path=rel, reason="not a face")
                continue
            licence, credit = _licence(path.parent, face["name"], face["set"])
            if not licence:
                yield Skipped(path=rel, reason="no free licence named")
            elif _FRAGMENT.search(face["name"]) and face["pda"][1:] != "11":
                yield Skipped(path=rel, reason="animation frame or mark")
            else:
                yield self._face(path, rel, face, names, directions[path.parent, face["name"]], licence, credit)

    def _face(
        self,
        path: Path,
        rel: str,
        face: re.Match[str],
        names: dict[str, str],
        directions: set[str],
        licence: str,
        credit: str,
    ) -> RawSprite | Skipped:
        rgba = load_rgba(path)
        if rgba is None:
            return Skipped(path=rel, reason="unreadable image")
        if blank(rgba):
            return Skipped(path=rel, reason="empty or flat image")
        subject = _subject(face["name"], names, rel)
        kind, category = next(((k, c) for f, k, c in _KINDS if rel.lower().startswith(f)), ("object", ""))
        if kind == "creature" and re.search("hut|nest|cave|stalk|generator", subject):
            kind, category = "building", ""
        if kind == "tile" and (rgba[..., 3] >= 128).mean() < 0.9:
            kind, category = ("plant" if re.search("tree|forest|woods|palm|jungle", subject) else "object"), ""
        if kind == "icon":
            captions = describe(f"{subject} skill icon", rgba=rgba, extra=[f"icon for the skill {subject}"])
        else:
            view = _view(face["pda"][1], directions) if kind in ("creature", "character") else ""
            turned = {"back": "seen from behind", "left": "facing left", "right": "facing right"}.get(view, "")
            captions = describe(subject, rgba=rgba, category=category, detail=turned)
        tags = {
            "kind": kind,
            "style": f"crossfire-{'classic' if face['set'] == 'clsc' else 'base'}",
            "genre": "fantasy",
            "subject": subject,
        }
        if kind in ("creature", "character") and (seen := _view(face["pda"][1], directions)):
            tags["view"] = seen
        return RawSprite(
            rgba=rgba,
            captions=captions,
            source=self.name,
            licence=licence,
            credit=f"{credit} (Crossfire)",
            tags=tags,
            params={"path": rel},
        )


def _view(direction: str, directions: set[str]) -> str:
    """Which way a figure looks: the eight points 1 (north) to 8 where they are drawn, or the four 1 to 4."""
    if {"3", "7"} <= directions or "5" in directions:
        return {"1": "back", "3": "right", "5": "front", "7": "left"}.get(direction, "")
    if directions >= {"1", "2", "3", "4"}:
        return {"1": "back", "2": "right", "3": "front", "4": "left"}.get(direction, "")
    return ""


def _subject(face: str, names: dict[str, str], rel: str) -> str:
    if face.startswith("fenx"):
        pose = _POSES.get(face.removeprefix("fenx_"), "")
        return f"{_NAMES['fenx']} {pose}".strip()
    words = [w for w in words_from_stem(face.removeprefix("skill_")) if not re.match(_SHAPES, w)]
    name = names.get(face, "") or " ".join(noun_last(words, _HEADS))
    name = " ".join(words_from_stem(name.replace("-", "~"))).replace("~", "-") if "_" in name else name.lower()
    name = _NAMES.get(face, _NAMES.get(re.sub(r"\d+$", "", face), _NAMES.get(name, name)))
    if name in ("wall", "doorway", "window", "stone wall"):
        colour = next((c for c in ("blue", "red", "mossy") if c in face), "")
        name = f"{colour} stone {name.removeprefix('stone ')}".strip()
    if name == "vial":
        colour = face.removeprefix("vial_")
        name = f"vial of {colour} liquid" if colour not in ("empty", "water") else f"{colour} vial"
    if face.startswith("water_"):
        name = f"bottle of {face.removeprefix('water_')} water"
    if rel.startswith("potion/potion") and "potion" not in name:
        name = "potion"
    if re.search(r"spell effect|^rage$", name):
        name = "magic spell effect"
    name = re.sub(r"\s*avatar$", "", re.sub(r"\bpair of\b ", "", name))
    return _NAMES.get(name, name)


IMPORTER = CrossfireImporter()
