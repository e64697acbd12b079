"""OKLab against Ottosson's published pairs and against coloraide."""

import numpy as np
import pytest
from coloraide import Color

from pixelmind.pixels import oklab


@pytest.mark.parametrize(
    ("xyz", "lab"),
    [  # the table in Ottosson 2020, XYZ (D65) -> OKLab, to three places
        ((0.950, 1.000, 1.089), (1.000, 0.000, 0.000)),
        ((1.000, 0.000, 0.000), (0.450, 1.236, -0.019)),
        ((0.000, 1.000, 0.000), (0.922, -0.671, 0.263)),
        ((0.000, 0.000, 1.000), (0.153, -1.415, -0.449)),
    ],
)
def test_matrices_give_the_published_table(xyz, lab):
    to_linear = np.array(
        [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
    )
    got = oklab.M2 @ np.cbrt(oklab.M1 @ (to_linear @ np.array(xyz)))
    np.testing.assert_allclose(got, lab, atol=1.5e-3)


def test_agrees_with_coloraide():
    rgb = np.random.default_rng(0).integers(0, 256, (64, 3), dtype=np.uint8)
    expected = [Color("srgb", [int(v) / 255 for v in c]).convert("oklab").coords() for c in rgb]
    np.testing.assert_allclose(oklab.srgb_to_oklab(rgb), expected, atol=2e-6)


def test_round_trip_is_exact_for_every_code_value():
    ramp = np.arange(256, dtype=np.uint8)
    rgb = np.stack([ramp, ramp[::-1], np.roll(ramp, 85)], axis=1)
    assert oklab.srgb_to_oklab(rgb).dtype == np.float32
    np.testing.assert_array_equal(oklab.oklab_to_srgb(oklab.srgb_to_oklab(rgb)), rgb)


def test_colours_outside_srgb_are_clipped():
    assert oklab.oklab_to_srgb(np.array([2.0, 0.0, 0.0])).tolist() == [255, 255, 255]
    assert oklab.oklab_to_srgb(np.array([-1.0, 0.0, 0.0])).tolist() == [0, 0, 0]


@pytest.mark.parametrize("text", ["#ff8000", "#3366cc", "#808080"])
def test_cie_lab_inverse_agrees_with_coloraide(text):
    color = Color(text)
    got = oklab.lab_d50_to_srgb(*color.convert("lab").coords())
    assert np.abs(got.astype(int) - [round(255 * v) for v in color.coords()]).max() <= 1
