"""Dinosaurs in profile: tyrannosaurs, long-necks, stegosaurs, triceratops and pterosaurs."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import WIDE, Family, Params, choice
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "kind": choice("tyrannosaur", "long-neck", "stegosaur", "triceratops", "pterosaur", weights=(4, 3, 3, 3, 2)),
    "color": choice(
        "green",
        "olive",
        "brown",
        "orange",
        "teal",
        "purple",
        "grey",
        "red",
        "blue",
        weights=(4, 3, 3, 2, 2, 1.5, 2, 2, 2),
    ),
    "belly_color": choice("beige", "yellow", "light grey"),
    "pattern": choice("none", "stripes", "spots", weights=(3, 2, 2)),
    "pattern_color": choice("dark green", "dark red", "yellow", "navy"),
    "plate_color": choice("orange", "red", "yellow", "purple"),
    "mouth": choice("closed", "open", weights=(3, 2)),
    "pose": choice("standing", "walking", weights=(3, 2)),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    s, kind = min(h, w), p["kind"]
    if kind not in ("stegosaur", "triceratops", "pterosaur"):
        p["plate_color"] = None
    elif p["plate_color"] == p["color"]:
        p["plate_color"] = "yellow"
    if s < 20 or kind == "pterosaur":
        p["pattern"] = "none"
    if p["pattern"] == "none":
        p["pattern_color"] = None
    if kind not in ("tyrannosaur",) or s < 14:
        p["mouth"] = "closed"
    if s < 20 or kind == "pterosaur":
        p["pose"] = "standing"
    if s <= 10 and kind in ("triceratops", "pterosaur", "stegosaur"):
        p["belly_color"] = None
    if kind == "triceratops":
        p["belly_color"] = p["belly_color"] if s > 10 else None


_TINY = {
    "tyrannosaur": (".CCC....", "CECCC...", "CCCCC...", "...CCC..", ".CBCCC.C", "..BCCCCC", "..BCCC..", "..C..C.."),
    "long-neck": (".CC.....", "CEC.....", "..C.....", "..CCCC..", "..CCCCCC", "..BBBC.C", "..C..C..", "..C..C.."),
    "stegosaur": ("........", "...P.P..", "..PPPPP.", "..CCCCP.", ".CCCCCC.", "CECCCCCC", "CCCCCC.C", "..C..C.."),
    "triceratops": ("........", ".W.PP...", "..PPPCC.", ".CECPCCC", "WCCCPCCC", "CCCCCCCC", "..CCCC..", "..C..C.."),
    "pterosaur": ("........", "P..PPP..", ".PPPPPP.", "CECPPPPP", "CCCCPPP.", "..CCCPP.", "....CC..", ".....C.."),
}


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    color = p["color"]
    if c.s <= 10:
        legend = {
            "C": (color, "body", 0.1),
            "B": (p["belly_color"] or color, "belly", 0.0),
            "P": (
                p["plate_color"] or color,
                {"stegosaur": "plates", "triceratops": "frill"}.get(p["kind"], "wings"),
                0.0,
            ),
            "W": ("bone", "horns", 0.2),
            "E": ("ink", "eyes", 0.0),
        }
        paint_rows(c, _TINY[p["kind"]], legend)
    else:
        g = Grid(c)
        {"tyrannosaur": _rex, "long-neck": _neck, "stegosaur": _plates, "triceratops": _horns, "pterosaur": _wings}[
            p["kind"]
        ](p, c, g)
    if p["facing"] == "right":
        c.flip()


def _hide(p: Params, c: Canvas, g: Grid, body: Region, low: float) -> None:
    """Pattern on the back and a lighter belly below row `low` at the front."""
    if p["pattern"] == "stripes":
        k = g.px(1.9)
        stripe = (
            body & (((c.xs + c.ys * 0.35 - round(g.ox)).astype(int) % k) < max(1, k // 3)) & (c.ys < g.at(0, low)[1])
        )
        c.paint(stripe, p["pattern_color"], "pattern", c.ball(body, 0.9))
    elif p["pattern"] == "spots":
        for x, y, d in (
            (6, 0.8, 1.2),
            (8.4, 1.6, 1.4),
            (10.4, 0.9, 1.0),
            (7.2, 3, 1.0),
            (10, 3.2, 1.0),
            (12.4, 2, 0.9),
        ):
            c.paint(g.oval(x, low - 5 + y, d, d) & body, p["pattern_color"], "pattern", 0)


def _eye(c: Canvas, g: Grid, x: float, y: float) -> None:
    if g.fine:
        c.paint(g.oval(x - 0.5, y - 0.5, 1.7, 1.7), "white", "eyes", 0.2)
    c.paint(g.rect(x, y, 0.8, 0.9), "ink", "eyes", 0)


def _legs(
    p: Params, c: Canvas, g: Grid, near: tuple[float, ...], far: tuple[float, ...], top: float, wide: float
) -> None:
    step = 1.0 if p["pose"] == "walking" else 0.0
    for xs, shade, sign in ((far, -1.1, -1), (near, 0.0, 1)):
        for i, x in enumerate(xs):
            dx = step * sign * (1 if i % 2 else -1)
            leg = g.poly((x, top), (x + wide, top), (x + wide * 0.9 + dx, 16), (x + dx, 16))
            if shade == 0 and g.fine:
                leg |= g.oval(x - 0.4, top - 1.6, wide + 0.8, 3.6)
            c.paint(leg, p["color"], "legs", shade + c.column(leg, 0.5), rim=g.fine and shade == 0)
            if g.fine and shade == 0:
                c.paint(
                    leg & (c.ys >= g.at(0, 15.4)[1]) & ((c.xs - round(g.at(x + dx, 0)[0])).astype(int) % 2 == 0),
                    "bone",
                    "claws",
                    0.2,
                )


def _rex(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    tail = g.taper(((9.6, 10), (13.4, 12.6), (15.8, 8.6)), 4, 0.7)
    c.paint(tail, color, "tail", c.fall(tail, 0.5, -0.7))
    step = 1.2 if p["pose"] == "walking" else 0
    for x, shade, dx in ((9.6, -1.0, step), (6.6, 0.0, -step)):
        leg = (
            g.oval(x - 0.8, 9.4, 3.8, 4.4)
            | g.poly((x + 0.8, 12.4), (x + 2.4, 12.4), (x + 2 + dx, 15.4), (x + 0.4 + dx, 15.4))
            | g.rect(x - 0.9 + dx, 15, 3, 1)
        )
        c.paint(leg, color, "legs", c.ball(leg, 0.8) + shade, rim=g.fine and shade == 0)
        if g.fine:
            c.paint(
                g.rect(x - 0.9 + dx, 15, 3, 1)
                & ((c.xs - round(g.at(x, 0)[0])).astype(int) % 2 == 0)
                & (c.xs < g.at(x + 1.2 + dx, 0)[0]),
                "bone",
                "claws",
                0.2,
            )
    body = g.oval(5, 5.6, 7, 7.6) | g.taper(((8, 8), (6.6, 6), (5.6, 3.6)), 5, 3.6)
    c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    _hide(p, c, g, body, 10)
    belly = (g.oval(4.4, 6.6, 3.8, 6.2)) & body
    c.paint(belly, p["belly_color"], "belly", c.fall(belly, 0.3, -0.8))
    if g.large:
        c.touch(belly & (c.ys.astype(int) % g.px(0.9) == 0), -0.6)
    thigh = g.oval(7, 9.2, 4, 4.4)
    c.paint(thigh & body, color, "legs", c.ball(thigh, 1.0), rim=g.fine)
    arm = g.stroke((5.8, 8.2), (3.8, 9.2), (3.4, 10.2), width=0.9)
    c.paint(arm, color, "arms", 0.2, rim=g.fine)
    jaw_y = 4.4 if p["mouth"] == "closed" else 5.2
    head = g.poly((1.2, 1.2), (5.6, 0.2), (8, 1.2), (8, 4.4), (6, 5), (0.4, 4.2), (0.2, 2.4))
    jaw = g.poly((0.8, jaw_y), (6.6, 3.8), (6.8, 5.4), (1.6, jaw_y + 1.3))
    if p["mouth"] == "open":
        c.paint(g.poly((0.8, 3.8), (6.6, 3.6), (1.2, jaw_y + 0.6)), "dark red", "mouth", -0.4)
    c.paint(jaw, color, "head", -0.7, rim=g.fine)
    c.paint(head, color, "head", c.ball(head, 1.3), rim=True)
    if g.fine:
        bottom = head & ~_up(head)
        teeth = bottom & (c.xs < g.at(5, 0)[0]) & (c.xs.astype(int) % 2 == 0)
        c.paint(teeth, "white", "teeth", 0.4)
        c.paint(g.dots((0.8, 2.0)), "ink", "head", 0)
    _eye(c, g, 4.6, 1.5)
    if g.fine:
        c.touch(g.stroke((4, 0.9), (5.8, 1.0)) & head, -1.4)


def _up(r: Region) -> Region:
    out = r.copy()
    out[:-1] &= r[1:]
    out[-1] = False
    return out


def _neck(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    tail = g.taper(((12, 9.6), (15, 10), (15.8, 13.6)), 3, 0.6)
    c.paint(tail, color, "tail", c.fall(tail, 0.5, -0.8))
    _legs(p, c, g, (5.4, 10.6), (7, 9.4), 11.6, 1.9)
    body = g.oval(4.4, 7, 9.6, 6.4)
    neck = g.taper(((6.4, 9.4), (4.6, 7), (3.4, 2.4)), 4.4, 1.8)
    both = body | neck
    c.paint(both, color, "body", c.ball(both, 1.4), rim=True)
    _hide(p, c, g, both, 11)
    belly = (g.oval(5, 10.4, 8, 3.4) | g.taper(((5, 11), (3.4, 7), (2.7, 3)), 1.6, 0.8)) & both
    c.paint(belly, p["belly_color"], "belly", c.fall(belly, 0.3, -0.8))
    head = g.oval(0.6, 0.8, 4.6, 2.8) | g.oval(0.2, 1.8, 3, 1.9)
    c.paint(head, color, "head", c.ball(head, 1.2), rim=True)
    _eye(c, g, 2.8, 1.3)
    if g.fine:
        c.touch(g.stroke((0.6, 3), (2.4, 3)) & head, -1.5)


def _plates(p: Params, c: Canvas, g: Grid) -> None:
    color, plate = p["color"], p["plate_color"]
    tail = g.taper(((12, 10), (14.4, 10.6), (15.6, 8.2)), 3, 0.8)
    for x, y, d in ((4.0, 6.4, 1.4), (6.2, 4.4, 1.9), (8.6, 3.8, 2.1), (11, 5.2, 1.8), (13, 7.6, 1.3)):
        kite = g.poly(
            (x - d * 0.7, y + d),
            (x - d * 0.5, y - d * 0.2),
            (x, y - d),
            (x + d * 0.6, y - d * 0.1),
            (x + d * 0.7, y + d),
        )
        c.paint(kite, plate, "plates", c.column(kite, 1.2), rim=True)
    c.paint(tail, color, "tail", c.fall(tail, 0.5, -0.7))
    c.paint(
        g.taper(((15, 9), (15.2, 7.6)), 0.9, 0.6) | g.taper(((14.2, 9.6), (14, 8)), 0.9, 0.6),
        "bone",
        "spikes",
        0.3,
        rim=g.fine,
    )
    _legs(p, c, g, (4.8, 10.4), (6.4, 9), 12, 1.9)
    body = g.oval(3.4, 5.6, 10, 8) | g.taper(((5, 10), (3, 10.4), (2.2, 11.6)), 4, 2)
    c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    _hide(p, c, g, body, 10.4)
    belly = body & ~g.oval(1.6, 2, 14, 10.2) & (c.xs > g.at(3.4, 0)[0])
    c.paint(belly, p["belly_color"], "belly", -0.4)
    head = g.oval(0.2, 10.2, 4, 2.8)
    c.paint(head, color, "head", c.ball(head, 1.2), rim=True)
    _eye(c, g, 2.2, 10.7)


def _horns(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    tail = g.taper(((12.4, 10), (14.4, 10.4), (15.8, 13)), 3, 0.7)
    c.paint(tail, color, "tail", c.fall(tail, 0.4, -0.8))
    _legs(p, c, g, (6, 11), (7.4, 9.8), 11.8, 2.0)
    body = g.oval(4.4, 5.4, 9.8, 8)
    c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    _hide(p, c, g, body, 10)
    belly = body & ~g.oval(3.4, 2, 13, 10)
    c.paint(belly, p["belly_color"], "belly", -0.4)
    frill = g.oval(3.6, 2.2, 5.2, 8.6)
    c.paint(frill, p["plate_color"], "frill", c.ball(frill, 1.3), rim=True)
    if g.fine:
        edge = frill & (c.xs > g.at(7.2, 0)[0])
        c.touch(edge & (c.ys.astype(int) % g.px(1.5) == 0), -1.1)
    head = g.poly((0.2, 9.6), (2, 6.6), (5, 5), (6.6, 6.6), (6.2, 10), (3, 11.4), (0.8, 11.6))
    c.paint(head, color, "head", c.ball(head, 1.2), rim=True)
    horn = g.taper(((4.6, 6.2), (3, 5), (1.2, 2.4)), 1.3, 0.5)
    c.paint(horn, "bone", "horns", 0.3, rim=g.fine)
    nose = g.poly((0.8, 9), (0.9, 6.8), (2.2, 7.6))
    c.paint(nose, "bone", "horns", 0.1, rim=g.fine)
    _eye(c, g, 3.8, 7.2)
    if g.fine:
        c.touch(g.stroke((1, 10.6), (3, 10.4)) & head, -1.5)


def _wings(p: Params, c: Canvas, g: Grid) -> None:
    color, plate = p["color"], p["plate_color"]
    far = g.poly((7, 7), (3.6, 1), (9, 3), (10, 7))
    c.paint(far, plate, "wings", -1.0)
    legs = g.stroke((9.4, 11), (11.6, 14.4)) | g.stroke((10.4, 10.4), (13, 13.4))
    c.paint(legs, color, "legs", -0.6)
    body = g.taper(((4.6, 7.6), (7.4, 9), (11.4, 11.2)), 3.2, 1.6)
    c.paint(body, color, "body", c.fall(body, 0.9, -0.7), rim=True)
    belly = g.taper(((5.6, 9), (7.4, 10), (10, 11.2)), 1.0, 0.8) & body
    c.paint(belly, p["belly_color"], "belly", 0)
    near = g.poly((6.4, 7.6), (9, 0.4), (15.8, 5), (12.8, 5.6), (12.4, 8), (10.6, 7.6), (9.4, 9.4))
    c.paint(near, plate, "wings", c.fall(near, 0.9, -0.9), rim=True)
    bone = g.stroke((6.6, 7.8), (9, 0.6), width=0.8) | g.stroke((9, 0.6), (15.6, 4.8), width=0.6)
    c.paint(bone & near, color, "wings", 0.3)
    if g.fine:
        c.touch((g.stroke((9, 1), (12.6, 7)) | g.stroke((9, 1), (9.6, 9))) & near, -0.7)
    crest = g.poly((4.4, 5.2), (8, 3), (5.4, 6.6))
    c.paint(crest, color, "crest", -0.6)
    head = g.oval(2.6, 4.8, 3.4, 3) | g.poly((3.4, 5.4), (0, 8), (3.6, 7.6))
    c.paint(head, color, "head", c.ball(head, 1.1), rim=True)
    c.paint(g.rect(3.8, 5.6, 0.8, 0.8), "ink", "eyes", 0)


def words(p: Params) -> Words:
    nouns = {
        "tyrannosaur": ("dinosaur", "t-rex", "tyrannosaurus rex", "t rex"),
        "long-neck": ("dinosaur", "brachiosaurus", "long-necked dinosaur", "sauropod"),
        "stegosaur": ("dinosaur", "stegosaurus", "stegosaurus"),
        "triceratops": ("dinosaur", "triceratops", "triceratops"),
        "pterosaur": ("pterosaur", "pterodactyl", "flying reptile"),
    }[p["kind"]]
    having: list[Fact] = []
    plate = f"{{{p['plate_color']}}}"
    if p["kind"] == "stegosaur":
        having.append((f"{plate} plates", "plates on its back"))
    elif p["kind"] == "triceratops":
        having += [(f"a~{plate} frill", "a frill"), ("horns", "three horns") if "horns" in p["visible"] else "a frill"]
    elif p["kind"] == "pterosaur":
        having.append((f"{plate} wings", "wings", "spread wings"))
    elif p["kind"] == "long-neck":
        having.append("a long neck")
    elif "teeth" in p["visible"]:
        having.append(("sharp teeth", "teeth"))
    if p["pattern"] != "none" and "pattern" in p["visible"]:
        having.append((f"{{{p['pattern_color']}}} {p['pattern']}", p["pattern"]))
    if "belly" in p["visible"]:
        having.append((f"a~{{{p['belly_color']}}} belly",))
    place: list[Fact] = []
    if p["mouth"] == "open":
        place.append(("roaring", "with an open mouth"))
    if p["pose"] == "walking":
        place.append(("walking", "on the move"))
    place.append((f"facing {p['facing']}", f"looking {p['facing']}"))
    return Words(
        nouns=nouns, adjectives=(("prehistoric", "", ""), f"{{{p['color']}}}"), having=tuple(having), place=tuple(place)
    )


FAMILY = Family(
    name="dinosaur",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=WIDE,
    genres=("prehistoric",),
    weight=1.2,
)
