"""Labels and captions from what lies beside the items: folders, CSV tables, caption files."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from studio.data.modality import Rejected

TABLE_SUFFIXES = frozenset({".csv", ".tsv"})
CAPTION_SUFFIXES = frozenset({".txt", ".caption"})

_MAX_TABLE = 64 << 20  # bytes
_HEAD = 64 << 10  # bytes that show what kind of table it is
_MAX_CAPTION = 64 << 10  # bytes
_FILE_WORDS = ("file", "filename", "file_name", "path", "image", "name")
_ALIKE, _SHORT = 0.8, 0.3  # of the letters of what is said: the same again; a speaker's name
_LABEL_WORDS = ("label", "class", "category", "target")
_CAPTION_WORDS = ("caption", "text", "description", "prompt")

#: Folders that divide or hold a collection for other programs; they are no labels.
_SPLITS = frozenset(
    {"train", "training", "test", "testing", "val", "valid", "validation", "wav", "wavs"}
)


class Row(NamedTuple):
    """A line of a table; `file` is a path with slashes, relative to the table."""

    file: str
    label: str
    caption: str


def read_table(raw: bytes) -> list[Row]:
    """Return the lines of a CSV table of file, label, caption.

    The first line may name the columns, in any order; without names they are taken in this order.
    Lines with bars, `file|text`, are what speech is listed with: see `_spoken`.

    Raises:
        Rejected: It is no such table.
    """
    if len(raw) > _MAX_TABLE:
        raise Rejected("too-large", "The table is larger than 64 MB.", "Split it into several.")
    text = decode_text(raw)
    first = text.partition("\n")[0]
    if is_spoken(first):
        return _spoken(text)
    delimiter = max(",;\t|", key=first.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if line]
    except csv.Error as error:
        raise _no_table() from error
    if not lines or len(lines[0]) < 2:
        raise _no_table()
    header = [word.strip().lower() for word in lines[0]]
    file = _column(header, _FILE_WORDS)
    if file is None:
        file, label, caption = 0, 1, 2
    else:
        lines = lines[1:]
        absent = len(header)
        label = _or(_column(header, _LABEL_WORDS), absent)
        caption = _or(_column(header, _CAPTION_WORDS), absent)

    def cell(line: list[str], column: int) -> str:
        return line[column].strip() if column < len(line) else ""

    rows = [Row(_place(cell(line, file)), cell(line, label), cell(line, caption)) for line in lines]
    return [row for row in rows if row.file]


def is_spoken(line: str) -> bool:
    """Tell whether a line lists what is said in a recording, with bars between the columns."""
    file, bar, rest = line.partition("|")
    named = file.strip().lower() in _FILE_WORDS  # then the columns say themselves what they are
    return bool(bar and file.strip() and rest.strip()) and not (named or set(file) & set(",;\t"))


def _spoken(text: str) -> list[Row]:
    """Return the lines of a list of recordings with what is said in them.

    The column with the most letters is what is said; of several that are about as long it is the
    last one, in which numbers are usually written out. A short one beside it is the speaker.
    """

    def cell(line: list[str], place: int) -> str:
        return line[place] if place < len(line) else ""

    lines = [[part.strip() for part in line.split("|")] for line in text.splitlines() if line]
    columns = max(len(line) for line in lines)
    sizes = [sum(len(cell(line, place)) for line in lines) for place in range(columns)]
    said = max(place for place in range(1, columns) if sizes[place] >= _ALIKE * max(sizes[1:]))
    beside = [place for place in range(1, columns) if sizes[place] < _SHORT * sizes[said]]
    label = beside[0] if len(beside) == 1 else columns
    return [Row(_place(line[0]), cell(line, label), cell(line, said)) for line in lines if line[0]]


def names_files(raw: bytes, suffixes: Collection[str]) -> bool:
    """Tell whether most of the first lines of a table name files with one of these suffixes."""
    head = raw if len(raw) <= _HEAD else raw[: raw.rfind(b"\n", 0, _HEAD) + 1]
    try:
        files = [row.file for row in read_table(head)]
    except Rejected:
        return False
    named = sum(PurePosixPath(file).suffix.lower() in suffixes for file in files)
    return named > len(files) / 2


def read_caption(raw: bytes) -> str:
    """Return the text of a caption file on one line.

    Raises:
        Rejected: It is too long for a caption or no text.
    """
    if len(raw) > _MAX_CAPTION:
        raise Rejected("too-large", "Too long for a caption.", "Keep captions below 64 KB.")
    if b"\0" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Rejected("not-text", "This is no text file.", "Leave it out or save it as text.")
    return " ".join(decode_text(raw).split())


def decode_text(raw: bytes) -> str:
    """Return text in UTF-8 or UTF-16 with its mark, else in Western European letters."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def is_inside(place: str) -> bool:
    """Tell whether a relative path stays below its start."""
    parts = PurePosixPath(place).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and ":" not in parts[0]


def folder_labels(places: Sequence[str], *, archive: bool) -> list[str]:
    """Return the label of each path: its first folder that tells items apart.

    Folders that hold everything are wrappers. In an archive even the last one is, since an
    archive usually packs one folder; below a folder it is the only label.
    """
    folders = [
        [part for part in PurePosixPath(place).parts[:-1] if part.lower() not in _SPLITS]
        for place in places
    ]
    kept = 0 if archive else 1
    depth = 0
    while (
        folders
        and all(len(parts) > depth + kept for parts in folders)
        and len({parts[depth] for parts in folders}) == 1
    ):
        depth += 1
    return [parts[depth] if len(parts) > depth else "" for parts in folders]


def stem(place: str) -> str:
    """Return a path without its suffix: what an item and its caption file share."""
    return str(PurePosixPath(place).with_suffix(""))


def beside(table: str, file: str) -> str:
    """Return the path of a file that a table names, in the table's own terms of place."""
    return str(PurePosixPath(table).parent / file)


def _place(cell: str) -> str:
    return cell.replace("\\", "/").removeprefix("./")


def _column(header: list[str], words: Iterable[str]) -> int | None:
    return next((header.index(word) for word in words if word in header), None)


def _or(value: int | None, fallback: int) -> int:
    return fallback if value is None else value


def _no_table() -> Rejected:
    return Rejected(
        "not-a-table",
        "This is no table of file, label and caption.",
        "Give it at least two columns, the first with file names.",
    )
