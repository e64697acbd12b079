"""Shields and helmets as items."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, shrink
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "thing": choice("shield", "helmet", "chestplate", "boots", weights=(5, 4, 2, 2)),
    "shape": choice("heater", "round", "kite", "tower", weights=(5, 4, 2, 2)),
    "color": choice(
        "red",
        "blue",
        "green",
        "brown",
        "purple",
        "silver",
        "black",
        "yellow",
        "white",
        weights=(4, 4, 2, 3, 1.5, 3, 1.5, 1, 1),
    ),
    "trim_color": choice("silver", "gold", "brown", "dark grey", weights=(4, 4, 1.5, 1)),
    "emblem": choice("none", "cross", "stripe", "star", weights=(4, 4, 2, 2)),
    "emblem_color": choice("white", "yellow", "red", "black", "blue"),
    "helmet": choice("great helm", "viking helmet", "spartan helmet", "open helmet", weights=(3, 3, 2, 2)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["thing"] != "shield":
        p["shape"], p["emblem"] = "none", "none"
    if p["thing"] != "helmet":
        p["helmet"] = "none"
    if p["trim_color"] == p["color"]:
        p["trim_color"] = "gold" if p["color"] != "yellow" else "silver"
    if p["emblem"] == "none":
        p["emblem_color"] = None
    elif p["emblem_color"] == p["color"] or (p["emblem_color"] == "white" and p["color"] == "silver"):
        p["emblem_color"] = "yellow" if p["color"] != "yellow" else "red"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m, mid, u = 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    {"shield": _shield, "helmet": _helmet, "chestplate": _chest, "boots": _boots}[p["thing"]](p, c, m, mid, u)


def _shield(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    shape = p["shape"]
    if shape == "round":
        body = c.oval(m, m, c.w - 2 * m, c.h - 2 * m)
    elif shape == "tower":
        body = c.rect(m + 2 * u, m, c.w - 2 * m - 4 * u, c.h - 2 * m)
        body &= ~c.mirror(c.rect(m + 2 * u, m, 1, 1) | c.rect(m + 2 * u, low, 1, 1))
    elif shape == "kite":
        body = c.oval(m + u, m, c.w - 2 * m - 2 * u, 11 * u) | c.poly(
            (m + 1.4 * u, m + 6 * u), (c.w - 1 - m - 1.4 * u, m + 6 * u), (mid, low)
        )
    else:
        body = c.rect(m + u, m, c.w - 2 * m - 2 * u, 7 * u) | (
            c.oval(m + u, m - 1 * u, c.w - 2 * m - 2 * u, c.h - 2 * m + u) & (c.ys > m + 5 * u)
        )
        body |= c.poly((mid - 3.6 * u, low - 4 * u), (mid + 3.6 * u, low - 4 * u), (mid, low))
    c.paint(body, p["trim_color"], "rim", c.bevel(body, 0.9))
    inner = body
    for _ in range(1 if s < 28 else 2 if s < 56 else 3):
        inner = shrink(inner)
    c.paint(inner, p["color"], "face", c.ball(inner, 1.4), rim=s >= 24)
    k = max(1, round(1.8 * u))
    k += (c.w - k) % 2
    if p["emblem"] == "cross":
        mark = c.rect((c.w - k) // 2, m, k, c.h) | c.rect(m, m + 5 * u, c.w, k)
    elif p["emblem"] == "stripe":
        mark = (abs(c.xs - c.ys) <= k) if shape != "tower" else c.rect((c.w - 2 * k) // 2, 0, 2 * k, c.h)
    elif p["emblem"] == "star":
        r = 3.6 * u
        cy = m + 6.4 * u
        mark = c.poly(
            (mid, cy - r),
            (mid + r * 0.3, cy - r * 0.3),
            (mid + r, cy - r * 0.2),
            (mid + r * 0.45, cy + r * 0.3),
            (mid + r * 0.6, cy + r),
            (mid, cy + r * 0.55),
            (mid - r * 0.6, cy + r),
            (mid - r * 0.45, cy + r * 0.3),
            (mid - r, cy - r * 0.2),
            (mid - r * 0.3, cy - r * 0.3),
        )
    else:
        if shape == "round" and s > 10:
            boss = c.oval(mid - 2 * u + 0.5, (c.h - 1) / 2 - 2 * u + 0.5, 4 * u, 4 * u)
            c.paint(boss, p["trim_color"], "boss", c.ball(boss, 1.5), rim=True)
        return
    c.paint(mark & inner, p["emblem_color"], "emblem", c.ball(inner, 0.9))


def _helmet(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low, kind, color, trim = c.s, c.h - 1 - m, p["helmet"], p["color"], p["trim_color"]
    top = m + (2 if kind != "great helm" else 1) * u
    dome = c.oval(m + 2 * u, top, c.w - 2 * m - 4 * u, 13 * u)
    if kind == "great helm":
        body = dome & (c.ys < m + 8 * u) | c.rect(m + 2 * u, m + 6 * u, c.w - 2 * m - 4 * u, low - m - 6 * u + 1)
        c.paint(body, color, "helmet", c.ball(body, 1.4))
        c.paint(
            c.rect(m + 2 * u, m + 6 * u, c.w - 2 * m - 4 * u, max(1, u))
            | c.rect(mid - 0.5 * u + 0.3, top, max(1, round(1.4 * u)), low - top + 1),
            trim,
            "trim",
            0.3,
        )
        c.paint(c.mirror(c.rect(m + 3.2 * u, m + 7.6 * u, 3.2 * u, max(1, 1.4 * u))), "ink", "visor", 0)
        if s >= 16:
            for dy in (10.6, 12.4):
                c.paint(c.mirror(c.dots((m + 4.6 * u, m + dy * u), (m + 6.2 * u, m + dy * u))), "ink", "visor", 0)
    elif kind == "viking helmet":
        horn = c.taper(((m + 3 * u, m + 7 * u), (m - 1.4 * u, m + 6 * u), (m + 1.2 * u, m + u)), max(1.6, 2.8 * u), 1)
        c.paint(c.mirror(horn) & c.rect(m, m, c.w - 2 * m, c.h), "bone", "horns", c.fall(horn, 0.5, -0.7))
        body = dome & (c.ys < m + 10 * u)
        c.paint(body, color, "helmet", c.ball(body, 1.5), rim=s >= 16)
        c.paint(
            c.rect(m + 2 * u, m + 9 * u, c.w - 2 * m - 4 * u, max(1, 1.8 * u))
            | c.rect(mid - 0.6 * u + 0.3, top, max(1, round(1.5 * u)), m + 12.6 * u - top),
            trim,
            "trim",
            0.2,
            rim=s >= 24,
        )
    elif kind == "spartan helmet":
        crest = c.oval(m + 1.6 * u, m, c.w - 2 * m - 3.2 * u, 11 * u) & (c.ys < m + 5 * u)
        c.paint(crest, "red" if color != "red" else "blue", "crest", c.column(crest, 1.0))
        body = c.oval(m + 2.6 * u, m + 2.4 * u, c.w - 2 * m - 5.2 * u, 12 * u) & (c.ys < m + 9 * u) | c.rect(
            m + 2.6 * u, m + 8 * u, c.w - 2 * m - 5.2 * u, low - m - 8 * u + 1
        )
        c.paint(body, color, "helmet", c.ball(body, 1.4), rim=s >= 16)
        slot = c.mirror(c.rect(m + 4 * u, m + 7.4 * u, 2.8 * u, max(1, 1.8 * u))) | c.rect(
            mid - 0.8 * u + 0.3, m + 9.6 * u, max(1, round(1.8 * u)), low - m - 9.6 * u + 1
        )
        c.paint(slot, "ink", "visor", 0)
    else:
        body = dome & (c.ys < m + 9 * u) | c.mirror(c.rect(m + 2 * u, m + 7 * u, 2.4 * u, 7 * u))
        c.paint(body, color, "helmet", c.ball(body, 1.5))
        c.paint(c.rect(m + 2 * u, m + 8 * u, c.w - 2 * m - 4 * u, max(1, 1.4 * u)), trim, "trim", 0.2, rim=s >= 24)
        knob = c.oval(mid - u + 0.5, m, 2 * u, 2.4 * u)
        c.paint(knob, trim, "trim", "ball", rim=s >= 24)


def _chest(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    low = c.h - 1 - m
    body = c.poly(
        (m + 2.4 * u, m + 2 * u), (c.w - 1 - m - 2.4 * u, m + 2 * u), (c.w - 1 - m - 3 * u, low), (m + 3 * u, low)
    )
    c.paint(body, p["color"], "plate", c.column(body, 0.8) + c.ball(body, 0.6))
    c.erase(c.oval(mid - 2.4 * u + 0.5, m + 0.4 * u, 4.8 * u, 3.6 * u))
    pads = c.mirror(c.oval(m, m + 1.4 * u, 4.6 * u, 4.8 * u))
    c.paint(pads, p["trim_color"], "shoulders", c.fall(pads, 0.9, -0.8), rim=c.s >= 16)
    c.paint(
        c.rect(m + 3 * u, low - 2.6 * u, c.w - 2 * m - 6 * u, max(1, 1.4 * u)),
        p["trim_color"],
        "belt",
        0,
        rim=c.s >= 24,
    )
    if c.s >= 16:
        c.touch(c.mirror(c.stroke((mid, m + 8 * u), (m + 4 * u, m + 7 * u))) & (c.part == c.part_id("plate")), -1.2)


def _boots(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    for x in (m, m + 7.2 * u):
        shaft = c.rect(x + 2 * u, m + 2.4 * u, 4 * u, 9 * u)
        foot = c.rect(x, m + 9 * u, 6 * u, 4.4 * u) | c.oval(x - 0.4 * u, m + 8.4 * u, 5 * u, 5 * u)
        foot &= (c.ys < m + 13.4 * u) & (c.xs >= m)
        c.paint(shaft | foot, p["color"], "boots", c.column(shaft | foot, 1.1), rim=c.s >= 16)
        c.paint(c.rect(x + 1.4 * u, m + 1.6 * u, 5 * u, max(1, 1.8 * u)), p["trim_color"], "trim", 0.1, rim=c.s >= 24)
        c.paint((c.rect(x - 0.4 * u, m + 13 * u, 6.4 * u, max(1, u))) & (c.xs >= m), "dark brown", "soles", -0.2)


def words(p: Params) -> Words:
    color, trim = f"{{{p['color']}}}", f"{{{p['trim_color']}}}"
    having: list[str | tuple[str, ...]] = []
    if p["thing"] == "shield":
        shape: tuple[str, ...] = {
            "round": ("round",),
            "tower": ("tall", "rectangular"),
            "kite": ("kite",),
            "heater": ("",),
        }[p["shape"]]
        having.append((f"a~{trim} rim", f"a~{trim} border"))
        if p["emblem"] != "none":
            having.insert(
                0,
                (
                    f"a~{{{p['emblem_color']}}} {p['emblem']}",
                    f"a~{p['emblem']} emblem" if p["emblem"] != "stripe" else "a stripe",
                ),
            )
        return Words(nouns=("shield", "shield", "knight's shield"), adjectives=(shape, color), having=tuple(having))
    if p["thing"] == "helmet":
        nouns = {
            "great helm": ("helmet", "knight helmet", "great helm"),
            "viking helmet": ("helmet", "viking helmet", "horned helmet"),
            "spartan helmet": ("helmet", "spartan helmet", "crested helmet"),
            "open helmet": ("helmet", "soldier's helmet"),
        }[p["helmet"]]
        having.append(
            {
                "great helm": (f"{trim} trim",),
                "viking helmet": ("horns", "two horns"),
                "spartan helmet": ("a crest", f"a~{{{'red' if p['color'] != 'red' else 'blue'}}} crest"),
                "open helmet": (f"{trim} trim",),
            }[p["helmet"]]
        )
        return Words(nouns=nouns, adjectives=(color,), having=tuple(having))
    if p["thing"] == "boots":
        return Words(
            nouns=("boots", "leather boots" if p["color"] == "brown" else "boots"),
            adjectives=(color,),
            having=((f"{trim} trim",),),
            plural=True,
        )
    return Words(
        nouns=("chestplate", "armour", "breastplate"),
        adjectives=(color,),
        having=((f"{trim} shoulders", f"{trim} shoulder pads"),),
    )


FAMILY = Family(
    name="armour", kind="item", parameters=PARAMETERS, draw=draw, words=words, fit=fit, sizes=SQUARE, weight=1.4
)
