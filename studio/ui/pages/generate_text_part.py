"""What the parts of the Generate page for texts share: editor, answers, chat, blanks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.assets import Asset
from studio.core.media import Token
from studio.core.model_choices import Model
from studio.core.protocol import GenerateRequest, JobFinished
from studio.data.text.files import read_sidecar, read_tokens, sidecar

_LARGEST = 3_000_000  # bytes of tokens beside a text; more would hold the window up
_MOST_PROMPT = 200_000  # characters, as GenerateRequest takes them


Spans = tuple[tuple[int, int], ...]


class Made(NamedTuple):
    """A text as a model wrote it.

    Attributes:
        text: All of it, what it began with included.
        tokens: What the model wrote of it, the text's last ones; empty when that is not known.
        verbatim: From and to which character it stands word for word in the data.
        filled: From and to which character blanks were filled.
        asset: Its id in the library, 0 for none.
    """

    text: str
    tokens: tuple[Token, ...] = ()
    verbatim: Spans = ()
    filled: Spans = ()
    asset: int = 0

    def written(self, prompt: str) -> tuple[str, Spans]:
        """Return what the model wrote after a prompt, and where that is verbatim."""
        said = "".join(token.text for token in self.tokens)
        start = len(prompt)
        if not self.text.startswith(prompt) and said and self.text.endswith(said):
            start = len(self.text) - len(said)  # a tokeniser does not know every letter
        places = ((begin - start, end - start) for begin, end in self.verbatim)
        shown = ((max(0, begin), end) for begin, end in places if end > 0)
        return self.text[start:], tuple(shown)


def read_made(path: Path, asset: Asset | None) -> Made:
    """Return a text that was just written, with what lies beside it."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
        small = sidecar(path).exists() and sidecar(path).stat().st_size <= _LARGEST
    except OSError:
        return Made("")
    tokens = read_tokens(path) if small else ()
    recipe = asset.recipe if asset is not None else None
    if recipe is None and small:
        recipe = read_sidecar(path).get("recipe")
    facts = (recipe or {}).get("facts", {})
    verbatim, filled = (
        tuple((int(start), int(end)) for start, end in facts.get(name) or ())
        for name in ("verbatim", "filled")
    )
    return Made(text, tokens, verbatim, filled, asset.id if asset is not None else 0)


@dataclass
class Turn:
    """What was asked for last.

    Attributes:
        prompt: What the model went on from.
        at: Qt position where its words begin.
        seed: The first seed.
        made: The texts, in the order in which they were done.
        passages: Numbers of their passages in the editor; only one is in sight.
        shown: Which one that is.
    """

    prompt: str
    at: int
    seed: int
    made: list[Made] = field(default_factory=list)
    passages: list[int] = field(default_factory=list)
    shown: int = 0


class TextPart(QWidget):
    """One way to work with a model of texts.

    Signals:
        asked: The fields of a request that is to be made, beside those of the Make panel.
        stop_wanted: What is being written is to end.
        problem_changed: Why nothing can be made; empty when something can.
        export_wanted: The ids of the assets that are to be exported.
    """

    asked = Signal(dict)
    stop_wanted = Signal()
    problem_changed = Signal(str)
    export_wanted = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.working = False
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)

    def show_model(self, model: Model | None) -> None:
        """Follow which model is asked; most parts are the same for all of them."""

    def prompt(self) -> str:
        """Return what a model is to work on, when the Make panel's button is pressed."""
        raise NotImplementedError

    def alone(self) -> bool:
        """Tell whether one text at a time is made, whatever the Make panel says."""
        return False

    def problem(self) -> str:
        """Return what is missing before anything can be made; empty when nothing is."""
        return ""

    def show_prompt(self, prompt: str) -> None:
        """Show what a model worked on, to make the same again."""
        raise NotImplementedError

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Make room for `total` texts."""
        raise NotImplementedError

    def written(self, index: int, text: str) -> None:
        """Show what a text has become so far."""
        raise NotImplementedError

    def made(self, index: int, text: Made) -> None:
        """Show a text that is done."""
        raise NotImplementedError

    def finished(self, event: JobFinished) -> None:
        """Show that nothing more comes."""
        raise NotImplementedError

    def set_working(self, *, working: bool) -> None:
        """Follow whether the engine is at work."""
        self.working = working
        self.refresh()

    def refresh(self) -> None:
        """Bring the controls up to date."""


def clipped(prompt: str) -> str:
    """Return as much of the end of a prompt as a request takes."""
    return prompt[-_MOST_PROMPT:]
