"""One well-proportioned body for people of every calling: seen from the front, the side or the back, standing, walking or striking.

A family fills in a `Person` (`body.py`) and calls `draw_person`. Clothes are drawn by `clothes.py`, faces and hair by `heads.py`, hats by
`hats.py`, what the hand holds by `held.py`. Side views face left; `draw_person` mirrors them for "right".
"""

from __future__ import annotations

from pixelmind.data.procedural.body import BARE_ARMS, LONG, Body, Person, s_at
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.clothes import draw_torso
from pixelmind.data.procedural.hats import HATS, Head
from pixelmind.data.procedural.heads import draw_back_hair, draw_head
from pixelmind.data.procedural.held import THINGS, draw_held, tip_of


def measure(q: Person, c: Canvas) -> Body:
    """Fit the body to the canvas, with room for the hat."""
    room = (
        HATS[q.hat].room
        if q.hat != "none"
        else 0.07
        if q.hair in ("spiky", "wild", "mohawk", "bun", "topknot")
        else 0.0
    )
    top = 1 + round((c.h - 2) * room)
    height = c.h - 1 - top
    side = q.view in ("left", "right")
    chibi = q.build == "chibi" or c.h < 24
    head_h = max(5, round(height * (0.45 if chibi else 0.29)))
    head_w = min(round(head_h * (1.14 if chibi else 0.98)), max(6, c.w - 8))
    head_w += (c.w - head_w) % 2
    torso_h = max(2, min(round(height * (0.3 if chibi else 0.36)), height - head_h - 2))
    torso_w = max(4, round(head_w * (0.78 if chibi else 1.12)))
    torso_w = min(torso_w + (c.w - torso_w) % 2, c.w - 6)
    arm = max(1, round(torso_w * (0.22 if chibi else 0.26)))
    if side:
        torso_w = max(4, round(torso_w * 0.74)) // 2 * 2 + c.w % 2
    x = (c.w - torso_w) // 2
    head = Head((c.w - head_w) // 2, top, head_w, head_h, q.view if not side else "left")
    return Body(head, (x, top + head_h, torso_w, torso_h), c.h - 1, arm, height / 16)


def draw_person(q: Person, c: Canvas) -> None:
    """Paint the person; below 11 px from a hand-set pattern."""
    if c.s <= 10:
        _tiny(q, c)
        return
    b = measure(q, c)
    side = b.head.view == "left"
    if q.cape_color and q.view != "back":
        _cape(q, c, b)
    if q.hair in ("long", "ponytail", "wild") and q.view != "back":
        draw_back_hair(q, c, b)
    if side:
        _arm_side(q, c, b, far=True)
    _legs(q, c, b)
    draw_torso(q, c, b)
    if q.view == "back" and q.cape_color:
        _cape(q, c, b)
    if side:
        draw_head(q, c, b)
        _arm_side(q, c, b, far=False)
    else:
        _arms(q, c, b)
        draw_head(q, c, b)
    if q.held != "none":
        draw_held(c, q.held, b.hand, q.held_color, b.unit, q.pose == "attacking", side, b.floor)
        _hand(q, c, b, *b.hand)
    if q.shield_color and not side:
        _shield(q, c, b)
    if c.s >= 12:
        c.erase(~c.rect(1, 1, c.w - 2, c.h - 2))
    if q.view == "right":
        c.flip()


def _legs(q: Person, c: Canvas, b: Body) -> None:
    x, y, w, h = b.torso
    low, s = y + h, c.s
    side = b.head.view == "left"
    if q.top in LONG:
        flare = max(1, round(w * (0.3 if q.top == "dress" else 0.18)))
        skirt = c.poly((x, low - 1), (x + w - 1, low - 1), (x + w - 1 + flare, b.floor - 1), (x - flare, b.floor - 1))
        foot = c.mirror(c.rect(x + (0 if side else 1), b.floor - 1, max(2, w // 3), 1))
        c.paint(skirt, q.top_color, "clothes", c.column(skirt, 1.1))
        if s >= 24:
            fold = c.empty()
            for i in range(1, 3 if s < 48 else 5):
                at = i / (3 if s < 48 else 5)
                fold |= c.stroke((x + w * at, low + h * 0.25), (x - flare + (w + 2 * flare) * at, b.floor - 2))
            c.touch(fold & skirt, -0.9)
            c.paint(skirt & (c.ys >= b.floor - max(1, s // 28)), q.trim_color, "trim", c.column(skirt, 0.8))
        else:
            c.paint(foot, q.boots_color, "boots", 0)
        return
    bare = q.top in ("fur", "toga", "straps", "cuirass", "bones")
    color = q.skin if bare else q.legs_color
    if q.top == "bones":
        color = "bone"
    length = b.floor - low
    lw = max(1, round(w * (0.42 if not side else 0.48)))
    wide = q.top == "gi"
    if q.top == "bones":
        lw = max(1, round(lw * 0.55))
    boot_h = max(1, round(length * (0.38 if q.top not in ("gi", "bare", "bandages") else 0.2)))
    if q.top in ("fur", "bones"):
        boot_h = max(1, round(length * 0.14))
    boot_h = max(1, min(boot_h, length - 1))
    toe = 1 if s >= 20 else 0
    toe = max(toe, round(s / 40)) if s >= 40 else toe
    stride = round(length * 0.42) if q.pose != "standing" else 0
    for near in (False, True):
        if side:
            hip = x + (w - lw) / 2 + (0.5 if not near else -0.5)
            if s < 20 and not stride:
                hip = x + (w - 2 * lw) / 2 + (lw if not near else 0)
            foot_x = hip + (stride if not near else -stride)
            lift = round(length * 0.18) if stride and not near and q.pose == "walking" else 0
            x0, x1 = round(hip), round(foot_x)
        else:
            inner = (max(0, round(w * 0.06)) if lw * 2 + 1 < w else 0) if q.top != "bones" else 1
            x0 = round(x + w / 2 - inner - lw) if near else c.w - round(x + w / 2 - inner - lw) - lw
            out = (round(length * 0.24) if s >= 20 else 1) if q.pose == "attacking" else 0
            x1 = x0 + (-out if near else out)
            lift = max(1, round(length * 0.3)) if q.pose == "walking" and not near else 0
        end = b.floor - lift
        leg = c.poly((x0, low - 1), (x0 + lw - 1, low - 1), (x1 + lw - 1, end - 1), (x1, end - 1))
        if wide:
            k = max(1, round(lw * 0.2))
            leg |= c.poly(
                (x0, low), (x0 + lw - 1, low), (x1 + lw - 1 + k, end - boot_h - 1), (x1 - k, end - boot_h - 1)
            )
        shade = c.column(leg, 0.8) - (0.2 if near else 0.9)
        c.paint(leg, color, "legs", shade, rim=s >= 24 and near)
        if q.top == "bones" and s >= 24:
            c.paint(c.oval(x0 - 1, low + length // 2 - 1, lw + 2, max(2, lw + 1)), "bone", "legs", 0.2, rim=s >= 32)
        if q.top == "bandages" and s >= 20:
            c.touch(leg & ((c.ys + (c.xs - x0) * 0.4).astype(int) % max(2, s // 12) == 0), -1.2)
        if s >= 64 and not bare:
            c.touch(c.stroke((x0 + lw * 0.3, low + length * 0.42), (x0 + lw * 0.8, low + length * 0.36)) & leg, -0.9)
        left, right = (x1 - toe, x1 + lw) if side else (x1 - (toe if near else 0), x1 + lw + (0 if near else toe))
        boot = (leg & (c.ys >= end - boot_h)) | c.rect(
            left, end - max(1, round(boot_h * 0.6)), right - left, max(1, round(boot_h * 0.6))
        )
        if q.boots_color == q.skin and bare:
            c.paint(boot, q.skin, "feet", c.column(boot, 0.6) - (0.0 if near else 0.7), rim=s >= 32)
        else:
            c.paint(boot, q.boots_color, "boots", c.column(boot, 0.8) - (0.0 if near else 0.6), rim=s >= 24)
            if s >= 32:
                c.touch(c.rect(left, end - max(1, s // 48), right - left, max(1, s // 48)) & boot, -1.4)
                c.touch(boot & (c.ys == end - boot_h), 0.9)


def _sleeve(q: Person) -> str:
    if q.top == "bones":
        return "bone"
    if q.top == "overalls":
        return q.top_color
    return q.skin if q.top in BARE_ARMS else q.top_color


def _hand(q: Person, c: Canvas, b: Body, x: float, y: float) -> None:
    a = b.arm
    color = q.top_color if q.top == "space" else "iron" if q.top == "armour" else "bone" if q.top == "bones" else q.skin
    left, up = round(x - (a - 1) / 2), round(y - (a - 1) / 2)
    hand = c.rect(left, up, a, a) if a < 4 else c.oval(left, up, a, a)
    c.paint(hand, color, "hands", 0.2, rim=c.s >= 32)


def _arms(q: Person, c: Canvas, b: Body) -> None:
    x, y, _w, h = b.torso
    s, a = c.s, b.arm
    if q.top == "bones":
        a = max(1, round(a * 0.6))
    color = _sleeve(q)
    hang = round(h * 0.74)
    for left in (True, False):
        if q.pose == "attacking" and left:
            elbow = (x - a * 1.3, y + h * 0.3) if s >= 24 else (x - 1, y + 1)
            hand = (max(1.0 + a / 2, x - a * 2.0), y - h * 0.12)
            arm = c.stroke((x - a * 0.2, y + (a - 1) / 2 + 0.5), elbow, hand, width=a)
            shade = 0.2
        else:
            swing = (1 if s >= 24 else 0) if q.pose == "walking" and left else 0
            x0 = x - a
            arm = c.rect(x0, y + (1 if s >= 20 else 0), a, hang - swing)
            if s >= 40:
                arm = c.poly((x0 + 1, y + a * 0.25), (x + 1, y), (x - a * 0.1, y + hang), (x - a * 1.25, y + hang))
            hand = (x - a * (1.2 if s >= 40 else 1) + (a - 1) / 2, y + hang + a / 2 - swing)
            if not left:
                arm, hand = arm[:, ::-1], (c.w - 1 - hand[0], hand[1])
            shade = 0.3 if left else -0.6
        c.paint(arm, color, "arms", c.column(arm, 0.5) + shade, rim=s >= 20)
        if q.top == "bandages" and s >= 20:
            c.touch(arm & ((c.ys + c.xs).astype(int) % max(2, s // 12) == 0), -1.1)
        if q.top == "tech" and s >= 24:
            c.paint(arm & (c.ys == round(hand[1]) - a), q.trim_color, "lights", 0.5)
        if q.top in ("uniform", "suit", "coat", "robe") and s >= 40:
            c.paint(arm & (c.ys >= hand[1] - a * 0.9) & (c.ys < hand[1] - a * 0.4), q.trim_color, "cuffs", 0.1)
        if left:
            b.hand = hand
        _hand(q, c, b, *hand)
    if q.top in ("armour", "lamellar") and s >= 20:
        k = a + (1 if s < 48 else 2)
        pad = (
            c.oval(x - a - 1, y - 1, k + 1, max(2, k))
            if q.top == "armour"
            else c.rect(x - a - 1, y, k + 1, round(h * 0.42))
        )
        color = "iron" if q.top == "armour" else q.top_color
        c.paint(
            c.mirror(pad) if q.pose != "attacking" else pad[:, ::-1],
            color,
            "pauldrons",
            c.ball(pad, 1.0) if q.top == "armour" else 0.3,
            rim=True,
        )
    if q.top == "cuirass" and s >= 24 and q.pose != "attacking":
        strips = c.mirror(c.rect(x - a, y, a, max(1, round(h * 0.22))))
        c.paint(strips, q.trim_color, "skirt", 0.2, rim=True)


def _arm_side(q: Person, c: Canvas, b: Body, far: bool) -> None:
    x, y, w, h = b.torso
    a = b.arm if q.top != "bones" else max(1, round(b.arm * 0.6))
    sx, sy = x + (w - a) / 2 + (a - 1) / 2, y + a / 2 + (0.5 if c.s >= 20 else 0)
    reach = h * 0.74
    if q.pose == "attacking" or (q.held in ("pistol", "rifle", "blaster") and not far):
        hand = (sx - reach * (0.95 if not far else 0.8), sy + h * (0.12 if not far else 0.3))
        points = (sx, sy), (sx - reach * 0.45, sy + h * 0.3), hand
    elif not far and q.held != "none" and THINGS[q.held].pole:  # held before the face
        hand = (max(2.0, min(sx - reach * 0.5, b.head.x - 1 - b.unit * 0.5)), sy + reach * 0.5)
        points = (sx, sy), (sx - reach * 0.1, sy + reach * 0.5), hand
    elif q.pose == "walking":
        hand = (sx + (reach * 0.5 if far else -reach * 0.5), sy + reach * 0.8)
        points = (sx, sy), (sx + (reach * 0.1 if far else -reach * 0.05), sy + reach * 0.45), hand
    else:
        if far:
            return
        hand = (sx - w * 0.16, sy + reach)
        points = (sx, sy), (sx, sy + reach * 0.5), hand
    arm = c.stroke(*points, width=a)
    c.paint(arm, _sleeve(q), "arms", c.fall(arm, 0.4, -0.5) - (1.0 if far else 0.0), rim=c.s >= 20)
    if not far:
        b.hand = hand
        if q.top == "lamellar" and c.s >= 20:
            pad = c.rect(round(sx - a), y, 2 * a, round(h * 0.4))
            c.paint(pad, q.top_color, "pauldrons", 0.4, rim=True)
    _hand(q, c, b, *hand)


def _cape(q: Person, c: Canvas, b: Body) -> None:
    x, y, w, _h = b.torso
    spread = max(1, round(w * 0.34))
    low = b.floor - max(2, round(c.s / 10))
    if b.head.view == "left":
        cape = c.poly((x + w * 0.4, y), (x + w, y), (x + w + spread * 1.2, low), (x + w * 0.5, low))
    else:
        cape = c.poly((x - b.arm * 0.4, y), (x + w - 1 + b.arm * 0.4, y), (x + w - 1 + spread, low), (x - spread, low))
    c.paint(cape, q.cape_color or "red", "cape", c.fall(cape, 0.3, -1.0), rim=c.s >= 24 and q.view == "back")
    if c.s >= 24:
        for at in (0.15, 0.4, 0.62, 0.86):
            c.touch(c.stroke((x + w * (0.3 + at * 0.4), y + 1), (x - spread + (w + 2 * spread) * at, low)) & cape, -0.6)


def _shield(q: Person, c: Canvas, b: Body) -> None:
    x, y, w, h = b.torso
    d = max(4, round(b.unit * 4.6))
    right = min(c.w - 2, x + w + b.arm + d // 3)
    box = (right - d + 1, round(y + h * 0.2), d, round(d * 1.15))
    shield = c.oval(*box) | c.rect(box[0], box[1], d, round(d * 0.55))
    c.paint(shield, "iron", "shield", c.ball(shield, 1.0), rim=True)
    inner = c.oval(box[0] + 1, box[1] + 1, d - 2, box[3] - 2) | c.rect(box[0] + 1, box[1] + 1, d - 2, round(d * 0.5))
    c.paint(inner, q.shield_color or "red", "shield", c.ball(inner, 1.2))
    if c.s >= 24:
        k = s_at(c, 20)
        boss = c.oval(round(box[0] + d / 2 - k / 2), round(box[1] + d * 0.55 - k / 2), k + 1, k + 1)
        c.paint(boss, "gold", "shield", c.ball(boss, 1.0), rim=c.s >= 32)


_TINY = ("..HHHH..", ".HHHHHH.", ".HESSEH.", "..SSSS..", ".ACCCCA.", ".NCCCCN.", "..LLLL..", "..B..B..")
_TINY_LONG = (*_TINY[:6], "..CCCC..", ".CCCCCC.")


def _tiny(q: Person, c: Canvas) -> None:
    """8 to 10 px: one pattern whose letters are coloured by the clothes; the feet stand on the last row."""
    rows = list(_TINY_LONG if q.top in LONG else _TINY)
    hat = HATS[q.hat]
    if hat.tiny:
        rows[:3] = hat.tiny
        if "E" not in "".join(hat.tiny) and not hat.hides_hair:
            rows[3] = "..ESSE.."
    skin = {"skull": "bone", "bandaged": q.top_color}.get(q.face, q.skin)
    hair = q.hair_color if q.hair != "bald" and q.face not in ("skull", "bandaged") else skin
    bare = q.top in ("fur", "straps", "cuirass")
    colors = {
        "H": ((q.hat_color, "hat") if hat.tiny else (hair, "hair" if hair != skin else "head")),
        "W": (q.band_color, "hat"),
        "R": (hair, "hair" if hair != skin else "head"),
        "S": (skin, "head"),
        "E": (q.eye_color if q.eye_color != "ink" else "ink", "eyes"),
        "C": (
            q.top_color if q.top not in ("bones", "bare", "straps") else "bone" if q.top == "bones" else q.skin,
            "clothes",
        ),
        "A": (_sleeve(q), "arms"),
        "N": ("bone" if q.top == "bones" else q.top_color if q.top == "space" else q.skin, "hands"),
        "L": (
            q.top_color if q.top == "straps" else q.skin if bare else "bone" if q.top == "bones" else q.legs_color,
            "legs",
        ),
        "B": (q.boots_color, "boots"),
    }
    x, y = (c.w - 8) // 2, c.h - 8
    for mark, (color, part) in colors.items():
        region = c.art(rows, x, y, mark)
        c.paint(region, color, part, -0.3 if mark in "AB" else 0.2 if mark == "H" else 0)
    c.touch(
        c.art(("........", "......#.", "......#.", ".....#..", "......#.", "......#.", ".....#..", ".....#.."), x, y),
        -0.8,
    )
    if q.mask in ("visor", "gas mask", "goggles"):
        c.paint(c.art(("", "", "..####.."), x, y), q.mask_color, "visor" if q.mask != "gas mask" else "gas mask", 0.3)
    elif q.mask == "scarf":
        c.paint(c.art(("", "", "", "..####.."), x, y), q.mask_color, "scarf", 0)
    elif q.mask == "eyepatch":
        c.paint(c.art(("", "", ".....#.."), x, y), "ink", "eyepatch", 0)
        c.paint(c.art(("", "", "....#..."), x, y), "ink", "eyepatch", 0)
    if q.beard in ("short", "long") and q.face == "human":
        c.paint(
            c.art(("", "", "", "..####..", "...##..." if q.beard == "long" else ""), x, y), q.hair_color, "beard", 0
        )
    if q.held != "none":
        tip = tip_of(q.held, q.held_color)
        c.paint(c.rect(x, y + 1, 1, 5), tip[0] if tip[2] else tip[1], "weapon", 0)
        c.paint(c.rect(x, y + 1, 1, 2), tip[0], "weapon", 0.3)
    if q.shield_color:
        c.paint(c.rect(x + 6, y + 4, 2, 3), q.shield_color, "shield", 0)
