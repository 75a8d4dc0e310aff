"""What the window and the docs say of the StyleGAN."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.critic_metrics import CRITIC_METRICS
from studio.families.image.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="stylegan",
    title="StyleGAN",
    modality=Modality.IMAGE,
    tasks=(Task.GENERATE, Task.INTERPOLATE, Task.PROJECT),
    summary="A GAN that draws each picture in styles from coarse to fine, which can be mixed."
    " The sharpest pictures, and it learns from small sets too.",
    needs="A thousand pictures of one kind or more; some hundred work with help for small sets.",
    caution="The losses of a GAN are a game's score, not a progress bar: they do not fall as"
    " the pictures get better. Judge the samples, their variety and their distance to the"
    " real ones.",
    typical_time="Quick: 3 minutes on a processor. Best: many hours on a graphics card.",
    papers=(
        Paper(
            title="A Style-Based Generator Architecture for Generative Adversarial Networks",
            authors="Karras, Laine, Aila",
            year=2019,
            url="https://arxiv.org/abs/1812.04948",
        ),
        Paper(
            title="Analyzing and Improving the Image Quality of StyleGAN",
            authors="Karras et al.",
            year=2020,
            url="https://arxiv.org/abs/1912.04958",
        ),
        Paper(
            title="Training Generative Adversarial Networks with Limited Data",
            authors="Karras et al.",
            year=2020,
            url="https://arxiv.org/abs/2006.06676",
        ),
        Paper(
            title="Progressive Growing of GANs for Improved Quality, Stability, and Variation",
            authors="Karras et al.",
            year=2018,
            url="https://arxiv.org/abs/1710.10196",
        ),
        Paper(
            title="Which Training Methods for GANs do actually Converge?",
            authors="Mescheder, Geiger, Nowozin",
            year=2018,
            url="https://arxiv.org/abs/1801.04406",
        ),
        Paper(
            title="cGANs with Projection Discriminator",
            authors="Miyato, Koyama",
            year=2018,
            url="https://arxiv.org/abs/1802.05637",
        ),
    ),
    explains="learn/stylegan.md",
    metrics=CRITIC_METRICS
    | {
        "penalty": Metric(
            title="Penalty",
            help="How steep the critic is around real pictures, with the weight that it has in"
            " the critic's score.",
        ),
        "path_length": Metric(
            title="Step of a style",
            help="How much a picture changes with a small change of its styles. Smooth paths"
            " keep it even.",
        ),
        "augment_share": Metric(
            title="Help for small sets",
            help="How often each change is made to what the critic sees. It grows by itself when"
            " the critic learns real pictures by heart; above 80 % changes may show in samples.",
            percent=True,
        ),
    }
    | SAMPLE_METRICS,
    variety=True,
    place=20,
    best="sample_distance",
    figures=("sample_distance", "diversity"),
)
