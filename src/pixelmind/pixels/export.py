"""Sprites to files that Aseprite, Tiled, Godot, Phaser and a browser take unchanged; `FORMATS` names the kinds of files.

png: one indexed file a sprite, its provenance and region mask inside. gif, apng: one file, a frame a sprite. aseprite: the same
with layers, slices and tags, at native size. sheet, sheet-array: one PNG and Aseprite's JSON. tiled: a tileset, a map and a PNG.
godot: SpriteFrames and a PNG. texturepacker: JSON and a PNG. gpl, hex, pal, palette-png: the colours alone.
`pack` makes the bytes, `save` writes them (whole or not at all), `download` makes one body of them for a browser. The same
sprites give the same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind import files
from pixelmind.errors import BadInput
from pixelmind.pixels import apng, aseprite, gif, godot, metadata, palettes, png, sheets, texturepacker, tiled
from pixelmind.pixels.strip import FRAME_MS, Strip, Tag, make_strip, printable, safe_stem, unprintable
from pixelmind.records import MAX_PALETTE, Palette, Sprite

MAX_SCALE = 64
MAX_GIF_PX, MAX_PNG_PX = 1 << 24, 1 << 28
MAX_SIDE = 65535  # what a GIF's and an Aseprite file's sizes can say
ZIP = "application/zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can hold, so that its bytes do not change


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a writer is told beside the strip: the names' stem, the scale, and what only some formats use."""

    stem: str
    scale: int = 1
    terrains: tuple[str, str] | None = None
    trim: bool = False


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """A kind of export. `suffixes`: of its files, the one to open first; `media`: of a single file; `says`: for help texts.

    `also`: other endings a person may give the first file. `native`: keeps native px, so its scale is 1. `mixed`: takes sprites of
    different sizes.
    """

    suffixes: tuple[str, ...]
    media: str
    says: str
    write: Callable[[Strip, Options], dict[str, bytes]] = field(repr=False)
    also: tuple[str, ...] = ()
    native: bool = False
    mixed: bool = False

    @property
    def suffix(self) -> str:
        return self.suffixes[0]


@dataclass(frozen=True, kw_only=True)
class Download:
    """One body for a browser: a file as it is, or a zip of several."""

    name: str
    media: str
    body: bytes


def pack(
    sprites: Sequence[Sprite],
    format: str = "png",
    stem: str = "sprite",
    scale: int = 1,
    *,
    tags: Sequence[Tag] = (),
    durations: int | Sequence[int] = FRAME_MS,
    loop: bool = True,
    terrains: tuple[str, str] | None = None,
    trim: bool = False,
) -> dict[str, bytes]:
    """Return the files of an export, name to bytes, the one to open first in front. Any text will do as `stem`.

    `tags` name runs of frames and `durations` are ms, one for all or one a frame. `terrains` names the two terrains of a corner set
    (tiled; 16 tiles in index order NW*8 + NE*4 + SW*2 + SE). `trim` leaves out clear margins (texturepacker).

    Raises:
        BadInput: no sprite, an unknown format, a scale outside 1..64 or too large a picture, sprites of different sizes in one
            file, tags or times that do not fit the frames, or an option that the format does not have.
    """
    return _pack(sprites, format, safe_stem(stem), scale, tags, durations, loop, terrains, trim)


def _pack(
    sprites: Sequence[Sprite],
    format: str,
    stem: str,
    scale: int,
    tags: Sequence[Tag],
    durations: int | Sequence[int],
    loop: bool,
    terrains: tuple[str, str] | None,
    trim: bool,
) -> dict[str, bytes]:
    known = _known(format, scale)
    strip = make_strip(sprites, durations, tags, loop)
    if not known.mixed and not strip.even:
        raise BadInput(f"sprites of different sizes cannot share one {format} file; use format png or texturepacker")
    if terrains is not None:
        if format != "tiled":
            raise BadInput(f"a corner set is for format tiled, not {format}")
        names = (printable(terrains[0]), printable(terrains[1]))
        if not all(names) or names[0] == names[1]:
            raise BadInput("the two terrains of a corner set need different names, such as grass,water")
        terrains = names
    if trim and format != "texturepacker":
        raise BadInput(f"trimming is for format texturepacker, not {format}")
    return known.write(strip, Options(stem=stem, scale=scale, terrains=terrains, trim=trim))


def save(
    sprites: Sequence[Sprite],
    out_path: Path | str,
    format: str = "png",
    scale: int = 1,
    *,
    tags: Sequence[Tag] = (),
    durations: int | Sequence[int] = FRAME_MS,
    loop: bool = True,
    terrains: tuple[str, str] | None = None,
    trim: bool = False,
) -> list[Path]:
    """Write the sprites and return the files written, in order, the one to open first in front. Options are those of `pack`.

    `out_path` is a file (its ending is optional) or a folder that exists or ends in "/"; there, names begin "sprite".
    Several PNGs get _1, _2, … before the ending.

    Raises:
        BadInput: as `pack`; an ending that contradicts the format; a place that cannot be written.
    """
    if not sprites:
        raise BadInput("there is no sprite to save")
    path = check(format, scale, out_path)
    made = _pack(sprites, format, path.stem, scale, tags, durations, loop, terrains, trim)
    first = f"{path.stem}{FORMATS[format].suffix}"
    try:
        return [files.write_bytes(path if name == first else path.with_name(name), data) for name, data in made.items()]
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error


