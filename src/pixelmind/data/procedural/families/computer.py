"""Computers and game machines: desktop computers, laptops, televisions, handhelds, arcade cabinets and phones."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.pen import Pen, colors, snap
from pixelmind.data.procedural.rng import Rng

BODIES = ("beige", "grey", "dark grey", "white", "red", "blue", "purple", "black", "green", "yellow")
PARAMETERS = {
    "device": choice("computer", "laptop", "television", "handheld", "arcade machine", "phone"),
    "body_color": choice(*BODIES, weights=(3, 3, 2, 2, 2, 2, 1, 2, 1, 1)),
    "screen": choice("text", "game", "off", "face", "heart", "graph", "lit", weights=(4, 3, 2, 1.5, 1, 1.5, 1)),
    "screen_color": colors("green", "blue", "cyan", "orange", "purple"),
    "button_color": colors("red", "yellow", "blue", "green"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind = p["device"]
    if kind in ("computer", "laptop"):
        snap(p, "body_color", BODIES, ("beige", "grey", "dark grey", "white", "black"))
    if min(h, w) < 16 and p["screen"] != "off":
        p["screen"] = "lit"
    if p["screen"] == "off":
        p["screen_color"] = None
    if kind in ("computer", "laptop", "phone"):
        p["button_color"] = None
    elif p["button_color"] == p["body_color"]:
        p["button_color"] = "yellow" if p["body_color"] == "red" else "red"


def _screen(p: Params, c: Canvas, pen: Pen, glass: Region) -> None:
    x, y, w, h = c.box(glass)
    c.paint(glass, "ink", "screen", 0.1, rim=c.s >= 24)
    color, kind = p["screen_color"], p["screen"]
    if kind == "off":
        c.touch(glass & (abs((c.xs - x) + (c.ys - y) - w * 0.5) < max(0.6, w * 0.08)), 1.0)
        return
    if kind == "lit":
        c.paint(glass, color, "screen", "bevel")
        return
    step = 2 if h < 12 else 3
    if kind == "text":
        rows = glass & ((c.ys - y) % step == 1) & (c.xs > x) & (c.ys < y + h - 1)
        lengths = ((c.ys - y).astype(int) * 37 % 5) / 8 + 0.4
        gaps = (c.xs - x).astype(int) % 5 != 3 if w > 9 else c.full()
        c.paint(rows & (c.xs - x < w * lengths) & gaps, color, "screen", 0.6)
    elif kind == "graph":
        c.paint(glass & ((c.xs - x) % 3 == 1) & (y + h - c.ys <= 2 + (c.xs - x) * (h - 3) / w), color, "screen", 0.3)
    elif kind == "game":
        c.paint(glass, color, "screen", -0.4)
        c.paint(glass & (c.ys >= y + h - max(1, h // 5)), "grass" if color != "green" else "brown", "screen", 0)
        k = max(1, h // 4)
        c.paint(c.rect(x + w // 4, y + h - max(1, h // 5) - k, k, k), "red", "screen", 0.3)
        c.paint(c.rect(x + w - w // 3, y + h // 3, k * 2, max(1, k // 2)), "yellow", "screen", 0.3)
    elif kind == "face":
        k = max(1, round(h / 7))
        cy = y + h // 3
        eyes = c.rect(x + w // 4, cy - k // 2, k, k + 1) | c.rect(x + w - w // 4 - k, cy - k // 2, k, k + 1)
        mouth = c.rect(x + w // 3, y + h * 0.72, w - 2 * (w // 3), k)
        corners = c.rect(x + w // 3 - k, y + h * 0.72 - k, k, k) | c.rect(x + w - w // 3, y + h * 0.72 - k, k, k)
        c.paint(eyes | mouth | corners, color, "screen", 0.5)
    else:
        u = max(1, h // 7)
        rows = (".#.#.", "#####", "#####", ".###.", "..#..")
        big = tuple("".join(m * u for m in row) for row in rows for _ in range(u))
        c.paint(c.art(big, x + (w - 5 * u) // 2, y + (h - 5 * u) // 2), color, "screen", 0.5)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, kind, color, rim = Pen(c), p["device"], p["body_color"], c.s >= 16
    if kind == "computer":
        keys = pen.rect(1, 12, 13, 14)
        c.paint(pen.rect(5, 9, 9, 11.5), color, "stand", -1.0)
        c.paint(pen.rect(3, 10.4, 11, 11.6), color, "stand", -0.4)
        body = pen.rect(1, 0, 13, 10) & ~c.mirror(pen.rect(1, 0, 1.6, 0.6) if c.s >= 24 else c.empty())
        c.paint(body, color, "computer", "bevel", rim=rim)
        _screen(p, c, pen, pen.rect(2, 1, 12, 8))
        if c.s >= 16:
            c.paint(pen.rect(10.6, 8.6, 11.6, 9.4), "green", "lamp", 0.5)
        c.paint(keys, color, "keyboard", 0.3, rim=rim)
        if c.s >= 24:
            x, y, _w, h = c.box(keys)
            c.touch(keys & ((c.xs - x) % 3 == 2) & (c.ys > y) & (c.ys < y + h - 1) | keys & (c.ys == y + h - 1), -1.0)
    elif kind == "laptop":
        c.paint(pen.rect(2, 1, 12, 9.4), color, "laptop", "bevel")
        _screen(p, c, pen, pen.rect(3, 2, 11, 8.4))
        base = pen.poly((2, 9.4), (12, 9.4), (14, 12.4), (0, 12.4)) | pen.rect(0, 12, 14, 13)
        c.paint(base, color, "laptop", 0.4, rim=rim)
        keys = pen.poly((3, 10), (11, 10), (12, 11.4), (2, 11.4))
        c.touch(keys, -1.2)
        if c.s >= 32:
            c.touch(keys & (c.xs % 2 == 0) & (c.ys % 2 == 0), 1.2)
        c.touch(pen.rect(0, 12.2, 14, 13), -0.9)
    elif kind == "television":
        c.paint(pen.line((7, 3), (4.5, 0.5)) | pen.line((7, 3), (10.5, 0.5)), "iron", "antenna", 0)
        c.paint(pen.rect(2, 12, 4, 13.4) | pen.rect(10, 12, 12, 13.4), "dark wood", "feet", -0.3)
        body = pen.rect(0, 3, 14, 12.4)
        c.paint(body, color, "television", "bevel", rim=rim)
        _screen(p, c, pen, pen.rect(1, 4, 10, 11.4))
        knob = pen.oval(11, 4.6, 13, 6.6) | pen.oval(11, 7.4, 13, 9.4)
        c.paint(knob, p["button_color"], "buttons", "ball", rim=c.s >= 32)
        if c.s >= 24:
            c.touch(pen.rect(11, 10, 13, 11.6) & (c.ys % 2 == 0), -1.4)
    elif kind == "handheld":
        body = pen.rect(3, 0, 11, 14)
        if c.s > 10:
            body &= ~pen.rect(10.3, 13.3, 11, 14)
        c.paint(body, color, "console", "bevel")
        bezel = pen.rect(4, 1, 10, 7)
        c.paint(bezel, "dark grey", "console", -0.4)
        _screen(p, c, pen, pen.rect(4.6, 1.6, 9.4, 6.4) if c.s >= 24 else bezel)
        pad = pen.rect(5, 8.6, 6, 11.6) | pen.rect(4, 9.6, 7, 10.6)
        c.paint(pad, "ink", "buttons", 0.3)
        c.paint(pen.oval(7.8, 10, 9, 11.2) | pen.oval(9.2, 9, 10.4, 10.2), p["button_color"], "buttons", 0.4)
        if c.s >= 24:
            c.touch(pen.rect(8, 12, 10, 13) & ((c.xs + c.ys) % 2 == 0), -1.4)
    elif kind == "arcade machine":
        side = pen.rect(2, 0, 12, 14)
        c.paint(side, color, "cabinet", c.column(side, 0.7))
        c.paint(pen.rect(3, 0.6, 11, 2.4), p["button_color"], "sign", 0.5, rim=rim)
        if c.s >= 24:
            c.touch(pen.rect(4, 1, 10, 2) & (c.xs % 3 > 0), 1.4)
        _screen(p, c, pen, pen.rect(3, 3, 11, 8))
        panel = pen.poly((2, 8.4), (12, 8.4), (13, 10), (1, 10)) | pen.rect(1, 9.6, 13, 10.4)
        c.paint(panel, "dark grey", "panel", 0.2, rim=rim)
        c.paint(pen.rect(4.4, 8, 5, 9.4), "iron", "joystick", 0)
        c.paint(pen.oval(4, 7, 5.4, 8.4), "red", "joystick", 0.4)
        c.paint(pen.rect(7.4, 8.8, 8.4, 9.6) | pen.rect(9.4, 8.8, 10.4, 9.6), p["button_color"], "buttons", 0.6)
        c.paint(pen.rect(5.5, 11.2, 8.5, 13), "ink", "panel", 0.2)
        if c.s >= 24:
            c.paint(pen.rect(6.2, 11.6, 6.7, 12.6) | pen.rect(7.3, 11.6, 7.8, 12.6), "gold", "panel", 0.3)
    else:
        body = pen.rect(3.4, 0, 10.6, 14)
        c.paint(body, color, "phone", "bevel")
        _screen(p, c, pen, pen.rect(4.4, 1.4, 9.6, 11.6))
        c.paint(pen.rect(6.4, 12.2, 7.6, 13.2), "dark grey" if color != "dark grey" else "white", "buttons", 0.3)


def words(p: Params) -> Words:
    kind = p["device"]
    nouns = {
        "computer": ("computer", "desktop computer", "pc", "old computer"),
        "laptop": ("laptop", "laptop computer", "notebook computer"),
        "television": ("television", "tv", "old tv set"),
        "handheld": ("handheld game console", "portable game console", "game console"),
        "arcade machine": ("arcade machine", "arcade cabinet", "arcade game"),
        "phone": ("smartphone", "mobile phone", "phone"),
    }[kind]
    color = p["screen_color"]
    having: list[Fact] = [
        {
            "text": (f"{{{color}}} text on the screen", "text on the screen", "a lit screen"),
            "lit": (f"a~{{{color}}} screen", "a lit screen"),
            "graph": ("a chart on the screen", f"a~{{{color}}} graph on the screen"),
            "game": ("a game on the screen", "a video game running"),
            "face": ("a smiling face on the screen", f"a~{{{color}}} smiley on the screen"),
            "heart": (f"a~{{{color}}} heart on the screen", "a heart on the screen"),
            "off": ("a dark screen", "a blank screen"),
        }[p["screen"]]
        if "screen" in p["visible"]
        else "a screen"
    ]
    if kind == "computer" and "keyboard" in p["visible"]:
        having.append("a keyboard")
    if kind == "television" and "antenna" in p["visible"]:
        having.append(("an antenna", "two antennas"))
    if kind == "arcade machine" and "joystick" in p["visible"]:
        having.append("a joystick")
    if p["button_color"] and "buttons" in p["visible"]:
        what = "knobs" if kind == "television" else "buttons"
        having.append((f"{{{p['button_color']}}} {what}", what))
    state = ("switched off", "turned off") if p["screen"] == "off" else ("glowing", "switched on", "")
    return Words(nouns=nouns, adjectives=(state, f"{{{p['body_color']}}}"), having=tuple(having))


FAMILY = Family(
    name="computer",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.2,
    genres=("modern", "cyberpunk"),
)
