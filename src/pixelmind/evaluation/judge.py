"""The judge: an independent text-image encoder that only measures (a CLIP dual encoder, Radford et al. 2021, fig. 3).

Independent by construction: another architecture than the encoder room's (a plain residual CNN, He et al. 2016, on
canvases pasted at an integer scale), another text head (hashed word and letter n-grams as in Bojanowski et al. 2017,
§3.2, beside the frozen public MiniLM sentence vector, which nobody here trains), another seed, and another split:
`judge` only. The picture's size is not an input: sizes follow sources, and a ruler must rank by what is drawn.

Shape legend: B pictures, [B, 64, 64, 4] uint8 premultiplied canvases; D = `embed_dim`; P = pooled trunk features.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.records import U8
from pixelmind.training.config import build

if TYPE_CHECKING:
    from pixelmind.encoder.text_tower import TextTower

CANVAS = 64
SENTENCE_DIM = 384
MAX_GRAMS = 96
PART = "judge"


@dataclass(frozen=True, kw_only=True)
class JudgeArchitecture:
    """Shape of the judge's two towers."""

    widths: tuple[int, int, int, int] = (32, 64, 128, 224)  # channels at 32, 16, 8 and 4 px
    blocks: tuple[int, int, int, int] = (1, 1, 2, 1)
    embed_dim: int = 160
    num_buckets: int = 8192  # rows of the hashed n-gram table
    gram_dim: int = 96

    def __post_init__(self) -> None:
        if len(self.widths) != 4 or len(self.blocks) != 4:
            raise BadInput("judge widths and blocks need four numbers each")
        if min(*self.widths, self.embed_dim, self.num_buckets, self.gram_dim) < 1:
            raise BadInput("judge sizes must be positive")


