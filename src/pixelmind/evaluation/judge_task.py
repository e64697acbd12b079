"""How the judge is trained: symmetric InfoNCE on the `judge` split only, the `val` split deciding when it was best.

Augmentations keep the words true: mirror (not where the words name a side), shifts of a few cells, a blanked square, a
little brightness, and any of the picture's captions. Pairs of a batch that share a caption or a near-duplicate cluster
count as positives of each other. The best network by validation R@1 is kept, so over-fitting late in a run does no
harm.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.data.store import Store
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput
from pixelmind.evaluation.judge import CANVAS, Judge, JudgeArchitecture, JudgeNet, gram_batch, info_nce, to_canvas
from pixelmind.evaluation.metrics import retrieval
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8
from pixelmind.training.task import Modules, Task

SIDE_WORDS = frozenset({"left", "right", "west", "east", "clockwise"})


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """The `[judge]` table of a preset."""

    network: JudgeArchitecture = field(default_factory=JudgeArchitecture)
    #: Largest share of a batch drawn from procedural pictures, where the store has any.
    procedural_share: float = 0.25
    #: Pictures kept in memory, at most (about 5 kB each).
    max_pictures: int = 60_000
    max_size: int = 128
    #: Chances of the augmentations, and the largest shift in canvas cells.
    mirror: float = 0.5
    erase: float = 0.3
    shift: int = 6
    brightness: float = 0.12
    gram_dropout: float = 0.1

    def __post_init__(self) -> None:
        for name in ("procedural_share", "mirror", "erase", "brightness", "gram_dropout"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"[judge] {name} must lie between 0 and 1, got {getattr(self, name)}")
        if self.max_pictures < 2 or self.shift < 0 or self.max_size < 8:
            raise BadInput("[judge] max_pictures must be at least 2, shift at least 0, max_size at least 8")


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pictures with all their captions, of one split. `caption_ids` number the captions in `texts`."""

    rgba: list[U8]
    clusters: list[str]
    procedural: NDArray[np.bool_]
    caption_ids: list[tuple[int, ...]]
    texts: list[str]

    def __len__(self) -> int:
        return len(self.rgba)


def read_pairs(data: Sequence[Path | str], split: str, config: JudgeConfig) -> Pairs:
    """Read one split of the stores, never evaluation-only art."""
    rgba: list[U8] = []
    clusters: list[str] = []
    procedural: list[bool] = []
    ids: list[tuple[int, ...]] = []
    text_ids: dict[str, int] = {}
    where = f"split = '{split}' AND NOT evaluation_only AND width <= {config.max_size} AND height <= {config.max_size}"
    for path in data:
        for row in Store.open(path).scan(["png", "cluster", "source", "captions"], filter=where):
            if len(rgba) == config.max_pictures:
                break
            rgba.append(decode_png(row["png"]))
            clusters.append(row["cluster"])
            procedural.append(row["source"].startswith("procedural"))
            ids.append(tuple(text_ids.setdefault(c, len(text_ids)) for c in row["captions"]))
    return Pairs(
        rgba=rgba, clusters=clusters, procedural=np.array(procedural, dtype=bool), caption_ids=ids, texts=list(text_ids)
    )


def augment(canvas: U8, rng: np.random.Generator, config: JudgeConfig, *, mirror: bool) -> U8:
    """Return a changed copy of a premultiplied canvas uint8 [64, 64, 4]."""
    out = canvas[:, ::-1] if mirror and rng.random() < config.mirror else canvas
    dy, dx = (int(v) for v in rng.integers(-config.shift, config.shift + 1, 2))
    moved: U8 = np.zeros_like(canvas)
    size = CANVAS
    moved[max(dy, 0) : size + min(dy, 0), max(dx, 0) : size + min(dx, 0)] = out[
        max(-dy, 0) : size + min(-dy, 0), max(-dx, 0) : size + min(-dx, 0)
    ]
    if rng.random() < config.erase:
        h, w = (int(v) for v in rng.integers(8, 25, 2))
        y, x = int(rng.integers(size - h + 1)), int(rng.integers(size - w + 1))
        moved[y : y + h, x : x + w] = 0
    gain = 1 + config.brightness * (2 * rng.random() - 1)
    moved[..., :3] = np.minimum(moved[..., :3] * gain, moved[..., 3:])
    return moved


