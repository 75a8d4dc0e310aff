"""Speech from text: letters, alignment, and that a small model learns to speak two words."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Modality, Sound
from studio.core.recipe import DataSpec
from studio.data.captions import RESOURCE, CaptionTokenizer, learn
from studio.families.audio.tts import Speech
from studio.families.audio.tts_alignment import durations_of, likelihood, sharpness, spread
from studio.families.audio.tts_recipe import SpeechRecipe, SpeechSettings
from studio.families.audio.tts_text import Speller, parts_of
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute

RATE = 8000
LENGTH = 3072
#: What each letter sounds like, in Hz.
NOTES = {"a": 500.0, "b": 1500.0}
TEXTS = ("a", "b", "ab", "ba")


def _spec(**changes: Any) -> DataSpec:
    learned, length = learn(TEXTS, spelled=True)
    spec = DataSpec(
        modality=Modality.AUDIO,
        shape=(1, LENGTH),
        count=64,
        statistics={"peak": 0.9, "rate": float(RATE)},
        resources={"rate": str(RATE), RESOURCE: learned},
        caption_length=length,
        caption_vocabulary=CaptionTokenizer(learned, length).vocabulary,
    )
    return spec.model_copy(update=changes)


def _spoken(text: str, draw: np.random.Generator) -> np.ndarray:
    """Return letters as tones one after the other, with silence after the last."""
    parts = []
    for letter in text:
        time = np.arange(int(draw.uniform(900, 1300))) / RATE
        parts.append(0.8 * np.sin(2 * math.pi * NOTES[letter] * time + draw.uniform(0, 6)))
    wave = np.concatenate(parts)[:LENGTH]
    return np.pad(wave, (0, LENGTH - len(wave)))


def _batch(count: int, seed: int = 0) -> Batch:
    draw = np.random.default_rng(seed)
    texts = [TEXTS[number % len(TEXTS)] for number in range(count)]
    rows = np.stack([_spoken(text, draw) for text in texts])[:, None]
    spec = _spec()
    letters = CaptionTokenizer(spec.resources[RESOURCE], spec.caption_length).rows(texts)
    return Batch(torch.tensor(rows, dtype=torch.float32), captions=torch.from_numpy(letters))


def _family(spec: DataSpec | None = None, **changes: Any) -> Speech:
    small: dict[str, Any] = {
        "steps": 120, "batch_size": 16, "width": 32, "depth": 2, "manner": 2,
        "vocoder_width": 32, "vocoder_depth": 2, "learning_rate": 4e-3,
    }  # fmt: skip
    family = Speech(SpeechRecipe(**(small | changes)), Compute())
    torch.manual_seed(0)
    family.setup(spec or _spec())
    return family


@pytest.fixture(scope="module")
def trained() -> Speech:
    family = _family()
    data = _batch(32)
    assert data.captions is not None
    for step in range(family.recipe.steps):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(32, (16,))
        family.train_step(Batch(data.items[chosen], captions=data.captions[chosen]))
    return family


def _say(family: Speech, texts: list[str], **request: Any) -> list[Sound]:
    asked = SampleRequest(seeds=range(len(texts)), captions=family.worded(texts), **request)
    made = list(family.sample(asked, lambda _done, _total: None))
    return [each for each in made if isinstance(each, Sound)]


def _pitch(wave: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 8192)) ** 2
    return float(np.fft.rfftfreq(8192, 1 / RATE)[power.argmax()])


# ----------------------------------------------------------------------------------- alignment


def _best_by_trying(value: Tensor) -> list[int]:
    """Return the durations with the largest sum of values, found by trying them all."""
    letters, frames = value.shape
    best, found = -math.inf, [0]
    for cuts in itertools.combinations(range(1, frames), letters - 1):
        edges = [0, *cuts, frames]
        total = sum(float(value[i, edges[i] : edges[i + 1]].sum()) for i in range(letters))
        if total > best:
            best, found = total, [edges[i + 1] - edges[i] for i in range(letters)]
    return found


def test_the_search_finds_the_best_way() -> None:
    value = torch.randn(6, 4, 9, generator=torch.Generator().manual_seed(0))
    letters, frames = torch.tensor([4, 4, 3, 2, 1, 0]), torch.tensor([9, 7, 9, 5, 9, 9])
    counts = durations_of(value, letters, frames)
    for row in range(5):
        count, end = int(letters[row]), int(frames[row])
        assert counts[row, :count].tolist() == _best_by_trying(value[row, :count, :end])
        assert counts[row].sum() == end
    assert counts[5].sum() == 0


def test_letters_that_look_like_the_sound_are_found() -> None:
    mean = torch.eye(3)[None]  # (1, mels, letters)
    mel = mean[:, :, [0, 0, 1, 1, 1, 2]]
    value = likelihood(mel, mean)
    assert durations_of(value, torch.tensor([3]), torch.tensor([6])).tolist() == [[2, 3, 1]]
    apart = likelihood(20 * mel, 20 * mean)
    ends = torch.tensor([3]), torch.tensor([6])
    assert float(sharpness(apart, *ends)) > 0.99 > 0.7 > float(sharpness(value, *ends))


def test_letters_are_spread_over_their_time() -> None:
    letters = torch.tensor([[[1.0, 2.0, 3.0]]])
    columns, place = spread(letters, torch.tensor([[2.0, 0.0, 3.0]]), 7)
    assert columns.tolist() == [[[1, 1, 3, 3, 3, 0, 0]]]
    torch.testing.assert_close(place[0, 0], torch.tensor([0.25, 0.75, 1 / 6, 0.5, 5 / 6, 0, 0]))


# --------------------------------------------------------------------------------------- texts


def test_texts_are_letters_and_their_end() -> None:
    speller = Speller(_spec())
    rows = torch.from_numpy(speller.rows_of(["ab", "b"]))
    letters, count = speller(rows, 4)
    assert count.tolist() == [3, 2]
    assert [int(row[n - 1]) for row, n in zip(letters, count, strict=True)] == [speller.end] * 2
    assert speller(rows, 2)[1].tolist() == [0, 2], "a text that is too long counts as none"
    assert speller.text_of(rows[0].tolist()) == "ab"
    assert speller.strangers("Abc dä") == "c dä"


def test_names_of_labels_are_texts() -> None:
    labels = ("seven", "3")
    spec = _spec(labels=labels, caption_length=0, caption_vocabulary=0, resources={"rate": "8000"})
    speller = Speller(spec)
    assert speller.by_label
    assert [speller.text_of(row.tolist()) for row in speller.names] == ["seven", "3", ""]
    assert speller.text_of(speller.rows_of(["3 seven"])[0].tolist()) == "3seven", "no space known"


def test_long_texts_are_cut_where_one_breathes() -> None:
    text = "one two, three four. five"
    assert parts_of(text, 100) == [text]
    assert parts_of(text, 20) == ["one two, three four.", "five"]
    assert parts_of(text, 11) == ["one two,", "three four.", "five"]
    assert parts_of("abcdefgh", 3) == ["abc", "def", "gh"]
    assert parts_of("  ", 3) == []


# ------------------------------------------------------------------------------------- learning


def test_it_says_what_is_written(trained: Speech) -> None:
    sounds = _say(trained, ["a", "b", "ab", "ba"], variety=0.0)
    for text, sound in zip(("a", "b", "ab", "ba"), sounds, strict=True):
        parts = np.array_split(sound.samples[:, 0], len(text))
        heard = [_pitch(part[len(part) // 4 : -len(part) // 4]) for part in parts]
        assert heard == pytest.approx([NOTES[letter] for letter in text], rel=0.12), text
        assert sound.facts["caption"] == text
    lengths = [len(sound.samples) for sound in sounds]
    assert min(lengths[2:]) > 1.3 * max(lengths[:2])
    assert 0.6 * 1100 < np.mean(lengths[:2]) < 1.6 * 1100


def test_speed_stretches(trained: Speech) -> None:
    slow, fast = (
        len(_say(trained, ["ab"], settings=SpeechSettings(speed=speed))[0].samples)
        for speed in (0.5, 2.0)
    )
    assert slow > 2.5 * fast


def test_a_longer_text_is_spoken_in_parts(trained: Speech) -> None:
    one, many = _say(trained, ["ab", "ab" * 12])
    assert len(many.samples) > 4 * len(one.samples)


def test_letters_that_were_never_heard_are_said(trained: Speech) -> None:
    sound = _say(trained, ["aXb"])[0]
    assert sound.facts["letters_left_out"] == 1
    with pytest.raises(StudioError) as error:
        _say(trained, ["xyz"])
    assert "x y z" in error.value.message


def test_without_words_it_says_what_it_has_read(trained: Speech) -> None:
    made = list(trained.sample(SampleRequest(seeds=range(40)), lambda _d, _t: None))
    assert {each.facts["caption"] for each in made} == set(TEXTS)


def test_held_out_measures_get_better(trained: Speech) -> None:
    new = _batch(8, seed=7)
    before, after = _family().validate(new), trained.validate(new)
    assert after["val_mel_error"] < 0.5 * before["val_mel_error"]
    assert after["val_length_error"] < 0.5 * before["val_length_error"]
    assert after["val_alignment"] > before["val_alignment"]


def test_data_without_words_is_refused() -> None:
    bare = _spec(caption_length=0, caption_vocabulary=0, resources={"rate": "8000"})
    with pytest.raises(StudioError, match="no captions"):
        _family(bare)


def test_labels_are_voices_where_there_are_captions() -> None:
    family = _family(_spec(labels=("low", "high")))
    assert family.labelled
    assert family.prompted
    assert family.reader.speakers is not None
    assert _family(_spec(labels=("low", "high")), speakers=False).reader.speakers is None
    assert family.recipe.prepares() == {"channels": "mono", "whole": True}
