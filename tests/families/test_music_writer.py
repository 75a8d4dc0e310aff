"""Models that write music: relative attention, wishes, bars, pieces that go on, variations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tiny_data import COUNT, tune

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality, Music, Track
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.data.music import midi
from studio.data.music.tokens import END, tokeniser_of
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.music.music_own import _spread
from studio.families.music.music_rnn import MusicRNN
from studio.families.music.music_sampling import AnyGroup, KeyName, MusicSampling
from studio.families.music.music_transformer import MusicTransformer
from studio.families.music.music_transformer_networks import RelativeTransformer, skewed
from studio.families.music.music_transformer_recipe import MusicTransformerRecipe
from studio.families.music.music_writer import MusicWriter
from studio.families.music.pieces import continued, first_bars
from studio.families.writing_settings import RecurrentRecipe

SIZE = 96  # tokens in a row: two bars and some notes


def _data(tokens: str = "remi") -> tuple[DataSpec, torch.Tensor]:
    kind = modality_data(Modality.MUSIC)
    wanted = {"size": SIZE, "tokens": tokens, "transpose": 1}
    preparation = kind.settle(kind.preparation.model_validate(wanted), 0, [])
    stored = [midi.write(tune(seed)) for seed in range(COUNT)]
    resources = kind.learn(stored, preparation)
    rows = np.concatenate([kind.prepare_item(each, preparation, resources) for each in stored])
    spec = DataSpec(
        modality=Modality.MUSIC,
        shape=kind.seen_shape(preparation),
        count=len(rows),
        vocabulary=kind.vocabulary(resources),
        statistics=kind.statistics(rows, resources),
        resources=resources,
    )
    return spec, kind.to_tensor(torch.from_numpy(rows), preparation, augment=False)


def _transformer(tokens: str = "remi", **options: Any) -> tuple[MusicTransformer, torch.Tensor]:
    small = {"steps": 40, "batch_size": 12, "width": 32, "depth": 1, "heads": 2} | options
    family = MusicTransformer(MusicTransformerRecipe(**small), Compute())
    spec, rows = _data(tokens)
    torch.manual_seed(0)
    family.setup(spec)
    return family, rows


def _write(family: MusicWriter[Any], seeds: list[int], **settings: Any) -> list[Music]:
    request = SampleRequest(seeds=seeds, settings=MusicSampling(**settings))
    return [
        each
        for each in family.sample(request, lambda _done, _total: None)
        if isinstance(each, Music)
    ]


@pytest.fixture(scope="module")
def learned() -> MusicTransformer:
    """A model that has seen the tunes a few times."""
    family, rows = _transformer()
    for step in range(40):
        family.step = step
        torch.manual_seed(step)
        family.train_step(Batch(rows[torch.randint(len(rows), (12,))]))
    family.writer.eval()
    return family


# --------------------------------------------------------------------------------- networks


@pytest.mark.parametrize(("length", "keys"), [(5, 5), (2, 5), (1, 4)])
def test_skewing_moves_distances_to_keys(length: int, keys: int) -> None:
    torch.manual_seed(0)
    relative = torch.randn(2, 3, length, keys)
    moved = skewed(relative)
    for row in range(length):
        for key in range(keys):
            distance = keys - length + row - key
            if distance < 0:
                assert bool((moved[:, :, row, key] == -torch.inf).all())
            else:
                assert torch.equal(moved[:, :, row, key], relative[:, :, row, keys - 1 - distance])


def test_relative_attention_writes_with_a_cache_what_it_reads_at_once() -> None:
    torch.manual_seed(0)
    network = RelativeTransformer(20, 32, 2, 4, 16).eval()
    rows = torch.randint(0, 20, (2, 12))
    with torch.no_grad():
        whole = network(rows)
        cache = network.empty_cache(2)
        parts = [network(rows[:, a:b], cache) for a, b in ((0, 5), (5, 8), (8, 9), (9, 12))]
    torch.testing.assert_close(torch.cat(parts, 1), whole, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("positions", ["rotary", "relative"])
def test_both_kinds_of_distances_learn(positions: str) -> None:
    family, rows = _transformer(positions=positions)
    costs = []
    for step in range(30):
        family.step = step
        torch.manual_seed(step)
        costs.append(family.train_step(Batch(rows[:24]))["nats"].item())
    assert costs[-1] < 0.75 * costs[0]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_cell_learns_and_writes(cell: str) -> None:
    spec, rows = _data()
    family = MusicRNN(
        RecurrentRecipe(steps=20, batch_size=12, width=32, depth=1, cell=cell), Compute()
    )
    torch.manual_seed(0)
    family.setup(spec)
    costs = []
    for step in range(20):
        family.step = step
        torch.manual_seed(step)
        costs.append(family.train_step(Batch(rows[:24]))["nats"].item())
    assert costs[-1] < 0.9 * costs[0]
    assert len(_write(family, [1, 2], bars=2)) == 2


def test_heads_that_do_not_fit_say_what_to_do() -> None:
    with pytest.raises(StudioError) as caught:
        _transformer(width=48, heads=5)
    assert "multiple of 10" in caught.value.hint


# --------------------------------------------------------------------------------- learning


def test_controls_and_padding_are_not_foreseen() -> None:
    """The cost is the mean over music alone, checked on chances that are known."""
    family, rows = _transformer()
    batch = rows[:3].clone()
    batch[0, 60:] = 0

    def certain(tokens: torch.Tensor) -> torch.Tensor:
        # sure of what is right where it is music, and sure of the wrong thing elsewhere
        following = batch[:, 1:]
        right = family.tables.counted[following]
        wanted = torch.where(right, following, (following + 1) % family.spec.vocabulary)
        return 50 * torch.nn.functional.one_hot(wanted, family.spec.vocabulary).float()

    family.writer = certain  # type: ignore[assignment]
    assert family.cost(batch[:, :-1], batch[:, 1:]).item() < 1e-6


def test_nats_per_note_are_those_of_all_tokens_shared_out() -> None:
    family, rows = _transformer()
    measured = family.validate(Batch(rows[:8]))
    following = rows[:8, 1:]
    tokens = int(family.tables.counted[following].sum())
    notes = family.tokeniser.notes_in(following)
    expected = measured["val_nats_per_token"].item() * tokens / notes
    assert measured["val_nats_per_note"].item() == pytest.approx(expected, rel=1e-5)


# --------------------------------------------------------------------------------- writing


def test_pieces_have_no_more_bars_than_wished(learned: MusicTransformer) -> None:
    tokeniser = learned.tokeniser
    for bars in (1, 3, 9):  # nine are more than the context holds
        request = SampleRequest(seeds=[5, 6, 7], settings=MusicSampling(bars=bars))
        rows = learned.rows(
            request, learned.beginning(request, 0), request.seeds, bars, lambda _done, _of: None
        )
        for row in rows:
            assert tokeniser.bars_in(row) <= bars + 1
            assert row[-1] == END or tokeniser.bars_in(row) == bars + 1 or len(row) >= 64


def test_a_seed_makes_the_same_piece_alone_and_among_others(learned: MusicTransformer) -> None:
    alone, among = _write(learned, [7], bars=5), _write(learned, [3, 7], bars=5)
    assert [t.notes.tolist() for t in alone[0].tracks] == [
        t.notes.tolist() for t in among[1].tracks
    ]


@pytest.mark.parametrize("tokens", ["remi", "tsd", "midi_like"])
def test_only_what_makes_sense_leaves_no_slips(tokens: str) -> None:
    """An untrained model writes rubbish; held to what may follow, it breaks no rule."""
    family, _rows = _transformer(tokens)
    free = _write(family, [1, 2], bars=2, valid_only=False, temperature=1.0)
    held = _write(family, [1, 2], bars=2, valid_only=True, temperature=1.0)
    assert all(each.facts["token_errors"] > 0.05 for each in free)
    assert all(each.facts["token_errors"] == 0.0 for each in held)


def test_wishes_stand_at_the_head_of_a_row(learned: MusicTransformer) -> None:
    settings = MusicSampling(key="C", mode="major", tempo=120, metre="4/4", density="2", bars=4)
    begin = learned.beginning(SampleRequest(seeds=[1], settings=settings), 0)
    traits = learned.tokeniser.controls_of.traits(begin)
    assert traits.key is not None
    assert (traits.key.tonic, traits.key.mode) == (0, "major")
    assert (traits.metre, traits.density, traits.bars) == ((4, 4), 2, 4)
    assert begin[-1] == END
    # while measuring, nobody wishes anything and nothing is held back
    measured = learned.settings(SampleRequest(seeds=[1]))
    assert not measured.valid_only
    assert measured.temperature == 1.0
    assert measured.top_p == 1.0


def test_saying_that_a_piece_begins_does_not_end_it(learned: MusicTransformer) -> None:
    bar = int(learned.tables.bars.nonzero()[0])
    rows = torch.tensor([[END, bar, END], [bar, bar, bar]])
    fresh = learned.tables.ended(2, fresh=True)
    ended = torch.stack([fresh(rows[:, place]) for place in range(3)], dim=1)
    assert ended.tolist() == [[False, False, True], [False, False, True]]
    begun = learned.tables.ended(2)
    assert begun(rows[:, 0]).tolist() == [True, False]


def test_words_of_the_form_are_those_of_the_data() -> None:
    from typing import get_args

    from studio.data.music.measures import NAMES
    from studio.data.music.voices import GROUPS

    assert get_args(KeyName) == ("any", *NAMES)
    assert get_args(AnyGroup) == ("any", *GROUPS)
    assert MusicSampling(instrument_1="Bass", instrument_3="Drums").instruments == (4, 16)


# ------------------------------------------------------------------------------ own pieces


def _continue(family: MusicWriter[Any], given: Music, bars: int) -> Music:
    request = SampleRequest(
        task=Task.CONTINUE, seeds=[3], media=[given], settings=MusicSampling(bars=bars)
    )
    (made,) = family.sample(request, lambda _done, _total: None)
    assert isinstance(made, Music)
    return made


def test_going_on_keeps_the_piece_and_says_where_it_ends(learned: MusicTransformer) -> None:
    given = tune(40)
    made = _continue(learned, given, 3)
    start = made.facts["new_from_tick"]
    assert start == 4 * 4 * given.ticks  # behind its four bars
    assert made.facts["new_from"] == pytest.approx(8.0)  # seconds at 120 quarter notes a minute
    for ours, theirs in zip(given.tracks, made.tracks, strict=False):
        assert theirs.notes[: len(ours.notes)].tolist() == ours.notes.tolist()
        assert theirs.name == ours.name
        assert (theirs.notes[len(ours.notes) :, 0] >= start).all()
    ends = [int((t.notes[:, 0] + t.notes[:, 1]).max()) for t in made.tracks if len(t.notes)]
    assert max(ends) <= start + 3 * 4 * given.ticks
    assert sum(len(t.notes) for t in made.tracks) > sum(len(t.notes) for t in given.tracks)


def test_going_on_in_other_ticks() -> None:
    """What is written comes in the model's ticks and is brought to those of the piece."""
    given = Music((Track(np.array([[0, 960, 60, 90]], np.int32)),), ticks=960)
    rows = np.array([[0, 8, 60, 90], [32, 8, 62, 90], [36, 4, 64, 90]], np.int32)
    written = Music((Track(rows),), ticks=8)
    whole, begin = continued(given, written, kept=1)
    assert begin == 4 * 960
    assert whole.tracks[0].notes[1:, :3].tolist() == [[3840, 960, 62], [4320, 480, 64]]


