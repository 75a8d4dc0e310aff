"""Tiny data of every kind that families learn from, for the test that all of them must pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import torch
from tiny_checkpoints import shared_checkpoint

from studio.core.family_info import FamilyInfo
from studio.core.media import Clip, Film, Image, Media, Modality, Music, Sound, Text, Track
from studio.core.options import FamilyRecipe
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.families.base import Family

LABELS = ("circle", "square", "star")
COUNT = 12
_SIZE = 24  # tokens in a row
_SENTENCE = "the small red hen ran up over a green hill and saw one old fox asleep by his door"


class Tiny(NamedTuple):
    """Data of one kind: what is said of it, items as networks see them, their media's class.

    `items` is what the modality's `to_tensor` makes; `rows` are prepared rows of two of the
    user's own files, and `whole` the same two at their own size.
    """

    spec: DataSpec
    items: torch.Tensor
    media: type[Media]
    rows: np.ndarray
    whole: list[Media]


def tiny(info: FamilyInfo) -> Tiny:
    """Return tiny data for a family."""
    if info.id == "pretrained_lm":
        return _texts("tokens", tokeniser="file", tokeniser_file=str(shared_checkpoint()))
    return _tiny(info.modality, info.form)


@cache
def _tiny(modality: Modality, form: str) -> Tiny:
    """Prepare the data of a kind once: nobody changes them."""
    return _KINDS[modality](form)


#: What makes networks small, where a family has such an option.
_SMALL = {
    "width": 16,
    "hidden": 32,
    "depth": 1,
    "heads": 2,
    "blocks": 1,
    "text_layers": 1,
    "layers": 4,
    "stacks": 1,
    "skip": 16,
    "vocabulary": 32,
    "writer_width": 32,
    "writer_depth": 1,
    "vocoder_width": 16,
    "vocoder_depth": 1,
}


def tiny_recipe(kind: type[Family[Any]], **changes: Any) -> FamilyRecipe:
    """Return the recipe of a small model that can learn from tiny data; as *Quick* otherwise."""
    known = kind.recipe_type.model_fields
    options = kind.presets[0].options | {k: v for k, v in _SMALL.items() if k in known}
    if kind.info.id == "pretrained_lm":
        options["checkpoint"] = str(shared_checkpoint())
    return kind.recipe_type(**options | changes)


def _pictures(_form: str) -> Tiny:
    shape = (1, 28, 28)
    items = torch.rand(COUNT, *shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    spec = DataSpec(
        modality=Modality.IMAGE,
        shape=shape,
        labels=LABELS,
        count=COUNT,
        statistics={"mean": 0.0, "std": 0.58},
        caption_length=8,
        caption_vocabulary=20,
    )
    rows = np.random.default_rng(0).integers(0, 256, (2, *shape), dtype=np.uint8)
    return Tiny(spec, items, Image, rows, [_whole_picture(side) for side in (33, 48)])


def _whole_picture(side: int) -> Media:
    """Return a picture of a size that no model was made for."""
    pixels = np.random.default_rng(side).integers(0, 256, (side, side + 7, 3), dtype=np.uint8)
    return Image(pixels)


def _texts(form: str, **preparation: Any) -> Tiny:
    def sentence(seed: int) -> str:
        words = np.random.default_rng(seed).choice(_SENTENCE.split(), 8)
        return " ".join(words) + ".\n"

    texts = [sentence(seed) for seed in range(COUNT)]
    if form == "pairs":
        texts = [f"{text[:16]}\x1e{text[16:26]}" for text in texts]
    return _prepared(Modality.TEXT, form, [text.encode() for text in texts], Text, **preparation)


def _tunes(form: str) -> Tiny:
    kind = modality_data(Modality.MUSIC)
    tunes = [tune(seed) for seed in range(COUNT)]
    from studio.data.music import midi

    assert kind.suffixes
    return _prepared(Modality.MUSIC, form, [midi.write(each) for each in tunes], Music, tunes[:2])


def tune(seed: int) -> Music:
    """Return four bars of a tune in C major with a chord to each bar."""
    generator = np.random.default_rng(seed)
    scale = np.array([60, 62, 64, 65, 67, 69, 71, 72])
    melody = [(240 * step, 240, int(generator.choice(scale)), 90) for step in range(32)]
    roots = generator.choice([48, 53, 55], 4)
    chords = [(1920 * bar, 1920, int(roots[bar]) + up, 70) for bar in range(4) for up in (0, 4, 7)]
    tracks = (np.array(melody, np.int32), np.array(chords, np.int32))
    return Music((Track(tracks[0], name="melody"), Track(tracks[1], name="chords")))


def _prepared(
    modality: Modality,
    form: str,
    stored: Sequence[bytes],
    media: type[Media],
    whole: Sequence[Media] = (),
    **settings: Any,
) -> Tiny:
    """Return what the modality itself makes of stored items."""
    kind = modality_data(modality)
    wanted: dict[str, Any] = {"size": _SIZE if form != "roll" else 0} | settings
    wanted = {name: value for name, value in wanted.items() if value is not None}
    if form:
        wanted["form"] = form
    size = 0 if modality is Modality.AUDIO else _SIZE
    preparation = kind.settle(kind.preparation.model_validate(wanted), size, [])
    resources = kind.learn(stored, preparation)
    made = [kind.prepare_item(each, preparation, resources)[:1] for each in stored]
    rows = np.concatenate(made)
    spec = DataSpec(
        modality=modality,
        shape=kind.seen_shape(preparation),
        labels=LABELS,
        count=len(rows),
        vocabulary=kind.vocabulary(resources),
        statistics=kind.statistics(rows, resources),
        resources=resources,
    )
    items = kind.to_tensor(torch.from_numpy(rows.copy()), preparation, augment=False)
    return Tiny(spec, items, media, rows[:2], list(whole))


def _sounds(_form: str) -> Tiny:
    """Return tones of 1,024 samples at 8 kHz, with captions as letters."""
    sounds = [tone(seed) for seed in range(COUNT)]
    kind = modality_data(Modality.AUDIO)
    with TemporaryDirectory() as folder:
        stored = []
        for sound in sounds:
            kind.save(sound, Path(folder) / "tone.wav", None)
            stored.append((Path(folder) / "tone.wav").read_bytes())
    made = _prepared(
        Modality.AUDIO, "", stored, Sound, sounds[:2], size=None, rate=8000, seconds=0.128
    )
    spec = made.spec.model_copy(update={"caption_length": 8, "caption_vocabulary": 20})
    return made._replace(spec=spec)


def tone(seed: int) -> Sound:
    """Return a tone of an eighth of a second that fades."""
    time = np.arange(1024) / 8000
    pitch = 220 * 2 ** (seed % 12 / 12)
    wave = 0.8 * np.sin(2 * np.pi * pitch * time) * np.exp(-6 * time)
    return Sound(wave.astype(np.float32)[:, None], 8000)


def _clips(_form: str) -> Tiny:
    """Return clips of 20 frames of 16 × 16 in which a bright square moves."""
    clips = [moving(seed) for seed in range(COUNT)]
    rows = np.stack([clip.frames for clip in clips])
    kind = modality_data(Modality.VIDEO)
    spec = DataSpec(
        modality=Modality.VIDEO,
        shape=(3, *rows.shape[1:4]),
        labels=LABELS,
        count=COUNT,
        resources={"fps": "12.0"},
        statistics=kind.statistics(rows, {"fps": "12.0"}),
    )
    items = kind.to_tensor(torch.from_numpy(rows.copy()), kind.preparation(), augment=False)
    return Tiny(spec, items, Clip, rows[:2], [film(side) for side in (26, 40)])


def moving(seed: int) -> Clip:
    """Return a clip in which a square moves over noise."""
    generator = np.random.default_rng(seed)
    frames = generator.integers(0, 40, (20, 16, 16, 3)).astype(np.uint8)
    x, y = generator.integers(0, 11, 2)
    for number, frame in enumerate(frames):
        left = (x + number) % 12
        frame[y : y + 4, left : left + 4] = (250, 60 + 10 * (seed % 12), 30)
    return Clip(frames, 12.0)


def film(side: int) -> Film:
    """Return a film of a size that no model was made for."""
    frames = np.random.default_rng(side).integers(0, 256, (24, side, side + 6, 3), dtype=np.uint8)
    return Film(lambda: iter(frames), side + 6, side, 12.0, len(frames))


_KINDS: dict[Modality, Callable[[str], Tiny]] = {
    Modality.IMAGE: _pictures,
    Modality.TEXT: _texts,
    Modality.MUSIC: _tunes,
    Modality.AUDIO: _sounds,
    Modality.VIDEO: _clips,
}
