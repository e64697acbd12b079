"""Levels that leave out parts they can do without."""

from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.generator.bundle import Bundle
from pixelmind.generator.pipeline import PixelPipeline


def test_an_upper_level_draws_the_same_without_its_heads(fresh_bundle: Path) -> None:
    whole = PixelPipeline(Bundle(fresh_bundle), best_of=1)
    told: dict[str, Any] = {"size": (80, 96), "num_inference_steps": 2, "seed": 3}
    before = whole("a castle", **told).sprites[0]
    assert Bundle(fresh_bundle).lighten(256) > 0
    light = PixelPipeline(Bundle(fresh_bundle), best_of=1)
    after = light("a castle", **told).sprites[0]
    assert np.array_equal(before.rgba(), after.rgba())
    assert after.mask is not None
    assert after.mask.shape == (80, 96)
    shown = light("a castle", references=[after], **told).sprites[0]
    assert shown.rgba().shape == (80, 96, 4)
    assert light("a castle", layout=after, **told).sprites[0].mask is not None
