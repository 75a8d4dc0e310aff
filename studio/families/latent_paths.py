"""Ways through a latent space: between codes, and from place to place as frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.places import Easing

#: Returns the codes (T, …) at shares (T,) of the way from one code (…) to another.
Between = Callable[[Tensor, Tensor, Tensor], Tensor]


def frames_of_legs(places: int, frames: int, legs: Sequence[int], *, loop: bool) -> list[int]:
    """Return how many frames each leg takes.

    Args:
        places: How many places the path goes through.
        frames: Of every leg, when `legs` is empty.
        legs: Frames of each leg.
        loop: Whether the last leg leads back to the first place.

    Raises:
        StudioError: There are not as many durations as legs.
    """
    wanted = places if loop else places - 1
    if legs and len(legs) != wanted:
        raise StudioError(
            "The durations do not fit the path",
            f"The path has {wanted} legs and {len(legs)} durations were given.",
            "Give one duration for each leg, or none for equal ones.",
        )
    return list(legs) or [frames] * wanted


def path(
    codes: Tensor, legs: Sequence[int], easing: Easing, *, loop: bool, between: Between
) -> Tensor:
    """Return the codes of all frames on the way through `codes` (P, …).

    A path ends at its last place; a loop ends one frame before its first place comes again, so
    that it plays round and round without a pause.
    """
    around = torch.cat([codes, codes[:1]]) if loop else codes
    parts = [
        between(around[leg], around[leg + 1], _shares(frames, easing).to(codes.device))
        for leg, frames in enumerate(legs)
    ]
    return torch.cat(parts if loop else [*parts, codes[-1:]])


def labels_along(labels: Sequence[int], legs: Sequence[int], *, loop: bool) -> list[int]:
    """Return the label of each frame of a `path`: that of the place which is nearer."""
    around = [*labels, labels[0]]
    frames = [
        around[leg + (2 * frame >= count)]
        for leg, count in enumerate(legs)
        for frame in range(count)
    ]
    return frames if loop else [*frames, labels[-1]]


def _shares(frames: int, easing: Easing) -> Tensor:
    """Return how much of a leg lies behind each of its frames, the arrival left out."""
    t = torch.linspace(0, 1, frames + 1)[:-1]
    # smoothstep 3t² − 2t³: starts and arrives at speed 0
    return t if easing == "steady" else t * t * (3 - 2 * t)


def slerp(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Return points on the great circle from `start` to `end`, (len(share), *start.shape).

    Spherical linear interpolation (Shoemake 1985): normal noise in high dimensions lies near a
    sphere, so a straight line would pass through codes that the network never saw (White 2016).
    """
    a, b = start.flatten(), end.flatten()
    cosine = (a @ b / (a.norm() * b.norm()).clamp_min(1e-8)).clamp(-1, 1)
    angle = torch.acos(cosine)
    t = share[:, None]
    if angle.sin().abs() < 1e-4:  # parallel: the circle is not defined, the line is the same
        points = (1 - t) * a + t * b
    else:
        # slerp(t) = sin((1 − t)θ)/sin θ · a + sin(tθ)/sin θ · b
        points = ((1 - t) * angle).sin() / angle.sin() * a + (t * angle).sin() / angle.sin() * b
    return points.view(-1, *start.shape)


def lerp(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Return points on the straight line from `start` to `end`, (len(share), *start.shape)."""
    return start + share.view(-1, *[1] * start.dim()) * (end - start)


def mean(codes: Tensor, weights: Tensor) -> Tensor:
    """Return Σ wᵢ zᵢ of codes (K, …) with weights (K,) that add up to 1."""
    blended: Tensor = torch.tensordot(weights, codes, dims=1)
    return blended
