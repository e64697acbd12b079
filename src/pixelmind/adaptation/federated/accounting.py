"""What a federation gives away, counted by Rényi differential privacy (Mironov 2017) and converted by `dp-accounting`.

The unit is a client: what is promised holds for everything that one person's machine sends, against the same rounds with zeros sent in its
place ("zero-out", Kairouz et al. 2021). That a client takes part is no secret to the server, so nothing is gained here by drawing clients
at random: a client's cost is that of the rounds it took part in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent, SelfComposedDpEvent
from dp_accounting.rdp import RdpAccountant, compute_epsilon
from numpy.typing import NDArray

from pixelmind.errors import BadInput

Rdp = NDArray[np.float64]
#: Orders of Rényi divergence; whole, since the bound for Skellam noise holds for whole ones.
ORDERS = np.array([*range(2, 64), *range(64, 256, 8), *range(256, 2049, 64)])


class BudgetSpent(BadInput):
    """Another round would pass the privacy budget."""


def skellam_rdp(l1: float, l2: float, variance: float) -> Rdp:
    """Rényi divergence at `ORDERS` of whole numbers of these sensitivities with Skellam noise of this variance each.

    Agarwal, Kairouz and Liu 2021, "The Skellam mechanism for differentially private federated learning", cor. 3.6.
    """
    if variance <= 0:
        return np.full(len(ORDERS), math.inf)
    a = ORDERS.astype(np.float64)
    more = np.minimum(((2 * a - 1) * l2**2 + 6 * l1) / (4 * variance**2), 3 * l1 / (2 * variance))
    return np.asarray(a * l2**2 / (2 * variance) + more)


def epsilon(rdp: Rdp, delta: float) -> float:
    """The least ε at this δ (Canonne, Kamath and Steinke 2020, prop. 12, by dp-accounting)."""
    if not np.isfinite(rdp).any():
        return math.inf
    return float(compute_epsilon(ORDERS, rdp, delta)[0])


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The most ε, at this δ, that a client may lose in all rounds together."""

    epsilon: float
    delta: float

    def __post_init__(self) -> None:
        if not 0 < self.epsilon < math.inf or not 0 < self.delta < 1:
            raise BadInput(f"a privacy budget has ε above 0 and δ between 0 and 1, got ({self.epsilon}, {self.delta})")


@dataclass
class Accountant:
    """Adds up the rounds of the client that took part in most."""

    budget: Budget
    spent: Rdp = field(default_factory=lambda: np.zeros(len(ORDERS)))
    rounds: list[float] = field(default_factory=list)
    """ε of each round by itself."""

    @property
    def epsilon(self) -> float:
        """ε of all rounds so far; 0 where there was none."""
        return epsilon(self.spent, self.budget.delta) if self.rounds else 0.0

    def affords(self, cost: Rdp) -> bool:
        """Whether a round of this cost stays within the budget."""
        return epsilon(self.spent + cost, self.budget.delta) <= self.budget.epsilon * (1 + 1e-9)

    def check(self, cost: Rdp) -> None:
        """To be asked before a round.

        Raises:
            BudgetSpent: it would pass the budget.
        """
        if not self.affords(cost):
            now, next_ = self.epsilon, epsilon(self.spent + cost, self.budget.delta)
            raise BudgetSpent(
                f"the privacy budget is spent: ε is {now:.3f} after {len(self.rounds)} rounds and would be {next_:.3f} of "
                f"{self.budget.epsilon:g}; stop here, or begin with a larger budget or fewer rounds"
            )

    def spend(self, cost: Rdp) -> None:
        """Count a round whose sum was opened; one that was aborted gave nothing away.

        Raises:
            BudgetSpent: it passes the budget; nothing is counted.
        """
        self.check(cost)
        self.spent = self.spent + cost
        self.rounds.append(epsilon(cost, self.budget.delta))


def least_noise(cost: Callable[[float], Rdp], rounds: int, budget: Budget) -> float:
    """The smallest noise multiplier with which `rounds` rounds, each of cost(multiplier), stay within the budget (to 0.01 %).

    Raises:
        BadInput: not even a multiplier of a million does.
    """
    fits = lambda z: epsilon(rounds * cost(z), budget.delta) <= budget.epsilon  # noqa: E731
    low, high = 1e-3, 1.0
    while not fits(high):
        low, high = high, 2 * high
        if high > 1e6:
            raise BadInput(f"no amount of noise gives ε {budget.epsilon:g} at δ {budget.delta:g}; raise one of them")
    while high / low > 1.0001:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def central_epsilon(noise: float, rounds: int, delta: float, sampling_rate: float = 1.0) -> float:
    """ε of central DP: Gaussian noise of `noise` times the sensitivity, added by a trusted server, against those who see the models only.

    Args:
        sampling_rate: chance with which a client is drawn, by itself and unseen, in each round (add or remove one client).
    """
    event = PoissonSampledDpEvent(sampling_rate, GaussianDpEvent(noise))
    return float(RdpAccountant().compose(SelfComposedDpEvent(event, rounds)).get_epsilon(delta))