def test_nothing_to_go_on_with(learned: MusicTransformer) -> None:
    with pytest.raises(StudioError) as caught:
        _continue(learned, Music(()), 2)
    assert "nothing" in caught.value.title


def test_variations_keep_the_other_bars(learned: MusicTransformer) -> None:
    kind = modality_data(Modality.MUSIC)
    row = kind.prepare_item(
        midi.write(tune(50)), kind.preparation(size=SIZE), learned.spec.resources
    )
    request = SampleRequest(
        task=Task.VARY, seeds=[1], inputs=row[:1], settings=MusicSampling(), variety=1.0
    )
    (made,) = learned.sample(request, lambda _done, _total: None)
    assert isinstance(made, Music)
    assert made.facts["rewritten"][0] == 2
    same = tokeniser_of(learned.spec.resources).decode(row[0])

    def first(music: Music) -> list[list[list[int]]]:
        return [t.notes.tolist() for t in first_bars(music, 1).tracks]

    assert first(made) == first(same)


def test_bars_to_rewrite_are_evenly_spread() -> None:
    assert _spread(8, 0.5) == [1, 3, 5, 7]
    assert _spread(4, 0.0) == []
    assert _spread(4, 1.0) == [0, 1, 2, 3]
    assert _spread(8, 0.25) == [3, 7]


def test_times_without_bars_cannot_be_varied() -> None:
    family, rows = _transformer("tsd")
    request = SampleRequest(task=Task.VARY, seeds=[1], inputs=rows[:1].numpy().astype(np.uint16))
    with pytest.raises(StudioError) as caught:
        list(family.sample(request, lambda _done, _total: None))
    assert "Bars and places" in caught.value.hint
