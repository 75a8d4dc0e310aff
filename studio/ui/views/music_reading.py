"""Reads pieces for the window: notes, and the places that are marked in a sheet of samples."""

from __future__ import annotations

from typing import Any, NamedTuple

from studio.core.blobs import Source, open_source
from studio.core.media import Music
from studio.ui.views.music_edges import Marker
from studio.ui.views.music_notes import NoteTable


class MusicFile(NamedTuple):
    """What is in a file.

    Attributes:
        markers: Named places, such as where each sample of a sheet begins.
        problem: Why there is nothing to see; empty when there is.
    """

    table: NoteTable
    markers: tuple[Marker, ...] = ()
    problem: str = ""


def read_file(source: Source) -> MusicFile:
    """Read a MIDI file, or the bytes of one; takes a while for large ones."""
    from studio.data.modality import Rejected
    from studio.data.music import midi

    try:
        with open_source(source) as file:
            raw = file.read()
        return MusicFile(NoteTable(midi.read(raw)), _markers(raw))
    except Rejected as error:
        return MusicFile(NoteTable(Music(())), problem=str(error))
    except OSError as error:
        return MusicFile(NoteTable(Music(())), problem=error.strerror or str(error))


def _markers(raw: bytes) -> tuple[Marker, ...]:
    """Return the markers of a file that can be read."""
    if b"\xff\x06" not in raw:
        return ()
    import symusic

    from studio.data.music import midi

    score: Any = symusic.Score.from_midi(midi.canonical(raw)[0], sanitize_data=True)
    found = ((int(marker.time), str(marker.text).strip()) for marker in score.markers)
    return tuple(Marker(tick, name) for tick, name in sorted(found) if tick >= 0)
