"""Number of colours against a budget: the one asked for, else one by size that pixel art, but not painted art, keeps within.

Unit: opaque colours; the share is of the budget, so above 1 is above the budget. Marked are the cells of the colours in excess, rarest
first. Cannot tell: painted art of many colours is a style of its own; ask for your own budget.
"""

from __future__ import annotations

import numpy as np

from pixelmind.quality.lint.base import Canvas, Found, Options

#: Colours by size class: real pictures above are painted ones, 6, 15, 1 and 11 of 100 (experiments/lint/measure.py).
BUDGETS = (24, 40, 64, 128)
MANY = 4
"""Budgets of colours that nobody picks by hand."""


def find(canvas: Canvas, options: Options) -> Found:
    """All opaque colours; the limit is the budget."""
    used = np.flatnonzero(canvas.colors[:, 3] == 255)
    budget = options.max_colors or BUDGETS[canvas.size_class]
    over = max(0, len(used) - budget)
    rarest = used[np.argsort(canvas.cells_of[used], kind="stable")][:over]
    says = f"{over:,} above the budget of {budget:,}" if over else f"budget {budget:,}"
    if len(used) > MANY * budget:
        says += "; if it was smoothed or saved as a JPEG: pixelmind snap"
    return Found(count=len(used), of=budget, cells=np.isin(canvas.number, rarest), limit=1.0, says=says)
