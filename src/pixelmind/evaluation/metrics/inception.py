"""Inception-v3 features, where their weights are at hand: papers take FID and KID in them (Heusel et al. 2017; Szegedy et al. 2016).

The file is the TorchScript network that StyleGAN's metrics use (Karras et al. 2020, "inception-2015-12-05.pt"): uint8 [N, 3, H, W] in, with
`return_features` pooled features [N, 2048] out; it brings pictures to 299 x 299 itself. Sprites are pasted on a clear 64 x 64 canvas at a
whole scale, laid on white and enlarged four times by nearest neighbour, so that a cell stays a block.

Fails when: n is below some thousands (FID in 2048 dimensions is biased far upwards: read KID); sprites are nothing like the photographs
that the network knows. Values are comparable with papers only at the same n, canvas and ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.evaluation.judge import to_canvas
from pixelmind.records import U8

ENLARGED = 4


def on_white(rgba: U8) -> U8:
    """A picture uint8 [H, W, 4] as Inception is shown it: uint8 [3, 256, 256]."""
    canvas = to_canvas(rgba).astype(np.int32)  # premultiplied
    rgb = (canvas[..., :3] + 255 - canvas[..., 3:]).clip(0, 255).astype(np.uint8)
    return np.ascontiguousarray(rgb.repeat(ENLARGED, 0).repeat(ENLARGED, 1).transpose(2, 0, 1))


class Inception:
    """Pooled features by the network in a TorchScript file."""

    def __init__(self, path: Path | str) -> None:
        """Read the network.

        Raises:
            BadInput: no such file. CorruptFile: it is no TorchScript network that gives features.
        """
        if not Path(path).is_file():
            raise BadInput(f"no Inception weights at {path}; name the TorchScript file inception-2015-12-05.pt")
        try:
            self.net: Any = torch.jit.load(str(path), map_location="cpu").eval()
            self.pooled_features([np.zeros((8, 8, 4), np.uint8)])
        except (RuntimeError, TypeError, ValueError) as error:
            raise CorruptFile(
                f"{path} is no TorchScript Inception that gives features; name the file inception-2015-12-05.pt"
            ) from error

    @torch.inference_mode()
    def pooled_features(self, pictures: Sequence[U8], batch: int = 32) -> NDArray[np.float32]:
        """Return features float32 [N, 2048] of uint8 RGBA pictures of any size."""
        out = []
        for i in range(0, len(pictures), batch):
            shown = torch.from_numpy(np.stack([on_white(p) for p in pictures[i : i + batch]]))
            found = self.net(shown, return_features=True)
            if found.ndim != 2 or len(found) != len(shown):
                raise ValueError(f"features [N, D] expected, got {tuple(found.shape)}")
            out.append(found.float().numpy())
        return np.concatenate(out)
