"""Composed scenes: subjects on a place at a time with things, each drawn by its family at its own native size and laid in depth order.

What is said of them (who stands left of whom, how many, on what) is read from the finished picture, not from the plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pixelmind.data.procedural import company
from pixelmind.data.procedural import weather as wt
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Family
from pixelmind.data.procedural.genres import genres_of, pick_genre
from pixelmind.data.procedural.places import PLACES
from pixelmind.data.procedural.ramps import tinted
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.setting import Ground, Place, Setting
from pixelmind.data.procedural.sight import mirrored
from pixelmind.data.procedural.telling import STANDS, Part, Scene, relations

#: Native height of a subject as a share of the canvas, by kind: (low, high).
HEIGHT = {
    "character": (0.36, 0.5),
    "creature": (0.3, 0.46),
    "building": (0.46, 0.6),
    "vehicle": (0.34, 0.48),
    "plant": (0.3, 0.5),
    "object": (0.2, 0.3),
    "item": (0.17, 0.26),
}
KINDS = {"character": 5.0, "creature": 5.0, "building": 2.0, "vehicle": 2.0, "plant": 0.7, "object": 0.7, "item": 0.4}
#: What a subject does, said wherever it stands; all else of its own place is left out.
_DOING = re.compile(
    r"^(facing|looking|walking|taking a step|breathing|spitting|cheering|with arms|attacking|striking|swinging|running|seen from)\b"
)


def subject_families(known: Mapping[str, Family]) -> dict[str, Family]:
    """Families that can be a subject of a composition: one figure, seen upright, that is no place of its own."""
    return {
        n: f
        for n, f in known.items()
        if f.kind in HEIGHT and f.view not in ("top", "isometric") and n not in ("bridge", "door")
    }


def _planned(
    family: Family, seed: object, size: tuple[int, int], fixed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The parameters of one subject, without a backdrop or a ground of its own."""
    p = family.sample(Rng(seed, "params", family.name))
    for key in ("backdrop", "ground"):
        if key in family.parameters and "none" in family.parameters[key].values:
            p[key] = "none"
    if "mound" in family.parameters:
        p["mound"] = False
    p.update(fixed or {})
    if family.fit:
        family.fit(p, *size)
    return p


def _drawn(family: Family, p: dict[str, Any], seed: object, size: tuple[int, int], light: str) -> Part | None:
    """One subject on a canvas of its own, cropped to it, lit from `light`; None where it is no single figure or cannot be named."""
    h, w = size
    canvas = Canvas(h, w)
    family.draw(p, canvas, Rng(seed, "draw", family.name))
    backed = (canvas.mat > 0) & ~canvas.figure
    if canvas.figure.sum() < 0.12 * h * w or backed.sum() > 0.02 * h * w or canvas.figure.mean() > 0.97:
        return None
    counts = np.bincount(canvas.part.ravel(), minlength=len(canvas.parts))
    p["visible"] = [name for name, n in zip(canvas.parts[1:], counts[1:]) if n > (2 if canvas.s > 10 else 0)]
    words = family.words(p)
    canvas = canvas.cropped()
    if light == "right":
        canvas.flip()
        words = mirrored(words)
    place = tuple(f for f in (_doing(f) for f in words.place) if f)
    return Part(family, p, replace(words, place=place), canvas)


def _doing(fact: Fact) -> Fact:
    kept = tuple(t for t in ((fact,) if isinstance(fact, str) else fact) if _DOING.match(t))
    return kept if len(kept) == (1 if isinstance(fact, str) else len(fact)) else ()


def _size(family: Family, kind: str, h: int, w: int, rng: Rng, scale: float = 1.0) -> tuple[int, int]:
    """Native (height, width) of a subject on a canvas: large pictures hold larger subjects, though never as a stretched small one."""
    low, high = HEIGHT[kind]
    s = min(h, w * 1.2)
    px = rng.uniform(low, high) * s * (1.0 if s <= 64 else (64 / s) ** (0.2 if kind == "building" else 0.34)) * scale
    side = max(11 if min(h, w) >= 40 else 10, min(112, round(px)))
    if kind == "character" and side >= 20 and (24, 16) in family.sizes:
        return side, max(16, round(side * 0.75))
    return side, min(side, w - 2)


