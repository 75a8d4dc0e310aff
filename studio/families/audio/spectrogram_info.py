"""What the window and the docs say of the spectrogram VAE."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.audio.sample_metrics import SAMPLE_METRICS
from studio.families.audio.vocoded import VOCODER_METRICS, VOCODER_PAPERS

INFO = FamilyInfo(
    id="spectrogram",
    title="Spectrogram VAE",
    modality=Modality.AUDIO,
    tasks=(
        Task.GENERATE,
        Task.INTERPOLATE,
        Task.RECONSTRUCT,
        Task.MORPH,
        Task.VARY,
    ),
    summary="Learns pictures of sounds, sums each up in a few numbers, and plays new ones with a"
    " voice learned from the same recordings. Turns one sound into another.",
    needs="Some hundred short recordings; longer ones are cut into slices.",
    caution="Lower is better for the costs here. The cost of unseen recordings is the honest one.",
    typical_time="Quick: 3 minutes on a processor. Best: an hour on a graphics card.",
    papers=(
        Paper(
            title="Auto-Encoding Variational Bayes",
            authors="Kingma, Welling",
            year=2014,
            url="https://arxiv.org/abs/1312.6114",
        ),
        Paper(
            title="A ConvNet for the 2020s",
            authors="Liu et al.",
            year=2022,
            url="https://arxiv.org/abs/2201.03545",
        ),
        *VOCODER_PAPERS,
    ),
    explains="learn/spectrogram.md",
    metrics={
        "neg_elbo": Metric(
            title="Cost of a column",
            help="Information to describe a column of a spectrogram through the model: its values"
            " plus its share of the code (the negative evidence lower bound). Values are no whole"
            " numbers, so it may be below zero.",
            unit="nats",
            better="lower",
        ),
        "mel_error": Metric(
            title="Error of a copy",
            help="How far the picture that the model draws of a sound is from the sound's own.",
            unit="dB",
            better="lower",
        ),
        "kl": Metric(
            title="Information in the code",
            help="How much the code says about a sound (KL divergence to the prior). Near zero"
            " means that the code is ignored.",
            unit="nats",
        ),
        "active_units": Metric(
            title="Code in use",
            help="Share of the code's numbers that differ from sound to sound.",
            percent=True,
        ),
        "val_neg_elbo": Metric(
            title="Cost of unseen recordings",
            help="The cost of a column in recordings kept for checking. When it rises while the"
            " other falls, the model is learning its recordings by heart.",
            unit="nats",
            better="lower",
        ),
        "val_mel_error": Metric(
            title="Error of an unseen copy",
            help="How far copies are from recordings that were kept for checking.",
            unit="dB",
            better="lower",
        ),
        "val_kl": Metric(
            title="Information on unseen recordings",
            help="How much the code says about a recording that was kept for checking.",
            unit="nats",
        ),
    }
    | VOCODER_METRICS
    | SAMPLE_METRICS,
    variety=True,
    place=30,
    best="val_neg_elbo",
    figures=("val_mel_error", "val_spectral_distance", "active_units"),
)
