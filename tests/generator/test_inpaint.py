"""Changing a picture: what stays, stays bit for bit, at every size, strength and region."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.generator.denoiser import Condition
from pixelmind.generator.inpaint import Source, known_frames, outpaint
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.generator.sampler import sample
from pixelmind.records import Conditioning, GenerationRequest, Sprite


@pytest.fixture(scope="module")
def pipe(bundle_dir: Path) -> PixelPipeline:
    return load(bundle_dir)


def picture(height: int, width: int, seed: int = 0) -> Sprite:
    rng = np.random.default_rng(seed)
    rgba = rng.choice(np.array([(200, 30, 30, 255), (20, 40, 90, 255), (0, 0, 0, 0)], np.uint8), (height, width))
    return Sprite.from_rgba(rgba)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(8, 100), st.integers(8, 72), st.floats(0.05, 1), st.integers(0, 99), st.booleans())
def test_cells_outside_the_region_are_bit_identical(
    pipe: PixelPipeline, h: int, w: int, strength: float, seed: int, told: bool
) -> None:
    source, rng = picture(h, w, seed), np.random.default_rng(seed)
    region = np.zeros((h, w), np.uint8)
    top, left = int(rng.integers(h)), int(rng.integers(w))
    region[top : top + int(rng.integers(1, h + 1)), left : left + int(rng.integers(1, w + 1))] = 1
    palette = "gameboy" if told else None
    out = pipe("a red disc", image=source, region=region, strength=strength, palette=palette, num_inference_steps=4)
    before, after = source.rgba(), out.sprites[0].rgba()
    assert np.array_equal(before[region == 0], after[region == 0])
    assert after.shape == before.shape
    assert set(np.unique(after[..., 3])) <= {0, 255}


def test_the_sampler_keeps_what_is_known_exactly() -> None:
    def predict(x: torch.Tensor, t: torch.Tensor, cond: Condition) -> tuple[torch.Tensor, None]:
        return torch.full_like(x[:, :4], 0.5), None

    canvas, keep = torch.full((1, 4, 4, 4), -0.25), torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    keep[..., :2] = True
    empty = torch.zeros(1, 0)
    cond = Condition(**dict.fromkeys(Condition.__annotations__, empty))
    for start in (1.0, 0.3):
        out, _ = sample(
            predict, torch.randn(1, 4, 4, 4), cond, num_inference_steps=5, known=canvas, keep=keep, start=start
        )
        assert torch.equal(out[..., :2], canvas[..., :2])
        assert torch.equal(out[..., 2:], torch.full((1, 4, 4, 2), 0.5))


def test_less_strength_stays_nearer() -> None:
    """A network that believes half of what it sees: the less noise it starts from, the nearer the picture stays."""

    def predict(x: torch.Tensor, t: torch.Tensor, cond: Condition) -> tuple[torch.Tensor, None]:
        return x * 0.5, None

    known = torch.full((1, 4, 4, 4), 0.8)
    cond = Condition(**dict.fromkeys(Condition.__annotations__, torch.zeros(1, 0)))
    noise = torch.randn(1, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    gaps = [
        float((sample(predict, noise, cond, num_inference_steps=1, known=known, start=s)[0] - known).abs().mean())
        for s in (0.05, 0.5, 1.0)
    ]
    assert gaps == sorted(gaps)
    assert gaps[0] < gaps[2]


def test_a_coarse_cell_is_kept_when_no_part_of_it_is_drawn_anew() -> None:
    source = picture(32, 32)
    region = np.zeros((32, 32), np.uint8)
    region[5, 9] = 1
    request = GenerationRequest(
        conditioning=Conditioning(prompt="x", height=32, width=32), source=source, region=region
    )
    found = known_frames([Source.of(request), None], [(16, 16), (16, 16)], (16, 16))
    assert found is not None
    canvas, keep = found
    assert [tuple(cell) for cell in torch.nonzero(~keep[0, 0]).tolist()] == [(2, 4)]
    assert not keep[1].any()
    assert canvas.shape == (2, 4, 16, 16)
    assert known_frames([None], [(16, 16)], (16, 16)) is None


def test_outpainting_keeps_the_picture(pipe: PixelPipeline) -> None:
    source = picture(16, 20)
    canvas, region = outpaint(source, 32, 40, 10, 12)
    out = pipe("a disc", image=canvas, region=region, num_inference_steps=4).sprites[0].rgba()
    assert np.array_equal(out[10:26, 12:32], source.rgba())
    with pytest.raises(BadInput, match="does not fit"):
        outpaint(source, 32, 24, 0, 8)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"strength": 0.0}, "strength"),
        ({"strength": float("nan")}, "strength"),
        ({"region": np.zeros((16, 16), np.uint8)}, "empty"),
        ({"region": np.ones((16, 8), np.uint8)}, "one size"),
        ({"size": (16, 24)}, "asked are 24x16"),
        ({"image": None, "strength": 0.5}, "needs a picture"),
    ],
)
def test_bad_wishes_are_refused(pipe: PixelPipeline, changes: dict, hint: str) -> None:
    with pytest.raises(BadInput, match=hint):
        pipe("a disc", **({"image": picture(16, 16)} | changes))
