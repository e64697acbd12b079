"""Four tiny styles of drawn shapes, a tiny random bundle, and words: real parts, small sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind.data.store import Store
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.pixels.png import encode_png
from pixelmind.records import Sample, Sprite, content_id

STYLES = {
    "red": ((200, 30, 30), (90, 10, 10)),
    "sea": ((30, 90, 200), (220, 240, 250)),
    "moss": ((60, 120, 40), (20, 40, 20)),
    "gold": ((230, 190, 60), (120, 80, 10)),
}


def shape(style: str, index: int, side: int) -> np.ndarray:
    """A figure of the style's two colours on a clear canvas, uint8 [side, side, 4]; each index another."""
    fill, rim = STYLES[style]
    rng = np.random.default_rng((index, side))
    y, x = np.mgrid[:side, :side] / side - 0.5
    distance = np.hypot(x * rng.uniform(0.8, 1.4), y * rng.uniform(0.8, 1.4)) + 0.05 * np.sin(
        np.arctan2(y, x) * int(rng.integers(3, 8))
    )
    rgba = np.zeros((side, side, 4), np.uint8)
    rgba[distance < 0.42] = (*rim, 255)
    rgba[distance < 0.3] = (*fill, 255)
    return rgba


def sample(style: str, index: int, side: int, split: str, held_back: bool = False) -> Sample:
    rgba = shape(style, index, side)
    tags = {"kind": "item", "style": style} | ({"evaluation_only": "yes"} if held_back else {})
    return Sample(
        id=content_id(rgba),
        png=encode_png(Sprite.from_rgba(rgba)),
        height=side,
        width=side,
        captions=(f"a {style} gem",),
        source="drawn",
        licence="CC0-1.0",
        credit="tests",
        tags=tags,
        cluster=content_id(rgba)[:8],
        split=split,
    )


@pytest.fixture(scope="session")
def style_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten training and ten test pictures a style of 32 px, and ten of each of 16 px."""
    samples = [
        sample(style, index, side, "train" if index < 10 else "test")
        for style in STYLES
        for side in (16, 32)
        for index in range(20)
    ]
    folder = tmp_path_factory.mktemp("styles")
    Store.open_or_create(folder).append(samples)
    return folder


@pytest.fixture(scope="session")
def style_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Levels 16 and 64 at a small size, with random output so that there is something to improve."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("bundle")
    bundle = Bundle.create(folder, preset="test")
    vocabulary = Vocabulary(("crawl", "ultica"))
    for level, channels in ((16, 4), (64, 8)):
        network = DenoiserConfig(width=32, depth=2, heads=2, in_channels=channels, references=16, cell_features=8)
        net = Denoiser(network)
        torch.nn.init.normal_(net.output.weight, std=0.1)
        modules: dict[str, torch.nn.Module] = {"denoiser": net}
        if level == 16:
            modules["prior"] = ConditionPrior()
        bundle.put_level(level, modules, network, vocabulary)
    return folder


@pytest.fixture
def sprites(tmp_path: Path) -> Path:
    """A folder of four sprites of one style."""
    folder = tmp_path / "my_sprites"
    folder.mkdir()
    for index in range(4):
        png = encode_png(Sprite.from_rgba(shape("sea", 40 + index, 32)))
        (folder / f"blue_gem_{index}.png").write_bytes(png)
    return folder
