"""What the window and the docs say of diffusion."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="diffusion",
    title="Diffusion",
    modality=Modality.IMAGE,
    tasks=(Task.GENERATE, Task.INTERPOLATE, Task.VARY, Task.INPAINT),
    summary="Learns to take noise away, then makes pictures out of noise alone, step by step."
    " Steady to train, varied and sharp; follows labels and words. Slower to sample.",
    needs="Some hundred pictures at least; with captions, you can ask in words afterwards.",
    caution="A flat loss is normal here: most of it is noise that nobody can foresee. Judge the"
    " samples and their distance to real pictures.",
    typical_time="Quick: 3 minutes on a processor. Best: some hours on a graphics card.",
    papers=(
        Paper(
            title="Denoising Diffusion Probabilistic Models",
            authors="Ho, Jain, Abbeel",
            year=2020,
            url="https://arxiv.org/abs/2006.11239",
        ),
        Paper(
            title="Denoising Diffusion Implicit Models",
            authors="Song, Meng, Ermon",
            year=2021,
            url="https://arxiv.org/abs/2010.02502",
        ),
        Paper(
            title="Elucidating the Design Space of Diffusion-Based Generative Models",
            authors="Karras, Aittala, Aila, Laine",
            year=2022,
            url="https://arxiv.org/abs/2206.00364",
        ),
        Paper(
            title="Classifier-Free Diffusion Guidance",
            authors="Ho, Salimans",
            year=2022,
            url="https://arxiv.org/abs/2207.12598",
        ),
        Paper(
            title="DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models",
            authors="Lu et al.",
            year=2022,
            url="https://arxiv.org/abs/2211.01095",
        ),
        Paper(
            title="Progressive Distillation for Fast Sampling of Diffusion Models",
            authors="Salimans, Ho",
            year=2022,
            url="https://arxiv.org/abs/2202.00512",
        ),
        Paper(
            title="Flow Matching for Generative Modeling",
            authors="Lipman et al.",
            year=2023,
            url="https://arxiv.org/abs/2210.02747",
        ),
        Paper(
            title="SDEdit: Guided Image Synthesis and Editing with Stochastic Differential"
            " Equations",
            authors="Meng et al.",
            year=2022,
            url="https://arxiv.org/abs/2108.01073",
        ),
        Paper(
            title="RePaint: Inpainting using Denoising Diffusion Probabilistic Models",
            authors="Lugmayr et al.",
            year=2022,
            url="https://arxiv.org/abs/2201.09865",
        ),
    ),
    explains="learn/diffusion.md",
    metrics={
        "loss": Metric(
            title="Error",
            help="How far the network's guess is from the truth, over all levels of noise.",
            better="lower",
        ),
        "loss_fine": Metric(
            title="Error on fine detail",
            help="The same on pictures with little noise, where grain and edges are decided.",
            better="lower",
        ),
        "loss_middle": Metric(
            title="Error on shapes",
            help="The same on pictures with some noise, where shapes are decided.",
            better="lower",
        ),
        "loss_coarse": Metric(
            title="Error on the layout",
            help="The same on pictures with much noise, where it is decided what will be where.",
            better="lower",
        ),
        "val_loss": Metric(
            title="Error on unseen pictures",
            help="The error of the averaged model on pictures kept for checking, always with the"
            " same noise. When it rises, the model is learning its pictures by heart.",
            better="lower",
        ),
        "val_loss_present": Metric(
            title="Error without averaging",
            help="The same of the model as it is at this moment. Far below the averaged one, the"
            " average has not caught up yet.",
            better="lower",
        ),
    }
    | SAMPLE_METRICS,
    best="val_loss",
    figures=("val_loss", "sample_distance", "diversity"),
)
