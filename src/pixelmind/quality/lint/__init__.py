"""Lint: exact counts of what pixel artists call faults, and the cells of each. No network, no torch; the same picture, the same answer.

In: a picture uint8 [H, W, 4]. Out: a `LintReport`. One rule a file; `RULES` lists them. What real pictures of a size usually have is
not held against a picture (`experiments/lint/measure.py`). One command: `pixelmind lint IMAGE`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.pixels import grid
from pixelmind.quality.lint import (
    banding,
    color_count,
    doubles,
    halo,
    jaggies,
    mixels,
    near_colors,
    noise,
    off_palette,
    orphans,
    outline,
    pillow,
    pinholes,
    semi_clear,
    specks,
)
from pixelmind.quality.lint.base import CLASSES, Canvas, Finding, Found, LintReport, Options, Rule, plural
from pixelmind.quality.lint.usual import USUAL
from pixelmind.records import U8, Palette

__all__ = ["MAX_COLORS", "MAX_SIDE", "RULES", "Finding", "LintReport", "Rule", "lint"]

MAX_SIDE = 1024
MAX_COLORS = 4096
"""More colours than this are a photo or a blurred picture, of which no count of cells says anything."""
SMALLEST = 8
"""A picture is taken for an enlarged one where the true one has at least so many px a side."""
SURE_BITS = 20
"""… and its corners would lie on the lattice by chance once in 2 to the so many times: a plain box on even px proves nothing."""


Find = Callable[[Canvas, Options], Found]


def _rules(*rows: tuple[str, str, str, str, str, Find]) -> dict[str, Rule]:
    """Rules by name, of (name, unit, what the share is of, advice, colour, finder)."""
    rules = {}
    for name, unit, of, advice, color, find in rows:
        red, green, blue = bytes.fromhex(color)
        usual = USUAL.get(name, (0.0,) * len(CLASSES))
        rules[name] = Rule(name=name, unit=unit, of=of, advice=advice, color=(red, green, blue), find=find, usual=usual)
    return rules


# fmt: off
RULES = _rules(
    ("mixels", "cell", "all cells", "pixels of another size; draw on one grid, or: pixelmind snap", "ff3df2", mixels.find),
    ("semi-clear", "cell", "drawn cells", "alpha neither 0 nor 255; make it hard", "00e5ff", semi_clear.find),
    ("specks", "speck", "body cells", "cells that stand alone in the clear margin; erase or join them", "ffe600", specks.find),
    ("pinholes", "hole", "body cells", "clear cells inside the body; fill them", "ff9f1c", pinholes.find),
    ("orphans", "cell", "drawn cells", "single cells unlike every neighbour; join or drop them", "ff3b30", orphans.find),
    ("noise", "cell", "drawn cells", "single cells hardly told from a neighbour; merge them, or: pixelmind snap", "d6a77a", noise.find),
    ("jaggies", "run", "silhouette runs", "runs that break a line or curve; even their lengths", "34d399", jaggies.find),
    ("doubles", "double", "outline steps", "doubled steps of the outline; take one cell of the two", "a3e635", doubles.find),
    ("broken-outline", "gap", "silhouette cells", "short gaps in the outline; close them", "f97316", outline.find),
    ("halo", "cell", "silhouette cells", "a fringe of an old background; recolour or erase it", "38bdf8", halo.find),
    ("banding", "cell", "drawn cells", "shades that hug each other's edges; vary their width", "c084fc", banding.find),
    ("pillow", "cluster", "deep clusters", "lighter from edge to middle; choose a side for the light", "fb7185", pillow.find),
    ("near-colors", "colour", "colours", "colours hardly told apart; merge them", "fde68a", near_colors.find),
    ("colors", "colour", "the budget", "more colours than the budget; merge the rarest", "94a3b8", color_count.find),
    ("off-palette", "cell", "drawn cells", "colours off the palette; recolour them", "f43f5e", off_palette.find),
)
# fmt: on


def lint(
    rgba: U8,
    *,
    max_colors: int | None = None,
    palette: Palette | None = None,
    rules: Sequence[str] = (),
    everything: bool = False,
) -> LintReport:
    """Count what the rules (default: all) find in uint8 [H, W, 4].

    A picture that is a whole enlargement is counted at its true size, and `mixels` says so. `everything` holds against a picture what is
    usual too. A budget of `max_colors` takes the place of the size's.

    Raises:
        BadInput: not a picture, over 1,024 px a side or over 4,096 colours, a limit below 1, or an unknown rule.
    """
    wanted = check(rgba, max_colors, rules)
    small, factor = grid.undo_upscale(rgba, SMALLEST)
    canvas = Canvas.of(small)
    if factor > 1 and int(mixels.corners(canvas.number).sum()) * 2 * np.log2(factor) < SURE_BITS:
        canvas, factor = Canvas.of(rgba), 1
    if len(canvas.colors) > MAX_COLORS:
        raise BadInput(
            f"it has {len(canvas.colors):,} colours, which is a photo or a blurred picture; first: pixelmind snap"
        )
    options = Options(max_colors=max_colors, palette=palette)
    counts = []
    for rule in wanted:
        found = rule.find(canvas, options)
        if rule.name == "mixels" and factor > 1:
            whole = int(np.prod(canvas.shape))
            true = f"{canvas.shape[1]}x{canvas.shape[0]} px enlarged {factor} times"
            says = f"the whole picture is {true}; save it at its true size: pixelmind snap"
            found = Found(count=whole, of=whole, cells=~canvas.none(), says=says)
        counts.append(_finding(rule, found, canvas, factor, everything))
    colors = int((canvas.colors[:, 3] == 255).sum())
    return LintReport(counts=tuple(counts), size=canvas.shape, colors=colors, factor=factor)


def check(rgba: U8, max_colors: int | None = None, rules: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules asked for, in order.

    Raises:
        BadInput: as `lint`, but for the number of colours.
    """
    if rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.size == 0:
        raise BadInput(f"a canvas must be uint8 [height, width, 4], got {rgba.dtype} {list(rgba.shape)}")
    if max(rgba.shape[:2]) > MAX_SIDE:
        size = f"{rgba.shape[1]}x{rgba.shape[0]}"
        raise BadInput(f"it is {size} px, at most {MAX_SIDE:,} a side can be linted; enlarged art: pixelmind snap")
    if max_colors is not None and max_colors < 1:
        raise BadInput(f"a budget must be at least 1 colour, got {max_colors}")
    return named(rules)


def named(rules: Sequence[str]) -> tuple[Rule, ...]:
    """Rules by name, in the order of `RULES`; all where none is named.

    Raises:
        BadInput: there is none of a name.
    """
    unknown = [name for name in rules if name not in RULES]
    if unknown:
        raise BadInput(f"unknown rule {unknown[0]!r}; use one of {', '.join(RULES)}")
    return tuple(rule for rule in RULES.values() if not rules or rule.name in rules)


def _finding(rule: Rule, found: Found, canvas: Canvas, factor: int, everything: bool) -> Finding:
    usual = rule.usual[canvas.size_class] if found.limit is None else found.limit
    fault = found.share > usual if found.limit is not None else found.count > 0 and (everything or found.share > usual)
    cells = found.cells.repeat(factor, 0).repeat(factor, 1) if factor > 1 else found.cells
    what, advice = rule.advice.split("; ", 1)
    if found.says:
        what, _, own = found.says.partition("; ")
        advice = own or (advice if fault else "")
    says = f"{what}; {advice}" if advice else what
    message = f"{plural(found.count, rule.unit)}: {says}" if found.count else "none"
    return Finding(
        rule=rule.name, count=found.count, share=found.share, cells=cells, message=message, usual=usual, fault=fault
    )
