"""What is usual: by rule the share that 98 % of real pictures of a size class (`base.CLASSES`) keep within.

Made by `experiments/lint/measure.py --calibrate --count 5000` on real `train` pictures within the budget of colours (painted art
apart); rules that are not named allow nothing (`pillow` holds its own limits).
"""

from __future__ import annotations

USUAL: dict[str, tuple[float, float, float, float]] = {
    "specks": (0.028, 0.002, 0.000, 0.002),
    "pinholes": (0.042, 0.018, 0.007, 0.011),
    "orphans": (0.207, 0.149, 0.056, 0.022),
    "noise": (0.429, 0.284, 0.096, 0.213),
    "jaggies": (0.067, 0.068, 0.054, 0.050),
    "doubles": (0.334, 0.250, 0.250, 0.420),
    "broken-outline": (0.140, 0.098, 0.073, 0.055),
    "halo": (0.304, 0.195, 0.173, 0.124),
    "banding": (0.108, 0.127, 0.085, 0.125),
    "near-colors": (1.000, 1.000, 0.834, 1.000),
}
