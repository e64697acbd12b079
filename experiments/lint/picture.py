"""Draws docs/images/lint.png, a potion with faults put in as `pixelmind lint` marks it: python experiments/lint/picture.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pixelmind.files import write_bytes
from pixelmind.quality.lint import RULES, lint, markup

OUT = Path(__file__).parents[2] / "docs" / "images" / "lint.png"
INK, DARK, MAIN, LIGHT, GLINT = (38, 24, 52), (120, 30, 74), (190, 48, 84), (236, 102, 110), (255, 226, 214)
GLASS, GLASS_DARK, CORK, CORK_DARK = (196, 222, 232), (136, 168, 196), (196, 140, 84), (142, 92, 58)


def potion() -> np.ndarray:
    """uint8 [32, 32, 4]: round, outlined, lit from the upper left."""
    rgba = np.zeros((32, 32, 4), np.uint8)
    y, x = np.mgrid[:32, :32]
    far = np.hypot(y - 19.5, x - 15.5)

    def paint(where: np.ndarray, color: tuple[int, int, int]) -> None:
        rgba[where] = (*color, 255)

    paint(far < 11.2, INK)
    paint((y >= 3) & (y < 10) & (x >= 11) & (x < 21), INK)
    paint((y >= 6) & (y < 11) & (x >= 12) & (x < 20), GLASS)
    paint((y >= 6) & (y < 11) & (x >= 17) & (x < 20), GLASS_DARK)
    paint((y >= 4) & (y < 6) & (x >= 12) & (x < 20), CORK)
    paint((y >= 4) & (y < 6) & (x >= 17) & (x < 20), CORK_DARK)
    paint(far < 10.2, GLASS)
    paint((far < 10.2) & (y >= 16), MAIN)
    lit = np.hypot(y - 16.5, x - 12.5)
    paint((far < 10.2) & (y >= 17) & (lit > 10), DARK)
    paint((far < 10.2) & (y >= 17) & (lit < 5), LIGHT)
    paint((far < 10.2) & (y < 16) & (lit > 9), GLASS_DARK)
    paint((y >= 13) & (y < 15) & (x >= 9) & (x < 11), GLINT)
    return rgba


def faulty(rgba: np.ndarray) -> np.ndarray:
    """Faults by hand: speck, pin-hole, outline gap, half-clear cells, orphans, larger pixels, doubled steps."""
    out = rgba.copy()
    out[6, 27] = out[7, 27] = (*INK, 255)
    out[8, 14] = 0
    out[20, 26] = out[19, 26] = (*DARK, 255)
    out[9, 5] = out[10, 4] = (*LIGHT, 120)
    for py, px, color in ((13, 14, INK), (12, 20, GLINT), (13, 17, MAIN)):
        out[py, px] = (*color, 255)
    blocks = ("LMDM", "MLML", "DMLD", "MDML")
    colors = {"L": LIGHT, "M": MAIN, "D": DARK}
    for row, line in enumerate(blocks):
        for column, letter in enumerate(line):
            out[18 + 2 * row : 20 + 2 * row, 10 + 2 * column : 12 + 2 * column] = (*colors[letter], 255)
    out[14, 24] = out[24, 5] = (*INK, 255)
    return out


def main() -> None:
    rgba = faulty(potion())
    report = lint(rgba, everything=True)
    for finding in report.counts:
        print(finding.rule, finding.count, finding.fault)
    data = markup.draw(rgba, report, RULES, "potion.png   32x32, faults put in by hand")
    print(write_bytes(OUT, data), len(data))


if __name__ == "__main__":
    main()
