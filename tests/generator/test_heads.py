"""Reference sprites, layouts, the palette head and the region head: by hand, then by property."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generator.conftest import disc

from pixelmind.encoder.text_tower import TextFeatures
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.canvas import to_canvas
from pixelmind.generator.conditioning import layout_frames, make_condition, region_frame
from pixelmind.generator.denoiser import Condition, Denoiser, DenoiserConfig
from pixelmind.generator.losses import region_loss
from pixelmind.generator.palette_head import PaletteHead, cell_colors, oklab, palette_loss
from pixelmind.generator.pipeline import PixelPipeline
from pixelmind.generator.references import (
    MAX_REFERENCES,
    REFERENCE_PX,
    reference_canvas,
    reference_tensors,
    with_shared_palette,
)
from pixelmind.generator.task import color_choices, partial_layout, recolor
from pixelmind.pixels import palettes, quantize
from pixelmind.pixels.coherence import cohere
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import Conditioning, GenerationRequest, Palette, Sprite

SHAPE = DenoiserConfig(width=32, depth=2, heads=2, references=16, layout=4, cell_features=8)


def words(batch: int) -> TextFeatures:
    rng = torch.Generator().manual_seed(3)
    tokens = torch.randn(batch, 3, 384, generator=rng)
    return TextFeatures(tokens=tokens, mask=torch.ones(batch, 3, dtype=torch.bool), pooled=tokens.mean(1))


def told(batch: int, **parts: object) -> Condition:
    return make_condition(words(batch), [(16, 16)] * batch, [1] * batch, [1] * batch, [None] * batch, **parts)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------ references
@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 20), (32, 32), (33, 31), (64, 200)])
def test_a_reference_is_seen_at_native_size(height: int, width: int) -> None:
    rgba = np.random.default_rng(0).integers(1, 256, (height, width, 4), dtype=np.uint8)
    rgba[..., 3] = 255
    canvas = reference_canvas(rgba)
    assert canvas.shape == (4, REFERENCE_PX, REFERENCE_PX)
    assert int((canvas[3] > 0).sum()) == min(height, REFERENCE_PX) * min(width, REFERENCE_PX)


def test_a_reference_shows_the_middle_of_what_is_there() -> None:
    rgba = np.zeros((200, 100, 4), np.uint8)
    rgba[150:160, 80:90] = 255
    assert int((reference_canvas(rgba)[3] > 0).sum()) == 100
    assert (reference_canvas(np.zeros((9, 9, 4), np.uint8)) == -1).all()


def test_references_change_what_is_drawn_and_padding_does_not() -> None:
    torch.manual_seed(0)
    net = Denoiser(SHAPE)
    for p in net.parameters():  # nothing stays at its zero start
        torch.nn.init.normal_(p, std=0.05)
    one, two = (reference_canvas(disc(color, 24, 24, 0.8)) for color in ("red", "blue"))
    x, t = torch.randn(2, 4, 16, 16), torch.full((2,), 0.5)
    alone = net(x[:1], t[:1], told(1, references=[[one]]))
    padded = net(x, t, told(2, references=[[one], [one, two]]))
    torch.testing.assert_close(padded[:1], alone, atol=1e-5, rtol=1e-5)
    none = net(x[:1], t[:1], told(1))
    assert not torch.allclose(alone, none, atol=1e-4)
    cond = told(2, references=[[one], [two]])
    forgotten = cond.without(torch.tensor([True, True]), "references")
    torch.testing.assert_close(net(x, t, forgotten)[:1], none, atol=1e-5, rtol=1e-5)
    swapped = net(x[:1], t[:1], told(1, references=[[two, one]]))
    torch.testing.assert_close(swapped, net(x[:1], t[:1], told(1, references=[[one, two]])), atol=1e-5, rtol=1e-5)


def test_a_new_input_leaves_older_weights_as_they_were() -> None:
    torch.manual_seed(0)
    old = Denoiser(dataclasses.replace(SHAPE, references=0, layout=0, cell_features=0))
    torch.nn.init.normal_(old.output.weight, std=0.1)
    new = Denoiser(SHAPE)
    new.load_state_dict(old.state_dict(), strict=False)
    x, t = torch.randn(1, 4, 16, 16), torch.full((1,), 0.7)
    layout = torch.ones(1, 16, 16, dtype=torch.long)
    torch.testing.assert_close(new(x, t, told(1, layout=layout)), old(x, t, told(1)))


def test_reference_tensors_pad() -> None:
    canvas = np.ones((4, REFERENCE_PX, REFERENCE_PX), np.float32)
    shown, mask = reference_tensors([[canvas], [], [canvas, canvas]])
    assert shown.shape == (3, 2, 4, REFERENCE_PX, REFERENCE_PX)
    assert mask.tolist() == [[True, False], [False, False], [True, True]]
    assert reference_tensors([[], []])[0].shape[1] == 0


def test_references_of_one_fixed_palette_bring_it() -> None:
    def ask(colors: list[list[int]], **also: object) -> GenerationRequest:
        shown = tuple(quantize.to_num_colors(np.array([[[*c, 255]] * 8] * 8, np.uint8), 255) for c in colors)
        return GenerationRequest(conditioning=Conditioning(prompt="x", height=8, width=8, references=shown, **also))  # type: ignore[arg-type]

    three = [[0, 0, 0], [255, 0, 0], [0, 0, 255]]
    found = with_shared_palette(ask(three)).conditioning.palette
    assert found is not None
    assert sorted(found.colors.tolist()) == sorted(three)
    few = ask(three[:2])
    assert with_shared_palette(few) is few  # two pictures may be alike by chance
    many = ask(three)
    row = np.array([[[i, 0, 0, 255] for i in range(15)]] * 8, np.uint8)  # 3 and 14 more
    wide = dataclasses.replace(
        many.conditioning, references=(*many.conditioning.references, quantize.to_num_colors(row, 255))
    )
    many = dataclasses.replace(many, conditioning=wide)
    assert with_shared_palette(many) is many
    budget = ask(three, max_colors=8)
    assert with_shared_palette(budget) is budget  # more colours are asked than they have
    own = ask(three, palette=palettes.resolve("gameboy"))
    assert with_shared_palette(own) is own


def test_recolouring_keeps_shapes_and_gives_a_style_one_palette() -> None:
    pictures = [disc(c, 16, 16, r) for c in ("red", "blue", "green") for r in (0.7, 0.9)]
    out = recolor(pictures, ["a", "a", "a", "a", "b", "b"], np.random.default_rng(4))
    for before, after in zip(pictures, out):
        assert np.array_equal(before[..., 3], after[..., 3])
    assert out[0].shape == (16, 16, 4)
    again = recolor(pictures, ["a", "a", "a", "a", "b", "b"], np.random.default_rng(4))
    assert all(np.array_equal(x, y) for x, y in zip(out, again))


# ---------------------------------------------------------------------------------------------------------- layout
def test_region_frames_take_the_middle_of_each_cell() -> None:
    regions = np.zeros((32, 16), np.uint8)
    regions[16:] = 7
    frame = region_frame(regions, 16, (16, 16))
    assert frame[:, :4].max() == -1  # 16 x 8, in the middle of the frame
    assert (frame[:8, 4:12] == 0).all()
    assert (frame[8:, 4:12] == 7).all()
    assert (region_frame(None, 16, (16, 16)) == -1).all()
    assert layout_frames([None, None], 16, (16, 16)).shape == (2, 0, 0)
    assert layout_frames([regions, None], 16, (16, 16))[1].max() == 0


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_partial_layout_tells_nothing_false(drop: float, drop_region: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = torch.from_numpy(rng.integers(-1, 9, (3, 4, 5)))
    layout = partial_layout(parts, drop, drop_region, rng)
    assert ((layout == 0) | (layout == parts + 1)).all()
    assert (layout[parts < 0] == 0).all()
    if drop == drop_region == 0:
        assert torch.equal(layout, parts + 1)


# ---------------------------------------------------------------------------------------------------- palette head
def test_oklab_of_tensors_is_that_of_arrays() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (500, 3), dtype=np.uint8)
    found = oklab(torch.from_numpy(rgb / 255.0).float())
    np.testing.assert_allclose(found.numpy(), srgb_to_oklab(rgb), atol=2e-5)


def test_an_untrained_head_snaps_to_the_nearest_colour() -> None:
    rng = np.random.default_rng(1)
    rgba = rng.integers(0, 256, (12, 9, 4), dtype=np.uint8)
    rgba[..., 3] = 255
    palette = rng.integers(0, 256, (7, 3), dtype=np.uint8)
    canvas = torch.from_numpy(to_canvas(rgba))[None]
    logits = PaletteHead(8)(
        canvas, torch.randn(1, 8, 12, 9), torch.from_numpy(srgb_to_oklab(palette))[None], torch.tensor([0.2])
    )
    snapped = quantize.to_palette(rgba, Palette(name="p", colors=palette))
    assert np.array_equal(palette[logits[0].argmax(-1).numpy()], snapped.rgba()[..., :3])


def test_cell_colours_are_straight() -> None:
    rgba = np.array([[[200, 100, 0, 255], [9, 9, 9, 0]]], np.uint8)
    found = cell_colors(torch.from_numpy(to_canvas(rgba))[None])[0, 0]
    torch.testing.assert_close(found[0] * 255, torch.tensor([200.0, 100.0, 0.0]), atol=1e-3, rtol=0)


def test_palette_loss_by_hand() -> None:
    logits = torch.zeros(2, 1, 2, 3)
    logits[0, 0, 0] = torch.tensor([math.log(2), 0.0, 50.0])  # the third colour is not there
    mask = torch.tensor([[True, True, False], [True, True, True]])
    target = torch.tensor([[[0, -1]], [[1, 2]]])
    loss = palette_loss(logits, mask, target, torch.tensor([1.0, 3.0]))
    assert float(loss) == pytest.approx((math.log(1.5) + 3 * math.log(3)) / 4, abs=1e-5)
    empty = palette_loss(logits, mask, torch.full_like(target, -1), torch.ones(2))
    assert float(empty) == 0


def test_region_loss_by_hand() -> None:
    logits = torch.zeros(2, 2, 1, 2)
    logits[0, 1, 0, 0] = math.log(3)
    regions = torch.tensor([[[1, -1]], [[-1, -1]]])
    assert float(region_loss(logits, regions, torch.tensor([2.0, 5.0]))) == pytest.approx(-math.log(3 / 4), abs=1e-5)


def test_colour_choices_are_the_pictures_own() -> None:
    pictures = [disc("red", 12, 16, 0.9), disc("blue", 40, 40, 0.8)]
    choices, colors, mask = color_choices(pictures, 16, (16, 16))
    assert (choices[1] == -1).all()  # averaged down: no cell has a colour of the palette
    seen = choices[0] >= 0
    assert int(seen.sum()) == int((pictures[0][..., 3] > 0).sum())
    opaque = pictures[0][pictures[0][..., 3] > 0][:, :3]
    np.testing.assert_allclose(colors[0][choices[0][seen]].numpy(), srgb_to_oklab(opaque), atol=1e-6)
    assert mask.sum(1).tolist() == [2, 0]


def test_a_batch_without_choices_trains() -> None:
    choices, colors, mask = color_choices([disc("blue", 40, 40, 0.8)], 16, (16, 16))
    logits = PaletteHead(8)(torch.zeros(1, 4, 16, 16), torch.zeros(1, 8, 16, 16), colors, torch.ones(1))
    assert float(palette_loss(logits.detach(), mask, choices, torch.ones(1))) == 0


def test_coherence_takes_the_heads_costs() -> None:
    rgba = np.full((4, 4, 4), 255, np.uint8)
    rgba[..., :3] = 90
    palette = np.array([[80, 80, 80, 255], [120, 120, 120, 255]], np.uint8)
    sprite = Sprite(indices=np.zeros((4, 4), np.uint8), palette=palette)
    cost = np.ones((4, 4, 2), np.float32)
    cost[1, 2, 1] = 0
    out = cohere(sprite, rgba, 0.0, cost)
    assert np.argwhere(out.indices == 1).tolist() == [[1, 2]]
    assert not cohere(sprite, rgba, 1.0, cost).indices.any()
    with pytest.raises(BadInput, match="costs"):
        cohere(sprite, rgba, 0.0, cost[..., :1])


# -------------------------------------------------------------------------------------------------------- pipeline
@pytest.fixture(scope="module")
def pipe(bundle_dir) -> PixelPipeline:  # type: ignore[no-untyped-def]
    return PixelPipeline(Bundle(bundle_dir), best_of=1)


def sprite(color: str, side: int = 24) -> Sprite:
    return Sprite.from_rgba(disc(color, side, side, 0.8))


def test_references_layout_and_seamless_edges_keep_every_promise(pipe: PixelPipeline) -> None:
    mask = np.zeros((24, 24), np.uint8)
    mask[12:] = 1
    layout = Sprite(
        indices=mask,
        palette=np.array([[0, 0, 0, 0], [9, 9, 9, 255]], np.uint8),
        mask=mask,
        mask_names=("background", "grass"),
    )
    plain = pipe("a disc", size=(24, 24), num_inference_steps=2).sprites[0]
    for extra in ({"references": [sprite("red"), sprite("blue", 60)]}, {"layout": layout}, {"seamless": True}):
        found = pipe("a disc", size=(24, 24), palette="pico-8", num_inference_steps=2, **extra).sprites[0]  # type: ignore[arg-type]
        again = pipe("a disc", size=(24, 24), palette="pico-8", num_inference_steps=2, **extra).sprites[0]  # type: ignore[arg-type]
        assert found.indices.shape == (24, 24)
        assert np.array_equal(found.rgba(), again.rgba())
        assert set(np.unique(found.rgba()[..., 3])) <= {0, 255}
        assert found.mask is not None
        assert found.mask.max() < len(found.mask_names)
        assert not np.array_equal(found.rgba(), plain.rgba())


def test_guidance_points_away_from_the_words_and_not_from_the_references(pipe: PixelPipeline) -> None:
    asked = Conditioning(prompt="a disc", height=16, width=16, references=(sprite("red"), sprite("blue")))
    cond, negative, _ = pipe._condition([asked], [0])
    assert cond.reference_mask.tolist() == [[True, True]]
    assert torch.equal(cond.reference_mask, negative.reference_mask)
    assert torch.equal(cond.references, negative.references)
    assert not negative.text_mask.any()
    assert torch.equal(cond.style, negative.style)


def test_the_palette_head_keeps_to_the_palette(bundle_dir) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(1)
    chosen, snapped = (PixelPipeline(Bundle(bundle_dir), best_of=1, palette_head=on) for on in (True, False))
    for denoiser in chosen.denoisers.values():
        torch.nn.init.normal_(denoiser.palette_head.key.weight, std=3.0)
    pictures = [
        p("a disc", size=(24, 20), palette="pico-8", num_inference_steps=2).sprites[0] for p in (chosen, snapped)
    ]
    assert not np.array_equal(pictures[0].rgba(), pictures[1].rgba())
    allowed = {tuple(c) for c in palettes.get("pico-8").colors.tolist()}
    assert {tuple(c) for c in pictures[0].rgba()[..., :3][pictures[0].rgba()[..., 3] > 0].tolist()} <= allowed


def test_a_row_does_not_depend_on_its_batch(pipe: PixelPipeline) -> None:
    shown = [sprite("red")]
    alone = pipe("a disc", size=(16, 24), references=shown, seamless=True, seed=5, num_inference_steps=3).sprites[0]
    pair = pipe(
        "a disc", size=(16, 24), references=shown, seamless=True, seed=4, num_images=2, num_inference_steps=3
    ).sprites[1]
    assert np.array_equal(alone.rgba(), pair.rgba())


def test_bad_references_and_layouts_are_refused(pipe: PixelPipeline) -> None:
    with pytest.raises(BadInput, match="at most 8"):
        pipe("x", references=[sprite("red")] * (MAX_REFERENCES + 1))
    with pytest.raises(BadInput, match="no region mask"):
        pipe("x", size=(24, 24), layout=sprite("red"))
    mask = np.ones((8, 8), np.uint8)
    small = Sprite(
        indices=mask,
        palette=np.array([[0, 0, 0, 0], [9, 9, 9, 255]], np.uint8),
        mask=mask,
        mask_names=("background", "sky"),
    )
    with pytest.raises(BadInput, match="8x8 px, asked are 24x24"):
        pipe("x", size=(24, 24), layout=small)
    with pytest.raises(BadInput, match="seamless"):
        pipe("x", size=(8, 8), layout=small, seamless=True)


def test_weights_without_an_input_say_so(tmp_path, pipe: PixelPipeline) -> None:  # type: ignore[no-untyped-def]
    shape = DenoiserConfig(width=32, depth=1, heads=2)
    from pixelmind.generator.conditioning import ConditionPrior, Vocabulary

    bundle = Bundle.create(tmp_path / "old")
    bundle.put_level(16, {"denoiser": Denoiser(shape), "prior": ConditionPrior()}, shape, Vocabulary(("flat",)))
    old = PixelPipeline(bundle, best_of=1)
    with pytest.raises(BadInput, match="cannot be shown references"):
        old("x", size=(16, 16), references=[sprite("red")])
    assert old("x", size=(16, 16), num_inference_steps=1).sprites[0].mask is None


def test_what_two_levels_say_of_a_part_is_multiplied() -> None:
    torch.manual_seed(0)
    denoiser = Denoiser(SHAPE)
    cells = torch.randn(8, 6, 10)
    own = denoiser.region_log_probs(cells, None)
    assert own.shape == (64, 6, 10)
    torch.testing.assert_close(own.exp().sum(0), torch.ones(6, 10))
    below = torch.zeros(64, 3, 5)
    below[7] = 50.0
    both = denoiser.region_log_probs(cells, below)
    assert (both.argmax(0) == 7).all()
    torch.testing.assert_close(both[:7], own[:7])
    torch.testing.assert_close(both[7], own[7] + 50)
