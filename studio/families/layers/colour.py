"""Pictures in other colours: grey ones in colour, and the other way round."""

from __future__ import annotations

import torch
from torch import Tensor


def coloured(pictures: Tensor, channels: int) -> Tensor:
    """Return pictures (B, C, H, W) with so many colour channels: grey 1, colour 3."""
    if pictures.shape[1] == channels:
        return pictures
    if channels == 3:
        return pictures.expand(-1, 3, -1, -1)
    # luma of ITU-R BT.601, by which pictures become grey everywhere in the studio
    weights = torch.tensor((0.299, 0.587, 0.114), device=pictures.device)
    return (pictures * weights.view(1, 3, 1, 1)).sum(1, keepdim=True)
