"""Small bundles, an empty database, and an Ed25519 key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from pixelmind.generator.bundle import Bundle
from pixelmind.lifecycle import registry
from pixelmind.storage import Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(f"sqlite:///{tmp_path / 'home' / 'pixelmind.db'}") as database:
        database.upgrade()
        yield database


@pytest.fixture
def made(tmp_path: Path) -> Callable[[float], Path]:
    """A bundle of two numbers; another fill, another bundle."""

    def make(fill: float) -> Path:
        about = {"sources": {"crawl": {"licences": {"CC0-1.0": 3}}, "nethack": {"licences": {"NGPL": 2}}}}
        bundle = Bundle.create(tmp_path / f"bundle-{fill}", preset="test", commit="abc", data=about, data_sha256="d1")
        bundle.put("level16", {"w": torch.full((2,), fill)}, samples=7)
        bundle.describe(metrics={"judge": 0.5})
        return bundle.folder

    return make


@pytest.fixture
def first(made, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small bundle in place of the released one."""
    folder = made(0.0)
    monkeypatch.setattr(registry, "released", lambda: folder)
    return folder


@pytest.fixture
def keys(tmp_path: Path) -> registry.Keys:
    """A fresh key pair."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.generate()
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return registry.Keys(private, public)
