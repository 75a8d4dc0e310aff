"""What the window and the docs say of restoration."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality

INFO = FamilyInfo(
    id="restore",
    title="Restoration",
    modality=Modality.IMAGE,
    tasks=(Task.RESTORE,),
    summary="Repairs your own pictures: removes noise, blur and JPEG blocks, fills holes, or"
    " enlarges them. Learns from clean pictures alone.",
    needs="Some hundred clean, sharp pictures of the kind that you want to repair. It spoils them"
    " itself.",
    caution="Gain is what counts: how much closer to the clean picture a repaired one is than the"
    " spoiled one, on pictures that it never saw.",
    typical_time="Quick: 3 minutes on a processor. Best: hours on a graphics card.",
    papers=(
        Paper(
            title="Enhanced Deep Residual Networks for Single Image Super-Resolution",
            authors="Lim et al.",
            year=2017,
            url="https://arxiv.org/abs/1707.02921",
        ),
        Paper(
            title="Simple Baselines for Image Restoration",
            authors="Chen et al.",
            year=2022,
            url="https://arxiv.org/abs/2204.04676",
        ),
        Paper(
            title="Improving Image Restoration by Revisiting Global Information Aggregation",
            authors="Chu et al.",
            year=2022,
            url="https://arxiv.org/abs/2112.04491",
        ),
        Paper(
            title="Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel"
            " Convolutional Neural Network",
            authors="Shi et al.",
            year=2016,
            url="https://arxiv.org/abs/1609.05158",
        ),
        Paper(
            title="Beyond a Gaussian Denoiser: Residual Learning of Deep CNN for Image Denoising",
            authors="Zhang et al.",
            year=2017,
            url="https://arxiv.org/abs/1608.03981",
        ),
        Paper(
            title="Image-to-Image Translation with Conditional Adversarial Networks",
            authors="Isola et al.",
            year=2017,
            url="https://arxiv.org/abs/1611.07004",
        ),
    ),
    explains="learn/restore.md",
    metrics={
        "loss": Metric(
            title="Error",
            help="How far repaired pieces are from clean ones, as it is learned from.",
            better="lower",
        ),
        "loss_generator": Metric(
            title="Critic's demand",
            help="Falls when the critic takes repaired patches for clean ones. It never settles.",
        ),
        "loss_critic": Metric(
            title="Critic's score",
            help="Falls when the critic tells clean from repaired.",
        ),
        "critic_real": Metric(
            title="Clean ones recognised",
            help="Share of clean patches that the critic takes for clean.",
            percent=True,
        ),
        "critic_fake": Metric(
            title="Repaired ones recognised",
            help="Share of repaired patches that the critic sees through.",
            percent=True,
        ),
        "val_psnr": Metric(
            title="Closeness",
            help="How close results come to clean originals that it never saw (PSNR, all"
            " colours, 255 levels, no border left out), at full strength of the damage. 3 dB more"
            " is half the squared error.",
            unit="dB",
            better="higher",
        ),
        "val_psnr_gain": Metric(
            title="Gain",
            help="How much closer that is than what was spoiled; for enlarging, than what plain"
            " enlarging makes (bicubic).",
            unit="dB",
            better="higher",
        ),
        "val_ssim": Metric(
            title="Likeness",
            help="How alike the structure of results and clean originals is, 1 for the same"
            " (SSIM).",
            better="higher",
        ),
        "val_ms_ssim": Metric(
            title="Likeness at all scales",
            help="The same for coarse and fine structure (MS-SSIM; below 176 pixels of three"
            " scales instead of five). Compare it at one size only.",
            better="higher",
        ),
        "val_vif": Metric(
            title="Detail kept",
            help="Share of the clean original's information that is there (VIF), from 41 pixels"
            " on.",
            better="higher",
        ),
        "val_sharpness": Metric(
            title="Sharpness",
            help="How much fine contrast results have, where clean originals have 1.",
        ),
    },
    best="val_psnr",
    figures=("val_psnr_gain", "val_psnr", "val_ssim"),
)
