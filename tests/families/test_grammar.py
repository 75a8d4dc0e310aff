"""Chains and rules: what is counted, what is said of unseen text, and rules that are typed."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Modality, Text
from studio.core.recipe import DataSpec
from studio.data.text.tokenisers import END, RESOURCE, CharacterTokeniser
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.text.grammar import SLOTS, Grammar
from studio.families.text.grammar_chain import Chain, Places
from studio.families.text.grammar_forms import haiku, lines
from studio.families.text.grammar_recipe import GrammarRecipe, GrammarSettings
from studio.families.text.grammar_rules import Rules
from studio.families.text.grammar_table import Table
from studio.families.text.grammar_words import Words, chosen, pieces, syllables

TALE = "the cat sat on the mat. the dog sat on the log. the fox ran to the box. " * 3
TOKENS = CharacterTokeniser("".join(sorted(set(TALE + "\n"))))


def _row(text: str) -> Tensor:
    return torch.tensor([[END, *TOKENS.encode(text).tolist()]])


def _chain(order: int = 2, rows: Tensor | None = None) -> tuple[Chain, Places]:
    chain, places = Chain(TOKENS.vocabulary, order, 1 << 12, END, 0), Places(1 << 12)
    for row in rows if rows is not None else ():
        chain.learn(row[None], places)
    return chain, places


def _family(**options: Any) -> Grammar:
    family = Grammar(GrammarRecipe(**({"memory": "small", "steps": 4} | options)), Compute())
    spec = DataSpec(
        modality=Modality.TEXT,
        shape=(65,),
        vocabulary=TOKENS.vocabulary,
        resources={RESOURCE: TOKENS.to_json()},
    )
    family.setup(spec)
    rows = _row(TALE)[:, :195].view(3, 65)
    for step in range(4):
        family.step = step
        family.train_step(Batch(rows))
    return family


def _write(family: Grammar, seeds: list[int], prompt: str = "", **settings: Any) -> list[Text]:
    request = SampleRequest(seeds=seeds, prompt=prompt, settings=GrammarSettings(**settings))
    made = list(family.sample(request, lambda _done, _total: None))
    return [each for each in made if isinstance(each, Text)]


# -------------------------------------------------------------------------------------- counting


def test_a_table_knows_its_keys_and_no_others() -> None:
    table = Table(1 << 10)
    keys = torch.randint(2**62, (700,), generator=torch.Generator().manual_seed(0))
    first = table.add(torch.cat([keys, keys[:50]]))
    assert first.there.float().mean() > 0.99
    assert torch.equal(first.place[:50], first.place[700:])
    found = table.find(keys)
    assert torch.equal(found.place, first.place[:700])
    assert not table.find(keys + 1).there.any()
    # more than fits: what finds no place is said to be nowhere, and nothing is overwritten
    table.add(keys * 3 + 7)
    assert torch.equal(table.find(keys).place, found.place)
    assert table.filled() > 0.95


def _kneser_ney(row: list[int], order: int, discount: float) -> Any:
    """Return p(token | tokens before) by the textbook, from counts in dictionaries."""
    counts: list[Counter[tuple[int, ...]]] = [Counter() for _ in range(order + 1)]
    padded = [END] * order + row  # a text begins where another one ended
    for place in range(order + 1, len(padded)):
        counts[order][tuple(padded[place - order : place + 1])] += 1
    for level in range(order - 1, -1, -1):
        for gram in counts[level + 1]:
            counts[level][gram[1:]] += 1

    def chance(before: list[int], token: int) -> float:
        p = 1 / (TOKENS.vocabulary - 3)
        for level in range(order + 1):
            context = tuple(before[len(before) - level :])
            after = {gram: n for gram, n in counts[level].items() if gram[:-1] == context}
            total = sum(after.values())
            if total:
                kept = max(after.get((*context, token), 0) - discount, 0)
                p = (kept + discount * len(after) * p) / total
        return p

    return chance


def test_chances_are_those_of_kneser_and_ney() -> None:
    row = _row(TALE[:60])
    chain, _ = _chain(3, row)
    discount = float(chain.discounts.detach().sigmoid()[0])
    chance = _kneser_ney(row[0].tolist(), 3, discount)
    before = [*TOKENS.encode("the cat").tolist()]
    scores = chain.scores(torch.tensor([before[-3:]]))[0].exp()
    for token in range(TOKENS.vocabulary):
        assert scores[token] == pytest.approx(chance(before, token), abs=1e-5), token
    possible = scores.sum() - scores[0] - scores[2] - scores[3]
    assert possible == pytest.approx(1, abs=1e-4)


def test_what_comes_again_counts_once() -> None:
    row = _row(TALE)
    often, _ = _chain(2, row.repeat(3, 1))
    (once, places), (together, others) = _chain(2), _chain(2)
    assert once.learn(row, places) == together.learn(row.repeat(2, 1), others) > 0
    assert once.learn(row, places) == 0
    for name in ("counts", "totals", "kinds"):
        assert torch.equal(getattr(once, name), getattr(often, name))
        assert torch.equal(getattr(once, name).sort()[0], getattr(together, name).sort()[0])


def test_a_place_does_not_help_itself() -> None:
    """Left out, the newest place is as surprising as to a chain that never saw it."""
    row = _row("abc the cat sat on the mat. the dog"[4:])
    whole, places = _chain(2, row)
    without, _ = _chain(2, row[:, :-1])
    with torch.no_grad():
        left_out, counting = whole.surprise(row, places)
        new, _ = without.surprise(row)
        known, _ = whole.surprise(row)
    assert counting.all()
    assert left_out[0, -1] == pytest.approx(float(new[0, -1]), abs=1e-5)
    assert known[0, -1] < left_out[0, -1]


def test_unseen_text_is_foreseen_better_than_by_letters_alone() -> None:
    family = _family(order=4)
    unseen = _row("the cat ran to the log. the fox sat on the box. ")
    measured = family.validate(Batch(unseen))
    letters = Counter(TALE)
    alone = -sum(torch.tensor(letters[c] / len(TALE)).log() for c in "the cat ran") / 11
    assert measured["val_nats_per_token"] < 0.5 * alone
    nats = float(measured["val_nats_per_token"])
    derived = family.derived({"val_nats_per_token": nats})
    assert derived["val_perplexity"] == pytest.approx(math.exp(nats))


def test_a_full_memory_still_writes() -> None:
    chain, places = Chain(TOKENS.vocabulary, 5, 1 << 5, END, 0), Places(1 << 12)
    chain.learn(_row(TALE), places)
    scores = chain.scores(torch.tensor([TOKENS.encode("at on").tolist()]))
    assert scores.isfinite().all()


# --------------------------------------------------------------------------------------- writing


def test_writes_on_from_a_prompt_and_is_heard() -> None:
    family = _family()
    heard: list[tuple[int, str]] = []
    request = SampleRequest(
        seeds=[5],
        prompt="the dog sat",
        listen=lambda index, text: heard.append((index, text)),
        settings=GrammarSettings(length=60, temperature=0.5),
    )
    made = next(family.sample(request, lambda _done, _total: None))
    assert isinstance(made, Text)
    assert made.text.startswith("the dog sat on the ")
    assert heard
    assert made.text.startswith(heard[0][1])
    assert all(0 < token.chance <= 1 for token in made.tokens)
    assert set(pieces(made.text)) & {"mat", "log", "box", "the"}


def test_lines_and_haiku_keep_their_measure() -> None:
    family = _family()
    (broken,) = _write(family, [1], form="lines", measure=6, length=300)
    counted = [sum(map(syllables, pieces(line))) for line in broken.text.splitlines()]
    assert max(counted) <= 7
    assert min(counted[:-1]) >= 5
    (three,) = _write(family, [1], form="haiku")
    assert [sum(map(syllables, pieces(line))) for line in three.text.splitlines()] == [5, 7, 5]
    assert lines("one two three", 2) == "one two\nthree"
    assert haiku("short") == "short\n\n"


def test_syllables_are_counted_by_vowels() -> None:
    known = {"water": 2, "moon": 1, "silence": 2, "table": 2, "walked": 1, "wanted": 2, "月": 1}
    assert {word: syllables(word) for word in known} == known


# ----------------------------------------------------------------------------------------- rules


#: Five rules of which each stands nine times in the one before.
BOMB = "start: {a}" + "".join(f"; {a}: " + f"{{{b}}}" * 9 for a, b in pairwise("abcde")) + "; e: x"


def _by(rules: str, seed: int = 0) -> str:
    return Rules(rules, SLOTS).write(
        random.Random(seed), lambda name, asked, _: f"<{name} {asked}>"
    )


def test_rules_are_followed() -> None:
    rules = "start: {who} {does}.\nwho: A | B\n| C\ndoes: runs | {who} sees {who}"
    made = {_by(rules, seed) for seed in range(200)}
    assert made <= {f"{a} runs." for a in "ABC"} | {
        f"{a} {b} sees {c}." for a in "ABC" for b in "ABC" for c in "ABC"
    }
    assert len(made) > 20
    assert _by("# a word\nstart: x\\|y\\; {word:s*|t} \\n\\{z\\} ; other: q") == (
        "x|y; <word s*|t> \n{z}"
    )
    maybe = [_by("start: a{b?}; b: b", seed) for seed in range(100)]
    assert 30 < maybe.count("ab") < 70


@pytest.mark.parametrize(
    ("rules", "word"),
    [
        ("", "no rule"),
        ("hello there", "no rule"),
        ("start: {who}", "'who'"),
        ("start: {who", "not closed"),
        ("start: {a}; a: {b}; b: {a}", "never comes to an end"),
        (BOMB, "without end"),
        ("start: {!}", "names nothing"),
        (";".join(f"r{number}: x" for number in range(600)), "more than 500"),
    ],
)
def test_rules_that_cannot_be_followed_say_why(rules: str, word: str) -> None:
    with pytest.raises(StudioError) as caught:
        _by(rules)
    assert word in f"{caught.value.message}"


def test_rules_that_call_themselves_come_to_an_end() -> None:
    text = _by("start: {s}; s: ({s}{s}) | x | ({s})", 3)
    assert text.count("(") == text.count(")")


def test_slots_hold_the_words_of_the_texts() -> None:
    family = _family()
    before = _write(family, [1], form="rules", rules="start: {word:?at}")[0].text
    assert before == "" or before in TALE  # words were not gathered yet: the chain's own serve
    family.finish(iter([Batch(_row(TALE)), Batch(_row("The fox met Anna. Anna sat."))]))
    rules = "start: {word:?at} {word:4-9} {name} {words:2} {line}"
    for text in _write(family, [1, 2, 3], form="rules", rules=rules):
        first, _, rest = text.text.partition(" ")
        assert first in {"cat", "sat", "mat"}
        assert rest.partition(" ")[2].startswith(" ") or "nna" in text.text
        assert text.facts["form"] == "rules"
    # the page that is written on holds the rules where the setting does not
    assert _write(family, [1], prompt="start: yes", form="rules")[0].text == "yes"
    once = [text.text for text in _write(family, [7, 8], form="rules", rules=rules)]
    assert once[1] == _write(family, [8], form="rules", rules=rules)[0].text


def test_words_are_kept_by_count_and_small_where_they_can_be() -> None:
    words = Words()
    words.learn(["The cat. the dog; Anna, Anna's cat — 12 naïve été", "a" * 100])
    counted = words.counted()
    assert counted["the"] == 2
    assert counted["cat"] == 2
    assert "The" not in counted
    assert {"Anna", "Anna's", "naïve", "été"} <= set(counted)
    chance = random.Random(0)
    assert chosen(counted, "été", chance) == "été"
    assert chosen(counted, "[ab]", chance) is None
    assert chosen(counted, "c?t", chance) == "cat"
