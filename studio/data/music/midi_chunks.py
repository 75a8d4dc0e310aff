"""The chunks that a MIDI file is made of, walked within bounds before anything is decoded.

A file that claims more than it holds never gets to symusic, which is C++.
"""

from __future__ import annotations

from typing import NamedTuple

from studio.data.modality import Rejected

#: Bounds of what is taken.
MAX_BYTES = 16 * 1024 * 1024
MAX_TRACKS = 1024

HEAD = b"MThd"
_TRACK = b"MTrk"
_DAMAGED = ("truncated", "The file ends before its music does.", "Copy or export it again.")


class Chunks(NamedTuple):
    """A file's parts: ticks per quarter, whether it counted film frames, its tracks' bytes."""

    ticks: int
    smpte: bool
    tracks: list[bytes]


def walk(raw: bytes) -> Chunks:
    """Return the chunks of a file, each of which lies wholly within it.

    Raises:
        Rejected: It is no MIDI file, is cut off, or claims what cannot be.
    """
    if len(raw) > MAX_BYTES:
        raise Rejected(
            "too-large",
            f"The file has {len(raw) >> 20:,} MB; music of {MAX_BYTES >> 20} MB at most is read.",
            "Cut it into several pieces.",
        )
    if raw[:4] != HEAD:
        raise Rejected(
            "not-midi", "This is not a MIDI file.", "Export the music as a MIDI file (.mid)."
        )
    if len(raw) < 14 or int.from_bytes(raw[4:8], "big") < 6:
        raise Rejected(*_DAMAGED)
    kind, claimed, division = (int.from_bytes(raw[at : at + 2], "big") for at in (8, 10, 12))
    if kind > 1:
        raise Rejected(
            "patterns",
            "The file holds separate patterns, not one piece (MIDI format 2).",
            "Export each pattern as a MIDI file of its own.",
        )
    ticks, smpte = _time_base(division)
    tracks: list[bytes] = []
    place = 8 + int.from_bytes(raw[4:8], "big")
    while len(tracks) < min(claimed, MAX_TRACKS + 1) and place + 8 <= len(raw):
        length = int.from_bytes(raw[place + 4 : place + 8], "big")
        if place + 8 + length > len(raw):
            raise Rejected(*_DAMAGED)
        if raw[place : place + 4] == _TRACK:  # other kinds of chunks are to be passed over
            tracks.append(raw[place + 8 : place + 8 + length])
        place += 8 + length
    if len(tracks) > MAX_TRACKS:
        raise Rejected(
            "too-many-tracks",
            f"The file has {claimed:,} tracks; at most {MAX_TRACKS:,} are read.",
            "Join tracks, or leave some out.",
        )
    if len(tracks) < claimed:
        raise Rejected(
            "truncated",
            f"The file announces {claimed:,} tracks and holds {len(tracks):,}.",
            "Copy or export it again.",
        )
    if not tracks:
        raise no_notes()
    return Chunks(ticks, smpte, tracks)


def _time_base(division: int) -> tuple[int, bool]:
    """Return ticks per quarter, and whether the file counts frames of film instead.

    Such a file (SMPTE) knows no beats; at 120 quarters a minute a quarter is half a second.
    """
    if division & 0x8000:
        frames, resolution = 256 - (division >> 8), division & 0xFF
        ticks = frames * resolution // 2
        if frames in (24, 25, 29, 30) and ticks:
            return ticks, True
        division = 0
    if not division:
        raise Rejected(
            "no-time-base",
            "The file does not say how long its ticks last.",
            "Open it in a music program and export it again as a MIDI file.",
        )
    return division, False


def inside_riff(raw: bytes) -> bytes:
    """Return the MIDI file inside a RIFF file (RMID)."""
    place = 12
    while place + 8 <= len(raw):
        length = int.from_bytes(raw[place + 4 : place + 8], "little")
        if raw[place : place + 4] == b"data":
            if place + 8 + length > len(raw):
                raise Rejected(*_DAMAGED)
            return raw[place + 8 : place + 8 + length]
        place += 8 + length + length % 2
    raise Rejected(*_DAMAGED)


def no_notes() -> Rejected:
    """Return the rejection of a piece without notes."""
    return Rejected(
        "no-notes", "There is no note in it.", "Leave it out, or export the piece again."
    )
