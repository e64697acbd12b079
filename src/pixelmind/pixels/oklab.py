"""OKLab, a perceptual colour space whose Euclidean distance follows the eye.

Source: B. Ottosson, "A perceptual color space for image processing" (2020), with the sRGB transfer function of
IEC 61966-2-1. L in [0, 1]; a, b about [-0.4, 0.4] for sRGB colours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixelmind.records import U8

F32 = NDArray[np.float32]

#: linear sRGB -> cone responses (M1), cube-rooted cone responses -> OKLab (M2), as published.
M1 = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
M2 = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
M1_INVERSE, M2_INVERSE = np.linalg.inv(M1), np.linalg.inv(M2)

_code = np.arange(256) / 255.0
#: sRGB code value 0..255 -> linear light in [0, 1].
LINEAR: NDArray[np.float64] = np.where(_code <= 0.04045, _code / 12.92, ((_code + 0.055) / 1.055) ** 2.4)


def srgb_to_oklab(rgb: U8) -> F32:
    """Return float32 OKLab of uint8 sRGB, both [..., 3]."""
    lab: F32 = (np.cbrt(LINEAR[rgb] @ M1.T) @ M2.T).astype(np.float32)
    return lab


def oklab_to_srgb(lab: NDArray[np.floating]) -> U8:
    """Return uint8 sRGB of OKLab, both [..., 3]; colours outside sRGB are clipped channel by channel."""
    return _encode(((np.asarray(lab, dtype=np.float64) @ M2_INVERSE.T) ** 3) @ M1_INVERSE.T)


def _encode(linear: NDArray[np.float64]) -> U8:
    linear = np.clip(linear, 0.0, 1.0)
    code = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(code * 255.0).astype(np.uint8)


def lab_d50_to_srgb(lightness: float, a: float, b: float) -> U8:
    """Return uint8 sRGB [3] of one CIE L*a*b* colour (D50, L in [0, 100]), as Adobe swatches hold them.

    CIE 15:2004 inverse, then XYZ (D50) to linear sRGB with the Bradford-adapted matrix of B. Lindbloom.
    """
    fy = (lightness + 16) / 116
    f = np.array([fy + a / 500, fy, fy - b / 200])
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * np.array([0.96422, 1.0, 0.82521])
    to_linear = np.array(
        [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
    )
    return _encode(to_linear @ xyz)
