"""Draws real pictures with every defect, and measures the defects: python experiments/defects/sheet.py --store DIR [--all] [--count 500]

(default)   docs/images/defects.png: each defect on one picture it shows well on, at medium severity
--all       OUT/NAME.png: each defect on many pictures x low, medium, high, its cells marked beside it, to look at
--measure   the table of docs/quality.md: how often each applies to `val` pictures, share of cells changed, microseconds
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from pixelmind.data.loader import regions_of
from pixelmind.data.procedural.regions import REGIONS
from pixelmind.data.store import Store
from pixelmind.files import write_bytes, write_json
from pixelmind.pixels.png import decode_png
from pixelmind.quality.defects import DEFECTS, SEVERITIES, Picture
from pixelmind.quality.defects.base import changed
from pixelmind.quality.defects.material import Material, seen

HERE = Path(__file__).parent
IMAGE = HERE.parents[1] / "docs" / "images" / "defects.png"
GROUND = ((92, 98, 106), (104, 110, 118))
MARK = (255, 40, 200)
MOST_SHOWN = 0.3


def pictures(
    store: Store, count: int, seed: int = 0, longest: tuple[int, int] = (16, 64), licence: str = ""
) -> list[Picture]:
    """Real `val` pictures, evenly over the sources as far as they go; of one licence where it is named."""
    columns = store.columns("source", "split", "height", "width", "evaluation_only", "licence")
    source = columns["source"].astype(str)
    side = np.maximum(columns["height"], columns["width"])
    keep = (columns["split"].astype(str) == "val") & ~columns["evaluation_only"].astype(bool)
    keep &= (source != "procedural") & (side >= longest[0]) & (side <= longest[1])
    keep &= np.minimum(columns["height"], columns["width"]) >= 8
    if licence:
        keep &= columns["licence"].astype(str) == licence
    rng = np.random.default_rng(seed)
    pools = [rng.permutation(np.flatnonzero(keep & (source == name))).tolist() for name in np.unique(source[keep])]
    chosen: list[int] = []
    while len(chosen) < count and any(pools):
        chosen += [pool.pop() for pool in pools if pool]
    out = []
    for row in store.take(chosen[:count], ("png", "mask_png", "mask_names")):
        regions = regions_of(row)
        names = REGIONS if regions is not None else ()
        out.append(Picture(rgba=decode_png(row["png"]), mask=regions, mask_names=names))
    return out


def shown(rgba: np.ndarray, side: int, where: np.ndarray | None = None) -> np.ndarray:
    """uint8 [side, side, 3]: a picture enlarged whole times on a chequered ground, cells at fault tinted where asked."""
    height, width = rgba.shape[:2]
    scale = max(1, (side - 2) // max(height, width))
    y, x = np.mgrid[:height, :width]
    ground = np.array(GROUND, float)[(y // 4 + x // 4) % 2]
    alpha = rgba[..., 3:].astype(float) / 255
    flat = rgba[..., :3] * alpha + ground * (1 - alpha)
    if where is not None:
        flat = np.where(where[..., None], 0.25 * flat + 0.75 * np.array(MARK), 0.5 * flat + 0.5 * np.array(GROUND[0]))
    large = np.kron(flat, np.ones((scale, scale, 1)))[:side, :side]
    out = np.full((side, side, 3), 40.0)
    top, left = (side - large.shape[0]) // 2, (side - large.shape[1]) // 2
    out[top : top + large.shape[0], left : left + large.shape[1]] = large
    return np.rint(out).astype(np.uint8)


def png(image: np.ndarray) -> bytes:
    """A PNG of uint8 [H, W, 3]."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(image).quantize(255, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def sheet(clean: list[Picture], name: str, side: int = 98) -> np.ndarray:
    """A row a picture: itself, then low, medium and high with their cells beside each."""
    rows = []
    for i, picture in enumerate(clean):
        row = [shown(picture.rgba, side)]
        for severity in SEVERITIES.values():
            made = DEFECTS[name].apply(picture, severity, np.random.default_rng((i, 1)))
            blank = np.full((side, side, 3), 20, np.uint8)
            row += [blank, blank] if made is None else [shown(made.rgba, side), shown(made.rgba, side, made.where)]
        rows.append(np.concatenate(row, 1))
    half = (len(rows) + 1) // 2
    rows += [np.full_like(rows[0], 20)] * (2 * half - len(rows))
    return np.concatenate([np.concatenate(rows[:half]), np.concatenate(rows[half:])], 1)


