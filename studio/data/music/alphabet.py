"""What the pieces of a dataset are written with, and miditok's tokenizer for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studio.data.music.voices import Voice

_LONGEST = 16  # beats that a note lasts at most
_CLASSES = {"remi": "REMI", "tsd": "TSD", "midi_like": "MIDILike"}


@dataclass(frozen=True)
class Alphabet:
    """What a dataset's pieces are written with.

    Attributes:
        tokens: Kind of notation: remi, tsd or midi_like.
        grid: Places in a beat.
        velocities: Degrees of loudness; 0 leaves it out.
        voices: In the order of their numbers.
        signatures: Metres, the commonest first.
        pitches: Lowest and highest pitch.
        drums: Lowest and highest drum; (0, 0) without any.
    """

    tokens: str
    grid: int
    velocities: int
    voices: tuple[Voice, ...]
    signatures: tuple[tuple[int, int], ...]
    pitches: tuple[int, int]
    drums: tuple[int, int]

    @property
    def apart(self) -> bool:
        """Whether voices are told apart."""
        return len(self.voices) > 1 or any(voice.drums for voice in self.voices)


def miditok_of(alphabet: Alphabet) -> Any:
    """Return miditok's tokenizer for an alphabet."""
    import miditok

    signatures: dict[int, list[int]] = {}
    for beats, value in sorted(alphabet.signatures):
        signatures.setdefault(value, []).append(beats)
    drums = any(voice.drums for voice in alphabet.voices)
    programs = [number for number, voice in enumerate(alphabet.voices) if not voice.drums] or [0]
    low, high = alphabet.pitches
    if drums and alphabet.tokens == "midi_like":  # which checks drums against the pitches' range
        low, high = min(low, alphabet.drums[0]), max(high, alphabet.drums[1])
    coarse = min(alphabet.grid, 4)
    config = miditok.TokenizerConfig(
        pitch_range=(low, high + 1),
        beat_res={(0, 4): alphabet.grid, (4, _LONGEST): coarse},
        num_velocities=alphabet.velocities or 1,
        use_velocities=alphabet.velocities > 0,
        special_tokens=["PAD"],
        use_programs=alphabet.apart,
        programs=[-1, *programs] if drums else programs,
        one_token_stream_for_programs=alphabet.apart,
        program_changes=alphabet.apart,
        use_time_signatures=True,
        time_signature_range=signatures,
        use_pitchdrum_tokens=drums,
        drums_pitch_range=(alphabet.drums[0], alphabet.drums[1] + 1),
        remove_duplicated_notes=True,
        delete_equal_successive_time_sig_changes=True,
    )
    return getattr(miditok, _CLASSES[alphabet.tokens])(config)
