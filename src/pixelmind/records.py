"""What travels between the rooms: frozen, typed, versioned, serialisable records. No torch here.

Array legend: H, W canvas height and width in native pixels; K number of palette entries.
Every record turns into plain JSON with `to_dict` and back with `from_dict`; arrays keep dtype and shape.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput

U8 = NDArray[np.uint8]
Split = Literal["train", "val", "test", "judge"]
SPLITS: tuple[Split, ...] = typing.get_args(Split)

MIN_SIZE_PX, MAX_SIZE_PX = 8, 256
MAX_PALETTE = 256


def _encode(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"dtype": str(value.dtype), "shape": list(value.shape), "data": data}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(k): _encode(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encode(v) for v in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _decode(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _decode(next(a for a in args if a is not type(None)), value)
    if origin is np.ndarray:
        array = np.frombuffer(base64.b64decode(value["data"]), dtype=value["dtype"])
        return array.reshape(value["shape"]).copy()
    if hint is bytes:
        return base64.b64decode(value)
    if isinstance(hint, type) and issubclass(hint, Record):
        return hint.from_dict(value)
    if origin is tuple:
        inner = args[0] if args[1:] == (Ellipsis,) else None
        return tuple(_decode(inner if inner is not None else a, v) for a, v in zip(args * len(value), value))
    return value


@dataclass(frozen=True, kw_only=True, eq=False)
class Record:
    """Base of all records. `version` rises when a field changes meaning."""

    version: ClassVar[int] = 1

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict with the record's kind and version."""
        body = {f.name: _encode(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return {"record": type(self).__name__, "version": self.version, **body}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a record.

        Raises:
            BadInput: another kind of record, a newer version, or an unknown or missing field.
        """
        kind, version = data.get("record", cls.__name__), data.get("version", cls.version)
        if kind != cls.__name__:
            raise BadInput(f"expected a {cls.__name__} record, got {kind}")
        if version > cls.version:
            raise BadInput(
                f"{cls.__name__} record version {version} is newer than this program knows ({cls.version}); update pixelmind"
            )
        hints = typing.get_type_hints(cls)
        body = {k: v for k, v in data.items() if k not in ("record", "version")}
        unknown = set(body) - {f.name for f in dataclasses.fields(cls)}
        if unknown:
            raise BadInput(f"{cls.__name__} has no field {sorted(unknown)[0]!r}")
        try:
            return cls(**{k: _decode(hints[k], v) for k, v in body.items()})
        except TypeError as error:
            raise BadInput(f"{cls.__name__} record is incomplete: {error}") from error

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, kw_only=True, eq=False)
class Palette(Record):
    """A named set of opaque sRGB colours, `colors` uint8 [K, 3], 1 <= K <= 256."""

    name: str
    colors: U8

    def __post_init__(self) -> None:
        c = self.colors
        if c.dtype != np.uint8 or c.ndim != 2 or c.shape[1] != 3 or not 1 <= len(c) <= MAX_PALETTE:
            raise BadInput(f"palette {self.name!r} must hold 1 to {MAX_PALETTE} RGB colours, got shape {c.shape}")

    def __len__(self) -> int:
        return len(self.colors)

    def hex(self) -> tuple[str, ...]:
        """Return the colours as lower-case '#rrggbb'."""
        return tuple("#{:02x}{:02x}{:02x}".format(*(int(v) for v in c)) for c in self.colors)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sprite(Record):
    """True pixel art: `indices` uint8 [H, W] into `palette` uint8 [K, 4] RGBA with alpha 0 or 255 only.

    Where any cell is clear, entry 0 is the one transparent entry (0, 0, 0, 0).
    `mask` uint8 [H, W] holds region classes, named by `mask_names[class]`.
    """

    indices: U8
    palette: U8
    mask: U8 | None = None
    mask_names: tuple[str, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.indices.dtype != np.uint8 or self.indices.ndim != 2 or self.indices.size == 0:
            raise BadInput("sprite indices must be uint8 [H, W]")
        p = self.palette
        if p.dtype != np.uint8 or p.ndim != 2 or p.shape[1] != 4 or not 1 <= len(p) <= MAX_PALETTE:
            raise BadInput("sprite palette must be uint8 [K, 4] with 1 to 256 entries")
        if ((p[:, 3] > 0) & (p[:, 3] < 255)).any() or (p[1:, 3] == 0).any():
            raise BadInput("sprite alpha must be 0 or 255, and only entry 0 may be transparent")
        if int(self.indices.max()) >= len(p):
            raise BadInput("sprite index points past its palette")
        if self.mask is not None and (self.mask.shape != self.indices.shape or self.mask.dtype != np.uint8):
            raise BadInput("sprite mask must be uint8 of the canvas size")

    @property
    def height(self) -> int:
        return int(self.indices.shape[0])

    @property
    def width(self) -> int:
        return int(self.indices.shape[1])

    @property
    def num_colors(self) -> int:
        """Opaque colours really used."""
        return int((self.palette[np.unique(self.indices), 3] == 255).sum())

    def rgba(self) -> U8:
        """Return uint8 [H, W, 4]; clear cells are (0, 0, 0, 0)."""
        out: U8 = self.palette[self.indices]
        return out

    @classmethod
    def from_rgba(cls, rgba: U8, **kwargs: Any) -> Self:
        """Index an RGBA canvas uint8 [H, W, 4] exactly; alpha >= 128 counts as opaque.

        Raises:
            BadInput: more than 255 opaque colours (256 with no clear cell); quantise first.
        """
        clear = rgba[..., 3] < 128
        packed = rgba[..., :3].astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
        colors = np.unique(packed[~clear])
        offset = int(clear.any())
        if len(colors) + offset > MAX_PALETTE:
            raise BadInput(
                f"image has {len(colors)} colours, an indexed sprite holds {MAX_PALETTE - offset}; quantise it first"
            )
        palette = np.zeros((len(colors) + offset, 4), dtype=np.uint8)
        palette[offset:] = np.stack(
            [colors >> 16, (colors >> 8) & 255, colors & 255, np.full_like(colors, 255)], axis=1
        )
        indices = np.where(clear, 0, np.searchsorted(colors, packed) + offset).astype(np.uint8)
        return cls(indices=indices, palette=palette, **kwargs)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample(Record):
    """One row of the training store: a picture at native size, its words, and where it comes from."""

    png: bytes
    height: int
    width: int
    captions: tuple[str, ...]
    source: str
    licence: str
    credit: str
    tags: dict[str, str] = field(default_factory=dict)
    mask_png: bytes | None = None
    mask_names: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    phash: int = 0
    cluster: str = ""
    split: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class EditPair(Record):
    """Before, an instruction, after: what a user's correction teaches. `region` uint8 [H, W], 1 inside."""

    before: Sample
    instruction: str
    after: Sample
    region: U8


@dataclass(frozen=True, kw_only=True, eq=False)
class Intent(Record):
    """What a turn of dialogue asks for, in the names of `pixelmind.dialogue.schema`.

    `slots`: pieces of the text, `values`: what of them could be read exactly (numbers, sizes, colours, palettes). `refers`: what it
    points to ("nothing", "region", "last", "candidate", "turn"), `number` which one, from 1, `antecedent` the class of the part where it is
    one: "he should look left" changes the whole, and "he" is the figure. `confidence` in [0, 1] of "act", "operation", "region", "refers",
    of each of `ambiguous` and `contradictions`, and of each slot found.
    """

    text: str
    act: str = "generate"
    slots: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    operation: str = "none"
    region: str = "none"
    refers: str = "nothing"
    number: int | None = None
    antecedent: str = "none"
    ambiguous: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    confidence: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Conditioning(Record):
    """What the generator is told: words, size in px, palette, colour budget, style and kind.

    `references` are pictures whose style is wanted. `layout` uint8 [H, W] with `layout_names` says where the parts go, as a sprite's
    mask does; "background" leaves a cell open. A `seamless` picture's edges meet when it is laid side by side with itself.
    """

    prompt: str
    height: int
    width: int
    negative: str = ""
    palette: Palette | None = None
    max_colors: int | None = None
    style: str | None = None
    kind: str | None = None
    references: tuple[Sprite, ...] = ()
    layout: U8 | None = None
    layout_names: tuple[str, ...] = ()
    seamless: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class GenerationRequest(Record):
    """A request for `num_images` sprites. Steps and guidance fall back to the weights' own defaults.

    With a `source` (of the conditioning's size) it asks for a change of that picture: cells where `region` uint8 [H, W] is 0 stay as
    they are; None redraws all. `strength` in (0, 1]: 1 draws anew, less stays nearer to the source.
    """

    conditioning: Conditioning
    num_images: int = 1
    seed: int = 0
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    source: Sprite | None = None
    region: U8 | None = None
    strength: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class GenerationResult(Record):
    """Sprites in rank order with the seed of each and the seconds the whole call took."""

    sprites: tuple[Sprite, ...]
    seeds: tuple[int, ...]
    seconds: float
    weights: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Turn(Record):
    """One turn of a dialogue: who spoke, the words, what was understood and what came out."""

    role: str
    text: str
    intent: Intent | None = None
    sprite: Sprite | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Feedback(Record):
    """A person's (or, labelled so, a simulated person's) reaction to a sprite; ratings are 1 to 5."""

    sprite_id: str
    user: str
    simulated: bool
    ratings: dict[str, int] = field(default_factory=dict)
    event: str = ""
    created: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class PreferencePair(Record):
    """Two sprites for one prompt, the chosen before the rejected."""

    prompt: str
    chosen: Sprite
    rejected: Sprite
    user: str
    simulated: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class EvalResult(Record):
    """One measured figure with what is needed to believe it."""

    metric: str
    value: float
    n: int
    spread: float | None = None
    baseline: float | None = None
    note: str = ""


def content_id(rgba: U8) -> str:
    """sha256 of the canonical pixels (clear cells zeroed), of uint8 [H, W, 4]: a Sample's id."""
    canonical = np.where(rgba[..., 3] == 0, 0, np.ascontiguousarray(rgba).view(np.uint32)[..., 0])
    head = f"{rgba.shape[0]}x{rgba.shape[1]}:".encode()
    return hashlib.sha256(head + canonical.tobytes()).hexdigest()
