"""Guns seen from the side: revolvers, rifles, pistols, blasters, ray guns, crossbows and cannons."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.pen import Pen, colors, snap
from pixelmind.data.procedural.rng import Rng

METALS = {
    "steel": "steel",
    "black": "black",
    "gold": "gold",
    "white": "white",
    "red": "red",
    "blue": "blue",
    "green": "green",
}
KINDS = {
    "revolver": ("steel", "black", "gold"),
    "rifle": ("steel", "black"),
    "pistol": ("black", "steel", "gold"),
    "blaster": ("white", "black", "steel", "red", "blue", "green"),
    "ray gun": ("red", "blue", "green", "gold", "steel"),
    "crossbow": ("steel", "gold", "black"),
    "cannon": ("black", "steel", "gold"),
}
GLOWING = ("blaster", "ray gun")
PARAMETERS = {
    "gun": choice(*KINDS, weights=(3, 2, 2, 3, 3, 2.5, 2)),
    "metal": choice(*METALS),
    "grip_color": colors("brown", "dark brown", "black", "red"),
    "glow_color": colors("cyan", "red", "green", "yellow", "purple", "orange"),
    "facing": choice("right", "left"),
    "firing": flag(0.25),
    "scope": flag(0.4),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["gun"], min(h, w)
    snap(p, "metal", tuple(METALS), KINDS[kind])
    if kind not in GLOWING:
        p["glow_color"] = None
    elif p["glow_color"] == p["metal"]:
        p["glow_color"] = "cyan" if p["metal"] != "blue" else "yellow"
    if kind == "cannon" and p["grip_color"] in ("black", "red"):
        p["grip_color"] = "brown"
    if kind in GLOWING:
        p["grip_color"] = "black" if p["metal"] != "black" else "brown"
    elif p["grip_color"] == "black" and p["metal"] == "black":
        p["grip_color"] = "brown"
    if s < 16 or kind == "crossbow":
        p["firing"] = False
    if kind not in ("rifle", "blaster") or s < 16:
        p["scope"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, kind, metal, grip, rim = Pen(c, stretch=1.0), p["gun"], METALS[p["metal"]], p["grip_color"], c.s >= 16
    if kind == "revolver":
        handle = pen.poly((0.6, 6), (4.6, 6), (4, 9), (3.6, 12.6), (0, 12.6), (0.6, 9))
        c.paint(handle, grip, "grip", c.column(handle, 1.2))
        c.paint(pen.ring(4, 6.4, 7.4, 10, 0.8), metal, "trigger", -0.6)
        frame = pen.rect(1, 3, 8, 7.4)
        c.paint(frame, metal, "frame", c.fall(frame, 1.0, -0.8), rim=rim)
        c.paint(pen.rect(0.4, 1.6, 1.6, 4), metal, "hammer", 0.2)
        barrel = pen.rect(8, 3, 14, 5)
        c.paint(barrel, metal, "barrel", c.fall(barrel, 1.4, -1.0), rim=rim)
        c.paint(pen.rect(12.6, 2, 13.4, 3), metal, "sight", 0)
        drum = pen.rect(4, 3.2, 8, 6.8)
        c.paint(drum, metal, "cylinder", c.fall(drum, 1.0, -1.4), rim=rim)
        if c.s >= 24:
            c.touch((pen.rect(4, 4, 8, 4.5) | pen.rect(4, 5.4, 8, 5.9)) & drum, -1.0)
    elif kind == "pistol":
        handle = pen.poly((1, 6), (5.4, 6), (4.6, 13), (0.4, 13))
        c.paint(handle, grip, "grip", c.column(handle, 1.0))
        if c.s >= 24:
            c.touch(handle & (c.ys % 2 == 0) & (c.xs % 2 == 0), -0.9)
        c.paint(pen.ring(4.6, 6, 8.4, 9.6, 0.8), metal, "trigger", -0.6)
        body = pen.rect(0.6, 2.6, 13.4, 6.6)
        c.paint(body, metal, "frame", c.fall(body, 1.2, -1.0), rim=rim)
        c.touch(pen.rect(0.6, 5, 13.4, 5.5), -1.0)
        if c.s >= 16:
            c.touch(pen.rect(1.4, 3, 3.4, 5) & ((c.xs - c.box(body)[0]) % 2 == 1), -1.2)
        c.paint(pen.rect(12.4, 2, 13.2, 2.7), metal, "sight", 0)
    elif kind == "rifle":
        stock = pen.poly((0, 6), (4.6, 5.6), (4.6, 7.6), (3, 8.4), (0, 10.6))
        c.paint(stock, grip, "stock", c.fall(stock, 0.9, -0.9))
        c.paint(pen.ring(3.6, 6.8, 6.4, 9.4, 0.7), metal, "trigger", -0.6)
        c.paint(pen.rect(4, 5.4, 7, 7.4), metal, "frame", "bevel", rim=rim)
        c.paint(pen.rect(6.6, 6, 11, 7.4), grip, "stock", -0.3)
        barrel = pen.rect(6.6, 5, 14, 6)
        c.paint(barrel, metal, "barrel", c.fall(barrel, 1.0, -0.6), rim=rim)
        c.paint(pen.rect(13, 4.2, 13.6, 5), metal, "sight", 0)
        if p["scope"]:
            c.paint(pen.rect(4.6, 4.4, 5.2, 5.4) | pen.rect(7.4, 4.4, 8, 5.4), "ink", "scope", 0.3)
            tube = pen.rect(3.6, 3, 9, 4.4)
            c.paint(tube, "dark grey", "scope", c.fall(tube, 1.0, -0.6), rim=rim)
            c.paint(pen.rect(8.4, 3, 9, 4.4), "cyan", "scope", 0.3)
    elif kind == "blaster":
        handle = pen.poly((2, 8), (5.6, 8), (4.6, 13.4), (1.2, 13.4))
        c.paint(handle, grip, "grip", c.column(handle, 1.0))
        c.paint(pen.rect(5.4, 8.4, 7.4, 9.2), metal, "trigger", -0.6)
        body = pen.poly((0.6, 4.4), (9, 4.4), (10.6, 5.4), (10.6, 8), (9, 8.8), (0.6, 8.8))
        c.paint(body, metal, "frame", c.fall(body, 1.1, -1.2), rim=rim)
        c.paint(pen.rect(10, 5.6, 13, 7.6), "dark grey" if metal != "black" else "grey", "barrel", "fall", rim=rim)
        c.paint(pen.rect(12.4, 5, 13.6, 8.2), metal, "barrel", c.fall(pen.rect(12.4, 5, 13.6, 8.2), 1, -1), rim=rim)
        cell = pen.rect(3, 6, 8.4, 7.4)
        c.paint(cell, p["glow_color"], "energy cell", 0.3, rim=c.s >= 24)
        if c.s >= 24:
            c.touch(cell & ((c.xs - c.box(cell)[0]) % 3 == 2), -1.4)
        if p["scope"]:
            c.paint(pen.rect(4, 3.4, 5, 4.6), metal, "scope", -0.6)
            c.paint(pen.rect(2.6, 2, 8, 3.6), "dark grey" if metal != "black" else "grey", "scope", "fall", rim=rim)
    elif kind == "ray gun":
        handle = pen.poly((2, 8), (5.4, 8), (5, 13.4), (1.6, 13.4))
        c.paint(handle, grip, "grip", c.column(handle, 1.0))
        c.paint(pen.ring(4.6, 8, 7.4, 10.8, 0.7), metal, "trigger", -0.4)
        body = pen.oval(0, 2.6, 8.6, 9.6)
        c.paint(pen.poly((0.6, 2), (3.6, 1), (4.6, 4), (1.6, 5)), metal, "fin", -0.6)
        c.paint(pen.rect(8, 5, 12.4, 7.4), "silver", "barrel", "fall")
        for x in (8.8, 10.6):
            ring = pen.rect(x, 3.8, x + 0.9, 8.6)
            c.paint(ring, p["glow_color"], "rings", c.fall(ring, 0.8, -0.6), rim=rim)
        c.paint(body, metal, "frame", c.ball(body, 1.6), rim=rim)
        c.paint(pen.oval(12, 4.8, 14, 7.6), p["glow_color"], "tip", 0.6, rim=rim)
        if c.s >= 24:
            c.paint(pen.oval(3, 4.6, 5.6, 7.2), p["glow_color"], "lamp", "ball", rim=True)
    elif kind == "crossbow":
        bow = pen.limb(((9.4, 0.6), (13, 7), (9.4, 13.4)), 1.2, 1.2)
        string = pen.line((9.2, 1), (3.4, 7), (9.2, 13), width=0.3)
        c.paint(string, "white", "string", 0)
        stock = pen.rect(0.6, 6, 12.4, 8) | pen.poly((0.6, 6), (3, 6), (3, 8.4), (0.6, 10))
        c.paint(stock, grip, "stock", c.fall(stock, 0.9, -1.0), rim=rim)
        c.paint(bow, metal, "bow", c.ball(bow, 0.8), rim=rim)
        c.paint(pen.rect(3.4, 6.6, 13, 7.4), "tan" if grip != "brown" else "beige", "bolt", 0.3)
        c.paint(pen.poly((12, 5.8), (14, 7), (12, 8.2)), "steel", "bolt", 0.6)
    else:  # cannon
        barrel = pen.poly((1, 3.6), (11, 2), (11, 8), (1, 8.6)) | pen.oval(0, 3.4, 4, 8.8)
        c.paint(pen.poly((0.6, 8), (9, 7), (7, 12), (0, 13)), grip, "carriage", -0.5)
        c.paint(barrel, metal, "barrel", c.fall(barrel, 1.6, -1.4), rim=rim)
        muzzle = pen.rect(10.6, 1.4, 12.8, 8.6)
        c.paint(muzzle, metal, "barrel", c.fall(muzzle, 1.8, -1.4), rim=rim)
        c.paint(pen.rect(12.2, 3, 12.8, 7), "ink", "barrel", 0)
        wheel = pen.oval(2.6, 6.6, 9.6, 13.8)
        c.paint(wheel, grip, "wheel", c.ball(wheel, 1.0), rim=rim)
        if c.s >= 16:
            inner = pen.oval(3.8, 7.8, 8.4, 12.6)
            c.touch(inner, -1.7)
            c.touch((pen.rect(5.7, 7.8, 6.5, 12.6) | pen.rect(3.8, 9.8, 8.4, 10.6)) & inner, 1.6)
        c.paint(pen.oval(5.2, 9.2, 7, 11.2), "iron", "wheel", 0.4)
    if p["firing"]:
        y = {"cannon": 5, "revolver": 4, "pistol": 4, "rifle": 5.5, "blaster": 6.6, "ray gun": 6.2}[kind]
        color = p["glow_color"] or "fire"
        burst = pen.star(12.6, y, 2.6, 1.1, 6)
        c.paint(burst, color, "flash", 0.2)
        c.paint(pen.oval(11.9, y - 0.8, 13.3, y + 0.8), "white" if p["glow_color"] else "flame", "flash", 0.8)
    if p["facing"] == "left":
        c.flip()


def words(p: Params) -> Words:
    kind, metal, glow = p["gun"], p["metal"], p["glow_color"]
    nouns = {
        "revolver": ("revolver", "six-shooter", "gun", "revolver pistol"),
        "rifle": ("rifle", "hunting rifle", "gun"),
        "pistol": ("pistol", "handgun", "gun"),
        "blaster": ("blaster", "laser gun", "sci-fi gun"),
        "ray gun": ("ray gun", "retro ray gun", "laser pistol"),
        "crossbow": ("crossbow", "crossbow", "arbalest"),
        "cannon": ("cannon", "old cannon", "cannon on wheels"),
    }[kind]
    having: list[Fact] = []
    grip = p["grip_color"]
    if kind in ("revolver", "pistol"):
        having.append(f"a~{{{grip}}} grip")
    elif kind in ("rifle", "crossbow"):
        having.append((f"a~{{{grip}}} stock", "a wooden stock" if "brown" in grip else "a stock"))
    elif kind == "cannon":
        having.append(("a wooden wheel", "a wooden carriage"))
    if glow:
        having.append(
            {
                "blaster": (f"a~{{{glow}}} energy cell", f"a~{{{glow}}} glow"),
                "ray gun": (f"{{{glow}}} rings", f"a~{{{glow}}} tip"),
            }[kind]
        )
    if p["scope"]:
        having.append(("a scope", "a sight on top"))
    if kind == "crossbow":
        having.append(("a loaded bolt", "a bolt"))
    look: Fact = f"{{{metal}}}" if metal != "steel" else ("steel", "metal")
    return Words(
        nouns=nouns,
        adjectives=(look,),
        having=tuple(having),
        place=(
            (f"pointing {p['facing']}", f"facing {p['facing']}", f"aimed to the {p['facing']}"),
            *((("being fired", "firing"),) if p["firing"] else ()),
        ),
    )


FAMILY = Family(
    name="gun",
    kind="item",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SQUARE,
    weight=1.3,
    genres=("western", "modern"),
)
