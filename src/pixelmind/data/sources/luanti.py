"""Luanti (Minetest) games: 16x16 block faces, tools, plants and doors of `minetest_game` and `voxelibre`.

Words come from `texture_names.json` where the pack derived one from the item registrations (a name is taken only when it
agrees with the file's own words, because several registrations share a texture), else from the file name after the mod
prefix. Overlays are laid over the block they belong to, grey foliage is tinted as the game tints it, pieces that are no
picture by themselves (door edges, bed parts, wear layers) are left out with a reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from pixelmind.data.captions import describe, dominant_color_words, has_colour_word, unique
from pixelmind.data.sources.base import RawSprite, Skipped
from pixelmind.records import U8

COLORS = set(
    "black blue brown cyan grey gray green lime magenta orange pink purple red silver white yellow violet lightblue".split()
) | {"light blue", "dark green", "dark grey", "light grey"}
WOODS = set("acacia aspen birch bamboo cherry crimson jungle mangrove oak pine spruce warped wooden wood dark_oak".split())
WOODS |= {"dark oak", "cherry blossom"}
METALS = set(
    "bronze chain chainmail copper diamond gold golden iron lapis leather mese netherite obsidian steel stone tin emerald "
    "sandstone redstone glass deepslate blackstone basalt andesite diorite granite quartz".split()
)
STATES = set(
    "baked broken carved chiseled cobbled compressed cooked cracked cut damaged dead dried dry exposed fancy frosted gilded "
    "glazed glowing golden hardened large lit locked medium mossy oxidized packed polished popped raw small smooth stained "
    "stripped tinted weathered wet wild burning open baby dark light enchanted sticky steel".split()
)
MODIFIERS = COLORS | WOODS | METALS | STATES

#: Mods whose own name says nothing that the rest of the file name does not say.
SILENT_MODS = set(
    "default core farming flowers doors beds carts boats walls fire bucket buckets tool tools armor armour blackstone bows "
    "books colorblocks fences nether ocean mobitems minecarts crimson end fishing potions vessels xpanes binoculars bones "
    "butterflies fireflies keys stairs tnt deco mobs fireworks enchanting clock compass lanterns jukebox amethyst anvils "
    "beehives bells campfires cocoas composter doc droppers dispensers observers hoppers itemframes lectern throwing "
    "tridents raw_ores gold honey sculk sponges mushrooms stonecutter target totems beacon cartography cauldrons brewing "
    "barrels portals sensors raids deepslate_tools lightning_rods".split()
)

#: What file words mean to a reader. Applied token by token after compounds are split.
WORDS = {
    "pick": "pickaxe", "cobble": "cobblestone", "tree": "log", "lump": "lump", "inv": "", "item": "", "wield": "", "basic": "",
    "inventory": "", "fpm": "", "anim": "", "animated": "", "simple": "", "lightstone": "redstone lamp", "jeija": "",
    "mesecons": "", "pwr": "powered", "brk": "brake", "ladder": "ladder", "mineral": "ore", "hyphae": "hyphae bark",
    "big": "dark", "papyrus": "sugar cane", "reeds": "sugar cane", "melon": "melon", "tallgrass": "tall grass", "planks": "planks",
    "brick": "bricks", "stonebrick": "stone bricks", "workbench": "crafting table", "crafting": "", "normal": "", "silver": "light grey",
    "wood": "wooden planks", "noteblock": "note block", "delayer": "repeater", "paeonia": "peony", "syringa": "lilac", "double": "tall",
    "waterlily": "water lily", "steak": "steak", "netheriteblock": "netherite block", "hayblock": "hay bale", "lightblue": "light blue",
    "colorblocks": "", "tnt": "tnt", "viola": "purple viola", "wart": "wart", "harvested": "bundle", "bar": "bars",
    "web": "cobweb", "slime": "slime block", "mesepick": "mese pickaxe", "jungleleaves": "jungle leaves", "netherbrick": "nether brick",
    "junglesapling": "jungle sapling", "jungletree": "jungle log", "junglewood": "jungle planks", "mossycobble": "mossy cobblestone",
    "endframe": "end portal frame", "backstone": "blackstone", "flowerpot": "flower pot", "itemframe": "item frame", "bugnet": "bug net",
    "junglegrass": "jungle grass", "meselamp": "glowing mese lamp", "gunpowder": "pile of gunpowder", "skeleton": "skeleton",
}  # fmt: skip

#: Names that neither the words nor the registrations give: file stem -> caption.
NAMES = {
    "default_coral_skeleton": "dead coral skeleton", "default_moss": "moss", "default_stones": "scattered pebbles",
    "default_snow": "snow", "default_coniferous_litter": "forest floor with pine needles", "default_grass": "grass",
    "default_rainforest_litter": "rainforest floor with fallen leaves", "default_dry_grass": "dry savanna grass",
    "default_river_water": "river water", "default_water": "water", "default_lava": "lava", "default_junglegrass": "jungle grass",
    "default_lava_source_animated": "lava", "default_sign_wall_wood": "wooden sign", "default_sign_wall_steel": "steel sign",
    "default_sign_wood": "wooden sign", "default_sign_steel": "steel sign", "default_furnace_fire_fg": "furnace flames",
    "default_footprint": "footprint", "farming_cotton_seed": "cotton seeds", "farming_wheat": "bundle of wheat",
    "farming_cotton": "ball of cotton", "farming_wheat_seed": "wheat seeds", "doors_item_glass": "glass door",
    "doors_trapdoor_steel": "steel trapdoor", "doors_trapdoor": "wooden trapdoor", "wieldhand": "bare hand",
    "bones_front": "pile of bones", "tnt_boom": "explosion", "tnt_blast": "explosion blast", "tnt_smoke": "puff of smoke",
    "default_item_smoke": "puff of smoke", "bubble": "air bubble", "beds_bed": "bed", "beds_bed_fancy": "fancy bed",
    "default_bookshelf": "bookshelf full of books", "default_chest_lock": "locked chest", "cake": "slice of cake",
    "fire_basic_flame": "flame", "soul_fire_basic_flame": "blue soul flame", "mob_spawner": "iron cage of a monster spawner",
    "spawn_egg": "egg", "redstone_redstone_dust": "pile of redstone dust", "sus_stew": "bowl of stew", "mobs_nametag": "name tag",
    "mcl_totems_totem": "golden totem", "mcl_hamburger": "hamburger", "mcl_hamburger_alt": "hamburger", "mcl_core_web": "cobweb",
    "mcl_hoppers_item": "iron hopper", "vl_tridents_inv": "trident", "mcl_tool_shepherd_staff": "shepherd's staff",
    "jeija_torches_off": "unlit redstone torch", "jeija_torches_on": "lit redstone torch", "default_torch_on_floor": "torch",
    "soul_torch_on_floor": "blue soul torch", "jeija_lightstone_gray_on": "lit redstone lamp",
    "jeija_lightstone_gray_off": "unlit redstone lamp", "mcl_core_light_0": "light", "default_glass_detail": "pane of glass",
    "default_dry_shrub": "dry dead shrub", "default_brick": "brick wall", "default_clay_lump": "ball of clay",
    "mcl_clock": "golden clock", "mcl_compass": "compass", "mcl_compass_recovery_compass": "recovery compass",
    "mcl_bows_bow": "bow", "mcl_bows_crossbow": "crossbow", "leather_horse_armor": "leather horse armour",
    "flowers_tulip": "orange tulip", "flowers_rose": "red rose", "flowers_geranium": "blue geranium", "mcl_core_apple_golden": "golden apple",
    "farming_carrot_gold": "golden carrot", "farming_potato_poison": "poisonous green potato", "mcl_lanterns_lantern_inv": "lantern",
    "weather_pack_rain_raindrop_1": "raindrop", "default_mese_post_light_side": "mese post light", "mcl_bells_bell": "golden bell",
    "default_cactus_side": "cactus", "mcl_core_cactus_side": "cactus", "farming_pumpkin_face": "carved pumpkin face",
    "farming_pumpkin_face_light": "glowing jack o'lantern face", "mcl_throwing_egg": "egg", "mcl_mobitems_bucket_milk": "bucket of milk",
    "bucket_water": "bucket of water", "bucket_lava": "bucket of lava", "bucket_river_water": "bucket of river water", "bucket": "empty bucket",
    "fireflies_bottle": "firefly in a bottle", "fireflies_bottle_animated": "firefly in a bottle", "mcl_fishing_clownfish_raw": "clownfish",
    "mcl_buckets_axolotl_bucket": "axolotl in a bucket", "mcl_buckets_cod_bucket": "cod in a bucket", "mcl_fishing_bobber": "fishing bobber",
    "mcl_buckets_pufferfish_bucket": "pufferfish in a bucket", "mcl_buckets_salmon_bucket": "salmon in a bucket",
    "mcl_buckets_tropical_fish_bucket": "tropical fish in a bucket", "mcl_buckets_lava_bucket": "bucket of lava",
    "mcl_buckets_water_bucket": "bucket of water", "mcl_buckets_river_water_bucket": "bucket of river water",
    "boats_wield": "wooden rowing boat", "boats_inventory": "wooden rowing boat", "mcl_campfires_log": "burnt campfire log",
    "mcl_itemframes_item_frame": "empty item frame", "mcl_itemframes_glow_item_frame": "glowing item frame", "default_leaves": "oak leaves",
    "mcl_core_leaves_big_oak": "dark oak leaves", "tnt_top_burning": "burning tnt block", "tnt_top_burning_animated": "burning tnt block",
    "vessels_shelf": "shelf with bottles", "stairs_glass_split": "glass block", "stairs_obsidian_glass_split": "obsidian glass block",
    "mcl_armor_stand_item": "wooden armour stand", "mcl_end_endframe_eye": "end portal frame eye", "mcl_dye_white": "white dye",
}  # fmt: skip

#: Overlay stem -> the block it is drawn on in the game.
BASES = {
    "default_grass_side": "default_dirt", "default_dry_grass_side": "default_dirt", "default_snow_side": "default_dirt",
    "default_coniferous_litter_side": "default_dirt", "default_rainforest_litter_side": "default_dirt",
    "default_moss_side": "default_permafrost", "default_stones_side": "default_permafrost", "default_stones": "default_permafrost",
    "farming_soil": "default_dirt", "farming_soil_wet": "default_dirt", "mcl_core_grass_block_side_overlay": "default_dirt",
}  # fmt: skip
BASE_NAMES = {
    "default_grass_side": "dirt block with grass on top", "default_dry_grass_side": "dirt block with dry grass on top",
    "default_snow_side": "dirt block with snow on top", "default_coniferous_litter_side": "dirt block with pine litter on top",
    "default_rainforest_litter_side": "dirt block with rainforest litter on top", "default_moss_side": "frozen dirt block with moss on top",
    "farming_soil": "tilled soil", "farming_soil_wet": "wet tilled soil",
    "default_stones_side": "frozen dirt block with pebbles on top", "default_stones": "frozen dirt with pebbles",
    "mcl_core_grass_block_side_overlay": "dirt block with grass on top", "mcl_core_grass_side_snowed": "dirt block with snow on top",
    "mcl_core_grass_path_side": "dirt path block", "mcl_core_dirt_podzol_side": "dirt block with podzol on top",
    "mcl_core_mycelium_side": "dirt block with mycelium on top",
}  # fmt: skip

#: Grey in the file, tinted by the biome in the game (the colour is a mild biome's).
TINTED = re.compile(
    r"grass_block|leaves(?!_simple)|default_jungleleaves|mcl_core_vine|tallgrass|_fern|plant_grass|plant_fern|mcl_core_reeds|lilypad|waterlily"
)
TINT = np.array([0x7E, 0xB8, 0x4E], dtype=np.float64) / 255

LEFT_OUT: tuple[tuple[str, str], ...] = (
    (r"palette|_UV$|cape$|^player|skin_stem|stalker|aura$|light_\d+$|core_void|barrier|hbhunger|achievement|custom_beac", "not a picture"),
    (r"_trim$|overlay|glow_waypoint|number_\d|bubbles|raindrop|mobs_blood|grass_shadow|obsidian_tear|_detail$", "layer of another picture"),
    (r"toppart|bottompart|doors?_.*_side$|trapdoor.*_side$|door_.*side$|_edge$|_bed_(?!fancy).*|hidden_segment|stairside", "edge piece"),
    (r"invisible|_(?:ends|sides)_|^mcl_comparators_o|mesecons_delayer_o|redstone_dust_|pusher|saw$|fence_(?:side|top)$", "connection piece"),
    (r"rail_.*_powered|gunpowder_(?:burning|crossing|curved|t_junction|straight)|stem_(?:dis)?connected|mineral_|fence_overlay", "connection piece"),
    (r"lectern_lectern|bells_bell_|hoppers_hopper_(?!top)|cauldron_inner|cake_inner|scaffolding|endcap|item_frame_border", "unfolded texture"),
    (r"mcl_doors_door_.*_(?:lower|upper)$|_door_(?:top|bottom)$|doors_door_|_sign_(?:wield|wall)|sign_greyscale|frame_background", "door half"),
    (r"effect_|hero_of_the|crafting_creative|beacon_beam|endframe|^lantern|sculk_vein|default_fence_|fences_fence_|xpanes_top", "not a picture by itself"),
)  # fmt: skip

FACES = {"top": "top", "bottom": "bottom", "side": "side", "front": "front", "back": "back", "end": "end", "inside": "inside", "rear": "back"}
FACES |= {f"side{i}": "side" for i in range(6)}
ITEM = re.compile(
    r"\b(pickaxe|axe|shovel|sword|hoe|hammer|spear|scythe|bow|crossbow|arrow|trident|ingot|lump|nugget|shard|gem|raw (?!iron block|gold block)\w+$|dye|book|paper|"
    r"bread|apple|cookie|potato|carrot$|golden carrot|melon slice|seeds|pie|soup|stew|steak|meat|cooked|bottle|bucket|stick|string|flint|"
    r"key|boots|chestplate|helmet|leggings|elytra|record|clock|compass|saddle|rocket|star|scrap|dust|powder|egg|pearl|charge|totem|spyglass|"
    r"binoculars|net|feather|bone$|leather|armou?r|cream|rod|tear|sac|shell|wart$|flour|staff|tag|cake$|hamburger|bowl|sugar$|crystals?|sheet|fish|salmon|"
    r"berry|berries|fragment|slice|bundle|cotton$|foot|flesh|eye|membrane|drop|ash|stand|glass$|pouch)\b"
)
PLANT = re.compile(
    r"\b(sapling|flower|tulip|rose|dandelion|viola|geranium|chrysanthemum|mushroom$|fungus|fern|shrub|grass$|roots|sprouts|kelp|coral$|coral fan|daisy|"
    r"poppy|allium|bluet|orchid|cornflower|lily|sunflower|peony|lilac|clover|vines?|sugar cane|plant|stem$|cactus|bush|propagule|shoot|pickle|"
    r"seagrass|water lily|wild cotton|bamboo|seedling|cluster|bud)\b"
)
OBJECT = re.compile(r"\b(door|trapdoor|bed$|sign|torch|lantern|ladder|rail|chain|lever|boat|minecart|cart|fence|gate|bell|hopper|pot|frame|pane|bars|shelf|campfire|cobweb|cake|repeater|comparator|anvil|cauldron|chest)\b")  # fmt: skip
EFFECT = re.compile(r"\b(flames?|explosion|smoke|bubble|firefly|blast)\b")
MATERIAL_SPLIT = re.compile(r"^(wood|stone|steel|gold|golden|diamond|bronze|mese|netherite|deepslate|iron)(axe|pick|shovel|sword|hoe|hammer|spear|scythe)$")
SPDX = (
    (r"CC[ -]?BY-?SA[ -]?4\.0|ShareAlike 4\.0", "CC-BY-SA-4.0"), (r"CC[ -]BY-?SA[ -]?3\.0|ShareAlike 3\.0", "CC-BY-SA-3.0"),
    (r"CC[ -]BY[ -]?4\.0|Attribution 4\.0", "CC-BY-4.0"), (r"CC[ -]BY[ -]?3\.0|Attribution 3\.0", "CC-BY-3.0"),
    (r"CC-?0", "CC0-1.0"), (r"\bMIT\b", "MIT"),
)  # fmt: skip


def read_rgba(path: Path) -> U8:
    """Read an image as uint8 [H, W, 4] (straight alpha). Raises OSError or ValueError when it cannot be read."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"), dtype=np.uint8)


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
    return licence, ", ".join(dict.fromkeys(n.strip() for n in names if n.strip()))


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
    bare = [p for p in parts if p not in FACES and p not in ("item", "inv", "on", "off", "active", "burning") and not p.isdigit()]
    if all(p in MODIFIERS for p in bare) and mod not in ("default", "core", "tool") and mod not in bare:
        parts = [*parts, mod.rstrip("s") if mod != "bones" else "pile of bones"]  # the mod names the thing: doors_item_steel
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
    return f"{'seedling of' if share < 0.3 else 'young' if share < 0.75 else 'ripe'} {words}{'' if share < 0.3 else ' plant'}"


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
            if stem not in BASES and re.search(pattern, stem):
                yield Skipped(path=shown, reason=reason)
                return
        try:
            rgba = read_rgba(path)
            base = read_rgba(where[BASES[stem]]) if BASES.get(stem) in where else None
        except (OSError, ValueError) as error:
            yield Skipped(path=shown, reason=f"unreadable image: {error}")
            return
        if stem in BASES:
            if base is None or base.shape != rgba.shape:
                yield Skipped(path=shown, reason="overlay without its block")
                return
            rgba = np.where(rgba[..., 3:] >= 128, self._tint(stem, rgba), base)
        else:
            rgba = self._tint(stem, rgba)
        h, w = rgba.shape[:2]
        frames = [rgba]
        if h > w and h % w == 0 and h // w >= 3:  # a vertical animation strip of square frames
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
        if stem in BASE_NAMES:
            return BASE_NAMES[stem], "side" if "side" in stem else "top"
        if stem in NAMES:
            return NAMES[stem], ""
        crop = re.match(r"(.*?)_(?:stage_)?(\d)$", stem)
        if crop and re.search(r"wheat|cotton|carrot|potato|beetroot|berry|wart|cocoa", stem) and number is not None:
            return _growth({"cocoa": "cocoa pod"}.get(words, words).replace("potatoes", "potato"), number, stages.get(crop[1], number)), ""
        if bare in NAMES:
            return NAMES[bare], ""
        name = names.get(stem + ".png", "").lower()
        if name and _agrees(name, words) and "(" not in name and "with" not in name:
            return name.replace("gun powder", "gunpowder"), face
        words = re.sub(r"\b(granite|andesite|diorite) smooth\b", r"smooth \1", words)
        words = re.sub(r"^rail (.+)", r"\1 rail", words)
        return re.sub(r"^(.+) (?:active|on)\b", r"lit \1", re.sub(r"^(.+) off\b", r"unlit \1", words)), face

    def _sprite(self, root: Path, path: Path, game: str, rgba: U8, caption: str, face: str) -> RawSprite:
        opaque = bool((rgba[..., 3] >= 128).all())
        if EFFECT.search(caption):
            kind = "effect"
        elif opaque:
            kind = "tile"
        elif PLANT.search(caption) and not re.search(r"seeds|dye", caption):
            kind = "plant"
        elif ITEM.search(caption):
            kind = "item"
        elif OBJECT.search(caption):
            kind = "vehicle" if re.search(r"\b(boat|minecart|cart)\b", caption) else "object"
        elif "leaves" in caption:
            kind = "tile"
        else:
            kind = "tile" if (rgba[..., 3] >= 128).mean() > 0.8 else "item"
        tags = {"kind": kind, "style": game, "genre": "fantasy", "subject": caption}
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
        licence, credit = mod_licence(folder / "license.txt") if (folder / "license.txt").is_file() and folder != root else ("", "")
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
