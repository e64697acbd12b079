"""One scene from a seed: family, style, size and parameters are drawn, then the picture, its region mask and its captions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

from pixelmind.data.procedural import families as families_package
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import captions
from pixelmind.data.procedural.family import Family
from pixelmind.data.procedural.ramps import basic_name, says
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.styles import STYLES, keeps, render
from pixelmind.data.sources.base import RawSprite
from pixelmind.errors import BadInput

SOURCE = "procedural"
LICENCE = "CC0-1.0"
CREDIT = "PixelMind-X procedural scenes"


@lru_cache(maxsize=65536)
def named(packed: int) -> str:
    """Basic colour word of a little-endian packed RGBA value."""
    return basic_name((packed & 255, packed >> 8 & 255, packed >> 16 & 255))


@lru_cache(maxsize=1)
def families() -> dict[str, Family]:
    """All families by name: every module in `families/` that holds a FAMILY."""
    found = {}
    for info in sorted(iter_modules(families_package.__path__), key=lambda m: m.name):
        family = getattr(import_module(f"{families_package.__name__}.{info.name}"), "FAMILY", None)
        if isinstance(family, Family):
            found[family.name] = family
    return found


def _pick(table: Mapping[str, Any], name: str | None, what: str, rng: Rng) -> Any:
    if name is None:
        return rng.choice(list(table.values()), [v.weight for v in table.values()])
    if name not in table:
        raise BadInput(f"no {what} named {name!r}; there are: {', '.join(table)}")
    return table[name]


def draw_scene(
    seed: int,
    family: str | None = None,
    style: str | None = None,
    size: tuple[int, int] | None = None,
    params: Mapping[str, Any] | None = None,
) -> RawSprite:
    """Draw one scene. The same arguments give the same bytes everywhere.

    Args:
        seed: any integer; each part (choice, parameters, drawing, words) has its own stream from it.
        family, style: names, or None to draw one by weight.
        size: (height, width) in pixels, 8 to 64, or None to draw one the family likes.
        params: parameter values to hold fixed, for edits and counterfactuals; the rest stay as the seed gives them.

    Raises:
        BadInput: an unknown family, style, parameter or value, or a size out of range.
    """
    pick = Rng(seed, "pick")
    chosen = _pick(families(), family, "family", pick)
    h, w = size or pick.choice(chosen.sizes)
    look = _pick({k: v for k, v in STYLES.items() if style or min(h, w) > 10 or not v.lined}, style, "style", pick)
    if not (8 <= h <= 64 and 8 <= w <= 64):
        raise BadInput(f"procedural scenes are 8 to 64 pixels a side, got {w}x{h}")
    p = chosen.sample(Rng(seed, "params", chosen.name))
    for key, value in (params or {}).items():
        if key not in chosen.parameters or value not in chosen.parameters[key].values:
            raise BadInput(f"family {chosen.name!r} has no parameter {key!r} with value {value!r}")
        p[key] = value
    if chosen.fit:
        chosen.fit(p, h, w)
    canvas = Canvas(h, w)
    chosen.draw(p, canvas, Rng(seed, "draw", chosen.name))
    if not canvas.mat.any():
        raise RuntimeError(f"family {chosen.name!r} drew nothing for seed {seed}")
    variants = [pick.integer(0, 8) for _ in range(7)]
    rgba = render(canvas, look, variants)
    opaque = bool((rgba[..., 3] == 255).all())
    counts = np.bincount(canvas.part.ravel(), minlength=len(canvas.parts))
    p["visible"] = [name for name, n in zip(canvas.parts[1:], counts[1:]) if n > (2 if canvas.s > 10 else 0)]
    seen = {named(int(v)) for v in np.unique(rgba.view(np.uint32)) if v}

    def shows(color: str) -> bool:
        """A colour word is spoken only where the style keeps it and the picture holds it."""
        return keeps(look.name, color) and any(says(color, basic) for basic in seen)

    texts = captions(chosen.words(p), Rng(seed, "words"), shows, look.words, (h, w))
    tags = {
        "kind": chosen.kind,
        "style": look.name,
        "subject": chosen.name,
        "view": chosen.view,
        "background": "opaque" if opaque else "transparent",
    }
    if opaque and chosen.kind not in ("tile", "scene"):
        tags["kind"] = "scene"
    record = {
        "family": chosen.name,
        "style": look.name,
        "seed": seed,
        "size": [h, w],
        "cluster": cluster_key(chosen, p),
        **p,
    }
    return RawSprite(
        rgba=rgba,
        captions=texts,
        source=SOURCE,
        licence=LICENCE,
        credit=CREDIT,
        tags=tags,
        mask=np.ascontiguousarray(canvas.part),
        mask_names=tuple(canvas.parts),
        params=record,
    )


def cluster_key(family: Family, params: Mapping[str, Any]) -> str:
    """Hash of the family and the parameters that matter: scenes alike in all but style, size and details share it."""
    major = {k: params[k] for k, p in family.parameters.items() if not p.minor}
    return hashlib.sha256(json.dumps([family.name, major], sort_keys=True).encode()).hexdigest()[:16]
