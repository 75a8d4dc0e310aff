"""On what device, in what precision and layout, and in how many parts tensors are computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn


@dataclass
class Compute:
    """How tensors are computed, decided by `engine/runtime.py`.

    Attributes:
        autocast: Number type of the forward pass; None keeps fp32.
        channels_last: Whether convolutions run in the channels-last memory layout.
        micro_batches: Parts in which a batch goes through the network, to save memory.
        average: Averages gradients over processes; does nothing when there is one.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    autocast: torch.dtype | None = None
    channels_last: bool = False
    micro_batches: int = 1
    average: Callable[[Sequence[nn.Parameter]], None] = lambda _parameters: None

    def precision(self) -> AbstractContextManager[Any]:
        """Return the context in which forward passes run."""
        if self.autocast is None:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.autocast)

    def full_precision(self) -> AbstractContextManager[Any]:
        """Return a context that keeps fp32: for penalties with a second backward pass."""
        if self.autocast is None:
            return nullcontext()
        return torch.autocast(self.device.type, enabled=False)

    def place(self, module: nn.Module) -> None:
        """Move a module to the device and layout, in place."""
        layout = torch.channels_last if self.channels_last else torch.preserve_format
        # torch's stubs leave memory_format out of the overload that takes a device
        module.to(device=self.device, memory_format=layout)  # type: ignore[call-overload]
