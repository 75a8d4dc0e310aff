"""Writing files so that a kill at any moment leaves the previous good state."""

from __future__ import annotations

import json
import os
import re
import shutil
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

_SEPARATORS = re.compile(r"[^\w.]+")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success flush it to disk and rename it to `path`.

    On any error the temporary file is removed and `path` keeps its previous content.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; on success flush it to disk and rename it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                with file.open("rb") as stream:
                    os.fsync(stream.fileno())
        if path.exists():
            shutil.rmtree(path)
        temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_abandoned(folder: Path) -> None:
    """Remove temporary files and folders in `folder` whose process was killed."""
    for path in folder.glob(".*.tmp"):
        process = path.name.split(".")[-2]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write `value` to `path` as indented JSON, atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Return the JSON value in `path`."""
    return json.loads(path.read_text("utf-8"))


def append_json_line(path: Path, value: Any) -> None:
    """Append `value` to `path` as one line of JSON."""
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(value, ensure_ascii=False) + "\n")


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects in a JSON-lines file; a last line cut off by a kill is left out."""
    if not path.exists():
        return []
    rows = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return rows


def slug(name: str, fallback: str = "untitled") -> str:
    """Return `name` as a file name that every system accepts; letters of all scripts stay."""
    text = unicodedata.normalize("NFC", name).lower()
    text = _SEPARATORS.sub("-", text).strip("-.")
    return text[:60].rstrip("-.") or fallback


def unused(path: Path, suffix: str = "") -> Path:
    """Return `path`, or the first of `path-2`, `path-3` … that does not exist yet.

    Args:
        suffix: What stays at the end, where that is more than the path's last suffix.
    """
    if not path.exists():
        return path
    number, suffix = 2, suffix or path.suffix
    stem = path.name.removesuffix(suffix)
    while (candidate := path.with_name(f"{stem}-{number}{suffix}")).exists():
        number += 1
    return candidate


def files_in(paths: Iterable[Path], suffixes: Collection[str]) -> list[Path]:
    """Return the files among `paths` and in folders among them, sorted within each folder.

    Args:
        suffixes: Endings that count, lower case with the dot.
    """
    found = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [each for each in inside if each.suffix.lower() in suffixes and each.is_file()]
    return found
