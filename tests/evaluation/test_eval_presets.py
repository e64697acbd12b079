"""Every preset's [judge] and [evaluation] tables are valid, and the networks they name fit the release."""

import pytest

from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.judge import JudgeNet
from pixelmind.evaluation.stage import JudgeStageConfig
from pixelmind.training import build, load_preset


@pytest.mark.parametrize("name", ["nano", "small", "base"])
def test_tables_build(name: str) -> None:
    tables = load_preset(name)
    judge = build(JudgeStageConfig, tables["judge"], "judge")
    assert sum(p.numel() for p in JudgeNet(judge.network).parameters()) * 2 <= 6 * 2**20
    assert build(EvaluationConfig, tables["evaluation"], "evaluation").num_images == 5
