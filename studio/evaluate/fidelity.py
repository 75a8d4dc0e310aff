"""How close a picture is to the one that it should be: PSNR, SSIM, MS-SSIM and VIF.

Every function takes made and wanted pictures (N, C, H, W) in 0 … 1 and returns one number per
picture, (N,), computed in fp32 also where networks run in bf16. The protocol is the same
everywhere in the studio: all colour channels count alike (RGB, not luminance), the data range is
255 levels (1 here), and no border is left out. The formulas are torchmetrics'; what stands here
is which of them a picture is large enough for. That library takes seconds to load, so it is
imported at the first measurement: no engine waits for it at its start.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import torch
from torch import Tensor
from torch.nn import functional

#: dB that equal pictures count as, so that a mean stays a number.
HIGHEST_PSNR = 100.0
#: Shorter side in pixels from which on each measure says something.
SMALLEST_SSIM = 11  # its window
SMALLEST_MS_SSIM = 28
SMALLEST_VIF = 41  # its four scales

# The weights of the five scales of MS-SSIM, finest first (Wang et al. 2003).
_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# (shorter side from which on, scales, window, standard deviation of the window), in pixels
_MS_SSIM_RULES = ((176, 5, 11, 1.5), (44, 3, 11, 1.5), (SMALLEST_MS_SSIM, 3, 7, 1.0))

Measure = Callable[[Tensor, Tensor], Tensor]


def _exact(measure: Measure) -> Measure:
    """Return a measure that is computed in fp32, whatever the context it is called in."""

    @wraps(measure)
    def measured(made: Tensor, wanted: Tensor) -> Tensor:
        with torch.autocast(wanted.device.type, enabled=False):
            return measure(made.float(), wanted.float())

    return measured


def fidelity(made: Tensor, wanted: Tensor) -> dict[str, Tensor]:
    """Return `psnr` and, where the size allows, `ssim`, `ms_ssim` and `vif`."""
    side = min(wanted.shape[2:])
    found = {"psnr": psnr(made, wanted)}
    if side >= SMALLEST_SSIM:
        found["ssim"] = ssim(made, wanted)
    if side >= SMALLEST_MS_SSIM:
        found["ms_ssim"] = ms_ssim(made, wanted)
    if side >= SMALLEST_VIF:
        found["vif"] = vif(made, wanted)
    return found


@_exact
def psnr(made: Tensor, wanted: Tensor) -> Tensor:
    """Return the peak signal-to-noise ratio in dB: 10 log₁₀(1 / mean squared error)."""
    from torchmetrics.functional.image import peak_signal_noise_ratio

    found = peak_signal_noise_ratio(made, wanted, data_range=1.0, dim=(1, 2, 3), reduction="none")
    return found.clamp(max=HIGHEST_PSNR)


@_exact
def ssim(made: Tensor, wanted: Tensor) -> Tensor:
    """Return the structural similarity, at most 1 (Wang et al. 2004), from `SMALLEST_SSIM` on."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    found = structural_similarity_index_measure(made, wanted, data_range=1.0, reduction="none")
    assert isinstance(found, Tensor)  # no tuple, which it returns when asked for its map
    return found


@_exact
def ms_ssim(made: Tensor, wanted: Tensor) -> Tensor:
    """Return the structural similarity over several scales, 0 … 1 (Wang et al. 2003).

    The five scales of the paper need 176 pixels. Smaller pictures are compared on the finest
    three, their weights brought to add up to 1, and below 44 pixels through a smaller window: such
    numbers hold between pictures of one size only.

    Raises:
        ValueError: A side is below `SMALLEST_MS_SSIM`.
    """
    from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

    side = min(wanted.shape[2:])
    fitting = [rule for rule in _MS_SSIM_RULES if side >= rule[0]]
    if not fitting:
        raise ValueError(f"MS-SSIM needs {SMALLEST_MS_SSIM} pixels, not {side}")
    _, scales, window, spread = fitting[0]
    weights = _SCALES[:scales]
    total = sum(weights)
    return multiscale_structural_similarity_index_measure(
        made,
        wanted,
        sigma=spread,
        kernel_size=window,
        betas=tuple(weight / total for weight in weights) if scales < len(_SCALES) else weights,
        data_range=1.0,
        reduction="none",
        normalize="relu",  # a negative similarity has no fractional power
    )


@_exact
def vif(made: Tensor, wanted: Tensor) -> Tensor:
    """Return the visual information that is kept, 1 for all (Sheikh & Bovik 2006, in pixels).

    It can exceed 1 where contrast was raised. A picture without any detail has none to lose: 1.
    """
    from torchmetrics.functional.image import visual_information_fidelity

    # its noise variance of 2 is meant for 255 levels
    found = visual_information_fidelity(255 * made, 255 * wanted, reduction="none")
    return found.nan_to_num(nan=1.0)


def sharpness(made: Tensor, wanted: Tensor) -> Tensor:
    """Return how much fine contrast pictures (N, C, H, W) in 0 … 1 have, where others have 1."""
    # half a level of 255, squared: less is rounding
    fine = fine_contrast(wanted).mean().clamp_min((0.5 / 255) ** 2)
    return fine_contrast(made).mean() / fine


def fine_contrast(pictures: Tensor) -> Tensor:
    """Return the variance of each grey picture's Laplacian, (N,)."""
    grey = pictures.float().mean(1, keepdim=True)
    kernel = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]], device=grey.device)
    edges = functional.conv2d(grey, kernel.view(1, 1, 3, 3))
    return edges.flatten(1).var(1)
