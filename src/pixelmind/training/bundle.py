"""Weights as safetensors: the one format in which networks leave training, and in which others start from them.

Tensor names are `<module>.<parameter>`. A set too big for one file is cut into `NAME-1-of-3.safetensors`, … .
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes

StateDict = dict[str, Tensor]
MAX_FILE_BYTES = 16 * 2**20


def sha256_file(path: Path | str) -> str:
    """Return the hex sha256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flatten(states: Mapping[str, nn.Module | Mapping[str, Tensor]]) -> StateDict:
    """Join modules (or state dicts) under `<module>.<parameter>` names."""
    flat: StateDict = {}
    for name, state in states.items():
        if "." in name:
            raise BadInput(f"a module's name must hold no dot: {name!r}")
        tensors = state.state_dict() if isinstance(state, nn.Module) else state
        flat |= {f"{name}.{key}": value for key, value in tensors.items()}
    return flat


def unflatten(tensors: Mapping[str, Tensor]) -> dict[str, StateDict]:
    """Part `<module>.<parameter>` names into one state dict a module."""
    states: dict[str, StateDict] = {}
    for full, value in tensors.items():
        module, _, key = full.partition(".")
        states.setdefault(module, {})[key] = value
    return states


def to_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """Return the safetensors file of `tensors`; tensors that share memory are written out each."""
    seen: set[int] = set()
    ready: StateDict = {}
    for name, value in tensors.items():
        value = value.detach().cpu().contiguous()
        storage = value.untyped_storage().data_ptr()
        ready[name] = value.clone() if storage in seen else value
        seen.add(storage)
    return safetensors.torch.save(ready, dict(metadata) if metadata else None)


def export_weights(
    states: Mapping[str, nn.Module | Mapping[str, Tensor]],
    path: Path | str,
    *,
    metadata: Mapping[str, str] | None = None,
    dtype: torch.dtype = torch.float16,
    max_file_bytes: int = MAX_FILE_BYTES,
) -> list[Path]:
    """Write modules' weights for release, floating tensors as `dtype`; return the files, one or numbered parts.

    Raises:
        BadInput: a weight that is not finite in `dtype`.
    """
    path = Path(path)
    parts: list[StateDict] = [{}]
    room = max_file_bytes
    for name, value in flatten(states).items():
        if value.is_floating_point():
            value = value.detach().to(dtype)
            if not torch.isfinite(value).all():
                raise BadInput(f"{name} holds values that {dtype} cannot: not exported")
        size = value.numel() * value.element_size() + 256
        if size > room and parts[-1]:
            parts.append({})
            room = max_file_bytes
        parts[-1][name] = value
        room -= size
    for old in _parts(path):
        old.unlink()
    if len(parts) == 1:
        return [write_bytes(path, to_bytes(parts[0], metadata))]
    path.unlink(missing_ok=True)
    names = [path.with_name(f"{path.stem}-{i}-of-{len(parts)}{path.suffix}") for i in range(1, len(parts) + 1)]
    return [write_bytes(name, to_bytes(part, metadata)) for name, part in zip(names, parts)]


def _parts(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.stem}-*-of-*{path.suffix}"))


def load_weights(path: Path | str, *, sha256: Mapping[str, str] | None = None) -> dict[str, StateDict]:
    """Read what `export_weights` wrote, numbered parts joined: {module: state dict}, dtypes as stored.

    `sha256` maps file names to their recorded hashes and is checked where given.

    Raises:
        BadInput: no such file. CorruptFile: a part is missing, a hash differs, or a file cannot be read.
    """
    path = Path(path)
    files = [path] if path.is_file() else _parts(path)
    if not files:
        raise BadInput(f"no weights at {path}")
    if files != [path] and len(files) != int(files[0].stem.rpartition("-of-")[2]):
        raise CorruptFile(f"weights {path} are incomplete: {len(files)} of {files[0].stem.rpartition('-of-')[2]} parts")
    tensors: StateDict = {}
    for file in files:
        if sha256 is not None and sha256.get(file.name) != sha256_file(file):
            raise CorruptFile(f"{file} does not match its recorded sha256: fetch the weights again")
        tensors |= read_tensors(file)
    return unflatten(tensors)


def read_tensors(file: Path) -> StateDict:
    """Read one safetensors file.

    Raises:
        CorruptFile: it is no whole safetensors file.
    """
    try:
        return safetensors.torch.load_file(file)
    except (safetensors.SafetensorError, OSError) as error:
        raise CorruptFile(f"{file} cannot be read: {error}") from error


def read_metadata(file: Path) -> dict[str, str]:
    """Return the metadata strings of a safetensors file without reading its tensors."""
    try:
        with open(file, "rb") as f:
            header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        return dict(header.get("__metadata__", {}))
    except (ValueError, OSError, OverflowError, MemoryError) as error:
        raise CorruptFile(f"{file} cannot be read: {error}") from error


def load_into(modules: Mapping[str, nn.Module], states: Mapping[str, Mapping[str, Tensor]], what: str) -> None:
    """Copy state dicts into modules, strictly; floating tensors are converted to the module's dtype.

    Raises:
        BadInput: a module, a tensor or a shape that does not fit; `what` names the weights in the message.
    """
    for name, module in modules.items():
        if name not in states:
            raise BadInput(f"{what} hold no module {name!r}, only {', '.join(sorted(states)) or 'none'}")
        own, given = module.state_dict(), states[name]
        odd = sorted(own.keys() ^ given.keys())
        if odd:
            raise BadInput(f"{what} do not fit {name}: {odd[0]} is {'missing' if odd[0] in own else 'unknown'}")
        wrong = next((k for k in own if own[k].shape != given[k].shape), None)
        if wrong:
            shapes = f"{tuple(given[wrong].shape)}, not {tuple(own[wrong].shape)}"
            raise BadInput(f"{what} do not fit {name}.{wrong}: {shapes}")
        module.load_state_dict(dict(given))
