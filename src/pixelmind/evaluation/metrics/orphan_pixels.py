"""Orphan pixels: share of drawn cells that stand alone and stand out, by the lint rule of that name (`quality/lint/orphans.py`, after
Azzi, "Pixel Logic", 2018).

Fails when: eyes, stars and glints are orphans on purpose, so the share of real pictures stands beside it.
"""

from __future__ import annotations

from pixelmind.quality.lint import orphans
from pixelmind.quality.lint.base import Canvas, Options
from pixelmind.records import U8


def orphan_share(rgba: U8) -> float:
    """Return the share in [0, 1] of drawn cells of uint8 [H, W, 4] that are orphans; 0 where nothing is drawn."""
    return orphans.find(Canvas.of(rgba), Options()).share
