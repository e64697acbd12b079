"""What a hand holds: weapons and tools drawn along a direction from the hand, so that one shape serves every pose and view."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pixelmind.data.procedural.canvas import Canvas, Region


@dataclass(frozen=True)
class Thing:
    """`kind` of shape; `idle` and `attack`: degrees the thing points to (0 left, 90 up), attack seen from the side; `handle` its colour.

    Lengths are in units of a sixteenth of the person's height. `pole`: gripped in the middle, it reaches the floor when idle.
    """

    shape: str
    handle: str = "dark wood"
    length: float = 5.5
    idle: float = 90
    attack: float = 28
    pole: bool = False


THINGS: dict[str, Thing] = {
    "sword": Thing("blade", "dark brown", 5.2),
    "short sword": Thing("blade", "dark brown", 3.6),
    "rusty sword": Thing("blade", "dark brown", 5.0),
    "cutlass": Thing("curved", "dark brown", 4.8),
    "katana": Thing("curved", "black", 5.8),
    "axe": Thing("axe", "wood", 4.6),
    "club": Thing("club", "dark wood", 4.6),
    "bone": Thing("bone", "bone", 4.0),
    "stone axe": Thing("axe", "dark wood", 4.4),
    "hammer": Thing("hammer", "dark wood", 4.2),
    "mallet": Thing("hammer", "dark wood", 4.2),
    "wrench": Thing("wrench", "iron", 4.2),
    "spear": Thing("spear", "wood", 6.4, 90, 8, True),
    "trident": Thing("trident", "gold", 6.2, 90, 12, True),
    "naginata": Thing("naginata", "dark wood", 6.4, 90, 16, True),
    "pitchfork": Thing("fork", "wood", 6.0, 90, 14, True),
    "rake": Thing("rake", "wood", 6.0, 90, 14, True),
    "hoe": Thing("hoe", "wood", 6.0, 90, 30, True),
    "shovel": Thing("shovel", "wood", 5.6, 90, 20, True),
    "scythe": Thing("scythe", "wood", 6.4, 90, 30, True),
    "staff": Thing("orb", "wood", 6.0, 90, 40, True),
    "crook": Thing("crook", "gold", 6.0, 90, 40, True),
    "broom": Thing("broom", "wood", 6.0, 90, 30, True),
    "wand": Thing("wand", "dark wood", 3.4, 80, 25),
    "torch": Thing("torch", "wood", 3.2, 90, 40),
    "lantern": Thing("lantern", "iron", 2.6, 270, 270),
    "pistol": Thing("pistol", "dark wood", 2.6, 0, 0),
    "blaster": Thing("pistol", "dark grey", 3.0, 0, 0),
    "rifle": Thing("rifle", "wood", 5.4, 0, 0),
    "deck": Thing("deck", "dark grey", 3.0, 0, 0),
    "flag": Thing("flag", "silver", 6.2, 90, 50, True),
    "fishing rod": Thing("rod", "wood", 6.4, 65, 40),
    "bag": Thing("bag", "brown", 3.0, 270, 270),
    "balloon": Thing("balloon", "white", 6.6, 80, 70),
    "book": Thing("book", "white", 2.4, 0, 0),
}
_METAL = ("steel", "iron", "silver", "copper", "gold", "bone", "stone")


def tip_of(kind: str, color: str) -> tuple[str, str, bool]:
    """(colour of the head, colour of the handle, whether the head is all of it) for the smallest sizes."""
    thing = THINGS[kind]
    return color, thing.handle, thing.shape in ("blade", "curved", "bone", "wrench")


def draw_held(
    c: Canvas, kind: str, hand: tuple[float, float], color: str, u: float, attack: bool, side: bool, floor: int
) -> None:
    """Paint a thing held at `hand` (x, y); `u` pixels are a sixteenth of the person's height."""
    thing = THINGS[kind]
    angle = thing.idle
    if attack:
        angle = (
            thing.attack
            if side or thing.shape in ("pistol", "rifle", "lantern")
            else 90
            if thing.pole
            else max(thing.attack, 58)
        )
    elif side and not thing.pole and thing.idle == 90:
        angle = 62
    dx, dy = -math.cos(math.radians(angle)), -math.sin(math.radians(angle))
    x0, y0 = hand

    def at(a: float, b: float = 0.0) -> tuple[float, float]:
        return x0 + (dx * a + dy * b) * u, y0 + (dy * a - dx * b) * u

    def bar(a0: float, a1: float, width: float, b0: float = 0.0, b1: float = 0.0) -> Region:
        k = max(1, round(width * u))
        if k < 3:
            return c.stroke(at(a0, b0), at(a1, b1), width=k)
        if angle == 90 and b0 == b1:  # an exact upright box
            x, y = at(a1, b0)
            return c.rect(round(x - (k - 1) / 2), round(y), k, max(1, round(abs(a1 - a0) * u)))
        return c.taper((at(a0, b0), at(a1, b1)), k, k)

    s, n = c.s, thing.length
    rim = s >= 24
    big = s >= 24
    shape = thing.shape
    back = -1.0
    if thing.pole:
        back = -max(2.0, (floor - 1 - y0) / u) if not attack else -3.0
        n = min(n, (y0 - 2) / u) if angle == 90 else n * 0.8
    tone = 0.0

    def handle(a0: float, a1: float, width: float = 0.5) -> None:
        stick = bar(a0, a1, width)
        c.paint(stick, thing.handle, "handle", c.column(stick, 0.6) if angle == 90 else tone, rim=rim)

    if shape in ("blade", "curved"):
        w = 0.75 if shape == "blade" else 0.65
        if s < 24:
            blade = c.stroke(at(0.6), at(n))
        elif shape == "blade":
            blade = c.poly(at(0.6, -w / 2), at(n - 0.7, -w / 2), at(n), at(n - 0.7, w / 2), at(0.6, w / 2))
        else:
            tip = n * 0.16
            mid = (at(0.6), at(n * 0.6, tip * 0.1), at(n, -tip))
            blade = c.taper(mid, max(1, w * u), max(1, 0.4 * u))
        c.paint(blade, color, "weapon", c.column(blade, 1.1) if s >= 40 and angle == 90 else 0.5, rim=rim)
        if s >= 40 and shape == "blade":
            c.touch(c.stroke(at(1), at(n - 1)) & blade, 0.9)
        handle(-1.0, 0.4)
        if kind != "katana" or big:
            guard = bar(0.5, 0.5, 0.45, -0.9, 0.9)
            c.paint(guard, "gold" if color != "gold" else "dark brown", "weapon", 0.1, rim=s >= 48)
        if kind == "cutlass" and s >= 32:
            c.paint(
                c.taper((at(0.5, 0.8), at(-0.4, 1.3), at(-1.1, 0.2)), max(1, 0.3 * u), max(1, 0.3 * u)),
                "gold",
                "weapon",
                0,
            )
    elif shape in ("axe", "hammer"):
        handle(-1.2, n)
        if shape == "axe":
            head = c.poly(at(n - 0.2, 0), at(n + 0.5, 1.7), at(n - 1.0, 2.0), at(n - 2.0, 1.5), at(n - 1.4, 0))
        else:
            head = c.poly(at(n + 0.6, -1.2), at(n + 0.6, 1.3), at(n - 0.9, 1.3), at(n - 0.9, -1.2))
        c.paint(head, color, "weapon", c.ball(head, 1.3), rim=rim)
    elif shape == "club":
        club = c.taper((at(-0.8), at(n)), max(1, 0.5 * u), max(2, 1.7 * u))
        c.paint(club, color, "weapon", c.ball(club, 1.2), rim=rim)
        if big:
            c.touch(c.dots(at(n - 0.6, 0.4), at(n - 1.6, -0.3), at(n - 0.2, -0.4)) & club, -1.4)
    elif shape == "bone":
        stick = bar(-1.0, n, 0.6)
        k = max(2, round(1.1 * u))
        for b in (-0.5, 0.5):
            x, y = at(n, b)
            stick |= c.oval(round(x - k / 2 + 0.5), round(y - k / 2 + 0.5), k, k) if s >= 20 else c.dots((x, y))
        c.paint(stick, color, "weapon", c.ball(stick, 0.9), rim=rim)
    elif shape == "wrench":
        stick = bar(-1.0, n - 0.6, 0.6)
        jaw = c.taper((at(n + 0.7, -0.8), at(n - 1.2, 0), at(n + 0.7, 0.8)), max(1, 0.6 * u), max(1, 0.6 * u))
        c.paint(stick | jaw, color, "weapon", c.ball(stick | jaw, 1.0), rim=rim)
    elif shape in ("spear", "naginata"):
        handle(back, n)
        if shape == "spear":
            head = c.poly(at(n + 1.5), at(n, 0.7), at(n - 0.5), at(n, -0.7)) if big else c.stroke(at(n), at(n + 1.2))
        else:
            head = c.taper((at(n - 0.6), at(n + 0.6, 0.5), at(n + 1.8, -0.5)), max(1, 0.9 * u), 1)
        c.paint(head, color, "weapon", c.fall(head, 0.8, -0.2), rim=rim)
        if s >= 32:
            c.paint(bar(n - 0.6, n - 0.6, 0.4, -0.5, 0.5), "red", "weapon", 0)
    elif shape in ("trident", "fork", "rake"):
        handle(back, n - 0.8)
        spread = 1.0 if big else max(1.0, 1.05 / u)
        prongs = bar(n - 0.8, n - 0.8, 0.3, -spread, spread)
        tips = (-spread, 0.0, spread) if shape != "rake" else (-spread, -0.35, 0.35, spread)
        for b in tips:
            prongs |= bar(n - 0.8, n + 1.0 if shape != "rake" else n - 0.1, 0.35, b, b)
        c.paint(prongs, color, "weapon", 0.4, rim=rim)
    elif shape == "hoe":
        handle(back, n)
        head = c.poly(at(n + 0.4, 0), at(n + 0.4, 1.6), at(n - 0.8, 1.8), at(n - 0.6, 0))
        c.paint(head, color, "weapon", c.fall(head, 0.6, -0.4), rim=rim)
    elif shape == "shovel":
        handle(back, n - 1)
        head = c.poly(at(n - 1.2, -0.8), at(n + 0.5, -0.8), at(n + 1.3), at(n + 0.5, 0.8), at(n - 1.2, 0.8))
        c.paint(head, color, "weapon", c.column(head, 1.0), rim=rim)
    elif shape == "scythe":
        handle(back, n)
        turn = 1 if angle != 90 or x0 > 4 * u else -1  # away from the edge
        blade = c.taper((at(n), at(n + 0.8, 2.0 * turn), at(n - 1.4, 3.6 * turn)), max(1, 1.0 * u), 1)
        c.paint(blade, color, "weapon", c.fall(blade, 0.8, -0.4), rim=rim)
    elif shape == "orb":
        handle(back, n)
        x, y = at(n)
        k = max(2, round(2.0 * u))
        orb = c.oval(max(1, round(x - k / 2 + 0.5)), max(1, round(y - k / 2)), k, k)
        if s >= 32:
            c.paint(
                c.taper((at(n - 1.2, -0.2), at(n - 0.2, -1.5), at(n + 0.8, -1.1)), max(1, 0.5 * u), 1),
                thing.handle,
                "handle",
                0.2,
            )
        c.paint(orb, color, "orb", c.ball(orb, 1.6), rim=rim)
    elif shape == "crook":
        handle(back, n - 0.8)
        hook = c.taper((at(n - 1), at(n + 1.8, 0.4), at(n - 0.2, 1.8)), max(1, 0.5 * u), max(1, 0.5 * u))
        c.paint(hook, color, "weapon", 0.3, rim=rim)
    elif shape == "broom":
        handle(back + 1.6 if not attack else back, n)
        a = back if not attack else n
        sign = -1 if not attack else 1
        brush = c.poly(
            at(a - 2.2 * sign if attack else a + 2.2, -0.3),
            at(a - 2.2 * sign if attack else a + 2.2, 0.3),
            at(a + (0.3 if attack else 0), 1.1),
            at(a + (0.3 if attack else 0), -1.1),
        )
        c.paint(brush, "sand", "broom", c.column(brush, 1.0), rim=rim)
        if s >= 32:
            c.paint(
                bar(a + 2.2 if not attack else a - 2.2, a + 2.2 if not attack else a - 2.2, 0.3, -0.4, 0.4),
                "red",
                "broom",
                0,
            )
    elif shape == "wand":
        handle(-0.6, n, 0.4)
        x, y = at(n + 0.4)
        k = max(1, round(0.9 * u))
        star = c.oval(round(x - k / 2), round(y - k / 2), k, k)
        if s >= 24:
            star |= c.stroke((x - k, y), (x + k, y)) | c.stroke((x, y - k), (x, y + k))
        c.paint(star, color, "magic", 0.6)
    elif shape == "torch":
        handle(-0.8, n - 0.6, 0.6)
        x, y = at(n + 0.2)
        k = max(2, round(1.6 * u))
        flame = c.oval(round(x - k / 2 + 0.5), round(y - k * 0.8), k, round(k * 1.3)) | c.poly(
            (x - k * 0.4, y - k * 0.3), (x + k * 0.1, y - k * 1.5), (x + k * 0.4, y - k * 0.3)
        )
        c.paint(flame, "fire", "flame", 0)
        c.paint(
            c.oval(round(x - k * 0.25 + 0.5), round(y - k * 0.3), max(1, k // 2), max(1, round(k * 0.7))),
            "flame",
            "flame",
            0.4,
        )
    elif shape == "lantern":
        x, y = x0, y0 + 1.0 * u
        k = max(2, round(1.8 * u))
        c.paint(c.stroke((x, y0), (x, y + 1)), "iron", "lantern", 0)
        box = c.rect(round(x - k / 2 + 0.5), round(y + 0.5), k, max(2, round(2.2 * u)))
        c.paint(box, "iron", "lantern", 0, rim=rim)
        bx, by, bw, bh = c.box(box)
        c.paint(c.rect(bx + (bw > 2), by + 1, max(1, bw - 2 * (bw > 2)), max(1, bh - 2)), color, "lantern", 0.5)
    elif shape in ("pistol", "rifle"):
        k = max(1, round(0.75 * u))
        barrel = (
            c.stroke((x0 + 0.5 * u, y0 - 0.6 * u), (x0 - n * u, y0 - 0.6 * u), width=k)
            if k < 3
            else c.rect(round(x0 - n * u), round(y0 - 0.6 * u - k / 2), round((n + 0.5) * u), k)
        )
        if shape == "rifle":
            stock = c.poly(
                (x0 + 0.4 * u, y0 - 0.8 * u),
                (x0 + 2.6 * u, y0 - 0.5 * u),
                (x0 + 2.6 * u, y0 + 0.8 * u),
                (x0 + 0.4 * u, y0),
            )
            c.paint(
                stock | c.rect(round(x0 - 1.6 * u), round(y0 - 0.2 * u), round(2 * u), max(1, round(0.5 * u))),
                thing.handle,
                "weapon",
                0,
                rim=rim,
            )
        else:
            c.paint(
                c.rect(round(x0 - 0.2 * u), round(y0 - 0.2 * u), max(1, round(0.8 * u)), max(1, round(1.2 * u))),
                thing.handle,
                "weapon",
                0,
            )
        c.paint(barrel, color, "weapon", 0.3, rim=rim)
        if s >= 32:
            c.touch(barrel & (c.ys > y0 - 0.6 * u), -1)
        if kind == "blaster":
            c.paint(c.rect(round(x0 - n * u), round(y0 - 0.6 * u - k / 2), k, k), "cyan", "weapon", 0.5)
    elif shape == "deck":
        box = c.rect(round(x0 - 1.8 * u), round(y0 - 1.4 * u), max(3, round(2.8 * u)), max(2, round(2.0 * u)))
        c.paint(box, thing.handle, "device", 0, rim=rim)
        bx, by, bw, bh = c.box(box)
        k = 1 if s >= 20 else 0
        c.paint(c.rect(bx + k, by + k, bw - 2 * k, max(1, bh - 2 * k)), color, "screen", 0.4)
    elif shape == "flag":
        handle(back, n)
        x, y = at(n)
        cloth = c.rect(round(x) - max(3, round(3.2 * u)), round(y), max(3, round(3.2 * u)), max(2, round(2.2 * u)))
        if x - 3.2 * u < 1:
            cloth = c.rect(round(x) + 1, round(y), max(2, round(2.4 * u)), max(2, round(2.2 * u)))
        c.paint(cloth, color, "flags", c.column(cloth, 0.8), rim=rim)
    elif shape == "rod":
        handle(-1.4, n, 0.3)
        x, y = at(n)
        c.paint(c.stroke((x, y), (x - 0.2 * u, y0 + 3 * u)), "white", "line", -0.5)
    elif shape == "bag":
        k = max(3, round(3.0 * u))
        bag = c.rect(round(x0 - k / 2 + 0.5), round(y0 + 0.8 * u), k, max(2, round(2.4 * u)))
        c.paint(bag, color, "bag", c.ball(bag, 1.0), rim=rim)
        if big:
            c.paint(c.rect(round(x0 - 0.7 * u), round(y0 + 0.3 * u), max(2, round(1.4 * u)), 1), "dark brown", "bag", 0)
    elif shape == "balloon":
        x, y = at(n - 1)
        x, y = max(x, 2 + 1.6 * u), max(y, 2 + 1.8 * u)
        k = max(3, round(3.4 * u))
        c.paint(c.stroke((x0, y0), (x, y + k * 0.4)), "white", "string", -0.6)
        ball = c.oval(round(x - k / 2 + 0.5), round(y - k / 2), k, round(k * 1.15))
        c.paint(ball, color, "balloon", c.ball(ball, 1.6), rim=rim)
    elif shape == "book":
        k = max(2, round(2.2 * u))
        cover = c.rect(round(x0 - k * 0.7), round(y0 - k * 0.8), k, max(2, round(k * 1.2)))
        c.paint(cover, color, "book", c.bevel(cover, 0.8), rim=rim)
        if s >= 20:
            c.paint(
                c.rect(
                    c.box(cover)[0] + k - max(1, k // 5),
                    c.box(cover)[1] + 1,
                    max(1, k // 5),
                    max(1, round(k * 1.2) - 2),
                ),
                "white",
                "book",
                0,
            )
