"""Dragons and wyverns in profile: body, wings, horns, spikes, tail, perhaps breathing fire or ice."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, grow
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import Family, Params, choice, flag
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
    "facing": choice("left", "right"),
    "neck": choice(0, 1, 2, minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["wing_color"] in ("same", p["color"]):
        p["wing_color"] = p["color"]
    if s <= 10:
        p.update(spikes=False, breath="none", horns=False, wings="raised" if p["wings"] == "folded" else p["wings"])
    if p["wings"] == "none":
        p["wing_color"] = None
    if s < 16:
        p["spikes"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m = 0 if c.s <= 10 else 1
    color = p["color"]
    s = c.s if p["breath"] == "none" else round(c.s * 0.82)  # room for the breath
    ox, oy = (c.w - c.s) / 2 + c.s - s, c.h - s

    def at(x: float, y: float) -> tuple[float, float]:
        """Unit square to pixels; the dragon faces left here."""
        k = s - 1 - 2 * m
        return ox + m + x * k, oy + m + y * k

    u = s / 16
    if p["wings"] != "none":
        if p["wings"] == "raised":
            far = [at(0.5, 0.5), at(0.42, 0.12), at(0.56, 0.24), at(0.66, 0.14), at(0.64, 0.5)]
            near = [
                at(0.52, 0.56),
                at(0.6, 0.04),
                at(0.74, 0.26),
                at(0.84, 0.16),
                at(0.86, 0.36),
                at(0.98, 0.34),
                at(0.76, 0.6),
            ]
        else:
            far = []
            near = [at(0.46, 0.52), at(0.62, 0.34), at(0.94, 0.5), at(0.8, 0.56), at(0.76, 0.64), at(0.6, 0.64)]
        if far and s >= 24:
            back = c.poly(*far)
            c.paint(back, p["wing_color"], "wings", -1)
    tail = c.taper((at(0.7, 0.84), at(1.04, 0.98), at(0.95, 0.6)), max(1.6, 3.0 * u), max(1, 0.8 * u))
    c.paint(tail, color, "tail", c.fall(tail, 0.4, -0.9))
    if s >= 24:
        tip = c.poly(at(0.95, 0.52), at(0.89, 0.63), at(1.0, 0.63))
        c.paint(tip, color, "tail", -0.9, rim=True)
    # far legs, body, near legs
    for x, shade in ((0.42, -1.0), (0.74, -1.0)):
        leg = c.rect(*at(x, 0.78), max(1, 2 * u), oy + s - m - at(x, 0.78)[1])
        c.paint(leg, color, "legs", shade)
    body = c.oval(*at(0.3, 0.5), round(0.54 * s), max(3, round(0.38 * s)))
    neck = c.taper(
        (at(0.42, 0.66), at(0.26, 0.56), at(0.26 + 0.03 * p["neck"], 0.3)), max(2, 5.2 * u), max(1.6, 3.0 * u)
    )
    trunk = body | neck
    c.paint(trunk, color, "body", c.ball(trunk, 1.4), rim=s >= 16)
    belly = (
        c.oval(*at(0.27, 0.6), round(0.42 * s), max(2, round(0.27 * s)))
        | c.taper((at(0.36, 0.76), at(0.2, 0.58), at(0.2 + 0.03 * p["neck"], 0.36)), max(1.5, 3 * u), max(1, 1.4 * u))
    ) & trunk
    belly &= ~grow(c.oval(*at(0.34, 0.42), round(0.6 * s), max(2, round(0.34 * s))))
    c.paint(belly, p["belly_color"], "belly", c.fall(belly, 0.3, -0.9))
    if s >= 24:
        c.touch(belly & (c.ys.astype(int) % max(2, round(1.2 * u)) == 0), -0.7)
    for x in (0.34, 0.66):
        lx, ly = at(x, 0.72)
        leg = c.rect(lx, ly, max(1, 2.4 * u), oy + s - m - ly)
        if s >= 16:
            leg |= c.rect(lx - u, oy + s - m - max(1, 1.3 * u), 3.4 * u, max(1, 1.3 * u))
            if x > 0.5:
                leg |= c.oval(lx - u, ly - 1.5 * u, 4.4 * u, 4.4 * u)
        c.paint(leg, color, "legs", c.column(leg, 0.8), rim=s >= 24)
        if s >= 32:
            c.paint(leg & (c.ys >= oy + s - m - 1) & ((c.xs - round(lx)).astype(int) % 2 == 1), "bone", "claws", 0.3)
    # head
    nx = 0.26 + 0.03 * p["neck"]
    hx, hy = at(nx - 0.06, 0.12)
    head = c.oval(hx, hy, max(3, 4.4 * u), max(3, 3.9 * u))
    snout = c.rect(hx - 2.4 * u, hy + 1.5 * u, max(2, 4.4 * u), max(2, 2.3 * u))
    if s >= 24:
        snout &= ~c.dots((round(hx - 2.4 * u), round(hy + 1.5 * u)))
    full = head | snout
    if p["horns"]:
        horn = c.taper(
            ((hx + 2.4 * u, hy + 0.8 * u), (hx + 3.4 * u, hy - 0.2 * u), (hx + 5.0 * u, hy - 1.0 * u)),
            max(1, 1.5 * u),
            1,
        )
        c.paint(horn & (c.ys >= m), "bone", "horns", c.fall(horn, 0.4, -0.6), rim=s >= 24)
    c.paint(full, color, "head", c.ball(full, 1.3), rim=s >= 16)
    if s >= 16:
        c.contour(c.rect(hx - 2.4 * u, hy + 2.9 * u, max(2, 3.4 * u), 1) & full)
        if s >= 32:
            c.paint(c.dots((hx - 1.9 * u, hy + 1.9 * u)), "ink", "head", 0)
            for i in range(3):
                c.paint(c.dots((hx - 2.0 * u + i * 1.3 * u, hy + 2.9 * u + 1)), "white", "teeth", 0.3)
    eye = c.rect(round(hx + 0.9 * u), round(hy + 1.0 * u), max(1, round(u)), max(1, round(u)))
    c.paint(eye, "yellow" if color not in ("gold",) else "red", "eye", 0.6)
    if s >= 24:
        c.paint(
            c.rect(round(hx + 0.9 * u), round(hy + 1.0 * u), max(1, round(u * 0.45)), max(1, round(u))),
            "ink",
            "eye",
            -0.5,
        )
    if p["spikes"]:
        ridge = [at(nx + 0.13, 0.28), at(nx + 0.16, 0.42), at(0.5, 0.5), at(0.64, 0.5), at(0.78, 0.58)]
        for x, y in ridge:
            k = max(1.2, 1.2 * u)
            spike = c.poly((x - k, y + k * 0.5), (x + k, y + k * 0.5), (x + k * 0.8, y - k))
            c.paint(spike, p["belly_color"], "spikes", c.fall(spike, 0.3, -0.8), rim=s >= 32)
    if p["wings"] != "none":
        wing = c.poly(*near)
        c.paint(wing, p["wing_color"], "wings", c.fall(wing, 0.9, -0.9), rim=True)
        if s >= 16:
            root = near[0]
            for joint in near[1::2][: 3 if s >= 24 else 2]:
                c.touch(c.stroke(root, joint) & wing, -1.2)
            if p["wings"] == "raised" and s >= 24:
                c.touch(c.stroke(near[0], near[1], width=max(1, round(u * 0.6))) & wing, 1.6)
    if p["breath"] != "none":
        bx, by = hx - 2.6 * u, hy + 2.7 * u
        outer, core = ("fire", "flame") if p["breath"] == "fire" else ("ice", "white")
        edge = m + (c.w - c.s) / 2
        cone = c.poly((bx, by), (edge, by + 0.4 * u), (edge, by + 6.2 * u), (bx, by + 0.9 * u)) & ~full
        noise = rng.smooth(c.h, c.w, max(2, round(1.5 * u)))
        cone &= noise + (c.xs - edge) / s * 2.0 > 0.3
        c.paint(cone, outer, "fire" if p["breath"] == "fire" else "ice", -0.1)
        inner = (
            c.poly((bx, by + 0.2 * u), (edge + 2 * u, by + 2 * u), (edge + 2 * u, by + 4 * u), (bx, by + 0.6 * u))
            & cone
        )
        c.paint(inner, core, "fire" if p["breath"] == "fire" else "ice", 0.3)
    if p["facing"] == "right":
        c.flip()


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
        place=(*doing, (f"facing {p['facing']}", f"looking to the {p['facing']}")),
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
