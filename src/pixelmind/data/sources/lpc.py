"""Liberated Pixel Cup (`lpc_revised`, `lpc_generator`): layers composed into dressed people, with exact part masks.

Every layer of a set shares one origin, so body, clothes, head, hair and headgear stack into a person, and each layer's
own alpha is the mask of that part. Outfits are drawn from a seeded generator: the same checkout gives the same people.
A caption names a part only where enough of it is really seen from that side. Bare bodies are left out.
A figure keeps its place in its cell: one of three fixed frames is cut out, so that the feet of all figures of a size
stand on the same row. Objects, structures and terrain sheets are cut by `lpc_sheets`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from pixelmind.data.captions import unique, with_article
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.lpc_sheets import read_sheets
from pixelmind.records import U8

VIEWS_BY_ROW = ("back", "left", "front", "right")
VIEW_WORDS = {"front": "front view", "back": "seen from behind", "left": "facing left", "right": "facing right"}
MASK_NAMES = (
    "background",
    "body",
    "head",
    "eyes",
    "hair",
    "beard",
    "torso",
    "legs",
    "feet",
    "helmet",
    "glasses",
    "weapon",
    "shield",
    "cape",
    "wings",
)
PART = {name: i for i, name in enumerate(MASK_NAMES)}
CELL_PX = 64
#: (left, top, width, height) on the 128 px canvas; feet end on row 93. The first that shows the whole figure is taken.
FRAMES = ((48, 46, 32, 48), (48, 32, 32, 64), (32, 32, 64, 64), (0, 0, 128, 128))
#: Pose -> the animation's file and the frame for back, left, front and right.
POSES = {
    "": ("idle", (0, 0, 0, 0)),
    "walking": ("walk", (1, 0, 1, 0)),
    "with both arms raised": ("cast", (5, 5, 5, 5)),
}
#: A part is put into words where at least this many of its pixels are seen.
SEEN_PX = 6

_TABLE: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "lpc.toml").read_text())
GARMENTS, HAIR, COLORS, SKINS = (_TABLE[key] for key in ("garments", "hair", "colors", "skins"))
FANTASY_SKINS = ("Blue", "Shadow", "Red", "Purple", "Green", "Gray")
NATURAL_HAIR = ("Black", "Brown", "Ash Brown", "Blonde", "Platinum", "Orange", "Red", "Gray", "White")


#: "kind|animation file" -> layer name -> colour ('_' where there is one only) -> sheet.
Index = dict[str, dict[str, dict[str, Path]]]


@dataclass(frozen=True)
class Layer:
    """One layer of a person: its sheet, the mask class it belongs to, and its words ('' where it needs none)."""

    path: Path
    part: str
    words: str = ""
    recolor: tuple[tuple[str, ...], tuple[str, ...]] | None = None


@dataclass
class Person:
    """An outfit: who it is ("young woman"), its layers from the lowest to the topmost, and what it does."""

    who: str
    layers: list[Layer] = field(default_factory=list)
    skin: str = ""
    genre: str = "fantasy"
    pose: str = ""
    frames: tuple[int, int, int, int] = (0, 0, 0, 0)


@lru_cache(maxsize=768)
def _column(path: Path, frames: tuple[int, int, int, int] = (0, 0, 0, 0)) -> U8:
    """One frame of each of the four directions, uint8 [4, S, S, 4]; S is 64 px, or 128 px for wings and swords."""
    with Image.open(path, formats=("PNG",)) as image:
        sheet = np.asarray(image.convert("RGBA"), dtype=np.uint8)
    cell = sheet.shape[0] // 4
    last = sheet.shape[1] // cell - 1
    cells = [
        sheet[r * cell : (r + 1) * cell, min(f, last) * cell : (min(f, last) + 1) * cell] for r, f in enumerate(frames)
    ]
    return np.stack(cells)


@lru_cache(maxsize=256)
def _frames(layer: Layer, frames: tuple[int, int, int, int] = (0, 0, 0, 0)) -> U8:
    """A layer's frames with its ramp of colours exchanged, entry by entry, where it has one."""
    cells = _column(layer.path, frames)
    if layer.recolor is None:
        return cells
    out, recolor = cells.copy(), layer.recolor
    for old, new in zip(*recolor):
        was, now = (np.frombuffer(bytes.fromhex(c.lstrip("#")), dtype=np.uint8) for c in (old, new))
        out[(cells[..., :3] == was).all(-1) & (cells[..., 3] > 0), :3] = now
    return out


