"""Importer for Dungeon Crawl Stone Soup's tiles (crawl-ref/source/rltiles): monsters, items, dungeon features, spells.

Layers (the player's garments, the parts of demon lords) are never pictures by themselves: `crawl_dolls` stacks them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pixelmind.data.captions import BASIC_COLOURS, describe, noun_last, rewriter, with_article, words_from_stem
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.crawl_dolls import CREDIT, LICENCE, demons, dolls
from pixelmind.data.sources.images import blank, load_rgba

_TABLES = tomllib.loads((Path(__file__).parent / "crawl.toml").read_text(encoding="utf-8"))
TILES = Path("crawl-ref/source/rltiles")

#: Files that are marks, borders, overlays or pieces of something larger.
_PIECE = re.compile(
    r"(^|/)i-|overlay|_bord_|wave_|(^|[_-])(n|e|s|w|ne|nw|se|sw)\d*(_top)?(_darker)?$|_b_?[clr]{1,2}$|_bb$"
    r"|_(left|middle|right|up|down)(_crypt)?$|sigil|threat|sensed|mdam_|travel_|halo|^mask_|indicator|unseen"
    r"|parchment_(multi|single)|eye(open|closed)-flame|cursor|^slot_|/error|test_|statue_base|_b_\d+$|runelight|fetus|slymdra_base|_base$",
    re.I,
)
_SKIP_DIRS = (
    "player/",
    "misc/",
    "item/weapon/brands",
    "item/armour/brands",
    "item/food/chunk_brands",
    "item/misc/uncollected_runes",
    "mon/panlord",
    "mon/mutantbeast",
    "mon/player",
    "UNUSED/worn",
    "UNUSED/player",
    "UNUSED/floor",
    "UNUSED/spells/components",
    "effect/umbra",
)
_KEEP_DESPITE = re.compile(r"stairs_(up|down)$|player/transform/|misc/blood/blood|misc/mold")
_WHOLE_FORM = re.compile(
    r"^(bat|beast|dragon|fortress_crab|hive|jelly|mushroom|pig|rime_yak|serpent|spider|sun_scarab|tree|wisp|walking_scroll)"
    r"(_swarm)?_form(_(?!octopode|felid|gargoyle)\w+)?$"
)
_HELLS = {"coc": "icy", "dis": "iron", "geh": "fiery", "tar": "shadowy", "pan": "demonic", "abyss": "abyssal"}
_AUTHORS = re.compile(
    r"\b(alistairs|borgnjors|cigotuvis|ledas|lehudibs|maxwells|olgrebs|ozocubus|tukimas|yaras|brothers|golubria of)\s+"
)

_FOLDERS: dict[str, list[str]] = _TABLES["folders"]
_NOUNS: dict[str, str] = _TABLES["nouns"]
_NOUN_SAID = re.compile(
    r"book|potion|wand|ring|amulet|staff|rod|scroll|trap|floor|wall|tree|mangrove|shaft|brooch|tome"
)

_plain = rewriter(_TABLES["phrases"], _TABLES["rules"])
_UNIQUE: dict[str, str] = _TABLES["people"]
_ARTEFACTS: dict[str, str] = _TABLES["artefacts"]
_CREATURES = re.compile(
    r"serpent|demon|slug|slime|elephant|cat$|dragon|jelly|skull|frog|horror|giant|efreet|troll|imp\b"
)

_PREFIX = re.compile(
    r"^(spwpn|urand|unrand|misc|dngn|tree_(?=dead|of)|statue_(?=depths|zot)|i|cloud|xmas|base|depths|zot(?=_statue))[_-]"
)
_NOISE = {
    "randart",
    "ego",
    "art",
    "artefact",
    "urand",
    "spwpn",
    "small",
    "plain",
    "slant",
    "inert",
    "vgate",
    "nobody",
    "bmaus",
    "xmas",
    "april",
    "gem",
    "depths",
    "geh",
    "dis",
    "coc",
    "tar",
    "full",
    "effect",
    "gulch",
    "domino",
    "swordless",
    "scytheless",
    "bowless",
    "spearless",
    "whipless",
    "weaponless",
    "staveless",
    "seen",
    "phased",
}


def _lookup(folder: str) -> tuple[str, str]:
    parts = folder.split("/")
    for n in range(len(parts), 0, -1):
        if (hit := _FOLDERS.get("/".join(parts[:n]))) is not None:
            return hit[0], hit[1]
    return ("object", "")


def _subject(folder: str, stem: str) -> tuple[str, str]:
    """Reading-order subject of a tile and a replacement for its category ("" keeps the folder's)."""
    stem, category = _PREFIX.sub("", _PREFIX.sub("", stem)), ""
    top = folder.split("/")[0]
    hell = next((h for h in _HELLS if re.search(rf"[_-]{h}\d*(_\d+)?$", stem)), None)
    heads = re.search(r"hydra_?0*(\d+)$", stem)
    words = [w for w in words_from_stem(stem) if w not in _NOISE]
    if hell and top in ("mon", "dngn"):
        words = [_HELLS[hell]] + [w for w in words if w != hell]
    if heads:
        words = [w for word in words for w in ([f"{int(heads[1])}-headed", word] if word == "hydra" else [word])]
    text = " ".join(words)
    if folder == "mon/unique":
        return re.sub(r"^\d+-headed ", "", text) if "lernaean" not in text else text, ""
    if folder == "UNUSED/emissaries":
        return "divine emissary", ""
    if folder == "dngn/altars":
        return ("burning altar" if "flame" in words else "altar"), "religious shrine"
    if top != "item" and words[:1] == ["statue"] and len(words) > 1:
        rest = " ".join(w for w in words[1:] if w not in ("zot", "cerebov", "sigmund", "asmodeus")) or "demon"
        plain = {"iron", "metal", "ancient", "triangle", "demonic bust", "twins", "tentacles"}
        if rest in plain:
            return f"{rest} statue" if rest != "twins" else "statue of twins", "stone statue"
        return f"statue of {with_article(rest)}", "stone statue"
    if folder == "dngn/gateways":
        if words[-1:] == ["gone"]:
            return f"collapsed portal of the {' '.join(words[:-1])}", "dungeon gateway"
        if words[:1] == ["enter"]:
            place = [w for w in words[1:] if w not in ("open", "closed")]
            state = next((w + " " for w in words if w in ("open", "closed")), "")
            return f"{state}entrance to the {' '.join(place)}", "dungeon gateway"
        if words[:1] in (["exit"], ["return"]) or words[-1:] == ["exit"]:
            place = [w for w in words if w not in ("exit", "return", "flickering")]
            return f"exit from the {' '.join(place)}", "dungeon gateway"
        return text.replace("stairs down", "stairs leading down").replace("stairs up", "stairs leading up"), "gateway"
    if folder == "dngn/doors":
        return text.replace("clear door", "glass door"), "dungeon door"
    if folder == "item/gold":
        count = int(stem) if stem.isdigit() else 1
        return ("gold coin" if count == 1 else "few gold coins" if count < 5 else "pile of gold coins"), "money"
    if folder == "item/gem":
        return ("broken gem" if "broken" in words else "ancient gem"), "jewel"
    if folder == "item/gizmo":
        return "strange mechanical gizmo", "gadget"
    if folder == "item/misc/runes":
        realm = " ".join(w for w in words if w != "rune")
        return (f"{realm} rune" if realm != "generic" else "rune"), "magical rune"
    if folder == "item/scroll":
        return f"{' '.join(w for w in words if w != 'scroll')} scroll".strip(), "paper scroll"
    if folder == "item/parchment":
        return "parchment sheet", "magic scroll"
    if folder == "item/wand":
        text = f"{text.replace('wand', '').strip()} wand"
    if folder == "item/amulet/artefact" and "brooch" not in text:
        text = re.sub(r"^amulet (\w+)", r"amulet of \1", text)
        return (text if "amulet" in text or "pendant" in text else f"{text} amulet"), "magical amulet"
    if folder.startswith("mon/undead"):
        for head in ("zombie", "simulacrum", "skeleton", "draugr"):
            if words[:1] == [head] and len(words) > 1:
                text = f"{' '.join(_body(words[1:]))} {head}"
    if folder.startswith("UNUSED/monsters/skeletons") and words[:1] == ["skeleton"]:
        text = f"{' '.join(_body(words[1:]))} skeleton"
    if folder == "mon/undead/spectrals":
        text = " ".join([words[0], *_body(words[1:])]) if words else text
    if folder == "mon/draco":
        role = [w for w in words if w not in ("draco", "base", "job", "phased")]
        text = " ".join([*role, "draconian"]) if "draconian" not in role else " ".join(role)
    if top == "effect" or folder == "UNUSED/effects":
        category = "cloud" if "smoke" in text or "dust" in text else ""
        if stem.startswith(("smoke", "dust")):
            text = " ".join(noun_last(words, frozenset({"smoke", "dust"})))
    if folder == "misc/blood":
        colour = next((w for w in words if w in ("green", "red")), "")
        return f"{'puddle' if 'puddle' in words else 'splatter'} of {colour} blood".replace("  ", " "), "blood stain"
    if folder == "player/transform":
        form, _, who = text.partition(" form ")
        form = form.removesuffix(" form")
        return (f"{who} {form}" if who in BASIC_COLOURS else form), "shapeshifted creature"
    noun = next((n for f, n in _NOUNS.items() if folder == f or folder.startswith(f + "/")), "")
    if noun in ("floor", "wall") and text:
        words = [w for w in text.split() if w not in ("floor", "wall", "snake" if noun == "floor" else "wall")]
        text = f"{' '.join(words) or 'stone'} {noun}"
    elif noun and not _NOUN_SAID.search(text):
        text = f"{text} {noun}".strip()
    elif noun == "tree":
        text = " ".join(noun_last(text.split(), frozenset({"tree"})))
        text = text.replace("fall tree", "autumn tree").replace("demonic", "demonic")
    if top == "UNUSED":
        text = " ".join(noun_last(text.split(), frozenset({"trap", "sarcophagus", "machine"})))
    return " ".join(_front(_abbreviated(text.split()))), category


def _front(words: list[str]) -> list[str]:
    """Move trailing sizes and colours ahead: "mace large" -> "large mace", "metal gold floor" -> "gold metal floor"."""
    if "of" in words or words[-1:] in (["potion"], ["book"]):
        return words
    ahead = {*BASIC_COLOURS, "large", "small", "big", "baby", "gold", "silver", "lightgreen", "lightblue", "dark"}
    move = [w for w in words[1:] if w in ahead]
    light = {
        "lightgreen": "light green",
        "lightblue": "light blue",
        "lightcyan": "light cyan",
        "lightgray": "light gray",
        "lightred": "light red",
        "lightmagenta": "pink",
        "darkgray": "dark gray",
    }
    out = [*dict.fromkeys(move), *(w for i, w in enumerate(words) if not i or w not in ahead)]
    return [light.get(w, w) for w in out]


def _body(words: list[str]) -> list[str]:
    """Body shapes of the undead: "quadruped large" -> "large four-legged beast"."""
    shapes = {"quadruped": "four-legged beast", "x": "shapeless", "humanoid": "humanoid"}
    out = [shapes.get(w, w) for w in words]
    return [*out[1:], out[0]] if out and out[-1] in ("large", "small", "medium", "winged") and len(out) > 1 else out


def _abbreviated(words: list[str]) -> list[str]:
    full = {
        "elec": "electric",
        "meph": "stinking",
        "tloc": "teleport",
        "calc": "calcifying",
        "lbl": "long blade",
        "sbl": "short blade",
        "dd": "dwarven",
        "conj": "conjuration",
        "necro": "necropolis",
    }
    return [full.get(w, w) for w in words]


def _category(folder: str, kind: str, category: str, subject: str) -> tuple[str, str, str]:
    """Kind, category and description of the picture; a named person gets who they are as category."""
    if folder.endswith("artefact") and (noun := next((_ARTEFACTS[w] for w in subject.split() if w in _ARTEFACTS), "")):
        return kind, f"magical {noun}", subject
    if folder == "mon/unique" or (folder == "UNUSED/monsters" and any(n in subject for n in _UNIQUE)):
        who = next((d for n, d in _UNIQUE.items() if n in subject), "")
        if subject.endswith("hydra"):
            return "creature", "many-headed serpent monster", ""
        return ("creature" if _CREATURES.search(who) else "character"), who or "character", subject
    if folder.startswith("gui/spells") or folder.startswith("UNUSED/spells"):
        school = folder.split("/")[-1]
        schools = {"fire", "ice", "air", "earth", "necromancy", "conjuration", "enchantment", "summoning", "alchemy"}
        return kind, f"{school} spell icon" if school in schools else "spell icon", ""
    return kind, category, ""


class CrawlImporter:
    """Reads a Dungeon Crawl Stone Soup checkout (or the folder `rltiles` itself)."""

    name = "crawl"

    def detect(self, root: Path) -> bool:
        return (root / TILES / "mon").is_dir() and (root / TILES / "player/base").is_dir()

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        tiles = root / TILES
        unclear = _unclear(root)
        for path in sorted(tiles.rglob("*.png")):
            rel = path.relative_to(tiles).as_posix()
            folder, stem = path.parent.relative_to(tiles).as_posix(), path.stem
            if path.name in unclear:
                yield Skipped(path=rel, reason="unclear licence")
            elif folder.startswith("player/") and folder != "player/transform":
                continue  # garments: worn in `dolls`
            elif _is_piece(rel[:-4], folder, stem):
                yield Skipped(path=rel, reason="piece, overlay or mark")
            else:
                yield self._tile(path, rel, folder, stem)
        yield from dolls(tiles)
        yield from demons(tiles / "mon/panlord")

    def _tile(self, path: Path, rel: str, folder: str, stem: str) -> RawSprite | Skipped:
        rgba = load_rgba(path)
        if rgba is None:
            return Skipped(path=rel, reason="unreadable image")
        if blank(rgba):
            return Skipped(path=rel, reason="empty or flat image")
        subject, override = _subject(folder, stem)
        subject = _plain(subject)
        if not subject or len(subject) < 3:
            return Skipped(path=rel, reason="no words")
        kind, category = _lookup(folder if not stem.startswith("mold") else "misc/mold")
        kind, category, person = _category(folder, kind, override or category, subject)
        if person:
            captions = describe(category, rgba=rgba)  # a name shows in no picture
        elif kind == "icon":
            subject = _AUTHORS.sub("", subject)
            captions = describe(f"{subject} {category}", extra=[f"icon for the spell {subject}", f"{subject} icon"])
        elif kind == "tile":
            captions = describe(subject, rgba=rgba, extra=[f"{subject} tile, seamless texture"])
        else:
            captions = describe(subject, rgba=rgba, category=category)
        tags = {"kind": kind, "style": "crawl", "genre": "fantasy", "subject": person or subject}
        return RawSprite(
            rgba=rgba,
            captions=captions,
            source=self.name,
            licence=LICENCE,
            credit=CREDIT,
            tags=tags,
            params={"path": rel},
        )


def _is_piece(rel: str, folder: str, stem: str) -> bool:
    """Whether a tile is an overlay, a mark or a part of something larger."""
    if folder == "player/transform":
        return not _WHOLE_FORM.search(stem)
    return not _KEEP_DESPITE.search(rel) and (rel.startswith(_SKIP_DIRS) or bool(_PIECE.search(rel)))


def _unclear(root: Path) -> frozenset[str]:
    """File names on the project's own list of tiles with unclear ownership."""
    path = root / "TILES_UNDER_UNKNOWN_LICENSE.md"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return frozenset(re.findall(r"^\s*-\s*(\S+\.png)", text, re.M))


IMPORTER = CrawlImporter()
