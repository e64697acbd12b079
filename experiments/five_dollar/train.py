"""Train the Five-Dollar-style baseline on a store for some minutes, or evaluate a trained one. See README.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))
from model import NOISE_DIM, NUM_COLORS, FiveDollarConfig, FiveDollarModel, FiveDollarPipeline, to_classes

from pixelmind.data.loader import Loader
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.pixels.quantize import to_num_colors
from pixelmind.records import U8
from pixelmind.training.checkpoint import run_weights
from pixelmind.training.config import LoopConfig, plain
from pixelmind.training.loop import train
from pixelmind.training.task import Task


def global_palette(loader: Loader, num_pictures: int = 2000, side: int = 128) -> U8:
    """Choose 32 colours for all pictures, uint8 [32, 3]: k-means in OKLab over cells of a fixed draw of pictures."""
    rng = np.random.default_rng(0)
    cells = []
    for step in range(-(-num_pictures // loader.batch_size)):
        for rgba in loader.batch(step).rgba:
            opaque = rgba[rgba[..., 3] == 255]
            cells.append(opaque[rng.integers(len(opaque), size=16)] if len(opaque) else opaque)
    pool = np.concatenate(cells)
    canvas = pool[rng.integers(len(pool), size=side * side)].reshape(side, side, 4)
    colors = to_num_colors(canvas, NUM_COLORS).palette[:, :3]
    return np.pad(colors, ((0, NUM_COLORS - len(colors)), (0, 0)), mode="edge")


class FiveDollarTask(Task):
    """Cross-entropy of the palette class of every pixel."""

    def __init__(self, config: FiveDollarConfig, store: Store, cache: TextCache, *, batch_size: int, seed: int) -> None:
        self.batch_samples, self.seed, self.data_hash, self.cache = batch_size, seed, store.manifest_hash, cache
        self.loader = Loader(
            store,
            "train",
            batch_size,
            seed,
            max_size=32,
            bucket_fn=lambda h, w: (np.maximum(h, w) > 16).astype(np.int64),
        )
        self.palette = global_palette(self.loader)
        cache.ensure(self.loader.captions())
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = FiveDollarModel(config)
        self.net.register_buffer("palette", torch.from_numpy(self.palette.astype(np.float32)))

    def modules(self) -> dict[str, nn.Module]:
        """The one network; the palette travels with it as a buffer."""
        return {"five_dollar": self.net}

    def batch(self, step: int) -> dict[str, Tensor]:
        """Return sentence vectors, noise and classes [B, S, S] of one step."""
        rows = self.loader.batch(step)
        side = 16 if max(rows.heights + rows.widths) <= 16 else 32
        rng = np.random.default_rng((self.seed, 9, step))
        return {
            "pooled": self.cache.get(rows.captions).pooled,
            "noise": torch.from_numpy(rng.normal(size=(len(rows), NOISE_DIM)).astype(np.float32)),
            "classes": torch.from_numpy(np.stack([to_classes(r, self.palette, side) for r in rows.rgba])),
        }

    def loss(self, batch: Any, rng: torch.Generator) -> dict[str, Tensor]:
        """Cross-entropy over 33 classes."""
        logits = self.net(batch["pooled"], batch["noise"], batch["classes"].shape[-1])
        return {"loss": F.cross_entropy(logits.float(), batch["classes"])}


def load_pipeline(run_dir: Path, config: FiveDollarConfig) -> FiveDollarPipeline:
    """Load the newest checkpoint's averaged network."""
    state = run_weights(run_dir)["five_dollar"]
    palette = state["palette"].round().numpy().astype(np.uint8)
    net = FiveDollarModel(config)
    net.load_state_dict({k: v for k, v in state.items() if k != "palette"})
    return FiveDollarPipeline(net, palette)


def main(argv: list[str] | None = None) -> None:
    """Parse arguments and train or evaluate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="store folder")
    parser.add_argument("--out", type=Path, required=True, help="run folder")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--evaluate", type=Path, help="write a report of the trained run here instead of training")
    parser.add_argument("--judge", type=Path, help="folder of the judge")
    parser.add_argument("--prompts", type=int, default=200)
    args = parser.parse_args(argv)
    config = FiveDollarConfig(width=args.width)
    if args.evaluate:
        from pixelmind.evaluation.config import EvaluationConfig
        from pixelmind.evaluation.stage import run

        torch.set_num_threads(args.threads)
        settings = EvaluationConfig(num_prompts=args.prompts)
        for figure in run(settings, load_pipeline(args.out, config), args.data, args.evaluate, judge=args.judge):
            print(f"{figure.section}: {figure.metric} = {figure.value:.4f} (n = {figure.n})")
        return
    task = FiveDollarTask(
        config, Store.open(args.data), TextCache(args.data / "text"), batch_size=args.batch_size, seed=0
    )
    loop = LoopConfig(
        minutes=0.0 if args.steps else args.minutes,
        steps=args.steps,
        batch_size=args.batch_size,
        lr=1e-3,
        threads=args.threads,
        ema_halflife_samples=(5000.0,),
    )
    train(task, loop, args.out, resolved_config={"five_dollar": plain(config)})


if __name__ == "__main__":
    main()
