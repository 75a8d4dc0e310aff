"""Encoder and decoder: answers a text with the text that belongs to it.

This file is how pairs are learned and answers are asked for. The network is in
`seq2seq_networks.py`, the search for the likeliest answer in `seq2seq_beam.py`, the settings in
`seq2seq_recipe.py`, and the texts in `seq2seq_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Media, Text, Token
from studio.core.recipe import DataSpec
from studio.data.text.tokenisers import tokeniser_of
from studio.evaluate.text_pairs import pair_scores
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.choosing import Manner, choose, uniform
from studio.families.layers.muon import set_rate, transformer_optimisers, warm_then_down
from studio.families.text.seq2seq_beam import Search, best_answers
from studio.families.text.seq2seq_info import INFO
from studio.families.text.seq2seq_networks import EncoderDecoder
from studio.families.text.seq2seq_recipe import PRESETS, Seq2seqRecipe, Seq2seqSettings
from studio.families.writing_on import OTHERS

_AT_ONCE = 32  # texts that are answered at once
_CHECKED = 16  # held-out pairs that are answered at each validation
_MOST_NATS = 50.0  # beyond, perplexity is past all sense
_ASKED = 8  # tokens between two looks whether all answers have ended


class Seq2seq(Family[Seq2seqRecipe]):
    """A Transformer that reads one text and writes another, trained on −log p(answer | text)."""

    info = INFO
    recipe_type = Seq2seqRecipe
    presets = PRESETS
    sampling_type = Seq2seqSettings
    averaged = ("network",)

    def build(self, spec: DataSpec) -> None:
        """Make the network and its optimisers; raises StudioError for what does not fit."""
        recipe = self.recipe
        if len(spec.shape) != 2:
            raise StudioError(
                "This model learns from pairs",
                "The texts are not prepared as pairs of a text and what belongs to it.",
                "Import a table with two columns, or a talk in turns.",
            )
        recipe.check_heads()
        self.tokeniser = tokeniser_of(spec.resources)
        self.longest = spec.shape[1]
        self.network = EncoderDecoder(
            spec.vocabulary,
            recipe.width,
            recipe.depth,
            recipe.heads,
            self.longest,
            pad=self.tokeniser.pad,
            dropout=recipe.dropout,
        )
        special = [not each for each in self.tokeniser.bytes_of]
        special[self.tokeniser.end] = False
        self._forbidden = torch.tensor(special, device=self.compute.device)
        self._first: Tensor | None = None  # the first held-out text, and what answers measured
        self._scores: Losses = {}
        self.muon, self.adamw = transformer_optimisers(
            [self.network], recipe.learning_rate, weight_decay=recipe.weight_decay
        )

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the network once."""
        items = self._trimmed(batch.items)
        counting = self._counting(items[:, 1])
        # parts of the batch are weighed by the tokens that count in them
        unit = (len(items) / counting.sum().clamp_min(1)).expand(len(items))
        optimisers = (self.muon, self.adamw)
        share = warm_then_down(self.step, self.recipe.steps, warm_up=self.recipe.warm_up)
        set_rate(optimisers, share)
        drawn = replace(batch, items=items, draws={"unit": unit})
        return self.minimise(optimisers, self._loss, drawn, clip=self.recipe.clip)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return the loss with label smoothing, and −ln p of the wanted tokens.

        L = (1 − ε) (−ln p(y)) + ε · mean over all tokens of −ln p   (Szegedy et al. 2016, §7)
        """
        chances, counting = self._foreseen(batch.items)
        wanted = batch.items[:, 1, :, None]
        unit = batch.draws["unit"][0] / len(batch.items)
        nats = -(chances.gather(2, wanted)[:, :, 0] * counting).sum() * unit
        plain = -(chances.mean(2) * counting).sum() * unit
        smoothing = self.recipe.smoothing
        return (1 - smoothing) * nats + smoothing * plain, {"nats": nats}

    def _foreseen(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return ln p (B, T, V) of each token of the answers of pairs (B, 2, T), and which count.

        The network reads the answer one token late, behind the token that stands before answers.
        """
        source, wanted = items[:, 0], items[:, 1]
        start = torch.full_like(wanted[:, :1], self._start)
        scores = self.network(source, torch.cat([start, wanted[:, :-1]], dim=1))
        return scores.float().log_softmax(2), self._counting(wanted)

    @property
    def _start(self) -> int:
        """The token before an answer."""
        tokens = self.tokeniser
        return tokens.answer if tokens.answer >= 0 else tokens.end

    def _counting(self, wanted: Tensor) -> Tensor:
        """Return which tokens (B, T) of answers count: those up to the end, with it."""
        counting = wanted != self.tokeniser.pad
        if self.tokeniser.pad == self.tokeniser.end:
            counting[:, 0] = True
            counting[:, 1:] |= wanted[:, :-1] != self.tokeniser.pad
        return counting

    def _trimmed(self, items: Tensor) -> Tensor:
        """Return pairs without the places that all of them leave empty, where asking is free."""
        if items.device.type != "cpu":
            return items
        used = (items != self.tokeniser.pad).flatten(0, 1).any(0).nonzero()
        return items[:, :, : min(items.shape[2], int(used.max()) + 2) if len(used) else 1]

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well unseen answers are foreseen, and what answers to a few texts are like.

        Only the first of the batches is answered, which takes its time; the others repeat what
        was measured of it.
        """
        items = self._trimmed(batch.items)
        chances, counting = self._foreseen(items)
        nats = -(chances.gather(2, items[:, 1, :, None])[:, :, 0] * counting).sum()
        nats = nats / counting.sum().clamp_min(1)
        first = batch.items[0]
        if self._first is None or torch.equal(self._first, first):
            self._first = first.clone()
            self._scores = self._answer_scores(batch.items[:_CHECKED])
        return {"val_nats_per_token": nats, **self._scores}

    def derived(self, measured: dict[str, float]) -> dict[str, float]:
        """Return among how many equally likely tokens the model is torn: e to the surprise."""
        return {"val_perplexity": math.exp(min(measured["val_nats_per_token"], _MOST_NATS))}

    def _answer_scores(self, items: Tensor) -> Losses:
        made = self._answered(items[:, 0])
        wanted = [self.tokeniser.decode(row) for row in items[:, 1].tolist()]
        found = pair_scores(made, wanted)
        same = sum(a.strip() == b.strip() for a, b in zip(made, wanted, strict=True))
        found["exact"] = same / max(1, len(made))
        device = items.device
        return {f"val_{name}": torch.tensor(value, device=device) for name, value in found.items()}

    # -------------------------------------------------------------------------------- making

    def answers(self, sources: Sequence[str], tick: Tick) -> Iterator[str]:
        """Return the likeliest answer to each text, as a search with the usual beams finds it."""
        beams = Seq2seqSettings().beams
        for start in range(0, len(sources), _AT_ONCE):
            some = [self._tokens_of(text) for text in sources[start : start + _AT_ONCE]]
            rows = torch.full((len(some), max(map(len, some))), self.tokeniser.pad)
            for row, tokens in zip(rows, some, strict=True):
                row[: len(tokens)] = torch.tensor(tokens)
            yield from self._answered(rows.to(self.compute.device), beams)
            tick(start + len(some), len(sources))

    def _answered(self, source: Tensor, beams: int = 1) -> list[str]:
        search = self._search(Seq2seqSettings(), beams)
        was_training = self.network.training
        self.network.eval()
        found, _ = best_answers(self.network, source, search, lambda _: None)
        self.network.train(was_training)
        return [self.tokeniser.decode(self._ended(row)) for row in found[:, 0].tolist()]

    def show(self, batch: Batch) -> Iterator[Media]:
        """Show held-out texts, what was made of them, and what belongs to them."""
        made = self._answered(batch.items[:, 0])
        for index, (answer, pair) in enumerate(zip(made, batch.items.tolist(), strict=True)):
            source, wanted = (self.tokeniser.decode(row) for row in pair)
            text = f"{answer}\n= {wanted}"  # sheets put the source before it
            facts = {"input": index, "source": source, "made": answer, "wanted": wanted}
            yield Text(text, facts=facts)

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Answer the text of the prompt, once for each seed."""
        self.refuse_other_tasks(request)
        asked = request.settings
        settings = asked if isinstance(asked, Seq2seqSettings) else Seq2seqSettings()
        whole = [*self.tokeniser.encode(request.prompt).tolist(), self.tokeniser.end]
        tokens = self._tokens_of(request.prompt)
        source = torch.tensor([tokens], device=self.compute.device)
        with self.compute.precision():
            if settings.beams > 1:
                rows, facts = self._likeliest(request, source, settings, tick)
            else:
                rows, facts = self._drawn(request, source, settings, tick)
        for index, (row, fact) in enumerate(zip(rows, facts, strict=True)):
            if cut := len(whole) - len(tokens):
                fact["tokens_not_read"] = cut
            fact["seed"] = request.seeds[index]
            yield self._text(source, row, fact)

    def _likeliest(
        self, request: SampleRequest, source: Tensor, settings: Seq2seqSettings, tick: Tick
    ) -> tuple[list[list[int]], list[dict[str, Any]]]:
        """Return the best answers of a search, one for each seed."""
        count = len(request.seeds)
        search = self._search(settings, max(settings.beams, count))

        def said(beginning: Tensor) -> None:
            tick(count * len(beginning) // (search.longest + 1), count)
            self._tell(request, 0, beginning.tolist())

        found, worth = best_answers(self.network, source, search, said)
        tick(count, count)
        places = range(count)
        scores = worth[0].tolist()
        return (
            [self._ended(found[0, place].tolist()) for place in places],
            [{"answer": place + 1, "score": round(scores[place], 4)} for place in places],
        )

    def _drawn(
        self, request: SampleRequest, source: Tensor, settings: Seq2seqSettings, tick: Tick
    ) -> tuple[list[list[int]], list[dict[str, Any]]]:
        """Return answers that are drawn token by token, each from its own seed."""
        count, device = len(request.seeds), source.device
        search = self._search(settings, 1)
        manner: Manner = settings.manner(request.variety)
        draws = uniform(request.seeds, search.longest, device)
        memory = self.network.begin(source).select(
            torch.zeros(count, dtype=torch.int64, device=device)
        )
        token = torch.full((count,), search.start, device=device)
        written = torch.full((count, search.longest), search.end, device=device)
        over = torch.zeros(count, dtype=torch.bool, device=device)
        for place in range(search.longest):
            scores = self.network.write(token, memory).float()
            scores = scores.masked_fill(search.forbidden, -torch.inf)
            token = choose(scores, draws[:, place], manner, written[:, :place])
            token = torch.where(over, search.end, token)
            written[:, place] = token
            over |= token == search.end
            tick(count * (place + 1) // (search.longest + 1), count)
            for index in range(count) if request.listen is not None else ():
                self._tell(request, index, written[index, : place + 1].tolist())
            if place % _ASKED == 0 and bool(over.all()):
                break
        tick(count, count)
        rows = [self._ended(row) for row in written.tolist()]
        return rows, [{} for _ in rows]

    def _search(self, settings: Seq2seqSettings, beams: int) -> Search:
        return Search(
            beams=beams,
            longest=min(settings.length or self.longest, self.longest),
            length_power=settings.length_power,
            start=self._start,
            end=self.tokeniser.end,
            forbidden=self._forbidden,
        )

    def _tell(self, request: SampleRequest, index: int, tokens: list[int]) -> None:
        if request.listen is not None:
            request.listen(index, self.tokeniser.decode(self._ended(tokens)))

    def _tokens_of(self, text: str) -> list[int]:
        """Return a text as the network reads it; of one that is too long the end, as of a talk."""
        tokens = self.tokeniser.encode(text).tolist()[-(self.longest - 1) :]
        return [*tokens, self.tokeniser.end]

    def _ended(self, tokens: Sequence[int]) -> list[int]:
        """Return the tokens before the end."""
        row = list(tokens)
        return row[: row.index(self.tokeniser.end)] if self.tokeniser.end in row else row

    def _text(self, source: Tensor, row: list[int], facts: dict[str, Any]) -> Text:
        """Return an answer, with how likely its tokens were and what else there was."""
        pieces = self.tokeniser.pieces(row)
        if not row:
            return Text("", facts=facts)
        answer = torch.tensor([[self._start, *row[:-1]]], device=source.device)
        chances = self.network(source, answer)[0].float().softmax(1)  # (T, V)
        best, which = chances.topk(min(OTHERS, chances.shape[1]), dim=1)
        own = chances.gather(1, torch.tensor(row, device=source.device)[:, None])[:, 0].tolist()
        tokens = [
            Token(piece, own[place], self._others(which[place].tolist(), best[place].tolist()))
            for place, piece in enumerate(pieces)
        ]
        return Text("".join(pieces), tuple(tokens), facts=facts)

    def _others(
        self, tokens: Sequence[int], chances: Sequence[float]
    ) -> tuple[tuple[str, float], ...]:
        decode: Callable[[list[int]], str] = self.tokeniser.decode
        return tuple(
            (decode([token]), chance) for token, chance in zip(tokens, chances, strict=True)
        )
