"""A tiny store of drawn sprites and a tiny random bundle: real parts, small sizes."""

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

COLORS = {"red": (200, 30, 30), "green": (30, 180, 60), "blue": (40, 60, 210), "white": (240, 240, 240)}


def disc(color: str, height: int, width: int, radius: float) -> np.ndarray:
    """A disc of one colour with a dark rim on a clear canvas, uint8 [H, W, 4]."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((y - (height - 1) / 2) / height, (x - (width - 1) / 2) / width) * 2
    rgba = np.zeros((height, width, 4), dtype=np.uint8)
    rgba[distance < radius] = (20, 20, 30, 255)
    rgba[distance < radius - 0.15] = (*COLORS[color], 255)
    return rgba


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of discs: 16x16, 12x8, 32x32, 24x40 and 72x80, in four colours, train and val."""
    samples = []
    for i, (h, w) in enumerate([(16, 16), (12, 8), (32, 32), (24, 40), (72, 80)]):
        for color in COLORS:
            for split, radius in (("train", 0.7), ("train", 0.9), ("val", 0.8)):
                rgba = disc(color, h, w, radius + 0.01 * i)
                samples.append(
                    Sample(
                        id=content_id(rgba),
                        png=encode_png(Sprite.from_rgba(rgba)),
                        height=h,
                        width=w,
                        captions=(f"a {color} disc",),
                        source="drawn",
                        licence="CC0-1.0",
                        credit="tests",
                        tags={"kind": "icon", "style": "flat"},
                        cluster=content_id(rgba)[:8],
                        split=split,
                    )
                )
    folder = tmp_path_factory.mktemp("store")
    Store.open_or_create(folder).append(samples)
    return folder


def tiny_bundle(folder: Path) -> Path:
    """A bundle of three random levels."""
    torch.manual_seed(0)
    bundle = Bundle.create(folder, preset="test")
    vocabulary = Vocabulary(("flat", "outlined"))
    for level, channels, patch in ((16, 4, 4), (64, 8, 4), (256, 8, 8)):
        shape = DenoiserConfig(
            width=32, depth=2, heads=2, in_channels=channels, patch=patch, references=16, layout=4, cell_features=8
        )
        net = Denoiser(shape)
        torch.nn.init.normal_(net.output.weight, std=0.5)
        modules: dict[str, torch.nn.Module] = {"denoiser": net}
        if level == 16:
            modules["prior"] = ConditionPrior()
        bundle.put_level(level, modules, net.config, vocabulary)
    return folder


@pytest.fixture
def fresh_bundle(tmp_path: Path) -> Path:
    """A bundle of its own, to be damaged."""
    return tiny_bundle(tmp_path / "bundle")


@pytest.fixture(scope="session")
def bundle_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("bundle"))
