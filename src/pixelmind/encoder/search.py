"""Search a store by words or by a picture: its features, kept beside it, and their products with the query's."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from pixelmind.data.store import Store
from pixelmind.encoder.model import PART, load_encoder
from pixelmind.errors import BadInput
from pixelmind.files import write_bytes
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8
from pixelmind.training.weights import Bundle

F16 = NDArray[np.float16]
#: Folder of cached features inside a store.
FEATURES = "features"
_CHUNK = 1024


@dataclass(frozen=True)
class Found:
    """A picture of a store: its row number and its cosine with the query."""

    row: int
    score: float


class Searcher:
    """A trained encoder and the image features of a store, float16 [len(store), E].

    The features are made once and kept in `STORE/features/`, named after the hashes of weights and content, so that other
    weights or another content make them anew. A store that cannot be written to is searched all the same.

    Args:
        store: an open store.
        encoder_dir: the run or bundle of the encoder.
        progress: called with (done, total) while features are made.

    Raises:
        BadInput: no encoder there, or an empty store. CorruptFile: the encoder is damaged.
    """

    def __init__(
        self, store: Store, encoder_dir: Path | str, progress: Callable[[int, int], None] | None = None
    ) -> None:
        if not len(store):
            raise BadInput(f"the store at {store.path} is empty; add pictures with: pixelmind data import")
        self.store, self.encoder = store, load_encoder(encoder_dir)
        weights = str(Bundle(encoder_dir).manifest["parts"][PART]["sha256"])[:16]
        self.path = store.path / FEATURES / f"{weights}-{store.manifest_hash[:16]}.npy"
        self.features = self._read() if self.path.is_file() else self._make(progress)

    def _read(self) -> F16:
        try:
            found = np.load(self.path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise BadInput(f"{self.path} cannot be read ({error}); delete it to make it anew") from error
        if found.shape != (len(self.store), self.encoder.config.embed_dim):
            raise BadInput(f"{self.path} does not fit the store; delete it to make it anew")
        return np.asarray(found)

    def _make(self, progress: Callable[[int, int], None] | None) -> F16:
        total, parts = len(self.store), []
        for start in range(0, total, _CHUNK):
            rows = self.store.take(range(start, min(start + _CHUNK, total)), ("png",))
            parts.append(self.encoder.encode_images([decode_png(row["png"]) for row in rows]).half().numpy())
            if progress and total > _CHUNK:
                progress(min(start + _CHUNK, total), total)
        found = np.concatenate(parts)
        file = io.BytesIO()
        np.save(file, found)
        try:
            write_bytes(self.path, file.getvalue())
            for old in self.path.parent.glob(f"{self.path.name.split('-')[0]}-*.npy"):
                if old != self.path:
                    old.unlink(missing_ok=True)
        except OSError:  # not ours to write to
            pass
        return found

    def find(self, words: str = "", image: U8 | None = None, n: int = 16) -> list[Found]:
        """The `n` pictures nearest to words, to a picture uint8 [H, W, 4], or to both alike, nearest first.

        Raises:
            BadInput: neither words nor picture, or n below 1.
        """
        if n < 1:
            raise BadInput(f"a search gives at least one picture, got n={n}")
        if not words.strip() and image is None:
            raise BadInput("say what to search for: words, or a picture with --image PATH")
        query = torch.zeros(self.encoder.config.embed_dim)
        if words.strip():
            query = query + self.encoder.encode_texts([words.strip()])[0]
        if image is not None:
            query = query + self.encoder.encode_images([image])[0]
        score = self.features.astype(np.float32) @ F.normalize(query, dim=0).numpy()
        best = np.argsort(-score, kind="stable")[:n]
        return [Found(int(row), float(score[row])) for row in best]
