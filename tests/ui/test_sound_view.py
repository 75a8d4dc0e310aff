"""Sound in views: files, items, sheets, what is chosen and played, and two hours in time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from music_maker import Card, cards
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout
from pytestqt.qtbot import QtBot
from sound_maker import steps, tone, write

from studio.core.blobs import BlobReader, BlobWriter, Source
from studio.core.media import Modality, Sound
from studio.data.modality import modality_data
from studio.ui.dialogs.compare_sounds import CompareSoundsDialog
from studio.ui.sound import player
from studio.ui.theme import ThemeMode, theme
from studio.ui.views.audio import AudioView
from studio.ui.views.registry import make_view
from studio.ui.views.sound_canvas import SoundCanvas
from studio.ui.views.sound_edges import GUTTER, RULER, draw_ruler, time_step, time_words
from studio.ui.views.sound_reading import recording_reader, sights

TOGETHER = 8000  # milliseconds of patience


@pytest.fixture(autouse=True)
def sound(qapp: QApplication) -> Iterator[list[Card]]:
    """Play through cards that are none."""
    with cards() as made:
        yield made
        recording_reader().wait()
        sights().wait()


def shown(qtbot: QtBot, source: Source, width: int = 800) -> AudioView:
    """Return a view of a file, or of an item, once it is read."""
    view = make_view(Modality.AUDIO)
    assert isinstance(view, AudioView)
    qtbot.addWidget(view)
    view.resize(width, 420)
    with qtbot.waitExposed(view):
        view.show()
    if isinstance(source, Path):
        view.show_media(source)
    else:
        view.show_item(source, "item.wav")
    qtbot.waitUntil(lambda: view.canvas.recording is not None, timeout=TOGETHER)
    return view


def settled(canvas: SoundCanvas) -> None:
    """Wait until all that is in sight is read and painted."""
    for _ in range(3):
        QTest.qWait(5)
        canvas.viewport().repaint()
        sights().wait()
    QTest.qWait(5)
    canvas.viewport().repaint()


def test_a_file_is_shown_and_plays_while_it_is_seen(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, write(tmp_path / "tone.wav", tone(20.0)))
    assert view.bar._time.text() == "0:00.0 / 0:20.0"
    assert "0:20.0 of sound, 8,000 Hz, mono" in view.canvas.accessibleDescription()
    QTest.keyClick(view.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: view.bar.position() > 0.3, timeout=TOGETHER)
    assert view.bar.meter._level == pytest.approx(-6.0, abs=0.5)
    QTest.keyClick(view.canvas, Qt.Key.Key_Space)
    assert not player().plays() and view.bar.meter._level is None
    QTest.keyClick(view.canvas, Qt.Key.Key_End)
    assert view.bar.position() == pytest.approx(20.0)
    QTest.keyClick(view.canvas, Qt.Key.Key_Home)
    view.toggle()
    view.hide()
    assert not player().plays(), "nobody sees what would play"


@pytest.mark.parametrize("lies", ["in memory", "in its pack"])
def test_an_item_of_a_dataset_is_shown_and_heard(
    qtbot: QtBot, tmp_path: Path, sound: list[Card], lies: str
) -> None:
    file = write(tmp_path / "tone.flac", tone(1.0), "FLAC")
    with BlobWriter(tmp_path / "items.pack") as pack:
        pack.add(bytes(1000))
        span = pack.add_file(file)
        pack.add(bytes(1000))
    items = BlobReader(tmp_path / "items.pack")
    view = shown(qtbot, items.get(span) if lies == "in memory" else items.part(span))
    with qtbot.waitSignal(player().ended, timeout=TOGETHER):
        view.toggle()
    assert np.abs(sound[-1].sound()).max() == pytest.approx(0.5, abs=0.05)


def test_what_cannot_be_read_is_said_in_its_place(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, write(tmp_path / "tone.wav", tone()))
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no sound at all, but words")
    view.show_media(broken)
    qtbot.waitUntil(lambda: bool(view.canvas.message), timeout=TOGETHER)
    assert view.canvas.recording is None and not view.bar._play.isEnabled()
    view.show_media(tmp_path / "gone.wav")
    qtbot.waitUntil(lambda: "No such file" in view.canvas.message, timeout=TOGETHER)
    view.clear()
    assert view.canvas.message == ""


def test_the_newest_of_several_files_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, write(tmp_path / "one.wav", tone()))
    for seconds in (3, 2, 5):
        view.show_media(write(tmp_path / f"{seconds}.wav", tone(seconds)))
    qtbot.waitUntil(lambda: view.canvas.seconds == 5, timeout=TOGETHER)
    recording_reader().wait()
    QTest.qWait(20)
    assert view.canvas.seconds == 5


def test_samples_of_a_sheet_can_be_gone_through(qtbot: QtBot, tmp_path: Path) -> None:
    data = modality_data(Modality.AUDIO)
    sheet = data.write_sheet([tone(1.0), tone(0.5), tone(1.5)], tmp_path / "step-00000010")
    view = shown(qtbot, sheet)
    starts = view.starts()
    assert len(starts) == 3 and starts[1] > 1.0
    before, words, after = view._jumpers
    assert words.isVisible() and words.text() == "Sample 1 of 3"
    QTest.mouseClick(after, Qt.MouseButton.LeftButton)
    assert view.bar.position() == starts[1] and words.text() == "Sample 2 of 3"
    QTest.keyClick(view.canvas, Qt.Key.Key_PageDown)
    assert view.bar.position() == starts[2] and words.text() == "Sample 3 of 3"
    QTest.mouseClick(before, Qt.MouseButton.LeftButton)
    assert words.text() == "Sample 2 of 3"


def test_a_drag_chooses_what_is_played(qtbot: QtBot, tmp_path: Path, sound: list[Card]) -> None:
    view = shown(qtbot, write(tmp_path / "steps.wav", steps((0.1, 0.2, 0.3, 0.4), 1.0)))
    canvas = view.canvas
    left, right = (QPoint(round(canvas.x_of(at)), RULER + 30) for at in (1.0, 2.0))
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=left)
    QTest.mouseMove(canvas.viewport(), right)
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=right)
    assert canvas.span == pytest.approx((1.0, 2.0), abs=0.01)
    assert view.bar.position() == pytest.approx(1.0, abs=0.01)
    assert view.bar._chosen.text() == "1.00 s chosen"
    with qtbot.waitSignal(player().ended, timeout=TOGETHER):
        QTest.keyClick(canvas, Qt.Key.Key_Space)
    heard = sound[-1].sound()[:, 0]
    assert np.unique(heard[heard > 0.05].round(1)).tolist() == pytest.approx([0.2], abs=0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Z)
    assert canvas.left() == pytest.approx(1.0, abs=0.02)
    assert canvas.time_at(QPointF(canvas.viewport().width(), 50)) == pytest.approx(2.0, abs=0.02)
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(GUTTER + 100, 60))
    assert canvas.span is None, "a click chooses nothing and goes there"
    assert 1.0 < view.bar.position() < 1.3


def test_keys_choose_a_part(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, write(tmp_path / "tone.wav", tone(4.0)))
    canvas = view.canvas
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    at = view.bar.position()
    assert at == pytest.approx(0.1, abs=0.02)
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.span == pytest.approx((at, 4 * at), abs=0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.span == pytest.approx((at, 3 * at), abs=0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.span is None


def test_zoom_keeps_the_place_under_the_pointer(qtbot: QtBot, tmp_path: Path) -> None:
    canvas = shown(qtbot, write(tmp_path / "tone.wav", tone(60.0))).canvas
    canvas.zoom(10.0, 300)
    before = canvas.time_at(QPointF(GUTTER + 300, 50))
    canvas.zoom(2.0, 300)
    assert canvas.time_at(QPointF(GUTTER + 300, 50)) == pytest.approx(before, abs=0.02)
    for _ in range(60):
        QTest.keyClick(canvas, "+")
    assert canvas.across == 12 * 8000, "single samples can be seen"
    settled(canvas)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.horizontalScrollBar().maximum() == 0, "all of it is in sight"


@pytest.mark.parametrize("mode", [ThemeMode.DARK, ThemeMode.LIGHT])
def test_waveform_and_spectrum_show_what_is_there(
    qtbot: QtBot, tmp_path: Path, mode: ThemeMode
) -> None:
    """A second of silence, then a tone: colours of the theme where it sounds, ground elsewhere."""
    silence = np.zeros((8000, 1), np.float32)
    joined = Sound(np.concatenate([silence, tone(1.0, hertz=1000).samples]), 8000)
    canvas = shown(qtbot, write(tmp_path / "half.wav", joined)).canvas
    theme().set_mode(mode)
    settled(canvas)
    image = canvas.viewport().grab().toImage()
    wave, spectrum = canvas._wave_room(), canvas._spectrum_room()
    quiet, loud = (round(canvas.x_of(at)) for at in (0.4, 1.6))
    above = wave.center().y() - wave.height() // 8
    assert image.pixelColor(loud, above) == theme().series(0)
    assert image.pixelColor(quiet, above) == theme().colour("panel")
    rows = range(spectrum.top() + 2, spectrum.bottom())
    ground = theme().colour("panel")
    apart = [abs(image.pixelColor(loud, y).red() - ground.red()) for y in rows]
    brightest = rows[int(np.argmax(apart))]
    share = (spectrum.bottom() - brightest) / spectrum.height()
    # 2595 log10(1 + f / 700): 1,000 Hz of 4,000 Hz
    assert share == pytest.approx(np.log10(1 + 1000 / 700) / np.log10(1 + 4000 / 700), abs=0.05)
    assert {image.pixelColor(quiet, y).name() for y in rows} == {ground.name()}
    theme().set_mode(ThemeMode.SYSTEM)


@pytest.mark.parametrize(
    "made",
    [
        Sound(np.zeros((1, 1), np.float32), 8000),
        Sound(np.full((3000, 2), np.nan, np.float32), 44_100),
        Sound(np.full((5000, 1), 1e6, np.float32), 1000),
    ],
    ids=["a sample", "no numbers", "far too loud"],
)
def test_odd_recordings_are_drawn(qtbot: QtBot, tmp_path: Path, made: Sound) -> None:
    canvas = shown(qtbot, write(tmp_path / "odd.wav", made, subtype="FLOAT")).canvas
    for work in (canvas.fit, lambda: canvas.zoom(1e9), lambda: canvas.zoom(1e-9)):
        work()
        settled(canvas)
    canvas.set_playhead(canvas.seconds, follow=True)


def test_times_of_a_ruler() -> None:
    assert [time_step(across) for across in (1e-3, 0.1, 10, 100, 1000)] == pytest.approx(
        [79_200, 900, 10, 1, 0.1]
    )
    assert time_words(62, 1) == "1:02" and time_words(3725, 60) == "1:02:05"
    assert time_words(3.25, 0.05) == "0:03.25" and time_words(59.999, 0.1) == "1:00.0"


class _Reader(QPainter):
    """A painter that remembers which words it wrote, and where."""

    def __init__(self, image: QImage) -> None:
        super().__init__(image)
        self.written: list[tuple[QRectF, str]] = []

    def drawText(self, box: QRectF, _flags: Qt.AlignmentFlag, words: str) -> None:  # type: ignore[override]
        self.written.append((QRectF(box), words))


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    ("seconds", "last"), [(0.95, "0:00.9"), (1.02, "0:00.9"), (1.25, "0:01.2")]
)
def test_times_of_a_ruler_stand_apart(seconds: float, last: str) -> None:
    image = QImage(900, 40, QImage.Format.Format_RGB32)
    painter = _Reader(image)
    draw_ruler(painter, QRect(44, 20, 808, 20), 0, 808 / seconds, seconds)
    painter.end()
    boxes = [box for box, _words in painter.written]
    assert all(box.right() < after.left() for box, after in pairwise(boxes))
    assert boxes[-1].right() <= 852 and painter.written[-1][1] == last


def test_space_plays_in_a_dialog(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    view = AudioView()
    QVBoxLayout(dialog).addWidget(view)
    with qtbot.waitExposed(dialog):
        dialog.show()
    view.show_media(write(tmp_path / "tone.wav", tone(9.0)))
    qtbot.waitUntil(lambda: view.canvas.recording is not None, timeout=TOGETHER)
    QTest.keyClick(dialog, Qt.Key.Key_Space)
    assert view.bar.playing()
    dialog.reject()
    assert not player().plays()


def test_reading_a_long_file_says_how_far_it_is_and_can_be_cancelled(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading_peaks(monkeypatch)
    view = AudioView()
    qtbot.addWidget(view)
    view.show()
    view.show_media(write(tmp_path / "tone.wav", tone()))
    qtbot.waitUntil(view._reading.isVisible, timeout=TOGETHER)
    qtbot.waitUntil(lambda: "50%" in view._share.accessibleName(), timeout=TOGETHER)
    QTest.mouseClick(view._cancel, Qt.MouseButton.LeftButton)
    recording_reader().wait()
    assert view.canvas.recording is None and view._words.text() == "Reading was cancelled."
    slow.clear()
    QTest.mouseClick(view._cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.canvas.recording is not None, timeout=TOGETHER)
    assert not view._reading.isVisible()


def threading_peaks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Let peaks take forever while the returned list holds something."""
    from studio.ui.views import sound_reading

    slow, peaks = [True], sound_reading.Peaks

    def made(source: Path | bytes, tick: object) -> object:
        assert callable(tick)
        while slow:
            tick(0.5)
            time.sleep(0.01)
        return peaks(source)

    monkeypatch.setattr(sound_reading, "Peaks", made)
    return slow


