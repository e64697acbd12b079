"""Mermaids: fish tail, long hair, shells, a trident, a pearl or a star fish."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "tail_color": choice("teal", "green", "blue", "purple", "pink", "orange", weights=(4, 3, 2, 2, 1.5, 1)),
    "fin_color": choice("same", "cyan", "yellow", "violet", "pink", weights=(3, 2, 1, 1, 1)),
    "hair_color": choice(
        "ginger", "blond", "black", "blue", "pink", "green", "brown", weights=(4, 3, 3, 1.5, 1.5, 1, 2)
    ),
    "hair": choice("long", "short", "bun", weights=(5, 2, 1)),
    "top_color": choice("violet", "pink", "yellow", "red", "white"),
    "skin": choice("pale skin", "tan skin", "brown skin", "dark skin", "light blue", weights=(4, 2, 2, 1.5, 1)),
    "held": choice("none", "trident", "pearl", "shell", weights=(3, 2, 1.5, 1.5)),
    "crown": choice("none", "crown", "star", weights=(3, 1.5, 1.5)),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["fin_color"] in ("same", p["tail_color"]):
        p["fin_color"] = p["tail_color"]
    if s < 14:
        p.update(held="none", crown="none", hair="long" if p["hair"] == "bun" else p["hair"])
    if s < 20 and p["hair"] == "bun":
        p["hair"] = "short"
    if p["crown"] == "crown" and p["hair"] == "bun":
        p["hair"] = "long"
    if s <= 10:
        p["fin_color"] = p["tail_color"]


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    skin, hair, tail = p["skin"], p["hair_color"], p["tail_color"]
    if c.s <= 10:
        low = "RR" if p["hair"] == "long" else ".S"
        rows = (
            "..RRRR..",
            ".RRRRRR.",
            ".RESER..",
            f"{low}SSSS..",
            f"{low[0]}STTTS..",
            "..FFFF..",
            "...FFF.F",
            "....FFFF",
        )
        paint_rows(
            c,
            rows,
            {
                "R": (hair, "hair", 0.1),
                "S": (skin, "skin", 0.0),
                "E": ("ink", "eyes", 0.0),
                "T": (p["top_color"], "top", 0.0),
                "F": (tail, "tail", 0.0),
            },
        )
    else:
        _figure(p, c, Grid(c))
    if p["facing"] == "right":
        c.flip()


def _figure(p: Params, c: Canvas, g: Grid) -> None:
    skin, hair, tail, fin = p["skin"], p["hair_color"], p["tail_color"], p["fin_color"]
    if p["hair"] == "long":
        back = g.oval(3.4, 1.4, 7.6, 7) | g.poly((7, 3), (10.8, 3.6), (11.6, 9.4), (9, 10.4), (4, 9), (3.6, 4))
        c.paint(back, hair, "hair", c.fall(back, -0.1, -1.2))
    fluke = g.poly((12.4, 13.4), (15.9, 9.4), (15.6, 12.8), (15.9, 15.4), (12.2, 15)) | g.poly(
        (12, 14), (10.4, 16), (14.6, 16)
    )
    c.paint(fluke, fin, "fins", c.fall(fluke, 0.6, -0.6))
    if g.fine:
        c.touch((g.stroke((12.8, 13.8), (15.6, 10.8)) | g.stroke((12.8, 14.2), (15.4, 14))) & fluke, -0.7)
    body = g.taper(((7.2, 10), (6.8, 14.6), (10, 14.4)), 4.6, 2.8) | g.taper(
        ((10, 14.4), (12, 14.6), (13, 13.4)), 2.8, 1.5
    )
    c.paint(body, tail, "tail", c.fall(body, 0.8, -0.9), rim=g.fine)
    if g.fine:
        k = g.px(1.2)
        xs, ys = (c.xs - round(g.ox)).astype(int), c.ys.astype(int)
        c.touch(body & ((xs + (ys // k % 2) * (k // 2)) % k == 0) & (ys % k < max(1, k // 2)), -0.9)
    far = g.stroke((9, 7.8), (11, 9.2), (10.6, 10.8), width=0.9)
    c.paint(far, skin, "arms", -0.7, rim=g.fine)
    chest = g.poly((5, 7), (9.4, 7), (9, 10.6), (5.4, 10.6))
    c.paint(chest, skin, "skin", c.column(chest, 1.0), rim=g.fine)
    shells = g.oval(5, 7.9, 2.1, 1.7) | g.oval(7.3, 7.9, 2.1, 1.7)
    c.paint(shells, p["top_color"], "top", c.fall(shells, 0.5, -0.5), rim=g.large)
    c.paint(g.poly((4.8, 10.2), (9.6, 10.2), (8.6, 11.6), (7.2, 10.8), (5.8, 11.6)), fin, "fins", 0.3, rim=g.fine)
    hand = (3.2, 9.2) if p["held"] == "trident" else (3, 8.4) if p["held"] != "none" else (3.6, 10.8)
    if p["held"] == "trident":
        c.paint(g.rect(2.6, 3.6, 0.7, 11.6), "gold", "weapon", 0.2, rim=g.fine)
        fork = (
            g.rect(1.4, 3.6, 3.1, 0.6)
            | g.rect(1.4, 1.6, 0.6, 2.4)
            | g.rect(2.65, 1, 0.6, 3)
            | g.rect(3.9, 1.6, 0.6, 2.4)
        )
        c.paint(fork, "gold", "weapon", 0.6, rim=g.fine)
    near = g.stroke((5.4, 7.8), (4, 9.6), hand, width=0.95)
    c.paint(near, skin, "arms", 0.3, rim=g.fine)
    if p["held"] == "pearl":
        pearl = g.oval(1, 6.4, 2.8, 2.8)
        c.paint(pearl, "white", "pearl", c.ball(pearl, 1.5), rim=True)
    elif p["held"] == "shell":
        shell = g.poly((2.4, 9), (0.6, 7.2), (1.2, 6), (2.4, 5.6), (3.6, 6), (4.2, 7.2))
        c.paint(shell, "beige", "shell", c.fall(shell, 0.5, -0.5), rim=True)
        if g.fine:
            c.touch((g.stroke((2.4, 8.6), (1.4, 6.6)) | g.stroke((2.4, 8.6), (3.4, 6.6))) & shell, -1)
    head = g.oval(4, 1.6, 6.2, 5.8)
    c.paint(head, skin, "head", c.ball(head, 0.9), rim=True)
    top = g.oval(3.6, 0.8, 7.2, 6.4) & ~g.oval(3, 3.2, 5.6, 5.4) & ~g.rect(0, 6.4, 16, 3)
    if p["hair"] == "long":
        top |= g.poly((9, 2.6), (10.8, 3), (11.2, 7.4), (9.4, 7.8))
    if p["hair"] == "bun":
        bun = g.oval(8, 0, 3.4, 3.2)
        c.paint(bun, hair, "hair", c.ball(bun, 1.2), rim=g.fine)
    c.paint(top, hair, "hair", c.ball(top, 1.4), rim=g.fine)
    c.paint(g.rect(4.9, 4.1, 0.9, 1.3) | g.rect(7.2, 4.1, 0.9, 1.3), "ink", "eyes", 0)
    if g.fine:
        c.paint(g.rect(5.9, 6.2, 1, 0.5), "red", "mouth", -0.3)
    if p["crown"] == "crown":
        crown = (
            g.rect(4.6, 0.9, 4.6, 1) | g.rect(4.6, 0, 0.8, 1.4) | g.rect(6.5, 0, 0.8, 1.4) | g.rect(8.4, 0, 0.8, 1.4)
        )
        c.paint(crown, "gold", "crown", c.column(crown, 1.0), rim=g.fine)
    elif p["crown"] == "star":
        star = g.rect(8.2, 1.8, 2.4, 0.8) | g.rect(9, 1, 0.8, 2.4)
        c.paint(star, "orange" if hair != "ginger" else "yellow", "star", 0.3, rim=g.fine)


def words(p: Params) -> Words:
    hair, tail = f"{{{p['hair_color']}}}", f"{{{p['tail_color']}}}"
    having: list[Fact] = [(f"a~{tail} tail", f"a~{tail} fish tail")]
    having.append(
        {
            "long": (f"long {hair} hair", f"{hair} hair"),
            "short": (f"short {hair} hair", f"{hair} hair"),
            "bun": (f"a~{hair} bun", f"{hair} hair in a bun"),
        }[p["hair"]]
    )
    if p["fin_color"] != p["tail_color"]:
        having.append(f"{{{p['fin_color']}}} fins")
    if "top" in p["visible"]:
        having.append((f"a~{{{p['top_color']}}} shell top", f"{{{p['top_color']}}} shells"))
    if p["held"] != "none":
        having.append(
            {
                "trident": ("a trident", "a {gold} trident"),
                "pearl": ("a pearl", "a big pearl in hand"),
                "shell": ("a seashell", "a shell in hand"),
            }[p["held"]]
        )
    if p["crown"] != "none":
        having.append(
            ("a crown", "a {gold} crown") if p["crown"] == "crown" else ("a starfish in the hair", "a starfish")
        )
    if p["skin"] in ("brown skin", "dark skin"):
        having.append("dark skin")
    elif p["skin"] == "light blue":
        having.append("{light blue} skin")
    return Words(
        nouns=("mermaid", "mermaid", "sea maiden", "siren"),
        adjectives=(("", "beautiful"),),
        having=tuple(having),
        place=((f"facing {p['facing']}", f"turned {p['facing']}"),),
        lacking=() if p["crown"] != "none" else ("a crown",),
    )


FAMILY = Family(
    name="mermaid",
    kind="character",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("underwater", "fantasy"),
)
