"""How the segmenter is trained: cross-entropy over the cells of pictures whose parts are known, with a soft Jaccard loss beside it where
asked (Rahman & Wang 2016), from a larger one where there is one (knowledge distillation: Hinton et al. 2015, eq. 3), and its figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.data.config import mix_of
from pixelmind.data.loader import Batch, Loader, regions_of
from pixelmind.data.procedural.regions import REGIONS
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.generator.canvas import place, to_canvas
from pixelmind.generator.segmenter import Segmenter, SegmenterConfig, load_segmenter
from pixelmind.generator.task import SIDE_WORDS
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8, EvalResult, Split
from pixelmind.training.bundle import load_into
from pixelmind.training.config import LoopConfig, plain
from pixelmind.training.loop import TrainResult, train
from pixelmind.training.task import Modules, Task

UNKNOWN = 255  # target of cells that do not count


@dataclass(frozen=True, kw_only=True)
class SegmenterStageConfig:
    """The `[segmenter]` table of a preset."""

    network: SegmenterConfig = field(default_factory=SegmenterConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=10, batch_size=48))
    crop: int = 64
    """Windows of at most this many px a side."""
    cells: int = 0
    """Cells a step: of large windows fewer than a whole batch are learnt; 0 is no limit."""
    jaccard: float = 0.0
    """Weight of the soft Jaccard loss over the classes of a step, all alike, as mean IoU counts them."""
    drop_text: float = 0.5
    """Chance that a picture comes without its words: uploads have none."""
    mirror: float = 0.5
    rare: float = 0.5
    """Weight of a class: its share of cells to the power of minus this."""
    mix: str = ""
    """Shares of real and procedural art, or of single sources; empty: by the loader's temperature."""
    max_captions: int = 4
    init_from: str = ""
    """Bundle whose segmenter a fresh run starts from; it must have the network's shape."""
    teacher: str = ""
    """Bundle whose segmenter is imitated; "released" is the released one's."""
    distill: float = 0.7
    """Share of the loss that is imitation, where there is a teacher."""
    test_pictures: int = 600

    def __post_init__(self) -> None:
        if self.mix:
            mix_of(self.mix)
        for name in ("cells", "jaccard"):
            if getattr(self, name) < 0:
                raise BadInput(f"segmenter.{name} must be 0 or more, got {getattr(self, name)}")
        for name in ("drop_text", "mirror", "rare", "distill"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"segmenter.{name} must lie between 0 and 1, got {getattr(self, name)}")
        if self.crop % self.network.multiple or self.crop < 8:
            raise BadInput(f"segmenter.crop must be a whole multiple of {self.network.multiple}, got {self.crop}")


def soft_jaccard(logits: Tensor, target: Tensor) -> Tensor:
    """1 - mean over the classes that occur of sum(p y) / sum(p + y - p y), for cells' logits [N, K] and classes long [N]."""
    if not len(target):
        return logits.sum() * 0
    p, size = logits.softmax(1), logits.shape[1]
    both = torch.zeros(size, device=p.device).index_add(0, target, p.gather(1, target[:, None])[:, 0])
    true = torch.bincount(target, minlength=size)
    return 1 - (both / (p.sum(0) + true - both).clamp_min(1e-6))[true > 0].mean()


def known_parts(store: Store) -> list[str]:
    """Sources most of whose pictures have a mask with parts."""
    seen: dict[str, list[int]] = {}
    for row in store.scan(["source", "mask_names"], batch=8192):
        counts = seen.setdefault(row["source"], [0, 0])
        counts[0] += 1
        counts[1] += len(row["mask_names"]) > 2
    return sorted(source for source, (all_, parts) in seen.items() if parts * 2 > all_)


