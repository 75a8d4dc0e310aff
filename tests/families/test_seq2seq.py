"""Encoder and decoder: learns what belongs to what, and finds the likeliest answer."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality, Text
from studio.core.recipe import DataSpec
from studio.data.text.tokenisers import ANSWER, END, RESOURCE, CharacterTokeniser
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.text.seq2seq import Seq2seq
from studio.families.text.seq2seq_beam import Search, best_answers
from studio.families.text.seq2seq_networks import EncoderDecoder
from studio.families.text.seq2seq_recipe import Seq2seqRecipe, Seq2seqSettings

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TOKENS = CharacterTokeniser("".join(sorted(set("".join(DIGITS) + "0123456789 "))))
SIZE = 24


def _spoken(count: int, seed: int) -> list[tuple[str, str]]:
    """Return numbers with their digits said in words."""
    chance = random.Random(seed)
    numbers = ["".join(chance.choices("0123456789", k=chance.randint(1, 4))) for _ in range(count)]
    return [(each, " ".join(DIGITS[int(digit)] for digit in each)) for each in numbers]


def _rows(pairs: list[tuple[str, str]], size: int = SIZE) -> Tensor:
    """Return pairs as they are prepared: (N, 2, size), each text with END after it."""
    rows = torch.zeros(len(pairs), 2, size, dtype=torch.int64)
    for row, pair in zip(rows, pairs, strict=True):
        for side, text in zip(row, pair, strict=True):
            tokens = [*TOKENS.encode(text).tolist(), END]
            side[: len(tokens)] = torch.tensor(tokens)
    return rows


def _family(size: int = SIZE, **options: Any) -> Seq2seq:
    small = {"width": 32, "depth": 1, "heads": 2, "steps": 4, "batch_size": 8}
    torch.manual_seed(0)
    family = Seq2seq(Seq2seqRecipe(**(small | options)), Compute())
    spec = DataSpec(
        modality=Modality.TEXT,
        shape=(2, size),
        vocabulary=TOKENS.vocabulary,
        resources={RESOURCE: TOKENS.to_json()},
    )
    family.setup(spec)
    return family


def _ask(family: Seq2seq, prompt: str, seeds: list[int], **settings: Any) -> list[Text]:
    request = SampleRequest(
        task=Task.ANSWER, seeds=seeds, prompt=prompt, settings=Seq2seqSettings(**settings)
    )
    made = list(family.sample(request, lambda _done, _total: None))
    return [each for each in made if isinstance(each, Text)]


@pytest.fixture(scope="module")
def learned() -> Seq2seq:
    """Return a model that learned to say numbers digit by digit."""
    torch.set_num_threads(1)
    steps = 150
    family = _family(width=64, depth=1, heads=2, steps=steps, batch_size=32)
    rows = _rows(_spoken(3000, 1))
    for step in range(steps):
        family.step = step
        torch.manual_seed(step)
        family.train_step(Batch(rows[torch.randint(len(rows), (32,))]))
    family.network.eval()
    return family


def test_learns_to_say_numbers(learned: Seq2seq) -> None:
    unseen = _spoken(100, 2)
    made = list(learned.answers([source for source, _ in unseen], lambda _done, _total: None))
    right = sum(a == wanted for a, (_, wanted) in zip(made, unseen, strict=True))
    assert right >= 90
    measured = learned.validate(Batch(_rows(unseen)))
    assert measured["val_exact"] >= 0.9
    assert measured["val_bleu"] > 0.5
    assert measured["val_nats_per_token"] < 0.1


def test_answers_are_streamed_and_say_how_sure_they_are(learned: Seq2seq) -> None:
    heard: list[tuple[int, str]] = []
    for beams in (1, 3):
        heard.clear()
        request = SampleRequest(
            task=Task.ANSWER,
            seeds=[3, 4],
            prompt="207",
            listen=lambda index, text: heard.append((index, text)),
            settings=Seq2seqSettings(beams=beams, temperature=0.3),
        )
        first, second = learned.sample(request, lambda _done, _total: None)
        assert isinstance(first, Text)
        assert isinstance(second, Text)
        assert first.text == "two zero seven"
        assert "".join(token.text for token in first.tokens) == first.text
        assert first.tokens[0].chance > 0.5
        assert first.tokens[0].others[0][0] == "t"
        assert any(text == first.text[: len(text)] and text for _, text in heard)
        assert (second.text != first.text) == (beams == 3)  # several answers of a search differ


def test_a_seed_draws_the_same_answer_alone_or_among_others() -> None:
    family = _family()
    drawn = _ask(family, "12", [5, 9], beams=1, temperature=1.0)
    assert drawn[1].text == _ask(family, "12", [9], beams=1, temperature=1.0)[0].text
    assert drawn[0].text != drawn[1].text


def test_a_search_finds_the_likeliest_of_all_answers() -> None:
    """With enough beams it is exhaustive: the same as trying every answer there is."""
    torch.manual_seed(3)
    network = EncoderDecoder(6, 16, 1, 2, 4).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(4)
    source = torch.tensor([[4, 5, 4, END]])
    forbidden = torch.tensor([True, False, True, True, False, False])
    every: dict[tuple[int, ...], float] = {}
    with torch.no_grad():
        for length in range(4):
            for words in product((4, 5), repeat=length):
                answer = [*words, END] if length < 3 else list(words)
                read = torch.tensor([[ANSWER, *answer[:-1]]])
                scores = network(source, read)[0].masked_fill(forbidden, -torch.inf)
                chances = scores.log_softmax(1)
                every[words] = sum(float(chances[i, t]) for i, t in enumerate(answer))
    search = Search(16, 3, 0.0, ANSWER, END, forbidden)
    found, worth = best_answers(network, source, search, lambda _: None)
    best = max(every, key=lambda words: every[words])
    assert worth[0, 0] == pytest.approx(every[best], abs=1e-4)
    assert found[0, 0].tolist()[: len(best)] == list(best)
    # helping long answers changes the order as the formula says
    lifted = Search(16, 3, 2.0, ANSWER, END, forbidden)
    _, worth = best_answers(network, source, lifted, lambda _: None)
    fair = max(p / ((5 + min(len(w) + 1, 3)) / 6) ** 2 for w, p in every.items())
    assert worth[0, 0] == pytest.approx(fair, abs=1e-4)


def test_writing_with_memory_equals_reading_at_once() -> None:
    torch.manual_seed(0)
    network = EncoderDecoder(11, 32, 2, 4, 9).eval()
    source = torch.randint(4, 11, (3, 9))
    source[1, 5:] = 0
    answer = torch.randint(4, 11, (3, 7))
    with torch.no_grad():
        whole = network(source, answer)
        memory = network.begin(source)
        steps = [network.write(answer[:, place], memory) for place in range(4)]
        memory = memory.select(torch.tensor([2, 0, 1]))
        turned = answer[torch.tensor([2, 0, 1])]
        later = network.write(turned[:, 4], memory)
    torch.testing.assert_close(torch.stack(steps, 1), whole[:, :4], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(later, whole[torch.tensor([2, 0, 1]), 4], rtol=1e-4, atol=1e-5)


def test_filling_changes_nothing() -> None:
    """Rows that are longer than their texts give the same loss, on either side."""
    pairs = _spoken(6, 3)
    family = _family(size=40)
    short, long = Batch(_rows(pairs)), Batch(_rows(pairs, 40))
    with torch.no_grad():
        first, second = (family._foreseen(batch.items) for batch in (short, long))
    mean = [
        (chances.gather(2, batch.items[:, 1, :, None])[:, :, 0] * counting).sum()
        for (chances, counting), batch in zip((first, second), (short, long), strict=True)
    ]
    torch.testing.assert_close(mean[0], mean[1], rtol=1e-5, atol=1e-4)


def test_a_text_that_is_too_long_is_read_from_its_end() -> None:
    family = _family()
    (made,) = _ask(family, "12" * SIZE, [1])
    assert made.facts["tokens_not_read"] == SIZE + 1


def test_the_sheet_shows_what_was_wanted() -> None:
    family = _family()
    shown = list(family.show(Batch(_rows([("12", "one two")]))))
    assert isinstance(shown[0], Text)
    assert shown[0].facts["source"] == "12"
    assert shown[0].text.endswith("\n= one two")


def test_only_pairs_can_be_learned() -> None:
    family = Seq2seq(Seq2seqRecipe(), Compute())
    spec = DataSpec(modality=Modality.TEXT, shape=(65,), vocabulary=20)
    with pytest.raises(StudioError, match="pairs"):
        family.setup(spec)
