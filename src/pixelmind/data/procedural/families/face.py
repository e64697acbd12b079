"""Portraits: a head and shoulders that fill the canvas, with hair, beard, hat, glasses, mood and a plain card behind."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, grow
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

SKINS = {
    "pale": "pale skin",
    "tan": "tan skin",
    "brown": "brown skin",
    "dark": "dark skin",
    "green": "green",
    "blue": "light blue",
}
PARAMETERS = {
    "who": choice(
        "man", "woman", "elf", "orc", "alien", "vampire", "clown", "robot", weights=(6, 6, 2, 1.5, 1, 1, 0.7, 1)
    ),
    "skin": choice("pale", "tan", "brown", "dark", weights=(5, 3, 2, 2)),
    "hair": choice("short", "long", "bun", "mohawk", "bald", "curly", weights=(4, 4, 1.5, 1, 1, 2)),
    "hair_color": choice(
        "brown",
        "blond",
        "black",
        "ginger",
        "white",
        "dark brown",
        "blue",
        "pink",
        "green",
        weights=(4, 4, 4, 2, 1.5, 2, 0.8, 0.8, 0.5),
    ),
    "beard": choice("none", "beard", "moustache", weights=(6, 2, 1.5)),
    "eye_color": choice("blue", "green", "brown", "black"),
    "mood": choice("smiling", "sad", "angry", "neutral", "surprised", weights=(4, 1.5, 1.5, 3, 1)),
    "wears": choice(
        "nothing", "glasses", "eye patch", "crown", "hat", "hood", "headphones", weights=(7, 2, 1, 1, 1, 1, 0.7)
    ),
    "clothes_color": choice("red", "blue", "green", "purple", "brown", "white", "black", "yellow"),
    "card_color": choice(None, "light blue", "teal", "pink", "beige", "grey", "navy", weights=(5, 1, 1, 1, 1, 1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s, who = min(h, w), p["who"]
    if who == "woman":
        p["beard"] = "none"
        if p["hair"] in ("bald", "mohawk"):
            p["hair"] = "long"
    if who == "man" and p["hair"] == "bun":
        p["hair"] = "short"
    p["skin"] = {"orc": "green", "alien": "green", "vampire": "pale", "clown": "pale", "robot": "metal"}.get(
        who, p["skin"]
    )
    if who in ("alien", "robot"):
        p.update(hair="bald", beard="none", wears="nothing")
    if who == "clown":
        p.update(
            hair="curly",
            hair_color=p["hair_color"] if p["hair_color"] in ("ginger", "blue", "green", "pink") else "ginger",
            beard="none",
            mood="smiling",
        )
    if p["wears"] in ("hood", "hat", "crown") and p["hair"] in ("mohawk", "bun", "curly"):
        p["hair"] = "short" if p["who"] != "woman" else "long"
    if p["hair"] == "bald" and p["beard"] == "none":
        p["hair_color"] = None
    if s < 24:
        p["eye_color"] = "black"
        p["mood"] = "smiling" if p["mood"] == "smiling" else "neutral"
        if p["wears"] in ("headphones",):
            p["wears"] = "nothing"
    if s <= 10:
        p.update(beard="none", wears="nothing", mood="neutral")
        p["hair_color"] = None if p["hair"] == "bald" else p["hair_color"]
    if p["wears"] == "eye patch" and s < 16:
        p["wears"] = "nothing"
    if p["card_color"] == p["clothes_color"]:
        p["card_color"] = None


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m = c.s, 0 if c.s <= 10 else 1
    mid, u = (c.w - 1) / 2, c.s / 16
    if p["card_color"]:
        c.paint(
            c.full(),
            p["card_color"],
            "card",
            np.broadcast_to(np.round(-0.6 + 1.2 * c.ys / c.h), (c.h, c.w)).astype(np.float32),
            back=True,
        )
    who = p["who"]
    skin = "steel" if who == "robot" else SKINS[p["skin"]]
    hw = round(s * 0.56) // 2 * 2 + c.w % 2
    hh = round(s * 0.64)
    hx, hy = (c.w - hw) // 2, m + round(s * 0.12)
    # shoulders
    sy = hy + hh - max(1, round(u))
    body = c.oval(mid - s * 0.46, sy, s * 0.94, c.h - sy + s * 0.4) & (c.ys < c.h)
    if p["hair"] == "long":
        back = c.oval(hx - 1.4 * u, hy - u, hw + 2.8 * u, hh + 1.0 * u) | c.rect(
            hx - 1.4 * u, hy + hh * 0.4, hw + 2.8 * u, hh * 0.6
        )
        c.paint(back, p["hair_color"], "hair", -0.9)
    elif p["hair"] == "curly":
        back = c.empty()
        for a in range(9):
            x = mid + np.cos(a / 8 * 3.1416) * hw * 0.56
            y = hy + hh * 0.36 - np.sin(a / 8 * 3.1416) * hh * 0.36
            back |= c.oval(x - 2 * u, y - 2 * u, 4 * u, 4 * u)
        c.paint(back & (c.ys >= m), p["hair_color"], "hair", c.ball(back, 1.2))
    elif p["hair"] == "bun":
        bun = c.oval(mid - 2 * u, max(m, hy - 2.2 * u), 4.2 * u, 4 * u)
        c.paint(bun, p["hair_color"], "hair", "ball")
    c.paint(body, p["clothes_color"] if who != "robot" else "iron", "clothes", c.ball(body, 1.1))
    neck = c.rect(mid - 2 * u + 0.5, hy + hh - 2 * u, 4 * u, 3.4 * u)
    c.paint(neck, skin, "neck", -1)
    if who == "robot":
        head = c.rect(hx, hy, hw, hh - round(u))
        c.paint(c.stroke((mid, m), (mid, hy), width=max(1, round(u * 0.6))), "iron", "antenna", 0)
        c.paint(c.oval(round(mid - u), m, max(2, 2 * u), max(2, 2 * u)), "red", "antenna", "ball")
        c.paint(head, skin, "head", c.bevel(head, 1.0) + c.ball(head, 0.6), rim=s >= 16)
    else:
        head = c.oval(hx, hy, hw, hh)
        if who == "alien":
            head = c.oval(hx - u, hy - u, hw + 2 * u, hh * 0.8) | c.poly(
                (hx, hy + hh * 0.4), (hx + hw - 1, hy + hh * 0.4), (mid + u, hy + hh), (mid - u, hy + hh)
            )
        elif s < 24:
            head |= c.rect(hx, hy + hh // 4, hw, hh // 2)
        ear = c.oval(hx - u, hy + hh * 0.42, 2.2 * u, 2.8 * u)
        if who in ("elf", "orc"):
            ear = c.poly((hx + 1, hy + hh * 0.42), (hx - 2.8 * u, hy + hh * 0.26), (hx + 1, hy + hh * 0.66))
        if who != "alien" and s > 10:
            c.paint(c.mirror(ear), skin, "ears", -0.5, rim=s >= 32)
        c.paint(head, skin, "head", c.ball(head, 1.1), rim=s >= 16)
    _features(p, c, mid, u, hx, hy, hw, hh, skin)
    hair = p["hair_color"]
    if p["beard"] != "none" and hair:
        if p["beard"] == "beard":
            low = head & (c.ys > hy + hh * 0.64) & ~c.oval(mid - 2.4 * u + 0.5, hy + hh * 0.7, 4.8 * u, max(2, 2 * u))
            low |= c.oval(mid - 2.6 * u, hy + hh * 0.82, 5.2 * u, 3.4 * u)
            c.paint(low, hair, "beard", c.ball(low, 1.0), rim=s >= 32)
        stache = c.rect(mid - 2.4 * u + 0.5, hy + hh * 0.66, 4.8 * u, max(1, u))
        c.paint(stache, hair, "beard", 0.2)
    if p["hair"] in ("short", "long", "bun", "curly") and hair:
        top = (grow(head) if s >= 24 else head) & (c.ys < hy + hh * 0.26) & (c.ys >= m)
        side = c.rect(hx - (s >= 24), hy + hh * 0.2, max(1, round(1.2 * u)), hh * (0.3 if p["hair"] != "long" else 0.7))
        fringe = c.poly((hx + hw * 0.3, hy + hh * 0.2), (hx + hw, hy + hh * 0.2), (hx + hw, hy + hh * 0.4))
        cover = top | c.mirror(side) | (fringe & head if s >= 16 else c.empty())
        c.paint(cover, hair, "hair", c.ball(cover, 1.3), rim=s >= 32)
        if s >= 32:
            c.touch(cover & (rng.smooth(1, c.w, 2) > 0.66), 0.6)
    elif p["hair"] == "mohawk" and hair:
        crest = c.oval(mid - 1.6 * u, m, 3.4 * u, hh * 0.44)
        c.paint(crest, hair, "hair", c.column(crest, 1.1), rim=s >= 24)
    _wears(p, c, mid, u, hx, hy, hw, hh, head, m)


def _features(p: Params, c: Canvas, mid: float, u: float, hx: int, hy: int, hw: int, hh: int, skin: str) -> None:
    s, who = c.s, p["who"]
    ey = round(hy + hh * 0.46)
    gap = hw * 0.21
    if who == "alien":
        eye = c.ellipse(mid - gap, ey + 0.6 * u, 2.0 * u, 2.4 * u)
        c.paint(c.mirror(eye), "ink", "eyes", 0, rim=s >= 16)
        c.tone[c.mirror(c.dots((mid - gap - 0.6 * u, ey - 0.4 * u)))] = 4
        c.paint(
            c.rect(round(mid - u + 0.5), round(hy + hh * 0.84), max(2, round(2 * u)) // 2 * 2, 1), "ink", "mouth", 0
        )
        return
    if who == "robot":
        eye = c.rect(round(mid - gap - 1.4 * u), ey - round(u), max(1, round(2.6 * u)), max(1, round(2 * u)))
        c.paint(c.mirror(eye), "cyan", "eyes", 0.8, rim=s >= 16)
        grill = c.rect(round(mid - 3 * u + 0.5), round(hy + hh * 0.68), round(6 * u) // 2 * 2, max(1, round(1.6 * u)))
        c.paint(grill, "ink", "mouth", 0)
        if s >= 16:
            c.paint(grill & ((c.xs - hx) % 2 == 0), "steel", "mouth", -0.3)
        return
    ew, eh = max(1, round(2.2 * u)), max(1, round((2.4 if p["mood"] == "surprised" else 1.8) * u))
    ex = round(mid - gap - ew / 2 + 0.1)
    if s < 16:
        c.paint(c.mirror(c.rect(ex, ey, 1, max(1, eh))), "ink", "eyes", 0)
    elif s < 24:
        c.paint(c.mirror(c.rect(ex, ey, ew, eh)), "white", "eyes", 0)
        c.paint(c.mirror(c.rect(ex + ew - 1, ey, 1, eh)), "ink", "eyes", 0)
    else:
        white = c.rect(ex, ey, ew, eh)
        c.paint(c.mirror(white), "white", "eyes", 0.1)
        k = max(1, round(ew * 0.55))
        iris = c.rect(ex + (ew - k + 1) // 2, ey, k, eh)
        c.paint(c.mirror(iris), p["eye_color"] if who != "vampire" else "red", "eyes", -0.3)
        if s >= 32:
            c.paint(c.mirror(c.rect(ex + ew // 2, ey + eh // 3, max(1, k // 2), max(1, eh // 2))), "ink", "eyes", 0)
        c.paint(c.mirror(c.rect(ex, ey - 1, ew, 1)), "ink", "eyes", 0)
        tilt = {"angry": 1, "sad": -1}.get(p["mood"], 0) * max(1, round(0.5 * u))
        brow_y = ey - max(2, round(1.5 * u)) - (1 if p["mood"] == "surprised" else 0)
        brow = c.stroke((ex - 0.5, brow_y - tilt), (ex + ew, brow_y + tilt), width=max(1, round(u * 0.5)))
        c.paint(c.mirror(brow), p["hair_color"] or "dark brown", "eyebrows", -0.9)
    if s >= 16 and who != "clown":
        nose = c.rect(round(mid), round(ey + 1.5 * u), max(1, round(u * 0.8)), max(1, round(1.6 * u)))
        c.touch(nose, -1)
    elif who == "clown":
        c.paint(
            c.oval(mid - 1.2 * u, ey + 1.2 * u, max(2, 2.6 * u), max(2, 2.6 * u)), "red", "nose", "ball", rim=s >= 24
        )
    my, mw = round(hy + hh * 0.76), max(2, round(3.2 * u)) // 2 * 2 + c.w % 2
    x0 = round(mid - (mw - 1) / 2)
    color = "dark red" if who != "clown" else "red"
    mouth = c.rect(x0, my, mw, 1 if s < 40 else 2)
    if s >= 16 and p["mood"] == "smiling":
        mouth |= c.mirror(c.rect(x0 - 1, my - 1, 1, 1))
        if s >= 32:
            open_ = c.rect(x0, my, mw, max(2, round(1.2 * u)))
            c.paint(open_, color, "mouth", -0.6)
            c.paint(c.rect(x0, my, mw, 1), "white", "mouth", 0)
            mouth = c.mirror(c.rect(x0 - 1, my - 1, 1, 2))
    elif p["mood"] in ("sad", "angry"):
        mouth |= c.mirror(c.rect(x0 - 1, my + 1, 1, 1))
    elif p["mood"] == "surprised":
        mouth = c.oval(mid - 1.2 * u, my - u * 0.5, 2.6 * u, 2.8 * u)
    if s > 10:
        c.paint(mouth, color, "mouth", -0.4)
    if who == "orc" and s >= 16:
        c.paint(
            c.mirror(c.rect(x0 - 1, my - max(1, round(u)), max(1, round(u * 0.7)), max(1, round(1.4 * u)))),
            "bone",
            "tusks",
            0.3,
        )
    if who == "vampire" and s >= 16:
        c.paint(
            c.mirror(c.rect(x0 + (s >= 32), my + 1, max(1, round(u * 0.5)), max(1, round(u)))), "white", "fangs", 0.3
        )


def _wears(
    p: Params, c: Canvas, mid: float, u: float, hx: int, hy: int, hw: int, hh: int, head: np.ndarray, m: int
) -> None:
    s, kind = c.s, p["wears"]
    ey, gap = round(hy + hh * 0.46), hw * 0.21
    if kind == "glasses":
        d = max(3, round(3.6 * u))
        ring = c.rect(round(mid - gap - d / 2), ey - 1 - (s >= 32), d, max(3, round(3 * u)))
        rim = c.mirror(ring) & ~c.mirror(
            c.rect(round(mid - gap - d / 2) + 1, ey - (s >= 32), d - 2, max(1, round(3 * u) - 2))
        )
        c.paint(rim | c.rect(round(mid - u), ey, round(2 * u) + 1, 1), "ink", "glasses", 0)
    elif kind == "eye patch":
        patch = c.oval(mid + gap - 1.8 * u, ey - u, 3.8 * u, 3.6 * u)
        c.paint(c.stroke((hx, hy + hh * 0.2), (hx + hw - 1, ey + u)) & head, "ink", "eye patch", 0)
        c.paint(patch & head, "ink", "eye patch", 0.2)
    elif kind == "crown":
        y = hy + round(hh * 0.1)
        tall = max(2, round(2.6 * u))
        base = c.rect(hx, y - tall // 2, hw, tall - tall // 2 + 1)
        for i in range(3 if s < 24 else 5):
            n = (3 if s < 24 else 5) - 1
            px = hx + i * (hw - 1) / n
            base |= c.poly((px, y - tall), (px + u, y), (px - u, y))
        base &= (c.ys >= m) & (c.xs >= hx) & (c.xs < hx + hw)
        c.paint(base, "gold", "crown", c.column(base, 1.2), rim=s >= 16)
        if s >= 24:
            c.paint(
                c.oval(round(mid - u * 0.5), y - round(u * 0.6), max(1, round(u)), max(1, round(u))),
                "red",
                "crown",
                0.3,
            )
    elif kind == "hat":
        y = hy + round(hh * 0.2)
        dome = c.oval(hx + u, m, hw - 2 * u, (y - m) * 2) & (c.ys <= y)
        color = p["clothes_color"]
        c.paint(dome, color, "hat", c.ball(dome, 1.1), rim=s >= 16)
        c.paint(c.rect(hx - 1.6 * u, y, hw + 3.2 * u, max(1, u)), color, "hat", -0.3, rim=s >= 16)
        if s >= 16:
            c.paint(
                c.rect(hx + u, y - max(1, round(u)), hw - 2 * u, max(1, round(u))) & dome,
                "gold" if color != "yellow" else "brown",
                "hat",
                0,
            )
    elif kind == "hood":
        outer = c.oval(hx - 2 * u, hy - 1.6 * u, hw + 4 * u, hh + 3.4 * u) & (c.ys >= m)
        inner = c.oval(hx + u * 0.6, hy + hh * 0.14, hw - 1.2 * u, hh * 0.84)
        hood = outer & ~inner
        c.paint(hood, p["clothes_color"], "hood", c.ball(hood, 1.2), rim=s >= 24)
    elif kind == "headphones":
        arc = (
            c.oval(hx - 1.2 * u, hy - 1.2 * u, hw + 2.4 * u, hh)
            & ~c.oval(hx - 0.2 * u, hy - 0.2 * u, hw + 0.4 * u, hh)
            & (c.ys < ey)
            & (c.ys >= m)
        )
        c.paint(arc, "black", "headphones", 0.3)
        cup = c.oval(hx - 2 * u, ey - u, 2.8 * u, 4.4 * u)
        c.paint(
            c.mirror(cup), "red" if p["clothes_color"] != "red" else "blue", "headphones", c.ball(cup, 1.0), rim=True
        )


def words(p: Params) -> Words:
    who = p["who"]
    nouns = {
        "man": ("face", "portrait of a man", "man's face", "male face", "man"),
        "woman": ("face", "portrait of a woman", "woman's face", "female face", "woman"),
        "elf": ("elf face", "elf portrait", "elf"),
        "orc": ("orc face", "orc portrait", "orc"),
        "alien": ("alien face", "alien", "alien head"),
        "vampire": ("vampire face", "vampire", "vampire portrait"),
        "clown": ("clown face", "clown"),
        "robot": ("robot face", "robot head", "robot portrait"),
    }[who]
    having: list[str | tuple[str, ...]] = []
    h = f"{{{p['hair_color']}}}" if p["hair_color"] else ""
    if h and p["hair"] != "bald":
        having.append(
            {
                "short": (f"short {h} hair", f"{h} hair"),
                "long": (f"long {h} hair", f"{h} hair"),
                "bun": (f"{h} hair in a bun", f"a~{h} bun"),
                "mohawk": (f"a~{h} mohawk",),
                "curly": (f"curly {h} hair", f"{h} hair"),
            }[p["hair"]]
        )
    if p["beard"] != "none":
        having.append((f"a~{h} {p['beard']}", f"a~{p['beard']}"))
    if p["eye_color"] != "black" and who not in ("alien", "robot", "vampire"):
        having.append(f"{{{p['eye_color']}}} eyes")
    if p["wears"] != "nothing":
        having.append(
            {
                "glasses": ("glasses",),
                "eye patch": ("an eye patch",),
                "crown": ("a crown", "a {gold} crown"),
                "hat": (f"a~{{{p['clothes_color']}}} hat", "a hat"),
                "hood": (f"a~{{{p['clothes_color']}}} hood", "a hood"),
                "headphones": ("headphones",),
            }[p["wears"]]
        )
    if who not in ("robot",):
        having.append((f"{{{p['clothes_color']}}} clothes", f"a~{{{p['clothes_color']}}} shirt"))
    if p["skin"] in ("brown", "dark"):
        having.append(("dark skin", "dark skin"))
    mood = (
        {
            "smiling": ("smiling", "happy"),
            "sad": ("sad",),
            "angry": ("angry",),
            "neutral": ("",),
            "surprised": ("surprised",),
        }[p["mood"]]
        if who not in ("alien", "robot")
        else ("",)
    )
    place = ((f"on a~{{{p['card_color']}}} background",),) if p["card_color"] else ()
    return Words(
        nouns=nouns,
        adjectives=(mood, ("bald",) if p["hair"] == "bald" and who not in ("alien", "robot") else ""),
        having=tuple(having),
        place=place,
    )


FAMILY = Family(
    name="face",
    kind="portrait",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=(*SQUARE[1:], (8, 8)),
    weight=1.5,
)
