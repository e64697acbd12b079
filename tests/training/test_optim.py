import copy

import pytest
import torch
from torch import nn

from pixelmind.errors import CorruptFile
from pixelmind.training.config import LoopConfig
from pixelmind.training.optim import Optimizers, muon_names

CONFIG = {"steps": 1, "lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-6, "weight_decay": 0.05}


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.text_embed = nn.Linear(4, 6)
        self.tokens = nn.Embedding(3, 6)
        self.to_out = nn.Linear(6, 6)
        self.mlp = nn.Linear(6, 12)
        self.conv = nn.Conv2d(1, 1, 3)
        self.output = nn.Linear(6, 2)
        self.frozen = nn.Linear(6, 6).requires_grad_(False)


def test_adamw_first_step_by_hand():
    # Step 1: m = 0.2 g, v = 0.1 g², bias-corrected m = g, v = g²: p <- p (1 - lr wd) - lr g / (|g| + eps)
    net = nn.Linear(2, 1, bias=True)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[1.0, -2.0]]))
        net.bias.fill_(0.5)
    optimizers = Optimizers({"net": net}, LoopConfig(**CONFIG))
    net.weight.grad, net.bias.grad = torch.tensor([[3.0, -4.0]]), torch.tensor([2.0])
    optimizers.step(0.1)
    assert net.weight.tolist()[0] == pytest.approx([1.0 * 0.995 - 0.1, -2.0 * 0.995 + 0.1], abs=1e-5)
    assert net.bias.item() == pytest.approx(0.5 - 0.1, abs=1e-5)  # vectors are not decayed


def test_adamw_follows_torch_over_many_steps_with_a_changing_rate():
    torch.manual_seed(0)
    ours = nn.Linear(5, 3, bias=False)
    theirs = copy.deepcopy(ours)
    optimizers = Optimizers({"net": ours}, LoopConfig(**CONFIG))
    reference = torch.optim.AdamW(theirs.parameters(), lr=1, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.05, fused=False)
    for step in range(12):
        lr = 0.1 / (step + 1)
        grad = torch.randn(3, 5)
        ours.weight.grad, theirs.weight.grad = grad.clone(), grad.clone()
        optimizers.step(lr)
        reference.param_groups[0]["lr"] = lr
        reference.step()
        optimizers.zero_grad()
    assert ours.weight.grad is None
    assert torch.allclose(ours.weight, theirs.weight, atol=1e-6)


def test_muon_takes_hidden_matrices_only():
    assert muon_names(Transformer()) == {"to_out.weight", "mlp.weight"}
    net = Transformer()
    net.muon_parameters = lambda: [net.mlp.weight, net.frozen.weight]
    assert muon_names(net) == {"mlp.weight"}


def test_every_parameter_has_one_optimiser():
    net = Transformer()
    optimizers = Optimizers({"net": net, "same": net}, LoopConfig(steps=1, optimizer="muon"))
    owned = [id(p) for o in optimizers.all for g in o.param_groups for p in g["params"]]
    assert sorted(owned) == sorted(id(p) for p in net.parameters() if p.requires_grad)
    assert {type(o) for o in optimizers.all} == {torch.optim.AdamW, torch.optim.Muon}


def test_muon_update_is_near_orthogonal_and_of_adamw_size():
    # Jordan et al.: singular values of the update end near 1 (0.5 … 1.5), here times lr * 0.2 * sqrt(max(n, m))
    torch.manual_seed(0)
    net = nn.Linear(16, 8, bias=False)
    before = net.weight.detach().clone()
    optimizers = Optimizers({"net": net}, LoopConfig(steps=1, optimizer="muon", weight_decay=0.0))
    net.weight.grad = torch.randn(8, 16) * 50
    optimizers.step(0.1)
    values = torch.linalg.svdvals((before - net.weight.detach()) / (0.1 * 0.2 * 16**0.5))
    assert values.min() > 0.5
    assert values.max() < 1.5


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_state_goes_to_tensors_and_back(optimizer):
    torch.manual_seed(0)
    first = Transformer()
    second = copy.deepcopy(first)
    a = Optimizers({"net": first}, LoopConfig(steps=1, optimizer=optimizer))
    b = Optimizers({"net": second}, LoopConfig(steps=1, optimizer=optimizer))
    assert a.state() == {}
    for turn in range(3):
        for p, q in zip(first.parameters(), second.parameters()):
            if p.requires_grad:
                p.grad = torch.randn_like(p)
                q.grad = p.grad.clone()
        a.step(0.1)
        if turn == 1:  # hand over, with the weights
            second.load_state_dict(first.state_dict())
            b.load_state({k: v.clone() for k, v in a.state().items()})
    b.step(0.1)
    assert ("net.mlp.weight:momentum_buffer" in a.state()) == (optimizer == "muon")
    assert all(torch.equal(p, q) for p, q in zip(first.parameters(), second.parameters()))


def test_foreign_state_is_refused():
    optimizers = Optimizers({"net": nn.Linear(2, 2)}, LoopConfig(steps=1))
    with pytest.raises(CorruptFile, match=r"net\.other:exp_avg"):
        optimizers.load_state({"net.other:exp_avg": torch.zeros(2)})
    with pytest.raises(CorruptFile, match=r"net\.bias:exp_avg"):
        optimizers.load_state({"net.bias:exp_avg": torch.zeros(3)})
