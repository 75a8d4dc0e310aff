"""Blank filler: what is hidden, how blanks are found and filled, and what is learned."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality, Text
from studio.core.recipe import DataSpec
from studio.data.text.tokeniser_bpe import learn_bpe
from studio.data.text.tokenisers import END, MASK, RESOURCE, CharacterTokeniser, Tokeniser
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.text.filling import Filler
from studio.families.text.filling_settings import FillSettings
from studio.families.text.filling_text import blanks
from studio.families.text.infill import Infill
from studio.families.text.infill_recipe import InfillRecipe
from studio.families.text.masking import disguised, hidden_places

WHO = ["cat", "dog", "fox", "hen"]
DID = ["sat on", "ran to", "saw"]
WHERE = ["mat", "log", "box", "hill"]


def _tale(count: int, seed: int) -> str:
    """Return sentences in which the last word follows from the first: a cat has its mat."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        number = chance.randrange(4)
        found.append(f"the {WHO[number]} {chance.choice(DID)} the {WHERE[number]}. ")
    return "".join(found)


TOKENS = CharacterTokeniser("".join(sorted(set(_tale(50, 0)))))


def _rows(text: str, size: int, tokens: Tokeniser = TOKENS) -> Tensor:
    ids = tokens.encode(text)
    count = len(ids) // size
    return torch.from_numpy(ids[: count * size].reshape(count, size).astype(np.int64))


def _family(tokens: Tokeniser = TOKENS, size: int = 48, **options: Any) -> Infill:
    small = {"width": 32, "depth": 1, "heads": 2, "steps": 4, "batch_size": 8}
    torch.manual_seed(0)
    family = Infill(InfillRecipe(**(small | options)), Compute())
    spec = DataSpec(
        modality=Modality.TEXT,
        shape=(size,),
        vocabulary=tokens.vocabulary,
        resources={RESOURCE: tokens.to_json()},
    )
    family.setup(spec)
    return family


WORDS = learn_bpe([_tale(400, 3)], 400)


@pytest.fixture(scope="module")
def learned() -> Infill:
    """Return a model that learned which word belongs to which."""
    torch.set_num_threads(1)
    small = {"width": 48, "steps": 120, "batch_size": 16, "share": 0.2, "learning_rate": 6e-3}
    family = _family(WORDS, span=1, **small)
    rows = _rows(_tale(1500, 1), 48, WORDS)
    for step in range(120):
        family.step = step
        torch.manual_seed(step)
        family.train_step(Batch(rows[torch.randint(len(rows), (16,))]))
    family.network.eval()
    return family


def _fill(family: Infill, prompt: str, seeds: list[int], **settings: Any) -> list[Text]:
    request = SampleRequest(
        task=Task.FILL, seeds=seeds, prompt=prompt, settings=FillSettings(**settings)
    )
    made = list(family.sample(request, lambda _done, _total: None))
    return [each for each in made if isinstance(each, Text)]


# ---------------------------------------------------------------------------------------- hiding


@pytest.mark.parametrize("span", [1, 4])
def test_as_much_is_hidden_as_was_asked_for(span: int) -> None:
    rows = torch.full((400, 200), 7)
    counting = torch.rand(400, 200, generator=torch.Generator().manual_seed(1)) < 0.9
    hidden = hidden_places(rows, counting, 0.15, span, torch.Generator().manual_seed(0))
    assert not (hidden & ~counting).any()
    share = hidden.sum() / counting.sum()
    assert 0.11 < share < 0.17  # runs that meet hide a little less
    starts = hidden[:, 1:] & ~hidden[:, :-1] & counting[:, :-1]
    length = hidden.sum() / starts.sum()
    assert (length < 1.4) if span == 1 else (2.5 < length < 5.5)


def test_hidden_tokens_are_mostly_masked() -> None:
    rows = torch.full((100, 100), 5)
    hidden = torch.zeros_like(rows, dtype=torch.bool)
    hidden[:, ::2] = True
    torch.manual_seed(0)
    shown = disguised(rows, hidden, MASK, 20, 4)
    assert torch.equal(shown[~hidden], rows[~hidden])
    masked = (shown[hidden] == MASK).float().mean()
    same = (shown[hidden] == 5).float().mean()
    assert masked == pytest.approx(0.8, abs=0.02)
    assert same == pytest.approx(0.1 + 0.1 / 16, abs=0.02)
    assert (shown >= MASK).all()


# --------------------------------------------------------------------------------------- filling


def test_blanks_are_found_however_they_are_written() -> None:
    assert blanks("a […] b [...] c ___ d [ … ] e _______") == ["a ", " b ", " c ", " d ", " e ", ""]
    with pytest.raises(StudioError, match="has none"):
        blanks("a word_with_one and [brackets]")


