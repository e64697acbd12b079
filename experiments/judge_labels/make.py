"""Makes the pairs to be labelled by looking, and reads the answers: `pixelmind eval judge` measures against them.

    python experiments/judge_labels/make.py pairs --data STORE --out LABELS
    (look at LABELS/sheet-*.png; write one line a sheet of 25 letters, y or n, in the sheet's order, into LABELS/answers.txt)
    python experiments/judge_labels/make.py read --out LABELS

Protocol. 300 pairs of the `test` split in an order that says nothing of how a pair came about: 100 real pictures with their own first
caption, 100 drawn for such a caption (released weights, seed 0, one candidate), each beside those words; and 100 of both with the
words of another picture, half of them drawn evenly, half the caption that shares most words with the own one. Question: "would
somebody who asked for these words take this as a picture of them?" Subject, colour, count and state that the words name must be
there; style, taste and quality do not matter. What the name of a game's creature looks like is judged by the plain words in it.
Nobody sees the judge's figure or the kind of a pair before all answers are written. 60 pairs are seen again on sheets of their own,
in another order. The labels that ship were made by the AI model that develops PixelMind, looking at the sheets, on 29 November 2026.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from pixelmind.evaluation import testset
from pixelmind.evaluation.hand_labels import CELL, COLUMNS, DRAWN, pictures, read_labels
from pixelmind.files import write_bytes
from pixelmind.generator.pipeline import load
from pixelmind.pixels.png import encode_rgba_png
from pixelmind.records import U8, Conditioning, GenerationRequest

OWN, OTHER, AGAIN, SEED = 100, 100, 60, 20261129
SHEET, SIDE = 25, 5


def words(text: str) -> set[str]:
    return set(text.lower().split())


def pairs(data: list[Path], out: Path) -> None:
    items = [i for i in testset.load_items(data, max_size=CELL) if i.origin == "real"]
    rng = np.random.default_rng(SEED)
    order = testset.choose(items, 2 * OWN + OTHER, SEED)
    prompts = sorted({i.prompt for i in items})
    real, drawn, mixed = order[:OWN], order[OWN : 2 * OWN], order[2 * OWN :]
    rows = [dict(item=i, kind="real, own words", prompt=items[i].prompt, drawn=False) for i in real]
    rows += [dict(item=i, kind="drawn, own words", prompt=items[i].prompt, drawn=True) for i in drawn]
    for n, i in enumerate(mixed):
        mine, hard = items[i].prompt, n % 4 >= 2
        other = [p for p in prompts if p not in items[i].captions]
        if hard:
            near = np.array([len(words(p) & words(mine)) / len(words(p) | words(mine)) for p in other])
            text = other[int(np.lexsort((rng.random(len(other)), -near))[0])]
        else:
            text = other[int(rng.integers(len(other)))]
        origin = "drawn" if n % 2 else "real"
        rows.append(dict(item=i, kind=f"{origin}, {'near' if hard else 'other'} words", prompt=text, drawn=bool(n % 2)))
    pipeline = load(None, best_of=1)
    atlas = np.zeros((-(-sum(r["drawn"] for r in rows) // COLUMNS) * CELL, COLUMNS * CELL, 4), np.uint8)
    count, lines = 0, []
    for r in rows:
        item = items[r["item"]]
        h, w = item.rgba.shape[:2]
        name = item.id
        if r["drawn"]:
            asked = Conditioning(prompt=item.prompt, height=h, width=w)
            sprite = pipeline.generate_batch([GenerationRequest(conditioning=asked, seed=0)])[0].sprites[0]
            atlas[count // COLUMNS * CELL :, count % COLUMNS * CELL :][:h, :w] = sprite.rgba()
            name, count = f"{DRAWN}{count}", count + 1
        lines.append(dict(prompt=r["prompt"], picture=name, kind=r["kind"], width=w, height=h))
    lines = [dict(id=f"{n:03}", **lines[i]) for n, i in enumerate(rng.permutation(len(lines)))]
    write_bytes(out / "labels.png", encode_rgba_png(atlas))
    write_bytes(out / "pairs.jsonl", "".join(json.dumps(x) + "\n" for x in lines).encode())
    labels = read_labels("".join(json.dumps({**x, "label": False}) + "\n" for x in lines))
    found = pictures(labels, data, atlas)
    shown = [(x.prompt, found[x.id]) for x in labels]
    again = np.random.default_rng(SEED + 1).permutation(len(shown))[:AGAIN]
    write_bytes(out / "again.json", json.dumps([int(i) for i in again]).encode())
    for n in range(0, len(shown), SHEET):
        sheet(shown[n : n + SHEET], out / f"sheet-{n // SHEET + 1:02}.png")
    for n in range(0, AGAIN, SHEET):
        sheet([shown[i] for i in again[n : n + SHEET]], out / f"again-{n // SHEET + 1:02}.png")


def sheet(shown: list[tuple[str, U8]], path: Path) -> None:
    """Pictures enlarged on a grey ground, with their number and words below."""
    wide, tall = 330, 330
    page = Image.new("RGB", (SIDE * wide, -(-len(shown) // SIDE) * tall), (255, 255, 255))
    pen = ImageDraw.Draw(page)
    for n, (text, rgba) in enumerate(shown):
        x, y = n % SIDE * wide, n // SIDE * tall
        k = max(1, 256 // max(rgba.shape[:2]))
        big = Image.fromarray(rgba.repeat(k, 0).repeat(k, 1), "RGBA")
        page.paste((128, 128, 140), (x + 30, y + 4, x + 30 + big.width, y + 4 + big.height))
        page.paste(big, (x + 30, y + 4), big)
        pen.text((x + 4, y + 4), str(n + 1), fill=(200, 0, 0))
        for line in range(3):
            pen.text((x + 6, y + 266 + 20 * line), text[line * 38 : line * 38 + 38], fill=(0, 0, 0), font_size=16)
    page.save(path)


def letters(path: Path) -> list[bool]:
    text = "".join(path.read_text().split()).lower()
    if set(text) - {"y", "n"}:
        raise SystemExit(f"{path} holds letters other than y and n")
    return [c == "y" for c in text]


def read(out: Path) -> None:
    rows = [json.loads(line) for line in (out / "pairs.jsonl").read_text().splitlines()]
    said, again = letters(out / "answers.txt"), letters(out / "again.txt")
    order = json.loads((out / "again.json").read_text())
    if len(said) != len(rows) or len(again) != len(order):
        raise SystemExit(f"{len(said)} and {len(again)} answers for {len(rows)} and {len(order)} pairs")
    for row, yes in zip(rows, said):
        row["label"] = yes
    for i, yes in zip(order, again):
        rows[i]["again"] = yes
    write_bytes(out / "labels.jsonl", "".join(json.dumps(r) + "\n" for r in rows).encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pairs", "read"))
    parser.add_argument("--data", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.what == "pairs":
        pairs(args.data, args.out)
    else:
        read(args.out)


if __name__ == "__main__":
    main()