def compose(person: Person, row: int) -> tuple[U8, U8, set[int]]:
    """Stack a person's layers, seen from the direction of `row`, on a 128 px canvas.

    Returns:
        rgba uint8 [128, 128, 4]; mask uint8 [128, 128] of the topmost opaque layer's part; and the indices of the
        layers that are really seen: at least `SEEN_PX` of their own opaque pixels are not covered by later layers.
    """
    side = 2 * CELL_PX
    canvas = Image.new("RGBA", (side, side))
    top = np.full((side, side), -1, dtype=np.int64)
    for i, layer in enumerate(person.layers):
        frame = _frames(layer, person.frames)[row]
        at = (side - frame.shape[0]) // 2
        shown = Image.new("RGBA", (side, side))
        shown.paste(Image.fromarray(frame), (at, at))
        canvas = Image.alpha_composite(canvas, shown)
        top[at : at + frame.shape[0], at : at + frame.shape[0]][frame[..., 3] >= 128] = i
    rgba = np.asarray(canvas, dtype=np.uint8)
    parts = np.array([0, *(PART[layer.part] for layer in person.layers)], dtype=np.uint8)
    mask = np.where(rgba[..., 3] >= 128, parts[top + 1], 0).astype(np.uint8)
    counts = np.bincount(top[top >= 0], minlength=len(person.layers))
    return rgba, mask, set(np.flatnonzero(counts >= SEEN_PX).tolist())


def frame(rgba: U8) -> tuple[slice, slice]:
    """The smallest of `FRAMES` that holds all that is visible of uint8 [128, 128, 4]."""
    seen = rgba[..., 3] >= 128
    rows, cols = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    for x, y, w, h in FRAMES:
        if x <= cols[0] and cols[-1] < x + w and y <= rows[0] and rows[-1] < y + h:
            break
    return slice(y, y + h), slice(x, x + w)


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


_WORN = ("torso", "legs", "feet", "cape", "helmet", "glasses")  # the order in which a person would name them
_SMALL = re.compile(r"glasses|socks|eyepatch|bow tie|suspenders")


def captions_of(person: Person, seen: set[int], view: str) -> tuple[str, ...]:
    """Sentences and a list of words for one view of a person, from the layers that are seen."""
    groups: dict[str, list[str]] = {"has": [], "wears": [], "holds": []}
    slots = {"hair": "has", "beard": "has", "wings": "has", "weapon": "holds", "shield": "holds"}
    rank = {part: i for i, part in enumerate(_WORN)}
    for i, layer in sorted(enumerate(person.layers), key=lambda pair: rank.get(pair[1].part, 9)):
        if i in seen and layer.words and layer.words not in groups[slot := slots.get(layer.part, "wears")]:
            groups[slot].append(layer.words)

    def things(words: list[str]) -> str:
        return _join([with_article(w) for w in words])

    has = f" with {_join(groups['has'])}" if groups["has"] else ""
    wears = f" wearing {things(groups['wears'])}" if groups["wears"] else ""
    holds = f", holding {things(groups['holds'])}" if groups["holds"] else ""
    clothes = [w for w in groups["wears"] if not _SMALL.search(w)]
    in_clothes = f" in {things(clothes[:2])}" if clothes else ""
    who, tail = with_article(f"{person.skin} {person.who}".strip()), f", {VIEW_WORDS[view]}"
    pose = f", {person.pose}" if person.pose else ""
    bare = [re.sub(r"^an? ", "", w) for w in groups["has"]]
    tags = ", ".join([person.who, *bare, *groups["wears"], *groups["holds"], *[person.pose] * bool(pose)]) + tail
    return unique(
        [
            f"{who}{has}{wears}{holds}{pose}{tail}",
            f"{person.who}{in_clothes}{holds}{pose}{tail}",
            f"{with_article(person.who)}{has}{in_clothes}{pose}",
            tags,
        ]
    )


