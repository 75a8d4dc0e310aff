"""Films through the engine: written while they are made, exported, given a sound."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import av
import numpy as np
import pytest
from PIL import Image
from sound_files import tone_file

from studio.cli import main
from studio.core.assets import AssetFilter
from studio.core.errors import StopRequested, StudioError
from studio.core.family_info import STILL_TASKS, Task
from studio.core.media import Clip, Film, Modality
from studio.core.project import Project
from studio.core.protocol import (
    AttachSound,
    ExportAssets,
    ExportTimelapse,
    GenerateRequest,
    Message,
    Progress,
)
from studio.core.side_by_side import Side
from studio.core.thumbnails import strip_frames
from studio.data.video.clips import open_film, read_recipe, save_clip
from studio.engine import comparing, exporting
from studio.engine.asset_sink import MAKING, AssetSink
from studio.engine.attaching import attach_sound
from studio.engine.control import Control
from studio.engine.exporting import export_assets
from studio.engine.inputs import whole_files
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel
from studio.engine.sheets import sheet_pixels


def moving(count: int = 24, width: int = 160, height: int = 128) -> np.ndarray:
    """Return frames in which a bar moves."""
    frames = np.full((count, height, width, 3), 40, np.uint8)
    for number, frame in enumerate(frames):
        frame[:, 3 * number : 3 * number + 20] = (220, 90, 30)
    return frames


@pytest.fixture
def opened(tmp_path: Path) -> Project:
    return Project.open(tmp_path / "films.studio", create=True)


def job_of(events: list[Message]) -> JobContext:
    return JobContext("job", Control(), events.append)


def sink_of(project: Project, job: JobContext, **request: Any) -> AssetSink:
    model = SimpleNamespace(
        spec=SimpleNamespace(modality=request.pop("modality", Modality.VIDEO)),
        reference="run@1",
        title="Upscaler",
        recipe=SimpleNamespace(family="video_restore", dataset=SimpleNamespace(name="Films")),
        step=1,
        run="run",
    )
    asked = GenerateRequest(model="run@1", **request)
    return AssetSink(project, "", cast("LoadedModel", model), asked, job)


def clip_asset(project: Project, **request: Any) -> int:
    """Write a clip as a model of clips does; returns the asset's id."""
    with sink_of(project, job_of([]), **request) as sink:
        sink.write(Clip(moving(), 12.0, facts={"seed": 7}), "clip")
    return sink.assets[0]


@pytest.mark.parametrize("fps", [12, 25])
def test_a_film_is_written_while_it_is_made_and_enters_the_gallery(
    opened: Project, tmp_path: Path, fps: int
) -> None:
    source = save_clip(Clip(moving(5 * fps), fps), tmp_path / "in.mp4")
    sound = tone_file(tmp_path / "tone.wav", 5.0)
    film = open_film(source)
    larger = Film(
        lambda: (frame.repeat(2, 0).repeat(2, 1) for frame in film.frames()),
        2 * film.width,
        2 * film.height,
        film.fps,
        film.count,
        sound=sound,
    )
    events: list[Message] = []
    with sink_of(opened, job_of(events)) as sink:
        sink.write(larger, "upscaled")
    (path,) = sink.paths
    with av.open(path) as container:
        assert container.streams.audio
        assert container.streams.video[0].frames == 5 * fps
        assert container.streams.video[0].average_rate == fps
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(5.0, abs=1 / fps)
    (asset,) = opened.library.assets.get(sink.assets)
    assert (asset.modality, asset.width, asset.height) == (Modality.VIDEO, 320, 256)
    assert (read_recipe(Path(path)) or {})["model"]["family"] == "video_restore"
    said = [event for event in events if isinstance(event, Progress)]
    assert said[-1].stage == "Writing frames" and said[-1].total == 5 * fps
    pack = opened.thumbnails.read_bytes()
    assert strip_frames(pack[asset.thumb.offset : asset.thumb.offset + asset.thumb.length]) == 8
    opened.close()


def test_one_count_leads_while_a_film_is_made(
    opened: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Message] = []
    job = job_of(events)
    now = 100.0
    monkeypatch.setattr("studio.engine.job.time.monotonic", lambda: now)

    def frames() -> Any:
        nonlocal now
        for number, frame in enumerate(moving(12)):
            for tile in range(4):
                now += 0.5
                job.progress(MAKING, 4 * number + tile + 1, 48, "items")
            yield frame

    with sink_of(opened, job) as sink:
        sink.write(Film(frames, 160, 128, 12.0, 12), "repaired")
    said = [event for event in events if isinstance(event, Progress)]
    assert {event.stage for event in said} == {MAKING}
    halfway = next(event for event in said if event.done == 24)
    assert halfway.seconds_left == pytest.approx(12, abs=1)
    opened.close()


