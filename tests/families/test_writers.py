"""Models that write token by token: they learn, and what they write follows from their chances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.media import Modality, Text
from studio.core.recipe import DataSpec
from studio.data.text.tokenisers import END, PAD, RESOURCE, ByteTokeniser, CharacterTokeniser
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.layers.choosing import Manner, uniform
from studio.families.layers.recurrent import Recurrent
from studio.families.layers.transformer import Transformer
from studio.families.text.gpt import GPT
from studio.families.text.rnn_lm import RNNWriter
from studio.families.text.text_writer import TextSampling, TextWriter
from studio.families.writing_on import Wish, write_on

VERSE = "row row row your boat\ngently down the stream\nmerrily merrily merrily merrily\n"
LENGTH = 24


def _tick(_done: int, _total: int) -> None: ...


def _family(kind: type[TextWriter[Any]], text: str = VERSE, **options: Any) -> TextWriter[Any]:
    tokeniser = CharacterTokeniser("".join(sorted(set(text))))
    spec = DataSpec(
        modality=Modality.TEXT,
        shape=(LENGTH + 1,),
        vocabulary=tokeniser.vocabulary,
        resources={RESOURCE: tokeniser.to_json()},
        statistics={"bytes_per_token": 1.0},
    )
    torch.manual_seed(0)
    family = kind(kind.recipe_type(steps=120, width=64, depth=2, **options), Compute())
    family.setup(spec)
    return family


def _rows(family: TextWriter[Any], count: int = 16) -> torch.Tensor:
    ids = family.tokeniser.encode(VERSE * 4)
    starts = torch.randint(len(ids) - LENGTH - 1, (count,)).tolist()
    return torch.from_numpy(np.stack([ids[start : start + LENGTH + 1] for start in starts]))


def _train(family: TextWriter[Any], steps: int = 120) -> list[float]:
    losses = []
    for step in range(steps):
        torch.manual_seed(step)
        family.step = step
        losses.append(float(family.train_step(Batch(_rows(family)))["nats"]))
    for network in family.networks().values():
        network.eval()
    return losses


@pytest.mark.parametrize("kind", [GPT, RNNWriter])
def test_it_learns_a_verse_and_says_it(kind: type[TextWriter[Any]]) -> None:
    family = _family(kind)
    losses = _train(family)
    assert losses[0] > 2.5
    assert losses[-1] < 0.5
    request = SampleRequest(
        seeds=[1],
        prompt="gently down",
        settings=TextSampling(temperature=0, length=11),
    )
    (said,) = family.sample(request, _tick)
    assert isinstance(said, Text)
    assert said.text == "gently down the stream"
    assert "".join(token.text for token in said.tokens) == " the stream"


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_memory_that_is_carried_on_equals_reading_everything(cell: str) -> None:
    torch.manual_seed(0)
    network = Recurrent(9, 16, 2, cell).eval()  # type: ignore[arg-type]
    tokens = torch.randint(9, (3, 10))
    with torch.no_grad():
        whole = network(tokens)
        memory = network.empty_cache(3)
        parts = [network(tokens[:, :4], memory), network(tokens[:, 4:5], memory)]
        parts.append(network(tokens[:, 5:], memory))
    torch.testing.assert_close(torch.cat(parts, dim=1), whole)
    assert memory.length == 10


def test_writing_with_what_was_read_equals_reading_all_again() -> None:
    """Each token is the one that the whole row before it would have led to."""
    torch.manual_seed(0)
    network = Transformer(13, 32, 2, 4, 64).eval()
    begin = torch.randint(1, 13, (4, 3))
    draws = uniform(range(4), 20, torch.device("cpu"))
    wish = Wish(Manner(temperature=0), 20)
    written = write_on(network, begin, draws, wish, lambda _tokens, _done: None)
    row = begin
    with torch.no_grad():
        for place in range(20):
            best = network(row)[:, -1].argmax(1)
            assert torch.equal(best, written.tokens[:, place])
            row = torch.cat([row, best[:, None]], dim=1)


def test_a_row_may_outgrow_the_context() -> None:
    torch.manual_seed(0)
    network = Transformer(13, 32, 1, 2, 16).eval()
    said: list[int] = []
    written = write_on(
        network,
        torch.randint(1, 13, (2, 40)),
        uniform(range(2), 50, torch.device("cpu")),
        Wish(Manner(), 50, head=2),
        lambda _tokens, done: said.append(done),
    )
    assert written.tokens.shape == (2, 50)
    assert said == list(range(1, 51))


def test_what_is_forbidden_is_never_written_and_rows_end() -> None:
    torch.manual_seed(0)
    network = Transformer(6, 16, 1, 2, 200).eval()
    forbidden = torch.tensor([True, False, True, False, False, False])
    written = write_on(
        network,
        torch.ones(8, 1, dtype=torch.int64),
        uniform(range(8), 150, torch.device("cpu")),
        Wish(Manner(), 150, forbidden, ended=lambda token: token == END),
        lambda _tokens, _done: None,
    )
    assert not torch.isin(written.tokens, torch.tensor([0, 2])).any()
    for row, length in zip(written.tokens, written.lengths, strict=True):
        ends = (row == END).nonzero().flatten().tolist()
        assert length == (ends[0] + 1 if ends else len(row))
    assert min(written.lengths) < 100


def test_chances_and_others_are_those_of_the_network() -> None:
    family = _family(GPT)
    _train(family, 40)
    heard: list[tuple[int, str]] = []
    request = SampleRequest(
        seeds=[5],
        prompt="row ",
        listen=lambda index, text: heard.append((index, text)),
        settings=TextSampling(length=12),
    )
    (said,) = family.sample(request, _tick)
    assert isinstance(said, Text)
    assert heard
    assert all(index == 0 and said.text.startswith(text) for index, text in heard)
    first = said.tokens[0]
    ids = torch.tensor([[END, *family.tokeniser.encode("row ").tolist()]])
    with torch.no_grad():
        chances = family.writer(ids)[0, -1].softmax(0)
    wanted = float(chances[int(family.tokeniser.encode(first.text)[0])])
    assert first.chance == pytest.approx(wanted, rel=1e-4)
    others = [chance for _text, chance in first.others]
    assert others == sorted(others, reverse=True)
    assert others[0] == pytest.approx(float(chances.max()), rel=1e-4)


def test_padding_counts_for_nothing_and_bytes_are_what_is_compared() -> None:
    family = _family(GPT)
    rows = _rows(family, 4)
    with torch.no_grad():
        plain = family.validate(Batch(rows))["val_nats_per_token"]
        alone = family.writer(rows[:, :-1]).log_softmax(2)
        filled = rows.clone()
        filled[:, 18:] = PAD
        short = family.cost(filled[:, :-1], filled[:, 1:])
    by_hand = -alone.gather(2, rows[:, 1:, None])
    torch.testing.assert_close(plain, by_hand.mean())
    torch.testing.assert_close(short, by_hand[:, :17].mean())
    derived = family.derived({"val_nats_per_token": 1.4697})
    # the well-known run: 1.4697 nats per character are 2.12 bits per character
    assert derived["val_bits_per_byte"] == pytest.approx(2.1203, abs=1e-3)
    assert derived["val_perplexity"] == pytest.approx(math.exp(1.4697))


def test_only_rows_after_a_line_break_are_read_as_beginnings() -> None:
    family = _family(GPT)
    newline = int(family.tokeniser.encode("\n")[0])
    rows = torch.full((200, 5), newline + 1)
    rows[:100, 0] = newline
    torch.manual_seed(0)
    read = family.begun_anew(rows)
    assert 20 < int((read[:100, 0] == END).sum()) < 80
    assert torch.equal(read[100:], rows[100:])
    assert torch.equal(read[:, 1:], rows[:, 1:])


def test_a_character_of_several_tokens_is_never_shown_in_parts() -> None:
    tokeniser = ByteTokeniser()
    pieces = tokeniser.pieces(tokeniser.encode("aß字🙂").tolist())
    assert "".join(pieces) == "aß字🙂"
    assert "�" not in "".join(pieces)
