"""Houses seen from the front: cottages, huts, shops, barns, mills and lighthouses."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import LARGE, Family, Params, choice, count, flag
from pixelmind.data.procedural.rng import Rng

WALLS = {
    "wood": "wood",
    "stone": "stone",
    "brick": "brick",
    "white": "white",
    "yellow": "beige",
    "blue": "light blue",
    "pink": "pink",
    "green": "green",
    "tan": "tan",
}
PARAMETERS = {
    "house": choice("cottage", "hut", "shop", "windmill", "lighthouse", "barn", weights=(7, 2, 2, 1, 1.2, 1.2)),
    "wall": choice(*WALLS, weights=(3, 3, 2, 3, 2, 1, 1, 1, 1)),
    "roof_color": choice(
        "red", "blue", "brown", "orange", "green", "purple", "dark grey", "teal", weights=(5, 3, 3, 2, 2, 1, 2, 1)
    ),
    "door_color": choice("brown", "red", "blue", "green", "dark brown"),
    "chimney": choice("none", "chimney", "smoke", weights=(3, 2, 3)),
    "windows": choice("blue", "lit", "dark", weights=(4, 3, 1)),
    "floors": count(1, 2),
    "backdrop": bd.backdrop(0.66),
    "season": choice("none", "snow", weights=(8, 1)),
    "garden": flag(0.4, minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    s, kind = min(h, w), p["house"]
    if s <= 10:
        p.update(house="cottage", chimney="none", floors=1, season="none", windows="none")
        kind = "cottage"
    if kind != "cottage":
        p["chimney"] = "none"
    if kind in ("windmill", "lighthouse"):
        p["season"] = "none"
    if kind in ("hut", "windmill", "lighthouse", "barn", "shop") or (kind == "cottage" and s < 24):
        p["floors"] = 1
    if kind == "hut":
        p.update(
            wall="wood" if p["wall"] not in ("wood", "stone", "tan") else p["wall"], roof_color=None, windows="none"
        )
    if kind == "barn":
        p.update(wall="barn red", door_color=None, windows="none")
    if kind == "lighthouse":
        p.update(
            wall="white",
            roof_color="red" if p["roof_color"] not in ("red", "blue") else p["roof_color"],
            windows="none",
        )
    if kind == "windmill":
        p["windows"] = "none"
    if p["season"] == "snow":
        p["backdrop"] = "none" if p["backdrop"] == "sunset" else p["backdrop"]


def _window(c: Canvas, p: Params, x: int, y: int, w: int, h: int) -> None:
    pane = c.rect(x, y, w, h)
    color = {"lit": "flame", "blue": "light blue", "dark": "ink"}[p["windows"]]
    c.paint(pane, color, "windows", c.bevel(pane, 0.8) if w > 2 else 0.2, rim=c.s >= 16)
    if w >= 5:
        c.paint(c.rect(x + w // 2, y, 1, h) | c.rect(x, y + h // 2, w, 1), "wood", "windows", -1)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m = c.s, 0 if c.s <= 10 else 1
    mid, floor = (c.w - 1) / 2, c.h - m
    snow, kind = p["season"] == "snow", p["house"]
    if p["backdrop"] != "none":
        horizon = round(c.h * 0.78)
        bd.sky(c, p["backdrop"], rng, horizon)
        bd.ground(c, horizon, "snow" if snow else "grass", rng)
        floor = round(c.h * 0.92)
    {"windmill": _mill, "lighthouse": _lighthouse}.get(kind, _cottage)(p, c, rng, m, mid, floor)
    if p["garden"] and s >= 24:
        for _ in range(5):
            x = rng.integer(m, c.w - m - 2)
            c.paint(
                c.dots((x, floor - 1), (x + 1, floor - 2), (x, floor - 2)), "snow" if snow else "leaf", "garden", 0.2
            )


def _cottage(p: Params, c: Canvas, rng: Rng, m: int, mid: float, floor: int) -> None:
    s, kind = c.s, p["house"]
    snow = p["season"] == "snow"
    w = c.w - 2 * m
    two = p["floors"] == 2
    wall_h = round((floor - m) * (0.6 if two else 0.46 if kind != "shop" else 0.55))
    wall_y = floor - wall_h
    inset = max(1, round(s * 0.08))
    x0, ww = m + inset, w - 2 * inset
    wall = c.rect(x0, wall_y, ww, wall_h)
    roof_top = m + (round(s * 0.06) if p["chimney"] != "none" else 0)
    color = {"barn red": "red", **WALLS}[p["wall"]]
    c.paint(wall, color, "wall", -0.1)
    c.touch(c.rect(x0 + ww - max(1, round(ww * 0.2)), wall_y, max(1, round(ww * 0.2)), wall_h), -0.8)
    if s >= 16:
        c.touch(c.rect(x0, wall_y, ww, max(1, s // 24)), -1)
        if p["wall"] in ("wood", "barn red", "tan"):
            step = max(3, s // 12)
            c.touch(
                wall & (((c.ys - wall_y) % step == step - 1) if kind != "barn" else ((c.xs - x0) % step == step - 1)),
                -0.7,
            )
        elif p["wall"] in ("stone", "brick"):
            c.touch(c.bricks(x0, wall_y, max(4, s // 8), max(3, s // 14)) & wall & (rng.noise(c.h, 1) < 0.9), -0.7)
    if p["chimney"] != "none":
        cw = max(2, round(s * 0.1))
        cx = m + round(w * 0.7)
        stack = c.rect(cx, roof_top + round(s * 0.04), cw, round(s * 0.3))
        c.paint(stack, "brick", "chimney", c.column(stack, 0.8))
        c.paint(
            c.rect(cx - (s >= 24), roof_top + round(s * 0.04), cw + 2 * (s >= 24), max(1, s // 24)),
            "stone",
            "chimney",
            0,
        )
        if p["chimney"] == "smoke":
            r = max(2, round(s * 0.08))
            puff = c.oval(cx, max(m, roof_top - r + 1), r, r)
            if s >= 24:
                puff |= c.oval(cx + r, max(m, roof_top - r - 1), r * 1.3, r * 1.3)
            c.paint(puff & (c.part != c.part_id("chimney")), "light grey", "smoke", "ball")
    # roof
    roof_color = p["roof_color"] or "gold"
    if kind == "hut":
        roof = c.poly(
            (mid - s * 0.04, m),
            (mid + s * 0.04, m),
            (m + w - 1, wall_y + round(s * 0.08)),
            (m, wall_y + round(s * 0.08)),
        )
        c.paint(roof, "sand", "roof", c.column(roof, 0.8), rim=True)
        if s >= 16:
            c.touch(roof & (rng.noise(c.h, c.w).repeat(1, 0) > 0.6) & ((c.xs + c.ys // 3) % 2 == 0), -0.9)
            ragged = c.rect(m, wall_y + round(s * 0.08), w, 1) & (c.xs % 2 == 0)
            c.paint(ragged, "sand", "roof", -0.8)
    elif kind == "shop":
        eave = max(3, round(s * 0.2))
        top = c.rect(x0, m + 1, ww, wall_y - m)
        c.paint(top, color, "wall", 0.1)
        if s >= 16:
            sign = c.rect(
                x0 + round(ww * 0.15),
                m + 1 + round((wall_y - m) * 0.12),
                round(ww * 0.7),
                max(2, round((wall_y - m) * 0.45)),
            )
            c.paint(sign, "wood", "sign", "bevel", rim=True)
            letters = (
                sign
                & ((c.xs - x0) % 3 != 0)
                & (abs(c.ys - (c.box(sign)[1] + (c.box(sign)[3] - 1) / 2)) < max(0.6, s * 0.03))
                & ~c.rect(c.box(sign)[0], 0, 1, c.h)
            )
            c.paint(letters, "flame", "sign", 0.2)
        awning = c.rect(m, wall_y - eave // 2, w, eave)
        stripe = max(2, s // 10)
        c.paint(awning, roof_color, "awning", c.fall(awning, 0.8, -0.4), rim=True)
        c.paint(awning & ((c.xs - m) // stripe % 2 == 1), "white", "awning", c.fall(awning, 0.5, -0.8))
        roof = c.empty()
    elif kind == "barn":
        peak, knee = m, round(wall_y - (wall_y - m) * 0.35)
        roof = c.poly(
            (mid - w * 0.12, peak),
            (mid + w * 0.12, peak),
            (mid + w * 0.4, knee),
            (m + w - 1, wall_y + 1),
            (m, wall_y + 1),
            (mid - w * 0.4, knee),
        )
        c.paint(roof, "white", "roof", -0.2, rim=True)
        inner = c.poly(
            (mid - w * 0.09, peak + max(1, s // 16)),
            (mid + w * 0.09, peak + max(1, s // 16)),
            (mid + w * 0.33, knee + 1),
            (x0 + ww - 1 - 1, wall_y + 1),
            (x0 + 1, wall_y + 1),
            (mid - w * 0.33, knee + 1),
        )
        c.paint(inner, "red", "wall", c.column(inner, 0.8))
    else:
        gable = s <= 10 or (c.w <= c.h and not two and rng.chance(0.5))
        over = m
        if gable:
            roof = c.poly((mid, roof_top), (c.w - 1 - over, wall_y), (over, wall_y))
        else:
            roof = c.poly(
                (m + inset + round(s * 0.06), roof_top + round(s * 0.06)),
                (c.w - 1 - m - inset - round(s * 0.06), roof_top + round(s * 0.06)),
                (c.w - 1 - over, wall_y),
                (over, wall_y),
            )
        c.paint(roof, roof_color, "roof", c.fall(roof, 0.9, -0.5), rim=s > 10)
        if s >= 16:
            step = max(3, s // 12)
            shingle = roof & ((c.ys - wall_y).astype(int) % step == 0)
            c.touch(shingle, -0.9)
            if s >= 32:
                c.touch(roof & ((c.xs + ((c.ys - wall_y) // step % 2) * 2).astype(int) % 5 == 0) & ~shingle, -0.5)
        if snow:
            c.paint(
                roof & (c.ys < roof_top + (wall_y - roof_top) * 0.62 + ((c.xs // 2) % 2)),
                "snow",
                "snow",
                c.fall(roof, 0.8, -0.6),
            )
    if snow and kind in ("hut", "barn"):
        c.paint(roof & (c.ys < m + (wall_y - m) * 0.5), "snow", "snow", 0.3)
    # door
    dw = max(2, round(s * (0.16 if kind != "barn" else 0.3))) // 2 * 2 + c.w % 2
    dh = max(2, round(wall_h * (0.72 if not two else 0.42)))
    left = rng.chance(0.5) and kind == "cottage" and s > 16
    dx = x0 + round(ww * 0.18) if left else (c.w - dw) // 2
    door = c.rect(dx, floor - dh, dw, dh)
    c.paint(door, p["door_color"] or "dark red", "door", c.bevel(door, 0.7) if dw > 3 else -0.3, rim=s > 10)
    if kind == "barn" and s >= 16:
        cross = (
            c.stroke((dx, floor - dh), (dx + dw - 1, floor - 1))
            | c.stroke((dx, floor - 1), (dx + dw - 1, floor - dh))
            | (door & ~c.rect(dx + 1, floor - dh + 1, dw - 2, dh - 2))
        )
        c.paint(cross & door, "white", "door", 0)
    elif s >= 24:
        c.paint(c.dots((dx + dw - 2, floor - dh // 2)), "gold", "door", 0.6)
    if p["windows"] == "none" or s <= 10:
        return
    win = max(2, round(s * 0.13))
    wy = floor - dh + max(0, (dh - win) // 4)
    if left:
        spots = [(x0 + round(ww * 0.62), wy)]
    else:
        spots = [(x0 + max(1, round(ww * 0.1)), wy), (x0 + ww - max(1, round(ww * 0.1)) - win, wy)]
    if two:
        up = wall_y + max(2, round(wall_h * 0.16))
        spots += [(x0 + max(1, round(ww * 0.12)), up), (x0 + ww - max(1, round(ww * 0.12)) - win, up)]
    for x, y in spots:
        if x + win <= dx or x >= dx + dw or two:
            _window(c, p, x, y, win, win)


def _mill(p: Params, c: Canvas, rng: Rng, m: int, mid: float, floor: int) -> None:
    s = c.s
    top = m + round(s * 0.3)
    body = c.poly(
        (mid - s * 0.14, top), (mid + s * 0.14, top), (mid + s * 0.22, floor - 1), (mid - s * 0.22, floor - 1)
    )
    c.paint(body, WALLS[p["wall"]], "wall", c.column(body, 1.1))
    roof = c.poly((mid, top - round(s * 0.16)), (mid + s * 0.18, top), (mid - s * 0.18, top))
    c.paint(roof, p["roof_color"], "roof", c.column(roof, 1), rim=True)
    d = max(2, round(s * 0.12))
    c.paint(
        c.rect(round(mid - d / 2), floor - d - 1, d + (c.w % 2 != d % 2), d + 1),
        p["door_color"],
        "door",
        -0.2,
        rim=True,
    )
    hub_y, r = top + round(s * 0.04), s * 0.36
    for dx, dy in ((0.72, 0.72), (-0.72, 0.72), (0.72, -0.72), (-0.72, -0.72)):
        sail = c.stroke((mid, hub_y), (mid + dx * r, hub_y + dy * r))
        if s >= 24:
            k = max(1.5, s * 0.07)
            cloth = c.poly(
                (mid + dx * r * 0.3, hub_y + dy * r * 0.3),
                (mid + dx * r, hub_y + dy * r),
                (mid + dx * r - dy * k, hub_y + dy * r + dx * k),
                (mid + dx * r * 0.3 - dy * k, hub_y + dy * r * 0.3 + dx * k),
            )
            c.paint(cloth, "beige", "sails", 0.3, rim=True)
            c.touch(cloth & ((c.xs + c.ys).astype(int) % 3 == 0), -0.9)
        c.paint(sail, "wood" if s >= 24 else "beige", "sails", -0.3)
    c.paint(c.oval(round(mid - 1), hub_y - 1, 2 + c.w % 2, 2 + c.w % 2), "dark wood", "sails", 0)


def _lighthouse(p: Params, c: Canvas, rng: Rng, m: int, mid: float, floor: int) -> None:
    s = c.s
    lamp_y = m + round(s * 0.14)
    top = lamp_y + max(2, round(s * 0.13))
    body = c.poly(
        (mid - s * 0.12, top), (mid + s * 0.12, top), (mid + s * 0.19, floor - 1), (mid - s * 0.19, floor - 1)
    )
    tone = c.column(body, 1.1)
    c.paint(body, "white", "wall", tone)
    stripe = max(2, round((floor - top) / 5))
    c.paint(body & ((c.ys - top) // stripe % 2 == 1), p["roof_color"], "stripes", tone)
    lamp = c.rect(round(mid - s * 0.08), lamp_y, max(2, round(s * 0.16)) // 2 * 2 + c.w % 2, top - lamp_y)
    c.paint(lamp, "flame", "lamp", "column")
    c.paint(
        c.rect(round(mid - s * 0.15), top - 1, round(s * 0.3) // 2 * 2 + c.w % 2, max(1, s // 24)),
        "iron",
        "balcony",
        -0.2,
    )
    roof = c.poly((mid, m), (mid + s * 0.11, lamp_y - 1), (mid - s * 0.11, lamp_y - 1))
    c.paint(roof, p["roof_color"], "roof", c.column(roof, 1), rim=True)
    d = max(2, round(s * 0.1))
    c.paint(c.rect(round(mid - (d - 1) / 2), floor - d - 1, d, d + 1), p["door_color"], "door", -0.2, rim=True)


def words(p: Params) -> Words:
    kind = p["house"]
    nouns = {
        "cottage": ("house", "house", "cottage", "home"),
        "hut": ("hut", "hut", "thatched hut"),
        "shop": ("shop", "shop", "store", "market shop"),
        "windmill": ("windmill", "windmill", "mill"),
        "lighthouse": ("lighthouse",),
        "barn": ("barn", "barn", "farm barn"),
    }[kind]
    wall = {
        "wood": ("wooden", ""),
        "stone": ("stone",),
        "brick": ("brick",),
        "white": ("{white}",),
        "yellow": ("",),
        "blue": ("{light blue}",),
        "pink": ("{pink}",),
        "green": ("{green}",),
        "tan": ("",),
        "barn red": ("{red}",),
    }[p["wall"]]
    having: list[str | tuple[str, ...]] = []
    if kind in ("cottage", "windmill"):
        having.append((f"a~{{{p['roof_color']}}} roof", f"a~{{{p['roof_color']}}} roof"))
    if kind == "hut":
        having.append(("a straw roof", "a thatched roof"))
    if kind == "shop":
        having.append((f"a~{{{p['roof_color']}}} awning", "a striped awning", "a sign"))
    if kind == "lighthouse":
        having.append((f"{{{p['roof_color']}}} stripes", "stripes"))
    if kind in ("cottage", "shop", "windmill", "lighthouse", "hut") and p["door_color"]:
        having.append((f"a~{{{p['door_color']}}} door", "a door"))
    if p["chimney"] == "chimney":
        having.append(("a chimney", "a brick chimney"))
    elif p["chimney"] == "smoke":
        having.append(("a smoking chimney", "smoke rising from the chimney", "a chimney"))
    if p["windows"] == "lit":
        having.append(("lit windows", "glowing {yellow} windows", "windows"))
    if p["floors"] == 2:
        having.append(("two floors", "two storeys"))
    return Words(
        nouns=nouns,
        adjectives=(("snowy", "snow covered") if p["season"] == "snow" else "", wall),
        having=tuple(having),
        place=bd.places(p),
        lacking=("a chimney",) if p["chimney"] == "none" and kind == "cottage" else (),
    )


FAMILY = Family(
    name="house",
    kind="building",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=((8, 8), *LARGE, (32, 48), (48, 32), (24, 32)),
    weight=1.4,
    genres=("fantasy", "modern", "farm"),
)
