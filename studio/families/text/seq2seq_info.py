"""What the window and the docs say of the encoder–decoder."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.text.text_info import WRITING_METRICS

_SHARED = ("nats", "val_nats_per_token", "val_perplexity", "clipped_steps")

INFO = FamilyInfo(
    id="seq2seq",
    title="Encoder and decoder",
    modality=Modality.TEXT,
    form="pairs",
    tasks=(Task.ANSWER,),
    summary="Learns from pairs what text belongs to a text: a translation, a summary, the answer"
    " to a question, the next turn of a talk.",
    needs="Pairs: two columns of a table, or a talk in turns; a thousand or more.",
    caution="Surprise tells how well each token is foreseen when the ones before it are right."
    " Whether whole answers are right, BLEU and the sheet tell.",
    typical_time="Quick: 3 minutes on a processor. Balanced: an hour on a graphics card.",
    papers=(
        Paper(
            title="Attention Is All You Need",
            authors="Vaswani et al.",
            year=2017,
            url="https://arxiv.org/abs/1706.03762",
        ),
        Paper(
            title="Sequence to Sequence Learning with Neural Networks",
            authors="Sutskever, Vinyals, Le",
            year=2014,
            url="https://arxiv.org/abs/1409.3215",
        ),
        Paper(
            title="Google's Neural Machine Translation System: Bridging the Gap between Human and"
            " Machine Translation",
            authors="Wu et al.",
            year=2016,
            url="https://arxiv.org/abs/1609.08144",
        ),
        Paper(
            title="Rethinking the Inception Architecture for Computer Vision",
            authors="Szegedy et al.",
            year=2016,
            url="https://arxiv.org/abs/1512.00567",
        ),
        Paper(
            title="RoFormer: Enhanced Transformer with Rotary Position Embedding",
            authors="Su et al.",
            year=2021,
            url="https://arxiv.org/abs/2104.09864",
        ),
    ),
    explains="learn/seq2seq.md",
    metrics={
        **{name: WRITING_METRICS[name] for name in _SHARED if name in WRITING_METRICS},
        "val_bleu": Metric(
            title="Shared words (BLEU)",
            help="How many runs of one to four words the answers share with the wanted ones, on a"
            " few pairs that were kept for checking.",
            better="higher",
            percent=True,
        ),
        "val_rouge_l": Metric(
            title="Shared order (ROUGE-L)",
            help="How long a row of words, with gaps, answers share with the wanted ones.",
            better="higher",
            percent=True,
        ),
        "val_chrf": Metric(
            title="Shared letters (chrF)",
            help="How many runs of letters answers share with the wanted ones.",
            better="higher",
            percent=True,
        ),
        "val_exact": Metric(
            title="Right to the letter",
            help="Share of these answers that are exactly the wanted ones.",
            better="higher",
            percent=True,
        ),
    },
    best="val_nats_per_token",
    figures=("val_nats_per_token", "val_bleu", "val_exact"),
    place=40,
)
