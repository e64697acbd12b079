"""The model registry: bundles as they were when they were registered, where they come from, and which of them is in use.

    HOME/models/ID/manifest.json, *.safetensors   the bundle
    HOME/models/ID/model.json                     the statement: sha256 of every file, and the lineage
    HOME/models/ID/model.sig                      an Ed25519 signature of model.json (RFC 8032), where a key is configured

An id is the first 16 hex digits of the sha256 over the files' hashes, so the same bundle has the same id everywhere. The database keeps
the statement's sha256 and the state (`storage.registered`); a promotion or a rollback is one commit there, and services follow it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pixelmind
from pixelmind.data.licences import EVALUATION_ONLY, matches
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes, write_json
from pixelmind.storage import Database, ModelRow
from pixelmind.training.bundle import sha256_file
from pixelmind.training.weights import MANIFEST, Bundle, released

STATEMENT, SIGNATURE = "model.json", "model.sig"
SIGNING_KEY, PUBLIC_KEY = "PIXELMIND_SIGNING_KEY", "PIXELMIND_PUBLIC_KEY"


@dataclass(frozen=True)
class Keys:
    """Whose signature counts: PEM files of an Ed25519 private key, which signs, and of a public one, which is asked for; the first brings
    the second."""

    private: Path | None = None
    public: Path | None = None

    @classmethod
    def configured(cls) -> Keys:
        """From PIXELMIND_SIGNING_KEY and PIXELMIND_PUBLIC_KEY."""
        paths = [
            Path(os.environ[name]).expanduser() if os.environ.get(name) else None for name in (SIGNING_KEY, PUBLIC_KEY)
        ]
        return cls(*paths)

    def __bool__(self) -> bool:
        return self.private is not None or self.public is not None

    def sign(self, data: bytes) -> bytes:
        """A signature of 64 bytes.

        Raises:
            BadInput: no private key, an unreadable file, another kind of key.
        """
        return bytes(self._private().sign(data))

    def check(self, data: bytes, signature: bytes) -> bool:
        """Whether the signature is of these bytes by the configured key.

        Raises:
            BadInput: an unreadable file, another kind of key.
        """
        from cryptography.exceptions import InvalidSignature

        try:
            self._public().verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def _private(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key = self._read(self.private, SIGNING_KEY, lambda data: load_pem_private_key(data, None))
        if not isinstance(key, Ed25519PrivateKey):
            raise BadInput(
                f"{SIGNING_KEY} {self.private} is no Ed25519 key; make one: openssl genpkey -algorithm ed25519"
            )
        return key

    def _public(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        if self.public is None:
            return self._private().public_key()
        key = self._read(self.public, PUBLIC_KEY, load_pem_public_key)
        if not isinstance(key, Ed25519PublicKey):
            raise BadInput(f"{PUBLIC_KEY} {self.public} is no Ed25519 public key")
        return key

    @staticmethod
    def _read(path: Path | None, name: str, load: Any) -> Any:
        if path is None:
            raise BadInput(f"no key to sign with; name its PEM file in {name}")
        try:
            return load(path.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise BadInput(
                f"{name} {path} cannot be read as a PEM key: {getattr(error, 'strerror', None) or error}"
            ) from error


class Registry:
    """Registered bundles under `home`/models, and their states in a database.

    Args:
        db: upgraded.
        home: PIXELMIND_HOME.
        keys: sign what is added, and ask for signatures; None: as the environment says.
    """

    def __init__(self, db: Database, home: Path, keys: Keys | None = None) -> None:
        self.db, self.home = db, home
        self.keys = Keys.configured() if keys is None else keys
        if self.keys:
            try:
                import cryptography  # noqa: F401
            except ImportError as error:
                raise BadInput(
                    "signatures need cryptography; install it with: pip install 'pixelmind[loop]'"
                ) from error

    def folder(self, model: ModelRow | str) -> Path:
        """Where a model's files lie."""
        return self.home / "models" / (model if isinstance(model, str) else model.id)

    def add(
        self,
        bundle: Path | None = None,
        *,
        parents: Sequence[str] = (),
        metrics: Mapping[str, Any] | None = None,
        note: str = "",
    ) -> ModelRow:
        """Copy a bundle (None: the released weights), check it, write and sign its statement, register it as a candidate. Where nothing is
        registered yet the released weights become the champion first.

        Args:
            parents: ids of the models it was trained from.
            metrics: figures that are not in its manifest.
            note: what it is, for people.

        Raises:
            BadInput: no bundle. CorruptFile: a file differs from the manifest's hash. NotFound: an unknown parent.
            Conflict: it is registered.
        """
        source = Bundle(bundle or released())
        known = [self.db.models.get(parent).id for parent in parents]
        if self.db.models.champion() is None:
            first = self._register(Bundle(released()), (), None, "released with the package", champion=True)
            if first.id == _identity(_hashes(source)):
                return first
        return self._register(source, known, metrics, note, champion=False)

    def _register(
        self, source: Bundle, parents: Sequence[str], metrics: Mapping[str, Any] | None, note: str, *, champion: bool
    ) -> ModelRow:
        files = _hashes(source)
        identity = _identity(files)
        target = self.folder(identity)
        told = lineage(source, parents, metrics, note)
        statement = {
            "format": 1,
            "id": identity,
            "weights": source.id,
            "files": files,
            "lineage": told,
        }
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{identity}."))
        try:
            for name in files:
                write_bytes(fresh / name, (source.folder / name).read_bytes())
            data = write_json(fresh / STATEMENT, statement).read_bytes()
            if self.keys.private is not None:
                write_bytes(fresh / SIGNATURE, base64.b64encode(self.keys.sign(data)) + b"\n")
            if not self._known(identity):  # what an interrupted `add` left
                shutil.rmtree(target, ignore_errors=True)
                os.chmod(fresh, 0o755)
                fresh.rename(target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        digest = hashlib.sha256(data).hexdigest()
        return self.db.models.add(identity, source.id, digest, told, champion=champion)

    def _known(self, identity: str) -> bool:
        return any(row.id == identity for row in self.db.models.list())

    def verify(self, name: str) -> ModelRow:
        """The model, once its files are found to be those that were registered.

        Raises:
            NotFound: no such model. CorruptFile: a file is missing or differs, or the signature is missing or wrong.
        """
        row = self.db.models.get(name)
        folder = self.folder(row)
        try:
            data = (folder / STATEMENT).read_bytes()
        except OSError as error:
            raise CorruptFile(
                f"model {row.id} has no readable {STATEMENT} in {folder}; add the bundle again"
            ) from error
        if hashlib.sha256(data).hexdigest() != row.sha256:
            raise CorruptFile(f"{folder / STATEMENT} is not what was registered; add the bundle again")
        if self.keys:
            self._check_signature(row.id, folder, data)
        files = json.loads(data)["files"]
        for file, wanted in files.items():
            try:
                found = sha256_file(folder / file)
            except OSError as error:
                raise CorruptFile(f"model {row.id}: {folder / file} cannot be read ({error.strerror})") from error
            if found != wanted:
                raise CorruptFile(f"model {row.id}: {folder / file} does not match its recorded sha256")
        return row

    def _check_signature(self, identity: str, folder: Path, data: bytes) -> None:
        try:
            signature = base64.b64decode((folder / SIGNATURE).read_bytes(), validate=False)
        except (OSError, ValueError) as error:
            raise CorruptFile(f"model {identity} is not signed, and a key is configured") from error
        if not self.keys.check(data, signature):
            raise CorruptFile(f"model {identity} is not signed by the configured key")

    def promote(self, name: str, reason: str = "promoted") -> ModelRow:
        """Verify a model and make it the champion, in one commit; see `storage.Models.promote`."""
        return self.db.models.promote(self.verify(name).id, reason)

    def rollback(self, reason: str = "rolled back") -> ModelRow:
        """Go back to the champion before, in one commit; its files are verified first.

        Raises:
            Conflict: there is none. CorruptFile: see `verify`.
        """
        champion = self.db.models.champion()
        if champion is not None and champion.replaced is not None:
            self.verify(champion.replaced)
        return self.db.models.rollback(reason)


def _hashes(bundle: Bundle) -> dict[str, str]:
    """sha256 by file, manifest first.

    Raises:
        CorruptFile: a file is missing, or differs from the manifest's hash.
    """
    found = {MANIFEST: sha256_file(bundle.folder / MANIFEST)}
    for _, part in sorted(bundle.manifest["parts"].items()):
        file = str(part["file"])
        try:
            found[file] = sha256_file(bundle.folder / file)
        except OSError as error:
            raise CorruptFile(
                f"{bundle.folder / file} cannot be read ({error.strerror}); fetch the weights again"
            ) from error
        if found[file] != part["sha256"]:
            raise CorruptFile(f"{bundle.folder / file} does not match its recorded sha256; fetch the weights again")
    return found


def _identity(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()[:16]


def lineage(
    bundle: Bundle, parents: Sequence[str], metrics: Mapping[str, Any] | None = None, note: str = ""
) -> dict[str, Any]:
    """Where a bundle comes from, as its manifest tells: data, code, parents, preferences, figures, and pictures by licence and source,
    those for evaluation only apart."""
    told = bundle.manifest
    licences: dict[str, dict[str, int]] = {}
    aside: dict[str, dict[str, int]] = {}
    for source, about in (told.get("data") or {}).get("sources", {}).items():
        for licence, count in about.get("licences", {}).items():
            kind = aside if matches(licence, EVALUATION_ONLY) else licences
            kind.setdefault(licence, {})[source] = count
    return {
        "note": note,
        "preset": told.get("preset"),
        "data_sha256": told.get("data_sha256"),
        "commit": told.get("commit"),
        "version": pixelmind.__version__,
        "parents": list(parents),
        "parts": {
            name: {k: part[k] for k in ("sha256", "bytes", "samples") if k in part}
            for name, part in told["parts"].items()
        },
        "preferences": told.get("preferences"),
        "metrics": {**(told.get("metrics") or {}), **(metrics or {})},
        "licences": licences,
        "evaluation_only": aside,
    }
