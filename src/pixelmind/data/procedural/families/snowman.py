"""Snowmen: two or three balls, hats, scarves, stick arms, buttons, a broom or a lantern."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words, counted
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "balls": choice(2, 3, weights=(2, 3)),
    "hat": choice("top hat", "bucket", "beanie", "none", weights=(5, 1.5, 3, 1.5)),
    "hat_color": choice("black", "red", "blue", "green", "purple", weights=(4, 3, 2, 2, 1)),
    "scarf_color": choice(None, "red", "blue", "green", "orange", "purple", weights=(1.5, 4, 2, 2, 1, 1)),
    "nose": choice("carrot", "coal", weights=(5, 1)),
    "buttons": choice(0, 2, 3, weights=(1, 2, 3)),
    "mood": choice("smile", "frown", "neutral", weights=(5, 1, 1)),
    "arms": choice("up", "down", "none", weights=(3, 3, 1)),
    "held": choice("none", "broom", "lantern", "sign", weights=(5, 2, 1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["hat"] in ("none", "bucket"):
        p["hat_color"] = None
    if p["hat_color"] and p["hat_color"] == p["scarf_color"]:
        p["scarf_color"] = "orange"
    if s < 20:
        p["balls"], p["mood"], p["buttons"] = 2, "neutral", 2 if p["buttons"] and s >= 14 else 0
        p["arms"] = "none" if p["arms"] == "none" else "up"
    if s < 20 and p["hat"] in ("bucket", "beanie"):
        p["hat"], p["hat_color"] = "top hat", p["hat_color"] or "black"
    if p["arms"] == "none" or s < 16:
        p["held"] = "none"
    if p["held"] != "none":
        p["arms"] = "up"


_TINY = ("..HHHH..", ".HHHHHH.", "..CECE..", "A.CNNC.A", ".ARRRRA.", ".CCCCCC.", "CCCCCCCC", ".CCCCCC.")
_SMALL = (
    "....HHHHHH....",
    "....HHHHHH....",
    "....BBBBBB....",
    "..HHHHHHHHHH..",
    "....CECCEC....",
    "A...NNNCCC...A",
    ".A..CCCCCC..A.",
    "..A.RRRRRR.A..",
    "...CACCRRAC...",
    "...CCCCRRCC...",
    "...CCCDCCCC...",
    "..CCCCCCCCCC..",
    "...CCCDCCCC...",
    "....CCCCCC....",
)


def _small(p: Params, c: Canvas) -> None:
    rows = list(_TINY if c.s < 14 else _SMALL) + ([] if c.s <= 10 else [""])
    if p["hat"] == "none":
        rows[: 2 if c.s < 14 else 4] = ["", "..CCCC.."] if c.s < 14 else ["", "", ".....CCCC.....", "....CCCCCC...."]
    wide = max(map(len, rows))
    hat = p["hat_color"] or "black"
    snow = ("snow", "body", 0.0)
    legend = {
        "C": snow,
        "H": (hat, "hat", 0.0),
        "B": ("gold" if hat == "red" else "red", "hat band", 0.0),
        "E": ("ink", "eyes", 0.0),
        "N": ("orange" if p["nose"] == "carrot" else "ink", "nose", 0.0),
        "R": (p["scarf_color"], "scarf", 0.0) if p["scarf_color"] else snow,
        "A": ("dark wood", "arms", 0.0) if p["arms"] != "none" else snow,
        "D": ("ink", "buttons", 0.2) if p["buttons"] else snow,
    }
    rows = [row.ljust(wide, ".") for row in rows]
    if p["arms"] == "none":  # only the arms before the body are snow
        rows = [row if "C" in row[:4] else row.replace("A", ".") for row in rows]
    paint_rows(c, rows, legend)
    body = c.mat == c.materials.index("snow")
    c.touch(body, c.ball(body, 1.3) + 0.3)
    if p["held"] != "none":
        _held(p, c, Grid(c), 6.2)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    if c.s < 20:
        _small(p, c)
        return
    g = Grid(c)
    room = {"top hat": 3.0, "bucket": 2.4, "beanie": 2.2, "none": 0.4}[p["hat"]]
    tall = 16 - room
    if p["balls"] == 3:
        sizes = (tall * 0.42, tall * 0.38, tall * 0.34)
    else:
        sizes = (tall * 0.6, 0.0, tall * 0.5)
    base_y = 16 - sizes[0]
    mid_y = base_y - sizes[1] * 0.78 if sizes[1] else base_y
    head_y = max(room - 0.6, mid_y - sizes[2] * 0.78)
    arm_y = mid_y + sizes[1] * 0.4 if sizes[1] else base_y + sizes[0] * 0.28
    if p["arms"] != "none":
        reach = 2.6 if p["arms"] == "up" else -1.6
        arm = g.stroke((5.4, arm_y), (1, arm_y - reach), width=0.6)
        twig = g.stroke((2.2, arm_y - reach * 0.7), (1.8, arm_y - reach * 0.7 - 1.5)) | g.stroke(
            (1.8, arm_y - reach * 0.8), (0.3, arm_y - reach * 0.8 + 0.3)
        )
        c.paint(g.sides(arm | (twig if g.fine else c.empty())), "dark wood", "arms", 0)
    for y, d, part in ((base_y, sizes[0], "body"), (mid_y, sizes[1], "body"), (head_y, sizes[2], "head")):
        if d:
            wide = d * 1.12
            ball = g.oval(8 - wide / 2, y, wide, d)
            c.paint(ball, "snow", part, c.ball(ball, 1.7), rim=True)
    belly_y, belly_d = (mid_y, sizes[1]) if sizes[1] else (base_y, sizes[0])
    for i in range(p["buttons"]):
        y = belly_y + belly_d * (0.42 + i * 0.26)
        c.paint(g.oval(7.5, y, 1, 1), "ink", "buttons", 0.2)
    hx, hw = 8 - sizes[2] * 0.56, sizes[2] * 1.12
    eye = g.oval(8 - hw * 0.3, head_y + sizes[2] * 0.3, 1.1, 1.1)
    c.paint(g.sides(eye), "ink", "eyes", 0)
    ny = head_y + sizes[2] * 0.5
    if p["nose"] == "carrot":
        nose = g.poly((8.6, ny), (8.4, ny + 1.1), (5.2, ny + 1.0))
        c.paint(nose, "orange", "nose", c.fall(nose, 0.5, -0.5), rim=g.fine)
    else:
        c.paint(g.oval(7.5, ny, 1, 1), "ink", "nose", 0.2)
    if p["mood"] != "neutral":
        my = head_y + sizes[2] * 0.82
        bend = -0.6 if p["mood"] == "smile" else 0.6
        pts = [(8 + dx, my + (bend if abs(dx) > 1 else 0)) for dx in (-1.5, -0.5, 0.5, 1.5)]
        c.paint(g.dots(*pts), "ink", "mouth", 0)
    if p["scarf_color"]:
        sy = head_y + sizes[2] * 0.94
        band = g.oval(hx + hw * 0.06, sy, hw * 0.88, 1.6)
        end = g.rect(8 + hw * 0.14, sy + 1, 1.5, 3.2)
        c.paint(end, p["scarf_color"], "scarf", -0.5, rim=True)
        c.paint(band, p["scarf_color"], "scarf", c.column(band, 1.0), rim=True)
        if g.fine:
            c.touch(end & (c.ys.astype(int) % 3 == 0), 0.9)
    if p["hat"] in ("top hat", "bucket"):
        low = head_y + sizes[2] * 0.16
        color = p["hat_color"] or "iron"
        crown = (
            g.rect(5.6, 0.2, 4.8, low - 0.2)
            if p["hat"] == "top hat"
            else g.poly((6.2, 0.4), (9.8, 0.4), (10.8, low), (5.2, low))
        )
        c.paint(crown, color, "hat", c.column(crown, 1.1), rim=True)
        if p["hat"] == "top hat":
            c.paint(g.rect(5.6, low - 1.2, 4.8, 0.9), "gold" if color == "red" else "red", "hat band", 0)
            c.paint(g.rect(4, low - 0.3, 8, 0.9), color, "hat", 0.2, rim=True)
        else:
            c.paint(g.rect(5, low - 0.5, 6, 0.7), color, "hat", 0.8)
    elif p["hat"] == "beanie":
        low = head_y + sizes[2] * 0.24
        dome = g.oval(hx + 0.4, max(0.6, head_y - 1.0), hw - 0.8, sizes[2]) & g.rect(0, 0, 16, low)
        c.paint(dome, p["hat_color"], "hat", c.ball(dome, 1.3), rim=True)
        c.paint(g.rect(hx + 0.2, low - 0.9, hw - 0.4, 1.1), "white", "hat band", -0.4, rim=g.fine)
        c.paint(g.oval(7, max(0, head_y - 2), 2, 2), "white", "hat band", 0, rim=g.fine)
    _held(p, c, g, arm_y - 2.6)


def _held(p: Params, c: Canvas, g: Grid, y: float) -> None:
    if p["held"] == "broom":
        c.paint(g.rect(0.9, max(1.6, y - 3), 0.7, 14.4 - max(1.6, y - 3)), "wood", "broom", 0)
        brush = g.poly((0.6, 12.6), (1.9, 12.6), (2.8, 16), (0, 16))
        c.paint(brush, "sand", "broom", c.column(brush, 0.9), rim=g.fine)
    elif p["held"] == "lantern":
        box = g.rect(0.2, y + 0.8, 2.2, 2.8)
        c.paint(box, "iron", "lantern", 0, rim=g.fine)
        c.paint(g.rect(0.8, y + 1.4, 1, 1.6), "flame", "lantern", 0.4)
    elif p["held"] == "sign":
        c.paint(g.rect(1.4, y, 0.7, 15.4 - y), "wood", "sign", -0.4)
        board = g.rect(0, max(0.6, y - 2.6), 4, 2.8)
        c.paint(board, "wood", "sign", c.fall(board, 0.7, -0.4), rim=True)


def words(p: Params) -> Words:
    having: list[Fact] = []
    color = f"{{{p['hat_color']}}}"
    if p["hat"] != "none":
        having.append(
            {
                "top hat": (f"a~{color} top hat", "a hat", f"a~{color} hat"),
                "bucket": ("a bucket on its head", "a bucket hat"),
                "beanie": (f"a~{color} woolly hat", "a beanie"),
            }[p["hat"]]
        )
    if p["scarf_color"]:
        having.append((f"a~{{{p['scarf_color']}}} scarf", "a scarf"))
    if p["nose"] == "carrot":
        having.append(("a carrot nose", "a carrot for a nose"))
    if p["buttons"]:
        having.append(counted(p["buttons"], "button"))
    if p["arms"] != "none":
        having.append(("stick arms", "arms of twigs"))
    if p["held"] != "none":
        having.append((f"a {p['held']}", f"a {p['held']} in hand"))
    mood: Fact = {"smile": ("happy", "smiling"), "frown": ("sad", "grumpy"), "neutral": ("",)}[p["mood"]]
    return Words(
        nouns=("snowman", "snowman", "snow man", "frosty snowman"),
        adjectives=(mood, ("winter", "", "")),
        having=tuple(having),
        lacking=() if p["arms"] != "none" else ("arms",),
    )


FAMILY = Family(
    name="snowman",
    kind="character",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("winter",),
)