def _sprites(person: Person, number: int, source: str, licence: str, credit: str) -> Iterator[RawSprite | Skipped]:
    """The person from all four sides; an unreadable layer leaves the whole person out."""
    for layer in person.layers:
        try:
            _column(layer.path, person.frames)
        except (OSError, ValueError) as error:
            yield Skipped(path=str(layer.path), reason=f"unreadable layer: {error}")
            return
    for row, view in enumerate(VIEWS_BY_ROW):
        rgba, mask, seen = compose(person, row)
        window = frame(rgba)
        yield RawSprite(
            rgba=rgba[window],
            mask=mask[window],
            mask_names=MASK_NAMES,
            captions=captions_of(person, seen, view),
            source=source,
            licence=licence,
            credit=credit,
            tags={"kind": "character", "style": "lpc", "genre": person.genre, "view": view, "subject": person.who},
            params={
                "group": f"person {number}",
                "layers": [layer.words for layer in person.layers if layer.words],
                "pose": person.pose or "standing",
            },
        )


class LpcRevisedImporter:
    """Reads LPC Revised: composes `people` outfits in four directions each, then cuts the object sheets."""

    name = "lpc_revised"
    licence = "OGA-BY-3.0"
    credit = (
        "Eliza Wyatt (DeathsDarling), Stephen Challener (Redshrike), Durrani, Benjamin K. Smith (BenCreating) "
        "and the Liberated Pixel Cup artists"
    )

    def __init__(self, people: int = 1300, seed: int = 2012) -> None:
        self.people, self.seed = people, seed

    def detect(self, root: Path) -> bool:
        """Return whether `root` is an LPC Revised checkout."""
        return (root / "Characters/Body").is_dir() and (root / "Characters/Head").is_dir()

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        """Yield dressed people, then pieces of the object, structure and terrain sheets."""
        index = _index(root / "Characters")
        for i in range(self.people):
            person = self._dress(index, np.random.default_rng([self.seed, i]))
            if person is not None:
                yield from _sprites(person, i, self.name, self.licence, self.credit)
        yield Skipped(path="Characters/Children", reason="bare bodies without clothes layers")
        yield from read_sheets(root, self.name, self.licence, self.credit)

    def _dress(self, index: Index, rng: np.random.Generator) -> Person | None:
        """Draw one outfit. Returns None where the checkout lacks a needed layer."""
        armed = rng.random() < 0.22
        female = rng.random() < 0.5
        build = "Feminine, Thin" if female else "Masculine, Thin"
        animation = "Combat 1h - Idle.png" if armed else "Idle.png"

        def variants(kind: str, name: str) -> dict[str, Path]:
            return index.get(f"{kind}|{animation}", {}).get(name, {})

        def names(kind: str, pattern: str = "") -> list[str]:
            return [n for n in sorted(index.get(f"{kind}|{animation}", {})) if re.search(pattern, n)]

        def choose(options: list[str]) -> str:
            return options[int(rng.integers(len(options)))] if options else ""

        body = variants("Body", f"Body 0{1 if female else 2} - {build}")
        elderly = rng.random() < 0.12
        heads = variants(
            "Head", "Head 03 - Elderly" if elderly else f"Head 0{1 if female else 2} - {build.split(',')[0]}"
        )
        fantasy = rng.random() < 0.12
        tones = [t for t in sorted(set(body) & set(heads)) if (t in FANTASY_SKINS) == fantasy]
        tone = choose(tones)
        if not tone:
            return None
        age = "old " if elderly else ""
        person = Person(
            f"{age}{'woman' if female else 'man'}",
            skin=SKINS.get(tone, ""),
            pose="in a fighting stance" if armed else "",
        )
        low: list[Layer] = []
        top: list[Layer] = []

        def wear(
            kind: str, name: str, part: str, stack: list[Layer], only: tuple[str, ...] = (), form: str = ""
        ) -> bool:
            colors = variants(kind, name)
            color = choose([c for c in sorted(colors) if not only or c in only])
            if not color:
                return False
            bare = name.split(" - ", 1)[1] if " - " in name else name
            word = "" if color == "_" else COLORS.get(color, color.lower())
            words = form.format(word) if form else f"{word} {GARMENTS.get(bare, bare.lower())}".strip()
            behind = variants(f"{kind}/{name}", "_Behind").get(color) or variants(f"{kind}/{name}", "_ Behind").get(
                color
            )
            if behind:
                low.insert(0, Layer(behind, part, words))
            stack.append(Layer(colors[color], part, " ".join(words.split())))
            return True

        if not armed and rng.random() < 0.05:
            wear("Body", choose(["Wings 01 - Feathered Wings", "Wings 02 - Bat Wings"]), "wings", top)
        clothes = f"Clothing/{build}"
        shoes = "Clothing/Feminine, Thin/Feet"  # drawn for both builds: their feet stand on the same pixels
        worn: list[Layer] = [Layer(body[tone], "body")]
        legs = choose(names(f"{clothes}/Legs"))
        overalls = "Overalls" in legs
        foot = choose(names(shoes, r"Shoes"))
        if "Short" in legs and rng.random() < 0.4:
            wear(shoes, choose(names(shoes, "Socks")), "feet", worn)
        if foot and "Boots" not in foot:
            wear(shoes, foot, "feet", worn)
        if legs and not overalls:
            wear(f"{clothes}/Legs", legs, "legs", worn)
        if "Boots" in foot:
            wear(shoes, foot, "feet", worn)
        torso = choose(names(f"{clothes}/Torso"))
        if not torso or not legs:
            return None
        wear(f"{clothes}/Torso", torso, "torso", worn)
        if overalls:
            wear(f"{clothes}/Legs", legs, "legs", worn)
        if rng.random() < 0.18:
            wear(
                f"{clothes}/Torso 2", choose(names(f"{clothes}/Torso 2", "Cardigan" if overalls else "")), "torso", worn
            )
        if rng.random() < 0.06:
            wear(f"{clothes}/Accessories", choose(names(f"{clothes}/Accessories")), "torso", worn)
        worn.append(Layer(heads[tone], "head"))
        eyes = variants("Head", "Head Overlay - Eyes")
        if eyes:
            worn.append(Layer(eyes[choose(sorted(eyes))], "eyes"))
        natural: tuple[str, ...] = () if rng.random() < 0.3 else NATURAL_HAIR
        if elderly:
            natural = ("Gray", "White")
        helmet = rng.random() < (0.55 if armed else 0.1)
        helm = choose(names("Head Accessories", r"^Helm \d")) if helmet else ""
        hairs = names("Hair", r"^(Short|Medium)")
        hair = choose([h for h in hairs if not (female and re.search("Balding", h))])
        hair_color = choose([c for c in sorted(variants("Hair", hair)) if not natural or c in natural])
        if not female and rng.random() < 0.35:
            beard = choose(names("Hair", "^Facial"))
            wear("Hair", beard, "beard", worn, (hair_color,), HAIR.get(beard.split(" - ")[-1], "a {} beard"))
        if not helm or "Open" in helm or "Kettle" in helm or "Morion" in helm:
            brows = choose(names("Hair", "^Eyebrows"))
            wear("Hair", brows, "hair", worn, (hair_color,), " ")
        if not helm and rng.random() < 0.97:
            wear("Hair", hair, "hair", top, (hair_color,), HAIR.get(hair.split(" - ")[-1], "{} hair"))
        if rng.random() < 0.15 and not helm:
            wear("Head Accessories", choose(names("Head Accessories", "^Eyewear")), "glasses", top)
        if helm:
            wear("Head Accessories", helm, "helmet", top)
            plume = {"Bascinet": "Bascinet Plumage", "Morion": "Morion Plumage"}.get(
                helm.split(" - ")[-1].split(",")[0]
            )
            if plume and rng.random() < 0.5:
                wear("Head Accessories", choose(names("Head Accessories", plume)), "helmet", top, (), "{} plume")
        if armed:
            if rng.random() < 0.6:
                self._shield(index, animation, top, choose, rng)
            wear("Props", "Sword 01 - Arming Sword", "weapon", top, (), "{} sword")
        person.layers = [*low, *worn, *top]
        if not (armed or fantasy or helm or any(layer.part == "wings" for layer in top)):
            person.genre = "modern"  # t-shirts, polo shirts and cardigans
        return person

    @staticmethod
    def _shield(
        index: Index, animation: str, stack: list[Layer], choose: Callable[[list[str]], str], rng: np.random.Generator
    ) -> None:
        """A painted shield with a golden rim, two thirds of them with a pattern in a second colour."""
        base = "Props/Shield 01 - Heater Shield"
        paints = index.get(f"{base}|{animation}", {}).get("Paint", {})
        rims = index.get(f"{base}|{animation}", {}).get("Trim", {})
        patterns = index.get(f"{base}/Contrast Patterns|{animation}", {})
        paint = choose(sorted(paints))
        if not paint or not rims:
            return
        words = f"{paint.lower()} shield with a golden rim"
        over: list[Layer] = []
        if rng.random() < 0.67:
            pattern = choose([p for p in sorted(patterns) if p in _TABLE["shield_patterns"]])
            color = choose([c for c in sorted(patterns.get(pattern, {})) if c != paint])
            if color:
                words = f"{paint.lower()} shield with {_TABLE['shield_patterns'][pattern].format(color.lower())}"
                over = [Layer(patterns[pattern][color], "shield", words)]
        rim = Layer(rims[sorted(rims)[0]], "shield", words)
        stack += [Layer(paints[paint], "shield", words), *over, rim]


