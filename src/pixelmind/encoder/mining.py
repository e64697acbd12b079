"""Hard negatives: for each picture, the others that the present encoder confuses it with.

Two pictures are near where the loss finds them hard to tell apart: s(i, j) = x_i · y_j + y_i · x_j of image features x
and text features y. An index made anew with the weights of the moment every so many steps: Xiong et al. 2021 (ANCE,
arXiv 2007.00808); nearest neighbours as members of the batch: Yuksekgonul et al. 2023 (NegCLIP, arXiv 2210.01936). The
products are exact, block by block (docs/encoder.md compares with FAISS and Lance). What may be a right answer is no
negative: pictures of the same cluster, and pictures one of whose captions says nothing that the other's do not say.

An index lies in the run's folder under the step it was made at, so that a resumed run draws the same batches.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixelmind.encoder.retrieval import caption_key
from pixelmind.errors import CorruptFile
from pixelmind.files import write_bytes
from pixelmind.training.task import TrainingError

I64 = NDArray[np.int64]
#: An index is used from this many steps after it was made: batches are made ahead, and none may wait for it.
LAG = 8
#: Newest indices kept: a run may fall back to an older checkpoint.
KEEP = 4
_BLOCK = 512


class Said(NamedTuple):
    """The words of each caption that may be shown with a picture, and all that is said of it in any caption."""

    shown: tuple[frozenset[str], ...]
    all: frozenset[str]


def words(captions: Sequence[str], shown: Sequence[str] | None = None) -> Said:
    """What captions say, without case, articles and punctuation; all of them may be shown where `shown` is not given."""

    def of(caption: str) -> frozenset[str]:
        return frozenset(map(sys.intern, caption_key(caption).split()))

    return Said(tuple(map(of, captions if shown is None else shown)), frozenset().union(*map(of, captions)))


def may_fit(one: Said, other: Said) -> bool:
    """Whether a caption of one picture may be true of the other: all its words are said of that one too."""
    return any(caption <= other.all for caption in one.shown) or any(caption <= one.all for caption in other.shown)


def nearest(images: Tensor, texts: Tensor, said: Sequence[Said], clusters: I64, k: int) -> NDArray[np.int32]:
    """Positions int32 [N, k] of the nearest pictures that are no right answers, nearest first, -1 where there are fewer.

    Looked for among the 4 k nearest.

    Args:
        images, texts: unit features [N, E] of N pictures and of one caption of each.
        said: the words of each picture's captions, see `words`.
        clusters: number of each picture's cluster, int64 [N].
    """
    n = len(images)
    queries = torch.cat([images, texts], 1).float()
    keys = torch.cat([texts, images], 1).float().T.contiguous()
    out = np.full((n, k), -1, dtype=np.int32)
    for start in range(0, n, _BLOCK):
        found = (queries[start : start + _BLOCK] @ keys).topk(min(4 * k + 1, n)).indices.cpu().numpy()
        for row, candidates in enumerate(found.tolist(), start):
            kept = 0
            for other in candidates:
                if kept == k:
                    break
                if other != row and clusters[other] != clusters[row] and not may_fit(said[row], said[other]):
                    out[row, kept] = other
                    kept += 1
    return out


@dataclass(frozen=True)
class NeighbourIndex:
    """`rows` int64 [N], sorted row numbers of the pictures looked at; `near` int32 [N, k], see `nearest`."""

    rows: I64
    near: NDArray[np.int32]

    def draw(self, rows: I64, rng: np.random.Generator) -> I64:
        """One of each row's neighbours, drawn evenly: row numbers int64 [len(rows)], -1 where none is known."""
        u = rng.random(len(rows))
        at = np.searchsorted(self.rows, rows).clip(max=len(self.rows) - 1)
        counts = np.where(self.rows[at] == rows, (self.near[at] >= 0).sum(1), 0)
        found = self.near[at, (u * counts).astype(np.int64)]
        return np.where(counts > 0, self.rows[found], -1)

    def save(self, folder: Path, step: int) -> Path:
        """Write the index of a step whole or not at all, and drop all but the `KEEP` newest."""
        file = io.BytesIO()
        np.savez(file, rows=self.rows, near=self.near)
        path = write_bytes(_path(folder, step), file.getvalue())
        for old in sorted(folder.glob("step-*.npz"))[:-KEEP]:
            old.unlink(missing_ok=True)
        return path

    @classmethod
    def load(cls, folder: Path, step: int) -> NeighbourIndex:
        """Read the index of a step.

        Raises:
            TrainingError: it is not there. CorruptFile: it cannot be read.
        """
        path = _path(folder, step)
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                return cls(file["rows"], file["near"])
        except FileNotFoundError:
            raise TrainingError(f"the mined negatives {path} are gone, so this run cannot go on; train anew") from None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise CorruptFile(f"{path} cannot be read ({error}); train anew in another folder") from error


def _path(folder: Path, step: int) -> Path:
    return folder / f"step-{step:08d}.npz"