class SegmenterTask(Task):
    """Binds the segmenter to the pictures of a store whose parts are known.

    Raises:
        BadInput: the store has none.
    """

    def __init__(self, config: SegmenterStageConfig, store: Store) -> None:
        self.config, self.store, self.seed = config, store, config.loop.seed
        self.batch_samples, self.data_hash = config.loop.batch_size, store.manifest_hash
        self.sources = known_parts(store)
        if not self.sources:
            raise BadInput(
                f"{store.path} holds no picture with parts; add drawn scenes with: pixelmind data synth --out {store.path}"
            )
        self.loader = self._loader("train", config.loop.batch_size)
        self.cache = TextCache(Path(store.path) / "text")
        torch.manual_seed(self.seed)
        self.segmenter = Segmenter(config.network)
        if config.init_from:
            load_into(
                {"segmenter": self.segmenter},
                {"segmenter": load_segmenter(config.init_from).state_dict()},
                f"the segmenter of {config.init_from}",
            )
        self.teacher: Segmenter | None = None
        if config.teacher:
            self.teacher = load_segmenter(None if config.teacher == "released" else config.teacher)
        counts = np.ones(len(REGIONS))
        for step in range(40):
            for regions in self.loader.batch(step).regions:
                if regions is not None:
                    counts += np.bincount(regions.ravel(), minlength=len(REGIONS))
        weights = (counts / counts.sum()) ** -config.rare
        self.weights = torch.from_numpy(weights / np.average(weights, weights=counts)).float()

    def _loader(self, split: Split, batch: int) -> Loader:
        multiple = self.config.network.multiple
        crop = self.config.crop

        def bucket(heights: NDArray[np.int64], widths: NDArray[np.int64]) -> NDArray[np.int64]:
            h, w = (np.minimum(-(-sides // multiple) * multiple, crop) for sides in (heights, widths))
            return h * 1024 + w

        mix = mix_of(self.config.mix) if self.config.mix else None
        kwargs: dict[str, Any] = {
            "mix": mix,
            "sources": self.sources,
            "masks": True,
            "max_size": 256,
            "bucket_fn": bucket,
        }
        return Loader(self.store, split, batch, self.seed, max_captions=self.config.max_captions, **kwargs)

    def captions(self) -> list[str]:
        """Every caption the task can meet, for the text cache."""
        return self.loader.captions()

    def modules(self) -> dict[str, nn.Module]:
        """The one network."""
        return {"segmenter": self.segmenter}

    def to(self, device: torch.device) -> None:
        """Move the teacher."""
        if self.teacher is not None:
            self.teacher.to(device)

    def batch(self, step: int) -> dict[str, Tensor]:
        """Canvases [B, 4, H, W], targets long [B, H, W] with `UNKNOWN` where a cell does not count, pooled text [B, 384]."""
        rows = self.loader.batch(step)
        rng = np.random.default_rng((self.seed, 2, step))
        first = self._window(rows, 0, rng)
        count = min(len(rows), max(1, self.config.cells // first[1].size)) if self.config.cells else len(rows)
        canvases, targets = zip(first, *(self._window(rows, index, rng) for index in range(1, count)))
        told = torch.from_numpy(rng.random(count) >= self.config.drop_text)
        return {
            "canvas": torch.from_numpy(np.stack(canvases)),
            "target": torch.from_numpy(np.stack(targets)).long(),
            "pooled": self.cache.get(rows.captions[:count]).pooled * told[:, None],
        }

    def _window(self, rows: Batch, index: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], U8]:
        rgba, regions = rows.rgba[index], rows.regions[index]
        target = np.full(rgba.shape[:2], UNKNOWN, np.uint8) if regions is None else regions
        target = np.where(rgba[..., 3] == 0, np.uint8(0), target)
        multiple, crop = self.config.network.multiple, self.config.crop
        height, width = (min(-(-side // multiple) * multiple, crop) for side in target.shape)
        top, left = (int(rng.integers(max(side - crop, 0) + 1)) for side in target.shape)
        cut = (slice(top, top + crop), slice(left, left + crop))
        canvas, y, x = place(to_canvas(rgba[cut]), height, width)
        framed = np.zeros((height, width), np.uint8)  # cells around a picture are clear
        framed[y : y + target[cut].shape[0], x : x + target[cut].shape[1]] = target[cut]
        if rng.random() < self.config.mirror and not SIDE_WORDS & set(rows.captions[index].replace(",", " ").split()):
            canvas, framed = canvas[..., ::-1].copy(), framed[:, ::-1].copy()
        return canvas, framed

    def loss(self, batch: dict[str, Tensor], rng: torch.Generator) -> dict[str, Tensor]:
        """Weighted cross-entropy of known cells; logged beside it: how many of them are right."""
        logits = self.segmenter(batch["canvas"], batch["pooled"]).float()
        target = batch["target"]
        loss = F.cross_entropy(logits, target, self.weights.to(logits.device), ignore_index=UNKNOWN)
        if self.config.jaccard:
            counted = (target != UNKNOWN) & (batch["canvas"][:, 3] > -1)
            loss = loss + self.config.jaccard * soft_jaccard(logits.movedim(1, -1)[counted], target[counted])
        with torch.no_grad():
            counted = (target != UNKNOWN) & (target != 0)
            right = (logits.argmax(1) == target) & counted
        return {"loss": loss, "accuracy": right.sum() / counted.sum().clamp_min(1)}

    def validate(self, ema_modules: Modules) -> dict[str, float]:
        """Mean IoU on the `val` split, without words; nothing where it is empty."""
        segmenter = ema_modules["segmenter"]
        assert isinstance(segmenter, Segmenter)
        found = self.measure(segmenter, "val", 128, None)
        return {"miou": found[0].value} if found else {}

    def measure(
        self, segmenter: Segmenter, split: Split, limit: int, source: str | None, told: bool = False
    ) -> list[EvalResult]:
        """Mean IoU over the classes of the opaque cells of up to `limit` pictures whose parts are known.

        With `told` the segmenter is told the first caption of each, as it is of a picture that was just drawn; else nothing.

        IoU of a class is counted over all pictures together (Everingham et al. 2015, sec. 4.3.1) and averaged over the classes that
        occur. Clear cells are left out: alpha tells them.
        """
        columns = self.store.columns("source", "split")
        wanted = np.isin(columns["source"].astype(str), self.sources if source is None else [source])
        rows = np.flatnonzero(wanted & (columns["split"].astype(str) == split))
        picked = (
            rows[np.unique(np.linspace(0, len(rows) - 1, min(limit, len(rows))).astype(np.int64))]
            if len(rows)
            else rows
        )
        confusion, count, size = np.zeros((len(REGIONS), len(REGIONS)), np.int64), 0, len(REGIONS)
        table = self.store.take(picked, ("png", "mask_png", "mask_names", "captions"))
        captions = [row["captions"][0] if row["captions"] else "" for row in table]
        if told:
            self.cache.ensure(captions)
        for row, caption in zip(table, captions):
            truth = regions_of(row)
            if truth is None:
                continue
            rgba = decode_png(row["png"])
            mask, names = segmenter.segment(rgba, self.cache.get([caption]).pooled[0] if told else None)
            found = np.array([REGIONS.index(name) for name in names])[mask]
            opaque = rgba[..., 3] > 0
            confusion += np.bincount(truth[opaque] * np.int64(size) + found[opaque], minlength=size**2).reshape(
                size, size
            )
            count += 1
        where = (source or "every source with parts") + (", words told" if told else "")
        return _figures(confusion, count, where) if count else []


def _figures(confusion: NDArray[np.int64], count: int, where: str) -> list[EvalResult]:
    """Figures of a confusion matrix [truth, found] over cells."""
    right, truth, found = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    seen = truth > 0
    iou = right[seen] / (truth + found - right)[seen]
    note = f"{where}: {int(seen.sum())} region classes of the opaque cells"
    return [
        EvalResult(metric="miou", value=float(iou.mean()), n=count, note=note),
        EvalResult(metric="cells_right", value=float(right.sum() / confusion.sum()), n=count, note=note),
    ]


def run(config: SegmenterStageConfig, data_dir: Path, out_dir: Path) -> tuple[TrainResult, list[EvalResult]]:
    """Train on the store at `data_dir` in the run directory `out_dir`, or go on from where it stands; measure on its test split.

    Writes a bundle with part "segmenter" (the EMA weights) and report.json beside the loop's own files.

    Raises:
        BadInput: no store there, or none of its pictures has parts.
    """
    store = Store.open(data_dir)
    task = SegmenterTask(config, store)
    task.cache.ensure(task.captions())
    settings = {key: value for key, value in plain(config).items() if key != "loop"}
    trained = train(task, config.loop, out_dir, resolved_config={"segmenter": settings})
    segmenter = (trained.ema[0] if trained.ema else trained.modules)["segmenter"]
    assert isinstance(segmenter, Segmenter)
    segmenter.cpu().eval()
    figures = [
        figure
        for source in (None, *task.sources)
        for told in (False, True)
        for figure in task.measure(segmenter, "test", config.test_pictures, source, told)
    ]
    about = {"samples": trained.samples, "seconds": round(trained.seconds, 1), "data": store.manifest_hash}
    segmenter.save(out_dir, **about)
    results = [figure.to_dict() for figure in figures]
    write_json(out_dir / "report.json", {"format": 1, "split": "test", **about, "results": results})
    return trained, figures
