"""The settings by which pieces are brought to what a model reads, and varied while it learns."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from studio.core.options import Preparation, option


class MusicPreparation(Preparation):
    """How pieces become tokens or piano rolls, and how they vary while a model learns."""

    form: Literal["tokens", "roll"] = Field(
        "tokens",
        title="Form",
        description="Whether models read tokens or a piano roll; the model decides.",
        json_schema_extra={"group": "Preparation", "hidden": True},
    )
    size: int = option(
        0,
        title="Length",
        help="Tokens that the model sees at once; longer sees more bars and costs time.",
        group="Preparation",
        term="context length",
        unit="tokens",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=4096,
    )
    tracks: Literal["all", "melody", "chords"] = option(
        "all",
        title="Tracks",
        help="Takes all tracks, the melody alone, or everything but the melody.",
        group="Preparation",
        term="track selection",
        main=True,
        choices={"all": "All", "melody": "Melody", "chords": "Chords"},
    )
    tokens: Literal["remi", "tsd", "midi_like"] = option(
        "remi",
        title="Notation",
        help="Bars and places in them suit music with a beat; shifts of time suit free playing.",
        group="Preparation",
        term="tokenization: REMI, TSD or MIDI-Like",
        choices={
            "remi": "Bars and places",
            "tsd": "Times and lengths",
            "midi_like": "Keys down and up",
        },
    )
    bpe: int = option(
        0,
        title="Word pieces",
        help="Joins frequent tokens until there are this many; 0 is off, best below 200 pieces.",
        group="Preparation",
        term="byte pair encoding (BPE), vocabulary size",
        unit="tokens",
        choices={"0": "Off"},
        ge=0,
        le=30_000,
    )
    programs: Literal["auto", "on", "off"] = option(
        "auto",
        title="Instruments",
        help="Tells instruments and voices apart; automatic when a piece has more than one.",
        group="Preparation",
        term="program tokens",
        choices={"auto": "Automatic", "on": "Tell apart", "off": "One instrument"},
    )
    velocities: Literal["auto", "off", "4", "8", "16", "32"] = option(
        "auto",
        title="Loudness",
        help="How many degrees of loudness are learned; automatic when notes differ in it.",
        group="Preparation",
        term="velocity tokens",
        choices={"auto": "Automatic", "off": "Off", "4": "4", "8": "8", "16": "16", "32": "32"},
    )
    grid: Literal["auto", "4", "8", "12", "24"] = option(
        "auto",
        title="Grid",
        help="Places in a beat where notes may begin; 12 and 24 hold triplets.",
        group="Preparation",
        term="quantisation, positions per beat",
        choices={"auto": "Automatic", "4": "4", "8": "8", "12": "12", "24": "24"},
    )
    transpose: int = option(
        5,
        title="Other keys",
        help="Shows each piece in this many keys above and below its own as well.",
        group="Augmentation",
        term="transposition",
        unit="semitones",
        main=True,
        ge=0,
        le=6,
    )
    tempo_spread: int = option(
        0,
        title="Other tempos",
        help="Shows copies up to this much faster or slower, so that the tempo can be asked for.",
        group="Augmentation",
        term="tempo augmentation",
        unit="%",
        ge=0,
        le=40,
    )
    roll_bars: int = option(
        4,
        title="Bars of a roll",
        help="Bars in one piano roll, for models that draw music as a picture.",
        group="Preparation",
        term="piano roll length",
        unit="bars",
        ge=1,
        le=16,
    )
    metre: Literal["auto", "4/4", "3/4"] = option(
        "auto",
        title="Metre of a roll",
        help="Rolls are of one metre; 3/4 takes in 6/8. Automatic takes the commonest.",
        group="Preparation",
        term="time signature",
        choices={"auto": "Automatic", "4/4": "4/4", "3/4": "3/4 and 6/8"},
    )
    steps_per_bar: int = option(
        0,
        title="Steps of a bar",
        help="Columns of a piano roll in one bar; automatic are sixteenths: 16 in 4/4, 12 in 3/4.",
        group="Preparation",
        term="piano roll resolution",
        choices={"0": "Automatic"},
        ge=0,
        le=96,
    )
    lowest: int = option(
        36,
        title="Lowest note",
        help="Bottom of a piano roll; lower notes are played octaves higher. 60 is middle C.",
        group="Preparation",
        term="pitch range",
        ge=0,
        le=108,
    )
    pitches: int = option(
        60,
        title="Notes of a roll",
        help="Height of a piano roll in semitones; higher notes are played octaves lower.",
        group="Preparation",
        term="pitch range",
        unit="semitones",
        ge=12,
        le=128,
        multiple_of=4,
    )
