"""Low-rank adapters: nothing changes at the start, the algebra, merging and taking back."""

import pytest
import torch
from torch import nn
from torch.func import grad, vmap

from pixelmind.errors import BadInput
from pixelmind.training.lora import Lora, LoraConfig, LowRank, adaptable, merged, merged_state, merged_weights


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.SiLU(), nn.Flatten(), nn.Linear(8 * 16, 5))


def adapter(net: nn.Module, rank: int = 2) -> tuple[Lora, dict[str, torch.Tensor]]:
    lora = Lora(net, LoraConfig(rank=rank, alpha=3.0, layers=("0", "3")))
    return lora, lora.init(torch.Generator().manual_seed(1))


def test_an_adapter_at_its_start_changes_no_bit():
    net = network()
    lora, params = adapter(net)
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(lora(params, x), net(x))
    assert {n: tuple(p.shape) for n, p in params.items()} == lora.shapes()


def test_merged_weights_compute_what_the_side_path_does():
    net = network()
    lora, params = adapter(net)
    rng = torch.Generator().manual_seed(2)
    params = {n: p + 0.3 * torch.randn(p.shape, generator=rng) for n, p in params.items()}
    x = torch.randn(2, 3, 4, 4)
    beside, before = lora(params, x), net(x)
    kept = {n: p.clone() for n, p in net.state_dict().items()}
    with merged(lora, merged_weights(lora, params)):
        torch.testing.assert_close(net(x), beside, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(beside, before, atol=1e-2)
    assert all(torch.equal(p, kept[n]) for n, p in net.state_dict().items())
    assert not any(layer._forward_hooks for layer in lora.layers.values())


def test_weights_come_back_after_an_error_inside():
    net = network()
    lora, params = adapter(net)
    kept = net[0].weight.clone()
    other = {n: w + 1 for n, w in merged_weights(lora, params).items()}
    with pytest.raises(KeyError), merged(lora, other):
        raise KeyError("drawing failed")
    assert torch.equal(net[0].weight, kept)
    with pytest.raises(KeyError), merged(lora, {"0": other["0"]}):
        pass
    assert torch.equal(net[0].weight, kept)


def test_the_side_path_is_a_pure_function_for_torch_func():
    net = network().requires_grad_(False)
    lora, params = adapter(net)
    x = torch.randn(3, 2, 3, 4, 4)  # three tasks of two pictures
    stacked = {n: torch.stack([p + 0.1 * k for k in range(3)]) for n, p in params.items()}
    alone = [lora({n: p[k] for n, p in stacked.items()}, x[k]) for k in range(3)]
    torch.testing.assert_close(vmap(lora)(stacked, x), torch.stack(alone), rtol=1e-4, atol=1e-5)
    slopes = grad(lambda p: lora(p, x[0]).square().sum())(params)
    assert all(slopes[n].abs().sum() > 0 for n in slopes if n.endswith(".b"))
    assert all(slopes[n].abs().sum() == 0 for n in slopes if n.endswith(".a"))  # B is zero at the start


def test_what_cannot_be_adapted_is_refused():
    net = network()
    with pytest.raises(BadInput, match="no layer's name fits"):
        adaptable(net, ["attention"])
    with pytest.raises(BadInput, match="layer 1 cannot be adapted"):
        adaptable(net, ["1"])
    with pytest.raises(BadInput, match="rank"):
        LoraConfig(rank=0)
    with pytest.raises(BadInput, match="alpha"):
        LoraConfig(alpha=0.0)


def test_a_trained_low_rank_change_merges_into_what_it_computed():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 2))
    config = LoraConfig(rank=2, alpha=4.0, layers=("0", "2"))
    policy = LowRank(net, config, torch.Generator().manual_seed(1))
    x = torch.randn(9, 5)
    before = net(x)
    assert torch.equal(policy(x), before)  # B starts at zero
    assert [p for p in policy.parameters() if p.requires_grad] == list(policy.tensors)
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        policy(x).square().mean().backward()
        optimizer.step()
    assert torch.equal(net(x), before)  # the network itself stays
    merged_net = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 2))
    merged_net.load_state_dict(merged_state(net, config, policy.state_dict()))
    assert torch.allclose(merged_net(x), policy(x), atol=1e-6)
    assert not torch.allclose(policy(x), before, atol=1e-4)
