"""A federation's shared adapter against each client alone and all in one place, on styles that the weights never saw (evaluation-only art).

Of 58 simulated clients the first 8 choose the server's step (`tune`), the other 50, with other pictures, are reported. The three ways take
the same local steps on as many noisy views and run as processes of their own; `plot` draws what is there.

.venv/bin/python experiments/federated/quality.py tune --data ~/.pixelmind/release/store --out runs-federated
.venv/bin/python experiments/federated/quality.py federated --data ~/.pixelmind/release/store --out runs-federated --server FedAdam-0.02
.venv/bin/python experiments/federated/quality.py local --data ~/.pixelmind/release/store --out runs-federated
.venv/bin/python experiments/federated/quality.py central --data ~/.pixelmind/release/store --out runs-federated
.venv/bin/python experiments/federated/quality.py plot --out runs-federated --image docs/images/federated.png
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.adaptation.federated.aggregation import ServerOptimizer
from pixelmind.adaptation.federated.simulation import Simulation, SimulationConfig
from pixelmind.data.store import Store
from pixelmind.files import write_json
from pixelmind.generator.bundle import Bundle

SERVERS = {
    "FedAvg-1": ServerOptimizer(),
    "FedAvg-8": ServerOptimizer(lr=8.0),
    "FedAvg-16": ServerOptimizer(lr=16.0),
    "FedAvgM-5": ServerOptimizer(lr=5.0, momentum=0.7),
    "FedAvgM-2": ServerOptimizer(lr=2.0, momentum=0.9),
    "FedAdam-0.02": ServerOptimizer(lr=0.02, momentum=0.9, adam=True),
    "FedAdam-0.05": ServerOptimizer(lr=0.05, momentum=0.9, adam=True),
}
TUNED, EVERY = 8, 4
OWN_STEPS = (3, 6, 12, 24)
CONFIG = SimulationConfig(
    clients=58, rounds=20, steps=3, rows=4, lr=4e-3, clip=4.0, pictures=(8, 24), unseen=True, baselines=False
)


def prepared(data: Path, tune: bool, **changes: Any) -> Simulation:
    """A simulation of the clients that choose, or of those that are reported."""
    data = data.expanduser()
    run = Simulation(dataclasses.replace(CONFIG, **changes), Store.open(data), Bundle(None), data)
    names = sorted(run.clients)
    kept = names[:TUNED] if tune else names[TUNED:]
    run.clients = {n: run.clients[n] for n in kept}
    run.order = [n for n in run.order if n in run.clients]
    run.config = dataclasses.replace(run.config, clients=len(kept))
    return run


def losses(run: Simulation) -> list[float]:
    """By client, of the shared adapter."""
    return [run.trainer.measure(run.shared, run.views[n]) for n in sorted(run.clients)]


def own(run: Simulation, shared: np.ndarray, steps: int) -> list[float]:
    """By client, after so many steps on its own pictures from the shared adapter: what it then draws with at home."""
    found = []
    for number, name in enumerate(sorted(run.clients)):
        rng = np.random.default_rng((7, number))
        mine = run.trainer.train(shared, run.clients[name].train, steps, rng)
        found.append(run.trainer.measure(mine, run.views[name]))
    return found


def tune(options: argparse.Namespace) -> None:
    """Every server for so many rounds, then steps of one's own from the best one."""
    run = prepared(options.data, True)
    before = float(np.mean(losses(run)))
    print(f"before {before:.5f}", flush=True)
    found, best = {}, (0.0, run.shared)
    for name, server in SERVERS.items():
        run.shared, run.server = np.zeros(run.trainer.length), dataclasses.replace(server)
        for index in range(options.rounds):
            run.run_round(index)
        found[name] = before - float(np.mean(losses(run)))
        best = max(best, (found[name], run.shared), key=lambda x: x[0])
        print(f"{name}: gain {found[name]:.5f}", flush=True)
        write_json(options.out / "tune.json", found)
    for steps in OWN_STEPS:
        found[f"then {steps} steps of one's own"] = before - float(np.mean(own(run, best[1], steps)))
        print(f"{list(found)[-1]}: gain {list(found.values())[-1]:.5f}", flush=True)
        write_json(options.out / "tune.json", found)


