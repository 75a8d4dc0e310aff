"""Texts on the Generate page: what is asked, how it streams in, undo, choices, answers, blanks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asset_maker import write_package
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.assets import NewAsset
from studio.core.blobs import Span
from studio.core.family_info import Task
from studio.core.media import BLANK, Modality, Token
from studio.core.model_choices import Model, of_package
from studio.core.project import Project
from studio.core.protocol import (
    AssetMade,
    Generate,
    GenerateRequest,
    JobFinished,
    Message,
    Outcome,
    TextWritten,
)
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.pages.generate import GeneratePage
from studio.ui.pages.generate_text import TextMiddle
from studio.ui.pages.generate_text_answer import AnswerPart
from studio.ui.pages.generate_text_editor import EditorPart
from studio.ui.pages.generate_text_fill import FillPart
from studio.ui.views.text_blanks import filled_parts
from studio.ui.views.text_inks import tint

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
TASKS = {
    "writer": Task.GENERATE,
    "pairs": Task.ANSWER,
    "talker": Task.ANSWER,
    "infill": Task.FILL,
}


class Bench:
    """A page with models of texts, and an engine that is played by the test."""

    def __init__(self, studio: Studio, page: GeneratePage, sent: list[Message]) -> None:
        self.studio, self.page, self.sent = studio, page, sent

    @property
    def request(self) -> GenerateRequest:
        """What was asked last."""
        job = self.sent[-1]
        assert isinstance(job, Generate)
        return job.request

    def writes(self, text: str, index: int = 0) -> None:
        """Let the engine say what a text has become."""
        job_id = f"job-{len(self.sent)}"
        self.studio.maker.tell(TextWritten(job_id=job_id, index=index, text=text))

    def makes(
        self,
        text: str,
        tokens: list[Token] | None = None,
        verbatim: list[list[int]] | None = None,
        index: int = 0,
    ) -> int:
        """Let the engine write a text's file, enter it into the library and say so."""
        project = self.studio.project
        path = project.assets / f"text-{len(self.sent)}-{index}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        facts = {"seed": self.request.seed + index}
        recipe = {"request": self.request.model_dump(mode="json"), "facts": facts}
        if verbatim:
            recipe["facts"] = {**facts, "verbatim": verbatim}
        beside = {"recipe": recipe, "tokens": tokens or []}
        path.with_name(path.name + ".json").write_text(json.dumps(beside), "utf-8")
        new = NewAsset(
            path=project.relative(path),
            modality=Modality.TEXT,
            title="a text",
            model="writer",
            model_title="Writer",
            run="",
            step=1,
            seed=facts["seed"],
            label="",
            width=len(text),
            height=1,
            recipe=recipe,
            thumb=Span(0, 0),
        )
        (asset,) = project.library.assets.add([new])
        self.studio.maker.tell(
            AssetMade(
                job_id=f"job-{len(self.sent)}",
                asset=asset,
                path=str(path),
                index=index,
                total=self.request.count,
            )
        )
        return asset

    def ends(self, outcome: Outcome = Outcome.DONE) -> None:
        """Let the job end."""
        job_id = f"job-{len(self.sent)}"
        self.studio.maker.tell(JobFinished(job_id=job_id, outcome=outcome, seconds=1.5))


