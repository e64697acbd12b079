"""Small shiny things: gems, keys, hearts, coins, crowns, rings, stars, trophies."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "gem": ("red", "blue", "green", "purple", "cyan", "yellow", "pink", "white"),
    "key": ("gold", "silver", "brown", "red", "blue"),
    "heart": ("red", "pink", "blue", "green", "purple", "gold", "grey", "black"),
    "coin": ("gold", "silver", "brown"),
    "crown": ("gold", "silver"),
    "ring": ("gold", "silver"),
    "star": ("yellow", "gold", "blue", "pink", "white"),
    "trophy": ("gold", "silver", "brown"),
    "crystal": ("cyan", "purple", "pink", "green", "red", "blue"),
}
PARAMETERS = {
    "thing": choice(*COLORS, weights=(3, 2.5, 3, 2.5, 2, 2, 2, 1.5, 2)),
    "color": choice(*range(8)),
    "cut": choice("diamond", "round", "square", "drop", weights=(4, 2, 2, 1.5)),
    "fill": choice("full", "half", "empty", weights=(8, 1.5, 1.5)),
    "jewel_color": choice("red", "blue", "green", "purple"),
    "face": choice("none", "smiling", weights=(5, 1)),
    "mark": choice("none", "star", "skull", "letter", weights=(4, 1, 1, 1), minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    thing = p["thing"]
    options = COLORS[thing]
    p["color"] = options[p["color"] % len(options)] if isinstance(p["color"], int) else p["color"]
    if thing != "gem":
        p["cut"] = "none"
    if thing != "heart":
        p["fill"] = "full"
    if thing not in ("crown", "ring"):
        p["jewel_color"] = None
    if thing not in ("heart", "star") or min(h, w) < 16 or p["fill"] != "full":
        p["face"] = "none"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m, mid, u = c.s, 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    thing, color, low = p["thing"], p["color"], c.h - 1 - m
    if thing == "gem":
        cut = p["cut"]
        if cut == "diamond":
            shape = c.poly(
                (mid - 3.6 * u, m + 2 * u),
                (mid + 3.6 * u, m + 2 * u),
                (mid + 6.4 * u, m + 5.6 * u),
                (mid, low - u),
                (mid - 6.4 * u, m + 5.6 * u),
            )
        elif cut == "round":
            shape = c.oval(m + u, m + u, c.w - 2 * m - 2 * u, c.h - 2 * m - 2 * u)
        elif cut == "square":
            shape = c.rect(m + 2 * u, m + 2 * u, c.w - 2 * m - 4 * u, c.h - 2 * m - 4 * u)
            shape &= ~c.mirror(
                c.rect(m + 2 * u, m + 2 * u, max(1, u), max(1, u))
                | c.rect(m + 2 * u, low - 2 * u, max(1, u), max(1, u))
            )
        else:
            shape = c.oval(m + 2 * u, m + 5 * u, c.w - 2 * m - 4 * u, c.h - 2 * m - 5 * u) | c.poly(
                (mid, m), (mid + 3.6 * u, m + 7 * u), (mid - 3.6 * u, m + 7 * u)
            )
        c.paint(shape, color, "gem", c.ball(shape, 1.0))
        if cut == "diamond":
            c.touch(shape & (c.ys < m + 5.6 * u), 0.8)
            c.touch(shape & (c.ys >= m + 5.6 * u) & (c.xs > mid + (low - c.ys) * 0.22), -0.9)
            c.touch(shape & (c.ys < m + 5.6 * u) & (c.xs < mid - 2.6 * u + (c.ys - m) * 0.2), 0.9)
            if s >= 24:
                c.touch(c.stroke((mid - 2.6 * u, m + 5.6 * u), (mid, low - u)) & shape, 0.9)
        else:
            inner = (
                c.oval(
                    m + 4 * u,
                    m + (4 if cut != "drop" else 7) * u,
                    c.w - 2 * m - 8 * u,
                    c.h - 2 * m - (8 if cut != "drop" else 9) * u,
                )
                if cut != "square"
                else c.rect(m + 4.4 * u, m + 4.4 * u, c.w - 2 * m - 8.8 * u, c.h - 2 * m - 8.8 * u)
            )
            if s >= 24:  # eight facets round the table, each as it faces the light
                turn = np.arctan2(c.ys - (c.h - 1) / 2, c.xs - mid)
                facet = np.floor((turn + np.pi) / (np.pi / 4))
                c.tone[shape & ~inner] = 2
                light = np.cos((facet + 0.5) * np.pi / 4 - np.pi * 0.25)
                c.touch(shape & ~inner, np.round(light * 1.7).astype(np.float32))
                c.tone[inner & shape] = 3
                c.touch(inner & shape & (c.xs + c.ys > mid + (c.h - 1) / 2), -1.0)
            elif s >= 16:
                c.touch(inner & shape, 0.8)
        c.tone[c.rect(mid - 2.8 * u, m + 3.4 * u, max(1, u), max(1, u)) & shape] = 4
    elif thing == "crystal":
        for dx, top, k, tone in ((-3.6, 6, 2.0, -0.4), (3.4, 4.6, 2.2, -0.7), (0, 0.4, 2.8, 0.2)):
            x = mid + dx * u
            shard = c.poly(
                (x, m + top * u),
                (x + k * u, m + (top + 3) * u),
                (x + k * u * 0.7, low),
                (x - k * u * 0.7, low),
                (x - k * u, m + (top + 3) * u),
            )
            c.paint(shard, color, "crystal", tone, rim=s >= 16)
            c.touch(shard & (c.xs < x - 0.2 * u), 1.0)
            c.touch(shard & (c.xs > x + k * 0.4 * u), -0.8)
    elif thing == "key":
        y = m + 3.6 * u
        ring = c.oval(mid - 3.6 * u + 0.5, m, 7.2 * u, 7.2 * u)
        shaft = c.rect(mid - 0.5 * u, y + 3 * u, max(1, 1.6 * u), low - y - 3 * u + 1)
        teeth = c.rect(mid + u * 0.5, low - 1.6 * u, max(2, 3 * u), max(1, 1.4 * u)) | c.rect(
            mid + u * 0.5, low - 4.4 * u, max(1, 2.2 * u), max(1, 1.4 * u)
        )
        whole = ring | shaft | teeth
        c.paint(whole, color, "key", c.column(whole, 1.1) * 0.6 + c.ball(ring, 0.9))
        c.erase(c.oval(mid - 1.6 * u + 0.5, y - 1.6 * u, max(1, 3.2 * u), max(1, 3.2 * u)))
    elif thing in ("heart",):
        d = round(7.4 * u)
        lobe = c.oval(m, m + u, d, d) | c.poly((m + 0.4 * u, m + 5.4 * u), (mid, m + 5 * u), (mid, low))
        shape = c.mirror(lobe)
        c.paint(
            shape,
            color if p["fill"] == "full" else "dark grey",
            "heart",
            c.ball(shape, 1.5 if p["fill"] == "full" else 0.3),
        )
        if p["fill"] == "half":
            c.paint(shape & (c.xs < mid), color, "half", c.ball(shape, 1.5))
        if p["fill"] == "full":
            c.tone[c.oval(m + 2 * u, m + 2.6 * u, max(1, 2 * u), max(1, 1.6 * u)) & shape] = 4
        _smile(p, c, mid, m + 6 * u, u)
    elif thing == "star":
        points = []
        for i in range(10):
            r = (7.2 if i % 2 == 0 else 3.2) * u
            sin = (0.0, 0.588, 0.951, 0.951, 0.588, 0.0, -0.588, -0.951, -0.951, -0.588)[i]
            cos = (1.0, 0.809, 0.309, -0.309, -0.809, -1.0, -0.809, -0.309, 0.309, 0.809)[i]
            points.append((mid + r * sin, (c.h - 1) / 2 + 0.5 * u - r * cos))
        shape = c.mirror(c.poly(*points)) & c.rect(m, m, c.w - 2 * m, c.h - 2 * m)
        c.paint(shape, color, "star", c.ball(shape, 1.5))
        _smile(p, c, mid, (c.h - 1) / 2, u)
    elif thing == "coin":
        edge = c.oval(m + 1.4 * u, m, c.w - 2 * m - 2.8 * u, c.h - 2 * m)
        c.paint(edge, color, "coin", c.ball(edge, 1.2))
        if s > 10:
            inner = c.oval(m + 3.2 * u, m + 1.8 * u, c.w - 2 * m - 6.4 * u, c.h - 2 * m - 3.6 * u)
            c.touch(edge & ~inner, 0.5)
            c.contour(
                (c.oval(m + 2.4 * u, m + 1.0 * u, c.w - 2 * m - 4.8 * u, c.h - 2 * m - 2 * u) & ~inner)
                if s >= 32
                else c.empty()
            )
        glyph = c.rect(mid - 0.6 * u, m + 4.4 * u, max(1, 1.8 * u), 6.4 * u)
        if p["mark"] == "star" and s >= 16:
            glyph |= c.rect(mid - 2.6 * u, m + 6.4 * u, 5.8 * u, max(1, 1.8 * u))
        elif p["mark"] == "skull" and s >= 24:
            glyph = c.oval(mid - 2.4 * u + 0.5, m + 4.4 * u, 4.8 * u, 4.4 * u) | c.rect(
                mid - 1.2 * u, m + 8 * u, 3 * u, 2.4 * u
            )
        c.touch(glyph & edge, -1.3)
    elif thing == "crown":
        base_y = low - 3 * u
        band = c.rect(m + u, base_y, c.w - 2 * m - 2 * u, low - base_y + 1)
        crown = band.copy()
        for x, top in ((-5.6, 3), (0, 1.2), (5.6, 3)):
            crown |= c.poly(
                (mid + x * u, m + top * u),
                (mid + x * u + (3.2 if x <= 0 else 1) * u, base_y),
                (mid + x * u - (3.2 if x >= 0 else 1) * u, base_y),
            )
        crown = c.mirror(crown) & c.rect(m, m, c.w - 2 * m, c.h - 2 * m)
        c.paint(crown, color, "crown", c.column(crown, 1.2))
        if s > 10:
            c.touch(c.rect(m + u, base_y, c.w - 2 * m - 2 * u, 1), -1)
            for x in (-4, 0, 4):
                d = max(1, round(1.8 * u))
                jewel = c.oval(round(mid + x * u - d / 2 + 0.5), base_y + u, d, d)
                c.paint(jewel, p["jewel_color"], "jewels", c.ball(jewel, 1.0) if d > 2 else 0.3, rim=s >= 32)
            for x, top in ((-5.6, 3), (0, 1.2), (5.6, 3)):
                c.tone[
                    c.oval(mid + x * u - u * 0.6, m + top * u - u * 0.4, max(1, 1.4 * u), max(1, 1.4 * u)) & crown
                ] = 4
    elif thing == "ring":
        cy, r = low - 5 * u, 5 * u
        band = c.ellipse(mid, cy, r + 0.4, r + 0.4) & ~c.ellipse(mid, cy, r - 1.7 * u, r - 1.7 * u)
        c.paint(band, color, "ring", c.ball(band, 1.4))
        stone = c.poly(
            (mid - 2 * u, m + u),
            (mid + 2 * u, m + u),
            (mid + 3.2 * u, m + 2.8 * u),
            (mid, m + 5.6 * u),
            (mid - 3.2 * u, m + 2.8 * u),
        )
        c.paint(stone, p["jewel_color"], "jewels", c.ball(stone, 1.6), rim=s >= 16)
        c.tone[c.rect(mid - u, m + 1.6 * u, max(1, u), max(1, u)) & stone] = 4
    else:  # trophy
        handles = c.mirror(c.oval(m, m + 2 * u, 5 * u, 5 * u) & ~c.oval(m + 1.2 * u, m + 3.2 * u, 2.6 * u, 2.6 * u))
        c.paint(handles, color, "handles", -0.5)
        cup = c.rect(mid - 3.6 * u + 0.5, m + u, 7.2 * u, 4 * u) | c.oval(
            mid - 3.6 * u + 0.5, m + u, 7.2 * u, 8.4 * u
        ) & (c.ys > m + 2 * u)
        c.paint(cup, color, "cup", c.column(cup, 1.3), rim=s >= 16)
        stem = c.rect(mid - 0.8 * u, m + 9 * u, max(1, 2 * u), 3 * u)
        c.paint(stem, color, "stem", c.column(stem, 0.8))
        foot = c.rect(mid - 3 * u + 0.5, low - 2 * u, 6 * u, 3 * u) & (c.ys <= low)
        c.paint(foot, "dark wood", "foot", c.column(foot, 0.8), rim=s >= 16)


def _smile(p: Params, c: Canvas, mid: float, y: float, u: float) -> None:
    if p["face"] == "none":
        return
    c.paint(c.mirror(c.rect(mid - 2.4 * u, y, max(1, u), max(1, 1.6 * u))), "ink", "face", 0)
    mouth = c.rect(mid - u * 0.8 + 0.5, y + 2.2 * u, max(2, round(1.8 * u)) // 2 * 2, 1)
    c.paint(mouth, "ink", "face", 0)


def words(p: Params) -> Words:
    thing, color = p["thing"], f"{{{p['color']}}}"
    nouns = {
        "gem": ("gem", "jewel", "gemstone")
        + (("diamond",) if p["cut"] == "diamond" and p["color"] in ("cyan", "white") else ()),
        "key": ("key", "key", "old key"),
        "heart": ("heart", "heart", "heart icon"),
        "coin": ("coin", "coin", "round coin"),
        "crown": ("crown", "royal crown", "king's crown"),
        "ring": ("ring", "ring", "jewelled ring"),
        "star": ("star", "star", "star icon"),
        "trophy": ("trophy", "cup", "trophy cup"),
        "crystal": ("crystal", "crystal cluster", "magic crystal"),
    }[thing]
    having: list[str | tuple[str, ...]] = []
    if p["jewel_color"] and "jewels" in p["visible"]:
        having.append(
            (f"{{{p['jewel_color']}}} jewels", f"{{{p['jewel_color']}}} gems")
            if thing == "crown"
            else (f"a~{{{p['jewel_color']}}} gem", f"a~{{{p['jewel_color']}}} stone")
        )
    if p["face"] != "none":
        having.append(("a face", "a smiling face"))
    adjectives: list[str | tuple[str, ...]] = []
    if p["cut"] not in ("none", "diamond"):
        adjectives.append({"round": "round", "square": "square", "drop": "drop shaped"}[p["cut"]])
    if p["fill"] != "full":
        adjectives.append({"half": ("half full", "half"), "empty": ("empty",)}[p["fill"]])
    if p["fill"] != "empty":
        adjectives.append((color, f"shiny {color}" if thing in ("gem", "coin", "ring", "crystal") else color))
    return Words(nouns=nouns, adjectives=tuple(adjectives), having=tuple(having))


FAMILY = Family(
    name="treasure",
    kind="item",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=2,
    genres=("fantasy", "pirate"),
)
