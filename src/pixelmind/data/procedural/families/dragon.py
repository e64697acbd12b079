"""Dragons and wyverns in profile: body, wings, horns, spikes, tail, perhaps breathing fire or ice."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

COLORS = ("red", "green", "blue", "black", "purple", "gold", "white", "orange", "teal", "dark green")
PARAMETERS = {
    "color": choice(*COLORS, weights=(6, 5, 3, 3, 2, 2, 2, 1, 1, 1)),
    "belly_color": choice("yellow", "beige", "tan", "orange", "light grey"),
    "wing_color": choice(
        "same", "red", "orange", "purple", "yellow", "dark grey", "light blue", weights=(6, 1, 1, 1, 1, 1, 1)
    ),
    "breath": choice("none", "fire", "ice", weights=(5, 3, 1)),
    "horns": flag(0.8),
    "spikes": flag(0.6),
    "wings": choice("raised", "folded", "none", weights=(6, 2, 1)),
    "pose": choice("standing", "flying", weights=(3, 1)),
    "facing": choice("left", "right"),
    "neck": choice(0, 1, 2, minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["wing_color"] in ("same", p["color"]):
        p["wing_color"] = p["color"]
    if s <= 10:
        p.update(spikes=False, breath="none", horns=False, pose="standing", neck=0)
        p["wings"] = "raised" if p["wings"] == "folded" else p["wings"]
    if p["pose"] == "flying":
        p["wings"] = "raised"
    if p["wings"] == "none":
        p["wing_color"] = None
    if s < 16:
        p["spikes"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    """Faces left, then is turned."""
    if c.s <= 10:
        rows = ("..B..WW.", ".BB.WWWW", "EBB.WWW.", "BBBWWW..", "..LBBBB.", "..LLBBBB", "..BLBB.B", "..B..B.B")
        bare = ("..B.....", ".BB.....", "EBB....B", "BBB....B", "..LBBBBB", "..LLBBB.", "..BLBB..", "..B..B..")
        legend = {
            "W": (str(p["wing_color"]), "wings", -0.4),
            "B": (p["color"], "body", 0.2),
            "L": (p["belly_color"], "belly", 0.0),
            "E": ("yellow" if p["color"] != "gold" else "red", "eye", 0.4),
        }
        paint_rows(c, bare if p["wings"] == "none" else rows, legend)
    else:
        g = Grid(c)
        if p["breath"] != "none":  # room for the breath
            g.k *= 0.8
            g.ox += 0.2 * (c.s - 2 * g.m)
            g.oy = round(c.h - g.m - 16 * g.k)
        _dragon(p, c, g, rng)
    if p["facing"] == "right":
        c.flip()


#: Wing outlines by what they do: root, wrist, then finger tips with the scallops between them.
_WINGS = {
    "raised": ((8.2, 8.8), (10.6, 0.3), (15.9, 2), (13.8, 4), (15.6, 6.4), (13, 6.8), (13.6, 9.4), (11.2, 9.4)),
    "small": ((8.2, 9.4), (10.4, 0.2), (15.9, 4), (13.2, 5), (14.6, 8.6), (11.4, 9)),
    "folded": ((7.4, 8.6), (8.4, 5.2), (15.6, 6.2), (13, 7.8), (14.4, 9.4), (11.8, 9.4), (12, 11.2), (9, 10.6)),
}


def _dragon(p: Params, c: Canvas, g: Grid, rng: Rng) -> None:
    color, s, up = p["color"], c.s, p["pose"] == "flying"
    lean = p["neck"] * 0.5
    if p["wings"] == "raised" and g.fine:
        far = g.poly((7.4, 8), (7.4, 1.4), (10, 0.6), (10, 3), (8.8, 8))
        c.paint(far, p["wing_color"], "wings", -1.2)
    tail = (
        g.taper(((11, 10.6), (14.6, 15.4), (15.2, 11.6)), 3.4, 0.9)
        if up
        else g.taper(((11.2, 13), (16.6, 16.4), (14.6, 10.6)), 3.4, 0.9)
    )
    c.paint(tail, color, "tail", c.fall(tail, 0.5, -1.0), rim=g.fine)
    x, y = (15.2, 11.2) if up else (14.6, 10.2)
    tip = g.poly((x, y - 1.6), (x + 1, y + 0.8), (x - 1.2, y + 0.8))
    c.paint(tip, p["wing_color"] or color, "tail", -0.3, rim=g.fine)
    low = 15.9 if not up else 13.6
    for at in (6.9, 11.4):  # the legs on the far side
        leg = g.rect(at, 11, 1.6, low - 11.6)
        c.paint(leg, color, "legs", -1.3)
    neck = g.taper(((7.2, 10.6), (3.8 + lean, 9), (4.6 + lean, 4.6)), 4.8, 2.6)
    trunk = g.oval(4.8, 7.8, 8.4, 5.8) | neck
    c.paint(trunk, color, "body", c.ball(trunk, 1.5), rim=s >= 16)
    belly = g.taper(((8.4, 12.6), (3.4 + lean, 10.6), (3.8 + lean, 5.4)), 2.2, 1.2) | g.oval(5.6, 10.8, 6, 2.8)
    belly &= trunk
    c.paint(belly, p["belly_color"], "belly", c.fall(belly, 0.5, -0.9))
    if g.fine:
        c.touch(belly & (c.ys.astype(int) % max(2, g.px(0.9)) == 0), -0.8)
    for at, haunch in ((5.2, 1.9), (9.4, 4.4)):
        thigh = g.oval(at, 9.2 if haunch > 3 else 10.2, haunch, 4.4)
        shin = g.rect(at + (0.8 if haunch > 3 else 0.1), 12, 1.8, low - 12)
        foot = g.rect(at - (0.2 if haunch > 3 else 0.9), low - 1.1, 2.8, 1.1)
        leg = thigh | shin | foot
        c.paint(leg, color, "legs", c.ball(leg, 1.2), rim=s >= 16)
        if s >= 32:
            fx = c.box(foot)[0]
            c.paint(foot & (c.ys == c.ys[foot.any(1)].max()) & ((c.xs - fx) % 2 == 0), "bone", "claws", 0.4)
    hx, hy = 1.0 + lean, 2.0
    if p["horns"]:
        horn = g.taper(((hx + 4.2, hy + 1), (hx + 5.6, hy + 0.6), (hx + 6.6, hy - 1.4)), 1.3, 0.6)
        c.paint(horn, "bone", "horns", c.fall(horn, 0.6, -0.8), rim=g.fine)
    if g.fine:
        ear = g.poly((hx + 4.2, hy + 2.4), (hx + 6.6, hy + 2.2), (hx + 4.8, hy + 3.8))
        c.paint(ear, p["wing_color"] or color, "ears", -0.3, rim=True)
    skull = g.oval(hx + 1.8, hy, 3.8, 4)
    snout = g.poly(
        (hx - 0.6, hy + 1.8), (hx + 0.2, hy + 1.2), (hx + 2.4, hy + 0.9), (hx + 3.8, hy + 3.6), (hx - 0.4, hy + 3.6)
    )
    head = skull | snout
    c.paint(head, color, "head", c.ball(head, 1.4), rim=s >= 16)
    if s >= 16:
        c.contour(g.stroke((hx - 0.3, hy + 2.8), (hx + 2.2, hy + 2.8)) & head)
    if s >= 32:
        c.paint(g.dots((hx + 0.1, hy + 1.9)), "ink", "head", 0)
        for i in range(2):
            c.paint(g.rect(hx + 0.3 + i * 1.1, hy + 2.9, 0.5, 0.5), "white", "teeth", 0.4)
    eye = g.rect(hx + 2.6, hy + 1.0, 1.0, 1.0)
    c.paint(eye, "yellow" if color != "gold" else "red", "eye", 0.6)
    if g.fine:
        c.paint(g.rect(hx + 2.6, hy + 1.0, 0.5, 1.0), "ink", "eye", -0.5)
        c.contour(g.stroke((hx + 2.2, hy + 0.7), (hx + 3.8, hy + 0.7)))
    if p["spikes"]:
        ridge = [(hx + 5.2, hy + 3.6), (hx + 5.4, hy + 5.4), (12.4, 8.6), (13.6, 10.2)]
        if p["wings"] != "raised":
            ridge += [(8.6, 7.8), (10.6, 7.8)] if p["wings"] == "none" else []
        for rx, ry in ridge:
            spike = g.poly((rx - 0.9, ry + 0.6), (rx + 0.8, ry + 0.9), (rx + 0.8, ry - 1.0)) & ~c.figure
            c.paint(spike, p["belly_color"], "spikes", c.fall(spike, 0.5, -0.9))
    if p["wings"] != "none":
        near = _WINGS[p["wings"] if g.fine or p["wings"] == "folded" else "small"]
        wing = g.poly(*near)
        c.paint(wing, p["wing_color"], "wings", c.fall(wing, 0.9, -0.9), rim=True)
        wrist = near[1]
        if s >= 16:
            for end in near[2::2] if g.fine else near[4:5]:
                c.touch(g.stroke(wrist, end) & wing, -1.3)
        arm = g.taper((near[0], ((near[0][0] + wrist[0]) / 2 - 0.6, (near[0][1] + wrist[1]) / 2), wrist), 1.5, 0.8)
        c.paint(arm, color, "wings", c.column(arm, 0.8) + 0.3, rim=g.fine)
    if p["breath"] != "none":
        _breath(p, c, g, rng, hx, hy)


def _breath(p: Params, c: Canvas, g: Grid, rng: Rng, hx: float, hy: float) -> None:
    """A cone from the mouth to the left margin."""
    outer, core = ("fire", "flame") if p["breath"] == "fire" else ("ice", "white")
    part = "fire" if p["breath"] == "fire" else "ice"
    (bx, by), edge, u = g.at(hx - 0.4, hy + 3), g.m, g.k
    free = ~c.figure
    cone = c.poly((bx, by), (edge, by - 0.6 * u), (edge, by + 5.6 * u), (bx, by + 0.6 * u)) & free
    cone &= rng.smooth(c.h, c.w, max(2, round(1.5 * u))) + (c.xs - edge) / c.s * 2.0 > 0.3
    c.paint(cone, outer, part, -0.1)
    inner = c.poly((bx, by + 0.2 * u), (edge + 2 * u, by + 1.2 * u), (edge + 2 * u, by + 3.4 * u), (bx, by + 0.5 * u))
    c.paint(inner & cone, core, part, 0.3)


def words(p: Params) -> Words:
    having: list[str | tuple[str, ...]] = []
    if p["wings"] != "none":
        having.append(
            ("wings", "large wings" if p["wings"] == "raised" else "folded wings")
            if p["wing_color"] == p["color"]
            else (f"{{{p['wing_color']}}} wings", "wings")
        )
    if p["horns"]:
        having.append(("horns", "a horned head"))
    if p["spikes"]:
        having.append(("spikes on its back", "spikes", f"{{{p['belly_color']}}} spikes"))
    having.append((f"a~{{{p['belly_color']}}} belly",))
    doing = {
        "none": (),
        "fire": (("breathing fire", "spitting fire", "breathing flames"),),
        "ice": (("breathing ice", "with icy breath"),),
    }[p["breath"]]
    return Words(
        nouns=("dragon", "dragon", "drake", "dragon monster"),
        adjectives=(f"{{{p['color']}}}",),
        having=tuple(having),
        place=(
            *doing,
            *((("flying", "in flight"),) if p["pose"] == "flying" else ()),
            (f"facing {p['facing']}", f"looking to the {p['facing']}"),
        ),
        lacking=() if p["wings"] != "none" else ("wings",),
    )


FAMILY = Family(
    name="dragon",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=((8, 8), (16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64)),
    weight=1.4,
)
