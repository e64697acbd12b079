"""What is asked of a generator: prompts, sizes and colour limits taken from the store's `test` split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from pixelmind.data import dedup
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8, Conditioning, GenerationRequest, Sprite

Origin = Literal["real", "procedural", "unseen"]
PROCEDURAL_SOURCE = "procedural"
#: Tags of a drawn scene that words can tell.
CONCEPTS = ("subject", "kind", "genre", "style", "view")


@dataclass(frozen=True, kw_only=True)
class TestItem:
    """One held-out picture: `rgba` uint8 [H, W, 4] and what is known of it. `unseen` art comes from evaluation-only
    sources.
    """

    __test__ = False

    id: str
    cluster: str
    source: str
    kind: str
    origin: Origin
    captions: tuple[str, ...]
    rgba: U8
    style: str = ""
    concepts: Mapping[str, str] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        """The caption a person would say first."""
        return self.captions[0]


def load_items(data: Sequence[Path | str], *, max_size: int = 64) -> list[TestItem]:
    """Read the test pictures of one or several stores, largest side at most `max_size` px, in stored order.

    Pictures that no Sprite can hold (over 255 colours) are left out, so that real art can stand in for a generator.

    Raises:
        BadInput: no store there, or none of its pictures is in the test split.
    """
    items: dict[str, TestItem] = {}
    columns = ["id", "cluster", "source", "kind", "captions", "evaluation_only", "png", "style", "tags"]
    where = f"split = 'test' AND width <= {max_size} AND height <= {max_size} AND num_colors <= 255 AND num_colors > 0"
    for path in data:
        for row in Store.open(path).scan(columns, filter=where):
            rgba = decode_png(row["png"])
            if min(rgba.shape[:2]) < 8:
                continue
            procedural = row["source"].startswith(PROCEDURAL_SOURCE)
            items[row["id"]] = TestItem(
                id=row["id"],
                cluster=row["cluster"],
                source=row["source"],
                kind=row["kind"],
                origin="unseen" if row["evaluation_only"] else "procedural" if procedural else "real",
                captions=tuple(row["captions"]),
                rgba=rgba,
                style=row["style"],
                concepts={k: v for k, v in json.loads(row["tags"]).items() if k in CONCEPTS and procedural},
            )
    if not items:
        raise BadInput(
            f"no test pictures in {', '.join(map(str, data))}; import art first: pixelmind data import DIR --out STORE"
        )
    return list(items.values())


def choose(items: Sequence[TestItem], count: int, seed: int) -> list[int]:
    """Choose at most `count` items for prompting, as indices: one a cluster and one a prompt, evenly over the
    shuffled rest.
    """
    order = np.random.default_rng(seed).permutation(len(items))
    seen: set[str] = set()
    chosen: list[int] = []
    for i in order.tolist():
        keys = {"c:" + items[i].cluster, "p:" + items[i].prompt}
        if len(chosen) < count and not keys & seen:
            seen |= keys
            chosen.append(i)
    return chosen


def request_for(item: TestItem, index: int, *, num_images: int, seed: int) -> GenerationRequest:
    """Ask for the item's own words at its own size; every second request also limits the colours to what the item
    uses.
    """
    limit = max(2, Sprite.from_rgba(item.rgba).num_colors) if index % 2 else None
    asked = Conditioning(prompt=item.prompt, height=item.rgba.shape[0], width=item.rgba.shape[1], max_colors=limit)
    return GenerationRequest(conditioning=asked, num_images=num_images, seed=seed * 1_000_003 + index)


def training_pictures(data: Sequence[Path | str]) -> Iterator[tuple[str, U8]]:
    """Yield (id, uint8 RGBA) of everything a generator may have trained on: the `train` split, one at a time."""
    for path in data:
        for row in Store.open(path).scan(["id", "png"], filter="split = 'train'"):
            yield row["id"], decode_png(row["png"])


def duplicate_pairs(data: Sequence[Path | str], *, limit: int = 500, seed: int = 0) -> list[tuple[U8, U8]]:
    """Return pairs of real training pictures that the store's near-duplicate rule calls the same picture, one a cluster."""
    pairs: list[tuple[U8, U8]] = []
    for path in data:
        store = Store.open(path)
        table = store.columns("cluster", "source", "split", "phash", "signature")
        drawn = np.char.startswith(table["source"].astype(str), PROCEDURAL_SOURCE)
        rows = np.flatnonzero((table["split"] == "train") & ~drawn)
        if not len(rows):
            continue
        signatures = np.frombuffer(b"".join(table["signature"][rows].tolist()), np.uint8).reshape(len(rows), -1)
        near = rows[dedup.near_pairs(table["phash"][rows].astype(np.uint64), signatures)]
        _, first = np.unique(table["cluster"][near[:, 0]].astype(str), return_index=True)
        twins = near[np.sort(first)]
        order = np.random.default_rng(seed).permutation(len(twins))[: limit - len(pairs)]
        pictures = [decode_png(r["png"]) for r in store.take(twins[order].ravel(), ["png"])]
        pairs += list(zip(pictures[::2], pictures[1::2]))
    return pairs
