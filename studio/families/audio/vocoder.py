"""A small neural vocoder: turns log-mel spectrograms into sound, and how that is learned.

It predicts the magnitude and the phase of each frame's Fourier transform and goes back to sound by
the inverse transform, as iSTFTNet (Kaneko et al. 2022) and Vocos (Siuzdak 2023) do: no layer works
at the rate of samples, so that an ordinary processor makes seconds of sound in milliseconds.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.audio.mel import FLOOR, MelScale

#: Log magnitudes are bounded, so that exp() stays within what sound can be.
_LOUDEST = 7.0
#: A frame is heard when one of its frequencies is above −50 dB.
_HEARD = 10 ** (-50 / 20)


class Block(nn.Module):
    """ConvNeXt in one dimension (Liu et al. 2022): looks around, then thinks frame by frame."""

    def __init__(self, width: int, *, kernel: int = 7, dilation: int = 1) -> None:
        super().__init__()
        reach = dilation * (kernel // 2)
        self.around = nn.Conv1d(
            width, width, kernel, padding=reach, dilation=dilation, groups=width
        )
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 3 * width)
        self.narrow = nn.Linear(3 * width, width)
        self.gain = nn.Parameter(torch.full((width,), 0.3))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, width, frames) changed a little."""
        h = self.norm(self.around(x).transpose(1, 2))
        h = self.gain * self.narrow(functional.gelu(self.wide(h)))
        total: Tensor = x + h.transpose(1, 2)
        return total


class Vocoder(nn.Module):
    """Magnitude and phase of each frame from the frames around it.

    The magnitude is what the spectrogram says of it times a learned factor: at first, the network
    already has the right colours. The phase is an angle beside the one with which a steady tone
    would go on.
    """

    def __init__(self, scale: MelScale, width: int, depth: int) -> None:
        super().__init__()
        self.scale = scale
        bins = scale.grid.bins
        self.first = nn.Conv1d(scale.grid.mels, width, 7, padding=3)
        self.norm = nn.LayerNorm(width)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(depth)))
        self.last_norm = nn.LayerNorm(width)
        self.magnitude = nn.Linear(width, bins)
        self.phase = nn.Linear(width, 2 * bins)
        nn.init.zeros_(self.magnitude.weight)
        nn.init.zeros_(self.magnitude.bias)

    def spectrum(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Return both parts (B, bins, frames) of the transform of a spectrogram."""
        h = self.norm(self.first(mel).transpose(1, 2)).transpose(1, 2)
        h = self.last_norm(self.blocks(h).transpose(1, 2))  # (B, frames, width)
        factor = self.magnitude(h).transpose(1, 2).float()
        real, imaginary = self.phase(h).transpose(1, 2).float().chunk(2, dim=1)
        with torch.autocast(mel.device.type, enabled=False):
            level = self.scale.magnitudes(mel)
            level = level * factor.clamp(-_LOUDEST, 2.0).exp()
            length = (real.square() + imaginary.square() + 1e-6).rsqrt()
            return level * real * length, level * imaginary * length

    def forward(self, mel: Tensor) -> Tensor:
        """Return sound (B, frames · hop) in about −1 … 1."""
        real, imaginary = self.spectrum(mel)
        with torch.autocast(mel.device.type, enabled=False):
            return self.scale.istft(real, imaginary)


def spectra(wave: Tensor, fft: int) -> Tensor:
    """Return magnitudes (B, bins, frames) of sound, a full tone being about 1."""
    window = torch.hann_window(fft, device=wave.device)
    found = torch.stft(wave, fft, fft // 4, window=window, return_complex=True, pad_mode="constant")
    # a root without a corner at 0, whose gradient would be endless
    return (found.real.square() + found.imag.square() + 1e-12).sqrt() / (fft / 4)


def resolutions(scale: MelScale) -> tuple[int, ...]:
    """Return the lengths of the windows through which sounds are compared: short, middle, long."""
    fft = scale.grid.fft
    return fft // 4, fft // 2, fft, 2 * fft


def stft_loss(made: Tensor, wanted: Tensor, ffts: tuple[int, ...]) -> Tensor:
    """Return how far magnitudes differ at several resolutions, (B,).

    Spectral convergence and log difference (Yamamoto et al. 2020, equations 4 to 6).
    """
    total = torch.zeros(len(made), device=made.device)
    for fft in ffts:
        ours, theirs = spectra(made, fft), spectra(wanted, fft)
        difference = (ours - theirs).flatten(1).norm(dim=1)
        convergence = difference / theirs.flatten(1).norm(dim=1).clamp_min(1e-3)
        logs = (ours.clamp_min(FLOOR).log() - theirs.clamp_min(FLOOR).log()).abs()
        total = total + convergence + logs.flatten(1).mean(1)
    return total / len(ffts)


def spectral_distance(made: Tensor, wanted: Tensor, scale: MelScale) -> Tensor:
    """Return how far magnitudes differ where something is to be heard, in dB, (B,).

    The mean of |20 log₁₀ A − 20 log₁₀ B| over frequencies, frames and resolutions; quieter than
    80 dB below a full tone all is alike.
    """
    total = torch.zeros(len(made), device=made.device)
    for fft in resolutions(scale):
        ours, theirs = spectra(made, fft), spectra(wanted, fft)
        heard = (theirs.amax(1, keepdim=True) > _HEARD).float()  # (B, 1, frames)
        apart = (ours.clamp_min(FLOOR).log10() - theirs.clamp_min(FLOOR).log10()).abs() * 20
        total = total + (apart * heard).mean(1).sum(1) / heard[:, 0].sum(1).clamp_min(1)
    return total / len(resolutions(scale))
