from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelmind.encoder.config import NetworkConfig
from pixelmind.encoder.model import Encoder
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.candidates import Candidates
from pixelmind.generator.canvas import from_canvas
from pixelmind.generator.pipeline import CANDIDATE_STRIDE, PixelPipeline, _How, load
from pixelmind.pixels import palettes
from pixelmind.records import Conditioning, GenerationRequest, Sprite


@pytest.fixture(scope="module")
def pipe(bundle_dir: Path) -> PixelPipeline:
    return load(bundle_dir)


def conforms(sprite: Sprite, height: int, width: int, palette: str | None, most: int | None) -> None:
    """Exact size, hard alpha, only asked colours."""
    rgba = sprite.rgba()
    assert rgba.shape == (height, width, 4)
    assert set(np.unique(rgba[..., 3])) <= {0, 255}
    used = {tuple(int(v) for v in c) for c in rgba[rgba[..., 3] == 255][:, :3]}
    if palette is not None:
        assert used <= {tuple(int(v) for v in c) for c in palettes.get(palette).colors}
    if most is not None:
        assert len(used) <= most


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(8, 64),
    st.integers(8, 64),
    st.sampled_from([None, *palettes.names()]),
    st.one_of(st.none(), st.integers(2, 40)),
    st.integers(0, 2**40),
)
def test_any_request_conforms(
    pipe: PixelPipeline, h: int, w: int, palette: str | None, most: int | None, seed: int
) -> None:
    if palette is not None and most is not None:
        most = min(most, len(palettes.get(palette)))
    result = pipe("a red disc", size=(h, w), palette=palette, max_colors=most, seed=seed, num_inference_steps=2)
    conforms(result.sprites[0], h, w, palette, most)


@pytest.mark.slow
def test_500_random_requests_conform() -> None:
    """The issue's number, on the released weights."""
    pipe, rng = load(), np.random.default_rng(0)
    names = [None, *palettes.names()]
    asked = [
        (
            int(rng.integers(8, 65)),
            int(rng.integers(8, 65)),
            names[rng.integers(len(names))],
            None if rng.random() < 0.5 else int(rng.integers(2, 33)),
        )
        for _ in range(500)
    ]
    asked = [(h, w, p, min(m, len(palettes.get(p))) if p and m else m) for h, w, p, m in asked]
    for first in range(0, 500, 50):
        requests = [
            GenerationRequest(
                conditioning=Conditioning(
                    prompt="a blue potion", height=h, width=w, palette=palettes.get(p) if p else None, max_colors=m
                ),
                seed=i,
                num_inference_steps=2,
            )
            for i, (h, w, p, m) in enumerate(asked[first : first + 50])
        ]
        for (h, w, p, m), result in zip(asked[first : first + 50], pipe.generate_batch(requests)):
            conforms(result.sprites[0], h, w, p, m)


def test_same_seed_same_bytes_and_image_i_has_seed_plus_i(pipe: PixelPipeline) -> None:
    first, again = (pipe("a red disc", num_images=3, seed=7, num_inference_steps=3) for _ in range(2))
    assert [s.rgba().tobytes() for s in first.sprites] == [s.rgba().tobytes() for s in again.sprites]
    assert first.seeds == (7, 8, 9)
    alone = pipe("a red disc", seed=8, num_inference_steps=3).sprites[0].rgba()
    assert (alone == first.sprites[1].rgba()).all(
        axis=-1
    ).mean() > 0.98  # a batch may round differently in the last bit
    assert first.sprites[0].provenance["weights"] == Bundle(pipe.bundle.folder).id


