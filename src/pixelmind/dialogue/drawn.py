"""Edits that need new drawing: the generator's inpainting inside a region chosen for them.

Something added goes where things of its class go (`[anchors]` in places.toml): a hat onto the head, clouds into the sky, a sword beside
the arm; a place or side that was named comes first. What is drawn takes the sprite's own colours where they are near.

Legend: H, W canvas in px; regions bool [H, W].
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pixelmind.data.edits.color import Region, opaque
from pixelmind.data.edits.geometry import box
from pixelmind.data.edits.instructions import article
from pixelmind.data.procedural.canvas import grow
from pixelmind.data.procedural.regions import UNKNOWN, region_class
from pixelmind.dialogue import part_edits
from pixelmind.dialogue.part_edits import Board
from pixelmind.dialogue.parts import BACKGROUND, figure
from pixelmind.dialogue.regions import TABLE, candidates, find, read, sliced
from pixelmind.dialogue.results import EditResult, finish, fixed_colors, named, no_part
from pixelmind.dialogue.schema import SUBJECT, WHOLE
from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import MIN_SIZE_PX, U8, Palette, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.edits import EditRequest
    from pixelmind.generator.pipeline import PixelPipeline

#: How far a restyled or redrawn part may go from what was there, by degree.
STRENGTH = {"restyle": (0.4, 0.6, 0.8), "redraw": (0.5, 0.75, 1.0)}
TRIES = 4  # drawings a wording, of which the encoder picks one
GUIDANCE = 5.0  # above the generator's own: the words are about a small part of what it sees
NEAR_COLOR = 0.05  # OKLab distance below which an own colour of the sprite is taken
LEAST_CELLS = 12
HEAD = ("head", "hair", "helmet", "hat")  # what makes up a head as an anchor


def draw(sprite: Sprite, request: EditRequest, pipe: PixelPipeline | None) -> EditResult:
    """Do one of `schema.DRAWN_OPERATIONS`.

    Raises:
        BadInput: no generator at hand, nothing said of what to draw, no such part, or a canvas the weights cannot draw.
    """
    name = request.operation
    if pipe is None:
        raise BadInput(
            f"to {name} something, new cells must be drawn, and no weights are loaded; name a bundle with --weights"
        )
    if min(sprite.indices.shape) < MIN_SIZE_PX:
        raise BadInput(
            f"a sprite of {sprite.width}x{sprite.height} px is too small to draw in; extend its canvas first"
        )
    if not request.subject and name in ("add", "replace", "restyle"):
        example = "a night scene" if name == "restyle" else "a hat"
        raise BadInput(f"{name} what? name the thing or the look, for example {example}")
    source, strength, arguments = sprite, 1.0, dict[str, Any](subject=request.subject)
    if name == "add":
        place, region = where(sprite, request)
    else:
        meant = find(sprite, request.place, region=request.region, pointed=request.pointed)
        place, region = meant.name, meant.cells
        if name == "replace":
            source, region = _without(sprite, region), _room_for_another(sprite, region)
        else:
            strength = request.amount or STRENGTH[name][("little", "normal", "much").index(request.degree)]
            arguments["strength"] = strength
    words = prompt(sprite, request, place)
    drawn = _drawn(pipe, source, region, words, strength, request)
    after = np.where(region[..., None], drawn.rgba(), sprite.rgba())
    if name in ("add", "replace"):  # the backdrop goes on where nothing was drawn
        old, full = source.rgba(), opaque(source.rgba())
        kept = region & ~opaque(after) & full & (~figure(source) if (~full).any() else full)
        after[kept] = old[kept]
    mask, names = _mask(sprite, drawn, after, request)
    return finish(
        sprite, after, mask, names, region, request, place, arguments | {"prompt": words, "seed": request.seed}
    )


def prompt(sprite: Sprite, request: EditRequest, place: str) -> str:
    """What the generator is told: the sprite's own words, changed as the edit wants."""
    base = str(sprite.provenance.get("prompt") or "").strip()
    thing = f"{request.color} {request.subject}".strip()
    if request.operation == "replace" and base:
        old = read(request.place).noun or place
        changed = re.sub(rf"\b(an? )?{re.escape(old)}\b", article(thing), base, count=1)
        if changed != base:
            return changed
    if request.operation in ("add", "replace"):
        return f"{base} with {article(thing)}" if base else thing
    if request.operation == "restyle":
        return f"{base}, {thing}" if base else thing
    return ", ".join(w for w in (base, thing) if w) or ("pixel art" if place == WHOLE else place)


