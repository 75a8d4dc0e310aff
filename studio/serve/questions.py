"""What other programs ask over HTTP, and what they get: bounded, checked, described."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

#: Bytes of a request's body, at most.
LARGEST_BODY = 48 << 20
#: Pixels of a picture that is sent, at most.
LARGEST_PICTURE = 24_000_000
#: Items of one request, at most.
MOST_ITEMS = 64

_LARGEST_FILE = 32 << 20


def _is_base64(text: str) -> str:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is not base64") from error
    if not raw:
        raise ValueError("is empty")
    if len(raw) > _LARGEST_FILE:
        raise ValueError(f"is larger than {_LARGEST_FILE >> 20} MB")
    return text


#: A file (a picture as PNG, JPEG, WebP …, a piece as MIDI) in base64.
File = Annotated[str, AfterValidator(_is_base64)]


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    options: dict[str, Any] = Field({}, description="Settings of the model's own sampler.")


class Generate(_Question):
    """New items."""

    count: int = Field(1, ge=1, le=MOST_ITEMS, description="How many.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Item i uses seed + i.")
    label: str = Field("", max_length=200, description="Label to make; empty leaves it open.")
    prompt: str = Field(
        "", max_length=20_000, description="What to show, in words; what a text goes on from."
    )
    variety: float = Field(1.0, ge=0, le=2, description="0 safe, 1 as learned, 2 surprising.")


class Change(_Question):
    """Something of the caller's own, changed, gone on from or answered by the model."""

    picture: File | None = Field(None, description="A picture file in base64.")
    midi: File | None = Field(None, description="A MIDI file in base64, for models of music.")
    mask: File | None = Field(None, description="White where the picture is to be made anew.")
    count: int = Field(1, ge=1, le=16, description="How many, for tasks that draw from a seed.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of the first one.")
    label: str = Field("", max_length=200, description="Label of the picture, where it matters.")
    prompt: str = Field(
        "",
        max_length=20_000,
        description="What to show, in words; the text that is to be answered or filled in.",
    )


class Item(BaseModel):
    """One thing that was made: a picture, a text or a piece of music; the others are empty."""

    png: str = Field("", description="A PNG file in base64.")
    text: str = Field("", description="A text as it is.")
    midi: str = Field("", description="A MIDI file in base64.")
    facts: dict[str, Any] = Field(description="What made it: seed, label …")


class Answer(BaseModel):
    """All that a request made."""

    model: str
    items: list[Item]
    seconds: float


class Problem(BaseModel):
    """Why a request failed, in words for people."""

    title: str
    message: str
    hint: str = ""


class Offer(BaseModel):
    """A model that can be asked."""

    id: str
    title: str
    family: str
    makes: str = Field(description="image, text or music.")
    tasks: list[str]
    labels: list[str]
    prompts: bool
    sampling: dict[str, Any] = Field(description="JSON Schema of `options`.")
