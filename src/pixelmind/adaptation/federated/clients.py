"""Simulated clients out of a store: each with pictures mostly of one style, as people have them (not independent, not alike).

Shares of styles are drawn from a Dirichlet distribution (Hsu et al. 2019, "Measuring the effects of non-identical data distribution for
federated visual classification", sec. 3): alpha near 0 gives one style a client, large alpha all styles alike.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixelmind.adaptation.federated.quantization import F64
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
    groups: Sequence[Group],
    clients: int,
    *,
    alpha: float,
    pictures: tuple[int, int],
    seed: int,
    overlap: bool = False,
) -> list[ClientData]:
    """Deal the pictures of the groups; a quarter of a client's pictures is held out.

    Args:
        alpha: of the Dirichlet distribution over styles.
        pictures: fewest and most pictures a client has.
        overlap: several clients may have the same pictures, as people of one game have; what is held out comes from a quarter of each
            style that nobody learns from. Else each picture is one client's at most.

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
    there, needed = sum(map(len, pools.values())), max(sizes) if overlap else sum(sizes)
    if needed > there:
        raise BadInput(
            f"{clients} clients with {pictures[0]} to {pictures[1]} pictures need {needed}, the store has {there} that fit; "
            "ask for fewer clients or pictures, or let them --overlap"
        )
    styles = sorted(pools)
    for style in styles:
        pools[style] = [pools[style][i] for i in rng.permutation(len(pools[style])).tolist()]
    aside_of = {style: math.ceil(HELD_OUT * len(pool)) for style, pool in pools.items()}
    made = []
    for index, size in enumerate(sizes):
        shares, aside = rng.dirichlet(np.full(len(styles), alpha)), max(1, int(HELD_OUT * size))
        if overlap:
            held = {style: pool[: aside_of[style]] for style, pool in pools.items()}
            own = {style: pool[aside_of[style] :] for style, pool in pools.items()}
            for part in (held, own):
                for style in styles:
                    part[style] = [part[style][i] for i in rng.permutation(len(part[style])).tolist()]
            test, train = _drawn(held, styles, shares, aside, rng), _drawn(own, styles, shares, size - aside, rng)
        else:
            both = _drawn(pools, styles, shares, size, rng)
            test, train = both[:aside], both[aside:]
        most = Counter(style for style, _ in (*test, *train)).most_common(1)[0][0]
        parts = {"train": tuple(p for _, p in train), "test": tuple(p for _, p in test)}
        made.append(ClientData(name=f"client-{index:04d}", style=most, **parts))
    return made


def _drawn(
    pools: dict[str, list[Picture]], styles: list[str], shares: F64, size: int, rng: np.random.Generator
) -> list[tuple[str, Picture]]:
    """So many pictures taken out of the pools, with the style of each."""
    own: list[tuple[str, Picture]] = []
    while len(own) < size:
        left = np.array([bool(pools[s]) for s in styles])
        chances = np.where(left, shares + 1e-9, 0.0)
        style = styles[int(rng.choice(len(styles), p=chances / chances.sum()))]
        own.append((style, pools[style].pop()))
    return own
