"""Music through the importer: files are pieces or refused, pieces become rows, sheets, files."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from made import items, rejects
from made_tunes import END, NOTE, band, chunks, events_of, tune, write_tunes
from PIL import Image

from studio.core.errors import StudioError
from studio.core.items import Item
from studio.core.media import Modality, Music, Track
from studio.core.project import Project
from studio.core.work import Work
from studio.data.doctor import examine
from studio.data.importer import import_paths
from studio.data.modality import modality_data
from studio.data.music import midi
from studio.data.music.preparation import MusicPreparation
from studio.data.store import prepare

DATA = modality_data(Modality.MUSIC)


def changed(notes: np.ndarray, higher: int = 0, louder: int = 0) -> np.ndarray:
    """Return notes at another pitch or loudness."""
    found = notes.copy()
    found[:, 2] += higher
    found[:, 3] += louder
    return found


def test_folders_and_archives_become_a_dataset(opened: Project, tmp_path: Path) -> None:
    for place, label in enumerate(("jigs", "reels")):
        for number in range(3):
            path = tmp_path / "tunes" / label / f"{number}.mid"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(midi.write(tune(10 * place + number)))
    with zipfile.ZipFile(tmp_path / "tunes" / "more.zip", "w") as archive:
        archive.writestr("jigs/band.KAR", midi.write(band()))
        archive.writestr("jigs/readme.pdf", b"%PDF")
    (tmp_path / "tunes" / "jigs" / "cut.midi").write_bytes(midi.write(tune())[:-30])
    (tmp_path / "tunes" / "reels" / "lies.mid").write_bytes(chunks(NOTE + END, claimed=65_535))
    (tmp_path / "tunes" / "reels" / "silent.mid").write_bytes(chunks(END))
    result = import_paths(opened, "Tunes", [tmp_path / "tunes"], Work())
    assert result.modality == Modality.MUSIC
    assert (result.taken, result.rejected) == (7, 4)
    assert opened.library.datasets.labels(result.dataset_id) == {"jigs": 3, "reels": 3}
    reasons = {Path(name).name: r.reason for name, r in rejects(opened, result.dataset_id).items()}
    assert reasons == {
        "cut.midi": "truncated",
        "lies.mid": "truncated",
        "silent.mid": "no-notes",
        "readme.pdf": reasons["readme.pdf"],
    }
    found = {item.name: item for item in items(opened, result.dataset_id)}
    first = next(item for name, item in found.items() if name.endswith("jigs/0.mid"))
    assert (first.width, first.height) == (29, sum(len(t.notes) for t in tune(0).tracks))
    assert first.notes == ("4/4",)
    lively = next(item for name, item in found.items() if name.endswith("band.KAR"))
    assert set(lively.notes) == {"4/4", "drums", "tempo-changes"}


def test_near_duplicates_are_found(opened: Project, tmp_path: Path) -> None:
    write_tunes(tmp_path / "a", 4)
    plain = tune(2)
    louder = Music(
        tuple(Track(changed(track.notes, louder=9)) for track in plain.tracks), tempos=((0, 140.0),)
    )
    (tmp_path / "a" / "louder.mid").write_bytes(midi.write(louder))
    other = Music(tuple(Track(changed(track.notes, higher=2)) for track in plain.tracks))
    (tmp_path / "a" / "higher.mid").write_bytes(midi.write(other))
    result = import_paths(opened, "A", [tmp_path / "a"], Work())
    copies = {i.name: i.duplicate_of for i in items(opened, result.dataset_id) if i.duplicate_of}
    originals = {i.id: i.name for i in items(opened, result.dataset_id)}
    assert {name: originals[number] for name, number in copies.items()} == {"louder.mid": "2.mid"}


def test_thumbnails_are_rolls_on_nothing() -> None:
    (probed,) = DATA.probe(midi.write(band()), "band.mid")
    picture = np.asarray(Image.open(io.BytesIO(probed.thumbnail)))
    assert picture.shape == (64, 96, 4)
    shown = picture[picture[..., 3] > 0]
    assert 0.02 < len(shown) / (64 * 96) < 0.9
    assert len(np.unique(shown, axis=0)) == 4  # a colour for each track
    assert len(probed.thumbnail) < 4000


@pytest.mark.parametrize("form", ["tokens", "roll"])
def test_pieces_are_prepared(opened: Project, tmp_path: Path, form: str) -> None:
    write_tunes(tmp_path / "a", 24)
    dataset = import_paths(opened, "A", [tmp_path / "a"], Work()).dataset_id
    data = prepare(opened, dataset, {"form": form, "transpose": 1}, Work(), size=128)
    assert data.spec.shape == ((129,) if form == "tokens" else (2, 64, 60))
    assert len(data.validation) >= 2
    assert not set(data.ids[data.validation]) & set(data.ids[data.train])
    facts = data.spec.statistics
    assert facts["in_scale_rate"] > 0.9
    assert facts["empty_bar_rate"] == 0
    assert 5 < facts["notes_per_bar"] < 12
    music = DATA.as_prepared(data.items[data.validation[:2]], data.spec)
    assert all(len(piece.tracks) == 2 for piece in music if isinstance(piece, Music))
    if form == "tokens":
        assert data.spec.vocabulary == DATA.vocabulary(data.spec.resources) > 60
        assert facts["token_error_rate"] == 0
        assert 15 < facts["tokens_per_bar"] < 60
        row = DATA.from_file(tmp_path / "a" / "3.mid", data.spec, data.preparation)
        assert row.shape == (129,)
    # the same settings find what was compiled; the other form's are not asked for
    again = prepare(opened, dataset, {"form": form, "transpose": 1}, Work(), size=128)
    assert again.folder == data.folder


def test_the_end_of_a_few_long_pieces_is_held_out(opened: Project, tmp_path: Path) -> None:
    write_tunes(tmp_path / "a", 3, bars=40)
    dataset = import_paths(opened, "A", [tmp_path / "a"], Work()).dataset_id
    data = prepare(opened, dataset, {"validation_percent": 20}, Work(), size=64)
    assert set(data.ids[data.validation]) == set(data.ids)
    from studio.data.music.tokens import END as PIECE_END
    from studio.data.music.tokens import tokeniser_of

    length = tokeniser_of(data.spec.resources).controls_of.length
    assert (np.asarray(data.items[data.train])[:, length] == PIECE_END).any()
    assert not (np.asarray(data.items[data.validation])[:, length] == PIECE_END).any()


def test_rolls_are_shown_in_other_keys() -> None:
    torch = pytest.importorskip("torch")
    rolls = torch.zeros(8, 1, 4, 12, dtype=torch.uint8)
    rolls[:, :, :, 6] = 1
    settings = MusicPreparation(form="roll", transpose=3)
    torch.manual_seed(0)
    plain = DATA.to_tensor(rolls, settings, augment=False)
    moved = DATA.to_tensor(rolls, settings, augment=True)
    assert plain.unique().tolist() == [-1.0, 1.0]
    assert moved.sum().item() == plain.sum().item()
    places = {int(each) for each in moved[:, 0, 0].argmax(1)}
    assert places <= set(range(3, 10))
    assert len(places) > 2
    edge = torch.ones(8, 1, 1, 12, dtype=torch.uint8)
    assert DATA.to_tensor(edge, settings, augment=True).min().item() == -1.0


def test_settings_follow_the_pieces() -> None:
    def item(*notes: str) -> Item:
        return Item(1, "a", "", "", 9, 9, notes, None, None, None, False)  # type: ignore[arg-type]

    waltzes = [item("3/4"), item("6/8"), item("4/4")]
    settled = DATA.settle(MusicPreparation(), 300, waltzes)
    assert isinstance(settled, MusicPreparation)
    assert (settled.size, settled.metre, settled.steps_per_bar) == (300, "3/4", 12)
    settled = DATA.settle(MusicPreparation(size=64), 300, [item("4/4")])
    assert isinstance(settled, MusicPreparation)
    assert (settled.size, settled.metre, settled.steps_per_bar) == (64, "4/4", 16)
    assert "roll_bars" not in DATA.compiled(settled)
    rolls = settled.model_copy(update={"form": "roll"})
    assert not {"size", "bpe", "transpose"} & DATA.compiled(rolls).keys()


# ---------------------------------------------------------------------------------- the doctor


def test_the_doctor_listens(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    write_tunes(folder, 8)
    for number in range(4):
        (folder / f"waltz{number}.mid").write_bytes(midi.write(tune(50 + number, metre=(3, 4))))
        (folder / f"short{number}.mid").write_bytes(midi.write(tune(80 + number, 2)))
        low = Music((Track(changed(tune(90 + number).tracks[1].notes, higher=-30)),))
        (folder / f"low{number}.mid").write_bytes(midi.write(low))
    drums = Music((band().tracks[-1],), signatures=((0, 4, 4),))
    (folder / "drums.mid").write_bytes(midi.write(drums))
    dataset = import_paths(opened, "A", [folder], Work()).dataset_id
    found = {finding.rule: finding for finding in examine(opened.library, dataset)}
    assert {"few-notes", "short-pieces", "drums-only", "pitch-range", "mixed-metres"} <= set(found)
    names = {item.id: item.name for item in items(opened, dataset)}
    assert {names[i] for i in found["drums-only"].items} == {"drums.mid"}
    assert {names[i] for i in found["mixed-metres"].items} == {f"waltz{n}.mid" for n in range(4)}
    assert {names[i] for i in found["short-pieces"].items} == {f"short{n}.mid" for n in range(4)}
    assert found["mixed-metres"].repair


def test_the_doctor_sees_one_piece_again_and_again(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    write_tunes(folder, 2)
    for number in range(5):
        same = Music(tuple(Track(changed(t.notes, louder=number)) for t in tune(0).tracks))
        (folder / f"again{number + 1}.mid").write_bytes(midi.write(same))
    dataset = import_paths(opened, "A", [folder], Work()).dataset_id
    assert "one-piece" in {finding.rule for finding in examine(opened.library, dataset)}


# ------------------------------------------------------------------------------- what comes out


def test_an_asset_gives_its_recipe_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.mid"
    DATA.save(band(), path, {"family": "composer", "seed": 3})
    assert DATA.read_recipe(path) == {"family": "composer", "seed": 3}
    assert events_of(DATA.whole(path)) == events_of(band())
    assert DATA.extent(band()) == (29, sum(len(t.notes) for t in band().tracks))
    DATA.save(band(), path, None)
    assert DATA.read_recipe(path) is None
    assert DATA.read_recipe(tmp_path / "none.mid") is None


def test_a_sheet_plays_one_sample_after_the_other(tmp_path: Path) -> None:
    pieces = [tune(0, 4), tune(1, 4, metre=(3, 4), ticks=96), band(2, 4), Music(())]
    path = DATA.write_sheet(pieces, tmp_path / "step-00000010")
    assert path.name == "step-00000010.mid"
    sheet = midi.read(path.read_bytes())
    import symusic

    score = symusic.Score.from_midi(path.read_bytes())
    begins = [0, 6 * 1920, 6 * 1920 + 6 * 1440, 12 * 1920 + 6 * 1440]
    assert [(m.time, m.text) for m in score.markers] == [
        (begin, f"Sample {number + 1}") for number, begin in enumerate(begins)
    ]
    assert sum(len(t.notes) for t in sheet.tracks) == sum(
        len(t.notes) for piece in pieces for t in piece.tracks
    )
    assert [each[1:] for each in sheet.signatures][:3] == [(4, 4), (3, 4), (4, 4)]
    assert DATA.write_sheet([Music(())], tmp_path / "empty").exists()


def test_previews_are_pictures() -> None:
    picture = Image.open(io.BytesIO(DATA.preview([tune(n) for n in range(5)], 3)))
    assert picture.size == (3 * 164 - 4, 2 * 100 - 4)
    assert Image.open(io.BytesIO(DATA.preview([Music(())]))).size == (160, 96)
    assert Image.open(io.BytesIO(DATA.thumbnail(Music(())))).size == (96, 64)


def test_pieces_are_exported(tmp_path: Path) -> None:
    source = tmp_path / "a.mid"
    DATA.save(tune(bars=4), source, {"secret": True})
    recipe = {"family": "music_vae"}
    for suffix in DATA.formats:
        if suffix == ".musicxml":
            continue  # tested by itself
        target = tmp_path / "out" / f"b{suffix}"
        DATA.export(source, target, recipe)
        assert target.stat().st_size > 100
    assert DATA.read_recipe(tmp_path / "out" / "b.mid") == recipe
    with Image.open(tmp_path / "out" / "b.png") as picture:
        assert picture.size == (1600, 600)
        assert json.loads(picture.info["recipe"]) == recipe
        assert len(picture.getcolors(1 << 20) or []) > 4
    DATA.export(source, tmp_path / "plain.mid", None)
    assert b"secret" not in (tmp_path / "plain.mid").read_bytes()
    with pytest.raises(StudioError, match="xyz"):
        DATA.export(source, tmp_path / "b.xyz", None)
    assert sorted(each.suffix for each in (tmp_path / "out").iterdir()) == sorted(
        set(DATA.formats) - {".musicxml"}
    )


@pytest.mark.filterwarnings("ignore:module 'sre_parse' is deprecated")
@pytest.mark.filterwarnings("ignore:module 'sre_constants' is deprecated")
def test_musicxml_is_what_notation_programs_read(tmp_path: Path) -> None:
    import partitura

    from studio.data.music.measures import Key
    from studio.data.music.xml import read_recipe, spelled

    for number, piece in enumerate((tune(0, 8, tonic=2, metre=(6, 8)), band(1, 4))):
        source, target = tmp_path / "a.mid", tmp_path / f"{number}.musicxml"
        DATA.save(piece, source, None)
        DATA.export(source, target, {"family": "composer", "words": "a < b & c"})
        recipe = read_recipe(target.read_bytes())
        assert recipe == {"family": "composer", "words": "a < b & c"}
        score = partitura.load_musicxml(target)
        pitched = [track for track in piece.tracks if not track.drums]
        for part, track in zip(score.parts, pitched, strict=False):
            notes = part.note_array()
            written = sorted(zip(notes["onset_quarter"], notes["pitch"], strict=True))
            true = sorted((row[0] / 480, row[2]) for row in track.notes.tolist())
            assert written == true
    assert spelled(66, Key(7, "major"))[:2] == ("F", 1)
    assert spelled(66, Key(1, "major"))[:2] == ("G", -1)
    assert spelled(68, Key(9, "minor"))[:2] == ("G", 1)
    assert spelled(71, Key(6, "major")) == ("B", 0, 4)


def test_nothing_here_loads_torch_to_import(tmp_path: Path) -> None:
    import subprocess

    path = tmp_path / "a.mid"
    path.write_bytes(midi.write(band()))
    code = (
        "import sys, pathlib; from studio.data.modality import modality_data;"
        "d = modality_data('music'); raw = pathlib.Path(sys.argv[1]).read_bytes();"
        "d.probe(raw, 'a'); from studio.data.music.sound import Renderer;"
        "Renderer(d.whole(pathlib.Path(sys.argv[1]))).chunk(0, 1);"
        "print([m for m in ('torch', 'miditok', 'PySide6', 'partitura') if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
