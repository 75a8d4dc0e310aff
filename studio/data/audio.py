"""Recordings: how sound files are read, brought to what a model hears, written and shown."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.core.files import replacing
from studio.core.items import Item
from studio.core.media import Media, Modality, Sound
from studio.core.options import Preparation
from studio.core.recipe import DataSpec
from studio.data.audio_preparation import MULTIPLE, AudioPreparation
from studio.data.entries import read_file, unreadable
from studio.data.modality import ModalityData, Probed, Rejected

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch

#: Resource of prepared recordings: their samples per second.
RATE = "rate"

_LONGEST_AUTO = 2.0  # seconds that a row has at most where nobody minds
_MOST_AUTO = 16_000  # samples a second at most where nobody minds


class AudioData(ModalityData):
    """Everything about recordings that is not a network."""

    modality = Modality.AUDIO
    preparation: ClassVar[type[Preparation]] = AudioPreparation
    suffixes = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aiff", ".aif"})
    asset_suffix = ".wav"
    dtype: ClassVar[npt.DTypeLike] = np.int16
    divisible = True
    sheet_items = 16
    formats = (".wav", ".flac", ".ogg", ".mp3")

    def probe(self, raw: bytes, name: str) -> list[Probed]:
        """Read a sound file wholly; raises Rejected when it cannot be taken."""
        sound = _decoded(raw)
        width, height = self.extent(sound)
        return [Probed(raw, self.thumbnail(sound), width, height, (), 0)]

    def signatures(self, stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
        """Return a vector per recording."""
        return np.arange(len(stored), dtype=np.float32)[:, None] * 10

    def settle(self, preparation: Preparation, size: int, items: Sequence[Item]) -> Preparation:
        """Decide rate and length where they are left open."""
        preparation = _of(preparation)
        rates = sorted(item.height for item in items) or [_MOST_AUTO]
        rate = preparation.rate or min(_MOST_AUTO, rates[len(rates) // 2])
        lengths = sorted(item.width / 1000 for item in items) or [1.0]
        usual = lengths[int(0.95 * (len(lengths) - 1))]
        wanted = preparation.seconds or (size / rate if size else min(_LONGEST_AUTO, usual))
        samples = max(1, -(-round(wanted * rate) // MULTIPLE)) * MULTIPLE
        return preparation.model_copy(update={"rate": rate, "seconds": samples / rate})

    def learn(self, stored: Iterable[bytes], preparation: Preparation) -> dict[str, str]:
        """Return the rate that rows are in."""
        return {RATE: str(_of(preparation).rate)}

    def item_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return (channels, samples)."""
        preparation = _of(preparation)
        channels = 2 if preparation.channels == "stereo" else 1
        return (channels, round(preparation.seconds * preparation.rate))

    def prepare_item(
        self,
        stored: bytes,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[np.int16]:
        """Return a recording as rows (rows, channels, samples); the last is filled up with 0."""
        import torch
        import torchaudio

        preparation = _of(preparation)
        sound = _decoded(stored)
        samples = torch.from_numpy(sound.samples.T.copy())
        samples = torchaudio.functional.resample(samples, sound.rate, preparation.rate)
        if preparation.channels == "mono":
            samples = samples.mean(0, keepdim=True)
        elif len(samples) == 1:
            samples = samples.expand(2, -1)
        _channels, length = self.item_shape(preparation)
        first, last = (round(part * samples.shape[1]) for part in span)
        samples = samples[:, first:last]
        samples = samples / samples.abs().max().clamp_min(1e-6) * 0.95
        rows = [part for part in samples.split(length, 1) if part.shape[1] >= length // 8]
        filled = [torch.nn.functional.pad(row, (0, length - row.shape[1])) for row in rows]
        if not filled:
            return np.zeros((0, *self.item_shape(preparation)), np.int16)
        return (torch.stack(filled) * 32767).round().to(torch.int16).numpy()

    def statistics(self, items: npt.NDArray[Any], resources: Mapping[str, str]) -> dict[str, float]:
        """Return rate, level and peak of samples in -1 … 1."""
        values = items.astype(np.float32) / 32768
        return {
            "rate": float(resources[RATE]),
            "mean": float(values.mean()) if values.size else 0.0,
            "std": float(values.std()) if values.size else 0.0,
            "peak": float(np.abs(values).max()) if values.size else 0.0,
        }

    def to_tensor(
        self, items: torch.Tensor, preparation: Preparation, *, augment: bool
    ) -> torch.Tensor:
        """Return rows as float32 (N, C, samples) in -1 … 1; what is filled up is exactly 0."""
        return items.float().mul_(1 / 32768)

    def from_file(self, path: Path, spec: DataSpec, preparation: Preparation) -> npt.NDArray[Any]:
        """Read the beginning of a user's recording as one row."""
        settled = _of(preparation).model_copy(
            update={
                "rate": int(spec.resources[RATE]),
                "seconds": spec.shape[1] / int(spec.resources[RATE]),
                "channels": "stereo" if spec.shape[0] == 2 else "mono",
            }
        )
        rows = self.prepare_item(_read(path), settled, spec.resources)
        if not len(rows):
            raise Rejected("too-short", "There is almost nothing in it.", "Choose a longer one.")
        first: npt.NDArray[Any] = rows[0]
        return first

    def whole(self, path: Path) -> Sound:
        """Read a user's recording as it is."""
        return _decoded(_read(path))

    def to_media(
        self, tensor: torch.Tensor, facts: Sequence[dict[str, Any]], spec: DataSpec
    ) -> list[Media]:
        """Turn samples (N, C, any length) in -1 … 1 into recordings."""
        array = tensor.detach().float().clamp(-1, 1).cpu().numpy()
        rate = int(spec.resources[RATE])
        return [
            Sound(np.ascontiguousarray(row.T), rate, facts=fact)
            for row, fact in zip(array, facts, strict=True)
        ]

    def save(self, media: Media, path: Path, recipe: dict[str, Any] | None) -> None:
        """Write a recording as WAV with its recipe in the comment."""
        import soundfile

        sound = as_sound(media)
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            replacing(path) as temporary,
            soundfile.SoundFile(
                temporary,
                "w",
                samplerate=sound.rate,
                channels=sound.samples.shape[1],
                format="WAV",
                subtype="PCM_16",
            ) as file,
        ):
            if recipe is not None:
                file.comment = json.dumps(recipe)
            file.write(sound.samples)

    def read_recipe(self, path: Path) -> dict[str, Any] | None:
        """Return the recipe in a file that `save` wrote."""
        import soundfile

        try:
            with soundfile.SoundFile(path) as file:
                found: dict[str, Any] = json.loads(file.comment)
                return found
        except (OSError, ValueError, soundfile.LibsndfileError):
            return None

    def thumbnail(self, media: Media) -> bytes:
        """Return a small picture of the waveform."""
        from PIL import Image as Pillow

        sound = as_sound(media)
        columns = np.array_split(np.abs(sound.samples).max(1), 96)
        levels = [float(part.max()) if len(part) else 0.0 for part in columns]
        pixels = np.zeros((64, 96, 4), np.uint8)
        for column, level in enumerate(levels):
            half = max(1, round(level * 31))
            pixels[32 - half : 32 + half, column] = (0x7C, 0x8C, 0xFF, 255)
        buffer = io.BytesIO()
        Pillow.fromarray(pixels).save(buffer, "PNG")
        return buffer.getvalue()

    def extent(self, media: Media) -> tuple[int, int]:
        """Return milliseconds and samples a second."""
        sound = as_sound(media)
        return max(1, round(1000 * len(sound.samples) / sound.rate)), sound.rate

    def write_sheet(self, media: Sequence[Media], path: Path) -> Path:
        """Write the recordings one after the other, with pauses between."""
        path = path.with_suffix(".wav")
        sounds = [as_sound(each) for each in media]
        pause = np.zeros((sounds[0].rate // 4, sounds[0].samples.shape[1]), np.float32)
        joined = np.concatenate([part for each in sounds for part in (each.samples, pause)])
        self.save(Sound(joined, sounds[0].rate), path, None)
        return path

    def preview(self, media: Sequence[Media], columns: int = 0) -> bytes:
        """Return the first waveform as a picture."""
        return self.thumbnail(media[0])


MODALITY = AudioData()


def as_sound(media: Media) -> Sound:
    """Return a medium as the recording that it is."""
    if not isinstance(media, Sound):
        raise TypeError(f"{type(media).__name__} is not a recording")
    return media


def _of(preparation: Preparation) -> AudioPreparation:
    """Return a preparation as that of recordings; the base class stands for all defaults."""
    if isinstance(preparation, AudioPreparation):
        return preparation
    return AudioPreparation.model_validate(preparation.model_dump())


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise unreadable(error) from error


def _decoded(raw: bytes) -> Sound:
    import soundfile

    try:
        samples, rate = soundfile.read(io.BytesIO(raw), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise Rejected("corrupt", "It cannot be read as sound.", "Save it again as WAV.") from error
    return Sound(samples[:, :2], int(rate))
