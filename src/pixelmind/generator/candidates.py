"""Best of several first-level candidates, most of them dropped while they are drawn.

The encoder tells after few steps which of the predicted clean canvases come nearest to the words, so a picture begins with many
candidates and goes on with ever fewer: sequential halving (Karnin, Koren & Somekh 2013) with fixed rounds. What it keeps of the gain of
ranking finished candidates, and what it costs, is in docs/log.md (2026-11-28).

Shapes: N pictures, k candidates of each in neighbouring rows, D encoder features.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pixelmind.encoder.model import Encoder
from pixelmind.encoder.text_tower import TextFeatures
from pixelmind.generator.canvas import area_average, coarse_size, from_canvas, to_canvas
from pixelmind.records import Conditioning, Sprite

BEST_OF = 8
#: After the first step at or below a noise level, this many candidates of a picture go on.
ROUNDS = ((0.94, 2), (0.63, 1))


def with_style(encoder: Encoder, words: Tensor, references: Sequence[Sequence[Sprite]]) -> Tensor:
    """Unit features of words [N, D], and added to them what the encoder sees in each picture's references at the first level's size."""
    out = words.clone()
    for row, shown in zip(out, references):
        if shown:
            sizes = [coarse_size(s.indices.shape[0], s.indices.shape[1], 16) for s in shown]
            small = [from_canvas(area_average(to_canvas(s.rgba()), h, w)) for s, (h, w) in zip(shown, sizes)]
            row += encoder.encode_images(small).mean(0)
    return out


class Candidates:
    """Which rows of a batch are still drawn. `rows` are their places in the batch, picture by picture.

    Args:
        encoder: ranks pictures; None where there is one candidate a picture.
        words: features [N, D] that a picture's are to be near.
        sizes: (height, width) of each picture's canvas, in the middle of its frame.
        count: candidates a picture, k.
    """

    def __init__(self, encoder: Encoder | None, words: Tensor, sizes: Sequence[tuple[int, int]], count: int) -> None:
        self.encoder, self.words, self.sizes = encoder, words, sizes
        self.rows, self.left = list(range(len(sizes) * count)), count

    @classmethod
    def of(cls, encoder: Encoder | None, text: TextFeatures, asked: Sequence[Conditioning], count: int) -> Candidates:
        """The candidates for pictures of these words, `text` by picture, and of the references' style where some are shown."""
        words = text.pooled
        if encoder is not None:
            words = with_style(encoder, encoder.text_features(text), [c.references for c in asked])
        return cls(encoder, words, [coarse_size(c.height, c.width, 16) for c in asked], count)

    def __call__(self, t: float, frames: Tensor) -> Tensor | None:
        """Places long [rows that go on] among the canvases [rows, 4, H, W] predicted at noise level t; None where all go on. At t = 0
        one of each picture is left."""
        wanted = 1 if t == 0 else min([keep for level, keep in ROUNDS if t <= level], default=self.left)
        if self.encoder is None or wanted >= self.left:
            return None
        shown = []
        for row, frame in enumerate(frames):
            height, width = self.sizes[row // self.left]
            top, left = (frame.shape[-2] - height) // 2, (frame.shape[-1] - width) // 2
            shown.append(from_canvas(frame[:, top : top + height, left : left + width].numpy()))
        with torch.autocast("cpu", enabled=False):
            pictures = self.encoder.encode_images(shown).unflatten(0, (-1, self.left))
        cosine = torch.einsum("nkd,nd->nk", pictures, self.words)
        best = cosine.topk(wanted, dim=1).indices.sort(dim=1).values
        picks = (best + torch.arange(len(best))[:, None] * self.left).flatten()
        self.rows, self.left = [self.rows[i] for i in picks.tolist()], wanted
        return picks
