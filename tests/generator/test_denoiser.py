from dataclasses import replace

import numpy as np
import pytest
import torch

from pixelmind.encoder.text_tower import TextFeatures
from pixelmind.errors import BadInput
from pixelmind.generator.conditioning import Vocabulary, make_condition, palette_tensors, spread_colors
from pixelmind.generator.denoiser import Condition, Denoiser, DenoiserConfig

TINY = DenoiserConfig(width=32, depth=2, heads=2, stem=8)
RED_BLUE = np.array([[255, 0, 0], [0, 0, 255]], dtype=np.uint8)


def condition(batch: int = 2) -> Condition:
    rng = torch.Generator().manual_seed(0)
    mask = torch.ones(batch, 5, dtype=torch.bool)
    mask[0, 3:] = False
    text = TextFeatures(
        tokens=torch.randn(batch, 5, 384, generator=rng), mask=mask, pooled=torch.randn(batch, 384, generator=rng) / 20
    )
    return make_condition(text, [(16, 12)] * batch, [1] * batch, [2] * batch, [RED_BLUE] + [None] * (batch - 1))


def woken(config: DenoiserConfig = TINY) -> Denoiser:
    """A network whose zero-initialised layers are not zero, so that every input can matter."""
    torch.manual_seed(0)
    net = Denoiser(config)
    for p in net.parameters():
        if not p.any():
            torch.nn.init.normal_(p, std=0.1)
    return net.eval()


def test_output_has_the_input_size_for_any_whole_patches() -> None:
    net = woken()
    for h, w in ((16, 16), (8, 32), (36, 20)):
        assert net(torch.randn(2, 4, h, w), torch.rand(2), condition()).shape == (2, 4, h, w)


@pytest.mark.parametrize("part", ["text", "style", "kind", "palette"])
def test_each_condition_matters_and_can_be_forgotten(part: str) -> None:
    net, cond = woken(), condition()
    x, t = torch.randn(2, 4, 16, 16, generator=torch.Generator().manual_seed(1)), torch.tensor([0.5, 0.5])
    forgotten = cond.without(torch.tensor([True, False]), part)
    told, blind = net(x, t, cond), net(x, t, forgotten)
    assert not torch.allclose(told[0], blind[0], atol=1e-5)
    torch.testing.assert_close(told[1], blind[1], atol=1e-5, rtol=1e-4)


def test_hidden_tokens_do_not_matter() -> None:
    net, cond = woken(), condition()
    x, t = torch.randn(2, 4, 16, 16), torch.tensor([0.5, 0.5])
    noisy = cond.text.clone()
    noisy[0, 3:] = 50
    torch.testing.assert_close(net(x, t, cond), net(x, t, replace(cond, text=noisy)), atol=1e-5, rtol=1e-4)


def test_a_window_sees_its_place_in_the_frame() -> None:
    net, cond = woken(), condition()
    x, t = torch.randn(2, 4, 16, 16), torch.tensor([0.5, 0.5])
    here, there = net(x, t, cond, (0, 0, 16, 16, 32, 32)), net(x, t, cond, (16, 16, 16, 16, 32, 32))
    assert not torch.allclose(here, there, atol=1e-5)


def test_a_tiny_network_learns_to_denoise_one_picture() -> None:
    torch.manual_seed(0)
    net, cond = Denoiser(TINY), condition()
    target = torch.sign(torch.randn(1, 4, 16, 16)).expand(2, -1, -1, -1)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    errors = []
    for _ in range(60):
        z, t = torch.randn(2, 4, 16, 16), torch.rand(2).clamp(0.2, 1)
        s = t[:, None, None, None]
        loss = (net((1 - s) * target + s * z, t, cond) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors.append(loss.item())
    assert sum(errors[-5:]) < 0.5 * sum(errors[:5])


def test_palette_tensors_pad_and_mask() -> None:
    lab, mask = palette_tensors([RED_BLUE, None, RED_BLUE[:1]])
    assert lab.shape == (3, 2, 3)
    assert mask.tolist() == [[True, True], [False, False], [True, False]]
    assert palette_tensors([None, None])[0].shape == (2, 0, 3)


def test_spread_colors_keeps_extremes() -> None:
    ramp = np.stack([np.arange(256, dtype=np.uint8)] * 3, axis=1)
    picked = spread_colors(ramp, 4)
    assert len(picked) == 4
    assert picked[0, 0] == 0
    assert picked[-1, 0] == 255


def test_vocabulary_grows_without_moving_what_is_there() -> None:
    v = Vocabulary(("crawl", "lpc")).extend(["ultica", "crawl"])
    assert v.styles == ("crawl", "lpc", "ultica")
    assert (v.style("crawl"), v.style("ultica"), v.style(None), v.style("nope")) == (1, 3, 0, 0)
    with pytest.raises(BadInput, match="at most"):
        Vocabulary(tuple(str(i) for i in range(200)))


def test_config_refuses_a_width_its_heads_do_not_divide() -> None:
    with pytest.raises(BadInput, match="heads"):
        DenoiserConfig(width=30, heads=4)
