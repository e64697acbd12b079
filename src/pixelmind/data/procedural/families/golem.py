"""Golems of stone, ice, lava, crystal, moss and iron: slabs for limbs, glowing eyes, cracks and runes."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

MATERIALS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "stone": ("stone", "dark grey", ("stone", "rock", "rocky")),
    "ice": ("ice", "light blue", ("ice", "frozen", "icy")),
    "lava": ("dark grey", "lava", ("lava", "magma", "molten")),
    "crystal": ("violet", "magenta", ("crystal", "gem")),
    "sandstone": ("sandstone", "brown", ("sandstone", "desert")),
    "iron": ("iron", "dark grey", ("iron", "metal")),
    "wood": ("wood", "dark wood", ("wooden", "wood")),
}
PARAMETERS = {
    "material": choice(*MATERIALS, weights=(5, 3, 3, 2, 2, 2, 2)),
    "eye_color": choice("cyan", "red", "yellow", "lime", "orange"),
    "eyes": choice(1, 2, weights=(1, 4)),
    "core_color": choice(None, "cyan", "red", "yellow", "lime", weights=(4, 2, 2, 1, 1)),
    "moss": flag(0.35),
    "cracks": flag(0.5),
    "shape": choice("broad", "boulder", weights=(3, 2)),
    "pose": choice("standing", "smashing", weights=(3, 1.5)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["material"] in ("lava", "ice", "iron"):
        p["moss"] = False
    if p["material"] == "lava":
        p["cracks"] = True
    if s < 20:
        p["cracks"] = p["material"] == "lava" and s >= 14
    if s < 14:
        p["moss"], p["core_color"] = False, None
        p["eyes"] = 2
    if s <= 10:
        p.update(pose="standing", shape="broad")


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    main, dark, _ = MATERIALS[p["material"]]
    if c.s <= 10:
        eyes = "..KEEK.." if p["eyes"] == 1 else "..EKKE.."
        paint_rows(
            c,
            ("..CCCC..", eyes, ".CCCCCC.", "DCCCCCCD", "DDCCCCDD", "DD.CC.DD", "..D..D..", ".DD..DD."),
            {
                "C": (main, "body", 0.2),
                "D": (main, "arms", -0.6),
                "K": (main, "head", -1.2),
                "E": (p["eye_color"], "eyes", 0.4),
            },
        )
        return
    g = Grid(c)
    up = p["pose"] == "smashing"
    leg = g.poly((4.4, 11.4), (7.2, 11.4), (7, 16), (3.8, 16))
    g.pair(leg, main, "legs", 1.0)
    if g.fine:
        c.touch(g.sides(g.rect(3.8, 14.4, 3.4, 0.5)) & (c.part == c.part_id("legs")), -1.0)
    shoulder = g.oval(0.8, 3.6, 5, 4.6)
    if up:
        arm = g.poly((1, 5.6), (3.6, 5.6), (3, 2), (0.8, 2))
        fist = g.oval(0, 0, 4, 3.6)
    else:
        arm = g.poly((1.2, 6.4), (3.8, 6.4), (3.4, 11.4), (0.8, 11.4))
        fist = g.oval(0, 10.6, 4.2, 4)
    g.pair(arm, main, "arms", 0.9)
    g.pair(fist, main, "hands", 1.2, rim=True)
    body = g.poly((3, 4), (13, 4), (12, 9), (10.6, 12.4), (5.4, 12.4), (4, 9))
    if p["shape"] == "boulder":
        body = g.oval(2.4, 3.4, 11.2, 9.4)
    c.paint(body, main, "body", c.ball(body, 1.5), rim=True)
    g.pair(shoulder, main, "shoulders", 1.3, rim=True)
    head = (
        g.poly((5.4, 0.6), (10.6, 0.6), (11, 3.6), (10, 5.4), (6, 5.4), (5, 3.6))
        if p["shape"] == "broad"
        else g.oval(5, 1.4, 6, 4.6)
    )
    c.paint(head, main, "head", c.ball(head, 1.2), rim=True)
    slot = g.rect(5.8, 2.6, 4.4, 1.5)
    c.touch(slot & head, -1.6)
    eye = g.sides(g.rect(6.1, 2.8, 1.2, 1.1)) if p["eyes"] == 2 else g.rect(7.1, 2.6, 1.8, 1.5)
    c.paint(eye, p["eye_color"], "eyes", 0.5)
    whole = c.figure.copy() & ~eye & ~slot
    if p["cracks"]:
        _cracks(c, g, whole, dark, p["material"] == "lava")
    if p["core_color"]:
        core = g.poly((8, 6.6), (9.8, 8.4), (8, 10.4), (6.2, 8.4))
        c.paint(core, p["core_color"], "core", c.ball(core, 1.4) + 0.2, rim=True)
    if p["moss"]:
        soft = rng.smooth(c.h, c.w, max(2, g.px(1.4)))
        top = np.zeros_like(whole)
        k = g.px(1.6)
        top[k:] = whole[k:] & ~whole[:-k]
        top[:k] = whole[:k]
        moss = whole & ((soft > 0.72) | (top & (soft > 0.42))) & (c.ys < g.at(0, 12)[1])
        c.paint(moss, "grass", "moss", -0.2)


def _cracks(c: Canvas, g: Grid, whole: Region, color: str, glow: bool) -> None:
    lines = (
        g.stroke((4.4, 5), (5.8, 7), (5, 9), (6.4, 11))
        | g.stroke((11.6, 6), (10, 7.6), (11, 9.4))
        | g.stroke((1.8, 12), (2.8, 13.2))
    )
    lines |= (
        g.stroke((13.4, 11.4), (14.2, 13))
        | g.stroke((5.4, 13), (5, 15))
        | g.stroke((10.8, 12.6), (11.4, 14.6))
        | g.stroke((8.6, 0.8), (9.4, 2))
    )
    if g.large:
        lines |= (
            g.stroke((2, 5), (3.4, 6.4))
            | g.stroke((13, 4.6), (13.8, 6.6))
            | g.stroke((7.4, 5.6), (8.4, 6.4), (7.8, 7.4))
        )
    if glow:
        c.paint(lines & whole, color, "cracks", 0.3)
    else:
        c.part[lines & whole] = c.part_id("cracks")
        c.touch(lines & whole, -1.7)


def words(p: Params) -> Words:
    eye = f"{{{p['eye_color']}}}"
    having: list[Fact] = [
        (f"glowing {eye} eyes", f"{eye} eyes")
        if p["eyes"] == 2
        else (f"one {eye} eye", "a single eye", f"one glowing {eye} eye")
    ]
    if p["core_color"]:
        having.append((f"a~{{{p['core_color']}}} crystal in its chest", f"a glowing {{{p['core_color']}}} core"))
    if p["moss"] and "moss" in p["visible"]:
        having.append(("moss", "moss growing on it", "patches of moss"))
    if p["cracks"] and "cracks" in p["visible"]:
        having.append(
            ("glowing cracks", "lava in its cracks") if p["material"] == "lava" else ("cracks", "a cracked body")
        )
    if p["shape"] == "boulder":
        having.append(("a round body", "a boulder for a body"))
    place: tuple[Fact, ...] = (
        (("with fists raised", "ready to smash", "raising its fists"),) if p["pose"] == "smashing" else ()
    )
    return Words(
        nouns=("golem", "golem", "giant golem"),
        adjectives=(MATERIALS[p["material"]][2],),
        having=tuple(having),
        place=place,
    )


FAMILY = Family(
    name="golem",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("fantasy", "ancient"),
)
