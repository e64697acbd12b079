"""Slimes: a drop of jelly of one colour with eyes, a mood, perhaps a crown, a hat, a horn or drips."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, grow
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "color": choice(
        "green",
        "blue",
        "red",
        "purple",
        "pink",
        "yellow",
        "orange",
        "cyan",
        "black",
        "white",
        "lime",
        "teal",
        "grey",
        weights=(5, 4, 3, 3, 2, 2, 2, 2, 1.5, 1, 1.5, 1, 1),
    ),
    "mood": choice("happy", "angry", "sad", "sleepy", "neutral", weights=(4, 3, 1.5, 1.5, 3)),
    "eyes": choice(2, 1, 3, weights=(8, 1.5, 0.6)),
    "wears": choice("nothing", "crown", "party hat", "horns", "leaf", "bow", weights=(6, 3, 1, 1, 1, 1)),
    "shape": choice("drop", "dome", "puddle", weights=(3, 5, 1)),
    "drips": flag(0.25),
    "core": choice("none", "bones", "coin", "bubbles", weights=(6, 0.6, 0.6, 2)),
    "backdrop": choice("none", "dungeon", "grass", weights=(8, 1, 1)),
    "squash": choice(0, 1, 2, minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    if min(h, w) <= 10:
        p.update(core="none", drips=False, eyes=2, mood="neutral", shape="dome")
        if p["wears"] in ("leaf", "bow", "party hat"):
            p["wears"] = "nothing"
    if min(h, w) < 24 and p["core"] in ("bones", "coin"):
        p["core"] = "none"
    if p["eyes"] != 2 and p["mood"] == "sleepy":
        p["mood"] = "neutral"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m = c.s, 0 if c.s <= 10 else 1
    if p["backdrop"] == "dungeon":
        c.paint(c.full(), "dark grey", "wall", -0.7, back=True)
        joints = c.bricks(0, 0, max(4, s // 4), max(3, s // 6))
        c.touch(joints, -1)
        c.paint(c.rect(0, round(c.h * 0.78), c.w, c.h), "iron", "floor", -0.4, back=True)
    elif p["backdrop"] == "grass":
        bd.sky(c, "day", rng, round(c.h * 0.7))
        bd.ground(c, round(c.h * 0.7), "grass", rng)
    hat = {"nothing": 0.0, "crown": 0.2, "party hat": 0.26, "horns": 0.12, "leaf": 0.16, "bow": 0.1}[p["wears"]]
    head = round(hat * s) if s > 10 else (2 if hat else 1)
    bottom = c.h - m - (round(s * 0.06) if p["backdrop"] != "none" else 0)
    top = m + head + round(s * (0.08 + 0.04 * p["squash"]))
    x0 = m + round(s * 0.04 * p["squash"] * 0.5)
    width, height = c.w - 2 * x0, bottom - top
    if p["shape"] == "puddle":
        top += round(height * 0.25)
        height = bottom - top
    elif p["shape"] == "drop":
        x0 += round(s * 0.05)
        width = c.w - 2 * x0
    mid = (c.w - 1) / 2
    # body: a dome whose flanks bulge toward the floor
    t = np.clip((c.ys - top + 0.5) / max(height, 1), 0, 1)
    half = (width / 2) * np.sqrt(np.clip(1 - (1 - np.minimum(t * 1.12, 1)) ** 2, 0, 1))
    if p["shape"] == "drop":
        half = (
            (width / 2)
            * np.clip(t, 0, 1) ** 0.8
            * np.where(t > 0.72, np.sqrt(np.clip(1 - ((t - 0.72) / 0.36) ** 2, 0, 1)) / 1.0, 1.0)
            * 1.18
        )
        half = np.minimum(half, width / 2)
    body = (np.abs(c.xs - mid) <= half - 0.05) & (c.ys >= top) & (c.ys < bottom)
    if s > 10:
        body &= ~((c.ys == bottom - 1) & (np.abs(c.xs - mid) > half - 1.4))
    c.paint(body, p["color"], "body", c.ball(body, 1.5))
    if s >= 16:  # a lit rim of jelly at the foot and a shine at the top left
        d = max(1, round(s * 0.07))
        glow = body & (c.ys >= bottom - 1 - d) & (c.ys < bottom - d) & (np.abs(c.xs - mid) < width * 0.32)
        c.touch(glow, 0.9)
        shine = c.oval(mid - width * 0.28, top + height * 0.16, max(2, width * 0.16), max(1, height * 0.12)) & body
        c.tone[shine] = 4
    else:
        c.tone[c.dots((round(mid) - 2, top + 1)) & body] = 4
    if p["drips"]:
        for _ in range(3):
            x = rng.integer(round(mid - width * 0.3), round(mid + width * 0.3))
            drop = c.rect(x, bottom - 2, max(1, s // 20), max(2, s // 10)) | c.rect(x0, bottom - 1, width, 1)
            c.paint(drop & (c.ys < c.h - m), p["color"], "drips", -0.6)
    if p["core"] == "bubbles":
        for _ in range(4):
            x, y = (
                rng.integer(round(mid - width * 0.35), round(mid + width * 0.35)),
                rng.integer(top + height // 3, bottom - 3),
            )
            bubble = (c.dots((x, y)) if s < 40 else c.oval(x, y, 3, 3) & ~c.dots((x + 1, y + 1))) & body
            c.touch(bubble, 1.3)
    elif p["core"] == "coin":
        coin = c.oval(mid + width * 0.12, bottom - height * 0.34, max(3, s * 0.15), max(3, s * 0.15)) & body
        c.paint(coin, "gold", "coin", "ball", rim=True)
    elif p["core"] == "bones":
        bone = c.stroke(
            (mid - width * 0.2, bottom - height * 0.14),
            (mid + width * 0.14, bottom - height * 0.26),
            width=max(1, s // 24),
        )
        ends = c.dots(
            (mid - width * 0.2 - 1, bottom - height * 0.14),
            (mid - width * 0.2, bottom - height * 0.14 + 1),
            (mid + width * 0.14 + 1, bottom - height * 0.26),
            (mid + width * 0.14, bottom - height * 0.26 - 1),
        )
        c.paint((bone | ends) & body, "bone", "bones", 0.3)
    _face(p, c, mid, top, height, width)
    _hat(p, c, mid, top, s)


def _face(p: Params, c: Canvas, mid: float, top: int, height: int, width: int) -> None:
    s = c.s
    dark = p["color"] in ("black",)
    ink = "white" if dark else "ink"
    y = top + round(height * (0.5 if p["shape"] != "drop" else 0.58))
    if s <= 10:
        c.paint(c.dots((mid - 1.5, y), (mid + 1.5, y)), ink, "eyes", -0.5)
        return
    ew, eh = max(1, round(s * 0.075)), max(2, round(s * 0.13))
    gap = max(2, round(width * 0.17))
    lefts = {
        1: [mid - (ew - 1) / 2],
        2: [mid - gap - (ew - 1) / 2, mid + gap - (ew - 1) / 2],
        3: [mid - gap * 1.5 - (ew - 1) / 2, mid - (ew - 1) / 2, mid + gap * 1.5 - (ew - 1) / 2],
    }
    xs = lefts[p["eyes"]]
    if len(xs) == 2:  # keep the two eyes symmetrical about the middle
        left = round(mid - gap - ew / 2)
        xs = [left, c.w - left - ew]
    for i, x in enumerate(round(v) for v in xs):
        if p["eyes"] == 1 and s >= 16:
            big = max(3, round(s * 0.2))
            white = c.oval(mid - (big - 1) / 2, y - big // 3, big, big)
            c.paint(white, "white", "eyes", 0.2, rim=True)
            c.paint(c.rect(round(mid - (ew - 1) / 2), y, max(1, big // 3), max(2, big // 2)), "ink", "eyes", -0.5)
            continue
        if p["mood"] == "sleepy":
            c.paint(c.rect(x, y + eh // 2, ew + 1, 1), ink, "eyes", -0.5)
            continue
        eye = c.rect(x, y, ew, eh)
        c.paint(eye, ink, "eyes", -0.5)
        if s >= 24 and not dark:
            c.paint(c.dots((x, y)), "white", "eyes", 0.5)
        if p["mood"] == "angry":
            inner = x + ew if i == 0 else x - 1
            if s >= 24:
                brow = c.stroke((x - 1 if i == 0 else x + ew, y - 3), (inner, y - 1), width=max(1, s // 32))
                c.paint(brow, ink, "eyes", -0.5)
            else:
                c.paint(c.dots((x - 1 if i == 0 else x + ew, y - 1)), ink, "eyes", -0.5)
    my = y + eh + max(1, round(s * 0.04))
    mw = max(2, round(s * 0.14))
    x0, x1 = round(mid - mw / 2), round(mid - mw / 2) + mw - (0 if c.w % 2 == mw % 2 else 1)
    if p["mood"] == "happy":
        mouth = c.rect(x0, my, x1 - x0, 1) | c.dots((x0 - 1, my - 1), (x1, my - 1))
        if s >= 32:
            smile = c.rect(x0, my, x1 - x0, 2)
            c.paint(smile, "dark red", "mouth", -0.5)
            mouth = c.dots((x0 - 1, my - 1), (x1, my - 1)) | c.rect(x0 - 1, my, 1, 1) | c.rect(x1, my, 1, 1)
    elif p["mood"] == "angry" and s >= 24:
        mouth = c.rect(x0 - 1, my, x1 - x0 + 2, 1) | c.dots((x0 - 1, my + 1), (x1, my + 1))
    elif p["mood"] == "sad":
        mouth = c.rect(x0, my, x1 - x0, 1) | c.dots((x0 - 1, my + 1), (x1, my + 1))
    else:
        mouth = c.rect(x0, my, max(1, x1 - x0 - 1), 1)
    c.paint(mouth, ink, "mouth", -0.5)


def _hat(p: Params, c: Canvas, mid: float, top: int, s: int) -> None:
    kind = p["wears"]
    if kind == "crown":
        if s <= 10:
            c.paint(
                c.dots((mid - 1.5, top - 1), (mid + 1.5, top - 1)) | c.rect(round(mid - 1.5), top, 4, 1),
                "gold",
                "crown",
                0.5,
            )
            return
        half, tall = max(2, round(s * 0.15)), max(3, round(s * 0.17))
        base = top + 1
        x0, x1 = round(mid - half), c.w - 1 - round(mid - half)
        crown = c.rect(x0, base - tall // 2, x1 - x0 + 1, tall - tall // 2)
        crown |= c.poly((x0, base - tall), (x0, base), (x0 + half // 2 + 1, base)) | c.poly(
            (x1, base - tall), (x1, base), (x1 - half // 2 - 1, base)
        )
        crown |= c.poly((mid - 0.5, base - tall - (s >= 24)), (mid - half * 0.6, base), (mid + half * 0.6, base))
        crown = c.mirror(crown) if c.w % 2 == 0 else crown
        c.paint(crown, "gold", "crown", c.column(crown, 1.2), rim=True)
        if s >= 24:
            c.paint(c.dots((mid - 0.2, base - tall // 3)) | c.dots((mid + 0.7, base - tall // 3)), "red", "crown", 0.4)
    elif kind == "party hat":
        tall = round(s * 0.28)
        cone = c.poly((mid, top - tall + 2), (mid + s * 0.12, top + 1), (mid - s * 0.12, top + 1))
        color = "red" if p["color"] != "red" else "blue"
        c.paint(cone, color, "hat", "column", rim=True)
        c.paint(cone & ((c.ys - top) % 4 == 0), "yellow", "hat", 0.5)
        c.paint(c.oval(mid - 1, top - tall + 1, 2, 2) if s > 20 else c.dots((mid, top - tall + 2)), "white", "hat", 0.3)
    elif kind == "horns":
        x, t = s * 0.18, max(3, round(s * 0.16))
        horn = c.poly((mid - x, top + t), (mid - x * 1.4, top - 1), (mid - x * 0.5, top + t * 0.6))
        c.paint(c.mirror(horn), "bone", "horns", "fall", rim=True)
    elif kind == "leaf":
        stem = c.stroke((mid, top), (mid, top - s * 0.07))
        leaf = c.oval(mid, top - s * 0.15, max(3, s * 0.18), max(2, s * 0.1)) | stem
        c.paint(leaf, "leaf", "leaf", "ball", rim=True)
    elif kind == "bow":
        u = max(2, round(s * 0.1))
        knot = c.poly((mid, top + 1), (mid - u, top + 1 - u), (mid - u, top + 1 + u)) | c.poly(
            (mid, top + 1), (mid + u, top + 1 - u), (mid + u, top + 1 + u)
        )
        c.paint(knot, "pink" if p["color"] != "pink" else "red", "bow", "ball", rim=True)
        c.touch(grow(c.dots((mid, top + 1))) & knot, -0.8)


def words(p: Params) -> Words:
    mood = {
        "happy": ("happy", "smiling", "cheerful"),
        "angry": ("angry", "mad"),
        "sad": ("sad", "unhappy"),
        "sleepy": ("sleepy", "sleeping"),
        "neutral": ("cute", ""),
    }
    bow, hat = ("{pink}" if p["color"] != "pink" else "{red}"), ("{red}" if p["color"] != "red" else "{blue}")
    worn = {
        "crown": ("a crown", "a {gold} crown", "a little crown"),
        "party hat": ("a party hat", f"a~{hat} party hat", "a pointed hat"),
        "horns": ("horns", "two horns"),
        "leaf": ("a leaf on its head", "a leaf"),
        "bow": ("a bow", f"a~{bow} bow"),
    }
    having = [worn[p["wears"]]] if p["wears"] in worn else []
    if p["eyes"] != 2:
        having.append({1: ("one eye", "a single eye"), 3: ("three eyes", "3 eyes")}[p["eyes"]])
    if p["core"] != "none":
        having.append(
            {
                "bones": ("a bone inside", "bones inside"),
                "coin": ("a {gold} coin inside", "a coin inside"),
                "bubbles": ("bubbles", "bubbles inside"),
            }[p["core"]]
        )
    if p["drips"]:
        having.append(("drips", "dripping goo"))
    place = {
        "none": (),
        "dungeon": (("in a dungeon", "in front of a dungeon wall"),),
        "grass": (("on grass", "in a meadow"),),
    }[p["backdrop"]]
    return Words(
        nouns=("slime", "slime", "slime monster", "jelly", "blob"),
        adjectives=(mood[p["mood"]], f"{{{p['color']}}}"),
        having=tuple(having),
        place=place,
        lacking=() if p["wears"] != "nothing" else ("a hat",),
    )


FAMILY = Family(
    name="slime",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=(*SQUARE, (16, 24)),
    weight=1.2,
)
