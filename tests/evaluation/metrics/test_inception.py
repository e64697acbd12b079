"""Inception's features by path: what the network is shown, and what is refused. The real weights do not come along."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from pixelmind import cli
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.evaluation import measures
from pixelmind.evaluation.metrics.inception import Inception, on_white
from pixelmind.evaluation.testset import TestItem


class Means(nn.Module):
    """Stands in for Inception: the mean of each channel, by the same call."""

    def forward(self, x: torch.Tensor, return_features: bool = False) -> torch.Tensor:
        assert return_features
        return x.float().mean(dim=(2, 3)) / 255


class Wrong(nn.Module):
    def forward(self, x: torch.Tensor, return_features: bool = False) -> torch.Tensor:
        return x


def scripted(net: nn.Module, path: Path) -> Path:
    torch.jit.script(net).save(str(path))
    return path


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_a_sprite_is_shown_on_white_in_whole_blocks(tmp_path: Path) -> None:
    rgba = np.zeros((2, 2, 4), np.uint8)
    rgba[0, 0] = (200, 0, 0, 255)
    shown = on_white(rgba)
    assert shown.shape == (3, 256, 256)
    assert (shown[:, :128, :128] == np.array([200, 0, 0])[:, None, None]).all()
    assert (shown[:, 128:] == 255).all()
    features = Inception(scripted(Means(), tmp_path / "net.pt")).pooled_features([rgba] * 40)
    assert features.shape == (40, 3)
    assert features[7] == pytest.approx([(0.75 * 255 + 50) / 255, 0.75, 0.75])


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_distances_stand_beside_those_of_the_judge(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    items = [
        TestItem(
            id=str(i), cluster=str(i), source="s", kind="k", origin="real", captions=(str(i),),
            rgba=np.dstack([rng.integers(0, 256, (8, 8, 3), dtype=np.uint8), np.full((8, 8, 1), 255, np.uint8)]),
        )
        for i in range(40)
    ]  # fmt: skip

    class Drawn:
        def __init__(self, rgba: np.ndarray) -> None:
            self._rgba = rgba

        def rgba(self) -> np.ndarray:
            return self._rgba

    asked = measures.Asked(
        items=items[:20], requests=[], sprites=[(Drawn(i.rgba),) for i in items[:20]], pools=np.zeros((20, 2), int),
        text_features=np.zeros((2, 4)), generated=np.zeros((20, 1, 4)), real=np.zeros((20, 4)), ranks=np.ones((20, 1), int),
        real_ranks=np.ones(20, int),
    )  # type: ignore[arg-type]  # fmt: skip
    report = measures.Report()
    network = Inception(scripted(Means(), tmp_path / "net.pt"))
    assert measures.measure_distances(report, network, asked, items, 0, "Inception")
    assert [f.metric for f in report.figures] == ["FID, Inception features", "KID x 1000, Inception features"]
    assert report.figures[0].value < 0.01
    assert report.figures[0].note.startswith("Inception features (3)")


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_what_is_no_inception_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput, match="no Inception weights at"):
        Inception(tmp_path / "none.pt")
    (tmp_path / "text.pt").write_text("no network")
    for path in (tmp_path / "text.pt", scripted(Wrong(), tmp_path / "wrong.pt")):
        with pytest.raises(CorruptFile, match="is no TorchScript Inception"):
            Inception(path)
    assert capsys.readouterr().out == ""
    assert cli.run(["eval", "core", "--data", "x", "--out", "y", "--inception", str(tmp_path / "none.pt")]) == 2
