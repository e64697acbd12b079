"""The sinusoid regression of Finn et al. 2017 (arXiv 1703.03400), sec. 5.1, with `pixelmind.adaptation.MAMLWrapper`.

    .venv/bin/python experiments/maml_sinusoid/run.py --out RUN

A task is y = A sin(x + phase), A in [0.1, 5], phase in [0, pi], x in [-5, 5]; the network has two hidden layers of 40 ReLU; one
inner step of 0.01 on K = 10 points in training, Adam at 0.001 outside, 25 tasks an update. Tested on 600 new tasks with 5 and 10
points and up to 10 steps of 0.01, beside a network pretrained on all tasks at once and fine-tuned with the step size that is best
for it on other tasks.

Writes RUN/results.json, and with --figure the curve.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import vmap

from pixelmind.adaptation.maml_wrapper import MAMLWrapper, Parameters
from pixelmind.adaptation.reptile import Reptile

TASKS_AN_UPDATE, TEST_TASKS, TEST_STEPS = 25, 600, 10
Batch = dict[str, Tensor]


def network(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(1, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))


def draw(tasks: int, points: int, rng: torch.Generator, rest: int = 0) -> tuple[Batch, Batch]:
    """Support [tasks, points, 1] and query [tasks, rest or points, 1] of new tasks."""
    amplitude = torch.rand(tasks, 1, 1, generator=rng) * 4.9 + 0.1
    phase = torch.rand(tasks, 1, 1, generator=rng) * math.pi

    def batch(count: int) -> Batch:
        x = torch.rand(tasks, count, 1, generator=rng) * 10 - 5
        return {"x": x, "y": amplitude * torch.sin(x + phase)}

    return batch(points), batch(rest or points)


def wrapper_of(net: nn.Module, first_order: bool = False) -> MAMLWrapper:
    selection = Parameters(net)

    def loss(params: dict[str, Tensor], batch: Batch) -> Tensor:
        return (selection(params, batch["x"]) - batch["y"]).square().mean()

    return MAMLWrapper(selection, loss, inner_lr=0.01, inner_steps=1, first_order=first_order)


def meta_train(algorithm: str, iterations: int, seed: int, lr: float = 1e-3, points: int = 10) -> MAMLWrapper:
    """MAML, FOMAML or Reptile; "pretrained" minimises the loss of all tasks at once without an inner loop."""
    wrapper = wrapper_of(network(seed), first_order=algorithm != "maml")
    if algorithm == "reptile":  # its inner loop must be longer than one step (their sec. 5.1)
        wrapper = MAMLWrapper(wrapper.selection, wrapper.loss, inner_lr=0.02, inner_steps=5, first_order=True)
    meta: nn.Module = Reptile(wrapper) if algorithm == "reptile" else wrapper
    optimizer = torch.optim.Adam(wrapper.start.parameters(), lr=lr)
    rng = torch.Generator().manual_seed(seed)
    for _ in range(iterations):
        support, query = draw(TASKS_AN_UPDATE, points, rng)
        optimizer.zero_grad()
        if algorithm == "pretrained":
            value = vmap(wrapper.loss, in_dims=(None, 0))(wrapper.params(), query).mean()
        else:
            value = meta(support, query)["loss"]
        value.backward()
        optimizer.step()
    return wrapper


def curve(wrapper: MAMLWrapper, points: int, lr: float, seed: int, tasks: int = TEST_TASKS) -> Tensor:
    """Query mean squared error [steps + 1, tasks] after each of 0 to 10 gradient steps on `points` points of new tasks."""
    support, query = draw(tasks, points, torch.Generator().manual_seed(10_000 + seed), rest=100)
    tuned = MAMLWrapper(wrapper.selection, wrapper.loss, inner_lr=lr, inner_steps=1, first_order=True)
    start = {name: value.detach() for name, value in wrapper.params().items()}
    stacked = {name: value.expand(tasks, *value.shape) for name, value in start.items()}
    step: Callable[..., Any] = vmap(lambda p, s: tuned.adapt(p, s, 1))
    rows = []
    with torch.no_grad():
        for index in range(TEST_STEPS + 1):
            stacked = stacked if index == 0 else {n: v.detach() for n, v in step(stacked, support).items()}
            rows.append(vmap(wrapper.loss)(stacked, query))
    return torch.stack(rows)


def best_rate(wrapper: MAMLWrapper, points: int) -> float:
    """The step size with the lowest error after 10 steps on tasks of its own."""
    rates = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
    return min(rates, key=lambda lr: float(curve(wrapper, points, lr, seed=77, tasks=200)[-1].nan_to_num(1e9).mean()))


def measure(algorithms: list[str], iterations: int, seeds: int) -> dict[str, Any]:
    """Curves by algorithm and number of points: mean over tasks and seeds, and half a 95 % interval over all of these tasks."""
    found: dict[str, Any] = {"iterations": iterations, "seeds": seeds, "curves": []}
    for algorithm in algorithms:
        began = time.process_time()
        trained = [meta_train(algorithm, iterations, seed) for seed in range(seeds)]
        seconds = (time.process_time() - began) / seeds
        for points in (5, 10):
            lr = best_rate(trained[0], points) if algorithm in ("pretrained", "reptile") else 0.01
            errors = torch.cat([curve(w, points, lr, seed) for seed, w in enumerate(trained)], dim=1).numpy()
            half = 1.96 * errors.std(axis=1) / math.sqrt(errors.shape[1])
            entry = {"algorithm": algorithm, "points": points, "step_size": lr, "cpu_seconds_a_seed": round(seconds, 1)}
            entry |= {"mse": errors.mean(axis=1).round(4).tolist(), "half_interval": half.round(4).tolist()}
            found["curves"].append(entry)
            shown = ", ".join(f"{s}: {errors[s].mean():.3f} ± {half[s]:.3f}" for s in (0, 1, 5, 10))
            print(f"{algorithm}, {points} points, step size {lr}: MSE after steps {shown}", flush=True)
    return found


def draw_figure(found: dict[str, Any], path: Path) -> None:
    """The curves as a PNG, five and ten points side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, points in zip(figure.subplots(1, 2, sharey=True), (5, 10)):
        for entry in found["curves"]:
            if entry["points"] == points:
                mean, half = np.array(entry["mse"]), np.array(entry["half_interval"])
                label = f"{entry['algorithm']}, step {entry['step_size']:g}"
                (line,) = axes.plot(mean, marker="o", markersize=3, label=label)
                axes.fill_between(range(len(mean)), mean - half, mean + half, color=line.get_color(), alpha=0.2)
        axes.set(title=f"{points} points", xlabel="gradient steps", ylim=(0, None))
        axes.legend(fontsize=7)
    figure.axes[0].set_ylabel("mean squared error")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of results.json")
    parser.add_argument("--iterations", type=int, default=70_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--algorithms", default="maml,fomaml,reptile,pretrained")
    parser.add_argument("--figure", type=Path, help="PNG to draw")
    args = parser.parse_args()
    torch.set_num_threads(1)
    found = measure(args.algorithms.split(","), args.iterations, args.seeds)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "results.json").write_text(json.dumps(found, indent=2) + "\n")
    if args.figure:
        draw_figure(found, args.figure)


if __name__ == "__main__":
    main()
