"""What secure aggregation costs: bytes against plain float32 updates and CPU seconds, by clients, neighbours and losses; sums are checked.

.venv/bin/python experiments/secagg/run.py --numbers 76800
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from pixelmind.adaptation.federated.plan import Plan
from pixelmind.adaptation.federated.rounds import Traffic, secure_sum

LARGE = ((100, 0.1, 0.15), (1000, 0.1, 0.15))
CASES = ((10, 0.0, 0.0), (50, 0.0, 0.0), (50, 0.1, 0.0), (50, 0.33, 0.0), (200, 0.1, 0.15))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--numbers", type=int, default=76_800)
    parser.add_argument("--bits", type=int, default=24)
    parser.add_argument("--large", action="store_true", help="100 and 1,000 clients instead")
    options = parser.parse_args()
    print(
        "| clients | lost before the vector | neighbours | up / plain | up and down / plain | CPU s, all clients and server |"
    )
    print("|--:|--:|--:|--:|--:|--:|")
    for clients, share, allowed in LARGE if options.large else CASES:
        names = [f"c{i:04d}" for i in range(clients)]
        rng = np.random.default_rng(clients)
        values = rng.integers(-(2**15), 2**15, (clients, options.numbers), dtype=np.int64)
        lost = {n: 2 for n in rng.permutation(names)[: int(share * clients)].tolist()}
        plan = Plan.choose(clients, options.numbers, options.bits, dropouts=allowed or 1 / 3)
        traffic, began = Traffic(), time.process_time()
        total, members = secure_sum(plan, names, lambda n: values[int(n[1:])], lost, traffic)  # noqa: B023
        seconds = time.process_time() - began
        if not np.array_equal(total, sum(values[int(n[1:])] for n in members)):
            raise SystemExit("the sum is not exact")
        # Plain: every client is sent the model, and those who are not lost send an update, in float32.
        up, down = 4 * options.numbers * len(members), 4 * options.numbers * clients
        ratio = traffic.up / up, (traffic.up + traffic.down + down) / (up + down)
        around = min(plan.degree, clients - 1)
        print(f"| {clients} | {len(lost)} | {around} | {ratio[0]:.2f} | {ratio[1]:.2f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
