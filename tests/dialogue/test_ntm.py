"""The Neural Turing Machine's equations by hand, then as properties, then a small machine that learns."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.dialogue.ntm import NTM, NTMConfig, content_weights, sharpened, shifted, written
from pixelmind.errors import BadInput


def test_content_addressing_by_hand() -> None:
    # eq. 5-6: cosines 1, 0, -1 times strength 2
    memory = torch.tensor([[[1.0, 0.0], [0.0, 3.0], [-2.0, 0.0]]])
    found = content_weights(memory, torch.tensor([[[5.0, 0.0]]]), torch.tensor([[2.0]]))[0, 0]
    terms = [math.exp(2), 1.0, math.exp(-2)]
    assert found.tolist() == pytest.approx([t / sum(terms) for t in terms], rel=1e-5)


def test_shift_by_hand() -> None:
    # eq. 8 on 4 rows: 0.7 one row on, 0.2 stays, 0.1 one row back, round the end
    weights = torch.tensor([[[0.0, 0.0, 0.0, 1.0]]])
    found = shifted(weights, torch.tensor([[[0.1, 0.2, 0.7]]]))[0, 0]
    assert found.tolist() == pytest.approx([0.7, 0.0, 0.1, 0.2])


def test_sharpening_by_hand() -> None:
    found = sharpened(torch.tensor([[[0.8, 0.2]]]), torch.tensor([[2.0]]))[0, 0]
    assert found.tolist() == pytest.approx([0.64 / 0.68, 0.04 / 0.68])


def test_erase_and_add_by_hand() -> None:
    # eq. 3-4: M = [4, 8] on row 0 at weight 0.5, erase [1, 0], add [2, 2] -> [4 * 0.5 + 1, 8 + 1]
    memory = torch.tensor([[[4.0, 8.0], [1.0, 1.0]]])
    found = written(
        memory,
        torch.tensor([[[0.5, 0.0]]]),
        torch.tensor([[[1.0, 0.0]]]),
        torch.tensor([[[2.0, 2.0]]]),
    )
    assert found[0].tolist() == [[3.0, 9.0], [1.0, 1.0]]


def test_two_write_heads_erase_one_after_the_other() -> None:
    # "the order does not matter": (1 - 0.5)(1 - 0.5) of the row stays, both additions count
    memory = torch.ones(1, 1, 1)
    found = written(memory, torch.full((1, 2, 1), 0.5), torch.ones(1, 2, 1), torch.tensor([[[1.0], [3.0]]]))
    assert found.item() == pytest.approx(0.25 + 0.5 + 1.5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**16), st.integers(3, 12), st.integers(1, 3), st.integers(1, 2))
def test_weights_stay_distributions_and_the_state_keeps_its_size(seed: int, rows: int, reads: int, writes: int) -> None:
    torch.manual_seed(seed)
    net = NTM(3, 2, NTMConfig(rows=rows, width=4, controller=8, read_heads=reads, write_heads=writes))
    state = net.start(2)
    sizes = [part.shape for part in (state.memory, state.weights, state.read, state.hidden, state.cell)]
    for _ in range(6):
        y, state = net(torch.randn(2, 3) * 3, state)
        assert y.shape == (2, 2)
        assert state.weights.min() >= 0
        torch.testing.assert_close(state.weights.sum(-1), torch.ones(2, reads + writes))
    assert [part.shape for part in (state.memory, state.weights, state.read, state.hidden, state.cell)] == sizes


def test_rows_of_a_batch_do_not_see_each_other() -> None:
    torch.manual_seed(1)
    net, x = NTM(3, 2, NTMConfig(rows=8, width=4, controller=8)), torch.randn(5, 3, 3)
    torch.testing.assert_close(net.run(x)[0][:, 1:2], net.run(x[:, 1:2])[0], atol=1e-6, rtol=1e-5)


def test_going_on_from_a_state_is_the_same_run() -> None:
    torch.manual_seed(2)
    net, x = NTM(3, 2, NTMConfig(rows=8, width=4, controller=8)), torch.randn(6, 2, 3)
    whole, last = net.run(x)
    first, state = net.run(x[:3])
    second, end = net.run(x[3:], state.detach())
    torch.testing.assert_close(torch.cat([first, second]), whole)
    torch.testing.assert_close(end.memory, last.memory)


def test_it_learns_to_say_again_what_it_heard() -> None:
    torch.manual_seed(0)
    net = NTM(3, 2, NTMConfig(rows=6, width=6, controller=24))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    losses = []
    for _ in range(150):
        bits = torch.randint(0, 2, (2, 16, 2)).float()
        x = torch.zeros(4, 16, 3)
        x[:2, :, :2], x[2:, :, 2] = bits, 1
        loss = F.binary_cross_entropy_with_logits(net.run(x)[0][2:], bits)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[0] > 0.6
    assert sum(losses[-10:]) / 10 < 0.1


def test_bad_sizes_are_named() -> None:
    with pytest.raises(BadInput, match="at least 1"):
        NTMConfig(rows=0)
    with pytest.raises(BadInput, match="shift"):
        NTMConfig(rows=4, shift=2)
