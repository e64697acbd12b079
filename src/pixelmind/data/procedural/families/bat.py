"""Bats: wings up, down or folded round the body, coloured membranes, ears, fangs and glowing eyes."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "color": choice("black", "purple", "brown", "grey", "dark red", "navy", weights=(4, 4, 3, 2, 2, 1.5)),
    "wing_color": choice("same", "dark red", "violet", "orange", "dark grey", weights=(4, 2, 2, 1, 1)),
    "pose": choice("wings up", "wings down", "hanging", weights=(4, 4, 2)),
    "ears": choice("big", "small", weights=(2, 1)),
    "eye_color": choice("red", "yellow", "white", "lime", weights=(4, 3, 2, 1)),
    "fangs": flag(0.6),
    "feet": flag(0.4),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["wing_color"] in ("same", p["color"]):
        p["wing_color"] = p["color"]
    if s <= 10:
        p.update(ears="big", pose="wings up" if p["pose"] == "hanging" else p["pose"])
    if s < 16:
        p.update(fangs=False, feet=False)
    if p["pose"] == "hanging":
        p.update(feet=True, fangs=p["fangs"] and s >= 20)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    color, wing = p["color"], p["wing_color"]
    if c.s <= 10:
        up = ("W......W", "WW....WW", "WWC..CWW", "WWCCCCWW", ".WECCEW.", "..CCCC..", "...CC...", "........")
        down = ("........", "..C..C..", "..CCCC..", ".WECCEW.", "WWCCCCWW", "WWCCCCWW", "WW....WW", "W......W")
        paint_rows(
            c,
            up if p["pose"] == "wings up" else down,
            {"W": (wing, "wings", -0.4), "C": (color, "body", 0.2), "E": (p["eye_color"], "eyes", 0.3)},
        )
        return
    g = Grid(c)
    if p["pose"] == "hanging":
        _hanging(p, c, g)
        return
    if p["pose"] == "wings up":
        joint, ends = (3.6, 1.2), ((0, 3.4), (0.8, 8.8), (3.4, 11.4))
        left = g.poly((7, 6.8), joint, ends[0], (1.8, 6.2), ends[1], (2.8, 8.8), ends[2], (5, 10.2), (7, 11))
    else:
        joint, ends = (3.6, 3.6), ((0, 7.6), (0.6, 13.2), (3.4, 14.4))
        left = g.poly((7, 6.4), joint, ends[0], (1.4, 10.2), ends[1], (2.6, 11.8), ends[2], (4.8, 11.4), (7, 10.4))
    g.pair(left, wing, "wings", 1.1)
    if g.fine:
        arm = g.taper(((7, 7.4), (5, 5), joint), 1.2, 0.8)
        c.paint(g.sides(arm), wing, "wings", 0.8)
        bones = g.stroke(joint, ends[1]) | g.stroke(joint, ends[2])
        c.touch(g.sides(bones) & (c.part == c.part_id("wings")), -1.1)
    if p["feet"]:
        c.paint(g.sides(g.rect(6.5, 12.6, 0.8, 1.8)), color, "feet", -0.6)
    tall = 3.6 if p["ears"] == "big" else 1.8
    ear = g.poly((5, 6.4), (4.6, 6.2 - tall), (7.4, 5.2))
    c.paint(g.sides(ear), color, "ears", -0.2)
    if g.fine and p["ears"] == "big":
        c.paint(g.sides(g.poly((5.4, 5.8), (5.2, 4), (6.4, 5.2))), "pink", "ears", -0.6)
    body = g.oval(4.8, 4.8, 6.4, 8.4)
    c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    if g.fine:
        chest = g.oval(6, 9.4, 4, 3.2)
        c.touch(chest & body, 0.8)
    _face(p, c, g, 7, 9.2)


def _face(p: Params, c: Canvas, g: Grid, eye_y: float, mouth_y: float, down: bool = False) -> None:
    c.paint(g.sides(g.oval(5.6, eye_y, 1.6, 1.6)), p["eye_color"], "eyes", 0.3)
    if g.fine:
        c.paint(g.sides(g.rect(6.3, eye_y + 0.5, 0.6, 0.7)), "ink", "eyes", 0)
        c.paint(g.rect(7, mouth_y, 2, 0.5), "ink", "mouth", 0)
    if p["fangs"]:
        c.paint(g.sides(g.rect(6.8, mouth_y + (0.5 if not down else -1.0), 0.6, 1.1)), "white", "fangs", 0.4)


def _hanging(p: Params, c: Canvas, g: Grid) -> None:
    """Upside down, wrapped in its wings."""
    color = p["color"]
    beam = g.rect(1, 0, 14, 1.4)
    c.paint(beam, "wood", "branch", c.fall(beam, 0.8, -0.6))
    c.paint(g.sides(g.rect(6.4, 1.2, 0.9, 2)), color, "feet", -0.5)
    body = g.oval(4.4, 2.6, 7.2, 10)
    c.paint(body, color, "body", c.ball(body, 1.2))
    tall = 3.2 if p["ears"] == "big" else 1.6
    ear = g.poly((5.2, 12), (4.8, 12.6 + tall), (7.2, 13.2))
    c.paint(g.sides(ear), color, "ears", -0.3)
    head = g.oval(4.8, 8.6, 6.4, 5.4)
    c.paint(head, color, "head", c.ball(head, 1.3), rim=True)
    wing = g.poly((7.8, 3), (4, 4), (3.4, 8), (5.6, 10), (7.8, 9.4))
    g.pair(wing, p["wing_color"], "wings", 1.0, rim=True)
    _face(p, c, g, 11, 10, down=True)


def words(p: Params) -> Words:
    having: list[Fact] = [(f"{{{p['eye_color']}}} eyes",)]
    if p["wing_color"] != p["color"]:
        having.append((f"{{{p['wing_color']}}} wings",))
    elif p["pose"] != "hanging":
        having.append(("spread wings", "wings"))
    if p["fangs"]:
        having.append(("fangs", "two fangs"))
    if p["ears"] == "big" and "ears" in p["visible"]:
        having.append(("big ears", "pointed ears"))
    place: Fact = {
        "wings up": ("flying", "with wings up"),
        "wings down": ("flying", "with wings down"),
        "hanging": ("hanging upside down", "sleeping upside down"),
    }[p["pose"]]
    return Words(
        nouns=("bat", "bat", "vampire bat", "cave bat"),
        adjectives=(f"{{{p['color']}}}",),
        having=tuple(having),
        place=(place,),
    )


FAMILY = Family(
    name="bat",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("horror", "fantasy"),
)
