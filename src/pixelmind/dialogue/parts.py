"""The parts of a sprite as its mask names them, its figure and backdrop, and connected pieces of regions.

Masks may be a network's guess: specks that lie in one flat colour with another part are counted to that part.

Legend: H, W canvas in px; `Region` bool [H, W]; a piece is a connected component, diagonal neighbours included.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.edits.color import Region, basic_word, opaque
from pixelmind.data.procedural.regions import REGIONS, region_class
from pixelmind.records import U8, Sprite

BACKGROUND = "background"
#: Classes that lie behind the figure. Pieces of LAND do where they reach the edge of the canvas and a figure is left without them.
BEHIND = frozenset((BACKGROUND, "sky", "cloud", "sun", "moon", "star", "rain", "snow", "lightning"))
LAND = frozenset(("ground", "grass", "water", "mountain", "smoke"))
#: Classes of which one or two cells are believed where a network found them.
SMALL = frozenset(("eye", "mouth", "star", "light", "gem", "window", "flame"))
MAX_LISTED = 8


def components(values: NDArray[Any], diagonal: bool = True) -> NDArray[np.int64]:
    """Label connected cells of equal value: int64 [H, W], labels 0.. in order of their first cell."""
    h, w = values.shape
    cell = np.arange(h * w).reshape(h, w)
    pairs: list[tuple[Any, Any]] = [(np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])]
    if diagonal:
        pairs += [(np.s_[1:, 1:], np.s_[:-1, :-1]), (np.s_[1:, :-1], np.s_[:-1, 1:])]
    joined = [(cell[a][same], cell[b][same]) for a, b in pairs for same in [values[a] == values[b]]]
    first, second = (np.concatenate(side) for side in zip(*joined))
    parent = cell.reshape(-1).copy()
    while True:
        a, b = parent[first], parent[second]
        apart = a != b
        if not apart.any():
            return np.unique(parent, return_inverse=True)[1].reshape(h, w)
        np.minimum.at(parent, np.maximum(a, b)[apart], np.minimum(a, b)[apart])
        while (parent[parent] != parent).any():
            parent = parent[parent]


def pieces(region: Region, least: float = 0.15) -> list[Region]:
    """The connected pieces of a region, largest first, without those below `least` of the largest."""
    labels = np.where(region, components(region), -1)
    ids, sizes = np.unique(labels[region], return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    return [labels == ids[i] for i in order if sizes[i] >= least * sizes[order[0]]]


def guessed(sprite: Sprite) -> bool:
    """Whether the mask is a network's: all its names are region classes (what edits add aside)."""
    return set(sprite.mask_names) - {"outline"} <= set(REGIONS)


def settled(sprite: Sprite) -> U8 | None:
    """The mask, with specks counted to the part around them where a network guessed it (its names are region classes): a piece of up
    to three cells that holds under a quarter of the flat it lies in takes the part of most of that flat."""
    mask = sprite.mask
    if mask is None or not guessed(sprite):
        return mask
    flat, piece = components(sprite.indices, diagonal=False), components(mask)
    size = np.bincount(piece.reshape(-1))[piece]
    small = (size <= 3) & (sprite.palette[sprite.indices, 3] > 0)
    out = mask.copy()
    for label in np.unique(flat[small]):
        here = flat == label
        votes = np.bincount(mask[here], minlength=len(sprite.mask_names))
        weak = here & small & (votes[mask] * 4 < here.sum())
        out[weak] = votes.argmax()
    return out


def parts(sprite: Sprite) -> dict[str, Region]:
    """The cells of each named part that is there, background left out; empty where the sprite has no mask."""
    mask = settled(sprite)
    if mask is None:
        return {}
    full = opaque(sprite.rgba())
    found = {name: (mask == i) & full for i, name in enumerate(sprite.mask_names) if region_class(name) != BACKGROUND}
    least = {name: 1 if not guessed(sprite) or name in SMALL else 3 for name in found}
    return {name: cells for name, cells in found.items() if cells.sum() >= least[name] and name}


def seen(sprite: Sprite) -> list[str]:
    """What can be named in a sprite, largest first, as a person would say it."""
    found = sorted(parts(sprite).items(), key=lambda item: -int(item[1].sum()))
    return list(dict.fromkeys(name.replace("/", "'s ") for name, _ in found))[:MAX_LISTED]


def backdrop(sprite: Sprite) -> Region:
    """The flats of the commonest border colour that touch the border of a full canvas; none where that colour holds under 40 % of it."""
    values = sprite.indices
    rim = np.zeros(values.shape, bool)
    rim[[0, -1]] = rim[:, [0, -1]] = True
    counts = np.bincount(values[rim])
    common = counts.argmax()
    if counts[common] < 0.4 * rim.sum():
        return np.zeros_like(rim)
    labels = components(values, diagonal=False)
    return np.isin(labels, np.unique(labels[rim & (values == common)]))


def figure(sprite: Sprite) -> Region:
    """The cells of what the picture shows, without backdrop and land; every opaque cell where that would leave nothing."""
    full = opaque(sprite.rgba())
    border = np.concatenate([full[0], full[-1], full[1:-1, 0], full[1:-1, -1]])
    free = bool((~full).mean() > 0.08 and border.mean() < 0.5)
    mask = settled(sprite)
    if mask is None:
        rest = full if (~full).any() else full & ~backdrop(sprite)
        return rest if rest.any() else full
    names = sprite.mask_names
    if any("/" in name for name in names):
        rest = full & np.isin(mask, [i for i, name in enumerate(names) if "/" in name])
        return rest if rest.any() else full
    classes = [region_class(name) for name in names]
    behind = full & np.isin(mask, [i for i, c in enumerate(classes) if c in BEHIND or names[i] == "card"])
    planet = full & np.isin(mask, [i for i, c in enumerate(classes) if c == "moon"])
    if planet.sum() > 0.12 * full.sum():  # that large it is what the picture shows
        behind &= ~planet
    if free and guessed(sprite) and behind.sum() < 0.3 * full.sum():
        return full  # a guess of sky inside a figure that stands free
    if (full & ~behind).sum() < 0.05 * full.sum():  # a planet, a cloud: what is seen is the sky's own
        behind = full & np.isin(mask, [i for i, c in enumerate(classes) if c in (BACKGROUND, "sky")])
    rest = full & ~behind
    if not free:
        land = rest & np.isin(mask, [i for i, c in enumerate(classes) if c in LAND])
        labels = components(land)
        rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
        built = rest & ~(land & np.isin(labels, rim))
        rest = built if built.sum() >= 0.05 * full.sum() else rest
    return rest if rest.any() else full


def colors_seen(sprite: Sprite) -> list[str]:
    """Basic colour words of the sprite, commonest first."""
    rgba = sprite.rgba()
    colors, counts = np.unique(rgba[opaque(rgba)][:, :3], axis=0, return_counts=True)
    total: dict[str, int] = {}
    for (r, g, b), n in zip(colors.tolist(), counts.tolist()):
        word = basic_word(r, g, b)
        total[word] = total.get(word, 0) + n
    return sorted(total, key=lambda word: -total[word])[:MAX_LISTED]
