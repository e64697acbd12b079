"""Edits of a sprite: an exact wish in, a new sprite out, with the cells that changed and a sentence of what was done.

What can be said exactly is done exactly, in the sprite's own cells and colours (`data.edits.exact`, `part_edits`); what needs new
drawing is inpainted by the generator inside a region (`drawn`). Cells outside the region an edit may change stay as they were, which
is counted from the two pictures each time. A sprite made for a fixed palette or number of colours keeps to it, unless the
wish is about the palette.

Legend: H, W canvas in px.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pixelmind.data.edits import exact, geometry, shape
from pixelmind.data.edits.color import Region, opaque
from pixelmind.data.procedural.canvas import shift
from pixelmind.dialogue import part_edits
from pixelmind.dialogue.part_edits import Board
from pixelmind.dialogue.parts import BACKGROUND, figure
from pixelmind.dialogue.regions import Candidate, color_word, find, named_color, read
from pixelmind.dialogue.results import ABOUT_PALETTE, EditResult, finish, named, no_part
from pixelmind.dialogue.schema import DRAWN_OPERATIONS, OPERATIONS, OUTLINE, PART_OPERATIONS, SUBJECT, WHOLE
from pixelmind.errors import BadInput
from pixelmind.pixels import palettes
from pixelmind.records import U8, Record, Sprite

if TYPE_CHECKING:
    from pixelmind.encoder.text_tower import TextTower
    from pixelmind.generator.pipeline import PixelPipeline
    from pixelmind.generator.segmenter import Segmenter

#: Operations about the figure where no part is named, and those about what is behind it.
ON_FIGURE = ("add_outline", "remove_outline", "recolor_outline", "thicken_outline", "drop_shadow", "highlight", "shade")
ON_BACKGROUND = ("remove_background", "fill_background")
AS_PART = ("mirror", "flip", "rotate", "shift")
DEGREES = ("little", "normal", "much")
RESIZE = {"little": 1.25, "normal": 1.5, "much": 2.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class EditRequest(Record):
    """What to change and where; empty fields are left open.

    `operation` is one of `schema.OPERATIONS`. The place is told by `place` in words, by `region` (one of `schema.REGION_NAMES`), by
    `pointed` uint8 [H, W], or by several. `position` says where an added or moved thing goes, `subject` what is added. `amount` is
    the operation's own number (a share, a factor), `degree` is "little", "normal" or "much" where there is none. `size` is (height, width).
    `style` names what is drawn anew in. `arguments` are the exact operation's own, above all other fields.
    """

    operation: str
    place: str = ""
    region: str = ""
    pointed: U8 | None = None
    position: str = ""
    subject: str = ""
    color: str = ""
    old_color: str = ""
    palette: str = ""
    amount: float | None = None
    degree: str = "normal"
    count: int | None = None
    degrees: int | None = None
    pixels: int | None = None
    direction: str = ""
    kind: str = ""
    size: tuple[int, int] | None = None
    seed: int = 0
    style: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise BadInput(f"no edit operation named {self.operation!r}; there are: {', '.join(OPERATIONS[2:])}")
        if self.degree not in DEGREES:
            raise BadInput(f"unknown degree {self.degree!r}; use one of {', '.join(DEGREES)}")


def needs_drawing(request: EditRequest) -> bool:
    """Whether an edit needs the generator."""
    return _plainly(request).operation in DRAWN_OPERATIONS


def needs_parts(request: EditRequest) -> bool:
    """Whether an edit needs to know the parts of the picture (to be asked before one spends time on finding them)."""
    request = _plainly(request)
    if request.operation in (*ON_FIGURE, *ON_BACKGROUND, *DRAWN_OPERATIONS, *PART_OPERATIONS):
        return True
    meant = read(request.place)
    return bool(meant.noun and meant.noun not in ("it", "everything", "picture")) or request.region not in (
        "",
        "none",
        WHOLE,
    )


def apply(sprite: Sprite, request: EditRequest, pipe: PixelPipeline | None = None) -> EditResult:
    """Do an edit.

    Args:
        sprite: the sprite before; it stays as it is.
        request: what to change.
        pipe: the generator, needed by `schema.DRAWN_OPERATIONS` alone; its segmenter names the parts of a sprite without a mask.

    Raises:
        BadInput: an empty sprite, no such part or colour, a missing or wrong argument, or an operation that needs `pipe`.
    """
    request = _plainly(request)
    operation = request.operation
    if operation in OPERATIONS[:2]:
        raise BadInput(
            "it is not clear what to change; say it like: make the sky darker, remove the hat, add a red outline"
        )
    if sprite.mask is None and pipe is not None and pipe.segmenter is not None and needs_parts(request):
        sprite = with_parts(sprite, pipe.segmenter, pipe.text_tower)
    if operation in DRAWN_OPERATIONS:
        from pixelmind.dialogue.drawn import draw

        return draw(sprite, request, pipe)
    meant = _meant(sprite, request)
    if operation in PART_OPERATIONS or (operation in AS_PART and meant.name not in (WHOLE, SUBJECT)):
        return _part(sprite, request, meant)
    if operation in exact.GRID:
        return _grid(sprite, request, meant)
    return _exact(sprite, request, meant)


def with_parts(sprite: Sprite, segmenter: Segmenter, tower: TextTower | None = None) -> Sprite:
    """The sprite with the mask a segmenter finds, told the words it was drawn from where they are known."""
    prompt = sprite.provenance.get("prompt")
    words = None
    if isinstance(prompt, str) and prompt.strip():
        if tower is None:
            from pixelmind.encoder.text_tower import TextTower

            tower = TextTower()
        words = tower.encode([prompt]).pooled[0]
    mask, names = segmenter.segment(sprite.rgba(), words)
    return replace(sprite, mask=mask, mask_names=names)


def _plainly(request: EditRequest) -> EditRequest:
    """The same wish under its own operation's name: "remove the background" is `remove_background`."""
    noun = read(request.place).noun
    about = {"backdrop": BACKGROUND}.get(noun, noun) or request.region
    what = request.subject.lower().split()[-1] if request.subject else ""
    renamed = {
        ("remove", BACKGROUND): "remove_background",
        ("remove", OUTLINE): "remove_outline",
        ("recolor", OUTLINE): "recolor_outline",
    }.get((request.operation, about))
    if request.operation == "add":
        renamed = {"outline": "add_outline", "shadow": "drop_shadow", "fog": "fog", "mist": "fog"}.get(what)
    if renamed is None:
        return request
    return replace(request, operation=renamed, place="" if renamed != "fog" else request.place, region="")


