"""Small monsters: ghosts, bats, eyeballs, spiders, imps and robots."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "ghost": ("white", "light blue", "green", "purple", "red", "pink", "orange"),
    "bat": ("purple", "black", "brown", "red"),
    "eyeball": ("white",),
    "spider": ("black", "brown", "red", "purple", "green"),
    "imp": ("red", "purple", "green", "orange"),
    "robot": ("silver", "red", "blue", "yellow", "green", "white"),
    "snake": ("green", "red", "purple", "yellow"),
    "crab": ("red", "orange", "blue"),
}
PARAMETERS = {
    "monster": choice(*COLORS, weights=(4, 3, 2, 2.5, 2.5, 4, 2.5, 2)),
    "color": choice(*range(7)),
    "eye_color": choice("black", "red", "yellow", "cyan", "green"),
    "mood": choice("happy", "angry", "scared", "neutral"),
    "pose": choice(0, 1, minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    options = COLORS[p["monster"]]
    p["color"] = options[p["color"] % len(options)] if isinstance(p["color"], int) else p["color"]
    if p["monster"] == "ghost":
        p["eye_color"] = "black"
    elif p["monster"] in ("bat", "spider", "imp", "robot", "snake") and p["eye_color"] in ("black", p["color"]):
        p["eye_color"] = "yellow" if p["color"] != "yellow" else "red"
    elif p["monster"] == "crab":
        p["eye_color"] = "black"
    if p["monster"] == "eyeball" and p["eye_color"] in ("black", "yellow"):
        p["eye_color"] = "red"
    if p["monster"] != "ghost" or min(h, w) < 16:
        p["mood"] = "neutral"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m, mid, u = 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    _DRAW[p["monster"]](p, c, m, mid, u)


def _ghost(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    body = c.oval(m + 1.4 * u, m, c.w - 2 * m - 2.8 * u, 14 * u) & (c.ys < m + 8 * u) | c.rect(
        m + 1.4 * u, m + 7 * u, c.w - 2 * m - 2.8 * u, low - m - 7 * u + 1
    )
    k = max(2, round(2.6 * u))
    notch = (c.ys > low - max(1, round(1.6 * u))) & ((c.xs - m + p["pose"] * k // 2) // max(1, k // 2) % 2 == 1)
    body &= ~notch
    c.paint(body, p["color"], "body", c.ball(body, 1.2))
    if s > 10 and p["pose"]:
        arm = c.oval(m - 0.2 * u, m + 7 * u, 3.4 * u, 2.6 * u) & (c.xs >= m)
        c.paint(c.mirror(arm), p["color"], "arms", "ball", rim=s >= 24)
    eye = (
        c.rect(mid - 3.4 * u, m + 5 * u, max(1, 1.8 * u), max(2, 2.8 * u))
        if p["mood"] != "happy" or s < 16
        else c.oval(mid - 3.6 * u, m + 4.8 * u, 2.4 * u, 3 * u)
    )
    c.paint(c.mirror(eye), "ink", "eyes", 0)
    if s >= 24:
        c.paint(c.mirror(c.dots((mid - 2.6 * u, m + 5.6 * u))), "white", "eyes", 0.4)
    if s >= 16:
        if p["mood"] == "happy":
            mouth = c.rect(mid - u + 0.5, m + 9 * u, 2 * u, 1) | c.mirror(c.dots((mid - 1.6 * u, m + 9 * u - 1)))
        elif p["mood"] == "angry":
            mouth = c.rect(mid - 1.6 * u + 0.5, m + 9.4 * u, 3.2 * u, max(1, u)) | c.mirror(
                c.stroke((mid - 4.4 * u, m + 3 * u), (mid - 1.6 * u, m + 4.6 * u))
            )
        elif p["mood"] == "scared":
            mouth = c.oval(mid - 1.4 * u + 0.5, m + 8.8 * u, 2.8 * u, 3 * u)
        else:
            mouth = c.rect(mid - 0.6 * u + 0.5, m + 9.2 * u, max(1, 1.2 * u), max(1, u))
        c.paint(mouth, "ink", "mouth", 0)


def _bat(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, up = c.s, (0 if p["pose"] else 2) * u
    wing = c.poly(
        (mid - 1.4 * u, m + 7 * u),
        (m + 2 * u, m + 2 * u + up),
        (m, m + 9 * u + up * 0.6),
        (m + 2.4 * u, m + 8 * u + up * 0.4),
        (m + 3.6 * u, m + 10.4 * u),
        (m + 5 * u, m + 9 * u),
        (mid - u, m + 10.6 * u),
    )
    c.paint(c.mirror(wing), p["color"], "wings", c.fall(wing, 0.3, -1.2))
    body = c.oval(mid - 3 * u + 0.5, m + 4.6 * u, 6 * u, 7.6 * u)
    ears = c.poly((mid - 2.6 * u, m + 6.4 * u), (mid - 2.4 * u, m + 2.4 * u), (mid - 0.4 * u, m + 5 * u))
    c.paint(body | c.mirror(ears), p["color"], "body", c.ball(body, 1.3), rim=s >= 16)
    c.paint(c.mirror(c.rect(mid - 1.6 * u, m + 7 * u, max(1, u), max(1, u))), p["eye_color"], "eyes", 0.4)
    if s >= 16:
        c.paint(
            c.mirror(c.rect(mid - u, m + 9.4 * u, max(1, round(u * 0.6)), max(1, round(1.2 * u)))),
            "white",
            "fangs",
            0.2,
        )


def _eyeball(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s = c.s
    for dx, dy in ((-5, 14), (-1.6, 15), (2, 15), (5, 13.6)):
        vein = c.taper(
            ((mid + dx * 0.5 * u, m + 9 * u), (mid + dx * 0.9 * u, m + 11 * u), (mid + dx * u * 0.8, m + (dy - 1) * u)),
            max(1, 1.4 * u),
            1,
        )
        c.paint(vein & (c.ys < c.h - m), "dark red", "tentacles", 0)
    ball = c.oval(mid - 6 * u + 0.5, m, 12 * u, 12 * u)
    c.paint(ball, "white", "body", c.ball(ball, 1.2), rim=s >= 16)
    if s >= 24:
        for a in ((-5.4, 3, -3, 4), (4.8, 2.6, 3, 3.6), (-4.4, 9, -2.8, 7.6), (4.6, 8.6, 3, 7.4)):
            c.paint(c.stroke((mid + a[0] * u, m + a[1] * u), (mid + a[2] * u, m + a[3] * u)) & ball, "red", "veins", 0)
    iris = c.oval(mid - 3 * u + 0.5, m + 3 * u, 6 * u, 6 * u)
    c.paint(iris, p["eye_color"], "iris", c.ball(iris, 1.2), rim=s >= 24)
    c.paint(c.oval(mid - 1.4 * u + 0.5, m + 4.6 * u, max(1, 2.8 * u), max(1, 2.8 * u)), "ink", "pupil", 0)
    c.paint(c.rect(mid - 1.8 * u, m + 3.8 * u, max(1, u), max(1, u)), "white", "shine", 0.6)


def _spider(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s = c.s
    for y0, xk, yk, y1 in ((6.4, 1.2, 2, 5.4), (7.4, 0.4, 5, 9), (8.4, 0.6, 8, 12.4), (9.2, 2, 11, 14.4)):
        leg = c.stroke(
            (mid - 2 * u, m + y0 * u),
            (m + (xk + 2) * u, m + yk * u),
            (m + xk * u, m + min(y1, 13.8) * u),
            width=1 if s < 28 else 2,
        )
        c.paint(c.mirror(leg), p["color"], "legs", -0.7)
    body = c.oval(mid - 3.8 * u + 0.5, m + 6.4 * u, 7.6 * u, 7.4 * u)
    head = c.oval(mid - 2.4 * u + 0.5, m + 3.4 * u, 4.8 * u, 4.6 * u)
    c.paint(body, p["color"], "body", c.ball(body, 1.5), rim=s >= 16)
    c.paint(head, p["color"], "head", c.ball(head, 1.3), rim=s >= 16)
    c.paint(c.mirror(c.rect(mid - 1.5 * u, m + 4.4 * u, max(1, u), max(1, u))), p["eye_color"], "eyes", 0.4)
    if s >= 24:
        c.paint(c.mirror(c.dots((mid - 0.4 * u, m + 3.8 * u))), p["eye_color"], "eyes", 0.4)
        c.paint(
            c.poly((mid - u, m + 9 * u), (mid + u, m + 9 * u), (mid, m + 10.4 * u))
            | c.poly((mid - u, m + 12 * u), (mid + u, m + 12 * u), (mid, m + 10.4 * u)),
            "red" if p["color"] != "red" else "black",
            "mark",
            0.2,
        )


def _imp(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    wing = c.poly(
        (mid - 2 * u, m + 9 * u),
        (m + u, m + 5 * u),
        (m, m + 10 * u),
        (m + 2 * u, m + 9.6 * u),
        (mid - 2 * u, m + 11.4 * u),
    )
    c.paint(c.mirror(wing), "dark red" if p["color"] != "red" else "black", "wings", 0)
    tail = c.taper(((mid + u, low - 2 * u), (mid + 5 * u, low), (mid + 5.6 * u, low - 3.6 * u)), max(1, u), 1)
    c.paint(tail, p["color"], "tail", -0.5)
    body = c.oval(mid - 2.4 * u + 0.5, m + 7.6 * u, 4.8 * u, 6 * u)
    legs = c.mirror(c.rect(mid - 2 * u, low - 2 * u, max(1, 1.4 * u), 3 * u)) & (c.ys <= low)
    c.paint(legs, p["color"], "legs", -0.6)
    c.paint(body, p["color"], "body", c.ball(body, 1.2), rim=s >= 16)
    horn = c.poly((mid - 3.2 * u, m + 4 * u), (mid - 4.4 * u, m), (mid - 1.6 * u, m + 2.6 * u))
    c.paint(c.mirror(horn), "bone", "horns", c.fall(horn, 0.4, -0.6))
    head = c.oval(mid - 4 * u + 0.5, m + 2 * u, 8 * u, 7 * u)
    c.paint(head, p["color"], "head", c.ball(head, 1.3), rim=s >= 16)
    c.paint(c.mirror(c.rect(mid - 2.2 * u, m + 4.4 * u, max(1, 1.4 * u), max(1, 1.4 * u))), p["eye_color"], "eyes", 0.4)
    if s >= 24:
        c.paint(c.mirror(c.stroke((mid - 3 * u, m + 3.6 * u), (mid - u, m + 4.4 * u))), "ink", "eyes", 0)
    if s >= 16:
        c.paint(c.rect(mid - 1.6 * u + 0.5, m + 7 * u, 3.2 * u, max(1, u * 0.8)), "ink", "mouth", 0)
        c.paint(c.mirror(c.dots((mid - u, m + 7 * u))), "white", "mouth", 0.3)


def _robot(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low, color = c.s, c.h - 1 - m, p["color"]
    c.paint(c.rect(mid - 0.4 * u, m, max(1, u), 2.4 * u), "iron", "antenna", 0)
    c.paint(
        c.oval(mid - u + 0.5, m, max(1, 2 * u), max(1, 2 * u)), "red" if color != "red" else "yellow", "antenna", "ball"
    )
    legs = c.mirror(c.rect(mid - 3 * u, m + 11 * u, max(1, 2 * u), 5 * u)) & (c.ys <= low)
    c.paint(legs, "iron", "legs", c.column(legs, 0.5))
    arms = c.mirror(
        c.rect(m + 0.8 * u, m + (8.4 if not p["pose"] else 6) * u, max(1, 2 * u), 4.4 * u)
        | c.rect(m + u, m + 8.4 * u, 5 * u, max(1, 1.6 * u))
    )
    c.paint(arms, "iron", "arms", 0.2)
    body = c.rect(mid - 4 * u + 0.5, m + 7.6 * u, 8 * u, 5 * u)
    c.paint(body, color, "body", c.column(body, 1.0), rim=s >= 16)
    head = c.rect(mid - 4.4 * u + 0.5, m + 2 * u, 8.8 * u, 5.2 * u)
    c.paint(head, color, "head", c.bevel(head, 0.6) + c.ball(head, 0.7), rim=s >= 16)
    face = c.rect(mid - 3.4 * u + 0.5, m + 3 * u, 6.8 * u, 3 * u)
    c.paint(face, "ink", "face", 0.1)
    c.paint(c.mirror(c.rect(mid - 2.4 * u, m + 3.6 * u, max(1, 1.6 * u), max(1, 1.6 * u))), p["eye_color"], "eyes", 0.5)
    if s >= 24:
        panel = c.rect(mid - 2 * u + 0.5, m + 8.8 * u, 4 * u, 2.4 * u)
        c.paint(panel, "dark grey", "panel", 0)
        c.paint(c.dots((mid - u, m + 9.8 * u)), "lime", "panel", 0.4)
        c.paint(c.dots((mid + u, m + 9.8 * u)), "red", "panel", 0.4)


def _snake(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    rows = ((low - 2 * u, 12.4), (low - 5 * u, 9.4))
    for y, w in rows:
        coil = c.oval(mid - w / 2 * u + 0.5, y - 1.6 * u, w * u, 4.4 * u) & (c.ys <= low)
        c.paint(coil, p["color"], "body", c.fall(coil, 0.9, -1.2), rim=s >= 16)
        if s >= 24:
            c.touch(coil & ((c.xs - m).astype(int) % max(3, round(2.4 * u)) == 0) & (c.ys < y + u), -0.9)
    neck = c.taper(
        ((mid + 2 * u, low - 5 * u), (mid + 5 * u, low - 8 * u), (mid - u, m + 3.6 * u)), max(2, 3.2 * u), max(2, 3 * u)
    )
    c.paint(neck, p["color"], "body", c.fall(neck, 0.7, -0.7), rim=s >= 16)
    tongue = c.stroke((mid - 4 * u, m + 4 * u), (mid - 6 * u, m + 4.4 * u))
    c.paint(tongue, "red" if p["color"] != "red" else "black", "tongue", 0)
    head = c.oval(mid - 4.6 * u, m + u, 6.6 * u, 5 * u)
    c.paint(head, p["color"], "head", c.ball(head, 1.2), rim=s >= 16)
    c.paint(c.rect(mid - 2.6 * u, m + 2.2 * u, max(1, 1.3 * u), max(1, 1.3 * u)), p["eye_color"], "eyes", 0.4)
    if s >= 24:
        c.paint(c.rect(mid - 2.2 * u, m + 2.2 * u, max(1, round(0.5 * u)), max(1, 1.3 * u)), "ink", "eyes", 0)


def _crab(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s = c.s
    for y in (9.6, 11, 12.4):
        leg = c.stroke(
            (mid - 3 * u, m + y * u),
            (m + 1.4 * u, m + (y + 0.6) * u),
            (m + u, m + (y + 1.6) * u),
            width=1 if s < 28 else 2,
        )
        c.paint(c.mirror(leg), p["color"], "legs", -0.8)
    arm = c.stroke((mid - 4 * u, m + 8 * u), (m + 2.4 * u, m + 6 * u), width=max(1, round(1.2 * u)))
    claw = c.oval(m, m + 1.6 * u, 4.8 * u, 4.8 * u) & ~c.poly(
        (m + 2.2 * u, m + 4 * u), (m + 1.4 * u, m + u), (m + 3.4 * u, m + u)
    )
    c.paint(c.mirror(arm), p["color"], "claws", -0.4)
    c.paint(c.mirror(claw), p["color"], "claws", c.fall(claw, 0.8, -0.6), rim=s >= 24)
    body = c.oval(mid - 5 * u + 0.5, m + 6.4 * u, 10 * u, 7 * u)
    c.paint(body, p["color"], "body", c.ball(body, 1.4), rim=s >= 16)
    stalk = c.rect(mid - 2 * u, m + 4.6 * u, max(1, u), 2.6 * u)
    c.paint(c.mirror(stalk), p["color"], "eyes", -0.3)
    if s > 10:
        eye = c.oval(mid - 2.6 * u, m + 3 * u, max(2, 2.2 * u), max(2, 2.2 * u))
        c.paint(c.mirror(eye), "white", "eyes", 0.2, rim=s >= 24)
    c.paint(c.mirror(c.rect(mid - 2 * u, m + 3.6 * u, max(1, u), max(1, u))), "ink", "eyes", 0)
    if s >= 16:
        c.paint(c.rect(mid - 1.4 * u + 0.5, m + 10.4 * u, 2.8 * u, 1), "ink", "mouth", 0)


_DRAW = {
    "ghost": _ghost,
    "bat": _bat,
    "eyeball": _eyeball,
    "spider": _spider,
    "imp": _imp,
    "robot": _robot,
    "snake": _snake,
    "crab": _crab,
}


def words(p: Params) -> Words:
    kind, eyes = p["monster"], f"{{{p['eye_color']}}} eyes"
    nouns = {
        "ghost": ("ghost", "ghost", "spirit"),
        "bat": ("bat", "bat", "vampire bat"),
        "eyeball": ("eyeball", "eyeball monster", "floating eye"),
        "spider": ("spider", "spider", "giant spider"),
        "imp": ("demon", "imp", "little devil"),
        "robot": ("robot", "robot", "little robot"),
        "snake": ("snake", "snake", "serpent"),
        "crab": ("crab", "crab", "sea crab"),
    }[kind]
    said: dict[str, list[Fact]] = {
        "ghost": [],
        "bat": [("wings", "spread wings"), eyes],
        "eyeball": [
            (f"a~{{{p['eye_color']}}} iris",),
            ("tentacles", "veins" if "veins" in p["visible"] else "tentacles"),
        ],
        "spider": [("eight legs", "long legs"), eyes],
        "imp": [("horns", "two horns"), ("wings", "small wings"), eyes],
        "robot": [("an antenna",), eyes],
        "snake": [eyes, ("a tongue",)],
        "crab": [("claws", "big claws", "two claws")],
    }
    mood = {"happy": ("happy", "smiling"), "angry": ("angry",), "scared": ("scared", "surprised"), "neutral": ("",)}[
        p["mood"]
    ]
    return Words(
        nouns=nouns, adjectives=(mood, f"{{{p['color']}}}" if kind != "eyeball" else ""), having=tuple(said[kind])
    )


FAMILY = Family(
    name="monster", kind="creature", parameters=PARAMETERS, draw=draw, words=words, fit=fit, sizes=SQUARE, weight=2
)
