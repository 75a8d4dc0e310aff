"""What the window and the docs say of video diffusion."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.diffusion_info import INFO as OF_PICTURES
from studio.families.video.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="video_diffusion",
    title="Video diffusion",
    modality=Modality.VIDEO,
    tasks=(Task.GENERATE, Task.VARY, Task.CONTINUE),
    summary="Learns to take noise away from whole clips, then makes clips out of noise alone, step"
    " by step. Steady to train and varied; follows labels and continues films. Slower to sample.",
    needs="Some hundred clips; a thousand is better.",
    caution="A flat loss is normal here: most of it is noise that nobody can foresee. Judge the"
    " samples and their distance to your clips.",
    typical_time="Quick: 5 minutes on a processor. Best: many hours on a graphics card.",
    papers=(
        Paper(
            title="Video Diffusion Models",
            authors="Ho et al.",
            year=2022,
            url="https://arxiv.org/abs/2204.03458",
        ),
        Paper(
            title="Diffusion Models for Video Prediction and Infilling",
            authors="Höppe et al.",
            year=2022,
            url="https://arxiv.org/abs/2206.07696",
        ),
        *OF_PICTURES.papers,
    ),
    explains="learn/video_diffusion.md",
    metrics={
        "loss": Metric(
            title="Error",
            help="How far the network's guess is from the truth, over all levels of noise.",
            better="lower",
        ),
        "loss_fine": Metric(
            title="Error on fine detail",
            help="The same on clips with little noise, where grain and edges are decided.",
            better="lower",
        ),
        "loss_middle": Metric(
            title="Error on shapes",
            help="The same on clips with some noise, where shapes and small moves are decided.",
            better="lower",
        ),
        "loss_coarse": Metric(
            title="Error on the course",
            help="The same on clips with much noise, where it is decided what moves where.",
            better="lower",
        ),
        "val_loss": Metric(
            title="Error on unseen clips",
            help="The error of the averaged model on clips kept for checking, always with the same"
            " noise. When it rises, the model is learning its clips by heart.",
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
    place=25,
    best="val_loss",
    figures=("val_loss", "sample_distance", "motion"),
)
