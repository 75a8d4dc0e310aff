"""The Gallery page: filters, edits that can be undone, the trash, recipes, export, 100,000."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from asset_maker import RUN, add_clip, add_many, add_pictures, recipe_of, write_package
from PIL import Image as Pillow
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.media import Modality
from studio.core.project import Project
from studio.core.protocol import ExportAssets, Severity
from studio.data.image import files as picture_files
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.dialogs.export_assets import ExportAssetsDialog
from studio.ui.dialogs.look_closer import CompareDialog, LargeView
from studio.ui.dialogs.shortcuts import ShortcutsDialog
from studio.ui.main_window import MainWindow
from studio.ui.pages.gallery import GalleryPage
from studio.ui.views.video import ClipView

MANY = 100_000


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return an empty project with engines that obey a script."""
    settings.settings().clear()
    made = Studio(Project.open(tmp_path / "Bilder für alle.studio", create=True), fake_engine)
    yield made
    made.close()
    made.deleteLater()


def shown_page(studio: Studio, qtbot: QtBot) -> GalleryPage:
    """Return the page at its usual size."""
    page = GalleryPage(studio)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitExposed(page):
        page.show()
    return page


def settled(page: GalleryPage) -> list[int]:
    """Return what is shown once the page has caught up with the library."""
    QTest.qWait(1)
    return page.ids()


def test_square_pictures_are_shown_whole(studio: Studio, qtbot: QtBot) -> None:
    (asset,) = add_pictures(studio.project, 1)
    page = shown_page(studio, qtbot)
    assert page.header.subtitle() == "1 thing made"
    qtbot.waitUntil(lambda: page.grid.picture(0) is not None)
    picture = page.grid.picture(0).deviceIndependentSize()
    assert picture.width() == picture.height()
    room = page.grid.picture_size()
    assert room.width() == room.height() == picture.width()
    page.grid.select_keys([asset], asset)
    assert page.header.subtitle() == "1 thing made · 1 chosen"


def test_filters_show_what_they_say(studio: Studio, qtbot: QtBot) -> None:
    table = studio.project.library.assets
    sevens = add_pictures(studio.project, 3, label="7")
    twos = add_pictures(studio.project, 2, label="2", model_title="Other")
    clip = add_clip(studio.project)
    table.set_ratings({sevens[0]: 4, twos[0]: 2})
    table.set_tags({sevens[1]: ("sprite",), twos[1]: ("sprite", "odd")})
    page = shown_page(studio, qtbot)
    assert page.ids() == [clip, *reversed(twos), *reversed(sevens)]

    page.filters.set_kind(Modality.VIDEO)
    assert page.ids() == [clip]
    page.filters.set_kind(None)
    page.filters.set_rating(3)
    assert page.ids() == [sevens[0]]
    page.filters.set_rating(0)
    page.filters.choose(label="7")
    assert set(page.ids()) == set(sevens)
    page.filters.choose(tag="sprite")
    assert set(page.ids()) == {sevens[1], twos[1]}
    page.filters.choose(model="Other")
    assert set(page.ids()) == set(twos)
    page.filters.clear()
    page.filters.set_search("seed 102")
    qtbot.waitUntil(lambda: page.ids() == [sevens[2]])
    page.filters.set_search(time.strftime("%Y-%m-%d"))
    qtbot.waitUntil(lambda: len(page.ids()) == 6)
    page.filters.set_search('odd" OR')  # quotes and operators are plain words
    qtbot.waitUntil(lambda: page.ids() == [])
    assert page.browser._stack.currentWidget() is page.browser._none_left


def test_days_before_today_are_left_out(studio: Studio, qtbot: QtBot) -> None:
    old, new = add_pictures(studio.project, 2)
    weeks_ago = time.time() - 20 * 24 * 3600
    studio.project.library.connection.execute(
        "UPDATE assets SET created = ? WHERE id = ?", (weeks_ago, old)
    )
    page = shown_page(studio, qtbot)
    for days, expected in ((0, [new]), (7, [new]), (30, [new, old])):
        page.filters._date.setCurrentIndex(page.filters._date.findData(days))
        assert page.ids() == expected


def test_stars_by_key_tags_and_trash_can_be_undone(studio: Studio, qtbot: QtBot) -> None:
    table = studio.project.library.assets
    first, second, third = add_pictures(studio.project, 3)
    page = shown_page(studio, qtbot)
    page.grid.setFocus()
    page.grid.select_keys([first, second], first)

    QTest.keyClick(page.grid, Qt.Key.Key_4)
    assert [asset.rating for asset in table.get([first, second, third])] == [4, 4, 0]
    settled(page)
    assert page.grid.selected_keys() == [second, first]
    assert page.details._stars.stars() == 4

    page.details.tags.write("  sprite ")
    settled(page)
    assert page.details.tags.tags() == ["sprite"]
    assert page.filters._tag.findData("sprite") > 0
    page.details.tags.removed.emit("sprite")
    assert table.get([first])[0].tags == ()

    QTest.keyClick(page.grid, Qt.Key.Key_Delete)
    assert settled(page) == [third]
    for expected in ((), ("sprite",), ()):
        studio.undo.undo()
        assert [asset.tags for asset in table.get([first, second])] == [expected] * 2
    assert set(settled(page)) == {first, second, third}
    studio.undo.undo()
    assert [asset.rating for asset in table.get([first, second])] == [0, 0]
    studio.undo.redo()
    assert [asset.rating for asset in table.get([first, second])] == [4, 4]


