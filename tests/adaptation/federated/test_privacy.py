"""Quantisation, noise, accounting and averaging, each against what it must be exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dp_accounting import GaussianDpEvent, SelfComposedDpEvent
from dp_accounting.rdp import RdpAccountant
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pixelmind.adaptation.federated.accounting import (
    ORDERS,
    Accountant,
    Budget,
    BudgetSpent,
    central_epsilon,
    epsilon,
    least_noise,
    skellam_rdp,
)
from pixelmind.adaptation.federated.aggregation import AdaptiveClip, aggregate
from pixelmind.adaptation.federated.codec import BIT, Codec
from pixelmind.adaptation.federated.noise import Noise, skellam
from pixelmind.adaptation.federated.quantization import LEVELS, Quantizer, bits_for, clip_norm
from pixelmind.errors import BadInput


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(1e-3, 1e3), st.sampled_from([2, 64, LEVELS]))
@settings(max_examples=80, deadline=None)
def test_quantised_updates_keep_their_bounds_and_are_within_a_step(
    values: list[float], clip: float, levels: int
) -> None:
    update = np.array(values)
    q = Quantizer(length=len(values), clip=clip, levels=levels)
    whole = q.quantize(update, np.random.default_rng(0))
    assert np.linalg.norm(whole) <= q.l2
    assert np.abs(whole).sum() <= q.l1
    assert np.abs(whole).max() <= levels + 1
    assert np.abs(q.dequantize(whole) - clip_norm(update, clip)).max() <= q.step * (1 + 1e-6)


def test_rounding_keeps_the_mean_and_sums_are_exact_to_it() -> None:
    q = Quantizer(length=3, clip=1.0, levels=8)
    update = np.array([0.3, -0.51, 0.06])
    rng = np.random.default_rng(1)
    drawn = np.array([q.quantize(update, rng) for _ in range(20_000)])
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) * q.step - update) < 5 * error * q.step + 1e-9).all()
    assert np.array_equal(q.dequantize(drawn.sum(axis=0)), drawn.sum(axis=0) / 8)


def test_the_bound_after_rounding_is_that_of_the_paper_and_costs_little() -> None:
    """By hand for 4 numbers and 2 levels: min(2 + 2, sqrt(4 + 1 + 1 (2 + 1))) = sqrt(8); and at the size of an adapter 0.01 %."""
    assert Quantizer(length=4, clip=1.0, levels=2).l2 == pytest.approx(math.sqrt(8))
    assert Quantizer(length=60_000, clip=1.0).l2 / LEVELS < 1.0001


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_not_sent(bad: float) -> None:
    update = np.array([0.1, bad])
    for codec in (Codec(quantizer=Quantizer(length=2, clip=1.0), max_weight=9), private(2)):
        with pytest.raises(BadInput, match="NaN"):
            codec.encode(update, 3, np.random.default_rng(0))
    with pytest.raises(BadInput, match="NaN"):
        aggregate([update, np.zeros(2)], [1, 1], "median")


def private(length: int, multiplier: float = 1.0, clients: int = 10, adaptive: bool = False) -> Codec:
    noise = Noise(multiplier=multiplier, minimum=clients)
    clip = AdaptiveClip(norm=1.0) if adaptive else None
    bit = Noise(multiplier=clients / 10, minimum=clients) if adaptive else None
    return Codec(quantizer=Quantizer(length=length, clip=1.0), noise=noise, clip=clip, bit_noise=bit)


@given(st.integers(1, 6), st.data())
@settings(max_examples=40, deadline=None)
def test_sums_of_encoded_updates_are_the_weighted_mean(clients: int, data: st.DataObject) -> None:
    floats = st.lists(st.floats(-3, 3), min_size=5, max_size=5)
    updates = [np.array(data.draw(floats)) for _ in range(clients)]
    weights = [data.draw(st.integers(1, 30)) for _ in range(clients)]
    codec = Codec(quantizer=Quantizer(length=5, clip=2.0), max_weight=20, clip=AdaptiveClip(norm=2.0))
    rng = np.random.default_rng(0)
    total = np.sum([codec.encode(u, w, rng) for u, w in zip(updates, weights)], axis=0)
    told = codec.decode(total, clients)
    counted = [min(w, 20) for w in weights]
    wanted = aggregate(updates, counted, clip=2.0)
    # Each client is off by less than a step before it is scaled by max_weight over the sum of weights.
    assert np.abs(told.mean - wanted).max() <= codec.quantizer.step * clients * 20 / sum(counted) * 1.001
    assert told.weight == sum(counted)
    below = np.mean([np.linalg.norm(u) <= 2.0 for u in updates])
    assert told.clip is not None
    assert told.clip.norm == pytest.approx(2.0 * math.exp(-0.2 * (below - 0.5)))


def test_weights_that_cannot_be_are_refused() -> None:
    codec = Codec(quantizer=Quantizer(length=2, clip=1.0), max_weight=5)
    for weight in (1, 11):
        with pytest.raises(BadInput, match="weights"):
            codec.decode(np.array([0, 0, weight]), 2)
    with pytest.raises(BadInput, match="without pictures"):
        codec.encode(np.zeros(2), 0, np.random.default_rng(0))
    with pytest.raises(BadInput, match="numbers"):
        codec.decode(np.zeros(9, np.int64), 2)


def test_shares_of_noise_add_up_to_the_skellam_that_is_accounted_for() -> None:
    """Ten shares of a variance of 4 in all: their sum against Skellam(2, 2), chi-squared; and with more clients there is more."""
    rng = np.random.default_rng(0)
    noise = Noise(multiplier=2.0, minimum=10)
    total = np.sum([noise.share(1.0, 40_000, rng) for _ in range(10)], axis=0)
    edges = np.arange(-6, 7)
    seen = np.array([(total == k).sum() for k in edges])
    wanted = stats.skellam.pmf(edges, 2, 2) * len(total)
    assert (
        stats.chisquare(np.append(seen, len(total) - seen.sum()), np.append(wanted, len(total) - wanted.sum())).pvalue
        > 1e-4
    )
    more = np.sum([noise.share(1.0, 40_000, rng) for _ in range(15)], axis=0)
    assert more.var() == pytest.approx(6.0, rel=0.05)
    aside = Noise(multiplier=2.0, minimum=10, colluding=5)
    assert np.sum([aside.share(1.0, 40_000, rng) for _ in range(5)], axis=0).var() == pytest.approx(4.0, rel=0.05)
    assert skellam(5.0, 40_000, rng).mean() == pytest.approx(0, abs=5 * math.sqrt(5 / 40_000))


@pytest.mark.parametrize(("shift", "variance"), [(1, 0.5), (1, 4.0), (3, 10.0), (5, 200.0)])
def test_the_skellam_bound_lies_above_the_true_divergence_and_close(shift: int, variance: float) -> None:
    """One number with sensitivity `shift`: its Rényi divergence summed term by term, at orders where the sum is exact in float64."""
    k = np.arange(-600, 601)
    log_p, log_q = (
        np.log(np.maximum(stats.skellam.pmf(k - s, variance / 2, variance / 2), 1e-300)) for s in (shift, 0)
    )
    bound = skellam_rdp(shift, shift, variance)
    for order in (2, 3, 5):
        kept = (log_p > -600) & (log_q > -600)
        true = np.log(np.exp(order * log_p[kept] + (1 - order) * log_q[kept]).sum()) / (order - 1)
        assert true <= bound[order - 2] * (1 + 1e-9)
        gaussian = order * shift**2 / (2 * variance)
        assert bound[order - 2] <= gaussian * 1.02 or variance < 100


@pytest.mark.parametrize(("multiplier", "rounds"), [(0.8, 1), (1.5, 10), (5.0, 100)])
def test_epsilon_agrees_with_dp_accounting_to_one_percent(multiplier: float, rounds: int) -> None:
    """With fine steps the noise is as good as Gaussian, which dp-accounting counts itself (over its own orders)."""
    codec = private(60_000, multiplier)
    ours = epsilon(rounds * codec.cost(), 1e-5)
    theirs = RdpAccountant().compose(SelfComposedDpEvent(GaussianDpEvent(multiplier), rounds)).get_epsilon(1e-5)
    assert ours == pytest.approx(theirs, rel=0.01)
    assert central_epsilon(multiplier, rounds, 1e-5) == pytest.approx(theirs, rel=1e-9)
    assert central_epsilon(multiplier, rounds, 1e-5, sampling_rate=0.1) < theirs


def test_the_bit_of_the_clip_norm_is_paid_for() -> None:
    plain, adaptive = private(100, 1.0), private(100, 1.0, adaptive=True)
    extra = adaptive.cost() - plain.cost()
    assert np.allclose(extra, skellam_rdp(BIT, BIT, float(BIT) ** 2))
    assert epsilon(adaptive.cost(), 1e-5) > epsilon(plain.cost(), 1e-5)


def test_the_accountant_stops_before_the_budget_is_exceeded() -> None:
    cost = private(1000, 3.0).cost()
    account = Accountant(Budget(epsilon=4.0, delta=1e-5))
    assert account.epsilon == 0
    while account.affords(cost):
        before = account.epsilon
        account.spend(cost)
        assert before < account.epsilon <= 4.0
        assert account.epsilon == pytest.approx(epsilon(len(account.rounds) * cost, 1e-5))
    spent, rounds = account.epsilon, len(account.rounds)
    with pytest.raises(BudgetSpent, match="budget is spent"):
        account.spend(cost)
    assert (account.epsilon, len(account.rounds)) == (spent, rounds)
    assert epsilon((rounds + 1) * cost, 1e-5) > 4.0
    assert account.rounds == [epsilon(cost, 1e-5)] * rounds


@given(st.floats(0.3, 20), st.integers(1, 200), st.sampled_from([1e-3, 1e-5, 1e-8]))
@settings(max_examples=15, deadline=None)
def test_the_least_noise_fits_the_budget_and_a_little_less_does_not(eps: float, rounds: int, delta: float) -> None:
    budget = Budget(epsilon=eps, delta=delta)
    cost = lambda z: private(1000, z).cost()  # noqa: E731
    z = least_noise(cost, rounds, budget)
    assert epsilon(rounds * cost(z), delta) <= eps
    assert epsilon(rounds * cost(z / 1.001), delta) > eps


def test_no_noise_is_no_privacy() -> None:
    assert epsilon(skellam_rdp(1, 1, 0.0), 1e-5) == math.inf
    with pytest.raises(ValueError, match="no amount"):
        Codec(quantizer=Quantizer(length=2, clip=1.0)).cost()
    assert len(ORDERS) == len(skellam_rdp(1, 1, 1.0))


@pytest.mark.parametrize("value", [{"epsilon": 0.0}, {"epsilon": math.inf}, {"delta": 0.0}, {"delta": 1.0}])
def test_budgets_that_cannot_be_are_refused(value: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        Budget(**{"epsilon": 1.0, "delta": 1e-5, **value})


def test_sums_fit_their_modulus() -> None:
    assert bits_for(2, 100) == 16
    assert bits_for(50, LEVELS + 1) == 24
    assert bits_for(200, LEVELS + 1) == 32
    with pytest.raises(BadInput, match="56"):
        bits_for(2**20, 2**40)
    codec = private(500, 4.0, clients=10, adaptive=True)
    rng, limit = np.random.default_rng(0), 2 ** (codec.bits(30) - 1)
    extreme = np.zeros(500)
    extreme[0] = 9.0
    total = np.sum([codec.encode(extreme, 1, rng) for _ in range(30)], axis=0)
    assert np.abs(total).max() < limit


@given(st.lists(st.lists(st.floats(-10, 10), min_size=3, max_size=3), min_size=1, max_size=9))
def test_median_and_trimmed_mean_stay_among_the_honest(values: list[list[float]]) -> None:
    """Fewer poisoned updates than are trimmed at either end cannot move any number beyond the honest ones' range."""
    honest = [np.array(v) for v in values]
    poisoned = [np.full(3, 1e9)] * ((len(honest) - 1) // 2)
    everybody, ones = honest + poisoned, [1.0] * (len(honest) + len(poisoned))
    share = len(poisoned) / len(everybody)
    for found in (
        aggregate(everybody, ones, "median"),
        aggregate(everybody, ones, "trimmed", trim=min(share, 0.49)),
    ):
        assert (found >= np.min(honest, axis=0) - 1e-9).all()
        assert (found <= np.max(honest, axis=0) + 1e-9).all()


def test_averages_by_hand() -> None:
    updates = [np.array([1.0, 0.0]), np.array([3.0, 4.0]), np.array([100.0, 0.0])]
    assert np.allclose(aggregate(updates, [1, 3, 1]), [(1 + 9 + 100) / 5, 12 / 5])
    assert np.allclose(aggregate(updates, [1, 3, 1], "median"), [3, 0])
    assert np.allclose(aggregate(updates, [1, 3, 1], "trimmed", trim=1 / 3), [3, 0])
    assert np.allclose(aggregate(updates, [1, 1, 1], clip=5.0), [(1 + 3 + 5) / 3, 4 / 3])
    for weights in ([1.0, 1.0], [1.0, 0.0, 1.0], [1.0, np.nan, 1.0]):
        with pytest.raises(BadInput):
            aggregate(updates, weights)


def test_the_clip_norm_finds_its_quantile() -> None:
    norms = np.random.default_rng(0).lognormal(1.0, 0.5, 200)
    clip = AdaptiveClip(norm=50.0, quantile=0.7)
    for _ in range(200):
        clip = clip.after(float(sum(clip.bit(n) for n in norms)), len(norms))
    assert np.mean(norms <= clip.norm) == pytest.approx(0.7, abs=0.03)