def compose(
    seed: int,
    known: Mapping[str, Family],
    size: tuple[int, int],
    *,
    family: Family | None = None,
    params: Mapping[str, Any] | None = None,
    genre: str | None = None,
    light: str | None = None,
    place: str | None = None,
    contrast: bool = False,
    mains: Mapping[str, float] | None = None,
) -> Scene:
    """Draw a composition of a seed: a main subject, perhaps others and things, in a place. Colours come later (`styles.render`).

    `mains` are the families the main subject is chosen from, with the share of their subjects that suit the genre;
    `contrast` leaves the tint of the place and time off, for styles of few tones.
    """
    h, w = size
    rng = Rng(seed, "compose")
    pool = subject_families(known)
    side = {"top left": "left", "top right": "right", None: rng.choice(("left", "right"))}[light]
    mains = {n: mains.get(n, 0.0) if mains else 1.0 for n in pool if not mains or n in mains}
    main = _main(seed, pool, mains, size, family, params, genre, side, rng)
    genres = genres_of(main.family, main.words.nouns)
    world = genre if genre else pick_genre(genres, Rng(seed, "genre"))
    where = PLACES[place] if place else company.place_for(main, world, rng)
    night = 2.5 if world == "horror" else 1.0
    time = rng.choice(where.times, [night if t == "night" else 1.0 for t in where.times])
    setting = Setting(time, rng.choice(where.weathers) if min(h, w) >= 24 else "clear", side, world)
    base = Canvas(h, w)
    ground = where.draw(base, Rng(seed, "place", where.name), setting)
    tint = where.tint or ("" if where.inside else wt.tint_of(setting.time, setting.weather))
    tint = "" if contrast else tint
    base.materials = [tinted(m, tint) if i else m for i, m in enumerate(base.materials)]
    if setting.weather == "fog":
        wt.fog(base, Rng(seed, "fog"), ground.horizon, tint)
    if main.count == 1 and company.hovers(main, where):
        main.role = "flyer"
    parts = [main, *_others(seed, pool, size, main, where, setting, rng)]
    stand = ""
    if (
        main.count == 1
        and main.role == "main"
        and len(parts) == 1
        and where.habitat == ("ground",)
        and main.family.kind in ("character", "creature", "object", "item")
        and min(h, w) >= 32
        and company.habitat(main) != "deep"
        and main.family.name not in ("furniture", "camp", "graveyard", "landmark", "winter", "lamp")
        and rng.chance(0.3)
    ):
        stand = rng.choice([s for s in STANDS if s != "rock" or where.name != "interior"])
    everyone = parts
    for attempt in range(2 * len(everyone) + 3):
        kept = len(everyone) - max(0, attempt - 1) // 2  # no room: one fewer every other time
        parts, stand = everyone[: max(1, kept)], stand if attempt < 3 else ""
        if attempt == 2:
            main.count = min(main.count, 2)
        if kept < 1 or (kept == 1 and attempt >= 3):
            main.count = 1
        if _lay_out(parts, where, ground, size, stand, Rng(seed, "layout", attempt)):
            scene = _stamped(base, parts, where, ground, setting, stand, tint, world, seed)
            if all(share > 0.72 or (p.role == "behind" and share > 0.5) for p in parts for share in p.shares):
                break
    scene.relations = relations(scene)
    for i, part in enumerate(scene.parts):  # nobody says "facing right right of a house"
        if any(a == i and said in ("left of", "right of") for a, said, _ in scene.relations):
            part.words = replace(part.words, place=tuple(f for f in part.words.place if not _faces(f)))
    return scene


def _faces(fact: Fact) -> bool:
    return any(t.startswith(("facing", "looking")) for t in ((fact,) if isinstance(fact, str) else fact))


