"""From a request's words and numbers to a GenerationRequest, and from what was drawn to rows of the database."""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.pixels import metadata, palettes
from pixelmind.pixels.png import encode_png
from pixelmind.quality.after import CheckedResult
from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX, GenerationRequest, GenerationResult, Palette, Sprite
from pixelmind.serving import reviewing
from pixelmind.serving.dependencies import Caller, State
from pixelmind.serving.errors import ApiError
from pixelmind.serving.once import Answer, once
from pixelmind.storage import NotFound

MAX_SEED = (1 << 53) - 1
DEFAULT_SIZE = (64, 64)
DAY = 86_400
_SIZE = re.compile(r"(\d{1,4})\s*[xX×]\s*(\d{1,4})")
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


def read_size(text: str | None) -> tuple[int, int]:
    """(width, height) of "64x48"; "auto" or nothing is 64x64.

    Raises:
        ApiError: not of that form, or a side outside 8 to 256 px.
    """
    if text is None or text == "auto":
        return DEFAULT_SIZE
    found = _SIZE.fullmatch(text)
    if not found:
        raise ApiError(400, f"size {text[:40]!r} is not WIDTHxHEIGHT in pixels, for example 64x64", param="size")
    width, height = int(found[1]), int(found[2])
    if not (MIN_SIZE_PX <= width <= MAX_SIZE_PX and MIN_SIZE_PX <= height <= MAX_SIZE_PX):
        raise ApiError(
            400,
            f"size {width}x{height} is out of range: each side is {MIN_SIZE_PX} to {MAX_SIZE_PX} px, the picture's own cells",
            param="size",
        )
    return width, height


def read_seed(seed: int | None, count: int) -> int:
    """The seed asked for, or one drawn by lot; image i has seed + i."""
    if seed is None:
        return secrets.randbelow(MAX_SEED - count)
    if not 0 <= seed <= MAX_SEED - count + 1:
        raise ApiError(400, f"seed {seed} is out of range; use 0 to {MAX_SEED - count + 1}", param="seed")
    return seed


def read_palette(service: State, caller: Caller, asked: str | Sequence[str] | None) -> Palette | None:
    """A palette by name (the caller's own before the built-in ones) or by its colours.

    Raises:
        BadInput: no palette of this name, or a colour that is no #rrggbb.
    """
    if asked is None or asked == "":
        return None
    if isinstance(asked, str):
        try:
            return service.db.palettes.get(caller.user, asked)
        except NotFound:
            return palettes.get(asked)
    found = [_HEX.fullmatch(color.strip()) for color in asked]
    wrong = [color for color, match in zip(asked, found) if match is None]
    if wrong:
        raise BadInput(f"palette: {wrong[0][:40]!r} is no colour; write #rrggbb")
    colors = np.array([list(bytes.fromhex(match[1])) for match in found if match], np.uint8).reshape(-1, 3)
    return Palette(name="own", colors=np.unique(colors, axis=0))


def styled(service: State, caller: Caller, request: GenerationRequest) -> GenerationRequest:
    """The request with the style of the caller's own that it names, where there is one, and with what was learned of the caller.

    Raises:
        CorruptFile: it is damaged.
    """
    name = request.conditioning.style
    own = None if name is None else service.styles.kept(caller.user).get(name)
    personal = service.learning.personal(caller.user, service.engine.pipe) if service.config.online else None
    if own is None and personal is None:
        return request
    from pixelmind.generator.own_styles import StyledRequest

    return StyledRequest(**vars(request), own=own, personal=personal)


def read_sprites(service: State, caller: Caller, identities: Iterable[str]) -> tuple[Sprite, ...]:
    """The caller's sprites of these ids.

    Raises:
        NotFound: one is not there, or somebody else's.
    """
    return tuple(service.db.sprites.get(caller.user, identity).sprite for identity in identities)


def take_quota(service: State, caller: Caller, count: int) -> None:
    """Count pictures against the caller's day; a service without keys counts nothing.

    Raises:
        OverQuota: the day's pictures are used up.
    """
    if service.config.keys:
        service.db.quota.take(caller.user, "images", count, service.config.images_per_day, DAY)


def give_back(service: State, caller: Caller, count: int) -> None:
    """Undo `take_quota` where nothing was drawn."""
    if service.config.keys:
        service.db.quota.give_back(caller.user, "images", count, DAY)


@dataclass(frozen=True)
class Drawn:
    """Pictures that were drawn and kept: what the routes build their answers from."""

    answer: Answer
    sprites: tuple[Sprite, ...]

    @property
    def items(self) -> list[tuple[str, int, str]]:
        """Id, seed and PNG in base64 of each picture."""
        return [(kept["id"], kept["seed"], png_text(s)) for kept, s in zip(self.answer["sprites"], self.sprites)]


def png_text(sprite: Sprite) -> str:
    """An indexed PNG at native size in base64, with the sprite's provenance in it."""
    return base64.b64encode(encode_png(sprite, text=metadata.text_of(sprite))).decode()


def keep(
    service: State,
    caller: Caller,
    key: str | None,
    hashed: str,
    request: GenerationRequest,
    result: GenerationResult,
    operation: str,
    parent: str | None = None,
) -> Drawn:
    """Keep what was drawn, all or nothing, once a key; what was flagged goes into the review queue."""
    checked = result.checked if isinstance(result, CheckedResult) else ()
    service.metrics.checked(checked)
    start = time.monotonic()

    def work() -> Answer:
        rows = [
            service.db.sprites.add(
                caller.user,
                sprite,
                prompt=request.conditioning.prompt,
                operation=operation,
                seed=seed,
                weights=result.weights,
                parent=parent,
                source="generated" if request.source is None else "edited",
            )
            for sprite, seed in zip(result.sprites, result.seeds)
        ]
        reviewing.flag(service.db, caller.user, list(zip(rows, checked)))
        return {
            "created": int(time.time()),
            "sprites": [{"id": row.id, "seed": row.seed} for row in rows],
            "seconds": round(result.seconds, 4),
            "weights": result.weights,
        }

    answer = once(service, caller, key, hashed, work)
    service.metrics.stage("keep", time.monotonic() - start)
    same = [kept["seed"] for kept in answer["sprites"]] == list(result.seeds)
    return Drawn(answer, result.sprites) if same else again(service, caller, answer)


def again(service: State, caller: Caller, answer: dict[str, Any]) -> Drawn:
    """What an earlier request with the same Idempotency-Key drew.

    Raises:
        NotFound: it was deleted since.
    """
    return Drawn(answer, read_sprites(service, caller, (kept["id"] for kept in answer["sprites"])))
