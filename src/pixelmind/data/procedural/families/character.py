"""People of many races and callings, front view: hair, headgear, clothes, weapon, shield and cape, each its own part of the mask."""

from __future__ import annotations

from dataclasses import dataclass

from pixelmind.data.procedural.canvas import Canvas, Region, grow, shrink
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
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
RACES = ("human", "elf", "orc", "dwarf", "goblin", "skeleton", "zombie")
SKINS = {"pale": "pale skin", "tan": "tan skin", "brown": "brown skin", "dark": "dark skin", "orc green": "green", "goblin green": "lime", "bone": "bone", "zombie green": "olive"}
CLOTH = ("red", "blue", "green", "purple", "brown", "white", "black", "yellow", "orange", "teal", "pink")
PARAMETERS = {
    "role": choice(*ROLES, weights=(6, 3, 5, 2, 3, 2.5, 2, 2, 2, 3, 3, 2, 2.5, 2, 1.5, 1.5, 3, 1)),
    "race": choice(*RACES, weights=(12, 2, 1.5, 1.5, 1, 1.5, 1)),
    "skin": choice("pale", "tan", "brown", "dark", weights=(5, 3, 2, 2)),
    "hair": choice("short", "long", "ponytail", "spiky", "bald", weights=(4, 4, 1.5, 2, 1)),
    "hair_color": choice("brown", "blond", "black", "ginger", "white", "dark brown", "blue", "pink", weights=(4, 4, 4, 2, 1.5, 2, 0.7, 0.7)),
    "beard": flag(0.2),
    "cloth_color": choice(*CLOTH, weights=(5, 5, 4, 3, 2, 2, 2, 2, 1.5, 1.5, 1.5)),
    "metal": choice("steel", "gold", "black", weights=(6, 1.5, 1)),
    "weapon": choice(0, 1, 2, 3, weights=(1, 1, 1, 1)),
    "shield_color": choice(None, "red", "blue", "brown", "gold", "green", weights=(6, 2, 2, 1.5, 1, 1)),
    "cape_color": choice(None, "red", "blue", "purple", "green", "black", weights=(9, 3, 2, 1, 1, 1)),
    "pose": choice("standing", "walking", "cheering", weights=(7, 2, 1.2)),
    "build": choice("chibi", "tall", weights=(1, 1), minor=True),
}