def _index(characters: Path) -> Index:
    """Map "kind|animation file" -> layer name -> colour ('_' where there is one only) -> path."""
    out: Index = {}
    for path in sorted(characters.glob("**/*.png")):
        parts = [p for p in path.relative_to(characters).parts[:-1] if p != "_Alternate Colors"]
        if parts[0].startswith("_") or parts[0] == "Children":
            continue
        file = path.name
        if len(parts) >= 2 and not re.search(r" \d\d | - |^_", parts[-1]):
            out.setdefault(f"{'/'.join(parts[:-2])}|{file}", {}).setdefault(parts[-2], {})[parts[-1]] = path
        out.setdefault(f"{'/'.join(parts[:-1])}|{file}", {}).setdefault(parts[-1], {}).setdefault("_", path)
    for kinds in out.values():
        for colors in kinds.values():
            if len(colors) > 1:
                colors.pop("_", None)
    return out


def _poses(person: Person, number: int) -> Iterator[Person]:
    """The person standing, and in one more pose of `POSES` where all of its layers are drawn for it."""
    for pose in ("", tuple(POSES)[1 + number % (len(POSES) - 1)]):
        animation, frames = POSES[pose]
        layers = [replace(x, path=x.path.with_name(f"{animation}.png")) for x in person.layers]
        if not pose or all(layer.path.is_file() for layer in layers):
            yield replace(person, layers=layers, pose=pose, frames=frames)


