"""Treasure chests: closed, open with gold, gems or nothing, of wood or metal, and mimics."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

BODY = {
    "wood": "wood",
    "dark wood": "dark wood",
    "red": "red",
    "blue": "blue",
    "green": "green",
    "purple": "purple",
    "black": "black",
    "stone": "stone",
}
PARAMETERS = {
    "body": choice(*BODY, weights=(6, 2, 2, 1.5, 1.5, 1, 1, 1)),
    "trim_color": choice("gold", "silver", "dark grey", "brown", weights=(5, 3, 2, 1)),
    "state": choice("closed", "open", weights=(5, 5)),
    "inside": choice("gold coins", "gems", "nothing", "mimic", weights=(6, 2, 2, 2)),
    "lock": choice("lock", "none", weights=(4, 1)),
    "lid": choice("round", "flat", weights=(3, 1), minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["state"] == "closed":
        p["inside"] = "hidden"
    if p["inside"] in ("mimic", "gems") and min(h, w) < 16:
        p["inside"] = "gold coins"
    if p["inside"] == "mimic":
        p["lock"] = "none"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m = c.s, 0 if c.s <= 10 else 1
    color, trim, t = BODY[p["body"]], p["trim_color"], max(1, round(c.s / 16))
    w, x = c.w - 2 * m, m
    bottom, mid = c.h - m, (c.w - 1) / 2
    body_h = round(s * 0.42)
    y = bottom - body_h
    box = c.rect(x, y, w, body_h)
    is_open = p["state"] == "open"
    lid_h = round(s * 0.32)
    if is_open:
        top = y - round(s * 0.34)
        back = c.rect(x, top, w, y - top)
        if p["lid"] == "round" and s > 10:
            back &= ~c.mirror(c.dots((x, top)) | (c.dots((x + 1, top), (x, top + 1)) if s >= 32 else c.empty()))
        c.paint(back, color, "lid", c.fall(back, 0.2, -0.8))
        inner = c.rect(x + t, top + t, w - 2 * t, y - top - t)
        c.paint(inner, color if p["body"] not in ("black",) else "dark grey", "inside", -1.7)
        c.paint(
            c.mirror(c.rect(x, top, t, y - top)) | c.rect(x, top, w, t) & back, trim, "trim", c.fall(back, 0.8, -0.6)
        )
        if p["inside"] in ("gold coins", "gems"):
            pile = c.oval(x + t, y - round(s * 0.16), w - 2 * t, round(s * 0.36)) & (c.ys < y + t)
            c.paint(pile, "gold", "treasure", (rng.noise(c.h, c.w) > 0.5) * 1.6 - 0.6, rim=s >= 24)
            if p["inside"] == "gems":
                for color2 in ("red", "cyan", "green", "purple")[: 3 if s < 32 else 4]:
                    d = max(2, round(s * 0.09))
                    gx = rng.integer(x + 2 * t, x + w - 2 * t - d)
                    gem = c.oval(gx, y - round(s * 0.1) - rng.integer(0, d // 2), d, d) & (c.ys < y + t)
                    c.paint(gem, color2, "gems", "ball", rim=s >= 24)
        elif p["inside"] == "mimic":
            c.paint(inner, "ink", "inside", -0.5)
            eye = c.oval(x + w * 0.22, top + (y - top) * 0.3, max(2, s * 0.13), max(2, s * 0.13))
            c.paint(c.mirror(eye), "yellow", "eyes", 0.4)
            c.paint(
                c.mirror(
                    c.rect(round(x + w * 0.22 + s * 0.05), round(top + (y - top) * 0.3), 1, max(2, round(s * 0.13)))
                ),
                "ink",
                "eyes",
                0,
            )
    else:
        lid = c.rect(x, y - lid_h, w, lid_h)
        if s > 10 and p["lid"] == "round":
            cut = c.rect(x, y - lid_h, 1, 2) | c.rect(x, y - lid_h, 2, 1)
            if s >= 32:
                cut |= c.rect(x, y - lid_h, 2, 3) | c.rect(x, y - lid_h, 4, 1)
            lid &= ~c.mirror(cut)
        c.paint(lid, color, "lid", c.fall(lid, 1.3, -0.6))
        c.paint(
            lid & (c.rect(x, 0, t, c.h) | c.rect(c.w - x - t, 0, t, c.h) | c.rect(x, y - lid_h, w, t)),
            trim,
            "trim",
            c.fall(lid, 1.0, -0.4),
        )
    c.paint(box, color, "body", c.fall(box, 0.2, -0.7), rim=s > 16)
    if s >= 16:
        plank = max(3, round(body_h / 3))
        c.touch(box & ((c.ys - y) % plank == plank - 1), -0.9)
    edge = box & ~c.rect(x + t, y + t, w - 2 * t, body_h - 2 * t)
    c.paint(edge, trim, "trim", c.bevel(edge, 0.5))
    if s >= 24:
        strap = c.mirror(c.rect(x + round(w * 0.24), y, t, body_h))
        c.paint(strap, trim, "trim", -0.3)
        if not is_open:
            c.paint(c.mirror(c.rect(x + round(w * 0.24), y - lid_h, t, lid_h)) & (c.mat > 0), trim, "trim", 0.3)
    if p["lock"] == "lock":
        lw = max(2, round(s * 0.14))
        lw += (c.w - lw) % 2
        lock = c.rect((c.w - lw) // 2, y - (0 if is_open else lw // 2), lw, max(2, round(lw * 1.2)))
        c.paint(lock, "gold" if trim != "gold" else "silver", "lock", c.bevel(lock, 0.8) if lw > 2 else 0.2, rim=s > 12)
        if lw > 2:
            c.paint(c.rect(round(mid - 0.5), y, 2 - c.w % 2, max(1, lw // 3)), "ink", "lock", 0)
    if p["inside"] == "mimic":
        size = max(2, round(s * 0.09))
        for i in range(0, w - size, size + 1):
            tooth = c.poly((x + i, y), (x + i + size - 1, y), (x + i + (size - 1) / 2, y + size))
            upper = c.poly(
                (x + i + size // 2, y - 1), (x + i + size // 2 + size - 1, y - 1), (x + i + size - 1, y - 1 - size)
            )
            c.paint(tooth & box, "white", "teeth", 0)
            c.paint(upper & c.rect(x, 0, w, y), "white", "teeth", 0)
        tongue = c.rect(round(mid - s * 0.08), y, max(2, round(s * 0.16)), round(s * 0.2))
        c.paint(tongue, "red", "tongue", c.column(tongue, 0.8), rim=True)


def words(p: Params) -> Words:
    material = {"wood": ("wooden", ""), "dark wood": ("dark wooden", "wooden"), "stone": ("stone",)}.get(
        p["body"], (f"{{{p['body']}}}",)
    )
    having: list[str | tuple[str, ...]] = [
        (
            f"{{{p['trim_color']}}} trim",
            f"{{{p['trim_color']}}} edges",
            "metal edges" if p["trim_color"] != "brown" else "trim",
        )
    ]
    if p["lock"] == "lock":
        having.append("a lock")
    if p["inside"] in ("gold coins", "gems"):
        having.append(
            {
                "gold coins": ("{gold} coins", "treasure inside", "treasure", "coins inside"),
                "gems": ("jewels", "treasure", "gems inside"),
            }[p["inside"]]
        )
    mimic = p["inside"] == "mimic"
    if mimic:
        having = [having[0], ("teeth", "sharp teeth"), ("a tongue", "a {red} tongue"), ("eyes", "{yellow} eyes")]
    nouns = (
        ("mimic", "chest monster", "monster chest", "mimic chest")
        if mimic
        else ("chest", "treasure chest", "chest", "treasure box")
    )
    state = "empty open" if p["inside"] == "nothing" else p["state"]
    return Words(nouns=nouns, adjectives=(material,) if mimic else (state, material), having=tuple(having))


FAMILY = Family(
    name="chest",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("fantasy", "pirate"),
)
