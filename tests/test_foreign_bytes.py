"""Every reader of bytes that come from elsewhere, fed with damaged files: it gives a value or one clear error, never another exception.

Good files are flipped, cut, spliced and filled with odd numbers, so that damage lies deep inside them too. The service's own routes get
the same pictures in `tests/serving`, and requests made up from its document in `test_schemathesis.py`.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmind.adaptation import adapters
from pixelmind.adaptation.federated import coordinator, messages
from pixelmind.adaptation.federated.identity import Identity
from pixelmind.adaptation.federated.settings import Refused
from pixelmind.adaptation.federated.subspace import Basis
from pixelmind.adaptation.online import state as online
from pixelmind.data.sources.folder import FolderImporter
from pixelmind.data.sources.sheet import SheetImporter
from pixelmind.errors import BadInput
from pixelmind.evaluation import differences, prompts_file
from pixelmind.pixels import aseprite, metadata, palettes, png, reading
from pixelmind.pixels.png import encode_png
from pixelmind.records import Palette, Sprite
from pixelmind.serving import uploads
from pixelmind.training import config
from pixelmind.training.lora import LoraConfig
from pixelmind.training.weights import Bundle

ODD = (
    b"-1",
    b"0",
    b"99999999999999999999",
    b"1e999",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b'"',
    b"\0",
    b"\xff\xff\xff\xff",
    b"../x",
    b"true",
)
BASIS = Basis.of(np.eye(2, 5, dtype=np.float32), "rank 2").data
PEM = b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"
often = pytest.mark.parametrize("examples", [50, pytest.param(3000, marks=pytest.mark.slow)])


def many(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@st.composite
def damaged(draw: st.DrawFn, good: list[bytes]) -> bytes:
    """One of some good files, damaged in up to four places; now and then bytes of no format at all."""
    data = bytearray(draw(st.sampled_from(good)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(("flip", "cut", "drop", "odd", "splice", "noise"))):
            case "flip" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[at:]
            case "drop":
                del data[at : at + draw(st.integers(1, 16))]
            case "odd":
                data[at : at + draw(st.integers(0, 4))] = draw(st.sampled_from(ODD))
            case "splice":
                other = draw(st.sampled_from(good))
                data[at:] = other[draw(st.integers(0, len(other))) :]
            case "noise":
                data[at : at + 8] = draw(st.binary(max_size=12))
    return bytes(data)


def sprite(side: int = 6) -> Sprite:
    rgba = np.zeros((side, side, 4), np.uint8)
    rgba[1:4, 1:] = (200, 40, 30, 255)
    rgba[3:, 2] = (20, 90, 200, 255)
    made = Sprite.from_rgba(rgba)
    return Sprite(
        indices=made.indices,
        palette=made.palette,
        mask=(made.indices > 0).astype(np.uint8),
        mask_names=("background", "body"),
        provenance={"prompt": "a key", "seed": 7, "weights": "w"},
    )


def saved(kind: str, frames: int = 1, **more: Any) -> bytes:
    pictures = [Image.fromarray(np.roll(sprite(8).rgba(), i, 1)) for i in range(frames)]
    out = io.BytesIO()
    many = {"save_all": True, "append_images": pictures[1:], "duration": 90} if frames > 1 else {}
    pictures[0].save(out, kind, **many, **more)
    return out.getvalue()


OURS = encode_png(sprite(), text=metadata.text_of(sprite()))
PICTURES = [
    OURS,
    saved("PNG"),
    saved("GIF"),
    saved("BMP"),
    saved("WEBP", lossless=True),
    saved("GIF", 3),
    saved("PNG", 3),
]
ASEPRITE = [aseprite.encode([sprite(), sprite()])]
PALETTE = Palette(name="p", colors=np.array([[255, 128, 0], [0, 0, 0], [1, 2, 3]], np.uint8))
JSON_LINES = [
    b'{"prompt": "a key", "size": [16, 16], "seed": 3, "palette": "pico-8", "n": 2}\n{"prompt": "a red gem"}\n'
]
TABLE = [b"prompt,size,seed\na key,16x16,3\n"]
REPORT = [b'{"figures": [{"section": "a", "metric": "m", "value": 0.5, "n": 3}], "prompts": [], "config": {"seed": 0}}']
TOML = [b'[loop]\nsteps = 10\nlr = 1e-3\n[generator]\nlevels = [16, 64]\nname = "x"\n']
SHEET = [
    b'{"frames": {"a 0.png": {"frame": {"x": 0, "y": 0, "w": 4, "h": 4}}}, "meta": {"image": "s.png", "frameTags": []}}'
]
LISTED = [b'{"file_name": "a.png", "captions": ["a key"], "kind": "object", "cell": [4, 4], "licence": "CC0-1.0"}\n']


def only(read: Callable[[bytes], Any], data: bytes, *errors: type[Exception]) -> None:
    """Read; the errors that callers know are all that may come."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(*(errors or (BadInput,))):
            read(data)


def as_file(folder: Path, name: str, read: Callable[[Path], Any]) -> Callable[[bytes], Any]:
    def work(data: bytes) -> Any:
        path = folder / name
        path.write_bytes(data)
        return read(path)

    return work


def as_import(folder: Path, name: str, importer: Any) -> Callable[[bytes], Any]:
    for picture in ("a.png", "s.png"):
        (folder / picture).write_bytes(saved("PNG"))
    return as_file(folder, name, lambda path: list(importer.read(path.parent)))


