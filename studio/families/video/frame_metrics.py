"""How close made clips are to those that they should be, frame by frame."""

from __future__ import annotations

from torch import Tensor

from studio.evaluate.fidelity import SMALLEST_SSIM, psnr, sharpness, ssim


def frames_of(clips: Tensor) -> Tensor:
    """Return the frames of clips (N, C, T, H, W) in −1 … 1 as pictures (N·T, C, H, W) in 0 … 1.

    They are at the 256 levels of a file.
    """
    levels = (clips.float().clamp(-1, 1) + 1).mul(127.5).round().div(255)
    return levels.transpose(1, 2).flatten(0, 1)


def closeness(made: Tensor, wanted: Tensor, baseline: Tensor) -> dict[str, Tensor]:
    """Return held-out metrics of clips (N, C, T, H, W) in −1 … 1: means over all frames.

    Args:
        baseline: What there is without the model, which `val_psnr_gain` is counted from.
    """
    shown, right, naive = (frames_of(each) for each in (made, wanted, baseline))
    close = psnr(shown, right).mean()
    found = {"val_psnr": close, "val_psnr_gain": close - psnr(naive, right).mean()}
    found["val_sharpness"] = sharpness(shown, right)
    if min(right.shape[2:]) >= SMALLEST_SSIM:
        found["val_ssim"] = ssim(shown, right).mean()
    return found
