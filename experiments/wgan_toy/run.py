"""WGAN-GP on the toys of Gulrajani et al. 2017: how near the critic's estimate comes to the exact Wasserstein-1 distance.

    OMP_NUM_THREADS=1 .venv/bin/python experiments/wgan_toy/run.py --figure docs/images/wgan_toy.png

Two parts. "fixed": a critic is trained between two fixed distributions, by several settings. "generator": a small generator is trained with
5 critic steps a step of its own; on the way its distance to the data is worked out exactly and held against the critic that is being
trained, and against a fresh critic trained to the end on the generator as it stands. All figures are of samples that no critic saw.

Each result is a line of results.jsonl beside this file; what is there is not run again.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import t as student
from torch import Tensor
from toy import (
    DISTRIBUTIONS,
    CriticTrainer,
    Draw,
    Estimate,
    Settings,
    estimate,
    exact_w1,
    gaussian,
    mlp,
    noised,
    scaled,
    shifted,
    truth,
)

from pixelmind.quality.wgan import N_CRITIC, generator_loss

HERE = Path(__file__).parent
COUNT, SEEDS = 2000, 3
SHIFT, SCALE = (1.0, 0.5), 1.8
SETTINGS = {
    "two-sided, 10": Settings(),
    "one-sided, 10": Settings(one_sided=True),
    "two-sided, 10, lr 1e-4": Settings(lr=1e-4, cooled=False),
    "two-sided, 0.1": Settings(weight=0.1),
    "one-sided, 0.1": Settings(one_sided=True, weight=0.1),
    "one-sided, 1": Settings(one_sided=True, weight=1.0),
    "one-sided, 100": Settings(one_sided=True, weight=100.0),
}
EVERYWHERE = ("two-sided, 10", "one-sided, 10")
"""Settings that are run on all pairs of distributions; the others on the toys against the normal one."""
CHECKS, FRESH = (20, 100, 300, 1000), (100, 1000)
"""Generator steps after which distances are taken, and those at which a fresh critic is trained too."""


def pairs() -> dict[str, tuple[Draw, Draw]]:
    """(P, Q) by name."""
    found: dict[str, tuple[Draw, Draw]] = {}
    for name, draw in DISTRIBUTIONS.items():
        found[f"{name} | normal"] = (draw, gaussian)
        if name != "25 Gaussians":
            found[f"{name} | shifted"] = (draw, shifted(draw, SHIFT))
            found[f"{name} | scaled"] = (draw, scaled(draw, SCALE))
            found[f"{name} | noised"] = (draw, noised(draw, 1.0))
    return found


def population(name: str) -> float | None:
    """W1 of the distributions themselves, where it is known."""
    toy, change = name.split(" | ")
    if change == "shifted":
        return math.hypot(*SHIFT)
    if change == "scaled":
        x = DISTRIBUTIONS[toy](4_000_000, torch.Generator().manual_seed(5))
        return (SCALE - 1) * x.norm(dim=1).double().mean().item()
    return None


def told(found: Estimate) -> dict[str, float]:
    """An estimate in figures."""
    names = ("raw", "solved", "by_mean_slope", "by_largest_slope", "mean_slope", "largest_slope")
    return {n: round(getattr(found, n), 5) for n in names}


def fixed(seen: set[str]) -> Iterator[dict[str, Any]]:
    """A line a pair, seed and setting."""
    for seed in range(SEEDS):
        for name, (p, q) in pairs().items():
            wanted = [s for s in SETTINGS if s in EVERYWHERE or name in ("8 Gaussians | normal", "Swiss roll | normal")]
            keys = {s: f"fixed | {name} | {s} | {seed}" for s in wanted}
            if all(k in seen for k in keys.values()):
                continue
            exact, sample_p, sample_q = truth(p, q, COUNT, seed)
            for setting in wanted:
                if keys[setting] in seen:
                    continue
                began = time.process_time()
                trainer = CriticTrainer(SETTINGS[setting], seed).fit(p, q)
                line = {"key": keys[setting], "part": "fixed", "pair": name, "setting": setting, "seed": seed}
                line |= {"exact": asdict(exact), "population": population(name)}
                seconds = round(time.process_time() - began, 1)
                yield line | told(estimate(trainer, sample_p, sample_q)) | {"seconds": seconds}


def generated(seen: set[str]) -> Iterator[dict[str, Any]]:
    """A line a toy, seed, kind of penalty and check."""
    for seed in range(SEEDS):
        for name in ("8 Gaussians", "Swiss roll"):
            for side in ("two-sided", "one-sided"):
                keys = {step: f"generator | {name} | {side} | {seed} | {step}" for step in CHECKS}
                if all(k in seen for k in keys.values()):
                    continue
                for step, found in _game(DISTRIBUTIONS[name], seed, side == "one-sided"):
                    line = {"key": keys[step], "part": "generator", "pair": name, "setting": side, "seed": seed}
                    yield line | {"step": step} | found


def _game(data: Draw, seed: int, one_sided: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    settings = Settings(lr=1e-3, cooled=False, one_sided=one_sided)
    critic = CriticTrainer(settings, seed)
    torch.manual_seed(100 + seed)
    generator = mlp(2, 2)
    optimizer = torch.optim.Adam(generator.parameters(), lr=3e-4, betas=settings.betas)

    @torch.no_grad()
    def drawn(count: int, rng: torch.Generator) -> Tensor:
        return generator(torch.randn(count, 2, generator=rng))

    for step in range(1, max(CHECKS) + 1):
        for _ in range(N_CRITIC):
            critic.step(data(settings.batch, critic.rng), drawn(settings.batch, critic.rng))
        if step in CHECKS:
            rng = torch.Generator().manual_seed(2_000_000 + seed)
            p, q = data(COUNT, rng), drawn(COUNT, rng)
            found: dict[str, Any] = {"exact": {"samples": exact_w1(p, q)[0]}, "training": told(estimate(critic, p, q))}
            found["floor"] = exact_w1(p, data(COUNT, rng))[0]
            if step in FRESH:
                fresh = CriticTrainer(replace(settings, cooled=True), 50 + seed).fit(data, drawn)
                found["fresh"] = told(estimate(fresh, p, q))
            yield step, found
        loss = generator_loss(critic.critic(generator(torch.randn(settings.batch, 2, generator=critic.rng))))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def interval(values: list[float]) -> tuple[float, float]:
    """Mean over seeds, and half its 95 % interval (Student)."""
    v = np.array(values)
    half = student.ppf(0.975, len(v) - 1) * v.std(ddof=1) / math.sqrt(len(v)) if len(v) > 1 else math.nan
    return float(v.mean()), float(half)


def summary(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Relative errors by pair and setting: of each way of reading the critic, against the exact W1 of the same samples."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in lines:
        if line["part"] == "fixed":
            groups.setdefault(("fixed", line["pair"], line["setting"], None), []).append(line)
            continue
        for which in ("training", "fresh"):
            if which in line:
                key = (f"generator, {which} critic", line["pair"], line["setting"], line["step"])
                groups.setdefault(key, []).append({**line, **line[which]})
    rows = []
    for (part, pair, setting, step), group in groups.items():
        row: dict[str, Any] = {"part": part, "pair": pair, "setting": setting, "step": step, "seeds": len(group)}
        row["exact"] = round(float(np.mean([g["exact"]["samples"] for g in group])), 4)
        if part == "fixed":
            row["bracket"] = [round(float(np.mean([g["exact"][k] for g in group])), 4) for k in ("below", "samples")]
            row["population"] = group[0]["population"] and round(group[0]["population"], 4)
        else:
            row["floor"] = round(float(np.mean([g["floor"] for g in group])), 4)
        for reading in ("raw", "solved", "by_mean_slope", "by_largest_slope"):
            errors = [g[reading] / g["exact"]["samples"] - 1 for g in group]
            mean, half = interval(errors)
            row[reading] = {"error": round(mean, 4), "half": round(half, 4), "worst": round(max(errors, key=abs), 4)}
        row["mean_slope"] = round(float(np.mean([g["mean_slope"] for g in group])), 4)
        rows.append(row)
    return rows


def draw_figure(lines: list[dict[str, Any]], path: Path) -> None:
    """Heights of a critic over 8 Gaussians and Swiss roll; estimate against the exact distance, all fixed pairs."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.3), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 3)
    grid = torch.linspace(-2.5, 2.5, 120)
    places = torch.cartesian_prod(grid, grid)
    for ax, name in zip(axes, ("8 Gaussians", "Swiss roll")):
        p, q = pairs()[f"{name} | normal"]
        trainer = CriticTrainer(SETTINGS["one-sided, 10"], 0).fit(p, q)
        with torch.no_grad():
            heights = trainer.critic(places).reshape(120, 120).T
        ax.contourf(grid, grid, heights, levels=14, cmap="viridis")
        x = p(400, torch.Generator().manual_seed(1))
        ax.scatter(x[:, 0], x[:, 1], s=3, color="white")
        ax.set(title=f"critic: {name} against normal", aspect="equal", xticks=[], yticks=[])
    ax = axes[2]
    for setting, marker in zip(EVERYWHERE, ("x", "+")):
        chosen = [line for line in lines if line["part"] == "fixed" and line["setting"] == setting]
        ax.scatter(
            [c["exact"]["samples"] for c in chosen], [c["raw"] for c in chosen], s=24, marker=marker, label=setting
        )
    ends = np.array([0, 1.35])
    ax.plot(ends, ends, color="black", linewidth=0.8)
    ax.fill_between(ends, 0.9 * ends, 1.1 * ends, color="grey", alpha=0.25, label="within 10 %")
    ax.set(xlabel="exact W1 of the samples (POT)", ylabel="critic's estimate as is", xlim=(0, 1.35), ylim=(None, 1.5))
    ax.legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figure", type=Path, help="PNG to draw")
    parser.add_argument("--part", choices=("fixed", "generator"), help="run one of the two alone")
    args = parser.parse_args()
    torch.set_num_threads(1)
    log = HERE / "results.jsonl"
    lines = [json.loads(text) for text in log.read_text().splitlines()] if log.exists() else []
    seen = {line["key"] for line in lines}
    with open(log, "a", encoding="utf-8") as out:
        for name, part in (("fixed", fixed), ("generator", generated)):
            for line in part(seen) if args.part in (None, name) else ():
                if line["key"] in seen:
                    continue
                out.write(json.dumps(line) + "\n")
                out.flush()
                lines.append(line)
                print(line["key"], line["exact"], line.get("raw") or line["training"]["raw"], flush=True)
    rows = summary(lines)
    (HERE / "results.json").write_text(json.dumps({"samples": COUNT, "seeds": SEEDS, "rows": rows}, indent=1) + "\n")
    if args.figure:
        draw_figure(lines, args.figure)


if __name__ == "__main__":
    main()