def fit(p: Params, h: int, w: int) -> None:
    role, s = p["role"], min(h, w)
    torso, gear, weapons, _ = ROLES[role]
    p["weapon"] = weapons[p["weapon"] % len(weapons)] if isinstance(p["weapon"], int) else p["weapon"]
    p["skin"] = {"orc": "orc green", "goblin": "goblin green", "skeleton": "bone", "zombie": "zombie green"}.get(p["race"], p["skin"])
    if role in ("king", "queen", "astronaut", "ninja", "woman", "boy") and p["race"] not in ("human", "elf"):
        p["race"], p["skin"] = "human", "tan"
    if p["race"] in ("skeleton", "goblin"):
        p["hair"], p["beard"] = "bald", False
    if p["race"] == "dwarf":
        p["beard"] = True
    if role in ("woman", "queen"):
        p["hair"], p["beard"] = "long", False
    if role == "king" or (role == "wizard" and p["hair"] != "long"):
        p["beard"] = p["beard"] or role == "king"
    if role in ("boy", "ninja", "astronaut", "archer") or gear in ("great helm",) or s < 16:
        p["beard"] = False
    if gear in ("great helm", "hood", "space helmet", "ninja mask", "chef hat"):
        p["hair"] = "hidden"
    if gear in ("horned helm", "open helm", "wizard hat", "pirate hat", "cowboy hat", "straw hat", "crown") and p["hair"] in ("spiky", "ponytail", "bald"):
        p["hair"] = "short" if p["race"] not in ("skeleton", "goblin") else "bald"
    if role == "villager" and p["hair"] == "bald" and p["race"] == "human" and not p["beard"]:
        p["beard"] = s >= 16
    if p["hair"] in ("bald", "hidden") and not p["beard"]:
        p["hair_color"] = None
    if torso != "armour" and gear not in ("horned helm", "open helm"):
        p["metal"] = None
    if torso == "space suit":
        p["cloth_color"] = p["cloth_color"] if p["cloth_color"] in ("white", "orange", "blue") else "white"
    if role == "ninja":
        p["cloth_color"] = p["cloth_color"] if p["cloth_color"] in ("black", "red", "blue", "purple") else "black"
    if role == "chef":
        p["cloth_color"] = "white"
    if p["weapon"] in ("bow", "staff", "none", "pitchfork") or role in ("pirate", "ninja", "hero") or w < 14 or p["pose"] == "cheering":
        p["shield_color"] = None
    if torso in ("robe", "dress", "space suit", "overalls", "shirt", "coat", "suit"):
        p["cape_color"] = None
    if torso == "royal robe":
        p["cape_color"] = p["cape_color"] or "red"
    if s <= 10:
        p.update(weapon="none", shield_color=None, cape_color=None, pose="standing", race="human" if p["race"] in ("elf", "dwarf") else p["race"])
        if p["hair"] in ("ponytail", "spiky"):
            p["hair"] = "short"
    if s < 16 or torso in ("robe", "dress", "royal robe"):
        p["pose"] = "cheering" if p["pose"] == "cheering" and p["weapon"] == "none" and s >= 16 else "standing"
    if p["weapon"] != "none" and p["pose"] == "cheering":
        p["pose"] = "standing"
    if w < 0.8 * h or p["race"] in ("dwarf", "goblin"):
        p["build"] = "tall" if w < 0.8 * h else "chibi"


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
    tall_gear = {"wizard hat": 0.16, "chef hat": 0.14, "crown": 0.09, "horned helm": 0.04, "pirate hat": 0.05, "cowboy hat": 0.06, "straw hat": 0.04, "great helm": 0.03}.get(ROLES[p["role"]][1], 0.02 if p["hair"] == "spiky" else 0.0)
    top = m + (round(c.h * tall_gear) if c.s > 10 else 0)
    height = c.h - m - top
    chibi = p["build"] == "chibi" or c.h < 20
    head_h = max(3, round(height * (0.46 if chibi else 0.34)))
    head_w = min(max(4, round(head_h * (1.0 if chibi else 0.92))), c.w - 2 * m - (4 if c.s >= 16 else 0))
    head_w = 6 if c.s <= 10 else head_w - (c.w - head_w) % 2
    torso_h = max(2, round(height * (0.3 if chibi else 0.36)))
    torso_w = max(4 if c.s > 10 else 4, round(head_w * (0.72 if chibi else 1.05) * (1.15 if p["race"] in ("dwarf", "orc") else 1)))
    torso_w -= (c.w - torso_w) % 2
    x = (c.w - head_w) // 2
    ty = top + head_h
    arm = max(1, round(torso_w * 0.27))
    return _Body((c.w - 1) / 2, (x, top, head_w, head_h), ((c.w - torso_w) // 2, ty, torso_w, torso_h), c.h - m, arm, ty + round(torso_h * 0.86))


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
            c.touch(cape & (c.X % 3 == 0), -0.6)
    if p["hair"] in ("long", "ponytail"):
        if p["hair"] == "long":
            back = c.rect(hx, hy + hh // 3, hw, hh - hh // 3 + round(h * 0.45))
        else:
            back = c.taper(((hx + hw - 2, hy + hh * 0.2), (hx + hw + hw * 0.25, hy + hh * 0.4), (hx + hw + hw * 0.05, hy + hh * 1.1)), max(1, hw * 0.22), 1)
        c.paint(back, p["hair_color"], "hair", -0.9)
    _legs(p, c, b, torso, metal, cloth)
    _torso(p, c, b, torso, metal, cloth)
    sleeve = metal if torso == "armour" else skin if torso in ("overalls",) or (p["race"] in ("orc",) and torso == "tunic") else cloth
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
    _gear(p, c, b, head, gear, cloth, metal)
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
            c.touch(skirt & ((c.X - x) % max(3, w // 3) == 1) & (c.Y > low + 1), -0.9)
            if torso != "dress":
                c.paint(skirt & (c.Y >= b.floor - 1 - (s >= 48)), "gold", "trim", 0)
        return
    color = {"armour": metal, "overalls": "blue", "space suit": cloth, "suit": cloth, "shirt": "navy" if cloth != "black" else "grey"}.get(torso, "dark brown" if cloth != "brown" else "dark grey")
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
        c.paint(boot, metal if torso == "armour" else cloth if torso == "space suit" else "dark brown" if color != "dark brown" else "black", "boots", -0.5 if torso == "armour" else 0)


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
        c.paint(c.rect(round(mid - k / 2 + 0.25), y, k + (c.w % 2 != k % 2), h), "white" if cloth != "white" else "grey", "shirt", -0.1)
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
        c.paint(c.rect(x, y + h // 3, w, max(1, h // 4)), "white" if cloth != "white" else "blue", "shirt", c.column(body, 0.8))


def _arms(p: Params, c: Canvas, b: _Body, sleeve: str, skin: str, torso: str) -> None:
    x, y, w, h = b.torso
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
    left = c.rect(x - a, y + (1 if s < 32 else 1), a, length)
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
            c.paint(teeth & ((c.X - hx) % 2 == 0), "ink", "mouth", 0)
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
        top = (grow(head) & (c.Y >= 1) if s >= 24 else head | c.rect(hx, hy + 1, hw, hh // 2)) & (c.Y < fringe)
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
        beard = (head & (c.Y >= y0)) | c.poly((hx + hw * 0.1, y0 + 1), (hx + hw * 0.88, y0 + 1), (b.mid + hw * 0.14, hy + hh * drop), (b.mid - hw * 0.14, hy + hh * drop))
        c.paint(beard, color, "beard", c.ball(beard, 1.0), rim=s >= 24)
        if s >= 24:
            c.touch(c.rect(round(b.mid - hw * 0.1), y0 + 1, max(2, round(hw * 0.2)), 1), -1.8)


def _gear(p: Params, c: Canvas, b: _Body, head: Region, gear: str, cloth: str, metal: str) -> None:
    hx, hy, hw, hh = b.head
    s, mid, rim = c.s, b.mid, c.s >= 28
    brow = hy + max(1, round(hh * 0.4))
    if gear == "great helm":
        helm = head | c.rect(hx, hy + hh // 3, hw, hh - hh // 3 - (1 if hw > 6 else 0))
        c.paint(helm, metal, "helmet", c.ball(helm, 1.4), rim=rim)
        slit = c.rect(hx + max(1, hw // 6), hy + round(hh * 0.46), hw - 2 * max(1, hw // 6), max(1, round(hh * 0.13)))
        c.paint(slit, "ink", "visor", 0)
        if s >= 24:
            c.paint(c.rect(round(mid - 0.4), hy + round(hh * 0.4), 2 - c.w % 2, hh // 2), metal, "helmet", 0.8)
            c.paint(c.mirror(c.dots((hx + hw // 4, hy + hh * 0.76), (hx + hw // 4 + 2, hy + hh * 0.76))), "ink", "visor", 0)
        if s > 10:
            plume = c.taper(((mid, hy), (mid + hw * 0.1, hy - hh * 0.16), (mid + hw * 0.5, hy + hh * 0.04)), max(2, hw * 0.2), max(1, hw * 0.12))
            c.paint(plume & (c.Y >= 1), cloth, "plume", "ball", rim=s >= 24)
    elif gear in ("open helm", "horned helm"):
        helm = (head if s >= 24 else head | c.rect(hx, hy + 2, hw, hh // 2)) & (c.Y < brow)
        helm |= c.mirror(c.rect(hx, hy + hh // 4, max(1, hw // 7), round(hh * 0.5)))
        if s >= 24:
            helm |= c.oval(hx - 1, hy - 1, hw + 2, hh) & (c.Y < brow)
        c.paint(helm, metal, "helmet", c.ball(helm, 1.3), rim=rim)
        if s >= 24:
            c.touch(c.rect(hx, brow - 1, hw, 1) & helm, -1)
        if gear == "horned helm":
            horn = c.taper(((hx + 1, hy + hh * 0.3), (hx - hw * 0.2, hy + hh * 0.22), (hx - hw * 0.14, hy - hh * 0.1)), max(1.5, hw * 0.18), 1)
            if s <= 10:
                horn = c.dots((hx - 1, hy))
            c.paint(c.mirror(horn) & ~c.mirror(c.rect(hx + 1, 0, hw // 2, c.h)), "bone", "horns", 0.2, rim=rim)
    elif gear == "wizard hat":
        brim_y = hy + round(hh * 0.28)
        out = max(1, round(hw * 0.2)) if s > 10 else 0
        tip = 1 if s > 10 else 0
        lean = hw * 0.18 if s >= 24 else 0
        cone = c.poly((mid + lean, tip), (hx + hw - 1, brim_y), (hx, brim_y))
        c.paint(cone, cloth, "hat", c.column(cone, 1.1), rim=rim)
        if s >= 16:
            c.paint(c.rect(hx, brim_y - max(1, hh // 8), hw, max(1, hh // 8)) & cone, "gold", "hat", 0)
        brim = c.oval(hx - out, brim_y - max(1, hh // 12), hw + 2 * out, max(2, round(hh * 0.2))) if s >= 24 else c.rect(hx - out, brim_y, hw + 2 * out, 1)
        c.paint(brim, cloth, "hat", -0.5, rim=rim)
        if s >= 32:
            c.paint(c.dots((mid, brim_y - hh * 0.3), (mid + 2, brim_y - hh * 0.5)), "flame", "hat", 0.4)
    elif gear in ("hood", "ninja mask"):
        edge = max(1, round(hw * 0.16))
        face = c.oval(hx + edge, hy + round(hh * 0.28), hw - 2 * edge, round(hh * 0.66)) if hw >= 8 else c.rect(hx + 1, hy + max(1, hh // 3), hw - 2, max(1, hh // 2))
        if gear == "ninja mask":
            face = c.rect(hx + edge, hy + round(hh * 0.42), hw - 2 * edge, max(1, round(hh * 0.3)))
        hood = (head | (c.oval(hx - 1, hy - 1, hw + 2, hh + 2) & c.rect(1, 1, c.w - 2, c.h) if s >= 24 else head)) & ~face
        c.paint(hood, cloth, "hood" if gear == "hood" else "mask", c.ball(hood, 1.2), rim=rim)
        if gear == "hood" and p["role"] == "monk" and s >= 16:
            c.touch(face & (c.part == c.part_id("head")), -1.2)
        if gear == "ninja mask" and s >= 24:
            band = c.rect(hx, hy + round(hh * 0.28), hw, max(1, hh // 9))
            c.paint(band, "red" if cloth != "red" else "black", "mask", 0.2)
    elif gear == "crown":
        base = hy + max(1, round(hh * 0.12))
        tall = max(2, round(hh * 0.24))
        x0, wide = hx + max(0, hw // 8), hw - 2 * max(0, hw // 8)
        crown = c.rect(x0, base - tall // 2, wide, tall - tall // 2)
        points = 3 if wide < 12 else 5
        for i in range(points):
            px = x0 + i * (wide - 1) / (points - 1)
            crown |= c.rect(round(px) - (0 if s < 32 else 0), base - tall, 1, tall) if s < 32 else c.poly((px, base - tall), (min(px + 2, x0 + wide - 1), base), (max(px - 2, x0), base))
        crown = c.mirror(crown) & (c.Y >= (0 if s <= 10 else 1))
        c.paint(crown, "gold", "crown", c.column(crown, 1.2), rim=rim)
        if s >= 24:
            c.paint(c.dots((mid - 0.2, base - 1), (mid + 0.6, base - 1)), "red", "crown", 0.3)
    elif gear in ("straw hat", "cowboy hat", "pirate hat", "chef hat"):
        color = {"straw hat": "sand", "cowboy hat": "brown" if cloth != "brown" else "dark brown", "pirate hat": "black" if cloth != "black" else "dark red", "chef hat": "white"}[gear]
        y0 = hy + round(hh * 0.26)
        out = max(1, round(hw * 0.22)) if s > 10 else 0
        if gear == "chef hat":
            band = c.rect(hx + hw // 8, hy - round(hh * 0.12), hw - 2 * (hw // 8), round(hh * 0.36))
            puff = c.oval(hx - 1 if s > 10 else hx, max(1 if s > 10 else 0, hy - round(hh * 0.42)), hw + (2 if s > 10 else 0), max(3, round(hh * 0.42)))
            c.paint(band, color, "hat", c.column(band, 0.9), rim=rim)
            c.paint(puff, color, "hat", c.ball(puff, 0.9), rim=rim)
            return
        dome = c.oval(hx + hw // 8, hy - round(hh * (0.2 if gear != "straw hat" else 0.1)), hw - 2 * (hw // 8), round(hh * 0.8)) & (c.Y <= y0) & (c.Y >= (0 if s <= 10 else 1))
        brim = c.rect(hx - out, y0, hw + 2 * out, max(1, round(hh * 0.1)))
        if gear == "cowboy hat" and s > 10:
            brim |= c.mirror(c.rect(hx - out, y0 - 1, max(1, out // 2 + 1), 1))
        if gear == "pirate hat":
            dome = c.oval(hx - out, hy - round(hh * 0.22), hw + 2 * out, round(hh * 0.96)) & (c.Y <= y0) & (c.Y >= (0 if s <= 10 else 1))
            brim = c.rect(hx - out, y0, hw + 2 * out, 1)
        c.paint(dome, color, "hat", c.ball(dome, 1.2), rim=rim)
        c.paint(brim, color, "hat", 0.3 if gear != "pirate hat" else -0.5, rim=rim)
        if gear == "pirate hat" and s >= 16:
            skull = c.rect(round(mid - 0.5 - s // 40), y0 - max(2, hh // 4), 2 + 2 * (s // 40) - c.w % 2, max(2, hh // 6))
            c.paint(skull, "bone", "hat", 0.3)
        elif gear in ("straw hat", "cowboy hat") and s >= 16:
            c.paint(c.rect(hx + hw // 8, y0 - 1, hw - 2 * (hw // 8), 1), "red" if gear == "straw hat" else "dark brown", "hat", -0.2)
    elif gear == "headband" and s > 10:
        band = c.rect(hx, hy + round(hh * 0.32), hw, max(1, round(hh * 0.1)))
        c.paint(band, "red" if cloth != "red" else "blue", "headband", 0.2)
    elif gear == "space helmet":
        dome = head | (c.oval(hx - 1, hy - 1, hw + 2, hh + 2) & c.rect(1, 1, c.w - 2, c.h) if s > 10 else head)
        c.paint(dome, cloth, "helmet", c.ball(dome, 0.9), rim=rim)
        edge = max(1, round(hw * 0.14))
        visor = c.oval(hx + edge, hy + round(hh * 0.2), hw - 2 * edge, round(hh * 0.6)) if hw >= 6 else c.rect(hx + 1, hy + 1, hw - 2, hh - 2)
        c.paint(visor, "navy", "visor", c.ball(visor, 1.9), rim=rim)


def _held(p: Params, c: Canvas, b: _Body, skin: str) -> None:
    x, y, w, h = b.torso
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
            c.paint(c.rect(px - max(1, thick // 2 + 1), hand_y - 1, thick + 2 * max(1, thick // 2 + 1), max(1, thick - 1)) & (c.X >= 0), "gold", "weapon", 0)
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
                tip = c.poly((px + (thick - 2) / 2 if thick > 1 else px, max(1, top - 2 * k)), (px + thick - 1 + (k if s >= 24 else 0), top + k), (px - (k if s >= 24 else 0), top + k))
                c.paint(tip, "steel", "weapon", 0.5, rim=rim_ok(s))
            else:
                k = max(1, round(s * 0.06))
                fork = c.rect(px - k, top + k, 2 * k + max(1, thick - 1), 1) | c.rect(px - k, top - k, 1, 2 * k + 1) | c.rect(px + k + max(1, thick - 1) - 1, top - k, 1, 2 * k + 1) | c.rect(px, top - k, 1, 2 * k)
                c.paint(fork & (c.X >= 1) & (c.Y >= 1), "iron", "weapon", 0.4)
        elif kind == "axe":
            top = max(1, b.head[1] + b.head[3] // 3)
            c.paint(c.rect(px, top, max(1, thick - 1), hand_y - top + h // 4), "wood", "weapon", 0)
            k = max(2, round(s * 0.11))
            blade = c.oval(px - k, top, 2 * k - 1, max(3, round(k * 1.5))) & (c.X <= px) & (c.X >= 1) if px > 2 else c.rect(px + 1, top, k, k)
            c.paint(blade, "steel", "weapon", c.ball(blade, 1.2), rim=s >= 24)
        elif kind == "bow":
            top, low = max(1, round(y - h * 0.7)), min(b.floor - 1, round(y + h * 1.4))
            bend = max(1, round(s * 0.1))
            x1 = max(2, px + 1)
            limb = c.taper(((x1, top), (max(0, x1 - 2 * bend), (top + low) / 2), (x1, low)), max(1, thick - 1), max(1, thick - 1))
            c.paint(c.rect(x1, top, 1, low - top), "white", "bowstring", -0.4)
            c.paint(limb & (c.X >= 1), "wood", "weapon", 0.2, rim=s >= 24)
        c.paint(c.rect(hand_x, hand_y, a, max(1, round(a * 0.8))), skin if ROLES[p["role"]][0] != "armour" else "iron", "hands", 0.2)
    if p["shield_color"]:
        d = max(4, round(s * 0.26))
        right = c.w - 1 - max(1, x - a)
        sx = min(right - d // 2, c.w - 1 - d)
        sy = round(y + h * 0.2)
        shield = c.rect(sx, sy, d, max(2, round(d * 0.6))) | c.poly((sx, sy + d * 0.5), (sx + d - 1, sy + d * 0.5), (sx + (d - 1) / 2, sy + d * 1.1))
        c.paint(shield, p["shield_color"], "shield", c.ball(shield, 1.2), rim=True)
        if s >= 24:
            edge = shield & ~shrink(shield)
            c.paint(edge, "steel" if p["shield_color"] != "gold" else "brown", "shield", 0.2)
        if s >= 32:
            k = max(1, d // 6)
            c.paint((c.rect(round(sx + d / 2 - k / 2), sy + 2, k, round(d * 0.7)) | c.rect(sx + 2, sy + round(d * 0.35), d - 4, k)) & shrink(shield), "white" if p["shield_color"] != "gold" else "red", "shield", 0.2)


def rim_ok(s: int) -> bool:
    """Whether inner contours of small things are drawn at this size."""
    return s >= 24


def words(p: Params) -> Words:
    torso, gear, _, nouns = ROLES[p["role"]]
    race, cloth = p["race"], p["cloth_color"]
    adjectives: list[str | tuple[str, ...]] = []
    if race != "human":
        adjectives.append({"elf": ("elf", "elven"), "dwarf": ("dwarf", "dwarven"), "orc": ("orc",), "goblin": ("goblin",), "skeleton": ("skeleton", "undead"), "zombie": ("zombie", "undead")}[race])
        nouns = tuple(n for n in nouns if n != "person")
    c = f"{{{cloth}}}"
    outfit = {"armour": ("armour", "armor"), "robe": (f"a~{c} robe",), "tunic": (f"a~{c} tunic", f"{c} clothes"), "royal robe": (f"{c} royal clothes",), "dress": (f"a~{c} dress",),
              "overalls": ("{blue} overalls", "overalls"), "coat": (f"a~{c} coat",), "suit": (f"{c} clothes",), "space suit": (f"a~{c} space suit", "a space suit"), "shirt": (f"a~{c} shirt",)}[torso]
    if torso == "armour":
        outfit = {"steel": ("steel armour", "shining armor", "plate armor"), "gold": ("{gold} armour", "{gold} armor"), "black": ("{dark grey} armour", "dark armor")}[p["metal"]]
    having: list[str | tuple[str, ...]] = [tuple(outfit)]
    hats = {"great helm": ("a helmet", "a closed helmet"), "open helm": ("a helmet",), "wizard hat": ("a pointed hat", f"a~{c} wizard hat", f"a pointed {c} hat"), "hood": ("a hood", f"a~{c} hood"), "crown": ("a crown", "a {gold} crown"),
            "horned helm": ("a horned helmet", "a helmet with horns"), "straw hat": ("a straw hat",), "pirate hat": ("a pirate hat", "a hat"), "ninja mask": ("a mask", f"a~{c} mask"), "cowboy hat": ("a cowboy hat", "a hat"),
            "space helmet": ("a helmet", "a space helmet"), "headband": ("a headband",), "chef hat": ("a chef hat", "a {white} chef hat")}
    if gear in hats:
        having.append(hats[gear])
    if p["hair_color"] and p["hair"] not in ("bald", "hidden"):
        h = f"{{{p['hair_color']}}}"
        having.append({"short": (f"{h} hair", f"short {h} hair"), "long": (f"long {h} hair", f"{h} hair"), "ponytail": (f"a~{h} ponytail", f"{h} hair"), "spiky": (f"spiky {h} hair",)}[p["hair"]])
    if p["beard"]:
        h = f"{{{p['hair_color']}}}"
        having.append((f"a~{h} beard", "a beard"))
    if p["weapon"] != "none":
        having.append({"sword": ("a sword", "a sword in hand"), "spear": ("a spear",), "axe": ("an axe", "a battle axe"), "staff": ("a staff", "a magic staff"), "bow": ("a bow",), "pitchfork": ("a pitchfork",)}[p["weapon"]])
    if p["shield_color"]:
        having.append((f"a~{{{p['shield_color']}}} shield", "a shield"))
    if p["cape_color"]:
        having.append((f"a~{{{p['cape_color']}}} cape", f"a~{{{p['cape_color']}}} cloak", "a cape"))
    if p["skin"] in ("brown", "dark") and gear not in ("great helm", "space helmet"):
        having.append("dark skin")
    place = {"walking": (("walking",),), "cheering": (("with arms raised", "cheering"),), "standing": ()}[p["pose"]]
    return Words(nouns=nouns, adjectives=tuple(adjectives), having=tuple(having), place=place)


FAMILY = Family(name="character", kind="character", parameters=PARAMETERS, draw=draw, words=words, fit=fit,
                sizes=(*SQUARE, (24, 16), (32, 16), (48, 32), (32, 24)), weight=3)
