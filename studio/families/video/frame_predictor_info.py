"""What the window and the docs say of the frame predictor."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality

INFO = FamilyInfo(
    id="frame_predictor",
    title="Frame predictor",
    modality=Modality.VIDEO,
    tasks=(Task.CONTINUE,),
    summary="Looks at some frames and says which follow: continues your own films.",
    needs="Some hundred short clips in which things move in ways that can be foreseen.",
    caution="Gain is what counts: how much closer it comes to the frames that followed than the"
    " last frame that it saw, on clips that were kept for checking.",
    typical_time="Quick: 5 minutes on a processor. Best: hours on a graphics card.",
    papers=(
        Paper(
            title="SimVP: Simpler yet Better Video Prediction",
            authors="Gao et al.",
            year=2022,
            url="https://arxiv.org/abs/2206.05099",
        ),
        Paper(
            title="SimVPv2: Towards Simple yet Powerful Spatiotemporal Predictive Learning",
            authors="Tan et al.",
            year=2022,
            url="https://arxiv.org/abs/2211.12509",
        ),
        Paper(
            title="Video Frame Synthesis using Deep Voxel Flow",
            authors="Liu et al.",
            year=2017,
            url="https://arxiv.org/abs/1702.02463",
        ),
        Paper(
            title="U-Net: Convolutional Networks for Biomedical Image Segmentation",
            authors="Ronneberger, Fischer, Brox",
            year=2015,
            url="https://arxiv.org/abs/1505.04597",
        ),
    ),
    explains="learn/frame_predictor.md",
    metrics={
        "loss": Metric(
            title="Error",
            help="How far foreseen frames are from those that came, as it is learned from.",
            better="lower",
        ),
        "val_psnr": Metric(
            title="Closeness",
            help="How close foreseen frames of clips that it never saw come to those that followed"
            " (PSNR, all colours, 255 levels, mean over the frames). 3 dB more is half the squared"
            " error.",
            unit="dB",
            better="higher",
        ),
        "val_psnr_gain": Metric(
            title="Gain",
            help="How much closer that is than the last frame seen, shown all the time.",
            unit="dB",
            better="higher",
        ),
        "val_ssim": Metric(
            title="Likeness",
            help="How alike the structure of foreseen and real frames is, 1 for the same (SSIM).",
            better="higher",
        ),
        "val_sharpness": Metric(
            title="Sharpness",
            help="How much fine contrast foreseen frames have, where those that came have 1.",
        ),
    },
    place=30,
    best="val_psnr",
    figures=("val_psnr_gain", "val_psnr", "val_ssim"),
)
