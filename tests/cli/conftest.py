"""A command line run in this process, and a tiny bundle of untrained weights in release form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pixelmind import cli


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.code == 0, self.err
        assert self.out.count("\n") == 1  # one line, nothing else
        return json.loads(self.out)


@pytest.fixture
def command(capfd, tmp_path, monkeypatch) -> Callable[..., Ran]:
    """Run `pixelmind ARGS…` in a folder of its own; nothing of the real home is touched."""
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PIXELMIND_DEBUG", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Ran:
        code = cli.run([str(a) for a in arguments])
        captured = capfd.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory) -> Path:
    """Both levels at the smallest size, untrained, from a fixed seed."""
    import torch

    from pixelmind.generator.bundle import Bundle
    from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
    from pixelmind.generator.denoiser import Denoiser, DenoiserConfig

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("bundle")
    bundle = Bundle.create(folder, preset="tiny")
    vocabulary = Vocabulary(("crawl", "ultica"))
    for level, channels in ((16, 4), (64, 8)):
        network = DenoiserConfig(in_channels=channels, width=32, depth=2, heads=2, stem=8)
        modules: dict[str, torch.nn.Module] = {"denoiser": Denoiser(network)}
        if level == 16:
            modules["prior"] = ConditionPrior()
        bundle.put_level(level, modules, network, vocabulary, samples=0)
    return folder
