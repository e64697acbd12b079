"""A contact sheet of a store: pictures enlarged, their captions below."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.files import write_bytes
from pixelmind.pixels.png import decode_png
from pixelmind.pixels.preview import contact_sheet


def show(
    store: Store,
    out_png: Path | str,
    n: int = 64,
    seed: int = 0,
    source: str | None = None,
    split: str | None = None,
    search: str | None = None,
    kind: str | None = None,
    scale: int = 2,
    columns: int = 8,
    all_captions: bool = False,
) -> list[int]:
    """Write a contact sheet of `n` random pictures with their first caption; return their row numbers.

    `search` keeps pictures one of whose captions holds the text (upper and lower case alike).

    Raises:
        BadInput: nothing fits.
    """
    if n < 1:
        raise BadInput(f"a contact sheet needs at least one picture, got n={n}")
    keep = np.ones(len(store), dtype=bool)
    for name, wanted in (("source", source), ("split", split), ("kind", kind)):
        if wanted is not None:
            keep &= store.column(name) == wanted
    if search:
        lists = store.column("captions")
        keep &= np.array([any(search.lower() in c.lower() for c in captions) for captions in lists], dtype=bool)
    rows = np.flatnonzero(keep)
    if not len(rows):
        raise BadInput(f"no picture in {store.path} fits; see what there is with: pixelmind data stats {store.path}")
    rows = np.sort(np.random.default_rng(seed).permutation(rows)[:n])
    data = store.take(rows, ("png", "captions"))
    texts = [" | ".join(row["captions"]) if all_captions else row["captions"][0] for row in data]
    sheet = contact_sheet([decode_png(row["png"]) for row in data], texts, columns=columns, scale=scale)
    file = io.BytesIO()
    sheet.save(file, "PNG")
    write_bytes(out_png, file.getvalue())
    return rows.tolist()
