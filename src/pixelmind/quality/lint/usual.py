"""What is usual: by rule the share that 98 % of real pictures of a size class (`base.CLASSES`) keep within.

Made by `experiments/lint/measure.py --calibrate` on real `train` pictures within the budget of colours (painted art apart); rules that
are not named allow nothing.
"""

from __future__ import annotations

USUAL: dict[str, tuple[float, float, float, float]] = {
    "specks": (0.028, 0.002, 0.001, 0.002),
    "pinholes": (0.039, 0.020, 0.007, 0.011),
    "orphans": (0.528, 0.456, 0.215, 0.245),
    "jaggies": (0.042, 0.050, 0.047, 0.050),
    "doubles": (0.334, 0.250, 0.256, 0.420),
    "broken-outline": (0.125, 0.065, 0.062, 0.043),
    "halo": (0.306, 0.195, 0.184, 0.124),
    "banding": (0.111, 0.123, 0.086, 0.125),
    "near-colors": (1.000, 0.959, 0.834, 1.000),
}