def test_a_stop_between_two_frames_leaves_no_part_of_a_film(opened: Project) -> None:
    job = job_of([])

    def frames() -> Any:
        for number, frame in enumerate(moving(40)):
            if number == 20:
                job.control.stop(save=True)
            yield frame

    sink = sink_of(opened, job)
    with sink, pytest.raises(StopRequested):
        sink.write(Film(frames, 160, 128, 12.0, 40), "never")
    assert sink.paths == []
    assert [path for path in opened.assets.rglob("*") if path.is_file()] == []
    opened.close()


def test_a_picture_serves_where_it_is_set_in_motion_and_is_refused_elsewhere(
    tmp_path: Path,
) -> None:
    Image.fromarray(moving(1)[0]).save(tmp_path / "first.png")
    model = cast("LoadedModel", SimpleNamespace(spec=SimpleNamespace(modality=Modality.VIDEO)))
    files = [str(tmp_path / "first.png")]
    for task in STILL_TASKS:
        (film,) = whole_files(model, files, task)
        assert isinstance(film, Film) and film.count == 1
    with pytest.raises(StudioError, match="It is a picture") as caught:
        whole_files(model, files, Task.RESTORE)
    assert caught.value.title == "first.png cannot be used"
    assert "Choose a clip" in caught.value.hint


def test_clips_of_models_of_pictures_go_the_same_way(opened: Project) -> None:
    with sink_of(opened, job_of([]), form="gif", modality=Modality.IMAGE) as sink:
        sink.write(Clip(moving()[:, :64, :64], 12.0), "path")
    (asset,) = opened.library.assets.get(sink.assets)
    assert (asset.modality, Path(asset.path).suffix) == (Modality.VIDEO, ".gif")
    opened.close()


@pytest.mark.parametrize("form", ["mp4", "webm", "av1", "gif", "webp", "png"])
@pytest.mark.parametrize("embed", [True, False])
def test_clips_leave_in_every_format(
    opened: Project, tmp_path: Path, form: str, embed: bool
) -> None:
    ids = [clip_asset(opened), clip_asset(opened, form="webp")]
    command = ExportAssets(
        project=str(opened.folder),
        assets=ids,
        format=form,
        path=str(tmp_path / "out"),
        embed_recipe=embed,
        fps=6,
    )
    found = export_assets(command, job_of([]))
    paths = [Path(path) for path in found["paths"]]
    assert len(paths) == 2
    for path in paths:
        assert (read_recipe(path) is not None) == embed
        if form == "png":
            assert len(list(path.glob("*.png"))) == 12
        elif form == "webp":
            with Image.open(path) as image:
                assert image.n_frames == 12  # type: ignore[attr-defined]
        else:
            assert len(list(open_film(path).frames())) in (12, 13)
            with av.open(str(path)) as container:
                (stream,) = container.streams.video
                codecs = {"mp4": "h264", "webm": "vp9", "av1": "av1", "gif": "gif"}
                assert stream.codec_context.codec.canonical_name == codecs[form]
                if form != "gif":  # which tells the time of each frame alone
                    assert stream.average_rate == 6
    opened.close()


