"""Skulls, with bones, candles, horns or flames in the eyes."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "color": choice(
        "bone", "white", "gold", "red", "green", "purple", "black", "light blue", weights=(7, 2, 1, 1, 1, 1, 1, 1)
    ),
    "eyes": choice("empty", "red", "cyan", "green", "yellow", weights=(5, 2, 1, 1, 1)),
    "extra": choice("none", "crossbones", "horns", "candle", "crown", weights=(5, 2, 1.5, 1.5, 1)),
    "crack": choice(True, False, weights=(1, 2)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if s <= 10:
        p["extra"] = "none"
    if s < 24:
        p["crack"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m, mid = c.s, 0 if c.s <= 10 else 1, (c.w - 1) / 2
    top = m + round({"candle": 0.3, "crown": 0.16, "horns": 0.1}.get(p["extra"], 0.0) * s)
    k = (c.h - m - top) / 14
    if p["extra"] == "crossbones":
        k *= 0.86
        for sign in (1, -1):
            a, b = (mid - sign * 0.44 * s, c.h - m - 0.3 * s), (mid + sign * 0.44 * s, c.h - m - 0.06 * s)
            bone = c.stroke(a, b, width=max(1, round(s * 0.07)))
            for x, y in (a, b):
                d = max(2, round(s * 0.1))
                bone |= c.oval(x - d / 2, y - d * 0.8, d, d) | c.oval(x - d / 2, y - d * 0.1, d, d)
            c.paint(bone & c.rect(m, m, c.w - 2 * m, c.h - 2 * m), "bone", "bones", -0.2, rim=True)
    w = min(c.w - 2 * m, round(13 * k)) // 2 * 2 + c.w % 2
    x = (c.w - w) // 2
    if p["extra"] == "horns":
        horn = c.taper(
            ((x + w * 0.16, top + 3 * k), (x - w * 0.14, top + 1.6 * k), (x - w * 0.02, m)), max(1.6, 2.4 * k), 1
        )
        c.paint(c.mirror(horn) & c.rect(m, m, c.w - 2 * m, c.h), "dark grey", "horns", c.fall(horn, 0.6, -0.6))
    cranium = c.oval(x, top, w, round(10.4 * k)) | c.rect(x + w * 0.02, top + 4 * k, w * 0.97, 3.6 * k)
    jaw_w = round(w * 0.56) // 2 * 2 + c.w % 2
    jaw = c.rect((c.w - jaw_w) // 2, top + 9 * k, jaw_w, 4.4 * k)
    cheeks = c.rect(x + w * 0.1, top + 8.4 * k, w * 0.81, 2 * k)
    whole = cranium | jaw | cheeks
    c.paint(whole, p["color"], "skull", c.ball(whole, 1.3), rim=s >= 16)
    if s >= 24:  # hollow temples, and the shade below the cheekbones
        temple = c.oval(x - w * 0.1, top + 5.4 * k, w * 0.2, 3.4 * k)
        c.touch(c.mirror(temple) & whole, -0.8)
        c.touch(c.mirror(c.rect(x + w * 0.1, top + 10.4 * k, w * 0.16, k)) & whole, -0.9)
    dark = "ink" if p["color"] != "black" else "white"
    d = max(2, round(w * 0.27))
    gap = max(1, round(w * 0.1))
    eye = c.oval(round(mid - gap - d + 0.5), round(top + 5 * k), d, max(2, round(d * 1.05)))
    c.paint(c.mirror(eye), dark if p["color"] != "black" or p["eyes"] == "empty" else "ink", "eyes", -0.4)
    if p["eyes"] != "empty":
        g = max(1, d // 2)
        c.paint(
            c.mirror(
                c.oval(round(mid - gap - d + 0.5) + (d - g) // 2 + (d - g) % 2, round(top + 5 * k) + d // 3, g, g)
            ),
            p["eyes"],
            "eyes",
            0.4,
        )
    if s > 10:
        nose = c.rect(round(mid), top + 9 * k, max(1, round(k * 0.6)), max(1, round(1.4 * k)))
        if s >= 24:
            nose = c.poly(
                (mid - 0.4 * k, top + 8.2 * k), (mid - 1.1 * k, top + 9.8 * k), (mid - 0.5 * k, top + 9.8 * k)
            )
        c.paint(c.mirror(nose), dark, "nose", 0)
        step = max(2, round(1.5 * k))
        left = (c.w - jaw_w) // 2
        gaps = c.rect(left + 1, top + 11.2 * k, jaw_w - 2, 2.3 * k) & ((c.xs - round(mid + 0.1)) % step == 0)
        c.touch(gaps, -1.9)
        if s >= 24:
            c.touch(c.rect(left, top + 11 * k, jaw_w, 1), -1.2)
            c.touch(c.rect(left + 1, top + 11 * k + 1, jaw_w - 2, round(1.4 * k)) & ~gaps, 0.8)
    if p["crack"]:
        c.touch(
            c.stroke((mid + 2 * k, top + 0.4 * k), (mid + k, top + 2 * k), (mid + 2.4 * k, top + 3.4 * k)) & cranium, -2
        )
    if p["extra"] == "candle":
        wax = c.rect(
            round(mid - s * 0.06), m + round(s * 0.12), max(2, round(s * 0.13)), top - m - round(s * 0.12) + round(k)
        )
        c.paint(wax, "beige", "candle", c.column(wax, 0.9), rim=s >= 16)
        flame = c.oval(mid - s * 0.05, m, max(2, s * 0.1), max(2, s * 0.14))
        c.paint(flame, "fire", "flame", 0.3)
        c.paint(c.dots((mid, m + s * 0.09)), "flame", "flame", 0.5)
    elif p["extra"] == "crown":
        base = c.rect(x + k, top - 1.4 * k + 1, w - 2 * k, max(2, 2.4 * k))
        for i in range(3):
            px = x + k + i * (w - 2 * k - 1) / 2
            base |= c.poly((px, m), (px + k, top + 0.4 * k), (px - k, top + 0.4 * k))
        base = c.mirror(base) & (c.xs >= x + k - 0.5) & (c.xs <= x + w - k - 0.5)
        c.paint(base, "gold", "crown", c.column(base, 1.2), rim=s >= 16)


def words(p: Params) -> Words:
    having: list[str | tuple[str, ...]] = []
    if p["extra"] != "none":
        having.append(
            {
                "crossbones": ("crossbones", "crossed bones"),
                "horns": ("horns", "two horns"),
                "candle": ("a candle on top", "a burning candle"),
                "crown": ("a crown", "a {gold} crown"),
            }[p["extra"]]
        )
    if p["eyes"] != "empty":
        having.append((f"{{{p['eyes']}}} eyes", f"glowing {{{p['eyes']}}} eyes"))
    if p["crack"]:
        having.append(("a crack",))
    color = "" if p["color"] == "bone" else f"{{{p['color']}}}"
    return Words(nouns=("skull", "skull", "human skull"), adjectives=(color,), having=tuple(having))


FAMILY = Family(name="skull", kind="object", parameters=PARAMETERS, draw=draw, words=words, fit=fit, sizes=SQUARE)
