"""Animals in profile or from the front: cats, dogs, birds, farm and forest animals, fish, frogs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "cat": ("black", "orange", "grey", "white", "brown", "tan"),
    "dog": ("brown", "tan", "black", "white", "grey"),
    "wolf": ("grey", "dark grey", "white"),
    "fox": ("orange",),
    "horse": ("brown", "black", "white", "tan"),
    "cow": ("white", "brown"),
    "pig": ("pink",),
    "sheep": ("white", "black"),
    "bear": ("brown", "black", "white"),
    "rabbit": ("white", "grey", "brown", "tan"),
    "mouse": ("grey", "white", "brown"),
    "bird": ("blue", "red", "yellow", "green", "white", "black"),
    "chicken": ("white", "brown"),
    "duck": ("yellow", "white", "brown"),
    "owl": ("brown", "white", "grey"),
    "frog": ("green", "lime", "red"),
    "penguin": ("black", "navy"),
    "turtle": ("green",),
    "bee": ("yellow",),
    "butterfly": ("orange", "blue", "purple", "pink", "yellow"),
}
FOUR = ("cat", "dog", "wolf", "fox", "horse", "cow", "pig", "sheep", "bear", "rabbit", "mouse")
BIRDS = ("bird", "chicken", "duck")
PARAMETERS = {
    "animal": choice(*COLORS, weights=(5, 5, 2, 2.5, 3, 2.5, 2.5, 2.5, 2.5, 3, 2, 4, 2.5, 2.5, 2.5, 2.5, 2, 2, 1.5, 2)),
    "color": choice(*range(6)),
    "collar_color": choice(None, "red", "blue", "green", weights=(3, 1, 1, 1)),
    "facing": choice("left", "right"),
    "walk": flag(0.5, minor=True),
    "mark_color": choice("white", "black", "yellow", "red"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind = p["animal"]
    p["color"] = COLORS[kind][p["color"] % len(COLORS[kind])] if isinstance(p["color"], int) else p["color"]
    if kind not in ("cat", "dog") or min(h, w) < 16:
        p["collar_color"] = None
    if kind in ("owl", "frog", "penguin", "bee", "butterfly"):
        p["facing"] = None
    if kind != "butterfly":
        p["mark_color"] = None
    elif p["mark_color"] == p["color"]:
        p["mark_color"] = "white"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m, mid, u = 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    kind = p["animal"]
    if kind in FOUR:
        _four(p, c, rng, m, u)
    elif kind in BIRDS:
        _bird(p, c, m, u)
    elif kind == "turtle":
        _turtle(p, c, m, u)
    else:
        {"owl": _owl, "frog": _frog, "penguin": _penguin, "bee": _bee, "butterfly": _butterfly}[kind](p, c, m, mid, u)
    if p["facing"] == "right":
        c.flip()


def _four(p: Params, c: Canvas, rng: Rng, m: int, u: float) -> None:
    s, kind, color, low = c.s, p["animal"], p["color"], c.h - 1 - m
    big = kind in ("horse", "cow", "bear")
    small = kind in ("rabbit", "mouse")
    leg = 5.2 if kind == "horse" else 3.4 if big or kind in ("wolf", "dog") else 1.8 if small else 2.8
    depth = 6 if kind in ("bear", "cow", "sheep", "pig") else 4.8
    by = low - (leg + depth - 1) * u
    x0, x1 = m + (4.4 if not small else 4) * u, c.w - 1 - m - (1.6 if kind not in ("cat", "fox", "wolf") else 2.4) * u
    # tail
    if kind in ("cat", "fox", "wolf", "dog", "horse", "mouse"):
        thick = {"fox": 3.4, "wolf": 2.4, "horse": 2.2, "mouse": 0.8}.get(kind, 1.3)
        end = (c.w - 1 - m - 0.6 * u, by - (3.4 * u if kind in ("cat", "dog") else -3 * u))
        tail = c.taper(
            ((x1 - 1.4 * u, by + 1.6 * u), (x1 + 2 * u, by + 1.4 * u), end), max(1, thick * u), max(1, thick * u * 0.7)
        )
        c.paint(tail, color if kind != "mouse" else "pink", "tail", c.fall(tail, 0.4, -0.8))
        if kind == "fox":
            c.paint(tail & (c.ys > by + 2.6 * u), "white", "tail", 0)
    elif kind == "rabbit":
        puff = c.oval(x1 - 1.4 * u, by + 1.4 * u, max(2, 2.6 * u), max(2, 2.6 * u))
        c.paint(puff, "white", "tail", "ball")
    elif kind == "pig" and s >= 16:
        c.paint(
            c.taper(((x1 - u, by + 1.6 * u), (x1 + 2 * u, by), (x1 + u, by + 2.4 * u)), max(1, 0.7 * u), 1),
            "pink",
            "tail",
            -0.5,
        )
    wide = max(1, (1.7 if not small else 1.5) * u)
    for i, (x, tone) in enumerate(
        ((x0 + 1.6 * u, -1.0), (x1 - 3.4 * u, -1.0), (x0 + 0.3 * u, 0.1), (x1 - 1.9 * u, 0.1))
    ):
        far = i < 2
        dx = (u if p["walk"] else 0) * (1 if far else -0.4)
        shin = c.rect(x + dx, by + depth * 0.6 * u, wide, low - by - depth * 0.6 * u + 1)
        c.paint(shin, color if kind != "sheep" else "ink", "legs", tone, rim=s >= 24 and not far)
        if kind in ("horse", "cow", "pig") and s >= 16:
            c.paint(shin & (c.ys > low - max(1, 0.8 * u)), "dark brown", "hooves", 0)
    body = c.oval(x0 - 0.4 * u, by, x1 - x0 + u, depth * u + u)
    if kind not in ("sheep", "bear", "mouse", "rabbit"):
        body |= c.rect(x0 + u, by + 0.4 * u, x1 - x0 - 2 * u, depth * u - 0.4 * u)
    shade: NDArray[np.floating] = c.ball(body, 1.4)
    if kind == "sheep" and s >= 16:
        shade = shade + (rng.smooth(c.h, c.w, max(2, round(2 * u))) - 0.5) * 2.4
    c.paint(body, color, "body", shade, rim=s >= 16)
    if kind == "cow" and s >= 16:
        spot = c.oval(x0 + 2.4 * u, by + 0.4 * u, 3.4 * u, 2.6 * u) | c.oval(x0 + 6 * u, by + 2.4 * u, 2.6 * u, 2.4 * u)
        c.paint(spot & body, "black" if color == "white" else "white", "spots", "ball")
    # head
    d = {"horse": 4.4, "bear": 5.6, "cow": 5.2, "mouse": 4.6, "rabbit": 5}.get(kind, 5.4) * u
    hx, hy = m + 0.4 * u, by - (2.6 if kind != "horse" else 4.2) * u
    if kind == "horse":
        neck = c.taper(((x0 + 1.6 * u, by + 2 * u), (x0 + u, by - u), (hx + 3 * u, hy + 1.4 * u)), 4.4 * u, 2.8 * u)
        c.paint(neck, color, "body", c.fall(neck, 0.6, -0.5), rim=s >= 24)
        mane = c.taper(
            ((x0 + 3 * u, by + u), (x0 + 2.6 * u, by - 2 * u), (hx + 4.4 * u, hy - 0.2 * u)),
            max(1, 1.4 * u),
            max(1, 1.2 * u),
        )
        c.paint(mane, "dark brown" if color != "black" else "grey", "mane", 0)
    ear_tone = -0.4
    if kind in ("cat", "fox", "wolf"):
        ears = c.poly((hx + 0.6 * u, hy + 1.6 * u), (hx + u, hy - 1.8 * u), (hx + 2.6 * u, hy + 0.6 * u)) | c.poly(
            (hx + d - 2.6 * u, hy + 0.6 * u), (hx + d - u, hy - 1.8 * u), (hx + d - 0.6 * u, hy + 1.6 * u)
        )
    elif kind == "rabbit":
        ears = c.oval(hx + 1.2 * u, hy - 4 * u, max(1, 1.5 * u), 5.4 * u) | c.oval(
            hx + 3 * u, hy - 4 * u, max(1, 1.5 * u), 5.4 * u
        )
    elif kind in ("bear", "mouse"):
        k = (2.2 if kind == "bear" else 2.8) * u
        ears = c.oval(hx + 0.2 * u, hy - k * 0.5, k, k) | c.oval(hx + d - k, hy - k * 0.5, k, k)
    elif kind == "dog":
        ears, ear_tone = c.oval(hx + d - 2.4 * u, hy + 0.2 * u, 2.2 * u, 4 * u), -1.2
    else:
        ears = c.oval(hx + d - 2 * u, hy + 0.2 * u, 2.8 * u, max(1, 1.6 * u))
    ears &= c.ys >= m
    head = c.oval(hx, hy, d, d * (0.9 if kind != "horse" else 0.72))
    if kind in ("dog", "wolf", "horse", "cow", "pig", "fox"):
        reach = {"pig": 0.4, "fox": 1.0}.get(kind, 0.4)
        head |= c.rect(max(m, hx - reach * u), hy + d * 0.42, d * 0.7, max(2, d * 0.42))
    if kind != "dog":
        c.paint(ears, color if kind != "sheep" else "ink", "ears", ear_tone, rim=s >= 24)
    c.paint(head, color if kind != "sheep" else "ink", "head", c.ball(head, 1.2), rim=s >= 16)
    if kind == "sheep":
        wool = c.oval(hx + d * 0.3, hy - 0.6 * u, d * 0.8, d * 0.55)
        c.paint(wool, color, "body", c.ball(wool, 1.0), rim=s >= 24)
    if kind == "dog":
        c.paint(ears, color, "ears", ear_tone, rim=s >= 16)
    if kind == "fox":
        c.paint(head & (c.ys > hy + d * 0.55), "white", "muzzle", 0)
    if kind == "cow":
        horn = (
            c.dots((hx + u, hy - 0.6 * u), (hx + u, hy))
            if s < 24
            else c.taper(((hx + 1.6 * u, hy + 0.6 * u), (hx + 0.4 * u, hy), (hx + 0.6 * u, hy - 1.4 * u)), max(1, u), 1)
        )
        c.paint(horn, "bone", "horns", 0.2)
        c.paint(head & (c.ys > hy + d * 0.55), "pink", "muzzle", 0)
    eye = c.rect(
        round(hx + d * (0.34 if kind in ("cat", "bear", "rabbit", "mouse", "owl") else 0.4)),
        round(hy + d * 0.34),
        max(1, round(0.8 * u)),
        max(1, round(1.1 * u)),
    )
    if kind in ("cat", "bear", "rabbit", "mouse") and s >= 16:
        eye |= c.rect(round(hx + d * 0.72), round(hy + d * 0.34), max(1, round(0.8 * u)), max(1, round(1.1 * u)))
    light = color in ("black", "dark grey", "dark brown") or kind == "sheep"
    c.paint(eye, "yellow" if light else "ink", "eyes", 0.4 if light else -0.3)
    nose_x = (
        hx - 0.4 * u
        if kind in ("dog", "wolf", "fox")
        else hx + d * 0.5 - 0.4 * u
        if kind in ("cat", "bear", "rabbit", "mouse")
        else hx
    )
    nose = c.rect(max(m, round(nose_x)), round(hy + d * 0.58), max(1, round(u)), max(1, round(0.8 * u)))
    c.paint(
        nose,
        "pink" if kind in ("cat", "rabbit", "mouse") and color != "pink" else "magenta" if kind == "pig" else "ink",
        "nose",
        0,
    )
    if p["collar_color"]:
        band = c.rect(hx + d * 0.3, hy + d * 0.86, d * 0.8, max(1, 0.9 * u)) & (c.mat > 0)
        c.paint(band, p["collar_color"], "collar", 0)


def _bird(p: Params, c: Canvas, m: int, u: float) -> None:
    s, kind, color, low = c.s, p["animal"], p["color"], c.h - 1 - m
    legs = (
        c.rect(m + 6.4 * u, low - 2.4 * u, max(1, 0.8 * u), 3 * u)
        | c.rect(m + 9 * u, low - 2.4 * u, max(1, 0.8 * u), 3 * u)
        | c.rect(m + 5.4 * u, low, max(2, 2 * u), 1)
        | c.rect(m + 8 * u, low, max(2, 2 * u), 1)
    )
    c.paint(legs & (c.ys <= low), "orange", "legs", -0.3)
    tail = c.poly(
        (m + 11 * u, m + 8 * u),
        (c.w - 1 - m, m + (5 if kind == "chicken" else 6.4) * u),
        (c.w - 1 - m, m + 8.6 * u),
        (m + 11 * u, m + 11 * u),
    )
    c.paint(tail, color, "tail", -0.8)
    body = c.oval(m + 3.2 * u, m + 6 * u, 10.4 * u, 7 * u)
    head = c.oval(m + 1.8 * u, m + 2.2 * u, 5.8 * u, 5.6 * u) | c.oval(m + 2.8 * u, m + 4 * u, 5.4 * u, 6 * u)
    both = body | head
    c.paint(both, color, "body", c.ball(both, 1.4), rim=s >= 16)
    belly = c.oval(m + 4 * u, m + 9 * u, 6.4 * u, 3.8 * u) & both
    if kind == "bird" and s >= 16:
        c.paint(belly, "white" if color != "white" else "light grey", "belly", -0.2)
    wing = c.oval(m + 6.6 * u, m + 7 * u, 6 * u, 4 * u)
    c.paint(wing, color, "wing", c.fall(wing, 0.2, -1.3), rim=True)
    beak = (
        c.poly((m + 2 * u, m + 4.4 * u), (m, m + 5.4 * u), (m + 2 * u, m + 6.2 * u))
        if kind != "duck"
        else c.rect(m, m + 4.8 * u, 2.4 * u, max(1, 1.4 * u))
    )
    c.paint(beak, "orange" if color != "orange" else "yellow", "beak", 0.2, rim=s >= 24)
    if kind == "chicken":
        comb = c.oval(m + 3 * u, m + 0.8 * u, 1.6 * u, 2.2 * u) | c.oval(m + 4.4 * u, m + 0.4 * u, 1.6 * u, 2.4 * u)
        c.paint(comb & (c.ys >= m), "red", "comb", 0.2, rim=s >= 24)
        c.paint(c.rect(m + 1.6 * u, m + 6.2 * u, max(1, u), max(1, 1.6 * u)), "red", "comb", -0.2)
    c.paint(
        c.rect(round(m + 3.4 * u), round(m + 4 * u), max(1, round(u)), max(1, round(u))),
        "ink" if color != "black" else "yellow",
        "eyes",
        0,
    )


def _turtle(p: Params, c: Canvas, m: int, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    for x in (m + 4 * u, m + 10 * u):
        c.paint(c.rect(x, low - 2.6 * u, max(1, 2.2 * u), 3.6 * u) & (c.ys <= low), "lime", "legs", -0.6)
    head = c.oval(m, m + 6.6 * u, 4.6 * u, 4.4 * u)
    c.paint(head | c.rect(m + 3 * u, m + 8.4 * u, 3 * u, 2 * u), "lime", "head", c.ball(head, 1.2))
    shell = c.oval(m + 3 * u, m + 3 * u, c.w - 2 * m - 3.4 * u, 14 * u) & (c.ys < m + 11 * u)
    c.paint(shell, p["color"], "shell", c.ball(shell, 1.6), rim=s >= 16)
    if s >= 16:
        c.touch(
            shell
            & (
                ((c.xs - m).astype(int) % max(3, round(3.2 * u)) == 0)
                | ((c.ys - m).astype(int) % max(3, round(3 * u)) == 0)
            ),
            -0.9,
        )
    c.paint(c.rect(m + 3 * u, m + 10.6 * u, c.w - 2 * m - 3.4 * u, max(1, u)), "tan", "shell", 0)
    c.paint(
        c.rect(round(m + 1.2 * u), round(m + 7.8 * u), max(1, round(0.9 * u)), max(1, round(0.9 * u))), "ink", "eyes", 0
    )


def _owl(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    c.paint(c.mirror(c.rect(mid - 2.8 * u, low - u, max(1, 1.6 * u), 2 * u)) & (c.ys <= low), "orange", "feet", 0)
    ears = c.poly((mid - 4.6 * u, m + 4 * u), (mid - 4.6 * u, m), (mid - 1.6 * u, m + 2.4 * u))
    body = c.oval(mid - 5.4 * u + 0.5, m + 1.4 * u, 10.8 * u, 13 * u) | c.mirror(ears)
    c.paint(body, p["color"], "body", c.ball(body, 1.3))
    belly = c.oval(mid - 3.2 * u + 0.5, m + 7.6 * u, 6.4 * u, 6.4 * u)
    c.paint(belly, "beige", "belly", c.ball(belly, 0.8))
    if s >= 16:
        c.touch(belly & ((c.xs + c.ys).astype(int) % 3 == 0) & (c.ys.astype(int) % 2 == 0), -1)
    wing = c.oval(mid - 6 * u + 0.5, m + 6 * u, 3.4 * u, 7 * u)
    c.paint(c.mirror(wing), p["color"], "wings", -0.8, rim=s >= 24)
    d = max(2, round(4 * u))
    disc = c.oval(round(mid - d - 0.1 * u), m + 3 * u, d, d)
    c.paint(c.mirror(disc), "white", "eyes", 0.2, rim=s >= 24)
    c.paint(
        c.mirror(c.oval(round(mid - d - 0.1 * u) + d * 0.3, m + 3 * u + d * 0.3, max(1, d * 0.5), max(1, d * 0.5))),
        "ink",
        "eyes",
        0,
    )
    c.paint(c.poly((mid - 0.8 * u, m + 6.2 * u), (mid + 0.8 * u, m + 6.2 * u), (mid, m + 8 * u)), "orange", "beak", 0.2)


def _frog(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    legs = c.oval(m, m + 8 * u, 5 * u, 6 * u) | c.rect(m, low - u, 5 * u, 2 * u)
    c.paint(c.mirror(legs & (c.ys <= low)), p["color"], "legs", c.fall(legs, 0.0, -1.2))
    body = c.oval(mid - 5 * u + 0.5, m + 3.6 * u, 10 * u, 10.4 * u) & (c.ys <= low)
    c.paint(body, p["color"], "body", c.ball(body, 1.4), rim=s >= 16)
    belly = c.oval(mid - 3.4 * u + 0.5, m + 9 * u, 6.8 * u, 4.8 * u)
    c.paint(belly & body, "beige", "belly", -0.2)
    bump = c.oval(mid - 5.2 * u + 0.5, m + 1.2 * u, 4 * u, 4 * u)
    c.paint(c.mirror(bump), p["color"], "eyes", c.ball(bump, 1.0), rim=s >= 24)
    white = c.oval(mid - 4.6 * u + 0.5, m + 1.8 * u, max(1, 2.8 * u), max(1, 2.8 * u))
    c.paint(c.mirror(white), "white", "eyes", 0.2)
    c.paint(c.mirror(c.rect(mid - 3.8 * u + 0.5, m + 2.4 * u, max(1, 1.2 * u), max(1, 1.6 * u))), "ink", "eyes", 0)
    if s >= 16:
        c.paint(
            c.rect(mid - 3 * u + 0.5, m + 7.4 * u, 6 * u, 1) | c.mirror(c.dots((mid - 3.4 * u, m + 7.4 * u - 1))),
            "ink",
            "mouth",
            0,
        )
    c.paint(
        c.mirror(c.rect(mid - 3 * u, low - u, max(1, 2 * u), 2 * u)) & (c.ys <= low),
        p["color"],
        "legs",
        0.3,
        rim=s >= 24,
    )


def _penguin(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    c.paint(c.mirror(c.oval(mid - 4 * u, low - 1.4 * u, 3.4 * u, 2.4 * u)) & (c.ys <= low), "orange", "feet", 0)
    flipper = c.taper(
        ((mid - 3.4 * u, m + 6 * u), (mid - 6 * u, m + 8 * u), (mid - 5.6 * u, m + 11.4 * u)), max(1, 2 * u), 1
    )
    c.paint(c.mirror(flipper), p["color"], "flippers", -0.5)
    body = c.oval(mid - 4.6 * u + 0.5, m, 9.2 * u, 14.4 * u)
    c.paint(body, p["color"], "body", c.ball(body, 1.3), rim=s >= 16)
    belly = c.oval(mid - 3.2 * u + 0.5, m + 4.6 * u, 6.4 * u, 9.2 * u) | c.mirror(
        c.oval(mid - 3 * u + 0.5, m + 2.4 * u, 3 * u, 4 * u)
    )
    c.paint(belly & body, "white", "belly", c.ball(belly, 0.9))
    c.paint(c.mirror(c.rect(mid - 1.8 * u, m + 3.4 * u, max(1, u), max(1, 1.2 * u))), "ink", "eyes", 0)
    c.paint(c.poly((mid - 1.2 * u, m + 5 * u), (mid + 1.2 * u, m + 5 * u), (mid, m + 6.6 * u)), "orange", "beak", 0.2)


def _bee(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s = c.s
    wings = c.oval(mid - 3 * u, m + 1.2 * u, 4 * u, 5.6 * u) | c.oval(mid + 0.6 * u, m + 1.6 * u, 4 * u, 5 * u)
    c.paint(wings, "ice", "wings", 0.4)
    body = c.oval(m + 1.6 * u, m + 5.6 * u, c.w - 2 * m - 3.2 * u, 7.4 * u)
    c.paint(body, "yellow", "body", c.ball(body, 1.4), rim=s >= 16)
    k = max(1, round(1.7 * u))
    c.paint(
        body & (c.xs > m + 5 * u) & (((c.xs - m - 5 * u) // k).astype(int) % 2 == 1),
        "black",
        "stripes",
        c.ball(body, 0.8),
    )
    c.paint(c.dots((c.w - 1 - m - u, m + 9.2 * u), (c.w - 2 - m - u, m + 9.2 * u)), "ink", "sting", 0)
    c.paint(
        c.rect(round(m + 3.2 * u), round(m + 7.6 * u), max(1, round(1.2 * u)), max(1, round(1.6 * u))), "ink", "eyes", 0
    )
    if s >= 16:
        c.paint(c.stroke((m + 3 * u, m + 6 * u), (m + 1.6 * u, m + 3.6 * u)), "ink", "antennae", 0)


def _butterfly(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s = c.s
    upper = c.oval(m, m + 1.4 * u, 7 * u, 7.4 * u) | c.poly(
        (mid - 0.5, m + 8 * u), (m + u, m + 2.4 * u), (mid - u, m + 9.4 * u)
    )
    lower = c.oval(m + 1.6 * u, m + 8 * u, 5.6 * u, 6 * u)
    both = c.mirror(upper | lower)
    c.paint(both, p["color"], "wings", c.ball(both, 1.3))
    dots = c.oval(m + 2 * u, m + 3.4 * u, max(1, 2.6 * u), max(1, 2.6 * u)) | c.oval(
        m + 3.4 * u, m + 10 * u, max(1, 2 * u), max(1, 2 * u)
    )
    c.paint(c.mirror(dots), p["mark_color"], "spots", 0, rim=s >= 24)
    body = c.oval(mid - 0.8 * u + 0.3, m + 4.6 * u, max(1, 1.8 * u), 8.6 * u)
    c.paint(body, "ink", "body", 0.4)
    if s > 10:
        c.paint(c.mirror(c.stroke((mid - 0.5, m + 4.6 * u), (mid - 2 * u, m + 1.4 * u))), "ink", "antennae", 0)


def words(p: Params) -> Words:
    kind = p["animal"]
    nouns = {
        "cat": ("cat", "cat", "kitty"),
        "dog": ("dog", "dog", "puppy"),
        "rabbit": ("rabbit", "bunny"),
        "cow": ("cow", "cow", "farm cow"),
        "chicken": ("chicken", "hen"),
        "bird": ("bird", "bird", "little bird"),
        "mouse": ("mouse", "mouse", "little mouse"),
    }.get(kind, (kind, kind))
    having: list[Fact] = []
    if p["collar_color"] and "collar" in p["visible"]:
        having.append((f"a~{{{p['collar_color']}}} collar", "a collar"))
    more: dict[str, list[Fact]] = {
        "cow": [("spots", f"{{{'black' if p['color'] == 'white' else 'white'}}} spots")],
        "fox": ["a bushy tail"],
        "rabbit": [("long ears", "big ears")],
        "butterfly": [(f"{{{p['mark_color']}}} spots", "spotted wings")],
        "penguin": ["a {white} belly"],
        "bee": [("{black} stripes", "wings"), "stripes"],
        "chicken": [("a {red} comb", "a comb")],
        "owl": ["big eyes"],
        "horse": ["a mane"],
        "turtle": ["a shell"],
        "duck": ["a beak"],
        "frog": ["big eyes"],
    }
    having += [f for f in more.get(kind, []) if kind != "cow" or "spots" in p["visible"]]
    place: tuple[Fact, ...] = ((f"facing {p['facing']}", f"looking {p['facing']}"),) if p["facing"] else ()
    return Words(nouns=nouns, adjectives=(("cute", "", ""), f"{{{p['color']}}}"), having=tuple(having), place=place)


FAMILY = Family(
    name="animal",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SQUARE,
    weight=2.5,
)
