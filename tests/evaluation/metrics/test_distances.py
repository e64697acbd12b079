"""FID against closed forms and torchmetrics, KID against a double loop and its zero mean, diversity, fidelity."""

import numpy as np
import pytest
import torch

from pixelmind.evaluation.metrics import bootstrap, diversity, fid, intent_fidelity, kid


def test_frechet_distance_of_two_gaussians_in_closed_form() -> None:
    """Diagonal covariances commute: d² = |m1 - m2|² + sum (s1 - s2)², standard deviations s."""
    s1, s2 = np.array([1.0, 2.0, 0.5]), np.array([3.0, 1.0, 0.5])
    m1, m2 = np.zeros(3), np.array([1.0, -2.0, 2.0])
    value = fid.gaussian_distance(m1, np.diag(s1**2), m2, np.diag(s2**2))
    assert value == pytest.approx(9 + 4 + 1 + 0)


def test_frechet_distance_does_not_see_a_rotation_of_both() -> None:
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    a, b = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    a, b, m = a @ a.T, b @ b.T, rng.normal(size=4)
    plain = fid.gaussian_distance(np.zeros(4), a, m, b)
    assert fid.gaussian_distance(np.zeros(4), q @ a @ q.T, q @ m, q @ b @ q.T) == pytest.approx(plain)
    assert fid.gaussian_distance(m, b, np.zeros(4), a) == pytest.approx(plain)


def test_fid_agrees_with_torchmetrics() -> None:
    from torchmetrics.image.fid import FrechetInceptionDistance

    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(300, 6)), rng.normal(0.3, 1.4, size=(250, 6))

    class Flat(torch.nn.Module):
        num_features = 6

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1)

    theirs = FrechetInceptionDistance(feature=Flat(), input_img_size=(6, 1, 1))
    theirs.set_dtype(torch.float64)
    theirs.update(torch.from_numpy(a)[:, :, None, None], real=True)
    theirs.update(torch.from_numpy(b)[:, :, None, None], real=False)
    assert fid.fid(a, b) == pytest.approx(float(theirs.compute()), rel=1e-6)


def test_fid_of_a_cloud_with_itself_is_zero_even_when_singular() -> None:
    few = np.random.default_rng(2).normal(size=(5, 20))
    assert fid.fid(few, few) == pytest.approx(0, abs=1e-5)


def test_kid_equals_the_double_loop_of_its_definition() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    k = lambda p, q: (float(p @ q) / 3 + 1) ** 3  # noqa: E731
    xx = sum(k(x[i], x[j]) for i in range(4) for j in range(4) if i != j) / 12
    yy = sum(k(y[i], y[j]) for i in range(5) for j in range(5) if i != j) / 20
    xy = sum(k(p, q) for p in x for q in y) / 20
    assert kid.mmd2(x, y) == pytest.approx(xx + yy - 2 * xy)


def test_kid_is_unbiased() -> None:
    """Over many draws of one distribution its mean is zero within three standard errors; a shift is found."""
    rng = np.random.default_rng(4)
    values = np.array([kid.mmd2(rng.normal(size=(30, 4)), rng.normal(size=(30, 4))) for _ in range(400)])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(len(values))
    assert (values < 0).any()
    shifted, _ = kid.kid(rng.normal(size=(200, 4)), rng.normal(1, 1, size=(200, 4)), num_subsets=5, subset_size=100)
    assert shifted > 10 * values.std()


def test_diversity_of_known_angles() -> None:
    assert diversity.pairwise_distance(np.ones((3, 2))) == pytest.approx(0)
    assert diversity.pairwise_distance(np.array([[1.0, 0], [0, 2.0]])) == pytest.approx(1)
    assert diversity.pairwise_distance(np.array([[1.0, 0], [-1.0, 0], [1.0, 0]])) == pytest.approx((2 + 0 + 2) / 3)
    with pytest.raises(ValueError, match="two pictures"):
        diversity.pairwise_distance(np.ones((1, 2)))


def test_intent_fidelity_floor_ceiling_and_share() -> None:
    a = np.array([[1.0, 0], [0, 3.0], [1.0, 1.0]])
    assert intent_fidelity.cosines(a, np.array([[2.0, 0], [0, -1.0], [1.0, 0]])) == pytest.approx([1, -1, 2**-0.5])
    assert intent_fidelity.cosines(np.zeros((1, 2)), np.ones((1, 2))).tolist() == [0]
    assert intent_fidelity.shuffled_cosines(np.eye(4), np.eye(4)).tolist() == [0, 0, 0, 0]
    assert intent_fidelity.share(0.5, 0.25, 0.75) == pytest.approx(0.5)
    assert np.isnan(intent_fidelity.share(0.5, 0.4, 0.4))


def test_bootstrap_matches_the_normal_interval() -> None:
    values = np.random.default_rng(5).normal(2, 3, size=500)
    assert bootstrap.half_width(values) == pytest.approx(1.96 * 3 / np.sqrt(500), rel=0.12)
    assert bootstrap.half_width([1.0]) == 0
    assert bootstrap.half_width(np.ones(50)) == 0
