"""Log-mel spectrograms: how families see sound as a picture, and the way back to sound.

A spectrogram (B, mels, frames) has one column each `hop` samples. Its values are −1 for what is 80
dB below the loudest recording of the data, and quieter, and 1 for a tone at that level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torchaudio
from torch import Tensor, nn

from studio.core.recipe import DataSpec
from studio.data.audio.modality import RATE

#: What counts as silence: 80 dB below the loudest, as an amplitude.
FLOOR = 1e-4
#: Frames that a second has, at least: hops are powers of two.
_FRAMES_PER_SECOND = 60
#: What is drawn too softly becomes louder by 6 dB at most; below the middle of the range less.
_LOUDER, _FADE = 0.15, 1.0
_MOMENTUM = 0.99  # α of the fast Griffin-Lim algorithm


@dataclass(frozen=True)
class Grid:
    """How finely a spectrogram measures sound.

    Attributes:
        rate: Samples a second.
        hop: Samples from one column to the next; divides every length of prepared recordings.
        fft: Samples that a column looks at.
        mels: Rows of a spectrogram, evenly spread on the mel scale.
    """

    rate: int
    hop: int
    fft: int
    mels: int

    @property
    def bins(self) -> int:
        """Frequencies of the Fourier transform, 0 and half the rate included."""
        return self.fft // 2 + 1

    def frames(self, samples: int) -> int:
        """Return the columns of a recording with this many samples."""
        return -(-samples // self.hop)


def grid_of(spec: DataSpec) -> Grid:
    """Return how finely spectrograms measure the recordings of a dataset."""
    rate = int(spec.resources[RATE])
    hop = 2 ** max(4, min(9, math.floor(math.log2(max(rate, 1) / _FRAMES_PER_SECOND))))
    return Grid(rate=rate, hop=hop, fft=4 * hop, mels=64 if rate <= 12_000 else 80)


class MelScale(nn.Module):
    """Turns sound into log-mel spectrograms and spectrograms into magnitudes.

    It has nothing to learn, and nothing in its state: all follows from the data's rate and peak.

    Args:
        grid: How finely it measures.
        peak: Loudest sample of the data, in 0 … 1.
    """

    window: Tensor
    basis: Tensor
    filters: Tensor
    inverse: Tensor

    def __init__(self, grid: Grid, peak: float) -> None:
        super().__init__()
        self.grid = grid
        self.peak = min(max(peak, 1e-3), 1.0)
        filters = torchaudio.functional.melscale_fbanks(
            grid.bins, 0.0, grid.rate / 2, grid.mels, grid.rate, norm=None, mel_scale="htk"
        )  # (bins, mels)
        # where filters are narrower than the transform's bins, each gets its nearest bin
        empty = filters.sum(0) == 0
        if empty.any():
            mel = torch.linspace(0, 2595 * math.log10(1 + grid.rate / 2 / 700), grid.mels + 2)[1:-1]
            centre = 700 * (10 ** (mel / 2595) - 1) / (grid.rate / 2) * (grid.bins - 1)
            filters[centre.round().long()[empty], empty.nonzero()[:, 0]] = 1.0
        self.register_buffer("filters", filters.T.contiguous(), persistent=False)
        self.register_buffer("inverse", torch.linalg.pinv(filters.T), persistent=False)
        window = torch.hann_window(grid.fft)
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("basis", _inverse_basis(grid.fft) * window, persistent=False)

    @classmethod
    def of(cls, spec: DataSpec) -> MelScale:
        """Return the scale that belongs to a dataset."""
        return cls(grid_of(spec), spec.statistics.get("peak", 1.0))

    @property
    def unit(self) -> float:
        """Magnitude of the transform that stands for a tone as loud as the loudest sample."""
        return self.peak * self.grid.fft / 4  # half the sum of a Hann window

    def stft(self, wave: Tensor) -> Tensor:
        """Return the transform (B, bins, frames) of sound (B, samples), complex fp32."""
        hop, fft = self.grid.hop, self.grid.fft
        wave = wave.float()
        wave = nn.functional.pad(wave, (0, -wave.shape[1] % hop))
        found = torch.stft(
            wave, fft, hop, window=self.window, return_complex=True, pad_mode="constant"
        )
        return found[:, :, :-1]  # the last frame is centred on the end: nothing of its own

    def istft(self, real: Tensor, imaginary: Tensor) -> Tensor:
        """Return sound (B, frames · hop) from both parts (B, bins, frames) of a transform.

        The weighted overlap-add (Griffin & Lim 1984, equation 6), in real numbers and as products
        of matrices, which every runtime of ONNX knows:
            x(n) = Σₜ w(n − tS) yₜ(n − tS) / Σₜ w²(n − tS)
        """
        hop, fft = self.grid.hop, self.grid.fft
        parts = torch.cat([real, imaginary], dim=1).transpose(1, 2)  # (B, frames, 2 bins)
        frames = parts @ self.basis  # (B, frames, fft), with the window
        added = _overlapped(frames, hop)
        weight = _overlapped((self.window**2).repeat(1, frames.shape[1], 1), hop)
        half, length = fft // 2, frames.shape[1] * hop  # columns are centred on their samples
        added, weight = added[:, half : half + length], weight[:, half : half + length]
        return added / weight

    def forward(self, wave: Tensor) -> Tensor:
        """Return log-mel spectrograms (B, mels, frames) of sound (B, samples)."""
        with torch.autocast(wave.device.type, enabled=False):
            power = (self.stft(wave).abs() / self.unit).square()  # (B, bins, frames)
            return scaled((self.filters @ power).clamp_min(FLOOR**2).sqrt())

    def magnitudes(self, mel: Tensor) -> Tensor:
        """Return the magnitudes (B, bins, frames) that fit a spectrogram best, fp32."""
        with torch.autocast(mel.device.type, enabled=False):
            level = levels(mel.float())
            # what is at the floor is silence
            power = torch.where(level > 1.05 * FLOOR, level.square(), torch.zeros_like(level))
            linear = self.inverse @ power
            # a pseudo-inverse goes below 0 between filters; a thousandth of the mean stays there
            spread = (self.filters.T @ power) / self.filters.sum(1).mean()
            return torch.maximum(linear, 1e-2 * spread).clamp_min(0).sqrt() * self.unit


def scaled(level: Tensor) -> Tensor:
    """Return values of a spectrogram in −1 … 1 for amplitudes relative to the peak."""
    return 1 - 2 * level.clamp_min(FLOOR).log10() / math.log10(FLOOR)


def levels(mel: Tensor) -> Tensor:
    """Return the amplitudes that values of a spectrogram stand for; the way back of `scaled`."""
    return 10 ** ((1 - mel.clamp(-1.0, 1.5)) * (math.log10(FLOOR) / 2))


def mean_power(mel: Tensor, log_scale: Tensor) -> Tensor:
    """Return the spectrogram of the power that is to be expected around a drawn one.

    A network that draws the mean of logarithms draws too softly: where x is N(μ, σ²), power
    10^(ax) has the mean 10^(a (μ + ½ a ln 10 σ²)), here with a = −log₁₀ FLOOR. Silence stays, and
    what is near to it nearly: there σ says whether anything is heard, not how loud it is.

    Args:
        mel: (B, mels, frames), the means.
        log_scale: (mels, 1), log σ of each row.
    """
    louder = (-0.5 * math.log(FLOOR) * (2 * log_scale).exp()).clamp_max(_LOUDER)
    return mel + louder * ((mel + 1) / _FADE).clamp(0, 1)


def griffin_lim(
    scale: MelScale, mel: Tensor, *, rounds: int = 32, phase: Tensor | None = None
) -> Tensor:
    """Return sound (B, frames · hop) whose magnitudes are those of a spectrogram.

    The fast Griffin-Lim algorithm (Perraudin, Balazs & Søndergaard 2013, algorithm 2):
        cₙ = P₁(P₂(tₙ₋₁)),  tₙ = cₙ + α (cₙ − cₙ₋₁)
    with P₂ setting the magnitudes and P₁ the projection on transforms of real sound.

    Args:
        rounds: Projections; more leave fewer artefacts.
        phase: (B, bins, frames) to begin with, in radians; None starts from a fixed one.
    """
    with torch.autocast(mel.device.type, enabled=False):
        wanted = scale.magnitudes(mel)
        if phase is None:
            phase = _first_phase(scale.grid, wanted)
        spectrum = torch.polar(wanted, phase.expand_as(wanted).contiguous())
        before = torch.zeros_like(spectrum)
        for _ in range(rounds):
            consistent = scale.stft(scale.istft(spectrum.real, spectrum.imag))
            ahead = consistent + _MOMENTUM * (consistent - before)
            before = consistent
            spectrum = wanted * ahead / ahead.abs().clamp_min(1e-8)
        return scale.istft(spectrum.real, spectrum.imag)


def _overlapped(frames: Tensor, hop: int) -> Tensor:
    """Return frames (B, T, fft) added up where they overlap, (B, (T − 1) · hop + fft)."""
    turns = frames.shape[2] // hop
    parts = frames.view(*frames.shape[:2], turns, hop).unbind(2)
    placed = [nn.functional.pad(p, (0, 0, j, turns - 1 - j)) for j, p in enumerate(parts)]
    return torch.stack(placed).sum(0).flatten(1)


def _inverse_basis(fft: int) -> Tensor:
    """Return the matrix (2 bins, fft) of the inverse Fourier transform of real sound."""
    bins = fft // 2 + 1
    twice = torch.full((bins, 1), 2.0, dtype=torch.float64)
    twice[0] = twice[-1] = 1.0
    angle = 2 * math.pi / fft * torch.outer(torch.arange(bins), torch.arange(fft)).double()
    return torch.cat([twice * angle.cos(), -twice * angle.sin()]).div(fft).float()


def _first_phase(grid: Grid, like: Tensor) -> Tensor:
    """Return phases that go on as tones do, each frequency from a place of its own.

    φ(k, t) = 2π k hop t / fft + φ₀(k), with φ₀ drawn once and for all: a function of no seed.
    """
    frames = like.shape[2]
    generator = torch.Generator().manual_seed(0)
    start = 2 * math.pi * torch.rand(grid.bins, generator=generator)
    step = 2 * math.pi * torch.arange(grid.bins) * grid.hop / grid.fft
    phase = start[:, None] + step[:, None] * torch.arange(frames)
    return phase.remainder(2 * math.pi).to(like.device)
