"""What the one loop trains here: pictures and words of the store, augmented together, under symmetric InfoNCE."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pixelmind.data.loader import Loader
from pixelmind.data.store import Store
from pixelmind.encoder.augment import augment, caption_variants
from pixelmind.encoder.config import EncoderConfig
from pixelmind.encoder.info_nce import info_nce
from pixelmind.encoder.model import Encoder, size_groups
from pixelmind.encoder.retrieval import colour_counterfactuals, ranks, recall_at, report, same_words
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8, EvalResult, Split
from pixelmind.training.task import Modules, Task

Progress = Callable[[int, int], None]


class EncoderTask(Task):
    """Binds an `Encoder` to the train split of a store. Every caption's features are put into the text cache first."""

    def __init__(self, config: EncoderConfig, store: Store, progress: Progress | None = None) -> None:
        self.config, self.store, self.seed = config, store, config.loop.seed
        self.batch_samples = config.loop.batch_size
        self.data_hash = store.manifest_hash
        self.loader = Loader(
            store,
            "train",
            config.loop.batch_size,
            config.loop.seed,
            max_size=config.max_size_px,
            temperature=config.temperature,
            max_captions=config.max_captions,
        )
        self.cache = TextCache(config.text_cache or Path(store.path) / "text")
        variants = config.augment.hue_variants
        self.cache.ensure((v for c in self.loader.captions() for v in caption_variants(c, variants)), progress)
        torch.manual_seed(self.seed)
        self.encoder = Encoder(config.network)
        self._val: tuple[list[U8], list[str]] | None = None

    def modules(self) -> dict[str, nn.Module]:
        """The one network."""
        return {"encoder": self.encoder}

    def batch(self, step: int) -> dict[str, Any]:
        """Augmented pictures sorted by size, text tower features, and which rows are no negatives of each other."""
        drawn = self.loader.batch(step)
        rng = np.random.default_rng([self.seed, step, 1])
        pairs = [augment(rgba, text, rng, self.config.augment) for rgba, text in zip(drawn.rgba, drawn.captions)]
        parts, order = size_groups([rgba for rgba, _ in pairs])
        captions = [text for _, text in pairs]
        text = self.cache.get(captions)
        same = same_words(captions) | (drawn.rows[:, None] == drawn.rows[None])
        return {
            "parts": parts,
            "order": order,
            "tokens": text.tokens,
            "mask": text.mask,
            "pooled": text.pooled,
            "same": torch.from_numpy(same),
        }

    def loss(self, batch: dict[str, Any], rng: torch.Generator) -> dict[str, Tensor]:
        """Symmetric InfoNCE; logged beside it: how often the right picture wins in the batch, and the temperature."""
        images = self.encoder(batch["parts"], batch["order"])
        texts = self.encoder.text_head(batch["tokens"], batch["mask"], batch["pooled"])
        loss = info_nce(images, texts, self.encoder.logit_scale, batch["same"])
        with torch.no_grad():
            similarity = texts.float() @ images.float().T
            rivals = similarity.masked_fill(batch["same"], -torch.inf).amax(1)
            accuracy = (similarity.diagonal() > rivals).float().mean()
        return {"loss": loss, "batch_accuracy": accuracy, "logit_scale": self.encoder.logit_scale}

    def validate(self, ema_modules: Modules) -> dict[str, float]:
        """R@1 both ways among pictures of the val split; nothing where the store has none."""
        encoder = ema_modules["encoder"]
        assert isinstance(encoder, Encoder)
        if self._val is None:
            self._val = self.pairs("val", self.config.val_pictures)
        images, captions = self._val
        if len(images) < 2:
            return {}
        similarity = (encoder.encode_images(images) @ self._texts(encoder, captions).T).float().cpu().numpy()
        relevant = same_words(captions)
        return {
            "image_to_text_r@1": recall_at(ranks(similarity, relevant), 1),
            "text_to_image_r@1": recall_at(ranks(similarity.T, relevant), 1),
        }

    def test(self, encoder: Encoder) -> list[EvalResult]:
        """The figures of `retrieval.report` on the test split, and the colour counterfactual accuracy.

        Raises:
            BadInput: the test split has fewer than two pictures.
        """
        images, captions = self.pairs("test", self.config.test_pictures)
        if len(images) < 2:
            raise BadInput(
                f"{self.store.path} has {len(images)} pictures in its test split; the report needs at least 2"
            )
        x, y = encoder.encode_images(images), self._texts(encoder, captions)
        results = report(x.cpu().numpy(), y.cpu().numpy(), captions)
        wrong = colour_counterfactuals(captions, variants=3)
        if wrong:
            rows = [i for i, texts in wrong.items() for _ in texts]
            rivals = self._texts(encoder, [t for texts in wrong.values() for t in texts])
            lost = (x[rows] * rivals).sum(1) >= (x[rows] * y[rows]).sum(1)
            failed = {i for i, bad in zip(rows, lost.tolist()) if bad}
            share = 1 - len(failed) / len(wrong)
            chance = float(np.mean([1 / (1 + len(texts)) for texts in wrong.values()]))
            note = "the true caption beats the same caption with its hue words renamed"
            results.append(
                EvalResult(metric="colour_counterfactual", value=share, n=len(wrong), baseline=chance, note=note)
            )
        return results

    def pairs(self, split: Split, limit: int) -> tuple[list[U8], list[str]]:
        """Up to `limit` pictures of a split, evenly picked over the store, each with its first caption."""
        try:
            rows = Loader(self.store, split, 1, self.seed, max_size=self.config.max_size_px).rows
        except BadInput:  # the split is empty
            return [], []
        picked = rows[np.unique(np.linspace(0, len(rows) - 1, min(limit, len(rows))).astype(np.int64))]
        found = self.store.take(picked, ("png", "captions"))
        return [decode_png(row["png"]) for row in found], [row["captions"][0] for row in found]

    def _texts(self, encoder: Encoder, captions: list[str], batch_size: int = 512) -> Tensor:
        self.cache.ensure(captions)
        device = encoder.logit_scale.device
        parts = [captions[i : i + batch_size] for i in range(0, len(captions), batch_size)]
        with torch.no_grad():
            return torch.cat([encoder.text_features(self.cache.get(part).to(device)) for part in parts])
