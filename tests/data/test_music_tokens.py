"""Tokens of music: every notation gives back what it was given, nothing breaks on nonsense."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from made_tunes import band, events_of, tune

from studio.core.media import Music
from studio.data.music import midi
from studio.data.music.controls import Traits
from studio.data.music.learning import learn
from studio.data.music.measures import Key, tempo_of
from studio.data.music.preparation import MusicPreparation
from studio.data.music.rows import LEFT_OPEN, UNASKED, rows_of
from studio.data.music.tokens import END, PAD, RESOURCE, MusicTokeniser, tokeniser_of
from studio.data.music.voices import DRUMS, voices_of

KINDS = [
    {},
    {"tokens": "tsd"},
    {"tokens": "midi_like"},
    {"bpe": 400},
    {"tokens": "midi_like", "bpe": 300},
]
NAMES = ["remi", "tsd", "midi_like", "remi-bpe", "midi_like-bpe"]


@cache
def pieces() -> tuple[Music, ...]:
    """Return tunes in several keys and metres, and a band."""
    metres = [(4, 4), (6, 8), (3, 4)]
    tunes = [tune(n, 10 + n, tonic=n, metre=metres[n % 3]) for n in range(5)]
    return (*tunes, band(7, 9))


@cache
def made(**settings: object) -> MusicTokeniser:
    """Return a tokeniser learned from the pieces."""
    preparation = MusicPreparation.model_validate(settings)
    text = learn([midi.write(each) for each in pieces()], preparation)
    assert text == learn([midi.write(each) for each in pieces()], preparation)  # always the same
    return tokeniser_of({RESOURCE: text})


@pytest.mark.parametrize("settings", KINDS, ids=NAMES)
def test_a_piece_comes_back_from_its_tokens(settings: dict[str, object]) -> None:
    tokeniser = made(**settings, velocities="off")
    for music in pieces():
        ids = tokeniser.encode(music)
        assert ids.max() < tokeniser.vocabulary
        assert tokeniser.errors(ids) == 0
        assert tokeniser.notes_in(ids) == sum(len(track.notes) for track in music.tracks)
        again = tokeniser.decode(ids)
        assert again.ticks == 480
        assert again.signatures == music.signatures
        read, true = voices_of(again), voices_of(music)
        assert list(read) == list(true)
        for voice, track in true.items():
            assert read[voice].notes[:, :3].tolist() == track.notes[:, :3].tolist()
        assert again.tempos[0][1] == pytest.approx(tempo_of(music), rel=0.08)


def test_the_voices_of_one_instrument_stay_apart() -> None:
    again = made().decode(made().encode(pieces()[0]))
    assert [len(track.notes) for track in again.tracks] == [
        len(track.notes) for track in pieces()[0].tracks
    ]
    assert again.tracks[0].notes[:, 2].min() >= 60 > again.tracks[1].notes[0, 2]


def test_loudness_is_kept_in_degrees() -> None:
    tokeniser = made(velocities="8")
    flute = tokeniser.decode(tokeniser.encode(band(7, 9))).tracks
    loud = next(track for track in flute if track.program == 73).notes[:, 3]
    true = band(7, 9).tracks[0].notes[:, 3]
    assert len(set(loud.tolist())) > 3
    assert np.abs(loud - true).max() <= 128 / 8


@pytest.mark.parametrize("settings", KINDS, ids=NAMES)
def test_nonsense_is_read_as_far_as_it_goes(settings: dict[str, object]) -> None:
    tokeniser = made(**settings)
    draw = np.random.default_rng(0)
    for _number in range(40):
        ids = draw.integers(0, tokeniser.vocabulary + 9, 200)
        music = tokeniser.decode(ids)
        assert isinstance(music, Music)
        assert 0 < tokeniser.errors(ids) <= 1
    for empty in ([], [PAD, PAD], [END], [END, END, PAD]):
        assert not any(len(track.notes) for track in tokeniser.decode(empty).tracks)
        assert tokeniser.errors(empty) == 0


def test_errors_are_counted_one_by_one() -> None:
    tokeniser = made()
    ids = tokeniser.encode(pieces()[0])
    body = len(ids) - tokeniser.controls_of.length
    bar = next(place for place, each in enumerate(ids) if tokeniser.is_bar(int(each)))
    for wrong in (PAD, int(ids[0])):
        bent = np.insert(ids, bar + 1, wrong)
        assert tokeniser.errors(bent) == pytest.approx(1 / (body + 1))
    without = np.delete(ids, bar + 1)  # a bar without its metre
    assert tokeniser.errors(without) == pytest.approx(1 / (body - 1))
    assert tokeniser.errors(np.append(ids, [PAD] * 9)) == 0


@pytest.mark.parametrize("settings", KINDS, ids=NAMES)
def test_what_the_data_do_is_allowed(settings: dict[str, object]) -> None:
    tokeniser = made(**settings)
    for music in pieces():
        grammar = tokeniser.grammar()
        before = None
        for token in tokeniser.encode(music):
            assert tokeniser.allowed_after(before)[token]
            assert grammar.allowed()[token]
            grammar.add(int(token))
            before = int(token)


@pytest.mark.parametrize("settings", KINDS[:3], ids=NAMES[:3])
def test_writing_by_the_grammar_makes_no_error(settings: dict[str, object]) -> None:
    tokeniser = made(**settings)
    draw = np.random.default_rng(1)
    for _row in range(3):
        grammar = tokeniser.grammar()
        ids = []
        for _step in range(250):
            ids.append(int(draw.choice(np.flatnonzero(grammar.allowed()))))
            grammar.add(ids[-1])
        assert tokeniser.errors(ids) == 0
        assert tokeniser.notes_in(ids) > 10


def test_wishes_become_controls() -> None:
    tokeniser = made()
    controls = tokeniser.controls_of
    nothing = tokeniser.controls()
    assert controls.traits(nothing) == Traits()
    assert nothing.tolist() == list(controls.starts[:-1])
    wished = tokeniser.controls(
        tonic=2, mode="major", metre=(6, 8), tempo=98, density=3, bars=12, instruments=[DRUMS, 0]
    )
    assert controls.traits(wished) == Traits(Key(2, "major"), (6, 8), 104.0, 3, 12, (0, DRUMS))
    unknown = tokeniser.controls(tonic=2, mode="minor", metre=(7, 16), tempo=300)
    assert controls.traits(unknown) == Traits()  # never learned, so it is left open
    keys = {controls.traits(tokeniser.controls(tonic=2, draw=n)).key for n in range(3)}
    assert keys == {Key(2, "major")}
    assert tokeniser.decode(wished).tempos == ((0, 104.0),)
    assert tokeniser.decode(wished, tempo=77).tempos == ((0, 77.0),)


def test_a_model_goes_on_from_a_piece() -> None:
    tokeniser = made()
    music = pieces()[1]
    begun = tokeniser.beginning(Traits(key=Key(1, "major")), music)
    whole = tokeniser.encode(music)
    length = tokeniser.controls_of.length
    assert begun[length:].tolist() == whole[length:-1].tolist()  # all but the END
    assert tokeniser.beginning(Traits())[-1] == END
    assert tokeniser.bars_in(begun) == 11


# --------------------------------------------------------------------------------------- rows


@pytest.mark.parametrize("settings", KINDS, ids=NAMES)
def test_rows_are_windows_in_all_keys(settings: dict[str, object]) -> None:
    tokeniser = made(**settings)
    preparation = MusicPreparation.model_validate(settings)
    music = pieces()[0]
    rows = rows_of(music, tokeniser, preparation, size=96, learned=True)
    kept = rows_of(music, tokeniser, preparation, size=96)
    assert rows.dtype == kept.dtype == np.uint16
    assert rows.shape[1] == kept.shape[1] == 97
    assert max(tokeniser.errors(row) for row in rows) == 0
    assert rows.max() < tokeniser.vocabulary
    again = rows_of(music, tokeniser, preparation, size=96, learned=True)
    assert (rows == again).all()
    # held-out windows follow on each other: every note is in one, in some that a row was filled
    # up with a second time
    notes = sum(len(track.notes) for track in music.tracks)
    assert notes <= tokeniser.notes_in(kept) < 1.6 * notes
    pitches = {int(p) for row in rows for t in tokeniser.decode(row).tracks for p in t.notes[:, 2]}
    own = {int(p) for track in music.tracks for p in track.notes[:, 2]}
    assert min(pitches) == min(own) - 5
    assert max(pitches) == max(own) + 5
    length = tokeniser.controls_of.length
    assert all(tokeniser.controls_of.traits(row[:length]).key for row in kept)


def test_rows_begin_with_end_where_a_piece_does_and_end_with_it() -> None:
    tokeniser = made()
    rows = rows_of(pieces()[0], tokeniser, MusicPreparation(), size=96)
    length = tokeniser.controls_of.length
    assert rows[0, length] == END
    assert all(tokeniser.is_bar(int(row[length])) for row in rows[1:])
    last = rows[-1][rows[-1] != PAD]
    assert last[-1] == END
    assert all(END not in row[length:] for row in rows[1:-1])
    left = [tokeniser.controls_of.traits(row[:length]).bars for row in rows]
    assert left == sorted(left, reverse=True)  # type: ignore[type-var]
    part = rows_of(pieces()[0], tokeniser, MusicPreparation(), size=96, span=(0.5, 1.0))
    assert part[0, length] != END
    assert 0 < tokeniser.notes_in(part) < tokeniser.notes_in(rows)


def test_some_controls_are_left_open() -> None:
    tokeniser = made()
    rows = np.concatenate(
        [rows_of(each, tokeniser, MusicPreparation(), size=64, learned=True) for each in pieces()]
    )
    heads = rows[:, : tokeniser.controls_of.length]
    open_ = heads == np.array(tokeniser.controls_of.starts[:-1])
    assert open_.all(1).mean() == pytest.approx(UNASKED, abs=0.05)
    assert open_[:, 0].mean() == pytest.approx(UNASKED + (1 - UNASKED) * LEFT_OPEN, abs=0.08)


def test_copies_in_other_tempos_say_so() -> None:
    settings = MusicPreparation(tempo_spread=40, transpose=0)
    tokeniser = tokeniser_of({RESOURCE: learn([midi.write(each) for each in pieces()], settings)})
    rows = rows_of(pieces()[0], tokeniser, settings, size=96, learned=True)
    tempos = {tokeniser.controls_of.traits(row).tempo for row in rows} - {None}
    assert len(tempos) > 1
    assert all(60 < tempo < 150 for tempo in tempos if tempo)


def test_a_bar_longer_than_a_row_is_learned_in_parts() -> None:
    tokeniser = made()
    rows = rows_of(pieces()[-1], tokeniser, MusicPreparation(), size=24)
    assert max(tokeniser.errors(row) for row in rows) == 0
    assert tokeniser.notes_in(rows) >= 0.9 * sum(len(t.notes) for t in pieces()[-1].tracks)


def test_the_melody_alone_is_learned() -> None:
    tokeniser = made(tracks="melody")
    music = tokeniser.decode(tokeniser.encode(pieces()[0]))
    assert events_of(music)[0] == [(*row[:3], 100) for row in events_of(pieces()[0])[0]]
    assert len(music.tracks) == 1


def test_a_tokeniser_of_nothing_still_reads() -> None:
    empty = tokeniser_of({RESOURCE: learn([], MusicPreparation())})
    assert empty.errors(empty.encode(tune())) == 0
