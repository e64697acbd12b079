"""Palettes: the built-in ones by name, and palette files in (.gpl .hex .pal .ase .aseprite and images) and out.

Fixed palettes lie in palettes.toml; those that follow a rule of their hardware (EGA 64, Master System, CPC, web-safe,
grey ramps) are made here from that rule. File formats: GIMP palette, Lospec hex list, JASC-PAL (Paint Shop Pro),
Adobe Swatch Exchange ("ASEF") and Aseprite; the two kinds of .ase are told apart by their first bytes.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import re
import struct
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import numpy as np

from pixelmind import files
from pixelmind.errors import BadInput
from pixelmind.pixels import oklab
from pixelmind.records import MAX_PALETTE, U8, Palette, Sprite

READABLE = (".gpl", ".hex", ".txt", ".pal", ".ase", ".aseprite", ".png", ".gif", ".bmp")
WRITABLE = (".gpl", ".hex", ".pal", ".png")


def _cube(levels: Iterable[int]) -> list[tuple[int, ...]]:
    return list(itertools.product(tuple(levels), repeat=3))


def _ega64() -> list[tuple[int, ...]]:
    """Six bits rgbRGB: capital bits add 2/3, small bits 1/3 of full scale (IBM EGA, 1984)."""
    bits = ((2, 5), (1, 4), (0, 3))
    return [tuple(0xAA * (code >> high & 1) + 0x55 * (code >> low & 1) for high, low in bits) for code in range(64)]


def _grey(n: int) -> list[tuple[int, ...]]:
    return [(round(255 * i / (n - 1)),) * 3 for i in range(n)]


def _cpc() -> list[tuple[int, ...]]:
    """27 firmware inks: three levels a channel, green counting most, red next (Amstrad CPC464 manual)."""
    level = (0, 0x80, 0xFF)
    return [(level[r], level[g], level[b]) for g, r, b in itertools.product(range(3), repeat=3)]


@functools.cache
def _builtin() -> tuple[dict[str, Palette], dict[str, str], dict[str, str]]:
    """Return (palettes by name, name by folded spelling, title by name)."""
    table = tomllib.loads(resources.files(__package__).joinpath("palettes.toml").read_text(encoding="utf-8"))
    colors: dict[str, U8] = {k: _from_hex(v["colors"].split()) for k, v in table.items()}
    titles: dict[str, str] = {k: v["title"] for k, v in table.items()}
    aliases: dict[str, list[str]] = {k: v.get("aliases", []) for k, v in table.items()}

    def rule(name: str, title: str, values: list[tuple[int, ...]], *other: str) -> None:
        colors[name], titles[name], aliases[name] = np.array(values, dtype=np.uint8), title, list(other)

    rule("ega16", "EGA default 16 colours", [tuple(int(v) for v in c) for c in colors["cga"]], "ega", "ega default")
    rule("ega64", "EGA, all 64 colours", _ega64())
    rule("amstrad-cpc", "Amstrad CPC, 27 inks", _cpc(), "cpc", "amstrad")
    rule("master-system", "Sega Master System, 64 colours", _cube((0, 85, 170, 255)), "sms", "sega master system")
    rule("web-safe", "Web-safe 216 (1996)", _cube(range(0, 256, 51)), "websafe 216", "web safe 1996", "web")
    for n in (2, 4, 8, 16):
        rule(f"grey-{n}", f"Grey ramp, {n} levels", _grey(n), f"gray {n}", f"greyscale {n}", f"grayscale {n}")
    rule("1bit", "Black and white", _grey(2), "1-bit", "one bit", "black and white", "monochrome")
    spellings = {_fold(s): name for name in colors for s in (name, *aliases[name])}
    return {k: Palette(name=k, colors=v) for k, v in colors.items()}, spellings, titles


def _fold(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _from_hex(words: Iterable[str]) -> U8:
    return np.array([list(bytes.fromhex(w)) for w in words], dtype=np.uint8)


def names() -> tuple[str, ...]:
    """Names of the built-in palettes, alphabetical."""
    return tuple(sorted(_builtin()[0]))


def title(name: str) -> str:
    """The full title of a built-in palette."""
    return _builtin()[2][get(name).name]


def get(name: str) -> Palette:
    """Return a built-in palette. Case, spaces and hyphens do not matter: "PICO 8" is "pico-8".

    Raises:
        BadInput: unknown name; the message suggests near ones.
    """
    palettes, spellings, _ = _builtin()
    folded = _fold(name)
    if folded in spellings:
        return palettes[spellings[folded]]
    near = dict.fromkeys(spellings[s] for s in difflib.get_close_matches(folded, spellings, n=4, cutoff=0.6))
    hint = f"did you mean {' or '.join(near)}?" if near else "`pixelmind palette list` shows all names"
    raise BadInput(f"unknown palette {name!r}: {hint}")


def resolve(name_or_path: str | Path) -> Palette:
    """Return a built-in palette by name, or read a palette file.

    Raises:
        BadInput: neither a known name nor a readable palette file.
    """
    text = str(name_or_path)
    path = Path(text).expanduser()
    if _fold(text) in _builtin()[1] and not path.is_file():
        return get(text)
    if path.suffix.lower() in READABLE or path.is_file() or "/" in text:
        return load(path)
    return get(text)


def load(path: str | Path) -> Palette:
    """Read a palette file; repeated colours are kept once, transparent ones left out. The file's stem is its name.

    Raises:
        BadInput: missing, empty, damaged, of an unknown kind, or with more than 256 colours.
    """
    path = Path(path).expanduser()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read palette file {path}: {error.strerror or error}") from error
    return parse(data, path.stem, path.suffix.lower(), str(path))


def parse(data: bytes, name: str, suffix: str = ".hex", told: str = "") -> Palette:
    """Read a palette file's bytes. `suffix` decides only where the bytes do not say what they are: a list of hex colours, a picture.

    Raises:
        BadInput: as `load`; the message calls the file `told` (default: its name).
    """
    told = told or name
    if not data.strip():
        raise BadInput(f"palette file {told} is empty; give one with at least one colour")
    try:
        if data.startswith(b"ASEF"):
            colors = _parse_adobe(data)
        elif data[4:6] == b"\xe0\xa5":
            from pixelmind.pixels import aseprite

            rgba = aseprite.decode(data).palette
            colors = [tuple(int(v) for v in c[:3]) for c in rgba if c[3] >= 128]
        elif data.startswith(b"GIMP Palette"):
            colors = _parse_gpl(data.decode("utf-8", "replace"))
        elif data.startswith(b"JASC-PAL"):
            colors = _parse_jasc(data.decode("utf-8", "replace"))
        elif suffix in (".png", ".gif", ".bmp") or data.startswith(b"\x89PNG\r\n\x1a\n"):
            colors = _parse_image(data)
        elif suffix in (".hex", ".txt"):
            colors = _parse_hex(data.decode("utf-8", "replace"))
        else:
            raise ValueError(f"not a palette in a known format ({' '.join(READABLE)})")
    except (ValueError, IndexError, struct.error) as error:
        raise BadInput(f"cannot read palette file {told}: {error}") from error
    unique = list(dict.fromkeys(colors))
    if not unique:
        raise BadInput(f"palette file {told} holds no colour; give one with at least one opaque colour")
    if len(unique) > MAX_PALETTE:
        raise BadInput(f"palette file {told} holds {len(unique)} colours; at most {MAX_PALETTE} are possible")
    return Palette(name=name, colors=np.array(unique, dtype=np.uint8))


def _rgb(values: Iterable[str]) -> tuple[int, ...]:
    rgb = tuple(int(v) for v in values)
    if len(rgb) != 3 or not all(0 <= v <= 255 for v in rgb):
        raise ValueError(f"{' '.join(str(v) for v in rgb)!r} is not three values from 0 to 255")
    return rgb


def _parse_gpl(text: str) -> list[tuple[int, ...]]:
    lines = text.splitlines()[1:]
    with_alpha = any(re.match(r"channels:\s*rgba", line.strip(), re.IGNORECASE) for line in lines)
    colors = []
    for line in lines:
        words = line.split()
        if not words or not words[0].isdigit():
            continue
        if not (with_alpha and len(words) > 3 and words[3] == "0"):
            colors.append(_rgb(words[:3]))
    return colors


def _parse_jasc(text: str) -> list[tuple[int, ...]]:
    lines = [line for line in text.splitlines() if line.strip()]
    count = int(lines[2])
    if len(lines) - 3 < count:
        raise ValueError(f"it promises {count} colours and holds {len(lines) - 3}")
    return [_rgb(line.split()[:3]) for line in lines[3 : 3 + count]]


def _parse_hex(text: str) -> list[tuple[int, ...]]:
    """One colour a line: rrggbb, #rrggbb, or aarrggbb as Paint.NET writes it; ';' and '//' begin comments."""
    colors = []
    for line in text.lstrip("\ufeff").splitlines():
        word = re.split(r";|//", line)[0].strip().lstrip("#")
        if not word:
            continue
        if not re.fullmatch(r"(?:[0-9a-fA-F]{2})?[0-9a-fA-F]{6}", word):
            raise ValueError(f"{line.strip()!r} is not a colour like ff8800")
        if len(word) == 6 or int(word[:2], 16) >= 128:
            colors.append(tuple(bytes.fromhex(word[-6:])))
    return colors


