"""The settings by which texts are cleaned and cut into the tokens that a model sees."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from studio.core.options import Preparation, option


class TextPreparation(Preparation):
    """How texts are cleaned, and how they become rows of tokens."""

    form: Literal["tokens", "pairs"] = Field(
        "tokens",
        title="Form",
        description="Whether a model reads running text or pairs; the kind of model decides.",
        json_schema_extra={"group": "Preparation", "hidden": True},
    )
    size: int = option(
        0,
        title="Length",
        help="Tokens that the model sees at once; 0 lets the model choose.",
        group="Preparation",
        term="context length, sequence length",
        unit="tokens",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=8192,
    )
    tokeniser: Literal["auto", "characters", "bytes", "bpe", "file"] = option(
        "auto",
        title="Tokens",
        help="What a text is cut into. Automatic: characters for little text, else word parts.",
        group="Preparation",
        term="tokeniser",
        main=True,
        choices={
            "auto": "Automatic",
            "characters": "Characters",
            "bytes": "Bytes",
            "bpe": "Word parts learned from the data",
            "file": "As in a checkpoint",
        },
    )
    vocabulary: int = option(
        0,
        title="Vocabulary",
        help="How many word parts are learned; 0 chooses by the length of the text.",
        group="Preparation",
        term="byte-pair encoding (BPE), vocabulary size",
        unit="tokens",
        choices={"0": "Automatic"},
        ge=0,
        le=65_535,
    )
    tokeniser_file: str = option(
        "",
        title="Checkpoint's tokens",
        help="Folder of a checkpoint whose tokens are taken instead, or its tokenizer.json.",
        group="Preparation",
        term="pretrained tokenizer",
    )
    pairs: Literal["auto", "columns", "turns"] = option(
        "auto",
        title="Pairs",
        help="Where pairs come from: two columns of a table, or the turns of a dialogue.",
        group="Preparation",
        term="source and target",
        choices={"auto": "Automatic", "columns": "Two columns", "turns": "Turns of a dialogue"},
    )
    join_lines: bool = option(
        False,
        title="Join broken lines",
        help="Joins lines that were broken at a fixed width, as in e-books and mails.",
        group="Preparation",
        term="hard wraps",
        main=True,
    )
    boilerplate: bool = option(
        True,
        title="Remove boilerplate",
        help="Removes licence headers of e-books, page numbers and headings on every page.",
        group="Preparation",
        term="boilerplate removal",
        main=True,
    )
    repeated: bool = option(
        False,
        title="Remove repeated paragraphs",
        help="Keeps only the first of long paragraphs that occur several times in a text.",
        group="Preparation",
        term="deduplication",
    )
    normalise: bool = option(
        False,
        title="Unify letters",
        help="Writes accented letters in one way only, whatever way they were typed.",
        group="Preparation",
        term="Unicode NFC",
    )
    lower: bool = option(
        False,
        title="Small letters only",
        help="Turns capitals into small letters: easier to learn, but none are written.",
        group="Preparation",
        term="lower-casing",
    )
