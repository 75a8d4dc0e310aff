"""What the StyleGAN's generator is held to beside the game: smooth paths (Karras et al. 2020)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

#: Weight of a batch in the running mean of path lengths (2020, appendix B).
NEWEST = 0.01


def path_lengths(pictures: Tensor, styles: Tensor, noise: Tensor) -> Tensor:
    """Return ‖Jᵀ y‖ of each picture, (B,), in a form that can be differentiated again.

    J = ∂G(w)/∂w and y is a picture of N(0, 1) noise, of which each pixel is divided by the
    square root of their number, so that lengths mean the same for pictures of any size. Over
    layers with a style each, the squared lengths are averaged (2020, appendix B).

    Args:
        pictures: (B, C, H, W), made from `styles` in fp32.
        styles: (B, L, D) with `requires_grad`.
        noise: (B, C, H, W) from N(0, 1).
    """
    pixels = pictures.shape[2] * pictures.shape[3]
    # Jᵀ y = ∇_w (G(w) · y), so that J itself is never needed
    along = (pictures * noise).sum() / math.sqrt(pixels)
    (gradient,) = torch.autograd.grad(along, styles, create_graph=True)
    return gradient.square().sum(2).mean(1).sqrt()


def path_penalty(lengths: Tensor, usual: Tensor) -> Tensor:
    """Return E[(‖Jᵀ y‖ − a)²] with a their running mean (2020, equation 4)."""
    return (lengths - usual).square().mean()
