"""What the window and the docs say of the rule-based writer."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.text.sample_metrics import SAMPLE_METRICS
from studio.families.text.text_info import WRITING_METRICS

_SHARED = {name: each for name, each in WRITING_METRICS.items() if name.startswith("val_")}

INFO = FamilyInfo(
    id="grammar",
    title="Chains and rules",
    modality=Modality.TEXT,
    tasks=(Task.GENERATE,),
    summary="Counts what follows on what in your texts and writes by chance, or fills rules of"
    " yours with your words. No network, ready in seconds.",
    needs="Any text.",
    caution="This is the baseline: it knows nothing beyond its last few tokens. On little text it"
    " is hard to beat; a trained model has to need fewer bits per byte.",
    typical_time="Seconds.",
    papers=(
        Paper(
            title="A Mathematical Theory of Communication",
            authors="Shannon",
            year=1948,
            url="https://doi.org/10.1002/j.1538-7305.1948.tb01338.x",
        ),
        Paper(
            title="Improved Backing-off for M-gram Language Modeling",
            authors="Kneser, Ney",
            year=1995,
            url="https://doi.org/10.1109/ICASSP.1995.479394",
        ),
        Paper(
            title="An Empirical Study of Smoothing Techniques for Language Modeling",
            authors="Chen, Goodman",
            year=1999,
            url="https://doi.org/10.1006/csla.1999.0128",
        ),
        Paper(
            title="On Structuring Probabilistic Dependences in Stochastic Language Modelling",
            authors="Ney, Essen, Kneser",
            year=1994,
            url="https://doi.org/10.1006/csla.1994.1001",
        ),
        Paper(
            title="Three Models for the Description of Language",
            authors="Chomsky",
            year=1956,
            url="https://doi.org/10.1109/TIT.1956.1056813",
        ),
    ),
    explains="learn/grammar.md",
    metrics={
        "nats": Metric(
            title="Surprise at what it reads",
            help="How surprising a passage is by all others that were counted (leave-one-out cross"
            " entropy).",
            unit="nats",
            better="lower",
        ),
        "seen": Metric(
            title="Read before",
            help="Share of the batch that was counted already. Near 100 %, all of the text was"
            " seen and more steps add nothing.",
            percent=True,
        ),
        "memory_filled": Metric(
            title="Memory filled",
            help="Share of the places for rows of tokens that are taken. Above 90 %, choose more"
            " memory or look back less.",
            percent=True,
        ),
    }
    | _SHARED
    | SAMPLE_METRICS,
    best="val_nats_per_token",
    figures=("val_nats_per_token", "val_bits_per_byte", "seen"),
    place=90,
)
