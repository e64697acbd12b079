"""Train each candidate for the same CPU seconds on one thread (constant rate, EMA) and print its held-out error.

Each run directory keeps the whole curve in metrics.jsonl.

python experiments/denoiser_choice/run.py STORE OUT --cpu-seconds 900 --only NAME,NAME
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from unet import UNet

from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.generator.config import LevelConfig
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.generator.stage import store_vocabulary
from pixelmind.generator.task import LevelTask
from pixelmind.training.config import LoopConfig
from pixelmind.training.loop import train

A, B = dict(level=16), dict(level=64)
CANDIDATES = {
    "16-transformer-p4": (A, Denoiser, dict(), dict(optimizer="adamw", lr=1e-3)),
    "16-transformer-p4-stem": (A, Denoiser, dict(stem=32), dict(optimizer="adamw", lr=1e-3)),
    "16-transformer-p4-muon": (A, Denoiser, dict(), dict(optimizer="muon", lr=1e-3)),
    "16-transformer-p2": (A, Denoiser, dict(patch=2, width=192, depth=6), dict(optimizer="adamw", lr=1e-3)),
    "16-unet": (A, UNet, dict(width=256), dict(optimizer="adamw", lr=1e-3)),
    "64-transformer-p4": (
        B,
        Denoiser,
        dict(in_channels=8, width=192, depth=6),
        dict(optimizer="adamw", lr=1e-3),
    ),
    "64-transformer-p4-stem": (
        B,
        Denoiser,
        dict(stem=32, in_channels=8, width=192, depth=6),
        dict(optimizer="adamw", lr=1e-3),
    ),
    "64-unet": (B, UNet, dict(in_channels=8, width=192), dict(optimizer="adamw", lr=1e-3)),
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cpu-seconds", type=float, default=900)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store, cache = Store.open(args.store), TextCache(args.store / "text")
    for name, (level, cls, network, loop) in CANDIDATES.items():
        if args.only and name not in args.only.split(","):
            continue
        torch.manual_seed(0)
        batch = 128 if level["level"] == 16 else 48
        config = LevelConfig(network=DenoiserConfig(**network), **level)
        task = LevelTask(config, store, cache, store_vocabulary(store), batch_size=batch, seed=0)
        cache.ensure(task.captions())
        task.denoiser = (
            UNet(config.network, (64, 128, 192) if config.level == 16 else (48, 96, 192))
            if cls is UNet
            else Denoiser(config.network)
        )
        run = LoopConfig(
            steps=1_000_000,
            batch_size=batch,
            threads=1,
            schedule="constant",
            log_every=100,
            checkpoint_every_seconds=0,
            validate_every=400,
            ema_halflife_samples=(10_000.0,),
            **loop,
        )
        start = time.process_time()
        result = train(
            task,
            run,
            args.out / name,
            resolved_config={"candidate": name},
            stop=lambda start=start: time.process_time() - start > args.cpu_seconds,
        )
        with torch.autocast("cpu", torch.bfloat16):
            figures = task.validate(result.ema[0])
        params = sum(p.numel() for p in task.denoiser.parameters()) / 1e6
        print(
            json.dumps(
                {
                    "candidate": name,
                    "params_m": round(params, 2),
                    "samples": result.samples,
                    "seconds": result.seconds,
                    **{k: round(v, 4) for k, v in figures.items()},
                }
            ),
            flush=True,
        )
