"""Texts in the rows of tables: CSV, TSV, and JSON with one object per text or per line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from studio.data.entries import MEGABYTE
from studio.data.modality import Rejected
from studio.data.text.columns import Columns, find_columns
from studio.data.text.dialogues import dialogue_pairs, is_dialogue
from studio.data.text.files import PAIR

#: Rows of one file that are taken at most.
MAX_ROWS = 500_000

_MAX_JSON = 64 * MEGABYTE  # of a file that must be read as one value
_LOOKED_AT = 200  # rows that show what the columns are
_DELIMITERS = ",\t;|"

# what a cell may hold; the module's own bound of 128 KB is less than a chapter
csv.field_size_limit(256 * MEGABYTE)


@dataclass(frozen=True)
class RowText:
    """A text in a row of a table; of a pair both sides with `PAIR` between them."""

    text: str
    label: str = ""
    pair: bool = False


@dataclass
class Table:
    """The texts of a table, and what became of its other rows.

    Attributes:
        ragged: Rows that have more or fewer cells than there are columns, or lack some value.
        left_out: Rows without a text, damaged ones, and those beyond `MAX_ROWS`.
    """

    texts: list[RowText] = field(default_factory=list)
    ragged: int = 0
    left_out: int = 0

    def add(self, row: RowText | None) -> None:
        """Take a row's text; None counts as left out."""
        if row is None or not row.text.strip(f" \n\t{PAIR}") or len(self.texts) >= MAX_ROWS:
            self.left_out += 1
        else:
            self.texts.append(row)


# --------------------------------------------------------------------------------- CSV, TSV


def read_csv(text: str, suffix: str) -> Table:
    """Return the texts of a CSV or TSV table.

    Raises:
        Rejected: It has no column of texts.
    """
    delimiter = "\t" if suffix == ".tsv" else _delimiter(text)
    rows = _csv_rows(text, delimiter)
    head = list(islice(rows, _LOOKED_AT))
    if not head:
        raise _no_texts()
    columns = find_columns(head, pairs_without_names=delimiter == "\t")
    table = Table()
    for index, row in enumerate(chain(head, rows)):
        if index == 0 and columns.header:
            continue
        table.ragged += len(row) != columns.count
        table.add(_csv_text(row, columns, delimiter))
    if not table.texts:
        raise _no_texts()
    return table


def _csv_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows that are not empty; one that cannot be read is an empty row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = [""]
        if row:
            yield row


def _csv_text(row: list[str], columns: Columns, delimiter: str) -> RowText | None:
    cells = [cell.strip() for cell in row]
    if columns.text == columns.count - 1 and len(cells) > columns.count:
        # a text that was not quoted and has the delimiter in it, as the last cell
        cells[columns.text :] = [delimiter.join(row[columns.text :]).strip()]

    def cell(place: int) -> str:
        return cells[place] if 0 <= place < len(cells) else ""

    if columns.is_pair:
        source, target = cell(columns.source), cell(columns.target)
        return _pair(source, target, cell(columns.label))
    return RowText(cell(columns.text), cell(columns.label))


def _delimiter(text: str) -> str:
    """Return the sign that divides the first rows into the same number of cells most often."""
    head = text[: 64 << 10]
    best, chosen = 0.0, ","
    for delimiter in _DELIMITERS:
        rows = list(islice(_csv_rows(head, delimiter), 50))
        counts = [len(row) for row in rows[: max(1, len(rows) - 1)]]
        usual = max(set(counts), key=counts.count, default=1)
        share = counts.count(usual) / max(1, len(counts))
        if usual > 1 and share > best:
            best, chosen = share, delimiter
    return chosen


# -------------------------------------------------------------------------------------- JSON


def read_json_texts(text: str, suffix: str) -> Table:
    """Return the texts of a file with a JSON object per line, or of one that is a list of them.

    Raises:
        Rejected: It is no JSON, too large, or has no field of texts.
    """
    if suffix == ".json":
        values: Iterator[Any] = iter(_whole(text))
    else:
        values = _lines(text)
    head = list(islice(values, _LOOKED_AT))
    objects = [_flat(value) for value in head if isinstance(value, dict)]
    names = list(dict.fromkeys(name for each in objects for name in each))
    columns = find_columns([names, *[[_cell(each, name) for name in names] for each in objects]])
    table = Table()
    for value in chain(head, values):
        _add_value(table, value, names, columns)
    if not table.texts:
        raise _no_texts()
    return table


def _add_value(table: Table, value: Any, names: Sequence[str], columns: Columns) -> None:
    """Take what one JSON value holds: a text, an object with one, or a dialogue."""
    if isinstance(value, str):
        table.add(RowText(value))
        return
    turns = is_dialogue(value)
    if turns is not None:
        pairs = dialogue_pairs(turns)
        for source, target in pairs:
            table.add(_pair(source, target, ""))
        if not pairs:
            table.add(None)
        return
    if not isinstance(value, dict):
        table.add(None)
        return
    flat = _flat(value)

    def cell(place: int) -> str:
        return _cell(flat, names[place]) if 0 <= place < len(names) else ""

    if columns.is_pair:
        source = "\n".join(each for each in (cell(columns.source), cell(columns.more)) if each)
        table.add(_pair(source, cell(columns.target), cell(columns.label)))
    else:
        table.add(RowText(cell(columns.text), cell(columns.label)))


def _lines(text: str) -> Iterator[Any]:
    """Yield the value of each line; None for one that is no JSON."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end].strip()
        start = end + 1
        if line:
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield None


def _whole(text: str) -> list[Any]:
    """Return the list that a JSON file is, or that one of its fields is."""
    if len(text) > _MAX_JSON:
        raise Rejected(
            "too-large",
            "A JSON file of more than 64 MB is not read as one.",
            "Save it with one object per line (.jsonl).",
        )
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        values = list(_lines(text))
        if values and None not in values:
            return values  # one object per line, under another name
        raise Rejected(
            "damaged", "The JSON file is damaged.", "Save it anew, or as one object per line."
        ) from error
    if isinstance(value, dict) and is_dialogue(value) is None:
        lists = [each for each in value.values() if isinstance(each, list) and each]
        # a field that holds all objects, or an object of names and texts
        return max(lists, key=len) if lists and len(value) <= 8 else [value]
    return value if isinstance(value, list) and is_dialogue(value) is None else [value]


def _flat(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the fields of objects in it, as `translation` has, as its own."""
    flat: dict[str, Any] = {}
    for name, each in value.items():
        if isinstance(each, dict):
            flat |= {str(inner): deep for inner, deep in each.items()}
        else:
            flat[str(name)] = each
    return flat


def _cell(value: dict[str, Any], name: str) -> str:
    each = value.get(name)
    if isinstance(each, str):
        return each
    if isinstance(each, list) and all(isinstance(part, str) for part in each):
        return "\n".join(each)
    if isinstance(each, bool | int | float):
        try:
            return str(each)
        except ValueError:  # a number of thousands of digits
            return ""
    return ""


# -------------------------------------------------------------------------------------- both


def _pair(source: str, target: str, label: str) -> RowText | None:
    if not source.strip() or not target.strip():
        return None
    clean = [side.replace(PAIR, " ") for side in (source, target)]
    return RowText(PAIR.join(clean), label, pair=True)


def _no_texts() -> Rejected:
    return Rejected(
        "no-texts",
        "There is no column with texts in it.",
        "Name the column `text`, or those of pairs `source` and `target`.",
    )
