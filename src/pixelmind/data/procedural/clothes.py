"""Clothes and armour of the upper body, drawn over a person's torso; coats, tunics and skirts hang over the legs."""

from __future__ import annotations

from pixelmind.data.procedural.body import Body, Person, s_at
from pixelmind.data.procedural.canvas import Canvas, Region, grow


def draw_torso(q: Person, c: Canvas, b: Body) -> None:
    x, y, w, h = b.torso
    s, top, mid = c.s, q.top, (c.w - 1) / 2
    side, back = b.head.view == "left", q.view == "back"
    body = c.rect(x, y, w, h)
    if s >= 24:
        body &= ~c.mirror(c.dots((x, y)))
    if s >= 40 and not side:  # shoulders slope, the waist is narrower
        k = max(1, round(w * 0.08))
        body &= ~c.mirror(c.poly((x, y + h * 0.55), (x + k - 1, y + h), (x, y + h)))
        body &= ~c.mirror(c.poly((x, y), (x + 2 * k, y), (x, y + k)))
    color = {"fur": q.top_color, "bare": q.skin, "straps": q.skin, "bones": "ink"}.get(top, q.top_color)
    tone = c.column(body, 1.2)
    if top == "bones":
        spine = c.rect(mid - max(1, s // 24) / 2 + 0.5, y, max(1, s // 24) + (c.w % 2 == 0), h)
        c.paint(spine, "bone", "ribs", -0.4)
        step = max(2, round(h / (2 if s < 24 else 3.5 if s < 64 else 4.5)))
        for i, ry in enumerate(range(y, y + h - 1, step)):
            inset = round(w * 0.06) * i
            rib = c.rect(x + inset, ry, w - 2 * inset, max(1, step // 2))
            c.paint(rib, "bone", "ribs", c.column(rib, 1.0), rim=s >= 32)
        pelvis = c.rect(x + w // 6, y + h - max(1, h // 6), w - 2 * (w // 6), max(1, h // 5))
        c.paint(pelvis, "bone", "ribs", -0.2, rim=s >= 24)
        return
    c.paint(body, color, "body" if color == q.skin else "clothes", tone, rim=s >= 24)
    if s >= 48 and color != q.skin:
        c.touch(c.stroke((x + w * 0.2, y + h * 0.95), (x + w * 0.34, y + h * 0.6)) & body, -0.8)
        c.touch(c.stroke((x + w * 0.8, y + h * 0.9), (x + w * 0.7, y + h * 0.6)) & body, -0.8)
    draw_top = TOPS.get(top)
    if draw_top:
        draw_top(q, c, b, body, side, back)


def _belt(q: Person, c: Canvas, b: Body, color: str, buckle: str | None = "gold") -> None:
    x, y, w, h = b.torso
    k = max(1, h // 7)
    belt = c.rect(x, y + h - k - (h // 8 if c.s >= 24 else 0), w, k)
    c.paint(belt, color, "belt", c.column(belt, 0.7))
    if buckle and c.s >= 20 and q.view != "back":
        bx = (c.w - 1) / 2 if b.head.view != "left" else x + 0.5
        c.paint(
            c.rect(round(bx - 0.5 * k), c.box(belt)[1], max(1, k) + (c.w % 2 == 0 and k % 2), k), buckle, "belt", 0.5
        )


def _open_front(q: Person, c: Canvas, b: Body, body: Region, inner: str, part: str = "shirt") -> Region:
    """The V of an open jacket with what is under it."""
    x, y, w, h = b.torso
    mid = (c.w - 1) / 2 if b.head.view != "left" else x
    k = w * 0.24
    v = c.poly((mid - k, y), (mid + k, y), (mid + k * 0.5, y + h - 1), (mid - k * 0.5, y + h - 1)) & body
    c.paint(v, inner, part, c.column(v, 0.6) - 0.1, rim=c.s >= 24)
    return v


def _coat(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    x, y, w, h = b.torso
    length = b.floor - y - h
    drop = max(0, min(round(length * 0.4), length - max(1, round(length * 0.38)) - 1))  # trousers show below
    flare = max(0, round(w * 0.1)) if c.s >= 20 else 0
    tails = c.poly(
        (x, y + h - 1),
        (x + w - 1, y + h - 1),
        (x + w - 1 + flare, y + h - 1 + drop),
        (x - flare, y + h - 1 + drop),
    )
    if not back:
        gap = c.poly(
            ((x if side else (c.w - 1) / 2), y + h - 2),
            ((x - flare if side else (c.w - 1) / 2) + w * 0.26, y + h + length),
            ((x - flare - 1 if side else (c.w - 1) / 2 - w * 0.26), y + h + length),
        )
        tails &= ~(gap & (c.ys >= y + h))
    c.paint(tails, q.top_color, "clothes", c.column(tails, 1.0) - 0.3, rim=c.s >= 24)
    if not back:
        _open_front(q, c, b, body, q.trim_color)
    _belt(q, c, b, "dark brown" if q.top_color not in ("brown", "dark brown") else "black")
    if c.s >= 32 and not back and not side:
        collar = c.poly((x + w * 0.16, y), (x + w * 0.3, y), (x + w * 0.42, y + h * 0.36))
        c.touch(c.mirror(collar) & body & (c.part == c.part_id("clothes")), 0.9)


def _vest(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    if not back:
        _open_front(q, c, b, body, q.trim_color)
    _belt(q, c, b, "dark brown" if q.top_color not in ("brown", "dark brown") else "black")
    if c.s >= 40 and not back and not side:
        x, y, w, h = b.torso
        pocket = c.rect(x + w * 0.1, y + h * 0.62, max(2, w * 0.18), 1)
        c.touch(c.mirror(pocket) & body, -1.2)


def _tunic(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    x, y, w, h = b.torso
    hem = c.rect(x, y + h, w, max(1, round(h * 0.24)))
    c.paint(hem, q.top_color, "clothes", c.column(hem, 1.0) - 0.6, rim=c.s >= 24)
    _belt(q, c, b, "dark brown" if q.top_color not in ("brown", "dark brown") else "black")
    if c.s >= 24 and not back:
        mid = (c.w - 1) / 2 if not side else x + 1
        neck = c.poly((mid - w * 0.16, y), (mid + w * 0.16, y), (mid, y + h * 0.28)) & body
        c.paint(neck, q.trim_color if q.trim_color != q.top_color else "white", "trim", 0)


def _robe(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    x, y, w, h = b.torso
    k = max(1, h // 6)
    sash = c.rect(x, y + h - k - (h // 8 if c.s >= 24 else 0), w, k)
    c.paint(sash, q.trim_color, "belt", c.column(sash, 0.8))
    if c.s >= 24 and not back:
        mid = (c.w - 1) / 2 if not side else x + 1
        line = c.stroke((mid, y), (mid, b.floor - 2), width=1 if c.s < 48 else 2)
        c.touch(line & (c.part == c.part_id("clothes")), -1.1)
        collar = (
            c.mirror(c.poly((mid - w * 0.3, y), (mid, y), (mid, y + h * 0.3)))
            if not side
            else c.rect(x, y, w, max(1, h // 8))
        )
        c.paint(collar & body, q.trim_color, "trim", 0.2)


def _gi(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """Crossed lapels and a sash, as kimono and martial dress have."""
    x, y, w, h = b.torso
    mid = (c.w - 1) / 2 if not side else x + w * 0.25
    if not back:
        k = max(1, round(w * 0.12))
        neck = c.poly((mid - w * 0.18, y), (mid + w * 0.18, y), (mid, y + h * 0.34)) & body
        c.paint(neck, q.skin, "body", -0.3)
        lapel = c.stroke((mid + w * 0.24, y), (mid - w * 0.2, y + h * 0.8), width=k) | c.stroke(
            (mid - w * 0.24, y), (mid, y + h * 0.4), width=k
        )
        c.paint(
            lapel & body & ~neck if c.s >= 24 else lapel & body & (c.ys < y + 2),
            q.trim_color if c.s >= 24 else q.top_color,
            "trim",
            0.1 if c.s >= 24 else -1,
        )
    k = max(1, h // 5)
    sash = c.rect(x, y + h - k, w, k)
    c.paint(sash, q.trim_color, "belt", c.column(sash, 0.7))
    if c.s >= 24 and not side:
        c.paint(
            c.rect(round(mid - 0.5) - (k if not back else 0), y + h, max(1, k), max(2, h // 4)),
            q.trim_color,
            "belt",
            -0.6,
            rim=True,
        )


def _lamellar(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """Armour of laced plates with a skirt and shoulder boards."""
    x, y, w, h = b.torso
    skirt = c.poly(
        (x - 1, y + h), (x + w, y + h), (x + w + max(0, w // 10), y + h * 1.5), (x - 1 - max(0, w // 10), y + h * 1.5)
    )
    c.paint(skirt, q.top_color, "armour", c.column(skirt, 1.0) - 0.3, rim=c.s >= 24)
    plates = body | skirt
    c.part[body] = c.part_id("armour")
    k = max(2, round(c.s / 14))
    c.touch(plates & ((c.ys - y).astype(int) % k == k - 1), -1.0)
    if c.s >= 40:
        c.paint(
            plates & ((c.ys - y).astype(int) % k == 0) & ((c.xs - x).astype(int) % max(3, k) == 1),
            q.trim_color,
            "trim",
            0,
        )
    belt = c.rect(x, y + h - max(1, h // 8), w, max(1, h // 8))
    c.paint(belt, q.trim_color, "belt", c.column(belt, 0.7))


def _cuirass(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """A moulded breastplate with a skirt of strips."""
    x, y, w, h = b.torso
    mid = (c.w - 1) / 2
    c.part[body] = c.part_id("armour")
    k = max(1, round(w * 0.12))
    skirt = c.rect(x, y + h - max(1, h // 8), w, max(2, round(h * 0.5)))
    c.paint(skirt, q.trim_color, "skirt", c.column(skirt, 1.0), rim=c.s >= 24)
    if c.s >= 20:
        c.touch(skirt & ((c.xs - x).astype(int) % max(2, k + 1) == 0), -1.1)
    c.paint(c.rect(x, y + h - max(1, h // 6), w, max(1, h // 8)), "dark brown", "belt", 0)
    if c.s >= 24 and not back and not side:
        chest = c.mirror(c.rect(x + k, round(y + h * 0.42), round(w / 2 - k - 0.5), 1))
        c.touch((chest | c.rect(round(mid), y + h * 0.15, 2 - c.w % 2, h * 0.6)) & body, -0.8)
    if c.s >= 48 and not back:
        c.paint(body & ~c.rect(0, y + max(1, s_at(c, 40)), c.w, c.h), "gold", "trim", 0.2)


def _armour(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    _x, y, w, h = b.torso
    mid = (c.w - 1) / 2
    c.part[body] = c.part_id("armour")
    if c.s >= 16 and not side:
        k = max(1, round(w * 0.2))
        front = c.rect(round(mid - k + 0.5), y + 1, 2 * k - (c.w % 2), h + max(1, h // 3))
        c.paint(front, q.trim_color, "surcoat", c.column(front, 0.8), rim=c.s >= 24)
    _belt(q, c, b, "dark brown")
    if c.s >= 32:
        c.touch(body & (c.ys == round(y + h * 0.5)), -0.8)


def _fur(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """A pelt over one shoulder with a ragged hem."""
    x, y, w, h = b.torso
    bare = c.poly((x + w * 0.5, y), (x + w - 1, y), (x + w - 1, y + h * 0.5)) & body
    if not side:
        c.paint(bare, q.skin, "body", c.column(body, 0.8))
    k = max(2, round(w / (3 if c.s < 32 else 4)))
    hem = c.rect(x - (c.s >= 24), y + h, w + 2 * (c.s >= 24), max(1, round(h * 0.3)))
    deep = max(1, round(h * 0.16))
    hem |= c.rect(x, y + h, w, round(h * 0.3) + deep) & ((c.xs - x).astype(int) % k < k - 1)
    c.paint(hem, q.top_color, "clothes", c.column(hem, 1.0) - 0.3, rim=c.s >= 24)
    if c.s >= 20:  # spots of the pelt
        pelt = (c.part == c.part_id("clothes")) & (grow(hem) | body)
        r = max(1, s_at(c, 24))
        for fx, fy in ((0.2, 0.25), (0.5, 0.62), (0.15, 0.8), (0.72, 1.05), (0.85, 0.7), (0.36, 1.15)):
            c.paint(c.oval(round(x + w * fx), round(y + h * fy), r, r) & pelt, q.trim_color, "spots", 0)


def _wraps(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    k = max(2, round(c.s / 12))
    c.touch(body & ((c.ys + c.xs * 0.45).astype(int) % k == 0), -1.2)
    if c.s >= 32:
        c.touch(body & ((c.ys - c.xs * 0.5).astype(int) % (2 * k + 1) == 0), -0.9)


def _space(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    x, y, w, h = b.torso
    mid = (c.w - 1) / 2 if not side else x + w * 0.25
    if back:
        pack = c.rect(x + max(1, w // 8), y, w - 2 * max(1, w // 8), round(h * 0.8))
        c.paint(pack, "grey", "pack", c.bevel(pack, 1.0), rim=True)
        return
    k = max(2, round(w * 0.5)) // 2 * 2 + c.w % 2
    panel = c.rect(round(mid - k / 2 + 0.5), y + h // 3, k, max(2, h // 3))
    c.paint(panel & body, "grey", "panel", c.bevel(panel, 0.8), rim=c.s >= 24)
    px, py, pw, ph = c.box(panel)
    c.paint(c.rect(px + (c.s >= 24), py + (c.s >= 24), s_at(c, 32), s_at(c, 32)), "red", "panel", 0.3)
    if c.s >= 24:
        c.paint(c.rect(px + pw - 1 - s_at(c, 32), py + 1, s_at(c, 32), s_at(c, 32)), "lime", "panel", 0.3)
        belt = c.rect(x, y + h - s_at(c, 28), w, s_at(c, 28))
        c.paint(belt, q.trim_color, "trim", c.column(belt, 0.6))
    if c.s >= 48:
        hose = c.taper(
            ((px + pw - 1, py + ph), (x + w, y + h * 0.8), (x + w - 1, y + h * 0.2)), s_at(c, 40), s_at(c, 40)
        )
        c.paint(hose & body, "dark grey", "hose", 0, rim=True)


def _suit(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """A jacket over a white shirt with a tie or trim."""
    if back:
        return
    x, y, w, h = b.torso
    mid = (c.w - 1) / 2 if not side else x + 0.5
    under = "white" if q.top_color != "white" else "light blue"
    v = c.poly((mid - w * 0.2, y), (mid + w * 0.2, y), (mid, y + h * 0.6)) & body
    c.paint(v, under, "shirt", 0, rim=c.s >= 32)
    tie = c.rect(
        round(mid - s_at(c, 32) / 2 + 0.5),
        y,
        s_at(c, 32) + (c.w % 2 == 0 and s_at(c, 32) % 2 and not side),
        max(2, round(h * 0.5)),
    )
    c.paint(tie & body, q.trim_color, "tie", 0)
    if c.s >= 32:
        hem = c.stroke((mid, y + h * 0.6), (mid, y + h))
        c.touch(hem & body, -1.2)
        c.paint(c.dots((mid + 1, y + h * 0.72), (mid + 1, y + h * 0.88)) & body, "gold", "buttons", 0.2)


def _uniform(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """Work dress with two bright stripes (fire fighters) or a badge (police), by the trim."""
    x, y, w, h = b.torso
    _belt(q, c, b, "black" if q.top_color != "black" else "dark brown", "silver")
    if q.trim_color == "yellow":
        for at in (0.3, 0.62):
            stripe = c.rect(x, round(y + h * at), w, s_at(c, 28))
            c.paint(stripe & body, "yellow", "stripes", c.column(stripe, 0.6))
    elif not back:
        k = s_at(c, 22)
        c.paint(
            c.rect(round(x + w * 0.62) if not side else x, round(y + h * 0.24), k, k),
            q.trim_color,
            "badge",
            0.4,
            rim=c.s >= 32,
        )
    if c.s >= 32 and not back and not side:
        mid = round((c.w - 1) / 2)
        c.touch(c.rect(mid, y, 1, h) & body, -0.8)


def _coat_white(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """A doctor's open coat with a stethoscope."""
    _coat(q, c, b, body, side, back)
    _x, y, w, h = b.torso
    mid = (c.w - 1) / 2
    if back or side or c.s < 16:
        return
    if c.s < 24:
        c.paint(c.dots((round(mid + 0.5), y + h // 2)), "dark grey", "stethoscope", 0)
        return
    wire = c.stroke((mid - w * 0.2, y), (mid, y + h * 0.4)) | c.stroke((mid + w * 0.2, y), (mid, y + h * 0.4))
    c.paint((wire | c.rect(round(mid), y + h * 0.4, 1, h * 0.2)) & body, "dark grey", "stethoscope", 0)
    c.paint(
        c.oval(round(mid - s_at(c, 20) / 2), round(y + h * 0.55), s_at(c, 20) + 1, s_at(c, 20) + 1),
        "silver",
        "stethoscope",
        0.4,
    )


def _overalls(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    x, y, w, h = b.torso
    k = max(1, w // 6)
    bib = c.rect(x + k, y + h // 3, w - 2 * k, h) & (body | c.rect(x, y + h - 1, w, 1))
    bib |= c.rect(x, y + round(h * 0.72), w, h - round(h * 0.72))
    c.paint(bib & body, q.legs_color, "overalls", c.column(body, 1.0), rim=c.s >= 24)
    c.paint(c.mirror(c.rect(x + k, y, s_at(c, 24), h // 3 + 1)) & body, q.legs_color, "overalls", -0.3)
    if c.s >= 24 and not back:
        c.paint(c.mirror(c.dots((x + k, y + h // 3))), "gold", "overalls", 0.4)
    if c.s >= 40 and not back and not side:
        pocket = c.rect(x + w * 0.32, y + h * 0.5, w * 0.36, h * 0.26)
        c.contour(pocket & ~c.rect(x + w * 0.32 + 1, y + h * 0.5 + 1, w * 0.36 - 2, h * 0.26 - 2))


def _straps(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """Bare chest with leather straps and a kilt."""
    x, y, w, h = b.torso
    if c.s >= 24 and not back and not side:
        mid = round((c.w - 1) / 2)
        c.touch(
            (
                c.rect(mid, y + h * 0.2, 2 - c.w % 2, h * 0.5)
                | c.mirror(c.rect(x + w * 0.15, round(y + h * 0.4), w * 0.25, 1))
            )
            & body,
            -0.8,
        )
    strap = c.stroke((x + w * 0.1, y), (x + w * 0.9, y + h * 0.85), width=s_at(c, 24))
    c.paint(strap & body, "dark brown", "straps", 0)
    kilt = c.rect(x, y + h - max(1, h // 4), w, max(2, round(h * 0.62)))
    c.paint(kilt, q.top_color, "skirt", c.column(kilt, 1.0), rim=c.s >= 24)
    if c.s >= 24:
        c.touch(kilt & ((c.xs - x).astype(int) % s_at(c, 8) == 0), -0.9)
    belt = c.rect(x, y + h - max(1, h // 4), w, max(1, h // 7))
    c.paint(belt, q.trim_color, "belt", c.column(belt, 0.6))


def _toga(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    x, y, w, h = b.torso
    if not side:
        c.paint(c.poly((x + w * 0.55, y), (x + w - 1, y), (x + w - 1, y + h * 0.45)) & body, q.skin, "body", 0)
    sash = c.stroke((x + w * 0.1, y), (x + w - 1, y + h * 0.9), width=max(1, round(w * 0.16)))
    c.paint(sash & body, q.trim_color, "trim", 0, rim=c.s >= 32)


def _rags(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """Torn clothes: skin shows through holes and the hem is ragged."""
    x, y, w, h = b.torso
    hem = c.rect(x, y + h, w, max(1, h // 4)) & ((c.xs - x).astype(int) % 3 != 1)
    c.paint(hem, q.top_color, "clothes", -0.6, rim=c.s >= 24)
    r = s_at(c, 16)
    hole = c.oval(round(x + w * 0.55), round(y + h * 0.4), r + 1, r)
    c.paint(hole & body, q.skin, "body", -0.3, rim=c.s >= 24)
    if c.s >= 24 and not back:
        c.paint(
            c.rect(round(x + w * 0.2), round(y + h * 0.2), s_at(c, 28), round(h * 0.3)) & body, "dark red", "wound", 0
        )


def _dress(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    x, y, w, h = b.torso
    if c.s >= 24:
        k = max(1, round(w * 0.1))
        waist = c.mirror(c.rect(x, round(y + h * 0.55), k, round(h * 0.3)))
        c.erase(waist & (c.part == c.part_id("clothes")))
        if not back:
            neck = c.oval(x + w * 0.3, y - h * 0.12, w * 0.4, h * 0.3) & body
            c.paint(neck, q.skin, "body", -0.2)
    k = max(1, h // 8)
    c.paint(c.rect(x + (c.s >= 24), y + round(h * 0.7), w - 2 * (c.s >= 24), k), q.trim_color, "belt", 0)


def _tech(q: Person, c: Canvas, b: Body, body: Region, side: bool, back: bool) -> None:
    """A dark jacket with glowing lines."""
    x, y, w, h = b.torso
    k = s_at(c, 32)
    lines = c.rect(x + round(w * 0.2), y, k, round(h * 0.7)) | c.rect(
        x + round(w * 0.2), y + round(h * 0.7), w - 2 * round(w * 0.2), k
    )
    if not side:
        lines |= c.rect(c.w - x - round(w * 0.2) - k, y, k, round(h * 0.7))
    c.paint(lines & body, q.trim_color, "lights", 0.6)
    if c.s >= 24:
        collar = c.rect(x + 1, y - (1 if c.s < 48 else 2), w - 2, s_at(c, 24))
        c.paint(collar, q.top_color, "clothes", 0.6, rim=True)
    _belt(q, c, b, "black" if q.top_color != "black" else "dark grey", None)


TOPS = {
    "coat": _coat,
    "vest": _vest,
    "tunic": _tunic,
    "robe": _robe,
    "dress": _dress,
    "toga": _toga,
    "gi": _gi,
    "lamellar": _lamellar,
    "cuirass": _cuirass,
    "armour": _armour,
    "fur": _fur,
    "bandages": _wraps,
    "space": _space,
    "suit": _suit,
    "uniform": _uniform,
    "doctor": _coat_white,
    "overalls": _overalls,
    "straps": _straps,
    "rags": _rags,
    "tech": _tech,
}
