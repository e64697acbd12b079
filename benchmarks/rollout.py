"""How often rollouts of simulated people are right: false alarms of A/A runs looked at after every unit, and both kinds of decisions.

python benchmarks/rollout.py --runs 2000 --decisions 200 --max-units 6000
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from pixelmind.lifecycle.rollout import Settings
from pixelmind.lifecycle.simulation import conclude, crossed, play


def main() -> None:
    """Print the figures and write them beside this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000, help="A/A runs")
    parser.add_argument("--decisions", type=int, default=200, help="rollouts of each lift")
    parser.add_argument("--max-units", type=int, default=6000, help="units until a rollout gives up")
    parser.add_argument("--stage-units", type=int, default=200, help="units of each stage before the last")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("rollout.json"))
    asked = parser.parse_args()
    settings = Settings(max_units=asked.max_units, stage_units=asked.stage_units)
    alarms = [crossed(settings, play(settings, 0.0, np.random.default_rng([0, run]))) for run in range(asked.runs)]
    told: dict[str, object] = {
        "people": "simulated",
        "runs": asked.runs,
        "max_units": asked.max_units,
        "stage_units": asked.stage_units,
        "false_alarms": float(np.mean(alarms)),
        "lifts": {},
    }
    print(f"A/A: {np.mean(alarms):.4f} of {asked.runs} runs leave 0 out after some unit")
    lifts: dict[str, object] = {}
    for lift in (-0.10, -0.05, -0.02, 0.0, 0.02, 0.05, 0.10):
        ends = [
            conclude(settings, play(settings, lift, np.random.default_rng([1, run]))) for run in range(asked.decisions)
        ]
        promoted = np.mean([decision == "promoted" for decision, _ in ends])
        units = np.quantile([n for _, n in ends], (0.1, 0.5, 0.9))
        lifts[f"{lift:+.2f}"] = {"promoted": float(promoted), "units": [float(n) for n in units]}
        print(
            f"lift {lift:+.2f}: {promoted:.3f} promoted; units at the end {units.round().astype(int).tolist()} (10, 50, 90 %)"
        )
    told["lifts"] = lifts
    asked.out.write_text(json.dumps(told, indent=2) + "\n")
    print(asked.out, file=sys.stderr)


if __name__ == "__main__":
    main()
