"""What the numbers measured on recordings mean; `studio/evaluate/audio.py` measures them."""

from __future__ import annotations

from studio.core.family_info import Metric
from studio.families.judged_metrics import judged_metrics
from studio.families.measured import BesideData, of_samples

beside_data = BesideData("your recordings", "The same measured on as many of your own recordings.")

SAMPLE_METRICS: dict[str, Metric] = {
    "sample_distance": of_samples(
        "Distance to your recordings",
        "How far samples as a whole are from your recordings, by plain features of their"
        " spectrograms. It falls as samples get better, and compares checkpoints of one dataset"
        " only.",
        "lower",
    ),
    **beside_data(
        "spectrum_distance",
        "Distance of spectra",
        "How differently samples are loud at low and high frequencies, on average and in how it"
        " changes, heard through short and long windows. Two halves of your own recordings show"
        " what is luck.",
        "lower",
        unit="dB",
    ),
    "spectral_distance": of_samples(
        "Spectral distance",
        "How far spectra are from what they should be, through short and long windows: those of"
        " held-out recordings where the model makes such anew, else those of samples as a whole.",
        "lower",
    ),
    **beside_data(
        "level_distance",
        "Distance of courses",
        "How differently samples grow louder and softer from beginning to end.",
        "lower",
        unit="dB",
    ),
    **beside_data(
        "level",
        "Level",
        "How loud samples are on average (RMS); 0 dB is as loud as can be, below -50 dB there is"
        " hardly anything to hear.",
        unit="dB",
    ),
    **beside_data(
        "silence", "Silence", "Share of the time in which nothing is to be heard.", percent=True
    ),
    **beside_data(
        "clipped",
        "Clipped",
        "Share of values that are as loud as can be, which crackles.",
        "lower",
        percent=True,
    ),
    **beside_data(
        "value_entropy",
        "Evenness of values",
        "How evenly the 256 levels of loudness are used (entropy): near 8 bits samples are plain"
        " noise.",
        unit="bits",
    ),
    **beside_data(
        "spectral_balance",
        "Balance of low and high",
        "Half of all power lies below this frequency.",
        unit="Hz",
    ),
    **beside_data(
        "tonal_buzz",
        "Whistling",
        "How far narrow lines stand out at the frequencies at which networks that enlarge step by"
        " step whistle.",
        "lower",
        unit="dB",
    ),
    "diversity": of_samples(
        "Variety",
        "How different samples are from each other, where your recordings are 1. Far below, the"
        " model makes the same few sounds again and again.",
        "higher",
    ),
    "twins": of_samples(
        "Twins",
        "Share of samples that have a twin among the other samples, beyond that of your"
        " recordings.",
        "lower",
        percent=True,
    ),
    **judged_metrics(
        "studio_fad", "Studio-FAD", "recordings", "Fréchet Audio Distance", "label_accuracy"
    ),
    "novelty": of_samples(
        "Newness",
        "How far samples are from the nearest recording that was learned, where real new ones are"
        " 1. Far below, the model repeats your files.",
    ),
    "copies": of_samples(
        "Copies",
        "Share of samples that are hardly anything else than a recording that was learned.",
        "lower",
        percent=True,
    ),
}
