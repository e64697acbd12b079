"""Luanti (Minetest) games: 16x16 block faces, tools, plants and doors of `minetest_game` and `voxelibre`.

Words come from `texture_names.json` where the pack derived one from the item registrations (a name is taken only when
it agrees with the file's own words, because several registrations share a texture), else from the file name after the
mod prefix and from `luanti.toml`.
Overlays are laid over the block they belong to, grey foliage is tinted as the game tints it, pieces that are no
picture by themselves (door edges, bed parts, wear layers) are left out with a reason.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from pixelmind.data.captions import describe, dominant_color_words, has_colour_word, unique
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.data.sources.images import load_rgba
from pixelmind.records import U8

_TABLE = tomllib.loads((Path(__file__).parent / "luanti.toml").read_text())


def _words(key: str) -> set[str]:
    return {w.replace("_", " ") if key != "silent_mods" else w for w in _TABLE[key].split()}


COLORS, WOODS, METALS, STATES = _words("colors"), _words("woods"), _words("materials"), _words("states")
MODIFIERS = COLORS | WOODS | METALS | STATES
#: Mods whose own name says nothing that the rest of the file name does not say.
SILENT_MODS = _words("silent_mods")
WORDS: dict[str, str] = _TABLE["words"]
NAMES: dict[str, str] = _TABLE["names"]
OVERLAYS: dict[str, dict[str, str]] = _TABLE["overlays"]
KIND_WORDS = {kind: re.compile(pattern) for kind, pattern in _TABLE["kinds"].items()}
LEFT_OUT = tuple((re.compile(row["pattern"]), row["reason"]) for row in _TABLE["left_out"])

#: Grey in the file, tinted by the biome in the game (the colour is a mild biome's).
TINTED = re.compile(
    r"grass_block|leaves(?!_simple)|default_jungleleaves|mcl_core_vine|tallgrass|_fern|plant_grass|plant_fern|mcl_core_reeds|lilypad|waterlily"
)
TINT = np.array([0x7E, 0xB8, 0x4E], dtype=np.float64) / 255

FACES = {f: f for f in ("top", "bottom", "side", "front", "back", "end", "inside")}
FACES |= {"rear": "back"} | {f"side{i}": "side" for i in range(6)}
MATERIALS_OF_TOOLS = "wood|stone|steel|gold|golden|diamond|bronze|mese|netherite|deepslate|iron"
MATERIAL_SPLIT = re.compile(rf"^({MATERIALS_OF_TOOLS})(axe|pick|shovel|sword|hoe|hammer|spear|scythe)$")
SPDX = (
    (r"CC[ -]?BY-?SA[ -]?4\.0|ShareAlike 4\.0", "CC-BY-SA-4.0"),
    (r"CC[ -]BY-?SA[ -]?3\.0|ShareAlike 3\.0", "CC-BY-SA-3.0"),
    (r"CC[ -]BY[ -]?4\.0|Attribution 4\.0", "CC-BY-4.0"),
    (r"CC[ -]BY[ -]?3\.0|Attribution 3\.0", "CC-BY-3.0"),
    (r"CC-?0", "CC0-1.0"),
    (r"\bMIT\b", "MIT"),
)


@lru_cache(maxsize=128)
def mod_licence(license_file: Path) -> tuple[str, str]:
    """Return (SPDX id or '', credit) of a mod's media. Of several media licences the most demanding one is recorded."""
    text = license_file.read_text(errors="replace")
    start = re.search(r"(?im)^.*licen[sc]es? of media.*$", text)
    if not start:
        return "", ""
    media = text[start.start() :]
    licence = next((spdx for pattern, spdx in SPDX if re.search(pattern, media)), "")
    names = re.findall(r"Copyright \(C\) [\d\-, ]*(?:by )?([^\n:<(]+)", media)
    listed = re.search(r"Copyright \(C\)[^\n]*:\n((?:\s{2,}[^\n]+\n|\n)+)", media)
    if listed:
        names += [line.split("<")[0].split(",")[0] for line in listed[1].splitlines()]
    plain = (re.sub(r"^[\d\s,.\-]+|[\s,.]+$", "", n) for n in names)  # a year's rest is nobody's name
    return licence, ", ".join(dict.fromkeys(n for n in plain if re.search(r"[^\W\d]", n)))