def _main(
    seed: int,
    pool: Mapping[str, Family],
    mains: Mapping[str, float],
    size: tuple[int, int],
    family: Family | None,
    params: Mapping[str, Any] | None,
    genre: str | None,
    light: str,
    rng: Rng,
) -> Part:
    """The main subject: of the family and the genre asked for, else by weight of its kind."""
    totals: dict[str, float] = {}
    for f in pool.values():
        totals[f.kind] = totals.get(f.kind, 0.0) + f.weight
    names = list(mains)
    weights = [KINDS[pool[n].kind] * pool[n].weight / totals[pool[n].kind] * mains[n] for n in names]
    found = None
    for attempt in range(200):
        chosen = family or pool[rng.choice(names, weights)]
        own, side = f"{seed}/{attempt}" if attempt else seed, _size(chosen, chosen.kind, *size, rng)
        part = _drawn(chosen, _planned(chosen, own, side, params), own, side, light)
        if part is None:
            continue
        if family is None and (company.celestial(part) or company.fixed(part)):
            continue
        if genre is None or genre in genres_of(chosen, part.words.nouns):
            found = part
            break
    if found is None:
        raise RuntimeError(f"no subject of the {genre or 'right'} kind could be drawn for seed {seed}")
    if (
        found.family.kind in ("character", "creature", "plant", "vehicle", "item", "object")
        and size[1] >= 32
        and not params
    ):
        room = size[1] // (found.canvas.w + 3)
        found.count = min(rng.choice((1, 2, 3, 4), (8, 1.7, 0.9, 0.3)), max(1, room))
    if found.words.plural or "number" in found.family.parameters:
        found.count = 1
    return found


def _others(
    seed: int,
    pool: Mapping[str, Family],
    size: tuple[int, int],
    main: Part,
    place: Place,
    setting: Setting,
    rng: Rng,
) -> list[Part]:
    """What else is there: something behind, someone beside, something in the air, a few things on the ground."""
    h, w = size
    area = h * w
    out: list[Part] = []
    if min(h, w) < 32 or (area < 2500 and main.count > 1):
        return out
    open_ground = (
        place.habitat == ("ground",) and not place.inside and "bridge" not in place.name and place.name != "rooftop"
    )
    roles: list[tuple[str, tuple[str, ...], float]] = []
    if open_ground and place.name != "street" and main.family.kind in ("character", "creature", "vehicle"):
        roles.append(("behind", ("building", "plant"), 0.34 if min(h, w) >= 48 else 0.1))
    if place.habitat == ("ground",) and (main.count == 1 or area >= 96 * 96):
        beside = (
            ("character", "creature", "object", "item", "plant")
            if place.name == "interior"
            else ("character", "creature")
            if place.inside
            else ("character", "creature", "plant", "building", "vehicle", "object")
        )
        roles.append(("beside", beside, 0.45))
    if place.habitat != ("deep",) and (not place.inside or place.name in ("space", "dungeon", "cave")):
        roles.append(("flyer", ("creature", "vehicle"), 0.2 if min(h, w) >= 48 else 0.08))
    if place.habitat == ("deep",):
        roles.append(("swimmer", ("creature",), 0.5))
    if place.habitat == ("ground",):
        roles.append(("things", ("object", "item", "plant"), 0.3))
    many = 2.6 if min(h, w) >= 160 else 1.7 if min(h, w) >= 96 else 1.0
    rounds = 1 if area <= 64 * 64 else 2 if min(h, w) < 160 else 3
    for turn in range(rounds):
        for role, kinds, chance in roles:
            if role == "flyer" and turn and place.habitat != ("float",):
                continue
            if not rng.chance(min(0.85, chance * many)) or len(out) >= (2 if area <= 64 * 64 else 6):
                continue
            part = _other(f"{seed}/{role}{turn}", pool, size, role, kinds, [main, *out], place, setting, rng)
            if part:
                out.append(part)
    return out