READERS: dict[str, tuple[list[bytes], Callable[[Path], Callable[[bytes], Any]]]] = {
    "uploaded picture": (PICTURES, lambda _: uploads.read_sprite),
    "head of a picture": (PICTURES, lambda _: uploads.check_picture),
    "uploaded mask": ([base64.b64encode(p) for p in PICTURES], lambda _: lambda d: uploads.read_mask(d.decode("latin-1"), sprite())),
    "png": (PICTURES[:2], lambda _: png.decode_png),
    "any picture": (PICTURES, lambda _: png.decode_image),
    "our png": ([OURS], lambda _: metadata.decode_sprite),
    "aseprite": (ASEPRITE, lambda _: aseprite.decode),
    "frames": (PICTURES + ASEPRITE, lambda f: as_file(f, "a.png", lambda path: reading.read_frames([path]))),
    "prompts": (JSON_LINES, lambda f: as_file(f, "p.jsonl", prompts_file.read)),
    "prompts table": (TABLE, lambda f: as_file(f, "p.csv", prompts_file.read)),
    "report": (REPORT, lambda f: as_file(f, "report.json", differences.read_report)),
    "preset": (TOML, lambda f: as_file(f, "p.toml", config.load_preset)),
    "identity": ([PEM], lambda f: as_file(f, "i.pem", lambda p: Identity.load(p, "client"))),
    "federation's basis": ([BASIS], lambda _: Basis.read),
    "folder's list": (LISTED, lambda f: as_import(f, "metadata.jsonl", FolderImporter())),
    "folder's table": ([b"file_name,text\na.png,a key\n"], lambda f: as_import(f, "metadata.csv", FolderImporter())),
    "sheet": (SHEET, lambda f: as_import(f, "s.json", SheetImporter())),
    "aseprite to import": (ASEPRITE, lambda f: as_import(f, "b.aseprite", SheetImporter())),
}  # fmt: skip
for ending in (".gpl", ".hex", ".txt", ".pal", ".ase", ".png", ".gif"):
    good = [palettes.encode(PALETTE, e) for e in palettes.WRITABLE] + PICTURES[:3]
    READERS[f"palette {ending}"] = (good, lambda _, e=ending: lambda d: palettes.parse(d, "p", e))


@often
@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_refused(name: str, examples: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    files, reader = READERS[name]
    read = reader(tmp_path_factory.mktemp("foreign"))

    @many(examples)
    @given(damaged(files))
    def check(data: bytes) -> None:
        only(read, data)

    check()


@often
@pytest.mark.parametrize("kind", sorted(messages.KINDS))
def test_damaged_messages_of_a_federation_are_refused_or_of_their_kind(kind: str, examples: int) -> None:
    values = {
        "str": "r",
        "bytes": b"abc",
        "list[str]": ["a", "b"],
        "dict[str, bytes]": {"a": b"x"},
        "int": 3,
        "bool": True,
        "float": 0.5,
    }
    sort = messages.KINDS[kind]
    fields = {name: values[str(f.type)] for name, f in sort.__dataclass_fields__.items() if str(f.type) in values}
    good = [messages.encode(sort(**fields))]
    assert messages.decode(good[0], sort) == sort(**fields)

    @many(examples)
    @given(damaged(good))
    def check(data: bytes) -> None:
        only(lambda d: messages.decode(d, sort), data, Refused)

    check()


# ---- folders with a manifest ----------------------------------------------------------------------------------------
def bundle(folder: Path) -> None:
    made = Bundle.create(folder, preset="test")
    made.put("level16", {"w": torch.ones(2, 2)}, samples=7)


def open_bundle(folder: Path) -> None:
    found = Bundle(folder)
    for part in found.manifest["parts"]:
        found.get(part)
    assert found.id


def style(folder: Path) -> None:
    levels = {16: {"a.b": torch.ones(2, 2)}}
    own = adapters.Adapter(
        name="mine", config=LoraConfig(rank=2, alpha=2.0), levels=levels, references=(sprite(),), about={"pictures": 1}
    )
    adapters.save(own, folder)


def learned(folder: Path) -> None:
    online.save(online.State(user="usr", weights={}, taste=np.ones(3)), folder)


def federation(folder: Path) -> None:
    (folder / coordinator.STATE).write_bytes(b"\x81\xa8settings\x80")


FOLDERS: dict[str, tuple[Callable[[Path], None], Callable[[Path], Any]]] = {
    "bundle": (bundle, open_bundle),
    "style": (style, lambda folder: adapters.load(folder, "mine")),
    "online state": (learned, lambda folder: online.load(folder, "usr")),
    "federation's state": (federation, coordinator.read_state),
}


@often
@pytest.mark.parametrize("name", FOLDERS)
def test_damaged_folders_are_read_or_refused(
    name: str, examples: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    make, read = FOLDERS[name]
    folder = tmp_path_factory.mktemp("folder")
    make(folder)
    files = {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".lock"}
    assert files

    @many(examples)
    @given(st.sampled_from(sorted(files)).flatmap(lambda p: st.tuples(st.just(p), damaged([files[p]]))))
    def check(change: tuple[Path, bytes]) -> None:
        path, data = change
        path.write_bytes(data)
        try:
            only(lambda _: read(folder), data)
        finally:
            path.write_bytes(files[path])

    check()


def test_a_manifest_of_odd_values_is_refused(tmp_path: Path) -> None:
    """Whole JSON with wrong values, which damage seldom makes."""
    bundle(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    for odd in (
        None,
        7,
        "x",
        [],
        {},
        {"level16": None},
        {"level16": {}},
        {"level16": {"file": "../../etc/passwd", "sha256": "0" * 64}},
    ):
        (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"parts": odd}))
        only(lambda _: open_bundle(tmp_path), b"")