def one_way(options: argparse.Namespace) -> None:
    """A curve: losses by client every few rounds."""
    run = prepared(options.data, False, secure=options.way == "federated")
    run.server = dataclasses.replace(SERVERS[options.server])
    points = [{"round": 0, "losses": losses(run)}]
    for index in range(options.rounds):
        if options.way == "federated":
            run.run_round(index)
        else:
            run.baselines(index, (options.way,))
        if (index + 1) % EVERY:
            continue
        if options.way == "local":
            told = [run.trainer.measure(run.alone[n], run.views[n]) for n in sorted(run.clients)]
        else:
            run.shared = run.shared if options.way == "federated" else run.central
            told = losses(run)
        point: dict[str, Any] = {"round": index + 1, "losses": told}
        if options.own and options.way != "local" and index + 1 == options.rounds:
            point["own"] = own(run, run.shared, options.own)
        points.append(point)
        then = f", then {options.own} steps of one's own: {np.mean(point['own']):.5f}" if "own" in point else ""
        print(f"{options.way} round {index + 1}: {np.mean(told):.5f}{then}", flush=True)
        way = {"server": options.server} if options.way == "federated" else {}
        traffic = {"up": run.traffic.up, "plain_up": run.plain.up, "numbers_that_differ": run.inexact}
        write_json(options.out / f"{options.way}.json", {**way, "points": points, "traffic": traffic})


def plot(options: argparse.Namespace) -> None:
    """The curves, and the table of the last common round."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    ways = ("federated", "local", "central")
    points = {w: json.loads((options.out / f"{w}.json").read_text())["points"] for w in ways}
    found = {w: [(p["round"], np.array(p["losses"])) for p in points[w]] for w in ways}
    for way in ("federated", "central"):
        finished = [(p["round"], np.array(p["own"])) for p in points[way] if "own" in p]
        if finished:
            found[f"{way}, then own steps"] = finished
    figure, axes = pyplot.subplots(figsize=(5, 3.2))
    for way, curve in found.items():
        axes.plot([r for r, _ in curve], [values.mean() for _, values in curve], "o-", markersize=3, label=way)
    axes.set(xlabel="round", ylabel="loss on held-out pictures", title="50 simulated clients, unseen styles")
    axes.legend(fontsize=7)
    figure.savefig(options.image, dpi=110, bbox_inches="tight")
    base = found["local"][0][1]
    best = {w: min((values for _, values in curve), key=np.mean) for w, curve in found.items()}
    central = float((base - best["central"]).mean())
    print("| way | rounds | loss at its best round | gain over no adapter | share of central's gain |")
    print("|---|--:|--:|--:|--:|")
    for way in found:
        gain = base - best[way]
        half = 1.96 * gain.std(ddof=1) / np.sqrt(len(gain))
        share = gain.mean() / central
        print(
            f"| {way} | {found[way][-1][0]} | {best[way].mean():.4f} | {gain.mean():.4f} ± {half:.4f} | {share:.2f} |"
        )
    more = best["local"] - best["federated"]
    half = 1.96 * more.std(ddof=1) / np.sqrt(len(more))
    print(f"federated over local, by client: {more.mean():.4f} ± {half:.4f}; ahead for {np.mean(more > 0):.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=("tune", "federated", "local", "central", "plot"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--server", choices=tuple(SERVERS), default="FedAdam-0.02")
    parser.add_argument("--rounds", type=int, default=CONFIG.rounds)
    parser.add_argument("--own", type=int, default=0, help="in the end, so many steps of each client's own")
    parser.add_argument("--image", type=Path)
    options = parser.parse_args()
    {"tune": tune, "plot": plot}.get(options.way, one_way)(options)


if __name__ == "__main__":
    main()
