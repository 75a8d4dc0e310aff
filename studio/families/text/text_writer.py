"""What models that write texts token by token share: prompts, bits per byte, streamed text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor

from studio.core.media import Media, Text, Token
from studio.core.options import option
from studio.core.recipe import DataSpec
from studio.data.text.tokenisers import tokeniser_of
from studio.families.base import SampleRequest
from studio.families.writing import Writer
from studio.families.writing_on import Wish, Written
from studio.families.writing_settings import ChoiceSettings, WriterRecipe

_BEGUN_ANEW = 0.5  # share of the rows that follow on a line break and are read as beginnings


class TextSampling(ChoiceSettings):
    """What a writer of texts can be told."""

    length: int = option(
        400,
        title="Length",
        help="How many tokens are written at most; the text may end by itself before.",
        group="Sampling",
        term="new tokens",
        unit="tokens",
        main=True,
        ge=1,
        le=20_000,
    )


R = TypeVar("R", bound=WriterRecipe)


class TextWriter(Writer[R]):
    """A model that writes texts on from a prompt or from nothing."""

    sampling_type = TextSampling

    def build(self, spec: DataSpec) -> None:
        """Make the network, and read the tokeniser."""
        self.tokeniser = tokeniser_of(spec.resources)
        self.pad = self.tokeniser.pad
        super().build(spec)
        breaks = [each.endswith(b"\n") for each in self.tokeniser.bytes_of]
        self._breaks = torch.tensor(breaks, device=self.compute.device)
        special = [not each for each in self.tokeniser.bytes_of]
        special[self.tokeniser.end] = False
        self._forbidden = torch.tensor(special, device=self.compute.device)

    def begun_anew(self, rows: Tensor) -> Tensor:
        """Read some rows that follow on a line break as the beginning of a text.

        A collection of a few long texts has few beginnings to learn from.
        """
        draws = torch.rand(len(rows), device=rows.device)
        anew = self._breaks[rows[:, 0]] & (draws < _BEGUN_ANEW)
        first = torch.where(anew, self.tokeniser.end, rows[:, 0])
        return torch.cat([first[:, None], rows[:, 1:]], dim=1)

    def derived(self, measured: dict[str, float]) -> dict[str, float]:
        """Return how well unseen text is foreseen per byte, and among how many tokens it waits."""
        nats = measured["val_nats_per_token"]
        per_token = self.spec.statistics.get("bytes_per_token", 1.0)
        return {
            # nats per token / ln 2 / bytes per token: comparable whatever the tokens are
            "val_bits_per_byte": nats / (math.log(2) * per_token),
            "val_perplexity": math.exp(min(nats, 50.0)),
        }

    # --------------------------------------------------------------------------------- writing

    def beginning(self, request: SampleRequest, index: int) -> Sequence[int]:
        """Return the end of a text that came before, and the prompt."""
        return [self.tokeniser.end, *self.tokeniser.encode(request.prompt).tolist()]

    def wish(self, request: SampleRequest) -> Wish:
        """Write until the text ends or is long enough."""
        settings = request.settings
        if not isinstance(settings, TextSampling):
            settings = TextSampling()
        end = self.tokeniser.end
        return Wish(
            manner=settings.manner(request.variety),
            length=settings.length,
            forbidden=self._forbidden,
            ended=lambda token: token == end,
            detailed=request.listen is not None,
        )

    def heard(self, request: SampleRequest, begin: Sequence[int], written: Sequence[int]) -> str:
        """Return the prompt and what was written so far."""
        return request.prompt + "".join(self.tokeniser.pieces(written))

    def medium(
        self, request: SampleRequest, begin: Sequence[int], written: Written, row: int
    ) -> Media:
        """Return a text, with the tokens that were written."""
        ids = written.tokens[row, : written.lengths[row]].tolist()
        pieces = self.tokeniser.pieces(ids)
        return Text(
            request.prompt + "".join(pieces),
            tuple(self._tokens(pieces, written, row)),
            facts={"ended": bool(ids) and ids[-1] == self.tokeniser.end},
        )

    def _tokens(self, pieces: Sequence[str], written: Written, row: int) -> list[Token]:
        if written.chances is None or written.others is None or written.other_chances is None:
            return [Token(piece, 1.0) for piece in pieces]
        chances = written.chances[row].tolist()
        others = written.others[row].tolist()
        other_chances = written.other_chances[row].tolist()
        return [
            Token(
                piece,
                chances[place],
                tuple(
                    (self.tokeniser.decode([other]), chance)
                    for other, chance in zip(others[place], other_chances[place], strict=True)
                ),
            )
            for place, piece in enumerate(pieces)
        ]
