"""The window: the rail, the page in sight, the job bar, and what closing it means."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import StudioError
from studio.core.paths import APP_NAME, default_projects_dir
from studio.core.project import SUFFIX, Project
from studio.core.protocol import JobFinished, JobStarted, Outcome, Severity
from studio.ui import settings
from studio.ui.actions import Actions
from studio.ui.background import BackgroundWork
from studio.ui.context import PageName, Studio
from studio.ui.first_steps import FirstSteps
from studio.ui.icons import app_icon
from studio.ui.job_bar import JobBar
from studio.ui.pages.welcome import WelcomePage
from studio.ui.rail import PAGES, Rail
from studio.ui.single_instance import SingleInstance, raise_other
from studio.ui.spare_engines import SpareEngines
from studio.ui.theme import MARGIN_PAGE
from studio.ui.widgets.page import Page
from studio.ui.widgets.toast import NoticeAction, NoticeStack

_ENGINES = 2  # a project has one that trains and one that makes


class MainWindow(QMainWindow):
    """Shows one project at a time, or the welcome page when none is open.

    Attributes:
        studio: The open project with its engines; None on the welcome page.
        rail, job_bar, notices: The parts around the pages.
    """

    def __init__(self, engine: list[str] | None = None) -> None:
        """Make the window with the welcome page.

        Args:
            engine: Command of the engines; left out, the studio's own.
        """
        super().__init__()
        self.studio: Studio | None = None
        self._engine = engine
        self._spares = SpareEngines(engine, self)
        self._pages: dict[str, Page] = {}
        self._titles: dict[str, str] = {}
        self.setWindowTitle(APP_NAME)
        self.setWindowIcon(app_icon())
        self.setMinimumSize(800, 560)
        self.rail = Rail()
        self.job_bar = JobBar()
        self._stack = QStackedWidget()
        central = self._build()
        self.notices = NoticeStack(central)
        self.notices.set_bottom(self.job_bar.height() + 28)
        self._background = BackgroundWork(self)
        self._first_steps = FirstSteps(self)
        self._single = SingleInstance(self)
        self._single.asked.connect(self._background.come_back)
        self.actions_ = Actions(self)
        self.rail.picked.connect(self.show_page)
        self.rail.menu_button.clicked.connect(self._open_menu)
        self.rail.settings_button.clicked.connect(self.actions_.settings.trigger)
        self.show_welcome()
        self._restore()

    # ------------------------------------------------------------------------------- projects

    def open_project(self, folder: Path, *, create: bool = False) -> bool:
        """Open a project in place of the present one; tells whether it is open now."""
        opened = self.studio.project.folder if self.studio is not None else None
        if opened == folder.resolve():
            self.show_page(settings.text(f"page/{opened}", "data"))
            return True
        again = partial(self.open_project, folder, create=create)
        if not self._background.settled(again, may_stay=False):
            return False
        try:
            project = Project.open(folder, create=create)
        except StudioError as error:
            self.notices.show_notice(Severity.ERROR, error.title, error.message, error.hint)
            return False
        if raise_other(project.folder):
            project.close()
            return False
        self._leave_project()
        self._single.listen(project.folder)
        studio = Studio(project, self._engine, self, self._spares)
        self.studio = studio
        studio.page_requested.connect(self._on_page_requested)
        studio.noticed.connect(self._on_noticed)
        studio.trainer.job_started.connect(self._on_job_started)
        studio.trainer.job_finished.connect(self._on_job_finished)
        studio.undo.undoTextChanged.connect(self.actions_.refresh)
        studio.undo.redoTextChanged.connect(self.actions_.refresh)
        self.job_bar.attach(studio)
        self.rail.set_pages_enabled(True)
        self.setWindowTitle(f"{project.name} – {APP_NAME}")
        settings.remember_project(project.folder)
        self.actions_.refresh()
        page = settings.text(f"page/{project.folder}", "data")
        self.show_page(page if page in PAGES else "data")
        QTimer.singleShot(0, studio, studio.start_engines)
        if studio.queue.held:
            self._offer_queue(studio)
        return True

    def _leave_project(self) -> None:
        if self.studio is None:
            return
        studio, self.studio = self.studio, None
        self.job_bar.attach(None)
        for page in self._pages.values():
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        self._single.release()
        studio.close()
        studio.deleteLater()

    def _offer_queue(self, studio: Studio) -> None:
        waiting = len(studio.queue.entries_waiting())
        if studio.queue.interrupted:
            title = self.tr("A training was interrupted")
            message = self.tr(
                "It goes on from its newest checkpoint. Nothing that was saved is lost."
            )
        else:
            title = self.tr("Trainings that wait: {count}").format(count=waiting)
            message = ""
        studio.notify(
            Severity.WARNING, title, message, action=(self.tr("Go on"), studio.queue.go_on)
        )

    @Slot()
    def new_project(self) -> None:
        """Ask for a name and a place, and make a project there."""
        start = default_projects_dir()
        start.mkdir(parents=True, exist_ok=True)
        suggestion = str(start / (self.tr("My project") + SUFFIX))
        kinds = self.tr("Projects (*{suffix})").format(suffix=SUFFIX)
        name, _ = QFileDialog.getSaveFileName(self, self.tr("New project"), suggestion, kinds)
        if name:
            self.open_project(Path(name), create=True)

    @Slot()
    def choose_project(self) -> None:
        """Ask for a project that exists, and open it."""
        start = default_projects_dir()
        name = QFileDialog.getExistingDirectory(
            self, self.tr("Open a project (a folder that ends in .studio)"), str(start)
        )
        if name:
            self.open_project(Path(name))

    @Slot()
    def start_spare_engines(self) -> None:
        """Start the engines of the first project to be opened, unless one is open already."""
        if self.studio is None:
            self._spares.start(_ENGINES)

    # ---------------------------------------------------------------------------------- pages

    @Slot(str)
    def show_page(self, name: str) -> None:
        """Bring a page into sight, making it when it is seen for the first time."""
        if self.studio is None:
            return
        self._stack.setCurrentWidget(self.page(name))
        self.rail.set_page(name)
        settings.store(f"page/{self.studio.project.folder}", name)

    def page(self, name: str) -> Page:
        """Return a page of the open project; made from its name on first use."""
        assert self.studio is not None
        if name not in self._pages:
            module = import_module(f"studio.ui.pages.{name}")
            made = cast("Page", getattr(module, f"{name.capitalize()}Page")(self.studio))
            self._pages[name] = made
            self._stack.addWidget(made)
        return self._pages[name]

    @Slot()
    def show_welcome(self) -> None:
        """Show the welcome page; the open project stays open."""
        page = WelcomePage()
        page.try_wanted.connect(self._first_steps.try_digits)
        page.starter_wanted.connect(self._first_steps.open_starter)
        page.new_wanted.connect(self.new_project)
        page.open_wanted.connect(self.choose_project)
        page.project_wanted.connect(self.open_project)
        while isinstance(old := self._stack.widget(0), WelcomePage):
            self._stack.removeWidget(old)
            old.deleteLater()
        self._stack.insertWidget(0, page)
        self._stack.setCurrentWidget(page)
        self.rail.set_page("")
        self.rail.set_pages_enabled(self.studio is not None)

    @Slot(str, dict)
    def _on_page_requested(self, name: PageName, what: dict[str, object]) -> None:
        self.show_page(name)
        self.page(name).open(**what)

    # --------------------------------------------------------------------------------- events

    @Slot(object, str, str, str, object)
    def _on_noticed(
        self, severity: Severity, title: str, message: str, hint: str, action: NoticeAction | None
    ) -> None:
        self.notices.show_notice(severity, title, message, hint, action)

    @Slot(object)
    def _on_job_started(self, event: JobStarted) -> None:
        self._titles[event.job_id] = event.title

    @Slot(object)
    def _on_job_finished(self, event: JobFinished) -> None:
        """Tell a user who looks elsewhere that a training has ended."""
        title = self._titles.pop(event.job_id, "")
        if not title or self.isActiveWindow():
            return
        if event.outcome is Outcome.FAILED and event.error is not None:
            self._background.tell(self.tr("{run} failed").format(run=title), event.error.title)
        elif event.outcome is Outcome.DONE:
            self._background.tell(
                self.tr("{run} is ready").format(run=title), self.tr("Look at what it makes.")
            )

    @Slot()
    def _open_menu(self) -> None:
        button = self.rail.menu_button
        self.actions_.menu().popup(button.mapToGlobal(QPoint(0, button.height())))

    @Slot()
    def raise_window(self) -> None:
        """Come to the front, from the background and from being minimised too."""
        self.setVisible(True)
        self.setWindowState(self.windowState() & ~self.windowState().WindowMinimized)
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask what to do with work in hand, then remember and end everything."""
        if not self._background.settled(self.close, may_stay=True):
            event.ignore()
            return
        settings.settings().setValue("geometry", self.saveGeometry())
        self._leave_project()
        self._spares.end()
        event.accept()
        application = QApplication.instance()
        if application is not None:
            application.quit()

    def _build(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(MARGIN_PAGE, 18, MARGIN_PAGE, 14)
        column.setSpacing(14)
        column.addWidget(self._stack, 1)
        column.addWidget(self.job_bar)
        central = QWidget()
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(content, 1)
        self.setCentralWidget(central)
        # the keyboard starts beside the controls, so that none wears a focus frame unasked
        central.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        central.setFocus()
        return central

    def _restore(self) -> None:
        geometry = settings.settings().value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(1280, 800)
