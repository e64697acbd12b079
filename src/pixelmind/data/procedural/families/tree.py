"""Trees: oak, pine, palm, birch, dead and blossoming ones, in the leaves of a season, some with fruit or snow."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice, count
from pixelmind.data.procedural.rng import Rng

LEAVES = {
    "summer": "leaf",
    "autumn orange": "orange",
    "autumn red": "red",
    "autumn yellow": "yellow",
    "blossom": "pink",
    "white blossom": "white",
    "magic": "purple",
    "dark": "dark green",
    "teal": "teal",
}
PARAMETERS = {
    "tree": choice(
        "oak", "pine", "palm", "birch", "dead", "bush", "stump", "sapling", weights=(6, 5, 2, 2, 2, 2, 1, 1)
    ),
    "leaves": choice(*LEAVES, weights=(7, 2, 1.5, 1.5, 2, 1, 1, 2, 1)),
    "fruit": choice("none", "red apples", "oranges", "lemons", "berries", weights=(8, 2, 1, 0.6, 0.6)),
    "snow": choice(True, False, weights=(1, 6)),
    "backdrop": bd.backdrop(0.8),
    "mound": choice(True, False, weights=(1, 2), minor=True),
    "puffs": count(3, 5, minor=True),
    "lean": choice(-1, 0, 1, minor=True),
}
FRUIT = {
    "red apples": ("red", "apple"),
    "oranges": ("orange", "orange"),
    "lemons": ("yellow", "lemon"),
    "berries": ("magenta", "berry"),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    kind = p["tree"]
    if kind in ("palm", "dead", "stump"):
        p["leaves"] = "none" if kind != "palm" else "summer"
    if kind == "pine" and p["leaves"] not in ("summer", "dark", "teal"):
        p["leaves"] = "summer"
    if kind in ("pine", "palm", "dead", "stump", "sapling", "birch") or s < 16 or p["leaves"] not in ("summer", "dark"):
        p["fruit"] = "none"
    if (
        kind in ("palm", "stump", "sapling")
        or (kind != "pine" and s < 24)
        or p["leaves"] in ("blossom", "white blossom", "magic")
        or p["fruit"] != "none"
    ):
        p["snow"] = False
    if kind == "bush":
        p["leaves"] = p["leaves"] if p["leaves"] in ("summer", "dark", "autumn red", "autumn orange") else "summer"
    if s <= 10 and kind in ("birch", "palm", "stump", "sapling", "dead"):
        p["tree"], p["leaves"] = "oak", "summer"
    if s <= 10:
        p["snow"] = False
    if p["backdrop"] != "none":
        p["mound"] = True


def _foliage(c: Canvas, region: Region, color: str, rng: Rng) -> None:
    """Clumps of leaves: a lit top left, a shaded foot; large crowns are built of clumps that lie over each other."""
    tone = c.ball(region, 1.5)
    if c.s < 32:
        if c.s >= 16:
            tone = tone + (rng.smooth(c.h, c.w, max(3, c.s // 8)) - 0.5) * 1.7
        c.paint(region, color, "leaves", np.round(tone), rim=c.s > 16)
        return
    c.paint(region, color, "leaves", np.round(tone - 0.9), rim=True)
    x, y, w, h = c.box(region)
    d = max(8, round(w * 0.3))
    rows = max(2, round(h / (d * 0.55)))
    for row in range(rows):  # from the top down, each clump over the one above
        cy = y + (row + 0.35) * h / (rows + 0.2) + rng.uniform(-0.12, 0.12) * d
        n = max(2, round(w / (d * 0.62)))
        for i in range(n):
            cx = x + (i + 0.5 + 0.3 * (row % 2 - 0.5)) * w / n + rng.uniform(-0.25, 0.25) * d
            k = d * rng.uniform(0.7, 1.25)
            clump = c.oval(cx - k / 2, cy - k * 0.4, k, k * 0.8) & region
            if not clump[int(min(c.h - 1, max(0, cy))), int(min(c.w - 1, max(0, cx)))]:
                continue
            lit = np.round(0.5 * tone + 1.05 * c.ball(clump, 1.4) - 0.2)
            c.paint(clump, color, "leaves", lit)
    flecks = rng.noise(c.h, c.w)
    c.touch(region & (flecks > 0.975) & (tone > -0.2), 1.0)
    c.touch(region & (flecks < 0.015), -1.0)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m = c.s, 0 if c.s <= 10 else 1
    mid, floor = (c.w - 1) / 2, c.h - m
    kind = p["tree"]
    if p["backdrop"] != "none":
        horizon = round(c.h * 0.75)
        bd.sky(c, p["backdrop"], rng, horizon)
        bd.ground(c, horizon, "snow" if p["snow"] else "sand" if kind == "palm" else "grass", rng)
        floor = round(c.h * 0.9)
    elif p["mound"] and s >= 16:
        mound = c.oval(c.w * 0.12, floor - max(2, s * 0.12), c.w * 0.76, max(4, s * 0.24)) & (c.ys < floor)
        c.paint(mound, "snow" if p["snow"] else "sand" if kind == "palm" else "grass", "ground", "fall")
        floor -= max(1, round(s * 0.05))
    height = floor - m
    trunk_w = max(1 if s <= 10 else 2, round(s * (0.14 if kind in ("oak", "dead") else 0.1)))
    trunk_w += (c.w - trunk_w) % 2 if s <= 32 else 0
    tx = (c.w - trunk_w) // 2
    bark = "white" if kind == "birch" else "wood" if kind != "dead" else "dark wood"

    def trunk(top: int) -> Region:
        body = c.rect(tx, top, trunk_w, floor - top)
        if s >= 16:
            body |= c.rect(tx - 1, floor - max(1, s // 20), trunk_w + 2, max(1, s // 20))
        c.paint(body, bark, "trunk", c.column(body, 1.2), rim=False)
        if kind == "birch":
            rows = body & (rng.noise(c.h, 1) < 0.35) & ((c.xs + c.ys * 3) % 4 < 2)
            c.paint(rows, "ink", "trunk", 0.3)
        elif s >= 24:
            c.touch(body & (rng.noise(c.h, c.w) > 0.8), -0.8)
        return body

    if kind == "stump":
        top = floor - round(height * 0.4)
        wide = round(s * 0.5) // 2 * 2 + c.w % 2
        x = (c.w - wide) // 2
        body = c.rect(x, top, wide, floor - top) | c.rect(
            x - max(1, s // 14), floor - max(1, s // 10), wide + 2 * max(1, s // 14), max(1, s // 10)
        )
        c.paint(body, "wood", "trunk", c.column(body, 1.3))
        if s >= 16:
            c.touch(body & ((c.xs - x) % max(3, s // 8) == 0), -0.8)
        cut = c.oval(x, top - round(s * 0.1), wide, max(3, round(s * 0.22)))
        c.paint(cut, "tan", "cut", 0.4, rim=True)
        if s >= 16:
            inner = c.oval(x + wide * 0.25, top - round(s * 0.05), wide * 0.5, max(2, s * 0.11))
            c.touch(inner, -1)
            c.touch(c.oval(x + wide * 0.36, top - round(s * 0.02), wide * 0.28, max(1, s * 0.05)), 1)
        return
    if kind == "dead":
        top = m + round(height * 0.3)
        body = c.taper(
            ((mid, floor), (mid + p["lean"] * s * 0.06, floor - height * 0.4), (mid + p["lean"] * s * 0.05, top)),
            trunk_w * 1.2,
            max(1.5, trunk_w * 0.6),
        )
        forks = ((0.45, -0.36, 0.22), (0.55, 0.36, 0.2), (0.68, -0.22, 0.16), (0.75, 0.18, 0.2), (0.7, 0.02, 0.3))
        for up, dx, dy in forks[: 3 if s < 16 else 5]:
            x0, y0 = mid + p["lean"] * s * 0.03, floor - height * up
            x1, y1 = x0 + dx * s, max(m, y0 - dy * height)
            body |= c.taper(
                ((x0, y0), (x0 + dx * s * 0.75, y0 - dy * height * 0.15), (x1, y1)), max(1.5, trunk_w * 0.55), 1
            )
            if s >= 32:
                body |= c.stroke(
                    (x0 + dx * s * 0.6, y0 - dy * height * 0.4), (x0 + dx * s * 0.95, y0 - dy * height * 0.3)
                )
        body |= c.rect(round(mid - trunk_w), floor - 1, trunk_w * 2, 1)
        c.paint(body, bark, "trunk", c.column(body, 1.0))
        if s >= 24:
            c.touch(body & (rng.noise(c.h, c.w) > 0.75), -0.8)
        if p["snow"]:
            c.paint(body & ~bd.shift_up(body)[::1] & ~np.roll(body, 1, 0), "snow", "snow", 0.5)
        return
    if kind == "palm":
        x1 = mid + (p["lean"] or 1) * s * 0.12
        crest = m + height * 0.28
        body = c.taper(
            ((mid - (p["lean"] or 1) * s * 0.08, floor - 1), (mid, floor - height * 0.5), (x1, crest)),
            max(1.6, s * 0.12),
            max(1.2, s * 0.08),
        )
        c.paint(body, "tan", "trunk", c.column(body, 1.0))
        if s >= 16:
            c.touch(body & (c.ys.astype(int) % max(2, s // 12) == 0), -1.2)
        for dx, dy, bend in (
            (-0.42, 0.14, -0.24),
            (0.42, 0.14, -0.24),
            (-0.36, 0.34, -0.05),
            (0.36, 0.34, -0.05),
            (-0.2, -0.14, -0.22),
            (0.24, -0.14, -0.24),
        ):
            ex = min(max(x1 + dx * s, m), c.w - 1 - m)
            frond = c.taper(
                ((x1, crest), (x1 + dx * s * 0.55, crest + bend * s), (ex, max(m, crest + dy * s))), max(2, s * 0.1), 1
            )
            c.paint(frond, "leaf", "leaves", c.fall(frond, 0.9, -0.9), rim=s > 16)
        if s >= 16:
            nuts = c.oval(x1 - s * 0.08, crest, max(2, s * 0.1), max(2, s * 0.1)) | c.oval(
                x1 + s * 0.03, crest + 1, max(2, s * 0.1), max(2, s * 0.1)
            )
            c.paint(nuts, "dark brown", "coconuts", "ball", rim=s > 24)
        return
    if kind == "pine":
        color = {"summer": "pine", "dark": "dark green", "teal": "teal"}[p["leaves"]]
        trunk(floor - max(1, round(height * 0.16)))
        tiers = 1 if s <= 10 else 3 if s < 40 else 4
        bottom = floor - max(1, round(height * 0.12))
        span = (bottom - m) / tiers
        for i in range(tiers):
            y1 = round(bottom - i * span)
            y0 = max(m, round(y1 - span * (1.5 if i < tiers - 1 else 1)))
            half = (c.w / 2 - m - 0.6) * (1 - 0.78 * i / tiers) * (0.86 if s > 10 else 1)
            tier = c.poly((mid, y0), (mid + half, y1 - 1), (mid - half, y1 - 1))
            if s >= 16:
                jag = tier & (c.ys >= y1 - 1 - max(0, s // 32)) & ((c.xs - round(mid)).astype(int) % 3 == 0)
                tier &= ~jag
            c.paint(tier, color, "leaves", np.round(c.column(tier, 1.2) + c.fall(tier, 0.7, -1.0)), rim=s > 10)
            if p["snow"]:
                cap = tier & (c.ys < y0 + (y1 - y0) * 0.45)
                c.paint(cap if s >= 16 else cap & (c.ys < y0 + 2), "snow", "snow", c.column(cap, 0.8))
        return
    color = LEAVES[p["leaves"]]
    if kind == "bush":
        crown = c.empty()
        for i in range(p["puffs"]):
            x = m + (c.w - 2 * m) * (i / p["puffs"]) * 0.8
            r = s * rng.uniform(0.4, 0.5)
            crown |= c.oval(x, floor - r * (1.15 if i % 2 else 0.9), r, r)
        crown |= c.rect(m + 1, floor - round(s * 0.25), c.w - 2 * m - 2, round(s * 0.25))
        crown &= c.rect(m, m, c.w - 2 * m, floor - m)
        _foliage(c, crown, color, rng)
    elif kind == "sapling":
        c.paint(c.taper(((mid, floor - 1), (mid, floor - height * 0.6)), max(1, s * 0.06), 1), "leaf", "trunk", -0.6)
        for dx, up in ((-0.3, 0.42), (0.3, 0.55), (0, 0.7)):
            leaf = c.taper(
                (
                    (mid, floor - height * (up - 0.08)),
                    (mid + dx * s * 0.6, floor - height * up - s * 0.1),
                    (mid + dx * s, floor - height * up),
                ),
                max(2, s * 0.13),
                max(1, s * 0.05),
            )
            if dx == 0:
                leaf = c.oval(mid - s * 0.1, floor - height * 0.82, max(3, s * 0.2), max(4, s * 0.26))
            c.paint(leaf, color, "leaves", "ball", rim=True)
        crown = c.empty()
    else:
        trunk(m + round(height * 0.45))
        crown = c.empty()
        if s <= 10:
            crown = c.rect(1, 0, c.w - 2, round(height * 0.64)) | c.rect(0, 1, c.w, max(2, round(height * 0.64) - 2))
        else:
            r = s * (0.5 if kind == "oak" else 0.4)
            cy = m + r * 0.62 + (c.h - s) * 0.15
            crown |= c.oval(mid - r * 0.72 + 0.5, cy - r * 0.62, r * 1.44, r * 1.4 + (c.h - s) * 0.3)
            for _ in range(p["puffs"] + 2):
                px, py = mid + rng.uniform(-0.62, 0.62) * r, cy + rng.uniform(-0.15, 0.55) * r
                crown |= c.oval(px - r * 0.42, py - r * 0.42, r * 0.84, r * 0.84)
            if s >= 32:  # a scalloped edge of leaf clumps
                for i in range(9):
                    turn, k = 2 * np.pi * i / 9 + rng.uniform(-0.2, 0.2), r * rng.uniform(0.42, 0.6)
                    px, py = mid + 0.5 + r * 0.7 * np.cos(turn), cy + r * (0.16 + 0.42 * np.sin(turn))
                    crown |= c.oval(px - k / 2, py - k / 2, k, k)
            if s >= 16:
                crown &= c.rect(m, m, c.w - 2 * m, floor - m - round(height * 0.22))
        _foliage(c, crown, color, rng)
    if p["snow"]:
        cap = crown & ~np.roll(crown, max(2, s // 10), 0)
        c.paint(cap, "snow", "snow", 0.4)
    if p["fruit"] != "none":
        x, y, w, h = c.box(crown)
        placed = 0
        for _ in range(60):
            fx, fy, d = (
                rng.integer(x + 1, x + w - 3),
                rng.integer(y + 2, y + h - 3),
                1 if s < 20 else 2 if s < 48 else 3,
            )
            fruit = c.oval(fx, fy, d, d) if d > 1 else c.dots((fx, fy))
            if (fruit & ~crown).any() or (c.part[fruit] != c.part_id("leaves")).any():
                continue
            c.paint(fruit, FRUIT[p["fruit"]][0], "fruit", "ball" if d > 2 else 0.2, rim=s >= 24)
            placed += 1
            if placed == (4 if s < 32 else 6):
                break


def words(p: Params) -> Words:
    kind = p["tree"]
    nouns = {
        "oak": ("tree", "tree", "oak", "oak tree", "leafy tree"),
        "pine": ("pine tree", "pine", "fir tree", "conifer"),
        "palm": ("palm tree", "palm", "coconut palm"),
        "birch": ("birch tree", "birch", "tree"),
        "dead": ("dead tree", "dead tree", "bare tree", "leafless tree"),
        "bush": ("bush", "bush", "shrub"),
        "stump": ("tree stump", "stump"),
        "sapling": ("sapling", "seedling", "sprout"),
    }[kind]
    season = {
        "summer": ("{green}", ""),
        "autumn orange": ("autumn", "{orange}", "{orange} autumn"),
        "autumn red": ("autumn", "{red}", "{red} autumn"),
        "autumn yellow": ("autumn", "{yellow}", "{yellow} autumn"),
        "blossom": ("{pink}", "blossoming", "{pink} cherry" if kind == "oak" else "{pink}"),
        "white blossom": ("{white}", "blossoming {white}"),
        "magic": ("{purple}", "magic {purple}"),
        "dark": ("{dark green}", ""),
        "teal": ("{teal}",),
        "none": ("",),
    }[p["leaves"]]
    having: list[str | tuple[str, ...]] = []
    leaf = {
        "autumn orange": "orange",
        "autumn red": "red",
        "autumn yellow": "yellow",
        "magic": "purple",
        "dark": "dark green",
        "teal": "teal",
        "summer": "green",
    }.get(p["leaves"])
    if leaf and kind in ("oak", "birch", "bush"):
        having.append((f"{{{leaf}}} leaves", "leaves"))
    if p["leaves"] in ("blossom", "white blossom"):
        having.append(
            ("{pink} blossom", "{pink} flowers") if p["leaves"] == "blossom" else ("{white} blossom", "{white} flowers")
        )
    if p["fruit"] != "none":
        _color, _name = FRUIT[p["fruit"]]
        having.append(
            {
                "red apples": ("{red} apples", "apples"),
                "oranges": ("oranges",),
                "lemons": ("lemons", "{yellow} lemons"),
                "berries": ("berries",),
            }[p["fruit"]]
        )
    if kind == "birch":
        having.append(("a~{white} trunk", "a~{white} bark trunk"))
    if kind == "palm":
        having.append("coconuts")
    if p["snow"]:
        having.append(("snow on it", "snow"))
    return Words(
        nouns=nouns,
        adjectives=(("snowy", "snow covered") if p["snow"] else "", season),
        having=tuple(having),
        place=bd.places(p),
        lacking=("leaves",) if kind == "dead" else (),
    )


FAMILY = Family(
    name="tree",
    kind="plant",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    weight=1.4,
    genres=("fantasy", "farm"),
)
