"""How a person is drawn, part by part: measures, legs, torso, arms, face, hair and what the hands hold."""

from __future__ import annotations

from dataclasses import dataclass

from pixelmind.data.procedural.canvas import Canvas, Region, grow, shrink
from pixelmind.data.procedural.family import Params
from pixelmind.data.procedural.headgear import draw_gear
from pixelmind.data.procedural.rng import Rng

#: calling: (torso, headgear, weapon, nouns)
ROLES: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "knight": ("armour", "great helm", ("sword", "sword", "spear", "axe"), ("knight", "knight", "warrior")),
    "soldier": ("armour", "open helm", ("spear", "sword"), ("soldier", "soldier", "guard", "guardsman")),
    "wizard": ("robe", "wizard hat", ("staff",), ("wizard", "wizard", "mage", "sorcerer")),
    "monk": ("robe", "hood", ("staff", "none"), ("monk", "hooded monk", "cultist")),
    "archer": ("tunic", "hood", ("bow",), ("archer", "archer", "ranger")),
    "king": ("royal robe", "crown", ("none", "staff"), ("king", "king", "ruler")),
    "queen": ("dress", "crown", ("none",), ("queen", "queen", "princess")),
    "viking": ("tunic", "horned helm", ("axe", "axe", "sword"), ("viking", "viking", "barbarian")),
    "farmer": ("overalls", "straw hat", ("pitchfork", "none"), ("farmer", "farmer", "peasant")),
    "villager": ("tunic", "none", ("none",), ("villager", "person", "townsperson")),
    "woman": ("dress", "none", ("none",), ("woman", "woman", "girl", "lady")),
    "boy": ("shirt", "none", ("none",), ("boy", "boy", "kid", "young man")),
    "pirate": ("coat", "pirate hat", ("sword",), ("pirate", "pirate", "pirate captain")),
    "ninja": ("suit", "ninja mask", ("sword", "none"), ("ninja", "ninja", "assassin")),
    "cowboy": ("coat", "cowboy hat", ("none",), ("cowboy", "cowboy", "gunslinger")),
    "astronaut": ("space suit", "space helmet", ("none",), ("astronaut", "astronaut", "spaceman")),
    "hero": ("tunic", "headband", ("sword",), ("hero", "hero", "adventurer")),
    "chef": ("coat", "chef hat", ("none",), ("chef", "chef", "cook")),
}
SKINS = {
    "pale": "pale skin",
    "tan": "tan skin",
    "brown": "brown skin",
    "dark": "dark skin",
    "orc green": "green",
    "goblin green": "lime",
    "bone": "bone",
    "zombie green": "olive",
}


@dataclass
class _Body:
    """Measures in pixels; x positions are mirrored about the middle."""

    mid: float
    head: tuple[int, int, int, int]
    torso: tuple[int, int, int, int]
    floor: int
    arm: int
    hand_y: int


