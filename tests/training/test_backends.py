import dataclasses
from collections import namedtuple

import pytest
import torch

from pixelmind.errors import BadInput
from pixelmind.training.backends import local
from pixelmind.training.backends.local import LocalBackend


def test_precision_follows_the_wish():
    assert LocalBackend.choose(device="cpu", autocast="none").autocast_dtype is None
    backend = LocalBackend.choose(device="cpu", autocast="bf16")
    with backend.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
    auto = LocalBackend.choose(device="cpu", autocast="auto").autocast_dtype
    assert auto == (torch.bfloat16 if local.bf16_pays(torch.device("cpu")) else None)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_missing_gpu_is_said():
    with pytest.raises(BadInput, match="no such GPU here"):
        LocalBackend.choose(device="cuda")


@dataclasses.dataclass(frozen=True)
class Part:
    x: torch.Tensor
    name: str


Pair = namedtuple("Pair", "a b")


def test_nests_are_walked():
    batch = {"a": [torch.ones(1), 3], "b": (Part(torch.ones(1), "n"), Pair(torch.ones(1), None)), "c": "text"}
    moved = local._map(batch, lambda t: t + 1)
    assert moved["a"][0].item() == moved["b"][0].x.item() == moved["b"][1].a.item() == 2
    assert (moved["a"][1], moved["b"][0].name, moved["b"][1].b, moved["c"]) == (3, "n", None, "text")
    assert isinstance(moved["b"][1], Pair)


@pytest.mark.gpu
def test_a_batch_goes_to_the_gpu():
    backend = LocalBackend.choose(device="cuda")
    assert backend.move(backend.pin({"x": torch.ones(2)}))["x"].device.type == "cuda"
