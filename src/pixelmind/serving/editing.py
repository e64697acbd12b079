"""Edits of one stored sprite beside any dialogue: an instruction, or colours exchanged for others."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.pixels import palettes
from pixelmind.records import U8, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.clicks import Pointing
    from pixelmind.dialogue.results import EditResult
    from pixelmind.generator.own_styles import OwnStyle
    from pixelmind.quality.after import Checked
    from pixelmind.serving.networks import Networks

HEX = re.compile(r"#?([0-9a-fA-F]{6})")


@dataclass(frozen=True, eq=False)
class Edited:
    """A done edit: the sprite after it, a sentence, the place and operation, `changed` bool [H, W] of the canvas before, how many cells
    changed that were not to, and where something was drawn its seed and what a check found."""

    sprite: Sprite
    text: str
    region: str
    operation: str
    changed: U8
    changed_outside: int
    seed: int | None = None
    checked: Checked | None = None

    @property
    def changed_cells(self) -> int:
        return int(self.changed.sum())


def packed(cells: U8) -> str:
    """Cells as base64 of bytes 0 and 1, row by row."""
    return base64.b64encode(np.ascontiguousarray(cells > 0).astype(np.uint8).tobytes()).decode()


# ---- instructions ----------------------------------------------------------------------------------------------------
def edit(
    networks: Networks,
    sprite: Sprite,
    instruction: str,
    pointing: Pointing,
    mask: U8 | None,
    seed: int,
    style: str | None,
    own_styles: Mapping[str, OwnStyle],
    check: bool = True,
) -> Edited:
    """Do what an instruction says, at the place pointed at or inside `mask`, drawing in `style`. Call it in the engine's thread. What it
    draws is checked where something can and `check` is true.

    Raises:
        BadInput: the instruction, or the place, cannot be done.
    """
    from pixelmind.dialogue import edits
    from pixelmind.dialogue.instruction import understood
    from pixelmind.generator.own_styles import lent, named

    instruction, worded = named(instruction, own_styles)
    request = replace(understood(instruction, sprite, seed, networks.parser), style=style or worded)
    if mask is not None:
        request = replace(request, pointed=mask)
    request = pointing.applied(request, sprite)
    with lent(networks.pipe, own_styles):
        result: EditResult = edits.apply(sprite, request, networks.pipe)
    checks = networks.check() if check else None
    if checks is not None:
        result = checks.edited(sprite, request, result)
    drawn = edits.needs_drawing(request)
    return Edited(
        sprite=result.sprite,
        text=result.sentence,
        region=result.place,
        operation=result.operation,
        changed=result.changed.astype(np.uint8),
        changed_outside=result.changed_outside,
        seed=seed if drawn else None,
        checked=None if checks is None else checks.of(result.sprite),
    )


# ---- colours ---------------------------------------------------------------------------------------------------------
def read_color(text: str) -> tuple[int, int, int]:
    """A colour "#rrggbb".

    Raises:
        BadInput: none.
    """
    found = HEX.fullmatch(text.strip())
    if not found:
        raise BadInput(f"{text[:40]!r} is no colour; write it as #rrggbb")
    r, g, b = bytes.fromhex(found[1])
    return r, g, b


def recolor(sprite: Sprite, swaps: Sequence[tuple[str, str]], locked: Sequence[str] = ()) -> Edited:
    """Exchange colours, all at once, so that two can change places. The palette keeps its order; equal colours become one.

    Args:
        sprite: the sprite before.
        swaps: (from, to) of each.
        locked: colours that must stay as they are.

    Raises:
        BadInput: no colour, one that the sprite has not, one told twice, or a locked one.
    """
    wanted: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    own = {tuple(int(v) for v in c[:3]) for c in sprite.palette if c[3]}
    kept = {read_color(text) for text in locked}
    for old, new in swaps:
        source = read_color(old)
        if source in wanted:
            raise BadInput(f"{old} is exchanged twice; name it once")
        if source not in own:
            raise BadInput(f"{old} is not in this sprite's palette")
        if source in kept:
            raise BadInput(f"{old} is locked; unlock it first")
        wanted[source] = read_color(new)
    colors = [tuple(int(v) for v in c) for c in sprite.palette]
    after = [(*wanted.get((r, g, b), (r, g, b)), 255) if a else (0, 0, 0, 0) for r, g, b, a in colors]
    unique = list(dict.fromkeys(after))
    place = np.array([unique.index(c) for c in after], np.uint8)
    new_sprite = replace(
        sprite,
        indices=place[sprite.indices],
        palette=np.array(unique, np.uint8),
        provenance=_told(sprite, wanted),
    )
    before = sprite.rgba()
    changed = (before != new_sprite.rgba()).any(-1)
    sources = np.array([[*c, 255] for c in wanted], np.uint8).reshape(-1, 4)
    allowed = (before[:, :, None] == sources[None, None]).all(-1).any(-1)
    count = int(changed.sum())
    pairs = ", ".join(f"{_hex(a)} to {_hex(b)}" for a, b in wanted.items())
    return Edited(
        sprite=new_sprite,
        text=f"I changed {pairs} ({count} {'cell' if count == 1 else 'cells'}).",
        region="colours",
        operation="recolor",
        changed=changed.astype(np.uint8),
        changed_outside=int((changed & ~allowed).sum()),
    )


def _hex(color: tuple[int, ...]) -> str:
    return "#" + bytes(color[:3]).hex()


def _told(sprite: Sprite, wanted: Mapping[tuple[int, int, int], tuple[int, int, int]]) -> dict[str, object]:
    """The provenance after; a fixed palette that holds not all the new colours is no longer told."""
    about = {"operation": "recolor", "place": "colours", "swaps": [[_hex(a), _hex(b)] for a, b in wanted.items()]}
    told = {**sprite.provenance, "edits": [*sprite.provenance.get("edits", ()), about]}
    told.pop("quality", None)  # said of the picture before
    name = told.get("palette")
    if name:
        try:
            fixed = {tuple(int(v) for v in c) for c in palettes.get(str(name)).colors}
        except BadInput:
            fixed = set()
        if not set(wanted.values()) <= fixed:
            told["palette"] = None
    return told
