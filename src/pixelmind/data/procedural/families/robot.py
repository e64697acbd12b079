"""Robots: box, dome and barrel heads, eyes or a visor, legs, tracks or a hover jet, of painted steel or riveted brass."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "color": choice(
        "silver",
        "red",
        "blue",
        "yellow",
        "green",
        "white",
        "copper",
        "orange",
        "dark grey",
        weights=(4, 3, 3, 2, 2, 2, 4, 1, 1.5),
    ),
    "head": choice("box", "dome", "wide", weights=(3, 3, 2)),
    "eyes": choice("two", "one", "visor", weights=(5, 2, 3)),
    "eye_color": choice("cyan", "red", "lime", "yellow"),
    "legs": choice("legs", "tracks", "hover", weights=(5, 3, 2)),
    "antennas": choice(0, 1, 2, weights=(2, 4, 2)),
    "arms": choice("claws", "cannon", "none", weights=(5, 2, 1.5)),
    "panel": choice("lights", "gauge", "gear", "none", weights=(3, 2, 2, 2)),
    "pose": choice("arms down", "arms up", weights=(4, 1.5)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if s <= 10:
        p.update(
            head="box", panel="none", arms="claws" if p["arms"] != "none" else "none", antennas=min(p["antennas"], 1)
        )
        p["legs"] = "tracks" if p["legs"] == "tracks" else "legs"
    if s < 20:
        p["panel"] = "none" if p["panel"] == "none" else "lights"
        p["arms"] = "claws" if p["arms"] == "cannon" else p["arms"]
    if s <= 10 or p["arms"] != "claws":
        p["pose"] = "arms down"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    color = p["color"]
    dark = "iron" if color not in ("dark grey", "silver") else "black" if color == "dark grey" else "dark grey"
    if color == "copper":
        dark = "dark brown"
    if c.s <= 10:
        eyes = {"two": ".KEKKEK.", "one": ".KKEEKK.", "visor": ".EEEEEE."}[p["eyes"]]
        rows = [
            "...AA..." if p["antennas"] else "........",
            ".HHHHHH.",
            eyes,
            ".HHHHHH.",
            "RBBBBBBR",
            "RBBBBBBR",
            "..BBBB..",
            "..L..L.." if p["legs"] == "legs" else ".LLLLLL.",
        ]
        legend = {
            "A": ("red" if color != "red" else "yellow", "antenna", 0.0),
            "H": (color, "head", 0.4),
            "K": ("ink", "face", 0.0),
            "E": (p["eye_color"], "eyes", 0.4),
            "B": (color, "body", -0.2),
            "L": (dark, "legs", 0.0),
        }
        if p["arms"] != "none":
            legend["R"] = (dark, "arms", 0.2)
        paint_rows(c, rows, legend)
        return
    g = Grid(c)
    # legs
    if p["legs"] == "legs":
        leg = g.sides(g.rect(4.8, 12, 1.8, 3.2))
        c.paint(leg, dark, "legs", c.column(leg, 0.6))
        if g.fine:
            c.paint(g.sides(g.rect(4.6, 13.2, 2.2, 0.7)), color, "legs", -0.2, rim=True)
        foot = g.sides(g.rect(3.8, 14.6, 3.2, 1.4))
        c.paint(foot, color, "feet", c.fall(foot, 0.6, -0.8), rim=True)
    elif p["legs"] == "tracks":
        track = g.oval(3, 12.4, 10, 3.6) | g.rect(4.4, 12.4, 7.2, 3.6)
        c.paint(track, "black", "tracks", c.fall(track, 0.6, -0.4))
        wheel = g.oval(4.2, 13.2, 2, 2) | g.oval(7, 13.2, 2, 2) | g.oval(9.8, 13.2, 2, 2)
        c.paint(wheel, "silver", "wheels", 0, rim=g.fine)
        if g.large:
            c.paint(
                g.oval(4.9, 13.9, 0.6, 0.6) | g.oval(7.7, 13.9, 0.6, 0.6) | g.oval(10.5, 13.9, 0.6, 0.6),
                "ink",
                "wheels",
                0,
            )
    else:
        cone = g.poly((5.4, 12), (10.6, 12), (9.4, 13.6), (6.6, 13.6))
        c.paint(cone, dark, "legs", c.column(cone, 0.8))
        jet = g.poly((6.4, 13.6), (9.6, 13.6), (8, 16))
        c.paint(jet, "cyan", "jet", 0.2)
        c.paint(g.poly((7.3, 13.6), (8.7, 13.6), (8, 15)), "white", "jet", 0.4)
    # arms
    if p["arms"] != "none":
        up = p["pose"] == "arms up"
        arm = g.rect(1.4, 5.6 if up else 8.2, 1.5, 3.8) | g.rect(1.4, 8.2, 2.6, 1.3)
        c.paint(g.sides(arm), dark, "arms", 0.1)
        if g.fine:
            c.touch(g.sides(arm & ((c.ys.astype(int) % g.px(0.9)) == 0)), -0.8)
        if p["arms"] == "claws":
            y = 4.2 if up else 11.6
            claw = g.oval(0.8, y, 2.8, 2.6) & ~g.rect(1.8, y + (-0.4 if up else 1.2), 0.9, 1.9)
            c.paint(g.sides(claw), color, "hands", -0.2, rim=g.fine)
        else:
            barrel = g.rect(0.8, 10.6, 2.6, 3.4)
            g.pair(barrel, color, "cannons", 1.0, rim=True)
            c.paint(g.sides(g.rect(1.3, 13.2, 1.6, 0.9)), "ink", "cannons", 0)
        c.paint(g.sides(g.oval(2.4, 7.4, 2.2, 2.2)), color, "shoulders", 0.4, rim=True)
    # body
    body = g.rect(4, 7.6, 8, 4.8)
    if p["head"] == "dome" and g.fine:
        body = g.poly((4, 7.6), (12, 7.6), (11.2, 12.6), (4.8, 12.6))
    c.paint(body, color, "body", c.column(body, 1.1), rim=True)
    _panel(p, c, g, color)
    c.paint(g.rect(6.6, 6.8, 2.8, 1), dark, "neck", -0.3)
    # head
    if p["head"] == "box":
        head = g.rect(3.8, 2.2, 8.4, 5)
    elif p["head"] == "wide":
        head = g.oval(2.6, 2.2, 10.8, 5.2) | g.rect(3.6, 3, 8.8, 3.6)
    else:
        head = (g.oval(3.6, 1.6, 8.8, 9) & ~g.rect(0, 7, 16, 9)) | g.rect(3.6, 5.4, 8.8, 1.7)
    for i in range(p["antennas"]):
        x = 8.0 if p["antennas"] == 1 else 5.2
        rod = g.rect(x - 0.3, 0.6, 0.6, 2.6) if p["antennas"] == 1 else g.stroke((x + 0.6, 3), (x, 0.8))
        bulb = g.oval(x - 0.8, 0, 1.6, 1.6)
        if p["antennas"] == 2:
            rod, bulb = g.sides(rod), g.sides(bulb)
        if i == 0:
            c.paint(rod, dark, "antenna", 0)
            c.paint(bulb, "red" if color != "red" else "yellow", "antenna", c.ball(bulb, 1.2), rim=g.fine)
    c.paint(
        head,
        color,
        "head",
        c.ball(head, 1.1) if p["head"] != "box" else c.bevel(head, 0.5) + c.ball(head, 0.7),
        rim=True,
    )
    if g.fine:
        ear = g.rect(2.9 if p["head"] != "wide" else 2.0, 4, 1, 2)
        c.paint(g.sides(ear), dark, "head", 0.2, rim=True)
    face = g.rect(4.8, 3.2, 6.4, 2.8)
    if p["eyes"] == "visor":
        visor = g.rect(4.4, 3.6, 7.2, 1.6)
        c.paint(visor, "ink", "face", 0, rim=g.fine)
        glow = g.rect(5, 4, 6, 0.9) if g.fine else visor
        c.paint(glow, p["eye_color"], "eyes", c.column(glow, 0.8) + 0.3)
    else:
        c.paint(face, "ink", "face", 0.2, rim=g.fine)
        eye = g.sides(g.oval(5.4, 3.6, 1.8, 1.9)) if p["eyes"] == "two" else g.oval(6.8, 3.3, 2.4, 2.4)
        c.paint(eye, p["eye_color"], "eyes", 0.4)
        if g.fine:
            x, y, _, _ = c.box(eye)
            c.paint(c.rect(x, y, g.px(0.4), g.px(0.4)), "white", "eyes", 0.5)
            if p["eyes"] == "two":
                c.paint(c.rect(c.w - x - g.px(1.8), y, g.px(0.4), g.px(0.4)), "white", "eyes", 0.5)
    if g.fine:
        mouth = g.rect(6, 6.2, 4, 0.5)
        c.touch(mouth & head, -1.4)
    if color == "copper" or g.large:  # rivets
        c.touch(g.sides(g.dots((4.6, 8.2), (4.6, 11.8), (4.6, 2.9))), -1.4 if g.fine else 0)


def _panel(p: Params, c: Canvas, g: Grid, color: str) -> None:
    if p["panel"] == "none":
        return
    if p["panel"] == "lights":
        box = g.rect(5.6, 8.8, 4.8, 2.2)
        c.paint(box, "dark grey" if color != "dark grey" else "silver", "panel", 0, rim=g.fine)
        for x, light in ((6.0, "red"), (7.5, "yellow"), (9.0, "lime")):
            c.paint(g.rect(x, 9.4, 0.9, 0.9), light, "panel", 0.4)
    elif p["panel"] == "gauge":
        dial = g.oval(6.3, 8.3, 3.4, 3.4)
        c.paint(dial, "white", "panel", 0, rim=True)
        c.paint(g.stroke((8, 10), (9, 8.9)), "red", "panel", 0)
    else:
        gear = g.oval(6.5, 8.5, 3, 3) | g.rect(6, 9.6, 4, 0.8) | g.rect(7.6, 8, 0.8, 4)
        c.paint(gear, "gold" if color not in ("yellow", "copper") else "dark brown", "panel", 0, rim=True)
        c.paint(g.oval(7.4, 9.4, 1.2, 1.2), color, "panel", -0.8)


def words(p: Params) -> Words:
    eyes = f"{{{p['eye_color']}}}"
    having: list[Fact] = [
        {
            "two": (f"{eyes} eyes", f"two {eyes} eyes"),
            "one": (f"one {eyes} eye", f"a single {eyes} eye"),
            "visor": (f"a~{eyes} visor", "a visor"),
        }[p["eyes"]]
    ]
    if p["antennas"]:
        having.append(("an antenna",) if p["antennas"] == 1 else ("two antennas", "antennas"))
    if p["arms"] == "cannon":
        having.append(("cannons for arms", "arm cannons"))
    elif p["arms"] == "claws":
        having.append(("claw hands", "claws") if "hands" in p["visible"] else "arms")
    if p["legs"] == "tracks":
        having.append(("tank tracks", "tracks", "treads") if "wheels" in p["visible"] else "tracks")
    elif p["legs"] == "hover":
        having.append(("a jet below", "a hover jet"))
    if p["panel"] != "none":
        having.append(
            {
                "lights": ("lights on its chest", "a control panel"),
                "gauge": ("a gauge on its chest", "a dial"),
                "gear": ("a gear on its chest", "a cog"),
            }[p["panel"]]
        )
    brass = p["color"] == "copper"
    place: tuple[Fact, ...] = (("with arms raised", "raising its arms"),) if p["pose"] == "arms up" else ()
    nouns = (
        ("robot", "steampunk robot", "automaton", "clockwork robot")
        if brass
        else ("robot", "robot", "android", "droid", "bot")
    )
    return Words(
        nouns=nouns,
        adjectives=(("copper", "brass") if brass else f"{{{p['color']}}}",),
        having=tuple(having),
        place=place,
        lacking=() if p["arms"] != "none" else ("arms",),
    )


FAMILY = Family(
    name="robot",
    kind="character",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("sci-fi", "steampunk"),
    weight=1.2,
)
