import hashlib

import pytest
import torch
from torch import nn

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.training import bundle


@pytest.fixture
def nets():
    torch.manual_seed(0)
    tied = nn.Linear(8, 8)
    shared = nn.Sequential(tied, tied)
    return {"net": nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8)), "shared": shared}


def test_sha256_file(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert bundle.sha256_file(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_weights_go_out_as_fp16_and_come_back(nets, tmp_path):
    (file,) = bundle.export_weights(nets, tmp_path / "w.safetensors", metadata={"preset": "nano"})
    states = bundle.load_weights(file, sha256={"w.safetensors": hashlib.sha256(file.read_bytes()).hexdigest()})
    assert bundle.read_metadata(file) == {"preset": "nano"}
    assert states.keys() == nets.keys()
    for name, net in nets.items():
        for key, value in net.state_dict().items():
            stored = states[name][key]
            assert stored.dtype == (torch.float16 if value.is_floating_point() else value.dtype)
            assert torch.equal(stored, value.to(stored.dtype))
    bundle.load_into(nets, states, "the weights")
    assert nets["net"][0].weight.dtype == torch.float32
    assert torch.equal(nets["net"][0].weight, states["net"]["0.weight"].float())


def test_a_big_set_is_cut_into_parts_below_the_limit(nets, tmp_path):
    path = tmp_path / "w.safetensors"
    files = bundle.export_weights(nets, path, max_file_bytes=1000)
    assert len(files) > 1
    assert all(f.stat().st_size < 2000 for f in files)
    assert files[0].name == f"w-1-of-{len(files)}.safetensors"
    whole = bundle.load_weights(path)
    assert {k: sorted(v) for k, v in whole.items()} == {k: sorted(n.state_dict()) for k, n in nets.items()}
    files[0].unlink()
    with pytest.raises(CorruptFile, match="incomplete"):
        bundle.load_weights(path)
    assert bundle.export_weights(nets, path) == [path]
    assert list(tmp_path.iterdir()) == [path]


def test_wrong_weights_are_named(nets, tmp_path):
    path = tmp_path / "w.safetensors"
    with pytest.raises(BadInput, match="no weights at"):
        bundle.load_weights(path)
    bundle.export_weights(nets, path)
    with pytest.raises(CorruptFile, match="sha256"):
        bundle.load_weights(path, sha256={path.name: "0" * 64})
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(CorruptFile, match="cannot be read"):
        bundle.load_weights(path)
    with torch.no_grad():
        nets["net"][0].weight[0, 0] = 1e6  # more than float16 holds
    with pytest.raises(BadInput, match=r"net\.0\.weight"):
        bundle.export_weights(nets, path)


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ({}, "no module 'net', only none"),
        ({"net": {"weight": torch.zeros(2, 2)}}, "bias is missing"),
        ({"net": {"weight": torch.zeros(2, 2), "bias": torch.zeros(2), "x": torch.zeros(1)}}, "x is unknown"),
        ({"net": {"weight": torch.zeros(2, 3), "bias": torch.zeros(2)}}, r"net.weight: \(2, 3\), not \(2, 2\)"),
    ],
)
def test_loading_is_strict(states, says):
    with pytest.raises(BadInput, match=says):
        bundle.load_into({"net": nn.Linear(2, 2)}, states, "the weights")
