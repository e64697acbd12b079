"""Three questions to SecAgg+ of Flower 1.41.0, asked before our own was written. Flower is no dependency: give it a place of its own.

python3.11 -m venv /tmp/flower && /tmp/flower/bin/pip install -c constraints.txt flwr==1.41.0
FLWR_TELEMETRY_ENABLED=0 /tmp/flower/bin/python experiments/secagg/flower.py
"""

from __future__ import annotations

import importlib
import os
import time

import numpy as np


def main() -> None:
    module = importlib.import_module("flwr.client.mod.secure_aggregation.secaggplus_mod")
    expand = importlib.import_module("flwr.common.secure_aggregation.secaggplus_utils").pseudo_rand_gen

    one = os.urandom(32)
    two = one[4:8] + one[:4] + one[8:]
    same = one != two and bool((expand(one, 2**32, [(6,)])[0] == expand(two, 2**32, [(6,)])[0]).all())
    print(f"two secrets of 32 bytes with the same mask: {same}")

    began, tries = time.process_time(), 20_000
    for seed in range(tries):
        np.random.RandomState(seed).randint(0, 2**32 - 1, 2, dtype=np.int64)
    guess = (time.process_time() - began) / tries
    print(f"a guess at a mask takes {guess * 1e6:.0f} us; all 2^32 of them {guess * 2**32 / 3600:.0f} core hours")

    update = np.array([2**21 + 5, 2**21 - 9, 2**21 + 100, 2**21])
    masked = (update + expand(bytes(28) + (12345).to_bytes(4, "little"), 2**32, [(4,)])[0]) % 2**32
    hits = [
        s
        for s in range(2**14)
        if (((masked - np.random.RandomState(s).randint(0, 2**32 - 1, 4, dtype=np.int64)) % 2**32) < 2**22).all()
    ]
    print(f"seeds below 2^14 that leave a plausible update under a mask with seed 12345: {hits}")

    state = module.SecAggPlusState()
    state.nid, state.threshold = 1, 2
    state.rd_seed_share_dict = {n: b"seed of %d" % n for n in (1, 2, 3)}
    state.sk1_share_dict = {n: b"key of %d" % n for n in (1, 2, 3)}
    asked = {module.Key.ACTIVE_NODE_ID_LIST: [1, 2, 3], module.Key.DEAD_NODE_ID_LIST: [2, 3]}
    print(f"asked for both secrets of nodes 2 and 3 at once, a client answers {module._unmask(state, asked)}")


if __name__ == "__main__":
    main()
