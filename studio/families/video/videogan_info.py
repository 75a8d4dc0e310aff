"""What the window and the docs say of the video GAN."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.video.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="videogan",
    title="Video GAN",
    modality=Modality.VIDEO,
    tasks=(Task.GENERATE, Task.VARY, Task.RECONSTRUCT),
    summary="Learns what clips show and how they move, each for itself, so that it can let a clip"
    " of yours move in another way.",
    needs="Some hundred short clips that show alike things.",
    caution="The losses of a GAN are a game's score, not a progress bar. Look at the samples, and"
    " at how much they move beside your clips.",
    typical_time="Quick: 5 minutes on a processor. Best: hours on a graphics card.",
    papers=(
        Paper(
            title="MoCoGAN: Decomposing Motion and Content for Video Generation",
            authors="Tulyakov, Liu, Yang, Kautz",
            year=2018,
            url="https://arxiv.org/abs/1707.04993",
        ),
        Paper(
            title="Generating Videos with Scene Dynamics",
            authors="Vondrick, Pirsiavash, Torralba",
            year=2016,
            url="https://arxiv.org/abs/1609.02612",
        ),
        Paper(
            title="Spectral Normalization for Generative Adversarial Networks",
            authors="Miyato, Kataoka, Koyama, Yoshida",
            year=2018,
            url="https://arxiv.org/abs/1802.05957",
        ),
        Paper(
            title="InfoGAN: Interpretable Representation Learning by Information Maximizing"
            " Generative Adversarial Nets",
            authors="Chen et al.",
            year=2016,
            url="https://arxiv.org/abs/1606.03657",
        ),
    ),
    explains="learn/videogan.md",
    metrics={
        "loss_generator": Metric(
            title="Generator's score",
            help="Falls when the critics take made clips for real ones. It never settles in a"
            " healthy game.",
        ),
        "loss_critic": Metric(
            title="Critics' score",
            help="Falls when the critics (also called discriminators) tell real from made. Near"
            " zero for long, they leave the generator nothing to learn from.",
        ),
        "critic_real": Metric(
            title="Real ones recognised",
            help="Share of real frames and clips that the critics take for real.",
            percent=True,
        ),
        "critic_fake": Metric(
            title="Made ones recognised",
            help="Share of made frames and clips that the critics see through.",
            percent=True,
        ),
        "critic_motion": Metric(
            title="Right about motion",
            help="Share of clips, real and made, that the critic of whole clips takes for what"
            " they are. Near 100 % for long, motion is what gives the made ones away.",
            percent=True,
        ),
        "gradient_generator": Metric(
            title="Generator's correction",
            help="How strongly the generator is being corrected (the norm of its gradient). Close"
            " to zero means that it has stopped learning.",
        ),
        "redrawn": Metric(
            title="Yours drawn again",
            help="How far your clips are from what is drawn of their codes, where 2 is from black"
            " to white.",
            better="lower",
        ),
        "val_redrawn": Metric(
            title="Unseen ones drawn again",
            help="The same on clips that were kept for checking.",
            better="lower",
        ),
        "val_critic_real": Metric(
            title="Unseen ones recognised",
            help="Share of real clips kept for checking that the critic takes for real. Far below"
            " *Real ones recognised*, the critics have learned your clips by heart.",
            percent=True,
        ),
    }
    | SAMPLE_METRICS,
    best="sample_distance",
    figures=("sample_distance", "motion", "diversity"),
    variety=True,
    place=10,
)
