"""Recordings through the importer: every format, what is noted, what is refused and why."""

from __future__ import annotations

import io
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made import items, rejects
from made_sounds import encoded, encoded_by_ffmpeg, melody, noise, tone, write
from PIL import Image

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.work import Work
from studio.data.audio import taking as audio_taking
from studio.data.audio.survey import NOTES
from studio.data.importer import guess_modality, import_paths
from studio.data.modality import Rejected, modality_data
from studio.data.tables import read_table

DATA = modality_data(Modality.AUDIO)
SUBTYPES = [
    *(("WAV", each) for each in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("WAV", each) for each in ("ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM", "GSM610")),
    ("WAVEX", "PCM_24"),
    ("RF64", "PCM_16"),
    ("W64", "PCM_16"),
    ("FLAC", "PCM_S8"),
    ("FLAC", "PCM_16"),
    ("FLAC", "PCM_24"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
    ("AIFF", "PCM_16"),
    ("AIFF", "FLOAT"),
    ("AU", "ULAW"),
    ("CAF", "PCM_24"),
]


def stored(raw: bytes) -> tuple[np.ndarray, int]:
    """Return the samples and the rate that are kept of a file."""
    (probed,) = DATA.probe(raw, "a")
    samples, rate = soundfile.read(io.BytesIO(probed.stored), dtype="float32", always_2d=True)
    return samples, rate


def notes(raw: bytes) -> set[str]:
    """Return what is noted of a file."""
    (probed,) = DATA.probe(raw, "a")
    assert set(probed.notes) <= set(NOTES), "every note is said in words"
    return set(probed.notes)


def refused(raw: bytes) -> str:
    """Return why a file is refused."""
    with pytest.raises(Rejected) as caught:
        DATA.probe(raw, "a")
    assert caught.value.message and caught.value.suggestion
    return caught.value.reason


def put(raw: bytes, place: int, form: str, value: int) -> bytes:
    """Return bytes with a number written over."""
    return raw[:place] + struct.pack(form, value) + raw[place + struct.calcsize(form) :]


@pytest.mark.parametrize(("kind", "subtype"), SUBTYPES)
def test_every_format_is_taken(kind: str, subtype: str) -> None:
    plain = melody(1)
    samples, rate = stored(encoded(plain, 8000, kind, subtype))
    assert rate == 8000 and samples.shape[1] == 1
    assert abs(len(samples) - len(plain)) <= 1500
    if subtype.startswith(("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")):
        assert np.abs(samples[:, 0] - plain).max() <= (4e-5 if subtype == "PCM_16" else 2e-7)
    assert 0.3 < np.abs(samples).max() < 1


@pytest.mark.parametrize(
    ("container", "codec", "pictures"),
    [
        ("mp4", "aac", 0),
        ("adts", "aac", 0),
        ("mp4", "aac", 12),
        ("mov", "aac", 12),
        ("webm", "libopus", 12),
        ("matroska", "aac", 12),
        ("avi", "pcm_s16le", 12),
        ("ogg", "libopus", 0),
    ],
)
def test_what_ffmpeg_reads_is_taken(container: str, codec: str, pictures: int) -> None:
    raw = encoded_by_ffmpeg(melody(1, 1.5, 48_000), 48_000, container, codec, pictures=pictures)
    samples, rate = stored(raw)
    assert rate == 48_000 and samples.shape[1] == 1
    assert len(samples) == pytest.approx(1.5 * 48_000, rel=0.05)
    assert 0.4 < np.abs(samples).max() <= 1


@pytest.mark.parametrize("rate", [1000, 8000, 44_100, 88_201, 192_000, 384_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_rates_and_channels(rate: int, channels: int) -> None:
    sound = np.stack([melody(seed, 0.5, rate) for seed in range(channels)], 1)
    (probed,) = DATA.probe(encoded(sound, rate, "WAV"), "a")
    assert probed.height == pytest.approx(rate, rel=1e-4)
    assert probed.width == pytest.approx(500, abs=2)
    samples, _rate = stored(encoded(sound, rate, "WAV"))
    assert samples.shape[1] == min(2, channels)
    assert ("mixed-down" in probed.notes) == (channels > 2)


def test_bits_that_are_there_are_kept() -> None:
    plain = encoded(melody(1), 8000, "WAV", "PCM_16")
    (probed,) = DATA.probe(plain, "a")
    assert soundfile.info(io.BytesIO(probed.stored)).subtype == "PCM_16"
    again, _rate = soundfile.read(io.BytesIO(probed.stored), dtype="int16")
    was, _rate = soundfile.read(io.BytesIO(plain), dtype="int16")
    np.testing.assert_array_equal(again, was)
    (fine,) = DATA.probe(encoded(melody(1), 8000, "WAV", "PCM_24"), "a")
    assert soundfile.info(io.BytesIO(fine.stored)).subtype == "PCM_24"


def test_problems_are_noted() -> None:
    good = melody(1)
    assert notes(encoded(good)) == set()
    loud = np.clip(3 * good, -1, 1)
    assert notes(encoded(loud)) == {"clipped"}
    assert notes(encoded(tone(1, 44_100, pitch=100, level=1.0), 44_100)) == set(), "no flat tops"
    assert "quiet" in notes(encoded(good * np.float32(0.01)))
    assert "short" in notes(encoded(good[:600]))
    assert notes(encoded(0.5 * good + np.float32(0.2))) == {"offset"}
    assert "noisy" in notes(encoded(noise(1)))
    assert "noisy" in notes(encoded(0.2 * good + noise(1, level=0.4)))
    assert notes(encoded(np.stack([good, good], 1))) == {"same-sides"}
    assert notes(encoded(good, kind="WAV", subtype="PCM_U8")) >= {"8-bit"}
    assert "two-levels" in notes(encoded(np.where(good > 0, 0.5, -0.5).astype(np.float32)))
    assert "long" in notes(encoded(np.tile(melody(1, 10, 1000), 61), 1000))


def test_numbers_that_are_none_become_silence() -> None:
    broken = melody(1)
    broken[100:120], broken[200], broken[300], broken[400] = np.nan, np.inf, -np.inf, 1e30
    raw = encoded(broken, 8000, "WAV", "FLOAT")
    assert notes(raw) == {"repaired"}
    samples, _rate = stored(raw)
    assert np.isfinite(samples).all()
    assert not samples[[*range(100, 120), 200, 300, 400]].any()
    assert np.abs(samples[500:, 0] - broken[500:]).max() < 1e-6
    over = encoded(4 * melody(1), 8000, "WAV", "FLOAT")
    assert notes(over) == {"scaled"}
    assert np.abs(stored(over)[0]).max() == pytest.approx(1, abs=1e-4)
    assert refused(encoded(np.full(8000, np.nan, np.float32), 8000, "WAV", "FLOAT")) == "silent"


def test_headers_that_lie() -> None:
    good = encoded(melody(1))
    data = good.index(b"data") + 4
    whole, _rate = stored(good)
    for size in (0, 0xFFFFFFFF, 0x7FFFFFFF):  # as a recorder leaves it that still writes
        raw = put(put(good, data, "<I", size), 4, "<I", size)
        assert notes(raw) == {"header"}
        np.testing.assert_array_equal(stored(raw)[0], whole)
    assert notes(put(good, 32, "<H", 7)) == {"header"}
    assert notes(put(good, data, "<I", 20_000)) == {"cut-off"}
    assert refused(put(good, 24, "<I", 0)) == "rate"
    assert refused(put(good, 24, "<I", 0xFFFFFFFF)) == "rate"
    assert refused(put(good, 24, "<I", 5)) == "rate"
    assert refused(put(good, 22, "<H", 0)) == "channels"
    assert refused(put(good, 22, "<H", 65_535)) == "channels"
    assert refused(put(put(good, 34, "<H", 1), 32, "<H", 1)) == "bits"
    assert refused(put(good, 20, "<H", 0x4242)) == "corrupt"


def test_files_that_end_early() -> None:
    long = melody(1, 4)
    cut = {
        "wav": encoded(long),
        "flac": encoded(long, kind="FLAC"),
        "mp3": encoded(long, kind="MP3"),
        "aac": encoded_by_ffmpeg(melody(1, 4, 16_000), 16_000, "adts", "aac"),
    }
    for kind, raw in cut.items():
        samples, rate = stored(raw[: len(raw) // 2])
        assert 1 < len(samples) / rate < 3, kind
        if kind != "aac":  # whose header says nothing of its length
            assert "cut-off" in notes(raw[: len(raw) // 2]), kind
    whole = encoded_by_ffmpeg(melody(1, 4, 16_000), 16_000, "mp4", "aac")
    assert refused(whole[: len(whole) // 2]) == "corrupt", "what says how to read it comes last"
    assert refused(encoded(long)[:60]) == "truncated"


def test_what_is_no_sound_is_refused() -> None:
    assert refused(b"") == "empty"
    assert refused(b"no sound at all") == "not-sound"
    assert refused(bytes(5000)) in {"not-sound", "silent", "corrupt"}
    assert refused(b"<html><body>404</body></html>") == "not-sound"
    assert refused(encoded(np.zeros(8000, np.float32))) == "silent"
    assert refused(encoded(np.full(8000, 0.3, np.float32))) == "silent", "a constant is no sound"
    assert refused(encoded(melody(1)[:100])) == "too-short"
    assert refused(encoded(melody(1)[:0])) == "truncated"
    film = encoded_by_ffmpeg(melody(1, 0.5, 48_000), 48_000, "mp4", "aac", pictures=3)
    assert stored(film)[1] == 48_000
    picture = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(picture, "PNG")
    assert refused(picture.getvalue()) in {"no-sound", "not-sound"}


def test_damaged_files_never_hang_or_crash() -> None:
    draw = np.random.default_rng(3)
    whole = [encoded(melody(1), 8000, kind) for kind in ("WAV", "FLAC", "OGG", "MP3", "AIFF")]
    whole.append(encoded_by_ffmpeg(melody(1, 1, 16_000), 16_000, "mp4", "aac"))
    outcomes = 0
    for raw in whole:
        for number in range(12):
            bent = bytearray(raw)
            for place in draw.integers(4, len(raw), 1 + 6 * number):
                bent[place] = int(draw.integers(256))
            for damaged in (bytes(bent), raw[: int(draw.integers(1, len(raw)))]):
                try:
                    (probed,) = DATA.probe(damaged, "a")
                except Rejected as error:
                    assert error.reason
                else:
                    assert len(probed.stored) < 100 * len(raw) + 100_000
                outcomes += 1
    assert outcomes == 144


def test_a_folder_becomes_a_dataset(opened: Project, tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / "a" / "dogs" / f"{number}.wav", melody(number))
        write(tmp_path / "a" / "cats" / f"{number}.flac", melody(10 + number))
    write(tmp_path / "a" / "cats" / "again.mp3", melody(10, 1.0))
    (tmp_path / "a" / "cats" / "bad.ogg").write_bytes(b"OggS" + bytes(50))
    (tmp_path / "a" / "cats" / "0.txt").write_text("Miaow, it said.", encoding="utf-8")
    result = import_paths(opened, "A", [tmp_path / "a"], Work())
    assert result.modality == Modality.AUDIO
    assert (result.taken, result.rejected, result.helpers, result.lookalikes) == (7, 1, 1, 1)
    found = {item.name: item for item in items(opened, result.dataset_id)}
    assert found["cats/0.flac"].caption == "Miaow, it said."
    assert found["dogs/0.wav"].label == "dogs"
    assert (found["dogs/0.wav"].width, found["dogs/0.wav"].height) == (1000, 8000)
    assert {found["cats/again.mp3"].duplicate_of, found["cats/0.flac"].duplicate_of} == {
        None,
        min(found["cats/again.mp3"].id, found["cats/0.flac"].id),
    }
    (bad,) = rejects(opened, result.dataset_id).values()
    assert bad.reason == "corrupt"


def test_films_are_films_unless_their_sound_is_asked_for(opened: Project, tmp_path: Path) -> None:
    names = ["a.mp4", "b.webm", "c.wav"]
    assert guess_modality(names) == Modality.VIDEO
    assert guess_modality([*names, "d.wav", "e.flac"]) == Modality.AUDIO
    raw = encoded_by_ffmpeg(melody(1, 1, 48_000), 48_000, "mp4", "aac", pictures=12)
    (tmp_path / "film.mp4").write_bytes(raw)
    result = import_paths(opened, "A", [tmp_path / "film.mp4"], Work(), Modality.AUDIO)
    assert (result.taken, result.rejected) == (1, 0)


def test_long_recordings_are_read_where_they_lie(
    opened: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(DATA), "in_memory", 10_000)
    sound = melody(1, 3)
    write(tmp_path / "a" / "long.wav", sound)
    write(tmp_path / "a" / "short.wav", melody(2, 0.2))
    (tmp_path / "a" / "cut.wav").write_bytes(encoded(melody(3, 3))[:30_000])
    result = import_paths(opened, "A", [tmp_path / "a"], Work())
    assert (result.taken, result.rejected) == (3, 0)
    pack = BlobReader(opened.dataset(result.dataset_id) / ITEMS_PACK)
    found = {item.name: item for item in items(opened, result.dataset_id)}
    kept, _rate = soundfile.read(io.BytesIO(pack.get(found["long.wav"].item)), dtype="float32")
    pack.close()
    assert np.abs(kept - sound).max() < 4e-5
    assert found["cut.wav"].notes == ("cut-off",)
    assert found["long.wav"].width == 3000


def test_lists_of_what_is_spoken_are_read(opened: Project, tmp_path: Path) -> None:
    lines = ["LJ-1|Chapter 1, begins.|Chapter one, begins.", 'LJ-2|He said "no".|He said "no".']
    for name in ("LJ-1", "LJ-2"):
        write(tmp_path / "lj" / "wavs" / f"{name}.wav", melody(len(name)))
    write(tmp_path / "lj" / "wavs" / "LJ-2.wav", melody(9))
    table = "\n".join([*lines, "LJ-3|Not there, it seems.|Not there, it seems."])
    (tmp_path / "lj" / "metadata.csv").write_text(table, encoding="utf-8")
    result = import_paths(opened, "A", [tmp_path / "lj"], Work())
    assert (result.taken, result.rejected, result.helpers) == (2, 1, 1)
    found = {item.name: item for item in items(opened, result.dataset_id)}
    assert found["wavs/LJ-1.wav"].caption == "Chapter one, begins."
    assert found["wavs/LJ-2.wav"].caption == 'He said "no".'
    assert {item.label for item in found.values()} == {""}
    assert list(rejects(opened, result.dataset_id)) == ["metadata.csv: LJ-3"]


def test_a_short_column_beside_what_is_spoken_is_the_speaker() -> None:
    rows = read_table(b"a/1.wav|anna|Good morning to all of you.\na/2.wav|bo|And a good night.\n")
    assert rows[0] == ("a/1.wav", "anna", "Good morning to all of you.")
    assert read_table(b"1|yes it is\n2|no\n")[1] == ("2", "", "no")
    assert read_table(b"file|text\n1.wav|oh\n") == [("1.wav", "", "oh")]
    plain = read_table(b"1.png,cat,a cat | a dog\n")
    assert plain == [("1.png", "cat", "a cat | a dog")]


def test_small_files_that_unpack_to_hours_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_taking, "_UNPACKED", 1 << 20)
    quiet = np.zeros(2_000_000, np.float32)
    quiet[0] = 0.5
    assert refused(encoded(quiet, 8000, "FLAC")) == "bomb"
    assert notes(encoded(quiet[:400_000], 8000, "FLAC")) == {"two-levels"}


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    def most(minutes: int) -> int:
        path = tmp_path / f"{minutes}.flac"
        minute = melody(1, 60)
        with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16", format="FLAC") as file:
            for _minute in range(minutes):
                file.write(minute)
        scratch = tmp_path / f"scratch-{minutes}"
        scratch.mkdir()
        tracemalloc.start()
        (found,) = DATA.probe_file(path, "a", scratch, lambda: None)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found.file is not None and found.width == 60_000 * minutes
        return peak

    short, long = most(1), most(12)
    # the samples of 11 minutes are 21 MB; the extremes of every 4 milliseconds are 2 MB
    assert long < short + 9_000_000
