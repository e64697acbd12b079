"""The check after drawing: what it may change, what it says of a sprite, and when it asks for a person."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orphans import OrphanInspector, orphans
from PIL import Image

from pixelmind.dialogue import edits
from pixelmind.dialogue.edits import EditRequest
from pixelmind.dialogue.results import finish
from pixelmind.errors import BadInput
from pixelmind.pixels import palettes
from pixelmind.quality import heat_map
from pixelmind.quality.after import Check
from pixelmind.quality.inspector import QualityInspector
from pixelmind.records import Conditioning, GenerationRequest, GenerationResult, Sprite


class Painter:
    """Draws by lot in the colours it may use, inside the region: what stands for the pipeline here."""

    def __init__(self) -> None:
        self.asked: list[GenerationRequest] = []

    def generate_batch(self, requests: Sequence[GenerationRequest]) -> list[GenerationResult]:
        """One sprite of each request."""
        out = []
        for request in requests:
            self.asked.append(request)
            assert request.source is not None
            assert request.region is not None
            assert request.conditioning.palette is not None
            rgba = request.source.rgba()
            cells = request.region > 0
            colors = request.conditioning.palette.colors
            rng = np.random.default_rng(request.seed)
            rgba[cells, :3], rgba[cells, 3] = colors[rng.integers(0, len(colors), cells.sum())], 255
            out.append(replace(result(Sprite.from_rgba(rgba)), seeds=(request.seed,)))
        return out


PIPE: Any = Painter()


def gem(*wrong: tuple[int, int], size: int = 12) -> Sprite:
    """A red block on clear ground with single blue cells in it, in two parts."""
    rgba, mask = np.zeros((size, size, 4), np.uint8), np.zeros((size, size), np.uint8)
    rgba[2:-2, 2:-2], mask[2:-2, 2:-2], mask[2:4, 2:-2] = (200, 30, 40, 255), 1, 2
    rgba[-4:-2, 2:-2] = (20, 40, 220, 255)
    for y, x in wrong:
        rgba[y, x] = (20, 40, 220, 255)
    names = ("background", "body", "head")
    return Sprite.from_rgba(rgba, mask=mask, mask_names=names, provenance={"prompt": "a gem", "palette": None})


def asked(sprite: Sprite, **more: Any) -> GenerationRequest:
    told = {k: more.pop(k) for k in ("palette", "max_colors", "seamless") if k in more}
    conditioning = Conditioning(prompt="a gem", height=sprite.height, width=sprite.width, **told)
    return GenerationRequest(conditioning=conditioning, **more)


def result(*sprites: Sprite) -> GenerationResult:
    return GenerationResult(sprites=sprites, seeds=tuple(range(len(sprites))), seconds=1.0, weights="w")


def check(**settings: Any) -> Check:
    inspector: Any = OrphanInspector(**settings)
    return Check(inspector)


def test_orphans_are_mended_and_the_figures_told() -> None:
    before = gem((5, 5), (5, 8))
    drawn = result(before, gem())
    found = check().drawn(PIPE, asked(before), drawn)
    mended, same = found.sprites
    assert np.array_equal(mended.rgba(), gem().rgba())
    assert np.array_equal(mended.palette, before.palette)
    assert np.array_equal(mended.mask, before.mask)  # type: ignore[arg-type]
    assert mended.mask_names == before.mask_names
    assert np.array_equal(same.indices, gem().indices)
    told = mended.provenance["quality"]
    assert told == {
        "dissatisfied": 0.0,
        "families": {"alignment": 0.0, "palette": 0.0, "proportion": 0.0},
        "score": 0.0,
        "rounds": 1,
        "changed_cells": 2,
        "flagged": False,
        "critic": "0f0f0f0f0f0f",
    }
    assert json.loads(json.dumps(mended.to_dict())) == mended.to_dict()
    assert mended.provenance["prompt"] == "a gem"
    assert [c.sprite for c in found.checked] == list(found.sprites)
    assert found.seconds == pytest.approx(1.0 + sum(c.seconds for c in found.checked))
    assert (found.seeds, found.weights) == (drawn.seeds, drawn.weights)


def test_what_is_flagged_has_a_heat_map() -> None:
    bad = gem((4, 5), (4, 8), (6, 5), (6, 8))
    checks = check(flag_at=0.4, mends=False)
    found = checks.drawn(PIPE, asked(bad), result(bad, gem()))
    first, second = found.checked
    assert (first.flagged, second.flagged) == (True, False)
    assert (checks.of(found.sprites[0]), checks.of(bad)) == (first, None)
    assert checks.found == (first, second)
    assert second.heat_map is None
    assert found.sprites[0].provenance["quality"]["dissatisfied"] == 0.4
    with Image.open(io.BytesIO(first.heat_map or b"")) as image:
        assert image.size[0] % 12 == 0


def test_given_cells_and_the_edge_of_a_tile_stay() -> None:
    before = gem((5, 5), (5, 8))
    region = np.zeros((12, 12), np.uint8)
    region[:, 7:] = 1
    inside = check().drawn(PIPE, asked(before, source=before, region=region), result(before)).sprites[0]
    assert np.array_equal(inside.rgba(), gem((5, 5)).rgba())
    rgba = np.full((8, 8, 4), 255, np.uint8)
    for y, x in ((0, 3), (7, 4), (4, 0), (3, 7), (4, 4)):
        rgba[y, x] = (0, 0, 0, 255)
    tile = Sprite.from_rgba(rgba)
    mended = check().drawn(PIPE, asked(tile, seamless=True), result(tile)).sprites[0].rgba()
    assert np.argwhere((mended != rgba).any(-1)).tolist() == [[4, 4]]


def test_what_was_doubtful_before_is_not_flagged() -> None:
    before = gem((5, 5), (5, 8))
    drawn = result(gem((5, 5), (5, 8), (3, 5)))
    for source, flagged in ((None, True), (gem(), True), (before, False)):
        found = check(flag_at=0.2, mends=False).drawn(PIPE, asked(before, source=source), drawn)
        assert found.checked[0].flagged == flagged
        assert found.sprites[0].provenance["quality"]["flagged"] == flagged


def test_a_cell_that_becomes_clear_belongs_to_no_part() -> None:
    rgba, mask = np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8), np.uint8)
    rgba[2:5, 2:5], mask[2:5, 2:5] = (9, 9, 9, 255), 1
    rgba[7, 7], mask[7, 7] = (250, 9, 9, 255), 1
    sprite = Sprite.from_rgba(rgba, mask=mask, mask_names=("background", "body"))
    mended = check().drawn(PIPE, asked(sprite), result(sprite)).sprites[0]
    assert mended.rgba()[7, 7, 3] == 0
    assert mended.mask is not None
    assert mended.mask[7, 7] == 0
    assert mended.mask.sum() == 9
    assert mended.num_colors == 1
    assert len(mended.palette) == 2  # clear and the one colour that is left


def test_a_palette_that_was_asked_for_keeps_its_order() -> None:
    palette = palettes.get("pico-8")
    own = np.concatenate([np.zeros((1, 4), np.uint8), np.column_stack([palette.colors, np.full(16, 255, np.uint8)])])
    indices = np.zeros((8, 8), np.uint8)
    indices[1:7, 1:7], indices[3, 3] = 9, 4
    sprite = Sprite(indices=indices, palette=own, provenance={"palette": "pico-8"})
    mended = check().drawn(PIPE, asked(sprite, palette=palette), result(sprite)).sprites[0]
    assert np.array_equal(mended.palette, own)
    assert set(np.unique(mended.indices)) == {0, 9}


def drawn_edit(before: Sprite, cells: np.ndarray, color: tuple[int, int, int]) -> Any:
    """What "add a hat" comes to where these cells were drawn."""
    request = EditRequest(operation="add", subject="hat")
    after = before.rgba()
    after[cells] = (*color, 255)
    names = before.mask_names
    return request, finish(before, after, before.mask, names, np.ones(cells.shape, bool), request, "head", {})


def test_an_edit_is_mended_in_its_own_cells() -> None:
    before = gem((5, 5))
    cells = np.zeros((12, 12), bool)
    cells[5, 8] = cells[0, 4:8] = True
    request, done = drawn_edit(before, cells, (20, 40, 220))
    assert done.sentence == "I added a hat: 5 cells drawn anew."
    checks = check()
    mended = checks.edited(before, request, done)
    assert np.array_equal(mended.changed, cells & (np.indices((12, 12))[0] == 0))
    assert orphans(mended.sprite.rgba())[5, 5]  # the person's own
    assert mended.sentence == "I added a hat: 4 cells drawn anew."
    assert mended.changed_outside == 0
    assert mended.sprite.provenance["edits"][-1]["operation"] == "add"
    assert mended.sprite.provenance["quality"]["changed_cells"] == 1
    assert checks.of(mended.sprite) is not None


def test_an_exact_edit_is_left_alone_and_says_nothing_of_the_picture_before() -> None:
    before = check().drawn(PIPE, asked(gem()), result(gem((5, 5)))).sprites[0]
    request = EditRequest(operation="mirror", place="")
    done = edits.apply(replace(before, indices=gem((5, 5)).indices), request)
    checks = check()
    assert checks.edited(before, request, done) is done
    assert checks.found == ()
    assert "quality" in before.provenance
    assert "quality" not in done.sprite.provenance


def test_what_is_drawn_anew_keeps_to_the_colours_and_has_a_seed_of_its_own() -> None:
    painter: Any = Painter()
    before = gem((5, 5), (5, 8))
    request = asked(before, max_colors=2, seed=40, num_images=2)
    found = check(redraws=True).drawn(painter, request, replace(result(before, before), seeds=(40, 41)))
    first, second = painter.asked
    assert np.array_equal(np.argwhere(first.region), [(5, 5), (5, 8)])
    assert first.source == Sprite.from_rgba(before.rgba())
    assert first.conditioning.palette.hex() == ("#1428dc", "#c81e28")
    assert (first.num_images, first.strength, first.conditioning.prompt) == (1, 1.0, "a gem")
    assert len({40, 41, first.seed, second.seed}) == 4
    assert 0 <= first.seed < 2**53
    outside = np.ones((12, 12), bool)
    outside[5, [5, 8]] = False
    for sprite in found.sprites:
        assert np.array_equal(sprite.rgba()[outside], before.rgba()[outside])
    again: Any = Painter()
    assert check(redraws=True).drawn(again, request, replace(result(before), seeds=(41,))).sprites == found.sprites[1:]
    tile = Painter()
    check(redraws=True).drawn(tile, asked(before, seamless=True), result(before))  # type: ignore[arg-type]
    assert tile.asked == []


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_by_a_real_critic_and_refiner(tiny_inspector: Any, seed: int) -> None:
    """Untrained networks want to change much; what they may not change they do not."""
    inspector: QualityInspector = tiny_inspector
    rng = np.random.default_rng(seed)
    palette = palettes.get("gameboy")
    shown = np.column_stack([palette.colors, np.full(len(palette), 255, np.uint8)])
    rgba = np.concatenate([np.zeros((1, 4), np.uint8), shown])[rng.integers(0, 5, (3, 12, 17))]
    sprites = [Sprite.from_rgba(one) for one in rgba]
    region = (rng.random((12, 17)) < 0.5).astype(np.uint8)
    request = asked(sprites[0], palette=palette, max_colors=4, source=sprites[2], region=region, seed=2**53 - 1)
    found = Check(inspector).drawn(PIPE, request, result(*sprites[:2]))
    for before, after in zip(sprites, found.sprites):
        changed = (before.rgba() != after.rgba()).any(-1)
        assert not (changed & (region == 0)).any()
        assert set(map(tuple, after.palette.tolist())) <= set(map(tuple, before.palette.tolist()))
        assert set(np.unique(after.rgba()[..., 3])) <= {0, 255}
        assert after.provenance["quality"]["changed_cells"] == changed.sum()
    alone = Check(inspector).drawn(PIPE, request, result(sprites[1])).sprites[0]
    assert alone == found.sprites[1]  # whatever was drawn beside it


# ---- the heat map ----------------------------------------------------------------------------------------------------
def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_the_heat_map_is_crisp_and_hot_where_it_is_hot() -> None:
    heat = np.zeros((12, 12), np.float32)
    heat[5, 5], heat[6, 6] = 1.0, 0.5
    drawn = pixels(heat_map.draw(gem().rgba(), heat, scale=7))
    assert drawn.shape == (84, 84, 3)
    cells = drawn[::7, ::7]
    assert np.array_equal(cells.repeat(7, 0).repeat(7, 1), drawn)
    assert tuple(cells[5, 5]) == heat_map.COLORS[-1]
    cold = pixels(heat_map.draw(gem().rgba(), np.zeros((12, 12), np.float32), scale=1))
    assert np.array_equal((cells != cold).any(-1), heat > 0)
    assert cold.max() < 128
    assert cold[3, 3].argmax() == 0  # still a red gem
    assert cells[6, 6, 0] > cold[6, 6, 0] + 50
    assert pixels(heat_map.draw(gem().rgba(), heat)).shape[0] >= 256


def test_heat_maps_that_cannot_be() -> None:
    with pytest.raises(BadInput, match=r"of \[3, 3\] cells"):
        heat_map.draw(gem().rgba(), np.zeros((3, 3), np.float32))
    with pytest.raises(BadInput, match="1 to 64"):
        heat_map.draw(gem().rgba(), np.zeros((12, 12), np.float32), 0)
