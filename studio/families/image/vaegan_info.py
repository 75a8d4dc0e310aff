"""What the window and the docs say of the VAE-GAN."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="vaegan",
    title="VAE-GAN",
    modality=Modality.IMAGE,
    tasks=(
        Task.GENERATE,
        Task.INTERPOLATE,
        Task.RECONSTRUCT,
        Task.MORPH,
        Task.PROJECT,
    ),
    summary="Sums pictures up like a VAE, but a critic says whether a copy looks right. Sharper"
    " than a VAE, and it knows the way from your picture to its code.",
    needs="A few hundred pictures of one kind at least; some thousands are better.",
    caution="The critic's score is a game's and does not fall as pictures get better. Likeness"
    " and the distance to real pictures should.",
    typical_time="Quick: 3 minutes on a processor. Best: some hours on a graphics card.",
    papers=(
        Paper(
            title="Autoencoding beyond pixels using a learned similarity metric",
            authors="Larsen, Sønderby, Larochelle, Winther",
            year=2016,
            url="https://arxiv.org/abs/1512.09300",
        ),
        Paper(
            title="Auto-Encoding Variational Bayes",
            authors="Kingma, Welling",
            year=2014,
            url="https://arxiv.org/abs/1312.6114",
        ),
        Paper(
            title="Analyzing and Improving the Image Quality of StyleGAN",
            authors="Karras et al.",
            year=2020,
            url="https://arxiv.org/abs/1912.04958",
        ),
    ),
    explains="learn/vaegan.md",
    metrics={
        "likeness": Metric(
            title="Unlike its picture",
            help="How far a copy is from its picture in what the critic looks at.",
            better="lower",
        ),
        "pixels": Metric(
            title="Pixels off",
            help="Mean squared difference of a copy's pixels, which reach from −1 to 1.",
            better="lower",
        ),
        "kl": Metric(
            title="Information in the code",
            help="How much a code tells of its picture, in nats. Near zero, codes are ignored.",
            unit="nats",
        ),
        "active_units": Metric(
            title="Code in use",
            help="Share of the code's numbers that differ from picture to picture.",
            percent=True,
        ),
        "loss_generator": Metric(
            title="Decoder's score",
            help="Falls when the critic takes new pictures for real ones.",
        ),
        "loss_critic": Metric(
            title="Critic's score",
            help="Falls when the critic tells real pictures from made ones.",
        ),
        "critic_real": Metric(
            title="Real ones recognised",
            help="Share of real pictures that the critic takes for real.",
            percent=True,
        ),
        "critic_fake": Metric(
            title="Made ones recognised",
            help="Share of made pictures that the critic sees through.",
            percent=True,
        ),
        "penalty": Metric(
            title="Critic's swing",
            help="How steeply the critic's score changes around real pictures.",
            better="lower",
        ),
        "val_pixels": Metric(
            title="Pixels off, unseen",
            help="The same as Pixels off, on pictures kept for checking.",
            better="lower",
        ),
    }
    | SAMPLE_METRICS,
    variety=True,
    place=40,
    best="sample_distance",
    figures=("sample_distance", "diversity"),
)
