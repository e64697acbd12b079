"""Simulated clients out of a store: each with pictures mostly of one style, as people have them (not independent, not alike).

Shares of styles are drawn from a Dirichlet distribution (Hsu et al. 2019, "Measuring the effects of non-identical data distribution for
federated visual classification", sec. 3): alpha near 0 gives one style a client, large alpha all styles alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixelmind.adaptation.tasks import Group, Picture
from pixelmind.errors import BadInput

HELD_OUT = 0.25


@dataclass(frozen=True, kw_only=True)
class ClientData:
    """A simulated client: the style most of its pictures have, those it learns from, and those it is measured on."""

    name: str
    style: str
    train: tuple[Picture, ...]
    test: tuple[Picture, ...]


def partition(
    groups: Sequence[Group], clients: int, *, alpha: float, pictures: tuple[int, int], seed: int
) -> list[ClientData]:
    """Deal the pictures of the groups, each to one client at most; a quarter of a client's pictures is held out.

    Args:
        alpha: of the Dirichlet distribution over styles.
        pictures: fewest and most pictures a client has.

    Raises:
        BadInput: fewer than two styles, or fewer pictures than the clients have.
    """
    rng = np.random.default_rng((seed, 71))
    pools: dict[str, list[Picture]] = {}
    for group in groups:
        pools.setdefault(group.style, []).extend(group.pictures)
    if len(pools) < 2:
        raise BadInput(f"{len(pools)} styles have pictures enough; a federation of styles needs two: import more art")
    sizes = rng.integers(pictures[0], pictures[1] + 1, clients).tolist()
    there = sum(map(len, pools.values()))
    if sum(sizes) > there:
        raise BadInput(
            f"{clients} clients with {pictures[0]} to {pictures[1]} pictures need {sum(sizes)}, the store has {there} that fit; "
            "ask for fewer clients or pictures"
        )
    styles = sorted(pools)
    for style in styles:
        pools[style] = [pools[style][i] for i in rng.permutation(len(pools[style])).tolist()]
    made = []
    for index, size in enumerate(sizes):
        shares = rng.dirichlet(np.full(len(styles), alpha))
        own: list[Picture] = []
        drawn: Counter[str] = Counter()
        while len(own) < size:
            left = np.array([bool(pools[s]) for s in styles])
            chances = np.where(left, shares + 1e-9, 0.0)
            style = styles[int(rng.choice(len(styles), p=chances / chances.sum()))]
            own.append(pools[style].pop())
            drawn[style] += 1
        aside = max(1, int(HELD_OUT * size))
        name, most = f"client-{index:04d}", drawn.most_common(1)[0][0]
        made.append(ClientData(name=name, style=most, train=tuple(own[aside:]), test=tuple(own[:aside])))
    return made
