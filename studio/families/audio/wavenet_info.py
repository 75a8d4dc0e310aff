"""What the window and the docs say of the WaveNet."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.audio.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="wavenet",
    title="WaveNet",
    modality=Modality.AUDIO,
    tasks=(Task.GENERATE, Task.CONTINUE, Task.RECONSTRUCT),
    summary="Foresees each sample of a sound from those before it, and writes new sound one sample"
    " after the other. Speaks, sings or rustles like your recordings, and goes on where they end.",
    needs="Some minutes of recordings of one kind; folders become labels that you can ask for.",
    typical_time="Quick: 5 minutes on a processor. Balanced: under an hour on a graphics card.",
    papers=(
        Paper(
            title="WaveNet: A Generative Model for Raw Audio",
            authors="van den Oord et al.",
            year=2016,
            url="https://arxiv.org/abs/1609.03499",
        ),
        Paper(
            title="Fast Wavenet Generation Algorithm",
            authors="Paine et al.",
            year=2016,
            url="https://arxiv.org/abs/1611.09482",
        ),
        Paper(
            title="Natural TTS Synthesis by Conditioning WaveNet on Mel Spectrogram Predictions",
            authors="Shen et al.",
            year=2017,
            url="https://arxiv.org/abs/1712.05884",
        ),
        Paper(
            title="Muon: An optimizer for hidden layers in neural networks",
            authors="Jordan et al.",
            year=2024,
            url="https://kellerjordan.github.io/posts/muon/",
        ),
    ),
    explains="learn/wavenet.md",
    metrics={
        "bits": Metric(
            title="Surprise while learning",
            help="Bits that the model needs for each sample of what it learns from. A model that"
            " knows nothing needs 8 (256 steps, all alike).",
            unit="bits",
            better="lower",
        ),
        "val_bits_per_sample": Metric(
            title="Bits per sample",
            help="Bits that the model needs for each sample of recordings that it never learned"
            " from; a model that knows nothing needs 8 (uniform). The silence that short"
            " recordings are filled up with does not count.",
            better="lower",
        ),
        "val_bits_per_row": Metric(
            title="Bits per recording",
            help="Bits that the model needs for a whole unseen passage.",
            unit="bits",
            better="lower",
        ),
        "val_samples_per_row": Metric(
            title="Samples per recording",
            help="How many samples of an unseen passage are sound and count.",
            unit="samples",
        ),
        "clipped_steps": Metric(
            title="Cut corrections",
            help="Share of the steps whose correction was too long and was cut.",
            percent=True,
        ),
    }
    | SAMPLE_METRICS,
    variety=True,
    place=10,
    best="val_bits_per_sample",
    figures=("val_bits_per_sample", "bits"),
)
