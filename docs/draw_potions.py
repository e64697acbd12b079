"""Draws 20 small potions with captions, for the tutorial: python docs/draw_potions.py FOLDER"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image

NECK = ["......####......", "......#kk#......", ".......##......."]
TALL = ["......#..#......"] * 2
SHOULDERS = ["......#..#......", ".....#....#.....", "....#......#...."]
BODY = ["...#llllllll#...", "...#lwllllll#...", "...#lwwlllld#...", "...#llllllld#...", "....#lllldd#....", ".....######....."]
FORMS = {
    "round": NECK + SHOULDERS + BODY,
    "tall": NECK + TALL + SHOULDERS + BODY,
    "wide": NECK + SHOULDERS[2:] + BODY,
    "small": NECK[2:] + SHOULDERS[2:] + BODY,
}
COLOURS = {"red": (200, 40, 40), "blue": (50, 80, 210), "green": (60, 170, 70), "yellow": (230, 200, 50), "purple": (130, 60, 170)}


def main(folder: Path) -> None:
    """Write FOLDER/*.png, 16x16, and FOLDER/metadata.jsonl."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for colour, light in COLOURS.items():
        ink = {"#": (30, 25, 40), "k": (150, 100, 60), "l": light, "d": tuple(v // 2 for v in light), "w": (255, 255, 255)}
        for form, lines in FORMS.items():
            image = Image.new("RGBA", (16, 16))
            for y, line in enumerate(lines, start=16 - len(lines)):
                for x, cell in enumerate(line):
                    if cell in ink:
                        image.putpixel((x, y), (*ink[cell], 255))
            name = f"{colour}_{form}.png"
            image.save(folder / name)
            rows.append({"file_name": name, "text": f"a {form} {colour} potion", "kind": "item", "style": "mine",
                         "licence": "CC0-1.0", "credit": "Me"})  # fmt: skip
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
