"""Recordings as rows: rates, lengths, loudness, silence, augmentation, captions as letters."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch
import torchaudio
from made import items
from made_sounds import encoded, item, melody, noise, tone, write

from studio.core.errors import StudioError
from studio.core.media import Modality, Sound
from studio.core.project import Project
from studio.core.recipe import DataSpec
from studio.core.work import Work
from studio.data.abandoning import Abandoned, abandoned_by
from studio.data.audio.preparation import MULTIPLE, AudioPreparation
from studio.data.audio.resampling import ratio, resampled
from studio.data.audio.rows import bent, rows_of
from studio.data.captions import RESOURCE, CaptionTokenizer, learn
from studio.data.importer import import_paths
from studio.data.modality import Rejected, modality_data
from studio.data.store import prepare

DATA = modality_data(Modality.AUDIO)


def settled(**settings: Any) -> AudioPreparation:
    """Return a preparation at 8 kHz with rows of 4,096 samples."""
    return AudioPreparation.model_validate({"rate": 8000, "seconds": 0.512} | settings)


def rows(samples: np.ndarray, rate: int = 8000, **settings: Any) -> np.ndarray:
    """Return a recording as rows in -1 … 1."""
    raw = encoded(samples, rate, "WAV", "FLOAT")
    return rows_of(raw, settled(**settings)).astype(np.float32) / 32767


def test_short_recordings_are_filled_up_with_nothing() -> None:
    (row,) = rows(melody(1, 0.3))
    assert row.shape == (1, 4096)
    assert not row[0, 2400:].any()
    assert np.abs(row).max() == pytest.approx(0.95, abs=1e-3)


def test_long_recordings_become_several_rows() -> None:
    sound = tone(2.0)
    made = rows(sound, loudness="off", trim=False)
    assert len(made) == 4 and np.abs(made[0, 0] - sound[:4096]).max() < 1e-4
    assert np.abs(made[3, 0] - sound[-4096:]).max() < 1e-4, "the last one ends where it ends"
    assert len(rows(sound, loudness="off", trim=False, overlap=50)) == 7
    assert len(rows(sound, whole=True)) == 1


def test_sides_are_mixed_or_kept() -> None:
    both = np.stack([melody(1), 0.5 * melody(2)], 1)
    mono = rows(both, loudness="off", trim=False)
    assert np.abs(mono[0, 0] - both.mean(1)[:4096]).max() < 1e-3
    stereo = rows(both, loudness="off", trim=False, channels="stereo")
    assert stereo.shape[1] == 2
    assert np.abs(stereo[0].T - both[:4096]).max() < 1e-3
    twice = rows(both[:, 0], channels="stereo")
    np.testing.assert_array_equal(twice[:, 0], twice[:, 1])


def test_loudness() -> None:
    soft = 0.1 * melody(1)
    assert np.abs(rows(soft)).max() == pytest.approx(0.95, abs=1e-3)
    assert np.abs(rows(soft, loudness="off")).max() == pytest.approx(0.07, abs=1e-3)
    level = [
        np.sqrt(np.square(rows(tone(1, level=each), loudness="rms", trim=False)[0]).mean())
        for each in (0.02, 0.2, 0.9)
    ]
    assert level == pytest.approx([0.1] * 3, rel=0.02)
    peaky = 0.01 * noise(1, 1.0)
    peaky[100] = 0.9
    bounded = rows(peaky, loudness="rms", trim=False)
    assert np.abs(bounded).max() <= 1, "what would go beyond is bent"


def test_bending_keeps_what_is_below_the_knee() -> None:
    ramp = np.linspace(-3, 3, 601, dtype=np.float32)
    found = bent(ramp)
    assert np.abs(found).max() <= 1 and (np.diff(found) >= 0).all()
    low = np.abs(ramp) < 0.8
    np.testing.assert_array_equal(found[low], ramp[low])
    np.testing.assert_array_equal(bent(ramp[200:401]), ramp[200:401])


def test_an_offset_makes_no_step() -> None:
    (row,) = rows(0.3 * melody(1, 0.3) + np.float32(0.3), loudness="off", trim=False)
    assert abs(row[0, :2400].mean()) < 1e-3


@pytest.mark.parametrize(("rate", "wanted"), [(44_100, 16_000), (8000, 22_050), (48_000, 8000)])
def test_resampling_in_blocks_is_resampling_the_whole(rate: int, wanted: int) -> None:
    sound = np.stack([noise(1, 9, rate), melody(2, 9, rate)], 1)
    parts = np.array_split(sound, 50)
    found = np.concatenate(list(resampled(iter(parts), rate, wanted)))
    theirs = torchaudio.functional.resample(torch.from_numpy(sound.T.copy()), rate, wanted)
    assert found.shape == tuple(theirs.T.shape)
    np.testing.assert_allclose(found, theirs.T.numpy(), atol=1e-5)


def test_odd_rates_need_no_filters_without_end() -> None:
    for rate, wanted in ((44_101, 16_000), (11_111, 48_000), (383_999, 1000), (1001, 48_000)):
        near = ratio(rate, wanted)
        assert max(near.numerator, near.denominator) <= 100_000
        assert float(near) == pytest.approx(wanted / rate, rel=1e-3)
    sound = tone(1, 11_111, pitch=500)
    found = np.concatenate(list(resampled([sound[:, None]], 11_111, 8000)))[:, 0]
    spectrum = np.abs(np.fft.rfft(found[:8000]))
    assert abs(int(spectrum.argmax()) - 500) <= 1


def test_rate_and_length_are_decided_by_the_recordings() -> None:
    found = DATA.settle(AudioPreparation(), 0, [item(400, 8000)] * 95 + [item(3000, 8000)] * 5)
    assert isinstance(found, AudioPreparation)
    assert found.rate == 8000 and found.seconds == pytest.approx(0.512)
    long = DATA.settle(AudioPreparation(), 0, [item(60_000, 44_100)] * 3)
    assert isinstance(long, AudioPreparation)
    assert long.rate == 16_000 and 2 <= long.seconds < 2.1
    asked = DATA.settle(AudioPreparation(), 16_384, [item(60_000, 44_100)])
    assert DATA.item_shape(asked) == (1, 16_384)
    for seconds in (0.01, 0.3, 1.0, 3.7, 59.9):
        for rate in (0, 3, 1000, 7350, 8000, 44_100, 48_000):
            one = DATA.settle(AudioPreparation(rate=rate, seconds=seconds), 0, [item(900, 22_050)])
            length = DATA.item_shape(one)[1]
            assert length % MULTIPLE == 0 and length >= seconds * 1000
            assert DATA.settle(one, 0, []) == one


def test_augmentation_is_not_compiled_and_repeats_with_the_seed() -> None:
    plain, varied = settled(), settled(gain=6, shift=50)
    assert DATA.compiled(plain) == DATA.compiled(varied)
    assert DATA.compiled(plain) != DATA.compiled(settled(overlap=50))
    stored = torch.from_numpy(np.stack([rows_of(encoded(tone(0.512)), plain)[0]] * 16))
    still = DATA.to_tensor(stored, varied, augment=False)
    torch.manual_seed(1)
    first = DATA.to_tensor(stored, varied, augment=True)
    torch.manual_seed(1)
    again = DATA.to_tensor(stored, varied, augment=True)
    other = DATA.to_tensor(stored, varied, augment=True)
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(still, DATA.to_tensor(stored, plain, augment=True))
    assert first.shape == still.shape and first.abs().max() <= 1
    louder = settled(gain=6)
    torch.manual_seed(1)
    levels = 20 * torch.log10(DATA.to_tensor(stored // 4, louder, augment=True).abs().amax((1, 2)))
    assert 3 < levels.max() - levels.min() <= 12
    moved = DATA.to_tensor(stored, settled(shift=100), augment=True)
    assert torch.allclose(moved.sort(2).values, still.sort(2).values), "only moved"
    assert not torch.equal(moved[0], moved[1])


def test_a_dataset_becomes_rows_and_letters(opened: Project, tmp_path: Path) -> None:
    texts = ["Hello, World!", "It's  a\tdog.", "Über allen Gipfeln", "Yes?"] * 6
    for number, text in enumerate(texts):
        write(tmp_path / "a" / f"{number}.wav", melody(number, 0.4 + 0.02 * number))
        (tmp_path / "a" / f"{number}.txt").write_text(text, encoding="utf-8")
    result = import_paths(opened, "A", [tmp_path / "a"], Work())
    prepared = prepare(opened, result.dataset_id, {"whole": True}, Work())
    assert prepared.items.dtype == np.int16 and len(prepared.items) == len(texts)
    assert prepared.spec.shape == (1, prepared.items.shape[2])
    assert prepared.spec.resources["rate"] == "8000" and prepared.spec.statistics["rate"] == 8000
    tokenizer = CaptionTokenizer(prepared.spec.resources[RESOURCE], prepared.spec.caption_length)
    assert prepared.captions is not None
    captions = {item.id: item.caption for item in items(opened, result.dataset_id)}
    for number, row in zip(prepared.ids, prepared.captions, strict=True):
        wanted = " ".join(captions[int(number)].lower().split())
        assert tokenizer.text(row) == wanted and int((row > 0).sum()) == len(wanted)


def test_few_long_recordings_are_divided(opened: Project, tmp_path: Path) -> None:
    write(tmp_path / "a" / "long.flac", np.tile(melody(1, 10), 3))
    result = import_paths(opened, "A", [tmp_path / "a"], Work())
    prepared = prepare(opened, result.dataset_id, {"seconds": 0.512}, Work())
    assert 50 <= len(prepared.train) <= 56 and 4 <= len(prepared.validation) <= 7


def test_letters_that_no_caption_holds_are_one_token() -> None:
    learned, length = learn(["abc", "a.b, c"], spelled=True)
    tokenizer = CaptionTokenizer(learned, length)
    assert (length, tokenizer.vocabulary) == (8, 2 + len("abc., "))
    (row,) = tokenizer.rows(["a#C\n b"]).tolist()
    assert row[1] == 1 and row[2] == tokenizer.rows(["c"])[0, 0]
    assert tokenizer.rows([""]).tolist() == [[0] * 8]
    _learned, longest = learn(["x" * 1000], spelled=True)
    assert longest == 256


def test_files_of_the_user(tmp_path: Path) -> None:
    spec = DataSpec(modality=Modality.AUDIO, shape=(1, 4096), count=1, resources={"rate": "8000"})
    path = write(tmp_path / "a.ogg", melody(1, 3, 44_100), 44_100)
    row = DATA.from_file(path, spec, AudioPreparation())
    assert row.shape == (1, 4096) and row.dtype == np.int16 and np.abs(row).max() > 10_000
    whole = DATA.whole(path)
    assert isinstance(whole, Sound) and whole.rate == 44_100
    assert len(whole.samples) == pytest.approx(3 * 44_100, rel=0.01)
    (tmp_path / "b.wav").write_bytes(b"no sound")
    for read in (DATA.whole, lambda each: DATA.from_file(each, spec, AudioPreparation())):
        with pytest.raises(Rejected):
            read(tmp_path / "b.wav")
        with pytest.raises(Rejected):
            read(tmp_path / "nothing.wav")


def test_what_models_make_becomes_sound() -> None:
    spec = DataSpec(modality=Modality.AUDIO, shape=(1, 4), count=1, resources={"rate": "8000"})
    made = torch.tensor([[[0.5, 3.0, float("nan"), -3.0, 0.1]]])
    (sound,) = DATA.to_media(made, [{"seed": 1}], spec)
    assert isinstance(sound, Sound) and sound.rate == 8000 and sound.facts == {"seed": 1}
    np.testing.assert_allclose(sound.samples[:, 0], [0.5, 1, 0, -1, 0.1])


def test_stopping_does_not_wait_for_a_long_recording(tmp_path: Path) -> None:
    raw = encoded(melody(1))
    stopped = Event()
    with abandoned_by(stopped):
        assert len(rows_of(raw, settled()))
        stopped.set()
        with pytest.raises(Abandoned):
            rows_of(raw, settled())
        with pytest.raises(Abandoned):
            DATA.probe(raw, "a")


def test_silence_alone_is_nothing_to_learn_from(
    opened: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a" / "one.wav", melody(1, 1.0))
    result = import_paths(opened, "A", [tmp_path / "a"], Work())
    nothing = np.zeros((0, 1, 4096), np.int16)
    monkeypatch.setattr("studio.data.audio.rows.rows_of", lambda *_args, **_options: nothing)
    with pytest.raises(StudioError, match="Nothing is heard") as found:
        prepare(opened, result.dataset_id, {"seconds": 0.512}, Work())
    assert "Trim silence" in found.value.hint