class _Knows:
    """A network that knows a text by heart and guesses what stands in it at each place."""

    def __init__(self, tokens: Tokeniser, text: str) -> None:
        self.row = torch.from_numpy(tokens.encode(text))
        self.vocabulary = tokens.vocabulary
        self.calls: list[Tensor] = []

    def __call__(self, rows: Tensor) -> Tensor:
        self.calls.append(rows.clone())
        scores = torch.zeros(*rows.shape, self.vocabulary)
        for place in range(min(rows.shape[1], len(self.row))):
            # the further back, the surer, so that blanks are filled from behind
            scores[:, place, self.row[place]] = 3.0 + 0.2 * place
        return scores


def test_the_surest_place_is_filled_first() -> None:
    text = "the dog ran to the log."
    knows = _Knows(TOKENS, text)
    filler = Filler(knows, TOKENS, 64, 3, ((), ()), torch.device("cpu"))
    settings = FillSettings(temperature=0, length=3, rounds=0)
    heard: list[str] = []
    (made,) = filler.fill(
        "the [...] ran to the [...].",
        [1],
        settings,
        lambda _done, _total: None,
        lambda _index, now: heard.append(now),
    )
    assert made.text == text
    assert made.facts["filled"] == [[4, 7], [19, 22]]
    assert "".join(token.text for token in made.tokens) == text
    assert heard[0] == "the … ran to the g."
    assert heard[2] == "the … ran to the log."
    assert heard[-1] == text
    masked = [int((row == MASK).sum()) for row in knows.calls]
    assert masked == [6, 5, 4, 3, 2, 1]
    # second thoughts take the least sure tokens out again, fewer each time
    knows.calls.clear()
    list(
        filler.fill(
            "the [...] ran to the [...].",
            [1],
            settings.model_copy(update={"rounds": 2}),
            lambda _done, _total: None,
        )
    )
    masked = [int((row == MASK).sum()) for row in knows.calls]
    assert masked == [6, 5, 4, 3, 2, 1, 4, 3, 2, 1, 2, 1]


def test_blanks_far_apart_are_filled_one_after_the_other() -> None:
    text = _tale(20, 5)
    start = text.index("cat", 60)
    prompt = text[:4] + "[…]" + text[7:start] + "[…]" + text[start + 3 :]
    family = _family(size=32)
    made = _fill(family, prompt, [1, 2], length=3)
    for each in made:
        (a, b), (c, d) = each.facts["filled"]
        assert (b - a, d - c) == (3, 3)
        assert each.text[:4] + each.text[7:start] == text[:4] + text[7:start]
    with pytest.raises(StudioError, match="reads 32 tokens"):
        _fill(family, prompt, [1], length=30)


def test_word_parts_bring_their_space_along() -> None:
    family = _family(WORDS)
    (made,) = _fill(family, "the dog […] the log.", [1], length=1)
    (start, end) = made.facts["filled"][0]
    assert made.text[:start] == "the dog"
    assert made.text[end:] == " the log."


# -------------------------------------------------------------------------------------- learning


def test_learns_what_belongs_together(learned: Infill) -> None:
    unseen = Batch(_rows(_tale(100, 2), 48, WORDS))
    measured = {name: float(value) for name, value in learned.validate(unseen).items()}
    assert measured["val_masked_accuracy"] > 2.5 * measured["val_baseline_accuracy"]
    assert measured["val_masked_nats"] < 0.4 * measured["val_baseline_nats"]
    again = learned.validate(unseen)["val_masked_nats"]
    assert float(again) == measured["val_masked_nats"]  # the same tokens are hidden each time
    assert "frequencies" in learned.averaged  # a package can be measured beside who only counts
    for who, where in zip(WHO, WHERE, strict=True):
        prompt = f"the dog saw the log. the {who} ran to the […]. "
        (made,) = _fill(learned, prompt, [3], length=1, temperature=0)
        assert made.text == prompt.replace("[…]", where)


def test_finds_how_long_a_blank_is(learned: Infill) -> None:
    for who, where in zip(WHO, WHERE, strict=True):
        prompt = f"the dog saw the log. the {who} ___ {where}. the hen "
        (made,) = _fill(learned, prompt, [1], temperature=0, longest=6)
        assert made.text in {prompt.replace("___", f"{did} the") for did in DID}


def test_seeds_differ_and_stay(learned: Infill) -> None:
    prompt = "the […] sat on the […]. "
    made = _fill(learned, prompt, [1, 2, 3, 4, 5], length=1, temperature=1.5)
    assert len({each.text for each in made}) > 1
    assert _fill(learned, prompt, [3], length=1, temperature=1.5)[0].text == made[2].text


def test_the_sheet_marks_what_was_hidden(learned: Infill) -> None:
    shown = list(learned.show(Batch(_rows(_tale(9, 9), 48, WORDS))))
    assert isinstance(shown[0], Text)
    blank, filled, wanted = shown[0].text.split("\n")
    assert "[…]" in blank
    assert filled.startswith("→ ")
    assert wanted[2:] == shown[0].facts["wanted"]
    assert END not in WORDS.encode(wanted[2:])
