"""What the window and the docs say of pix2pix."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality

INFO = FamilyInfo(
    id="pix2pix",
    title="Pix2pix",
    modality=Modality.IMAGE,
    tasks=(Task.TRANSLATE,),
    summary="Learns from pairs, such as sketch and photo, to turn the one into the other.",
    needs="Some hundred pairs: two datasets with the same file names, or pictures that hold a"
    " pair side by side.",
    partner="paired",
    partner_needs="the wanted picture for each",
    caution="Closeness to the wanted picture is what counts; the critic's score only says how"
    " the game goes.",
    typical_time="Quick: 3 minutes on a processor. Best: some hours on a graphics card.",
    papers=(
        Paper(
            title="Image-to-Image Translation with Conditional Adversarial Networks",
            authors="Isola, Zhu, Zhou, Efros",
            year=2017,
            url="https://arxiv.org/abs/1611.07004",
        ),
        Paper(
            title="Least Squares Generative Adversarial Networks",
            authors="Mao et al.",
            year=2017,
            url="https://arxiv.org/abs/1611.04076",
        ),
    ),
    explains="learn/pix2pix.md",
    metrics={
        "difference": Metric(
            title="Difference",
            help="How far results are from the wanted pictures, from 0 to 2 (mean absolute error).",
            better="lower",
        ),
        "loss_generator": Metric(
            title="Generator's score",
            help="Falls when the critic takes results for wanted pictures. It never settles.",
        ),
        "loss_critic": Metric(
            title="Critic's score",
            help="Falls when the critic tells results from wanted pictures.",
        ),
        "critic_right": Metric(
            title="The critic is right",
            help="Share of patches that the critic takes for what they are. Guessing reaches 50 %.",
            percent=True,
        ),
        "val_psnr": Metric(
            title="Closeness, unseen",
            help="How close results come to the wanted pictures, on pairs kept for checking"
            " (peak signal-to-noise ratio).",
            unit="dB",
            better="higher",
        ),
        "val_psnr_gain": Metric(
            title="Closer than the input",
            help="How much closer to the wanted picture a result is than the input itself.",
            unit="dB",
            better="higher",
        ),
        "val_ssim": Metric(
            title="Structure kept",
            help="How alike the structures of result and wanted picture are; 1 is the same (SSIM).",
            better="higher",
        ),
    },
    best="val_psnr",
    figures=("val_psnr", "val_ssim"),
    place=70,
)
