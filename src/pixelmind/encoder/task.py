"""What the one loop trains here: pictures and words of the store, augmented together, under symmetric InfoNCE.

A picture's negatives are the other pairs of its batch, of which some are its mined neighbours, and captions that are false
of it in one fact. A batch is a function of settings, seed and step, and of the index that was mined before that step.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.data.config import mix_of
from pixelmind.data.loader import Loader
from pixelmind.data.store import Store
from pixelmind.encoder.augment import augment, caption_variants, false_colours, mirror_caption
from pixelmind.encoder.config import EncoderConfig
from pixelmind.encoder.facts import Fact, by_fact, evenly, is_procedural, stored_facts
from pixelmind.encoder.info_nce import Pairs, Rivals, apart, cosine_temperature, info_nce
from pixelmind.encoder.mining import LAG, NeighbourIndex, nearest, words
from pixelmind.encoder.model import Encoder, size_groups
from pixelmind.encoder.retrieval import caption_key, colour_counterfactuals, ranks, recall_at, report, same_words
from pixelmind.encoder.text_cache import TextCache
from pixelmind.encoder.text_tower import TextFeatures
from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8, EvalResult, Split
from pixelmind.training.task import Modules, Task

Progress = Callable[[int, int], None]
_CHUNK, _ROWS = 512, 4096
_TEXT = ("tokens", "mask", "pooled", "ids")


class _Pair(NamedTuple):
    """A picture, what is said of it, and other captions that are true of it, each with one that is false in one fact."""

    rgba: U8
    caption: str
    facts: list[Fact]


class EncoderTask(Task):
    """Binds an `Encoder` to the train split of one store or several. Every caption's features are put into the text cache first.

    Mined neighbours are kept in `index_dir`; without one nothing is mined.
    """

    def __init__(
        self,
        config: EncoderConfig,
        stores: Store | Sequence[Store],
        progress: Progress | None = None,
        index_dir: Path | None = None,
    ) -> None:
        self.config, self.seed = config, config.loop.seed
        self.stores = [stores] if isinstance(stores, Store) else list(stores)
        self.batch_samples = config.loop.batch_size
        hashes = [store.manifest_hash for store in self.stores]
        self.data_hash = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
        self.loader = Loader(
            self.stores,
            "train",
            config.loop.batch_size,
            config.loop.seed,
            mix=mix_of(config.mix) if config.mix else None,
            max_size=config.max_size_px,
            temperature=config.temperature,
            max_captions=config.max_captions,
        )
        negatives = config.negatives
        limit = negatives.stored_pictures if negatives.counterfactuals and negatives.stored else 0
        self.facts = stored_facts(self.loader, limit) if limit else {}
        self.cache = TextCache(config.text_cache or Path(self.stores[0].path) / "text")
        drawable = self.loader.captions()
        self._read_words(frozenset(drawable))
        self.cache.ensure(self._wordings(), progress)
        self.index_dir = index_dir if negatives.mined or negatives.mined_captions else None
        self._index: tuple[int, NeighbourIndex] | None = None
        if self.index_dir is not None:
            self.refresh_every = negatives.every
            self._read_pool(frozenset(drawable))
        torch.manual_seed(self.seed)
        self.encoder = Encoder(config.network)
        self._val: tuple[list[U8], list[str]] | None = None

    def _read_words(self, drawable: frozenset[str]) -> None:
        """What is said of each of the loader's pictures in any caption, its cluster, and the captions that may be drawn."""
        keys: dict[str, int] = {}
        self._clusters: dict[int, str] = {}
        self._keys: dict[int, frozenset[int]] = {}
        self._kept: set[str] = set()  # drawn with pictures that keep their colours
        self._free: set[str] = set()
        for start in range(0, len(self.loader.rows), _ROWS):
            rows = self.loader.rows[start : start + _ROWS]
            for row, data in zip(rows.tolist(), self.loader.take(rows, ("captions", "cluster"))):
                self._clusters[row] = data["cluster"]
                self._keys[row] = frozenset(keys.setdefault(caption_key(c), len(keys)) for c in data["captions"])
                (self._kept if row in self.facts else self._free).update(drawable.intersection(data["captions"]))
        self._key_of = keys
        kinds = Counter(fact.kind for facts in self.facts.values() for fact in facts)
        self._weight = {kind: (kinds.total() / len(kinds) / count) ** 0.5 for kind, count in kinds.items()}

    def _wordings(self) -> Iterator[str]:
        """Every text that a batch may hold."""
        for caption in sorted(self._free):
            yield from caption_variants(caption, self.config.augment.hue_variants)
        for caption in sorted(self._kept):
            yield from (caption, mirror_caption(caption))
        for facts in self.facts.values():
            for fact in facts:
                yield from (fact.true, fact.false, mirror_caption(fact.true), mirror_caption(fact.false))

    def modules(self) -> dict[str, nn.Module]:
        """The one network."""
        return {"encoder": self.encoder}

    # ------------------------------------------------------------------------------------------------------ batches
    def batch(self, step: int) -> dict[str, Any]:
        """Augmented pictures sorted by size, text tower features, and which rows are no negatives of each other.

        "rivals" are features of captions that are false of some pictures: "against" bool [B, M] says of which. The first
        of them are false in one fact of the picture "owner" int64 [P]; "facts" are features of as many captions that are
        true of it, "weight" [P] what each pair weighs.
        """
        drawn = self.loader.batch(step)
        rows, pictures, captions = drawn.rows.copy(), list(drawn.rgba), list(drawn.captions)
        further: list[str] = []
        index = self._index_of(step)
        if index is not None:
            further = self._with_neighbours(index, step, rows, pictures, captions)
        rng = np.random.default_rng([self.seed, step, 1])
        pairs = [self._pair(row, rgba, text, rng) for row, rgba, text in zip(rows.tolist(), pictures, captions)]
        parts, order = size_groups([pair.rgba for pair in pairs])
        said = [pair.caption for pair in pairs]
        same = self._may_fit(rows, [*said, *further])
        batch = {"step": step, "parts": parts, "order": order, **self._features(said)}
        batch["same"] = torch.from_numpy(same[:, : len(said)] | same[:, : len(said)].T)
        facts = [(i, fact) for i, pair in enumerate(pairs) for fact in pair.facts]
        if facts or further:
            owner = [i for i, _ in facts]
            against = np.zeros((len(pairs), len(facts) + len(further)), dtype=bool)
            against[owner, np.arange(len(facts))] = True
            against[:, len(facts) :] = ~same[:, len(said) :]
            texts = [fact.false for _, fact in facts] + further
            batch["rivals"] = {**self._features(texts), "against": torch.from_numpy(against)}
        if facts:
            batch["facts"] = self._features([fact.true for _, fact in facts])
            batch["owner"] = torch.tensor(owner)
            batch["weight"] = torch.tensor([self._weight.get(fact.kind, 1.0) for _, fact in facts])
        return batch

    def _may_fit(self, rows: NDArray[np.int64], captions: Sequence[str]) -> NDArray[np.bool_]:
        """Bool [B, M]: whether a caption may be true of a picture: its own or of the same words as one of its captions, or
        of a picture of its cluster; the first B captions belong to the pictures."""
        row_numbers = rows.tolist()
        holders: dict[int, list[int]] = {}
        for i, row in enumerate(row_numbers):
            for key in self._keys[row]:
                holders.setdefault(key, []).append(i)
        fit = np.zeros((len(rows), len(captions)), dtype=bool)
        for j, caption in enumerate(captions):
            fit[holders.get(self._key_of.get(caption_key(caption), -1), []), j] = True
        clusters = np.unique([self._clusters[row] for row in row_numbers], return_inverse=True)[1]
        fit[:, : len(rows)] |= (clusters[:, None] == clusters[None]) | same_words(captions[: len(rows)])
        return fit

    def _pair(self, row: int, rgba: U8, caption: str, rng: np.random.Generator) -> _Pair:
        """A picture as it is shown, its caption, and at most `negatives.counterfactuals` facts.

        One whose store keeps counterfactuals keeps its colours, and where it is shown with them it is mirrored at most: a
        crop or other colours could make one true.
        """
        config = self.config
        most, facts = config.negatives.counterfactuals, self.facts.get(row, ())
        if not facts:
            rgba, text, operation = augment(rgba, caption, rng, config.augment)
            others = false_colours(caption, operation, config.augment.hue_variants) if most else []
            return _Pair(rgba, text, [Fact(text, others[i], "") for i in rng.permutation(len(others))[:most].tolist()])
        use_stored, mirror = rng.random(2)
        if use_stored >= config.negatives.stored:
            rgba, text, _ = augment(rgba, caption, rng, replace(config.augment, grayscale=0.0, hue=0.0))
            return _Pair(rgba, text, [])
        chosen = [facts[i] for i in rng.permutation(len(facts))[:most].tolist()]
        if mirror < config.augment.mirror:
            rgba, caption = np.ascontiguousarray(rgba[:, ::-1]), mirror_caption(caption)
            chosen = [Fact(mirror_caption(f.true), mirror_caption(f.false), f.kind) for f in chosen]
        return _Pair(rgba, caption, chosen)

    def _features(self, captions: Sequence[str]) -> dict[str, Tensor]:
        text = self.cache.get(captions)
        return dict(vars(text))

    # ------------------------------------------------------------------------------------------------------- mining
    def _read_pool(self, drawable: frozenset[str]) -> None:
        """What an index needs of the pictures that stand in it: rows, one caption, all words, clusters."""
        self.pool = evenly(self.loader.rows, self.config.negatives.pool)
        data = self.loader.take(self.pool, ("captions", "cluster"))
        self._captions = [[c for c in row["captions"] if c in drawable] for row in data]
        self._said = [words(row["captions"], shown) for row, shown in zip(data, self._captions)]
        self._pool_clusters = np.unique([row["cluster"] for row in data], return_inverse=True)[1].astype(np.int64)

    def refresh(self, step: int, ema_modules: Modules) -> None:
        """Mine the neighbours of the pool with the weights of the moment; used by batches from `step` + LAG steps on."""
        encoder = ema_modules["encoder"]
        assert isinstance(encoder, Encoder)
        assert self.index_dir is not None
        images = []
        for start in range(0, len(self.pool), _CHUNK):
            rows = self.loader.take(self.pool[start : start + _CHUNK], ("png",))
            images.append(encoder.encode_images([decode_png(row["png"]) for row in rows]))
        texts = self._texts(encoder, [captions[0] for captions in self._captions])
        near = nearest(torch.cat(images), texts, self._said, self._pool_clusters, self.config.negatives.neighbours)
        NeighbourIndex(self.pool, near).save(self.index_dir, step)

    def _index_of(self, step: int) -> NeighbourIndex | None:
        """The index that batches of this step are made with."""
        every = self.config.negatives.every
        made_at = (step - LAG * self.config.loop.accumulate) // every * every
        if self.index_dir is None or made_at < every:
            return None
        if self._index is None or self._index[0] != made_at:
            self._index = (made_at, NeighbourIndex.load(self.index_dir, made_at))
        return self._index[1]

    def _with_neighbours(
        self, index: NeighbourIndex, step: int, rows: NDArray[np.int64], pictures: list[U8], captions: list[str]
    ) -> list[str]:
        """Put neighbours of the first members in the place of the last ones; return captions of further neighbours."""
        rng, settings, size = np.random.default_rng([self.seed, step, 2]), self.config.negatives, len(rows)
        members = round(size * settings.mined)
        near = index.draw(rows[: size - members], rng)
        near = near[near >= 0][:members]
        texts = self._pool_captions(near, rng)
        for place, row, data, text in zip(
            range(size - 1, 0, -1), near.tolist(), self.loader.take(near, ("png",)), texts
        ):
            rows[place], pictures[place], captions[place] = row, decode_png(data["png"]), text
        more = index.draw(rows, rng)
        more = more[more >= 0][: round(size * settings.mined_captions)]
        return list(dict.fromkeys(self._pool_captions(more, rng)))

    def _pool_captions(self, rows: NDArray[np.int64], rng: np.random.Generator) -> list[str]:
        at, u = np.searchsorted(self.pool, rows).tolist(), rng.random(len(rows)).tolist()
        return [self._captions[i][int(v * len(self._captions[i]))] for i, v in zip(at, u)]

    # --------------------------------------------------------------------------------------------------------- loss
    def loss(self, batch: dict[str, Any], rng: torch.Generator) -> dict[str, Tensor]:
        """Symmetric InfoNCE and the loss of false captions.

        Logged beside it: how often the right picture wins in the batch, and the temperature.
        """
        images = self.encoder(batch["parts"], batch["order"])
        texts = self._embed(batch)
        rivals = None
        if "rivals" in batch:
            rivals = Rivals(features=self._embed(batch["rivals"]), against=batch["rivals"]["against"])
        scale: Tensor = self.encoder.logit_scale
        softmax = self.config.softmax
        if softmax.period:
            tau = cosine_temperature(batch["step"], softmax.high, softmax.low, softmax.period)
            scale = torch.full_like(scale, -math.log(tau), requires_grad=False)
        terms = {"loss": info_nce(images, texts, scale, batch["same"], rivals)}
        if rivals is not None and "facts" in batch and self.config.negatives.apart:
            true, owner, weight = self._embed(batch["facts"]), batch["owner"], batch["weight"]
            pairs = Pairs(true=true, false=rivals.features[: len(true)], owner=owner, weight=weight)
            terms["apart"] = apart(images, scale, pairs)
            terms["loss"] = terms["loss"] + self.config.negatives.apart * terms["apart"]
        with torch.no_grad():
            similarity = texts.float() @ images.float().T
            best = similarity.masked_fill(batch["same"], -torch.inf).amax(1)
            accuracy = (similarity.diagonal() > best).float().mean()
        return terms | {"batch_accuracy": accuracy, "logit_scale": scale}

    def _embed(self, text: dict[str, Any]) -> Tensor:
        return self.encoder.text_features(TextFeatures(**{name: text[name] for name in _TEXT}))

    # ------------------------------------------------------------------------------------------------------ figures
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
        """Figures on the test split: `retrieval.report`, alone on real art too where there are both ("real_…"), the
        accuracy on counterfactuals by kind of fact, and on captions of all art with other colours.

        Raises:
            BadInput: the test split has fewer than two pictures.
        """
        images, captions = self.pairs("test", self.config.test_pictures)
        if len(images) < 2:
            where = ", ".join(str(store.path) for store in self.stores)
            raise BadInput(f"{where} has {len(images)} pictures in its test split; the report needs at least 2")
        x, y = encoder.encode_images(images), self._texts(encoder, captions)
        results = report(x.cpu().numpy(), y.cpu().numpy(), captions)
        results += self._colours(encoder, captions, x, y)
        loader = self._held_out("test")
        assert loader is not None
        real = loader.rows[~is_procedural(loader)]
        if 1 < len(real) < len(loader):
            images, captions = self._first_captions(loader, evenly(real, self.config.test_pictures))
            features = encoder.encode_images(images).cpu().numpy(), self._texts(encoder, captions).cpu().numpy()
            results += [replace(r, metric=f"real_{r.metric}") for r in report(*features, captions)]
        return results + self._facts(encoder, stored_facts(loader, self.config.test_pictures), loader)

    def _facts(self, encoder: Encoder, facts: dict[int, tuple[Fact, ...]], loader: Loader) -> list[EvalResult]:
        if not facts:
            return []
        rows = np.array(list(facts), dtype=np.int64)
        x = encoder.encode_images([decode_png(row["png"]) for row in loader.take(rows, ("png",))])
        asked = [(i, fact) for i, row in enumerate(rows.tolist()) for fact in facts[row]]
        x = x[[i for i, _ in asked]]
        true, false = (self._texts(encoder, [getattr(f, name) for _, f in asked]) for name in ("true", "false"))
        won = ((x * true).sum(1) > (x * false).sum(1)).tolist()
        return by_fact([fact.kind for _, fact in asked], won)

    def _colours(self, encoder: Encoder, captions: list[str], x: Tensor, y: Tensor) -> list[EvalResult]:
        wrong = colour_counterfactuals(captions, variants=3)
        if not wrong:
            return []
        rows = [i for i, texts in wrong.items() for _ in texts]
        rivals = self._texts(encoder, [t for texts in wrong.values() for t in texts])
        lost = (x[rows] * rivals).sum(1) >= (x[rows] * y[rows]).sum(1)
        failed = {i for i, bad in zip(rows, lost.tolist()) if bad}
        chance = float(np.mean([1 / (1 + len(texts)) for texts in wrong.values()]))
        note = "the true caption beats the same caption with its hue words renamed"
        share = 1 - len(failed) / len(wrong)
        return [EvalResult(metric="colour_counterfactual", value=share, n=len(wrong), baseline=chance, note=note)]

    def _held_out(self, split: Split) -> Loader | None:
        """The pictures of a split, or None where there are none."""
        try:
            return Loader(self.stores, split, 1, self.seed, max_size=self.config.max_size_px)
        except BadInput:
            return None

    def pairs(self, split: Split, limit: int) -> tuple[list[U8], list[str]]:
        """Up to `limit` pictures of a split, evenly picked over the stores, each with its first caption."""
        loader = self._held_out(split)
        return ([], []) if loader is None else self._first_captions(loader, evenly(loader.rows, limit))

    def _first_captions(self, loader: Loader, rows: NDArray[np.int64]) -> tuple[list[U8], list[str]]:
        found = loader.take(rows, ("png", "captions"))
        return [decode_png(row["png"]) for row in found], [row["captions"][0] for row in found]

    def _texts(self, encoder: Encoder, captions: Sequence[str]) -> Tensor:
        self.cache.ensure(captions)
        device = encoder.logit_scale.device
        parts = [captions[i : i + _CHUNK] for i in range(0, len(captions), _CHUNK)]
        with torch.no_grad():
            return torch.cat([encoder.text_features(self.cache.get(part).to(device)) for part in parts])
