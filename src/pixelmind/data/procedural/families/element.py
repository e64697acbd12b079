"""Elements and weather as icons: sun, moon, cloud, lightning, flame, drop, snowflake, rainbow, leaf, explosion."""

from __future__ import annotations

import math

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "sun": ("yellow", "orange"),
    "moon": ("yellow", "white", "light blue"),
    "cloud": ("white", "grey", "pink"),
    "lightning": ("yellow", "light blue", "purple"),
    "flame": ("orange", "blue", "green", "purple"),
    "drop": ("blue", "red", "green", "cyan"),
    "snowflake": ("light blue", "white", "cyan"),
    "rainbow": ("red",),
    "leaf": ("green", "orange", "red", "yellow"),
    "explosion": ("orange", "blue", "purple"),
    "planet": ("blue", "orange", "red", "green", "purple", "tan"),
}
PARAMETERS = {
    "element": choice(*COLORS, weights=(3, 3, 2.5, 2.5, 3, 2.5, 2, 1, 2, 2, 3)),
    "color": choice(*range(6)),
    "face": choice("none", "smiling", weights=(4, 1)),
    "extra": choice("none", "rain", "snow", "ring", "craters", weights=(3, 2, 1, 2, 2)),
    "core_color": choice("yellow", "white"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["element"], min(h, w)
    p["color"] = COLORS[kind][p["color"] % len(COLORS[kind])] if isinstance(p["color"], int) else p["color"]
    if kind not in ("sun", "cloud", "drop", "planet", "flame") or s < 16:
        p["face"] = "none"
    allowed = {"cloud": ("rain", "snow"), "planet": ("ring", "craters")}.get(kind, ())
    if p["extra"] not in allowed or s < 16:
        p["extra"] = "none"
    if p["extra"] == "craters":
        p["face"] = "none"
    if kind not in ("flame", "explosion"):
        p["core_color"] = None


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m, mid, u = c.s, 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    kind, color, low, cy = p["element"], p["color"], c.h - 1 - m, (c.h - 1) / 2
    face_y = cy
    if kind == "sun":
        for i in range(8):
            a = i * math.pi / 4
            ray = c.stroke(
                (mid + math.cos(a) * 5 * u, cy + math.sin(a) * 5 * u),
                (mid + math.cos(a) * 7 * u, cy + math.sin(a) * 7 * u),
                width=max(1, round(1.4 * u)),
            )
            c.paint(ray, color, "rays", 0)
        disc = c.ellipse(mid, cy, 4.2 * u, 4.2 * u)
        c.paint(disc, color, "sun", c.ball(disc, 1.2), rim=s >= 24)
    elif kind == "moon":
        moon = c.ellipse(mid - 0.5 * u, cy, 7 * u, 7 * u) & ~c.ellipse(mid + 3 * u, cy - 1.4 * u, 6 * u, 6 * u)
        c.paint(moon, color, "moon", c.ball(moon, 1.1))
        if s >= 24:
            for x, y in ((-4.6, 0.6), (-2.6, 4), (-3.4, -3)):
                c.touch(c.ellipse(mid + x * u, cy + y * u, max(0.6, 0.8 * u), max(0.6, 0.8 * u)) & moon, -0.9)
    elif kind == "cloud":
        top = m + (3 if p["extra"] == "none" else 1) * u
        body = (
            c.oval(m, top + 3.4 * u, 6.6 * u, 5.6 * u)
            | c.oval(m + 3 * u, top, 7 * u, 8 * u)
            | c.oval(m + 7.6 * u, top + 2.6 * u, c.w - 2 * m - 7.6 * u, 6.4 * u)
        )
        body &= c.ys < top + 8.6 * u
        if p["extra"] == "rain":
            for i in range(3):
                c.paint(
                    c.stroke(
                        (m + (4 + 4 * i) * u, top + 9 * u),
                        (m + (3 + 4 * i) * u, min(low, top + 12.6 * u)),
                        width=max(1, round(u)),
                    ),
                    "blue",
                    "rain",
                    0.3,
                )
        elif p["extra"] == "snow":
            for i in range(3):
                c.paint(
                    c.oval(m + (2.6 + 4 * i) * u, top + (10 + 1.4 * (i % 2)) * u, max(1, 1.8 * u), max(1, 1.8 * u)),
                    "white" if color != "white" else "light blue",
                    "snow",
                    0.4,
                )
        c.paint(body, color, "cloud", c.ball(body, 1.3))
        face_y = top + 5 * u
    elif kind == "lightning":
        bolt = c.poly(
            (mid + 1.4 * u, m),
            (mid - 4.4 * u, m + 7.6 * u),
            (mid - 0.6 * u, m + 7.6 * u),
            (mid - 2.6 * u, low),
            (mid + 4.4 * u, m + 5.4 * u),
            (mid + 0.6 * u, m + 5.4 * u),
            (mid + 4 * u, m),
        )
        c.paint(bolt, color, "lightning", c.fall(bolt, 1.2, -0.9))
    elif kind == "flame":
        outer = c.oval(mid - 5 * u + 0.5, m + 5 * u, 10 * u, c.h - 2 * m - 5 * u) | c.poly(
            (mid + u, m),
            (mid + 4.6 * u, m + 8 * u),
            (mid - 4.6 * u, m + 8.6 * u),
            (mid - 3.4 * u, m + 4 * u),
            (mid - 1.6 * u, m + 5.4 * u),
        )
        c.paint(outer, color, "flame", c.fall(outer, 0.2, -0.6))
        inner = c.oval(mid - 2.8 * u + 0.5, m + 8 * u, 5.6 * u, low - m - 8 * u) | c.poly(
            (mid, m + 5.4 * u), (mid + 2.4 * u, m + 9.6 * u), (mid - 2.4 * u, m + 9.6 * u)
        )
        c.paint(inner, p["core_color"], "core", 0.2)
        face_y = m + 10 * u
    elif kind == "drop":
        drop = c.oval(mid - 4.8 * u + 0.5, low - 9.4 * u, 9.6 * u, 10 * u) & (c.ys <= low) | c.poly(
            (mid, m), (mid + 4.2 * u, low - 6 * u), (mid - 4.2 * u, low - 6 * u)
        )
        c.paint(drop, color, "drop", c.ball(drop, 1.5))
        c.tone[c.oval(mid - 2.8 * u, low - 5.6 * u, max(1, 1.4 * u), max(1, 2.4 * u)) & drop] = 4
        face_y = low - 5 * u
    elif kind == "snowflake":
        flake = c.empty()
        for i in range(6 if s >= 16 else 4):
            a = math.pi / 2 + i * math.pi / (3 if s >= 16 else 2)
            dx, dy = math.cos(a), math.sin(a)
            flake |= c.stroke((mid, cy), (mid + dx * 7 * u, cy + dy * 7 * u), width=max(1, round(0.9 * u)))
            if s >= 16:
                for t in (-0.7, 0.7):
                    flake |= c.stroke(
                        (mid + dx * 4 * u, cy + dy * 4 * u),
                        (mid + dx * 4 * u + math.cos(a + t) * 2.4 * u, cy + dy * 4 * u + math.sin(a + t) * 2.4 * u),
                    )
        c.paint(flake & c.rect(m, m, c.w - 2 * m, c.h - 2 * m), color, "snowflake", c.ball(flake, 1.0))
    elif kind == "rainbow":
        r = (c.w - 2 * m) / 2
        for i, band in enumerate(("red", "orange", "yellow", "green", "blue", "purple")):
            k = r - i * max(1.0, 1.15 * u)
            arc = (
                c.ellipse(mid, low - 2 * u, k, k)
                & ~c.ellipse(mid, low - 2 * u, k - max(1.0, 1.15 * u), k - max(1.0, 1.15 * u))
                & (c.ys <= low - 2 * u)
            )
            c.paint(arc, band, "rainbow", 0.2)
        puff = c.oval(m, low - 4.4 * u, 4.4 * u, 4 * u) | c.oval(m + 1.6 * u, low - 5.4 * u, 3.4 * u, 4 * u)
        c.paint(c.mirror(puff), "white", "clouds", c.fall(puff, 0.4, -0.8), rim=s >= 24)
    elif kind == "leaf":
        blade = c.taper(
            ((m + 2.4 * u, low - 2.4 * u), (m + 4 * u, m + 3 * u), (c.w - 1 - m - u, m + u)),
            max(2, 6 * u),
            max(1, 2 * u),
        ) | c.oval(m + 2 * u, m + 3.6 * u, 9.4 * u, 9 * u)
        c.paint(blade & c.rect(m, m, c.w - 2 * m, c.h - 2 * m), color, "leaf", c.ball(blade, 1.3))
        vein = c.stroke((m, low), (c.w - 1 - m - 3 * u, m + 3 * u))
        c.paint(vein, color, "vein", -1.2)
    elif kind == "explosion":
        points = []
        for i in range(16):
            a, r = i * math.pi / 8, (7.2 if i % 2 == 0 else 4.4 + rng.uniform(-0.6, 0.6)) * u
            points.append((mid + math.cos(a) * r, cy + math.sin(a) * r))
        burst = c.poly(*points)
        c.paint(burst, "red" if color == "orange" else color, "explosion", -0.3)
        c.paint(c.poly(*[(mid + (x - mid) * 0.72, cy + (y - cy) * 0.72) for x, y in points]), color, "explosion", 0.6)
        c.paint(
            c.poly(*[(mid + (x - mid) * 0.42, cy + (y - cy) * 0.42) for x, y in points]), p["core_color"], "core", 0.4
        )
    else:  # planet
        r = (5 if p["extra"] == "ring" else 7) * u
        ball = c.ellipse(mid, cy, r, r)
        if p["extra"] == "ring":
            tilt = (c.ys - cy) + (c.xs - mid) * 0.28
            ring = (((c.xs - mid) / (7.4 * u)) ** 2 + (tilt / (2.4 * u)) ** 2 <= 1) & ~(
                ((c.xs - mid) / (5.4 * u)) ** 2 + (tilt / (1.2 * u)) ** 2 <= 1
            )
            ring &= c.rect(m, m, c.w - 2 * m, c.h - 2 * m)
            c.paint(ring & (tilt < 0), "beige", "ring", -0.6)
        c.paint(ball, color, "planet", c.ball(ball, 1.7), rim=False)
        bands = ball & (rng.smooth(c.h, 1, max(2, round(2.4 * u))) > 0.55) & (p["extra"] != "craters")
        c.touch(bands, -0.8)
        if p["extra"] == "craters":
            for x, y, d in ((-3, -2, 3), (1.4, 2, 3.4), (2.4, -3, 2), (-2.4, 3.2, 2)):
                hole = c.ellipse(mid + x * u, cy + y * u, max(0.6, d * u / 2), max(0.6, d * u / 2)) & ball
                c.touch(hole, -1.2)
        if p["extra"] == "ring":
            c.paint(ring & (tilt >= 0), "beige", "ring", 0.3, rim=s >= 24)
    if p["face"] != "none":
        c.paint(c.mirror(c.rect(mid - 2 * u, face_y - u, max(1, u), max(1, 1.6 * u))), "ink", "face", 0)
        c.paint(
            c.rect(mid - u + 0.5, face_y + 1.4 * u, max(2, 2 * u), 1)
            | c.mirror(c.dots((mid - 1.4 * u, face_y + 1.4 * u - 1))),
            "ink",
            "face",
            0,
        )


def words(p: Params) -> Words:
    kind, color = p["element"], f"{{{p['color']}}}"
    nouns = {
        "sun": ("sun", "sun icon", "sun"),
        "moon": ("moon", "crescent moon", "half moon"),
        "cloud": ("cloud", "cloud", "cloud icon"),
        "lightning": ("lightning bolt", "lightning", "bolt of lightning"),
        "flame": ("flame", "fire", "flame icon"),
        "drop": ("drop", "water drop" if p["color"] in ("blue", "cyan") else "drop", "droplet"),
        "snowflake": ("snowflake", "snowflake", "ice crystal"),
        "rainbow": ("rainbow", "rainbow", "rainbow with clouds"),
        "leaf": ("leaf", "leaf", "tree leaf"),
        "explosion": ("explosion", "blast", "burst"),
        "planet": ("planet", "planet", "alien planet"),
    }[kind]
    having: list[Fact] = []
    if p["face"] != "none":
        having.append(("a face", "a smiling face"))
    if p["extra"] != "none":
        having.append(
            {
                "rain": ("rain", "falling rain"),
                "snow": ("snow", "falling snow"),
                "ring": ("a ring", "a ring around it"),
                "craters": ("craters",),
            }[p["extra"]]
        )
    if p["core_color"]:
        having.append((f"a~{{{p['core_color']}}} core", f"a~{{{p['core_color']}}} middle"))
    return Words(nouns=nouns, adjectives=(color if kind != "rainbow" else "",), having=tuple(having))


FAMILY = Family(
    name="element",
    kind="icon",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.8,
    genres=("fantasy", "modern"),
)
