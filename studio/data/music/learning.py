"""Learning a tokeniser from a dataset: which voices, metres and pitches there are, and more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from studio.core.media import Music
from studio.data.music import midi
from studio.data.music.alphabet import Alphabet
from studio.data.music.controls import (
    ANY,
    BARS,
    DENSITIES,
    DENSITY,
    INSTRUMENT,
    KEY,
    METRE,
    NONE,
    SLOTS,
    TEMPO,
    Controls,
    bars_value,
    key_value,
    tempo_value,
)
from studio.data.music.measures import Key, Mode, key_of, metre_of, notes_per_bar, tempo_of
from studio.data.music.notation import Notation
from studio.data.music.preparation import MusicPreparation
from studio.data.music.timing import bars_of
from studio.data.music.tokens import MusicTokeniser, written
from studio.data.music.voices import Voice, chosen, instruments_of, voices_of
from studio.data.text.tokenisers import SPECIALS

_MOST_METRES = 24
_MOST_VOICES = 48
_LARGEST_METRE = 16  # beats
_GRIDS = (4, 8, 12, 24)
_OFF_GRID = 0.01  # share of notes that a grid may miss
_NEAR = 0.05  # of a grid's step
_DEGREES = 8  # of loudness, where notes differ in it
_USED = 0.98  # share of the notes whose pitches are kept for certain
_JOINED = 600  # pieces that joined tokens are learned from


class _Piece(NamedTuple):
    """What is remembered of a piece while the others are read."""

    voices: tuple[tuple[Voice, int], ...]
    metres: Counter[tuple[int, int]]
    metre: tuple[int, int]
    pitches: tuple[int, int]
    drums: tuple[int, int]
    velocities: int
    off: np.ndarray
    notes: int
    key: Key
    tempo: float
    density: float
    bars: int
    instruments: tuple[int, ...]


def learn(stored: Iterable[bytes], preparation: MusicPreparation) -> str:
    """Return the tokeniser of a dataset as text; one for any music where there is none."""
    pieces: list[_Piece] = []
    kept: list[Music] = []
    for number, raw in enumerate(stored):
        music = chosen(midi.read(raw), preparation.tracks)
        if not any(len(track.notes) for track in music.tracks):
            continue
        pieces.append(_piece(music))
        if preparation.bpe and number < 8 * _JOINED:
            kept.append(music)
    alphabet = _alphabet(pieces, preparation)
    controls = _controls(pieces, alphabet, preparation)
    if not preparation.bpe:
        return written(alphabet, controls, tracks=preparation.tracks)
    plain = MusicTokeniser(Notation(alphabet), controls)
    size = preparation.bpe - plain.vocabulary + len(plain.notation.names)
    step = max(1, len(kept) // _JOINED)
    merges = _merges(plain.notation, kept[::step], size, preparation)
    return written(alphabet, controls, merges, preparation.tracks)


def _piece(music: Music) -> _Piece:
    bars = bars_of(music)
    voices = voices_of(music)
    pitched = [track.notes for track in music.tracks if len(track.notes) and not track.drums]
    drums = [track.notes for track in music.tracks if len(track.notes) and track.drums]
    notes = np.concatenate([track.notes for track in music.tracks])
    number = bars.at(notes[:, 0])
    beat = 4 * music.ticks / bars.values[number]
    place = (notes[:, 0] - bars.starts[number]) / beat
    off = np.array([(np.abs(place * g - np.rint(place * g)) > _NEAR).sum() for g in _GRIDS])
    metres: Counter[tuple[int, int]] = Counter(
        zip(bars.beats.tolist(), bars.values.tolist(), strict=True)
    )
    return _Piece(
        voices=tuple((voice, len(track.notes)) for voice, track in voices.items()),
        metres=metres,
        metre=metre_of(music),
        pitches=_span(pitched),
        drums=_span(drums),
        velocities=len(np.unique(notes[:, 3])),
        off=off,
        notes=len(notes),
        key=key_of(music),
        tempo=tempo_of(music),
        density=notes_per_bar(music),
        bars=len(bars.starts),
        instruments=instruments_of(music.tracks),
    )


def _span(tracks: Sequence[np.ndarray]) -> tuple[int, int]:
    """Return the lowest and highest pitch; (-1, -1) without notes."""
    if not tracks:
        return (-1, -1)
    pitches = np.concatenate(tracks)[:, 2]
    return int(pitches.min()), int(pitches.max())


def _alphabet(pieces: Sequence[_Piece], preparation: MusicPreparation) -> Alphabet:
    voices: Counter[Voice] = Counter()
    metres: Counter[tuple[int, int]] = Counter()
    for piece in pieces:
        voices.update(dict(piece.voices))
        metres.update(piece.metres)
    low = min((piece.pitches[0] for piece in pieces if piece.pitches[0] >= 0), default=36)
    high = max((piece.pitches[1] for piece in pieces if piece.pitches[1] >= 0), default=95)
    drums = [piece.drums for piece in pieces if piece.drums[0] >= 0]
    told = [voice for voice, _count in voices.most_common(_MOST_VOICES)]
    if preparation.programs == "off":
        told = [Voice(told[0].program if told and not told[0].drums else 0)]
    told = sorted(told, key=lambda voice: (voice.drums, voice.program, voice.order))
    with_drums = any(voice.drums for voice in told)
    usual = [
        metre for metre, _count in metres.most_common(_MOST_METRES) if metre[0] <= _LARGEST_METRE
    ]
    return Alphabet(
        tokens=preparation.tokens,
        grid=_grid(pieces) if preparation.grid == "auto" else int(preparation.grid),
        velocities=_velocities(pieces, preparation),
        voices=tuple(told) or (Voice(0),),
        signatures=tuple(usual) or ((4, 4),),
        pitches=(max(0, low - preparation.transpose), min(127, high + preparation.transpose)),
        drums=(min(d[0] for d in drums), max(d[1] for d in drums)) if with_drums else (0, 0),
    )


def _grid(pieces: Sequence[_Piece]) -> int:
    """Return the coarsest grid that nearly all notes begin on."""
    if not pieces:
        return _GRIDS[0]
    missed = np.sum([piece.off for piece in pieces], axis=0)
    missed = missed / sum(piece.notes for piece in pieces)
    for grid, share in zip(_GRIDS, missed, strict=True):
        if share <= _OFF_GRID:
            return grid
    # free playing lies on no grid: the finest one that is not too much to learn
    return 12


def _velocities(pieces: Sequence[_Piece], preparation: MusicPreparation) -> int:
    if preparation.velocities == "off":
        return 0
    if preparation.velocities != "auto":
        return int(preparation.velocities)
    lively = sum(piece.velocities > 2 for piece in pieces)
    return _DEGREES if lively > len(pieces) / 2 else 0


def _controls(
    pieces: Sequence[_Piece], alphabet: Alphabet, preparation: MusicPreparation
) -> Controls:
    """Return the controls, with the values that rows can have."""
    shifts = range(-preparation.transpose, preparation.transpose + 1)
    keys = {
        Key((piece.key.tonic + shift) % 12, piece.key.mode)
        for piece in pieces
        for shift in shifts
        if piece.key.certainty
    }
    spread = 1 + preparation.tempo_spread / 100
    paces = {
        tempo_value(piece.tempo * factor)
        for piece in pieces
        for factor in np.geomspace(1 / spread, spread, 9)
    }
    lengths = {bars_value(bars) for piece in pieces for bars in range(1, piece.bars + 1)}
    groups = sorted({group for piece in pieces for group in piece.instruments})
    if preparation.programs == "off":
        groups = []
    modes: tuple[Mode, ...] = ("major", "minor")
    in_order = sorted(keys, key=lambda key: (modes.index(key.mode), key.tonic))
    values = {
        KEY: (ANY, *map(key_value, in_order)),
        METRE: (ANY, *(f"{beats}/{value}" for beats, value in alphabet.signatures)),
        TEMPO: (ANY, *sorted(paces, key=int)),
        DENSITY: (ANY, *map(str, range(len(DENSITIES)))),
        BARS: (ANY, *sorted(lengths, key=int)),
    }
    for slot in range(min(SLOTS, len(groups)) if len(groups) > 1 else 0):
        values[f"{INSTRUMENT} {slot + 1}"] = (ANY, NONE, *map(str, groups))
    densities = [piece.density for piece in pieces] or [4.0]
    shares = [(degree + 1) / len(DENSITIES) for degree in range(len(DENSITIES) - 1)]
    edges = tuple(round(float(edge), 3) for edge in np.quantile(densities, shares))
    return Controls(values, edges, SPECIALS)


def _merges(
    notation: Notation, pieces: Sequence[Music], size: int, preparation: MusicPreparation
) -> str:
    """Return joined tokens learned from bars in the keys that are shown; always the same ones."""
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.trainers import BpeTrainer

    letters = [chr(0x4E00 + number) for number in range(len(notation.names))]
    tables = [notation.transposed(shift) for shift in (0, -preparation.transpose)]
    words: list[str] = []
    for number, music in enumerate(pieces):
        table = tables[number % 2]
        for bar in notation.encode(music):
            moved = table[bar.ids]
            if moved.min(initial=0) >= 0:
                words.append("".join(letters[each] for each in moved))
    tokenizer = Tokenizer(BPE())
    trainer = BpeTrainer(
        vocab_size=max(size, len(letters)), initial_alphabet=letters, show_progress=False
    )
    tokenizer.train_from_iterator(words, trainer)
    return str(tokenizer.to_str())
