"""Blank filler: guesses hidden tokens from both sides, and so fills the blanks of a text.

This file is how guessing is learned and blanks are asked for. Hiding is in `masking.py`, filling
in `filling.py`, the settings in `infill_recipe.py`, and the texts in `infill_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from studio.core.errors import StudioError
from studio.core.media import Media, Text
from studio.core.recipe import DataSpec
from studio.data.tokenisers import SPECIALS, tokeniser_of
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.muon import set_rate, transformer_optimisers, warm_then_down
from studio.families.layers.transformer import Transformer
from studio.families.text.filling import Filler, FillSettings
from studio.families.text.infill_info import INFO
from studio.families.text.infill_recipe import PRESETS, InfillRecipe
from studio.families.text.masking import Frequencies, disguised, hidden_places

_WORD = 5  # characters that are hidden in a row on average, where nobody says how many
_SHOWN = 240  # characters of a held-out text on a sheet, about


class Infill(Family[InfillRecipe]):
    """A Transformer that sees all of a text but what is hidden, trained on −log p(hidden)."""

    info = INFO
    recipe_type = InfillRecipe
    presets = PRESETS
    sampling_type = FillSettings
    averaged = ("network",)

    def build(self, spec: DataSpec) -> None:
        """Make the network and its optimisers; raises StudioError for what does not fit."""
        recipe = self.recipe
        if recipe.width % (2 * recipe.heads):
            raise StudioError(
                "The heads do not fit the width",
                f"A width of {recipe.width} cannot be shared out evenly among {recipe.heads} heads"
                " of pairs of numbers.",
                f"Choose a width that is a multiple of {2 * recipe.heads}, or fewer heads.",
            )
        self.tokeniser = tokeniser_of(spec.resources)
        if self.tokeniser.mask < 0:
            raise StudioError(
                "These tokens know no blank",
                "The checkpoint's tokeniser has no token that stands for a hidden one.",
                "Take another tokeniser in the preparation.",
            )
        self.context = spec.shape[0]
        per_token = max(spec.statistics.get("characters_per_token", 1.0), 0.25)
        self.span = recipe.span or max(1, round(_WORD / per_token))
        self.network = Transformer(
            spec.vocabulary,
            recipe.width,
            recipe.depth,
            recipe.heads,
            self.context,
            dropout=recipe.dropout,
            causal=False,
        )
        self.frequencies = Frequencies(spec.vocabulary)
        self.muon, self.adamw = transformer_optimisers(
            [self.network], recipe.learning_rate, weight_decay=recipe.weight_decay
        )

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Hide other tokens than last time, and correct the network once."""
        rows, counting = batch.items, self._counting(batch.items)
        self.frequencies.count(rows, counting)
        hidden = hidden_places(rows, counting, self.recipe.share, self.span, None)
        shown = rows.masked_fill(hidden, self.tokeniser.mask)
        if self.recipe.disguise:
            mask, vocabulary = self.tokeniser.mask, self.spec.vocabulary
            shown = disguised(rows, hidden, mask, vocabulary, SPECIALS)
        # parts of the batch are weighed by the tokens that are hidden in them
        unit = (len(rows) / hidden.sum().clamp_min(1)).expand(len(rows))
        optimisers = (self.muon, self.adamw)
        share = warm_then_down(self.step, self.recipe.steps, warm_up=self.recipe.warm_up)
        set_rate(optimisers, share)
        drawn = replace(batch, draws={"hidden": hidden, "shown": shown, "unit": unit})
        return self.minimise(optimisers, self._loss, drawn, clip=self.recipe.clip)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        nats = self._surprise(self.network(batch.draws["shown"]), batch.items)
        unit = batch.draws["unit"][0] / len(batch)
        loss = (nats * batch.draws["hidden"]).sum() * unit
        return loss, {"masked_nats": loss}

    def _surprise(self, scores: Tensor, wanted: Tensor) -> Tensor:
        """Return −ln p (B, T) of the wanted tokens by scores (B, T, V)."""
        flat = functional.cross_entropy(
            scores.float().flatten(0, 1), wanted.flatten(), reduction="none"
        )
        return flat.view(wanted.shape)

    def _counting(self, rows: Tensor) -> Tensor:
        """Return which tokens can be hidden: all but what fills up and what ends texts."""
        return (rows != self.tokeniser.pad) & (rows != self.tokeniser.end)

    def _always_hidden(self, rows: Tensor) -> Tensor:
        """Return which tokens of held-out rows are hidden, always the same ones."""
        generator = torch.Generator().manual_seed(0)
        counting = self._counting(rows)
        return hidden_places(rows, counting, self.recipe.share, self.span, generator)

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well hidden tokens of unseen text are guessed, beside who only counts."""
        rows = batch.items
        hidden = self._always_hidden(rows)
        scores = self.network(rows.masked_fill(hidden, self.tokeniser.mask))
        number = hidden.sum().clamp_min(1)
        right = (scores.argmax(2) == rows) & hidden
        return {
            "val_masked_nats": (self._surprise(scores, rows) * hidden).sum() / number,
            "val_masked_accuracy": right.sum() / number,
            **self.frequencies.measured(rows, hidden),
        }

    # -------------------------------------------------------------------------------- making

    def _filler(self) -> Filler:
        return Filler(
            self.network,
            self.tokeniser,
            self.context,
            self.span,
            ((), ()),
            self.compute.device,
        )

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Fill the blanks of the prompt, once for each seed."""
        if request.task not in self.info.tasks:
            raise StudioError(
                "This model cannot do that",
                f"{self.info.title} does not offer the task {request.task!r}.",
                "Choose one of: " + ", ".join(self.info.tasks) + ".",
            )
        asked = request.settings
        settings = asked if isinstance(asked, FillSettings) else FillSettings()
        with self.compute.precision():
            yield from self._filler().fill(
                request.prompt, request.seeds, settings, tick, request.listen, request.variety
            )

    def show(self, batch: Batch) -> Iterator[Media]:
        """Show held-out texts with blanks, as they were filled, and as they were."""
        rows = batch.items
        per_token = max(self.spec.statistics.get("characters_per_token", 1.0), 0.25)
        rows = rows[:, : max(8, round(_SHOWN / per_token))]
        hidden = self._always_hidden(rows)
        scores = self.network(rows.masked_fill(hidden, self.tokeniser.mask))
        made = torch.where(hidden, scores.argmax(2), rows)
        for index, row in enumerate(rows.tolist()):
            places = hidden[index].tolist()
            blank = self._marked(row, places, filled=None)
            filled = self._marked(row, places, filled=made[index].tolist())
            wanted = self.tokeniser.decode(row)
            facts = {"input": index, "source": blank, "made": filled, "wanted": wanted}
            yield Text(f"{blank}\n→ {filled}\n= {wanted}", facts=facts)

    def _marked(self, row: list[int], hidden: list[bool], filled: list[int] | None) -> str:
        """Return a text with brackets around its hidden parts, which hold what was filled in."""
        text, start = "", 0
        while start < len(row):
            end = start
            while end < len(row) and hidden[end] == hidden[start]:
                end += 1
            if not hidden[start]:
                text += self.tokeniser.decode(row[start:end])
            else:
                text += f"[{'…' if filled is None else self.tokeniser.decode(filled[start:end])}]"
            start = end
        return text