def test_words_negative_words_guidance_and_style_reach_the_network(bundle_dir: Path) -> None:
    pipe = load(bundle_dir)
    torch.manual_seed(1)
    for module in (*pipe.denoisers.values(), pipe.prior):
        for p in module.parameters():
            if not p.any():
                p.data.normal_(std=0.2)

    def draw(**kwargs: Any) -> bytes:
        prompt = kwargs.pop("prompt", "a red disc")
        kwargs = {"style": "flat", "kind": "icon", "max_colors": 255} | kwargs
        return pipe(prompt, num_inference_steps=3, **kwargs).sprites[0].rgba().tobytes()

    base = draw()
    assert draw(prompt="a castle at night") != base
    assert draw(negative_prompt="a castle at night") != base
    assert draw(guidance_scale=1.0) != base
    assert draw(style="outlined") != base
    assert draw(kind="tile") != base


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"prompt": "  "}, "prompt is empty"),
        ({"prompt": "x" * 10_000}, "10000 characters"),
        ({"size": (0, 32)}, "height 0 px"),
        ({"size": (32, 1000)}, "width 1000 px"),
        ({"palette": "pico-88"}, "pico-8"),
        ({"max_colors": 1}, "2 to 255"),
        ({"style": "outlinde"}, "outlined"),
        ({"num_images": 0}, "1 to"),
        ({"num_inference_steps": 0}, "steps"),
        ({"guidance_scale": -1.0}, "guidance"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_requests_say_what_to_do(pipe: PixelPipeline, kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        pipe(kwargs.pop("prompt", "a disc"), **kwargs)


def _cut(folder: Path) -> None:
    file = folder / "level16.safetensors"
    file.write_bytes(file.read_bytes()[:-1])


def _flip(folder: Path) -> None:
    file = folder / "level64.safetensors"
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "damage",
    [_cut, _flip, lambda f: (f / "level16.safetensors").unlink(), lambda f: (f / "manifest.json").write_text("{")],
)
def test_corrupt_weights_are_refused(fresh_bundle: Path, damage: Callable[[Path], object]) -> None:
    damage(fresh_bundle)
    with pytest.raises(CorruptFile):
        load(fresh_bundle)


def test_the_encoder_picks_among_different_candidates(fresh_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    Encoder(NetworkConfig()).save(fresh_bundle)
    plain, ranked = load(fresh_bundle, best_of=1), load(fresh_bundle, best_of=4)
    assert plain.encoder is None
    seen: list[tuple[float, list[np.ndarray], list[int]]] = []
    call = Candidates.__call__

    def watch(self: Candidates, t: float, frames: torch.Tensor) -> torch.Tensor | None:
        picks = call(self, t, frames)
        if picks is not None:
            seen.append((t, [f.numpy() for f in frames], picks.tolist()))
        return picks

    monkeypatch.setattr(Candidates, "__call__", watch)
    drawn = ranked("a red disc", size=(16, 16), num_inference_steps=4, max_colors=255).sprites[0].rgba()
    assert [(t, len(frames), len(picks)) for t, frames, picks in seen] == [(0.75, 4, 2), (0.5, 2, 1)]
    assert ranked.encoder is not None
    for _, frames, picks in seen:
        pictures = [from_canvas(f) for f in frames]
        assert len({p.tobytes() for p in pictures}) == len(pictures)
        cosine = ranked.encoder.score(pictures, "a red disc", ranked.text_tower)
        assert picks == sorted(np.argsort(-cosine)[: len(picks)].tolist())
    winner = seen[0][2][seen[1][2][0]]
    alone = PixelPipeline(ranked.bundle, best_of=1)
    seed = winner * CANDIDATE_STRIDE
    with torch.inference_mode():
        how = _How(4, None, 1.0, False, None)
        asked = Conditioning(prompt="a red disc", height=16, width=16)
        (canvas,), _ = alone._draw([asked], [seed], [None], how)
    assert (drawn == from_canvas(canvas.canvas)).all(
        axis=-1
    ).mean() > 0.98  # a batch may round differently in the last bit


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no weights"):
        load(tmp_path)


def test_previews_come_from_both_levels(pipe: PixelPipeline) -> None:
    seen: list[tuple[int, int, int]] = []
    pipe("a disc", size=(32, 32), num_inference_steps=4, on_step=lambda *a: seen.append(a))
    assert seen == [(16, 0, 4), (16, 1, 4), (16, 2, 4), (16, 3, 4), (64, 0, 2), (64, 1, 2)]
