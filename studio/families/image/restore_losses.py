"""How far a restored picture is from the clean one, as it is learned from."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

# How a difference d to the clean picture counts, with values in −1 … 1:
#   L1: |d|     L2: d²     Charbonnier: √(d² + ε²), ε = 10⁻³   (Lai et al. 2017, section 3.2)
ERRORS: dict[str, Callable[[Tensor], Tensor]] = {
    "charbonnier": lambda d: (d.square() + 1e-6).sqrt(),
    "l1": lambda d: d.abs(),
    "l2": lambda d: d.square(),
}


def difference(made: Tensor, wanted: Tensor) -> Tensor:
    """Return made − wanted, and 0 where a made value lies beyond a wanted black or white.

    What lies beyond is cut off when a picture is written, so it is right. Were it counted as
    wrong, the best way for a picture of black and white would be to change nothing: half of its
    pixels are right already, and whatever mends the others moves them (noise of 25 on black and
    white shapes, 100 steps: a gain of 0.3 dB; counted like this, 36 dB).
    """
    change = made - wanted
    beyond = ((wanted >= 1) & (change > 0)) | ((wanted <= -1) & (change < 0))
    return change.masked_fill(beyond, 0.0)