def _tokens(stem: str) -> tuple[list[str], str, int | None]:
    """Split a texture's stem into words without mod prefix; also its face ('top', ...) and its trailing number."""
    parts = [p for p in stem.lower().split("_") if p]
    if parts[0] in ("mcl", "vl", "mobs") and len(parts) > 1:
        parts = parts[1:]
    mod = parts[0]
    if len(parts) > 2 and "_".join(parts[:2]) in SILENT_MODS:
        parts = parts[2:]
    elif len(parts) > 1 and (parts[0] in SILENT_MODS or parts[1] in (parts[0], parts[0].rstrip("s"))):
        parts = parts[1:]
    if parts[0] == "tool" and len(parts) > 1:
        parts = parts[1:]
    silent = {*FACES, "item", "inv", "on", "off", "active", "burning"}
    bare = [p for p in parts if p not in silent and not p.isdigit()]
    if all(p in MODIFIERS for p in bare) and mod not in METALS | {"default", "core", "tool", *bare}:
        parts = [*parts, "pile of bones" if mod == "bones" else mod.rstrip("s")]  # doors_item_steel: a steel door
    number: int | None = None
    face = ""
    kept: list[str] = []
    for part in parts:
        split = MATERIAL_SPLIT.match(part)
        if part.isdigit():
            number = int(part)
        elif part in FACES and len(parts) > 1:
            face = FACES[part]
        elif split:
            kept += [{"wood": "wooden", "gold": "golden"}.get(split[1], split[1]), WORDS.get(split[2], split[2])]
        elif part not in ("stage", "inv"):
            kept.append(part)
    return kept, face, number


def words_of(stem: str, game: str) -> tuple[str, str, int | None]:
    """Return (clean words, face, trailing number) of a texture's stem."""
    parts, face, number = _tokens(stem)
    joined: list[str] = []
    for part in parts:
        pair = f"{joined[-1]} {part}" if joined else ""
        pair = {"big oak": "dark oak", "light silver": "light grey"}.get(pair, pair)
        if pair in COLORS | WOODS:
            joined[-1] = pair
        elif not joined or joined[-1] != part:
            joined.append(part)
    last = max((i for i, p in enumerate(joined) if p not in MODIFIERS), default=-1)
    if last < 0:  # only modifiers: the last material is the thing, e.g. "copper exposed"
        last = max((i for i, p in enumerate(joined) if p not in STATES | COLORS), default=len(joined) - 1)
    after = joined[last + 1 :]
    ordered = sorted(after, key=lambda p: 0 if p in COLORS else 1 if p in STATES else 2)
    words: list[str] = []
    for i, part in enumerate(ordered + joined[: last + 1]):
        is_last = i == len(joined) - 1
        if game == "voxelibre" and part == "steel":
            part = "iron"
        if part == "wood":
            part = "planks" if words and words[-1] in WOODS else "wooden planks" if is_last else "wooden"
        elif part == "silver":
            part = "silver" if words == [] and not is_last and "sand" in " ".join(joined) else "light grey"
        else:
            part = WORDS.get(part, part) if is_last or part not in ("tree", "brick", "melon") else part
        words.append(part)
    return re.sub(r"\s+", " ", " ".join(w for w in words if w)).strip(), face, number


def _agrees(name: str, words: str) -> bool:
    """Whether a registered item name and the file's words speak of one thing and of the same material."""

    def stems(text: str) -> set[str]:
        return {w[:4] for w in re.findall(r"[a-z]+", text.lower()) if len(w) > 2}

    material = {m[:4] for m in METALS | COLORS if m not in ("glass", "chain")}
    mine, theirs = stems(words), stems(name)
    return bool(mine & theirs) and not ((mine & material) - theirs)


def _growth(words: str, number: int, last: int) -> str:
    share = number / max(last, 1)
    return f"seedling of {words}" if share < 0.3 else f"{'young' if share < 0.75 else 'ripe'} {words} plant"


