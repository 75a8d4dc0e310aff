"""What the window and the docs say of the music GAN."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.music.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="music_gan",
    title="Piano-roll GAN",
    modality=Modality.MUSIC,
    tasks=(Task.GENERATE, Task.INTERPOLATE),
    summary="Two networks play: one draws bars of music on a grid, the other, the critic, judges"
    " them. All voices at once, in an instant.",
    needs="Some hundred pieces; each is cut into a few bars on a grid of sixteenths.",
    caution="The losses of a GAN are a game's score, not a progress bar. Listen to the samples, and"
    " look at how far their measures are from those of your music.",
    typical_time="Quick: 3 minutes on a processor. Best: an hour or more on a graphics card.",
    papers=(
        Paper(
            title="MuseGAN: Multi-track Sequential Generative Adversarial Networks for Symbolic"
            " Music Generation and Accompaniment",
            authors="Dong, Hsiao, Yang, Yang",
            year=2018,
            url="https://arxiv.org/abs/1709.06298",
        ),
        Paper(
            title="Convolutional Generative Adversarial Networks with Binary Neurons for"
            " Polyphonic Music Generation",
            authors="Dong, Yang",
            year=2018,
            url="https://arxiv.org/abs/1804.09399",
        ),
        Paper(
            title="MidiNet: A Convolutional Generative Adversarial Network for Symbolic-domain"
            " Music Generation",
            authors="Yang, Chou, Yang",
            year=2017,
            url="https://arxiv.org/abs/1703.10847",
        ),
        Paper(
            title="Improved Training of Wasserstein GANs",
            authors="Gulrajani et al.",
            year=2017,
            url="https://arxiv.org/abs/1704.00028",
        ),
        Paper(
            title="C-RNN-GAN: Continuous recurrent neural networks with adversarial training",
            authors="Mogren",
            year=2016,
            url="https://arxiv.org/abs/1611.09904",
        ),
    ),
    explains="learn/music_gan.md",
    metrics={
        "loss_generator": Metric(
            title="Generator's score",
            help="Falls when the critic takes made music for real music. It never settles in a"
            " healthy game.",
        ),
        "loss_critic": Metric(
            title="Critic's score",
            help="How far apart the critic holds made and real music, with a minus sign. It comes"
            " closer to zero as the two become alike.",
        ),
        "critic_real": Metric(
            title="Real ones recognised",
            help="Share of real bars that the critic likes better than the middle between real and"
            " made ones.",
            percent=True,
        ),
        "critic_fake": Metric(
            title="Made ones recognised",
            help="Share of made bars that the critic likes less than the middle between real and"
            " made ones.",
            percent=True,
        ),
        "gradient_generator": Metric(
            title="Generator's correction",
            help="How strongly the generator is being corrected (the norm of its gradient). Close"
            " to zero means that it has stopped learning.",
        ),
        "penalty": Metric(
            title="Penalty",
            help="How far the critic's slope is from 1, before its weight. Above 10 for long, the"
            " game is out of hand.",
        ),
        "val_critic_gap": Metric(
            title="Gap to unseen music",
            help="By how much the critic likes music that was kept for checking better than made"
            " music (an estimate of the Wasserstein distance). It falls as the two become alike.",
        ),
    }
    | SAMPLE_METRICS,
    variety=True,
    place=40,
    best="sample_distance",
    figures=("sample_distance", "in_scale_rate", "notes_per_bar"),
    form="roll",
)
