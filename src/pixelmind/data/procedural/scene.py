"""One scene from a seed: family, style, size and parameters are drawn, then the picture, its region mask and its captions.

A scene is one subject, or a composition (`compose`): subjects in a place at a time, with things.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

from pixelmind.data.procedural import compose as cp
from pixelmind.data.procedural import families as families_package
from pixelmind.data.procedural import telling
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words, captions
from pixelmind.data.procedural.config import MAX_SIDE, MIN_SIDE
from pixelmind.data.procedural.family import GENRES, Family, Params, Size
from pixelmind.data.procedural.genres import genres_of, pick_genre
from pixelmind.data.procedural.places import PLACES
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.sight import Sight, anchored, mirrored
from pixelmind.data.procedural.styles import STYLES, Style, render
from pixelmind.data.sources.base import VIEWS, RawSprite
from pixelmind.errors import BadInput

SOURCE = "procedural"
LICENCE = "CC0-1.0"
CREDIT = "PixelMind-X procedural scenes"
LIGHTS = ("top left", "top right")
#: Longest side at which a subject alone fills a canvas; larger pictures are composed.
MAX_SINGLE = 96
#: Share of scenes that are compositions, and how many that are not are drawn larger than their family likes.
COMPOSED_SHARE, LARGE_SHARE = 0.3, 0.015
#: (height, width) of compositions with weights: most up to 64, the rest native 96 to 256 in square, wide and tall.
COMPOSED_SIZES: dict[Size, float] = {
    (32, 32): 3.0,
    (32, 48): 1.0,
    (48, 48): 3.0,
    (48, 64): 1.0,
    (64, 48): 0.8,
    (64, 64): 6.0,
    (64, 96): 0.8,
    (96, 96): 0.9,
    (96, 64): 0.3,
    (96, 128): 0.4,
    (128, 128): 0.9,
    (128, 192): 0.25,
    (144, 160): 0.25,
    (192, 128): 0.15,
    (192, 192): 0.25,
    (144, 256): 0.2,
    (256, 192): 0.1,
    (256, 256): 0.4,
}


@lru_cache(maxsize=1)
def families() -> dict[str, Family]:
    """All families by name: every module in `families/` that holds a FAMILY."""
    found = {}
    for info in sorted(iter_modules(families_package.__path__), key=lambda m: m.name):
        family = getattr(import_module(f"{families_package.__name__}.{info.name}"), "FAMILY", None)
        if isinstance(family, Family):
            found[family.name] = family
    return found


@lru_cache(maxsize=64)
def families_of(genre: str) -> dict[str, float]:
    """Families some of whose subjects belong to a genre, with the share of them that do.

    Raises:
        BadInput: an unknown genre.
    """
    if genre not in GENRES:
        raise BadInput(f"no genre named {genre!r}; there are: {', '.join(GENRES)}")
    out = {}
    for name, family in families().items():
        hits = sum(genre in _genres(family, f"probe {i}", (32, 32)) for i in range(24))
        if hits:
            out[name] = hits / 24
    return out


def _genres(family: Family, seed: object, size: Size) -> tuple[str, ...]:
    p = family.sample(Rng(seed, "params", family.name))
    if family.fit:
        family.fit(p, *size)
    return genres_of(family, family.words({**p, "visible": []}).nouns)


def _pick(table: Mapping[str, Any], name: str | None, what: str, rng: Rng) -> Any:
    if name is None:
        return rng.choice(list(table.values()), [v.weight for v in table.values()])
    if name not in table:
        raise BadInput(f"no {what} named {name!r}; there are: {', '.join(table)}")
    return table[name]


@lru_cache(maxsize=1)
def composable() -> dict[str, Family]:
    """The families that a composition can be about."""
    return cp.subject_families(families())


@dataclass(frozen=True)
class _Choices:
    """What may be chosen: sizes of single subjects by family with their weights, main subjects and sizes of compositions."""

    sizes: dict[str, tuple[Size, ...]]
    weights: list[float]
    mains: list[str]
    room: dict[Size, float]


@lru_cache(maxsize=256)
def _choices(fits: Callable[[Size], bool], names: tuple[str, ...], genre: str | None) -> _Choices:
    known, shares = families(), families_of(genre) if genre else {}
    pool = [n for n in (names or known) if not genre or n in shares]
    sizes = {n: tuple(s for s in known[n].sizes if fits(s)) for n in pool}
    sizes = {n: some for n, some in sizes.items() if some}
    return _Choices(
        sizes,
        [known[n].weight * shares.get(n, 1.0) for n in sizes],
        [n for n in pool if n in composable()],
        {size: weight for size, weight in COMPOSED_SIZES.items() if fits(size)},
    )


def _any_size(size: Size) -> bool:
    return True


def plan(
    seed: int,
    *,
    names: Sequence[str] = (),
    styles: Sequence[str] = (),
    genres: Sequence[str] = (),
    fits: Callable[[Size], bool] = _any_size,
    composed: float = COMPOSED_SHARE,
) -> dict[str, Any]:
    """Choose what `draw_scene` draws for a seed, as its keyword arguments: family, style, size, genre, light, composed.

    Args:
        names, styles, genres: to choose from; empty means all, by weight.
        fits: whether a (height, width) may be used.
        composed: share of compositions where they are possible.
    """
    rng, known = Rng(seed, "plan"), families()
    genre = rng.choice(tuple(genres)) if genres else None
    may = _choices(fits, tuple(names), genre)
    alone = bool(may.sizes) or composed == 0
    placed = bool(may.room) and bool(may.mains) and (rng.chance(composed) or not alone)
    if placed:
        family = rng.choice(may.mains, [known[n].weight for n in may.mains]) if names else None
        size = rng.choice(list(may.room), list(may.room.values()))
    else:
        if not may.sizes:
            raise BadInput("no chosen family of this genre is drawn in these sizes; widen the sizes")
        family = rng.choice(list(may.sizes), may.weights)
        size = rng.choice(may.sizes[family])
        if rng.chance(LARGE_SHARE) and fits((MAX_SINGLE, MAX_SINGLE)):
            size = (MAX_SINGLE, MAX_SINGLE)
    looks = [n for n in (styles or STYLES) if styles or min(size) > 10 or not STYLES[n].lined]
    return {
        "family": family,
        "style": rng.choice(looks, [STYLES[n].weight for n in looks]),
        "size": size,
        "genre": genre,
        "light": LIGHTS[rng.chance(0.3)] if not placed else rng.choice(LIGHTS),
        "composed": placed,
    }


def draw_scene(
    seed: int,
    family: str | None = None,
    style: str | None = None,
    size: Size | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    genre: str | None = None,
    composed: bool | None = None,
    light: str | None = None,
    place: str | None = None,
    num_captions: int = 12,
) -> RawSprite:
    """Draw one scene. The same arguments give the same bytes everywhere.

    Args:
        seed: any integer; each part (choice, parameters, drawing, words) has its own stream from it.
        family, style: names, or None to draw one by weight. In a composition the family is that of the main subject.
        size: (height, width) in pixels, 8 to 256, or None to draw one the family likes.
        params: parameter values to hold fixed, for edits and counterfactuals; the rest stay as the seed gives them.
        genre: one of `family.GENRES`, or None for any.
        composed: a composition or one subject; None composes what has no family, by chance, and what is larger than 96 px.
        light: "top left" (the default for one subject) or "top right".
        place: the place of a composition, one of `places.PLACES`; None draws one that suits the subject.
        num_captions: how many wordings.

    Raises:
        BadInput: an unknown family, style, genre, light, place, parameter or value, or a size out of range.
    """
    for what, value, known in (("light", light, LIGHTS), ("place", place, PLACES)):
        if value is not None and value not in known:
            raise BadInput(f"no {what} named {value!r}; there are: {', '.join(known)}")
    pick = Rng(seed, "pick")
    if size and not all(MIN_SIDE <= side <= MAX_SIDE for side in size):
        raise BadInput(f"procedural scenes are {MIN_SIDE} to {MAX_SIDE} pixels a side, got {size[1]}x{size[0]}")
    if family is None and size is None and composed is None and genre is None and place is None:
        asked = plan(seed, styles=(style,) if style in STYLES else ())
        family, size, composed, light = asked["family"], asked["size"], asked["composed"], light or asked["light"]
        style = style or asked["style"]
    table = families() if family or genre is None else {n: families()[n] for n in families_of(genre)}
    chosen = _pick(table, family, "family", pick)
    if family is not None and genre is not None and family not in families_of(genre):
        raise BadInput(
            f"family {family!r} holds nothing of the genre {genre!r}; it is found in: {', '.join(families_of(genre))}"
        )
    able = chosen.name in composable() or family is None
    if composed is None:
        large = size is not None and max(size) > MAX_SINGLE
        composed = place is not None or (
            able and (large or (family is None and _roomy(size) and pick.chance(COMPOSED_SHARE)))
        )
    if composed and not able:
        raise BadInput(f"family {chosen.name!r} cannot be the subject of a composition; leave out composed and place")
    if size is None:
        size = (
            pick.choice(list(COMPOSED_SIZES), list(COMPOSED_SIZES.values())) if composed else pick.choice(chosen.sizes)
        )
    looks = {k: v for k, v in STYLES.items() if style or min(size) > 10 or not v.lined}
    look = _pick(looks, style, "style", pick)
    for key, value in (params or {}).items():
        if key not in chosen.parameters or value not in chosen.parameters[key].values:
            raise BadInput(f"family {chosen.name!r} has no parameter {key!r} with value {value!r}")
    variants = [pick.integer(0, 8) for _ in range(7)]
    if composed:
        return _composition(
            seed, chosen if family else None, look, size, params, genre, light, place, variants, num_captions
        )
    return _single(seed, chosen, look, size, params, genre, light, variants, num_captions)


def _roomy(size: Size | None) -> bool:
    return size is None or min(size) >= 32


def _single(
    seed: int,
    chosen: Family,
    look: Style,
    size: Size,
    params: Mapping[str, Any] | None,
    genre: str | None,
    light: str | None,
    variants: Sequence[int],
    num_captions: int,
) -> RawSprite:
    h, w = size
    for attempt in range(200 if genre else 1):
        p = chosen.sample(Rng(seed, "params", chosen.name, *((attempt,) if attempt else ())))
        p.update(params or {})
        if genre == "horror" and p.get("backdrop") in ("day", "dawn", "sunset") and "backdrop" not in (params or {}):
            p["backdrop"] = "night" if "night" in chosen.parameters["backdrop"].values else p["backdrop"]
        if chosen.fit:
            chosen.fit(p, h, w)
        if genre is None or genre in genres_of(chosen, chosen.words({**p, "visible": []}).nouns):
            break
    canvas = Canvas(h, w)
    chosen.draw(p, canvas, Rng(seed, "draw", chosen.name))
    if not canvas.mat.any():
        raise RuntimeError(f"family {chosen.name!r} drew nothing for seed {seed}")
    if light == "top right":
        canvas.flip()
    rgba = render(canvas, look, variants)
    opaque = bool((rgba[..., 3] == 255).all())
    p["visible"] = visible(canvas)
    words = anchored(chosen.words(p))
    worlds = genres_of(chosen, words.nouns)
    kind = "scene" if opaque and chosen.kind not in ("tile", "scene") else chosen.kind
    record: dict[str, Any] = {"cluster": cluster_key(chosen, p), **p}
    if light == "top right":
        words, record["mirrored"] = mirrored(words), True
    world = genre if genre in worlds else pick_genre(worlds, Rng(seed, "genre"))
    view = str(p["view"]) if p.get("view") in VIEWS else chosen.view
    if light == "top right":
        view = {"left": "right", "right": "left"}.get(view, view)
    return _told(seed, rgba, canvas, (words,), look, size, world, kind, chosen.name, view, record, None, num_captions)


def _composition(
    seed: int,
    chosen: Family | None,
    look: Style,
    size: Size,
    params: Mapping[str, Any] | None,
    genre: str | None,
    light: str | None,
    place: str | None,
    variants: Sequence[int],
    num_captions: int,
) -> RawSprite:
    mains = families_of(genre) if genre else None
    scene = cp.compose(
        seed,
        families(),
        size,
        family=chosen,
        params=params,
        genre=genre,
        light=light,
        place=place,
        contrast=look.mono,
        mains=mains,
    )
    rgba = render(scene.canvas, look, variants)
    names = scene.canvas.parts
    subjects = {
        str(i): [k for k, n in enumerate(names) if n.startswith(f"{part.noun}/")] for i, part in enumerate(scene.parts)
    }
    record = {
        "cluster": telling.cluster_key(scene),
        "composed": True,
        **telling.record(scene),
        "visible": visible(scene.canvas),
    }
    name = scene.parts[0].family.name
    return _told(
        seed,
        rgba,
        scene.canvas,
        telling.tell(scene),
        look,
        size,
        scene.genre,
        "scene",
        name,
        "side",
        record,
        subjects,
        num_captions,
    )


def _told(
    seed: int,
    rgba: np.ndarray,
    canvas: Canvas,
    words: tuple[Words, ...],
    look: Style,
    size: Size,
    genre: str,
    kind: str,
    subject: str,
    view: str,
    record: dict[str, Any],
    subjects: Mapping[str, Iterable[int]] | None,
    num_captions: int,
) -> RawSprite:
    """The finished sample: captions that hold on the pixels, tags and the record."""
    sight = Sight(rgba, canvas.part, canvas.parts, look.name, subjects)
    thing = "scene" if kind == "scene" else "sprite"
    texts = captions(
        words,
        Rng(seed, "words"),
        sight,
        look.words,
        size,
        count=num_captions,
        genre=genre,
        thing=thing,
        exact=sight.hex,
    )
    return RawSprite(
        rgba=rgba,
        captions=texts,
        source=SOURCE,
        licence=LICENCE,
        credit=CREDIT,
        tags={
            "kind": kind,
            "style": look.name,
            "subject": subject,
            "view": view,
            "genre": genre,
            "background": "opaque" if bool((rgba[..., 3] == 255).all()) else "transparent",
        },
        mask=np.ascontiguousarray(canvas.part),
        mask_names=tuple(canvas.parts),
        params={"family": subject, "style": look.name, "seed": seed, "size": list(size), **record},
    )


def visible(canvas: Canvas) -> list[str]:
    """Names of the parts of which more than two cells are seen."""
    counts = np.bincount(canvas.part.ravel(), minlength=len(canvas.parts))
    return [name for name, n in zip(canvas.parts[1:], counts[1:]) if n > (2 if canvas.s > 10 else 0)]


def cluster_key(family: Family, params: Params) -> str:
    """Hash of the family and the parameters that matter: scenes alike in all but style, size and details share it."""
    major = {k: params[k] for k, p in family.parameters.items() if not p.minor}
    return hashlib.sha256(json.dumps([family.name, major], sort_keys=True).encode()).hexdigest()[:16]
