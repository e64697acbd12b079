"""Birds: owls from the front; parrots, crows, eagles, flamingos and songbirds in profile, perched, standing or flying."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "owl": ("brown", "white", "grey"),
    "parrot": ("red", "green", "blue"),
    "crow": ("black", "dark grey", "navy"),
    "eagle": ("brown", "dark brown", "grey"),
    "flamingo": ("pink", "magenta", "orange"),
    "songbird": ("blue", "yellow", "red"),
}
PARAMETERS = {
    "bird": choice(*COLORS, weights=(4, 4, 3, 3, 2, 3)),
    "color": choice(0, 1, 2, weights=(3, 2, 2)),
    "wing_color": choice("same", "blue", "yellow", "green", "dark grey", "white", weights=(4, 2, 2, 1, 1.5, 1.5)),
    "eye_color": choice("yellow", "orange", "ink", "red"),
    "pose": choice("standing", "flying", weights=(3, 2)),
    "perch": choice("none", "branch", "skull", "post", weights=(3, 3, 0.7, 1)),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["bird"], min(h, w)
    if isinstance(p["color"], int):
        p["color"] = COLORS[kind][p["color"]]
    if p["wing_color"] in ("same", p["color"]) or kind in ("owl", "flamingo", "crow"):
        p["wing_color"] = p["color"]
    if kind == "flamingo":
        p["pose"], p["perch"] = "standing", "none"
    if kind == "owl" and p["pose"] != "flying":
        p["facing"] = None
    if p["pose"] == "flying" or s < 14:
        p["perch"] = "none"
    if s <= 10:
        p["pose"] = "standing"
        p["facing"] = None if kind == "owl" else p["facing"] or "left"
    if kind == "owl" and p["pose"] == "flying":
        p["facing"] = None
    if p["eye_color"] == p["color"]:
        p["eye_color"] = "ink"
    if kind in ("crow",) and p["eye_color"] == "ink":
        p["eye_color"] = "yellow"


_TINY = {
    "owl": ("C......C", "CCCCCCCC", "CEECCEEC", "CEECCEEC", "CCCYYCCC", "CCBBBBCC", ".CBBBBC.", "..Y..Y.."),
    "parrot": ("..CCC...", ".CEECC..", "YYCCCC..", "Y.CWWC..", "..CWWWC.", "..CCWWW.", "...CCWW.", "...Y..WW"),
    "crow": ("........", "..CCC...", ".CECCC..", "YYCCCC..", "..CWWWC.", "..CCWWWW", "...CCC..", "...Y.Y.."),
    "eagle": ("..BBB...", ".BEBBB..", "YYBBBB..", "Y.CWWC..", "..CWWWC.", "..CCWWW.", "...CCWWB", "..Y.Y..B"),
    "flamingo": (".CC.....", "CEC.....", "YC.CCC..", ".C.CCCC.", ".CCCCCCC", "...CCC..", "....Y...", "....Y..."),
    "songbird": ("........", "..CCC...", ".CECCC..", "YCCCCC..", ".BCWWC.W", ".BBWWWW.", "..BBCC..", "...Y.Y.."),
}


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    kind, color = p["bird"], p["color"]
    beak = {"crow": "dark grey" if color != "dark grey" else "black", "flamingo": "ink"}.get(
        kind, "orange" if color != "orange" else "yellow"
    )
    if c.s <= 10:
        belly = {"owl": "beige", "eagle": "white"}.get(kind, "white")
        legend = {
            "C": (color, "body", 0.1),
            "W": (p["wing_color"], "wings", -0.7),
            "B": (belly, "belly", 0.0),
            "Y": (beak, "beak", 0.0),
            "E": (p["eye_color"], "eyes", 0.0),
        }
        paint_rows(c, _TINY[kind], legend)
    else:
        g = Grid(c)
        if kind == "owl":
            _owl(p, c, g)
        elif kind == "flamingo":
            _flamingo(p, c, g)
        elif p["pose"] == "flying":
            _flying(p, c, g, beak)
        else:
            _perched(p, c, g, beak)
    if p["facing"] == "right":
        c.flip()


def _perch(p: Params, c: Canvas, g: Grid) -> None:
    if p["perch"] == "branch":
        branch = g.taper(((0, 14.8), (8, 14), (16, 14.9)), 1.8, 1.2)
        c.paint(branch, "wood", "branch", c.fall(branch, 0.8, -0.8))
        leaf = g.oval(12.4, 12.4, 2.6, 1.6) | g.oval(1, 12.8, 2.2, 1.4)
        c.paint(leaf, "leaf", "leaves", 0.2, rim=g.fine)
    elif p["perch"] == "post":
        post = g.rect(5.6, 13.6, 4.8, 2.4)
        c.paint(post, "wood", "post", c.column(post, 1.0))
        c.paint(g.rect(5, 13.4, 6, 0.8), "wood", "post", 0.6)
    elif p["perch"] == "skull":
        skull = g.oval(4, 12.4, 7.4, 4.6)
        c.paint(skull, "bone", "skull", c.ball(skull, 1.1))
        c.paint(g.oval(5, 14, 1.6, 1.5) | g.oval(8, 14, 1.6, 1.5), "ink", "skull", 0)


def _owl(p: Params, c: Canvas, g: Grid) -> None:
    color, low = p["color"], 0.0 if p["perch"] == "none" else -1.2
    _perch(p, c, g)
    flying = p["pose"] == "flying"
    if flying:
        wing = g.poly((5, 6), (0, 2.4), (0.4, 8), (1.8, 9), (2.8, 10.4), (4.4, 10.6), (5.4, 10))
        g.pair(wing, color, "wings", 1.2)
        if g.fine:
            c.touch(g.sides(g.stroke((4.6, 8), (1.8, 8.8)) | g.stroke((4.8, 9), (3, 10))), -0.8)
    tail = g.rect(6.6, 13 + low, 2.8, 2)
    c.paint(tail, color, "tail", -1)
    body = g.oval(3.2, 3 + low, 9.6, 12)
    tuft = g.poly((3.6, 6 + low), (3.2, 1 + low), (7, 3.6 + low))
    c.paint(g.sides(tuft), color, "ears", -0.3)
    c.paint(body, color, "body", c.ball(body, 1.3), rim=True)
    belly = g.oval(5.2, 8.6 + low, 5.6, 5.8)
    c.paint(belly, "beige" if color != "white" else "light grey", "belly", c.ball(belly, 0.8))
    if g.fine:
        k = g.px(1.2)
        c.touch(
            belly
            & (((c.xs - round(g.ox)).astype(int) + (c.ys.astype(int) // k) * (k // 2)) % k == 0)
            & (c.ys.astype(int) % k == 0),
            -1.2,
        )
    if not flying:
        wing = g.oval(2.6, 6.6 + low, 3.2, 7.2)
        c.paint(g.sides(wing), color, "wings", -0.8, rim=g.fine)
    disc = g.oval(3.8, 4 + low, 4.2, 4.2)
    c.paint(g.sides(disc), "white" if color != "white" else "light grey", "face", 0.1, rim=g.fine)
    eye = g.oval(4.7, 4.9 + low, 2.4, 2.4)
    c.paint(g.sides(eye), p["eye_color"], "eyes", 0.2)
    if p["eye_color"] != "ink" and g.fine:
        c.paint(g.sides(g.oval(5.3, 5.5 + low, 1.2, 1.2)), "ink", "eyes", 0)
    c.paint(g.poly((7.2, 7 + low), (8.8, 7 + low), (8, 9 + low)), "orange", "beak", 0.2, rim=g.fine)
    c.paint(g.sides(g.rect(5.2, 14.4 + low, 2, 0.9)), "orange", "feet", 0)


def _flamingo(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    c.paint(g.rect(8.4, 10, 0.7, 6) | g.rect(7.4, 15.4, 2, 0.6), "magenta" if color != "magenta" else "pink", "legs", 0)
    c.paint(g.stroke((10, 10), (12.2, 12), (9.4, 13)), "magenta" if color != "magenta" else "pink", "legs", -0.6)
    tail = g.poly((12, 6.4), (15.8, 8.6), (12, 9.8))
    c.paint(tail, color, "tail", -0.8)
    body = g.oval(5.6, 5.6, 8.4, 5.4)
    neck = g.taper(((6.8, 8.6), (2.4, 8.2), (4.6, 4.6)), 1.7, 1.3) | g.taper(
        ((4.6, 4.6), (6.4, 2), (4.2, 1.4)), 1.3, 1.3
    )
    c.paint(neck, color, "neck", c.fall(neck, 0.5, -0.5))
    c.paint(body, color, "body", c.ball(body, 1.4), rim=g.fine)
    wing = g.oval(7.6, 6.4, 6, 3.4)
    c.paint(wing, color, "wings", c.fall(wing, 0.4, -1.2), rim=True)
    head = g.oval(2.6, 0.4, 3, 2.5)
    c.paint(head, color, "head", c.ball(head, 1.0), rim=g.fine)
    c.paint(g.poly((2.9, 1.4), (1.2, 2), (1.3, 3.8), (2.2, 3.4), (3.2, 2.6)), "ink", "beak", 0.4)
    c.paint(g.rect(2.4, 1.5, 0.8, 1), "white", "beak", 0)
    c.paint(g.rect(3.7, 1, 0.7, 0.7), p["eye_color"], "eyes", 0)


def _head(p: Params, c: Canvas, g: Grid, x: float, y: float, beak: str) -> None:
    kind, color = p["bird"], p["color"]
    d = {"parrot": 5.6, "eagle": 5.0, "crow": 4.6, "songbird": 5.2}[kind]
    if kind in ("parrot", "eagle"):
        bill = g.poly((x + 1, y + 1.6), (x - 1.6, y + 2.4), (x - 1.2, y + 5), (x + 0.2, y + 3.8), (x + 1.4, y + 4))
    elif kind == "crow":
        bill = g.poly((x + 0.8, y + 1.4), (x - 2.6, y + 3), (x + 0.8, y + 3.4))
    else:
        bill = g.poly((x + 0.6, y + 1.8), (x - 1.6, y + 2.8), (x + 0.6, y + 3.6))
    if kind == "parrot":
        crest = g.poly((x + 2, y + 0.6), (x + 5.4, y - 1.2), (x + 5, y + 1.8))
        c.paint(crest, color, "crest", -0.4)
    c.paint(bill, beak, "beak", c.fall(bill, 0.5, -0.5))
    head = g.oval(x, y, d, d)
    c.paint(head, "white" if kind == "eagle" else color, "head", c.ball(head, 1.3), rim=g.fine)
    if kind == "parrot":
        c.paint(g.oval(x + 0.6, y + 1.2, 2.4, 2.6), "white", "face", 0)
    eye = g.rect(x + 1.3, y + 1.6, 1, 1.1)
    c.paint(eye, p["eye_color"], "eyes", 0.2)
    if g.large and p["eye_color"] != "ink":
        ex, ey, ew, eh = c.box(eye)
        c.paint(c.rect(ex, ey + eh // 3, max(1, ew // 2), max(1, eh // 2)), "ink", "eyes", 0)
    if kind == "eagle" and g.fine:
        c.paint(g.stroke((x + 0.8, y + 1.1), (x + 2.6, y + 1.3)), "ink", "eyes", 0)


def _perched(p: Params, c: Canvas, g: Grid, beak: str) -> None:
    kind, color, wing_color = p["bird"], p["color"], p["wing_color"]
    up = 0.0 if p["perch"] == "none" else -1.4
    _perch(p, c, g)
    long_tail = {"parrot": (15.8, 15.8), "crow": (15.6, 12.4), "eagle": (14.6, 14.4), "songbird": (15.4, 11.4)}[kind]
    tail = g.poly(
        (9, 9 + up),
        (12, 8.6 + up),
        (long_tail[0], long_tail[1] + up * 0.4),
        (long_tail[0] - 2.2, long_tail[1] + 0.2 + up * 0.4),
        (8.6, 12.4 + up),
    )
    c.paint(tail, "white" if kind == "eagle" else wing_color, "tail", c.fall(tail, 0.2, -0.9))
    c.paint(
        g.rect(6.6, 12.6 + up, 0.8, 3) | g.rect(8.8, 12.6 + up, 0.8, 3),
        beak if kind != "crow" else "dark grey",
        "legs",
        -0.4,
    )
    c.paint(g.rect(5.6, 15.2 + up, 2.2, 0.8) | g.rect(8, 15.2 + up, 2.2, 0.8), beak, "feet", 0)
    body = g.oval(3.8, 5.4 + up, 8.4, 8.2) | g.oval(3.6, 3.4 + up, 5.6, 7)
    c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    if kind == "songbird":
        belly = g.oval(3.4, 8 + up, 5.6, 5.4) & body
        c.paint(belly, "white" if color != "white" else "orange", "belly", c.fall(belly, 0.3, -0.8))
    wing = g.poly((6.8, 6.6 + up), (10.4, 7 + up), (13.4, 11.8 + up), (8.8, 11.8 + up), (6.6, 9.6 + up))
    c.paint(wing, wing_color, "wings", c.fall(wing, 0.6, -1.1), rim=True)
    if g.fine:
        c.touch((g.stroke((8.4, 10 + up), (12, 11.2 + up)) | g.stroke((8, 8.6 + up), (11.4, 9.4 + up))) & wing, -0.9)
    if kind == "parrot":
        c.paint(g.rect(8, 10.4 + up, 3.6, 0.8) & wing, "yellow" if wing_color != "yellow" else "red", "wings", 0.2)
    _head(p, c, g, 2.4, 1.8 + up if kind != "crow" else 2.2 + up, beak)


def _flying(p: Params, c: Canvas, g: Grid, beak: str) -> None:
    kind, color, wing_color = p["bird"], p["color"], p["wing_color"]
    far = g.poly((6.6, 7.4), (4.6, 4.2), (4.8, 0.8), (7.4, 2.2), (9.6, 7.4))
    c.paint(far, wing_color, "wings", -1.1)
    tail = g.poly((11.6, 8.6), (15.8, 8.4), (15.4, 10), (15.9, 11.6), (11.4, 10.8))
    c.paint(tail, "white" if kind == "eagle" else wing_color, "tail", c.fall(tail, 0.3, -0.9))
    c.paint(g.stroke((9.4, 11), (11.4, 12.4)), beak, "legs", -0.4)
    body = g.oval(4, 6.8, 9, 5) | g.poly((4, 9), (6, 7), (12.6, 9), (9, 12))
    c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    if kind == "songbird":
        belly = body & ~g.oval(2, 2, 12, 8)
        c.paint(belly, "white" if color != "white" else "orange", "belly", -0.3)
    near = g.poly(
        (6.4, 8.8),
        (6.8, 4.8),
        (10.4, 0.2),
        (14.2, 0),
        (13, 1.6),
        (14, 2.6),
        (12.6, 3.4),
        (13.2, 4.8),
        (11.6, 5.4),
        (11.4, 9),
    )
    c.paint(near, wing_color, "wings", c.fall(near, 0.9, -0.9), rim=True)
    if g.fine:
        c.touch(
            (g.stroke((8, 5.6), (12.8, 1.8)) | g.stroke((8.6, 6.8), (12.4, 3.6)) | g.stroke((9.2, 8), (11.4, 5.6)))
            & near,
            -0.9,
        )
    _head(p, c, g, 1.8, 5.2, beak)


def words(p: Params) -> Words:
    kind, seen = p["bird"], p["visible"]
    nouns = {
        "owl": ("owl", "owl", "night owl"),
        "parrot": ("parrot", "parrot", "tropical bird"),
        "crow": ("crow", "raven", "crow"),
        "eagle": ("eagle", "eagle", "hawk"),
        "flamingo": ("flamingo", "flamingo", "wading bird"),
        "songbird": ("bird", "bird", "little bird", "songbird"),
    }[kind]
    having: list[Fact] = []
    if p["wing_color"] != p["color"] and "wings" in seen:
        having.append((f"{{{p['wing_color']}}} wings",))
    if p["eye_color"] != "ink":
        having.append(
            (f"{{{p['eye_color']}}} eyes",)
            if kind == "owl"
            else (f"a~{{{p['eye_color']}}} eye", f"{{{p['eye_color']}}} eyes")
        )
    if kind == "eagle" and "head" in seen:
        having.append("a {white} head")
    if kind == "flamingo":
        having.append(("a long neck", "long legs"))
    place: list[Fact] = []
    if p["pose"] == "flying":
        place.append(("flying", "in flight", "with spread wings"))
    elif p["perch"] != "none":
        place.append(
            {
                "branch": ("on a branch", "sitting on a branch", "perched on a branch"),
                "post": ("on a post", "sitting on a wooden post"),
                "skull": ("on a skull", "sitting on a skull"),
            }[p["perch"]]
        )
    if p["facing"]:
        place.append((f"facing {p['facing']}", f"looking {p['facing']}"))
    return Words(nouns=nouns, adjectives=(f"{{{p['color']}}}",), having=tuple(having), place=tuple(place))


FAMILY = Family(
    name="bird",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SQUARE,
    genres=("pirate", "fantasy", "farm"),
    weight=1.2,
)
