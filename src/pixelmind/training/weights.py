"""A bundle: a folder of fp16 safetensors beside one `manifest.json` that names every file's hash, shape and origin.

Nothing here unpickles. The released bundle lies in `pixelmind/weights/`; `--weights DIR` takes any other.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Self

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

import pixelmind
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes, write_json

try:
    import fcntl
except ImportError:  # no such lock on Windows
    fcntl = None  # type: ignore[assignment]

FORMAT = 1
MAX_FILE_BYTES, MAX_BUNDLE_BYTES = 16 << 20, 48 << 20
MANIFEST = "manifest.json"


def released() -> Path:
    """Folder of the weights that come with the package."""
    return Path(pixelmind.__file__).parent / "weights"


class Bundle:
    """Read and extend a bundle folder. `manifest` is plain JSON; parts are named "level16", "level64", "level256", "encoder", "judge"."""

    def __init__(self, folder: Path | str | None = None) -> None:
        """Open a bundle.

        Raises:
            BadInput: there is no bundle at `folder`, or it is of a newer format.
        """
        self.folder = Path(folder) if folder is not None else released()
        path = self.folder / MANIFEST
        if not path.is_file():
            raise BadInput(
                f"no weights at {self.folder} (no {MANIFEST}); give the folder of a bundle, or train one with: bash runs/laptop.sh"
            )
        try:
            self.manifest: dict[str, Any] = json.loads(path.read_text())
            newer = self.manifest["format"] > FORMAT
            for part in self.manifest["parts"].values():
                if Path(part["file"]).name != part["file"]:
                    raise CorruptFile(f"{path} names a file outside the bundle; reinstall the weights")
                if not isinstance(part["sha256"], str):
                    raise ValueError("no sha256")
        except CorruptFile:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorruptFile(f"{path} is not a readable manifest; reinstall the weights") from error
        if newer:
            raise BadInput(
                f"{path} is format {self.manifest['format']}, this program reads up to {FORMAT}; update pixelmind"
            )

    @classmethod
    def create(cls, folder: Path | str, **about: Any) -> Self:
        """Start a bundle in `folder`, or open the one there; `about` fields (preset, seed, data, ...) are set in its manifest."""
        folder = Path(folder)
        if not (folder / MANIFEST).is_file():
            write_json(folder / MANIFEST, {"format": FORMAT, "parts": {}})
        bundle = cls(folder)
        bundle.describe(**about)
        return bundle

    @property
    def id(self) -> str:
        """Short name of the exact weights: the first 12 hex digits over the hashes of all parts that pictures depend on."""
        parts = self.manifest["parts"].items()
        aside = ("judge", "segmenter", "motion", "intent", "policy", "memory", "adapter", "critic", "refiner")
        hashes = sorted(part["sha256"] for name, part in parts if name not in aside)
        return hashlib.sha256("".join(hashes).encode()).hexdigest()[:12]

    def __contains__(self, part: str) -> bool:
        return part in self.manifest["parts"]

    def describe(self, **about: Any) -> None:
        """Set fields of the manifest and write it."""
        self._update(about, {})

    def _update(self, about: dict[str, Any], parts: dict[str, dict[str, Any]]) -> None:
        """Merge into the manifest on disk under a lock, so that levels trained side by side do not lose each other's entries."""
        with open(self.folder / ".lock", "a") as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            self.manifest = json.loads((self.folder / MANIFEST).read_text()) | about
            self.manifest["parts"] |= parts
            write_json(self.folder / MANIFEST, self.manifest)

    def adopt(self, part: str, file: Path, **about: Any) -> None:
        """Take a weights file made elsewhere into the bundle under its own name."""
        data = file.read_bytes()
        write_bytes(self.folder / file.name, data)
        entry = {"file": file.name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        self._update({}, {part: {**about, **entry}})

    def put(self, part: str, tensors: dict[str, Tensor], **about: Any) -> Path:
        """Write a part as fp16 (floating tensors) and record its hash; `about` is kept beside it as JSON.

        Raises:
            BadInput: the file would be larger than the release allows.
        """
        data = save({k: (v.half() if v.is_floating_point() else v).contiguous().cpu() for k, v in tensors.items()})
        if len(data) > MAX_FILE_BYTES:
            raise BadInput(
                f"{part} would be {len(data) / 2**20:.1f} MiB, a weights file may be {MAX_FILE_BYTES >> 20} MiB; use a smaller preset"
            )
        digest = hashlib.sha256(data).hexdigest()
        path = write_bytes(self.folder / f"{part}.safetensors", data)
        self._update({}, {part: {"file": path.name, "sha256": digest, "bytes": len(data), **about}})
        return path

    def get(self, part: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return a part's tensors (float32) and what its manifest entry says.

        Raises:
            BadInput: the bundle has no such part.
            CorruptFile: the file is missing or its hash differs from the manifest's.
        """
        if part not in self:
            raise BadInput(f"the weights at {self.folder} have no {part}; train it or use a complete bundle")
        about = self.manifest["parts"][part]
        path = self.folder / about["file"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CorruptFile(
                f"weights file {path} cannot be read ({error.strerror}); reinstall the weights"
            ) from error
        if hashlib.sha256(data).hexdigest() != about["sha256"]:
            raise CorruptFile(f"weights file {path} does not match its recorded sha256; reinstall the weights")
        try:
            tensors = load(data)
        except SafetensorError as error:
            raise CorruptFile(f"weights file {path} is not safetensors; reinstall the weights") from error
        return {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}, about