def _measure(p: Params, c: Canvas) -> _Body:
    m = 0 if c.s <= 10 else 1
    tall_gear = {
        "wizard hat": 0.16,
        "chef hat": 0.14,
        "crown": 0.09,
        "horned helm": 0.04,
        "pirate hat": 0.05,
        "cowboy hat": 0.06,
        "straw hat": 0.04,
        "great helm": 0.03,
    }.get(ROLES[p["role"]][1], 0.02 if p["hair"] == "spiky" else 0.0)
    top = m + (round(c.h * tall_gear) if c.s > 10 else 0)
    height = c.h - m - top
    chibi = p["build"] == "chibi" or c.h < 20
    head_h = max(3, round(height * (0.46 if chibi else 0.34)))
    head_w = min(max(4, round(head_h * (1.0 if chibi else 0.92))), c.w - 2 * m - (4 if c.s >= 16 else 0))
    head_w = 6 if c.s <= 10 else head_w - (c.w - head_w) % 2
    torso_h = max(2, round(height * (0.3 if chibi else 0.36)))
    torso_w = max(4, round(head_w * (0.72 if chibi else 1.05) * (1.15 if p["race"] in ("dwarf", "orc") else 1)))
    torso_w -= (c.w - torso_w) % 2
    x = (c.w - head_w) // 2
    ty = top + head_h
    arm = max(1, round(torso_w * 0.27))
    return _Body(
        (c.w - 1) / 2,
        (x, top, head_w, head_h),
        ((c.w - torso_w) // 2, ty, torso_w, torso_h),
        c.h - m,
        arm,
        ty + round(torso_h * 0.86),
    )


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    b = _measure(p, c)
    torso, gear, _, _ = ROLES[p["role"]]
    s, rim = c.s, c.s > 10
    hx, hy, hw, hh = b.head
    x, y, w, h = b.torso
    skin = SKINS[p["skin"]]
    cloth = p["cloth_color"]
    metal = {"steel": "steel", "gold": "gold", "black": "dark grey", None: "steel"}[p["metal"]]
    if p["cape_color"]:
        spread = max(1, round(w * 0.28))
        cape = c.poly((x, y), (x + w - 1, y), (x + w - 1 + spread, b.floor - 2), (x - spread, b.floor - 2))
        c.paint(cape, p["cape_color"], "cape", c.fall(cape, 0.2, -1.0))
        if s >= 24:
            c.touch(cape & (c.xs % 3 == 0), -0.6)
    if p["hair"] in ("long", "ponytail"):
        if p["hair"] == "long":
            back = c.rect(hx, hy + hh // 3, hw, hh - hh // 3 + round(h * 0.45))
        else:
            back = c.taper(
                (
                    (hx + hw - 2, hy + hh * 0.2),
                    (hx + hw + hw * 0.25, hy + hh * 0.4),
                    (hx + hw + hw * 0.05, hy + hh * 1.1),
                ),
                max(1, hw * 0.22),
                1,
            )
        c.paint(back, p["hair_color"], "hair", -0.9)
    _legs(p, c, b, torso, metal, cloth)
    _torso(p, c, b, torso, metal, cloth)
    sleeve = (
        metal
        if torso == "armour"
        else skin
        if torso in ("overalls",) or (p["race"] in ("orc",) and torso == "tunic")
        else cloth
    )
    _arms(p, c, b, sleeve, skin, torso)
    # head
    head = c.oval(hx, hy, hw, hh) if hw >= 6 else c.rect(hx, hy, hw, hh)
    if 6 <= hw < 12:  # squarer heads read better when small
        head |= c.rect(hx + 1, hy, hw - 2, hh) & c.rect(hx, hy + 1, hw, hh - 1 - (hh > 5))
        head |= c.rect(hx, hy + 1, hw, hh - 2)
    c.paint(head, skin, "head", c.ball(head, 1.0), rim=rim)
    ear = max(1, round(hw * 0.12))
    if p["race"] in ("elf", "goblin") and p["hair"] != "hidden" and s >= 16:
        far = ear * (2.2 if p["race"] == "goblin" else 1.4)
        tip = c.poly((hx, hy + hh * 0.5), (hx - far, hy + hh * 0.36), (hx, hy + hh * 0.68))
        c.paint(c.mirror(tip) & ~head, skin, "ears", -0.3)
    if p["hair_color"]:
        _hair(p, c, b, head, gear)
    draw_gear(p, c, b.head, b.mid, head, gear, cloth, metal)
    if gear not in ("great helm", "space helmet"):
        _face(p, c, b, gear)
    _held(p, c, b, skin)


def _legs(p: Params, c: Canvas, b: _Body, torso: str, metal: str, cloth: str) -> None:
    x, y, w, h = b.torso
    low = y + h
    s = c.s
    if torso in ("robe", "dress", "royal robe"):
        flare = max(0, round(w * 0.2)) if s > 10 else 0
        skirt = c.poly((x, low - 1), (x + w - 1, low - 1), (x + w - 1 + flare, b.floor - 1), (x - flare, b.floor - 1))
        color = "white" if torso == "royal robe" and cloth == "white" else cloth
        c.paint(skirt, color, "clothes", c.column(skirt, 1.0))
        if s >= 24:
            c.touch(skirt & ((c.xs - x) % max(3, w // 3) == 1) & (c.ys > low + 1), -0.9)
            if torso != "dress":
                c.paint(skirt & (c.ys >= b.floor - 1 - (s >= 48)), "gold", "trim", 0)
        return
    color = {
        "armour": metal,
        "overalls": "blue",
        "space suit": cloth,
        "suit": cloth,
        "shirt": "navy" if cloth != "black" else "grey",
    }.get(torso, "dark brown" if cloth != "brown" else "dark grey")
    gap = 0 if w < 4 else max(1, round(w * 0.14))
    gap += (w - gap) % 2
    leg_w = max(1, (w - gap) // 2)
    lift = max(1, round((b.floor - low) * 0.3)) if p["pose"] == "walking" else 0
    for i, lx in enumerate((x, x + w - leg_w)):
        end = b.floor - (lift if i else 0)
        leg = c.rect(lx, low, leg_w, end - low)
        c.paint(leg, color, "legs", c.column(leg, 0.7) - (0.5 if i else 0.0))
        boot_h = max(1, round((b.floor - low) * 0.4))
        out = 1 if s >= 32 else 0
        boot = c.rect(lx - (out if not i else 0), end - boot_h, leg_w + out, boot_h)
        c.paint(
            boot,
            metal
            if torso == "armour"
            else cloth
            if torso == "space suit"
            else "dark brown"
            if color != "dark brown"
            else "black",
            "boots",
            -0.5 if torso == "armour" else 0,
        )


def _torso(p: Params, c: Canvas, b: _Body, torso: str, metal: str, cloth: str) -> None:
    x, y, w, h = b.torso
    s = c.s
    body = c.rect(x, y, w, h)
    if torso == "dress" and s >= 16:
        body &= ~c.mirror(c.rect(x, y + h // 2, 1, h))
    c.paint(body, metal if torso == "armour" else cloth, "clothes", c.column(body, 1.1))
    mid = b.mid
    if s <= 10:
        return
    belt_y = y + h - max(1, h // 5)
    if torso == "armour":
        if s >= 16:  # surcoat of the cloth colour down the middle
            k = max(1, round(w * 0.22))
            front = c.rect(round(mid - k + 0.5), y + 1, 2 * k - (c.w % 2), h + max(0, h // 4))
            c.paint(front, cloth, "surcoat", c.column(front, 0.8))
        c.paint(c.rect(x, belt_y, w, max(1, h // 7)), "dark brown", "belt", 0)
        if s >= 24:
            c.paint(c.rect(round(mid - 0.5), belt_y, 2, max(1, h // 7)), "gold", "belt", 0.4)
    elif torso in ("tunic", "royal robe"):
        c.paint(c.rect(x, belt_y, w, max(1, h // 6)), "dark brown" if cloth != "brown" else "black", "belt", 0)
        if s >= 24:
            c.paint(c.rect(round(mid - 0.5), belt_y, 2, max(1, h // 6)), "gold", "belt", 0.4)
        if torso == "tunic":
            c.paint(c.rect(x, y + h, w, max(1, h // 5)), cloth, "clothes", -0.7)
        if torso == "royal robe":
            c.paint(c.rect(x - 1, y, w + 2, max(1, h // 5)), "white", "collar", 0)
    elif torso == "overalls":
        bib = c.rect(x + 1, y + h // 3, w - 2, h)
        c.paint(bib & c.rect(x, y, w, h), "blue", "overalls", c.column(bib, 0.9))
        c.paint(c.mirror(c.rect(x + 1, y, 1, h // 3 + 1)), "blue", "overalls", -0.3)
    elif torso == "coat":
        k = max(1, w // 5)
        c.paint(
            c.rect(round(mid - k / 2 + 0.25), y, k + (c.w % 2 != k % 2), h),
            "white" if cloth != "white" else "grey",
            "shirt",
            -0.1,
        )
        c.paint(c.rect(x, belt_y, w, 1), "dark brown" if cloth != "brown" else "black", "belt", 0)
        c.paint(c.mirror(c.rect(x, y + h, max(1, w // 3), max(1, h // 4))), cloth, "clothes", -0.6)
    elif torso == "suit":
        c.paint(c.rect(x, belt_y, w, max(1, h // 6)), "red" if cloth != "red" else "black", "belt", 0)
        if s >= 24:
            c.touch(c.stroke((x, y), (x + w - 1, belt_y)) & body, -1)
    elif torso == "space suit":
        panel = c.rect(round(mid - w * 0.2), y + h // 3, max(2, round(w * 0.4)), max(2, h // 3))
        c.paint(panel, "grey", "panel", "bevel")
        c.paint(c.dots((round(mid - w * 0.2) + 1, y + h // 3 + 1)), "red", "panel", 0.3)
    elif torso == "robe":
        c.paint(c.rect(x, belt_y, w, max(1, h // 7)), "gold", "belt", 0)
    elif torso == "dress" and s >= 24:
        c.paint(c.rect(x + 1, belt_y, w - 2, max(1, h // 7)), "white" if cloth != "white" else "pink", "belt", 0)
    elif torso == "shirt" and s >= 24:
        c.paint(
            c.rect(x, y + h // 3, w, max(1, h // 4)),
            "white" if cloth != "white" else "blue",
            "shirt",
            c.column(body, 0.8),
        )


def _arms(p: Params, c: Canvas, b: _Body, sleeve: str, skin: str, torso: str) -> None:
    x, y, _w, h = b.torso
    s, a = c.s, b.arm
    if s <= 10:
        c.paint(c.mirror(c.dots((x - 1, y + 1))), skin, "arms", -0.2)
        return
    up = p["pose"] == "cheering"
    glove = skin if torso not in ("space suit",) else sleeve
    if up:
        arm = c.taper(((x - a * 0.3, y + 1), (x - a * 1.2, y), (max(1, x - a * 1.6), y - h * 0.7)), a, a)
        c.paint(c.mirror(arm), sleeve, "arms", -0.2)
        hand = c.rect(max(1, round(x - a * 2)), round(y - h * 0.9), a, a)
        c.paint(c.mirror(hand), glove, "hands", 0.2)
        return
    length = round(h * 0.72)
    left = c.rect(x - a, y + 1, a, length)
    right = left[:, ::-1]
    c.paint(left, sleeve, "arms", 0.3, rim=s >= 24)
    c.paint(right, sleeve, "arms", -0.7, rim=s >= 24)
    if torso == "armour" and s >= 24:
        pad = c.oval(x - a - 1, y - 1, a + 2, max(2, a + 1))
        c.paint(c.mirror(pad), "gold" if p["metal"] == "gold" else "iron", "pauldrons", c.ball(pad, 1.0), rim=True)
    hand = c.rect(x - a, y + 1 + length, a, max(1, round(a * 0.8)))
    c.paint(c.mirror(hand), glove, "hands", 0.1)


def _face(p: Params, c: Canvas, b: _Body, gear: str) -> None:
    hx, hy, hw, hh = b.head
    s = c.s
    ey = hy + round(hh * (0.55 if s > 10 else 0.5))
    big = max(1, round(hh * 0.17))
    gap = max(1, round(hw * 0.17))
    skeleton = p["race"] == "skeleton"
    ew = max(1, round(hw * (0.2 if skeleton else 0.1)))
    ex = round(b.mid - gap - ew + 0.5)
    eye = c.rect(ex, ey, ew, big)
    c.paint(c.mirror(eye), "ink", "eyes", -0.4)
    if s >= 32 and not skeleton and ew >= 2:
        c.paint(c.dots((ex, ey)) | c.dots((c.w - ew - ex, ey)), "white", "eyes", 0.5)
    if p["race"] == "zombie" and s >= 24:
        c.paint(c.rect(ex, ey, ew, 1), "white", "eyes", 0)
    my = hy + round(hh * 0.78)
    if skeleton:
        teeth = c.rect(round(b.mid - gap), my, 2 * gap + c.w % 2, 1)
        if s >= 16:
            c.paint(teeth & ((c.xs - hx) % 2 == 0), "ink", "mouth", 0)
        return
    if s >= 24 and not p["beard"]:
        k = max(1, round(hw * 0.07))
        mouth = c.rect(round(b.mid - k + 0.5), my, 2 * k - c.w % 2, 1)
        c.touch(mouth, -1.6)
    if p["race"] == "orc" and s >= 16:
        c.paint(c.mirror(c.rect(ex, my - 1 if s >= 24 else my, 1, 1 if s < 32 else 2)), "white", "tusks", 0.2)


def _hair(p: Params, c: Canvas, b: _Body, head: Region, gear: str) -> None:
    hx, hy, hw, hh = b.head
    color, s = p["hair_color"], c.s
    if p["hair"] not in ("bald", "hidden"):
        fringe = hy + max(1, round(hh * 0.32))
        top = (grow(head) & (c.ys >= 1) if s >= 24 else head | c.rect(hx, hy + 1, hw, hh // 2)) & (c.ys < fringe)
        side = max(1, round(hw * 0.12))
        sides = c.rect(hx, hy + hh // 4, side, round(hh * (0.36 if p["hair"] != "long" else 0.8)))
        hair = top | c.mirror(sides)
        if s >= 16:  # a parting on the left, a lock on the right
            hair |= c.poly((hx + hw * 0.55, fringe - 1), (hx + hw - 1, fringe - 1), (hx + hw - 1, fringe + hh * 0.16))
        if p["hair"] == "spiky":
            for i in range(4):
                x0 = hx + i * hw / 4
                hair |= c.poly((x0, hy + 2), (x0 + hw / 8, hy - max(1, hh * 0.12)), (x0 + hw / 4, hy + 2))
        c.paint(hair, color, "hair", c.ball(hair, 1.2), rim=s >= 32)
    if p["beard"]:
        y0 = hy + round(hh * 0.68)
        drop = 1.4 if p["race"] == "dwarf" or p["role"] == "wizard" else 1.06
        beard = (head & (c.ys >= y0)) | c.poly(
            (hx + hw * 0.1, y0 + 1),
            (hx + hw * 0.88, y0 + 1),
            (b.mid + hw * 0.14, hy + hh * drop),
            (b.mid - hw * 0.14, hy + hh * drop),
        )
        c.paint(beard, color, "beard", c.ball(beard, 1.0), rim=s >= 24)
        if s >= 24:
            c.touch(c.rect(round(b.mid - hw * 0.1), y0 + 1, max(2, round(hw * 0.2)), 1), -1.8)


def _held(p: Params, c: Canvas, b: _Body, skin: str) -> None:
    x, y, _w, h = b.torso
    s, a = c.s, b.arm
    kind = p["weapon"]
    hand_x, hand_y = max(1, x - a), b.hand_y
    px = max(1, hand_x - (1 if s >= 24 else 0))
    thick = 1 if s < 24 else 2 if s < 48 else 3
    if kind != "none":
        up = max(1, round(b.head[1] + b.head[3] * 0.2))
        if kind == "sword":
            blade = c.rect(px, up + h // 3, thick, hand_y - up - h // 3)
            if thick > 1:
                blade |= c.dots((px + (thick - 1) / 2, up + h // 3 - 1))
            c.paint(blade, "steel", "weapon", 0.6 if thick == 1 else c.column(blade, 1.0), rim=s >= 24)
            c.paint(
                c.rect(px - max(1, thick // 2 + 1), hand_y - 1, thick + 2 * max(1, thick // 2 + 1), max(1, thick - 1))
                & (c.xs >= 0),
                "gold",
                "weapon",
                0,
            )
            c.paint(c.rect(px, hand_y + max(1, thick - 1), thick, max(1, h // 6)), "dark brown", "weapon", 0)
        elif kind in ("staff", "spear", "pitchfork"):
            top = max(2, b.head[1] + (0 if kind != "staff" else b.head[3] // 8))
            pole = c.rect(px, top, max(1, thick - 1), b.floor - top - 1)
            c.paint(pole, "wood", "weapon", c.column(pole, 0.6), rim=s >= 24)
            if kind == "staff":
                d = max(2, round(s * 0.13))
                orb = c.oval(max(1, round(px + (thick - 2) / 2 - d / 2 + 0.5)), max(1, top - d // 2), d, d)
                color = "cyan" if p["cloth_color"] not in ("teal", "blue") else "red"
                c.paint(orb, color, "orb", c.ball(orb, 1.4), rim=rim_ok(s))
            elif kind == "spear":
                k = max(1, round(s * 0.05))
                tip = c.poly(
                    (px + (thick - 2) / 2 if thick > 1 else px, max(1, top - 2 * k)),
                    (px + thick - 1 + (k if s >= 24 else 0), top + k),
                    (px - (k if s >= 24 else 0), top + k),
                )
                c.paint(tip, "steel", "weapon", 0.5, rim=rim_ok(s))
            else:
                k = max(1, round(s * 0.06))
                fork = (
                    c.rect(px - k, top + k, 2 * k + max(1, thick - 1), 1)
                    | c.rect(px - k, top - k, 1, 2 * k + 1)
                    | c.rect(px + k + max(1, thick - 1) - 1, top - k, 1, 2 * k + 1)
                    | c.rect(px, top - k, 1, 2 * k)
                )
                c.paint(fork & (c.xs >= 1) & (c.ys >= 1), "iron", "weapon", 0.4)
        elif kind == "axe":
            top = max(1, b.head[1] + b.head[3] // 3)
            c.paint(c.rect(px, top, max(1, thick - 1), hand_y - top + h // 4), "wood", "weapon", 0)
            k = max(2, round(s * 0.11))
            blade = (
                c.oval(px - k, top, 2 * k - 1, max(3, round(k * 1.5))) & (c.xs <= px) & (c.xs >= 1)
                if px > 2
                else c.rect(px + 1, top, k, k)
            )
            c.paint(blade, "steel", "weapon", c.ball(blade, 1.2), rim=s >= 24)
        elif kind == "bow":
            top, low = max(1, round(y - h * 0.7)), min(b.floor - 1, round(y + h * 1.4))
            bend = max(1, round(s * 0.1))
            x1 = max(2, px + 1)
            limb = c.taper(
                ((x1, top), (max(0, x1 - 2 * bend), (top + low) / 2), (x1, low)), max(1, thick - 1), max(1, thick - 1)
            )
            c.paint(c.rect(x1, top, 1, low - top), "white", "bowstring", -0.4)
            c.paint(limb & (c.xs >= 1), "wood", "weapon", 0.2, rim=s >= 24)
        c.paint(
            c.rect(hand_x, hand_y, a, max(1, round(a * 0.8))),
            skin if ROLES[p["role"]][0] != "armour" else "iron",
            "hands",
            0.2,
        )
    if p["shield_color"]:
        d = max(4, round(s * 0.26))
        right = c.w - 1 - max(1, x - a)
        sx = min(right - d // 2, c.w - 1 - d)
        sy = round(y + h * 0.2)
        shield = c.rect(sx, sy, d, max(2, round(d * 0.6))) | c.poly(
            (sx, sy + d * 0.5), (sx + d - 1, sy + d * 0.5), (sx + (d - 1) / 2, sy + d * 1.1)
        )
        c.paint(shield, p["shield_color"], "shield", c.ball(shield, 1.2), rim=True)
        if s >= 24:
            edge = shield & ~shrink(shield)
            c.paint(edge, "steel" if p["shield_color"] != "gold" else "brown", "shield", 0.2)
        if s >= 32:
            k = max(1, d // 6)
            c.paint(
                (
                    c.rect(round(sx + d / 2 - k / 2), sy + 2, k, round(d * 0.7))
                    | c.rect(sx + 2, sy + round(d * 0.35), d - 4, k)
                )
                & shrink(shield),
                "white" if p["shield_color"] != "gold" else "red",
                "shield",
                0.2,
            )


def rim_ok(s: int) -> bool:
    """Whether inner contours of small things are drawn at this size."""
    return s >= 24
