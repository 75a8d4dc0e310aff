"""What the window and the docs say of the video Transformer."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.vqvae_info import INFO as OF_PICTURES
from studio.families.video.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="video_transformer",
    title="Video Transformer",
    modality=Modality.VIDEO,
    tasks=(Task.GENERATE, Task.CONTINUE, Task.RECONSTRUCT),
    summary="Cuts clips into small pieces of a vocabulary of its own and learns to write new clips"
    " with them, as a language model writes texts. Follows labels and continues films.",
    needs="Some hundred clips; a thousand is better.",
    caution="Two things are learned in one run: first the pieces, then how to write with them. The"
    " samples are the last to get better.",
    typical_time="Quick: 5 minutes on a processor. Best: hours on a graphics card.",
    papers=(
        Paper(
            title="VideoGPT: Video Generation using VQ-VAE and Transformers",
            authors="Yan et al.",
            year=2021,
            url="https://arxiv.org/abs/2104.10157",
        ),
        *OF_PICTURES.papers,
    ),
    explains="learn/video_transformer.md",
    metrics={
        "reconstruction": Metric(
            title="Lost in a copy",
            help="Share of the differences between pixels that is lost when a clip is put together"
            " from its pieces (mean squared error by variance).",
            better="lower",
            percent=True,
        ),
        "commitment": Metric(
            title="Distance to the pieces",
            help="How far what the network sees is from the nearest piece, in its own units.",
        ),
        "codebook_use": Metric(
            title="Vocabulary in use",
            help="How many of the pieces it would take if all were used alike, as a share of all"
            " (the perplexity of their use). Below a tenth, most are never used.",
            better="higher",
            percent=True,
        ),
        "writing": Metric(
            title="Surprise at the next piece",
            help="What the Transformer still has to learn of a piece when it knows those before"
            " it. It rises while pieces are learned, since they say more and more, and falls"
            " after.",
            unit="bits",
            better="lower",
        ),
        "val_reconstruction": Metric(
            title="Lost in a copy of unseen ones",
            help="The same on clips kept for checking.",
            better="lower",
            percent=True,
        ),
        "val_psnr": Metric(
            title="Closeness of a copy",
            help="How close the frames of a copy come to those of unseen clips (PSNR). No clip that"
            " it makes is sharper than its copies.",
            unit="dB",
            better="higher",
        ),
        "val_bits_per_token": Metric(
            title="Surprise at unseen clips",
            help="What it has to learn of each piece of clips kept for checking. When it rises"
            " while the other falls, the Transformer is learning its clips by heart.",
            unit="bits",
            better="lower",
        ),
    }
    | SAMPLE_METRICS,
    place=20,
    best="sample_distance",
    figures=("sample_distance", "val_bits_per_token", "codebook_use"),
)
