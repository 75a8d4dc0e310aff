"""What a tokeniser says of its tokens, as tables and rules that a writer of music asks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from studio.data.music.tokens import END, MusicTokeniser

_LOOKED = 16  # tokens between two looks at the time, in notations without bars


class Tables:
    """The tables of a tokeniser on a device.

    Attributes:
        counted: (V,) bool, what is music; the rest is only told, never written.
        notes: (V,) how many notes each token begins.
        bars: (V,) bool, what begins a bar.
    """

    def __init__(self, tokeniser: MusicTokeniser, device: torch.device) -> None:
        self._tokeniser = tokeniser
        self.counted = torch.from_numpy(tokeniser.counted).to(device)
        self.notes = torch.from_numpy(tokeniser.note_counts).to(device)
        begins = [tokeniser.is_bar(token) for token in range(tokeniser.vocabulary)]
        self.bars = torch.tensor(begins, device=device)

    def allowed(self, begin: Tensor) -> Callable[[Tensor], Tensor]:
        """Return what tells (N, V) which tokens may follow the newest ones of rows.

        Args:
            begin: (N, T) what the rows begin with; its last token is the first newest one.
        """
        rules = [self._tokeniser.grammar() for _row in begin]
        for rule, row in zip(rules, begin[:, :-1].tolist(), strict=True):
            rule.extend(row)

        def allowed(token: Tensor) -> Tensor:
            masks = []
            for rule, each in zip(rules, token.tolist(), strict=True):
                rule.add(each)
                masks.append(rule.allowed())
            return torch.from_numpy(np.stack(masks)).to(token.device)

        return allowed

    def ended(self, bars: int, *, fresh: bool = False) -> Callable[[Tensor], Tensor]:
        """Return what tells which rows have ended: at END, or where one bar too many begins.

        Args:
            fresh: Whether rows may still say at first, by END, that a piece begins.
        """
        if not self._tokeniser.notation.metrical:
            return self._ended_by_time(bars, fresh)
        begun: Tensor | None = None

        def ended(token: Tensor) -> Tensor:
            nonlocal begun
            now = self.bars[token].long()
            if begun is None:
                begun = now
                return (begun > bars) if fresh else (token == END) | (begun > bars)
            begun = begun + now
            return (token == END) | (begun > bars)

        return ended

    def _ended_by_time(self, bars: int, fresh: bool) -> Callable[[Tensor], Tensor]:
        written: list[Tensor] = []

        def ended(token: Tensor) -> Tensor:
            written.append(token)
            over = torch.zeros_like(token, dtype=torch.bool)
            if len(written) > 1 or not fresh:
                over = token == END
            if len(written) % _LOOKED:
                return over
            rows = torch.stack(written, dim=1).cpu().numpy()
            full = [self._tokeniser.bars_in(row) > bars for row in rows]
            return over | torch.tensor(full, device=token.device)

        return ended
