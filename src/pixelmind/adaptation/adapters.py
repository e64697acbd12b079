"""Adapters at rest: PIXELMIND_HOME/adapters/NAME with adapter.safetensors (fp16, at most 1 MB) and manifest.json.

A folder is written aside and renamed into place, so a name has a whole adapter or none. The manifest names the weights it was made for,
level by level; with others it is refused, since a change of weights means nothing beside other weights.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes, write_json
from pixelmind.generator.bundle import Bundle
from pixelmind.records import Sprite
from pixelmind.training.bundle import read_tensors, sha256_file, to_bytes
from pixelmind.training.lora import Lora, LoraConfig, Params, merged, merged_weights

FORMAT = 1
MAX_BYTES = 1_000_000
WEIGHTS, MANIFEST = "adapter.safetensors", "manifest.json"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def check_name(name: str) -> str:
    """The name, where it can be a folder's and typed on a command line.

    Raises:
        BadInput: it cannot.
    """
    if not NAME.fullmatch(name):
        raise BadInput(f"{name!r} cannot name a style; use up to 40 small letters, digits, - and _, such as: mine")
    return name


def level_ids(bundle: Bundle, levels: Mapping[int, object]) -> dict[str, str]:
    """Which weights each level of a bundle has: the first 12 hex digits of their hash."""
    parts = bundle.manifest["parts"]
    return {str(n): parts[f"level{n}"]["sha256"][:12] for n in levels if f"level{n}" in parts}


@dataclass(kw_only=True, eq=False)
class Adapter:
    """A style of one's own: low-rank weights by level, the pictures shown as references with it, and its manifest."""

    name: str
    config: LoraConfig
    levels: dict[int, Params]
    references: tuple[Sprite, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)
    _merged: dict[int, tuple[Lora, Params]] = field(default_factory=dict, repr=False)

    def check(self, bundle: Bundle) -> None:
        """Refuse other weights than those it was made for.

        Raises:
            BadInput: names both.
        """
        own, theirs = self.about["base"], level_ids(bundle, self.levels)
        if own != theirs:
            raise BadInput(
                f"the style {self.name} belongs to the weights {self.about['weights']}, these are {bundle.id}; "
                f"make it anew for them with: pixelmind adapt style --name {self.name} --replace"
            )

    @contextmanager
    def on(self, denoisers: Mapping[int, nn.Module]) -> Iterator[None]:
        """Let the denoisers draw in this style; afterwards their weights are, bit for bit, what they were."""
        with ExitStack() as stack:
            for level, params in self.levels.items():
                net = denoisers.get(level)
                if net is None:
                    continue
                kept = self._merged.get(level)
                if kept is None or kept[0].module is not net:
                    lora = Lora(net, self.config)
                    kept = self._merged[level] = lora, merged_weights(lora, params)
                stack.enter_context(merged(*kept))
            yield

    def tensors(self) -> dict[str, Tensor]:
        """What the file holds: fp16 weights, and references as uint8 [H, W, 4]."""
        found = {f"level{n}.{k}": v.half() for n, params in self.levels.items() for k, v in params.items()}
        for index, sprite in enumerate(self.references):
            found[f"reference.{index}"] = torch.from_numpy(np.ascontiguousarray(sprite.rgba()))
        return found


