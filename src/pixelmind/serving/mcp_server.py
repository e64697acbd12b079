"""Sprites as tools of a chat model: a Model Context Protocol server over stdin and stdout, by the official SDK.

The tools are generate, edit, export, palettes, styles and limits. The networks are loaded at the first call that needs them and kept.
Files are written to the outputs folder alone; read are those in it and in the folders that the person allowed, after links are followed.
What is wrong with a call comes back as a tool error of one line. stdout carries the protocol and nothing else.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.types import CallToolResult, ImageContent, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import Field, ValidationError

from pixelmind import __version__
from pixelmind.errors import BadInput
from pixelmind.pixels import export as exports
from pixelmind.pixels import metadata, palettes, png
from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX, Conditioning, GenerationRequest, Palette, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.edits import EditRequest
    from pixelmind.dialogue.parser import IntentParser
    from pixelmind.generator.pipeline import PixelPipeline
    from pixelmind.quality.after import Check
    from pixelmind.quality.inspector import QualityInspector

LOCAL_USER = "local"
MAX_IMAGES, MAX_EXPORT = 8, 256
SHOWN_PX = 256  # pictures are shown enlarged to about this side, so that a model can see their cells
INSTRUCTIONS = (
    "Draws and edits true pixel art. generate makes sprites from words; edit changes what an instruction says and nothing else; export "
    "writes sprites for Aseprite, Godot, Tiled and others. Pictures are shown enlarged; the files keep native size."
)
Shown = Annotated[
    str, Field(description="Path of a picture at native size, as generate returned it, or a sprite's id.")
]
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


class Workshop:
    """The networks and the folders behind the tools. Calls of the networks take turns.

    Args:
        home: what the program keeps; outputs go to its folder "outputs".
        allowed: further folders that may be read.
        weights: folder of other weights.
        threads: CPU threads.
    """

    def __init__(
        self, home: Path, allowed: Sequence[Path] = (), weights: Path | None = None, threads: int | None = None
    ) -> None:
        self.home, self.outputs = home, home / "outputs"
        self.readable = [self.outputs.resolve(), *(folder.resolve() for folder in allowed)]
        self.weights, self.threads = weights, threads
        self.lock = threading.Lock()
        self._pipe: PixelPipeline | None = None
        self._inspector: QualityInspector | None = None
        self._parser: IntentParser | None = None

    def pipe(self) -> PixelPipeline:
        """The pipeline, loaded at the first call; the caller holds the lock."""
        if self._pipe is None:
            from pixelmind.adaptation.adapters import Kept
            from pixelmind.generator.pipeline import load
            from pixelmind.quality.inspector import load_inspector

            self._pipe = load(self.weights, threads=self.threads)
            self._pipe.adapters = Kept(self.home)
            self._inspector = load_inspector(self.weights)
        return self._pipe

    def check(self) -> Check | None:
        """A check of what one call draws; None where the weights hold no critic. The caller holds the lock."""
        from pixelmind.quality.after import Check

        return None if self._inspector is None else Check(self._inspector)

    def request(self, instruction: str, sprite: Sprite, seed: int) -> EditRequest:
        """What an instruction asks for: as the weights' parser reads it, by plain rules where they hold none.

        Raises:
            BadInput: no words, no edit, or one that leaves open what to change.
        """
        from pixelmind.dialogue.instruction import understood

        bundle = self.pipe().bundle
        if self._parser is None and "intent" in bundle:
            from pixelmind.dialogue.parser import load_parser

            self._parser = load_parser(bundle.folder)
        return understood(instruction, sprite, seed, self._parser)

    def path(self, text: str) -> Path:
        """A file that may be read; relative names begin in the outputs folder.

        Raises:
            BadInput: outside of what may be read, or not there.
        """
        try:
            path = (self.outputs / Path(text).expanduser()).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise BadInput(f"{text!r} is no path of a file") from error
        if not any(path.is_relative_to(folder) for folder in self.readable):
            known = ", ".join(str(folder) for folder in self.readable)
            raise BadInput(
                f"{text} lies outside of what may be read ({known}); allow its folder with: pixelmind mcp --allow FOLDER"
            )
        if not path.is_file():
            raise BadInput(f"there is no file {text}")
        return path

    def sprite(self, shown: str) -> Sprite:
        """The sprite of a path, or of the id of one that the studio keeps for the person of this machine.

        Raises:
            BadInput: neither, or unreadable.
        """
        if re.fullmatch(r"spr_[0-9A-Za-z]{20,40}", shown):
            return self._stored(shown)
        return metadata.read_sprite(self.path(shown))

    def _stored(self, identity: str) -> Sprite:
        try:
            from pixelmind.serving.config import Config
            from pixelmind.storage import Database, DatabaseDown
        except ModuleNotFoundError as error:
            raise BadInput(
                "ids need the service's libraries: pip install 'pixelmind[serve]'; or give a path"
            ) from error
        url = Config(home=self.home).database
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
            raise BadInput(f"there is no sprite {identity}: nothing is stored yet; give a path instead")
        try:
            with Database(url) as db:
                return db.sprites.get(db.users.find(LOCAL_USER), identity).sprite
        except DatabaseDown as error:
            raise BadInput(f"{error}; give a path instead") from error

    def palette(self, text: str) -> Palette:
        """A palette by name, as colours "#rrggbb, #rrggbb …", or from a file that may be read.

        Raises:
            BadInput: none of these.
        """
        words = re.split(r"[\s,]+", text.strip())
        if all(re.fullmatch(r"#[0-9a-fA-F]{6}", word) for word in words):
            colors = list(dict.fromkeys(word.lower() for word in words))
            return Palette(name="own colours", colors=np.array([list(bytes.fromhex(c[1:])) for c in colors], np.uint8))
        if Path(text).suffix.lower() in palettes.READABLE or "/" in text or "\\" in text:
            return palettes.load(self.path(text))
        return palettes.get(text)

    def stem(self, words: str, rest: str) -> Path:
        """A free name without ending in the outputs folder; the caller holds the lock."""
        base = "-".join(re.findall(r"[a-z0-9]+", words.lower())[:8])[:60] or "sprite"
        name, number = f"{base}{rest}", 1
        while any(self.outputs.glob(f"{name}*")):
            number += 1
            name = f"{base}{rest}-v{number}"
        return self.outputs / name


class Server(MCPServer[Any]):
    """The SDK's server with errors of one line and no tolerance for arguments that no tool has."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: with one line that says what to do.
        """
        known = {tool.name: tool.input_schema.get("properties", {}) for tool in await self.list_tools()}
        if name not in known:
            raise ToolError(f"there is no tool {name!r}; there are: {', '.join(known)}")
        for argument in arguments:
            if argument not in known[name]:
                raise ToolError(f"{name} takes no {argument!r}; it takes: {', '.join(known[name]) or 'nothing'}")
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, BadInput):
                raise ToolError(" ".join(str(cause).splitlines())) from cause
            if isinstance(cause, ValidationError):
                first = cause.errors()[0]
                where = ".".join(str(part) for part in first["loc"]) or "the call"
                raise ToolError(f"{name}: {where}: {first['msg']}") from cause
            if isinstance(error, UnexpectedToolError):
                raise UnexpectedToolError(
                    f"{name} failed ({type(cause).__name__}); the server's stderr says more"
                ) from cause
            raise


def image_content(sprite: Sprite) -> ImageContent:
    """The picture for a model's eyes: a PNG enlarged by a whole number to about SHOWN_PX."""
    scale = max(1, SHOWN_PX // max(sprite.height, sprite.width))
    data = base64.b64encode(png.encode_png(sprite, scale)).decode()
    return ImageContent(type="image", data=data, mime_type="image/png")


def result(sprites: Sequence[Sprite], about: Mapping[str, Any]) -> CallToolResult:
    """Pictures, then what is to know of them as JSON text and as structured content."""
    text = TextContent(type="text", text=json.dumps(about, ensure_ascii=False))
    return CallToolResult(content=[*(image_content(s) for s in sprites), text], structured_content=dict(about))


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d{1,9})(?:\s*[xX×]\s*(\d{1,9}))?\s*", text)
    if not found:
        raise BadInput(f"size {text!r} is not WIDTHxHEIGHT in pixels, such as 64x64")
    return int(found[1]), int(found[2] or found[1])


