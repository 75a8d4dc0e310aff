"""What can be said of a piece in a line: key, tempo, bars, and how it keeps to its scale."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from studio.ui.views.music_notes import NoteTable

#: Pitch classes in the order of their number, C first.
PITCH_CLASSES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


class PieceFacts(NamedTuple):
    """Numbers of one piece.

    Attributes:
        key: As musicians say it; empty where none stands out.
        tonic: Pitch class that its scale begins with, 0 for C.
        tempo: Quarter notes per minute.
        in_scale, empty_bars: Shares, 0 to 1.
        pitch_classes: Share of each among the notes, C first.
    """

    key: str
    tonic: int
    tempo: float
    bars: int
    notes: int
    in_scale: float
    empty_bars: float
    notes_per_bar: float
    pitch_classes: tuple[float, ...]


def facts_of(table: NoteTable) -> PieceFacts:
    """Measure a piece; some milliseconds for a usual one, so it is work for a thread."""
    from studio.data.music import measures as music_statistics

    music = table.music
    found = music_statistics.summary(music)
    key = music_statistics.key_of(music)
    return PieceFacts(
        key=key.name if key.certainty else "",
        tonic=key.tonic,
        tempo=found.tempo,
        bars=table.bars(),
        notes=found.notes,
        in_scale=found.in_scale_rate,
        empty_bars=found.empty_bar_rate,
        notes_per_bar=found.notes_per_bar,
        pitch_classes=found.pitch_classes,
    )


def facts_words(facts: PieceFacts) -> str:
    """Return a piece in a line: `D major · 112 bpm · 16 bars · 120 notes`."""
    bars = _tr("1 bar") if facts.bars == 1 else _tr("{count} bars")
    notes = _tr("1 note") if facts.notes == 1 else _tr("{count} notes")
    parts = [
        key_words(facts.key),
        _tr("{tempo} bpm").format(tempo=round(facts.tempo)),
        bars.format(count=f"{facts.bars:,}"),
        notes.format(count=f"{facts.notes:,}"),
    ]
    return " · ".join(part for part in parts if part)


def key_words(key: str) -> str:
    """Return the name of a key for people: `D major`."""
    tonic, _space, mode = key.partition(" ")
    if not tonic:
        return ""
    words = _tr("{tonic} minor") if mode == "minor" else _tr("{tonic} major")
    return words.format(tonic=tonic.replace("#", "♯").replace("b", "♭"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("MusicFacts", text)
