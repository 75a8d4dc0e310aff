"""What the numbers measured on written texts mean; `studio/evaluate/text.py` measures them."""

from __future__ import annotations

from studio.core.family_info import Metric
from studio.families.measured import BesideData, of_samples

beside_data = BesideData("your texts", "The same measured on as much of your texts.")

SAMPLE_METRICS: dict[str, Metric] = {
    **beside_data(
        "distinct_1",
        "Different words",
        "Share of words in samples that are not there a second time (distinct-1).",
        percent=True,
    ),
    **beside_data(
        "distinct_2",
        "Different pairs of words",
        "Share of two words in a row that are not there a second time (distinct-2). Far below your"
        " texts, the model says the same again and again.",
        percent=True,
    ),
    **beside_data(
        "distinct_3",
        "Different threes of words",
        "Share of three words in a row that are not there a second time (distinct-3).",
        percent=True,
    ),
    **beside_data(
        "loops",
        "Going in circles",
        "Share of four words in a row that the same sample had before.",
        "lower",
        percent=True,
    ),
    **beside_data(
        "self_bleu",
        "Samples alike",
        "How much of a sample's words, up to four in a row, the other samples share (self-BLEU).",
        percent=True,
    ),
    **beside_data("word_length", "Length of words", "Letters of a word.", unit="letters"),
    "length": of_samples("Length", "Characters of a sample.", unit="characters"),
    **beside_data(
        "longest_copy",
        "Longest copy",
        "The longest passage of a sample that stands word for word in what was learned. Shorter"
        " than 16 characters it is not looked for.",
        "lower",
        unit="characters",
    ),
    "longest_copy_tokens": of_samples(
        "Longest copy, in tokens",
        "The same counted in the model's own tokens.",
        "lower",
        unit="tokens",
    ),
    **beside_data(
        "copied",
        "Copied",
        "Share of samples that belongs to passages of 50 characters and more which stand word for"
        " word in what was learned.",
        "lower",
        percent=True,
    ),
    **beside_data(
        "new_words",
        "Made-up words",
        "Share of words that are nowhere in what was learned: misspelt, foreign or invented.",
        percent=True,
    ),
    "bleu": of_samples(
        "BLEU",
        "How many of an answer's words, up to four in a row, stand in the wanted answer, on pairs"
        " that were kept for checking.",
        "higher",
        percent=True,
    ),
    "rouge_l": of_samples(
        "ROUGE-L",
        "How long the line of words is that answer and wanted answer share in the same order.",
        "higher",
        percent=True,
    ),
    "chrf": of_samples(
        "chrF",
        "How many groups of up to six letters answer and wanted answer share; kinder to endings"
        " than BLEU.",
        "higher",
        percent=True,
    ),
}