# ---- where an added thing goes -----------------------------------------------------------------------------------------
def where(sprite: Sprite, request: EditRequest) -> tuple[str, Region]:
    """The place an added thing goes to, in words, and the cells that may be drawn anew for it.

    Raises:
        BadInput: a place was named that is not there, or nothing is left to draw in.
    """
    if request.pointed is not None:
        return "marked part", request.pointed.astype(bool)
    rules = [
        rule.split() for rule in TABLE["anchors"].get(region_class(request.subject), "free background").split(", ")
    ]
    sides = (*read(request.position).sides, *((request.direction,) if request.direction in ("left", "right") else ()))
    named_place = request.place or (request.region if request.region not in ("", "none", WHOLE, UNKNOWN) else "")
    if named_place:
        meant = find(sprite, request.place, region=request.region)
        relation = rules[0][0] if rules[0][0] not in ("free", "spot", "all") else "over"
        own = region_class(request.subject) == region_class(named_place) or meant.name == WHOLE
        region = _at(sprite, "over" if own else relation, meant.cells, sides)
        return meant.name, region
    for relation, anchor in rules:
        cells = _anchor(sprite, anchor)
        if cells is not None and (region := _at(sprite, relation, cells, sides)).sum() >= LEAST_CELLS:
            return BACKGROUND if anchor == "top" else anchor, region
    return "picture", _corner(sprite.indices.shape, sides)


