"""Networks as they leave for other programs, such as those that read ONNX files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from torch import Tensor, nn


@dataclass(frozen=True)
class Exportable:
    """A network that leaves by itself.

    Attributes:
        module: Takes the inputs in order and returns one tensor; its weights are its own.
        inputs: Names of the inputs.
        output: Name of what comes out.
        draw: (count, seed) -> the inputs, `count` rows each; any count must do.
        about: What goes in and what comes out, with ranges, in a sentence.
        sides: What height and width of its pictures (N, C, H, W) are multiples of, when they are
            free; 0 when they are fixed.
    """

    module: nn.Module
    inputs: tuple[str, ...]
    output: str
    draw: Callable[[int, int], tuple[Tensor, ...]]
    about: str
    sides: int = 0


class Decodes(Protocol):
    """A family that turns codes into items."""

    averaged: ClassVar[tuple[str, ...]]

    def networks(self) -> dict[str, nn.Module]: ...
    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor: ...


class Decoding(nn.Module):
    """The way from codes to items as one network; labels are its second input where it has them."""

    def __init__(self, family: Decodes) -> None:
        super().__init__()
        networks = family.networks()
        self.parts = nn.ModuleDict({name: networks[name] for name in family.averaged})
        self._decode = family.decode

    def forward(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        return self._decode(codes, labels)
