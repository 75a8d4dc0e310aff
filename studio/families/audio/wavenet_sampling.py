"""Writing sound sample by sample, where each costs one step of every layer and no more.

A layer of dilation d needs one number from d samples ago: it is kept in a ring of d places
(Paine et al. 2016, "Fast Wavenet Generation Algorithm"). So the cost of a sample is the same at
the beginning and after an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from studio.families.audio.companding import CODES
from studio.families.audio.wavenet_networks import WaveNet
from studio.families.layers.choosing import Manner, choose

#: Clips that are written at once. There are always so many rows, so that sums are taken in the
#: same order and a clip is the same in any company.
AT_ONCE = 16
_TOLD = 64  # samples between two looks whether to stop


class Writing:
    """Rows that are written on; `step` draws the next sample of each.

    All is kept in tensors that stay where they are, so that a graphics card can replay a step as
    one graph.

    Args:
        network: In evaluation mode.
        begin: (AT_ONCE, reach + 2 or more) codes that were before, the last one unheard.
        labels: (AT_ONCE,), where the network has labels.
        told: (AT_ONCE, F, mels + 1) what it follows, a column each `hop` samples from the end of
            `begin` on; None for nothing.
        hop: Samples for each column.
        manner: How samples are chosen.
    """

    def __init__(
        self,
        network: WaveNet,
        begin: Tensor,
        labels: Tensor | None,
        manner: Manner,
        told: Tensor | None = None,
        hop: int = 1,
    ) -> None:
        device, width = begin.device, network.width
        self._network, self._manner, self._hop = network, manner, hop
        self._time = torch.zeros((), dtype=torch.int64, device=device)
        self._dilations = torch.tensor(network.dilations, device=device)
        self._first = self._dilations.cumsum(0) - self._dilations
        self._ring = torch.empty(network.reach, len(begin), width, device=device)
        heard = begin[:, -network.reach - 2 : -1]
        picture = None
        if told is not None:
            picture = told[:, :1].transpose(0, 1).expand(heard.shape[1], -1, -1).contiguous()
        place = 0
        for dilation, (stream, _gated) in zip(
            network.dilations, network.through(heard, labels, picture), strict=True
        ):
            self._ring[place : place + dilation] = stream[-dilation:]
            place += dilation
        depth = len(network.dilations)
        taps = torch.stack(list(network.taps))
        self._before = taps[:, :width].contiguous()
        self._now = taps[:, width:].contiguous().unbind(0)
        self._carry = [*network.carry]
        plain = network.conditions(len(begin), labels)
        self._plain = plain.view(len(begin), depth, -1).transpose(0, 1).contiguous()
        self._told = told
        self._known = self._plain.clone()
        self._gates = torch.empty_like(self._plain)
        self._each = self._gates.unbind(0)
        self._streams = torch.empty(depth, len(begin), width, device=device)
        self._stream = self._streams.unbind(0)
        self._heard = torch.empty(len(begin), depth * width, device=device)
        self._gated = self._heard.chunk(depth, dim=1)
        self.code = begin[:, -1].clone()
        self.draw = torch.zeros(len(begin), device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._done = 0

    def step(self, draw: Tensor) -> Tensor:
        """Return the next sample (N,) of each row, chosen by numbers (N,) uniform in 0 … 1."""
        if self._told is not None and self._done % self._hop == 0:
            self._listen(min(self._done // self._hop, self._told.shape[1] - 1))
        self.draw.copy_(draw)
        if self.code.is_cuda and self._graph is None and self._done >= 2:  # after warming up
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._advance()
        if self._graph is None:
            self._advance()
        else:
            self._graph.replay()
        self._done += 1
        return self.code

    def _listen(self, column: int) -> None:
        """Tell the gates the next column of the spectrogram."""
        assert self._told is not None
        depth = len(self._network.dilations)
        known = torch.nn.functional.linear(self._told[:, column], self._network.mel.weight)
        known = known.view(len(known), depth, -1).transpose(0, 1)
        torch.add(self._plain, known, out=self._known)

    def _advance(self) -> None:
        """Take one sample through all layers and draw the next."""
        network, stream, width = self._network, self._stream, self._network.width
        at = self._first + self._time % self._dilations  # where the rings are now
        # what all layers heard before, at once
        torch.baddbmm(self._known, self._ring[at], self._before, out=self._gates)
        torch.index_select(network.steps.weight, 0, self.code, out=stream[0])
        last = len(stream) - 1
        for index, (gates, gated) in enumerate(zip(self._each, self._gated, strict=True)):
            gates.addmm_(stream[index], self._now[index]).tanh_()
            left, right = gates[:, :width], gates[:, width:]
            torch.addcmul(left, left, right, out=gated)
            if index < last:
                torch.addmm(stream[index], gated, self._carry[index], out=stream[index + 1])
        self._ring.index_copy_(0, at, self._streams)
        self._time += 1
        self.code.copy_(chosen(network.verdict(self._heard), self.draw, self._manner))


def chosen(scores: Tensor, draws: Tensor, manner: Manner) -> Tensor:
    """Return a code (N,) per row of logits (N, 256), by numbers (N,) uniform in 0 … 1.

    The number falls into the cumulative probabilities in the order of the codes: nearly equal
    numbers give nearly equal samples, and nothing is sorted where nothing is left out.
    """
    if manner.temperature <= 0 or manner.top_p < 1:
        return choose(scores, draws, manner)
    reached = (scores / manner.temperature).softmax(1).cumsum(1)
    code = (reached < draws[:, None] * reached[:, -1:]).sum(1)
    return code.clamp_max(CODES - 1)


@torch.inference_mode()
def write_on(
    network: WaveNet,
    begin: Tensor,
    draws: Tensor,
    manner: Manner,
    labels: Tensor | None = None,
    told: Tensor | None = None,
    hop: int = 1,
    said: Callable[[int], None] = lambda _done: None,
) -> Tensor:
    """Return the codes (N, length) that follow, N up to `AT_ONCE`.

    Args:
        begin: (N, T) codes that were before, silence in front of them included.
        draws: (N, length) uniform in 0 … 1.
        said: Called with how many samples are written, now and then.
    """
    count, length = draws.shape
    rows = torch.arange(AT_ONCE, device=begin.device).clamp_max(count - 1)
    written = torch.empty(length, AT_ONCE, dtype=torch.int64, device=begin.device)
    with _one_thread(begin.device):
        writing = Writing(
            network,
            begin[rows],
            labels[rows] if labels is not None else None,
            manner,
            told[rows] if told is not None else None,
            hop,
        )
        columns: Sequence[Tensor] = draws[rows].t().contiguous().unbind(0)
        for place, draw in enumerate(columns):
            written[place] = writing.step(draw)
            if (place + 1) % _TOLD == 0:
                said(place + 1)
    said(length)
    return written[:, :count].t()


@contextmanager
def _one_thread(device: torch.device) -> Iterator[None]:
    """Keep a processor's small products in one thread: sharing them out costs more."""
    before = torch.get_num_threads()
    if device.type == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