def _parse_image(data: bytes) -> list[tuple[int, ...]]:
    from pixelmind.pixels import png

    rgba = png.decode_png(data).reshape(-1, 4)
    packed = rgba[rgba[:, 3] >= 128, :3].astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    values, first = np.unique(packed, return_index=True)
    return [(int(v) >> 16, int(v) >> 8 & 255, int(v) & 255) for v in values[np.argsort(first)]]


def _parse_adobe(data: bytes) -> list[tuple[int, ...]]:
    """Adobe Swatch Exchange: big-endian blocks; RGB, Gray, LAB (D50, as sRGB through linear light) and CMYK entries."""
    (blocks,) = struct.unpack_from(">I", data, 8)
    at, colors = 12, []
    for _ in range(blocks):
        kind, length = struct.unpack_from(">HI", data, at)
        at += 6
        if kind == 0x0001:
            (chars,) = struct.unpack_from(">H", data, at)
            model_at = at + 2 + 2 * chars
            model = data[model_at : model_at + 4].decode("ascii", "replace").strip()
            counts = {"RGB": 3, "Gray": 1, "CMYK": 4, "LAB": 3}
            if model not in counts:
                raise ValueError(f"unknown colour model {model!r}")
            values = struct.unpack_from(f">{counts[model]}f", data, model_at + 4)
            colors.append(_swatch(model, values))
        at += length
    return colors


