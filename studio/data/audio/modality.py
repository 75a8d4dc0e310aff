"""Recordings: how sound files are read, brought to what a model hears, written and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.core.blobs import Part
from studio.core.items import Item
from studio.core.media import Media, Modality, Sound
from studio.core.options import Preparation
from studio.core.recipe import DataSpec
from studio.data.audio import files as sound_files
from studio.data.audio import picture as audio_picture
from studio.data.audio import rules as audio_rules
from studio.data.audio.preparation import MULTIPLE, AudioPreparation
from studio.data.audio.reading import LOWEST_RATE, opened
from studio.data.audio.taking import probed, signature_of
from studio.data.entries import MEGABYTE, check_file, unreadable
from studio.data.findings import Finding
from studio.data.modality import ModalityData, Probed, Rejected
from studio.data.text.token_counts import loudness_entropy

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch

#: Resource of prepared recordings: their samples per second.
RATE = "rate"
#: Films, of which the sound track is read.
FILMS = frozenset({".mp4", ".mov", ".webm", ".mkv", ".m4v", ".avi"})

_LONGEST_AUTO = 2.0  # seconds that a row has at most where nobody minds
_MOST_AUTO = 16_000  # samples a second at most where nobody minds
_USUAL = 0.95  # of the recordings are not longer than a row that is chosen by itself
_WHOLE_SECONDS = 900  # of a user's file that is kept in memory at its own size


class AudioData(ModalityData):
    """Everything about recordings that is not a network."""

    modality = Modality.AUDIO
    preparation: ClassVar[type[Preparation]] = AudioPreparation
    suffixes = FILMS | {
        *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac"),
        *(".aiff", ".aif", ".aifc", ".au", ".snd", ".caf", ".w64", ".wma", ".dsf", ".dff"),
    }
    borrowed = FILMS
    asset_suffix = ".wav"
    in_memory = 4 * MEGABYTE
    at_once = 4
    largest = 16_384 * MEGABYTE
    dtype: ClassVar[npt.DTypeLike] = np.int16
    divisible = True
    spelled = True
    sheet_items = 16
    card_columns = 4
    formats = tuple(sound_files.FORMATS)

    # ------------------------------------------------------------------ taking files in

    def probe(self, raw: bytes, name: str) -> list[Probed]:
        """Read a sound file wholly; raises Rejected when it cannot be taken."""
        return [probed(raw)]

    def probe_file(
        self, path: Path, name: str, scratch: Path, tick: Callable[[], None]
    ) -> list[Probed]:
        """Read a long recording block by block."""
        return [probed(path, scratch, tick)]

    def signatures(self, stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
        """Return how loud each pitch range is in each part of the recordings."""
        return np.stack([signature_of(raw) for raw in stored])

    def signature_of(self, part: Part) -> npt.NDArray[np.float32]:
        """Return how loud each pitch range is at the beginning of a long recording."""
        return signature_of(part)

    def examine(self, items: Sequence[Item], preparation: Preparation) -> Iterable[Finding]:
        """Return what is wrong with levels, lengths, rates and files."""
        return audio_rules.examine(items, _of(preparation))

    # ------------------------------------------------------------------ what a model hears

    def settle(self, preparation: Preparation, size: int, items: Sequence[Item]) -> Preparation:
        """Decide rate and length where they are left open.

        The rate is that of the middle one of all recordings, at most 16 kHz. The length is what the
        model asks for in samples, else that of nearly all recordings, at most 2 seconds.
        """
        preparation = _of(preparation)
        rates = sorted(item.height for item in items) or [_MOST_AUTO]
        rate = preparation.rate or min(_MOST_AUTO, rates[len(rates) // 2])
        rate = max(LOWEST_RATE, rate)
        lengths = sorted(item.width / 1000 for item in items) or [1.0]
        usual = lengths[int(_USUAL * (len(lengths) - 1))]
        wanted = preparation.seconds or (size / rate if size else min(_LONGEST_AUTO, usual))
        samples = max(1, -(-round(wanted * rate) // MULTIPLE)) * MULTIPLE
        return preparation.model_copy(update={"rate": rate, "seconds": samples / rate})

    def compiled(self, preparation: Preparation) -> dict[str, Any]:
        """Return the settings that shape the rows; gain and shift are added while learning."""
        settings = _of(preparation).model_dump(mode="json", exclude={"gain", "shift"})
        if settings["whole"]:
            del settings["overlap"]
        return settings

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
        from studio.data.audio.rows import rows_of

        return rows_of(stored, _of(preparation), span=span)

    def prepare_part(
        self,
        part: Part,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[np.int16]:
        """Return a long recording as rows, read where it lies."""
        from studio.data.audio.rows import rows_of

        return rows_of(part, _of(preparation), span=span)

    def no_rows(self, items: Sequence[Item], preparation: Preparation) -> tuple[str, str]:
        """Say that all is silence; anything else that is heard makes a row, however short."""
        return (
            "Nothing is heard in any of the recordings.",
            "Turn off *Trim silence* on the Data page, or import other recordings.",
        )

    def statistics(self, items: npt.NDArray[Any], resources: Mapping[str, str]) -> dict[str, float]:
        """Return the rate, and of samples in -1 … 1 mean, level, peak and share of silence.

        `nats_unigram` is the surprise at each sample of who only knows how frequent steps are.
        """
        values = items.astype(np.float32) / 32768
        return {
            "rate": float(resources[RATE]),
            "mean": float(values.mean()) if values.size else 0.0,
            "std": float(values.std()) if values.size else 0.0,
            "peak": float(np.abs(values).max()) if values.size else 0.0,
            "silence": float((items == 0).mean()) if values.size else 0.0,
            "nats_unigram": loudness_entropy(items),
        }

    def to_tensor(
        self, items: torch.Tensor, preparation: Preparation, *, augment: bool
    ) -> torch.Tensor:
        """Return rows as float32 (N, C, samples) in -1 … 1; what is filled up is exactly 0.

        Augmented, each row is as much louder or softer as `gain` says, and moved round its ends.
        """
        rows = items.float().mul_(1 / 32768)
        preparation = _of(preparation)
        if augment and preparation.gain:
            rows = _louder(rows, preparation.gain)
        if augment and preparation.shift:
            rows = _shifted(rows, preparation.shift)
        return rows

    def from_file(self, path: Path, spec: DataSpec, preparation: Preparation) -> npt.NDArray[Any]:
        """Read the beginning of a user's recording, or of a film's sound, as one row."""
        from studio.data.audio.rows import rows_of

        _check(path)
        settled = _of(preparation).model_copy(
            update={
                "rate": int(spec.resources[RATE]),
                "seconds": spec.shape[1] / int(spec.resources[RATE]),
                "channels": "stereo" if spec.shape[0] == 2 else "mono",
                "whole": True,
            }
        )
        rows = rows_of(path, settled)
        if not len(rows):
            raise Rejected("silent", "Nothing is heard in it.", "Choose another recording.")
        first: npt.NDArray[Any] = rows[0]
        return first

    def whole(self, path: Path) -> Sound:
        """Read a user's recording, or a film's sound, as it is, in at most two channels."""
        _check(path)
        parts, count = [], 0
        with opened(path) as sound:
            rate, most = sound.rate, _WHOLE_SECONDS * sound.rate
            for block in sound.blocks():
                parts.append(np.clip(np.nan_to_num(block[:, :2]), -1, 1))
                count += len(block)
                if count > most:
                    raise Rejected(
                        "too-long",
                        f"It is longer than {_WHOLE_SECONDS // 60} minutes.",
                        "Cut out the part that you want.",
                    )
        if not count:
            raise Rejected("empty", "There is no sound in it.", "Choose another recording.")
        return Sound(np.concatenate(parts).astype(np.float32), rate)

    # ------------------------------------------------------------------ what a model makes

    def to_media(
        self, tensor: torch.Tensor, facts: Sequence[dict[str, Any]], spec: DataSpec
    ) -> list[Media]:
        """Turn samples (N, C, any length) in -1 … 1 into recordings; what is no number is 0."""
        array = tensor.detach().float().nan_to_num(0).clamp(-1, 1).cpu().numpy()
        rate = int(spec.resources[RATE])
        return [
            Sound(np.ascontiguousarray(row.T), rate, facts=fact)
            for row, fact in zip(array, facts, strict=True)
        ]

    def save(self, media: Media, path: Path, recipe: dict[str, Any] | None) -> None:
        """Write a recording as WAV of 16 bits with its recipe in the comment."""
        sound = as_sound(media)
        sound_files.write(path, [sound.samples], sound.rate, sound.samples.shape[1], recipe)

    def read_recipe(self, path: Path) -> dict[str, Any] | None:
        """Return the recipe in a file that was written here."""
        return sound_files.read_recipe(path)

    def thumbnail(self, media: Media) -> bytes:
        """Return a small PNG of the waveform on a transparent ground."""
        return audio_picture.of_sound(as_sound(media))

    def extent(self, media: Media) -> tuple[int, int]:
        """Return milliseconds and samples a second."""
        sound = as_sound(media)
        return max(1, round(1000 * len(sound.samples) / sound.rate)), sound.rate

    def write_sheet(self, media: Sequence[Media], path: Path) -> Path:
        """Write the recordings one after the other; `sound_files.sheet_starts` says where."""
        sounds = [as_sound(each) for each in media]
        first = sounds[0]
        channels = first.samples.shape[1]
        samples = [each.samples for each in sounds]
        return sound_files.write_sheet(path, samples, first.rate, channels)

    def preview(self, media: Sequence[Media], columns: int = 0) -> bytes:
        """Return the waveforms as small pictures in a PNG."""
        return audio_picture.preview([as_sound(each) for each in media], columns)

    def export(self, source: Path, target: Path, recipe: dict[str, Any] | None) -> None:
        """Write a recording in one of the `formats`, block by block."""
        _check(source)
        with opened(source) as sound:
            channels = min(2, sound.channels)
            blocks = (block[:, :channels] for block in sound.blocks())
            sound_files.write(target, blocks, sound.rate, channels, recipe)


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


def _check(path: Path) -> None:
    """Raise Rejected for what is no file that may be read as sound."""
    try:
        check_file(path, AudioData.largest)
    except OSError as error:
        raise unreadable(error) from error


def _louder(rows: torch.Tensor, most: float) -> torch.Tensor:
    """Return rows (N, C, L), each up to `most` dB louder or softer, within -1 … 1."""
    import torch

    decibels = (torch.rand(len(rows), 1, 1, device=rows.device) * 2 - 1) * most
    return rows.mul_(10 ** (decibels / 20)).clamp_(-1, 1)


def _shifted(rows: torch.Tensor, percent: int) -> torch.Tensor:
    """Return rows (N, C, L), each moved round its ends by up to a share of its length."""
    import torch

    length = rows.shape[-1]
    most = length * percent // 100
    moved = torch.randint(-most, most + 1, (len(rows), 1, 1), device=rows.device)
    places = (torch.arange(length, device=rows.device) - moved) % length
    return rows.gather(2, places.expand_as(rows))