def overview(store: Store, seed: int, side: int = 98, columns: int = 5) -> np.ndarray:
    """Each defect at medium severity beside what it was made from: of CC0 pictures, one it shows well on, each once."""
    from PIL import Image, ImageDraw, ImageFont

    clean = [p for p in pictures(store, 160, seed, (28, 40), "CC0-1.0") if 0.15 < (p.rgba[..., 3] > 0).mean() < 0.7]
    tiles, used = [], set()
    for name, defect in DEFECTS.items():
        made = {}
        for i, picture in enumerate(clean):
            found = defect.apply(picture, SEVERITIES["medium"], np.random.default_rng((i, 3)))
            if found is not None and i not in used and found.where.mean() < MOST_SHOWN:
                made[i] = (seen(Material.from_picture(picture), found.rgba) * found.where.mean(), found)
        best = max(made, key=lambda i: made[i][0])
        used.add(best)
        pair = np.concatenate([shown(clean[best].rgba, side), shown(made[best][1].rgba, side)], 1)
        label = Image.new("RGB", (pair.shape[1], 14), (24, 24, 28))
        ImageDraw.Draw(label).text((4, 1), f"{name} ({defect.family})", (230, 230, 230), ImageFont.load_default(11))
        tiles.append(np.pad(np.concatenate([np.asarray(label), pair]), ((0, 4), (2, 2), (0, 0)), constant_values=24))
    return np.concatenate([np.concatenate(tiles[i : i + columns], 1) for i in range(0, len(tiles), columns)])


def measure(clean: list[Picture]) -> dict[str, dict[str, float]]:
    """By defect: share of pictures it applies to at medium severity, mean share of all cells changed at each, microseconds a try."""
    out = {}
    for name, defect in DEFECTS.items():
        found: dict[str, float] = {}
        for level, severity in SEVERITIES.items():
            shares, cells, applied = [], [], 0
            start = time.process_time()
            made = [defect.apply(p, severity, np.random.default_rng((i, 2))) for i, p in enumerate(clean)]
            spent = time.process_time() - start
            for picture, damaged in zip(clean, made):
                if damaged is not None:
                    applied += 1
                    shares.append(float(changed(picture.rgba, damaged.rgba).mean()))
                    cells.append(float(damaged.where.mean()))
            found |= {f"changed_{level}": float(np.mean(shares)), f"where_{level}": float(np.mean(cells))}
            found |= {f"applies_{level}": applied / len(clean), f"us_{level}": 1e6 * spent / len(clean)}
        out[name] = found
        print(
            f"| {name} | {found['applies_medium']:.0%} | "
            + " | ".join(f"{100 * found[f'changed_{k}']:.1f}" for k in SEVERITIES)
            + f" | {found['us_medium']:.0f} |",
            flush=True,
        )
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True, type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE / "sheets")
    args = parser.parse_args()
    store = Store.open(args.store)
    if args.measure:
        write_json(HERE / "results.json", measure(pictures(store, args.count, args.seed)))
    elif args.all:
        clean = pictures(store, min(args.count, 20), args.seed)
        for name in args.only.split(",") if args.only else DEFECTS:
            write_bytes(args.out / f"{name}.png", png(sheet(clean, name)))
    else:
        write_bytes(IMAGE, png(overview(store, args.seed)))


if __name__ == "__main__":
    main()
