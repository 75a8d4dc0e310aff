"""How a judge hears recordings: as pictures of their mel spectrum over time."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from studio.core.recipe import DataSpec
from studio.data.audio.modality import RATE
from studio.evaluate.feature_net import LARGEST, View
from studio.evaluate.spectra import mel_pictures

_BANDS = 64
_LOUDER = 0.2  # of the range, 6 dB
_HIDDEN = 8  # bands, and moments, that are hidden at most


class SoundView(View):
    """Recordings (N, C, L) as spectrograms (N, 1, 64, up to 64) in -1 (-60 dB) … 1 (0 dB)."""

    fewest = 300
    shown = 16_000

    def see(self, items: Tensor, spec: DataSpec) -> Tensor:
        """Return spectrograms of the mean of all channels."""
        shown = 2 * mel_pictures(items.mean(1), int(spec.resources[RATE]), _BANDS) - 1
        if shown.shape[3] <= LARGEST:
            return shown
        size = (_BANDS, LARGEST)
        return functional.interpolate(shown, size=size, mode="bilinear", antialias=True)

    def varied(self, seen: Tensor) -> Tensor:
        """Return spectrograms moved and stretched a little, louder or softer, with parts hidden.

        Hidden bands and moments are SpecAugment's (Park et al. 2019).
        """
        count, device = len(seen), seen.device

        def drawn(low: float, high: float) -> Tensor:
            # on the CPU, so that a seed means the same on every device
            return (torch.rand(count) * (high - low) + low).to(device)

        nothing = torch.zeros(count, device=device)
        rows = [
            torch.stack([drawn(0.85, 1.15), nothing, drawn(-0.2, 0.2)], 1),  # time
            torch.stack([nothing, drawn(0.95, 1.05), drawn(-0.05, 0.05)], 1),  # pitch
        ]
        grid = functional.affine_grid(torch.stack(rows, 1), list(seen.shape), align_corners=False)
        # what comes in from outside is silence
        moved = functional.grid_sample(seen + 1, grid, align_corners=False) - 1
        louder = drawn(-_LOUDER, _LOUDER)[:, None, None, None]
        moved = torch.where(moved > -1, (moved + louder).clamp(-1, 1), moved)
        hidden = _span(count, seen.shape[2])[:, :, None] | _span(count, seen.shape[3])[:, None]
        return moved.masked_fill(hidden[:, None].to(device), -1.0)

    def noise(self, seen: Tensor, spec: DataSpec, generator: torch.Generator) -> Tensor:
        """Return the spectrograms of white noise as loud as the data."""
        waves = torch.randn(len(seen), 1, spec.shape[1], generator=generator)
        return self.see((waves * spec.statistics["std"]).clamp(-1, 1), spec)


def _span(count: int, size: int) -> Tensor:
    """Return for each of several rows which of its places are hidden (count, size)."""
    most = min(_HIDDEN, size // 4)
    wide = torch.randint(0, most + 1, (count, 1))
    start = (torch.rand(count, 1) * (size - wide)).long()
    places = torch.arange(size)
    return (places >= start) & (places < start + wide)
