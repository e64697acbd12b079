"""What was learned of a person, as the pipeline draws with it: the tone of what is finished, and an adapter that is worn meanwhile.

A picture is described on the first level's canvas: how it matches the words (cosine of the encoder), the encoder's features, and `looks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pixelmind.adaptation.online import looks
from pixelmind.adaptation.online.taste import Prior
from pixelmind.adaptation.online.tone import toned
from pixelmind.encoder.model import Encoder
from pixelmind.generator.canvas import area_average, coarse_size, from_canvas, to_canvas
from pixelmind.generator.own_styles import OwnStyle
from pixelmind.records import U8, Sprite

F64 = NDArray[np.float64]
#: Which of a picture's description a taste is about.
Kind = Literal["all", "encoder", "looks", "unshared"]
MATCH_SPREAD = 0.05  # of the match among candidates of one prompt (`experiments/online/offline.py --units`)
FEATURES_SPREAD = 0.02  # of one of 256 features among them


def describe(pictures: Sequence[U8], features: Tensor, match: Tensor) -> F64:
    """Rows float64 [k, 1 + D + L] of pictures uint8 [h, w, 4]: match [k], features [k, D] and looks, in units of their usual spread."""
    seen = features.double().numpy() / FEATURES_SPREAD / np.sqrt(features.shape[1])
    return np.concatenate([match.double().numpy()[:, None] / MATCH_SPREAD, seen, looks.looks(pictures)], axis=1)


def small(sprites: Sequence[Sprite]) -> list[U8]:
    """Sprites as the first level would have drawn them."""
    sizes = [coarse_size(s.indices.shape[0], s.indices.shape[1], 16) for s in sprites]
    return [from_canvas(area_average(to_canvas(s.rgba()), h, w)) for s, (h, w) in zip(sprites, sizes)]


def described(encoder: Encoder, sprites: Sequence[Sprite], words: Tensor) -> F64:
    """`describe` of finished sprites, `words` [k, D] being the encoder's features of each one's words."""
    pictures = small(sprites)
    features = encoder.encode_images(pictures)
    return describe(pictures, features, (features * words).sum(1))


def prior(dimensions: int, kind: Kind = "all") -> Prior:
    """What is taken of everybody: that they like what matches the words, and else nothing. `dimensions` is D."""
    seen = np.full(dimensions, FEATURES_SCALE if kind in ("all", "encoder") else 1e-6)
    looked = np.full(len(looks.NAMES), LOOKS_SCALE if kind != "encoder" else 1e-6)
    if kind == "unshared":
        looked[[looks.NAMES.index(n) for n in looks.SHARED]] = 1e-6
    mean = np.zeros(1 + dimensions + len(looks.NAMES))
    mean[0] = MATCH_MEAN
    return Prior(mean=mean, scale=np.concatenate([[MATCH_SCALE], seen, looked]))


#: Chosen on the part `dev` and other people than the reported ones (docs/online.md).
MATCH_MEAN, MATCH_SCALE, FEATURES_SCALE, LOOKS_SCALE = 0.5, 0.2, 0.1, 0.2


@dataclass(frozen=True, eq=False)
class PersonalTaste:
    """Chooses the tone of finished sprites by a taste's mean [1 + D + L] and what is sure of the looks' weights (`covariance` [L, L]).

    `id` tells the state, `own` are learned weights, None where there are none. Candidates are not ranked by it: measured, that loses
    (docs/online.md), since little is to be seen of a picture where candidates are dropped.
    """

    id: str
    mean: F64
    covariance: F64
    own: OwnStyle | None = None

    def finished(self, sprite: Sprite) -> Sprite:
        """A finished sprite in the person's tone; every cell keeps its palette entry."""
        return toned(sprite, self.mean[-len(looks.NAMES) :], self.covariance)
