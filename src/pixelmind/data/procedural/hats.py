"""What people wear on the head, drawn over a head box from the front, the side (facing left) or the back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, Region, grow


@dataclass(frozen=True)
class Head:
    """A head's box in pixels and the view: front, left or back."""

    x: int
    y: int
    w: int
    h: int
    view: str


Draw = Callable[[Canvas, Head, Region, str, str], None]


@dataclass(frozen=True)
class Hat:
    """`draw(canvas, head box, head region, colour, second colour)`; `room`: share of the height it needs above the head.

    `tiny`: its three rows at 8 px (H hat, W second colour, R hair, S skin, E eye).
    """

    draw: Draw
    room: float = 0.0
    tiny: tuple[str, ...] = ()
    hides_hair: bool = False


def _k(c: Canvas, divisor: int) -> int:
    return max(1, round(c.s / divisor))


def _none(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """No hat."""


def _brow(d: Head) -> int:
    return d.y + round(d.h * 0.3)


def _dome(c: Canvas, d: Head, head: Region, low: int, out: int = 0, up: float = 0.12) -> Region:
    """The top of the head down to row `low`, a little higher and wider than the head itself."""
    top = max(1, d.y - max(0, round(d.h * up)))
    cap = c.oval(d.x - out, top, d.w + 2 * out, 2 * (low - top) + 2) | (head & (c.ys >= top))
    return cap & (c.ys <= low)


def _brimmed(c: Canvas, d: Head, crown: Region, color: str, band: str, out: int, curl: bool = False) -> None:
    y0 = _brow(d)
    rim = c.s >= 20
    c.paint(crown, color, "hat", c.ball(crown, 1.3), rim=rim)
    c.paint(crown & (c.ys >= y0 - _k(c, 20)), band, "hat band", c.column(crown, 0.6))
    thick = _k(c, 26)
    brim = c.rect(d.x - out, y0, d.w + 2 * out, thick)
    if c.s >= 40:
        brim = c.oval(d.x - out, y0 - thick // 2, d.w + 2 * out, 2 * thick)
    if curl:
        tip = max(1, out // 2)
        brim |= c.mirror(c.rect(d.x - out, y0 - thick, tip, thick))
    c.paint(brim, color, "hat", c.fall(brim, 0.5, -0.4), rim=rim)
    if c.s >= 20:
        shade = c.rect(d.x + 1, y0 + (thick if c.s < 40 else thick * 1.5), d.w - 2, 1)
        c.touch(shade & (c.part == c.part_id("head")), -1.0)


def _cowboy(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    k = max(0, round(d.w * 0.12))
    top = max(1, d.y - round(d.h * 0.2))
    crown = c.rect(d.x + k, top + 1, d.w - 2 * k, _brow(d) - top) | c.rect(d.x + 2 * k + 1, top, d.w - 4 * k - 2, 2)
    if c.s >= 24:
        crown &= ~c.rect(round((c.w - 1) / 2 - _k(c, 48) + 0.5), top, 2 * _k(c, 48) - c.w % 2, _k(c, 32))
    _brimmed(c, d, crown, color, band, max(1, round(d.w * 0.3)), curl=True)


def _straw(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    k = max(0, round(d.w * 0.1))
    crown = c.oval(d.x + k, max(1, d.y - round(d.h * 0.12)), d.w - 2 * k, d.h) & (c.ys <= _brow(d))
    _brimmed(c, d, crown, color, band, max(1, round(d.w * 0.28)))


def _top_hat(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    k = max(1, round(d.w * 0.1))
    crown = c.rect(d.x + k, max(1, d.y - round(d.h * 0.42)), d.w - 2 * k, d.h) & (c.ys <= _brow(d))
    _brimmed(c, d, crown, color, band, max(1, round(d.w * 0.12)))


def _pointed(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """Wizard and witch: a cone with a bent tip and a wide brim."""
    y0, mid = _brow(d), (c.w - 1) / 2
    tip, lean = max(1, d.y - round(d.h * 0.5)), d.w * 0.22 if c.s >= 24 else 0
    cone = c.poly((mid + lean, tip), (d.x + d.w - 2, y0), (d.x + 1, y0))
    if c.s >= 32:
        cone |= c.poly(
            (mid + lean - d.w * 0.1, tip + d.h * 0.1),
            (mid + lean, tip),
            (d.x + d.w * 0.95, tip + d.h * 0.22),
            (mid + d.w * 0.2, tip + d.h * 0.3),
        )
    _brimmed(c, d, cone, color, band, max(1, round(d.w * 0.26)))
    if c.s >= 24 and d.view != "back":
        k = _k(c, 26)
        c.paint(c.rect(round(mid - k / 2 + 0.5), y0 - k, k + (c.w % 2 == 0 and k % 2), k), "gold", "buckle", 0.4)


def _tricorn(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    y0, mid = _brow(d), (c.w - 1) / 2
    out = max(1, round(d.w * 0.24))
    top = max(1, d.y - round(d.h * 0.24))
    hat = c.poly(
        (d.x - out, y0 - round(d.h * 0.14)),
        (d.x + d.w * 0.3, top + 1),
        (mid, top),
        (c.w - 1 - d.x - d.w * 0.3, top + 1),
        (c.w - 1 - d.x + out, y0 - round(d.h * 0.14)),
        (c.w - 1 - d.x, y0),
        (d.x, y0),
    )
    c.paint(hat, color, "hat", c.ball(hat, 1.3), rim=c.s >= 20)
    edge = hat & ~(hat & c.rect(0, 0, c.w, c.h) & _shift_up(hat, _k(c, 32)))
    c.paint(edge, band, "hat band", 0.2)
    if c.s >= 16 and d.view == "front":
        k = _k(c, 13) // 2 * 2 + c.w % 2 if c.s >= 24 else 2 - c.w % 2
        x, y = (c.w - k) // 2, top + max(1, (y0 - top) // 3)
        c.paint(c.oval(x, y, k, max(1, round(k * 0.8))), "bone", "emblem", 0.3)
        if c.s >= 32:
            c.paint(c.rect(x + k // 4, y + round(k * 0.7), k - 2 * (k // 4), _k(c, 40)), "bone", "emblem", 0)
            c.paint(c.mirror(c.dots((x + k // 4, y + k // 3))), "ink", "emblem", 0)


def _shift_up(r: Region, k: int) -> Region:
    out = r.copy()
    for _ in range(k):
        out[:-1] &= out[1:].copy()
        out[-1] = False
    return out


def _bandana(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    cloth = _dome(c, d, head, _brow(d), up=0.04)
    c.paint(cloth, color, "bandana", c.ball(cloth, 1.2), rim=c.s >= 20)
    side = d.x + d.w - 1
    knot = c.poly(
        (side, _brow(d) - 1),
        (side + max(1, d.w * 0.22), _brow(d) - 1),
        (side + max(1, d.w * 0.16), _brow(d) + d.h * 0.22),
    )
    c.paint(knot & ~head, color, "bandana", -0.8)
    if c.s >= 24:
        for fx, fy in ((0.25, 0.1), (0.5, 0.2), (0.75, 0.08)):
            c.paint(
                c.rect(round(d.x + d.w * fx), round(d.y + d.h * fy), _k(c, 40), _k(c, 40)) & cloth, band, "bandana", 0.2
            )


def _headband(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    k = max(1, round(d.h * 0.12))
    c.paint(c.rect(d.x, _brow(d), d.w, k) & grow(head), color, "headband", c.column(head, 0.6))
    if c.s >= 20:
        x = d.x + d.w
        tail = c.stroke((x, _brow(d)), (x + d.w * 0.2, _brow(d) + d.h * 0.3), width=_k(c, 32))
        c.paint(tail, color, "headband", -0.5)


def _kabuto(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """A samurai's helmet with neck guard and a crescent."""
    y0, mid = _brow(d), (c.w - 1) / 2
    out = max(1, round(d.w * 0.16))
    guard = c.poly(
        (d.x, y0 - 1), (c.w - 1 - d.x, y0 - 1), (c.w - 1 - d.x + out, y0 + d.h * 0.42), (d.x - out, y0 + d.h * 0.42)
    )
    if d.view == "front":
        guard &= ~c.rect(d.x + max(1, round(d.w * 0.1)), y0, d.w - 2 * max(1, round(d.w * 0.1)), d.h)
    elif d.view == "left":
        guard &= c.xs > d.x + d.w * 0.55
    c.paint(guard, color, "helmet", c.fall(guard, 0.2, -1.0), rim=c.s >= 20)
    if c.s >= 32:
        c.touch(guard & ((c.ys - y0).astype(int) % _k(c, 24) == 0), -0.8)
    dome = _dome(c, d, head, y0, 0, 0.1)
    c.paint(dome, color, "helmet", c.ball(dome, 1.4), rim=c.s >= 20)
    c.paint(c.rect(d.x - (c.s >= 24), y0, d.w + 2 * (c.s >= 24), _k(c, 32)), band, "helmet", 0)
    if d.view == "back":
        return
    reach = max(2, d.w * 0.34)
    x0 = mid if d.view == "front" else d.x + d.w * 0.25
    horn = c.taper(
        ((x0, y0 - 1), (x0 - reach, y0 - d.h * 0.12), (x0 - reach, max(1, d.y - d.h * 0.3))), max(1, d.w * 0.12), 1
    )
    if d.view == "front":
        horn = c.mirror(horn)
    c.paint(horn, band, "crest", 0.4, rim=c.s >= 32)


def _jingasa(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """A conical straw hat."""
    mid, out = (c.w - 1) / 2, max(1, round(d.w * 0.3))
    y0 = d.y + round(d.h * 0.36)
    cone = c.poly((mid, max(1, d.y - round(d.h * 0.22))), (d.x + d.w - 1 + out, y0), (d.x - out, y0))
    c.paint(cone, color, "hat", c.column(cone, 1.4), rim=c.s >= 20)
    if c.s >= 24:
        top = max(1, d.y - round(d.h * 0.22))
        for at in (-0.6, -0.2, 0.25, 0.65):
            c.touch(c.stroke((mid, top), (mid + at * (d.w / 2 + out), y0)) & cone, -0.7)
        c.touch(cone & (c.ys >= y0), -0.8)
        c.touch(c.rect(d.x + 1, y0 + 1, d.w - 2, 1) & (c.part == c.part_id("head")), -1)


def _ninja(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    cloth = head.copy()
    if d.view != "back":
        edge = max(1, round(d.w * 0.14))
        slit = c.rect(d.x + edge, d.y + round(d.h * 0.44), d.w - 2 * edge, max(2, round(d.h * 0.26)))
        if d.view == "left":
            slit = c.rect(d.x - 1, d.y + round(d.h * 0.44), round(d.w * 0.55), max(2, round(d.h * 0.26)))
        cloth &= ~slit
        if c.s >= 24:
            c.touch(slit & (c.part == c.part_id("head")) & (c.ys <= d.y + round(d.h * 0.44)), -1)
    c.paint(cloth, color, "mask", c.ball(cloth, 1.3), rim=c.s >= 20)
    k = max(1, round(d.h * 0.12))
    y = d.y + round(d.h * 0.24)
    c.paint(c.rect(d.x, y, d.w, k) & head, band, "headband", c.column(head, 0.6))
    x = d.x + d.w
    c.paint(c.stroke((x, y), (x + max(1, d.w * 0.22), y + d.h * 0.3), width=_k(c, 32)), band, "headband", -0.5)


def _hood(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    hood = head | (c.oval(d.x - 1, max(1, d.y - 1), d.w + 2, d.h + 2) if c.s >= 24 else head)
    low = d.y + d.h
    if c.s >= 20:  # a peak, and a cowl that falls on the shoulders
        back = 0.5 if d.view != "left" else 0.86
        x, reach = d.x + d.w * back, max(1, d.w * 0.1)
        hood |= c.poly(
            (x - d.w * 0.3, d.y + d.h * 0.2),
            (x + reach * (back > 0.5), max(1, d.y - d.h * 0.1)),
            (x + d.w * 0.3 - reach, d.y + d.h * 0.3),
        )
        hood |= c.poly(
            (d.x + d.w * 0.1, low - d.h * 0.3),
            (d.x + d.w * 0.9 - 1, low - d.h * 0.3),
            (d.x + d.w - 1, low + d.h * 0.14),
            (d.x, low + d.h * 0.14),
        )
    if d.view == "front":
        edge = max(1, round(d.w * 0.16))
        face = c.oval(d.x + edge, d.y + round(d.h * 0.26), d.w - 2 * edge, round(d.h * 0.72))
        if d.w < 10:
            face = c.rect(d.x + 1, d.y + round(d.h * 0.34), d.w - 2, round(d.h * 0.5))
        hood &= ~face
        if c.s >= 24:
            c.touch(face & head & (c.ys < d.y + d.h * 0.42), -1.0)
    elif d.view == "left":
        hood &= ~c.oval(d.x - d.w * 0.3, d.y + round(d.h * 0.26), d.w * 0.75, round(d.h * 0.7))
    c.paint(hood, color, "hood", c.ball(hood, 1.3), rim=c.s >= 20)
    if c.s >= 32:  # folds
        if d.view == "back":
            c.touch(c.stroke((d.x + d.w * 0.5, d.y + d.h * 0.1), (d.x + d.w * 0.5, low)) & hood, -0.9)
        c.touch(c.rect(d.x, low - 1, d.w, 1) & hood, -0.9)


def _space_helmet(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    dome = head | (c.oval(d.x - 1, max(1, d.y - 1), d.w + 2, d.h + 2) if c.s >= 20 else head)
    c.paint(dome, color, "helmet", c.ball(dome, 1.0), rim=c.s >= 20)
    if d.view == "back":
        c.touch(c.rect(d.x + d.w // 4, d.y + d.h // 2, d.w - 2 * (d.w // 4), 1), -1)
        return
    edge = max(1, round(d.w * 0.14))
    visor = c.oval(d.x + edge, d.y + round(d.h * 0.2), d.w - 2 * edge, max(3, round(d.h * 0.58)))
    if d.w < 12:
        visor = c.rect(d.x + edge, d.y + round(d.h * 0.26), d.w - 2 * edge, max(2, round(d.h * 0.5)))
    if d.view == "left":
        visor = c.oval(d.x - 1, d.y + round(d.h * 0.2), d.w * 0.66, max(3, round(d.h * 0.58))) & dome
    c.paint(visor, band, "visor", c.ball(visor, 1.8), rim=c.s >= 20)
    x, y, w, h = c.box(visor)
    c.paint(c.rect(x + max(1, w // 5), y + max(1, h // 5), _k(c, 28), _k(c, 20)) & visor, "white", "visor", 0.5)
    if c.s >= 32 and d.view == "front":
        ear = c.rect(d.x - 2, d.y + round(d.h * 0.4), _k(c, 24), max(2, round(d.h * 0.26)))
        c.paint(c.mirror(ear), "grey", "helmet", 0.2, rim=True)


def _cap(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """A peaked cap; the badge has the second colour."""
    y0 = _brow(d)
    out = 1 if c.s >= 16 else 0
    top = max(1, d.y - round(d.h * 0.1))
    crown = c.oval(d.x - out, top, d.w + 2 * out, max(3, round(d.h * 0.34))) & (c.ys < y0)
    base = c.rect(d.x, y0 - max(1, round(d.h * 0.14)), d.w, max(1, round(d.h * 0.14)))
    c.paint(crown | base, color, "hat", c.ball(crown, 1.2), rim=c.s >= 20)
    if d.view == "back":
        return
    peak = (
        c.rect(d.x, y0, d.w, max(1, round(d.h * 0.08)))
        if d.view == "front"
        else c.rect(d.x - max(1, d.w // 6), y0, round(d.w * 0.7), max(1, round(d.h * 0.08)))
    )
    c.paint(peak, "black", "hat", 0.2)
    k = _k(c, 22) // 2 * 2 + c.w % 2 if c.s >= 24 else 2 - c.w % 2
    if d.view == "front":
        c.paint(c.rect((c.w - k) // 2, y0 - max(1, k) - (c.s >= 32), k, max(1, k)), band, "badge", 0.4)


def _baseball(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    y0 = _brow(d)
    dome = _dome(c, d, head, y0, up=0.06)
    c.paint(dome, color, "hat", c.ball(dome, 1.3), rim=c.s >= 20)
    if d.view == "back":
        return
    k = max(1, round(d.h * 0.1))
    peak = (
        c.rect(d.x, y0, d.w, k)
        if d.view == "front"
        else c.rect(d.x - max(1, round(d.w * 0.3)), y0, round(d.w * 0.7), k)
    )
    c.paint(peak, band, "hat", 0.1, rim=c.s >= 24)


def _hard_hat(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    y0 = _brow(d)
    dome = _dome(c, d, head, y0, 0, 0.14)
    c.paint(dome, color, "helmet", c.ball(dome, 1.4), rim=c.s >= 20)
    k = _k(c, 24) // 2 * 2 + c.w % 2 if c.s >= 24 else 2 - c.w % 2
    c.touch(c.rect((c.w - k) // 2, 0, k, y0) & dome, 0.8)
    out = max(1, round(d.w * 0.12))
    brim = c.rect(d.x - out, y0, d.w + 2 * out, max(1, round(d.h * 0.09)))
    c.paint(brim, color, "helmet", -0.3, rim=c.s >= 24)
    if band != color and d.view == "front":
        b = max(2, round(d.w * 0.26)) // 2 * 2 + c.w % 2
        badge = c.rect((c.w - b) // 2, y0 - max(2, round(d.h * 0.26)), b, max(2, round(d.h * 0.22)))
        c.paint(badge, band, "badge", 0.2, rim=c.s >= 32)


def _crested(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """A centurion's helmet with cheek guards and a brush."""
    y0 = _brow(d)
    mid = (c.w - 1) / 2
    if d.view == "left":
        crest = (
            c.oval(d.x + d.w * 0.05, max(1, d.y - d.h * 0.36), d.w * 1.0, d.h * 1.1)
            & ~c.oval(d.x, d.y, d.w, d.h)
            & (c.ys < d.y + d.h * 0.62)
        )
    else:
        out = round(d.w * 0.1)
        crest = c.oval(d.x - out, max(1, d.y - round(d.h * 0.34)), d.w + 2 * out, d.h) & (c.ys < y0 - 1)
    c.paint(crest, band, "crest", c.ball(crest, 1.2), rim=c.s >= 20)
    if c.s >= 24:
        c.touch(crest & ((c.xs - d.x).astype(int) % _k(c, 14) == 0), -0.8)
    dome = _dome(c, d, head, y0, 0, 0.02)
    guard = c.rect(d.x, y0, max(1, round(d.w * 0.14)), round(d.h * 0.55))
    guards = (
        c.mirror(guard)
        if d.view == "front"
        else c.rect(d.x + d.w * 0.5, y0, d.w * 0.28, round(d.h * 0.5))
        if d.view == "left"
        else c.rect(d.x, y0, d.w, round(d.h * 0.36))
    )
    c.paint(dome | guards, color, "helmet", c.ball(dome, 1.4), rim=c.s >= 20)
    if c.s >= 20:
        c.paint(
            c.rect(d.x - 1, y0, d.w + 2, _k(c, 32)) if d.view != "back" else c.rect(d.x, y0, d.w, _k(c, 32)),
            color,
            "helmet",
            0.9,
        )
    if c.s >= 24 and d.view == "front":
        c.paint(c.rect(round(mid), y0, 2 - c.w % 2, 1 + _k(c, 32)), color, "helmet", -0.4)


def _gladiator(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """A closed helmet with a grille and a crest."""
    mid = (c.w - 1) / 2
    k = max(2, round(d.w * 0.2)) // 2 * 2 + c.w % 2
    crest = c.rect((c.w - k) // 2, max(1, d.y - round(d.h * 0.26)), k, round(d.h * 0.4))
    if d.view == "left":
        crest = (
            c.oval(d.x + d.w * 0.1, max(1, d.y - d.h * 0.28), d.w, d.h)
            & ~c.oval(d.x, d.y, d.w, d.h)
            & (c.ys < d.y + d.h * 0.5)
        )
    c.paint(crest, band, "crest", c.column(crest, 1.2), rim=c.s >= 20)
    c.paint(head, color, "helmet", c.ball(head, 1.5), rim=c.s >= 20)
    out = max(1, round(d.w * 0.12))
    c.paint(
        c.rect(d.x - out, d.y + round(d.h * 0.36), d.w + 2 * out, max(1, round(d.h * 0.09))),
        color,
        "helmet",
        0.5,
        rim=c.s >= 24,
    )
    if d.view == "back":
        return
    y0 = d.y + round(d.h * 0.5)
    hole = c.rect(round(mid - d.w * 0.3 + 0.5), y0, max(2, round(d.w * 0.2)), max(1, round(d.h * 0.2)))
    hole = (
        c.mirror(hole) if d.view == "front" else c.rect(d.x + 1, y0, max(2, round(d.w * 0.3)), max(1, round(d.h * 0.2)))
    )
    c.paint(hole, "ink", "visor", 0)
    if c.s >= 32 and d.view == "front":
        for i in range(3):
            c.paint(c.mirror(c.dots((mid - d.w * (0.08 + 0.11 * i), d.y + d.h * 0.84))), "ink", "visor", 0)


def _great_helm(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    mid = (c.w - 1) / 2
    plume = c.taper(
        ((mid, d.y + 1), (mid + d.w * 0.2, max(1, d.y - d.h * 0.3)), (mid + d.w * 0.6, d.y + d.h * 0.1)),
        max(2, d.w * 0.26),
        max(1, d.w * 0.14),
    )
    c.paint(plume & (c.ys >= 1), band, "plume", c.ball(plume, 1.0), rim=c.s >= 24)
    helm = head | c.rect(d.x, d.y + d.h // 3, d.w, d.h - d.h // 3 - (1 if d.w > 6 else 0))
    c.paint(helm, color, "helmet", c.ball(helm, 1.5), rim=c.s >= 20)
    if d.view == "back":
        return
    edge = max(1, d.w // 6)
    slit = c.rect(d.x + edge, d.y + round(d.h * 0.46), d.w - 2 * edge, max(1, round(d.h * 0.12)))
    if d.view == "left":
        slit = c.rect(d.x, d.y + round(d.h * 0.46), round(d.w * 0.5), max(1, round(d.h * 0.12)))
    c.paint(slit, "ink", "visor", 0)
    if c.s >= 24 and d.view == "front":
        c.touch(c.rect(round(mid - 0.4), d.y + round(d.h * 0.58), 2 - c.w % 2, d.h * 0.36), 0.8)
        for i in (0, 1):
            c.paint(
                c.mirror(
                    c.rect(round(d.x + d.w * 0.22) + 2 * i * _k(c, 40), round(d.y + d.h * 0.76), _k(c, 48), _k(c, 48))
                ),
                "ink",
                "visor",
                0,
            )


def _nemes(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """A pharaoh's striped head cloth with a cobra."""
    out = max(1, round(d.w * 0.18))
    mid = (c.w - 1) / 2
    cloth = c.oval(d.x - 1, max(1, d.y - 1), d.w + 2, d.h) & (c.ys < d.y + d.h * 0.5)
    flap = c.poly(
        (d.x, d.y + d.h * 0.2),
        (d.x - out, d.y + d.h),
        (d.x + d.w * 0.16, d.y + d.h * 1.25),
        (d.x + d.w * 0.18, d.y + d.h * 0.4),
    )
    if d.view == "front":
        face = c.oval(d.x + max(1, d.w * 0.12), _brow(d), d.w - 2 * max(1, d.w * 0.12), d.h)
        if d.w < 10:
            face = c.rect(d.x + 1, d.y + 2, d.w - 2, d.h)
        cloth = (cloth | c.mirror(flap)) & ~(face & (c.ys >= _brow(d)))
    elif d.view == "left":
        cloth = (cloth & ~((c.xs < d.x + d.w * 0.4) & (c.ys > _brow(d)))) | c.poly(
            (d.x + d.w * 0.5, d.y),
            (d.x + d.w, d.y + d.h * 0.3),
            (d.x + d.w + out, d.y + d.h * 1.15),
            (d.x + d.w * 0.5, d.y + d.h * 1.15),
        )
    else:
        cloth |= c.poly(
            (d.x, d.y + d.h * 0.3),
            (c.w - 1 - d.x, d.y + d.h * 0.3),
            (c.w - 1 - d.x + out, d.y + d.h * 1.2),
            (d.x - out, d.y + d.h * 1.2),
        )
    c.paint(cloth, color, "headdress", c.ball(cloth, 1.2), rim=c.s >= 20)
    k = _k(c, 20)
    c.paint(
        cloth & (((c.ys + np.abs(c.xs - mid) * 0.5) // k).astype(int) % 2 == 0), band, "headdress", c.ball(cloth, 1.0)
    )
    if c.s >= 16 and d.view != "back":
        x = round(mid) if d.view == "front" else d.x
        c.paint(
            c.rect(x, max(1, d.y - 1), max(2 - c.w % 2, _k(c, 24)), max(2, round(d.h * 0.22))),
            "gold" if color != "gold" else "red",
            "headdress",
            0.5,
        )


def _goggles_up(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """Goggles pushed up on the forehead."""
    y0 = d.y + round(d.h * 0.14)
    k = max(2, round(d.w * 0.28))
    c.paint(c.rect(d.x, y0 + k // 3, d.w, max(1, k // 3)) & grow(head), "dark brown", "goggles", 0)
    if d.view == "back":
        return
    x = round((c.w - 1) / 2 - k - 0.5 * (c.s >= 32) + 0.5)
    lens = c.oval(x, y0, k, k) if d.view == "front" else c.oval(d.x, y0, k, k)
    lens = c.mirror(lens) if d.view == "front" else lens
    c.paint(lens, color if k >= 3 else band, "goggles", c.ball(lens, 1.0), rim=c.s >= 24)
    if k >= 3:
        glass = c.oval(x + 1, y0 + 1, k - 2, k - 2) if d.view == "front" else c.oval(d.x + 1, y0 + 1, k - 2, k - 2)
        c.paint(c.mirror(glass) if d.view == "front" else glass, band, "goggles", c.ball(glass, 1.4) + 0.3)


def _crown(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    base = d.y + max(1, round(d.h * 0.16))
    tall = max(2, round(d.h * 0.26))
    crown = c.rect(d.x, base - tall // 2, d.w, tall - tall // 2)
    points = 3 if d.w < 12 else 5
    for i in range(points):
        px = d.x + i * (d.w - 1) / (points - 1)
        crown |= (
            c.rect(round(px), base - tall, 1, tall)
            if c.s < 32
            else c.poly((px, base - tall), (min(px + d.w / 9, d.x + d.w - 1), base), (max(px - d.w / 9, d.x), base))
        )
    crown = c.mirror(crown) & (c.ys >= 1)
    c.paint(crown, color, "crown", c.column(crown, 1.3), rim=c.s >= 20)
    if c.s >= 24:
        k = max(2, _k(c, 28)) // 2 * 2 - c.w % 2
        c.paint(c.rect((c.w - k) // 2, base - k, k, max(1, k)), band, "crown", 0.3)


def _beanie(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    y0 = _brow(d)
    dome = _dome(c, d, head, y0, 0, 0.08)
    c.paint(dome, color, "hat", c.ball(dome, 1.3), rim=c.s >= 20)
    k = max(1, round(d.h * 0.13))
    c.paint(c.rect(d.x - (c.s >= 24), y0 - k + 1, d.w + 2 * (c.s >= 24), k), band, "hat", 0, rim=c.s >= 32)
    b = max(2, round(d.w * 0.26)) // 2 * 2 + c.w % 2
    c.paint(c.oval((c.w - b) // 2, max(1, d.y - round(d.h * 0.08) - b + 1), b, b), band, "hat", 0.4)


def _bear_hood(c: Canvas, d: Head, head: Region, color: str, band: str) -> None:
    """A beast's skull worn as a helmet."""
    dome = _dome(c, d, head, _brow(d), 1 if c.s >= 24 else 0, 0.1)
    c.paint(dome, color, "helmet", c.ball(dome, 1.2), rim=c.s >= 20)
    horn = c.taper(
        ((d.x, d.y + d.h * 0.24), (d.x - d.w * 0.24, d.y + d.h * 0.16), (d.x - d.w * 0.14, max(1, d.y - d.h * 0.2))),
        max(1, d.w * 0.16),
        1,
    )
    c.paint((c.mirror(horn) if d.view != "left" else horn) & ~dome, band, "horns", 0.3, rim=c.s >= 32)
    if c.s >= 24 and d.view == "front":
        tooth = c.dots(*((d.x + 1 + i * max(2, d.w // 5), _brow(d) + 1) for i in range(3)))
        c.paint(c.mirror(tooth), "white", "helmet", 0.3)


_BRIM = ("..HHHH..", ".WWWWWW.", "HHHHHHHH")
_CAP = ("..HHHH..", ".HHHHHH.", ".SESSES.")
HATS: dict[str, Hat] = {
    "none": Hat(_none),
    "cowboy hat": Hat(_cowboy, 0.07, ("..HHHH..", "HHWWWWHH", ".SESSES.")),
    "straw hat": Hat(_straw, 0.05, ("..HHHH..", "HHWWWWHH", ".SESSES.")),
    "top hat": Hat(_top_hat, 0.13, ("..HHHH..", "HWWWWWWH", ".SESSES.")),
    "pointed hat": Hat(_pointed, 0.17, ("...HH...", "..WWWW..", "HHHHHHHH")),
    "tricorn": Hat(_tricorn, 0.08, (".HHHHHH.", "WHHHHHHW", ".SESSES.")),
    "bandana": Hat(_bandana, 0.02, ("..HHHH..", ".HHHHHHH", ".SESSES.")),
    "headband": Hat(_headband, 0.02, ("..RRRR..", ".HHHHHHH", ".SESSES.")),
    "kabuto": Hat(_kabuto, 0.11, ("W.HHHH.W", ".HWWWWH.", "HSESSESH"), True),
    "conical hat": Hat(_jingasa, 0.08, ("...HH...", "..HHHH..", "HHHHHHHH")),
    "ninja mask": Hat(_ninja, 0.02, ("..HHHH..", ".WWWWWWW", ".HESSEH."), True),
    "hood": Hat(_hood, 0.02, ("..HHHH..", ".HHHHHH.", ".HESSEH."), True),
    "space helmet": Hat(_space_helmet, 0.03, ("..HHHH..", ".HWWWWH.", ".HWWWWH."), True),
    "cap": Hat(_cap, 0.05, (".HHHHHH.", ".HHWWHH.", ".SESSES.")),
    "baseball cap": Hat(_baseball, 0.03, ("..HHHH..", ".HHHHHH.", ".WWWWWW.")),
    "hard hat": Hat(_hard_hat, 0.05, ("..HHHH..", ".HHHHHH.", ".SESSES.")),
    "crested helmet": Hat(_crested, 0.12, (".WWWWWW.", ".HHHHHH.", ".HESSEH."), True),
    "gladiator helmet": Hat(_gladiator, 0.1, ("...WW...", ".HHHHHH.", ".HEHHEH."), True),
    "great helm": Hat(_great_helm, 0.08, ("..HHWW..", ".HHHHHH.", ".HEEEEH."), True),
    "headdress": Hat(_nemes, 0.03, (".HHWWHH.", ".HHHHHH.", "HSESSESH"), True),
    "goggles": Hat(_goggles_up, 0.02, ("..RRRR..", ".HWHHWH.", ".SESSES.")),
    "crown": Hat(_crown, 0.06, (".H.HH.H.", ".HHHHHH.", ".SESSES.")),
    "beanie": Hat(_beanie, 0.08, ("...WW...", "..HHHH..", ".WWWWWW.")),
    "beast helmet": Hat(_bear_hood, 0.08, ("W.HHHH.W", ".HHHHHH.", ".SESSES."), True),
}
