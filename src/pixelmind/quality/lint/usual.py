"""What is usual: by rule the share that 98 % of real pictures of a size class (`base.CLASSES`) keep within.

Made by `experiments/lint/measure.py --calibrate` on real `train` pictures within the budget of colours (painted art apart); rules that
are not named allow nothing.
"""

from __future__ import annotations

USUAL: dict[str, tuple[float, float, float, float]] = {
    "specks": (0.028, 0.002, 0.001, 0.002),
    "pinholes": (0.038, 0.020, 0.007, 0.011),
    "orphans": (0.528, 0.477, 0.211, 0.245),
    "jaggies": (0.112, 0.094, 0.066, 0.100),
    "doubles": (0.334, 0.250, 0.258, 0.420),
    "broken-outline": (0.125, 0.065, 0.067, 0.043),
    "halo": (0.306, 0.195, 0.183, 0.124),
    "banding": (0.110, 0.125, 0.087, 0.125),
    "near-colors": (1.000, 0.975, 0.838, 1.000),
}
