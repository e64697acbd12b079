"""The curves of `run.py`: bit error while learning, and at lengths beyond those trained on.

    python experiments/ntm_tasks/plot.py OUT docs/images/ntm.png
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt

matplotlib.use("Agg")


def main(out: Path, picture: Path) -> None:
    """Draw OUT/copy.json and OUT/recall.json, a line a seed."""
    figure, axes = plt.subplots(2, 2, figsize=(9, 5.5), layout="constrained")
    for row, (task, unit, trained) in enumerate((("copy", "length", 20), ("recall", "items", 6))):
        for run in json.loads((out / f"{task}.json").read_text())["runs"]:
            sequences, errors = zip(*run["curve"])
            axes[row, 0].plot([s / 1000 for s in sequences], errors, label=f"seed {run['seed']}")
            lengths = sorted(run["bit_error"], key=int)
            axes[row, 1].plot([int(n) for n in lengths], [run["bit_error"][n] for n in lengths], marker="o")
        axes[row, 0].set(title=f"{task}: learning", xlabel="thousand sequences", ylabel="bit error", ylim=(-0.02, 0.52))
        axes[row, 1].set(title=f"{task}: beyond the training", xlabel=unit, ylabel="bit error", ylim=(-0.02, 0.52))
        axes[row, 1].axvline(trained, color="grey", linestyle=":", label="longest trained on")
        axes[row, 0].legend()
        axes[row, 1].legend()
    figure.savefig(picture, dpi=80)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("give the folder of run.py and the picture to write")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
