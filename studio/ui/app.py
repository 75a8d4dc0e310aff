"""The graphical program: makes the application and the window. Imports no torch."""

from __future__ import annotations

import locale
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from studio.core.paths import APP_NAME, resource
from studio.ui import settings
from studio.ui.faults import show_faults_in, start_log
from studio.ui.garbage import GarbageCollector
from studio.ui.icons import app_icon
from studio.ui.main_window import MainWindow
from studio.ui.single_instance import raise_other
from studio.ui.theme import ThemeMode, theme, ui_font
from studio.ui.warm_up import WarmUp

_REST_MS = 300  # from the window's first sight to what is got ready behind it


def make_application(argv: Sequence[str]) -> QApplication:
    """Return the application with its look, language and number format."""
    application = QApplication([APP_NAME, *argv])
    # Qt takes the user's locale; decimal commas would break what C libraries parse
    locale.setlocale(locale.LC_NUMERIC, "C")
    application.setApplicationName("aigc-studio")
    application.setApplicationDisplayName(APP_NAME)
    application.setDesktopFileName("aigc-studio")
    application.setWindowIcon(app_icon())
    application.setStyle("Fusion")
    application.setFont(ui_font())
    theme().set_motion(False if settings.flag("calm") else None)
    theme().set_mode(ThemeMode(settings.text("theme", ThemeMode.SYSTEM.value)))
    _translate(application)
    GarbageCollector(application)
    return application


def main(project: Path | None, argv: Sequence[str]) -> int:
    """Open the window and run until it is closed; returns the exit code.

    Args:
        project: Project to open; left out, the last one, else the welcome page.
        argv: Arguments after the project, for Qt's own options.
    """
    application = make_application(argv)
    folder = project or _last_project()
    if folder is not None and raise_other(folder):
        return 0
    start_log()
    window = MainWindow()
    show_faults_in(window)
    window.show()
    warm_up = WarmUp(application)
    application.aboutToQuit.connect(warm_up.end)
    QTimer.singleShot(_REST_MS, warm_up, warm_up.start)
    QTimer.singleShot(_REST_MS, window, window.start_spare_engines)
    if folder is not None:
        opened = partial(window.open_project, folder, create=project is not None)
        QTimer.singleShot(0, window, opened)
    return application.exec()


def _last_project() -> Path | None:
    recent = settings.recent_projects() if settings.flag("reopen", default=True) else []
    return recent[0] if recent else None


def _translate(application: QApplication) -> None:
    """Load Qt's and our own texts in the user's language, where there are any."""
    for name, folder in (
        ("qtbase", Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))),
        ("studio", resource("translations")),
    ):
        translator = QTranslator(application)
        if translator.load(QLocale(), name, "_", str(folder)):
            application.installTranslator(translator)
