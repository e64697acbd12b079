"""Copy and associative recall with the Neural Turing Machine (Graves et al. 2014, sec. 4.1 and 4.3): learning and length generalisation.

    python experiments/ntm_tasks/run.py --task copy --seeds 0 1 2 --out OUT
    python experiments/ntm_tasks/run.py --task recall --seeds 0 1 2 --out OUT

Copy: 8-bit vectors, trained on lengths 1 to 20, asked at 10 to 100. Recall: items of three 6-bit vectors, trained on 2 to 6 items,
asked at 6 to 20. Written after each seed: OUT/TASK.json with the learning curve and the bit error at each length; a seed that is there
is not run again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelmind.dialogue.ntm import NTM, NTMConfig
from pixelmind.files import write_json

BITS = {"copy": 8, "recall": 6}
TRAINED = {"copy": (1, 20), "recall": (2, 6)}
ASKED = {"copy": (10, 20, 30, 40, 50, 60, 70, 80, 90, 100), "recall": (6, 8, 10, 12, 15, 20)}


def copy(length: int, batch: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs [2 length + 1, B, 9] (bits, then a delimiter, then nothing) and the wanted bits [length, B, 8] of the last steps."""
    bits = torch.randint(0, 2, (length, batch, 8), generator=rng).float()
    inputs = torch.zeros(2 * length + 1, batch, 9)
    inputs[:length, :, :8] = bits
    inputs[length, :, 8] = 1
    return inputs, bits


def recall(items: int, batch: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Items of three 6-bit vectors, each after a delimiter; then one of them between two query marks; wanted is the item after it."""
    bits = torch.randint(0, 2, (items, 3, batch, 6), generator=rng).float()
    asked = torch.randint(0, items - 1, (batch,), generator=rng)
    inputs = torch.zeros(items * 4 + 5 + 3, batch, 8)
    for i in range(items):
        inputs[4 * i, :, 6] = 1
        inputs[4 * i + 1 : 4 * i + 4, :, :6] = bits[i]
    end = 4 * items
    inputs[end, :, 7] = inputs[end + 4, :, 7] = 1
    rows = torch.arange(batch)
    inputs[end + 1 : end + 4, :, :6] = bits[asked, :, rows].transpose(0, 1)
    return inputs, bits[asked + 1, :, rows].transpose(0, 1)


TASKS = {"copy": copy, "recall": recall}


def bit_error(net: NTM, task: str, length: int, batches: int = 5, seed: int = 1) -> float:
    """Share of wrong bits over `batches` x 32 sequences."""
    rng = torch.Generator().manual_seed(seed)
    wrong = []
    with torch.no_grad():
        for _ in range(batches):
            inputs, wanted = TASKS[task](length, 32, rng)
            outputs = net.run(inputs)[0][-len(wanted) :]
            wrong.append(((outputs > 0) != (wanted > 0.5)).float().mean())
    return float(torch.stack(wrong).mean())


def learn(task: str, seed: int, sequences: int, batch: int, lr: float) -> dict[str, Any]:
    """Train one machine and ask it at every length."""
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(1000 + seed)
    bits = BITS[task]
    net = NTM(bits + (1 if task == "copy" else 2), bits, NTMConfig())
    optimizer = torch.optim.RMSprop(net.parameters(), lr=lr, alpha=0.95, momentum=0.9)
    curve, begun, seen, running = [], time.perf_counter(), 0, []
    low, high = TRAINED[task]
    while seen < sequences:
        length = int(torch.randint(low, high + 1, (1,), generator=rng))
        inputs, wanted = TASKS[task](length, batch, rng)
        outputs = net.run(inputs)[0][-len(wanted) :]
        loss = F.binary_cross_entropy_with_logits(outputs, wanted)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(net.parameters(), 10.0)
        optimizer.step()
        seen += batch
        running.append(float(((outputs > 0) != (wanted > 0.5)).float().mean()))
        if len(running) == 100:
            curve.append([seen, sum(running) / 100])
            print(
                f"{task} seed {seed}: {seen} sequences, {time.perf_counter() - begun:.0f} s, bit error {curve[-1][1]:.4f}",
                flush=True,
            )
            running = []
    errors = {str(length): bit_error(net, task, length) for length in ASKED[task]}
    return {
        "seed": seed,
        "sequences": seen,
        "seconds": round(time.perf_counter() - begun, 1),
        "curve": curve,
        "bit_error": errors,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the seeds that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=tuple(TASKS), required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sequences", type=int, default=60_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=3e-4)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    path = args.out / f"{args.task}.json"
    found = json.loads(path.read_text())["runs"] if path.is_file() else []
    for seed in args.seeds:
        if all(run["seed"] != seed for run in found):
            found.append(learn(args.task, seed, args.sequences, args.batch, args.lr))
            write_json(path, {"format": 1, "task": args.task, "batch": args.batch, "lr": args.lr, "runs": found})
    for run in found:
        print(run["seed"], {k: round(v, 4) for k, v in run["bit_error"].items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
