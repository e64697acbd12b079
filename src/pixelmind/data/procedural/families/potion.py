"""Potions: bottle shapes, liquid colours and levels, corks, bubbles and labels."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, shrink
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

COLORS = ("red", "blue", "green", "purple", "yellow", "pink", "orange", "cyan", "black", "white", "teal", "lime")
PARAMETERS = {
    "liquid_color": choice(*COLORS, weights=(5, 4, 4, 3, 2, 2, 2, 2, 1, 1, 1, 1)),
    "bottle": choice("round", "flask", "square", "tall", "heart", weights=(5, 3, 2, 2, 1)),
    "level": choice("full", "half full", "nearly empty", "empty", weights=(6, 3, 1, 0.7)),
    "stopper": choice("cork", "gold cap", "none", weights=(6, 1.5, 1)),
    "bubbles": flag(0.35),
    "label": choice("none", "plain label", "skull label", "cross label", weights=(7, 1, 1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["level"] == "empty":
        p["bubbles"], p["liquid_color"] = False, None
    if s <= 10:
        p.update(bubbles=False, label="none", bottle="round", level="full" if p["level"] == "half full" else p["level"])
        if p["level"] == "nearly empty":
            p["level"] = "full"
    if s < 24 or p["bottle"] == "heart":
        p["label"] = "none"
    if s < 16 or p["level"] == "nearly empty":
        p["bubbles"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m = c.s, 0 if c.s <= 10 else 1
    mid, bottom = (c.w - 1) / 2, c.h - m
    neck_w = max(2, round(s * 0.2)) // 2 * 2 + c.w % 2
    neck_x = (c.w - neck_w) // 2
    cork_h = max(1, round(s * 0.1))
    top = m + cork_h
    neck_h = max(1, round(s * 0.16))
    body_top = top + neck_h
    shape = p["bottle"]
    if shape == "round":
        d = min(c.w - 2 * m, bottom - body_top + 1)
        d -= (c.w - d) % 2
        bulb = c.oval((c.w - d) / 2, bottom - d, d, d)
    elif shape == "flask":
        half = c.w / 2 - m - max(0, s // 16)
        bulb = c.poly(
            (neck_x, body_top),
            (c.w - 1 - neck_x, body_top),
            (mid + half - 0.5, bottom - 2),
            (mid + half - 1.5, bottom - 1),
            (mid - half + 1.5, bottom - 1),
            (mid - half + 0.5, bottom - 2),
        )
    elif shape == "square":
        side = round(s * 0.66) // 2 * 2 + c.w % 2
        x = (c.w - side) // 2
        bulb = c.rect(x, body_top, side, bottom - body_top)
        bulb &= ~c.mirror(c.dots((x, body_top), (x, bottom - 1)))
    elif shape == "tall":
        side = max(4, round(s * 0.42)) // 2 * 2 + c.w % 2
        x = (c.w - side) // 2
        bulb = c.rect(x, body_top + 1, side, bottom - body_top - 1) | c.rect(x + 1, body_top, side - 2, 1)
    else:
        d = round(s * 0.45)
        lobe = c.oval(round(mid - d + 0.6), body_top, d, d) | c.poly(
            (mid - d + 1, body_top + d * 0.6), (mid, body_top + d * 0.6), (mid, bottom - 1)
        )
        bulb = c.mirror(lobe) & (c.ys < bottom)
    neck = c.rect(neck_x, top, neck_w, neck_h + 1 + (2 if shape == "heart" else 0))
    glass = bulb | neck
    c.paint(glass, "glass", "bottle", -0.3)
    if s > 10:
        lip = c.rect(neck_x - 1, top, neck_w + 2, max(1, s // 24))
        c.paint(lip, "glass", "bottle", 0.4)
    inner = shrink(bulb | neck) if s > 12 else bulb.copy()
    _, y, _, h = c.box(bulb)
    fill = {"full": 0.88, "half full": 0.5, "nearly empty": 0.2, "empty": 0.0}[p["level"]]
    surface = round(y + h * (1 - fill))
    if fill:
        wave = surface + (np.floor(c.xs / max(2, s // 8)) % 2 if s >= 24 and fill < 0.8 else 0)
        liquid = inner & (c.ys >= wave)
        c.paint(liquid, p["liquid_color"], "liquid", c.ball(liquid, 1.2))
        if s >= 16:
            c.touch(liquid & (c.ys < wave + 1), 1)
    if s >= 16:
        sx, sy = mid - c.box(bulb)[2] * 0.28, y + h * 0.28
        shine = c.rect(round(sx), round(sy), max(1, s // 20), max(2, round(s * 0.13))) & inner
        c.paint(shine, "white", "bottle", 0.5)
        c.tone[c.dots((round(sx) + max(1, s // 20), round(sy) - 1)) & inner] = 4
    else:
        c.tone[c.dots((round(mid) - 2, y + 2)) & bulb] = 4
    if p["bubbles"]:
        for i in range(3 if s < 32 else 5):
            x = rng.integer(round(mid - s * 0.18), round(mid + s * 0.22))
            by = rng.integer(min(surface + 2, bottom - 3), bottom - 3)
            bubble = c.dots((x, by)) if s < 40 or i > 1 else c.oval(x, by, 3, 3) & ~c.dots((x + 1, by + 1))
            bubble &= inner & (c.ys > surface)
            c.tone[bubble] = 3.6
    if p["label"] != "none":
        lw, lh = max(6, round(s * 0.34)) // 2 * 2 + c.w % 2, max(5, round(s * 0.22))
        lx, ly = (c.w - lw) // 2, bottom - round(h * 0.3) - lh // 2
        tag = c.rect(lx, ly, lw, lh) & bulb
        c.paint(tag, "beige", "label", "bevel", rim=True)
        if p["label"] == "cross label":
            arm = max(1, lh // 4)
            cross = c.rect(round(mid - arm / 2), ly + 1, arm + (c.w % 2 == 0 and arm % 2), lh - 2) | c.rect(
                round(mid - lh / 2) + 1, round(ly + lh / 2 - arm / 2), lh - 1, arm
            )
            c.paint(cross & tag, "red", "label", 0)
        elif p["label"] == "skull label":
            skull = c.rect(round(mid - 1.5), ly + 1, 4, lh - 3) | c.rect(round(mid - 0.5), ly + lh - 2, 2, 1)
            c.paint(skull & tag, "ink", "label", 0)
            c.paint(c.dots((round(mid - 0.5), ly + 2), (round(mid - 0.5) + 2, ly + 2)) & tag, "beige", "label", 0)
    if p["stopper"] != "none":
        color = "wood" if p["stopper"] == "cork" else "gold"
        wide = neck_w if s > 10 else 2
        cork = c.rect((c.w - wide) // 2, m, wide, cork_h)
        c.paint(cork, color, "stopper", c.column(cork, 1))


def words(p: Params) -> Words:
    having: list[str | tuple[str, ...]] = []
    color = p["liquid_color"]
    if color:
        having.append((f"{{{color}}} liquid", f"{{{color}}} liquid inside"))
    if p["stopper"] == "cork":
        having.append(("a cork", "a cork stopper"))
    elif p["stopper"] == "gold cap":
        having.append(("a {gold} cap", "a metal cap"))
    if p["bubbles"]:
        having.append("bubbles")
    if p["label"] != "none":
        having.append(
            {
                "plain label": ("a label", "a paper label"),
                "skull label": ("a skull on the label", "a skull label"),
                "cross label": ("a cross on the label", "a {red} cross"),
            }[p["label"]]
        )
    shape = {
        "round": ("round", ""),
        "flask": ("conical", "triangular"),
        "square": ("square",),
        "tall": ("tall", "slim"),
        "heart": ("heart shaped", "heart-shaped"),
    }[p["bottle"]]
    level = {
        "full": ("full", ""),
        "half full": ("half full", "half-full"),
        "nearly empty": ("nearly empty",),
        "empty": ("empty",),
    }[p["level"]]
    nouns = (
        ("potion", "potion", "potion bottle", "magic potion", "flask")
        if color
        else ("bottle", "empty bottle", "glass bottle")
    )
    return Words(
        nouns=nouns,
        adjectives=(level if color else "", shape, f"{{{color}}}" if color else "glass"),
        having=tuple(having),
        lacking=("a cork",) if p["stopper"] == "none" else (),
    )


FAMILY = Family(
    name="potion", kind="item", parameters=PARAMETERS, draw=draw, words=words, fit=fit, sizes=(*SQUARE, (32, 24))
)
