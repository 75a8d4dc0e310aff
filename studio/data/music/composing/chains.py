"""Lines under rules: a Markov chain whose every hard rule is kept, drawn exactly.

Rules between neighbours stand in the transition tables as zeros, rules on single places in the
masks. A backward pass finds for each place and state how likely the rest can still be finished;
the forward pass then never runs into a dead end. Pachet, Roy & Barbieri (2011), "Finite-Length
Markov Processes with Constraints".
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.floating[Any]]


def walk(
    start: Weights, moves: Sequence[Weights], masks: Sequence[Weights], draw: Random
) -> list[int] | None:
    """Draw a line of states.

    Args:
        start: (S,) weights of the first state.
        moves: One (S, S) table from each place to the next, one fewer than places.
        masks: (S,) weights of the states at each place; 0 forbids.
        draw: Where chance comes from.

    Returns:
        A state for each place; None when no line keeps all rules.
    """
    # mask times the likelihood of the rest, from the last place on
    aims: list[Weights] = [masks[-1]]
    for table, mask in zip(reversed(moves), reversed(masks[:-1]), strict=True):
        aim: Weights = mask * (table @ aims[-1])
        top = aim.max()
        if top <= 0:
            return None
        aims.append(aim / top)
    aims.reverse()
    state = _choose(start * aims[0], draw)
    if state < 0:
        return None
    states = [state]
    for table, aim in zip(moves, aims[1:], strict=True):
        state = _choose(table[state] * aim, draw)
        states.append(state)
    return states


def _choose(weights: Weights, draw: Random) -> int:
    """Return a place in proportion to the weights; −1 when all are 0."""
    reached = weights.cumsum()
    total = reached[-1]
    if total <= 0:
        return -1
    # searchsorted on the right passes over places of weight 0
    place = int(reached.searchsorted(draw.random() * total, side="right"))
    return min(place, int(reached.searchsorted(total)))
