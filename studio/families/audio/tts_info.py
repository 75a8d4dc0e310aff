"""What the window and the docs say of speech from text."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.audio.sample_metrics import SAMPLE_METRICS
from studio.families.audio.vocoded import VOCODER_METRICS, VOCODER_PAPERS

INFO = FamilyInfo(
    id="tts",
    title="Speech from text",
    modality=Modality.AUDIO,
    tasks=(Task.GENERATE,),
    summary="Learns which letters sound how and how long, and reads texts aloud with the voices of"
    " your recordings.",
    needs="Recordings of some seconds with what is said in them as captions, or in folders that"
    " are called as the word that is said; an hour of one voice for whole sentences.",
    caution="The error on unseen recordings compares one way of saying a text with another: it"
    " never reaches zero. Listen, too.",
    typical_time="Quick: 3 minutes on a processor. Best: hours on a graphics card.",
    papers=(
        Paper(
            title="Glow-TTS: A Generative Flow for Text-to-Speech via Monotonic Alignment Search",
            authors="Kim, Kim, Kong, Yoon",
            year=2020,
            url="https://arxiv.org/abs/2005.11129",
        ),
        Paper(
            title="FastSpeech: Fast, Robust and Controllable Text to Speech",
            authors="Ren et al.",
            year=2019,
            url="https://arxiv.org/abs/1905.09263",
        ),
        Paper(
            title="Grad-TTS: A Diffusion Probabilistic Model for Text-to-Speech",
            authors="Popov et al.",
            year=2021,
            url="https://arxiv.org/abs/2105.06337",
        ),
        *VOCODER_PAPERS,
    ),
    explains="learn/tts.md",
    metrics={
        "loss": Metric(
            title="Cost of a column",
            help="Information to describe a column of the spectrogram of a text that is known.",
            unit="nats",
            better="lower",
        ),
        "mel_error": Metric(
            title="Error of what is spoken",
            help="How far the picture of the sound is from the recording's, letters being where"
            " they are heard.",
            unit="dB",
            better="lower",
        ),
        "kl": Metric(
            title="Information in the manner",
            help="How much the model must be told beside the text: who speaks, and how.",
            unit="nats",
        ),
        "duration_error": Metric(
            title="Error of lengths",
            help="How wrongly it guesses how long letters last (mean square of the logarithm).",
            better="lower",
        ),
        "val_mel_error": Metric(
            title="Error on unseen recordings",
            help="How far what it would speak in its plainest manner is from recordings that were"
            " kept for checking.",
            unit="dB",
            better="lower",
        ),
        "val_length_error": Metric(
            title="Wrong lengths, unseen",
            help="How much longer or shorter than the recording it would speak.",
            better="lower",
            percent=True,
        ),
        "val_alignment": Metric(
            title="Sure of its letters",
            help="How surely each moment of unseen recordings belongs to one letter: 100 % is"
            " certain. It rises when the model has found which letter is heard when.",
            better="higher",
            percent=True,
        ),
    }
    | VOCODER_METRICS
    | SAMPLE_METRICS,
    variety=True,
    place=40,
    best="val_mel_error",
    figures=("val_mel_error", "val_spectral_distance", "val_alignment"),
)
