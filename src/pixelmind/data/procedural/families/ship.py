"""Ships on water seen from the side: sailing ships, pirate ships, rowing boats, steamers and submarines."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import LARGE, Family, Params, choice, count
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "ship": choice("sailing ship", "pirate ship", "sailboat", "steamer", "submarine", weights=(4, 3, 3, 2, 2)),
    "hull_color": choice(
        "brown", "dark brown", "red", "blue", "black", "green", "white", "yellow", weights=(5, 3, 2, 2, 2, 1, 1, 1)
    ),
    "sail_color": choice("white", "red", "blue", "beige", "yellow", "black", weights=(5, 2, 1.5, 2, 1, 1)),
    "masts": count(1, 3),
    "flag_color": choice("red", "blue", "green", "yellow", "black"),
    "backdrop": bd.backdrop(0.6),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    s, kind = min(h, w), p["ship"]
    if kind == "pirate ship":
        p["sail_color"] = p["sail_color"] if p["sail_color"] in ("black", "white", "red") else "black"
        p["flag_color"] = "black"
    if kind == "sailboat":
        p["masts"] = 1
    if s < 24:
        p["masts"] = min(p["masts"], 1 if s < 16 else 2)
    if kind in ("steamer", "submarine"):
        p["sail_color"], p["masts"], p["flag_color"] = None, 0, None
    elif s < 16:
        p["flag_color"] = None
    if kind == "submarine":
        p["backdrop"] = "none"
        if p["hull_color"] in ("brown", "dark brown"):
            p["hull_color"] = "yellow"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m, kind, hull_color = c.s, 0 if c.s <= 10 else 1, p["ship"], p["hull_color"]
    w, x0, mid = c.w - 2 * m, m, (c.w - 1) / 2
    water_y = round(c.h * 0.84)
    sea = p["backdrop"] != "none"
    if sea:
        bd.sky(c, p["backdrop"], rng, round(c.h * 0.7))
        area = c.rect(0, round(c.h * 0.7), c.w, c.h)
        c.paint(area, "sea", "water", bd.bands(c, area, 0.8, -0.7, c.h), back=True)
    if kind == "submarine":
        body = c.oval(x0, c.h * 0.42, w, c.h * 0.38)
        tower = c.rect(mid - w * 0.14, c.h * 0.26, w * 0.26, c.h * 0.26)
        scope = c.stroke(
            (mid, c.h * 0.28), (mid, c.h * 0.12), (mid - max(2, s * 0.1), c.h * 0.12), width=max(1, s // 24)
        )
        c.paint(scope, "iron", "periscope", 0)
        c.paint(tower, hull_color, "tower", c.column(tower, 1.0))
        c.paint(body, hull_color, "hull", c.fall(body, 1.4, -1.6), rim=s >= 16)
        d = max(2, round(s * 0.13))
        for i in range(3 if s >= 16 else 2):
            port = c.oval(x0 + w * (0.2 + 0.2 * i), c.h * 0.55, d, d)
            c.paint(port, "cyan", "windows", "ball", rim=s >= 16)
        prop = c.rect(x0 + w - max(1, s // 14), c.h * 0.5, max(1, s // 14), c.h * 0.24)
        c.paint(prop, "iron", "propeller", 0.2, rim=s >= 24)
    else:
        hull_h = round(c.h * (0.26 if kind != "sailboat" else 0.2))
        hy = water_y - hull_h + max(1, s // 24)
        hull = c.poly(
            (x0, hy), (x0 + w - 1, hy), (x0 + w - 1 - w * 0.14, hy + hull_h - 1), (x0 + w * 0.2, hy + hull_h - 1)
        )
        if kind in ("sailing ship", "pirate ship") and s >= 16:
            k = max(2, round(hull_h * 0.5))
            hull |= c.rect(x0 + w - round(w * 0.24), hy - k, round(w * 0.24), k) | c.rect(
                x0, hy - max(1, k // 2), round(w * 0.16), k
            )
        if kind == "steamer":
            cabin = c.rect(x0 + w * 0.24, hy - c.h * 0.18, w * 0.5, c.h * 0.18)
            c.paint(cabin, "white", "cabin", c.fall(cabin, 0.4, -0.4))
            for i in range(2):
                stack = c.rect(x0 + w * (0.34 + 0.2 * i), hy - c.h * 0.38, max(2, w * 0.11), c.h * 0.2)
                c.paint(stack, "red" if hull_color != "red" else "black", "funnels", c.column(stack, 1.0))
                c.paint(
                    c.rect(x0 + w * (0.34 + 0.2 * i), hy - c.h * 0.38, max(2, w * 0.11), max(1, s // 16)),
                    "ink",
                    "funnels",
                    0,
                )
                puff = c.oval(x0 + w * (0.36 + 0.2 * i), max(m, hy - c.h * 0.38 - s * 0.14), s * 0.15, s * 0.12)
                c.paint(puff & (c.part == 0) if not sea else puff, "light grey", "smoke", "ball")
            panes = cabin & ((c.xs - x0).astype(int) % 3 == 1) & (abs(c.ys - (hy - c.h * 0.1)) < max(0.7, s * 0.03))
            c.paint(panes, "light blue", "windows", 0)
        else:
            _rigging(p, c, rng, x0, w, hy, m)
        c.paint(hull, hull_color, "hull", c.fall(hull, 0.7, -1.2), rim=s >= 16)
        if s >= 16:
            c.paint(c.rect(x0, hy, w, max(1, s // 24)) & hull, "gold" if kind != "sailboat" else "white", "trim", 0)
            if s >= 24:
                c.touch(hull & ((c.ys - hy) % 3 == 2), -0.7)
            if kind in ("pirate ship", "sailing ship") and s >= 24:
                for i in range(3):
                    k = max(1, s // 20)
                    c.paint(c.rect(x0 + w * (0.3 + 0.17 * i), hy + hull_h * 0.4, k, k), "ink", "cannon ports", 0)
    if sea:
        waves = c.rect(0, water_y, c.w, c.h)
        c.paint(waves, "sea", "water", bd.bands(c, waves, 0.4, -0.9, c.h), back=True)
        foam = c.rect(x0, water_y, w, 1) & ((c.xs // 2) % 3 != 0)
        c.paint(foam, "cloud", "water", 0.2, back=True)
        c.touch(waves & (rng.noise(c.h, c.w) > 0.92), 1)
    elif kind != "submarine":
        strip = c.rect(0, water_y, c.w, max(1, round(c.h * 0.08))) & c.rect(m, 0, c.w - 2 * m, c.h - m)
        wavy = strip & ~((c.ys == water_y) & ((c.xs // max(1, s // 12)) % 3 == 0))
        c.paint(wavy, "water", "water", c.fall(strip, 0.8, -0.8))
    if p["facing"] == "right":
        c.flip()


def _rigging(p: Params, c: Canvas, rng: Rng, x0: int, w: int, hy: int, m: int) -> None:
    s, n = c.s, p["masts"]
    top = m + (max(2, round(s * 0.1)) if p["flag_color"] else 0)
    color = p["sail_color"]
    if p["ship"] == "sailboat":
        mx = round(x0 + w * 0.45)
        c.paint(c.rect(mx, top, max(1, s // 24), hy - top), "dark wood", "mast", 0)
        big = c.poly((mx + max(1, s // 24), top), (mx + max(1, s // 24), hy - 2), (x0 + w - 2, hy - 2))
        c.paint(big, color, "sails", c.column(big, 0.9), rim=s >= 16)
        if s >= 16:
            jib = c.poly((mx - 2, top + s * 0.1), (mx - 2, hy - 2), (x0 + 1, hy - 2))
            c.paint(jib, color, "sails", -0.5, rim=True)
    else:
        for i in range(n):
            mx = round(x0 + w * (i + 0.62) / (n + 0.3))
            tall = top + (0 if i == n // 2 else round(s * 0.08))
            c.paint(c.rect(mx, tall, max(1, s // 28), hy - tall), "dark wood", "mast", 0)
            sail_w = max(3, round(w / n * (0.72 if n > 1 else 0.62)))
            room = hy - tall - max(1, s // 16)
            rows = 2 if s >= 24 else 1
            for r in range(rows):
                ww = sail_w if r == rows - 1 else round(sail_w * 0.76)
                sy, sh = tall + 1 + round(room * r / rows), max(2, round(room / rows) - 1)
                sail = c.rect(mx - ww / 2, sy, ww, sh)
                if s >= 24:
                    sail |= c.rect(mx - ww / 2 - 1, sy + 1, ww, sh - 2)
                c.paint(sail, color, "sails", c.column(sail, 0.9), rim=s >= 16)
                c.paint(c.rect(mx - ww / 2, sy, ww, 1), "dark wood", "mast", 0)
                if p["ship"] == "pirate ship" and r == rows - 1 and i == n // 2 and s >= 16:
                    k = max(2, round(min(ww, sh) * 0.5))
                    cx, cy = mx - k / 2, sy + sh * 0.3
                    skull = (c.oval(cx, cy, k, k * 0.8) | c.rect(cx + k * 0.2, cy + k * 0.5, k * 0.6, k * 0.4)) & sail
                    c.paint(skull, "bone" if color != "white" else "ink", "skull", 0.3)
                    if s >= 32:
                        eye = c.rect(round(cx + k * 0.2), round(cy + k * 0.3), max(1, k // 5), max(1, k // 5)) | c.rect(
                            round(cx + k * 0.62), round(cy + k * 0.3), max(1, k // 5), max(1, k // 5)
                        )
                        c.paint(eye, "ink" if color != "white" else "white", "skull", -0.3)
    if p["flag_color"]:
        mx = round(x0 + w * (0.45 if p["ship"] == "sailboat" else (n // 2 + 0.62) / (n + 0.3)))
        k = max(2, round(s * 0.08))
        c.paint(c.rect(mx, top - k, 1, k), "dark wood", "mast", 0)
        c.paint(c.rect(mx + 1, top - k, round(k * 1.6), max(1, k - (s < 24))), p["flag_color"], "flag", 0.2)


def words(p: Params) -> Words:
    kind = p["ship"]
    nouns = {
        "sailing ship": ("ship", "sailing ship", "galleon", "boat"),
        "pirate ship": ("pirate ship", "pirate ship", "pirate galleon"),
        "sailboat": ("sailboat", "sailing boat", "boat"),
        "steamer": ("steamship", "steamer", "ship"),
        "submarine": ("submarine", "submarine", "sub"),
    }[kind]
    having: list[str | tuple[str, ...]] = []
    if p["sail_color"]:
        having.append((f"{{{p['sail_color']}}} sails", f"{{{p['sail_color']}}} sails", "sails"))
        if p["masts"] > 1:
            having.append(({2: "two masts", 3: "three masts"}[p["masts"]], f"{p['masts']} masts"))
    if p["flag_color"]:
        having.append((f"a~{{{p['flag_color']}}} flag", "a flag"))
    if kind == "pirate ship" and "skull" in p["visible"]:
        having.append(("a skull on the sail", "a skull"))
    if kind == "steamer":
        having.append(("two funnels", "smoking funnels", "smoke"))
    if kind == "submarine":
        having.append(("a periscope", "round windows", "portholes"))
    hull = (f"a~{{{p['hull_color']}}} hull",)
    place: tuple[str | tuple[str, ...], ...] = (
        (("on the sea", "on the water", "at sea"),) if kind != "submarine" else ()
    )
    return Words(
        nouns=nouns,
        adjectives=(f"{{{p['hull_color']}}}",)
        if kind in ("submarine", "steamer")
        else ("wooden" if p["hull_color"] in ("brown", "dark brown") else "",),
        having=(*having, hull),
        place=(*place, *bd.places(p)),
    )


FAMILY = Family(
    name="ship",
    kind="vehicle",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=((8, 8), *LARGE, (32, 48), (48, 32), (24, 32)),
    weight=1.2,
    genres=("pirate", "modern"),
)
