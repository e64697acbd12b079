"""The calls of a drawing make what `Denoiser.predict` makes."""

from dataclasses import replace

import pytest
import torch

from pixelmind.encoder.text_tower import TextFeatures
from pixelmind.generator.conditioning import make_condition
from pixelmind.generator.denoiser import NUM_REGIONS, Condition, Denoiser, DenoiserConfig
from pixelmind.generator.stepper import Stepper, packed

NETWORK = DenoiserConfig(width=32, depth=3, heads=2, references=16, layout=4, cell_features=8)
BF16 = torch.backends.cpu.get_cpu_capability().startswith("AVX512") and torch.cpu._is_avx512_bf16_supported()


def woken(config: DenoiserConfig = NETWORK) -> Denoiser:
    torch.manual_seed(0)
    net = Denoiser(config)
    for p in net.parameters():
        if not p.any():
            torch.nn.init.normal_(p, std=0.1)
    return net.requires_grad_(False).eval()


def told(rows: int, side: int, layout: bool = True) -> Condition:
    rng = torch.Generator().manual_seed(1)
    mask = torch.ones(rows, 6, dtype=torch.bool)
    mask[0, 4:] = False
    pooled, tokens = torch.randn(rows, 384, generator=rng) / 20, torch.randn(rows, 6, 384, generator=rng)
    text = TextFeatures(tokens=tokens, mask=mask, pooled=pooled)
    shown = [[torch.rand(4, 32, 32, generator=rng).numpy()] * (1 + row % 2) for row in range(rows)]
    cond = make_condition(text, [(side, side)] * rows, [1] * rows, [2] * rows, [None] * rows, shown)
    if layout:
        cond = replace(cond, layout=torch.randint(0, NUM_REGIONS + 1, (rows, side, side), generator=rng))
    return cond


@pytest.mark.parametrize(("side", "layout"), [(16, True), (16, False), (48, True)])
def test_a_step_is_a_prediction(side: int, layout: bool) -> None:
    net, cond = woken(), told(3, side, layout)
    x, t = torch.randn(3, 4, side, side), torch.full((3,), 0.4)
    step = Stepper(net)
    for _ in range(2):  # what is kept from the first call serves the second
        (canvas, cells), (wanted, features) = step(x, t, cond), net.predict(x, t, cond)
        torch.testing.assert_close(canvas, wanted, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(cells, features, atol=1e-5, rtol=1e-4)
        x, t = torch.randn(3, 4, side, side), torch.full((3,), 0.1)
    fewer = cond.rows(torch.tensor([0, 2]))
    torch.testing.assert_close(step(x[[0, 2]], t[:2], fewer)[0], step(x, t, cond)[0][[0, 2]], atol=1e-5, rtol=1e-4)


def test_heads_are_read_at_low_noise_only_and_a_stem_is_called_as_it_is() -> None:
    net, cond, x = woken(), told(1, 16), torch.randn(1, 4, 16, 16)
    step = Stepper(net, heads_at=0.1)
    assert step(x, torch.tensor([0.2]), cond)[1] is None
    assert step(x, torch.tensor([0.1]), cond)[1] is not None
    stem = woken(replace(NETWORK, stem=8))
    (canvas, _), t = Stepper(stem)(x, torch.tensor([0.3]), cond), torch.tensor([0.3])
    assert torch.equal(canvas, stem.predict(x, t, cond)[0])


@pytest.mark.skipif(not BF16, reason="no bf16 products on this processor")
def test_packed_weights_follow_the_weights() -> None:
    net, cond = woken(), told(2, 16)
    net.blocks.to(torch.bfloat16)
    x, t = torch.randn(2, 4, 16, 16), torch.full((2,), 0.4)

    def both() -> tuple[torch.Tensor, torch.Tensor]:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            return Stepper(net)(x, t, cond)[0], net.predict(x, t, cond)[0]

    first = both()
    assert (first[0] - first[1]).abs().mean() < 0.02 * first[1].std()
    layer = net.blocks[0].qkv
    kept = packed(layer)
    assert kept is not None
    assert packed(layer) is kept
    layer.weight.mul_(3)
    assert packed(layer) is not kept
    second = both()
    assert (second[0] - second[1]).abs().mean() < 0.02 * second[1].std()
    assert (second[0] - first[0]).abs().mean() > 0.02 * first[1].std()
