"""Vehicles seen from the side (cars, trucks, buses, trains, tanks, planes) or from their own view (rockets, space ships, saucers)."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

KINDS = ("car", "truck", "bus", "train", "tank", "plane", "rocket", "space ship", "ufo", "balloon")
PARAMETERS = {
    "vehicle": choice(*KINDS, weights=(5, 2.5, 2, 2, 2, 2, 3.5, 3.5, 2.5, 2)),
    "color": choice(
        "red",
        "blue",
        "green",
        "yellow",
        "white",
        "purple",
        "orange",
        "black",
        "silver",
        "teal",
        weights=(5, 4, 3, 3, 2, 1.5, 2, 1.5, 2, 1),
    ),
    "trim_color": choice("white", "yellow", "red", "blue", "dark grey", "orange"),
    "stripe": flag(0.3),
    "flames": flag(0.6),
    "facing": choice("left", "right"),
    "backdrop": choice("none", "space", "sky", weights=(8, 1.5, 1.5)),
}
FLYING = ("rocket", "space ship", "ufo", "plane", "balloon")


def fit(p: Params, h: int, w: int) -> None:
    kind = p["vehicle"]
    if p["trim_color"] == p["color"]:
        p["trim_color"] = "yellow" if p["color"] == "white" else "white"
    if kind in FLYING and kind != "plane":
        p["facing"] = None
    if kind not in ("rocket", "space ship"):
        p["flames"] = False
    if kind in ("ufo", "tank", "balloon", "train") or min(h, w) < 16:
        p["stripe"] = False
    if (kind not in FLYING) or (p["backdrop"] == "space" and kind in ("plane", "balloon")):
        p["backdrop"] = "none"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m, mid, u = 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    if p["backdrop"] == "space":
        c.paint(c.full(), "space", "sky", 0, back=True)
        bd.stars(c, rng, c.h, max(3, c.h * c.w // 60))
    elif p["backdrop"] == "sky":
        bd.sky(c, "day", rng, c.h)
    flier = {"rocket": _rocket, "space ship": _fighter, "ufo": _ufo, "plane": _plane, "balloon": _balloon}.get(
        p["vehicle"]
    )
    if flier:
        flier(p, c, m, mid, u)
    else:
        _ground(p, c, m, u)
    if p["facing"] == "left":
        c.flip()


def _wheel(c: Canvas, x: float, y: float, d: float) -> None:
    tyre = c.oval(round(x), round(y), max(2, round(d)), max(2, round(d)))
    c.paint(tyre, "black", "wheels", -0.6, rim=c.s >= 16)
    if c.s >= 16:
        k = max(1, round(d * 0.45))
        hub = c.oval(round(x) + (round(d) - k) / 2, round(y) + (round(d) - k) / 2, k, k)
        c.paint(hub, "silver", "wheels", "ball")


def _ground(p: Params, c: Canvas, m: int, u: float) -> None:
    s, kind, color = c.s, p["vehicle"], p["color"]
    low = c.h - 1 - m
    w, glass = c.w - 2 * m, "light blue" if p["color"] not in ("blue", "teal") else "white"
    if kind == "tank":
        gun = c.rect(m + 8 * u, m + 5.4 * u, w - 8 * u, max(1, 1.4 * u))
        c.paint(gun, "iron", "gun", c.fall(gun, 0.4, -0.6))
        turret = c.oval(m + 3 * u, m + 3 * u, 7 * u, 6 * u) & (c.ys < m + 8 * u)
        c.paint(turret, color, "turret", c.ball(turret, 1.4), rim=s >= 16)
        hull = c.poly((m + u, m + 7.6 * u), (m + w - 2 * u, m + 7.6 * u), (m + w - 1, m + 10 * u), (m, m + 10 * u))
        c.paint(hull, color, "hull", c.fall(hull, 0.6, -0.6), rim=s >= 16)
        track = c.oval(m, low - 4.6 * u, w, 5.4 * u) & (c.ys <= low)
        c.paint(track, "dark grey", "tracks", -0.4, rim=s >= 16)
        for i in range(4):
            _wheel(c, m + (1 + 3.3 * i) * u, low - 3.6 * u, 3 * u)
        return
    if kind == "train":
        body = c.rect(m + 5 * u, m + 6 * u, w - 5 * u, 5 * u)
        cab = c.rect(m, m + 3 * u, 6 * u, 8 * u)
        stack = c.rect(m + 10 * u, m + 3 * u, max(1, 2 * u), 3.4 * u)
        c.paint(stack, "black", "chimney", c.column(stack, 0.8))
        puff = c.oval(m + 8.6 * u, m, 3.6 * u, 3 * u)
        c.paint(puff, "light grey", "smoke", "ball")
        c.paint(body, color, "boiler", c.fall(body, 1.2, -1.2), rim=s >= 16)
        c.paint(cab, color, "cab", c.column(cab, 0.8), rim=s >= 16)
        c.paint(c.rect(m, m + 2.4 * u, 6.6 * u, max(1, u)), p["trim_color"], "roof", 0)
        c.paint(c.rect(m + 1.4 * u, m + 4.6 * u, 3 * u, 3 * u), glass, "windows", 0.2, rim=s >= 24)
        c.paint(c.rect(m, m + 11 * u, w, max(1, 1.2 * u)), "dark grey", "frame", -0.3)
        for i in range(3):
            _wheel(c, m + (0.6 + 4.8 * i) * u, low - 3.4 * u, 4 * u)
        return
    if kind == "bus":
        body = c.rect(m, m + 3 * u, w, 9 * u)
        body &= ~c.mirror(c.rect(m, m + 3 * u, max(1, u * 0.6), max(1, u * 0.6)))
        c.paint(body, color, "body", c.fall(body, 0.9, -0.7))
        for i in range(4):
            c.paint(
                c.rect(m + (1 + 3.3 * i) * u, m + 4.4 * u, max(1, 2.4 * u), max(1, 2.8 * u)),
                glass,
                "windows",
                0.2,
                rim=s >= 24,
            )
    elif kind == "truck":
        box = c.rect(m, m + 2.6 * u, 9 * u, 9 * u)
        c.paint(box, p["trim_color"], "cargo", c.fall(box, 0.8, -0.6))
        if s >= 24:
            c.touch(box & ((c.xs - m).astype(int) % max(3, round(2.4 * u)) == 0), -0.5)
        cab = c.poly(
            (m + 9.4 * u, m + 5 * u),
            (m + 12.4 * u, m + 5 * u),
            (m + w - 1, m + 8 * u),
            (m + w - 1, m + 11.6 * u),
            (m + 9.4 * u, m + 11.6 * u),
        )
        c.paint(cab, color, "body", c.fall(cab, 0.8, -0.7), rim=s >= 16)
        c.paint(
            c.poly(
                (m + 10.4 * u, m + 6 * u), (m + 12 * u, m + 6 * u), (m + 13.6 * u, m + 8 * u), (m + 10.4 * u, m + 8 * u)
            ),
            glass,
            "windows",
            0.2,
            rim=s >= 24,
        )
    else:
        cabin = c.poly(
            (m + 4 * u, m + 4.4 * u), (m + 9 * u, m + 4.4 * u), (m + 11.4 * u, m + 8 * u), (m + 2.6 * u, m + 8 * u)
        )
        body = c.rect(m, m + 7.4 * u, w, 4.6 * u)
        body &= ~(
            c.rect(m, m + 7.4 * u, max(1, u * 0.7), max(1, u * 0.7))
            | c.rect(m + w - max(1, round(u)), m + 7.4 * u, max(1, round(u)), max(1, u))
        )
        c.paint(cabin, color, "body", 0.3)
        c.paint(body, color, "body", c.fall(body, 1.0, -1.0))
        pane = c.poly(
            (m + 4.6 * u, m + 5.4 * u),
            (m + 8.6 * u, m + 5.4 * u),
            (m + 10 * u, m + 7.6 * u),
            (m + 3.8 * u, m + 7.6 * u),
        )
        c.paint(pane, glass, "windows", c.fall(pane, 0.8, -0.2), rim=s >= 24)
        if s >= 16:
            c.paint(c.rect(m + 6.4 * u, m + 5.4 * u, max(1, round(u * 0.7)), 2.6 * u), color, "body", -0.5)
        c.paint(c.rect(m + w - max(1, u), m + 8.4 * u, max(1, u), max(1, 1.4 * u)), "flame", "lights", 0.4)
    if p["stripe"]:
        c.paint(c.rect(m, m + 9.4 * u, w, max(1, u)) & (c.part == c.part_id("body")), p["trim_color"], "stripe", 0)
    d = 4 * u
    for x in (m + 1.6 * u, m + 9.8 * u):
        _wheel(c, x, low - d + 1, d)


def _plane(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, y = c.s, (c.h - 1) / 2
    tail = c.poly((m, y - 5 * u), (m + 2.4 * u, y - 5 * u), (m + 4.4 * u, y - u), (m + u, y - u))
    c.paint(tail, p["trim_color"], "tail", c.fall(tail, 0.4, -0.8))
    body = c.oval(m, y - 2.6 * u, c.w - 2 * m - u, 5.4 * u) & ~((c.xs < m + 4 * u) & (c.ys > y + (c.xs - m) * 0.4 + u))
    c.paint(body, p["color"], "body", c.fall(body, 1.3, -1.2), rim=s >= 16)
    for i in range(3):
        c.paint(
            c.rect(m + (6 + 1.8 * i) * u, y - 1.4 * u, max(1, u), max(1, u)),
            "light blue" if p["color"] not in ("blue", "teal") else "white",
            "windows",
            0.3,
        )
    if p["stripe"]:
        c.paint(body & (abs(c.ys - (y + 0.6 * u)) < max(0.6, u * 0.5)), p["trim_color"], "stripe", 0)
    wing = c.poly(
        (m + 6 * u, y + 0.6 * u), (m + 9.4 * u, y + 0.6 * u), (m + 6 * u, y + 5.4 * u), (m + 4 * u, y + 5.4 * u)
    )
    c.paint(wing, p["trim_color"], "wings", c.fall(wing, 0.4, -0.8), rim=True)
    c.paint(c.rect(c.w - 1 - m - 0.6 * u, y - 3 * u, max(1, 0.8 * u), 6 * u), "iron", "propeller", 0)


def _rocket(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    base = low - (3 * u if p["flames"] else 0)
    if p["flames"]:
        fire = c.poly((mid - 2 * u, base - u), (mid + 2 * u, base - u), (mid, low))
        c.paint(fire, "fire", "flames", 0)
        c.paint(c.poly((mid - u, base - u), (mid + u, base - u), (mid, low - u)), "flame", "flames", 0.3)
    fin = c.poly((mid - 2.4 * u, base - 5 * u), (mid - 5.4 * u, base), (mid - 2 * u, base - u))
    c.paint(c.mirror(fin), p["trim_color"], "fins", c.fall(fin, 0.4, -0.8))
    body = c.oval(mid - 3.4 * u + 0.5, m, 6.8 * u, (base - m) * 1.3) & (c.ys <= base - u)
    c.paint(body, p["color"], "body", c.column(body, 1.3), rim=s >= 16)
    c.paint(body & (c.ys < m + 3.4 * u), p["trim_color"], "nose", c.column(body, 1.0))
    d = max(2, round(3 * u))
    d += (c.w - d) % 2
    port = c.oval((c.w - d) / 2, m + 4.6 * u, d, d)
    c.paint(port, "cyan" if p["color"] not in ("teal", "blue") else "yellow", "window", c.ball(port, 1.3), rim=s >= 16)
    if p["stripe"]:
        c.paint(body & (abs(c.ys - (m + 9 * u)) < max(0.6, 0.6 * u)), p["trim_color"], "stripe", 0)


def _fighter(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    base = low - (2.4 * u if p["flames"] else 0)
    if p["flames"]:
        fire = c.mirror(c.poly((mid - 3 * u, base - u), (mid - u, base - u), (mid - 2 * u, low)))
        c.paint(fire, "fire", "flames", 0)
    wing = c.poly((mid - u, m + 5 * u), (m, base - 1.6 * u), (m, base), (mid - u, base - 2 * u))
    c.paint(c.mirror(wing), p["color"], "wings", c.fall(wing, 0.5, -0.9))
    gun = c.rect(m, base - 5 * u, max(1, u), 4 * u)
    c.paint(c.mirror(gun), "iron", "guns", 0.2)
    body = c.poly(
        (mid, m),
        (mid + 2.4 * u, m + 6 * u),
        (mid + 2.6 * u, base - u),
        (mid - 2.6 * u, base - u),
        (mid - 2.4 * u, m + 6 * u),
    )
    c.paint(c.mirror(body), p["color"], "body", c.column(body, 1.2), rim=s >= 16)
    cockpit = c.oval(mid - 1.4 * u + 0.5, m + 4 * u, 2.8 * u, 4 * u)
    c.paint(
        cockpit,
        "cyan" if p["color"] not in ("teal", "blue") else "yellow",
        "cockpit",
        c.ball(cockpit, 1.4),
        rim=s >= 24,
    )
    stripe = c.rect(mid - 2 * u + 0.5, base - 3.4 * u, 4 * u, max(1, u))
    if p["stripe"]:
        c.paint(stripe, p["trim_color"], "stripe", 0)


def _ufo(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s = c.s
    dome = c.oval(mid - 3.6 * u + 0.5, m + 2 * u, 7.2 * u, 8 * u) & (c.ys < m + 7 * u)
    c.paint(dome, "cyan" if p["color"] not in ("teal", "blue") else "lime", "dome", c.ball(dome, 1.5))
    disc = c.oval(m, m + 6 * u, c.w - 2 * m, 6 * u)
    c.paint(disc, p["color"], "disc", c.fall(disc, 1.3, -1.3), rim=s >= 16)
    for i in range(4 if s >= 16 else 2):
        x = m + (2.2 + 3.3 * i) * u if s >= 16 else m + (4 + 5 * i) * u
        light = c.oval(x, m + 8.4 * u, max(1, 1.8 * u), max(1, 1.6 * u))
        c.paint(light, "yellow" if p["color"] != "yellow" else "red", "lights", 0.4)


def _balloon(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    envelope = c.oval(mid - 5.6 * u + 0.5, m, 11.2 * u, 10.6 * u) | c.poly(
        (mid - 4.4 * u, m + 7.4 * u), (mid + 4.4 * u, m + 7.4 * u), (mid + u, m + 11.4 * u), (mid - u, m + 11.4 * u)
    )
    c.paint(envelope, p["color"], "balloon", c.ball(envelope, 1.4))
    band = envelope & ((abs(c.xs - mid) < 1.6 * u) | (abs(c.xs - mid) > 4 * u))
    c.paint(band, p["trim_color"], "stripes", c.ball(envelope, 1.2))
    c.paint(c.mirror(c.stroke((mid - 2 * u, m + 10.6 * u), (mid - 1.4 * u, low - 2 * u))), "dark wood", "ropes", 0)
    basket = c.rect(mid - 1.8 * u + 0.5, low - 2.4 * u, 3.6 * u, 3.4 * u) & (c.ys <= low)
    c.paint(basket, "wood", "basket", c.column(basket, 0.9), rim=s >= 16)


def words(p: Params) -> Words:
    kind, trim = p["vehicle"], f"{{{p['trim_color']}}}"
    nouns = {
        "car": ("car", "car", "automobile"),
        "truck": ("truck", "truck", "lorry"),
        "bus": ("bus", "bus", "city bus"),
        "train": ("train", "steam train", "locomotive"),
        "tank": ("tank", "tank", "army tank"),
        "plane": ("plane", "airplane", "aeroplane"),
        "rocket": ("rocket", "rocket", "rocket ship"),
        "space ship": ("spaceship", "space ship", "starfighter"),
        "ufo": ("ufo", "flying saucer", "alien ship"),
        "balloon": ("hot air balloon", "balloon"),
    }[kind]
    having: list[Fact] = []
    if p["stripe"] and "stripe" in p["visible"]:
        having.append((f"a~{trim} stripe", "a stripe"))
    if p["flames"]:
        having.append(("flames", "burning engines" if kind == "space ship" else "a burning engine"))
    more: dict[str, list[Fact]] = {
        "truck": [(f"a~{trim} box", "cargo")],
        "train": ["smoke"],
        "tank": [("a gun", "a cannon")],
        "plane": [f"{trim} wings"],
        "rocket": [(f"{trim} fins", "fins"), ("a round window", "a porthole")],
        "ufo": [("lights", "blinking lights"), "a dome"],
        "balloon": [(f"{trim} stripes", "a basket")],
        "space ship": ["guns"],
        "car": [("wheels", "two wheels")],
        "bus": [("windows", "four windows")],
    }
    having += more[kind]
    place: list[Fact] = []
    if p["facing"]:
        place.append(
            (
                f"facing {p['facing']}",
                f"driving to the {p['facing']}" if kind != "plane" else f"flying to the {p['facing']}",
            )
        )
    if p["backdrop"] != "none":
        place.append(
            {"space": ("in space", "among the stars"), "sky": ("in the sky", "under a {blue} sky")}[p["backdrop"]]
        )
    return Words(nouns=nouns, adjectives=(f"{{{p['color']}}}",), having=tuple(having), place=tuple(place))


FAMILY = Family(
    name="vehicle",
    kind="vehicle",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SQUARE,
    weight=1.8,
    genres=("modern", "space"),
)
