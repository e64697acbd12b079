"""Dropping candidates: who goes on, and that nobody else's row moves."""

from typing import Any, cast

import numpy as np
import pytest
import torch

from pixelmind.encoder.model import Encoder
from pixelmind.generator.candidates import ROUNDS, Candidates, with_style
from pixelmind.generator.denoiser import Condition
from pixelmind.generator.sampler import sample
from pixelmind.records import Sprite


class ByRed:
    """Ranks by red in place of an encoder."""

    def encode_images(self, images: list[Any]) -> torch.Tensor:
        return torch.tensor([[float(i[..., 0].mean()) / 255] for i in images])


def frames(*reds: float) -> torch.Tensor:
    out = torch.full((len(reds), 4, 16, 16), -1.0)
    out[:, 3] = 1
    for row, red in enumerate(reds):
        out[row, 0] = red
    return out


def test_rounds_drop_all_but_the_best_of_each_picture() -> None:
    words = torch.ones(2, 1)
    contest = Candidates(ByRed(), words, [(16, 16), (8, 8)], 4)  # type: ignore[arg-type]
    shown = frames(-0.5, 0.9, 0.1, 0.5, 0.2, 0.8, -0.9, 0.4)
    assert contest(1.0, shown) is None
    picks = contest(ROUNDS[0][0], shown)
    assert picks is not None
    assert picks.tolist() == [1, 3, 5, 7]
    assert contest.rows == [1, 3, 5, 7]
    assert contest(0.8, shown[picks]) is None
    last = contest(0.0, shown[picks])
    assert last is not None
    assert last.tolist() == [0, 2]
    assert contest.rows == [1, 5]


def test_one_candidate_needs_no_encoder() -> None:
    contest = Candidates(None, torch.ones(3, 1), [(16, 16)] * 3, 1)
    assert contest(0.0, frames(0, 0, 0)) is None
    assert contest.rows == [0, 1, 2]


def told(rows: int) -> Condition:
    row = torch.arange(rows, dtype=torch.float32)
    none = torch.zeros(rows, 0, dtype=torch.bool)
    return Condition(
        text=torch.zeros(rows, 0, 384),
        text_mask=none,
        pooled=row[:, None],
        size=torch.zeros(rows, 2),
        style=torch.zeros(rows, dtype=torch.long),
        kind=torch.zeros(rows, dtype=torch.long),
        palette=torch.zeros(rows, 0, 3),
        palette_mask=none,
        augment=torch.zeros(rows),
        references=torch.zeros(rows, 0, 4, 32, 32),
        reference_mask=none,
        layout=torch.zeros(rows, 0, 0, dtype=torch.long),
    )


def test_rows_that_go_on_are_drawn_as_if_alone() -> None:
    def predict(x: torch.Tensor, t: torch.Tensor, cond: Condition) -> tuple[torch.Tensor, torch.Tensor]:
        out = 0.5 * x + 0.1 * cond.pooled[:, :1, None, None] + 0.05 * t[:, None, None, None]
        return out, out[:, :1]

    noise, cond = torch.randn(6, 4, 4, 4, generator=torch.Generator().manual_seed(0)), told(6)
    known, keep = torch.rand(6, 4, 4, 4), torch.rand(6, 1, 4, 4) > 0.7
    how: dict[str, Any] = {"num_inference_steps": 6, "guidance_scale": 2.0}
    whole, cells = sample(predict, noise, cond, negative=told(6), known=known, keep=keep, **how)
    drops = iter([None, torch.tensor([1, 2, 5]), None, torch.tensor([0, 2])])
    narrow = lambda t, x: next(drops, None)  # noqa: E731
    part, own = sample(predict, noise, cond, negative=told(6), known=known, keep=keep, narrow=narrow, **how)
    assert torch.equal(part, whole[[1, 5]])
    assert own is not None
    assert cells is not None
    assert torch.equal(own, cells[[1, 5]])


def test_references_join_what_is_wanted() -> None:
    red, blue = (np.zeros((20, 24, 4), np.uint8) + np.array(c, np.uint8) for c in ((250, 0, 0, 255), (0, 0, 250, 255)))
    words, encoder = torch.zeros(3, 1), cast(Encoder, ByRed())
    wanted = with_style(encoder, words, [[], [Sprite.from_rgba(red)], [Sprite.from_rgba(red), Sprite.from_rgba(blue)]])
    assert wanted[:, 0].tolist() == pytest.approx([0, 250 / 255, 125 / 255], abs=0.01)
    assert not words.any()
