"""After the end: ruined walls, wrecked cars, burning barrels, warning signs, toxic drums and broken towers."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, shrink
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import LARGE, Family, Params, choice, flag
from pixelmind.data.procedural.pen import Pen, bricks, colors, flame, smoke, specks
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "ruin": choice(
        "ruined wall",
        "wrecked car",
        "burning barrel",
        "warning sign",
        "toxic drum",
        "ruined tower",
        weights=(3, 3, 3, 2, 2, 3),
    ),
    "material": choice("brick", "stone", "concrete", weights=(3, 2, 2)),
    "color": colors("red", "blue", "green", "yellow", "orange", "white"),
    "smoke": flag(0.4),
    "overgrown": flag(0.4),
    "symbol": choice("radiation", "skull", "biohazard", weights=(3, 2, 1)),
    "backdrop": choice("none", "storm", "sunset", "night", weights=(6, 2, 2, 1)),
}
MATERIALS = {"brick": "brick", "stone": "stone", "concrete": "light grey"}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["ruin"], min(h, w)
    if kind not in ("ruined wall", "ruined tower"):
        p["material"] = None
    if kind not in ("wrecked car", "burning barrel", "toxic drum"):
        p["color"] = None
    if kind not in ("wrecked car", "burning barrel", "ruined tower") or s < 16:
        p["smoke"] = False
    if kind not in ("ruined wall", "ruined tower", "wrecked car") or s < 16:
        p["overgrown"] = False
    if kind not in ("warning sign", "toxic drum"):
        p["symbol"] = None
    elif s < 16 and p["symbol"] == "biohazard":
        p["symbol"] = "radiation"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    x: float
    y: float
    pen, kind, rim = Pen(c), p["ruin"], c.s >= 16
    if p["backdrop"] != "none":
        bd.sky(c, p["backdrop"], rng, round(c.h * 0.84), extras=p["backdrop"] == "night")
        bd.ground(c, round(c.h * 0.84), "dirt", rng)
    if kind in ("ruined wall", "ruined tower"):
        color = MATERIALS[p["material"]]
        if kind == "ruined wall":
            tops: tuple[float, ...] = (5, 2, 0.6, 3, 6, 9, 7, 9.6)
            x0, x1 = 0.4, 13.6
        else:
            tops = (4, 1, 0.4, 2.4, 1.4, 5)
            x0, x1 = 2.4, 11.6
        wall = c.empty()
        wide = (x1 - x0) / len(tops)
        for i, y in enumerate(tops):
            wall |= pen.rect(x0 + i * wide, y + (2 if p["smoke"] else 0), x0 + (i + 1) * wide, 13.4)
        c.paint(wall, color, "walls", c.column(wall, 0.8) if kind == "ruined tower" else c.bevel(wall, 0.8))
        bricks(c, wall, rng, 0.75)
        for x, y, w, h in (
            ((3, 6, 2, 2.6),) if kind == "ruined wall" else ((4, 5, 2, 2.4), (8, 5, 2, 2.4), (4, 9, 2, 2.4))
        ):
            hole = pen.rect(x, y, x + w, y + h)
            c.paint(hole & wall, "ink", "windows", 0.3, rim=rim)
        if kind == "ruined tower":
            door = pen.rect(7.6, 10, 10, 13.4)
            c.paint(door, "ink", "doorway", 0.3, rim=rim)
        c.touch(pen.line((10, 10.4), (9.4, 11.4), (10.2, 12.4)) & wall, -1.2)
        for x, y, d in ((0, 12, 2.4), (11, 12.2, 2.6), (6, 12.6, 2)):
            rock = pen.oval(x, y, x + d, y + d * 0.8) & (c.ys < pen.y(14))
            c.paint(rock, color, "rubble", c.ball(rock, 1.3), rim=rim)
        if p["smoke"]:
            smoke(c, pen, (x0 + x1) / 2, 3, 2, 2.4, 1.0, "dark grey")
    elif kind == "wrecked car":
        color = p["color"]
        cabin = pen.poly((3.4, 8), (4.8, 4.6), (9.4, 4.6), (11, 8))
        c.paint(cabin, color, "car", -0.5)
        c.paint(pen.poly((4.6, 7.6), (5.6, 5.6), (8.8, 5.6), (9.8, 7.6)), "ink", "windows", 0.3)
        c.paint(pen.line((5.4, 7.4), (6.8, 5.8)), "light blue", "windows", 0.6)
        body = pen.rect(0.4, 7.6, 13.6, 11.4)
        c.paint(body, color, "car", c.fall(body, 0.4, -1.0), rim=rim)
        rust = body | cabin
        noise = rng.smooth(c.h, c.w, max(2, c.s // 10))
        c.paint(rust & (noise > 0.6) & (c.part == c.part_id("car")), "brown", "rust", c.fall(body, 0.2, -0.8))
        for x, y in ((1.6, 9.6), (9.4, 10.4)):
            wheel = pen.oval(x, y, x + 3.4, y + 3.4) & (c.ys < pen.y(13.4))
            c.paint(wheel, "ink", "wheels", 0.4, rim=rim)
            c.paint(pen.oval(x + 1.1, y + 1.1, x + 2.3, y + 2.3) & (c.ys < pen.y(13.4)), "iron", "wheels", -0.6)
        c.paint(pen.rect(0.2, 8.4, 1, 9.4), "ink", "car", 0.3)
        if p["smoke"]:
            smoke(c, pen, 11.4, 7.4, 3, 2.0, -0.7, "dark grey")
    elif kind == "burning barrel":
        flame(c, pen, 7, 6.4, 6.6, 6 if not p["smoke"] else 4.6)
        if c.s >= 16:
            flame(c, pen, 4.6, 6.4, 2.6, 3.6)
            flame(c, pen, 9.6, 6.4, 2.6, 3.2)
        body = pen.rect(2.6, 6, 11.4, 14)
        c.paint(body, p["color"], "barrel", "column", rim=rim)
        for y in (6, 9.6, 13.2):
            band = pen.rect(2.2, y, 11.8, y + 0.8)
            c.paint(band & pen.rect(2, 0, 12, 14), p["color"], "barrel", c.column(body, 1.0) + 0.5)
            c.touch(pen.rect(2.6, y + 0.8, 11.4, y + 1.3), -0.7)
        specks(c, body, rng, 0.05, 0, -1.0)
        if c.s >= 16:
            for x, y in ((4.4, 11.2), (8.6, 7.8)):
                c.paint(pen.oval(x, y, x + 1.5, y + 1.2), "flame", "holes", -0.2)
        if p["smoke"]:
            smoke(c, pen, 7, 2.6, 2, 2.0, 0.9, "dark grey")
    elif kind == "warning sign":
        c.paint(pen.rect(6.3, 8, 7.7, 14), "iron", "post", "column")
        plate = (
            pen.poly((6.6, 0), (7.4, 0), (13.4, 10), (0.6, 10))
            if p["symbol"] != "skull"
            else pen.rect(1.6, 0.6, 12.4, 9.6)
        )
        c.paint(plate, "yellow", "sign", c.ball(plate, 0.9), rim=rim)
        if c.s >= 16:
            edge = plate & ~shrink(plate)
            c.paint(edge, "ink", "sign", 0.2)
        _symbol(p, c, pen, 7, 6.4 if p["symbol"] != "skull" else 5, 2.7, "ink")
    else:
        body = pen.rect(2, 2, 12, 13.4) | pen.oval(2, 11, 12, 14)
        c.paint(body, p["color"], "drum", "column")
        lid = pen.oval(2, 0.4, 12, 4)
        c.paint(lid, p["color"], "drum", 0.9, rim=rim)
        for y in (5, 10.4):
            c.touch(pen.rect(2, y, 12, y + 0.6), -1.1)
            c.touch(pen.rect(2, y - 0.6, 12, y), 0.6)
        plate = pen.oval(4.2, 5.4, 9.8, 11)
        c.paint(plate, "yellow" if p["color"] not in ("yellow", "orange") else "white", "label", 0.2, rim=rim)
        _symbol(p, c, pen, 7, 8.2, 1.9, "ink")
        drip = pen.rect(9, 2.6, 10.2, 7) | pen.oval(8.8, 6, 10.4, 8)
        drip |= pen.oval(4, 1.2, 10, 3.4)
        c.paint(drip, "lime", "slime", c.fall(drip, 0.6, -0.4), rim=False)
    if p["overgrown"]:
        noise = rng.noise(c.h, c.w)
        base = (
            c.figure & (c.ys >= pen.y(11.6)) & (noise > 0.25 + 0.5 * (pen.low - c.ys) / max(1, pen.low - pen.y(11.6)))
        )
        vines = c.empty()
        for x in (3.0, 10.6) if kind != "wrecked car" else (1.2, 12.4):
            vines |= pen.limb(((x, 7), (x + 0.8, 9.6), (x - 0.4, 13)), 0.7, 1.4) & c.figure
        c.paint(base | vines, "leaf", "plants", (noise > 0.6) * 1.0 - 0.4)


def _symbol(p: Params, c: Canvas, pen: Pen, x: float, y: float, r: float, ink: str) -> None:
    kind = p["symbol"]
    if kind == "skull":
        c.paint(
            pen.oval(x - r * 0.9, y - r, x + r * 0.9, y + r * 0.5) | pen.rect(x - r * 0.5, y, x + r * 0.5, y + r),
            ink,
            "symbol",
            0,
        )
        eyes = pen.rect(x - r * 0.6, y - r * 0.4, x - r * 0.15, y + r * 0.05) | pen.rect(
            x + r * 0.15, y - r * 0.4, x + r * 0.6, y + r * 0.05
        )
        c.paint(eyes, "yellow", "symbol", 0.3)
        return
    disc = pen.oval(x - r, y - r, x + r, y + r)
    if kind == "radiation":
        cut = pen.poly((x, y), (x + 0.01, y), (x + r * 0.6, y - r * 1.1), (x - r * 0.6, y - r * 1.1))
        blades = disc & ~cut
        blades &= ~pen.poly((x, y), (x + 0.01, y), (x + r * 1.3, y + r * 0.1), (x + r, y + r))
        blades &= ~pen.poly((x, y), (x + 0.01, y), (x - r * 1.3, y + r * 0.1), (x - r, y + r))
        c.paint(blades if c.s >= 16 else disc, ink, "symbol", 0)
        c.paint(pen.oval(x - r * 0.3, y - r * 0.3, x + r * 0.3, y + r * 0.3), "yellow", "symbol", 0.3)
    else:
        for dx, dy in ((0, -0.5), (-0.5, 0.4), (0.5, 0.4)):
            ring = pen.ring(
                x + dx * r - r * 0.6, y + dy * r - r * 0.6, x + dx * r + r * 0.6, y + dy * r + r * 0.6, r * 0.28
            )
            c.paint(ring, ink, "symbol", 0)


def words(p: Params) -> Words:
    kind = p["ruin"]
    nouns = {
        "ruined wall": ("ruined wall", "broken wall", "wall in ruins"),
        "wrecked car": ("wrecked car", "rusty car", "abandoned car", "car wreck"),
        "burning barrel": ("burning barrel", "barrel fire", "fire barrel"),
        "warning sign": ("warning sign", "hazard sign", "danger sign"),
        "toxic drum": ("toxic waste barrel", "toxic drum", "chemical barrel"),
        "ruined tower": ("ruined tower", "ruined building", "bombed out building"),
    }[kind]
    having: list[Fact] = []
    if p["overgrown"] and "plants" in p["visible"]:
        having.append(("vines", "plants growing on it", "{green} vines"))
    if p["smoke"] and "smoke" in p["visible"]:
        having.append(("dark smoke", "smoke"))
    if p["symbol"] and "symbol" in p["visible"]:
        having.append(
            {
                "radiation": ("a radiation symbol", "a nuclear symbol"),
                "skull": ("a skull", "a skull symbol"),
                "biohazard": ("a biohazard symbol", "a hazard symbol"),
            }[p["symbol"]]
        )
    if kind == "toxic drum":
        having.append(("{green} slime dripping", "leaking slime"))
    if kind in ("ruined wall", "ruined tower") and "rubble" in p["visible"]:
        having.append(("rubble", "rubble around it"))
    look: Fact = (p["material"],) if p["material"] else (f"{{{p['color']}}}" if p["color"] else "{yellow}")
    return Words(nouns=nouns, adjectives=(look,), having=tuple(having), place=bd.places(p))


FAMILY = Family(
    name="ruin",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=((8, 8), *LARGE),
    weight=1.2,
    genres=("post-apocalyptic",),
)
