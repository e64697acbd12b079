"""Styles of a person's own in the pipeline, and what was learned of them: what these must offer, and what a request with one means.

`pixelmind.adaptation` makes them; this room only draws with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from pixelmind.errors import BadInput
from pixelmind.records import GenerationRequest, Sprite

if TYPE_CHECKING:
    from torch import nn

    from pixelmind.generator.bundle import Bundle
    from pixelmind.generator.pipeline import PixelPipeline


class OwnStyle(Protocol):
    """Weights that change for the length of a drawing, and pictures shown with them."""

    name: str
    references: tuple[Sprite, ...]
    about: dict[str, Any]

    def check(self, bundle: Bundle) -> None: ...

    def on(self, denoisers: Mapping[int, nn.Module]) -> AbstractContextManager[None]: ...


class Personal(Protocol):
    """What was learned of a person from what they chose and did: the tone they like, and weights that change for the length of a drawing
    without being a style (None: none). `id` tells the state it was."""

    @property
    def id(self) -> str: ...

    @property
    def own(self) -> OwnStyle | None: ...

    def finished(self, sprite: Sprite) -> Sprite:
        """A finished sprite whose colours nobody asked for, as this person likes it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StyledRequest(GenerationRequest):
    """A request that brings its style with it, so that two people can each have one of the same name in one batch; and what was learned
    of the person who asks."""

    own: OwnStyle | None = None
    personal: Personal | None = None


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


def own_of(
    request: GenerationRequest, kept: Mapping[str, OwnStyle], bundle: Bundle, known: Sequence[str]
) -> OwnStyle | None:
    """The own style that a request is drawn in: the one it brings, or the one kept under that name; None where it names a style of the
    weights, or none.

    Raises:
        BadInput: it was made for other weights.
    """
    name = request.conditioning.style
    if name is None or name in known:
        return None
    own = request.own if isinstance(request, StyledRequest) and request.own is not None else kept.get(name)
    if own is not None:
        own.check(bundle)
    return own


@contextmanager
def lent(pipe: PixelPipeline, styles: Mapping[str, OwnStyle], personal: Personal | None = None) -> Iterator[None]:
    """Let the pipeline draw in one person's styles, and with what was learned of them, for a while."""
    before = pipe.adapters, pipe.personal
    pipe.adapters, pipe.personal = styles, personal
    try:
        yield
    finally:
        pipe.adapters, pipe.personal = before


def named(text: str, names: Iterable[str]) -> tuple[str, str | None]:
    """The text without words such as: in my style "mine", in mine style; and the name, None where none of `names` is told so."""
    any_name = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    if not any_name:
        return text, None
    quoted = f"[\"'“‘]?(?P<{{}}>{any_name})[\"'”’]?(?![\\w-])"
    after = f"style (?:called |named )?{quoted.format('after')}"
    found = re.search(
        rf",?\s*(?<!not )\b(?:in|with|using) (?:my |the )?(?:own )?(?:{after}|{quoted.format('before')} style\b)",
        text,
        re.IGNORECASE,
    )
    if found is None:
        return text, None
    rest = " ".join((text[: found.start()] + text[found.end() :]).split())
    return rest.strip(" ,"), (found["after"] or found["before"]).lower()


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


def signed(
    sprite: Sprite, request: GenerationRequest, own: OwnStyle | None, personal: Personal | None = None
) -> Sprite:
    """The sprite as it is given: as the person likes it, where its colours are free (none were asked for, shown or there before); in its
    provenance the own style that it was drawn in and the exact adapter, and which state of the person was known."""
    c = request.conditioning
    if personal is not None and c.palette is None and not c.references and request.source is None:
        sprite = personal.finished(sprite)
    told: dict[str, Any] = {} if personal is None else {"personal": personal.id}
    if own is not None:
        told |= {"style": own.name, "adapter": str(own.about.get("sha256", ""))[:12]}
    return replace(sprite, provenance={**sprite.provenance, **told}) if told else sprite