class LpcGeneratorImporter:
    """Reads the LPC Spritesheet Generator: bare-chested men in recoloured trousers, with hair, cape and halberd."""

    name = "lpc_generator"
    #: Licences are offered as alternatives per layer; the strictest of the free-culture ones covers the whole picture.
    licence = "CC-BY-SA-3.0"

    def __init__(self, people: int = 150, seed: int = 2012) -> None:
        self.people, self.seed = people, seed

    def detect(self, root: Path) -> bool:
        """Return whether `root` is a checkout of the generator."""
        return (root / "resources/sheet-definitions").is_dir() and (root / "resources/spritesheets").is_dir()

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        """Yield dressed men in four directions each; bodies that no clothes layer fits are left out."""
        resources = root / "resources"
        sheets = resources / "spritesheets"
        palettes = {
            p.stem: json.loads(p.read_text()) for p in sorted((resources / "palette-definitions").glob("*.json"))
        }
        authors = sorted(
            {a for f in resources.glob("sheet-definitions/*/*.json") for a in json.loads(f.read_text())["authors"]}
        )
        for name in ("child", "female", "male-muscular", "teen"):
            yield Skipped(path=f"resources/spritesheets/body/{name}", reason="bare body that no clothes layer covers")
        for i in range(self.people):
            person = self._dress(sheets, palettes, np.random.default_rng([self.seed, 7, i]))
            for posed in _poses(person, i):
                yield from _sprites(posed, i, self.name, self.licence, ", ".join(authors))

    @staticmethod
    def _dress(sheets: Path, palettes: dict[str, dict[str, list[str]]], rng: np.random.Generator) -> Person:
        def choose(options: list[str]) -> str:
            return options[int(rng.integers(len(options)))]

        def ramp(kind: str, base: str, color: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
            return tuple(palettes[kind][base]), tuple(palettes[kind][color])

        def word(color: str) -> str:
            return _TABLE["generator_colors"].get(color, color.replace("_", " "))

        old = rng.random() < 0.2
        tone = choose(list(_TABLE["generator_skins"]))
        skin = _TABLE["generator_skins"][tone]
        person = Person(f"bare-chested {'old ' if old else ''}man", skin=skin)
        recolor = ramp("skin", "light", tone)
        cloth = sorted(palettes["cloth"])
        layers: list[Layer] = []
        cape = rng.random() < 0.4
        if cape:
            color = choose(cloth)
            white = ("#fafafa", "#ececed", "#e4e4e5", "#d5d7da", "#c6c7c9")
            cape_ramp = (white, tuple(palettes["cloth"][color][:5]))
            name = f"{word(color)} cape"
            layers.append(Layer(sheets / "cape/solid-male/solid_behind/idle.png", "cape", name, cape_ramp))
        layers.append(Layer(sheets / "body/male/idle.png", "body", "", recolor))
        color = choose(cloth)
        layers.append(
            Layer(sheets / "pants/male/idle.png", "legs", f"{word(color)} trousers", ramp("cloth", "white", color))
        )
        if cape:
            layers.append(Layer(sheets / "cape/solid-male/idle.png", "cape", name, cape_ramp))
        eyes = ramp("eyes", "blue", choose(sorted(palettes["eyes"])))
        head = sheets / f"head/male{'-elderly' if old else ''}/idle.png"
        layers.append(Layer(head, "head", "", (recolor[0] + eyes[0], recolor[1] + eyes[1])))
        style = choose(["afro", "bangs", "buzzcut", ""])
        if style:
            color = choose(["white", "dark_gray"]) if old else choose(sorted(palettes["hair"]))
            words = HAIR[style].format(word(color))
            layers.append(Layer(sheets / f"hair/{style}/idle.png", "hair", words, ramp("hair", "orange", color)))
        if rng.random() < 0.3:
            layers.append(Layer(sheets / "weapon/halberd/idle.png", "weapon", "halberd"))
        person.layers = layers
        return person


IMPORTERS = (LpcRevisedImporter(), LpcGeneratorImporter())
IMPORTER = IMPORTERS[0]
