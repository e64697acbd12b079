"""What a budget costs by the number of clients: noise in the mean update against the update itself (no training; seconds).

The noise's norm is multiplier x clip x sqrt(numbers) / clients. A mean update of 50 clients after five local steps had a norm of 0.48.

.venv/bin/python experiments/federated/noise.py --epsilon 8 --rounds 20
"""

from __future__ import annotations

import argparse
import math

from pixelmind.adaptation.federated.accounting import Budget, least_noise
from pixelmind.adaptation.federated.codec import Codec


def round_of(clip: float, multiplier: float, least: int) -> Codec:
    """A round of an adapter of rank 4."""
    return Codec.choose(76_800, clip, max_weight=1, multiplier=multiplier, least=least)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epsilon", type=float, default=8.0)
    parser.add_argument("--delta", type=float, default=1e-5)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--clip", type=float, default=1.6, help="about the norm of a client's update")
    options = parser.parse_args()
    budget = Budget(epsilon=options.epsilon, delta=options.delta)
    print(
        "| clients | of them in a round | rounds of each | noise over sensitivity | norm of the noise, rank 4 | rank 1 |"
    )
    print("|--:|--:|--:|--:|--:|--:|")
    for clients, cohort in ((50, 50), (100, 100), (1000, 1000), (1000, 100), (10_000, 10_000)):
        turns = math.ceil(options.rounds * cohort / clients)
        least = math.floor(2 / 3 * cohort)
        z = least_noise(lambda m: round_of(options.clip, m, least).cost(), turns, budget)  # noqa: B023
        # Shares are sized for the fewest clients of a sum; with all of them there is sqrt(3 / 2) times as much.
        norms = [z * math.sqrt(cohort / least) * options.clip * math.sqrt(n) / cohort for n in (76_800, 19_200)]
        print(f"| {clients:,} | {cohort:,} | {turns} | {z:.2f} | {norms[0]:.2f} | {norms[1]:.2f} |")


if __name__ == "__main__":
    main()
