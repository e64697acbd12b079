"""Strengths of compared things, and how sure they are (R. Bradley and M. Terry, "Rank analysis of incomplete block designs", 1952).

P(i beats j) = 1 / (1 + exp(theta_j - theta_i)). Strengths are the fixed point of Luce spectral ranking (L. Maystre and M. Grossglauser,
"Fast and accurate inference of Plackett-Luce models", 2015) by the library choix; how sure they are follows from the curvature of the
likelihood there (Laplace). Every thing is taken to have won and lost `PRIOR` times beforehand, so that strengths stay finite and those
of things nobody was asked about lie in the middle. Legend: N things.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput

F64 = NDArray[np.float64]
#: Wins and losses a thing is taken to have beforehand, spread over all others: a weak pull to the middle.
PRIOR = 1.0
MAX_ITERATIONS, TOLERANCE = 10_000, 1e-5


class Strengths(NamedTuple):
    """`theta` [N], mean 0, in logits; `covariance` [N, N] of them."""

    theta: F64
    covariance: F64

    def margin(self) -> F64:
        """theta_i - theta_j, [N, N]."""
        return np.asarray(self.theta[:, None] - self.theta[None])

    def deviation(self) -> F64:
        """Standard deviation of each difference of strengths, [N, N]."""
        own = np.diag(self.covariance)
        return np.sqrt(np.maximum(own[:, None] + own[None] - 2 * self.covariance, 0))


def wins(count: int, answers: Sequence[tuple[int, int, float]]) -> F64:
    """Table [N, N] of how often the row beat the column, from (i, j, share of i): 1 won, 0 lost, 0.5 a tie.

    Raises:
        BadInput: a number that is no thing's, a thing against itself, or a share outside 0 to 1.
    """
    table = np.zeros((count, count))
    for i, j, share in answers:
        if not (0 <= i < count and 0 <= j < count) or i == j or not 0 <= share <= 1:
            raise BadInput(f"no comparison of {count} things: {i} with {j}, share {share}")
        table[i, j] += share
        table[j, i] += 1 - share
    return table


def strengths(table: F64, start: F64 | None = None) -> Strengths:
    """Fit strengths to a table of wins [N, N]; ties count as half a win each way.

    Args:
        table: as of `wins`.
        start: strengths [N] to begin from, where some are known; the result does not depend on them.

    Raises:
        BadInput: fewer than two things.
    """
    import choix

    count = len(table)
    if count < 2:
        raise BadInput(f"strengths need at least two things to compare, got {count}")
    full = table + PRIOR / count * (1 - np.eye(count))
    theta = np.asarray(choix.ilsr_pairwise_dense(full, 0.0, start, MAX_ITERATIONS, TOLERANCE), dtype=np.float64)
    theta = theta - theta.mean()
    chance = 1 / (1 + np.exp(theta[None] - theta[:, None]))
    weight = (full + full.T) * chance * (1 - chance)
    curvature = np.diag(weight.sum(1)) - weight
    return Strengths(theta, np.linalg.pinv(curvature, hermitian=True))
