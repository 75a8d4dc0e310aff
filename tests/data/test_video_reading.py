"""Films on their way in: what is read of them, and why others are not taken."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from made_films import film, frames, sound_only
from made_sounds import encoded_by_ffmpeg, tone
from PIL import Image

from studio.core.blobs import Span
from studio.core.errors import StudioError
from studio.core.items import Item
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.recipe import DataSpec
from studio.core.thumbnails import strip_frames
from studio.core.work import Work
from studio.data.abandoning import Abandoned, abandoned_by
from studio.data.importer import import_paths
from studio.data.modality import Rejected
from studio.data.preview import preview_sheet
from studio.data.store import prepare
from studio.data.video.clips import open_film
from studio.data.video.film_clips import clips_of
from studio.data.video.film_cuts import clip_starts, cuts_of
from studio.data.video.film_reading import FilmReader
from studio.data.video.film_survey import signatures, survey
from studio.data.video.modality import MODALITY
from studio.data.video.preparation import VideoPreparation
from studio.data.video.rules import fps_in, frames_in, seconds_in


def item(number: int, notes: tuple[str, ...], width: int = 64, height: int = 64) -> Item:
    span = Span(0, 1)
    return Item(number, f"{number}.mp4", "", "", width, height, notes, None, span, span, False)


def reason(raw: bytes) -> str:
    with pytest.raises(Rejected) as found:
        MODALITY.probe(raw, "film")
    assert str(found.value) and found.value.suggestion
    return found.value.reason


@pytest.mark.parametrize(
    ("kind", "codec", "form"),
    [
        ("mp4", "libx264", "yuv420p"),
        ("mov", "libx264", "yuv444p"),
        ("matroska", "libx264", "yuv420p10le"),
        ("webm", "libvpx-vp9", "yuv420p"),
        ("avi", "mpeg4", "yuv420p"),
        ("gif", "gif", "rgb8"),
        ("apng", "apng", "rgb24"),
        ("mpegts", "mpeg2video", "yuv420p"),
        ("webp", "libwebp_anim", "bgra"),
    ],
)
def test_every_container_is_read(kind: str, codec: str, form: str) -> None:
    rate = 25 if kind == "mpegts" else 12
    (found,) = MODALITY.probe(film(kind=kind, codec=codec, form=form, fps=rate), f"a.{kind}")
    made = item(1, found.notes)
    assert (found.width, found.height, frames_in(made)) == (64, 48, 30)
    assert fps_in(made) == pytest.approx(rate, rel=0.02)
    assert seconds_in(made) == pytest.approx(30 / rate, rel=0.02)
    assert strip_frames(found.thumbnail) == 8
    assert ("10-bit" in found.notes) == (form == "yuv420p10le")


def test_what_is_wrong_with_a_film_is_named() -> None:
    whole = film()
    assert reason(whole[: len(whole) // 3]) == "truncated"  # its table lies at the end
    early = film(kind="matroska")
    assert reason(early[: len(early) * 2 // 3]) == "truncated"
    gif = film(kind="gif", codec="gif", form="rgb8")
    assert reason(gif[:-400]) == "truncated"
    assert reason(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n") == "not-a-film"
    assert reason(b"ffconcat version 1.0\nfile /etc/passwd\n") == "not-a-film"
    assert reason(bytes(2000)) == "not-a-film"
    assert reason(sound_only()) == "no-pictures"
    assert reason(film(frames(1))) == "one-frame"
    assert reason(film(frames(3, 8, 8)[:, :4], form="yuv444p")) == "too-small"
    assert reason(film(np.zeros((2, 6016, 6016, 3), np.uint8), preset="ultrafast")) == "too-large"


def test_damage_in_the_middle_never_hangs_and_is_noted_or_refused() -> None:
    whole = film(frames(60))
    draw = np.random.default_rng(0)
    for _attempt in range(30):
        damaged = bytearray(whole)
        for place in draw.integers(40, len(whole), 20):
            damaged[place] = int(draw.integers(256))
        try:
            (found,) = MODALITY.probe(bytes(damaged), "film")
        except Rejected as error:
            assert error.suggestion
        else:
            assert frames_in(item(1, found.notes)) > 1


def test_what_is_special_is_noted() -> None:
    still = np.repeat(frames(1), 20, 0)
    uneven = [40 * number + (400 if number > 10 else 0) + (120 if number > 20 else 0)
              for number in range(30)]  # fmt: skip
    assert "static" in survey(film(still)).notes
    assert "static" not in survey(film()).notes
    jumpy = survey(film(kind="matroska", stamps=uneven))
    assert "variable-rate" in jumpy.notes
    assert jumpy.fps == pytest.approx(25, rel=0.01)
    absurd = [40 * number + (900_000_000 if number > 10 else 0) for number in range(30)]
    far = survey(film(kind="matroska", stamps=absurd))
    assert "time-stamps" in far.notes
    bars = frames(20, 64, 64)
    bars[:, :8] = bars[:, -8:] = 0
    bars[:, 8:-8] |= 80
    assert "black-borders" in survey(film(bars)).notes
    assert "interlaced" in survey(film(x264opts="tff=1:interlaced=1")).notes


def test_films_stand_upright_with_square_pixels(tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    pixels = np.full((6, 32, 64, 3), 10, np.uint8)
    pixels[:, :, :16] = (250, 250, 250)  # white at the left
    path.write_bytes(film(pixels, rotation=90, crf="4"))
    opened = open_film(path)
    assert (opened.width, opened.height) == (32, 64)
    shown = next(opened.frames())
    assert shown.shape == (64, 32, 3)
    white = shown.mean(2) > 128
    with FilmReader(path) as reader:
        list(reader.frames())
        assert reader.rotation in (90, -270)
    assert white[-16:].all() and not white[:40].any()  # turned counter-clockwise: it lies below


def test_frames_come_by_their_time(tmp_path: Path) -> None:
    path = tmp_path / "uneven.mkv"
    stamps = [0, 40, 80, 120, 400, 440, 480, 520, 560, 600]
    pixels = np.stack([np.full((32, 32, 3), 20 * number, np.uint8) for number in range(10)])
    path.write_bytes(film(pixels, "matroska", stamps=stamps, fps=25, crf="4"))
    levels = [round(float(frame.mean()) / 20) for frame in open_film(path).frames()]
    assert levels == [0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9]
    half = MODALITY.prepare_item(
        path.read_bytes(), VideoPreparation(frames=8, size=16, overlap=0), {"fps": "12.5"}
    )
    seen = [round(float(frame.mean()) / 20) for frame in half[0]]
    assert seen == [0, 2, 3, 3, 3, 4, 6, 8]


def test_a_look_alike_is_told_from_another_moment_of_the_same_place() -> None:
    one, moment = frames(30), frames(60)[30:]
    other = frames(30, seed=5)
    vectors = signatures(
        [film(one), film(one, crf="30"), film(moment[:, ::-1].copy()), film(other)]
    )
    apart = np.linalg.norm(vectors[0] - vectors[1:], axis=1)
    assert apart[0] < 1 < min(apart[1:])


def test_scenes_are_cut_where_they_change() -> None:
    def scene(seed: int, count: int) -> np.ndarray:
        grey: np.ndarray = frames(count, 32, 32, seed).mean(3).astype(np.uint8)
        return grey

    bright = np.minimum(scene(2, 20).astype(int) + 90, 255).astype(np.uint8)
    joined = np.concatenate([scene(1, 20), bright, scene(3, 25) // 3])
    assert cuts_of(joined) == [20, 40]
    assert cuts_of(scene(1, 60)) == []
    flash = scene(1, 40)
    flash[18] = 255
    assert cuts_of(flash) == []
    weights = np.linspace(0, 1, 30)[:, None, None]
    fade = ((1 - weights) * scene(1, 30) + weights * bright[:1]).astype(np.uint8)
    assert cuts_of(fade) == []


def test_clips_hold_no_cut_and_reach_to_the_end() -> None:
    assert clip_starts(32, 16, 0.5, []) == [0, 8, 16]
    assert clip_starts(37, 16, 0.0, []) == [0, 16, 21]
    assert clip_starts(40, 16, 0.0, [18]) == [0, 2, 18, 24]
    assert clip_starts(15, 16, 0.0, []) == []


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_clips_are_squares_in_grey_or_colour(fit: str) -> None:
    settings = VideoPreparation(frames=10, size=24, fit=fit, colour="grey", overlap=0)
    rows = MODALITY.prepare_item(film(), settings, {"fps": "12"})
    assert rows.shape == (3, 10, 24, 24, 1)
    assert rows.dtype == np.uint8
    assert np.abs(np.diff(rows.astype(int), axis=1)).max() > 50


def test_still_clips_are_left_out() -> None:
    half = np.concatenate([np.repeat(frames(1), 24, 0), frames(24)])
    settings = VideoPreparation(frames=12, size=32, overlap=0)
    assert len(MODALITY.prepare_item(film(half), settings, {"fps": "12"})) == 2
    kept = settings.model_copy(update={"still": False})
    assert len(MODALITY.prepare_item(film(half), kept, {"fps": "12"})) == 4


def test_a_dataset_of_films_is_prepared_at_its_usual_rate(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    for number in range(4):
        (folder / "a").mkdir(parents=True, exist_ok=True)
        raw = film(frames(120 if number else 240, seed=number), fps=12 if number else 24)
        (folder / "a" / f"{number}.mp4").write_bytes(raw)
    result = import_paths(opened, "Films", [folder], Work())
    assert (result.modality, result.taken) == ("video", 4)
    data = prepare(opened, result.dataset_id, {"size": 16, "frames": 8, "overlap": 0}, Work())
    assert data.spec.resources["fps"] == "12"
    assert data.spec.shape == (3, 8, 16, 16)
    assert (len(data.train), len(data.validation)) == (4 * 14, 4 * 2)  # 108 frames and 12


def test_the_doctor_counts_what_is_too_short_or_still() -> None:
    films = [item(n, ("frames=40", "fps=12")) for n in range(8)]
    films += [item(8, ("frames=9", "fps=12", "static")), item(9, ("frames=60", "fps=48"))]
    found = {each.rule: each for each in MODALITY.examine(films, VideoPreparation(frames=16))}
    assert found["too-short"].items == (8, 9)  # 60 frames at 48 are 15 at 12
    assert found["static"].items == (8,)
    assert "mixed-rates" in found
    assert found["too-short"].repair is not None
    assert "mixed-shapes" not in found


def test_nobody_waits_for_a_long_film_that_is_stopped() -> None:
    stopped = Event()
    stopped.set()
    with abandoned_by(stopped), pytest.raises(Abandoned):
        survey(film())


def test_numbered_pictures_of_a_folder_are_one_film(opened: Project, tmp_path: Path) -> None:
    for scene in ("walk", "run"):
        folder = tmp_path / "frames" / scene
        folder.mkdir(parents=True)
        for number, pixels in enumerate(frames(11, seed=len(scene))):
            Image.fromarray(pixels).save(folder / f"shot_{number}.png")  # 10 comes after 9
    Image.fromarray(frames(1)[0]).save(tmp_path / "frames" / "cover.png")
    result = import_paths(opened, "Frames", [tmp_path / "frames"], Work(), Modality.VIDEO)
    assert (result.taken, result.rejected) == (2, 1)
    table = opened.library.datasets
    films = table.items(table.ids(result.dataset_id))
    assert {(each.label, frames_in(each), fps_in(each)) for each in films} == {
        ("walk", 11, 12.0),
        ("run", 11, 12.0),
    }


def test_clips_share_the_memory_of_their_film_where_they_lie_evenly() -> None:
    """Clips that overlap are there once; cuts and still parts put them where they must be."""
    film = np.arange(40, dtype=np.uint8)[:, None, None, None] * np.ones((1, 8, 8, 3), np.uint8)
    for length, overlap, starts in (
        (16, 0.5, [0, 8, 16, 24]),
        (16, 0.0, [0, 16, 24]),
        (40, 0, [0]),
    ):
        clips = clips_of(film, length, overlap=overlap, cuts=False, still=False)
        np.testing.assert_array_equal(clips, [film[at : at + length] for at in starts])
        assert np.shares_memory(clips, film) == (len(set(np.diff(starts))) < 2)
    assert clips_of(film, 41, overlap=0, cuts=False, still=False).shape == (0, 41, 8, 8, 3)


def test_figures_of_clips_are_those_of_all_their_values() -> None:
    clips = np.random.default_rng(0).integers(30, 256, (3, 5, 8, 8, 3), np.uint8)
    found = MODALITY.statistics(clips, {"fps": "12"})
    values = clips.astype(np.float64) / 127.5 - 1
    assert found["mean"] == pytest.approx(values.mean(), abs=1e-4)
    assert found["std"] == pytest.approx(values.std(), abs=1e-4)
    assert found["motion"] == pytest.approx(np.abs(np.diff(values, axis=1)).mean(), abs=1e-4)
    assert MODALITY.statistics(clips[:0], {"fps": "12"})["motion"] == 0


def test_settings_that_leave_no_clip_are_said(opened: Project, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mp4").write_bytes(film(frames(20)))
    (tmp_path / "in" / "still.mp4").write_bytes(film(frames(1).repeat(30, 0)))
    name = import_paths(opened, "Short", [tmp_path / "in"], Work()).dataset_id
    with pytest.raises(StudioError) as found:
        prepare(opened, name, {"frames": 64, "size": 16}, Work())
    assert "longest film has 30" in found.value.message and "at most 30" in found.value.hint
    with pytest.raises(StudioError) as found:
        prepare(opened, name, {"frames": 24, "size": 16}, Work())
    assert "moves" in found.value.message and "Leave out still clips" in found.value.hint
    with pytest.raises(StudioError, match="something moves"):
        preview_sheet(opened, name, {"frames": 24, "size": 16}, 2, 0)
    kept = prepare(opened, name, {"frames": 24, "size": 16, "still": False}, Work())
    assert len(kept.train) + len(kept.validation) == 2
    assert not list(opened.prepared.rglob("*.tmp")), "what failed left nothing behind"


@pytest.mark.parametrize(
    "note", ["variable-rate", "time-stamps", "odd-rate", "glitches", "sizes-change"]
)
def test_the_doctor_says_what_was_put_in_order(note: str) -> None:
    films = [item(0, ("frames=40", "fps=12", note)), item(1, ("frames=40", "fps=12"))]
    found = {each.rule: each for each in MODALITY.examine(films, VideoPreparation(frames=16))}
    assert found["uneven"].items == (0,) and "1 of 2" in found["uneven"].evidence
    assert (note == "variable-rate") == ("1 with a variable" in found["uneven"].evidence)


def test_rates_pixels_colours_and_sound_are_noted() -> None:
    slow = film(kind="avi", codec="mpeg4", fps=500)
    assert "odd-rate" in survey(slow).notes
    wide = film(aspect=Fraction(2))
    assert survey(wide).notes == ("stretched-pixels",)
    assert (survey(wide).width, survey(wide).height) == (128, 48)
    grey = frames()[..., :1].repeat(3, 3)
    assert survey(film(grey)).notes == ("grey",)
    assert (
        "sound" in survey(encoded_by_ffmpeg(tone(0.5), 8000, "matroska", "aac", pictures=6)).notes
    )
    damaged = bytearray(film(frames(60), kind="mpegts", codec="mpeg2video", fps=25, g="60"))
    middle = len(damaged) // 2
    damaged[middle : middle + 60] = np.random.default_rng(1).bytes(60)
    assert "glitches" in survey(bytes(damaged)).notes
    both = film(kind="mpegts", codec="mpeg2video", fps=25) + film(
        frames(30, 96, 64), kind="mpegts", codec="mpeg2video", fps=25
    )
    assert "sizes-change" in survey(both).notes and survey(both).width == 64


def test_half_of_the_clips_are_mirrored_or_run_backwards() -> None:
    clips = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (64, 3, 4, 4, 1), np.uint8))
    plain = MODALITY.to_tensor(clips, VideoPreparation(mirror=True, backwards=True), augment=False)
    assert plain.shape == (64, 1, 3, 4, 4) and float(plain.min()) == -1 and float(plain.max()) == 1
    for settings, axis in (({"mirror": True}, 4), ({"backwards": True}, 2)):
        torch.manual_seed(0)
        made = MODALITY.to_tensor(clips, VideoPreparation(**settings), augment=True)
        as_were = (made == plain).flatten(1).all(1)
        changed = (made == plain.flip(axis)).flatten(1).all(1)
        assert (as_were ^ changed).all() and 20 < int(changed.sum()) < 44
        torch.manual_seed(0)
        again = MODALITY.to_tensor(clips, VideoPreparation(**settings), augment=True)
        assert torch.equal(again, made)


def test_a_users_film_becomes_a_clip_of_the_models_shape(tmp_path: Path) -> None:
    spec = DataSpec(modality=Modality.VIDEO, shape=(1, 8, 16, 16), count=1, resources={"fps": "6"})
    path = tmp_path / "a.mp4"
    path.write_bytes(film(frames(30), crf="4"))
    row = MODALITY.from_file(path, spec, VideoPreparation())
    assert row.shape == (8, 16, 16, 1) and row.dtype == np.uint8
    shown = [frame.mean(2) for frame in islice(open_film(path).frames(), 0, 16, 2)]
    small = [row[n, ..., 0].astype(float) for n in range(8)]
    assert np.argmax(small[7] - small[0]) // 16 < 8, "the square moves in the upper half"
    assert len({each.tobytes() for each in row}) == 8, "every other frame of 12 a second"
    assert abs(float(np.mean(shown)) - float(row.mean())) < 30
    with pytest.raises(Rejected, match="this has 15") as found:
        MODALITY.from_file(
            path, spec.model_copy(update={"shape": (1, 20, 16, 16)}), VideoPreparation()
        )
    assert found.value.reason == "too-short"
    for name, raw in (("b.mp4", b"no film"), ("c.mp4", b"")):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(Rejected):
            MODALITY.from_file(tmp_path / name, spec, VideoPreparation())
