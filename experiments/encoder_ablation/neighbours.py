"""How to find mined neighbours: exact products by blocks, FAISS and Lance's vector index, one thread, in one run."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import faiss
import lance
import numpy as np
import pyarrow as pa
import torch

from pixelmind.data.loader import Loader
from pixelmind.data.store import Store
from pixelmind.encoder.facts import evenly
from pixelmind.encoder.mining import nearest as filtered
from pixelmind.encoder.mining import words
from pixelmind.encoder.model import load_encoder
from pixelmind.pixels.png import decode_png

K = 65


def exact(queries: torch.Tensor, keys: torch.Tensor) -> np.ndarray:
    """As in `pixelmind.encoder.mining`, without the filter."""
    return np.concatenate([(part @ keys.T).topk(K).indices.numpy() for part in queries.split(512)])


def faiss_search(queries: np.ndarray, keys: np.ndarray, lists: int, probes: int) -> np.ndarray:
    """IVF-Flat by inner product, or the exact flat index where `lists` is 0."""
    size = keys.shape[1]
    index = faiss.IndexFlatIP(size)
    if lists:
        index = faiss.IndexIVFFlat(index, size, lists, faiss.METRIC_INNER_PRODUCT)
        index.train(keys)
        index.nprobe = probes
    index.add(keys)
    return index.search(queries, K)[1]


def lance_search(queries: np.ndarray, keys: np.ndarray, asked: int) -> tuple[np.ndarray, float, float]:
    """Lance's IVF-PQ; only the first `asked` queries, one by one as its interface has it. Rows, seconds to build and to ask."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        vector = pa.FixedSizeListArray.from_arrays(pa.array(keys.ravel()), keys.shape[1])
        table = lance.write_dataset(pa.table({"n": np.arange(len(keys)), "x": vector}), folder)
        table = table.create_index("x", "IVF_PQ", metric="dot", num_partitions=64, num_sub_vectors=64) or table
        built = time.perf_counter()
        found = []
        for query in queries[:asked]:
            near = {"column": "x", "q": query, "k": K, "nprobes": 8, "refine_factor": 2}
            found.append(table.to_table(columns=["n", "_distance"], nearest=near)["n"].to_numpy())
        return np.array(found), built - start, time.perf_counter() - built


def main() -> None:
    """Print a table of seconds and recall of the 64 nearest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--pool", type=int, default=16384)
    args = parser.parse_args()
    torch.set_num_threads(1)
    faiss.omp_set_num_threads(1)
    loader, encoder = Loader([Store.open(p) for p in args.data], "train", 1, 0), load_encoder(args.encoder)
    rows = loader.take(evenly(loader.rows, args.pool), ("png", "captions", "cluster"))
    start = time.perf_counter()
    x = encoder.encode_images([decode_png(row["png"]) for row in rows])
    print(f"{len(rows)} pictures; image features {time.perf_counter() - start:.1f} s")
    y = encoder.encode_texts([row["captions"][0] for row in rows])
    queries, keys = torch.cat([x, y], 1), torch.cat([y, x], 1)
    start = time.perf_counter()
    truth = exact(queries, keys)
    print(f"exact blocks: {time.perf_counter() - start:.1f} s")
    q, k = queries.numpy(), keys.numpy()

    def recall(found: np.ndarray) -> float:
        return float(np.mean([len(set(a) & set(b)) / K for a, b in zip(found.tolist(), truth.tolist())]))

    for lists, probes in ((0, 0), (128, 4), (128, 16)):
        start = time.perf_counter()
        found = faiss_search(q, k, lists, probes)
        print(f"FAISS lists {lists} probes {probes}: {time.perf_counter() - start:.1f} s, recall {recall(found):.3f}")
    found, built, asked = lance_search(q, k, 256)
    print(
        f"Lance IVF-PQ: built {built:.1f} s, 256 asked {asked:.1f} s (all: {asked / 256 * len(q):.0f} s), recall {recall(found):.3f}"
    )
    start = time.perf_counter()
    clusters = np.unique([row["cluster"] for row in rows], return_inverse=True)[1]
    near = filtered(x, y, [words(row["captions"]) for row in rows], clusters, 16)
    print(
        f"exact and filtered: {time.perf_counter() - start:.1f} s; rows with 16 neighbours {np.mean(near[:, -1] >= 0):.3f}"
    )


if __name__ == "__main__":
    main()
