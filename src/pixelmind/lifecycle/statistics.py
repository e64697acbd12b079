"""A difference of two arms that may be looked at after every unit: a confidence sequence by the normal mixture.

Unit i is given the treatment (T_i = 1) with a chance p_i that is known before it comes, and shows an outcome Y_i. With m_i the mean of the
outcomes before it, (T_i - p_i)(Y_i - m_i) has the mean p_i (1 - p_i) times the effect, whatever the outcomes' trend in time; so

    S_n = sum (T_i - p_i)(Y_i - m_i),   effect = S_n / sum p_i (1 - p_i),   V_n = sum ((T_i - p_i)(Y_i - m_i))^2,

and the interval's half width is u(V_n) / sum p_i (1 - p_i) with the two-sided normal mixture boundary

    u(v) = sqrt((v + rho) log((v + rho) / (rho alpha^2)))

(S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics
2021, eq. 14; known chances as in their section 4.2). Inverted it is the mixture SPRT of R. Johari, P. Koomen, L. Pekelis and D. Walsh
("Always valid inference", Operations Research 2022). With variances estimated it holds asymptotically (I. Waudby-Smith et al., Annals of
Statistics 2024); tests/lifecycle/test_statistics.py and benchmarks/rollout.py check by simulation that it does here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import lambertw

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Series:
    """Units in the order of their outcomes: `treated` bool [N], `chance` of the treatment [N], `outcome` [N]."""

    treated: NDArray[np.bool_]
    chance: F64
    outcome: F64

    def __len__(self) -> int:
        return len(self.outcome)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Treatment less control with an interval that holds at all times together, an always valid p-value, and both arms' plain means."""

    effect: float
    low: float
    high: float
    p: float
    control: float
    treatment: float
    num_control: int
    num_treatment: int


def boundary(v: ArrayLike, alpha: float, rho: float) -> F64:
    """u(v): what |S_n| exceeds at any n with a chance of alpha at most; v is the variance so far, rho > 0 where it is tightest."""
    total = np.asarray(v, np.float64) + rho
    return np.asarray(np.sqrt(total * np.log(total / (rho * alpha**2))))


def best_rho(v: float, alpha: float) -> float:
    """The rho whose boundary is lowest at the variance v > 0: v / (-W_{-1}(-alpha^2 / e) - 1) (Howard et al. 2021, section 3.5)."""
    return v / (-float(lambertw(-(alpha**2) / math.e, -1).real) - 1)


def path(series: Series, alpha: float, rho: float) -> tuple[F64, F64, F64, F64]:
    """(effect, low, high, p) [N] after each unit. Without weight yet (all chances 0 or 1) the effect is 0 and the interval endless."""
    n = np.arange(len(series))
    before = np.concatenate([[0.0], np.cumsum(series.outcome)[:-1]]) if len(n) else np.zeros(0)
    mean = np.where(n > 0, before / np.maximum(n, 1), series.outcome)  # the first unit says nothing
    phi = (series.treated - series.chance) * (series.outcome - mean)
    s, v, weight = np.cumsum(phi), np.cumsum(phi**2), np.cumsum(series.chance * (1 - series.chance))
    known = weight > 0
    safe = np.where(known, weight, 1.0)
    effect = np.where(known, s / safe, 0.0)
    half = np.where(known, boundary(v, alpha, rho) / safe, np.inf)
    p = np.minimum(1.0, np.sqrt((v + rho) / rho) * np.exp(-(s**2) / (2 * (v + rho))))
    return effect, effect - half, effect + half, np.minimum.accumulate(p) if len(p) else p


def difference(series: Series, alpha: float, rho: float) -> Difference:
    """The difference after the last unit."""
    effect, low, high, p = [
        float(x[-1]) if len(x) else d for x, d in zip(path(series, alpha, rho), (0.0, -math.inf, math.inf, 1.0))
    ]
    shown = [series.outcome[series.treated == arm] for arm in (False, True)]
    control, treatment = (float(x.mean()) if len(x) else math.nan for x in shown)
    return Difference(
        effect=effect,
        low=low,
        high=high,
        p=p,
        control=control,
        treatment=treatment,
        num_control=len(shown[0]),
        num_treatment=len(shown[1]),
    )
