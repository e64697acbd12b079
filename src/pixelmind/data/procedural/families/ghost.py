"""Ghosts: floating shapes with a wavy hem or a tail, moods, arms, chains, lanterns and hats."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "color": choice(
        "white", "light blue", "green", "violet", "pink", "grey", "red", "yellow", weights=(6, 3, 2, 2, 1, 2, 1, 1)
    ),
    "hem": choice("wavy", "tail", "ragged", weights=(4, 3, 2)),
    "mood": choice("happy", "angry", "scared", "calm"),
    "eye_color": choice("ink", "red", "cyan", weights=(5, 2, 1)),
    "arms": choice("none", "raised", "forward", weights=(2, 3, 2)),
    "held": choice("none", "lantern", weights=(3, 1)),
    "hat": choice("none", "top hat", "crown", "bow", weights=(5, 1, 1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if s < 16:
        p.update(mood="calm", held="none", hat="none" if p["hat"] == "bow" else p["hat"], arms="none")
    if s <= 10:
        p["hat"] = "none"
        p["hem"] = "wavy" if p["hem"] == "ragged" else p["hem"]
    if p["held"] != "none":
        p["arms"] = "raised"
    if p["color"] == "red" and p["eye_color"] == "red":
        p["eye_color"] = "ink"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    color, eye = p["color"], p["eye_color"]
    if c.s <= 10:
        rows = ["..CCCC..", ".CCCCCC.", ".CECCEC.", ".CECCEC.", ".CCCCCC.", ".CCCCCC."]
        rows += [".CCCCCC.", ".C.CC.C."] if p["hem"] == "wavy" else ["..CCCCC.", "....CCCC"]
        paint_rows(c, rows, {"C": (color, "body", 0.1), "E": (eye, "eyes", 0.0)})
        c.touch(c.rect((c.w - 8) // 2 + 6, c.h - 6, 1, 5), -0.9)
        return
    g = Grid(c)
    top = 3.0 if p["hat"] in ("top hat", "crown") else 0.4
    if p["arms"] == "raised":
        arm = g.taper(((4.4, 9), (1.8, 9), (1.2, 6.4)), 2.2, 1.4)
        c.paint(g.sides(arm), color, "arms", c.fall(arm, 0.4, -0.6))
    dome = g.oval(3, top, 10, 11)
    if p["hem"] == "tail":
        body = dome | g.poly((3.1, top + 5), (12.9, top + 5), (12.4, 11.6), (14.6, 15.6), (10, 15), (5, 13), (3.4, 10))
    else:
        body = dome | g.rect(3, top + 5, 10, 10.6 - top)
        teeth = 3 if p["hem"] == "wavy" else 5
        for i in range(teeth + 1):
            x = 3 + i * 10 / teeth
            deep, half = (1.8, 0.9) if p["hem"] == "wavy" else (2.6 if i % 2 else 1.4, 0.7)
            notch = g.poly((x - half, 16), (x - half * 0.5, 16 - deep), (x + half * 0.5, 16 - deep), (x + half, 16))
            body &= ~(notch | g.rect(x - half, 15.2, 2 * half, 1))
    c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    if g.fine and p["hem"] != "tail":
        c.touch((g.stroke((6, 12.4), (5.6, 15)) | g.stroke((9.4, 11.6), (9.8, 15))) & body, -0.7)
    if p["arms"] == "forward":
        g.pair(g.oval(3.6, 9.6, 3, 2.2), color, "arms", rim=True)
    _face(p, c, g, top + 3.6, eye)
    if p["held"] == "lantern":
        c.paint(g.stroke((1.4, 6), (1.4, 8)), "iron", "lantern", 0)
        box = g.rect(0.4, 7.6, 2.4, 3.2)
        c.paint(box, "iron", "lantern", 0, rim=g.fine)
        c.paint(g.rect(1, 8.4, 1.2, 1.6), "flame", "lantern", 0.4)
    if p["hat"] == "top hat":
        c.paint(g.rect(5, 0, 6, 3.4), "black", "hat", c.column(g.rect(5, 0, 6, 3.4), 1.0), rim=True)
        c.paint(g.rect(5, 2.3, 6, 0.8), "red" if color != "red" else "yellow", "hat", 0)
        c.paint(g.rect(3.6, 3.2, 8.8, 0.8), "black", "hat", 0.2, rim=True)
    elif p["hat"] == "crown":
        crown = g.rect(5, 1.8, 6, 1.8) | g.rect(5, 0.4, 0.9, 2) | g.rect(7.55, 0.2, 0.9, 2) | g.rect(10.1, 0.4, 0.9, 2)
        c.paint(crown, "gold" if color != "yellow" else "silver", "crown", c.column(crown, 1.0), rim=True)
    elif p["hat"] == "bow":
        bow = g.poly((8, 1.4), (5.4, 0.2), (5.4, 2.6)) | g.poly((8, 1.4), (10.6, 0.2), (10.6, 2.6))
        c.paint(bow, "magenta" if color != "pink" else "blue", "bow", 0, rim=True)


def _face(p: Params, c: Canvas, g: Grid, y: float, eye: str) -> None:
    tall = {"scared": 2.8, "happy": 2.2, "angry": 1.8, "calm": 2.0}[p["mood"]]
    spot = g.oval(5, y, 2, tall)
    c.paint(g.sides(spot), eye, "eyes", 0.0 if eye == "ink" else 0.3)
    if g.fine:
        c.paint(g.sides(g.rect(5.4, y + 0.3, 0.7, 0.7)), "white", "eyes", 0.5)
    if p["mood"] == "angry":
        c.paint(g.sides(g.stroke((4.4, y - 1), (7, y + 0.3), width=0.5)), "ink", "eyes", 0)
    y += tall + 0.8
    if p["mood"] == "happy":
        mouth = g.rect(6.4, y + 0.4, 3.2, 0.9) | g.sides(g.rect(5.8, y, 0.7, 0.7))
    elif p["mood"] == "angry":
        mouth = g.rect(5.8, y + 0.4, 4.4, 1.2)
    elif p["mood"] == "scared":
        mouth = g.oval(6.8, y, 2.4, 2.8)
    else:
        mouth = g.rect(7.2, y, 1.6, 0.8)
    c.paint(mouth, "ink", "mouth", 0)
    if p["mood"] == "angry" and g.fine:
        c.paint(g.sides(g.rect(6.2, y + 0.4, 0.7, 0.6)), "white", "teeth", 0.3)
    if p["mood"] == "happy" and g.fine:
        c.paint(g.sides(g.rect(4, y - 0.4, 1.2, 0.6)), "pink", "cheeks", 0)


def words(p: Params) -> Words:
    having: list[Fact] = []
    if p["eye_color"] != "ink":
        having.append((f"{{{p['eye_color']}}} eyes", f"glowing {{{p['eye_color']}}} eyes"))
    if p["arms"] != "none":
        having.append(("raised arms", "arms raised") if p["arms"] == "raised" else ("small arms", "arms"))
    if p["held"] != "none":
        having.append(("a lantern", "a lantern in hand"))
    if p["hat"] != "none":
        having.append(
            {"top hat": ("a top hat", "a hat"), "crown": ("a crown",), "bow": ("a bow on its head", "a bow")}[p["hat"]]
        )
    if p["hem"] == "tail":
        having.append(("a tail", "a wispy tail"))
    mood = {
        "happy": ("happy", "smiling"),
        "angry": ("angry", "evil"),
        "scared": ("scared", "surprised"),
        "calm": ("floating", "spooky", ""),
    }[p["mood"]]
    return Words(
        nouns=("ghost", "ghost", "spirit", "spook", "phantom"),
        adjectives=(mood, f"{{{p['color']}}}"),
        having=tuple(having),
        lacking=() if p["arms"] != "none" else ("arms",),
    )


FAMILY = Family(
    name="ghost",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("horror", "fantasy"),
)