@pytest.mark.slow
def test_two_hours_open_at_once_and_scroll_smoothly(
    qtbot: QtBot, tmp_path: Path, own_folders: None
) -> None:
    """Paints are counted in the processor's time, so that what else runs on the machine is not."""
    path = tmp_path / "long.wav"
    rng = np.random.default_rng(0)
    minute = (rng.standard_normal((60 * 8000, 1)) * 0.2).astype(np.float32)
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for _ in range(120):
            file.write(minute)
    first = shown_patiently(qtbot, path)
    first.hide()
    view = AudioView()
    qtbot.addWidget(view)
    view.resize(1200, 600)
    view.show()
    began = time.perf_counter()
    view.show_media(path)
    qtbot.waitUntil(lambda: view.canvas.recording is not None, timeout=TOGETHER)
    view.canvas.viewport().repaint()
    assert time.perf_counter() - began < 1.0, "its peaks are kept"
    canvas = view.canvas
    assert canvas.seconds == 7200

    def p95(step: object) -> float:
        assert callable(step)
        taken = []
        for frame in range(150):
            step(frame)
            began = time.thread_time()
            canvas.viewport().repaint()
            taken.append(time.thread_time() - began)
        return sorted(taken)[142] * 1000

    zooming = p95(lambda frame: canvas.zoom(1.2 if frame % 100 < 75 else 0.8, 400))
    canvas.show_part(100.0, 200.0)
    bar = canvas.horizontalScrollBar()
    scrolling = p95(lambda _frame: bar.setValue(bar.value() + 37))
    assert bar.value() > 20_000 + 5000
    playing = p95(lambda frame: canvas.set_playhead(200 + frame / 2, follow=True))
    assert zooming < 16, f"{zooming:.1f} ms"
    assert scrolling < 16, f"{scrolling:.1f} ms"
    assert playing < 16, f"{playing:.1f} ms"


def shown_patiently(qtbot: QtBot, path: Path) -> AudioView:
    """Return a view of a long file whose peaks are made."""
    view = AudioView()
    qtbot.addWidget(view)
    view.show()
    view.show_media(path)
    qtbot.waitUntil(lambda: view.canvas.recording is not None, timeout=120_000)
    return view


def test_two_recordings_have_one_playhead(qtbot: QtBot, tmp_path: Path, sound: list[Card]) -> None:
    paths = [write(tmp_path / f"{s}.wav", steps((level,), s)) for s, level in ((9, 0.1), (4, 0.3))]
    dialog = CompareSoundsDialog(paths, ["long", "short"], None)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    one, other = dialog.pair.views
    qtbot.waitUntil(
        lambda: all(view.canvas.recording is not None for view in (one, other)), timeout=TOGETHER
    )
    assert one.canvas.across == other.canvas.across, "a second is as wide in both"
    QTest.keyClick(dialog, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: one.bar.position() > 0.3, timeout=TOGETHER)
    assert other.canvas._playhead == pytest.approx(one.bar.position(), abs=0.2)
    QTest.mouseClick(dialog.pair.other, Qt.MouseButton.LeftButton)
    assert dialog.pair.heard() == 1 and other.bar.playing() and not one.bar.playing()
    assert dialog.pair._bars.currentWidget() is other.bar
    qtbot.waitUntil(lambda: bool((sound[-1].sound() > 0.25).any()), timeout=TOGETHER)
    heard = sound[-1].sound()[:, 0]
    inside = heard[np.flatnonzero(heard > 0.05)[0] : np.flatnonzero(heard > 0.05)[-1]]
    assert inside.min() > 0.09, "no gap between them"
    # a click in the one that is not heard moves both
    QTest.mouseClick(
        one.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(round(one.canvas.x_of(3)), 60)
    )
    assert other.bar.position() == pytest.approx(3.0, abs=0.2)
    one.canvas.zoom(4.0)
    assert other.canvas.across == one.canvas.across
    other.canvas.set_span((1.0, 2.0))
    assert one.canvas.span == (1.0, 2.0)
    dialog.reject()
    assert not player().plays()
