"""Importer for the tilesets of Cataclysm: Dark Days Ahead (gfx/<set>/pngs_*): creatures, items, furniture, terrain.

File stems are game ids ("mon_zombie_dog", "f_rack_wood"), often noun first. Connection pieces (corners, edges),
rotations, worn and wielded layers are no pictures by themselves: pieces are left out, clothes are worn by the people of
`cdda_dolls`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pixelmind.data.captions import (
    BASIC_COLOURS,
    NOUN_FIRST,
    describe,
    noun_last,
    rewriter,
    with_article,
    words_from_stem,
)
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.cdda_dolls import dolls
from pixelmind.data.sources.images import blank, load_rgba
from pixelmind.records import U8

_TABLES: dict[str, Any] = {}
for _name in ("cdda", "cdda_words", "cdda_phrases", "cdda_rules"):
    _TABLES |= tomllib.loads((Path(__file__).parent / f"{_name}.toml").read_text(encoding="utf-8"))
SETS = {
    "UltimateCataclysm": ("ultica", "CC-BY-SA-3.0", "UltiCa"),
    "MShockXotto+": ("mshock", "CC-BY-SA-3.0", "MShockXotto+"),
    "GiantDays": ("giantdays", "CC-BY-SA-3.0", "GiantDays"),
    "Mushroom-Dream": ("mushroom-dream", "CC-BY-SA-4.0", "Mushroom-Dream"),
    "Ultica_iso": ("ultica-iso", "CC-BY-SA-3.0", "Ultica_iso"),
}
_SKIP = re.compile(
    r"overlay|bullettrailer|_edge_[en]|_sense\b|_sense$|sensed_|sees_player|highlight|cursor|unknown|infrared|animation_|weather|filler|indicator"
    r"|rid_|weakpoint|_blank$|pickable|pointer|disassembly|unfinished|craft(_\d)?$|_common$|_giant$(?<=t_grass_giant)"
    r"|snow_shallow|fungal_bed|test_|layers/|sextoy|moving_creature|creature_tiny|/misc/(?!graffiti)|debug|FCK|TEXT_|mutation"
    r"|terrain/common/|ammunitions?/(?!arrow|bolt)|/ammo/|nazi|character/|bikini_(top|bottom)_var|/tile_border"
)
_PIECE = re.compile(
    r"_(corner|edge|end_piece|t_connection|crossing)(_[a-z]{1,2})?\d*(_face[NESW])?(_\d+)?$|_edges?/"
    r"|_(ns|ew|n|s|e|w|ne|nw|se|sw)$|_rot[ESW]+(rot\w)?$|_rot_EW$|_postup$|_top$|_filler"
)
_VEHICLE_PIECE = re.compile(
    r"frame|board|windshield|door|hatch|edge|_(left|right|front|rear|nw|ne|sw|se|horizontal|vertical|cross|cover)\d*(_|$)|_open"
    r"|aisle|roof|bumper|nose_plate|plate_|_or$"
)
_FULL_CENTER = re.compile(r"_(center|unconnected|fg|bg)\d*(_\d+)?(_face[NESW])?$")
#: Mods of the game that lead to other worlds.
_MODS = (
    ("magiclysm", "fantasy"),
    ("xedra_evolved", "fantasy"),
    ("dinomod", "prehistoric"),
    ("megafauna", "prehistoric"),
    ("aftershock", "sci-fi"),
)
_FACES = {
    "N": ("back", "seen from behind"),
    "S": ("front", ""),
    "E": ("right", "facing right"),
    "W": ("left", "facing left"),
}
_SEASON = re.compile(r"_(?:season_)?(spring|summer|autumn|winter)\d*(?=_|$)")
_LISTS: dict[str, list[str]] = {name: words.split() for name, words in _TABLES["lists"].items()}
_ANIMALS, _SIZES, _FRONT = (frozenset(_LISTS[n]) for n in ("animals", "sizes", "qualities"))
_HEADS = NOUN_FIRST | _ANIMALS | frozenset(_LISTS["nouns"]) | frozenset(_LISTS["first"])
_MATERIALS = frozenset(_LISTS["materials"])
_YOUNG: dict[str, str] = _TABLES["young"]
_TIE = "\u00a0"  # holds the words of one id word together while the order is found
_WORDS: dict[str, str] = _TABLES["words"] | {w: said.replace(" ", _TIE) for w, said in _TABLES["glued"].items()}
_plain = rewriter(_TABLES["phrases"], _TABLES["rules"])
_GUNS, _GUN_NAMES = (
    [(re.compile(pattern), said) for pattern, said in _TABLES[name].items()] for name in ("guns", "gun_names")
)
_WALL_COLOURS = {"w": "white", "b": "blue", "g": "green", "y": "yellow", "p": "purple", "r": "red"}
_PLANT = re.compile(rf"\b({'|'.join(_LISTS['plants'])})\b")
_BUILDING = re.compile(r"\b(tent|teepee|shack|tipi|house)\b")
_FOLDER_KIND = (
    (re.compile(r"/(monsters?|corpses)(/|$)"), "mon"),
    (re.compile(r"/(furnitures?|f_\w+|appliances)(/|$)"), "f"),
    (re.compile(r"/(terrain)(/|$)"), "t"),
    (re.compile(r"/(vehicles?|vp_\w+)(/|$)"), "vp"),
    (re.compile(r"/(traps?)(/|$)"), "tr"),
    (re.compile(r"/(fields?)(/|$)"), "fd"),
    (re.compile(r"/(spells?|explosions?)(/|$)"), "explosion"),
    (re.compile(r"/(items?)(/|$)"), "item"),
)
_PEOPLE = re.compile(rf"\b({'|'.join(_LISTS['people'])})\b")
_TOOLS = (
    "axe|crowbar|pipe|knife|tool|spear|hammer|bat|machete|rapier|mace|broom|candlestick|sword|bow|pistol|rifle|cleaver"
)
_TERRAIN = re.compile(
    r"floor|ground|grass|dirt|sand|water|pavement|concrete|carpet|lava|moss|soil|mud|linoleum|sidewalk|road"
)
_PREFIX = re.compile(r"^(mon|f|t|vp|tr|fd|explosion|graffiti|it)_")


def _split_id(stem: str) -> str:
    """Drop the sheet number and frame of older sets ("2606_mon_spider_0") and variant numbers."""
    stem = re.sub(r"^\d{2,4}_(?=[a-z])", "", stem)
    return (
        re.sub(r"(?<=[a-zA-Z])_?\d{1,2}(_\d+)?(_(fg|bg))?$", "", stem)
        if not re.search(r"_[a-z]{1,2}\d{2,}$", stem)
        else stem
    )


def _words(text: str) -> list[str]:
    return [w for word in words_from_stem(text) for w in _WORDS.get(word, word).split(" ") if w]


def _gun(stem: str, rel: str) -> str:
    """The sort of gun a file shows, behind a maker or model that a reader knows."""
    low = stem.lower()
    sort = next((said for pattern, said in _GUNS if pattern.search(low)), "rifle" if "_32x32" in rel else "gun")
    name = next((said for pattern, said in _GUN_NAMES if pattern.search(low)), "")
    state = "golden" if "gold" in low else "crude" if "crude" in low else "packed" if "packed" in low else ""
    return " ".join(w for w in (state, name, sort) if w)


def _is_quality(word: str) -> bool:
    """A word that goes before the noun: a colour, a state ("roasted") or another quality."""
    state = (
        word.endswith("ed") and len(word) > 4 and not word.endswith(("weed", "seed", "speed", "shed", "bed", "sled"))
    )
    return state or word in _FRONT or word in BASIC_COLOURS


def _reading_order(words: list[str]) -> list[str]:
    """Noun-first ids in reading order: sizes, qualities, the rest, the noun, and the word for its young last."""
    if len(words) < 2:
        return words
    young = [_YOUNG[w] for w in words[1:] if w in _YOUNG]
    words = [w for i, w in enumerate(words) if not i or w not in _YOUNG]
    sizes = [w for w in words if w in _SIZES]
    front = [w for w in words if _is_quality(w)]
    rest = [w for w in words if w not in _SIZES and not _is_quality(w)]
    if not rest:
        return words
    heads = _HEADS - {rest[-1]} if rest[-1] in _MATERIALS else _HEADS
    if rest[0].rsplit(_TIE)[-1] in heads:
        heads |= {rest[0]}
    rest = noun_last(rest, heads)
    if rest and rest[0] in _ANIMALS and rest[-1] in _ANIMALS and rest[0] != "zombie":
        rest = [*rest[1:], rest[0]]
    if rest[-1:] == ["fish"] and len(rest) > 1:
        rest = rest[:-1] if rest[:-1] != ["flying"] else rest
    if young == ["puppy"] and rest[-1:] == ["dog"]:
        rest = rest[:-1]
    return [*dict.fromkeys(sizes), *dict.fromkeys(front), *rest, *young]


class _Names:
    """The set's sprite_ids.json (derived), file stem -> game ids; empty on a plain checkout."""

    def __init__(self, folder: Path) -> None:
        path = folder / "sprite_ids.json"
        self.ids: dict[str, list[str]] = {}
        if path.is_file():
            self.ids = json.loads(path.read_text(encoding="utf-8"))

    def piece(self, stem: str) -> bool:
        """Whether every id of the sprite is a connection piece (corner, edge) of a larger thing."""
        ids = self.ids.get(stem, [])
        return bool(ids) and set(ids) <= {"corner", "edge", "end_piece", "t_connection", "broken", "open"}

    def best(self, stem: str, prefix: str) -> str:
        """The id to read words from: the stem itself where it reads as one, else the plainest of the sprite's ids."""
        plain = _split_id(stem)
        ids = [i for i in self.ids.get(stem, []) if "_" in i or len(i) > 4]
        ids = [
            i
            for i in ids
            if i not in {"center", "corner", "edge", "end_piece", "t_connection", "unconnected", "broken"}
        ]
        if _PREFIX.match(plain) or plain.startswith(("corpse_", "broken_")) or not ids:
            return plain
        fitting = [i for i in ids if i.startswith(prefix + "_")] or ids
        stem_words = set(_words(plain))
        shared = {i: len(stem_words & set(_words(i))) for i in fitting}
        best = min(fitting, key=lambda i: (-shared[i], len(i)))
        return best if prefix in ("mon", "f", "t", "tr", "fd") or not stem_words else plain


