"""Heads of people: face, hair, beard, and what is worn over the face."""

from __future__ import annotations

from pixelmind.data.procedural.body import Body, Person, s_at
from pixelmind.data.procedural.canvas import Canvas, Region, grow
from pixelmind.data.procedural.hats import HATS, Head


def head_region(c: Canvas, d: Head) -> Region:
    """A head that is squarer when small."""
    hx, hy, hw, hh = d.x, d.y, d.w, d.h
    head = c.oval(hx, hy, hw, hh)
    if hw < 14:
        head |= c.rect(hx + 1, hy, hw - 2, hh) & c.rect(hx, hy + 1, hw, hh - 2)
        head |= c.rect(hx, hy + 1, hw, hh - 2 - (hh > 8))
    else:
        k = max(1, round(hw * 0.12))
        head |= c.rect(hx, hy + hh * 0.2, hw, hh * 0.45) | c.rect(hx + k, hy + k, hw - 2 * k, hh - 2 * k)
    return head


def draw_head(q: Person, c: Canvas, b: Body) -> None:
    d, s = b.head, c.s
    head = head_region(c, d)
    skin = "bone" if q.face == "skull" else q.top_color if q.face == "bandaged" else q.skin
    if s >= 40 and q.top != "bones":  # a neck in the shade of the chin
        k = max(2, round(d.w * 0.4)) // 2 * 2 + c.w % 2
        c.paint(c.rect((c.w - k) // 2, d.y + d.h - 2, k, 3), skin, "head", -1.4)
    if q.view == "left" or q.view == "right":
        nose_y = d.y + round(d.h * 0.56)
        if s >= 14 and q.face != "skull":
            reach = max(1, round(d.w * 0.06)) if q.face != "bandaged" else 1
            head |= c.rect(d.x - 1, nose_y, 1, max(1, round(d.h * 0.14)))
            head |= c.rect(d.x - reach, nose_y + reach // 2, reach, max(1, round(d.h * 0.1)))
    c.paint(head, skin, "head", c.ball(head, 1.1), rim=s >= 14)
    if q.view in ("left", "right") and s >= 32 and q.face not in ("skull", "bandaged"):
        ear = c.oval(d.x + d.w * 0.5, d.y + d.h * 0.46, max(3, d.w * 0.17), max(4, d.h * 0.24))
        c.paint(ear, skin, "head", c.fall(ear, 0.4, -1.0), rim=True)
    if q.face == "bandaged":
        k = max(2, round(s / 12))
        c.touch(head & ((c.ys + c.xs * 0.5).astype(int) % k == 0), -1.2)
    if q.view != "back":
        _face(q, c, d, head)
    if q.hair != "bald" and q.face not in ("bandaged", "skull") and not HATS[q.hat].hides_hair:
        _hair(q, c, d, head)
    if q.beard != "none" and q.view != "back":
        _beard(q, c, d, head)
    if q.view != "back" and q.mask != "none":
        _mask(q, c, d, head)
    HATS[q.hat].draw(c, d, head, q.hat_color, q.band_color)


def _eyes(c: Canvas, d: Head) -> tuple[Region, int, int, int, int]:
    """The eye region, and (x, y, w, h) of the left one."""
    ey = d.y + max(round(d.h * 0.5), round(d.h * 0.3) + 1)
    eh = max(1, round(d.h * 0.17)) if d.h >= 6 else 1
    eh = max(2, eh) if 6 <= d.h < 12 else eh
    ew = max(1, round(d.w * 0.1))
    if d.view == "left":
        ex = d.x + max(1, round(d.w * 0.14))
        return c.rect(ex, ey, ew, eh), ex, ey, ew, eh
    gap = max(1, round(d.w * 0.15))
    ex = round((c.w - 1) / 2 - gap - ew + 0.5)
    return c.mirror(c.rect(ex, ey, ew, eh)), ex, ey, ew, eh


def _face(q: Person, c: Canvas, d: Head, head: Region) -> None:
    s, mid = c.s, (c.w - 1) / 2
    eyes, ex, ey, ew, eh = _eyes(c, d)
    side = d.view == "left"
    if q.face == "skull":
        k = max(1, round(d.w * 0.08))
        hole = c.rect(ex - k + (s < 20), ey, ew + 2 * k - (s < 20), eh + (k if s >= 20 else 0))
        c.paint(hole if side else c.mirror(hole), "ink", "eyes", -0.4)
        if q.eye_color != "ink":
            c.paint(eyes if s >= 24 else eyes & (c.ys == ey), q.eye_color, "eyes", 0.5)
        if s >= 24:
            c.paint(
                c.rect(round(mid), ey + eh + k, 2 - c.w % 2, max(1, k)) if not side else c.dots((d.x, ey + eh + k)),
                "ink",
                "head",
                0,
            )
        jaw = c.rect(
            d.x + round(d.w * 0.2),
            d.y + d.h - max(1, round(d.h * 0.2)),
            d.w - 2 * round(d.w * 0.2),
            max(1, round(d.h * 0.1)),
        )
        c.paint(jaw & head & ((c.xs - d.x).astype(int) % 2 == 1), "ink", "mouth", 0)
        if s >= 20:
            c.erase(c.mirror(c.rect(d.x, d.y + d.h - max(1, round(d.h * 0.2)), max(1, round(d.w * 0.14)), d.h)) & head)
        return
    if s >= 40 and q.eye_color == "ink":
        white = c.rect(ex - max(1, ew // 2), ey, ew + max(1, ew // 2), eh)
        c.paint(white if side else c.mirror(white), "white", "eyes", 0.2)
    c.paint(eyes, q.eye_color, "eyes", -0.4 if q.eye_color == "ink" else 0.5)
    if s >= 64 and q.eye_color == "ink":
        c.paint(c.dots((ex + ew - 1, ey)) | (c.empty() if side else c.dots((c.w - ex - 1, ey))), "white", "eyes", 0.6)
    if s >= 32 and q.face == "human":
        brow = c.rect(
            ex - (1 if s >= 40 else 0),
            ey - max(1, round(d.h * 0.08)) - s_at(c, 64) + 1,
            ew + (1 if s >= 40 else 0),
            s_at(c, 72),
        )
        c.paint(brow if side else c.mirror(brow), q.hair_color if q.hair != "bald" else "dark brown", "eyes", -1.0)
    my = d.y + round(d.h * 0.8)
    k = max(1, round(d.w * 0.1))
    mouth = (
        c.rect(d.x + 1, my, k + 1, s_at(c, 64))
        if side
        else c.rect(round(mid - k + 0.5), my, 2 * k - c.w % 2, s_at(c, 64))
    )
    if q.face == "zombie" and s >= 16:
        c.paint(mouth, "ink", "mouth", 0)
        if s >= 24 and not side:
            c.paint(c.dots((round(mid - k + 0.5), my)), "white", "mouth", 0)
            c.paint(
                c.rect(d.x + round(d.w * 0.68), d.y + round(d.h * 0.2), s_at(c, 24), s_at(c, 20)),
                "dark red",
                "wound",
                0,
            )
    elif s >= 24 and q.beard == "none" and q.face == "human":
        c.touch(mouth & head, -1.7)
    if s >= 48 and not side:
        c.touch(c.rect(round(mid), ey + eh, 2 - c.w % 2, max(1, round(d.h * 0.1))) & head, -0.7)
    if s >= 24 and q.face == "human" and q.skin in ("pale skin", "tan skin") and not side and s < 96:
        cheek = c.mirror(c.rect(ex - max(1, round(d.w * 0.08)), ey + eh + (s >= 48), s_at(c, 32), s_at(c, 48)))
        c.touch(cheek & head, -0.8)


def draw_back_hair(q: Person, c: Canvas, b: Body) -> None:
    d = b.head
    drop = round(b.torso[3] * (0.5 if q.hair == "long" else 0.34))
    if d.view == "left":
        back = c.rect(d.x + round(d.w * 0.45), d.y + d.h // 3, round(d.w * 0.55) + 1, d.h - d.h // 3 + drop)
    else:
        back = c.rect(d.x - (c.s >= 16), d.y + d.h // 3, d.w + 2 * (c.s >= 16), d.h - d.h // 3 + drop)
        if q.hair == "wild":
            back |= c.mirror(
                c.poly((d.x, d.y + d.h * 0.3), (d.x - d.w * 0.2, d.y + d.h * 1.1), (d.x + d.w * 0.3, d.y + d.h * 1.1))
            )
    if q.hair == "ponytail":
        x0 = d.x + d.w
        back = c.taper(
            ((x0 - 2, d.y + d.h * 0.2), (x0 + d.w * 0.3, d.y + d.h * 0.4), (x0 + d.w * 0.08, d.y + d.h * 1.1)),
            max(1, d.w * 0.24),
            1,
        )
    c.paint(back, q.hair_color, "hair", c.fall(back, 0.0, -1.2))


def _hair(q: Person, c: Canvas, d: Head, head: Region) -> None:
    hx, hy, hw, hh = d.x, d.y, d.w, d.h
    s, mid = c.s, (c.w - 1) / 2
    above = grow(head) & (c.ys >= 1) if s >= 24 else head
    fringe = hy + max(2 if hh >= 6 else 1, round(hh * 0.34))
    if q.view == "back":
        hair = above & (c.ys < hy + hh * (0.8 if q.hair != "long" else 1.1))
        if q.hair in ("long", "wild"):
            hair |= c.rect(hx, hy + hh // 2, hw, round(hh * (0.9 if q.hair == "long" else 0.75)))
    elif d.view == "left":
        hair = above & (
            (c.ys < fringe) | ((c.xs > hx + hw * 0.48) & (c.ys < hy + hh * (0.72 if q.hair != "long" else 1.0)))
        )
        hair &= ~((c.xs < hx) & (c.ys > hy + hh * 0.3))
        if s >= 24:
            hair |= (
                c.poly((hx + hw * 0.34, fringe - 1), (hx + hw * 0.6, fringe - 1), (hx + hw * 0.52, hy + hh * 0.62))
                & head
            )
    else:
        hair = above & (c.ys < fringe)
        edge = max(1, round(hw * 0.11))
        hair |= c.mirror(
            c.rect(
                hx - (s >= 40),
                hy + hh // 4,
                edge + (s >= 40),
                round(hh * (0.36 if q.hair not in ("long", "wild") else 0.8)) + (hh < 8),
            )
        )
        if s >= 16:
            hair |= c.poly((hx + hw * 0.55, fringe - 1), (hx + hw - 1, fringe - 1), (hx + hw - 1, fringe + hh * 0.14))
    if q.hair == "mohawk":
        k = max(2, round(hw * 0.24)) // 2 * 2 + c.w % 2
        crest = c.rect((c.w - k) // 2, max(1, hy - round(hh * 0.28)), k, round(hh * (0.6 if q.view != "back" else 1.0)))
        if d.view == "left":
            crest = (
                c.oval(hx, hy - round(hh * 0.25), hw + 1, hh)
                & ~c.oval(hx + 1, hy + 1, hw - 1, hh)
                & ((c.xs > hx + hw * 0.2) & (c.ys < hy + hh * 0.7))
                & (c.ys >= 1)
            )
        c.paint(crest, q.hair_color, "hair", c.column(crest, 1.2), rim=s >= 16)
        return
    if q.hair == "topknot":
        k = max(2, round(hw * 0.26)) // 2 * 2 + c.w % 2
        knot = c.oval(
            (c.w - k) // 2 + (round(hw * 0.2) if d.view == "left" else 0),
            max(1, hy - round(hh * 0.2)),
            k,
            max(2, round(hh * 0.26)),
        )
        c.paint(knot, q.hair_color, "hair", c.ball(knot, 1.0))
        hair &= c.ys < fringe - (1 if hh > 7 else 0)
    if q.hair == "bun":
        k = max(3, round(hw * 0.4)) // 2 * 2 + c.w % 2
        knot = c.oval(
            (c.w - k) // 2 + (round(hw * 0.45) if d.view == "left" else 0),
            max(1, hy - round(k * 0.5)) if d.view != "left" else hy,
            k,
            k,
        )
        if q.view == "back":
            knot = c.oval((c.w - k) // 2, hy + round(hh * 0.1), k, k)
            c.paint(hair, q.hair_color, "hair", c.ball(hair, 1.3), rim=s >= 28)
            c.paint(knot, q.hair_color, "hair", c.ball(knot, 1.2), rim=True)
            return
        c.paint(knot, q.hair_color, "hair", c.ball(knot, 1.0))
    if q.hair in ("spiky", "wild"):
        base = min(hy + 2, fringe - 1)
        for i in range(4):
            x0 = hx + i * hw / 4
            hair |= c.poly((x0, base), (x0 + hw / 8, max(1, hy - max(1, hh * 0.14))), (x0 + hw / 4, base))
    c.paint(hair, q.hair_color, "hair", c.ball(hair, 1.3), rim=s >= 28)
    if q.hair == "ponytail" and q.view == "back":
        k = max(2, round(hw * 0.3)) // 2 * 2 + c.w % 2
        tail = c.rect((c.w - k) // 2, hy + round(hh * 0.45), k, round(hh * 0.95))
        c.paint(tail, q.hair_color, "hair", c.fall(tail, 0.6, -0.9), rim=True)
    if s >= 48:  # strands
        for at in (0.22, 0.42, 0.66):
            c.touch(c.stroke((mid, hy), (hx + hw * at, fringe)) & hair, -0.8)


def _beard(q: Person, c: Canvas, d: Head, head: Region) -> None:
    hx, hy, hw, hh = d.x, d.y, d.w, d.h
    y0 = hy + round(hh * 0.7)
    side = d.view == "left"
    mid = (c.w - 1) / 2 if not side else hx + hw * 0.3
    if q.beard == "moustache":
        _, _, ey, _, eh = _eyes(c, d)
        y0 = max(y0, ey + eh + (q.mask == "glasses"))
        beard = c.rect(
            round(mid - hw * 0.2 + 0.5), y0, max(2, round(hw * 0.4)) // 2 * 2 + (c.w % 2), max(1, round(hh * 0.1))
        )
        if c.s >= 32 and not side:
            beard |= c.mirror(c.dots((mid - hw * 0.24, y0 + 1)))
    else:
        beard = head & (c.ys >= y0) & (c.xs < hx + (hw if not side else hw * 0.75))
        drop = 1.55 if q.beard == "long" else 1.08
        beard |= c.poly(
            (mid - hw * 0.4, y0 + 1),
            (mid + hw * 0.4, y0 + 1),
            (mid + hw * 0.12, hy + hh * drop),
            (mid - hw * 0.12, hy + hh * drop),
        )
        beard |= (
            c.mirror(c.rect(hx, hy + hh * 0.5, max(1, round(hw * 0.1)), hh * 0.25)) if not side else c.empty()
        ) & head
    c.paint(beard, q.hair_color, "beard", c.ball(beard, 1.0), rim=c.s >= 24)
    if c.s >= 24 and q.beard != "moustache":
        k = max(1, round(hw * 0.1))
        c.paint(c.rect(round(mid - k + 0.5), y0 + 1, 2 * k - c.w % 2, s_at(c, 64)), "ink", "mouth", 0.6)
    if c.s >= 48 and q.beard == "long":
        for at in (-0.16, 0.12):
            c.touch(c.stroke((mid + hw * at, y0 + hh * 0.25), (mid + hw * at * 0.4, hy + hh * 1.4)) & beard, -0.9)


def _mask(q: Person, c: Canvas, d: Head, head: Region) -> None:
    eyes, ex, ey, ew, eh = _eyes(c, d)
    hx, hy, hw, hh = d.x, d.y, d.w, d.h
    s, mid, side = c.s, (c.w - 1) / 2, d.view == "left"
    if q.mask == "eyepatch":
        k = 1 if s >= 20 else 0
        patch = c.rect(c.w - ex - ew - k if not side else ex - k, ey - k, ew + 2 * k, eh + k + (s >= 32))
        strap = c.stroke((hx, hy + hh * 0.34), (hx + hw - 1, hy + hh * 0.5)) if s >= 24 else c.empty()
        if s < 20:  # wider than an eye, with the strap beside it
            patch |= c.rect(ex if side else c.w - ex - ew, ey, ew + 1, eh)
        c.paint((strap & head) | patch, "ink", "eyepatch", 0)
    elif q.mask == "glasses":
        k = 1 if s >= 20 else 0
        frame = c.rect(ex - k, ey - k, ew + 2 * k, eh + 2 * k)
        both = (frame if side else c.mirror(frame)) & ~eyes
        c.paint(
            both | (c.rect(hx, ey, hw, 1) & head & ~eyes if s >= 24 else c.empty()),
            q.mask_color,
            "glasses",
            0,
        )
        c.paint(eyes, "light blue" if s >= 24 else "white", "glasses", 0.6)
    elif q.mask in ("visor", "goggles"):
        edge = 0 if q.mask == "visor" else max(1, round(hw * 0.08))
        band = c.rect(hx + edge, ey - (hh >= 8), hw - 2 * edge, eh + 1 + (hh >= 12)) & head
        c.paint(band, "black" if q.mask == "goggles" else "dark grey", "visor", 0, rim=s >= 24)
        glass = (
            c.rect(hx + edge + (1 if hw > 6 else 0), ey, hw - 2 * edge - 2 * (hw > 6), max(1, eh - (hh < 12))) & head
        )
        if side:
            glass &= c.xs < hx + hw * 0.6
        if q.mask == "goggles":
            k = max(2, round(hw * 0.3))
            lens = c.oval(ex - (k - ew) // 2, ey - (k - eh) // 2, k, k)
            glass = lens if side else c.mirror(lens)
        c.paint(glass, q.mask_color, "visor", c.ball(glass, 1.2) + 0.3, rim=q.mask == "goggles" and s >= 24)
    elif q.mask == "gas mask":
        mask = head & (c.ys >= hy + hh * 0.4)
        c.paint(
            mask, "dark grey" if q.mask_color != "dark grey" else "olive", "gas mask", c.ball(mask, 1.0), rim=s >= 20
        )
        k = max(2, round(hw * 0.26))
        lens = c.oval(ex - (k - ew) // 2, ey - (k - eh) // 2 + (hh < 8), k, k if hh >= 8 else 1)
        c.paint(lens if side else c.mirror(lens), q.mask_color, "gas mask", c.ball(lens, 1.2), rim=s >= 24)
        k = max(2, round(hw * 0.34)) // 2 * 2 + c.w % 2
        fx = (c.w - k) // 2 if not side else hx - (1 if s >= 20 else 0)
        filt = c.oval(fx, hy + hh - round(hh * 0.3), k, max(2, round(hh * 0.32)))
        c.paint(filt, "black", "gas mask", c.ball(filt, 1.2) + 0.4, rim=s >= 24)
    elif q.mask == "scarf":
        scarf = (head & (c.ys >= hy + hh * 0.66)) | c.rect(
            round(mid - hw * 0.4), hy + hh - 1, round(hw * 0.8), max(1, round(hh * 0.16))
        )
        c.paint(scarf, q.mask_color, "scarf", c.ball(scarf, 1.0), rim=s >= 20)
    elif q.mask == "fangs":
        my = hy + round(hh * 0.8)
        if s >= 14:
            k = max(1, round(hw * 0.14))
            mouth = c.rect(round(mid - k + 0.5), my, 2 * k - c.w % 2, 1) if not side else c.rect(hx + 1, my, 2, 1)
            c.paint(mouth, "dark red", "mouth", 0)
            fang = c.dots((round(mid - k + 0.5), my + (s >= 24))) if not side else c.dots((hx + 1, my + (s >= 24)))
            c.paint((fang if side else c.mirror(fang)) | (c.empty()), "white", "fangs", 0.6)
    elif q.mask == "paint":
        stripe = c.rect(ex - (s >= 24), ey + eh, ew + 2 * (s >= 24), s_at(c, 48))
        c.paint((stripe if side else c.mirror(stripe)) & head, q.mask_color, "face paint", 0)