def test_notice_takes_back_just_its_deletion(studio: Studio, qtbot: QtBot) -> None:
    first, second = add_pictures(studio.project, 2)
    page = shown_page(studio, qtbot)
    with qtbot.waitSignal(studio.noticed) as noticed:
        page.actions_.trash([first])
    page.actions_.rate([second], 5)
    noticed.args[4].run()
    assert set(settled(page)) == {first, second}
    assert studio.project.library.assets.get([second])[0].rating == 5


def test_trash_is_restored_from_and_emptied(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = add_pictures(studio.project, 3)
    table = studio.project.library.assets
    paths = {a.id: studio.project.folder / a.path for a in table.get([first, second, third])}
    page = shown_page(studio, qtbot)
    page.actions_.trash([first, second])
    page._trash.click()
    assert set(settled(page)) == {first, second}
    page.grid.select_keys([first], first)
    page._restore()
    assert settled(page) == [second]

    paths[second].unlink()  # removed outside the studio: it counts as gone
    page.actions_.trash([third])
    sent: list[Path] = []
    monkeypatch.setattr("send2trash.send2trash", lambda path: (sent.append(path), path.unlink()))
    page.emptier.empty()
    qtbot.waitUntil(lambda: page.ids() == [] and not page.emptier.busy)
    assert sent == [paths[third]]
    assert [asset.id for asset in table.get([first, second, third])] == [first]
    studio.undo.undo()  # of a deletion whose thing is gone: harms nothing
    page._trash.click()
    assert settled(page) == [first]


def test_file_that_cannot_go_stays_in_the_trash(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (asset,) = add_pictures(studio.project, 1)
    page = shown_page(studio, qtbot)
    page.actions_.trash([asset])

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("send2trash.send2trash", refuse)
    with qtbot.waitSignal(studio.noticed) as noticed:
        page.emptier.empty()
    assert noticed.args[0] is Severity.WARNING
    assert "Permission denied" in noticed.args[2]
    assert studio.project.library.assets.get([asset])[0].trashed is not None


def test_details_tell_the_lineage_and_lead_on(studio: Studio, qtbot: QtBot) -> None:
    first, second = add_pictures(studio.project, 2, label="7")
    page = shown_page(studio, qtbot)
    page.grid.select_keys([second], second)
    facts = page.details.facts()
    assert facts["Model"] == "Digits"
    assert facts["Step"] == "40"
    assert facts["Seed"] == "101"
    assert facts["Made"].startswith("today")
    with qtbot.waitSignal(studio.page_requested) as asked:
        page.details.use.click()
    name, what = asked.args
    assert name == "generate"
    assert what["request"]["seed"] == 101
    assert what["request"]["label"] == "7"
    with qtbot.waitSignal(studio.page_requested) as asked:
        page.details.run.click()
    assert asked.args == ["train", {"run": RUN}]
    page.grid.select_keys([first, second], first)
    assert page.header._subtitle.text() == "2 things made · 2 chosen"
    page.details._compare.click()
    dialog = page.findChild(CompareDialog)
    assert dialog is not None
    dialog.close()


def test_large_view_goes_on_and_rates(studio: Studio, qtbot: QtBot) -> None:
    first, second = add_pictures(studio.project, 2)
    page = shown_page(studio, qtbot)
    page.actions_.enlarge(page.ids(), 0)
    view = page.findChild(LargeView)
    assert view is not None
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_5)
    ratings = [asset.rating for asset in studio.project.library.assets.get([first, second])]
    assert ratings == [5, 0]  # newest first: the second one along is the older
    view.close()


def test_dropped_picture_tells_its_recipe(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown_page(studio, qtbot)
    ours, other = tmp_path / "ours.png", tmp_path / "other.png"
    picture_files.save(Pillow.new("RGB", (8, 8)), ours, recipe_of(77))
    Pillow.new("RGB", (8, 8)).save(other)
    page.take([other, ours])
    assert page.details.facts()["Seed"] == "77"
    with qtbot.waitSignal(studio.page_requested) as asked:
        page.details.use.click()
    assert asked.args[1]["request"]["seed"] == 77
    with qtbot.waitSignal(studio.noticed) as noticed:
        page.take([other])
    assert "other.png" in noticed.args[1]


def test_dropped_package_is_brought_in_or_refused(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    good = write_package(tmp_path / "digits.studiomodel")
    with qtbot.waitSignal(studio.library_changed):
        page.take([good])
    assert (studio.project.models / "digits.studiomodel").read_bytes() == good.read_bytes()
    bad = tmp_path / "bad.studiomodel"
    bad.write_bytes(b"not a zip")
    with qtbot.waitSignal(studio.noticed) as noticed:
        page.take([bad])
    assert noticed.args[0] is Severity.ERROR
    assert "bad.studiomodel" in noticed.args[2]
    assert not (studio.project.models / "bad.studiomodel").exists()


def test_export_dialog_builds_the_command(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ids = add_pictures(studio.project, 2)
    page = shown_page(studio, qtbot)
    sent: list[ExportAssets] = []
    monkeypatch.setattr(studio.maker, "submit", lambda job: (sent.append(job), "job")[1])
    page.actions_.export(ids)
    dialog = page.findChild(ExportAssetsDialog)
    assert dialog is not None
    dialog.choose("mp4")
    assert dialog.command().path.endswith(".mp4")
    dialog.choose("webp")
    dialog.set_embed(False)
    dialog.set_place(tmp_path / "out")
    dialog.accept()
    folder = str(studio.project.folder)
    assert sent == [
        ExportAssets(
            project=folder,
            assets=ids,
            format="webp",
            path=str(tmp_path / "out"),
            embed_recipe=False,
        )
    ]
    again = ExportAssetsDialog(studio.project, ids, page)
    assert again.command().format == "webp"  # it is remembered
    assert not again.command().embed_recipe
    dialog_sheet = ExportAssetsDialog(studio.project, ids, page, form="sheet")
    assert dialog_sheet.command().path.endswith(".png")


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".mp4"])
def test_clip_plays_and_steps(studio: Studio, qtbot: QtBot, suffix: str) -> None:
    clip = add_clip(studio.project, suffix)
    page = shown_page(studio, qtbot)
    page.grid.select_keys([clip], clip)
    view = page.details._stage.currentWidget()
    assert isinstance(view, ClipView)
    canvas = view.canvas
    qtbot.waitUntil(lambda: canvas.frames == 6)
    qtbot.waitUntil(lambda: canvas.frame >= 2)  # it plays by itself
    canvas.set_playing(False)
    canvas.show_frame(5)
    assert _red(canvas.grab().toImage()) > 200
    canvas.step(1)
    assert canvas.frame == 0
    assert _red(canvas.grab().toImage()) < 40


def test_clip_plays_under_the_pointer(studio: Studio, qtbot: QtBot) -> None:
    clip = add_clip(studio.project)
    add_pictures(studio.project, 1)
    page = shown_page(studio, qtbot)
    page.grid.entered.emit(page.grid.model().index(page.ids().index(clip), 0))
    canvas = page.browser._hover.canvas
    qtbot.waitUntil(lambda: canvas.isVisible() and canvas.frames == 6)
    page.grid.entered.emit(page.grid.model().index(0, 0))
    assert not canvas.isVisible()


def test_clip_that_cannot_be_read_says_so(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    view = ClipView()
    qtbot.addWidget(view)
    view.show()
    with qtbot.waitSignal(view.canvas.loaded) as loaded:
        view.show_media(broken)
    assert loaded.args == [0]


def test_many_assets_open_at_once(studio: Studio, qtbot: QtBot) -> None:
    add_many(studio.project, MANY)
    before = psutil.Process().memory_info().rss
    started = time.process_time()
    page = shown_page(studio, qtbot)
    page.grid.grab()
    opened = time.process_time() - started
    assert len(page.ids()) == MANY
    assert opened < 0.5, f"opening took {opened:.2f} s of the processor"
    grown = psutil.Process().memory_info().rss - before
    assert grown < 150 << 20, f"opening took {grown >> 20} MB"
    assert page.grid.model().index(3, 0).data() == "seed 4"
    page.grid.scrollToBottom()
    page.grid.grab()
    centre = page.grid.viewport().rect().center()
    assert page.grid.indexAt(QPoint(40, centre.y())).row() > MANY - 60


def _red(image: QImage) -> int:
    return image.pixelColor(image.width() // 2, image.height() // 2).red()


def test_keys_are_in_the_list_of_shortcuts(
    qapp: QApplication, fake_engine: list[str], qtbot: QtBot, tmp_path: Path
) -> None:
    settings.settings().clear()
    window = MainWindow(fake_engine)
    window.show()
    assert window.open_project(tmp_path / "Keys.studio", create=True)
    window.show_page("gallery")
    assert window.studio is not None
    add_pictures(window.studio.project, 1)
    window.studio.library_changed.emit("assets")
    page = window.page("gallery")
    assert isinstance(page, GalleryPage)
    qtbot.waitUntil(page.grid.isVisible)
    window.actions_.shortcuts.trigger()
    dialog = window.findChild(ShortcutsDialog)
    assert dialog is not None
    rows = [dialog._list.topLevelItem(place) for place in range(dialog._list.topLevelItemCount())]
    assert {row.text(1) for row in rows if row is not None} >= {"0", "5", "Del", "Ctrl+Z"}
    dialog.close()
    window._leave_project()
    window.close()
    window.deleteLater()
