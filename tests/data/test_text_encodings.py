"""Texts are read in whatever encoding they were saved, and what is no text is refused."""

from __future__ import annotations

import random

import pytest
from made_texts import LANGUAGES

from studio.data.modality import Rejected
from studio.data.text.encoding import decode
from studio.data.text.modality import MODALITY

_OLD = [(name, encoding) for name, (_text, known) in LANGUAGES.items() for encoding in known]
_WIDE = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-be")


@pytest.mark.parametrize(("name", "encoding"), _OLD)
def test_old_encodings_are_told(name: str, encoding: str) -> None:
    text = LANGUAGES[name][0]
    for times in (1, 30):
        found = decode((text * times).encode(encoding))
        assert found.text == text * times, found.encoding
        assert not found.damaged
    (item,) = MODALITY.probe(text.encode(encoding), "a.txt")
    assert item.stored.decode() == text
    assert any(note.startswith("encoding-") for note in item.notes)


@pytest.mark.parametrize("name", LANGUAGES)
def test_unicode_in_every_form(name: str) -> None:
    text = LANGUAGES[name][0]
    for encoding in _WIDE:
        assert decode(text.encode(encoding)).text == text, encoding


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [("gb18030", "encoding-gb18030"), ("shift_jis", "encoding-shift-jis")],
)
def test_the_encoding_is_noted(encoding: str, noted: str) -> None:
    text = LANGUAGES["Chinese" if encoding == "gb18030" else "Japanese"][0]
    assert noted in MODALITY.probe(text.encode(encoding), "a.txt")[0].notes
    assert MODALITY.probe(text.encode(), "a.txt")[0].notes == ()


def test_a_few_bad_letters_do_no_harm() -> None:
    raw = ("Ein schöner Tag für Äpfel. " * 40).encode() + b"\xff\xfe und weiter"
    found = decode(raw)
    assert found.text.startswith("Ein schöner Tag für Äpfel. ")
    assert found.damaged == 2
    assert "damaged-letters" in MODALITY.probe(raw, "a.txt")[0].notes


def test_line_ends_and_the_mark_between_pairs() -> None:
    assert decode(b"aaaa\r\nb\rc\x1ed" + b"x" * 99).text.startswith("aaaa\nb\nc dx")


@pytest.mark.parametrize("kind", ["random", "png", "program", "zeros", "controls", "half-wide"])
def test_what_is_no_text_is_refused(kind: str) -> None:
    draw = random.Random(0)
    raw = {
        "random": draw.randbytes(5000),
        "png": b"\x89PNG\r\n\x1a\n" + draw.randbytes(500),
        "program": b"\x7fELF\x02\x01\x01" + bytes(60) + draw.randbytes(500),
        "zeros": bytes(4000),
        "controls": b"abc\x01\x02\x03\x04" * 200,
        "half-wide": "plain".encode("utf-16-le") * 20 + draw.randbytes(401),
    }[kind]
    with pytest.raises(Rejected) as caught:
        MODALITY.probe(raw, "notes.txt")
    assert caught.value.reason == "not-text"
    assert caught.value.suggestion