def _described(path: Path, sprite: Sprite, seed: int | None) -> dict[str, Any]:
    size = {"width": sprite.width, "height": sprite.height, "colors": sprite.num_colors}
    return {"path": str(path.resolve()), **size, "seed": seed}


def create_server(workshop: Workshop) -> Server:
    """The server with its tools."""
    server = Server("pixelmind", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")

    @server.tool(annotations=WRITES, structured_output=False)
    def generate(
        prompt: Annotated[str, Field(description="What to draw, 1 to 1000 characters.")],
        size: Annotated[str, Field(description="WIDTHxHEIGHT in native px, each side 8 to 256.")] = "32x32",
        n: Annotated[int, Field(description="How many pictures, 1 to 8.")] = 1,
        palette: Annotated[
            str | None, Field(description='Built-in palette, "#rrggbb, #rrggbb …", or a palette file.')
        ] = None,
        colors: Annotated[int | None, Field(description="At most this many colours, 2 to 255.")] = None,
        style: Annotated[str | None, Field(description="One of the styles, or of the own styles.")] = None,
        kind: Annotated[str | None, Field(description="One of the kinds, as styles lists them.")] = None,
        negative: Annotated[str, Field(description="What to keep out.")] = "",
        seamless: Annotated[bool, Field(description="Let the edges meet, for tiles.")] = False,
        seed: Annotated[int | None, Field(description="The same seed draws the same. Default: drawn anew.")] = None,
    ) -> CallToolResult:
        """Draw sprites from words: exact size, exact palette, alpha 0 or 255. Returns pictures and the paths of their PNGs."""
        if not 1 <= n <= MAX_IMAGES:
            raise BadInput(f"n={n} is out of range: ask for 1 to {MAX_IMAGES} pictures")
        width, height = _size(size)
        chosen = None if palette is None else workshop.palette(palette)
        number = secrets.randbelow(2**31) if seed is None else seed
        conditioning = Conditioning(
            prompt=prompt,
            height=height,
            width=width,
            negative=negative,
            palette=chosen,
            max_colors=colors,
            style=style,
            kind=kind,
            seamless=seamless,
        )
        request = GenerationRequest(conditioning=conditioning, num_images=n, seed=number)
        with workshop.lock:
            drawn = workshop.pipe().generate_batch([request])[0]
            if (check := workshop.check()) is not None:
                drawn = check.drawn(workshop.pipe(), request, drawn)
            stem = workshop.stem(prompt, f"-{width}x{height}-seed{number}")
            paths = exports.save(drawn.sprites, stem, "png")
        images = [_described(p, s, own) for p, s, own in zip(paths, drawn.sprites, drawn.seeds)]
        return result(drawn.sprites, {"images": images, "seconds": round(drawn.seconds, 3), "weights": drawn.weights})

    @server.tool(annotations=WRITES, structured_output=False)
    def edit(
        image: Shown,
        instruction: Annotated[str, Field(description='What to change, such as "make the sky darker".')],
        region: Annotated[
            str, Field(description='Where, in words: "left tower". Default: as the instruction says.')
        ] = "",
        seed: Annotated[int, Field(description="Of what is drawn anew.")] = 0,
    ) -> CallToolResult:
        """Change what an instruction says and nothing else; cells outside stay bit for bit. The picture before is kept."""
        from dataclasses import replace

        from pixelmind.dialogue import edits

        before = workshop.sprite(image)
        if not before.palette[before.indices, 3].any():
            raise BadInput(f"{image} is empty: every cell is clear, so there is nothing to change")
        with workshop.lock:
            request = workshop.request(instruction, before, seed)
            if region.strip():
                request = replace(request, place=region.strip(), region="")
            done = edits.apply(before, request, workshop.pipe())
            if (check := workshop.check()) is not None:
                done = check.edited(before, request, done)
            stem = workshop.stem(Path(image).stem.removesuffix("-edited"), "-edited")
            (path,) = exports.save([done.sprite], stem, "png")
        drawn = seed if edits.needs_drawing(request) else None
        about = {
            "images": [_described(path, done.sprite, drawn)],
            "region": done.place,
            "operation": done.operation,
            "changed_cells": done.changed_cells,
            "changed_outside": done.changed_outside,
            "sentence": done.sentence,
        }
        return result([done.sprite], about)

    @server.tool(annotations=WRITES, structured_output=False)
    def export(
        images: Annotated[list[str], Field(description="Paths or ids of sprites; several are frames or a sheet.")],
        format: Annotated[str, Field(description=f"One of {', '.join(exports.FORMATS)}.")] = "png",
        scale: Annotated[int, Field(description="Enlarge by repeating pixels, 1 to 64.")] = 1,
    ) -> CallToolResult:
        """Write sprites as files for Aseprite, Godot, Tiled, TexturePacker, a browser or a palette editor. Returns their paths."""
        if not 1 <= len(images) <= MAX_EXPORT:
            raise BadInput(f"name 1 to {MAX_EXPORT} images to export, got {len(images)}")
        sprites = [workshop.sprite(image) for image in images]
        files = exports.pack(sprites, format, "sprite", scale)
        with workshop.lock:
            stem = workshop.stem(Path(images[0]).stem, f"-{format}")
            paths = exports.save(sprites, stem, format, scale)
        assert len(paths) == len(files)
        return result([], {"format": format, "paths": [str(p.resolve()) for p in paths]})

    @server.tool(name="palettes", annotations=READS, structured_output=False)
    def list_palettes(
        name: Annotated[str | None, Field(description="Show this one's colours. Default: list all.")] = None,
    ) -> CallToolResult:
        """Built-in palettes: their names, titles and numbers of colours, or the colours of one."""
        if name is not None:
            found = workshop.palette(name)
            return result([], {"name": found.name, "colors": list(found.hex())})
        listed = [{"name": n, "title": palettes.title(n), "colors": len(palettes.get(n))} for n in palettes.names()]
        return result([], {"palettes": listed})

    @server.tool(annotations=READS, structured_output=False)
    def styles() -> CallToolResult:
        """The styles and kinds that generate knows by name; own styles are the person's, made by `pixelmind adapt style`."""
        with workshop.lock:
            pipe = workshop.pipe()
            known, own = pipe.vocabulary, list(pipe.adapters)
        return result([], {"styles": list(known.styles), "own_styles": own, "kinds": list(known.kinds)})

    @server.tool(annotations=READS, structured_output=False)
    def limits() -> CallToolResult:
        """What may be asked for: sizes, numbers, formats, and the folders that may be read and written."""
        from pixelmind.generator.requests import MAX_PROMPT_CHARS

        about = {
            "side_px": [MIN_SIZE_PX, MAX_SIZE_PX],
            "images_per_call": MAX_IMAGES,
            "colors": [2, 255],
            "prompt_chars": MAX_PROMPT_CHARS,
            "scale": [1, exports.MAX_SCALE],
            "formats": list(exports.FORMATS),
            "reads": [str(folder) for folder in workshop.readable],
            "writes": str(workshop.outputs.resolve()),
        }
        return result([], about)

    return server


def serve(home: Path, allowed: Sequence[Path] = (), weights: Path | None = None, threads: int | None = None) -> None:
    """Serve until stdin ends."""
    create_server(Workshop(home, allowed, weights, threads)).run("stdio")
