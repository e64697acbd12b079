"""Fish in profile: round, long, tall and spiky ones, striped or spotted, with fins of another colour and bubbles."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words, counted
from pixelmind.data.procedural.family import WIDE, Family, Params, choice, count
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

COLORS = ("orange", "blue", "yellow", "red", "green", "purple", "pink", "silver", "teal", "white")
PARAMETERS = {
    "shape": choice("round", "long", "tall", "puffer", weights=(4, 3, 2, 1.5)),
    "color": choice(*COLORS, weights=(4, 3, 3, 2, 1.5, 1.5, 1.5, 2, 1.5, 1)),
    "fin_color": choice(
        "same", "yellow", "orange", "blue", "red", "purple", "dark grey", weights=(3, 2, 2, 1.5, 1.5, 1, 1)
    ),
    "pattern": choice("none", "stripes", "spots", "belly", weights=(2, 4, 2, 3)),
    "pattern_color": choice("white", "black", "yellow", "blue"),
    "mood": choice("calm", "smile", "teeth", weights=(4, 2, 1.5)),
    "bubbles": count(0, 3),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["fin_color"] in ("same", p["color"]):
        p["fin_color"] = p["color"]
    if p["pattern_color"] == p["color"]:
        p["pattern_color"] = "yellow" if p["color"] != "yellow" else "blue"
    if s <= 10:
        p.update(shape="round" if p["shape"] in ("tall", "puffer") else p["shape"], bubbles=0)
        p["pattern"] = "stripes" if p["pattern"] == "stripes" else "none"
    if s < 20:
        p["mood"] = "calm"
        p["bubbles"] = min(p["bubbles"], 1)
    if p["pattern"] == "none":
        p["pattern_color"] = None


_TINY = {
    "round": ("........", "...FF...", "..CCPC.F", ".CCCPCFF", "CECCPCFF", ".CCCPC.F", "..CFPC..", "........"),
    "long": ("........", "........", "...FF..F", ".CCCPCFF", "CECCPCCF", ".CCCPCFF", "...FF..F", "........"),
}


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    color, fin = p["color"], p["fin_color"]
    if c.s <= 10:
        legend = {
            "C": (color, "body", 0.2),
            "P": (p["pattern_color"] or color, "pattern" if p["pattern_color"] else "body", 0.0),
            "F": (fin, "fins", -0.4),
            "E": ("ink", "eyes", 0.0),
        }
        paint_rows(c, _TINY[p["shape"]], legend)
        c.touch(c.rect((c.w - 8) // 2, c.h - 3, 6, 2) & (c.part == c.part_id("body")), -0.9)
        if p["facing"] == "right":
            c.flip()
        return
    g = Grid(c)
    shape = p["shape"]
    room = 3.0 if p["bubbles"] else 0.0
    box = {
        "round": (1.6, 4.4, 10, 8.4),
        "long": (0.6, 5.6, 12, 6),
        "tall": (2.4, 3, 8.6, 10.4),
        "puffer": (2, 3.4, 10.4, 10.4),
    }[shape]
    x, y, w, h = box
    y += room * 0.4
    mid = y + h / 2
    # fins behind
    tail = g.poly((x + w - 1.4, mid), (15.6, mid - 3.6), (14.4, mid), (15.6, mid + 3.6))
    c.paint(tail, fin, "fins", c.fall(tail, 0.4, -0.8))
    if g.fine:
        for dy in (-2.2, 0, 2.2):
            c.touch(g.stroke((x + w, mid), (15, mid + dy)) & tail, -0.7)
    back = {
        "round": g.poly((x + 3, y + 1), (x + 5, y - 2.2), (x + 8.4, y + 0.6)),
        "long": g.poly((x + 4, y + 1), (x + 6, y - 2), (x + 9, y + 0.6)),
        "tall": g.poly((x + 2.4, y + 1.4), (x + 8, y - 2.4), (x + 7, y + 3)),
        "puffer": g.poly((x + 7, y + 1), (x + 9.8, y - 1), (x + 9, y + 2.4)),
    }[shape]
    low = {
        "round": g.poly((x + 4.4, y + h - 1), (x + 7, y + h + 1.6), (x + 7.4, y + h - 1.4)),
        "long": g.poly((x + 5, y + h - 1), (x + 7.6, y + h + 1.6), (x + 8, y + h - 1.2)),
        "tall": g.poly((x + 2.6, y + h - 1.4), (x + 8, y + h + 2.2), (x + 7, y + h - 3)),
        "puffer": g.poly((x + 7, y + h - 1), (x + 9.4, y + h + 0.6), (x + 9, y + h - 2.4)),
    }[shape]
    c.paint(back, fin, "fins", c.fall(back, 0.6, -0.4))
    c.paint(low, fin, "fins", c.fall(low, 0.2, -0.9))
    if shape == "puffer":
        for i, (dx, dy) in enumerate(
            ((1, 2.2), (3.2, 0.2), (5.6, -0.6), (1, h - 2.2), (3.2, h - 0.2), (5.6, h + 0.6), (-0.4, 6.4))
        ):
            spike = g.taper(((x + w / 2 + (dx - w / 2) * 0.7, mid + (dy - h / 2) * 0.7), (x + dx, y + dy)), 1.6, 0.5)
            c.paint(spike, color, "spikes", 0.5 if i < 3 else -0.9)
    body = g.oval(x, y, w, h)
    if shape == "long":
        body |= g.poly((x, mid), (x + 3, y + 0.6), (x + 3, y + h - 0.6))
    c.paint(body, color, "body", c.ball(body, 1.5), rim=True)
    pc = p["pattern_color"]
    if p["pattern"] == "stripes":
        for dx in (4.0, 7.2):
            stripe = (g.oval(x + dx, y - 1, 1.6, h + 2)) & body
            c.paint(stripe, pc, "pattern", c.ball(body, 1.2), rim=g.large)
    elif p["pattern"] == "spots":
        for dx, dy, d in ((4.6, 1.4, 1.6), (6.8, 2.6, 1.3), (5.2, 4.6, 1.2), (8, 4.6, 1.1), (7, h - 3, 1)):
            c.paint(g.oval(x + dx, y + dy, d, d) & body, pc, "pattern", 0)
    elif p["pattern"] == "belly":
        c.paint(body & ~g.oval(x - 1, y - h * 0.45, w + 2, h * 1.1), pc, "pattern", c.fall(body, 0.6, -0.7))
    if g.large:  # gill and scales
        c.touch(g.taper(((x + 3.6, mid - 2), (x + 4.4, mid), (x + 3.6, mid + 2)), 0.3, 0.3) & body, -1.1)
        scale = ((c.xs + (c.ys // 3 % 2) * 2).astype(int) % 5 == 0) & (c.ys.astype(int) % 3 == 0)
        c.touch(scale & body & (c.xs > g.at(x + 5, 0)[0]), -0.6)
    fin_side = g.poly((x + 4.6, mid + 0.6), (x + 7.4, mid + 0.2), (x + 6.8, mid + 2.6))
    c.paint(fin_side, fin, "fins", 0.3, rim=True)
    d = 2.6 if shape != "long" else 2.0
    eye = g.oval(x + 1.6, mid - 2.6 if shape != "long" else mid - 1.8, d, d)
    c.paint(eye, "white", "eyes", 0.3, rim=g.fine)
    ex, ey, ew, eh = c.box(eye)
    k = max(1, ew // 2)
    c.paint(c.rect(ex + (ew - k) // 2, ey + (eh - k) // 2, k, k), "ink", "eyes", 0)
    if p["mood"] == "teeth":
        gap = g.poly((x + 0.2, mid + 1), (x + 2.8, mid + 0.6), (x + 2.4, mid + 2.4))
        c.paint(gap & body, "ink", "mouth", 0)
        c.paint(gap & body & (c.ys == c.box(gap & body)[1] + 1) & (c.xs.astype(int) % 2 == 0), "white", "teeth", 0.3)
    elif g.fine:
        line = g.stroke((x + 0.4, mid + 1.4), (x + 1.8, mid + (1.8 if p["mood"] == "calm" else 2.0)))
        if p["mood"] == "smile":
            line |= g.stroke((x + 1.8, mid + 2.0), (x + 2.8, mid + 1.0))
        c.paint(line & body, "ink", "mouth", 0.6)
    for i in range(p["bubbles"]):
        bx, by, d = ((0.6, 2.4, 1.8), (3, 0.4, 1.4), (5.4, 2.0, 1.0))[i]
        bubble = g.oval(bx, by, d, d)
        c.paint(bubble, "ice", "bubbles", 0.4)
    if p["facing"] == "right":
        c.flip()


def words(p: Params) -> Words:
    having: list[Fact] = []
    if p["fin_color"] != p["color"]:
        having.append((f"{{{p['fin_color']}}} fins", f"a~{{{p['fin_color']}}} tail"))
    if p["pattern"] != "none":
        pc = f"{{{p['pattern_color']}}}"
        having.append(
            {"stripes": (f"{pc} stripes", "stripes"), "spots": (f"{pc} spots", "spots"), "belly": (f"a~{pc} belly",)}[
                p["pattern"]
            ]
        )
    if p["mood"] == "teeth":
        having.append(("sharp teeth", "teeth"))
    elif p["mood"] == "smile":
        having.append("a smile")
    if p["bubbles"]:
        having.append(counted(p["bubbles"], "bubble"))
    shape: Fact = {"round": ("", ""), "long": ("long", "slim"), "tall": ("tall", "flat"), "puffer": ("round", "spiky")}[
        p["shape"]
    ]
    nouns = {
        "round": ("fish", "fish", "little fish"),
        "long": ("fish", "fish"),
        "tall": ("fish", "angelfish", "tropical fish"),
        "puffer": ("fish", "pufferfish", "blowfish"),
    }
    return Words(
        nouns=nouns[p["shape"]],
        adjectives=(shape, f"{{{p['color']}}}"),
        having=tuple(having),
        place=((f"facing {p['facing']}", f"swimming to the {p['facing']}"),),
        lacking=() if p["bubbles"] else ("bubbles",),
    )


FAMILY = Family(
    name="fish",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=WIDE,
    genres=("underwater",),
)