class CddaImporter:
    """Reads a checkout of CDDA-Tilesets (folder gfx with the sets named in `SETS`)."""

    name = "cdda"

    def detect(self, root: Path) -> bool:
        return any((root / "gfx" / s / "tile_info.json").is_file() for s in SETS)

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        for folder in SETS:
            base = root / "gfx" / folder
            if not base.is_dir():
                continue
            names = _Names(base)
            for path in sorted(base.rglob("*.png")):
                yield self._sprite(base, path, folder, names)
        yield from dolls(root / "gfx")

    def _sprite(self, base: Path, path: Path, folder: str, names: _Names) -> RawSprite | Skipped:
        rel = path.relative_to(base).as_posix()
        stem = path.stem
        if "overlay" in rel or "/wielded/" in rel or "/worn/" in rel or "/mutations/" in rel:
            return Skipped(path=f"{folder}/{rel}", reason="worn or wielded layer")
        if _SKIP.search(rel[:-4]):
            return Skipped(path=f"{folder}/{rel}", reason="mark, cursor or filler")
        prefix = _prefix(rel, stem)
        if _PIECE.search(stem) or names.piece(stem) or (prefix == "vp" and _VEHICLE_PIECE.search(rel)):
            return Skipped(path=f"{folder}/{rel}", reason="piece or rotation")
        rgba = load_rgba(path)
        if rgba is None:
            return Skipped(path=f"{folder}/{rel}", reason="unreadable image")
        if blank(rgba):
            return Skipped(path=f"{folder}/{rel}", reason="empty or flat image")
        full = float((rgba[..., 3] >= 128).mean()) > 0.97
        ids = set(names.ids.get(stem, ()))
        if (
            ((_FULL_CENTER.search(stem) and "unconnected" not in stem) or ids == {"center"})
            and not full
            and prefix != "fd"
        ):
            return Skipped(path=f"{folder}/{rel}", reason="piece or rotation")
        subject, detail = _subject(rel, names.best(stem, prefix), prefix)
        if len(subject) < 3:
            return Skipped(path=f"{folder}/{rel}", reason="no words")
        return self._raw(base, rgba, rel, folder, subject, detail, prefix, full)

    def _raw(
        self, base: Path, rgba: U8, rel: str, folder: str, subject: str, detail: str, prefix: str, full: bool
    ) -> RawSprite:
        style, licence, artist = SETS[folder]
        kind, category = _kind(subject, prefix, full, rel)
        face = re.search(r"_face([NESW])(?:_\d+)?\.png$", rel)
        genre = next((g for folder_name, g in _MODS if folder_name in rel.lower()), "post-apocalyptic")
        tags = {"kind": kind, "style": style, "genre": genre, "subject": subject}
        if folder == "Ultica_iso":
            tags["view"] = "isometric"
            category = f"isometric {category}".strip() if category else ""
        elif face:
            tags["view"] = _FACES[face[1]][0]
        if face and folder != "Ultica_iso":
            detail = ", ".join(d for d in (detail, _FACES[face[1]][1]) if d)
        if "pngs_dcss" in rel:
            style, licence, artist = "crawl", "CC0-1.0", "Dungeon Crawl Stone Soup"
            tags["style"] = style
        extra = [f"isometric {subject}"] if folder == "Ultica_iso" else []
        if detail:
            extra.append(f"{with_article(subject)} {detail}" if detail.startswith("in ") else f"{subject}, {detail}")
        captions = describe(subject, rgba=rgba, category=category, detail=detail, extra=extra)
        return RawSprite(
            rgba=rgba,
            captions=captions,
            source=self.name,
            licence=licence,
            credit=_credit(base, rel, artist),
            tags=tags,
            params={"path": f"{folder}/{rel}"},
        )


