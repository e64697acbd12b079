"""Interface icons: arrows, cursors, gears, locks, hourglasses, speech bubbles, check marks and their like, bare or on a button."""

from __future__ import annotations

import math

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.pen import Pen, colors
from pixelmind.data.procedural.rng import Rng

#: icon: its states, the first one where there is no choice
STATES: dict[str, tuple[str, ...]] = {
    "arrow": ("right", "left", "up", "down"),
    "cursor": ("pointer",),
    "gear": ("plain",),
    "lock": ("closed", "open"),
    "hourglass": ("full", "half", "empty"),
    "speech bubble": ("dots", "exclamation mark", "question mark", "heart"),
    "magnifying glass": ("plain",),
    "check mark": ("plain",),
    "cross mark": ("plain",),
    "plus": ("plain",),
    "home": ("plain",),
    "bell": ("plain", "ringing"),
    "envelope": ("closed", "open"),
    "shield": ("plain", "striped", "star"),
    "music note": ("single", "double"),
    "play button": ("play", "pause", "stop"),
    "battery": ("full", "half", "empty"),
    "flag": ("plain", "striped"),
}
ALL_STATES = tuple(dict.fromkeys(s for states in STATES.values() for s in states))
COLORS = ("white", "yellow", "red", "green", "blue", "orange", "cyan", "gold", "purple", "silver", "black")
PARAMETERS = {
    "icon": choice(*STATES),
    "state": choice(*ALL_STATES),
    "color": colors(*COLORS),
    "button": choice("none", "square", "round", weights=(5, 2, 1.5)),
    "button_color": colors("blue", "grey", "green", "red", "purple", "dark grey", "orange"),
}


def fit(p: Params, h: int, w: int) -> None:
    states = STATES[p["icon"]]
    if p["icon"] == "hourglass" and p["color"] in ("white", "silver", "cyan"):
        p["color"] = "yellow"
    if p["state"] not in states:
        p["state"] = states[ALL_STATES.index(p["state"]) % len(states)]
    if min(h, w) < 16:
        p["button"] = "none"
        if p["icon"] == "bell":
            p["state"] = "plain"
        if p["icon"] in ("shield", "flag") and min(h, w) < 12:
            p["state"] = "plain"
        if p["icon"] == "envelope":
            p["state"] = "closed"
    if p["button"] == "none":
        p["button_color"] = None
    elif p["button_color"] == p["color"] or p["color"] in ("black", "silver"):
        p["color"] = "white"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen = Pen(c, stretch=1.0)
    if p["button"] != "none":
        plate = pen.rect(0, 0, 14, 14) if p["button"] == "square" else pen.oval(0, 0, 14, 14)
        if p["button"] == "square" and c.s >= 16:
            k = pen.px(0.8)
            corner = c.rect(0, 0, c.box(plate)[0] + k, c.box(plate)[1] + k)
            corner |= corner[:, ::-1]
            plate &= ~(corner | corner[::-1])
        c.paint(plate, p["button_color"], "button", "bevel" if p["button"] == "square" else c.ball(plate, 1.2))
        pen = Inner(c)
    _icon(p, c, pen)


class Inner(Pen):
    """A pen for what stands on a button: two thirds of the size."""

    def __init__(self, c: Canvas) -> None:
        super().__init__(c, stretch=1.0)
        side = round(self.width * 0.66)
        side -= (c.w - side) % 2
        self.low = (c.h + side) // 2
        self.width = self.height = side
        self.ux = self.uy = self.u = side / 14


def gear_wheel(c: Canvas, pen: Pen, cx: float, cy: float, r: float, teeth: int = 8) -> Region:
    """A gear wheel with a hole: square teeth at even angles."""
    ox, oy = pen.mid + (cx - 7) * pen.ux, pen.low - (14 - cy) * pen.uy
    body = pen.oval(cx - r * 0.76, cy - r * 0.76, cx + r * 0.76, cy + r * 0.76)
    half = max(0.9, r * pen.u * 0.19)
    dx, dy = c.xs + 0.5 - ox, c.ys + 0.5 - oy
    for i in range(teeth):
        a = 2 * math.pi * i / teeth
        along, across = dx * math.cos(a) + dy * math.sin(a), dy * math.cos(a) - dx * math.sin(a)
        body |= (along > 0) & (along <= r * pen.u + 0.05) & (abs(across) <= half)
    return body & ~pen.oval(cx - r * 0.3, cy - r * 0.3, cx + r * 0.3, cy + r * 0.3)


