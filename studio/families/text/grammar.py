"""Chains and rules: writes by counts of what follows on what, or by rules that the user types.

This file is how texts are counted and written. The chain is in `grammar_chain.py`, its memory in
`grammar_table.py`, the words of the texts in `grammar_words.py`, the notation of rules in
`grammar_rules.py`, forms in `grammar_forms.py`, and settings and texts in `grammar_recipe.py` and
`grammar_info.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from studio.core.media import Media, Text
from studio.core.recipe import DataSpec
from studio.families.base import Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.choosing import uniform
from studio.families.text.grammar_chain import Chain, Places
from studio.families.text.grammar_forms import haiku, lines
from studio.families.text.grammar_info import INFO
from studio.families.text.grammar_recipe import MEMORY, PRESETS, GrammarRecipe, GrammarSettings
from studio.families.text.grammar_rules import Rules
from studio.families.text.grammar_words import Words, chosen, pieces
from studio.families.text.text_writer import TextWriter
from studio.families.writing_on import Wish, Written, write_on

_RATE = 0.05  # of the discounts
_FEW_BEGINNINGS = 20  # with fewer texts than this, new ones begin as paragraphs do
_WORD_LENGTH = 7  # characters of a word and its space, with room
_HAIKU_FROM = 900  # characters in which lines are looked for that come out even
#: What slots of rules can name beside other rules.
SLOTS = {
    "word": "a word, such as {word:s*ing} or {word:4-6}",
    "name": "a word that is always written with a capital",
    "line": "a line",
    "words": "words that go on from what stands before, such as {words:5}",
}


class Grammar(TextWriter[Any]):
    """A Markov chain over tokens, and rules filled with the words of the texts."""

    info = INFO
    recipe_type = GrammarRecipe
    presets = PRESETS
    sampling_type = GrammarSettings
    averaged = ("writer", "words")
    recipe: GrammarRecipe
    writer: Chain

    def network(self, spec: DataSpec, context: int) -> Chain:
        """Return a chain that has counted nothing."""
        slots = MEMORY[self.recipe.memory]
        tokens = self.tokeniser
        return Chain(spec.vocabulary, self.recipe.order, slots, tokens.end, tokens.pad)

    def add_optimisers(self) -> None:
        """Make what the counts need beside the chain, and what corrects its discounts."""
        self.places = Places(2 * MEMORY[self.recipe.memory])
        self.words = Words()
        self.optimiser = torch.optim.Adam(self.writer.parameters(), lr=_RATE)

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the discounts by a batch, then count it."""
        counting = self.writer.counted(batch.items)
        # parts of the batch are weighed by what counts in them
        unit = (len(batch) / counting.sum().clamp_min(1)).expand(len(batch))
        shown = self.minimise(self.optimiser, self._loss, replace(batch, draws={"unit": unit}))
        new = self.writer.learn(batch.items, self.places)
        shown["seen"] = 1 - new / counting.sum().clamp_min(1)
        shown["memory_filled"] = self.writer.table.filled()
        return shown

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        nats, counting = self.writer.surprise(batch.items, self.places)
        loss = (nats * counting).sum() * batch.draws["unit"][0] / len(batch)
        return loss, {"nats": loss}

    def cost(self, rows: Tensor, following: Tensor) -> Tensor:
        """Return −ln p of the following tokens, the mean over those that count, in nats."""
        nats, counting = self.writer.surprise(torch.cat([rows, following[:, -1:]], dim=1))
        return (nats * counting).sum() / counting.sum().clamp_min(1)

    def finish(self, batches: Iterator[Batch]) -> None:
        """Take the words of the texts, for rules to be filled with."""
        self.words.learn(
            self.tokeniser.decode(row) for batch in batches for row in batch.items.tolist()
        )

    # -------------------------------------------------------------------------------- making

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Write texts by the chain, or by rules."""
        settings = self._settings(request)
        self.writer.reach = min(settings.looks_back or self.recipe.order, self.recipe.order)
        if settings.form == "rules" and request.task in self.info.tasks:
            yield from self._by_rules(request, settings, tick)
        else:
            yield from super().sample(request, tick)

    def beginning(self, request: SampleRequest, index: int) -> Sequence[int]:
        """Return the prompt after the end of another text.

        Where few texts were learned, a new one begins as paragraphs do.
        """
        begin = super().beginning(request, index)
        blank = self.tokeniser.encode("\n\n").tolist()
        if len(begin) > 1 or not blank:
            return begin
        device = self.writer.counts.device
        ends = torch.full((1, self.recipe.order), self.tokeniser.end, device=device)
        paragraphs = torch.tensor([blank[-self.recipe.order :]], device=device)
        if int(self.writer.seen_after(ends)) >= _FEW_BEGINNINGS:
            return begin
        return blank if int(self.writer.seen_after(paragraphs)) else begin

    def wish(self, request: SampleRequest) -> Wish:
        """Write as long as is asked for, longer where lines are looked for in it."""
        wish, settings = super().wish(request), self._settings(request)
        if settings.form == "prose":
            return wish
        length = wish.length
        if settings.form == "haiku":
            length = max(length, self._tokens_of(_HAIKU_FROM))
        return replace(wish, length=length, detailed=False)

    def medium(
        self, request: SampleRequest, begin: Sequence[int], written: Written, row: int
    ) -> Media:
        """Return a text in the form that is asked for."""
        made, settings = super().medium(request, begin, written, row), self._settings(request)
        assert isinstance(made, Text)
        if settings.form == "lines":
            return Text(lines(made.text, settings.measure), facts={"form": "lines"})
        if settings.form == "haiku":
            return Text(haiku(made.text), facts={"form": "haiku"})
        return made

    def _by_rules(
        self, request: SampleRequest, settings: GrammarSettings, tick: Tick
    ) -> Iterator[Media]:
        rules = Rules(settings.rules.strip() or request.prompt, SLOTS)
        counted = self.words.counted()
        for index, seed in enumerate(request.seeds):
            filling = _Filling(self, request, seed, counted)
            text = rules.write(random.Random(seed), filling.fill)  # noqa: S311 - no secret
            if request.listen is not None:
                request.listen(index, text)
            tick(index + 1, len(request.seeds))
            yield Text(text, facts={"seed": seed, "form": "rules"})

    def write_after(self, before: str, seed: int, characters: int, request: SampleRequest) -> str:
        """Return about so many characters that go on from a text, without it."""
        asked = replace(request, prompt=before)
        wish = replace(self.wish(asked), length=self._tokens_of(characters), detailed=False)
        device = self.writer.counts.device
        rows = torch.tensor([list(self.beginning(asked, 0))], device=device)
        written = write_on(
            self.writer, rows, uniform([seed], wish.length, device), wish, lambda _row, _done: None
        )
        return self.tokeniser.decode(written.tokens[0, : written.lengths[0]].tolist())

    def _tokens_of(self, characters: int) -> int:
        per_token = self.spec.statistics.get("characters_per_token", 1.0)
        return max(1, round(characters / max(per_token, 0.25)))

    def _settings(self, request: SampleRequest) -> GrammarSettings:
        settings = request.settings
        return settings if isinstance(settings, GrammarSettings) else GrammarSettings()


class _Filling:
    """Fills the slots of a text by rules, with words of the user's and with what the chain writes.

    Before a run is over its words were not gathered; then the chain's own words serve.
    """

    def __init__(
        self, family: Grammar, request: SampleRequest, seed: int, counted: dict[str, int]
    ) -> None:
        self._family, self._request, self._seed = family, request, seed
        self._chance = random.Random(seed + 1)  # noqa: S311 - no secret
        self._counted = counted
        self._calls = 0

    def fill(self, name: str, asked: str, before: str) -> str:
        """Return what goes into a slot."""
        if name == "words":
            count = int(asked) if asked.isdigit() else 3
            text = self._written(before, _WORD_LENGTH * max(1, min(count, 200)))
            return _first_words(text, count)
        if name == "line":
            text = self._written("", 200).strip("\n")
            return text.partition("\n")[0].strip()
        if not self._counted:
            self._counted = dict.fromkeys(pieces(self._written("", 1000)), 1)
        known = self._counted
        if name == "name":
            known = {word: count for word, count in known.items() if word[0].isupper()}
        return chosen(known, asked, self._chance) or ""

    def _written(self, before: str, characters: int) -> str:
        self._calls += 1
        seed = self._chance.randrange(1 << 31) + self._calls
        return self._family.write_after(before, seed, characters, self._request)


def _first_words(text: str, count: int) -> str:
    """Return the first words of a text, with the signs between them but none after the last."""
    return " ".join(text.split()[:count]).rstrip(".,;:!?-—")