@pytest.fixture
def bench(
    qapp: QApplication,
    qtbot: QtBot,
    fake_engine: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    """Return the page with one model per task."""
    settings.settings().clear()
    package = of_package(write_package(tmp_path / "any.studiomodel"))
    models: list[Model] = [
        replace(
            package,
            reference=name,
            title=name,
            modality=Modality.TEXT,
            tasks=(task,),
            labels=(),
            sampling={"properties": {}},
            varied=False,
            talks=name == "talker",
        )
        for name, task in TASKS.items()
    ]
    monkeypatch.setattr("studio.ui.pages.generate.models", lambda _project: models)
    studio = Studio(Project.open(tmp_path / "Texte.studio", create=True), fake_engine)
    sent: list[Message] = []

    def submit(job: Message) -> str:
        sent.append(job)
        return f"job-{len(sent)}"

    monkeypatch.setattr(studio.maker, "submit", submit)
    page = GeneratePage(studio)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitExposed(page):
        page.show()
    yield Bench(studio, page, sent)
    page.hide()
    studio.close()
    studio.deleteLater()


def editor(bench: Bench) -> EditorPart:
    """Return the editor of the model that writes."""
    bench.page.open(model="writer")
    middle = bench.page.middle
    assert isinstance(middle, TextMiddle)
    assert isinstance(middle.part, EditorPart)
    return middle.part


def own_words(part: EditorPart | FillPart) -> str:
    """Return the words that are shown as the user's own."""
    edit = part.edit
    text, model = edit.text(), {p for s in edit._stretches() for p in range(s.start, s.end)}
    return "".join(letter for place, letter in enumerate(text) if place not in model)


def token_list(*pieces: str) -> list[Token]:
    """Return tokens with two other choices each."""
    return [Token(piece, 0.5, ((piece, 0.5), (" other", 0.3))) for piece in pieces]


def test_the_text_up_to_the_cursor_is_written_on_and_streams_in(bench: Bench, qtbot: QtBot) -> None:
    part = editor(bench)
    assert bench.page.make.generate.text() == "Write"
    assert not bench.page.make.prompt.isVisible()  # the editor is the prompt
    assert not bench.page.path.isVisible()
    QTest.keyClicks(part.edit, "Once ")
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    assert bench.request.prompt == "Once "
    assert bench.request.count == 1
    bench.writes("Once upon")
    assert part.edit.text() == "Once upon"
    assert part.edit.isReadOnly()
    bench.writes("Once upon a ti")
    bench.makes("Once upon a time.", token_list("upon", " a", " time", "."), [[5, 11]])
    bench.ends()
    assert part.edit.text() == "Once upon a time."
    assert own_words(part) == "Once "
    assert not part.edit.isReadOnly()
    assert part.card._pill.text() == "1.5 s"
    part.edit.undo()  # the whole passage, however many pieces it came in
    assert part.edit.text() == "Once "
    part.edit.redo()
    assert part.edit.text() == "Once upon a time."
    assert own_words(part) == "Once "


def test_what_is_typed_into_a_passage_is_the_users_own(bench: Bench, qtbot: QtBot) -> None:
    part = editor(bench)
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    bench.makes("the end", token_list("the", " end"))
    bench.ends()
    cursor = part.edit.textCursor()
    cursor.setPosition(3)
    part.edit.setTextCursor(cursor)
    QTest.keyClicks(part.edit, " very")
    assert part.edit.text() == "the very end"
    assert own_words(part) == " very"
    assert part.edit.token_at(0) == (1, 0)
    assert part.edit.token_at(4) == (0, -1)


def test_continue_goes_on_at_the_end_and_regenerate_has_another_seed(
    bench: Bench, qtbot: QtBot
) -> None:
    part = editor(bench)
    bench.page.make.set_seed(7)  # locked
    part.edit.own_words("A 🌙 ")  # two units for Qt
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    bench.makes("A 🌙 one")
    bench.ends()
    part.edit.moveCursor(QTextCursor.MoveOperation.Start)
    qtbot.mouseClick(part._continue, LEFT)
    assert bench.request.prompt == "A 🌙 one"
    bench.makes("A 🌙 one two")
    bench.ends()
    qtbot.mouseClick(part._again, LEFT)
    assert (bench.request.prompt, bench.request.seed) == ("A 🌙 one", 8)
    bench.writes("A 🌙 one thr")
    assert part.edit.text() == "A 🌙 one thr"
    bench.makes("A 🌙 one three")
    bench.ends()
    part.edit.undo()  # one step back is the passage before
    assert part.edit.text() == "A 🌙 one two"


def test_several_texts_are_chosen_by_their_number(bench: Bench, qtbot: QtBot) -> None:
    part = editor(bench)
    bench.page.make._count.setValue(2)
    assert bench.page.make.generate.text() == "Write 2"
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    bench.makes("first", token_list("first"))
    bench.makes("second", token_list("second"), index=1)
    bench.ends()
    assert part.edit.text() == "first"
    chips = [chip.text() for chip in part._results.findChildren(QPushButton) if chip.isVisible()]
    assert chips == ["1", "2"]
    part._results.chosen.emit(1)
    assert part.edit.text() == "second"
    part._results.chosen.emit(0)
    assert part.edit.text() == "first"


def test_another_choice_is_written_on_from(bench: Bench, qtbot: QtBot) -> None:
    part = editor(bench)
    QTest.keyClicks(part.edit, "I ")
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    bench.makes("I saw a cat", token_list("saw", " a", " cat"))
    bench.ends()
    part.edit.setFocus()
    part.edit.moveCursor(QTextCursor.MoveOperation.Start)
    for _ in range(4):
        QTest.keyClick(part.edit, Qt.Key.Key_Right)
    QTest.keyClick(part.edit, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    card = part.card.choices
    assert card.isVisible()
    (choice,) = (b for b in card.findChildren(QPushButton) if b.isVisible())
    assert choice.accessibleName() == "␣other 30 %"
    qtbot.mouseClick(choice, LEFT)
    # “saw” stood at the cursor: what follows it goes, the choice stands in its place
    assert bench.request.prompt == "I  other"
    bench.makes("I  other things", token_list(" things"))
    bench.ends()
    assert part.edit.text() == "I  other things"


def test_a_stopped_text_stays_as_far_as_it_came(bench: Bench, qtbot: QtBot) -> None:
    part = editor(bench)
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    bench.writes("half a sen")
    bench.ends(Outcome.STOPPED)
    assert part.edit.text() == "half a sen"
    assert not part.edit.isReadOnly()
    assert part.card._pill.text() == "stopped"
    qtbot.mouseClick(part._continue, LEFT)
    bench.ends(Outcome.FAILED)
    assert part.card._pill.text() == "failed"


def test_title_and_keywords_become_the_beginning(bench: Bench, qtbot: QtBot) -> None:
    part = editor(bench)
    part._form.set_key("form")
    part._on_form("form")
    QTest.keyClicks(part._title, "The Storm")
    QTest.keyClicks(part._keywords, "sea, ,night")
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    assert bench.request.prompt == "The Storm\nsea, night\n\n"
    bench.makes("The Storm\nsea, night\n\nIt blew.")
    bench.ends()
    assert part.edit.text() == "The Storm\nsea, night\n\nIt blew."
    assert own_words(part) == "The Storm\nsea, night\n\n"


def test_answers_come_from_a_source_and_chat_sends_what_was_said(
    bench: Bench, qtbot: QtBot
) -> None:
    bench.page.open(model="pairs")
    middle = bench.page.middle
    assert isinstance(middle, TextMiddle)
    part = middle.part
    assert isinstance(part, AnswerPart)
    assert not bench.page.make.generate.isEnabled()
    QTest.keyClicks(part.source, "Guten Tag")
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    assert (bench.request.task, bench.request.prompt) == (Task.ANSWER, "Guten Tag")
    bench.writes("Good")
    bench.makes("Good day")
    bench.ends()
    assert [card.text() for card in part._answers] == ["Good day"]
    bench.page.make._count.setValue(3)
    part._on_way("chat")
    assert not bench.page.make._count.isVisible()  # one answer at a time
    QTest.keyClicks(part.chat.line, "Hello")
    QTest.keyClick(part.chat.line, Qt.Key.Key_Return)
    assert (bench.request.prompt, bench.request.count) == ("Hello", 1)
    bench.writes("Hi")
    bench.makes("Hi there")
    bench.ends()
    QTest.keyClicks(part.chat.line, "How are you?")
    qtbot.mouseClick(part.chat._send, LEFT)
    assert bench.request.prompt == "Hello\nHi there\nHow are you?"
    bench.ends(Outcome.FAILED)
    assert part.chat.turns()[-1] == (True, "How are you?")  # what never came is no turn
    settings.settings().clear()


def test_a_model_of_dialogues_opens_as_a_conversation(bench: Bench) -> None:
    bench.page.open(model="talker")
    middle = bench.page.middle
    assert isinstance(middle, TextMiddle)
    part = middle.part
    assert isinstance(part, AnswerPart)
    assert part.chats
    part._on_way("once")
    bench.page.open(model="talker")
    assert not part.chats  # the user's own choice stays
    bench.page.open(model="pairs")
    assert not part.chats
    bench.page.open(model="talker")
    assert part.chats


def test_blanks_are_filled_and_offer_what_else_fits(bench: Bench, qtbot: QtBot) -> None:
    bench.page.open(model="infill")
    middle = bench.page.middle
    assert isinstance(middle, TextMiddle)
    part = middle.part
    assert isinstance(part, FillPart)
    part.edit.setFocus()
    QTest.keyClicks(part.edit, "The ")
    assert not bench.page.make.generate.isEnabled()
    QTest.keyClick(part.edit, Qt.Key.Key_B, CTRL)
    QTest.keyClicks(part.edit, " sat")
    assert part.edit.text() == f"The {BLANK} sat"
    qtbot.mouseClick(bench.page.make.generate, LEFT)
    assert bench.request.prompt == f"The {BLANK} sat"
    bench.makes("The cat sat", token_list("cat"))
    bench.ends()
    assert part.edit.text() == "The cat sat"
    assert own_words(part) == "The  sat"
    part.card.picked.emit(*part.edit.token_at(4), "dog")
    assert part.edit.text() == "The dog sat"
    part.edit.undo()
    part.edit.undo()
    assert part.edit.text() == f"The {BLANK} sat"


def test_filled_words_are_found_between_the_users_own() -> None:
    tokens = token_list("a", "b", "c")
    parts = filled_parts(f"{BLANK}x{BLANK}", "abxc", tokens)
    assert [(part.words, part.own, part.token) for part in parts] == [
        ("a", False, 0),
        ("b", False, 1),
        ("x", True, -1),
        ("c", False, 2),
    ]
    (all_new,) = filled_parts(f"é {BLANK}", "e a", [])  # the tokeniser lost the accent
    assert (all_new.words, all_new.own) == ("e a", False)


def test_the_less_a_word_was_expected_the_stronger_its_tint(qapp: QApplication) -> None:
    strengths = [tint(chance).alphaF() for chance in (1.0, 0.5, 0.01, 0.0)]
    assert strengths == sorted(strengths)
    assert strengths[0] == 0.0


def test_the_settings_of_a_text_are_shown_again(bench: Bench, qtbot: QtBot) -> None:
    part = editor(bench)
    bench.page.open(model="pairs")
    request = {"model": "writer", "task": "generate", "prompt": "Sing, ", "seed": 5}
    bench.page.open(request=request)
    assert part.edit.text() == "Sing, "
    assert bench.page.make.seed() == 5
