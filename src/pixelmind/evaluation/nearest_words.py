"""Retrieval baselines: answer a prompt with the training pictures whose captions are nearest in words, cosine of tf-idf (Salton and
Buckley 1988, "Term-weighting approaches in automatic text retrieval", weights tfc).

Over all training pictures it is the nearest-neighbour baseline: real art, right words, all of it copied. Over drawn scenes alone it is the
procedural oracle: the scene grammar answers with what it can draw nearest to the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.evaluation import testset
from pixelmind.evaluation.oracles import fit, obey
from pixelmind.pixels.png import decode_png
from pixelmind.records import GenerationRequest, GenerationResult, Sprite

#: Common words that tell nothing of a picture.
STOP = frozenset(
    ["a", "an", "the", "of", "with", "and", "in", "on", "to", "at", "is", "it", "its", "by", "for", "from", "as"]
)


def words(text: str) -> list[str]:
    """The telling words of a text, in small letters and without a plural s."""
    found = (w.rstrip("s") or w for w in re.findall(r"[a-z0-9]+", text.lower()))
    return [w for w in found if w not in STOP]


class NearestWords:
    """Answers with training pictures by their captions; `drawn` only with drawn scenes. Size, palette and colours are kept as asked.

    Raises:
        BadInput: no training picture of that kind with words in the stores.
    """

    def __init__(self, data: Sequence[Path | str], *, drawn: bool = False, max_size: int = 64) -> None:
        self.name = "procedural oracle" if drawn else "nearest neighbour in words"
        self._stores = [Store.open(p) for p in data]
        where = f"split = 'train' AND width <= {max_size} AND height <= {max_size} AND num_colors <= 255"
        if drawn:
            where += f" AND source LIKE '{testset.PROCEDURAL_SOURCE}%'"
        self._place: list[tuple[int, str]] = []
        counts: list[Counter[str]] = []
        for number, store in enumerate(self._stores):
            for row in store.scan(["id", "captions"], filter=where):
                if row["captions"]:
                    self._place.append((number, row["id"]))
                    counts.append(Counter(words(row["captions"][0])))
        if not counts:
            raise BadInput(
                f"no {'drawn ' if drawn else ''}training pictures with words in the store; see: pixelmind data stats"
            )
        self._index = {w: i for i, w in enumerate(sorted(set().union(*counts)))}
        seen = np.zeros(len(self._index))
        for c in counts:
            seen[[self._index[w] for w in c]] += 1
        self._idf = np.log(len(counts) / seen)
        self._matrix = self._rows(counts)

    def _rows(self, counts: Sequence[Counter[str]]) -> sparse.csr_matrix:
        at, columns, values = [0], list[int](), list[float]()
        for c in counts:
            known = [(self._index[w], n) for w, n in c.items() if w in self._index]
            weights = np.array([n * self._idf[i] for i, n in known])
            length = float(np.linalg.norm(weights)) or 1.0
            columns += [i for i, _ in known]
            values += (weights / length).tolist()
            at.append(len(columns))
        return sparse.csr_matrix((values, columns, at), shape=(len(counts), len(self._index)))

    def nearest(self, prompt: str, count: int) -> list[str]:
        """Ids of the `count` training pictures nearest in words, nearest first; among equals those stored first."""
        return [self._place[i][1] for i in self._order(prompt, count)]

    def _order(self, prompt: str, count: int) -> list[int]:
        query = self._rows([Counter(words(prompt))])
        score = np.asarray((self._matrix @ query.T).todense()).ravel()
        return [int(i) for i in np.argsort(-score, kind="stable")[:count]]

    def generate_batch(self, requests: list[GenerationRequest]) -> list[GenerationResult]:
        """Answer every request with the nearest pictures, cut or padded to its size."""
        out = []
        for r in requests:
            c = r.conditioning
            order = self._order(c.prompt, r.num_images)
            sprites: list[Sprite] = []
            for k in range(r.num_images):
                store, name = self._place[order[k % len(order)]]
                row = next(self._stores[store].scan(["png"], filter=f"id = '{name}'"))
                sprites.append(obey(fit(decode_png(row["png"]), c.height, c.width), c))
            seeds = tuple(range(r.seed, r.seed + r.num_images))
            out.append(GenerationResult(sprites=tuple(sprites), seeds=seeds, seconds=0.0, weights=self.name))
        return out