class LuantiImporter:
    """Reads a Luanti game checkout: every `textures/*.png` of the game and of its mods."""

    name = "luanti"

    def detect(self, root: Path) -> bool:
        """Return whether `root` holds a Luanti game: default mod textures, or VoxeLibre's texture folder and mods."""
        return (root / "mods/default/textures").is_dir() or (
            (root / "mods").is_dir() and ((root / "textures").is_dir() or (root / "game.conf").is_file())
        )

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        """Yield block faces, items, plants and objects in path order."""
        game = "minetest_game" if (root / "mods/default/textures").is_dir() else "voxelibre"
        names = json.loads((root / "texture_names.json").read_text()) if (root / "texture_names.json").is_file() else {}
        paths = sorted(root.glob("**/textures/**/*.png"))
        where = {p.stem: p for p in paths}
        stages: dict[str, int] = {}
        for stem in where:
            grown = re.match(r"(.*?)_(?:stage_)?(\d)$", stem)
            if grown:
                stages[grown[1]] = max(stages.get(grown[1], 0), int(grown[2]))
        for path in paths:
            yield from self._texture(root, path, game, names, where, stages)

    def _texture(
        self, root: Path, path: Path, game: str, names: dict[str, str], where: dict[str, Path], stages: dict[str, int]
    ) -> Iterator[RawSprite | Skipped]:
        shown, stem = str(path.relative_to(root)), path.stem
        for pattern, reason in LEFT_OUT:
            if stem not in OVERLAYS and pattern.search(stem):
                yield Skipped(path=shown, reason=reason)
                return
        rgba = load_rgba(path)
        if rgba is None:
            yield Skipped(path=shown, reason="unreadable image")
            return
        below = OVERLAYS.get(stem, {}).get("base", "")
        if below:
            base = load_rgba(where[below]) if below in where else None
            if base is None or base.shape != rgba.shape:
                yield Skipped(path=shown, reason="overlay without its block")
                return
            rgba = np.where(rgba[..., 3:] >= 128, self._tint(stem, rgba), base)
        else:
            rgba = self._tint(stem, rgba)
        h, w = rgba.shape[:2]
        frames = [rgba]
        if h > w and h % w == 0 and "door" not in stem:  # a vertical animation strip of square frames
            frames = [rgba[:w], rgba[h // w // 2 * w : (h // w // 2 + 1) * w]]
        caption, face = self._caption(stem, game, names, stages)
        seen: set[bytes] = set()
        for frame in frames:
            if max(frame.shape[:2]) > 64 or min(frame.shape[:2]) < 8:
                yield Skipped(path=shown, reason="odd size, an unfolded texture")
            elif int((frame[..., 3] >= 128).sum()) < 6:
                yield Skipped(path=shown, reason="nearly empty")
            elif frame.tobytes() not in seen:
                seen.add(frame.tobytes())
                yield self._sprite(root, path, game, frame, caption, face)

    @staticmethod
    def _tint(stem: str, rgba: U8) -> U8:
        opaque = rgba[rgba[..., 3] >= 128][:, :3].astype(int)
        if not len(opaque) or not TINTED.search(stem) or np.ptp(opaque, axis=1).max() > 12:
            return rgba
        out = rgba.copy()
        out[..., :3] = np.rint(rgba[..., :3] * TINT)
        return out

    @staticmethod
    def _caption(stem: str, game: str, names: dict[str, str], stages: dict[str, int]) -> tuple[str, str]:
        """Return (caption without view words, face)."""
        words, face, number = words_of(stem, game)
        bare = re.sub(r"_\d+$", "", stem)
        if stem in OVERLAYS:
            return OVERLAYS[stem]["words"], "side" if "side" in stem else "top"
        if stem in NAMES:
            return NAMES[stem], ""
        crop = re.match(r"(.*?)_(?:stage_)?(\d)$", stem)
        if crop and re.search(r"wheat|cotton|carrot|potato|beetroot|berry|wart|cocoa", stem) and number is not None:
            what = {"cocoa": "cocoa pod", "potatoes": "potato"}.get(words, words)
            return _growth(what, number, stages.get(crop[1], number)), ""
        if bare in NAMES:
            return NAMES[bare], ""
        name = names.get(stem + ".png", "").lower()
        if name and _agrees(name, words) and "(" not in name and "with" not in name:
            name = name.replace("gun powder", "gunpowder").replace("armor", "armour")
            return re.sub(r" tree$", " log", name) if face == "top" else name, face
        words = re.sub(r"\b(granite|andesite|diorite) smooth\b", r"smooth \1", words)
        words = re.sub(r"^rail (.+)", r"\1 rail", re.sub(r"^record \w+", "music record", words))
        words = re.sub(
            r"^stripped ((?:dark )?\w+)$",
            r"stripped \1 log",
            re.sub(r"(.+) chest boat", r"\1 boat with a chest", words),
        )
        return re.sub(r"^(.+) (?:active|on)\b", r"lit \1", re.sub(r"^(.+) off\b", r"unlit \1", words)), face

    def _sprite(self, root: Path, path: Path, game: str, rgba: U8, caption: str, face: str) -> RawSprite:
        full = (rgba[..., 3] >= 128).mean()
        kind = next((k for k, words in KIND_WORDS.items() if words.search(caption)), "tile" if full > 0.8 else "item")
        if (full == 1 and kind != "effect") or ("leaves" in caption and kind != "plant"):
            kind = "tile"
        tags = {"kind": kind, "style": game, "subject": caption}
        if kind == "tile":
            view = {"end": "top", "inside": ""}.get(face, face)
            tail = f", {view} view" if view else ""
            thing = caption.removesuffix(" block")
            colors = [] if has_colour_word(caption) else dominant_color_words(rgba)
            colored = [f"{' and '.join(colors)} {thing} texture{tail}"] if colors else []
            captions = unique([f"{caption}{tail}", f"{thing} tile{tail}", *colored])
            if view in ("top", "side", "front", "back"):
                tags["view"] = view
        else:
            captions = describe(caption, rgba=rgba)
        folder = path.parent.parent
        notes = folder / "license.txt"
        licence, credit = mod_licence(notes) if notes.is_file() and folder != root else ("", "")
        default = ("CC-BY-SA-4.0", "XSSheep (Pixel Perfection) and VoxeLibre contributors")
        if game == "minetest_game":
            default = ("CC-BY-SA-3.0", "Minetest Game contributors")
        return RawSprite(
            rgba=rgba,
            captions=captions,
            source=game,
            licence=licence or default[0],
            credit=credit or default[1],
            tags=tags,
            params={"path": str(path.relative_to(root))},
        )


IMPORTER = LuantiImporter()
