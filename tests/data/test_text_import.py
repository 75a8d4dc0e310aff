"""Text files of every kind become items, and hostile ones are refused before they unpack."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from made import items, noise, rejects
from made_texts import LANGUAGES, book, pdf, prose, word_file

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.thumbnails import thumbnail_text
from studio.core.work import Work
from studio.data.importer import import_paths
from studio.data.modality import Probed, Rejected
from studio.data.text.files import PAIR
from studio.data.text.modality import MODALITY


def texts(raw: bytes | str, name: str) -> list[str]:
    """Return the texts that are read from a file."""
    return [found.stored.decode() for found in probe(raw, name)]


def probe(raw: bytes | str, name: str) -> list[Probed]:
    """Return what is read from a file."""
    return MODALITY.probe(raw.encode() if isinstance(raw, str) else raw, name)


def refused(raw: bytes | str, name: str) -> str:
    """Return the reason for which a file is refused."""
    with pytest.raises(Rejected) as caught:
        probe(raw, name)
    assert caught.value.message
    assert caught.value.suggestion
    return caught.value.reason


# ------------------------------------------------------------------------------- documents


def test_a_book_is_one_item_with_its_size() -> None:
    (item,) = probe("Erste Zeile\nzweite\n", "buch.txt")
    assert (item.width, item.height) == (19, 3)
    assert thumbnail_text(item.thumbnail) == "Erste Zeile\nzweite"


def test_a_web_page_without_its_marks() -> None:
    page = """<!DOCTYPE html><html><head><title>T</title><style>p {}</style></head><body>
    <script>var x = "no";</script><h1>Head</h1><p>One <b>bold</b>
    word &amp; <i>more</i>.</p><ul><li>first</li><li>second</li></ul><pre>  a
  b</pre><table><tr><td>1</td><td>2</td></tr></table><!-- no --></body></html>"""
    expected = "Head\n\nOne bold word & more.\n\nfirst\nsecond\n\n  a\n  b\n\n1\t2"
    assert texts(page, "page.html") == [expected]


@pytest.mark.parametrize("encoding", ["gb2312", "shift_jis", "windows-1251"])
def test_a_web_page_says_its_encoding(encoding: str) -> None:
    name = {"gb2312": "Chinese", "shift_jis": "Japanese", "windows-1251": "Russian"}[encoding]
    text = LANGUAGES[name][0].split("\n")[0]
    page = f'<html><head><meta charset="{encoding}"></head><body><p>{text}</p></body></html>'
    assert texts(page.encode(encoding), "page.htm") == [text]


def test_an_e_book_in_the_order_of_its_spine() -> None:
    raw = book({"a": "<p>second 汉字</p>", "b": "<p>first</p>", "c": "<p>unused</p>"}, ["b", "a"])
    assert texts(raw, "book.epub") == ["first\n\nsecond 汉字"]


def test_word_files_with_tables() -> None:
    raw = word_file(["Ein Satz.", "", "العربية 😀"], [["a", "b"], ["c", "d"]])
    assert texts(raw, "letter.docx") == ["Ein Satz.\n\nالعربية 😀\n\na\tb\nc\td"]


def test_the_text_layer_of_a_pdf() -> None:
    (text,) = texts(pdf([["First line", "second line"], ["Next page"]]), "paper.pdf")
    assert text.split("\n\f") == ["First line\nsecond line", "Next page"]


def test_a_pdf_without_text_or_with_a_password_is_refused() -> None:
    from pypdf import PdfReader, PdfWriter

    assert refused(pdf([[], []]), "scan.pdf") == "no-text-layer"
    writer = PdfWriter(PdfReader(io.BytesIO(pdf([["secret"]]))))
    writer.encrypt("password", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    assert refused(stream.getvalue(), "locked.pdf") == "encrypted"


def test_bombs_are_refused_before_they_unpack() -> None:
    stream = io.BytesIO(word_file(["a"]))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/huge.bin", bytes(300 << 20))
    started = time.perf_counter()
    assert refused(stream.getvalue(), "bomb.docx") == "archive-bomb"
    assert time.perf_counter() - started < 2
    more = {"OEBPS/text/big.xhtml": b"<p>" + b"a" * (40 << 20)}
    assert refused(book({"a": "<p>x</p>"}, ["a"], more), "bomb.epub") == "archive-bomb"


def test_entities_never_grow() -> None:
    laughs = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "' + "&a;" * 50 + '">]>'
    source = zipfile.ZipFile(io.BytesIO(word_file(["a"])))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in source.namelist():
            content = source.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                content = content.replace("<w:document", f"{laughs}<w:document", 1)
            archive.writestr(name, content.encode("utf-8", "surrogateescape"))
    assert refused(stream.getvalue(), "laughs.docx") == "unsafe"
    more = {"OEBPS/content.opf": f"<?xml version='1.0'?>{laughs}<package/>".encode()}
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = book({"a": "<p>x</p>"}, ["a"], more)
    assert refused(raw, "laughs.epub") == "unsafe"
    page = f"<?xml version='1.0'?>{laughs}<html><body><p>&b; text</p></body></html>"
    assert len(texts(page, "laughs.html")[0]) < 200


@pytest.mark.parametrize(
    ("raw", "name", "reason"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old.doc", "unknown-kind"),
        (b"{\\rtf1\\ansi hello}", "letter.rtf", "unknown-kind"),
        (b"%PDF-1.4\nnothing", "cut.pdf", "damaged"),
        (b"plain words", "false.pdf", "damaged"),
        (b"plain words", "false.docx", "damaged"),
        (b"PK\x03\x04" + bytes(50), "cut.docx", "damaged"),
        (b"   \n\n ", "blank.txt", "empty"),
        (b"{", "cut.json", "damaged"),
        (b"[" * 200_000, "deep.json", "damaged"),
        (b"a,b\n1,2\n3,4\n", "numbers.csv", "no-texts"),
    ],
)
def test_what_cannot_be_read_is_refused(raw: bytes, name: str, reason: str) -> None:
    assert refused(raw, name) == reason


def test_cut_off_and_corrupted_documents_never_fail_otherwise() -> None:
    import random

    draw = random.Random(0)
    whole = {
        "a.docx": word_file([prose(1)]),
        "a.epub": book({"a": f"<p>{prose(2)}</p>"}, ["a"]),
        "a.pdf": pdf([[prose(3, 40)]]),
        "a.html": f"<html><body><p>{prose(4)}</p></body></html>".encode(),
    }
    for name, raw in whole.items():
        for _ in range(12):
            broken = bytearray(raw[: draw.randrange(1, len(raw))] if draw.random() < 0.5 else raw)
            for _ in range(8):
                broken[draw.randrange(len(broken))] = draw.randrange(256)
            try:
                MODALITY.probe(bytes(broken), name)
            except Rejected as error:
                assert error.suggestion  # both outcomes are fine
    deep = "<div>" * 60_000 + "end"
    assert texts(deep, "deep.html")


# ----------------------------------------------------------------------------------- tables


def test_columns_by_name_and_by_content() -> None:
    named = "id,label,text\n1,happy,A good day\n2,sad,A bad day\n3,sad,Rain again\n"
    found = probe(named, "t.csv")
    assert [(each.stored.decode(), each.label) for each in found] == [
        ("A good day", "happy"),
        ("A bad day", "sad"),
        ("Rain again", "sad"),
    ]
    unnamed = "".join(f"{n};{'x' if n % 2 else 'y'};{prose(n, 12)}\n" for n in range(9))
    found = probe(unnamed, "t.csv")
    assert [each.stored.decode() for each in found] == [prose(n, 12) for n in range(9)]
    assert [each.label for each in found][:3] == ["y", "x", "y"]
    longest = "code,words\n" + "".join(f"{n},{prose(n, 12)}\n" for n in range(9))
    assert texts(longest, "t.csv")[0] == prose(0, 12)


def test_ragged_rows_are_accounted_for() -> None:
    table = (
        "label,text\n"
        "a,one text\n"
        "b\n"  # no text
        'c,"two\nlines",more,cells\n'
        "d,not quoted, with a comma\n"
        ",unlabelled\n"
        "e,\n"  # no text
    )
    found = probe(table, "t.csv")
    assert [each.stored.decode() for each in found] == [
        "one text",
        "two\nlines,more,cells",
        "not quoted, with a comma",
        "unlabelled",
    ]
    assert set(found[0].notes) == {"ragged-rows-3", "rows-left-out-2"}
    assert found[1].notes == ()


def test_hostile_tables_end() -> None:
    assert len(probe('text\n"never closed\n' + "a\n" * 1000, "t.csv")) == 1
    assert probe("text\nab\0c\n" + "more\n" * 900, "t.csv")
    started = time.perf_counter()
    (item,) = probe("text\n" + "x" * 3_000_000, "t.csv")
    assert item.width == 3_000_000
    probe("a," * 100_000 + "text\n" + "b," * 100_000 + "words\n", "t.csv")
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("source,target\nhello,hallo\nbye,tschüss\n", "t.csv"),
        ("en\tde\nhello\thallo\nbye\ttschüss\n", "t.tsv"),
        ("hello\thallo\nbye\ttschüss\n", "t.tsv"),
        ("hello\thallo\tCC-BY 2.0 (France)\nbye\ttschüss\tCC-BY 2.0\n", "t.tsv"),
        (
            '{"question": "hello", "answer": "hallo"}\n{"question": "bye", "answer": "tschüss"}\n',
            "t.jsonl",
        ),
        (
            (
                '[{"translation": {"en": "hello", "de": "hallo"}},'
                ' {"translation": {"en": "bye", "de": "tschüss"}}]'
            ),
            "t.json",
        ),
        (
            (
                '{"instruction": "hello", "input": "", "output": "hallo"}\n'
                '{"instruction": "bye", "input": "", "output": "tschüss"}\n'
            ),
            "t.jsonl",
        ),
        ("prompt;completion\nhello;hallo\nbye;tschüss\n", "t.csv"),
    ],
)
def test_pairs_of_columns(raw: str, name: str) -> None:
    found = probe(raw, name)
    assert [each.stored.decode() for each in found] == [
        f"hello{PAIR}hallo",
        f"bye{PAIR}tschüss",
    ]
    assert all("pair" in each.notes for each in found)
    assert thumbnail_text(found[0].thumbnail) == "hello\n→ hallo"


def test_dialogues_give_a_pair_per_answer() -> None:
    spoken = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "How are you?"},
        {"role": "assistant", "content": "Fine."},
    ]
    expected = [f"Hi{PAIR}Hello!", f"Hi\nHello!\nHow are you?{PAIR}Fine."]
    assert texts(json.dumps({"messages": spoken}), "t.jsonl") == expected
    named = [
        {"from": "human" if turn["role"] == "user" else "gpt", "value": turn["content"]}
        for turn in spoken[1:]
    ]
    assert texts(json.dumps([{"conversations": named}]), "t.json") == expected


def test_lines_of_json_that_are_broken_are_counted() -> None:
    raw = (
        '{"text": "one"}\nnonsense\n{"text": "two 汉字", "label": "x"}\n{"text": ""}\n"three"\n17\n'
    )
    found = probe(raw, "t.jsonl")
    assert [each.stored.decode() for each in found] == ["one", "two 汉字", "three"]
    assert "rows-left-out-3" in found[0].notes


# --------------------------------------------------------------------------- whole imports


def test_folders_archives_and_lists(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    for place in ("joy/a.txt", "joy/b.md", "gloom/c.txt"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(prose(len(place) + ord(place[-5])))
    (folder / "list.csv").write_text("file,label\njoy/a.txt,glee\nmissing.txt,none\n")
    (folder / "table.csv").write_text("text\n" + prose(50) + "\n" + prose(51) + "\n")
    result = import_paths(opened, "Texts", [folder], Work())
    assert result.modality is Modality.TEXT
    found = {item.name: item.label for item in items(opened, result.dataset_id)}
    assert found == {
        "joy/a.txt": "glee",
        "joy/b.md": "joy",
        "gloom/c.txt": "gloom",
        "table.csv": "",
        "table.csv#2": "",
    }
    assert rejects(opened, result.dataset_id)["list.csv: missing.txt"].reason == "missing"
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("x/a.txt", prose(60))
        archive.writestr("y/b.txt", prose(61))
    packed = import_paths(opened, "Packed", [tmp_path / "t.zip"], Work())
    assert [item.label for item in items(opened, packed.dataset_id)] == ["x", "y"]


def test_every_script_survives_an_import(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    folder.mkdir()
    for name, (text, encodings) in LANGUAGES.items():
        (folder / f"{name}.txt").write_bytes(text.encode(encodings[0] if encodings else "utf-8"))
    result = import_paths(opened, "World", [folder], Work())
    reader = BlobReader(opened.dataset(result.dataset_id) / ITEMS_PACK)
    for item in items(opened, result.dataset_id):
        name = item.name.removesuffix(".txt")
        assert reader.get(item.item).decode() == LANGUAGES[name][0], name
    reader.close()
    assert result.items == len(LANGUAGES)


def test_a_table_of_many_rows(opened: Project, tmp_path: Path) -> None:
    table = tmp_path / "many.csv"
    rows = [prose(n, 8) for n in range(1000)]
    table.write_text("text\n" + "\n".join([*rows, rows[3]]) + "\n")
    result = import_paths(opened, "Many", [table], Work())
    assert (result.taken, result.items, result.lookalikes) == (1, 1001, 1)
    found = items(opened, result.dataset_id)
    assert found[1000].duplicate_of == found[3].id
    assert len(set(opened.library.datasets.hashes(result.dataset_id))) == 1001


def test_near_copies_are_found_among_real_differences(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    originals = [prose(seed) for seed in range(20)]
    for number, text in enumerate(originals):
        (folder / f"{number:02}.txt").write_text(text)
    (folder / "upper.txt").write_text(originals[4].upper().replace(".", " !"))
    words = originals[7].split(" ")
    words[100] = "changed"
    (folder / "word.txt").write_text(" ".join(words))
    result = import_paths(opened, "Copies", [folder], Work())
    found = {item.name: item.id for item in items(opened, result.dataset_id)}
    copies = {i.name: i.duplicate_of for i in items(opened, result.dataset_id) if i.duplicate_of}
    assert copies == {"upper.txt": found["04.txt"], "word.txt": found["07.txt"]}


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"a.txt": "", "b.txt": ""}, Modality.TEXT),
        ({"table.csv": ""}, Modality.TEXT),
        ({"lines.jsonl": ""}, Modality.TEXT),
        ({"a.png": "", "a.txt": "", "b.png": "", "b.txt": ""}, Modality.IMAGE),
        ({"list.csv": "", "a.png": "", "b.png": ""}, Modality.IMAGE),
        ({"paper.pdf": "", "book.epub": "", "cover.jpg": ""}, Modality.IMAGE),
    ],
)
def test_the_kind_is_guessed(files: dict[str, str], kind: Modality) -> None:
    from studio.data.importer import guess_modality

    assert guess_modality(files) is kind


def test_a_lone_list_of_pictures_stays_one(opened: Project, tmp_path: Path) -> None:
    noise(1).save(tmp_path / "a.png")
    (tmp_path / "list.csv").write_text("file,label,caption\na.png,x,a long caption of a picture\n")
    result = import_paths(opened, "Listed", [tmp_path / "list.csv"], Work())
    assert (result.modality, result.items, result.helpers) == (Modality.IMAGE, 1, 1)
    long = tmp_path / "long.csv"
    long.write_text(f"{prose(1, 100)},x\n{prose(2, 100)},y\n")
    assert import_paths(opened, "Long", [long], Work()).items == 2
