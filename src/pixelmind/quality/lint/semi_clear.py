"""Half-clear cells: alpha neither 0 nor 255, as soft brushes, resampling and soft erasers leave them.

Unit: cells; the share is of the drawn cells. Nothing is usual. Cannot tell: glass, ghosts and shadows drawn half clear on purpose,
which engines that blend will show.
"""

from __future__ import annotations

from pixelmind.quality.lint.base import Canvas, Found, Options, counted


def find(canvas: Canvas, options: Options) -> Found:
    """Cells of alpha 1 to 254."""
    alpha = canvas.rgba[..., 3]
    return counted((alpha > 0) & (alpha < 255), int(canvas.drawn.sum()))
