"""What the numbers measured on written texts mean; `studio/evaluate/text.py` measures them."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Metric

Better = Literal["lower", "higher", ""]


def _one(
    title: str, text: str, better: Better = "", *, percent: bool = False, unit: str = ""
) -> Metric:
    return Metric(
        title=title, help=text, better=better, percent=percent, unit=unit, about="samples"
    )


def _beside_data(
    name: str, title: str, text: str, better: Better = "", *, percent: bool = False, unit: str = ""
) -> dict[str, Metric]:
    """Return a measure of samples and the same measure of the data, which is where it should be."""
    return {
        name: _one(title, text, better, percent=percent, unit=unit),
        f"data_{name}": _one(
            f"{title}, your texts",
            "The same measured on as much of your texts.",
            percent=percent,
            unit=unit,
        ),
    }


SAMPLE_METRICS: dict[str, Metric] = {
    **_beside_data(
        "distinct_1",
        "Different words",
        "Share of words in samples that are not there a second time (distinct-1).",
        percent=True,
    ),
    **_beside_data(
        "distinct_2",
        "Different pairs of words",
        "Share of two words in a row that are not there a second time (distinct-2). Far below your"
        " texts, the model says the same again and again.",
        percent=True,
    ),
    **_beside_data(
        "distinct_3",
        "Different threes of words",
        "Share of three words in a row that are not there a second time (distinct-3).",
        percent=True,
    ),
    **_beside_data(
        "loops",
        "Going in circles",
        "Share of four words in a row that the same sample had before.",
        "lower",
        percent=True,
    ),
    **_beside_data(
        "self_bleu",
        "Samples alike",
        "How much of a sample's words, up to four in a row, the other samples share (self-BLEU).",
        percent=True,
    ),
    **_beside_data("word_length", "Length of words", "Letters of a word.", unit="letters"),
    "length": _one("Length", "Characters of a sample.", unit="characters"),
    **_beside_data(
        "longest_copy",
        "Longest copy",
        "The longest passage of a sample that stands word for word in what was learned. Shorter"
        " than 16 characters it is not looked for.",
        "lower",
        unit="characters",
    ),
    "longest_copy_tokens": _one(
        "Longest copy, in tokens",
        "The same counted in the model's own tokens.",
        "lower",
        unit="tokens",
    ),
    **_beside_data(
        "copied",
        "Copied",
        "Share of samples that belongs to passages of 50 characters and more which stand word for"
        " word in what was learned.",
        "lower",
        percent=True,
    ),
    **_beside_data(
        "new_words",
        "Made-up words",
        "Share of words that are nowhere in what was learned: misspelt, foreign or invented.",
        percent=True,
    ),
    "bleu": _one(
        "BLEU",
        "How many of an answer's words, up to four in a row, stand in the wanted answer, on pairs"
        " that were kept for checking.",
        "higher",
        percent=True,
    ),
    "rouge_l": _one(
        "ROUGE-L",
        "How long the line of words is that answer and wanted answer share in the same order.",
        "higher",
        percent=True,
    ),
    "chrf": _one(
        "chrF",
        "How many groups of up to six letters answer and wanted answer share; kinder to endings"
        " than BLEU.",
        "higher",
        percent=True,
    ),
}