def _anchor(sprite: Sprite, name: str) -> Region | None:
    """The cells of an anchor of `[anchors]`; None where it is not there."""
    if name == BACKGROUND:
        return ~figure(sprite)
    whole = figure(sprite)
    if name == "top":  # what stands highest, down to a fifth of the figure
        top, bottom, _, _ = box(whole)
        cells = whole.copy()
        cells[top + max(2, (bottom - top) // 5) :] = False
        return cells
    if name == SUBJECT:
        return whole
    if name == "head":
        heads = [c.cells for part in HEAD for c in candidates(sprite, region=part)[:1] if c.score > 0.5]
        return np.logical_or.reduce(heads) if heads else None
    found = [c for c in candidates(sprite, region=name) if c.score > 0.3]
    return found[0].cells if found and found[0].cells.sum() >= 3 else None


def _box_region(shape: tuple[int, ...], top: float, bottom: float, left: float, right: float) -> Region:
    out = np.zeros(shape, bool)
    out[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = True
    return out


def _at(sprite: Sprite, relation: str, cells: Region, sides: tuple[str, ...]) -> Region:
    """The cells that stand in a relation to an anchor, on the sides named."""
    shape, behind = cells.shape, ~figure(sprite)
    if relation in ("free", "spot"):
        high_up = relation == "spot"
        return _free(cells & (np.indices(shape)[0] < shape[0] * 0.6) if high_up else cells, sides, high_up)
    if relation in ("all", "upper", "lower"):
        y = np.indices(shape)[0]
        part = cells & {"all": y >= 0, "upper": y < shape[0] * 0.5, "lower": y >= shape[0] * 0.6}[relation]
        return sliced(part, sides) if sides and part.any() else part
    top, bottom, left, right = box(cells)
    high, wide = bottom - top, right - left
    middle = (left + right) / 2
    if relation in ("on", "atop"):
        room = max(4.0, 0.9 * high) if high < shape[0] / 3 else max(4.0, shape[0] / 6)
        into = max(1.0, 0.3 * high, min(0.75 * high, room * 0.9 - top))  # less room above: more of the head
        if relation == "atop" and wide > shape[1] / 3:  # a place on a roof rather than all of it
            at = middle + {"left": -0.3 * wide, "right": 0.3 * wide}.get(next(iter(sides), ""), 0.0)
            return _box_region(shape, top - room, top + max(2.0, 0.2 * high), at - 0.25 * wide, at + 0.25 * wide)
        return _box_region(shape, top - room, top + into, left - 2, right + 2)
    if relation == "over":
        return sliced(_box_region(shape, top - 1, bottom + 1, left - 1, right + 1), sides)
    if relation == "below":
        return _box_region(shape, top + high * 0.5, bottom + max(1, high // 4), left, right)
    if relation == "behind":
        grown = _box_region(shape, top - 0.2 * high, bottom + 0.5 * high, left - 0.7 * wide, right + 0.7 * wide)
        return sliced(grown & behind, sides)
    if relation == "inside":
        spot = _free(cells, sides, True, (5, 6, 8))
        return spot if spot.any() else sliced(cells, sides)
    if relation == "foot":
        half = max(2.0, 0.2 * wide)
        return _box_region(shape, bottom - max(4.0, 0.45 * high), bottom, middle - half, middle + half)
    whole_top, whole_bottom, whole_left, whole_right = box(figure(sprite))
    side = next(
        (s for s in sides if s in ("left", "right")), "right" if shape[1] - whole_right >= whole_left else "left"
    )
    reach = max(6.0, (whole_right - whole_left) / 2)
    rows = whole_top + 0.1 * (whole_bottom - whole_top), bottom + 0.3 * (whole_bottom - whole_top)
    return _box_region(shape, *rows, *((right - 2, right + reach) if side == "right" else (left - reach, left + 2)))


def _free(free: Region, sides: tuple[str, ...], high_up: bool = False, shares: tuple[float, ...] = ()) -> Region:
    """A roomy box of free cells on the sides named, low down or `high_up`; empty where there is none."""
    h, w = free.shape
    allowed = free & sliced(np.ones((h, w), bool), sides)
    best, found = 0.0, np.zeros((h, w), bool)
    for part in shares or ((3.2, 4, 5) if high_up else (2.2, 3, 4)):
        high, wide = max(4, round(h / part)), max(4, round(w / part))
        for top in range(0, h - high + 1):
            for left in range(0, w - wide + 1):
                share = float(allowed[top : top + high, left : left + wide].mean())
                low = top / max(1, h - high)
                score = share * (high * wide) ** 0.5 * (1 + 0.5 * (1 - low if high_up else low))
                if share >= 0.85 and score > best:
                    best, found = score, _box_region((h, w), top, top + high, left, left + wide)
    return found & free


def _corner(shape: tuple[int, ...], sides: tuple[str, ...]) -> Region:
    """A third of the canvas at the foot, on the sides named: where no cell is free."""
    _, bottom, left, right = box(sliced(np.ones(shape, bool), sides))
    thick, broad = max(5, shape[0] // 3), max(5, shape[1] // 3)
    return _box_region(
        shape, bottom - thick, bottom, *((left, left + broad) if "left" in sides else (right - broad, right))
    )


# ---- drawing -----------------------------------------------------------------------------------------------------------
def _without(sprite: Sprite, part: Region) -> Sprite:
    """The sprite with a part taken away, so that what is drawn there starts from what lies behind."""
    cells = part & opaque(sprite.rgba())
    if not cells.any() or (cells | ~opaque(sprite.rgba())).all():
        return sprite
    board = Board(sprite.rgba(), np.zeros(part.shape, np.uint8))
    return Sprite.from_rgba(part_edits.remove(board, cells, figure(sprite)).rgba, provenance=sprite.provenance)


def _room_for_another(sprite: Sprite, part: Region) -> Region:
    """A part and some cells about it; for what lies behind the figure the part alone."""
    if not (part & figure(sprite)).any() or part.mean() > 0.4:
        return part
    return grow(grow(part))


def _drawn(
    pipe: PixelPipeline, source: Sprite, region: Region, words: str, strength: float, request: EditRequest
) -> Sprite:
    """The best of some drawings inside the region, in colours near to the sprite's own where there are any. Half of the drawings of a
    thing are told the thing alone: in a long sentence it may be passed over."""
    fixed, limit = fixed_colors(source), source.provenance.get("max_colors")
    thing = f"{request.color} {request.subject}".strip()
    told = (words, article(thing)) if request.operation in ("add", "replace") else (words,)
    own, sprites = source.palette[source.palette[:, 3] > 0, :3], list[Sprite]()
    for text in dict.fromkeys(told):
        result = pipe(
            text,
            image=source,
            region=region.astype(np.uint8),
            strength=strength,
            palette=Palette(name="fixed", colors=fixed) if fixed is not None and len(fixed) >= 2 else None,
            max_colors=limit if isinstance(limit, int) and fixed is None else None,
            style=request.style,
            num_images=TRIES,
            seed=request.seed,
            guidance_scale=GUIDANCE,
        )
        sprites += [replace(s, **_toward(s, own)) for s in result.sprites]
    return sprites[_best(pipe, sprites, region, words, thing or words)]


def _toward(sprite: Sprite, own: U8) -> dict[str, Any]:
    """The palette with colours near to one of `own` uint8 [K, 3] replaced by it."""
    palette = sprite.palette.copy()
    gap = np.linalg.norm(srgb_to_oklab(palette[:, None, :3]) - srgb_to_oklab(own[None]), axis=-1)
    near = (gap.min(1) < NEAR_COLOR) & (palette[:, 3] > 0)
    palette[near, :3] = own[gap.argmin(1)][near]
    return {"palette": palette}


def _best(pipe: PixelPipeline, sprites: list[Sprite], region: Region, words: str, subject: str) -> int:
    """Which drawing the encoder finds nearest to the words as a whole, and to the thing about the region."""
    if pipe.encoder is None:
        return 0
    top, bottom, left, right = box(region)
    h, w = region.shape
    cut = np.s_[max(0, top - 2) : min(h, bottom + 2), max(0, left - 2) : min(w, right + 2)]
    pictures = [s.rgba() for s in sprites]
    text = pipe.encoder.text_features(pipe.text_tower.encode([words, subject]))
    whole = pipe.encoder.encode_images(pictures) @ text[0]
    near = pipe.encoder.encode_images([np.ascontiguousarray(p[cut]) for p in pictures]) @ text[1]
    return int((whole + near).argmax())


def _mask(sprite: Sprite, drawn: Sprite, after: U8, request: EditRequest) -> tuple[U8 | None, tuple[str, ...]]:
    """The mask after: changed cells go to the part that was found in the drawing, or to the thing that was asked for."""
    if sprite.mask is None:
        return drawn.mask, drawn.mask_names
    changed = (after != sprite.rgba()).any(-1)
    mask, names = sprite.mask.copy(), sprite.mask_names
    mask[~opaque(after)] = no_part(sprite)
    fresh = changed & opaque(after)
    if request.operation in ("add", "replace"):
        own = region_class(request.subject)
        fits = np.zeros_like(fresh)
        if drawn.mask is not None:  # the backdrop of a cloud stays the sky's
            same = [i for i, n in enumerate(drawn.mask_names) if n == sprite_part_behind(sprite)]
            fits = np.isin(drawn.mask, same)
        return named(mask, names, fresh & ~fits, request.subject if own != BACKGROUND else BACKGROUND)
    if drawn.mask is not None:
        for i, name in enumerate(drawn.mask_names):
            if (fresh & (drawn.mask == i)).any():
                mask, names = named(mask, names, fresh & (drawn.mask == i), name)
    return mask, names


def sprite_part_behind(sprite: Sprite) -> str:
    """The name of the largest part behind the figure."""
    behind = ~figure(sprite) & opaque(sprite.rgba())
    if sprite.mask is None or not behind.any():
        return BACKGROUND
    return sprite.mask_names[int(np.bincount(sprite.mask[behind]).argmax())]
