"""What the window and the docs say of the VQ-VAE."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="vqvae",
    title="VQ-VAE",
    modality=Modality.IMAGE,
    tasks=(Task.GENERATE, Task.RECONSTRUCT, Task.INPAINT),
    summary="Cuts pictures into tiles of a vocabulary of its own and learns to write new pictures"
    " with them, as a language model writes texts. Follows labels and words.",
    needs="Some thousand pictures; with captions it learns to draw what you say.",
    caution="Two things are learned in one run: first the tiles, then how to write with them. The"
    " samples are the last to get better.",
    typical_time="Quick: 3 minutes on a processor. Best: an hour or more on a graphics card.",
    papers=(
        Paper(
            title="Neural Discrete Representation Learning",
            authors="van den Oord, Vinyals, Kavukcuoglu",
            year=2017,
            url="https://arxiv.org/abs/1711.00937",
        ),
        Paper(
            title="Zero-Shot Text-to-Image Generation",
            authors="Ramesh et al.",
            year=2021,
            url="https://arxiv.org/abs/2102.12092",
        ),
        Paper(
            title="Attention Is All You Need",
            authors="Vaswani et al.",
            year=2017,
            url="https://arxiv.org/abs/1706.03762",
        ),
        Paper(
            title="Jukebox: A Generative Model for Music",
            authors="Dhariwal et al.",
            year=2020,
            url="https://arxiv.org/abs/2005.00341",
        ),
        Paper(
            title="Classifier-Free Diffusion Guidance",
            authors="Ho, Salimans",
            year=2022,
            url="https://arxiv.org/abs/2207.12598",
        ),
    ),
    explains="learn/vqvae.md",
    metrics={
        "reconstruction": Metric(
            title="Lost in a copy",
            help="Share of the differences between pixels that is lost when a picture is put"
            " together from tiles (mean squared error by variance).",
            better="lower",
            percent=True,
        ),
        "commitment": Metric(
            title="Distance to the tiles",
            help="How far what the network sees is from the nearest tile, in its own units.",
        ),
        "codebook_use": Metric(
            title="Vocabulary in use",
            help="How many of the tiles it would take if all were used alike, as a share of all"
            " (the perplexity of their use). Below a tenth, most are never used.",
            better="higher",
            percent=True,
        ),
        "writing": Metric(
            title="Surprise at the next tile",
            help="What the Transformer still has to learn of a tile when it knows those before"
            " it. It rises while tiles are learned, since they say more and more, and falls after.",
            unit="bits",
            better="lower",
        ),
        "val_reconstruction": Metric(
            title="Lost in a copy of unseen ones",
            help="The same on pictures kept for checking.",
            better="lower",
            percent=True,
        ),
        "val_writing": Metric(
            title="Surprise at unseen pictures",
            help="The same on pictures kept for checking. When it rises while the other falls, the"
            " Transformer is learning its pictures by heart.",
            unit="bits",
            better="lower",
        ),
    }
    | SAMPLE_METRICS,
    place=25,
    best="sample_distance",
    figures=("sample_distance", "writing", "codebook_use"),
)