def test_a_clip_takes_the_sound_of_a_recording_or_a_tune(opened: Project, tmp_path: Path) -> None:
    from tiny_data import tune

    from studio.data.music import midi

    asset = clip_asset(opened)
    (tmp_path / "tune.mid").write_bytes(midi.write(tune(1)))
    sounds = [tone_file(tmp_path / "tone.wav", 0.4), tmp_path / "tune.mid"]
    for sound in sounds:
        command = AttachSound(project=str(opened.folder), video=str(asset), sound=str(sound))
        found = attach_sound(command, job_of([]))
        (path,) = found["paths"]
        with av.open(path) as container:
            assert container.streams.audio
            assert container.duration is not None
            assert container.duration / 1e6 == pytest.approx(2.0, abs=1 / 12)
            heard = np.concatenate(
                [np.abs(frame.to_ndarray()).max(0) for frame in container.decode(audio=0)]
            )
        second = len(heard) // 2
        assert heard[second : second + second // 2].max() > 0.02  # it began again, or goes on
        assert heard[-400:].max() < 0.3 * heard.max()  # and has faded
        (made,) = opened.library.assets.get(found["assets"])
        assert made.recipe["sound"] == {"file": sound.name}
        assert made.recipe["video"]["facts"] == {"seed": 7}
    assert len(opened.library.assets.ids(AssetFilter(modality=Modality.VIDEO))) == 3
    opened.close()


def test_sound_is_attached_on_the_command_line(
    opened: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(opened.folder)
    opened.close()
    video = save_clip(Clip(moving(), 12.0), tmp_path / "in.mp4")
    sound = tone_file(tmp_path / "tone.wav", 0.5)
    out = tmp_path / "out.webm"
    given = ["--video", str(video), "--sound", str(sound), "--out", str(out)]
    assert main(["attach", folder, *given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["result"]["paths"] == [str(out)]
    assert out.stat().st_size > 1000
    silent = ["--video", str(video), "--sound", str(video), "--out", str(out)]
    assert main(["attach", folder, *silent]) == 1


def test_sheets_of_clips_give_their_first_frames(tmp_path: Path) -> None:
    path = save_clip(Clip(moving(), 12.0), tmp_path / "sheet.mp4")
    assert np.abs(sheet_pixels(path).astype(int) - moving(1)[0]).mean() < 4


def test_a_timelapse_plays_each_sheet_that_moves(
    opened: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = range(20, 220, 40)
    sheets = {
        step: save_clip(
            Clip(np.full((12, 128, 128, 3), level, np.uint8), 12.0), tmp_path / f"{step}.mp4"
        )
        for step, level in enumerate(levels)
    }
    recipe = SimpleNamespace(name="Shapes")
    run = SimpleNamespace(recipe=lambda: recipe, sample_paths=lambda: sheets)
    monkeypatch.setattr("studio.engine.exporting.Run.find", lambda _folder, _name: run)
    command = ExportTimelapse(project=str(opened.folder), run="run", path=str(tmp_path / "all.mp4"))
    assert exporting.export_timelapse(command, job_of([]))["frames"] == 5
    film = open_film(tmp_path / "all.mp4")
    frames = list(film.frames())
    assert (film.fps, len(frames)) == (12.0, 60)
    assert [round(float(frame.mean()), -1) for frame in frames[6::12]] == list(levels)
    monkeypatch.setattr(exporting, "_LONGEST", 3.0)  # seconds, of 5: the first, middle and last
    assert exporting.export_timelapse(command, job_of([]))["frames"] == 3
    seen = list(open_film(tmp_path / "all.mp4").frames())[6::12]
    assert [round(float(frame.mean()), -1) for frame in seen] == [20, 100, 180]
    opened.close()


def test_runs_of_clips_play_side_by_side(tmp_path: Path) -> None:
    sheets = {"red": (12, 12.0), "blue": (3, 6.0)}
    sides = []
    for name, (count, fps) in sheets.items():
        pixels = np.zeros((count, 128, 128, 3), np.uint8)
        pixels[..., 0 if name == "red" else 2] = np.linspace(80, 240, count)[:, None, None]
        sheet = save_clip(Clip(pixels, fps), tmp_path / f"{name}.mp4")
        sides.append(Side(run=name, name=name, step=10, seconds=60, sheet=sheet, values={}))
    comparing._write_sheets(sides, tmp_path / "both.mp4")
    film = open_film(tmp_path / "both.mp4")
    frames = list(film.frames())
    assert (film.fps, len(frames)) == (12.0, 12)
    middle = film.height // 2
    left = [int(frame[middle, film.width // 4, 0]) for frame in frames]
    right = [int(frame[middle, 3 * film.width // 4, 2]) for frame in frames]
    assert left[0] < left[5] < left[11]
    assert right[0] < right[3] < right[5] and abs(right[11] - right[5]) < 6, "its last one stays"
    comparing._write_sheets(sides, tmp_path / "both.png")
    with Image.open(tmp_path / "both.png") as picture:
        assert abs(picture.width - film.width) <= 1


MEASURED = """
import re, sys
from pathlib import Path
from studio.core.media import Film
from studio.data.video.clips import open_film, save_clip
film = open_film(Path(sys.argv[1]))
turned = Film(lambda: (255 - frame for frame in film.frames()), film.width, film.height,
              film.fps, film.count, film.sound)
save_clip(turned, Path(sys.argv[2]))
# not ru_maxrss, which begins with the size of the process that this one was started by
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_a_minute_of_film_passes_in_bounded_memory(tmp_path: Path) -> None:
    ground = np.random.default_rng(0).integers(0, 255, (45, 80, 3), np.uint8).repeat(8, 0)
    ground = ground.repeat(8, 1)

    def frames() -> Any:
        for number in range(300):
            yield np.roll(ground, number, 1)

    source = tmp_path / "minute.mp4"
    sound = tone_file(tmp_path / "tone.wav", 60.0)
    save_clip(Film(frames, 640, 360, 5.0, 300, sound), source, quality=40)
    out = tmp_path / "out.mp4"
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, str(source), str(out)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(ended.stdout) < 1500  # MB
    with av.open(str(source)) as before, av.open(str(out)) as after:
        assert before.duration is not None and after.duration is not None
        assert abs(before.duration - after.duration) / 1e6 <= 1 / 5
        assert after.streams.audio[0].duration == before.streams.audio[0].duration
