"""The curve of `study.py`: number of preference pairs against the win rate on held-out prompts, and intent fidelity beside it.

python experiments/dpo_sprites/plot.py RESULTS/results.jsonl docs/images/dpo_pairs.png
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt

matplotlib.use("Agg")


def main(results: Path, picture: Path) -> None:
    """A point a run with its bootstrap interval over prompts, a line through the means over seeds."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    by_size: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_size[row["size"]].append(row)
    sizes = sorted(by_size)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for size in sizes:
        for place, row in enumerate(by_size[size]):
            x = size * 1.03 ** (place - (len(by_size[size]) - 1) / 2)
            won, ifs = row["win"], row["ifs"]
            low, high = won["value"] - won["low"], won["high"] - won["value"]
            left.errorbar(x, won["value"], [[low], [high]], fmt="o", color=f"C{row['seed']}", capsize=2)
            change = ifs["after"] - ifs["before"]
            right.errorbar(
                x, change, [[change - ifs["low"]], [ifs["high"] - change]], fmt="o", color=f"C{row['seed']}", capsize=2
            )
    means = [sum(r["win"]["value"] for r in by_size[s]) / len(by_size[s]) for s in sizes]
    left.plot(sizes, means, color="grey", zorder=0)
    left.axhline(0.5, color="black", linewidth=0.8)
    left.axhline(0.65, color="green", linestyle=":", label="asked: 0.65")
    left.set(xscale="log", xlabel="pairs", ylabel="win rate", title="held-out prompts, hidden tastes")
    right.axhline(0, color="black", linewidth=0.8)
    right.axhline(-0.01, color="red", linestyle=":", label="refused below")
    right.set(xscale="log", xlabel="pairs", ylabel="change", title="judge intent fidelity")
    for axis in (left, right):
        axis.set_xticks(sizes, [str(s) for s in sizes])
        axis.minorticks_off()
        axis.legend()
    figure.savefig(picture, dpi=80)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("give results.jsonl of study.py and the picture to write")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
