"""What a person wears on the head."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.family import Params


def draw_gear(
    p: Params, c: Canvas, box: tuple[int, int, int, int], mid: float, head: Region, gear: str, cloth: str, metal: str
) -> None:
    """Paint helmet, hat, hood, crown or mask over a head whose box is (x, y, w, h)."""
    hx, hy, hw, hh = box
    s, rim = c.s, c.s >= 28
    brow = hy + max(1, round(hh * 0.4))
    if gear == "great helm":
        helm = head | c.rect(hx, hy + hh // 3, hw, hh - hh // 3 - (1 if hw > 6 else 0))
        c.paint(helm, metal, "helmet", c.ball(helm, 1.4), rim=rim)
        slit = c.rect(hx + max(1, hw // 6), hy + round(hh * 0.46), hw - 2 * max(1, hw // 6), max(1, round(hh * 0.13)))
        c.paint(slit, "ink", "visor", 0)
        if s >= 24:
            c.paint(c.rect(round(mid - 0.4), hy + round(hh * 0.4), 2 - c.w % 2, hh // 2), metal, "helmet", 0.8)
            c.paint(
                c.mirror(c.dots((hx + hw // 4, hy + hh * 0.76), (hx + hw // 4 + 2, hy + hh * 0.76))), "ink", "visor", 0
            )
        if s > 10:
            plume = c.taper(
                ((mid, hy), (mid + hw * 0.1, hy - hh * 0.16), (mid + hw * 0.5, hy + hh * 0.04)),
                max(2, hw * 0.2),
                max(1, hw * 0.12),
            )
            c.paint(plume & (c.ys >= 1), cloth, "plume", "ball", rim=s >= 24)
    elif gear in ("open helm", "horned helm"):
        helm = (head if s >= 24 else head | c.rect(hx, hy + 2, hw, hh // 2)) & (c.ys < brow)
        helm |= c.mirror(c.rect(hx, hy + hh // 4, max(1, hw // 7), round(hh * 0.5)))
        if s >= 24:
            helm |= c.oval(hx - 1, hy - 1, hw + 2, hh) & (c.ys < brow)
        c.paint(helm, metal, "helmet", c.ball(helm, 1.3), rim=rim)
        if s >= 24:
            c.touch(c.rect(hx, brow - 1, hw, 1) & helm, -1)
        if gear == "horned helm":
            horn = c.taper(
                ((hx + 1, hy + hh * 0.3), (hx - hw * 0.2, hy + hh * 0.22), (hx - hw * 0.14, hy - hh * 0.1)),
                max(1.5, hw * 0.18),
                1,
            )
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
        brim = (
            c.oval(hx - out, brim_y - max(1, hh // 12), hw + 2 * out, max(2, round(hh * 0.2)))
            if s >= 24
            else c.rect(hx - out, brim_y, hw + 2 * out, 1)
        )
        c.paint(brim, cloth, "hat", -0.5, rim=rim)
        if s >= 32:
            c.paint(c.dots((mid, brim_y - hh * 0.3), (mid + 2, brim_y - hh * 0.5)), "flame", "hat", 0.4)
    elif gear in ("hood", "ninja mask"):
        edge = max(1, round(hw * 0.16))
        face = (
            c.oval(hx + edge, hy + round(hh * 0.28), hw - 2 * edge, round(hh * 0.66))
            if hw >= 8
            else c.rect(hx + 1, hy + max(1, hh // 3), hw - 2, max(1, hh // 2))
        )
        if gear == "ninja mask":
            face = c.rect(hx + edge, hy + round(hh * 0.42), hw - 2 * edge, max(1, round(hh * 0.3)))
        hood = (
            head | (c.oval(hx - 1, hy - 1, hw + 2, hh + 2) & c.rect(1, 1, c.w - 2, c.h) if s >= 24 else head)
        ) & ~face
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
            crown |= (
                c.rect(round(px), base - tall, 1, tall)
                if s < 32
                else c.poly((px, base - tall), (min(px + 2, x0 + wide - 1), base), (max(px - 2, x0), base))
            )
        crown = c.mirror(crown) & (c.ys >= (0 if s <= 10 else 1))
        c.paint(crown, "gold", "crown", c.column(crown, 1.2), rim=rim)
        if s >= 24:
            c.paint(c.dots((mid - 0.2, base - 1), (mid + 0.6, base - 1)), "red", "crown", 0.3)
    elif gear in ("straw hat", "cowboy hat", "pirate hat", "chef hat"):
        color = {
            "straw hat": "sand",
            "cowboy hat": "brown" if cloth != "brown" else "dark brown",
            "pirate hat": "black" if cloth != "black" else "dark red",
            "chef hat": "white",
        }[gear]
        y0 = hy + round(hh * 0.26)
        out = max(1, round(hw * 0.22)) if s > 10 else 0
        if gear == "chef hat":
            band = c.rect(hx + hw // 8, hy - round(hh * 0.12), hw - 2 * (hw // 8), round(hh * 0.36))
            puff = c.oval(
                hx - 1 if s > 10 else hx,
                max(1 if s > 10 else 0, hy - round(hh * 0.42)),
                hw + (2 if s > 10 else 0),
                max(3, round(hh * 0.42)),
            )
            c.paint(band, color, "hat", c.column(band, 0.9), rim=rim)
            c.paint(puff, color, "hat", c.ball(puff, 0.9), rim=rim)
            return
        dome = (
            c.oval(
                hx + hw // 8,
                hy - round(hh * (0.2 if gear != "straw hat" else 0.1)),
                hw - 2 * (hw // 8),
                round(hh * 0.8),
            )
            & (c.ys <= y0)
            & (c.ys >= (0 if s <= 10 else 1))
        )
        brim = c.rect(hx - out, y0, hw + 2 * out, max(1, round(hh * 0.1)))
        if gear == "cowboy hat" and s > 10:
            brim |= c.mirror(c.rect(hx - out, y0 - 1, max(1, out // 2 + 1), 1))
        if gear == "pirate hat":
            dome = (
                c.oval(hx - out, hy - round(hh * 0.22), hw + 2 * out, round(hh * 0.96))
                & (c.ys <= y0)
                & (c.ys >= (0 if s <= 10 else 1))
            )
            brim = c.rect(hx - out, y0, hw + 2 * out, 1)
        c.paint(dome, color, "hat", c.ball(dome, 1.2), rim=rim)
        c.paint(brim, color, "hat", 0.3 if gear != "pirate hat" else -0.5, rim=rim)
        if gear == "pirate hat" and s >= 16:
            skull = c.rect(
                round(mid - 0.5 - s // 40), y0 - max(2, hh // 4), 2 + 2 * (s // 40) - c.w % 2, max(2, hh // 6)
            )
            c.paint(skull, "bone", "hat", 0.3)
        elif gear in ("straw hat", "cowboy hat") and s >= 16:
            c.paint(
                c.rect(hx + hw // 8, y0 - 1, hw - 2 * (hw // 8), 1),
                "red" if gear == "straw hat" else "dark brown",
                "hat",
                -0.2,
            )
    elif gear == "headband" and s > 10:
        band = c.rect(hx, hy + round(hh * 0.32), hw, max(1, round(hh * 0.1)))
        c.paint(band, "red" if cloth != "red" else "blue", "headband", 0.2)
    elif gear == "space helmet":
        dome = head | (c.oval(hx - 1, hy - 1, hw + 2, hh + 2) & c.rect(1, 1, c.w - 2, c.h) if s > 10 else head)
        c.paint(dome, cloth, "helmet", c.ball(dome, 0.9), rim=rim)
        edge = max(1, round(hw * 0.14))
        visor = (
            c.oval(hx + edge, hy + round(hh * 0.2), hw - 2 * edge, round(hh * 0.6))
            if hw >= 6
            else c.rect(hx + 1, hy + 1, hw - 2, hh - 2)
        )
        c.paint(visor, "navy", "visor", c.ball(visor, 1.9), rim=rim)
