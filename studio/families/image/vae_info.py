"""What the window and the docs say of the VAE."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="vae",
    title="VAE",
    modality=Modality.IMAGE,
    tasks=(
        Task.GENERATE,
        Task.INTERPOLATE,
        Task.RECONSTRUCT,
        Task.MORPH,
        Task.DENOISE,
        Task.PROJECT,
    ),
    summary="Learns to sum a picture up in a few numbers and to draw it from them again. Steady"
    " to train; pictures are a little soft.",
    needs="Some hundred pictures at least; it also works on your own pictures afterwards.",
    caution="Lower is better for every curve here. The distance to unseen pictures is the"
    " honest one.",
    typical_time="Quick: 3 minutes on a processor. Best: half an hour on a graphics card.",
    papers=(
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
            title="Simple and Effective VAE Training with Calibrated Decoders",
            authors="Rybkin, Daniilidis, Levine",
            year=2021,
            url="https://arxiv.org/abs/2006.13202",
        ),
        Paper(
            title="From Variational to Deterministic Autoencoders",
            authors="Ghosh et al.",
            year=2020,
            url="https://arxiv.org/abs/1903.12436",
        ),
    ),
    explains="learn/vae.md",
    metrics={
        "neg_elbo": Metric(
            title="Cost of a picture",
            help="Information to describe a picture through the model: drawing plus code. The"
            " negative evidence lower bound (−ELBO).",
            unit="nats",
            better="lower",
        ),
        "reconstruction": Metric(
            title="Cost of the drawing",
            help="How far the drawn picture is from the real one.",
            unit="nats",
            better="lower",
        ),
        "kl": Metric(
            title="Information in the code",
            help="How much the code says about a picture (KL divergence to the prior). Near"
            " zero means that the code is ignored.",
            unit="nats",
        ),
        "active_units": Metric(
            title="Code in use",
            help="Share of the code's numbers that differ from picture to picture.",
            percent=True,
        ),
        "val_neg_elbo": Metric(
            title="Cost of an unseen picture",
            help="The same on pictures kept for checking. When it rises while the other falls,"
            " the model is learning its pictures by heart.",
            unit="nats",
            better="lower",
        ),
        "val_reconstruction": Metric(
            title="Cost of drawing unseen ones",
            help="How far drawn pictures are from real ones that were kept for checking.",
            unit="nats",
            better="lower",
        ),
        "val_kl": Metric(
            title="Information on unseen ones",
            help="How much the code says about a picture that was kept for checking.",
            unit="nats",
        ),
    }
    | SAMPLE_METRICS,
    variety=True,
    place=30,
    best="val_neg_elbo",
    figures=("neg_elbo", "val_neg_elbo", "active_units"),
)
