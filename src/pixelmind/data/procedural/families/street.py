"""City streets seen from the side: a row of buildings, a road, lamps, cars and signs, by day or in a neon night, dry or in the rain."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import colors
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "town": choice("modern", "cyberpunk", "old town", weights=(3, 4, 3)),
    "time": choice("day", "night", "sunset", weights=(3, 4, 2)),
    "rain": flag(0.3),
    "lamps": count(0, 2),
    "car_color": choice(None, "red", "blue", "yellow", "white", "green", weights=(2, 2, 2, 2, 1, 1)),
    "neon_color": colors("pink", "cyan", "magenta", "green", "yellow"),
    "buildings": count(2, 4),
}
WALLS = {
    "modern": ("grey", "brick", "beige", "light blue", "white"),
    "cyberpunk": ("navy", "dark grey", "purple", "black"),
    "old town": ("beige", "tan", "pink", "white", "brick"),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["town"] == "cyberpunk":
        p["time"] = "night"
    else:
        p["neon_color"] = None
    if s < 16:
        p["lamps"], p["rain"], p["car_color"] = 0, False, None
        p["buildings"] = min(p["buildings"], 2)
    elif s < 24:
        p["lamps"], p["buildings"] = min(p["lamps"], 1), min(p["buildings"], 3)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, town, time = c.s, p["town"], p["time"]
    u = s / 32
    dim = {"day": 0.0, "sunset": -0.5, "night": -1.0}[time]
    kerb = c.h - max(2, round(c.h * 0.26))
    bd.sky(c, "storm" if p["rain"] and time == "day" else time, rng, kerb, extras=s >= 16 and not p["rain"])
    x, n, walls = 0, p["buildings"], WALLS[town]
    first = rng.integer(0, len(walls) - 1)
    for i in range(n):
        right = round(c.w * (i + 1) / n + (rng.uniform(-0.05, 0.05) * c.w if i < n - 1 else 0))
        tall = round(kerb * (rng.uniform(0.55, 0.9) if town != "old town" else rng.uniform(0.5, 0.7)))
        _house(p, c, rng, x, right, kerb - tall, kerb, walls[(first + i) % len(walls)], dim, i)
        x = right
    walk = max(1, round(2 * u))
    c.paint(c.rect(0, kerb, c.w, walk), "stone", "pavement", 0.5 + dim, back=True)
    road = c.rect(0, kerb + walk, c.w, c.h)
    c.paint(road, "dark grey", "road", -0.6 + dim * 0.4, back=True)
    c.touch(c.rect(0, kerb + walk, c.w, 1), -0.9)
    if s >= 16:
        stripe_y = round((kerb + walk + c.h) / 2)
        dash = max(2, round(4 * u))
        c.paint(
            c.rect(0, stripe_y, c.w, max(1, round(u))) & (c.xs // dash % 2 == 0), "white", "road", dim * 0.6, back=True
        )
    if p["rain"] or town == "cyberpunk":  # wet road mirrors what stands above it, darker
        mirrored = c.mat[kerb - 1 :: -1][: c.h - kerb - walk]
        lit = [c.materials.index(m) for m in ("flame", p["neon_color"]) if m in c.materials]
        rows = mirrored
        for material in lit:
            spots = c.empty()
            spots[kerb + walk : kerb + walk + len(rows)] = (rows == material) & (
                c.ys[kerb + walk : kerb + walk + len(rows)] % 2 == 0
            )
            c.paint(spots, c.materials[material], "reflection", -1.0, back=True)
    for i in range(p["lamps"]):
        _lamp(p, c, round(c.w * (0.28 + 0.46 * i)), kerb, u, time, dim)
    if p["car_color"]:
        _car(p, c, rng, kerb + walk, u, time)
    if p["rain"]:
        noise = rng.noise(c.h, c.w)
        drops = noise > 0.972
        drops[1:] |= drops[:-1].copy()
        c.paint(drops, "light blue", "rain", 0.4, back=True)


def _house(
    p: Params, c: Canvas, rng: Rng, x0: int, x1: int, top: int, base: int, wall: str, dim: float, index: int
) -> None:
    w, u, town, s = x1 - x0, c.s / 32, p["town"], c.s
    body = c.rect(x0, top, w, base - top)
    c.paint(body, wall, "buildings", 0.1 + dim, back=True)
    c.touch(c.rect(x0, top, max(1, round(u)), base - top), 0.8)
    c.touch(c.rect(x1 - max(1, round(u)), top, max(1, round(u)), base - top), -0.9)
    if town == "old town" and s >= 16:
        rise = max(2, round(w * 0.3))
        roof = c.poly((x0 + w / 2 - 0.5, top - rise), (x1 - 1, top), (x0, top))
        c.paint(roof, ("brick", "brown", "dark red")[index % 3], "roofs", 0.2 + dim, back=True)
        c.touch(roof & (c.xs > x0 + w / 2), -0.9)
    else:
        c.touch(c.rect(x0, top, w, max(1, round(u))), 1.0)
        if s >= 48:
            c.touch(c.rect(x0, top + max(1, round(u)), w, 1), -1.0)
    shop = base - max(3, round(7 * u))
    pane = max(1, round(2.4 * u))
    gap = pane + max(1, round(2 * u))
    cols = max(1, (w - 2) // gap)
    left = x0 + (w - cols * gap + gap - pane) // 2
    night = p["time"] != "day"
    noise = rng.noise(8, 8)
    row = 0
    y = top + max(1, round(2 * u))
    while y + pane < shop - 1:
        for k in range(cols):
            lit = night and noise[row % 8, k % 8] > 0.4
            pane_box = c.rect(left + k * gap, y, pane, pane + (pane > 1))
            c.paint(
                pane_box,
                "flame" if lit else ("ink" if night else "light blue"),
                "windows",
                0.2 if lit else 0.0,
                back=True,
            )
            if s >= 48:  # a frame, a bar across, and a sill in the light
                c.touch(c.rect(left + k * gap + pane // 2, y, 1, pane + 1), -0.9)
                c.touch(c.rect(left + k * gap, y, pane, 1), -0.8)
                sill = c.rect(left + k * gap - 1, y + pane + 1, pane + 2, 1)
                c.paint(sill, wall, "buildings", 0.9 + dim, back=True)
        y += gap + (pane > 1)
        row += 1
    door_w = max(2, round(3.4 * u))
    dx = x0 + (w - door_w) // 2 if index % 2 else x0 + max(1, round(2 * u))
    if s >= 16:
        c.paint(
            c.rect(dx, base - max(2, round(5 * u)), door_w, max(2, round(5 * u))),
            "ink" if town == "cyberpunk" else "dark wood",
            "doors",
            0.3,
            back=True,
        )
        rest = x0 + w - (dx + door_w) - max(2, round(3 * u))
        if rest >= 3 and not index % 2:
            shop_pane = c.rect(
                dx + door_w + max(1, round(u)), base - max(2, round(4.4 * u)), rest, max(2, round(3 * u))
            )
            c.paint(shop_pane, "flame" if night else "light blue", "windows", 0.4, back=True)
            if s >= 48:
                sx, sy, sw, _ = c.box(shop_pane)
                c.touch(shop_pane & ((c.xs - sx) % max(4, sw // 3) == 0), -1.6)
                c.touch(c.rect(sx, sy, sw, 1), -0.8)
            if s >= 24 and town != "cyberpunk":
                awning = c.rect(dx + door_w, base - round(6.2 * u), rest + max(2, round(2 * u)), max(1, round(1.8 * u)))
                stripes = (c.xs // max(2, round(1.6 * u))) % 2 == 0
                c.paint(awning, "red" if index % 4 else "green", "awnings", dim, back=True)
                c.paint(awning & stripes, "white", "awnings", dim, back=True)
    if town == "cyberpunk" and s >= 12:
        color = p["neon_color"] if index % 2 == 0 else ("cyan" if p["neon_color"] != "cyan" else "pink")
        if index % 2 == 0:
            sign = c.rect(x1 - max(2, round(4 * u)), top + round(3 * u), max(2, round(2.6 * u)), max(4, round(9 * u)))
        else:
            sign = c.rect(x0 + w * 0.2, shop - round(3.4 * u), max(3, w * 0.6), max(2, round(3 * u)))
        c.paint(sign, "ink", "neon signs", 0, back=True)
        bx, by, bw, bh = c.box(sign)
        inner = c.rect(bx + (bw > 2), by + (bh > 2), bw - 2 * (bw > 2), bh - 2 * (bh > 2))
        marks = inner & ((c.ys - by) % 3 != 2 if bh > bw else (c.xs - bx) % 4 != 3)
        c.paint(marks, color, "neon signs", 0.6, back=True)


def _lamp(p: Params, c: Canvas, x: int, kerb: int, u: float, time: str, dim: float) -> None:
    tall = max(5, round(13 * u))
    thick = max(1, round(u))
    y = kerb + max(1, round(1 * u)) - tall
    c.paint(c.rect(x, y, thick, tall), "black", "lamps", 0.3, back=True)
    head = c.rect(x - round(1.4 * u), y - max(1, round(1.6 * u)), max(2, round(3.6 * u)), max(2, round(2.4 * u)))
    c.paint(head, "flame" if time != "day" else "glass", "lamps", 0.5, back=True)
    c.paint(c.rect(c.box(head)[0], y - max(1, round(2 * u)), c.box(head)[2], 1), "black", "lamps", 0.3, back=True)
    if time != "day" and c.s >= 24:
        halo = c.oval(x - 4 * u, y - 4 * u, 8.6 * u, 8.6 * u) & ((c.xs + c.ys) % 2 == 0)
        c.touch(halo & (c.part == c.part_id("sky")), 0.8)


def _car(p: Params, c: Canvas, rng: Rng, y: int, u: float, time: str) -> None:
    long, tall = max(7, round(12 * u)), max(2, round(3 * u))
    x = rng.integer(1, max(1, c.w - long - 1))
    base = y + max(3, round((c.h - y) * 0.55))
    color = p["car_color"]
    cabin = c.poly(
        (x + long * 0.24, base - tall - 1),
        (x + long * 0.34, base - 2 * tall),
        (x + long * 0.68, base - 2 * tall),
        (x + long * 0.8, base - tall - 1),
    )
    c.paint(cabin, color, "car", -0.4, back=True)
    glass = c.poly(
        (x + long * 0.34, base - tall - 1),
        (x + long * 0.4, base - 2 * tall + 1),
        (x + long * 0.64, base - 2 * tall + 1),
        (x + long * 0.72, base - tall - 1),
    )
    c.paint(glass, "cyan", "car", 0, back=True)
    body = c.rect(x, base - tall, long, tall)
    c.paint(body, color, "car", c.fall(body, 0.8, -0.8), back=True)
    wheel = max(2, round(2.6 * u))
    for wx in (x + long * 0.14, x + long * 0.66):
        c.paint(c.oval(round(wx), base - wheel // 2, wheel, wheel), "ink", "car", 0, back=True)
        if wheel > 3:
            c.paint(
                c.oval(
                    round(wx) + wheel // 3,
                    base - wheel // 2 + wheel // 3,
                    wheel - 2 * (wheel // 3),
                    wheel - 2 * (wheel // 3),
                ),
                "silver",
                "car",
                0,
                back=True,
            )
    c.paint(
        c.rect(x + long - 1, base - tall, 1, max(1, tall // 2)), "flame", "car", 0.5 if time != "day" else 0, back=True
    )


def words(p: Params) -> Words:
    town, time = p["town"], p["time"]
    nouns = {
        "modern": ("city street", "street", "street scene", "downtown street"),
        "cyberpunk": ("cyberpunk street", "neon city street", "cyberpunk city", "futuristic street"),
        "old town": ("old town street", "street", "village street", "row of houses"),
    }[town]
    seen, having = p["visible"], list[Fact]()
    if p["neon_color"] and "neon signs" in seen:
        having.append((f"{{{p['neon_color']}}} neon signs", "neon signs", "glowing signs"))
    if p["car_color"] and "car" in seen:
        having.append((f"a~{{{p['car_color']}}} car", "a car on the road", "a car"))
    if p["lamps"] and "lamps" in seen:
        n = p["lamps"]
        having.append((f"{NUMBERS[n]} street lamps", "street lamps") if n > 1 else ("a street lamp", "one street lamp"))
    having.append((f"{NUMBERS[p['buildings']]} buildings", "buildings"))
    if "awnings" in seen:
        having.append(("a shop", "shop windows"))
    place: list[Fact] = [
        {
            "day": ("by day", "in daylight"),
            "night": ("at night", "by night"),
            "sunset": ("at sunset", "in the evening", "at dusk"),
        }[time]
    ]
    if p["rain"]:
        place.append(
            ("in the rain", "on a rainy " + ("day" if time == "day" else "evening" if time == "sunset" else "night"))
        )
    return Words(
        nouns=nouns,
        adjectives=("",),
        having=tuple(having),
        place=tuple(place),
        lacking=("cars",) if not p["car_color"] else (),
    )


FAMILY = Family(
    name="street",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=((16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64), (32, 48), (24, 32), (48, 64)),
    weight=1.4,
    genres=("modern", "cyberpunk"),
)
