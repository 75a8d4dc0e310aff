"""The network of a restoration model for other programs."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.families.exportable import Exportable
from studio.families.image.restore_networks import EDSR, Restorer

#: What the second input is, by what the guide says.
_GUIDES = {
    "level": " The guide (1, h, w) is everywhere the noise as a share of the strongest that was"
    " learned, or −1 for unknown.",
    "mask": " The guide (1, h, w) is 1 where the picture is to be made anew, else 0; there the"
    " picture has the mean colour of the rest.",
}


def exportable(restorer: Restorer, side: int, frames: int = 1) -> dict[str, Exportable]:
    """Return the restorer.

    Plain blocks take pictures of any size. Attention takes the size that it learned at: larger
    pictures go through in pieces.

    Args:
        side: Of the pieces that it learned from, as the network sees them.
        frames: How many pictures it sees at once.
    """

    def draw(count: int, seed: int) -> tuple[Tensor, ...]:
        generator = torch.Generator().manual_seed(seed)
        colours = restorer.seen - bool(restorer.guide)
        picture = torch.rand(count, colours, side, side, generator=generator) * 2 - 1
        guide = (torch.rand(count, 1, side, side, generator=generator) < 0.5).float()
        device = next(restorer.parameters()).device
        return tuple(each.to(device) for each in (picture, guide)[: len(names)])

    names = ("picture", "guide") if restorer.guide else ("picture",)
    larger = f", {restorer.scale} times as large" if restorer.scale > 1 else ""
    said = f"Returns pictures (C, h, w) in −1 … 1 repaired{larger}."
    if frames > 1:
        said += f" It sees {frames} frames, their colours one after the other: the middle one is"
        said += " repaired."
    return {
        "restorer": Exportable(
            module=restorer,
            inputs=names,
            output="restored",
            draw=draw,
            about=said + _GUIDES.get(restorer.guide, ""),
            sides=1 if isinstance(restorer, EDSR) else 0,
        )
    }