def _other(
    seed: str,
    pool: Mapping[str, Family],
    size: tuple[int, int],
    role: str,
    kinds: tuple[str, ...],
    taken: list[Part],
    place: Place,
    setting: Setting,
    rng: Rng,
) -> Part | None:
    used = {p.family.name for p in taken}
    nouns = {n for p in taken for n in p.words.nouns} | set(place.shows)
    fits = [f for f in pool.values() if f.kind in kinds and f.name not in used]
    if not fits:
        return None
    weights = [f.weight * (10 if setting.genre in f.genres else 1) for f in fits]
    for attempt in range(16):
        f = rng.choice(fits, weights)
        around = company.in_flight(f) if role == "flyer" else None
        scale = company.company_scale(f, role)
        own, side = f"{seed}/{attempt}", _size(f, f.kind, *size, rng, scale)
        p = _planned(f, own, side, around)
        # what needs no picture is asked before it is drawn
        named = Part(f, p, f.words({**p, "visible": []}), Canvas(1, 1))
        if not company.keeps_company(named, role, place, setting.genre, rng):
            continue
        part = _drawn(f, p, own, side, setting.light)
        if part is None:
            continue
        words = {w for n in part.words.nouns for w in n.split()}
        if nouns & {*part.words.nouns, *words} or {w for n in nouns for w in n.split()} & {part.noun.split(" ")[-1]}:
            continue
        if part.canvas.w > size[1] * 0.7:
            continue
        part.role = role
        if role == "things":
            part.count = min(rng.choice((1, 2, 3, 4), (3, 3, 2, 1)), max(1, size[1] // (3 * part.canvas.w)))
            if "number" in f.parameters:
                part.count = 1
        return part
    return None


def _lay_out(parts: list[Part], place: Place, ground: Ground, size: tuple[int, int], stand: str, rng: Rng) -> bool:
    """Find a spot for every subject: `at` holds the top left of each. False where there is no room."""
    h, w = size
    taken: list[tuple[int, int, int, int, str]] = []
    order = sorted(parts, key=lambda p: {"behind": 0, "main": 1, "beside": 2}.get(p.role, 3))
    row = rng.integer(ground.far, ground.near)
    for part in order:
        part.at = []
        cw, ch = part.canvas.w, part.canvas.h
        for _ in range(part.count):
            spot = None
            for _ in range(30):
                x = rng.integer(1, max(1, w - cw - 1))
                if part.flies or (place.habitat[0] in ("float", "deep") and _floats(part, place)):
                    low = max(
                        1,
                        min(
                            h - ch - 1,
                            (ground.horizon if part.flies and place.habitat[0] != "float" else round(h * 0.78)) - ch,
                        ),
                    )
                    y = rng.integer(1, low)
                elif part.role == "behind":
                    y = ground.far + 1 - ch
                elif place.habitat == ("sea",):
                    y = rng.integer(ground.far, ground.near) - ch + max(1, ch // 10)
                else:
                    near = part.role == "things" or (part.role == "beside" and h >= 96)
                    feet = rng.integer(min(row, ground.near), ground.near) if near else row
                    if part.count > 1 and part.role == "main":
                        feet = rng.integer(max(ground.far, row - h // 24), min(ground.near, row + h // 24))
                    y = feet - ch - (_stand_height(part) if stand else 0)
                if y < 1 or x + cw >= w or x < 0:
                    continue
                if all(_free((x, y, cw, ch, part.role), other) for other in taken):
                    spot = (x, y)
                    break
            if spot is None:
                return False
            part.at.append(spot)
            taken.append((*spot, cw, ch, part.role))
    return True


def _floats(part: Part, place: Place) -> bool:
    return place.habitat[0] == "float" or company.swims(part)


def _stand_height(part: Part) -> int:
    return max(4, round(min(part.canvas.h * 0.4, 26)))


def _free(a: tuple[int, int, int, int, str], b: tuple[int, int, int, int, str]) -> bool:
    """Whether two boxes keep 2 px apart; what stands behind may be covered by a third of its width and half of its height."""
    ax, ay, aw, ah, _ = a
    bx, by, bw, bh, role = b
    dx, dy = min(ax + aw, bx + bw) - max(ax, bx), min(ay + ah, by + bh) - max(ay, by)
    if dx <= -2 or dy <= -2:
        return True
    return role == "behind" and dx * dy <= 0.33 * bw * bh and ay + ah > by + bh


def _stamped(
    base: Canvas,
    parts: list[Part],
    place: Place,
    ground: Ground,
    setting: Setting,
    stand: str,
    tint: str,
    genre: str,
    seed: int,
) -> Scene:
    """The place with all subjects laid in, far ones first, and the weather over them."""
    c = Canvas(base.h, base.w)
    for name in ("mat", "part", "tone", "line", "figure"):
        setattr(c, name, getattr(base, name).copy())
    c.materials, c.parts = list(base.materials), list(base.parts)
    owner = np.zeros((c.h, c.w), dtype=np.uint8)
    spots = [(part.at[k][1] + part.canvas.h, i, k) for i, part in enumerate(parts) for k in range(part.count)]
    spots.sort(key=lambda t: (parts[t[1]].role != "behind", t[0]))
    full: dict[int, int] = {}
    for number, (feet, i, k) in enumerate(spots, start=1):
        part, (x, y) = parts[i], parts[i].at[k]
        grounded = (
            not part.flies
            and place.habitat[0] not in ("float", "sea")
            and not (place.habitat[0] == "deep" and _floats(part, place))
        )
        if grounded and part.role != "behind":
            low = feet + (_stand_height(part) if stand else 0)
            shade = c.ellipse(
                x + part.canvas.w / 2 + (1 if setting.light == "left" else -1),
                low - 1,
                part.canvas.w * 0.48,
                max(1.0, part.canvas.w * 0.09),
            )
            c.touch(shade & ~c.figure & (c.ys >= ground.horizon), -0.9)
        if stand:
            _draw_stand(c, stand, x, feet, part.canvas.w, _stand_height(part), tint, setting.light)
        cells = c.stamp(part.canvas, x, y, prefix=f"{part.noun}/", tint=lambda m: tinted(m, tint), rim=c.s >= 24)
        if place.habitat == ("sea",) and not part.flies:
            wash = cells & (c.ys >= feet - 1 - c.s // 64) & ((c.xs + c.ys) % 3 > 0)
            wt.overlay(c, wash, tinted("cloud", tint), "foam", -0.3)
        full[number] = int(cells.sum())
        owner[cells] = number
    if not place.inside:
        wt.falling(c, Rng(seed, "falling"), setting.weather)
    for part in parts:
        part.boxes, part.shares = [(0, 0, 0, 0)] * part.count, [0.0] * part.count
    for number, (_, i, k) in enumerate(spots, start=1):
        seen = owner == number
        parts[i].boxes[k] = Canvas.box(seen)
        parts[i].shares[k] = float(seen.sum()) / max(1, full[number])
    return Scene(c, place, setting, parts, stand, genre, [], owner)


def _draw_stand(c: Canvas, kind: str, x: int, top: int, width: int, height: int, tint: str, light: str) -> None:
    """A rock, crate or pedestal under a subject `width` wide, its flat top at row `top`."""
    x, width = x - 1, width + 2
    k = Canvas(height, width)
    if kind == "rock":
        k.paint(k.poly((2, 0), (width - 3, 0), (width - 1, height - 1), (0, height - 1)), "stone", "rock", "ball")
        k.touch(k.rect(2, 0, width - 4, 1), 0.8)
        k.touch(k.stroke((width * 0.3, height * 0.3), (width * 0.45, height * 0.7)), -1.0)
    elif kind == "crate":
        body = k.paint(k.full(), "wood", "crate", k.bevel(k.full(), 0.7))
        k.touch(body & (k.ys % max(3, height // 3) == 0), -0.8)
        k.touch(body & ((k.xs < 2) | (k.xs >= width - 2)), 0.6)
    else:
        k.paint(k.rect(2, 2, width - 4, height - 3), "light grey", "pedestal", "column")
        k.paint(k.rect(0, 0, width, 2) | k.rect(1, height - 2, width - 2, 2), "light grey", "pedestal", 0.6)
    if light == "right":
        k.flip()
    c.stamp(k, x, top, prefix="", tint=lambda m: tinted(m, tint), rim=True)
