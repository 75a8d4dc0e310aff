"""What the window and the docs say of the music VAE."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.music.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="music_vae",
    title="Music VAE",
    modality=Modality.MUSIC,
    tasks=(
        Task.GENERATE,
        Task.INTERPOLATE,
        Task.RECONSTRUCT,
        Task.MORPH,
        Task.VARY,
    ),
    summary="Learns to sum some bars up in a few numbers and to play them again from these. Makes"
    " one of your melodies turn into another.",
    needs="Some hundred pieces; each is cut into a few bars on a grid of sixteenths.",
    caution="Lower is better for the costs here. The cost of unseen music is the honest one.",
    typical_time="Quick: 3 minutes on a processor. Best: an hour on a graphics card.",
    papers=(
        Paper(
            title="A Hierarchical Latent Vector Model for Learning Long-Term Structure in Music",
            authors="Roberts et al.",
            year=2018,
            url="https://arxiv.org/abs/1803.05428",
        ),
        Paper(
            title="Auto-Encoding Variational Bayes",
            authors="Kingma, Welling",
            year=2014,
            url="https://arxiv.org/abs/1312.6114",
        ),
        Paper(
            title="beta-VAE: Learning Basic Visual Concepts with a Constrained Variational"
            " Framework",
            authors="Higgins et al.",
            year=2017,
            url="https://openreview.net/forum?id=Sy2fzU9gl",
        ),
        Paper(
            title="Improved Variational Inference with Inverse Autoregressive Flow",
            authors="Kingma et al.",
            year=2016,
            url="https://arxiv.org/abs/1606.04934",
        ),
        Paper(
            title="Focal Loss for Dense Object Detection",
            authors="Lin et al.",
            year=2017,
            url="https://arxiv.org/abs/1708.02002",
        ),
    ),
    explains="learn/music_vae.md",
    metrics={
        "neg_elbo": Metric(
            title="Cost of a step",
            help="Information to describe a sixteenth of music through the model: notes plus code"
            " (the negative evidence lower bound, −ELBO, per step).",
            unit="nats",
            better="lower",
        ),
        "reconstruction": Metric(
            title="Cost of the notes",
            help="The part of it that says which notes differ from what the code promises.",
            unit="nats",
            better="lower",
        ),
        "kl": Metric(
            title="Information in the code",
            help="How much the code says about a piece (KL divergence to the prior). Near zero"
            " means that the code is ignored.",
            unit="nats",
        ),
        "active_units": Metric(
            title="Code in use",
            help="Share of the code's numbers that differ from piece to piece.",
            percent=True,
        ),
        "val_neg_elbo": Metric(
            title="Cost of unseen music",
            help="The cost of a step in music kept for checking. When it rises while the other"
            " falls, the model is learning its pieces by heart.",
            unit="nats",
            better="lower",
        ),
        "val_nats_per_note": Metric(
            title="Cost of an unseen note",
            help="The same for each note: at most this much information is needed (−ELBO per"
            " note), on a grid of sixteenths.",
            unit="nats",
            better="lower",
        ),
        "val_reconstruction": Metric(
            title="Cost of unseen notes",
            help="What the code leaves open, per step, in music kept for checking.",
            unit="nats",
            better="lower",
        ),
        "val_kl": Metric(
            title="Information on unseen music",
            help="How much the code says about a piece that was kept for checking.",
            unit="nats",
        ),
        "val_note_f1": Metric(
            title="Notes copied right",
            help="How well the copy of unseen music has the right notes at the right moments, no"
            " more and no less (F₁ of note beginnings).",
            better="higher",
            percent=True,
        ),
    }
    | SAMPLE_METRICS,
    variety=True,
    place=30,
    best="val_neg_elbo",
    figures=("val_nats_per_note", "val_note_f1", "active_units"),
    form="roll",
)
