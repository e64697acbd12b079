"""After drawing: what is finished is inspected, mended within what was asked for, and marked where a person should look at it.

Only winners come here, each by itself, so that a picture never depends on what else was drawn in the same breath. Cells that were given
stay: those outside an edit's or inpainting's region, and the edge of a seamless tile, so that it still meets itself. A colour never comes
in that the picture has not. What was exactly told (a palette swap, a mirror) is no drawing and is left as it is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.dialogue.results import EditResult, changed_cells, indexed, no_part
from pixelmind.dialogue.schema import DRAWN_OPERATIONS
from pixelmind.dialogue.sentences import sentence
from pixelmind.quality import heat_map
from pixelmind.quality.verdict import reason
from pixelmind.records import U8, GenerationRequest, GenerationResult, Palette, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.edits import EditRequest
    from pixelmind.generator.pipeline import PixelPipeline
    from pixelmind.quality.inspector import Inspected, QualityInspector

MAX_SEED = 1 << 53
ANEW = 0x1E3779B97F4A7D
"""What is drawn anew has a seed of its own: that of its picture and so much more each time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """A finished picture as it is after the check, figures under "quality" in its provenance; `heat_map` is a PNG where it is flagged."""

    sprite: Sprite
    inspected: Inspected
    flagged: bool
    heat_map: bytes | None
    seconds: float


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckedResult(GenerationResult):
    """A result with what was found of each sprite."""

    checked: tuple[Checked, ...]


class Check:
    """Checks what is drawn for one request or turn, and keeps what it found."""

    def __init__(self, inspector: QualityInspector) -> None:
        self.inspector = inspector
        self._found: dict[int, Checked] = {}  # by id() of the sprite, which it keeps alive

    @property
    def found(self) -> Sequence[Checked]:
        """All that was checked, in order."""
        return tuple(self._found.values())

    def of(self, sprite: Sprite) -> Checked | None:
        """What was found of a sprite that a check returned."""
        return self._found.get(id(sprite))

    def drawn(self, pipe: PixelPipeline, request: GenerationRequest, result: GenerationResult) -> CheckedResult:
        """The result with its sprites checked; `pipe` draws cells anew."""
        c = request.conditioning
        keep = np.zeros((c.height, c.width), bool) if request.region is None else request.region == 0
        if c.seamless:
            keep[[0, -1]] = keep[:, [0, -1]] = True
        allowed = None if c.palette is None else c.palette.colors
        checked = tuple(
            self._checked(
                sprite,
                request.source,
                keep,
                allowed=allowed,
                max_colors=c.max_colors,
                regenerate=None if c.seamless else _Anew(pipe, request, seed),
            )
            for sprite, seed in zip(result.sprites, result.seeds)
        )
        told = vars(result) | {"sprites": tuple(x.sprite for x in checked)}
        told["seconds"] += sum(x.seconds for x in checked)
        return CheckedResult(**told, checked=checked)

    def edited(self, before: Sprite, request: EditRequest, result: EditResult) -> EditResult:
        """The edit with what it drew checked; one that drew nothing as it is. No cell changes that the edit left alone."""
        if result.operation not in DRAWN_OPERATIONS:
            return result
        sprite = self._checked(result.sprite, before, ~result.changed).sprite
        changed = changed_cells(before, sprite)
        told = replace(request, operation=result.operation)
        said = sentence(told, result.place, result.arguments, int(changed.sum()), before, sprite)
        return replace(result, sprite=sprite, changed=changed, sentence=said)

    def _checked(self, sprite: Sprite, source: Sprite | None, keep: NDArray[np.bool_], **allowed: Any) -> Checked:
        """What is made of a `source` that was doubtful already is not flagged: that is the person's own."""
        start = time.perf_counter()
        inspected = self.inspector.inspect(sprite.rgba(), keep=keep, **allowed)
        flagged = inspected.flagged
        if flagged and source is not None:
            flagged = self.inspector.judge([source.rgba()])[0].dissatisfied < self.inspector.flag_at
        about = figures(inspected, flagged, self.inspector.id)
        found = Checked(
            sprite=replace(_mended(sprite, inspected), provenance={**sprite.provenance, "quality": about}),
            inspected=inspected,
            flagged=flagged,
            heat_map=heat_map.draw(inspected.rgba, inspected.verdict.heat) if flagged else None,
            seconds=time.perf_counter() - start,
        )
        self._found[id(found.sprite)] = found
        return found


def figures(inspected: Inspected, flagged: bool, critic: str) -> dict[str, Any]:
    """What a sprite's provenance says of its check: plain JSON, the same each time."""
    verdict = inspected.verdict
    return {
        "dissatisfied": round(verdict.dissatisfied, 4),
        "families": {name: round(chance, 4) for name, chance in verdict.families.items()},
        "score": round(verdict.score, 4),
        "rounds": inspected.rounds,
        "changed_cells": int(inspected.changed.sum()),
        "flagged": flagged,
        "critic": critic,
    }


def doubt(sprite: Sprite) -> str | None:
    """Why a checked sprite may have a fault, in one line; None where it was not flagged, or not checked."""
    about = sprite.provenance.get("quality")
    return reason(about["families"]) if about and about["flagged"] else None


def _mended(sprite: Sprite, inspected: Inspected) -> Sprite:
    """The sprite with the cells that were changed; its parts stay, but a cell that is clear now belongs to none."""
    if not inspected.changed.any():
        return sprite
    indices, palette = indexed(sprite, inspected.rgba)
    mask = None if sprite.mask is None else np.where(inspected.rgba[..., 3] > 0, sprite.mask, np.uint8(no_part(sprite)))
    return replace(sprite, indices=indices, palette=palette, mask=mask)


class _Anew:
    """Draws cells of one picture anew, told what it was told, in the picture's own colours: an `inspector.Regenerate`."""

    def __init__(self, pipe: PixelPipeline, request: GenerationRequest, seed: int) -> None:
        self.pipe, self.request, self.seed = pipe, request, seed

    def __call__(self, rgba: U8, cells: NDArray[np.bool_]) -> U8:
        colors = np.unique(rgba[rgba[..., 3] > 0][:, :3], axis=0)
        if len(colors) < 2:
            return rgba
        self.seed = (self.seed + ANEW) % MAX_SEED
        conditioning = replace(
            self.request.conditioning, palette=Palette(name="own colours", colors=colors), max_colors=None
        )
        asked = replace(
            self.request,
            conditioning=conditioning,
            num_images=1,
            seed=self.seed,
            source=Sprite.from_rgba(rgba),
            region=cells.astype(np.uint8),
            strength=1.0,
        )
        return self.pipe.generate_batch([asked])[0].sprites[0].rgba()


def load_check(weights: Path | str | None = None) -> Check | None:
    """A check by the critic of a bundle (default: the released one); None where it holds none.

    Raises:
        BadInput: no bundle there. CorruptFile: damaged.
    """
    from pixelmind.quality.inspector import load_inspector

    inspector = load_inspector(weights)
    return None if inspector is None else Check(inspector)
