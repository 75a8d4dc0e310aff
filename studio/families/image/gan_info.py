"""What the window and the docs say of the GAN."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Paper, Task
from studio.core.media import Modality
from studio.families.image.critic_metrics import CRITIC_METRICS
from studio.families.image.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="gan",
    title="GAN",
    modality=Modality.IMAGE,
    tasks=(Task.GENERATE, Task.INTERPOLATE, Task.PROJECT),
    summary="Two networks play: one makes pictures, the other, the critic, judges them."
    " Sharp pictures, quick to sample.",
    needs="A few hundred pictures of one kind at least; some thousands are better.",
    caution="The losses of a GAN are a game's score, not a progress bar: they do not fall as"
    " the pictures get better. Judge the samples, their variety and their distance to the"
    " real ones.",
    typical_time="Quick: 3 minutes on a processor. Best: an hour or more on a graphics card.",
    papers=(
        Paper(
            title="Generative Adversarial Nets",
            authors="Goodfellow et al.",
            year=2014,
            url="https://arxiv.org/abs/1406.2661",
        ),
        Paper(
            title="Unsupervised Representation Learning with Deep Convolutional GANs",
            authors="Radford, Metz, Chintala",
            year=2016,
            url="https://arxiv.org/abs/1511.06434",
        ),
        Paper(
            title="Spectral Normalization for Generative Adversarial Networks",
            authors="Miyato et al.",
            year=2018,
            url="https://arxiv.org/abs/1802.05957",
        ),
        Paper(
            title="cGANs with Projection Discriminator",
            authors="Miyato, Koyama",
            year=2018,
            url="https://arxiv.org/abs/1802.05637",
        ),
        Paper(
            title="Improved Training of Wasserstein GANs",
            authors="Gulrajani et al.",
            year=2017,
            url="https://arxiv.org/abs/1704.00028",
        ),
        Paper(
            title="Differentiable Augmentation for Data-Efficient GAN Training",
            authors="Zhao et al.",
            year=2020,
            url="https://arxiv.org/abs/2006.10738",
        ),
    ),
    explains="learn/gan.md",
    metrics=CRITIC_METRICS | SAMPLE_METRICS,
    variety=True,
    place=10,
    best="sample_distance",
    figures=("sample_distance", "diversity"),
)