def download(made: dict[str, bytes], format: str, stem: str) -> Download:
    """The files of `pack` as one body: a single file with its media type, several as a zip (the same bytes every time)."""
    if len(made) == 1:
        ((name, body),) = made.items()
        return Download(name=name, media=FORMATS[format].media, body=body)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in made.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, body)
    return Download(name=f"{safe_stem(stem)}.zip", media=ZIP, body=packed.getvalue())


def check(format: str, scale: int, out_path: Path | str) -> Path:
    """Return the file that `save` would write first, or name what is wrong with the request.

    Raises:
        BadInput: an unknown format, a scale outside 1..64, or an ending that contradicts the format.
    """
    return _target(out_path, _known(format, scale))


def _known(format: str, scale: int) -> FileFormat:
    if format not in FORMATS:
        raise BadInput(f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
    if not 1 <= scale <= MAX_SCALE:
        raise BadInput(f"scale must be from 1 to {MAX_SCALE}, got {scale}")
    known = FORMATS[format]
    if known.native and scale != 1:
        kind = (
            f"an {known.suffix} file keeps native pixels" if format == "aseprite" else "a list of colours has no size"
        )
        raise BadInput(f"{kind}; leave scale at 1")
    return known


def _target(out_path: Path | str, known: FileFormat) -> Path:
    path = Path(out_path).expanduser()
    if path.is_dir() or str(out_path).endswith("/"):
        return path / f"sprite{known.suffix}"
    if any(map(unprintable, path.name)):
        raise BadInput(f"{path.name!r} has characters that a file name should not have; give another name")
    suffix = path.suffix.lower()
    if suffix in known.suffixes and len(known.suffixes) > 1:
        return path.with_suffix(known.suffix)
    if suffix == known.suffix or suffix in known.also:
        return path
    if suffix in {s for other in FORMATS.values() for s in (*other.suffixes, *other.also)}:
        raise BadInput(f"{path.name} ends in {path.suffix} but the format writes {known.suffix}; change one of the two")
    return path.with_name(path.name + known.suffix)


def _limit(strip: Strip, scale: int, most: int, together: bool = True, side: int = 1 << 31) -> None:
    """Refuse more than `most` px in one file (all frames `together`), or more than `side` px a side."""
    sizes = [s.indices.size for s in strip.sprites]
    total = (sum(sizes) if together else max(sizes)) * scale**2
    if total > most:
        raise BadInput(
            f"the file would hold {total >> 20} megapixels, above {most >> 20}; use a smaller scale or fewer frames"
        )
    longest = max(max(s.indices.shape) for s in strip.sprites) * scale
    if longest > side:
        raise BadInput(
            f"a frame would be {longest} px long, this format holds {side}; use a smaller scale or format png"
        )


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _png(strip: Strip, options: Options) -> dict[str, bytes]:
    _limit(strip, options.scale, MAX_PNG_PX, together=False)
    count = len(strip.sprites)
    names = [f"{options.stem}_{i + 1}.png" for i in range(count)] if count > 1 else [f"{options.stem}.png"]
    return {n: png.encode_png(s, options.scale, metadata.text_of(s)) for n, s in zip(names, strip.sprites)}


def _gif(strip: Strip, options: Options) -> dict[str, bytes]:
    _limit(strip, options.scale, MAX_GIF_PX, side=MAX_SIDE)
    return {f"{options.stem}.gif": gif.encode(strip.sprites, options.scale, strip.durations, strip.loop)}


def _apng(strip: Strip, options: Options) -> dict[str, bytes]:
    _limit(strip, options.scale, png.MAX_PIXELS)
    return {f"{options.stem}.png": apng.encode(strip, options.scale)}


def _aseprite(strip: Strip, options: Options) -> dict[str, bytes]:
    _limit(strip, 1, aseprite.MAX_FILE_PX, side=MAX_SIDE)
    return {f"{options.stem}.aseprite": aseprite.encode(strip.sprites, strip.durations, strip.tags)}


def _sheet(strip: Strip, options: Options, array: bool = False) -> dict[str, bytes]:
    image, sheet = f"{options.stem}.png", sheets.grid(strip.sprites, options.scale)
    about = sheets.aseprite_json(strip, sheet, image, options.scale, array)
    return {image: sheet.image, f"{options.stem}.json": _json(about)}


def _sheet_array(strip: Strip, options: Options) -> dict[str, bytes]:
    return _sheet(strip, options, array=True)


def _tiled(strip: Strip, options: Options) -> dict[str, bytes]:
    corners = options.terrains is not None
    stem, image, tileset = options.stem, f"{options.stem}.png", f"{options.stem}.tsx"
    sheet = sheets.grid(strip.sprites, options.scale, tiled.CORNER_COLUMNS if corners else sheets.COLUMNS)
    return {
        tileset: tiled.tileset(strip, sheet, stem, image, options.terrains),
        f"{stem}.tmj": tiled.tile_map(sheet, tileset, len(strip.sprites), corners),
        image: sheet.image,
    }


def _godot(strip: Strip, options: Options) -> dict[str, bytes]:
    image, sheet = f"{options.stem}.png", sheets.grid(strip.sprites, options.scale)
    return {f"{options.stem}.tres": godot.sprite_frames(strip, sheet, image), image: sheet.image}


def _texturepacker(strip: Strip, options: Options) -> dict[str, bytes]:
    image = f"{options.stem}.png"
    if options.trim or not strip.even:
        sheet = sheets.packed(strip.sprites, options.scale, options.trim)
    else:
        sheet = sheets.grid(strip.sprites, options.scale)
    about = texturepacker.description(strip, sheet, options.stem, image, options.scale)
    return {f"{options.stem}.json": _json(about), image: sheet.image}


def palette_of(sprites: Sequence[Sprite], name: str) -> Palette:
    """The opaque colours of the sprites' palettes, in order, each once; only those used where all are more than 256.

    Raises:
        BadInput: nothing but clear cells, or more than 256 colours.
    """
    for tables in ([s.palette for s in sprites], [s.palette[np.unique(s.indices)] for s in sprites]):
        colors = list(dict.fromkeys(tuple(int(v) for v in c[:3]) for c in np.concatenate(tables) if c[3]))
        if not colors:
            raise BadInput("every cell is clear, so there is no colour to write")
        if len(colors) <= MAX_PALETTE:
            return Palette(name=name, colors=np.array(colors, dtype=np.uint8))
    raise BadInput(
        f"the sprites have {len(colors)} colours together, a palette holds {MAX_PALETTE}; give fewer sprites"
    )


def _colors(suffix: str) -> Callable[[Strip, Options], dict[str, bytes]]:
    def write(strip: Strip, options: Options) -> dict[str, bytes]:
        palette = palette_of(strip.sprites, options.stem)
        return {f"{options.stem}{suffix}": palettes.encode(palette, suffix, options.scale)}

    return write


_TEXT = "text/plain; charset=utf-8"
FORMATS: dict[str, FileFormat] = {
    "png": FileFormat(suffixes=(".png",), media="image/png", says="indexed PNGs", write=_png, mixed=True),
    "gif": FileFormat(suffixes=(".gif",), media="image/gif", says="animated GIF", write=_gif),
    "apng": FileFormat(suffixes=(".png",), also=(".apng",), media="image/apng", says="animated PNG", write=_apng),
    "sheet": FileFormat(suffixes=(".png", ".json"), media=ZIP, says="sprite sheet, Aseprite JSON (hash)", write=_sheet),
    "sheet-array": FileFormat(
        suffixes=(".png", ".json"), media=ZIP, says="sprite sheet, Aseprite JSON (array)", write=_sheet_array
    ),
    "aseprite": FileFormat(
        suffixes=(".aseprite",),
        also=(".ase",),
        media="application/x-aseprite",
        says="Aseprite file",
        write=_aseprite,
        native=True,
    ),
    "tiled": FileFormat(suffixes=(".tsx", ".tmj", ".png"), media=ZIP, says="Tiled tileset and map", write=_tiled),
    "godot": FileFormat(suffixes=(".tres", ".png"), media=ZIP, says="Godot 4 SpriteFrames", write=_godot),
    "texturepacker": FileFormat(
        suffixes=(".json", ".png"), media=ZIP, says="sheet, TexturePacker JSON", write=_texturepacker, mixed=True
    ),
    "gpl": FileFormat(
        suffixes=(".gpl",), media=_TEXT, says="GIMP palette", write=_colors(".gpl"), native=True, mixed=True
    ),
    "hex": FileFormat(
        suffixes=(".hex",), media=_TEXT, says="Lospec hex", write=_colors(".hex"), native=True, mixed=True
    ),
    "pal": FileFormat(
        suffixes=(".pal",), media=_TEXT, says="JASC palette", write=_colors(".pal"), native=True, mixed=True
    ),
    "palette-png": FileFormat(
        suffixes=(".png",), media="image/png", says="palette strip, a cell a colour", write=_colors(".png"), mixed=True
    ),
}
SUFFIX = {name: known.suffix for name, known in FORMATS.items()}


def sheet(sprites: Sequence[Sprite], image_name: str, scale: int = 1) -> tuple[bytes, dict[str, object]]:
    """Return a sheet PNG (rows of 16; indexed where 255 colours suffice) and its description, Aseprite's json-hash."""
    drawn = sheets.grid(sprites, scale)
    return drawn.image, sheets.aseprite_json(make_strip(sprites), drawn, image_name, scale)
