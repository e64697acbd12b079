"""Tiny drawn pictures and samples for the tests of the data room."""

import subprocess
import sys

import numpy as np

from pixelmind.data.sources.base import RawSprite
from pixelmind.pixels.png import encode_rgba_png
from pixelmind.records import Sample


def blob(seed, height=16, width=16, colors=5):
    """A random blocky figure uint8 [H, W, 4] with a clear border, different for each seed."""
    rng = np.random.default_rng([7, seed])
    palette = np.concatenate([rng.integers(0, 256, (colors, 3)), np.full((colors, 1), 255)], axis=1).astype(np.uint8)
    cells = rng.integers(0, colors, (-(-height // 3), -(-width // 3))).repeat(3, 0).repeat(3, 1)[:height, :width]
    rgba = palette[cells]
    rgba[[0, -1]] = 0
    rgba[:, [0, -1]] = 0
    rgba[1, 1] = palette[0]
    rgba[-2, -2] = palette[1]
    return rgba


def sample(seed, *, source="drawn", kind="item", captions=None, height=16, width=16, **fields):
    """A Sample of `blob(seed)`."""
    return Sample(
        png=encode_rgba_png(blob(seed, height, width)),
        height=height,
        width=width,
        captions=tuple(captions or (f"blob {seed}", f"a blob numbered {seed}")),
        source=source,
        licence=fields.pop("licence", "CC0-1.0"),
        credit=fields.pop("credit", "Nobody"),
        tags={"kind": kind, **fields.pop("tags", {})},
        **fields,
    )


def raw(rgba, *captions, licence="CC0-1.0", source="drawn", kind="item", group=None, **fields):
    """A RawSprite of a canvas."""
    params = {"group": group} if group else {}
    return RawSprite(
        rgba=rgba,
        captions=captions or (f"thing {int(rgba.astype(np.int64).sum())} {rgba.size}",),
        source=source,
        licence=licence,
        credit="Nobody",
        tags={"kind": kind},
        params=params,
        **fields,
    )


def printed_in_other_processes(code):
    """What a piece of code prints in two processes whose sets and dictionaries of strings are ordered differently."""
    return {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }
