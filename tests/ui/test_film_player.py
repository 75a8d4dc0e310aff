"""Films: the thread that reads ahead, the clock, and files that are odd."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from film_maker import number_in, write_film
from PIL import Image as Pillow
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.films.clock import FilmClock
from studio.ui.films.file import Frame, fitted, open_film
from studio.ui.films.reader import FilmReader, Loop
from studio.ui.films.track import FilmTrack

FRAME = 192 * 108 * 4  # bytes


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of 300 frames, 25 a second."""
    return write_film(tmp_path_factory.mktemp("films") / "long.mp4", 300)


@pytest.fixture
def reading() -> Iterator[Callable[..., FilmReader]]:
    """Return a way to start readers, which are ended after the test."""
    made: list[FilmReader] = []

    def begin(source: Path | bytes, room: QSize | None = None, frames: int = 40) -> FilmReader:
        reader = FilmReader(source, room, budget=frames * FRAME)
        made.append(reader)
        reader.start()
        return reader

    yield begin
    for reader in made:
        reader.end()


def seen(reader: FilmReader, seconds: float, loop: Loop | None = None) -> Frame:
    """Return the frame of a time as soon as it is there."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found = reader.at(seconds)
        reader.want(seconds, loop)
        if found is not None:
            return found
        time.sleep(0.002)
    raise AssertionError(f"nothing is shown at {seconds} s")


def test_a_film_is_read_through_a_ring(
    qapp: QApplication, film: Path, reading: Callable[..., FilmReader]
) -> None:
    reader = reading(film)
    for number in range(300):
        frame = seen(reader, number / 25 + 0.001)
        assert (frame.number, number_in(frame.image)) == (number, number)
        assert (frame.start, frame.end) == pytest.approx((number / 25, (number + 1) / 25))
        assert len(reader._frames) <= 40, "memory is bounded"
    assert not reader.whole
    assert seen(reader, 99.0).number == 299, "the last frame stays"


def test_places_are_sought_and_stepped_back_to(
    qapp: QApplication, film: Path, reading: Callable[..., FilmReader]
) -> None:
    reader = reading(film)
    for number in (200, 10, 290, 0, 151, 150, 149, 148, 120, 119, 100, 99, 60, 299):
        frame = seen(reader, number / 25 + 0.001)
        assert (frame.number, number_in(frame.image)) == (number, number)
    for number in range(298, 200, -1):
        assert number_in(seen(reader, number / 25 + 0.001).image) == number


def test_a_loop_begins_again_before_it_is_asked_for(
    qapp: QApplication, film: Path, reading: Callable[..., FilmReader]
) -> None:
    reader, loop = reading(film), Loop(4.0, 6.0)
    for lap in range(3):
        for number in range(100, 150):
            seconds = number / 25 + 0.001
            if lap and number == 100:
                time.sleep(0.2)
                assert reader.at(seconds) is not None, (
                    "the beginning was read while the end was shown"
                )
            assert number_in(seen(reader, seconds, loop).image) == number


def test_a_short_film_is_kept_whole(
    qtbot: QtBot, film: Path, reading: Callable[..., FilmReader]
) -> None:
    reader = reading(film, None, 400)
    with qtbot.waitSignal(reader.measured) as measured:
        reader.want(0.0)
    assert measured.args == [300, pytest.approx(12.0)]
    assert reader.whole
    qtbot.waitUntil(lambda: not reader.isRunning())
    assert [number_in(reader.at(at).image) for at in (11.99, 0.0, 5.0)] == [299, 0, 125]  # type: ignore[union-attr]
    assert reader.start_of(125) == pytest.approx(5.0)


def test_frames_keep_their_own_times(
    qapp: QApplication, tmp_path: Path, reading: Callable[..., FilmReader]
) -> None:
    times = [0, 40, 80, 1000, 1040, 3000]
    reader = reading(write_film(tmp_path / "odd.mkv", 6, times=times))
    looks = {0.0: 0, 0.5: 2, 0.999: 2, 1.01: 3, 2.9: 4, 3.0: 5}
    assert {at: number_in(seen(reader, at).image) for at in looks} == looks


@pytest.mark.parametrize("suffix", [".webm", ".mov", ".avi"])
def test_bytes_and_other_containers_are_read(
    qapp: QApplication, tmp_path: Path, reading: Callable[..., FilmReader], suffix: str
) -> None:
    path = write_film(tmp_path / f"film{suffix}", 30)
    reader = reading(path.read_bytes(), QSize(96, 96))
    frame = seen(reader, 20 / 25 + 0.001)
    assert number_in(frame.image) == 20
    assert frame.image.size() == QSize(96, 54)


def test_animations_show_each_frame_as_long_as_it_says(
    qapp: QApplication, tmp_path: Path, reading: Callable[..., FilmReader]
) -> None:
    pictures = [Pillow.new("RGB", (20, 10), (value, value, value)) for value in (0, 120, 240)]
    path = tmp_path / "slow.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=[100, 500, 50])
    reader = reading(path)
    assert seen(reader, 0.65).end == pytest.approx(0.65)
    assert [round(seen(reader, at).start, 2) for at in (0.0, 0.11, 0.61)] == [0.0, 0.1, 0.6]


def test_a_film_that_was_filmed_upright_stands_upright(tmp_path: Path) -> None:
    assert fitted(QSize(1920, 1080), QSize(960, 960)) == QSize(960, 540)
    assert fitted(QSize(64, 64), QSize(960, 960)) == QSize(64, 64)
    assert fitted(QSize(10_000, 1), QSize(100, 100)) == QSize(100, 1)


@pytest.mark.parametrize("side", [20, 44, 68, 100, 116])
def test_small_frames_have_no_dots_where_parts_of_them_meet(tmp_path: Path, side: int) -> None:
    """libswscale leaves some of a saturated colour there when several threads scale a frame."""
    path = tmp_path / "bright.mp4"
    draw = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 128
        stream.pix_fmt = "yuv420p"
        for _ in range(12):
            grey = draw.integers(225, 250, (16, 16, 1), dtype=np.uint8)
            pixels = np.repeat(grey.repeat(8, 0).repeat(8, 1), 3, 2)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    film = open_film(path)
    for frame in film.frames(0.0, lambda _size: QSize(side, side), lambda: True):
        image = frame.image
        raw = np.frombuffer(image.constBits(), np.uint8).reshape(side, image.bytesPerLine())
        colours = raw[:, : 4 * side].reshape(side, side, 4)[..., :3].astype(int)
        assert np.ptp(colours, axis=2).max() < 40, "a grey film has no colours"
    film.close()


def test_what_is_cut_off_is_played_as_far_as_it_goes(
    qtbot: QtBot, film: Path, tmp_path: Path, reading: Callable[..., FilmReader]
) -> None:
    path = write_film(tmp_path / "cut.mkv", 100)
    cut = path.read_bytes()[: path.stat().st_size * 2 // 3]
    reader = reading(cut)
    assert number_in(seen(reader, 1.0).image) == 25
    assert number_in(seen(reader, 60.0).image) > 30
    for broken in (b"", b"no film", film.read_bytes()[:900]):
        other = FilmReader(broken)
        with qtbot.waitSignal(other.opened) as opened:
            other.start()
        assert opened.args == [None]
        other.end()


def test_reading_ends_at_once(
    qapp: QApplication, film: Path, reading: Callable[..., FilmReader]
) -> None:
    reader = reading(film)
    seen(reader, 0.0)
    began = time.monotonic()
    reader.end()
    assert time.monotonic() - began < 0.5
    assert reader.at(0.0) is not None, "what was read stays"


class Looker:
    """Follows a clock and remembers the times."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.ready = True

    def show_time(self, seconds: float, loop: Loop | None) -> float | None:
        self.times.append(seconds)
        return seconds + 0.02 if self.ready else None


def test_clock_goes_at_its_speed_and_round(qtbot: QtBot) -> None:
    clock, looker = FilmClock(), Looker()
    clock.followers.append(looker)
    clock.set_length(10.0)
    clock.set_speed(2.0)
    clock.play()
    began = time.perf_counter()
    qtbot.waitUntil(lambda: clock.position > 0.6)
    taken = time.perf_counter() - began
    assert 0.29 < taken < 0.6
    clock.set_part(Loop(5.0, 5.1))
    looker.times.clear()
    qtbot.wait(250)
    assert all(5.0 <= at < 5.1 for at in looker.times)
    assert any(after < before for before, after in zip(looker.times, looker.times[1:]))  # noqa: B905
    clock.set_part(None)
    clock.set_loops(False)
    clock.seek(9.9)
    qtbot.waitUntil(lambda: not clock.playing)
    assert clock.position == 10.0
    clock.play()
    assert clock.position < 1.0
    clock.hold()


def test_clock_waits_for_what_is_not_there(qtbot: QtBot) -> None:
    clock, looker = FilmClock(), Looker()
    clock.followers.append(looker)
    clock.set_length(10.0)
    looker.ready = False
    clock.play()
    qtbot.wait(100)
    assert clock.position == 0.0
    looker.ready = True
    qtbot.waitUntil(lambda: clock.position > 0.05)
    clock.hold()


def test_film_of_any_rate_is_shown_frame_by_frame(qtbot: QtBot, film: Path) -> None:
    track, clock = FilmTrack(), FilmClock()
    clock.followers.append(track)
    numbers: list[int] = []
    track.turned.connect(lambda: numbers.append(track.frame.number if track.frame else -1))
    track.load(film, QSize(64, 64))
    qtbot.waitUntil(lambda: track.facts is not None)
    clock.set_length(track.seconds)
    clock.set_loops(False)
    clock.refresh()
    clock.play()
    qtbot.waitUntil(lambda: clock.position > 1.0)
    clock.hold()
    track.clear()
    assert numbers == sorted(numbers)
    assert len(numbers) >= 23, "no frame is left out, but for a hiccup of the machine"


def test_open_film_says_what_a_file_is(film: Path, tmp_path: Path) -> None:
    opened = open_film(write_film(tmp_path / "sound.mp4", 25, sound=True))
    facts = opened.facts
    opened.close()
    assert (facts.size, facts.frames, facts.sound) == (QSize(192, 108), 25, True)
    assert facts.seconds == pytest.approx(1.0, abs=0.1)
    assert np.isclose(facts.rate, 25)