def _icon(p: Params, c: Canvas, pen: Pen) -> None:
    kind, color, state, rim = p["icon"], p["color"], p["state"], c.s >= 16
    other = "dark grey" if color != "black" else "grey"
    if kind == "arrow":
        if state in ("right", "left"):
            shape = pen.poly((7, 1), (14, 7), (7, 13)) | pen.rect(0.6, 4.6, 7.6, 9.4)
            shape = shape[:, ::-1] if state == "left" else shape
        else:
            up = pen.poly((7, 0), (13, 7), (1, 7)) | pen.rect(4.6, 6.6, 9.4, 13.4)
            down = pen.poly((7, 14), (13, 7), (1, 7)) | pen.rect(4.6, 0.6, 9.4, 7.4)
            shape = up if state == "up" else down
        c.paint(shape, color, "arrow", c.fall(shape, 1.0, -1.0), rim=rim)
    elif kind == "cursor":
        shape = pen.poly((3, 0), (3, 11.4), (11.4, 8.4)) | pen.poly((3, 0), (11.6, 8.6), (3, 8.6))
        tail = pen.line((6.4, 8), (8.8, 12.8), width=2)
        c.paint(tail | shape, color, "cursor", c.fall(shape, 0.6, -0.8), rim=rim)
    elif kind == "gear":
        gear = gear_wheel(c, pen, 7, 7, 7)
        c.paint(gear, color, "gear", c.ball(gear, 1.3), rim=rim)
    elif kind == "lock":
        lift = 1.4 if state == "open" else 0
        bow = pen.ring(3.4, 0 + 1.4 - lift, 10.6, 10, 1.5) & (c.ys < pen.y(7))
        if state == "open":
            bow &= ~pen.rect(8, 4.4, 14, 7)
        c.paint(bow, other if color in ("silver", "grey", "white") else "silver", "shackle", "column", rim=rim)
        body = pen.rect(2, 6.4, 12, 13.4)
        c.paint(body, color, "lock", c.ball(body, 1.2), rim=rim)
        c.paint(pen.oval(6, 8, 8, 10) | pen.rect(6.5, 9, 7.5, 12), "ink", "keyhole", 0)
    elif kind == "hourglass":
        glass = pen.poly((3, 1), (11, 1), (11, 3.4), (7.8, 7), (6.2, 7), (3, 3.4))
        lower = pen.poly((6.2, 7), (7.8, 7), (11, 10.6), (11, 13), (3, 13), (3, 10.6))
        c.paint(glass | lower, "glass", "glass", c.column(glass | lower, 0.8))
        upper_level, lower_level = {"full": (2.4, 13), "half": (4.2, 11), "empty": (7.2, 9.4)}[state]
        c.paint(glass & (c.ys >= pen.y(upper_level)), color, "sand", 0)
        c.paint(lower & (c.ys >= pen.y(lower_level)), color, "sand", 0)
        if state == "half":
            c.paint(pen.rect(6.7, 6, 7.3, 12), color, "sand", 0.4)
        caps = pen.rect(2, 0, 12, 1.4) | pen.rect(2, 12.6, 12, 14)
        c.paint(caps, "wood", "frame", "bevel", rim=rim)
    elif kind == "speech bubble":
        body = pen.oval(0, 0.6, 14, 10.6) | pen.rect(2, 1.4, 12, 9.8)
        tail = pen.poly((2.4, 9), (6, 9), (2.4, 13.4))
        c.paint(tail | body, color, "bubble", c.fall(body, 0.5, -0.4), rim=rim)
        ink = "ink" if color != "black" else "white"
        if state == "dots":
            k = 1.6 if c.s >= 16 else 1
            for x in (3.6, 7, 10.4):
                c.paint(pen.rect(x - k / 2, 4.9, x + k / 2, 4.9 + k), ink, "dots", 0)
        elif state == "exclamation mark":
            c.paint(
                pen.rect(6.2, 2, 7.8, 6.6) | pen.rect(6.2, 7.4, 7.8, 9), "red" if color != "red" else ink, "mark", 0
            )
        elif state == "question mark":
            mark = (
                pen.rect(5, 2, 9, 3.2)
                | pen.rect(8, 2.6, 9.2, 5)
                | pen.rect(6.3, 4.4, 9, 5.6)
                | pen.rect(6.3, 5, 7.7, 6.7)
            )
            c.paint(mark | pen.rect(6.3, 7.6, 7.7, 9) | pen.rect(4.4, 2.6, 5.6, 4), ink, "mark", 0)
        else:
            heart = pen.oval(4, 2.4, 7.4, 6) | pen.oval(6.6, 2.4, 10, 6) | pen.poly((4, 4.6), (10, 4.6), (7, 9))
            c.paint(heart, "red" if color != "red" else "white", "heart", 0)
    elif kind == "magnifying glass":
        c.paint(pen.line((8.6, 8.6), (12.6, 12.6), width=2.4), "wood", "handle", 0)
        lens = pen.oval(0.4, 0.4, 10, 10)
        c.paint(lens, color, "rim", c.ball(lens, 1.2), rim=rim)
        pane = pen.oval(1.9, 1.9, 8.5, 8.5)
        c.paint(pane, "glass" if color != "white" else "light blue", "lens", c.ball(pane, 1.4), rim=False)
        c.paint(pen.line((3, 5), (5, 3)), "white", "lens", 1)
    elif kind == "check mark":
        shape = pen.line((1.8, 7.6), (5, 11), (12.2, 3), width=2.6)
        c.paint(shape, color, "mark", c.fall(shape, 1.0, -0.8), rim=rim)
    elif kind == "cross mark":
        shape = pen.line((2.2, 2.2), (11.8, 11.8), width=2.8) | pen.line((11.8, 2.2), (2.2, 11.8), width=2.8)
        c.paint(shape, color, "mark", c.fall(shape, 1.0, -1.0), rim=rim)
    elif kind == "plus":
        shape = pen.rect(5.3, 1, 8.7, 13) | pen.rect(1, 5.3, 13, 8.7)
        c.paint(shape, color, "mark", c.fall(shape, 1.0, -1.0), rim=rim)
    elif kind == "home":
        c.paint(pen.rect(9.6, 1.6, 11.4, 5), color, "chimney", -0.8)
        body = pen.rect(2, 7, 12, 13.4)
        c.paint(body, "white" if color != "white" else "grey", "walls", c.column(body, 0.8))
        c.paint(pen.rect(5.6, 9, 8.4, 13.4), "wood", "door", 0)
        roof = pen.poly((7, 0.6), (14, 7.6), (0, 7.6))
        c.paint(roof, color, "roof", c.ball(roof, 1.2), rim=rim)
    elif kind == "bell":
        c.paint(pen.oval(5.5, 11, 8.5, 14), other, "clapper", 0)
        body = pen.oval(3, 1, 11, 9) | pen.rect(3, 5, 11, 9) | pen.poly((3, 8), (11, 8), (13, 12), (1, 12))
        c.paint(body | pen.rect(6.3, 0, 7.7, 2), color, "bell", c.column(body, 1.4), rim=rim)
        if state == "ringing":
            waves = pen.line((1.4, 2.2), (0.4, 4.6)) | pen.line((12.6, 2.2), (13.6, 4.6))
            c.paint(waves, color, "waves", 0)
    elif kind == "envelope":
        body = pen.rect(0, 3, 14, 12.6)
        c.paint(body, color, "envelope", "bevel", rim=rim)
        if state == "open":
            flap = pen.poly((7, -0.4), (14, 4), (0, 4))
            c.paint(flap, color, "envelope", -1.0, rim=rim)
            c.paint(pen.rect(2, 1.6, 12, 7), "white" if color != "white" else "beige", "letter", 0.4, rim=rim)
            c.paint(
                pen.poly((0, 4), (7, 9), (14, 4), (14, 12.6), (0, 12.6)) & body & ~pen.poly((0, 4), (14, 4), (7, 9)),
                color,
                "envelope",
                0.2,
                rim=rim,
            )
        else:
            fold = pen.line((0.4, 3.6), (7, 8.6), (13.6, 3.6))
            c.touch(fold & body, -1.8)
            c.paint(pen.oval(5.6, 6.8, 8.4, 9.6), "red" if color != "red" else "gold", "seal", 0, rim=False)
    elif kind == "shield":
        body = pen.rect(1, 1, 13, 7) | pen.poly((1, 6.6), (13, 6.6), (11.6, 10), (7.6, 14), (6.4, 14), (2.4, 10))
        c.paint(body, "silver" if color not in ("silver", "white") else "gold", "rim", c.ball(body, 1.2), rim=rim)
        inner = pen.rect(2.2, 2.2, 11.8, 7) | pen.poly((2.2, 6.4), (11.8, 6.4), (10.6, 9.4), (7, 13), (3.4, 9.4))
        c.paint(inner, color, "shield", np.where(c.xs < pen.mid, 0.5, -0.7) + c.ys * 0)
        ink = "white" if color not in ("white", "silver", "yellow", "cyan") else "red"
        if state == "striped":
            c.paint(inner & pen.rect(5.8, 0, 8.2, 14), ink, "stripe", 0)
        elif state == "star":
            c.paint(pen.star(7, 6.6, 3.6, 1.6), ink, "star", 0)
    elif kind == "music note":
        if state == "single":
            shape = (
                pen.rect(8, 1, 9.6, 11) | pen.oval(3.4, 8.6, 9.6, 13.4) | pen.poly((9, 1), (13, 4), (13, 6.6), (9, 4.6))
            )
        else:
            shape = (
                pen.rect(3.4, 2, 4.8, 11)
                | pen.rect(11.6, 1, 13, 10)
                | pen.poly((3.4, 2), (13, 0.4), (13, 3.4), (3.4, 5))
            )
            shape |= pen.oval(0.2, 9.4, 4.8, 13.6) | pen.oval(8.4, 8.4, 13, 12.6)
        c.paint(shape, color, "note", c.fall(shape, 0.9, -0.9), rim=rim)
    elif kind == "play button":
        shape = {
            "play": pen.poly((2.4, 0.6), (13, 7), (2.4, 13.4)),
            "pause": pen.rect(2, 1, 6, 13) | pen.rect(8, 1, 12, 13),
            "stop": pen.rect(1.6, 1.6, 12.4, 12.4),
        }[state]
        c.paint(shape, color, "symbol", c.fall(shape, 1.0, -1.0), rim=rim)
    elif kind == "battery":
        body = pen.rect(0, 3, 12.6, 11)
        c.paint(pen.rect(12, 5.4, 14, 8.6), other, "battery", 0)
        c.paint(body, other, "battery", "bevel", rim=rim)
        inside = pen.rect(1.2, 4.2, 11.4, 9.8)
        c.paint(inside, "ink", "battery", 0.2)
        n = {"full": 3, "half": 2, "empty": 1}[state]
        level = "red" if state == "empty" else color
        for i in range(n):
            c.paint(pen.rect(1.8 + i * 3.2, 4.8, 4.4 + i * 3.2, 9.2), level, "charge", 0.4)
    else:  # flag
        c.paint(pen.rect(2, 0.6, 3.4, 14), "wood", "pole", "column")
        cloth = pen.rect(3.4, 1.4, 9, 8) | pen.rect(8, 2.2, 13, 8.8)
        c.paint(cloth, color, "flag", c.fall(cloth, 0.8, -0.8), rim=rim)
        if state == "striped":
            ink = "white" if color != "white" else "red"
            c.paint(cloth & pen.rect(3.4, 4.2, 14, 6), ink, "stripe", 0)


