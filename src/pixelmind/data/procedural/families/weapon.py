"""Weapons that lie on the diagonal: swords, daggers, axes, spears, maces, hammers, bows and staffs."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, Region, grow
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

KINDS = ("sword", "dagger", "axe", "spear", "mace", "hammer", "bow", "staff", "pickaxe")
BLADES = {
    "steel": "steel",
    "iron": "iron",
    "gold": "gold",
    "copper": "copper",
    "wood": "wood",
    "red": "red",
    "blue": "light blue",
    "green": "green",
    "purple": "purple",
    "black": "black",
}
PARAMETERS = {
    "weapon": choice(*KINDS, weights=(7, 2.5, 3, 2, 1.5, 1.5, 2, 2.5, 2)),
    "blade": choice(*BLADES, weights=(6, 2, 3, 1, 1.5, 1.2, 1.5, 1.2, 1, 1)),
    "grip_color": choice(
        "brown", "dark brown", "red", "blue", "green", "purple", "black", weights=(6, 3, 2, 2, 1, 1, 1)
    ),
    "guard_color": choice("gold", "silver", "brown", "red", weights=(5, 3, 2, 1)),
    "gem_color": choice(None, "red", "blue", "green", "purple", weights=(4, 1.5, 1.5, 1, 1)),
    "glow": choice("none", "flaming", weights=(10, 1)),
    "wide": flag(0.4, minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    kind = p["weapon"]
    if kind in ("bow", "staff"):
        p["blade"], p["guard_color"] = "none", None
    if kind not in ("sword", "dagger"):
        p["guard_color"] = None
        p["glow"] = "none"
    if kind not in ("sword", "dagger", "staff") or (s < 24 and kind != "staff"):
        p["gem_color"] = None
    if kind == "staff" and p["gem_color"] is None:
        p["gem_color"] = "cyan"
    if s < 24:
        p["glow"] = "none"
    if kind in ("axe", "spear", "hammer", "pickaxe", "mace", "bow", "staff"):
        p["grip_color"] = "brown"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m = c.s, 0 if c.s <= 10 else 1
    lo, hi = m + 1 if s > 10 else 0, s - 1 - m  # the weapon runs from (lo, hi) bottom left to (hi, lo) top right
    kind = p["weapon"]
    metal = BLADES.get(p["blade"], "steel")
    thick = 1 if s <= 10 else (2 if s < 28 else (3 if s < 44 else 4 if s < 60 else 5))

    def at(t: float, side: float = 0.0) -> tuple[float, float]:
        """Point at share t from the butt to the tip, `side` pixels to the upper left."""
        x, y = lo + (hi - lo) * t, hi - (hi - lo) * t
        return x - side * 0.707, y - side * 0.707

    def bar(t0: float, t1: float, width: float) -> Region:
        k = width / 2
        return (
            c.poly(at(t0, k - 0.5), at(t1, k - 0.5), at(t1, -(k - 0.5)), at(t0, -(k - 0.5)))
            if width > 1
            else c.stroke(at(t0), at(t1))
        )

    side = (c.xs + c.ys) - (lo + hi)  # negative: the lit upper-left side
    shade = (side < 0) * 1.1 - (side > 0) * 0.7
    pole = max(1, round(s * 0.06)) + (1 if s >= 24 else 0)

    if kind in ("sword", "dagger"):
        g, tip = (0.27, 1.0) if kind == "sword" else (0.42, 0.84)
        w = thick + (1 if p["wide"] and s > 16 else 0)
        blade = bar(g, tip - 0.07, w * 1.5) if s > 10 else c.stroke(at(g), at(tip))
        if s > 10:
            k = (w * 1.5) / 2 - 0.5
            blade |= c.poly(at(tip - 0.08, k), at(tip), at(tip - 0.08, -k))
        c.paint(blade, metal, "blade", shade.astype("float32"))
        if s >= 24 and kind == "sword":
            c.tone[blade & (side == 0)] = 1.2
        if p["glow"] == "flaming":
            edge = grow(grow(blade)) & ~c.figure
            noise = rng.noise(c.h, c.w)
            c.paint(edge & (noise > 0.35), "fire", "flames", 0)
            c.paint(grow(blade) & ~blade & (noise > 0.5) & (c.part == c.part_id("flames")), "flame", "flames", 0.4)
        grip = bar(0.06, g, max(1, thick - (thick > 3)))
        c.paint(grip, p["grip_color"], "grip", (shade * 0.7).astype("float32"), rim=s > 16)
        if s >= 24:
            c.touch(grip & ((c.xs - c.ys).astype(int) % 4 == 0), -1)
        reach = max(1.5, s * (0.15 if kind == "sword" else 0.11))
        guard = c.stroke(at(g, reach), at(g, -reach), width=1 if s < 28 else (2 if s < 56 else 3))
        if 10 < s < 28:
            guard = guard | c.stroke(at(g + 0.02, reach - 1), at(g + 0.02, 1 - reach))
        c.paint(
            guard,
            p["guard_color"],
            "guard",
            ((c.ys < c.xs * 0 + hi - (hi - lo) * g) * 0.9).astype("float32"),
            rim=s > 16,
        )
        px, py = at(0.03)
        d = 1 if s <= 10 else max(2, round(s * 0.1))
        pommel = c.oval(round(px - d / 2 + 0.5), round(py - d / 2), d, d) if d > 1 else c.dots((px, py))
        c.paint(pommel, p["guard_color"], "guard", "ball", rim=s > 16)
        if p["gem_color"]:
            gx, gy = at(g)
            gem = (
                c.oval(round(gx - 0.5), round(gy - 0.5), 2, 2) if s < 48 else c.oval(round(gx - 1), round(gy - 1), 4, 4)
            )
            c.paint(gem, p["gem_color"], "gem", 0.5)
        return

    if kind == "bow":
        bend = s * 0.36
        a, b, far = at(0.02), at(0.98), at(0.5, bend * 1.55)
        limb = (
            c.taper((a, far, b), max(1.6, s * 0.07), max(1.6, s * 0.07))
            if s > 10
            else c.stroke(a, at(0.25, bend * 0.62), at(0.75, bend * 0.62), b)
        )
        string = c.stroke(a, b)
        c.paint(string, "white", "string", -0.4)
        c.paint(limb, p["grip_color"], "bow", "ball", rim=False)
        grip = (
            limb
            & (abs(c.xs - (c.ys * 0 + at(0.5, bend * 0.78)[0])) < s * 0.09)
            & (abs(c.ys - at(0.5, bend * 0.78)[1]) < s * 0.09)
        )
        c.paint(grip, "tan", "grip", 0.2)
        return

    shaft = bar(0.0, 0.98 if kind in ("spear", "staff") else 0.9 if kind == "hammer" else 0.94, pole)
    c.paint(shaft, p["grip_color"], "shaft", (shade * 0.8).astype("float32"))
    if s >= 24:
        wrap = bar(0.1, 0.26, pole + 0.6)
        c.paint(wrap & shaft, "dark brown", "grip", 0.1)
    if kind == "spear":
        head = c.poly(at(0.72, 0), at(0.8, s * 0.1), at(1.0), at(0.8, -s * 0.1))
        c.paint(head, metal, "head", shade.astype("float32"), rim=True)
    elif kind == "axe":
        across, along = -side * 0.707, ((c.xs - c.ys) - (lo - hi)) / (2 * (hi - lo)) - 0.74
        reach, half = s * 0.34, 0.22
        wing = np.clip(np.abs(across) / reach, 0, 1) ** 1.6 * (half - 0.07) + 0.07
        rim = reach * (1 - 0.34 * (along / half) ** 2)
        head = (np.abs(along) <= wing) & (np.abs(across) <= rim)
        if not (p["wide"] and s >= 16):  # one blade, a blunt poll behind it
            head &= (across >= 0) | ((across > -s * 0.1) & (np.abs(along) < 0.07))
        c.paint(head, metal, "head", (shade * 0.6 - 0.2).astype("float32"), rim=True)
        if s >= 16:
            c.touch(head & (np.abs(across) > rim - max(1.0, s * 0.05)), 1.3)
        c.paint(bar(0.55, 0.94, pole), p["grip_color"], "shaft", (shade * 0.6).astype("float32"), rim=s > 20)
    elif kind == "pickaxe":
        # an arc across the shaft near the tip, pointed at both ends
        across, along = np.abs(side * 0.707) / (s * 0.46), ((c.xs - c.ys) - (lo - hi)) / (2 * (hi - lo))
        arc = 0.86 - 0.3 * across**2
        head = (np.abs(along - arc) <= 0.075 * (1.05 - across) + 0.02) & (across <= 1)
        c.paint(head, metal, "head", (np.where(along > arc, 0.7, -0.5)).astype("float32"), rim=True)
        c.paint(bar(0.74, 0.94, pole), p["grip_color"], "shaft", (shade * 0.6).astype("float32"), rim=s > 20)
    elif kind == "hammer":
        big, low, high = s * 0.16, 0.62, 0.84
        head = c.poly(at(low, big * 1.6), at(high, big * 1.6), at(high, -big * 1.6), at(low, -big * 1.6))
        c.paint(head, metal, "head", c.ball(head, 1.2), rim=True)
        if s >= 24:
            band = c.poly(at(low, big * 1.6), at(high, big * 1.6), at(high, big * 1.2), at(low, big * 1.2))
            band |= c.poly(at(low, -big * 1.6), at(high, -big * 1.6), at(high, -big * 1.2), at(low, -big * 1.2))
            c.touch(band & head, -0.8)
    elif kind == "mace":
        x, y = at(0.82)
        d = max(3, round(s * 0.36))
        head = c.oval(round(x - d / 2 + 0.5), round(y - d / 2 + 0.5), d, d)
        if s >= 16:
            cx, cy = round(x - d / 2 + 0.5) + (d - 1) / 2, round(y - d / 2 + 0.5) + (d - 1) / 2
            k = d / 2 + max(1, s // 24)
            for dx, dy in ((0, -1), (0, 1), (1, 0), (-1, 0), (0.7, 0.7), (-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7)):
                head |= c.stroke((cx, cy), (cx + dx * k, cy + dy * k))
        c.paint(head, metal, "head", c.ball(head, 1.5), rim=True)
    else:  # staff
        x, y = at(0.88)
        d = max(3, round(s * 0.24))
        ox, oy = round(x - d / 2 + 0.5), round(y - d / 2 + 0.5)
        if s >= 16:
            claw = (
                c.oval(ox - 2, oy - 2, d + 4, d + 4)
                & ~c.oval(ox - 1, oy - 1, d + 2, d + 2)
                & ((c.xs - c.ys) < (ox - oy) + d * 0.9)
            )
            c.paint(claw, "gold", "head", 0.2)
        orb = c.oval(ox, oy, d, d)
        c.paint(orb, p["gem_color"], "gem", c.ball(orb, 1.7), rim=True)
        if s >= 24:
            c.tone[c.dots((ox + d * 0.25, oy + d * 0.25))] = 4


def words(p: Params) -> Words:
    kind, blade = p["weapon"], p["blade"]
    names = {
        "sword": ("sword", "sword", "longsword", "blade"),
        "dagger": ("dagger", "dagger", "knife", "short blade"),
        "axe": ("axe", "axe", "battle axe"),
        "spear": ("spear", "spear", "lance"),
        "mace": ("mace", "mace", "spiked mace"),
        "hammer": ("hammer", "hammer", "war hammer"),
        "bow": ("bow", "bow", "wooden bow", "hunting bow"),
        "staff": ("staff", "magic staff", "wizard staff"),
        "pickaxe": ("pickaxe", "pickaxe", "mining pick"),
    }
    metal = {
        "steel": ("steel", "", "metal"),
        "iron": ("iron", "metal"),
        "gold": ("{gold}",),
        "copper": ("copper", "bronze"),
        "wood": ("wooden",),
        "red": ("{red}", "magic {red}"),
        "blue": ("{light blue}", "enchanted {light blue}"),
        "green": ("{green}", "poisoned {green}"),
        "purple": ("{purple}", "magic {purple}"),
        "black": ("{black}", "cursed {black}"),
        "none": ("",),
    }[blade]
    having: list[str | tuple[str, ...]] = []
    if kind in ("sword", "dagger"):
        having += [
            (f"a~{{{p['grip_color']}}} grip", f"a~{{{p['grip_color']}}} handle", f"a~{{{p['grip_color']}}} hilt"),
            (f"a~{{{p['guard_color']}}} guard", f"a~{{{p['guard_color']}}} crossguard"),
        ]
        if p["gem_color"]:
            having.append((f"a~{{{p['gem_color']}}} gem", f"a~{{{p['gem_color']}}} jewel in the hilt"))
    elif kind == "staff":
        having.append((f"a~{{{p['gem_color']}}} orb", f"a~{{{p['gem_color']}}} crystal", "an orb"))
    else:
        having.append(
            ("a wooden handle", "a~{brown} handle", "a handle of wood")
            if kind != "bow"
            else ("a string", "a bowstring")
        )
    adjectives: list[str | tuple[str, ...]] = [("flaming", "burning")] if p["glow"] == "flaming" else []
    if kind in ("bow", "staff"):
        adjectives.append("{brown}")
    else:
        adjectives.append(metal)
    return Words(nouns=names[kind], adjectives=tuple(adjectives), having=tuple(having))


FAMILY = Family(
    name="weapon", kind="item", parameters=PARAMETERS, draw=draw, words=words, fit=fit, sizes=SQUARE, weight=1.6
)