@cache
def _credits(folder: Path) -> str:
    path = folder / "credits.txt"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return " ".join(text.split())[:120].removeprefix("by ")


def _credit(base: Path, rel: str, artist: str) -> str:
    """The set's artists, and the author named in the credits.txt beside a sprite."""
    author = _credits((base / rel).parent)
    return f"{artist} tileset artists (CDDA-Tilesets)" + (f"; {author}" if author else "")


def _prefix(rel: str, stem: str) -> str:
    """What sort of id a file holds: its own prefix, else its folder's."""
    plain = _split_id(stem)
    if (m := _PREFIX.match(plain)) is not None:
        return m[1]
    if plain.startswith(("corpse_", "broken_")):
        return "corpse"
    for pattern, prefix in _FOLDER_KIND:
        if pattern.search("/" + rel.rsplit("/", 1)[0]):
            return prefix
    return "item"


def _subject(rel: str, name: str, prefix: str) -> tuple[str, str]:
    """Reading-order subject and a detail ("in autumn") of an id."""
    season = _SEASON.search(name) or re.search(r"/(spring|summer|autumn|winter)/", rel)
    detail = f"in {season[1]}" if season else ""
    name = re.sub(r"_(face|rot)[NESW]+$", "", _SEASON.sub("", name))
    name = re.sub(r"_(center|unconnected|fg|bg)\d*(_\d+)?$", "", name)
    dead = re.match(r"^(corpse|broken)_(mon_)?", name)
    name = _PREFIX.sub("", name[dead.end() :] if dead else name)
    if "_var_" in name:
        whole, _, variant = name.partition("_var_")
        name = variant if set(whole.split("_")) & set(variant.split("_")) else f"{variant}_{whole}"
    sex = re.search(r"_(m|f)$", name) if prefix == "mon" else None
    state = (
        re.search(r"_(o|c|b)$", name)
        if prefix in ("t", "f", "vp") and re.search("door|gate|safe|window|hatch|curtain", name)
        else None
    )
    wall = re.search(r"wall(?:_wood)?_([wbgypr])$|^wood_wall_([wbgypr])$|^door_([wgr])$", name)
    name = re.sub(r"^water_dp", "deep_water", re.sub(r"^water_sh", "shallow_water", name))
    name = re.sub(r"_(on|off|lit|active|inactive|done|loaded)$", "", name)
    words = _reading_order(_words(name))
    words = [{"brute": "hulking brute"}.get(w, w) for w in words]
    if prefix == "t":
        words = [{"dp": "deep", "sh": "shallow"}.get(w, w) for w in words]
    if state and not wall:
        words = [{"o": "open", "c": "closed", "b": "broken"}[state[1]], *words]
    if wall:
        words = [_WALL_COLOURS[next(g for g in wall.groups() if g)], *words]
    if sex and words:
        words = [{"m": "male", "f": "female"}[sex[1]], *words]
    text = re.sub(r"^(.*)\bcorpse$", r"dead \1", " ".join(words)).strip()
    text = re.sub(rf"^(feral \w+) ({_TOOLS})$", lambda m: f"{m[1]} with {with_article(m[2])}", text)
    if prefix == "explosion":
        kinds = re.search(r"smoke|fire|flame|blood|acid|storm|flash|shadow|sludge|fog|spark|frost|heat|light", text)
        text = f"{kinds[0]} explosion" if kinds else "explosion"
    elif "/graffiti" in rel:
        text = f"graffiti of {text.removeprefix('graffiti ')}" if text else ""
    elif "guns/" in rel and prefix == "item":
        text = _gun(rel.rsplit("/", 1)[-1].removesuffix(".png"), rel)
    elif "national_flag" in rel:
        text = re.sub(r"\b(national flag|hoisted)\b", "", text).strip()
        text = text if "flag" in text else f"{text} flag"
    elif "ingot" in rel and "ingot" not in text:
        text = f"{text} ingot"
    elif prefix == "fd" and re.fullmatch(r"blood \w+", text):
        text = f"{text.split()[1].replace('vegetable', 'plant')} blood"
    text = _plain(text.replace(_TIE, " "))
    if dead and text:
        text = f"broken {text}" if dead[1] == "broken" else f"corpse of {with_article(text)}"
    return re.sub(r"\b(\w+) \1\b", r"\1", text), detail


