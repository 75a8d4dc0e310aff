"""The Transformer writes token by token what it would have written at once."""

from __future__ import annotations

import pytest
import torch

from studio.families.layers.choosing import Manner, choose, uniform
from studio.families.layers.muon import (
    Muon,
    set_rate,
    transformer_optimisers,
    warm_then_down,
)
from studio.families.layers.transformer import Transformer


@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_writing_with_a_cache_equals_reading_the_whole_row(positions: str) -> None:
    torch.manual_seed(0)
    net = Transformer(11, 32, 2, 4, 12, positions=positions).eval()  # type: ignore[arg-type]
    tokens = torch.randint(11, (3, 12))
    with torch.no_grad():
        whole = net(tokens)
        cache = net.empty_cache(3)
        parts = [net(tokens[:, :4], cache), net(tokens[:, 4:7], cache)]
        parts += [net(tokens[:, place : place + 1], cache) for place in range(7, 12)]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, rtol=1e-4, atol=1e-5)
    assert cache.length == 12


def test_no_token_sees_what_comes_after_it() -> None:
    torch.manual_seed(0)
    net = Transformer(7, 16, 2, 2, 10).eval()
    tokens = torch.randint(7, (1, 10))
    changed = tokens.clone()
    changed[0, 6:] = (changed[0, 6:] + 1) % 7
    with torch.no_grad():
        before, after = net(tokens), net(changed)
    torch.testing.assert_close(before[:, :6], after[:, :6])
    assert not torch.allclose(before[:, 6], after[:, 6])


def test_a_row_that_is_too_long_is_refused_and_only_outputs_are_scored() -> None:
    net = Transformer(9, 16, 1, 2, 5, outputs=4)
    assert net(torch.zeros(2, 5, dtype=torch.long), skip=2).shape == (2, 3, 4)
    with pytest.raises(ValueError, match="6 tokens"):
        net(torch.zeros(1, 6, dtype=torch.long))
    with pytest.raises(ValueError, match="heads"):
        Transformer(9, 15, 1, 2, 5)


def test_it_learns_a_rule() -> None:
    """Each token is the sum of the two before it, modulo 5."""
    torch.manual_seed(0)
    rows = torch.randint(5, (256, 2))
    for _ in range(8):
        rows = torch.cat([rows, ((rows[:, -1] + rows[:, -2]) % 5)[:, None]], dim=1)
    net = Transformer(5, 48, 2, 4, 9)
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3)
    for _ in range(150):
        scores = net(rows[:, :-1])
        loss = torch.nn.functional.cross_entropy(scores[:, 1:].flatten(0, 1), rows[:, 2:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        guess = net(rows[:, :-1])[:, 1:].argmax(2)
    assert (guess == rows[:, 2:]).float().mean() > 0.95


def test_a_token_is_chosen_by_its_own_number_alone() -> None:
    scores = torch.tensor([[0.1, 0.6, 0.3]]).log()
    asked = torch.tensor([0.0, 0.59, 0.61, 0.89, 0.91, 1.0])
    # likeliest first: token 1 below 0.6, token 2 below 0.9, then token 0

    def chosen(written: list[int] | None = None, **manner: float) -> list[int]:
        rows = torch.tensor([written] * 6) if written else None
        return choose(scores.repeat(6, 1), asked, Manner(**manner), rows).tolist()  # type: ignore[arg-type]

    assert chosen() == [1, 1, 2, 2, 0, 0]
    assert chosen(top_k=2) == [1, 1, 1, 2, 2, 2]
    assert chosen(top_p=0.5) == [1] * 6
    assert chosen(temperature=0) == [1] * 6
    assert chosen(min_p=0.4) == [1, 1, 1, 2, 2, 2]  # 0.1 is less than 0.4 of 0.6
    # scores below 0 are multiplied: 0.6^3, so that 2 comes before 1
    assert chosen(written=[1], repetition=3.0)[0] == 2
    device = torch.device("cpu")
    assert torch.equal(uniform([3, 9], 4, device)[1], uniform([9], 4, device)[0])


def test_without_causality_every_token_sees_all() -> None:
    torch.manual_seed(0)
    net = Transformer(7, 16, 2, 2, 10, causal=False).eval()
    tokens = torch.randint(7, (1, 10))
    changed = tokens.clone()
    changed[0, 9] = (changed[0, 9] + 1) % 7
    with torch.no_grad():
        before, after = net(tokens), net(changed)
    assert not torch.allclose(before[:, 0], after[:, 0])


def test_muon_takes_the_matrices_and_adamw_the_rest() -> None:
    net = Transformer(7, 16, 2, 2, 10)
    muon, adamw = transformer_optimisers([net], 1e-3)
    of = [{id(p) for g in each.param_groups for p in g["params"]} for each in (muon, adamw)]
    assert id(net.blocks[0].up.weight) in of[0]
    assert {id(net.embedding.weight), id(net.norm.weight)} <= of[1]
    assert of[0] | of[1] == {id(p) for p in net.parameters()}
    assert not of[0] & of[1]
    set_rate((muon, adamw), 0.5)
    set_rate((muon, adamw), 0.25)
    assert adamw.param_groups[0]["lr"] == pytest.approx(2.5e-4)


def test_the_rate_rises_and_falls_in_lines() -> None:
    shares = [warm_then_down(step, 100, warm_up=0.1) for step in range(101)]
    assert shares[0] == pytest.approx(0.1)
    assert max(shares) == shares[9] == 1
    assert shares[55] == pytest.approx(0.5)
    assert shares[100] == 0


def test_muon_does_what_torchs_own_does() -> None:
    torch.manual_seed(0)
    shapes = [(12, 8), (8, 8), (8, 12), (12, 8)]
    begun = [torch.randn(shape) for shape in shapes]
    ours = [torch.nn.Parameter(each.clone()) for each in begun]
    theirs = [torch.nn.Parameter(each.clone()) for each in begun]
    one = Muon(ours, 0.02, weight_decay=0.1)
    two = torch.optim.Muon(theirs, 0.02, weight_decay=0.1, momentum=0.95, adjust_lr_fn="original")
    for _ in range(5):
        for a, b in zip(ours, theirs, strict=True):
            a.grad = torch.randn_like(a)
            b.grad = a.grad.clone()
        one.step()
        two.step()
    for start, a, b in zip(begun, ours, theirs, strict=True):
        moved = (b - start).norm()
        assert (a - b).norm() < 0.02 * moved  # in bf16, sums in another order
