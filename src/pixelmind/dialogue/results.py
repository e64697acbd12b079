"""What comes out of an edit: the new sprite in the colours it may have, the changed cells, counted, and a sentence.

Legend: H, W canvas in px; K colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pixelmind.data.edits.color import Region, near_colors, opaque
from pixelmind.dialogue.parts import BACKGROUND
from pixelmind.dialogue.sentences import sentence
from pixelmind.errors import BadInput
from pixelmind.pixels import palettes, quantize
from pixelmind.records import MAX_PALETTE, U8, GenerationRequest, GenerationResult, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.edits import EditRequest
    from pixelmind.generator.pipeline import PixelPipeline

#: Operations that are about the palette itself, so that no palette holds them back.
ABOUT_PALETTE = ("restrict_palette", "tone_map", "fewer_colors")


@dataclass(frozen=True, eq=False)
class EditResult:
    """A done edit: the new sprite, `changed` and `allowed` bool [H, W] of the canvas before (all cells where the canvas changed its
    size), what was meant by the place, the operation with its arguments, and one sentence for a person."""

    sprite: Sprite
    changed: Region
    allowed: Region
    place: str
    operation: str
    arguments: dict[str, Any]
    sentence: str

    @property
    def changed_cells(self) -> int:
        return int(self.changed.sum())

    @property
    def changed_outside(self) -> int:
        """Changed cells that were not to change: 0, by construction and counted."""
        return int((self.changed & ~self.allowed).sum())


class Check(Protocol):
    """What looks at finished drawings and mends them within what was asked for; `pixelmind.quality.after` has one."""

    def drawn(self, pipe: PixelPipeline, request: GenerationRequest, result: GenerationResult) -> GenerationResult: ...

    def edited(self, before: Sprite, request: EditRequest, result: EditResult) -> EditResult: ...


def changed_cells(before: Sprite, after: Sprite) -> Region:
    """Cells that differ between two pictures, bool [H, W] of the first; all where the canvas differs."""
    if before.indices.shape != after.indices.shape:
        return np.ones(before.indices.shape, bool)
    differ: Region = (before.rgba() != after.rgba()).any(-1)
    return differ


def no_part(sprite: Sprite) -> int:
    """The mask value of cells that belong to no part."""
    return sprite.mask_names.index(BACKGROUND) if BACKGROUND in sprite.mask_names else 0


def named(mask: U8, names: tuple[str, ...], cells: Region, name: str) -> tuple[U8, tuple[str, ...]]:
    """The mask with these cells given to a part of this name."""
    names = names if name in names else (*names, name)
    out: U8 = np.where(cells, np.uint8(names.index(name)), mask)
    return out, names


def fixed_colors(sprite: Sprite) -> U8 | None:
    """The colours uint8 [K, 3] of the palette that a sprite was made for; None where it was made for none."""
    name = sprite.provenance.get("palette")
    if not name:
        return None
    own = sprite.palette[sprite.palette[:, 3] > 0, :3]
    try:
        colors = palettes.get(str(name)).colors
    except BadInput:
        return own
    return colors if (own[:, None] == colors[None]).all(-1).any(1).all() else own


def fitted(sprite: Sprite, after: U8, changed: Region) -> U8:
    """`after` with its changed cells brought to the colours the sprite may have."""
    changed = changed & opaque(after)
    fixed, limit = fixed_colors(sprite), sprite.provenance.get("max_colors")
    if not changed.any():
        return after
    if fixed is not None and len(fixed):
        after = near_colors(after, changed, fixed)
    kept = np.unique(after[opaque(after) & ~changed][:, :3], axis=0)
    new = np.unique(after[changed][:, :3], axis=0)
    room = (limit if isinstance(limit, int) and limit >= 2 else MAX_PALETTE - 1) - len(kept)
    fresh = new[~(new[:, None] == kept[None]).all(-1).any(1)] if len(kept) else new
    if len(fresh) <= max(room, 0):
        return after
    chosen = kept
    if room > 0:
        cut = quantize.to_num_colors(after[changed][None], room)
        chosen = np.concatenate([kept, cut.palette[cut.palette[:, 3] > 0, :3]])
    return near_colors(after, changed, chosen[:MAX_PALETTE])


def indexed(sprite: Sprite, rgba: U8) -> tuple[U8, U8]:
    """Indices and palette of a canvas: the sprite's colours keep their order, new ones come behind, those no longer used go, unless the
    palette is a fixed one."""
    clear = ~opaque(rgba)
    packed = rgba[..., :3].astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    used = np.unique(packed[~clear])
    old = sprite.palette[sprite.palette[:, 3] > 0, :3].astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    keep = fixed_colors(sprite) is not None and len(np.union1d(used, old)) < MAX_PALETTE
    order = [int(c) for c in dict.fromkeys(old.tolist()) if keep or c in used]
    order += [int(c) for c in used.tolist() if c not in set(order)]
    offset = int(clear.any())
    palette = np.zeros((max(1, len(order)) + offset, 4), dtype=np.uint8)
    palette[offset : offset + len(order)] = [(c >> 16, (c >> 8) & 255, c & 255, 255) for c in order] if order else 0
    place = np.zeros(len(used), dtype=np.uint8)
    place[:] = [order.index(int(c)) + offset for c in used]
    indices = np.zeros(packed.shape, np.uint8)
    indices[~clear] = place[np.searchsorted(used, packed[~clear])]
    return indices, palette


def finish(
    sprite: Sprite,
    after: U8,
    mask: U8 | None,
    names: tuple[str, ...],
    allowed: Region,
    request: EditRequest,
    place: str,
    arguments: dict[str, Any],
    provenance: dict[str, Any] | None = None,
) -> EditResult:
    """Put a result together from the canvas after: colours the sprite may have, provenance, the changed cells and the sentence."""
    name, before = request.operation, sprite.rgba()
    same = after.shape == before.shape
    if name not in ABOUT_PALETTE and same:
        after = fitted(sprite, after, (after != before).any(-1))
    indices, palette = indexed(sprite, after)
    about = {"operation": name, "place": place, **arguments}
    told = {**sprite.provenance, **(provenance or {}), "edits": [*sprite.provenance.get("edits", ()), about]}
    told.pop("quality", None)  # said of the picture before
    if "size" in told:
        told["size"] = list(indices.shape)
    new = Sprite(
        indices=indices, palette=palette, mask=mask, mask_names=names if mask is not None else (), provenance=told
    )
    changed = changed_cells(sprite, new)
    outside = int((changed & ~allowed).sum())
    if outside:
        raise RuntimeError(f"{name} changed {outside} cells outside its region")
    said = sentence(request, place, arguments, int(changed.sum()), sprite, new)
    return EditResult(new, changed, allowed, place, name, arguments, said)
