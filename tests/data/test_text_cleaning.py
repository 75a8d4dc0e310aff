"""Cleaning takes out what was meant, says what it took out, and leaves the rest alone."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from made_texts import LANGUAGES, prose

from studio.core.project import Project
from studio.core.work import Work
from studio.data import doctor
from studio.data.findings import Finding
from studio.data.importer import import_paths
from studio.data.text.cleaning import Removed, cleaned, removed
from studio.data.text.dialogues import dialogue_pairs, written_dialogue
from studio.data.text.facts import facts_of
from studio.data.text.preparation import TextPreparation
from studio.data.text.wrapping import joined_lines, wrap_width

VERSE = "\n".join(
    f"{line}\nAnd gone again before the night is old,"
    for line in ("The sun is up,", "A bird that sings,", "O little town of grey,", "So soft") * 5
)


def wrapped(text: str, width: int = 72) -> str:
    """Return paragraphs with lines broken at a width."""
    return "\n\n".join(textwrap.fill(part, width) for part in text.split("\n\n"))


def test_broken_lines_are_joined_and_verse_is_not() -> None:
    text = "\n\n".join(prose(seed, 150) for seed in range(4))
    for width in (60, 72, 80):
        assert wrap_width(wrapped(text, width)) in range(width - 3, width + 1)
        assert joined_lines(wrapped(text, width))[0] == text
    assert joined_lines(VERSE) == (VERSE, 0)
    dialogue = "\n\n".join(f"ROMEO:\n{prose(n, 8)}" for n in range(30))
    assert joined_lines(dialogue)[0] == dialogue
    assert joined_lines(text) == (text, 0)


def test_lists_stay_and_cut_words_are_mended() -> None:
    text = wrapped(prose(1, 200)) + "\n\n- first point\n- second point\n\n    code stays\n    here"
    assert joined_lines(text)[0].endswith("- second point\n\n    code stays\n    here")
    lines = textwrap.fill(prose(2, 200), 70).split("\n")
    lines[3:3] = ["x" * 65 + " exam-", "ples " + "y" * 60]
    assert " examples yyy" in joined_lines("\n".join(lines))[0]


def test_the_licence_of_a_free_book_goes() -> None:
    book = (
        "The Project Gutenberg eBook of Something\n\nThis ebook is for the use of anyone.\n\n"
        "*** START OF THE PROJECT GUTENBERG EBOOK SOMETHING ***\n\nProduced by A. Nyone\n\n\n"
        "Chapter 1\n\nIt was night.\n\n*** END OF THE PROJECT GUTENBERG EBOOK SOMETHING ***\n\n"
        "Section 1. General Terms of Use\n"
    )
    preparation = TextPreparation()
    assert cleaned(book, preparation) == "Chapter 1\n\nIt was night.\n"
    assert {each.kind for each in removed(book, preparation)} == {"licence"}
    assert cleaned(book, TextPreparation(boilerplate=False)) == book


def test_page_numbers_and_headings_go() -> None:
    pages = [f"My Book\n\n{prose(n, 60)}\n\n{n + 1}" for n in range(6)]
    text = "\n\f".join(pages)
    result = cleaned(text, TextPreparation())
    assert "My Book" not in result
    assert [prose(n, 60) in result for n in range(6)] == [True] * 6
    found = removed(text, TextPreparation())
    assert found.count(Removed("heading", "My Book")) == 6
    assert [each.text for each in found if each.kind == "page-number"] == list("123456")
    plain = "\n\n".join(f"{prose(n, 60)}\n\n- {n + 7} -" for n in range(9))
    assert "- 8 -" not in cleaned(plain, TextPreparation())
    # numbers that are what the text is about stay
    counting = "\n".join(str(n) for n in range(100))
    years = f"{prose(1)}\n\n1984\n\n{prose(2)}"
    for each in (counting, years):
        assert cleaned(each, TextPreparation()) == each


def test_repeated_paragraphs_letters_and_capitals() -> None:
    long = prose(1, 30)
    text = f"{long}\n\nShort.\n\n{long.upper()}\n\nShort."
    once = TextPreparation(repeated=True)
    assert cleaned(text, once) == f"{long}\n\nShort.\n\nShort."
    assert [each.kind for each in removed(text, once)] == ["repeated"]
    assert cleaned("e\u0301É", TextPreparation(normalise=True, lower=True)) == "éé"


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_needs_no_cleaning_stays(name: str) -> None:
    everything = TextPreparation(join_lines=True, repeated=True)
    assert cleaned(LANGUAGES[name][0], everything) == LANGUAGES[name][0]


def test_dialogues_are_found_as_they_are_written() -> None:
    lines = "A: Hi there\nB: Hello\ngoes on\nA: Bye"
    assert [dialogue_pairs(turns) for turns in written_dialogue(lines)] == [
        [("Hi there", "Hello\ngoes on"), ("Hi there\nHello\ngoes on", "Bye")]
    ]
    blocks = "Hi\nHello\n\nWho?\nMe\nOh"
    assert [dialogue_pairs(turns) for turns in written_dialogue(blocks)] == [
        [("Hi", "Hello")],
        [("Who?", "Me"), ("Who?\nMe", "Oh")],
    ]
    assert written_dialogue("one paragraph alone") == []


# ------------------------------------------------------------------------- facts and doctor


def test_facts_of_texts() -> None:
    facts = facts_of(["The cat and the dog.\n\nThe end.", "春天来了", "Это и есть весна, не зима"])
    assert facts.characters == 30 + 4 + 25
    assert (facts.lines, facts.paragraphs) == (5, 4)
    assert facts.common[0] == ("the", 3)
    assert set(facts.scripts) == {"Latin", "Han", "Cyrillic"}
    assert sum(facts.scripts.values()) == pytest.approx(1)
    assert facts.languages == ("English", "Russian", "Chinese")


def found(
    project: Project, folder: Path, files: dict[str, bytes | str]
) -> tuple[str, dict[str, Finding]]:
    """Return a dataset's id and what the doctor says of it, by rule."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(raw)
    dataset = import_paths(project, "Texts", [folder], Work()).dataset_id
    return dataset, {each.rule: each for each in doctor.examine(project.library, dataset)}


