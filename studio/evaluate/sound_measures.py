"""What sets of recordings are like: loudness, silence, spectra, noise and narrow lines.

Everything takes waves (N, L) in -1 … 1 of one rate; `evaluate/audio.py` holds samples against
data with it.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

from studio.evaluate.spectra import QUIETEST, average_spectrum, decibels, levels, power

SILENT = -50.0  # dB below which a fiftieth of a second counts as silence
_FULL = 0.999  # of full scale, from which on a value counts as clipped
_RESOLUTIONS = (256, 512, 1024, 2048)  # samples of a window
_GROUPS = 32  # of neighbouring bins, whose levels are compared
_TIMES = 32  # places of a recording at which levels are compared
_LINE_SIZE = 1024  # samples of the window in which narrow lines are looked for
_LINES = 64  # lines at multiples of this part of the rate
_AUDIBLE = 50.0  # dB below the loudest bin, as far as a line is heard
_WIDE = 2  # bins on either side that a line spreads over
_BESIDE = 8  # bins on either side that it stands out of


def loudness(waves: Tensor) -> float:
    """Return the mean level of whole recordings in dB (RMS)."""
    return float(decibels(waves.square().mean(1), -100.0).mean())


def silence(waves: Tensor, rate: int) -> float:
    """Return the share of time in which nothing is to be heard."""
    return float((levels(waves, rate) < SILENT).float().mean())


def clipping(waves: Tensor) -> float:
    """Return the share of values at the ends of the scale."""
    return float((waves.abs() >= _FULL).float().mean())


def value_entropy(waves: Tensor) -> float:
    """Return how evenly the 256 values of µ-law are used, in bits: 8 for pure chance.

    H = -Σ p log₂ p over all recordings, of f(x) = sgn(x) ln(1 + 255 |x|) / ln 256 (ITU-T G.711)
    in 256 steps: those of `families/audio/companding.py`, for steps between them would take two of
    what a WaveNet says for one.
    """
    curve = waves.sign() * (255 * waves.abs()).log1p() / torch.tensor(256.0).log()
    steps = ((curve * 127.5).round().long() + 128).clamp(0, 255)
    shares = torch.bincount(steps.flatten(), minlength=256).double() / steps.numel()
    some = shares[shares > 0]
    return max(0.0, float(-(some * some.log2()).sum()))


def balance(waves: Tensor, rate: int) -> float:
    """Return the frequency in Hz below which half of all power lies."""
    size = min(_LINE_SIZE, 1 << (waves.shape[1].bit_length() - 1))
    below = average_spectrum(waves, size).cumsum(0)
    if not float(below[-1]):
        return 0.0
    return float((below < below[-1] / 2).sum()) * rate / size


def spectrum_distance(made: Tensor, real: Tensor) -> float:
    """Return how differently two sets spread their levels over frequencies, in dB.

    The mean difference, over windows of several lengths and over frequencies, of the levels'
    means and of their standard deviations over time and recordings.
    """
    gaps: list[Tensor] = []
    for size in _RESOLUTIONS:
        if size > real.shape[1] and gaps:
            break
        first, second = (_spectral_levels(each, size) for each in (made, real))
        gaps.append((first - second).abs().mean())
    return float(torch.stack(gaps).mean())


def _spectral_levels(waves: Tensor, size: int) -> Tensor:
    """Return means and deviations of levels in groups of bins (2, groups)."""
    total, squares, count = torch.zeros(_GROUPS), torch.zeros(_GROUPS), 0
    for each in power(waves, size):
        # groups of neighbouring bins, narrow for low frequencies as hearing is
        shown = decibels(torch.stack([each[:, part].mean(1) for part in _groups(size)], 1))
        total += shown.sum((0, 2))
        squares += shown.square().sum((0, 2))
        count += shown.shape[0] * shown.shape[2]
    mean = total / count
    return torch.stack([mean, (squares / count - mean.square()).clamp_min(0).sqrt()])


def _groups(size: int) -> list[slice]:
    """Return the bins of each group, evenly spaced in √f, one at least in each."""
    edges = ((torch.arange(_GROUPS + 1) / _GROUPS).square() * (size // 2 + 1)).long().tolist()
    return [slice(low, max(low + 1, high)) for low, high in pairwise(edges)]


def level_distance(made: Tensor, real: Tensor, rate: int) -> float:
    """Return how differently two sets grow louder and softer over their time, in dB.

    The mean difference of the levels' means and standard deviations at 32 places.
    """
    found = []
    for waves in (made, real):
        shown = functional.interpolate(levels(waves, rate)[:, None], _TIMES, mode="linear")[:, 0]
        shown = shown.clamp_min(-80)  # below, nobody hears a difference
        found.append(torch.stack([shown.mean(0), shown.std(0)]))
    return float((found[0] - found[1]).abs().mean())


def tonal_buzz(waves: Tensor) -> float:
    """Return how far the strongest narrow line stands out of what is beside it, in dB.

    Networks that enlarge by strides whistle at multiples of the rate over the stride (Pons et al.
    2021, "Upsampling artifacts in neural audio synthesis"): looked at are the multiples of 1/64 of
    the rate, which hold those of 1/2, 1/4 … too. Levels are averaged over all time and recordings,
    so that a tone of one recording hardly counts.
    """
    size = min(_LINE_SIZE, 1 << (waves.shape[1].bit_length() - 1))
    step, frames, total = size // _LINES, 0, torch.zeros(size // 2 + 1)
    for each in power(waves, size):
        total += decibels(each).sum((0, 2))
        frames += each.shape[0] * each.shape[2]
    spectrum = total / max(frames, 1)
    highest = float(spectrum.max())
    excess = [0.0]
    for place in range(step, size // 2 + 1, step) if step > _WIDE + 1 else ():
        line = float(spectrum[place - 1 : place + 2].max())
        reach = min(_BESIDE, step - _WIDE)
        below, above = spectrum[place - reach : place - _WIDE], spectrum[place + _WIDE + 1 :]
        if line > max(highest - _AUDIBLE, QUIETEST + 1):
            excess.append(line - float(torch.cat([below, above[: reach - _WIDE]]).max()))
    return max(excess)