def _swatch(model: str, v: tuple[float, ...]) -> tuple[int, ...]:
    if model == "LAB":
        rgb = oklab.lab_d50_to_srgb(v[0] * 100, v[1], v[2])
        return tuple(int(c) for c in rgb)
    if model == "Gray":
        unit = (v[0],) * 3
    elif model == "CMYK":
        unit = ((1 - v[0]) * (1 - v[3]), (1 - v[1]) * (1 - v[3]), (1 - v[2]) * (1 - v[3]))
    else:
        unit = (v[0], v[1], v[2])
    return tuple(min(255, max(0, round(255 * u))) for u in unit)


def save(palette: Palette, path: str | Path) -> Path:
    """Write a palette by the ending of `path`, atomically: .gpl, .hex, JASC .pal, or .png (a strip one cell a colour).

    Raises:
        BadInput: another ending, or a place that cannot be written.
    """
    path = Path(path).expanduser()
    data = encode(palette, path.suffix.lower() or path.name)
    try:
        return files.write_bytes(path, data)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error


def encode(palette: Palette, suffix: str, scale: int = 1) -> bytes:
    """Return a palette as a file of that ending (one of `WRITABLE`); `scale` enlarges the cells of a .png.

    Raises:
        BadInput: another ending.
    """
    rows = [tuple(int(v) for v in c) for c in palette.colors]
    if suffix == ".png":
        from pixelmind.pixels import png

        colors = np.full((len(rows), 4), 255, dtype=np.uint8)
        colors[:, :3] = palette.colors
        indices = np.arange(len(rows), dtype=np.uint8)[None]
        return png.encode_png(Sprite(indices=indices, palette=colors), scale)
    if suffix == ".gpl":
        body = [f"{r:3d} {g:3d} {b:3d}\t{r:02x}{g:02x}{b:02x}" for r, g, b in rows]
        lines = ["GIMP Palette", f"Name: {' '.join(palette.name.split())}", "Columns: 8", "#", *body]
    elif suffix == ".hex":
        lines = [h.lstrip("#") for h in palette.hex()]
    elif suffix == ".pal":
        lines = ["JASC-PAL", "0100", str(len(rows)), *(f"{r} {g} {b}" for r, g, b in rows)]
    else:
        raise BadInput(f"cannot write a palette as {suffix!r}; use one of {' '.join(WRITABLE)}")
    newline = "\r\n" if suffix == ".pal" else "\n"
    return (newline.join(lines) + newline).encode()
