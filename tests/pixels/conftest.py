"""Sprites for the exporters' tests, and the real programs that open what they write."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pixelmind.records import Sprite

Draw = Callable[..., list[Sprite]]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """`draw(seed, count, h, w, colors, clear, own, masks)`: noise of that many colours; `own`: each frame has a palette of its own."""

    def make(seed=0, count=3, h=6, w=7, colors=5, clear=True, own=False, masks=False) -> list[Sprite]:
        rng = np.random.default_rng(seed)
        sprites, palette = [], np.zeros((0, 4), dtype=np.uint8)
        for _ in range(count):
            if own or not len(palette):
                palette = np.full((colors + clear, 4), 255, dtype=np.uint8)
                codes = rng.choice(1 << 24, colors, replace=False)
                palette[int(clear) :, :3] = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], 1)
                palette[: int(clear)] = 0
            indices = rng.integers(0, len(palette), (h, w)).astype(np.uint8)
            mask = rng.integers(0, 3, (h, w)).astype(np.uint8) if masks else None
            names = ("background", "head", "red cape") if masks else ()
            sprites.append(Sprite(indices=indices, palette=palette, mask=mask, mask_names=names))
        return sprites

    return make


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Run a real program without a screen and return its output.

    Skipped where it is absent, but for Tiled under PIXELMIND_REQUIRE_TILED=1.
    """

    def run(name: str, *arguments: object, folder: Path) -> str:
        if shutil.which(name) is None:
            if os.environ.get("PIXELMIND_REQUIRE_TILED") == "1" and name in ("tmxrasterizer", "tiled"):
                pytest.fail(f"{name} is required here (PIXELMIND_REQUIRE_TILED=1) and not installed (Debian: tiled)")
            pytest.skip(f"{name} is not installed")
        done = subprocess.run(
            [name, *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run
