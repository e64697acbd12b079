"""What the generator draws, as fakes for the critic: captions and sizes of a split's pictures, drawn once and kept beside the run."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from pixelmind.data.store import Store
from pixelmind.files import write_bytes
from pixelmind.generator.pipeline import load
from pixelmind.records import U8, Conditioning, GenerationRequest, Split

BATCH = 16
MIN_SIDE = 8


def drawn(
    store: Store,
    weights: Path | str | None,
    count: int,
    seed: int,
    file: Path,
    *,
    max_side: int = 64,
    split: Split = "train",
) -> list[U8]:
    """`count` pictures uint8 [H, W, 4] by a bundle (default: the released one), without ranking; read from `file` where it is there.

    Captions of the split are told, each at its picture's own size.
    """
    if not file.is_file():
        _draw(store, weights, count, seed, file, max_side, split)
    with np.load(file) as kept:
        ends = np.cumsum([h * w for h, w in kept["sizes"]])
        return [cut.reshape(h, w, 4) for cut, (h, w) in zip(np.split(kept["cells"], ends[:-1]), kept["sizes"].tolist())]


def _draw(
    store: Store, weights: Path | str | None, count: int, seed: int, file: Path, max_side: int, split: Split
) -> None:
    pipe = load(weights, best_of=1)
    columns = store.columns("split", "height", "width", "evaluation_only")
    fits = (columns["split"].astype(str) == split) & ~columns["evaluation_only"].astype(bool)
    for side in ("height", "width"):
        fits &= (columns[side] >= MIN_SIDE) & (columns[side] <= max_side)
    rng = np.random.default_rng((seed, 4))
    rows = rng.choice(np.flatnonzero(fits), min(count, int(fits.sum())), replace=False)
    order = rows[np.lexsort((columns["width"][rows], columns["height"][rows]))]  # alike sizes are drawn together
    pictures = []
    for start in range(0, len(order), BATCH):
        table = store.take(order[start : start + BATCH], ("captions", "height", "width"))
        asked = [
            GenerationRequest(
                conditioning=Conditioning(
                    prompt=(row["captions"] or ["a sprite"])[0][:1000],
                    height=int(row["height"]),
                    width=int(row["width"]),
                ),
                seed=seed + start + i,
            )
            for i, row in enumerate(table)
        ]
        pictures += [result.sprites[0].rgba() for result in pipe.generate_batch(asked)]
    memory = io.BytesIO()
    sizes = np.array([p.shape[:2] for p in pictures], np.int64)
    np.savez_compressed(memory, cells=np.concatenate([p.reshape(-1, 4) for p in pictures]), sizes=sizes)
    write_bytes(file, memory.getvalue())
