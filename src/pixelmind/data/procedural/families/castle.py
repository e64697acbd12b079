"""Castles: towers with battlements or cone roofs, a gate, flags of one colour, walls of many materials."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, Region, shift
from pixelmind.data.procedural.captions import Words, counted
from pixelmind.data.procedural.family import LARGE, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

WALLS = {
    "stone": ("grey", ("stone", "{grey} stone")),
    "dark stone": ("dark grey", ("dark stone", "{dark grey} stone")),
    "white stone": ("white", ("{white} stone", "{white}")),
    "sandstone": ("sandstone", ("sandstone", "desert")),
    "brick": ("brick", ("brick", "brick built")),
    "black stone": ("black", ("{black}", "evil {black}", "{black} stone")),
    "ice": ("ice", ("ice", "frozen")),
    "gold": ("gold", ("{gold}",)),
}
COLORS = ("red", "blue", "green", "yellow", "purple", "white", "orange", "pink", "black", "teal")

PARAMETERS = {
    "wall": choice(*WALLS, weights=(6, 2, 2, 2, 2, 1.5, 1, 1)),
    "towers": choice(1, 2, 3, weights=(1.5, 4, 4)),
    "roof": choice("battlements", "cone", weights=(6, 4)),
    "roof_color": choice("red", "blue", "purple", "brown", "green", "orange", "teal", "dark grey"),
    "flags": choice(0, 1, 2, 3, weights=(1.5, 2.5, 3, 4)),
    "flag_color": choice(*COLORS, weights=(4, 3, 2, 2, 2, 1, 1, 1, 1, 1)),
    "gate": choice("wooden door", "portcullis", "open gate"),
    "windows": choice("dark", "lit", weights=(3, 1)),
    "backdrop": bd.backdrop(0.62),
    "ground": choice("none", "grass", weights=(2, 1), minor=True),
    "wide_flags": flag(0.5, minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    if w <= 10:
        p["towers"] = 2
        p["windows"] = "none"
    p["flags"] = min(p["flags"], p["towers"], 1 if w <= 10 else 3)
    if p["towers"] == 2 and p["flags"] == 3:
        p["flags"] = 2
    if p["towers"] == 3 and p["flags"] == 2 and w < 20:
        p["flags"] = 3
    if p["backdrop"] != "none":
        p["ground"] = "grass"
    if p["roof"] == "battlements":
        p["roof_color"] = None
    if not p["flags"]:
        p["flag_color"] = None


def _battlements(c: Canvas, x: int, y: int, width: int, tooth: int) -> Region:
    """Merlons standing on row y: as many as fit, both ends closed."""
    teeth = max(2, (width + tooth) // (2 * tooth))
    out = c.empty()
    for i in range(teeth):
        left = x + round(i * (width - tooth) / (teeth - 1))
        out |= c.rect(left, y - tooth, tooth, tooth)
    return out


def _flag(c: Canvas, p: Params, x: int, top: int, base: int) -> None:
    size = max(2, round(c.s * 0.11))
    if c.s <= 10:
        c.paint(c.dots((x, top), (x + 1, top)), p["flag_color"], "flags")
        c.paint(c.rect(x, top + 1, 1, base - top - 1), "wood", "flagpole", -1)
        return
    c.paint(c.rect(x, top, 1, base - top), "dark wood", "flagpole", -0.5)
    length = size + (2 if p["wide_flags"] and c.w > 20 else 1)
    length = min(length, c.w - x - 2)
    cloth = c.rect(x + 1, top, length, size)
    if size > 3:  # swallow tail
        cloth &= ~c.dots(
            (x + length, top + size // 2), (x + length, top + (size - 1) // 2), (x + length - 1, top + size // 2)
        )
    c.paint(cloth, p["flag_color"], "flags", 0.3)
    c.touch(cloth & ~shift(cloth, 0, -1), -1)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m = 0 if c.s <= 10 else 1
    w, h, s = c.w - 2 * m, c.h - 2 * m, c.s
    color = WALLS[p["wall"]][0]
    floor = c.h - m
    if p["backdrop"] != "none":
        bd.sky(c, p["backdrop"], rng, round(c.h * 0.8))
        bd.ground(c, round(c.h * 0.8), "grass", rng)
        floor = round(c.h * 0.92)
    elif p["ground"] == "grass" and s > 10:
        mound = c.rect(m, floor - max(1, s // 16), w, max(1, s // 16))
        c.paint(mound, "grass", "ground", "fall")
        floor -= max(1, s // 16)
    cone = p["roof"] == "cone"
    flag_room = (max(3, round(s * 0.18)) if s > 10 else 2) if p["flags"] else 0
    tooth = max(1, round(s / 16))
    roof_h = round(s * 0.22) if cone and s > 10 else (2 if cone else tooth)
    side_w = max(2, round(w * (0.26 if p["towers"] == 3 else 0.29))) if s > 10 else 2
    keep_w = max(4, round(w * 0.36)) // 2 * 2 + (c.w % 2)
    top = m + flag_room + roof_h
    wall_top = max(top + 2, floor - round(h * 0.38))
    side_top = max(top, floor - round(h * 0.58)) if p["towers"] == 3 and s > 10 else top
    spots: list[tuple[int, int]] = []

    def body(region: Region, part: str, front: bool) -> None:
        c.paint(region, color, part, "column" if part != "wall" else (-0.35 if not front else 0.0), rim=s > 10)
        if s >= 24:
            joints = c.bricks(0, floor, max(4, s // 8), max(3, s // 12)) & region
            keep = rng.noise(c.h // 3 + 1, c.w // 4 + 1).repeat(3, 0).repeat(4, 1)[: c.h, : c.w] < (
                0.55 if s < 48 else 0.7
            )
            c.touch(joints & keep, -0.8)

    def tower(x: int, width: int, y: int, part: str) -> None:
        shaft = c.rect(x, y, width, floor - y)
        if cone:
            body(shaft, part, True)
            over = 0 if s < 20 or width >= w * 0.5 else 1
            mid = x + (width - 1) / 2
            tip = y - roof_h
            roof = c.poly((mid - 0.01, tip), (x + width - 1 + over, y - 1), (x - over, y - 1))
            if s <= 10:
                roof = c.rect(x, y - 1, width, 1)
                tip = y - 1
            c.paint(roof, p["roof_color"], "roof", "column", rim=s > 10)
            spots.append((int(mid), tip))
        else:
            head = max(1, round(s * 0.05)) if s >= 24 else 0
            if head:
                shaft |= c.rect(x - 1, y, width + 2, head + tooth)
            shaft |= _battlements(c, x - (1 if head else 0), y, width + (2 if head else 0), tooth)
            body(shaft, part, True)
            if head:
                c.touch(c.rect(x, y + head + tooth, width, 1) & shaft, -1)
            spots.append((x + (width - 1) // 2, y - (tooth if (width // tooth) % 2 else 0)))
        if s > 10:
            slit_h, slit_w = max(1, round(s * 0.08)), max(1, round(s / 28))
            lit = p["windows"] == "lit"
            slit = c.rect(x + (width - slit_w) // 2, y + round(s * 0.12), slit_w, max(2, slit_h))
            c.paint(slit, "flame" if lit else "ink", "windows", 0 if lit else -0.5)

    wall_x = m + (side_w // 2 if p["towers"] > 1 else round(w * 0.12))
    wall = c.rect(wall_x, wall_top, c.w - 2 * wall_x, floor - wall_top)
    middle = (c.w - keep_w) // 2
    if p["towers"] != 2:
        tower(middle, keep_w, top, "keep")
    wall |= _battlements(c, wall_x, wall_top, c.w - 2 * wall_x, tooth)
    body(wall, "wall", False)
    if p["towers"] > 1:
        inset = 1 if s >= 24 else 0
        tower(m + inset, side_w, side_top, "tower")
        tower(c.w - m - inset - side_w, side_w, side_top, "tower")
    # gate: an arch in the middle of the wall
    gate_w = max(2, round(w * 0.2)) // 2 * 2 + (c.w % 2)
    gate_h = min(max(2, round(h * 0.24)), floor - wall_top - 1)
    gx, gy = (c.w - gate_w) // 2, floor - gate_h
    arch = c.rect(gx, gy, gate_w, gate_h)
    if gate_w >= 4:
        arch &= ~c.dots((gx, gy), (gx + gate_w - 1, gy))
    if s >= 32:
        c.touch(bd.halo(arch) & wall, 0.8)
    if p["gate"] == "wooden door":
        c.paint(arch, "wood", "gate", -0.3, rim=s > 10)
        if s >= 24:
            c.touch(arch & ((c.xs - gx) % 3 == 2), -1)
            c.paint(c.dots((gx + gate_w - 2, gy + gate_h // 2 + 1)), "gold", "gate", 0.5)
    else:
        c.paint(arch, "ink", "gate", -0.6, rim=s > 16)
        if p["gate"] == "portcullis" and s >= 16:
            bars = arch & (((c.xs - gx) % 2 == 1) | ((c.ys - gy) % 3 == 1)) & (c.ys < gy + gate_h * 0.7)
            c.paint(bars, "iron", "gate", -0.3)
    if p["flags"]:
        order = {
            1: [0] if p["towers"] != 2 else [rng.integer(0, 1)],
            2: [len(spots) - 2, len(spots) - 1],
            3: [0, 1, 2],
        }[p["flags"]]
        for index in order:
            x, y = spots[index]
            _flag(c, p, x, max(0, y - flag_room), y)


def words(p: Params) -> Words:
    having = []
    if p["flags"]:
        having.append(counted(p["flags"], f"{{{p['flag_color']}}} flag"))
    if p["towers"] == 1:
        having.append(("one tower", "a single tower", "a tall keep"))
    elif p["towers"] == 2:
        having.append(("two towers", "two towers", "towers"))
    else:
        having.append(("three towers", "tall towers", "towers"))
    if p["roof"] == "cone":
        having.append(
            (f"{{{p['roof_color']}}} roofs", f"pointed {{{p['roof_color']}}} roofs", "cone roofs")
            if p["towers"] > 1
            else (f"a~{{{p['roof_color']}}} roof",)
        )
    else:
        having.append(("battlements", "crenellations"))
    having.append(
        {
            "wooden door": ("a wooden door", "a wooden gate"),
            "portcullis": ("an iron gate", "a gate", "a portcullis"),
            "open gate": ("an open gate", "a dark gateway"),
        }[p["gate"]]
    )
    if p["windows"] == "lit":
        having.append(("lit windows", "glowing windows"))
    place = bd.places(p)
    if p["backdrop"] == "none" and p["ground"] == "grass":
        place = ("on grass",)
    return Words(
        nouns=("castle", "castle", "fortress", "medieval castle", "keep" if p["towers"] == 1 else "stronghold"),
        adjectives=(WALLS[p["wall"]][1],),
        having=tuple(having),
        place=place,
        lacking=() if p["flags"] else ("flags",),
    )


FAMILY = Family(
    name="castle",
    kind="building",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=((8, 8), *LARGE, (32, 48), (48, 32), (24, 32)),
    weight=1.6,
)
