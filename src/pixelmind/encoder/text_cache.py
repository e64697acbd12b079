"""The text cache: every caption's token features on disk, so that training never runs the text tower in its loop.

A folder of ragged float16 rows, memory-mapped: `tokens.f16` [sum of lengths, 384], `lengths.u16` [captions],
`captions.jsonl` (one JSON string a line) are only ever appended to, and `index.json`, written atomically after each
chunk, says how much of them counts. A kill loses at most one chunk; the unfinished tail is cut off at the next write.
Cost: 768 bytes a token, about 9 kB a caption.
"""

from __future__ import annotations

import fcntl
import json
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from pixelmind.encoder.text_tower import (
    MAX_TOKENS,
    TEXT_DIM,
    TRUNK,
    TextFeatures,
    TextTower,
    mean_pool,
    padded_ids,
    read_tokenizer,
)
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_json

_ROW_BYTES = 2 * TEXT_DIM
_CHUNK = 4096


class TextCache:
    """Token features of unique captions in folder `dir`, made as needed by `ensure`, read back by `get`."""

    def __init__(self, dir: Path | str, *, max_tokens: int = MAX_TOKENS) -> None:
        self.dir = Path(dir)
        self.max_tokens = max_tokens
        self._tokenizer: Tokenizer | None = None
        self._pieces: dict[str, array[int]] = {}
        self.dir.mkdir(parents=True, exist_ok=True)
        self._read()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, caption: str) -> bool:
        return caption in self._rows

    def ensure(
        self,
        captions: Iterable[str],
        progress: Callable[[int, int], None] | None = None,
        tower: TextTower | None = None,
    ) -> int:
        """Encode the captions not yet held (the trunk in the faster precision) and return how many were new.

        `progress(done, total)` is called after each chunk. Safe against a kill and against a second process.
        """
        wanted = dict.fromkeys(captions)
        if all(c in self._rows for c in wanted):
            return 0
        with self._lock():
            self._read()
            new = [c for c in wanted if c not in self._rows]
            if not new:
                return 0
            tower = tower or TextTower(precision="auto")
            for start in range(0, len(new), _CHUNK):
                self._append(new[start : start + _CHUNK], tower)
                if progress:
                    progress(min(start + _CHUNK, len(new)), len(new))
            self._read()
        return len(new)

    def get(self, captions: Sequence[str]) -> TextFeatures:
        """Features of captions that `ensure` has seen, padded to the longest of them.

        Raises:
            BadInput: a caption is not in the cache.
        """
        try:
            rows = np.fromiter((self._rows[c] for c in captions), dtype=np.int64, count=len(captions))
        except KeyError as error:
            raise BadInput(f"caption {error.args[0]!r} is not in text cache {self.dir}; ensure() it first") from None
        first = self._offsets[rows]
        lengths = self._offsets[rows + 1] - first
        longest = int(lengths.max()) if len(rows) else 0
        at = first[:, None] + np.minimum(np.arange(longest), lengths[:, None] - 1)
        mask = torch.from_numpy(np.arange(longest) < lengths[:, None])
        tokens = torch.from_numpy(np.take(self._tokens, at, axis=0)).float().mul_(mask[..., None])
        return TextFeatures(
            tokens=tokens, mask=mask, pooled=mean_pool(tokens, mask), ids=padded_ids(self._ids(captions))
        )

    def _ids(self, captions: Sequence[str]) -> list[list[int]]:
        """Word-piece ids of captions; those made before are kept."""
        new = [c for c in dict.fromkeys(captions) if c not in self._pieces]
        if new:
            self._tokenizer = self._tokenizer or read_tokenizer(self.max_tokens)
            self._pieces |= {c: array("H", e.ids) for c, e in zip(new, self._tokenizer.encode_batch(new))}
        return [self._pieces[c].tolist() for c in captions]

    def _read(self) -> None:
        index_path = self.dir / "index.json"
        expected = {"format": 1, "trunk": TRUNK, "max_tokens": self.max_tokens}
        if not index_path.exists():
            self._index: dict[str, Any] = {**expected, "captions": 0, "tokens": 0, "caption_bytes": 0}
        else:
            self._index = json.loads(index_path.read_text())
            for key, value in expected.items():
                if self._index.get(key) != value:
                    held = self._index.get(key)
                    raise BadInput(f"text cache {self.dir} has {key} {held!r}, not {value!r}; use another folder")
        count, num_tokens, num_bytes = (int(self._index[k]) for k in ("captions", "tokens", "caption_bytes"))
        self._rows: dict[str, int] = {}
        self._offsets = np.zeros(count + 1, dtype=np.int64)
        self._tokens = np.zeros((0, TEXT_DIM), dtype=np.float16)
        if not count:
            return
        try:
            lengths = np.fromfile(self.dir / "lengths.u16", dtype=np.uint16, count=count)
            np.cumsum(lengths, out=self._offsets[1:])
            with open(self.dir / "captions.jsonl", "rb") as file:
                lines = file.read(num_bytes).decode().splitlines()
            self._rows = {json.loads(line): row for row, line in enumerate(lines)}
            self._tokens = np.memmap(self.dir / "tokens.f16", dtype=np.float16, mode="r", shape=(num_tokens, TEXT_DIM))
        except (OSError, ValueError) as error:
            raise CorruptFile(f"text cache {self.dir} cannot be read ({error}); delete it to build it anew") from error
        if len(self._rows) != count or self._offsets[-1] != num_tokens:
            raise CorruptFile(f"text cache {self.dir} does not match its index; delete it to build it anew")

    def _append(self, captions: list[str], tower: TextTower) -> None:
        features = tower.encode(captions, self.max_tokens)
        lengths = features.mask.sum(1).cpu().numpy().astype(np.uint16)
        text = "".join(json.dumps(c) + "\n" for c in captions).encode()
        tokens = features.tokens[features.mask].half().cpu().numpy()
        index = self._index
        for name, size, data in (
            ("tokens.f16", index["tokens"] * _ROW_BYTES, tokens.tobytes()),
            ("lengths.u16", index["captions"] * 2, lengths.tobytes()),
            ("captions.jsonl", index["caption_bytes"], text),
        ):
            with open(self.dir / name, "ab") as file:
                file.truncate(size)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        index["captions"] += len(captions)
        index["tokens"] += int(lengths.sum())
        index["caption_bytes"] += len(text)
        write_json(self.dir / "index.json", index)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with open(self.dir / ".lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
