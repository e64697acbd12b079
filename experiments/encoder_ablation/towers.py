"""Text towers that learn with the encoder, for comparison with the frozen one: its last layers tuned, or a small one from scratch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pixelmind.encoder.config import EncoderConfig
from pixelmind.encoder.model import Encoder
from pixelmind.encoder.task import EncoderTask
from pixelmind.encoder.text_tower import MAX_TOKENS, TEXT_DIM, TextFeatures, TextTower, mean_pool


class LastLayers(nn.Module):
    """MiniLM whose last `layers` layers are trained, at `lr_scale` of the learning rate (by scaling their gradient)."""

    def __init__(self, layers: int = 2, lr_scale: float = 0.1) -> None:
        super().__init__()
        self.tower = TextTower()
        self.last = self.tower.layers[-layers:].requires_grad_(True)
        for parameter in self.last.parameters():
            parameter.register_hook(lambda grad: grad * lr_scale)

    def forward(self, ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
        """Hidden states [B, T, D] of token ids int64 [B, T]."""
        return self.tower(ids_BT, mask_BT)


class FromScratch(nn.Module):
    """A transformer of `depth` layers on the same word pieces, with random weights."""

    def __init__(self, width: int = 192, depth: int = 2, vocabulary: int = 30522) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.words.weight, std=0.02)
        self.positions = nn.Parameter(torch.randn(MAX_TOKENS, width) * 0.02)
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, 0.1, "gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.out = nn.Linear(width, TEXT_DIM)

    def forward(self, ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
        """Hidden states [B, T, D] of token ids int64 [B, T]."""
        x = self.words(ids_BT) + self.positions[: ids_BT.shape[1]]
        return self.out(self.layers(x, src_key_padding_mask=~mask_BT))


class LiveTextTask(EncoderTask):
    """The encoder's task with a text tower that runs, and learns, in the loop; the text cache is not read."""

    def __init__(self, config: EncoderConfig, stores: Any, text: nn.Module, **kwargs: Any) -> None:
        super().__init__(config, stores, **kwargs)
        self.text, self.tokenizer = text, TextTower()

    def modules(self) -> dict[str, nn.Module]:
        """The encoder and its text tower."""
        return {"encoder": self.encoder, "text": self.text}

    def _features(self, captions: Sequence[str]) -> dict[str, Tensor]:
        ids = self.tokenizer.token_ids(captions)
        longest = max(map(len, ids))
        tokens = torch.tensor([i + [0] * (longest - len(i)) for i in ids])
        mask = torch.arange(longest) < torch.tensor([len(i) for i in ids])[:, None]
        return {"tokens": tokens, "mask": mask, "pooled": torch.zeros(0)}

    def _run(self, text: dict[str, Any]) -> TextFeatures:
        tokens = self.text(text["tokens"], text["mask"]) * text["mask"][..., None]
        return TextFeatures(tokens=tokens, mask=text["mask"], pooled=mean_pool(tokens, text["mask"]))

    def _embed(self, text: dict[str, Any]) -> Tensor:
        return self.encoder.text_features(self._run(text))

    def _texts(self, encoder: Encoder, captions: Sequence[str]) -> Tensor:
        with torch.no_grad():
            parts = [captions[i : i + 256] for i in range(0, len(captions), 256)]
            return torch.cat([encoder.text_features(self._run(self._features(part))) for part in parts])
