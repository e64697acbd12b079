"""The judge: canvases, loss, learning on a drawn world, and its file."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.evaluation.judge import Judge, JudgeArchitecture, JudgeNet, gram_batch, hashed_grams, info_nce, to_canvas
from pixelmind.evaluation.judge_task import JudgeConfig, JudgeTask, augment, read_pairs, recall
from pixelmind.evaluation.stage import JudgeStageConfig


def test_canvas_is_pasted_at_a_whole_scale() -> None:
    rgba = np.zeros((16, 10, 4), dtype=np.uint8)
    rgba[0, 0] = (100, 200, 50, 255)
    canvas = to_canvas(rgba)
    assert (canvas[:4, 12:16] == (100, 200, 50, 255)).all()
    assert canvas.sum() == 16 * (100 + 200 + 50 + 255)
    tall = np.full((130, 8, 4), 255, dtype=np.uint8)
    assert to_canvas(tall).shape == (64, 64, 4)
    assert to_canvas(tall)[30, 30].tolist() == [255] * 4  # 130 px: block means of three
    half = np.full((64, 64, 4), 128, dtype=np.uint8)
    assert to_canvas(half)[0, 0].tolist() == [64, 64, 64, 128]


def test_info_nce_by_hand() -> None:
    """Two orthogonal pairs at temperature 1/s: every row's loss is -log(e^s / (e^s + 1))."""
    eye, scale = torch.eye(2), torch.tensor(2.0).log()
    expected = -np.log(np.exp(2) / (np.exp(2) + 1))
    assert info_nce(eye, eye, scale, torch.eye(2, dtype=torch.bool)).item() == pytest.approx(expected)
    both = info_nce(eye, eye, scale, torch.ones(2, 2, dtype=torch.bool)).item()
    other = -np.log(1 / (np.exp(2) + 1))
    assert both == pytest.approx((expected + other) / 2)  # shared positives halve the target mass


def test_grams_are_stable_and_bounded() -> None:
    assert hashed_grams("Red Potion", 512) == hashed_grams("red potion!", 512)
    assert all(1 <= b <= 8 for b in hashed_grams("a long sentence of words", 8))
    assert gram_batch(["", "red"], 512)[0].tolist() == [0] * gram_batch(["red"], 512).shape[1]


def test_augmentation_keeps_premultiplied_colour_under_alpha() -> None:
    rng, config = np.random.default_rng(0), JudgeConfig()
    rgba = np.random.default_rng(1).integers(0, 256, (32, 32, 4), dtype=np.uint8)
    canvas = to_canvas(rgba)
    for _ in range(20):
        out = augment(canvas, rng, config, mirror=True)
        assert out.shape == canvas.shape
        assert (out[..., :3] <= out[..., 3:]).all()


def test_only_the_judge_split_is_read_and_never_evaluation_only_art(store: Path) -> None:
    pairs = read_pairs([store], "judge", JudgeConfig())
    assert len(pairs) == 6 * 24
    test = read_pairs([store], "test", JudgeConfig())
    assert len(test) == 2 * 24 + 12
    assert test.procedural.sum() == 12


def test_batches_are_a_function_of_the_step_and_share_positives(store: Path, judge_config: JudgeStageConfig) -> None:
    make = lambda: JudgeTask(judge_config, [store], batch_size=64, seed=3, encode=lambda t: torch.zeros(len(t), 384))  # noqa: E731
    one, two = make(), make()
    a, b = one.batch(5), two.batch(5)
    assert all(torch.equal(a[k], b[k]) for k in a)
    assert not torch.equal(a["canvas"], one.batch(6)["canvas"])
    same = a["same"]
    assert torch.equal(same, same.T)
    assert same.diagonal().all()
    assert same.sum() > 64  # 64 pictures of 24 short captions: some share one


def test_the_judge_learns_its_small_world(judge: Judge, store: Path) -> None:
    figures = recall(judge, read_pairs([store], "test", JudgeConfig()))
    assert figures["pool"] > 20
    assert figures["R@5 of 100"] > 0.5  # chance is 5 / pool, about 0.2
    assert judge.card["validation"]["R@1 of 100"] > 0.2
    assert judge.card["pictures"] == 6 * 24


def test_features_are_unit_length_and_batch_independent(judge: Judge) -> None:
    pictures = [np.full((s, s, 4), s, dtype=np.uint8) for s in (8, 16, 33)]
    features = judge.image_features(pictures)
    assert np.linalg.norm(features, axis=1) == pytest.approx(1, abs=1e-5)
    assert judge.image_features(pictures[1:2])[0] == pytest.approx(features[1], abs=1e-5)
    assert judge.text_features(["a", "b"]).shape == (2, 24)
    assert judge.image_features([]).shape == (0, 24)
    assert judge.pooled_features(pictures).shape == (3, 24)


def test_the_file_brings_the_same_features_back_and_damage_is_told(judge: Judge, tmp_path: Path) -> None:
    judge.save(tmp_path)
    again = Judge.load(tmp_path)
    picture = [np.random.default_rng(0).integers(0, 256, (16, 16, 4), dtype=np.uint8)]
    assert again.image_features(picture) == pytest.approx(judge.image_features(picture), abs=1e-6)
    file = tmp_path / "judge.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(CorruptFile, match="sha256"):
        Judge.load(tmp_path)
    with pytest.raises(BadInput, match="no weights at"):
        Judge.load(tmp_path / "nowhere")


def test_the_released_size_fits_its_budget() -> None:
    count = sum(p.numel() for p in JudgeNet(JudgeArchitecture()).parameters())
    assert count * 2 <= 6 * 2**20
    with pytest.raises(BadInput, match="four numbers"):
        JudgeArchitecture(widths=(1, 2, 3))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="procedural_share"):
        JudgeConfig(procedural_share=2.0)
