"""Styles of a person's own in the pipeline: what one must offer, and what a request in one means.

`pixelmind.adaptation` makes them; this room only draws with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, Protocol

from torch import nn

from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.records import GenerationRequest, Sprite


class OwnStyle(Protocol):
    """Weights that change for the length of a drawing, and pictures shown with them."""

    name: str
    references: tuple[Sprite, ...]
    about: dict[str, Any]

    def check(self, bundle: Bundle) -> None: ...

    def on(self, denoisers: Mapping[int, nn.Module]) -> AbstractContextManager[None]: ...


def by_name(styles: Sequence[OwnStyle], bundle: Bundle, known: Sequence[str]) -> dict[str, OwnStyle]:
    """Own styles by name, all made for these weights.

    Raises:
        BadInput: one was made for others, or its name is a style of the weights or given twice.
    """
    found: dict[str, OwnStyle] = {}
    for style in styles:
        style.check(bundle)
        if style.name in known or style.name in found:
            raise BadInput(f"there are two styles {style.name!r}; make yours anew under another name")
        found[style.name] = style
    return found


def heard(request: GenerationRequest, own: OwnStyle | None, shows: bool) -> GenerationRequest:
    """The request as the networks are told it: an own style's name means nothing to them; its pictures are shown as references where
    the person gives none and the weights can be shown any."""
    if own is None:
        return request
    c = request.conditioning
    shown = c.references or (own.references if shows else ())
    return replace(request, conditioning=replace(c, style=None, references=shown))


def worn(own: OwnStyle | None, denoisers: Mapping[int, nn.Module]) -> AbstractContextManager[None]:
    """The denoisers in a style of one's own, or as they are."""
    return nullcontext() if own is None else own.on(denoisers)


def signed(sprite: Sprite, own: OwnStyle | None) -> Sprite:
    """The sprite with the own style that it was drawn in, and the exact adapter, in its provenance."""
    if own is None:
        return sprite
    adapter = str(own.about.get("sha256", ""))[:12]
    return replace(sprite, provenance={**sprite.provenance, "style": own.name, "adapter": adapter})
