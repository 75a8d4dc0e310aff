"""What the window and the docs say of the music Transformer."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Paper, Task
from studio.core.media import Modality
from studio.families.music.music_info import WRITING_METRICS
from studio.families.music.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="music_transformer",
    title="Music Transformer",
    modality=Modality.MUSIC,
    tasks=(Task.GENERATE, Task.CONTINUE, Task.VARY),
    summary="Learns what comes next in your pieces and writes new ones in a key, metre and density"
    " that you choose, or goes on with yours. The best composer that learns here.",
    needs="A hundred pieces or more; some hundred are better.",
    caution="Judge it by the surprise at unseen music: what it learns from it soon knows by heart.",
    typical_time="Quick: 3 minutes on a processor. Best: an hour on a graphics card.",
    papers=(
        Paper(
            title="Music Transformer: Generating Music with Long-Term Structure",
            authors="Huang et al.",
            year=2019,
            url="https://arxiv.org/abs/1809.04281",
        ),
        Paper(
            title="Pop Music Transformer: Beat-based Modeling and Generation of Expressive Pop"
            " Piano Compositions",
            authors="Huang, Yang",
            year=2020,
            url="https://arxiv.org/abs/2002.00212",
        ),
        Paper(
            title="RoFormer: Enhanced Transformer with Rotary Position Embedding",
            authors="Su et al.",
            year=2021,
            url="https://arxiv.org/abs/2104.09864",
        ),
        Paper(
            title="CTRL: A Conditional Transformer Language Model for Controllable Generation",
            authors="Keskar et al.",
            year=2019,
            url="https://arxiv.org/abs/1909.05858",
        ),
        Paper(
            title="Muon: An optimizer for hidden layers in neural networks",
            authors="Jordan et al.",
            year=2024,
            url="https://kellerjordan.github.io/posts/muon/",
        ),
    ),
    explains="learn/music_transformer.md",
    metrics=WRITING_METRICS | SAMPLE_METRICS,
    best="val_nats_per_token",
    figures=("val_nats_per_note", "in_scale_rate", "token_error_rate"),
    variety=True,
    place=10,
)
