"""How a judge looks at clips: at their frames, at what changes, and whether time runs as it does.

Fréchet distances of videos are known to look at frames more than at motion (Ge et al. 2024, "On
the Content Bias in Fréchet Video Distance"), so this network is shown what changes from frame to
frame beside the frames, and it learns that a clip with its frames out of order is another one.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.recipe import DataSpec
from studio.evaluate.feature_net import FEATURES, JudgeNet, View, varied

_FRAMES = 16  # that are looked at; of longer clips another part of each
_SIDE = 32  # pixels; larger frames are shrunk
_WIDTHS = (24, 48, 96)
_GOLDEN = 0.618033988749895  # parts of clips that lie this far apart are spread evenly


class _Halving3d(nn.Module):
    """A residual block that halves clips in time and space."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv3d(channels, out, 3, stride=2, padding=1, bias=False)
        self.second = nn.Conv3d(out, out, 3, padding=1, bias=False)
        self.beside = nn.Conv3d(channels, out, 1, bias=False)
        self.first_norm, self.second_norm = nn.BatchNorm3d(out), nn.BatchNorm3d(out)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(x)))
        short = self.beside(functional.avg_pool3d(x, 2, ceil_mode=True))
        return functional.relu(short + self.second_norm(self.second(inner)))


class ClipNet(JudgeNet):
    """Clips (N, C, T, H, W) in -1 … 1 to features (N, 64).

    Attributes:
        names: Reads off the labels, and as one more that a clip's frames are out of order.
    """

    together = 32

    def __init__(self, colours: int, labels: int = 1) -> None:
        super().__init__()
        self.stem = nn.Conv3d(2 * colours, _WIDTHS[0], 3, stride=(1, 2, 2), padding=1, bias=False)
        self.stem_norm = nn.BatchNorm3d(_WIDTHS[0])
        self.blocks = nn.Sequential(_Halving3d(24, _WIDTHS[1]), _Halving3d(*_WIDTHS[1:]))
        self.summary = nn.Linear(_WIDTHS[-1], FEATURES, bias=False)
        self.summary_norm = nn.BatchNorm1d(FEATURES, affine=False)
        self.names = nn.Linear(FEATURES, labels + 1)

    def forward(self, clips: Tensor) -> Tensor:
        """Return features (N, 64)."""
        changes = functional.pad(clips.diff(dim=2), (0, 0, 0, 0, 1, 0))  # as many as frames
        x = torch.cat([clips, 2 * changes], 1)
        maps = self.blocks(functional.relu(self.stem_norm(self.stem(x))))
        features: Tensor = self.summary_norm(self.summary(maps.mean((2, 3, 4))))
        return features

    @torch.no_grad()
    def chances(self, features: Tensor) -> Tensor:
        """Return how likely each label is (N, labels), whatever the order of frames."""
        read: Tensor = self.names(features.to(self.names.weight.device))
        return read[:, :-1].softmax(1).cpu()


class ClipView(View):
    """Clips (N, C, T, H, W) as up to 16 frames of up to 32 pixels."""

    fewest = 100
    most = 2_000
    shown = 4_000

    def see(self, items: Tensor, spec: DataSpec) -> Tensor:
        """Return a part of each clip, small; the parts of all cover clips evenly."""
        del spec
        count, _channels, frames = items.shape[:3]
        length = min(frames, _FRAMES)
        starts = (torch.arange(count) * _GOLDEN % 1 * (frames - length + 1)).long()
        places = starts[:, None] + torch.arange(length)  # (N, T)
        taken = items[torch.arange(count)[:, None], :, places]  # (N, T, C, H, W)
        if max(taken.shape[3:]) > _SIDE:
            small = functional.interpolate(
                taken.flatten(0, 1), size=(_SIDE, _SIDE), mode="bilinear", antialias=True
            )
            taken = small.view(*taken.shape[:3], _SIDE, _SIDE)
        return taken.transpose(1, 2).contiguous()

    def network(self, shape: torch.Size, labels: int) -> JudgeNet:
        """Return a network that knows nothing, for clips (N, *shape)."""
        return ClipNet(shape[0], labels)

    def labels_in(self, weights: dict[str, Tensor]) -> int:
        """Return how many labels kept weights tell apart."""
        return len(weights["names.bias"]) - 1

    def lesson(
        self, seen: Tensor, labels: Tensor | None, names: int
    ) -> tuple[Tensor, Tensor | None]:
        """Return clips, and the same with their frames out of order: those are a label more."""
        if labels is None:
            return torch.cat([seen, _disordered(seen, backwards=True)]), None
        # backwards, a clip may be one of another label
        wrong = torch.full_like(labels, names)
        return torch.cat([seen, _disordered(seen)]), torch.cat([labels, wrong])

    def varied(self, seen: Tensor) -> Tensor:
        """Return clips moved, turned, zoomed and brightened, alike in all frames."""
        return varied(seen.flatten(1, 2)).view(seen.shape)


def _disordered(clips: Tensor, *, backwards: bool = False) -> Tensor:
    """Return each clip with its frames shuffled, standing still or, by chance, backwards."""
    count, _channels, frames = clips.shape[:3]
    shuffled = torch.rand(count, frames).argsort(1)
    still = torch.randint(0, frames, (count, 1)).expand(-1, frames)
    back = torch.arange(frames - 1, -1, -1).expand(count, -1)
    ways = torch.stack([shuffled, still, back][: 3 if backwards else 2])  # (ways, N, T)
    chosen = ways[torch.randint(0, len(ways), (count,)), torch.arange(count)].to(clips.device)
    each = torch.arange(count, device=clips.device)[:, None]
    taken: Tensor = clips[each, :, chosen]  # (N, T, C, H, W)
    return taken.transpose(1, 2)