def _kind(subject: str, prefix: str, full: bool, rel: str) -> tuple[str, str]:
    """Kind and the category said in captions."""
    if prefix == "corpse" or subject.startswith("corpse of"):
        return "object", ""
    if prefix == "mon":
        if _PEOPLE.search(subject) and not re.search(
            r"zombie|snail|headless|mutant|horror|robot|drone|dog\b|hound", subject
        ):
            return "character", "person"
        robot = re.search(r"robot|turret|drone|cyborg|mech|dispatch", subject)
        return "creature", "robot" if robot else "undead monster" if re.search("zombie|skelet", subject) else ""
    if prefix == "t":
        if full and not re.search("door|window|fence|gate|machine|tank|pump", subject):
            return "tile", "wall tile" if "wall" in subject else "terrain tile" if _TERRAIN.search(subject) else ""
        return ("plant" if _PLANT.search(subject) else "object"), ""
    if prefix in ("f", "tr"):
        if _PLANT.search(subject) and "planter" not in subject and "wood" not in subject:
            return "plant", ""
        if _BUILDING.search(subject):
            return "building", ""
        return "object", "trap" if prefix == "tr" and re.search("trap|mine|caltrop|nail|tripwire|pit$", subject) else ""
    if prefix == "vp":
        return ("object", "appliance") if "appliances" in rel else ("vehicle", "vehicle part")
    if prefix in ("fd", "explosion") or "graffiti" in rel:
        return "effect", ""
    food = re.search(r"/(food|plants_and_foods|consumables|fruits?|nuts|eggs|meat\w*)(/|$)", rel)
    clothes = re.search(r"/(clothes|wearables|stockings|pants|shoes|hats)(/|$)", rel)
    return "item", "food" if food else "piece of clothing" if clothes else "weapon" if "weapon" in rel else ""


IMPORTER = CddaImporter()
