"""What the window and the docs say of the recurrent writer of music."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Paper, Task
from studio.core.media import Modality
from studio.families.music.music_info import WRITING_METRICS
from studio.families.music.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="music_rnn",
    title="Music LSTM",
    modality=Modality.MUSIC,
    tasks=(Task.GENERATE, Task.CONTINUE, Task.VARY),
    summary="Reads your pieces note by note with a memory and writes new ones, or goes on with"
    " yours. Small, and as quick at the end of a piece as at its beginning.",
    needs="A hundred pieces or more; some hundred are better.",
    caution="Judge it by the surprise at unseen music: what it learns from it soon knows by heart.",
    typical_time="Quick: 3 minutes on a processor. Best: half an hour on a graphics card.",
    papers=(
        Paper(
            title="Long Short-Term Memory",
            authors="Hochreiter, Schmidhuber",
            year=1997,
            url="https://doi.org/10.1162/neco.1997.9.8.1735",
        ),
        Paper(
            title="A First Look at Music Composition using LSTM Recurrent Neural Networks",
            authors="Eck, Schmidhuber",
            year=2002,
            url="https://people.idsia.ch/~juergen/blues/IDSIA-07-02.pdf",
        ),
        Paper(
            title="Learning Phrase Representations using RNN Encoder-Decoder for Statistical"
            " Machine Translation",
            authors="Cho et al.",
            year=2014,
            url="https://arxiv.org/abs/1406.1078",
        ),
        Paper(
            title="This Time with Feeling: Learning Expressive Musical Performance",
            authors="Oore et al.",
            year=2018,
            url="https://arxiv.org/abs/1808.03715",
        ),
    ),
    explains="learn/music_rnn.md",
    metrics=WRITING_METRICS | SAMPLE_METRICS,
    best="val_nats_per_token",
    figures=("val_nats_per_note", "in_scale_rate", "token_error_rate"),
    variety=True,
    place=20,
)
