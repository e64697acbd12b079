"""Animals of house, wood and pond: cats, dogs, foxes, bears, rabbits, mice, ducks, frogs, penguins, turtles."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "cat": ("black", "orange", "grey", "white", "brown", "tan"),
    "dog": ("brown", "tan", "black", "white", "grey"),
    "wolf": ("grey", "dark grey", "white"),
    "fox": ("orange",),
    "bear": ("brown", "black", "white"),
    "rabbit": ("white", "grey", "brown", "tan"),
    "mouse": ("grey", "white", "brown"),
    "duck": ("yellow", "white", "brown"),
    "frog": ("green", "lime", "red"),
    "penguin": ("black", "navy"),
    "turtle": ("green",),
}
FOUR = ("cat", "dog", "wolf", "fox", "bear")
PARAMETERS = {
    "animal": choice(*COLORS, weights=(5, 5, 2.5, 3, 3, 4, 2.5, 2.5, 3, 2.5, 2.5)),
    "color": choice(*range(6)),
    "collar_color": choice(None, "red", "blue", "green", weights=(3, 1, 1, 1)),
    "facing": choice("left", "right"),
    "walk": flag(0.5, minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    kind = p["animal"]
    p["color"] = COLORS[kind][p["color"] % len(COLORS[kind])] if isinstance(p["color"], int) else p["color"]
    if kind not in ("cat", "dog") or min(h, w) < 16:
        p["collar_color"] = None
    if kind in ("frog", "penguin"):
        p["facing"] = None
    if kind not in FOUR:
        p["walk"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m, mid, u = 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    kind = p["animal"]
    if kind in FOUR:
        _four(p, c, Grid(c))
    elif kind in ("rabbit", "mouse"):
        _rodent(p, c, Grid(c))
    elif kind == "duck":
        _duck(p, c, Grid(c))
    elif kind == "turtle":
        _turtle(p, c, Grid(c))
    elif kind == "frog":
        _frog(p, c, m, mid, u)
    else:
        _penguin(p, c, m, mid, u)
    if p["facing"] == "right":
        c.flip()


#: Patterns of the smallest size, facing left: C coat, D shaded coat, T tail, W white, E eyes, K nose.
_TINY = {
    "cat": ("........", "C.C....T", "CCC....T", "ECEC...T", "CKCCCCCT", ".CCCCCC.", ".C.DC.D.", ".C.DC.D."),
    "dog": ("........", ".CCD...T", "CECD...T", "KCCDCCCT", ".CCCCCC.", "..CCCCC.", "..C.D.CD", "..C.D.CD"),
    "wolf": (".C.C....", ".CCC....", "CECC....", "KWWCCCCT", "..CCCCTT", "..CCCCTT", "..C.D.CT", "..C.D.C."),
    "bear": ("C..C....", "CCCC....", "ECECCCC.", "CKCCCCCC", ".CCCCCCC", ".CCCCCCC", ".CCD.CCD", ".CCD.CCD"),
}
_TINY["fox"] = (*_TINY["wolf"][:4], "..CCCCTT", "..CCCCTW", *_TINY["wolf"][6:])
_DARK = ("black", "dark grey", "dark brown")


def _four(p: Params, c: Canvas, g: Grid) -> None:
    """A standing cat, dog, wolf, fox or bear; cats and bears look out of the picture a little."""
    kind, color, s = p["animal"], p["color"], c.s
    eyes = "yellow" if color in _DARK else "ink"
    if s <= 10:
        marks = {"C": ("body", 0.1), "D": ("legs", -0.9), "T": ("tail", -0.4)}
        legend = {mark: (color, part, tone) for mark, (part, tone) in marks.items()}
        legend |= {
            "W": ("white", "muzzle", 0.0),
            "E": (eyes, "eyes", 0.3),
            "K": ("pink" if kind == "cat" else "ink", "nose", 0.0),
        }
        paint_rows(c, _TINY[kind], legend)
        return
    bulk, step = kind == "bear", 0.7 if p["walk"] else 0.0
    tails = {
        "cat": (((12.4, 9.4), (16.2, 9.4), (14.6, 3.4)), 1.5, 1.3),
        "dog": (((12.6, 8.8), (15.4, 8), (15.4, 4.4)), 1.6, 1.0),
        "wolf": (((12.2, 8.8), (15.8, 9.6), (14.8, 14)), 3.0, 1.2),
        "fox": (((12.2, 9.4), (16.2, 8.6), (14.4, 13.6)), 3.2, 2.0),
    }
    if kind in tails:
        tail = g.taper(*tails[kind])
        c.paint(tail, color, "tail", c.fall(tail, 0.5, -0.8), rim=g.fine)
        if kind == "fox":
            c.paint(tail & (c.ys > g.at(0, 12.2)[1]), "white", "tail", 0)
    thick = 2.4 if bulk else 1.7
    for x, shift in ((6.4, step), (11.2, -step)):
        far = g.rect(x + shift, 11, thick, 4.9)
        c.paint(far, color, "legs", -1.3)
    body = g.oval(3, 5.2, 12.4, 8.4) if bulk else g.oval(4, 7.4, 9.8, 5.2) | g.rect(5, 7.8, 7.4, 3.4)
    c.paint(body, color, "body", c.ball(body, 1.5), rim=s >= 16)
    if s >= 16:
        under = body & (c.ys > g.at(0, 11.4)[1])
        c.touch(under, -0.6)
    if kind in ("wolf", "fox") and g.fine:
        chest = g.poly((4.2, 8), (6.2, 8.6), (5.6, 12.2), (4.4, 11))
        c.paint(chest & body, "white", "belly", c.fall(chest, 0.2, -0.8))
    for x, shift, hind in ((4.2, -step, False), (10.6, step, True)):
        leg = g.rect(x + shift, 10.6, thick, 5.3) | g.rect(x + shift - 0.6, 15, thick + 0.6, 0.9)
        if hind:
            leg |= g.oval(9.8 if not bulk else 9.4, 8 if not bulk else 8.6, 4 if not bulk else 5.4, 5.2)
        c.paint(leg, color, "legs", c.ball(leg, 1.1), rim=g.fine)
        if kind == "fox" and s >= 16:
            c.paint(leg & (c.ys > g.at(0, 13.4)[1]), "dark brown", "legs", c.column(leg, 0.8))
        elif s >= 32:
            c.touch(leg & (c.ys > g.at(0, 15.2)[1]), 0.9)
    if kind in ("cat", "bear"):
        _front_head(p, c, g, eyes)
    else:
        _side_head(p, c, g, eyes)


def _front_head(p: Params, c: Canvas, g: Grid, eyes: str) -> None:
    kind, color, s = p["animal"], p["color"], c.s
    if kind == "cat":
        ears = g.poly((0.6, 5.4), (1.0, 0.8), (3.6, 3.2)) | g.poly((4.6, 3.2), (7.2, 0.8), (7.6, 5.4))
        inner = g.poly((1.2, 3.8), (1.5, 2.2), (2.5, 3.4)) | g.poly((5.7, 3.4), (6.7, 2.2), (7, 3.8))
    else:
        ears = g.oval(0.4, 2.2, 2.8, 2.8) | g.oval(5.2, 2.2, 2.8, 2.8)
        inner = g.oval(1.1, 2.9, 1.4, 1.4) | g.oval(5.9, 2.9, 1.4, 1.4)
    c.paint(ears, color, "ears", -0.3, rim=g.fine)
    if g.fine:
        c.paint(inner, "pink", "ears", -0.5)
    head = g.oval(0.2, 2.8, 7.8, 6.4) if kind == "cat" else g.oval(0.4, 3, 7.4, 6.8)
    c.paint(head, color, "head", c.ball(head, 1.4), rim=s >= 16)
    if s >= 16:
        snout = g.oval(1.8, 6.2, 4.2, 2.8) if kind == "cat" else g.oval(1.6, 5.8, 4.6, 3.6)
        c.paint(snout & head, "white" if color != "white" else "beige", "muzzle", c.fall(snout, 0.2, -0.8))
    eye = g.rect(1.4, 4.8, 1.1, 1.5) | g.rect(5.4, 4.8, 1.1, 1.5)
    c.paint(eye, eyes, "eyes", 0.2 if eyes == "yellow" else 0)
    if s >= 32:
        glint = g.rect(1.4, 4.8, 0.5, 0.5) | g.rect(5.4, 4.8, 0.5, 0.5)
        c.paint(
            glint if eyes == "ink" else g.rect(1.8, 4.8, 0.5, 1.5) | g.rect(5.8, 4.8, 0.5, 1.5),
            "white" if eyes == "ink" else "ink",
            "eyes",
            0,
        )
    c.paint(g.rect(3.4, 6.3, 1.2, 0.8), "pink" if kind == "cat" else "ink", "nose", 0)
    if g.fine:
        c.contour(g.rect(3.8, 7.2, 0.5, 0.9))
    if p["collar_color"]:
        band = g.poly((2.4, 8.6), (8, 7.4), (8.4, 8.6), (3, 9.8))
        c.paint(band & (c.mat > 0), p["collar_color"], "collar", c.fall(band, 0.5, -0.7))


def _side_head(p: Params, c: Canvas, g: Grid, eyes: str) -> None:
    kind, color, s = p["animal"], p["color"], c.s
    neck = g.poly((3.4, 6), (6.4, 4.6), (8.2, 8.6), (4.8, 10.8))
    c.paint(neck, color, "body", c.ball(neck, 1.0))
    if p["collar_color"]:
        band = g.poly((3.4, 7.8), (7, 6), (7.6, 7.4), (4.2, 9.2))
        c.paint(band, p["collar_color"], "collar", c.fall(band, 0.5, -0.7))
    if kind != "dog":
        ears = g.poly((3.2, 4), (3.6, 0.6), (5.2, 3)) | g.poly((5, 3.4), (6.6, 0.8), (7, 4.4))
        c.paint(ears, color, "ears", -0.4, rim=g.fine)
        if g.fine:
            c.paint(g.poly((5.6, 3.2), (6.3, 1.9), (6.5, 3.8)), "pink", "ears", -0.7)
    skull = g.oval(2, 2.4, 5.4, 5)
    long = kind == "dog"
    snout = g.oval(0, 4.4, 4.6, 3) if long else g.poly((0, 5), (3.2, 3.8), (4.4, 7), (0.4, 6.6))
    head = skull | snout
    c.paint(head, color, "head", c.ball(head, 1.4), rim=s >= 16)
    if kind in ("wolf", "fox") and s >= 16:
        jaw = g.poly((0.2, 5.8), (3.4, 5.4), (6.6, 5.2), (5.4, 7.6), (0.6, 7))
        c.paint(jaw & head, "white" if color != "white" else "light grey", "muzzle", c.fall(jaw, 0.2, -0.7))
    if kind == "dog":
        ear = g.oval(5, 2.8, 2.4, 4.6)
        c.paint(ear, color, "ears", c.fall(ear, -0.7, -1.5), rim=s >= 16)
        if g.fine:
            c.contour(g.stroke((0.8, 6.6), (2.6, 6.6)) & head)
    c.paint(g.rect(3, 3.9, 1, 1.3), eyes, "eyes", 0.3 if eyes == "yellow" else 0)
    if s >= 32 and eyes == "ink":
        c.paint(g.rect(3, 3.9, 0.5, 0.5), "white", "eyes", 0)
    c.paint(g.rect(0, 4.6, 1.2, 1.0), "ink", "nose", 0)


def _rodent(p: Params, c: Canvas, g: Grid) -> None:
    """A rabbit or mouse that sits up, in profile."""
    kind, color, s = p["animal"], p["color"], c.s
    eyes = "ink" if color not in _DARK else "yellow"
    if s <= 10:
        rows = {
            "rabbit": ("..C.C...", "..C.C...", ".CCCC...", "CECCCC..", "KCCCCCC.", "..CCCCCC", "..CCCCCW", ".CCC.CC."),
            "mouse": ("........", "..CC....", ".CPCC...", "CECCCC..", "KCCCCCC.", ".CCCCCCT", "..CCCC.T", "..C.C.T."),
        }[kind]
        legend = {
            "C": (color, "body", 0.1),
            "E": (eyes, "eyes", 0.0),
            "K": ("pink", "nose", 0.0),
            "W": ("white", "tail", 0.3),
        }
        legend |= {"P": ("pink", "ears", 0.0), "T": ("pink", "tail", -0.3)}
        paint_rows(c, rows, legend)
        return
    if kind == "rabbit":
        puff = g.oval(12.6, 10.6, 3, 3)
        c.paint(puff, "white", "tail", "ball")
    else:
        tail = g.taper(((11.6, 14.6), (16.6, 15.4), (14.6, 9.6)), 1.0, 0.5)
        c.paint(tail, "pink", "tail", c.fall(tail, 0.3, -0.7), rim=g.fine)
    body = g.oval(4.6, 7, 9.4, 9) | g.oval(3.6, 7, 6, 7.4)
    c.paint(body, color, "body", c.ball(body, 1.6))
    chest = g.oval(3.8, 8.6, 3, 5.4)
    c.paint(chest & body, "white" if color != "white" else "beige", "belly", -0.1)
    haunch = g.oval(8, 9.4, 5.4, 6)
    c.paint(haunch, color, "legs", c.ball(haunch, 1.3), rim=g.fine)
    feet = g.oval(6.6, 14.4, 5.2, 1.6) | g.oval(2.8, 14.4, 2.6, 1.6)
    c.paint(feet, color if kind == "rabbit" else "pink", "feet", c.fall(feet, 0.7, -0.5), rim=g.fine)
    arm = g.taper(((5, 11), (4.4, 13), (4, 14.8)), 1.6, 1.2)
    c.paint(arm, color, "legs", -0.2, rim=g.fine)
    if kind == "rabbit":
        for x, lean, tone in ((6.0, 0.9, -1.0), (4.0, 0.3, 0.1)):
            ear = g.oval(x + lean, 0, 2, 6)
            c.paint(ear, color, "ears", tone, rim=g.fine)
            if g.fine and tone > 0:
                c.paint(g.oval(x + lean + 0.6, 0.9, 0.9, 4.2), "pink", "ears", -0.3)
    else:
        for x, tone in ((6.0, -0.9), (3.6, 0.1)):
            ear = g.oval(x, 1.8, 4, 4.2)
            c.paint(ear, color, "ears", tone, rim=g.fine)
            c.paint(g.oval(x + 0.8, 2.6, 2.4, 2.6), "pink", "ears", -0.2 + tone * 0.4)
    head = g.oval(1.4, 4.4, 6.8, 5.6) | (
        g.poly((0.4, 7.6), (3, 5.4), (4, 9.4)) if kind == "mouse" else g.oval(0.9, 6, 3.4, 3.4)
    )
    c.paint(head, color, "head", c.ball(head, 1.3), rim=s >= 16)
    c.paint(g.rect(3.4, 6.1, 1, 1.4), eyes, "eyes", 0)
    if s >= 32 and eyes == "ink":
        c.paint(g.rect(3.4, 6.1, 0.5, 0.5), "white", "eyes", 0)
    c.paint(g.rect(0.8, 6.9, 1, 0.8), "pink", "nose", 0.2)
    if g.fine:
        c.touch(g.rect(2.6, 8.2, 2, 1) & head, 0.6)


def _duck(p: Params, c: Canvas, g: Grid) -> None:
    """In profile, with a raised tail."""
    color, s = p["color"], c.s
    if s <= 10:
        rows = ("..CCC...", "..CEC...", "OOCCC..C", "..CC..CC", ".CCCCCCC", ".CCWWWC.", "..CCCC..", "..O..O..")
        paint_rows(
            c,
            rows,
            {
                "C": (color, "body", 0.1),
                "E": ("ink", "eyes", 0.0),
                "O": ("orange", "beak", 0.0),
                "W": (color, "wing", -1.0),
            },
        )
        return
    legs = g.rect(6.6, 13, 1, 2.9) | g.rect(9.4, 13, 1, 2.9) | g.rect(5.4, 15.1, 2.2, 0.8) | g.rect(8.2, 15.1, 2.2, 0.8)
    c.paint(legs, "orange", "legs", -0.2)
    tail = g.poly((11, 8.6), (15.8, 5.6), (15.4, 9.8), (12, 12))
    body = g.oval(3.4, 7, 11, 7.2) | tail
    head = g.oval(2.6, 0.6, 6.2, 6) | g.poly((4, 5), (7.6, 5), (9, 9.4), (4, 10))
    both = body | head
    c.paint(both, color, "body", c.ball(both, 1.7))
    bill = g.poly((0, 3.6), (3, 2.8), (3.2, 4.8), (0.2, 4.8))
    c.paint(bill, "orange", "beak", c.fall(bill, 0.6, -0.8), rim=s >= 16)
    wing = g.oval(6.6, 8, 6.6, 4.4) | g.poly((9, 8.4), (14, 8), (11, 12))
    c.paint(wing, color, "wing", c.fall(wing, 0.3, -1.2), rim=True)
    if g.fine:
        c.touch(g.stroke((8.4, 11), (12.4, 9.4)) & wing, -1.0)
    c.paint(g.rect(4.4, 2.4, 1.1, 1.2), "ink", "eyes", 0)
    if s >= 32:
        c.paint(g.rect(4.4, 2.4, 0.5, 0.5), "white", "eyes", 0)


def _turtle(p: Params, c: Canvas, g: Grid) -> None:
    """In profile, the shell set with plates."""
    color, s = p["color"], c.s
    if s <= 10:
        rows = ("........", "...SSS..", "..SSSSS.", "HHSDSDSS", "EHSSSSSS", "HHTTTTTH", ".HH..HH.", ".HH..HH.")
        legend = {"S": (color, "shell", 0.2), "D": (color, "shell", -1.0), "T": ("tan", "shell", 0.0)}
        paint_rows(c, rows, legend | {"H": ("lime", "head", -0.3), "E": ("ink", "eyes", 0.0)})
        return
    tail = g.poly((14, 11), (15.9, 13), (13, 12.6))
    c.paint(tail, "lime", "tail", -0.8)
    for x, tone in ((7.2, -1.2), (12, -1.2), (4.8, -0.1), (10.4, -0.1)):
        leg = g.oval(x, 9.8, 3, 5.6) | g.rect(x - 0.5, 14.6, 3, 1.2)
        c.paint(leg, "lime", "legs", c.fall(leg, 0.4, -0.8) + tone, rim=g.fine)
    neck = g.taper(((6, 11), (4, 10.4), (3, 8.4)), 2.8, 2.4)
    head = g.oval(0.2, 5.2, 5, 4.8)
    c.paint(neck | head, "lime", "head", c.ball(head, 1.4), rim=s >= 16)
    c.paint(g.rect(1.6, 6.5, 1, 1.3), "ink", "eyes", 0)
    if g.fine:
        c.paint(g.rect(1.6, 6.5, 0.5, 0.5), "white", "eyes", 0)
        c.contour(g.stroke((0.5, 8.6), (2.2, 8.8)) & head)
    shell = g.oval(3.8, 3, 11.6, 16) & (c.ys < g.at(0, 11.4)[1])
    c.paint(shell, color, "shell", c.ball(shell, 1.7), rim=s >= 16)
    if s >= 16:
        lines = (
            g.stroke((7.6, 3.6), (6.6, 7.2), (7.6, 11))
            | g.stroke((11.6, 3.6), (12.6, 7.2), (11.6, 11))
            | g.stroke((4, 7.4), (15.2, 7.4))
        )
        c.touch(lines & shell, -1.1)
    rim = g.rect(3.8, 10.4, 11.6, 1.2) if not g.fine else g.oval(3.6, 10, 12, 1.8)
    c.paint(rim, "tan", "shell", c.fall(rim, 0.6, -0.7), rim=g.fine)


def _frog(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    legs = c.oval(m, m + 8 * u, 5 * u, 6 * u) | c.rect(m, low - u, 5 * u, 2 * u)
    c.paint(c.mirror(legs & (c.ys <= low)), p["color"], "legs", c.fall(legs, 0.0, -1.2))
    body = c.oval(mid - 5 * u + 0.5, m + 3.6 * u, 10 * u, 10.4 * u) & (c.ys <= low)
    c.paint(body, p["color"], "body", c.ball(body, 1.4), rim=s >= 16)
    belly = c.oval(mid - 3.4 * u + 0.5, m + 9 * u, 6.8 * u, 4.8 * u)
    c.paint(belly & body, "beige", "belly", -0.2)
    bump = c.oval(mid - 5.2 * u + 0.5, m + 1.2 * u, 4 * u, 4 * u)
    c.paint(c.mirror(bump), p["color"], "eyes", c.ball(bump, 1.0), rim=s >= 24)
    white = c.oval(mid - 4.6 * u + 0.5, m + 1.8 * u, max(1, 2.8 * u), max(1, 2.8 * u))
    c.paint(c.mirror(white), "white", "eyes", 0.2)
    c.paint(c.mirror(c.rect(mid - 3.8 * u + 0.5, m + 2.4 * u, max(1, 1.2 * u), max(1, 1.6 * u))), "ink", "eyes", 0)
    if s >= 16:
        c.paint(
            c.rect(mid - 3 * u + 0.5, m + 7.4 * u, 6 * u, 1) | c.mirror(c.dots((mid - 3.4 * u, m + 7.4 * u - 1))),
            "ink",
            "mouth",
            0,
        )
    c.paint(
        c.mirror(c.rect(mid - 3 * u, low - u, max(1, 2 * u), 2 * u)) & (c.ys <= low),
        p["color"],
        "legs",
        0.3,
        rim=s >= 24,
    )


def _penguin(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    c.paint(c.mirror(c.oval(mid - 4 * u, low - 1.4 * u, 3.4 * u, 2.4 * u)) & (c.ys <= low), "orange", "feet", 0)
    flipper = c.taper(
        ((mid - 3.4 * u, m + 6 * u), (mid - 6 * u, m + 8 * u), (mid - 5.6 * u, m + 11.4 * u)), max(1, 2 * u), 1
    )
    c.paint(c.mirror(flipper), p["color"], "flippers", -0.5)
    body = c.oval(mid - 4.6 * u + 0.5, m, 9.2 * u, 14.4 * u)
    c.paint(body, p["color"], "body", c.ball(body, 1.3), rim=s >= 16)
    belly = c.oval(mid - 3.2 * u + 0.5, m + 4.6 * u, 6.4 * u, 9.2 * u) | c.mirror(
        c.oval(mid - 3 * u + 0.5, m + 2.4 * u, 3 * u, 4 * u)
    )
    c.paint(belly & body, "white", "belly", c.ball(belly, 0.9))
    c.paint(c.mirror(c.rect(mid - 1.8 * u, m + 3.4 * u, max(1, u), max(1, 1.2 * u))), "ink", "eyes", 0)
    c.paint(c.poly((mid - 1.2 * u, m + 5 * u), (mid + 1.2 * u, m + 5 * u), (mid, m + 6.6 * u)), "orange", "beak", 0.2)


def words(p: Params) -> Words:
    kind = p["animal"]
    nouns = {
        "cat": ("cat", "cat", "kitty"),
        "dog": ("dog", "dog", "puppy"),
        "rabbit": ("rabbit", "bunny"),
        "mouse": ("mouse", "mouse", "little mouse"),
    }.get(kind, (kind, kind))
    having: list[Fact] = []
    if p["collar_color"] and "collar" in p["visible"]:
        having.append((f"a~{{{p['collar_color']}}} collar", "a collar"))
    more: dict[str, list[Fact]] = {
        "fox": ["a bushy tail"],
        "rabbit": [("long ears", "big ears")],
        "mouse": [("round ears", "big ears"), "a long tail"],
        "penguin": ["a {white} belly"],
        "turtle": ["a shell"],
        "duck": ["a beak"],
        "frog": ["big eyes"],
    }
    having += more.get(kind, [])
    place: tuple[Fact, ...] = ((f"facing {p['facing']}", f"looking {p['facing']}"),) if p["facing"] else ()
    return Words(nouns=nouns, adjectives=(("cute", "", ""), f"{{{p['color']}}}"), having=tuple(having), place=place)


FAMILY = Family(
    name="animal",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SQUARE,
    weight=2.5,
)
