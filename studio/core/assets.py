"""Generated media in the library: search, tags, ratings and the trash."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from studio.core.blobs import Span
from studio.core.media import Modality

_CHUNK = 900
#: Characters of a text that are searched.
SEARCHED = 20_000
# scripts without spaces between words: each letter is a word, so that any row of them is found
_LETTERS = re.compile("([\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_MADE_BY = ("model", "model_title", "run", "step", "seed", "label", "width", "height", "title")


@dataclass(frozen=True)
class NewAsset:
    """A medium as the generator hands it over.

    Attributes:
        path: Relative to the project's folder, with slashes.
        title: What stands under its thumbnail.
        model: `RUN@STEP` or the path of a package.
        model_title: Name of the model for people.
        recipe: All that made it, as embedded in the file.
        said: What it says, where it is a text; its beginning can be searched.
    """

    path: str
    modality: Modality
    title: str
    model: str
    model_title: str
    run: str
    step: int
    seed: int
    label: str
    width: int
    height: int
    recipe: dict[str, Any]
    thumb: Span
    said: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Asset(NewAsset):
    """A row of `assets`. `created` and `trashed` in seconds since 1970; `said` is not kept."""

    id: int
    created: float
    rating: int
    trashed: float | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class AssetFilter:
    """Which assets a view shows; every part that is set narrows the choice.

    Attributes:
        search: Words found in title, model, label, tags, seed or date (`2026-11-21`), or in what
            a text says.
        rating: At least this many stars.
        since: Made at this time or later, in seconds since 1970; 0 for any time.
        trashed: Show the trash instead of the gallery.
        newest_first: Order by date.
    """

    modality: Modality | None = None
    search: str = ""
    model_title: str = ""
    label: str = ""
    tag: str = ""
    rating: int = 0
    since: float = 0.0
    trashed: bool = False
    newest_first: bool = True


class AssetTable:
    """Reads and writes assets. Edits return what was there before, so that they can be undone."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
    ) -> None:
        self._db = connection
        self._transaction = transaction

    def add(self, assets: Iterable[NewAsset]) -> list[int]:
        """Add assets made now; returns their ids."""
        ids, said = [], {}
        with self._transaction():
            for new in assets:
                columns = ("path", "modality", "created", "recipe", "thumb_offset", "thumb_length")
                values = (new.path, new.modality, time.time(), json.dumps(new.recipe), *new.thumb)
                names = ", ".join((*columns, *_MADE_BY))
                marks = ", ".join("?" * (len(columns) + len(_MADE_BY)))
                cursor = self._db.execute(
                    f"INSERT INTO assets({names}) VALUES ({marks})",  # noqa: S608
                    (*values, *(getattr(new, name) for name in _MADE_BY)),
                )
                ids.append(int(cursor.lastrowid or 0))
                said[ids[-1]] = new.said
            self._index(ids, said)
        return ids

    def ids(self, chosen: AssetFilter | None = None) -> list[int]:
        """Return the ids of the assets that a filter leaves."""
        chosen = chosen or AssetFilter()
        clause, values = _where(chosen)
        order = "DESC" if chosen.newest_first else "ASC"
        cursor = self._db.cursor()
        cursor.row_factory = None  # plain tuples: a gallery holds 100,000 of them
        cursor.execute(
            f"SELECT id FROM assets WHERE {clause} ORDER BY created {order}, id {order}",  # noqa: S608
            values,
        )
        return [asset for (asset,) in cursor]

    def paths_below(self, folder: str) -> set[str]:
        """Return the paths of all assets in a folder of the project, trashed ones too."""
        below = folder.rstrip("/") + "/"
        rows = self._db.execute(
            "SELECT path FROM assets WHERE substr(path, 1, ?) = ?", (len(below), below)
        )
        return {str(row["path"]) for row in rows}

    def count(self, chosen: AssetFilter | None = None) -> int:
        """Return how many assets a filter leaves."""
        clause, values = _where(chosen or AssetFilter())
        row = self._db.execute(
            f"SELECT count(*) FROM assets WHERE {clause}",  # noqa: S608
            values,
        ).fetchone()
        return int(row[0])

    def get(self, ids: Sequence[int]) -> list[Asset]:
        """Return the assets with these ids, in the order of `ids`; unknown ids are left out."""
        found: dict[int, Asset] = {}
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            tags: dict[int, list[str]] = {}
            for asset, tag in self._db.execute(
                f"SELECT asset, tag FROM tags WHERE asset IN ({marks}) ORDER BY tag",  # noqa: S608
                part,
            ):
                tags.setdefault(asset, []).append(tag)
            for row in self._db.execute(
                f"SELECT * FROM assets WHERE id IN ({marks})",  # noqa: S608
                part,
            ):
                found[row["id"]] = _asset(row, tuple(tags.get(row["id"], ())))
        return [found[i] for i in ids if i in found]

    def kinds(self, ids: Sequence[int]) -> set[Modality]:
        """Return the modalities of the assets with these ids."""
        found: set[Modality] = set()
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            found.update(
                Modality(row[0])
                for row in self._db.execute(
                    f"SELECT DISTINCT modality FROM assets WHERE id IN ({marks})",  # noqa: S608
                    part,
                )
            )
        return found

    def counts(self, *, trashed: bool = False) -> dict[Modality, int]:
        """Return how many assets there are of each modality that occurs."""
        state = "NOT NULL" if trashed else "NULL"
        rows = self._db.execute(
            f"SELECT modality, count(*) FROM assets WHERE trashed IS {state} GROUP BY modality"  # noqa: S608
        )
        found = {Modality(row[0]): int(row[1]) for row in rows}
        return {modality: found[modality] for modality in Modality if modality in found}

    def labels(self) -> list[str]:
        """Return the labels that occur, sorted."""
        rows = self._db.execute(
            "SELECT DISTINCT label FROM assets WHERE label != '' AND trashed IS NULL ORDER BY label"
        )
        return [row[0] for row in rows]

    def model_titles(self) -> list[str]:
        """Return the names of the models that made something, sorted."""
        rows = self._db.execute(
            "SELECT DISTINCT model_title FROM assets WHERE trashed IS NULL ORDER BY model_title"
        )
        return [row[0] for row in rows]

    def all_tags(self) -> list[str]:
        """Return the tags in use, sorted."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT tag FROM tags ORDER BY tag")]

    # --------------------------------------------------------------------------------- edits

    def set_ratings(self, ratings: dict[int, int]) -> dict[int, int]:
        """Give assets 0 to 5 stars; returns the stars that they had."""
        return self._edit("rating", ratings)

    def set_trashed(self, trashed: dict[int, float | None]) -> dict[int, float | None]:
        """Move assets to the trash (a time) or back (None); returns what was set before."""
        return self._edit("trashed", trashed)

    def set_tags(self, tags: dict[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
        """Give assets exactly these tags; returns the tags that they had. Unknown ids are none."""
        before = {asset.id: asset.tags for asset in self.get(list(tags))}
        with self._transaction():
            for asset in before:
                words = tags[asset]
                self._db.execute("DELETE FROM tags WHERE asset = ?", (asset,))
                self._db.executemany(
                    "INSERT OR IGNORE INTO tags(asset, tag) VALUES (?, ?)",
                    ((asset, word) for word in words),
                )
            self._index(list(tags))
        return before

    def remove(self, ids: Sequence[int]) -> None:
        """Forget assets for good; the caller removes their files."""
        with self._transaction():
            for asset in ids:
                self._db.execute("DELETE FROM assets WHERE id = ?", (asset,))
                self._db.execute("DELETE FROM assets_text WHERE rowid = ?", (asset,))

    def _edit(self, column: str, values: dict[int, Any]) -> dict[int, Any]:
        before = {asset.id: getattr(asset, column) for asset in self.get(list(values))}
        with self._transaction():
            self._db.executemany(
                f"UPDATE assets SET {column} = ? WHERE id = ?",  # noqa: S608
                ((value, asset) for asset, value in values.items()),
            )
        return before

    def _index(self, ids: Sequence[int], said: Mapping[int, str] | None = None) -> None:
        """Bring the full-text index up to date for these assets.

        Args:
            said: What new ones say; left out, what is known of that stays.
        """
        for asset in self.get(ids):
            date = time.strftime("%Y-%m-%d", time.localtime(asset.created))
            words = [asset.title, asset.model_title, asset.label, date, str(asset.seed)]
            if said is not None:
                says = _searched(said.get(asset.id, "")[:SEARCHED])
            else:
                row = self._db.execute(
                    "SELECT said FROM assets_text WHERE rowid = ?", (asset.id,)
                ).fetchone()
                says = row[0] if row is not None else ""
            self._db.execute("DELETE FROM assets_text WHERE rowid = ?", (asset.id,))
            self._db.execute(
                "INSERT INTO assets_text(rowid, words, said) VALUES (?, ?, ?)",
                (asset.id, _searched(" ".join((*words, *asset.tags))), says),
            )


def _searched(text: str) -> str:
    """Return a text as it is indexed: letters of scripts without spaces stand by themselves."""
    return _LETTERS.sub(r" \1 ", text)


def _where(chosen: AssetFilter) -> tuple[str, list[Any]]:
    clauses = ["trashed IS NOT NULL" if chosen.trashed else "trashed IS NULL"]
    values: list[Any] = []
    for column in ("modality", "model_title", "label"):
        if value := getattr(chosen, column):
            clauses.append(f"{column} = ?")
            values.append(value)
    if chosen.rating:
        clauses.append("rating >= ?")
        values.append(chosen.rating)
    if chosen.since:
        clauses.append("created >= ?")
        values.append(chosen.since)
    if chosen.tag:
        clauses.append("id IN (SELECT asset FROM tags WHERE tag = ?)")
        values.append(chosen.tag)
    if words := chosen.search.split():
        # every word is quoted, so that FTS5 operators in it are plain text; * finds beginnings
        quoted = (_searched(word).strip().replace('"', '""') for word in words)
        query = " ".join(f'"{word}"*' for word in quoted)
        clauses.append("id IN (SELECT rowid FROM assets_text WHERE assets_text MATCH ?)")
        values.append(query)
    return " AND ".join(clauses), values


def _asset(row: sqlite3.Row, tags: tuple[str, ...]) -> Asset:
    return Asset(
        id=row["id"],
        path=row["path"],
        modality=Modality(row["modality"]),
        created=row["created"],
        recipe=json.loads(row["recipe"]),
        thumb=Span(row["thumb_offset"], row["thumb_length"]),
        rating=row["rating"],
        trashed=row["trashed"],
        tags=tags,
        **{name: row[name] for name in _MADE_BY},
    )