class JudgeTask(Task):
    """The judge's networks, batches and loss for the one training loop."""

    def __init__(
        self,
        config: JudgeConfig,
        data: Sequence[Path | str],
        *,
        batch_size: int,
        seed: int,
        encode: Callable[[list[str]], Tensor] | None = None,
    ) -> None:
        """Read the `judge` and `val` splits and encode their captions once.

        Raises:
            BadInput: fewer than 2 pictures in the `judge` split.
        """
        self.config, self.seed, self.batch_samples = config, seed, batch_size
        self.data_hash = "+".join(Store.open(p).manifest_hash for p in data)
        self.pairs, self.held_out = read_pairs(data, "judge", config), read_pairs(data, "val", config)
        if len(self.pairs) < 2:
            raise BadInput("the store's judge split holds fewer than 2 pictures; import more art")
        encode = encode or (lambda texts: TextTower(precision="auto").encode(texts).pooled)
        self.sentences = encode(self.pairs.texts).half()
        self.grams = gram_batch(self.pairs.texts, config.network.num_buckets).to(torch.int32)
        self.sided = [bool(SIDE_WORDS & set(t.replace(",", " ").split())) for t in self.pairs.texts]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = JudgeNet(config.network)
        self._judge = Judge(copy.deepcopy(self.net))
        self.best: JudgeNet | None = None
        self.best_figures: dict[str, float] = {}
        real, drawn = np.flatnonzero(~self.pairs.procedural), np.flatnonzero(self.pairs.procedural)
        self._pools = (real, drawn) if len(real) and len(drawn) else (np.arange(len(self.pairs)), drawn[:0])

    def modules(self) -> dict[str, nn.Module]:
        """The one network."""
        return {"judge": self.net}

    def batch(self, step: int) -> dict[str, Tensor]:
        """Return canvases uint8 [B, 64, 64, 4], grams, sentence vectors and the bool [B, B] of shared positives."""
        rng = np.random.default_rng((self.seed, 2, step))
        main, drawn = self._pools
        num_drawn = int(self.batch_samples * self.config.procedural_share) if len(drawn) else 0
        rows = np.concatenate([_draw(rng, drawn, num_drawn), _draw(rng, main, self.batch_samples - num_drawn)])
        canvases, chosen = [], []
        for r in rows.tolist():
            ids = self.pairs.caption_ids[r]
            caption = ids[int(rng.integers(len(ids)))]
            chosen.append(caption)
            canvases.append(augment(to_canvas(self.pairs.rgba[r]), rng, self.config, mirror=not self.sided[caption]))
        grams = self.grams[chosen].long()
        grams[torch.from_numpy(rng.random(grams.shape) < self.config.gram_dropout)] = 0
        return {
            "canvas": torch.from_numpy(np.stack(canvases)),
            "grams": grams,
            "sentence": self.sentences[chosen].float(),
            "same": torch.from_numpy(self._same(rows, chosen)),
        }

    def _same(self, rows: NDArray[np.int64], chosen: list[int]) -> NDArray[np.bool_]:
        """Pairs whose chosen caption is also the other's, or that lie in one cluster."""
        holds: dict[int, list[int]] = {}
        for i, r in enumerate(rows.tolist()):
            for caption in self.pairs.caption_ids[r]:
                holds.setdefault(caption, []).append(i)
        same = np.eye(len(rows), dtype=bool)
        for i, caption in enumerate(chosen):
            same[i, holds[caption]] = True
        clusters = np.array([self.pairs.clusters[r] for r in rows])
        same |= clusters[:, None] == clusters[None]
        result: NDArray[np.bool_] = same | same.T
        return result

    def loss(self, batch: Any, rng: torch.Generator) -> dict[str, Tensor]:
        """Symmetric InfoNCE."""
        _, image = self.net.image(batch["canvas"])
        text = self.net.text(batch["grams"], batch["sentence"])
        with torch.autocast(image.device.type, enabled=False):
            image, text = F.normalize(image.float(), dim=1), F.normalize(text.float(), dim=1)
            loss = info_nce(image, text, self.net.logit_scale, batch["same"])
        return {"loss": loss, "logit_scale": self.net.logit_scale.detach().exp()}

    def validate(self, ema_modules: Modules) -> dict[str, float]:
        """Return R@1 and R@5 of 100 on the `val` split, and keep the network where R@1 is the best so far."""
        net = ema_modules["judge"]
        assert isinstance(net, JudgeNet)
        self._judge.net = net.eval()
        figures = recall(self._judge, self.held_out)
        if figures and figures["R@1 of 100"] >= self.best_figures.get("R@1 of 100", 0.0):
            self.best, self.best_figures = copy.deepcopy(net), figures
        return figures


def _draw(rng: np.random.Generator, pool: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Draw without replacement while the pool lasts."""
    result: NDArray[np.int64] = rng.choice(pool, count, replace=count > len(pool)) if count else pool[:0]
    return result


def recall(judge: Judge, pairs: Pairs, *, limit: int = 1000, seed: int = 0) -> dict[str, float]:
    """Return image-to-text R@1 and R@5 of 100 over real pairs (all, where none is real); {} where there are too few."""
    rows = np.flatnonzero(~pairs.procedural)
    rows = rows if len(rows) > 1 else np.arange(len(pairs))
    captions = [tuple(pairs.texts[c] for c in pairs.caption_ids[r]) for r in rows]
    own = np.random.default_rng(seed).permutation(len(rows))[:limit].tolist()
    try:
        texts, pools = retrieval.build_pools(captions, [pairs.clusters[r] for r in rows], own, seed=seed)
    except BadInput:
        return {}
    rank = retrieval.ranks(judge.image_features([pairs.rgba[rows[i]] for i in own]), judge.text_features(texts), pools)
    return {
        "R@1 of 100": retrieval.recall_at(rank, 1),
        "R@5 of 100": retrieval.recall_at(rank, 5),
        "n": float(len(own)),
        "pool": float(pools.shape[1]),
    }
