"""Reports of `adapt federated simulate` as curves and a table: rounds against quality, traffic of a client and ε.

.venv/bin/python experiments/federated/curves.py 100=A/report.json 1000=B/report.json --image docs/images/federated_scale.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

WAYS = {"federated": "o-", "local": "s:", "central": "^--"}


def points(report: dict[str, Any], way: str) -> list[tuple[int, float]]:
    """(round, loss) where it was measured."""
    curve = report["curve"]
    return [(0, curve[0]["base"])] + [(p["round"], p[way]) for p in curve[1:] if way in p]


def row(name: str, report: dict[str, Any]) -> str:
    """A line of the table."""
    config, privacy, quality = report["config"], report["privacy"], report["quality"]
    gain = quality["gain_over_base"]
    each = (config["per_round"] or config["clients"]) * len(report["curve"][1:])
    per_round = report["traffic"]["up"] / each / 1000
    share, local = quality.get("share_of_central_gain"), quality.get("gain_over_local")
    best = min((loss for _, loss in points(report, "central")), default=quality["loss"]["base"])
    cells = [
        name,
        f"{config['clients']:,}, {config['per_round'] or config['clients']}",
        str(len(report["curve"]) - 1),
        f"{report['numbers']:,}",
        f"{privacy['epsilon']:.2f}" if "epsilon" in privacy else "none",
        f"{gain['mean']:.4f} [{gain['low']:.4f}, {gain['high']:.4f}]",
        f"{local['mean']:.4f} [{local['low']:.4f}, {local['high']:.4f}]" if local else "",
        f"{share:.2f}; {gain['mean'] / (quality['loss']['base'] - best):.2f}" if share else "",
        f"{per_round:,.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", metavar="NAME=REPORT")
    parser.add_argument("--image", type=Path)
    args = parser.parse_args()
    reports = {n: json.loads(Path(p).read_text()) for n, p in (item.split("=", 1) for item in args.reports)}
    print(
        "| what | clients, in a round | rounds | numbers | ε | gain over no adapter | over local | of central's, same round; best round | kB a client and round |"
    )
    print("|---|--:|--:|--:|--:|---|---|--:|--:|")
    print("\n".join(row(name, report) for name, report in reports.items()))
    if args.image is None:
        return
    figure = Figure(figsize=(3.6 * len(reports), 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (name, report) in zip(figure.subplots(1, len(reports), squeeze=False)[0], reports.items()):
        for way, mark in WAYS.items():
            if len(found := points(report, way)) > 1:
                axes.plot(*zip(*found), mark, markersize=3, label=way)
        axes.set(xlabel="round", ylabel="loss on held-out pictures", title=name)
        axes.legend(fontsize=7)
        if "epsilon" in report["privacy"]:
            told = [(p["round"], p["epsilon"]) for p in report["curve"][1:]]
            other = axes.twinx()
            other.plot(*zip(*told), color="grey", linewidth=0.8)
            other.set_ylabel("ε", color="grey")
    figure.savefig(args.image, dpi=110)


if __name__ == "__main__":
    main()
