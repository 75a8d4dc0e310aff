"""Make the README's screenshots from a real project, without a display.

    python docs/make_screenshots.py PROJECT [--out docs/screenshots] [--size 1280x800]
        [--pages data,train] [--themes dark,light] [--model NAME] [--prompt WORDS] [--as NAME]

PROJECT should hold a dataset, a finished run and some assets; what is newest is shown. A model
named by a run's id or a package's file is chosen on the Generate page; `--as` names the pictures.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PySide6.QtCore import QEventLoop, QTimer

from studio.core.model_choices import models
from studio.core.state import EngineState
from studio.ui.app import make_application
from studio.ui.main_window import MainWindow
from studio.ui.pages.generate import GeneratePage
from studio.ui.pages.generate_prompt import PromptField
from studio.ui.pages.generate_text import TextMiddle
from studio.ui.theme import ThemeMode, theme
from studio.ui.widgets.buttons import PrimaryButton

PAGES = ("data", "models", "train", "generate", "gallery")
_LONGEST = 300  # seconds that what is made may take
_SETTLE_SECONDS = 3.0  # thumbnails, curves and the forecast arrive in the background


def settle(seconds: float) -> None:
    """Let the window work for a while, as it does in use: also what is to go goes."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def choose(window: MainWindow, name: str, prompt: str) -> None:
    """Choose a model on the Generate page, or leave the one that is chosen; begin a text."""
    page, studio = window.page("generate"), window.studio
    assert isinstance(page, GeneratePage)
    assert studio is not None
    for model in models(studio.project) if name else ():
        if Path(model.reference).name in (name, f"{name}.studiomodel"):
            page.open(model=model.reference)
            settle(_SETTLE_SECONDS)
    if prompt and isinstance(page.middle, TextMiddle):
        page.middle.part.show_prompt(prompt)


def generate(window: MainWindow) -> None:
    """Ask for what the prompt's example says, press the large button, and wait for what comes."""
    for prompt in window.findChildren(PromptField):
        if prompt.isVisible() and not prompt.toPlainText():
            prompt.setPlainText(prompt.placeholderText().partition(": ")[2])
    for button in window.findChildren(PrimaryButton):
        if button.isVisible() and button.isEnabled():
            button.click()
    studio = window.studio
    assert studio is not None
    settle(_SETTLE_SECONDS)
    for _second in range(_LONGEST):
        if studio.maker.state in (EngineState.IDLE, EngineState.CRASHED):
            break
        settle(1.0)


def main() -> None:
    """Write one PNG per page and theme."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "screenshots")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--pages", default=",".join(PAGES))
    parser.add_argument("--themes", default="dark,light")
    parser.add_argument("--model", default="")
    parser.add_argument("--prompt", default="", help="how a text begins")
    parser.add_argument("--as", dest="name", default="")
    parser.add_argument("--settle", type=float, default=_SETTLE_SECONDS)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    _application = make_application([])  # kept: without it there is no window
    window = MainWindow()
    window.resize(*(int(side) for side in arguments.size.split("x")))
    window.show()
    settle(0.5)
    window.grab().save(str(arguments.out / "welcome.png"))
    window.open_project(arguments.project)
    settle(arguments.settle)
    for mode in arguments.themes.split(","):
        theme().set_mode(ThemeMode(mode))
        for page in arguments.pages.split(","):
            window.show_page(page)
            settle(arguments.settle)
            if page == "generate":
                choose(window, arguments.model, arguments.prompt)
                generate(window)
                settle(2 * arguments.settle)
            path = arguments.out / f"{arguments.name or page}-{mode}.png"
            window.grab().save(str(path))
            print(path)
    for _second in range(_LONGEST):
        if window.studio is None or not window.studio.busy:
            break  # else the window asks what to do with work in hand, and nobody answers
        settle(1.0)
    window.close()


if __name__ == "__main__":
    main()
