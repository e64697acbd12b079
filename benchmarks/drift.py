"""How often drift is seen where there is none, and how soon where there is: prompts made up by the scene grammar, pictures drawn for them.

    .venv/bin/python benchmarks/drift.py                writes benchmarks/drift.json and prints the table of docs/hardening.md

Traffic is simulated: captions of made-up scenes, each once; people repeat themselves more. One reference and the windows after it are cut
from a shuffled pool, several times over. Changed traffic takes a share of its window from another pool: prompts of genres that the first
never has, or pictures of the same prompts by weights that were disturbed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.stage import scene_at
from pixelmind.files import write_json
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.lifecycle.drift import F64, FIGURES, REFERENCE, WINDOW, Window, figures
from pixelmind.records import Conditioning, GenerationRequest
from pixelmind.training.weights import Bundle, released

OUT = Path(__file__).with_name("drift.json")
ALARM = 0.005
USUAL, OTHER = ("fantasy", "ancient", "pirate", "farm", "western"), ("sci-fi", "cyberpunk", "space")
SHARES = (0.1, 0.2, 0.3, 0.5, 1.0)


def prompts(genres: tuple[str, ...], count: int, seed: int) -> list[str]:
    """Different prompts of these genres."""
    config = SynthConfig(genres=genres, max_size=32, composed=0.2, seed=seed)
    found: dict[str, None] = {}
    for index in range(10 * count):
        captions = scene_at(config, index).captions
        found[captions[index % len(captions)]] = None
        if len(found) == count:
            return list(found)
    raise AssertionError("too few different prompts")


def disturbed(folder: Path, spread: float) -> Path:
    """The released weights with noise of so many standard deviations on each matrix of level 16."""
    bundle = Bundle(shutil.copytree(released(), folder))
    tensors, about = bundle.get("level16")
    rng = torch.Generator().manual_seed(0)
    noisy = {
        n: t + spread * t.std() * torch.randn(t.shape, generator=rng) if t.ndim > 1 else t for n, t in tensors.items()
    }
    bundle.put("level16", noisy, **{k: v for k, v in about.items() if k not in ("file", "sha256", "bytes")})
    return folder


def pictures(pipe: PixelPipeline, asked: list[str]) -> F64:
    """Figures of 16x16 pictures of the prompts."""
    out = []
    for start in range(0, len(asked), 16):
        requests = [
            GenerationRequest(
                conditioning=Conditioning(prompt=p, height=16, width=16), seed=start + i, num_inference_steps=8
            )
            for i, p in enumerate(asked[start : start + 16])
        ]
        out += [figures(result.sprites[0]) for result in pipe.generate_batch(requests)]
    return np.array(out)


def embedded(pipe: PixelPipeline, asked: list[str]) -> F64:
    """Sentence embeddings of the prompts."""
    parts = [pipe.text_tower.encode(asked[i : i + 64]).pooled.numpy() for i in range(0, len(asked), 64)]
    return np.concatenate(parts).astype(np.float64)


def trials(
    usual: Window, other: Window, share: float, count: int, shuffles: int
) -> Iterator[list[tuple[float, float]]]:
    """p of prompts and of outputs in `count` windows after one reference, for several shuffles."""
    rng = np.random.default_rng(round(1000 * share))
    new = round(share * WINDOW)
    for _ in range(shuffles):
        order = rng.permutation(len(usual.prompts))
        take = lambda w, rows: Window(w.prompts[rows], w.outputs[rows])  # noqa: E731
        reference, found = take(usual, order[:REFERENCE]), []
        for k in range(count):
            start = REFERENCE + k * (WINDOW - new)
            old = take(usual, order[start : start + WINDOW - new])
            added = take(other, rng.permutation(len(other.prompts))[:new])
            window = Window(np.concatenate([old.prompts, added.prompts]), np.concatenate([old.outputs, added.outputs]))
            prompt, output = window.against(reference)
            found.append((prompt.p, output.p))
        yield found


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=6800)
    parser.add_argument("--pictures", type=int, default=1800)
    parser.add_argument("--shuffles", type=int, default=10)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pipe = load(threads=1, best_of=1)
    usual, other = prompts(USUAL, asked.prompts, 0), prompts(OTHER, 400, 1)
    words, new_words = embedded(pipe, usual), embedded(pipe, other)
    print(f"{len(usual)} and {len(other)} prompts", file=sys.stderr, flush=True)
    drawn = pictures(pipe, usual[: asked.pictures])
    found: dict[str, Any] = {
        "traffic": "simulated",
        "reference": REFERENCE,
        "window": WINDOW,
        "alarm": ALARM,
        "rows": [],
    }

    def row(what: str, share: float, ps: list[list[float]]) -> None:
        alarms = [np.mean(np.array(one) < ALARM) for one in ps]
        values = {"what": what, "share": share, "windows": sum(map(len, ps)), "alarms": float(np.mean(alarms))}
        found["rows"].append(values | {"most_of_one_reference": float(np.max(alarms))})
        print(found["rows"][-1], file=sys.stderr, flush=True)

    flat = np.zeros((len(words), len(FIGURES)))
    windows = (len(words) - REFERENCE) // WINDOW
    plain = list(trials(Window(words, flat), Window(new_words, flat[: len(new_words)]), 0.0, windows, asked.shuffles))
    row("prompts, nothing changed", 0.0, [[p for p, _ in one] for one in plain])
    for share in SHARES:
        changed = list(trials(Window(words, flat), Window(new_words, np.zeros((len(new_words), len(FIGURES)))), share, 10, 4))
        row("prompts of other genres", share, [[p for p, _ in one] for one in changed])
    few = words[: len(drawn)]
    windows = (len(drawn) - REFERENCE) // WINDOW
    plain = list(trials(Window(few, drawn), Window(few, drawn), 0.0, windows, 4 * asked.shuffles))
    row("pictures, nothing changed", 0.0, [[p for _, p in one] for one in plain])
    with tempfile.TemporaryDirectory() as folder:
        for spread in (0.02, 0.05, 0.1, 0.2):
            weights = disturbed(Path(folder) / f"{spread}", spread)
            worse = pictures(load(weights, threads=1, best_of=1), usual[:400])
            changed = list(trials(Window(few, drawn), Window(few[:400], worse), 1.0, 5, 4))
            row(
                f"pictures of weights with noise of {spread:g} standard deviations",
                1.0,
                [[p for _, p in one] for one in changed],
            )
    write_json(OUT, found)
    print("| traffic | share changed | windows | alarms | most of one reference |\n|---|--:|--:|--:|--:|")
    for r in found["rows"]:
        print(
            f"| {r['what']} | {r['share']:.0%} | {r['windows']} | {r['alarms']:.1%} | {r['most_of_one_reference']:.1%} |"
        )


if __name__ == "__main__":
    main()
