"""Music as notes: how pieces are read, brought to what a model reads, written and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.core.items import Item
from studio.core.media import Media, Modality, Music
from studio.core.options import Preparation
from studio.core.recipe import DataSpec
from studio.data.findings import Finding
from studio.data.modality import ModalityData, Probed, Rejected
from studio.data.music import files as music_files
from studio.data.music import midi
from studio.data.music import picture as music_picture
from studio.data.music import roll as music_roll
from studio.data.music import rules as music_rules
from studio.data.music.files import as_music
from studio.data.music.likeness import perceptual_hash, signature
from studio.data.music.measures import empty_bar_rate, in_scale_rate, notes_per_bar, polyphony
from studio.data.music.preparation import MusicPreparation
from studio.data.music.timing import seconds_of
from studio.data.music.voices import chosen

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch

SUFFIXES = frozenset({".mid", ".midi", ".kar", ".rmi", ".smf"})

_SIZE = 256  # tokens in a row where neither the user nor the model minds
_MEASURED = 64  # rows that are read as music to measure them


class MusicData(ModalityData):
    """Everything about music as notes that is not a network."""

    modality = Modality.MUSIC
    preparation: ClassVar[type[Preparation]] = MusicPreparation
    suffixes = SUFFIXES
    asset_suffix = ".mid"
    dtype: ClassVar[npt.DTypeLike] = np.uint16
    divisible = True
    sheet_items = 8
    card_columns = 3
    formats = (".mid", ".wav", ".flac", ".ogg", ".mp3", ".png", ".musicxml")

    # ------------------------------------------------------------------ taking files in

    def probe(self, raw: bytes, name: str) -> list[Probed]:
        """Read a MIDI file wholly; raises Rejected when it cannot be taken."""
        plain, changes = midi.canonical(raw)
        music = midi.read(plain)
        seconds, notes = self.extent(music)
        return [
            Probed(
                stored=plain,
                thumbnail=music_picture.thumbnail(music),
                width=max(1, seconds),
                height=notes,
                notes=(*music_rules.notes_on(music), *changes),
                perceptual=perceptual_hash(music),
            )
        ]

    def signatures(self, stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
        """Return which pitches begin when, scaled so that 1 apart is a fifth of the notes."""
        return np.stack([signature(midi.read(raw)) for raw in stored])

    def examine(self, items: Sequence[Item], preparation: Preparation) -> Iterable[Finding]:
        """Return what is wrong with lengths, ranges, metres and drums."""
        return music_rules.examine(items, _of(preparation))

    # ------------------------------------------------------------------ what a model reads

    def settle(self, preparation: Preparation, size: int, items: Sequence[Item]) -> Preparation:
        """Decide length and the grid of rolls where they are left open."""
        preparation = _of(preparation)
        metre = preparation.metre
        if metre == "auto":
            metres = [music_rules.metre_in(item) for item in items]
            metre = "3/4" if music_roll.metre_of_rolls(metres) == "3/4" else "4/4"
        settled = preparation.model_copy(
            update={"size": preparation.size or size or _SIZE, "metre": metre}
        )
        steps = music_roll.grid_of(settled).steps
        return settled.model_copy(update={"steps_per_bar": steps})

    def compiled(self, preparation: Preparation) -> dict[str, Any]:
        """Return the settings that shape the arrays: those of the form that is used."""
        both = {"validation_percent", "form", "tracks"}
        rolls = {"roll_bars", "metre", "steps_per_bar", "lowest", "pitches"}
        used = both | rolls
        if _of(preparation).form == "tokens":
            used = set(MusicPreparation.model_fields) - rolls
        return preparation.model_dump(mode="json", include=used)

    def learn(self, stored: Iterable[bytes], preparation: Preparation) -> dict[str, str]:
        """Return the tokeniser of the dataset, or the grid of its rolls."""
        preparation = _of(preparation)
        if preparation.form == "roll":
            return {music_roll.RESOURCE: music_roll.written(music_roll.grid_of(preparation))}
        from studio.data.music.learning import learn
        from studio.data.text.tokenisers import RESOURCE

        return {RESOURCE: learn(stored, preparation)}

    def vocabulary(self, resources: Mapping[str, str]) -> int:
        """Return how many tokens there are; 0 for rolls."""
        if music_roll.RESOURCE in resources:
            return 0
        from studio.data.music.tokens import tokeniser_of

        return tokeniser_of(resources).vocabulary

    def item_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return (size + 1,) for tokens, (tracks, steps, pitches) for rolls."""
        preparation = _of(preparation)
        if preparation.form == "roll":
            return music_roll.grid_of(preparation).shape
        return ((preparation.size or _SIZE) + 1,)

    def prepare_item(
        self,
        stored: bytes,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[np.uint16]:
        """Return a piece as rows of tokens or rolls; as copies in other keys when `learned`."""
        preparation = _of(preparation)
        music = midi.read(stored)
        if preparation.form == "roll":
            grid = music_roll.grid_of(preparation)
            rolls = music_roll.rolls_of(
                chosen(music, preparation.tracks), grid, span=span, learned=learned
            )
            return rolls.astype(np.uint16)
        from studio.data.music.rows import rows_of
        from studio.data.music.tokens import tokeniser_of

        return rows_of(
            music,
            tokeniser_of(resources),
            preparation,
            size=self.item_shape(preparation)[0] - 1,
            span=span,
            learned=learned,
        )

    def statistics(self, items: npt.NDArray[Any], resources: Mapping[str, str]) -> dict[str, float]:
        """Return tokens per bar and note, and measures of some rows as music."""
        step = max(1, len(items) // _MEASURED)
        few = items[::step][:_MEASURED]
        if music_roll.RESOURCE in resources:
            grid = music_roll.grid_in(resources)
            pieces = [music_roll.music_of(row, grid) for row in few]
            voices = {f"voices_{n}": float(v) for n, v in enumerate(music_roll.voices_in(few))}
            density = float(items.mean()) if len(items) else 0.0
            return {"density": density} | voices | _measures(pieces)
        from studio.data.music.tokens import tokeniser_of

        tokeniser = tokeniser_of(resources)
        music = int(tokeniser.counted[items].sum())
        bars = sum(tokeniser.bars_in(row) for row in few)
        some = int(tokeniser.counted[few].sum())
        errors = [tokeniser.errors(row) for row in few]
        return {
            "tokens_per_note": music / max(1, tokeniser.notes_in(items)),
            "tokens_per_bar": some / max(1, bars),
            "token_error_rate": float(np.mean(errors)) if errors else 0.0,
        } | _measures([tokeniser.decode(row) for row in few])

    def to_tensor(
        self, items: torch.Tensor, preparation: Preparation, *, augment: bool
    ) -> torch.Tensor:
        """Return tokens as int64 (N, size + 1), or rolls as float32 in [-1, 1].

        Rolls are shown in other keys when augmented; of tokens such copies are prepared.
        """
        if items.ndim == 2:
            return items.long()
        rolls = items.float().mul_(2).sub_(1)
        spread = _of(preparation).transpose
        return _transposed(rolls, spread) if augment and spread else rolls

    def from_file(self, path: Path, spec: DataSpec, preparation: Preparation) -> npt.NDArray[Any]:
        """Read the beginning of a user's piece as one row."""
        music = self.whole(path)
        if len(spec.shape) == 1:
            from studio.data.music.rows import rows_of
            from studio.data.music.tokens import tokeniser_of

            size = spec.shape[0] - 1
            rows: npt.NDArray[Any] = rows_of(
                music, tokeniser_of(spec.resources), _of(preparation), size=size
            )
        else:
            music = chosen(music, _of(preparation).tracks)
            rows = music_roll.rolls_of(music, music_roll.grid_in(spec.resources))
        if not len(rows):
            raise Rejected(
                "metre",
                "No bars of this piece fit what the model learned from.",
                "Choose a piece in the same metre, with its melody and chords.",
            )
        first: npt.NDArray[Any] = rows[0].astype(self.dtype)
        return first

    def whole(self, path: Path) -> Music:
        """Read a user's piece."""
        return music_files.read(path)

    # ------------------------------------------------------------------ what a model makes

    def to_media(
        self, tensor: torch.Tensor, facts: Sequence[dict[str, Any]], spec: DataSpec
    ) -> list[Media]:
        """Turn tokens (N, T), or rolls (N, tracks, steps, pitches) that sound above 0, into music.

        In a track of a roll no more notes sound together than in the data: one in a melody.

        The fact `tempo`, where there is one, is the tempo of a piece.
        """
        array = tensor.detach().cpu().numpy()
        pieces = []
        for row, fact in zip(array, facts, strict=True):
            tempo = float(fact["tempo"]) if fact.get("tempo") else None
            if array.ndim == 2:
                from studio.data.music.tokens import tokeniser_of

                music = tokeniser_of(spec.resources).decode(row, tempo=tempo)
            else:
                grid = music_roll.grid_in(spec.resources)
                most = [int(spec.statistics.get(f"voices_{n}", 0)) for n in range(len(row))]
                music = music_roll.music_of(music_roll.sounding(row, most), grid, tempo or 120.0)
            pieces.append(
                Music(music.tracks, music.ticks, music.tempos, music.signatures, facts=fact)
            )
        return list(pieces)

    def save(self, media: Media, path: Path, recipe: dict[str, Any] | None) -> None:
        """Write a piece as MIDI with its recipe in a text event."""
        music_files.save(as_music(media), path, recipe)

    def read_recipe(self, path: Path) -> dict[str, Any] | None:
        """Return the recipe in a MIDI file that `save` wrote."""
        return music_files.read_recipe(path)

    def thumbnail(self, media: Media) -> bytes:
        """Return a small PNG of the notes on a transparent ground."""
        return music_picture.thumbnail(as_music(media))

    def extent(self, media: Media) -> tuple[int, int]:
        """Return seconds and notes."""
        music = as_music(media)
        return round(seconds_of(music)), sum(len(track.notes) for track in music.tracks)

    def write_sheet(self, media: Sequence[Media], path: Path) -> Path:
        """Write the pieces one after the other as MIDI, a marker at each."""
        return music_files.write_sheet([as_music(each) for each in media], path)

    def preview(self, media: Sequence[Media], columns: int = 0) -> bytes:
        """Return the pieces as small piano rolls in a PNG."""
        return music_picture.preview([as_music(each) for each in media], columns)

    def export(self, source: Path, target: Path, recipe: dict[str, Any] | None) -> None:
        """Write a piece as MIDI, sound, a picture or MusicXML."""
        music_files.export(source, target, recipe)


MODALITY = MusicData()


def _of(preparation: Preparation) -> MusicPreparation:
    """Return a preparation as that of music; the base class stands for all defaults."""
    if isinstance(preparation, MusicPreparation):
        return preparation
    return MusicPreparation.model_validate(preparation.model_dump())


def _measures(pieces: Sequence[Music]) -> dict[str, float]:
    """Return means over pieces of what is also measured of what models make."""
    heard = [piece for piece in pieces if any(len(track.notes) for track in piece.tracks)]
    if not heard:
        return {}
    return {
        "notes_per_bar": float(np.mean([notes_per_bar(piece) for piece in heard])),
        "in_scale_rate": float(np.mean([in_scale_rate(piece) for piece in heard])),
        "empty_bar_rate": float(np.mean([empty_bar_rate(piece) for piece in heard])),
        "polyphony": float(np.mean([polyphony(piece) for piece in heard])),
    }


def _transposed(rolls: torch.Tensor, spread: int) -> torch.Tensor:
    """Return rolls (N, tracks, steps, P), each moved by up to `spread` semitones; -1 comes in."""
    import torch

    count, pitches = len(rolls), rolls.shape[-1]
    shift = torch.randint(-spread, spread + 1, (count, 1), device=rolls.device)
    place = torch.arange(pitches, device=rolls.device) - shift  # (N, P)
    inside = ((place >= 0) & (place < pitches))[:, None, None]
    places = place.clamp(0, pitches - 1)[:, None, None].expand_as(rolls)
    return torch.where(inside, rolls.gather(3, places), -1.0)
