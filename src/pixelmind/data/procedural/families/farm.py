"""Farmland: a field with rows of crops, a barn, a windmill or a silo behind it, fences, scarecrows and hay."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import F32, Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SCENIC, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

CROPS = {
    "wheat": "gold",
    "corn": "green",
    "cabbages": "lime",
    "pumpkins": "orange",
    "sunflowers": "yellow",
    "ploughed soil": "dirt",
}
PARAMETERS = {
    "crop": choice(*CROPS, weights=(4, 2, 2, 2, 2, 1.5)),
    "building": choice("barn", "windmill", "silo", "farmhouse", "none", weights=(4, 3, 2, 2, 1)),
    "building_color": choice("red", "white", "brown", "blue", weights=(4, 2, 2, 1)),
    "side": choice("left", "right"),
    "time": choice("day", "sunset", "dawn", "night", weights=(5, 2, 1.5, 1.5)),
    "fence": flag(0.4),
    "extra": choice("none", "scarecrow", "hay bale", "tree", weights=(3, 2, 2, 2)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["building"] == "none":
        p["building_color"] = p["side"] = None
    if s < 16:
        p["fence"], p["extra"] = False, "none"
    elif s < 24:
        p["extra"] = "none"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, u, time = c.s, c.s / 32, p["time"]
    dim = {"day": 0.0, "sunset": -0.5, "dawn": -0.2, "night": -1.3}[time]
    horizon = round(c.h * 0.54)
    bd.sky(c, time, rng, horizon + 1, extras=s >= 12)
    hill = (c.ys >= horizon - _hills(c, rng)) & (c.ys < c.h)
    c.paint(hill, "grass", "grass", 0.3 + dim, back=True)
    field_top = horizon + max(1, round(2 * u))
    field = c.rect(0, field_top, c.w, c.h - field_top)
    c.paint(field, "dirt", "soil", -0.2 + dim, back=True)
    c.touch(c.rect(0, field_top, c.w, 1), -0.9)
    if p["building"] != "none":
        _building(p, c, horizon + max(1, round(1.5 * u)), u, dim)
    if p["extra"] == "tree":
        x = round(c.w * (0.8 if p["side"] == "left" else 0.2))
        c.paint(c.rect(x, horizon - round(4 * u), max(1, round(1.4 * u)), round(5 * u)), "wood", "tree", dim, back=True)
        crown = c.oval(x - 3.6 * u, horizon - 11 * u, 8.4 * u, 8.4 * u)
        c.paint(crown, "leaf", "tree", c.ball(crown, 1.4) + dim, back=True)
    _crops(p, c, rng, field_top, u, dim)
    if p["extra"] == "scarecrow":
        x, y = round(c.w * (0.72 if p["side"] == "left" else 0.28)), round(c.h * 0.52)
        k = max(1, round(1.2 * u))
        c.paint(c.rect(x, y, k, round(13 * u)), "dark wood", "scarecrow", dim, back=True)
        c.paint(
            c.rect(x - 4 * u, y + 5 * u, 9 * u, max(2, 2 * u)) | c.rect(x - 1.6 * u, y + 5 * u, 4.4 * u, 5 * u),
            "blue",
            "scarecrow",
            dim,
            back=True,
        )
        c.paint(c.oval(x - 1.4 * u, y + 1.4 * u, 4 * u, 4 * u), "tan", "scarecrow", 0.3 + dim, back=True)
        c.paint(
            c.rect(x - 2.6 * u, y + 1.4 * u, 6.4 * u, max(1, u)) | c.rect(x - u, y - 0.6 * u, 3.2 * u, 2 * u),
            "brown",
            "scarecrow",
            dim,
            back=True,
        )
    elif p["extra"] == "hay bale":
        x, d = round(c.w * (0.62 if p["side"] == "left" else 0.1)), round(9 * u)
        bale = c.oval(x, c.h - d - 1 - (2 if p["fence"] else 0) * u, d, d)
        c.paint(bale, "gold", "hay bale", c.ball(bale, 1.4) + dim, back=True)
        bx, by, bw, bh = c.box(bale)
        c.touch(c.oval(bx + bw * 0.25, by + bh * 0.25, bw * 0.5, bh * 0.5) & bale, -0.9)
        c.touch(c.oval(bx + bw * 0.38, by + bh * 0.38, bw * 0.26, bh * 0.26) & bale, 1.2)
    if p["fence"]:
        top = c.h - max(4, round(5 * u))
        step = max(4, round(6 * u))
        posts = c.rect(0, top, c.w, c.h) & (c.xs % step < max(1, round(1.4 * u)))
        rails = c.rect(0, top + max(1, round(u)), c.w, max(1, round(u))) | c.rect(
            0, top + max(3, round(3.2 * u)), c.w, max(1, round(u))
        )
        c.paint(rails, "wood", "fence", -0.3 + dim, back=True)
        c.paint(posts, "wood", "fence", 0.7 + dim, back=True)


def _hills(c: Canvas, rng: Rng) -> F32:
    """Height of the far hills above the horizon, float32 [1, W]."""
    out: F32 = (rng.smooth(1, c.w, max(4, c.w // 2)) * c.h * 0.12).round()
    return out


def _crops(p: Params, c: Canvas, rng: Rng, top: int, u: float, dim: float) -> None:
    kind, color, s = p["crop"], CROPS[p["crop"]], c.s
    y, row = float(top + 1), 0
    while y < c.h:
        depth = (y - top) / max(1, c.h - top)
        tall = max(1, round((1.6 + 3.2 * depth) * u))
        gap = max(tall + 1, round((2.4 + 4 * depth) * u))
        step = max(2, round((2 + 3.4 * depth) * u))
        band = c.rect(0, y, c.w, tall)
        if kind == "ploughed soil":
            c.touch(c.rect(0, y, c.w, max(1, tall // 2)), 0.9)
            c.touch(c.rect(0, y + max(1, tall // 2), c.w, max(1, tall // 2)), -0.8)
        elif kind == "wheat":
            noise = rng.noise(1, c.w)
            c.paint(band, color, "crops", -0.6 + dim, back=True)
            ears = c.rect(0, y - 1, c.w, max(1, tall // 2 + 1))
            c.paint(ears & (noise > 0.4), color, "crops", 0.8 + dim, back=True)
            c.touch(band & (noise < 0.3), -0.8)
        elif kind in ("corn", "sunflowers"):
            stalks = c.rect(0, y - tall, c.w, 2 * tall) & ((c.xs + row * 2) % step == 0)
            c.paint(stalks, "leaf", "crops", -0.2 + dim, back=True)
            k = max(1, step // 2)
            heads = c.rect(0, y - tall, c.w, k) & ((c.xs + row * 2 + k // 2) % step < k)
            c.paint(heads, "gold" if kind == "corn" else "yellow", "crops", 0.4 + dim, back=True)
            if s >= 32:
                leaves = c.rect(0, y, c.w, max(1, tall // 3)) & ((c.xs + row * 2 + 1) % step < 3)
                c.paint(leaves, "leaf", "crops", 0.6 + dim, back=True)
                if kind == "sunflowers" and k >= 3:
                    c.paint(
                        c.rect(0, y - tall + k // 2, c.w, max(1, k // 3))
                        & ((c.xs + row * 2 + k // 2) % step == k // 2),
                        "brown",
                        "crops",
                        dim,
                        back=True,
                    )
        else:
            k = max(2, step - 1)
            x = -(row % 2) * step // 2
            while x < c.w:
                ball = c.oval(x, y, k, max(1, round(k * 0.8)))
                if kind == "pumpkins" and s >= 24:
                    c.paint(c.rect(x - 1, y + k * 0.6, k + 2, max(1, k // 3)), "leaf", "crops", dim, back=True)
                c.paint(ball, color, "crops", c.ball(ball, 1.3) + dim, back=True)
                x += step + max(1, round(1.4 * u))
        y += gap + (tall if kind in ("corn", "sunflowers") else 0)
        row += 1


def _building(p: Params, c: Canvas, base: int, u: float, dim: float) -> None:
    kind, color = p["building"], p["building_color"]
    mid = round(c.w * (0.28 if p["side"] == "left" else 0.72))
    other = "white" if color != "white" else "red"
    if kind == "barn":
        w, h = round(13 * u) // 2 * 2 + 1, round(8 * u)
        x, y = mid - w // 2, base - h
        c.paint(c.rect(x, y, w, h), color, "barn", dim, back=True)
        roof = c.poly(
            (mid, y - 6 * u),
            (mid + w * 0.36, y - 3.6 * u),
            (mid + w * 0.56, y),
            (mid - w * 0.56, y),
            (mid - w * 0.36, y - 3.6 * u),
        )
        c.paint(roof, color, "barn", 0.5 + dim, back=True)
        c.paint(
            roof
            & ~c.poly(
                (mid, y - 5 * u + 1),
                (mid + w * 0.3, y - 2.6 * u),
                (mid + w * 0.46, y),
                (mid - w * 0.46, y),
                (mid - w * 0.3, y - 2.6 * u),
            ),
            "dark grey",
            "roof",
            0.2 + dim,
            back=True,
        )
        d = max(3, round(5 * u)) // 2 * 2 + 1
        door = c.rect(mid - d // 2, base - d, d, d)
        c.paint(door, other, "door", dim, back=True)
        if d >= 5:
            inner = c.rect(mid - d // 2 + 1, base - d + 1, d - 2, d - 1)
            c.paint(inner, color, "door", -0.7 + dim, back=True)
            c.paint(
                inner
                & (
                    c.stroke((mid - d // 2, base - d), (mid + d // 2, base - 1))
                    | c.stroke((mid + d // 2, base - d), (mid - d // 2, base - 1))
                ),
                other,
                "door",
                dim,
                back=True,
            )
    elif kind == "windmill":
        tower = c.poly(
            (mid - 1.6 * u, base - 12 * u),
            (mid + 1.6 * u, base - 12 * u),
            (mid + 3.6 * u, base - 1),
            (mid - 3.6 * u, base - 1),
        )
        c.paint(tower, color, "windmill", c.column(tower, 1.1) + dim, back=True)
        c.paint(
            c.oval(mid - 2.4 * u, base - 14.4 * u, 5.2 * u, 5 * u) & (c.ys < base - 11 * u),
            "dark grey",
            "roof",
            dim,
            back=True,
        )
        c.paint(c.rect(mid - u, base - 3 * u, max(1, 2.4 * u), 3 * u), "dark wood", "door", dim, back=True)
        cy, r = base - 11.4 * u, 8 * u
        for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
            end = (mid + dx * r * 0.7, cy + dy * r * 0.7)
            c.paint(c.stroke((mid, cy), end, width=max(1, round(1.7 * u))), "beige", "sails", 0.4 + dim, back=True)
            c.paint(c.stroke((mid, cy), end), "dark wood", "sails", dim, back=True)
    elif kind == "silo":
        tank = c.rect(mid - 3 * u, base - 11 * u, 6 * u + 1, 11 * u)
        c.paint(tank, color, "silo", c.column(tank, 1.2) + dim, back=True)
        cap = c.oval(mid - 3 * u, base - 14 * u, 6 * u + 1, 6 * u) & (c.ys < base - 11 * u + 1)
        c.paint(cap, "silver", "roof", c.ball(cap, 1.2) + dim, back=True)
        if c.s >= 24:
            c.touch(tank & ((c.ys - base).astype(int) % max(4, round(3 * u)) == 0), -0.7)
    else:
        w, h = round(12 * u), round(6.4 * u)
        x, y = mid - w // 2, base - h
        c.paint(c.rect(x, y, w, h), color, "house", dim, back=True)
        roof = c.poly((x + w * 0.2, y - 4.4 * u), (x + w * 0.8, y - 4.4 * u), (x + w + u, y), (x - u, y))
        c.paint(roof, "brown" if color != "brown" else "dark grey", "roof", 0.3 + dim, back=True)
        c.paint(c.rect(mid - u, base - 3.6 * u, max(2, 2.4 * u), 3.6 * u), "dark wood", "door", dim, back=True)
        k = max(1, round(2.2 * u))
        for wx in (x + 1.6 * u, x + w - 1.6 * u - k):
            c.paint(
                c.rect(wx, y + 1.4 * u, k, k),
                "flame" if p["time"] in ("night", "sunset") else "light blue",
                "windows",
                0.2,
                back=True,
            )


def words(p: Params) -> Words:
    crop, kind, time = p["crop"], p["building"], p["time"]
    nouns = {
        "wheat": ("wheat field", "field of wheat", "farm field"),
        "corn": ("corn field", "field of corn", "farm field"),
        "cabbages": ("cabbage field", "vegetable field", "farm field"),
        "pumpkins": ("pumpkin patch", "pumpkin field", "farm field"),
        "sunflowers": ("sunflower field", "field of sunflowers"),
        "ploughed soil": ("ploughed field", "plowed field", "farm field"),
    }[crop]
    if kind == "barn":
        nouns = (*nouns, "farm")
    having: list[Fact] = []
    seen = p["visible"]
    if kind != "none":
        what = {"barn": "barn", "windmill": "windmill", "silo": "silo", "farmhouse": "farmhouse"}[kind]
        color = f"{{{p['building_color']}}}"
        having.append((f"a~{color} {what}", f"a~{what}", f"a~{color} {what} on the {p['side']}"))
    if p["extra"] != "none" and p["extra"] in seen:
        having.append((f"a~{p['extra']}",))
    if p["fence"]:
        having.append(("a wooden fence", "a fence in front"))
    when = {
        "day": ("by day", "on a sunny day"),
        "sunset": ("at sunset", "in the evening"),
        "dawn": ("at dawn", "in the early morning"),
        "night": ("at night", "by night"),
    }[time]
    return Words(nouns=nouns, having=tuple(having), place=(when,), lacking=("a fence",) if not p["fence"] else ())


FAMILY = Family(
    name="farm",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SCENIC,
    weight=1.3,
    genres=("farm",),
)