def _meant(sprite: Sprite, request: EditRequest) -> Candidate:
    """The cells an edit is about."""
    region = request.region
    if not request.place and region in ("", "none", WHOLE):
        default = (
            SUBJECT if request.operation in ON_FIGURE else BACKGROUND if request.operation in ON_BACKGROUND else WHOLE
        )
        region = default
    return find(sprite, request.place, region=region, pointed=request.pointed)


# ---- exact operations ------------------------------------------------------------------------------------------------------
def _color(word: str, operation: str) -> str:
    if not word:
        raise BadInput(f"which colour? name one for {operation.replace('_', ' ')}, such as red or #cc3322")
    return color_word(word) or word


def _arguments(sprite: Sprite, request: EditRequest, meant: Candidate) -> dict[str, Any]:
    """The exact operation's arguments: what was said, and what is taken where nothing was."""
    name, long = request.operation, max(sprite.indices.shape)
    out: dict[str, Any] = {}
    if name in exact.DEGREES:
        value = request.amount or exact.DEGREES[name][DEGREES.index(request.degree)]
        key = "factor" if name == "contrast" else "amount"
        out[key] = 1 / value if name == "contrast" and request.direction == "less" else value
    elif request.amount is not None and name in ("highlight", "shade", "dither", "pattern"):
        out["amount"] = request.amount
    if name in ("recolor", "recolor_outline", "fill_background") or (name == "add_outline" and request.color):
        out["color"] = _color(request.color, name)
    elif name in ("replace_color", "swap_colors"):
        old, new = (_color(word, name) for word in (request.old_color, request.color))
        out = {"color": named_color(old)} | ({"to": new} if name == "replace_color" else {"other": named_color(new)})
    elif name == "fewer_colors":
        there = len(np.unique(sprite.indices[meant.cells]))
        out["count"] = request.count or max(2, there // 2)
    elif name in ("restrict_palette", "tone_map"):
        if not request.palette:
            raise BadInput("which palette? name one, such as game boy or pico-8 (all of them: pixelmind palette list)")
        out["palette"] = palettes.resolve(request.palette).name
    elif name == "hue_shift":
        out["degrees"] = request.degrees or 120
    elif name == "rotate":
        out["degrees"] = request.degrees or 90
    elif name == "shift":
        out |= {"direction": request.direction or "right", "pixels": request.pixels or max(1, long // 8)}
    elif name in ("pad", "crop") and request.size is not None:
        out["size"] = request.size
    elif name == "pad":
        out["pixels"] = request.pixels or max(1, long // 8)
    elif name == "enlarge":
        out["times"] = request.count or int(request.amount or 2)
    elif name == "tile":
        out |= {"columns": request.count or 2, "rows": request.count or 2}
    elif name == "symmetric":
        out["side"] = request.direction or "left"
    elif name == "drop_shadow":
        out["pixels"] = request.pixels or (2 if long > 40 else 1)
    elif name == "pattern":
        out["kind"] = request.kind or "stripes"
        if out["kind"] not in shape.PATTERNS:
            raise BadInput(f"unknown pattern {out['kind']!r}; use one of {', '.join(shape.PATTERNS)}")
    return out | request.arguments


def _may_change(name: str, rgba: U8, cells: Region, arguments: dict[str, Any]) -> Region:
    """What an exact operation is allowed to change, bool [H, W]."""
    if name in ("add_outline", "thicken_outline"):
        return shape.ring(cells)
    if name in ("remove_outline", "recolor_outline"):
        return shape.outline_cells(rgba, cells)
    if name == "drop_shadow":
        steps = [shift(cells, i, i) for i in range(1, arguments["pixels"] + 1)]
        below: Region = np.logical_or.reduce(steps) & ~cells
        return below
    return cells if name in ON_BACKGROUND else cells & opaque(rgba)


def _exact(sprite: Sprite, request: EditRequest, meant: Candidate) -> EditResult:
    name, rgba, cells = request.operation, sprite.rgba(), meant.cells
    if name in exact.COLOR or name in ("replace_color", "swap_colors", "dither", "undither", "pattern"):
        cells = cells & opaque(rgba)
    arguments = _arguments(sprite, request, meant)
    allowed = _may_change(name, rgba, cells, arguments)
    after = exact.apply(name, rgba, cells, **arguments)
    after = np.where(allowed[..., None], after, rgba)
    mask = None
    if sprite.mask is not None:
        mask = sprite.mask.copy()
        mask[~opaque(after)] = no_part(sprite)
    names = sprite.mask_names
    fresh = opaque(after) & ~opaque(rgba)
    if mask is not None and fresh.any() and name not in ON_BACKGROUND:
        mask, names = named(mask, names, fresh, "shadow" if name == "drop_shadow" else OUTLINE)
    elif mask is not None and name == "fill_background":
        mask[cells] = no_part(sprite)
    provenance = {}
    if name in ABOUT_PALETTE and meant.name == WHOLE:
        count = name == "fewer_colors"
        provenance = (
            {"max_colors": arguments["count"]} if count else {"palette": arguments["palette"], "max_colors": None}
        )
    return finish(sprite, after, mask, names, allowed, request, meant.name, arguments, provenance)


def _grid(sprite: Sprite, request: EditRequest, meant: Candidate) -> EditResult:
    """Geometry of the whole canvas; cropping to a part cuts the canvas to its bounds."""
    name, full = request.operation, opaque(sprite.rgba())
    arguments = _arguments(sprite, request, meant)
    if name == "crop" and "size" not in arguments:
        full = meant.cells
    if name == "enlarge" and not 1 <= arguments["times"] <= 32:
        raise BadInput(f"{arguments['times']} times cannot be done; enlarge by 2 to 32")
    change = exact.GRID[name]
    after = change(sprite.rgba(), full, **arguments)
    mask = None if sprite.mask is None else np.ascontiguousarray(change(sprite.mask, full, **arguments))
    if mask is not None and no_part(sprite):
        mask[~opaque(after)] = no_part(sprite)
    allowed = np.ones(sprite.indices.shape, bool)
    return finish(sprite, after, mask, sprite.mask_names, allowed, request, meant.name, arguments)


# ---- parts -------------------------------------------------------------------------------------------------------------------
def _part(sprite: Sprite, request: EditRequest, meant: Candidate) -> EditResult:
    cells, name = meant.cells, request.operation
    if not (cells & opaque(sprite.rgba())).any():
        raise BadInput(f"the {meant.name} is clear already; name a part that is drawn")
    if name == "remove" and meant.name in (WHOLE, SUBJECT) and (cells | ~opaque(sprite.rgba())).all():
        raise BadInput("that would leave nothing; name the part to take away, or draw something new")
    cells = cells & opaque(sprite.rgba())
    start = Board(sprite.rgba(), np.zeros(cells.shape, np.uint8) if sprite.mask is None else sprite.mask)
    whole = figure(sprite)
    whole = whole if meant.name not in (WHOLE, SUBJECT) else cells
    there, arguments = np.zeros_like(cells), dict(request.arguments)
    if name == "remove":
        board = part_edits.remove(start, cells, whole)
    elif name == "duplicate":
        arguments = {"copies": request.count or 1} | arguments
        dx, dy = part_edits.offset(cells, whole, request.direction)
        board = start
        for time in range(1, arguments["copies"] + 1):
            board, at = part_edits.pasted(board, start, cells, dx * time, dy * time)
            if at.sum() < cells.sum():
                raise BadInput(part_edits.NO_ROOM)
            there |= at
    elif name in ("move", "shift"):
        dx, dy = _way(sprite, request, cells)
        arguments = {"dx": dx, "dy": dy} | arguments
        board, there = part_edits.move(start, cells, whole, arguments["dx"], arguments["dy"])
    elif name == "resize_part":
        factor = request.amount or RESIZE[request.degree] ** (-1 if request.direction == "smaller" else 1)
        if not 0.1 <= factor <= 10:
            raise BadInput(f"{factor:g} times is out of range; make it 0.1 to 10 times as large")
        arguments = {"factor": factor} | arguments
        board, there = part_edits.resized(start, cells, whole, factor)
    else:
        arguments = ({"degrees": request.degrees or 90} if name == "rotate" else {}) | arguments
        board, there = part_edits.turned(start, cells, whole, name, **arguments)
    mask = None if sprite.mask is None else board.mask
    allowed = there if name == "duplicate" else cells | there
    return finish(sprite, board.rgba, mask, sprite.mask_names, allowed, request, meant.name, arguments)


def _way(sprite: Sprite, request: EditRequest, cells: Region) -> tuple[int, int]:
    """How far a part moves, (dx, dy) in px: a direction and a number, or to a side of the canvas."""
    h, w = cells.shape
    if request.direction:
        step = request.pixels or max(
            1, round(max(h, w) * {"little": 0.06, "normal": 0.125, "much": 0.25}[request.degree])
        )
        sx, sy = geometry.STEPS[request.direction]
        return sx * step, sy * step
    sides = read(request.position).sides
    top, bottom, left, right = geometry.box(cells)
    dx = {"left": 1 - left, "right": w - 1 - right, "middle": (w - left - right) // 2}
    dy = {"top": 1 - top, "bottom": h - 1 - bottom}
    if not sides:
        raise BadInput("move it where? say a direction, such as: move the moon 4 pixels to the left")
    found = [dx.get(s, 0) for s in sides], [dy.get(s, 0) for s in sides]
    return max(found[0], key=abs), max(found[1], key=abs)
