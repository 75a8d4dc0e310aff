"""What the numbers measured on pieces of music mean; `studio/evaluate/music.py` measures them."""

from __future__ import annotations

from studio.core.family_info import Metric
from studio.families.measured import BesideData, of_samples

beside_data = BesideData("your music", "The same measured on as much of your own music.")

SAMPLE_METRICS: dict[str, Metric] = {
    "sample_distance": of_samples(
        "Distance to your music",
        "How far samples are from your music on average over all measures: keys, density, rhythm,"
        " melody. 0 means alike; two halves of your own music have a few hundredths.",
        "lower",
    ),
    **beside_data(
        "in_scale_rate",
        "Notes in the key",
        "Share of notes that belong to the scale of their piece's key.",
        percent=True,
    ),
    **beside_data(
        "empty_bar_rate", "Empty bars", "Share of bars in which nothing sounds.", percent=True
    ),
    **beside_data("notes_per_bar", "Notes per bar", "Notes that begin in a bar.", unit="notes"),
    **beside_data(
        "notes_per_bar_spread",
        "Spread of notes per bar",
        "How much pieces differ in their notes per bar (standard deviation).",
        unit="notes",
    ),
    **beside_data(
        "pitch_class_entropy",
        "Evenness of pitches",
        "How evenly a piece uses the twelve pitches of the octave: 0 for one alone, 3.58 bits for"
        " all alike (pitch-class entropy).",
        unit="bits",
    ),
    **beside_data(
        "pitch_classes", "Pitches in use", "How many of the twelve pitches a piece uses."
    ),
    **beside_data(
        "polyphony",
        "Notes at once",
        "Notes that sound together, while any sounds (polyphony).",
        unit="notes",
    ),
    **beside_data(
        "groove_consistency",
        "Steady rhythm",
        "How alike the rhythms of neighbouring bars are; 1 means always the same (groove"
        " consistency).",
    ),
    **beside_data(
        "token_error_rate",
        "Slips of notation",
        "Share of written tokens that make no sense where they stand, such as a length without a"
        " note. Measured without the help that keeps to what may follow.",
        "lower",
        percent=True,
    ),
    **beside_data(
        "pitch_class_distance",
        "Distance of scales",
        "How differently the steps of the scale are used (Jensen-Shannon distance of histograms"
        " from the tonic on). 0 means alike, 1 nothing in common.",
        "lower",
    ),
    **beside_data(
        "interval_distance",
        "Distance of melodies",
        "How differently melodies step from note to note (Jensen-Shannon distance of intervals).",
        "lower",
    ),
    **beside_data(
        "rhythm_distance",
        "Distance of rhythms",
        "How differently notes fall on the places of a bar (Jensen-Shannon distance).",
        "lower",
    ),
    "diversity": of_samples(
        "Variety",
        "How different samples are from each other, where pieces of yours are 1. Far below, the"
        " model plays the same few pieces again and again.",
        "higher",
    ),
    "twins": of_samples(
        "Twins",
        "Share of samples that have a twin among the other samples, beyond that of your music.",
        "lower",
        percent=True,
    ),
    **beside_data(
        "longest_copy",
        "Longest copy",
        "The longest run of melody that was learned, in any key or tempo. Folk tunes share runs"
        " with each other too: compare it with unseen pieces of yours.",
        "lower",
        unit="notes",
    ),
    **beside_data(
        "copied",
        "Copied",
        "Share of the melody's notes in runs of 16 and more that were learned.",
        "lower",
        percent=True,
    ),
}
