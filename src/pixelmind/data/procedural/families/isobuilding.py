"""Isometric buildings: houses, towers, shops and city blocks on a tile, with storeys, windows, roofs and trees."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import colors
from pixelmind.data.procedural.rng import Rng

WALLS = {
    "beige": "beige",
    "white": "white",
    "brick": "brick",
    "stone": "stone",
    "wooden": "wood",
    "blue": "light blue",
    "pink": "pink",
}
PARAMETERS = {
    "building": choice("house", "tower", "shop", "skyscraper", weights=(5, 3, 3, 3)),
    "wall": choice(*WALLS, weights=(3, 3, 3, 2, 2, 1, 1)),
    "roof_color": colors("red", "blue", "brown", "green", "purple", "teal"),
    "floors": count(1, 4),
    "windows": choice("blue", "lit", "dark", weights=(3, 3, 1)),
    "ground": choice("grass", "paving", "snow", "none", weights=(4, 2, 1, 2)),
    "tree": flag(0.4),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["building"], min(h, w)
    if kind in ("house", "shop"):
        p["floors"] = min(p["floors"], 2 if kind == "house" and s >= 24 else 1)
    elif kind == "tower":
        p["floors"] = min(max(p["floors"], 2), 3 if s >= 24 else 2)
        p["wall"] = "stone" if p["wall"] in ("wooden", "pink", "blue") else p["wall"]
    else:
        p["floors"] = max(p["floors"], 3 if s < 24 else p["floors"])
        p["floors"] = 3 if s < 24 else max(p["floors"], 3)
        p["wall"] = "stone" if p["wall"] == "wooden" else p["wall"]
        p["roof_color"] = None
    if p["ground"] == "none" or s < 24:
        p["tree"] = False
    if s < 12:
        p["windows"] = "dark"
        p["floors"] = 1 if kind in ("house", "shop") else 2 if kind == "tower" else 3


class Iso:
    """2:1 isometric coordinates: `a` runs to the right edge, `b` to the left edge, `z` up, all in pixels from the front corner (x, y)."""

    def __init__(self, c: Canvas, x: float, y: float) -> None:
        self.c, self.x, self.y = c, x, y

    def at(self, a: float, b: float, z: float) -> tuple[float, float]:
        """Canvas position of a point."""
        return self.x + a - b, self.y - (a + b) / 2 - z

    def face(self, *points: tuple[float, float, float]) -> Region:
        """A filled face through points (a, b, z)."""
        return self.c.poly(*(self.at(*p) for p in points))

    def block(
        self, a0: float, b0: float, a1: float, b1: float, z0: float, z1: float, color: str, part: str, rim: bool
    ) -> None:
        """A box: left face in half light, right face in shadow, top lit."""
        left = self.face((a0, b0, z0), (a0, b1, z0), (a0, b1, z1), (a0, b0, z1))
        right = self.face((a0, b0, z0), (a1, b0, z0), (a1, b0, z1), (a0, b0, z1))
        top = self.face((a0, b0, z1), (a1, b0, z1), (a1, b1, z1), (a0, b1, z1))
        self.c.paint(left | right | top, color, part, 0.1, rim=rim)
        self.c.touch(right & ~left, -1.3)
        self.c.paint(top, color, part, 0.9)


def _openings(
    p: Params, c: Canvas, iso: Iso, base: float, a: float, b: float, tall: float, cols: int, z0: float
) -> None:
    """Windows of one storey on both visible faces, `base` in from the front corner."""
    color = {"lit": "flame", "blue": "light blue", "dark": "ink"}[p["windows"]]
    z1, z2 = z0 + tall * 0.34, z0 + tall * 0.78
    for i in range(cols):
        t0, t1 = (i + 0.28) / cols, (i + 0.72) / cols
        left = iso.face(
            (base, base + b * t0, z1), (base, base + b * t1, z1), (base, base + b * t1, z2), (base, base + b * t0, z2)
        )
        right = iso.face(
            (base + a * t0, base, z1), (base + a * t1, base, z1), (base + a * t1, base, z2), (base + a * t0, base, z2)
        )
        c.paint(left, color, "windows", 0.4)
        c.paint(right, color, "windows", -0.5)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    span: float
    s, m, kind = c.s, 0 if c.s <= 10 else 1, p["building"]
    half = (s - 2 * m) / 2 - 0.5
    rim, wall = s >= 16, WALLS[p["wall"]]
    slab = max(1, round(s * 0.05)) if p["ground"] != "none" else 0
    iso = Iso(c, (c.w - 1) / 2, c.h - 1 - m - slab)
    if p["ground"] != "none":
        color = {"grass": "grass", "paving": "stone", "snow": "snow"}[p["ground"]]
        iso.block(0, 0, half, half, -slab, 0, color, "ground", False)
        if s >= 24:
            top = iso.face((0, 0, 0), (half, 0, 0), (half, half, 0), (0, half, 0))
            noise = rng.noise(c.h, c.w)
            c.touch(top & (noise > 0.93), 0.8)
            c.touch(top & (noise < 0.07), -0.8)
    base = half * {"house": 0.16, "tower": 0.28, "shop": 0.14, "skyscraper": 0.2}[kind]
    far = half - base * 0.7
    n = p["floors"]
    room = s - 2 * m - half - slab
    roof = {"house": 0.4, "tower": 0.5, "shop": 0.12, "skyscraper": 0.06}[kind] * room
    if kind in ("house", "shop"):
        tall = room * (0.62 if n == 1 else 0.42)
        tall = min(tall, (room + base - roof) / n)
    else:
        tall = (room + base - roof - (s * 0.06 if kind == "skyscraper" else 0)) / n
    z = 0.0
    for i in range(n):
        iso.block(base, base, far, far, z, z + tall, wall, "walls", rim and i == 0)
        if s >= 16 and i:
            joint = iso.face((base, base, z), (base, far, z), (base, far, z), (base, base, z)) | iso.face(
                (base, base, z), (far, base, z), (far, base, z), (base, base, z)
            )
            c.touch(joint, -0.8)
        if s >= 12:
            cols = {"house": 2, "tower": 1, "shop": 2, "skyscraper": 3 if s >= 24 else 2}[kind]
            _openings(p, c, iso, base, far - base, far - base, tall, cols, z)
        z += tall
    span = far - base
    d0, d1 = base + span * 0.36, base + span * 0.64
    door = iso.face(
        (base, d0, 0), (base, d1, 0), (base, d1, min(tall * 0.7, room * 0.34)), (base, d0, min(tall * 0.7, room * 0.34))
    )
    c.paint(door, "dark wood" if wall != "wood" else "dark brown", "door", 0.1, rim=s >= 24)
    if kind == "house":
        over = max(1, s * 0.03)
        lo, hi, mid = base - over, far + over, (base + far) / 2
        ridge = z + roof
        left = iso.face((lo, lo, z), (lo, hi, z), (mid, hi, ridge), (mid, lo, ridge))
        gable = iso.face((base, base, z - 1), (far, base, z - 1), (mid, base, ridge))
        c.paint(gable, wall, "walls", -1.2)
        c.paint(left, p["roof_color"], "roof", 0.5, rim=rim)
        right_edge = iso.face((hi, lo, z), (hi, lo, z - over), (mid, lo, ridge - over), (mid, lo, ridge))
        c.paint(right_edge, p["roof_color"], "roof", -1.0, rim=rim)
        if s >= 24:
            for k in range(1, 4):
                t = k / 4
                line = c.stroke(
                    iso.at(lo + (mid - lo) * t, lo, z + roof * t), iso.at(lo + (mid - lo) * t, hi, z + roof * t)
                )
                c.touch(line & left, -0.9)
    elif kind == "tower":
        lo, hi, mid = base - s * 0.04, far + s * 0.04, (base + far) / 2
        left = iso.face((lo, lo, z), (lo, hi, z), (mid, mid, z + roof))
        right = iso.face((lo, lo, z), (hi, lo, z), (mid, mid, z + roof))
        c.paint(left | right, p["roof_color"], "roof", 0.6, rim=rim)
        c.touch(right & ~left, -1.5)
    elif kind == "shop":
        iso.block(base - 1, base - 1, far + 1, far + 1, z, z + max(1, roof * 0.6), p["roof_color"], "roof", rim)
        if s >= 16:
            z1, z2, out = tall * 0.86, tall * 0.64, max(2, s * 0.07)
            for a0, side in ((0, "left"), (1, "right")):
                if side == "left":
                    awning = iso.face((base, base, z1), (base, far, z1), (base - out, far, z2), (base - out, base, z2))
                else:
                    awning = iso.face((base, base, z1), (far, base, z1), (far, base - out, z2), (base, base - out, z2))
                c.paint(awning, p["roof_color"], "awning", 0.4 - a0 * 1.2, rim=rim)
                stripes = awning & (c.xs.astype(int) // max(2, round(s / 16)) % 2 == 0)
                c.paint(stripes, "white", "awning", 0.2 - a0 * 0.9)
    else:
        inset = span * 0.3
        iso.block(base + inset, base + inset, far - inset, far - inset, z, z + max(1, s * 0.06), "iron", "roof", rim)
    if p["tree"]:
        x, y = iso.at(half * 0.08, half * 0.86, 0)
        c.paint(c.rect(x - s * 0.02, y - s * 0.08, max(1, s * 0.05), s * 0.1), "wood", "tree", 0)
        crown = c.oval(x - s * 0.08, y - s * 0.25, s * 0.18, s * 0.19)
        c.paint(crown, "pine" if p["ground"] == "snow" else "leaf", "tree", c.ball(crown, 1.4), rim=True)


def words(p: Params) -> Words:
    kind = p["building"]
    nouns = {
        "house": ("isometric house", "isometric cottage", "house in isometric view"),
        "tower": ("isometric tower", "isometric tower", "tower in isometric view"),
        "shop": ("isometric shop", "isometric store", "shop in isometric view"),
        "skyscraper": ("isometric skyscraper", "isometric office building", "isometric building"),
    }[kind]
    having: list[Fact] = []
    if p["roof_color"]:
        having.append(f"a~{{{p['roof_color']}}} roof")
    n = p["floors"]
    having.append(
        ("one storey", "a single floor")
        if n == 1
        else (f"{NUMBERS[n]} floors", f"{n} storeys", f"{NUMBERS[n]} stories")
    )
    if "windows" in p["visible"]:
        having.append(
            {
                "lit": ("lit windows", "glowing windows"),
                "blue": ("windows", "{blue} windows"),
                "dark": ("dark windows",),
            }[p["windows"]]
        )
    if kind == "shop" and "awning" in p["visible"]:
        having.append(("a striped awning", "an awning"))
    if p["tree"] and "tree" in p["visible"]:
        having.append(("a tree", "a tree beside it"))
    places: dict[str, Fact] = {
        "grass": ("on grass",),
        "paving": ("on a stone tile", "on paving stones"),
        "snow": ("in the snow", "on snow"),
        "none": "",
    }
    place = places[p["ground"]]
    look: Fact = (p["wall"],) if p["wall"] in ("brick", "stone", "wooden") else f"{{{WALLS[p['wall']]}}}"
    return Words(
        nouns=nouns,
        adjectives=(look,),
        having=tuple(having),
        place=(place,) if place else (),
        lacking=("trees",) if not p["tree"] else (),
    )


FAMILY = Family(
    name="isobuilding",
    kind="building",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="isometric",
    sizes=((16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64)),
    weight=1.2,
    genres=("modern", "fantasy"),
)