def to_canvas(rgba: U8) -> U8:
    """Paste uint8 [H, W, 4] on the middle of a clear [64, 64, 4] canvas, premultiplied.

    The scale is a whole number: up by nearest neighbour as far as fits, or down by block means where a side passes 64
    px.
    """
    height, width = rgba.shape[:2]
    x = rgba.astype(np.float32)
    x[..., :3] *= x[..., 3:] / 255
    if max(height, width) > CANVAS:
        k = -(-max(height, width) // CANVAS)
        x = np.pad(x, ((0, -height % k), (0, -width % k), (0, 0)))
        x = x.reshape(x.shape[0] // k, k, x.shape[1] // k, k, 4).mean(axis=(1, 3))
    else:
        k = CANVAS // max(height, width)
        x = x.repeat(k, axis=0).repeat(k, axis=1)
    out: U8 = np.zeros((CANVAS, CANVAS, 4), dtype=np.uint8)
    top, left = (CANVAS - x.shape[0]) // 2, (CANVAS - x.shape[1]) // 2
    out[top : top + x.shape[0], left : left + x.shape[1]] = np.rint(x)
    return out


def hashed_grams(text: str, num_buckets: int) -> list[int]:
    """Return bucket numbers 1..num_buckets of a text's words, word pairs and letter trigrams (crc32), at most
    MAX_GRAMS.
    """
    words = re.findall(r"[a-z0-9']+", text.lower())
    grams = words + [f"{a} {b}" for a, b in itertools.pairwise(words)]
    grams += [f"#{w[i : i + 3]}" for w in (f"<{w}>" for w in words) for i in range(len(w) - 2)]
    return [1 + zlib.crc32(g.encode()) % num_buckets for g in grams[:MAX_GRAMS]]


def gram_batch(texts: Sequence[str], num_buckets: int) -> Tensor:
    """Return int64 [B, G] bucket numbers, 0 where padded."""
    rows = [hashed_grams(t, num_buckets) for t in texts]
    out = np.zeros((len(rows), max(1, *(len(r) for r in rows))) if rows else (0, 1), dtype=np.int64)
    for i, r in enumerate(rows):
        out[i, : len(r)] = r
    return torch.from_numpy(out)


class _Residual(nn.Module):
    """Pre-activation residual block (He et al. 2016b) with group normalisation; halves the side where `stride` is 2."""

    def __init__(self, cin: int, cout: int, stride: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, cin), nn.GroupNorm(8, cout)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.skip = nn.Conv2d(cin, cout, 1, bias=False) if cin != cout else nn.Identity()
        self.pool = nn.AvgPool2d(2) if stride == 2 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return self.skip(self.pool(x)) + h


class ImageTower(nn.Module):
    """uint8 [B, 64, 64, 4] premultiplied -> mean-pooled [B, P] (P = last width) and embedding [B, D], not
    normalised.
    """

    def __init__(self, config: JudgeArchitecture) -> None:
        super().__init__()
        w = config.widths
        layers: list[nn.Module] = []
        for level, (width, count) in enumerate(zip(w, config.blocks)):
            cin = w[max(level - 1, 0)]
            for i in range(count):
                layers.append(_Residual(cin if i == 0 else width, width, 2 if level and i == 0 else 1))
        self.stem = nn.Conv2d(4, w[0], 4, 2, 1)
        self.blocks = nn.Sequential(*layers)
        self.norm = nn.GroupNorm(8, w[-1])
        self.out = nn.Sequential(nn.LayerNorm(2 * w[-1]), nn.Linear(2 * w[-1], config.embed_dim))

    def forward(self, canvas: Tensor) -> tuple[Tensor, Tensor]:
        x = canvas.permute(0, 3, 1, 2).to(memory_format=torch.channels_last).float() / 127.5 - 1
        h = F.silu(self.norm(self.blocks(self.stem(x)))).float()
        mean = h.mean(dim=(2, 3))
        return mean, self.out(torch.cat([mean, h.amax(dim=(2, 3))], dim=1))


class TextHead(nn.Module):
    """Hashed grams int64 [B, G] and frozen sentence vectors [B, 384] -> embedding [B, D], not normalised."""

    def __init__(self, config: JudgeArchitecture) -> None:
        super().__init__()
        self.grams = nn.Embedding(config.num_buckets + 1, config.gram_dim, padding_idx=0)
        nn.init.normal_(self.grams.weight, std=0.3)
        with torch.no_grad():
            self.grams.weight[0] = 0
        self.hidden = nn.Linear(config.gram_dim + SENTENCE_DIM, 384)
        self.out = nn.Linear(384, config.embed_dim)
        self.direct = nn.Linear(config.gram_dim + SENTENCE_DIM, config.embed_dim, bias=False)
        self.dropout = nn.Dropout(0.1)

    def forward(self, grams: Tensor, sentence: Tensor) -> Tensor:
        count = (grams > 0).sum(dim=1, keepdim=True).clamp(min=1)
        bag = self.grams(grams).sum(dim=1) / count.sqrt()
        x = self.dropout(torch.cat([bag, sentence * SENTENCE_DIM**0.5 / 2], dim=1))
        out: Tensor = self.direct(x) + self.out(F.silu(self.hidden(x)))
        return out


class JudgeNet(nn.Module):
    """Both towers and the learned temperature."""

    def __init__(self, config: JudgeArchitecture) -> None:
        super().__init__()
        self.config = config
        self.image = ImageTower(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.text = TextHead(config)
        self.logit_scale = nn.Parameter(torch.tensor(float(np.log(1 / 0.07))))


def info_nce(image: Tensor, text: Tensor, logit_scale: Tensor, same: Tensor) -> Tensor:
    """Symmetric InfoNCE (van den Oord et al. 2018, eq. 4; Radford et al. 2021, fig. 3) with shared positives.

    Args:
        image, text: [B, D] unit-length embeddings of B pairs.
        logit_scale: log of 1/temperature, clamped to [0, log 100].
        same: bool [B, B], pairs that mean the same (equal captions, same cluster); they share the target mass.
    """
    logits = logit_scale.clamp(0, float(np.log(100.0))).exp() * image @ text.T
    target = same.float() / same.sum(dim=1, keepdim=True)
    rows = -(target * logits.log_softmax(dim=1)).sum(dim=1).mean()
    cols = -(target * logits.T.log_softmax(dim=1)).sum(dim=1).mean()
    return (rows + cols) / 2


class Judge:
    """The trained ruler. `image_features` and `text_features` are unit-length; `pooled_features` feed FID and KID."""

    def __init__(self, net: JudgeNet, card: dict[str, Any] | None = None) -> None:
        self.net = net.eval()
        self.card = card or {}
        self._tower: TextTower | None = None
        self._sentences: dict[str, Tensor] = {}  # frozen sentence vectors already made

    @torch.inference_mode()
    def _images(self, pictures: Sequence[U8], batch: int = 128) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        device = self.net.logit_scale.device
        pooled, embedded = [], []
        for i in range(0, len(pictures), batch):
            canvas = torch.from_numpy(np.stack([to_canvas(p) for p in pictures[i : i + batch]])).to(device)
            p, e = self.net.image(canvas)
            pooled.append(p.float().cpu().numpy())
            embedded.append(F.normalize(e.float(), dim=1).cpu().numpy())
        if not pooled:
            c = self.net.config
            return np.zeros((0, c.widths[-1]), np.float32), np.zeros((0, c.embed_dim), np.float32)
        return np.concatenate(pooled), np.concatenate(embedded)

    def image_features(self, pictures: Sequence[U8]) -> NDArray[np.float32]:
        """Return unit-length embeddings float32 [N, D] of uint8 RGBA canvases of any size."""
        return self._images(pictures)[1]

    def pooled_features(self, pictures: Sequence[U8]) -> NDArray[np.float32]:
        """Return trunk features float32 [N, P] before the text-facing projection: what FID and KID are taken in."""
        return self._images(pictures)[0]

    @torch.inference_mode()
    def text_features(self, texts: Sequence[str], batch: int = 512) -> NDArray[np.float32]:
        """Return unit-length embeddings float32 [N, D] of texts."""
        device = self.net.logit_scale.device
        out = [np.zeros((0, self.net.config.embed_dim), np.float32)]
        for i in range(0, len(texts), batch):
            part = list(texts[i : i + batch])
            grams = gram_batch(part, self.net.config.num_buckets).to(device)
            sentence = self._encode(part).to(device)
            out.append(F.normalize(self.net.text(grams, sentence).float(), dim=1).cpu().numpy())
        return np.concatenate(out)

    def _encode(self, texts: list[str]) -> Tensor:
        """Frozen MiniLM sentence vectors float32 [B, 384], each text encoded once."""
        from pixelmind.encoder.text_tower import TextTower

        new = [t for t in dict.fromkeys(texts) if t not in self._sentences]
        if new:
            self._tower = self._tower or TextTower()
            self._sentences |= dict(zip(new, self._tower.encode(new).pooled))
        return torch.stack([self._sentences[t] for t in texts])

    def save(self, folder: Path | str) -> Path:
        """Put the judge into the bundle at `folder` (made where there is none) as fp16 part "judge", with its card."""
        from pixelmind.training.weights import Bundle

        Bundle.create(folder).put(PART, self.net.state_dict(), architecture=asdict(self.net.config), card=self.card)
        return Path(folder)

    @classmethod
    def load(cls, folder: Path | str) -> Judge:
        """Read a judge from a bundle: the released one, or a folder that holds nothing else.

        Raises:
            BadInput: no bundle or no judge in `folder`.
            CorruptFile: the weights do not match their recorded hash.
        """
        from pixelmind.training.weights import Bundle

        bundle = Bundle(folder)
        if PART not in bundle:
            raise BadInput(f"no judge in {folder}; train one with: pixelmind train judge --data STORE --out {folder}")
        tensors, about = bundle.get(PART)
        net = JudgeNet(build(JudgeArchitecture, about["architecture"]))
        try:
            net.load_state_dict(tensors, strict=True)
        except RuntimeError as error:
            raise CorruptFile(f"the judge in {folder} does not fit its recorded shape; train it again") from error
        return cls(net, {**about["card"], "sha256": about["sha256"]})