def save(adapter: Adapter, home: Path, *, replace: bool = False) -> Path:
    """Write an adapter to HOME/adapters/NAME, whole or not at all.

    Raises:
        BadInput: the name is taken and `replace` is not set, a value that fp16 cannot hold, or over 1 MB.
    """
    target = folder_of(home, check_name(adapter.name))
    if target.exists() and not replace:
        raise BadInput(f"there is a style {adapter.name} already; choose another name, or give --replace")
    tensors = adapter.tensors()
    if not all(bool(torch.isfinite(v).all()) for v in tensors.values() if v.is_floating_point()):
        raise BadInput(f"the style {adapter.name} came out with values that cannot be stored; try other pictures")
    data = to_bytes(tensors)
    if len(data) > MAX_BYTES:
        raise BadInput(f"the adapter would take {len(data):,} bytes, at most {MAX_BYTES:,} are kept; use a lower rank")
    about = {
        "format": FORMAT,
        "name": adapter.name,
        **adapter.about,
        "rank": adapter.config.rank,
        "alpha": adapter.config.alpha,
        "layers": list(adapter.config.layers),
        "levels": sorted(adapter.levels),
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{adapter.name}-"))
    try:
        write_bytes(aside / WEIGHTS, data)
        write_json(aside / MANIFEST, about)
        os.chmod(aside, 0o755)
        if target.exists():
            old = aside.with_name(f"{aside.name}.old")
            os.rename(target, old)
            os.rename(aside, target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(aside, target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    adapter.about = {k: v for k, v in about.items() if k not in ("format", "name")}
    return target


def folder_of(home: Path, name: str) -> Path:
    """Where the adapter of that name lies."""
    return home / "adapters" / name


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of an adapter's folder.

    Raises:
        CorruptFile: it cannot be read. BadInput: it is of a newer format.
    """
    try:
        about: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        newer = about["format"] > FORMAT
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptFile(f"the style {folder.name} has no readable {MANIFEST}; remove it and make it anew") from error
    if newer:
        raise BadInput(f"the style {folder.name} is of format {about['format']}, this program reads up to {FORMAT}")
    return about


def names(home: Path) -> list[str]:
    """Names of the adapters kept."""
    root = home / "adapters"
    return sorted(p.name for p in root.iterdir() if NAME.fullmatch(p.name) and p.is_dir()) if root.is_dir() else []


def load(home: Path, name: str) -> Adapter:
    """Read an adapter and check its hash.

    Raises:
        BadInput: none of that name. CorruptFile: damaged.
    """
    folder = folder_of(home, check_name(name))
    if not folder.is_dir():
        known = names(home)
        raise BadInput(f"there is no style {name!r}" + (f"; there are: {', '.join(known)}" if known else " yet"))
    about = manifest_of(folder)
    file = folder / WEIGHTS
    if not file.is_file() or sha256_file(file) != about.get("sha256"):
        raise CorruptFile(f"the style {name} is damaged: {WEIGHTS} does not match its recorded sha256; make it anew")
    try:
        return _built(name, about, read_tensors(file))
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptFile(f"the style {name} is damaged ({type(error).__name__}); make it anew") from error


def _built(name: str, about: dict[str, Any], tensors: Params) -> Adapter:
    levels: dict[int, Params] = {}
    references: dict[int, Sprite] = {}
    for key, value in tensors.items():
        part, _, rest = key.partition(".")
        if part == "reference":
            references[int(rest)] = Sprite.from_rgba(value.numpy())
        else:
            levels.setdefault(int(part.removeprefix("level")), {})[rest] = value.float()
    config = LoraConfig(rank=about["rank"], alpha=about["alpha"], layers=tuple(about["layers"]))
    kept = {k: v for k, v in about.items() if k not in ("format", "name")}
    shown = tuple(references[i] for i in sorted(references))
    return Adapter(name=name, config=config, levels=levels, references=shown, about=kept)


def remove(home: Path, name: str) -> None:
    """Delete an adapter.

    Raises:
        BadInput: none of that name.
    """
    folder = folder_of(home, check_name(name))
    if not folder.is_dir():
        known = names(home)
        raise BadInput(f"there is no style {name!r}" + (f"; there are: {', '.join(known)}" if known else " yet"))
    aside = folder.with_name(f".{name}-removed-{os.getpid()}")
    os.rename(folder, aside)
    shutil.rmtree(aside)


# ---- by name ---------------------------------------------------------------------------------------------------------
class Kept(Mapping[str, Adapter]):
    """The adapters of a home by name, each read when it is asked for; the last few stay in memory, with their merged weights."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(NAME.fullmatch(name)) and folder_of(self.home, name).is_dir()

    def __getitem__(self, name: str) -> Adapter:
        """Raises: KeyError: none of that name. CorruptFile: damaged."""
        if name not in self:
            raise KeyError(name)
        return _read(self.home, name, str(manifest_of(folder_of(self.home, name)).get("sha256")))

    def __iter__(self) -> Iterator[str]:
        return iter(names(self.home))

    def __len__(self) -> int:
        return len(names(self.home))


@lru_cache(maxsize=4)
def _read(home: Path, name: str, sha256: str) -> Adapter:
    return load(home, name)