def words(p: Params) -> Words:
    kind, state, color = p["icon"], p["state"], f"{{{p['color']}}}"
    nouns: dict[str, tuple[str, ...]] = {
        "arrow": ("arrow icon", "arrow", f"{state} arrow"),
        "cursor": ("mouse cursor", "cursor", "pointer icon"),
        "gear": ("gear icon", "settings icon", "cog icon"),
        "lock": ("padlock", "lock icon", "lock"),
        "hourglass": ("hourglass", "hourglass icon", "sand timer"),
        "speech bubble": ("speech bubble", "chat icon", "dialogue bubble"),
        "magnifying glass": ("magnifying glass", "search icon", "magnifier"),
        "check mark": ("check mark", "tick icon", "checkmark icon"),
        "cross mark": ("cross mark", "x icon", "close icon"),
        "plus": ("plus sign", "plus icon", "add icon"),
        "home": ("home icon", "house icon", "home button icon"),
        "bell": ("bell icon", "notification icon", "alert icon"),
        "envelope": ("envelope", "mail icon", "letter icon"),
        "shield": ("shield icon", "shield", "defense icon"),
        "music note": ("music note", "note icon", "musical note"),
        "play button": (f"{state} icon", f"{state} button icon", f"{state} symbol"),
        "battery": ("battery icon", "battery", "battery level icon"),
        "flag": ("flag icon", "flag", "banner icon"),
    }
    adjective: Fact = ""
    having: list[Fact] = []
    if kind in ("lock", "envelope", "hourglass", "battery") and state != "plain":
        adjective = {"half": ("half full", "half-full")}.get(state, (state,))
        if kind == "lock":
            adjective = ("closed", "locked") if state == "closed" else ("open", "unlocked")
    if kind == "arrow":
        having.append(
            (f"its tip pointing {state}", f"the tip to the {state}")
            if state in ("left", "right")
            else f"its tip pointing {state}"
        )
    if kind == "speech bubble":
        having.append(("three dots", "dots") if state == "dots" else f"a~{state}")
    if kind == "bell" and state == "ringing":
        adjective = "ringing"
    if kind in ("shield", "flag") and state != "plain":
        having.append({"striped": "a stripe", "star": "a star"}[state])
    if kind == "music note":
        adjective = ("double", "beamed") if state == "double" else "single"
    if kind == "battery" and state == "empty":
        color = "{red}"
        adjective = ("nearly empty", "low")
    if kind == "hourglass":
        having.append(f"{color} sand")
        color = ""
    if p["button"] != "none":
        having.append(
            (
                f"a~{{{p['button_color']}}} {p['button']} button behind it",
                f"a~{p['button']} {{{p['button_color']}}} background",
            )
        )
    return Words(nouns=nouns[kind], adjectives=(adjective, color), having=tuple(having))


FAMILY = Family(
    name="icon",
    kind="icon",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=2,
    genres=("modern", "fantasy", "sci-fi"),
)