def test_a_single_good_book_is_not_too_few_items(opened: Project, tmp_path: Path) -> None:
    text = "\n\n".join(prose(seed) for seed in range(250))
    assert found(opened, tmp_path / "in", {"book.txt": text})[1] == {}


def test_the_doctor_sees_what_hurts(opened: Project, tmp_path: Path) -> None:
    dataset, said = found(
        opened,
        tmp_path / "in",
        {
            "a/wrapped.txt": wrapped(prose(1, 900)),
            "a/old.txt": LANGUAGES["German"][0].encode("cp1252"),
            "a/broken.txt": ("schön und gut " * 30).encode() + b"\xff",
            "b/tiny.txt": "x",
            "b/rows.csv": "text,label\nrow one,b\nb\nrow two,b,c,d\n",
        },
    )
    assert set(said) == {
        *("too-little-text", "tiny-texts", "damaged-letters", "hard-wrapped", "mixed-encodings"),
        *("one-label", "ragged-rows"),
    }
    repair = said["hard-wrapped"].repair
    assert repair is not None
    undo = doctor.apply(opened.library, dataset, repair)
    assert "hard-wrapped" not in {each.rule for each in doctor.examine(opened.library, dataset)}
    doctor.apply(opened.library, dataset, undo)
    assert "hard-wrapped" in {each.rule for each in doctor.examine(opened.library, dataset)}
    for each in said.values():
        assert each.title
        assert each.why
        assert each.evidence


def test_the_doctor_hints_at_word_parts(opened: Project, tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + (n * 37) % 2000) for n in range(30_000))
    dataset, said = found(opened, tmp_path / "in", {"a.txt": text})
    assert "many-characters" not in said  # automatic chooses well
    opened.library.datasets.set_preparation(dataset, {"tokeniser": "characters"})
    (finding,) = [
        each for each in doctor.examine(opened.library, dataset) if each.rule == "many-characters"
    ]
    assert finding.repair is not None
    assert finding.repair.preparation == {"tokeniser": "bpe"}
