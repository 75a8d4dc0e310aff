"""Texts become rows of tokens: nothing leaks, nothing is lost, and pairs are found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from made_texts import LANGUAGES, prose

from studio.core.errors import StudioError
from studio.core.media import Text, Token
from studio.core.project import Project
from studio.core.recipe import TURNS
from studio.core.thumbnails import thumbnail_text
from studio.core.work import Work
from studio.data.importer import import_paths
from studio.data.preview import preview_sheet
from studio.data.store import PreparedData, prepare
from studio.data.text.files import read_tokens, sidecar
from studio.data.text.modality import MODALITY
from studio.data.text.rows import window_rows
from studio.data.text.tokenisers import ANSWER, END, PAD, tokeniser_of


def prepared(
    project: Project, folder: Path, files: dict[str, str], **preparation: object
) -> PreparedData:
    """Return a dataset of these files, ready for training."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    found = import_paths(project, "Texts", [folder], Work())
    return prepare(project, found.dataset_id, preparation, Work())


def shown(data: PreparedData, places: Sequence[int]) -> list[str]:
    """Return rows as texts."""
    return [
        media.text
        for media in MODALITY.as_prepared(data.items[places], data.spec)
        if isinstance(media, Text)
    ]


def joined(data: PreparedData, places: Sequence[int]) -> str:
    """Return rows as the text that they are parts of: each begins with the last letter before."""
    parts = shown(data, places)
    return parts[0] + "".join(part[1:] for part in parts[1:])


# -------------------------------------------------------------------------------- rows


def test_rows_show_every_token_once() -> None:
    for count in (2, 9, 10, 11, 57):
        tokens = np.arange(10, 10 + count)
        rows = window_rows(tokens, 8, PAD, learned=False)
        assert rows.shape[1:] == (17,)
        first = rows[:, :9]
        foreseen = first[:, 1:][first[:, 1:] != PAD]
        assert foreseen.tolist() == tokens[1:].tolist()
    assert len(window_rows(np.array([END]), 8, PAD, learned=False)) == 0


def test_crops_reach_everywhere_but_not_into_the_filling() -> None:
    tokens = np.arange(10, 100)
    rows = torch.from_numpy(window_rows(tokens, 16, PAD, learned=True).astype(np.int32))
    short = torch.from_numpy(window_rows(np.arange(50, 60), 16, PAD, learned=True).astype(np.int32))
    torch.manual_seed(0)
    seen: set[int] = set()
    for _ in range(200):
        crop = MODALITY.to_tensor(rows, MODALITY.preparation(), augment=True)
        assert crop.shape == (len(rows), 17)
        assert crop.dtype == torch.int64
        assert (crop.diff(dim=1)[crop[:, 1:] != PAD] == 1).all()  # always in order
        assert ((crop == PAD).sum(1) <= 1).all()
        seen |= set(crop[:, 1:].flatten().tolist())
        fixed = MODALITY.to_tensor(short, MODALITY.preparation(), augment=True)
        assert fixed[0, :10].tolist() == list(range(50, 60))
    assert seen >= set(range(11, 100))


def test_the_end_of_a_text_is_held_out(opened: Project, tmp_path: Path) -> None:
    text = "\n".join(prose(seed, 40) for seed in range(60))
    data = prepared(opened, tmp_path / "in", {"a.txt": text}, size=32, validation_percent=10)
    assert data.spec.shape == (33,)
    assert data.items.dtype == np.uint16
    assert data.spec.vocabulary == tokeniser_of(data.spec.resources).vocabulary
    assert (data.items[0][0], data.items[0][1] >= 4) == (END, True)
    held_out = joined(data, data.validation)
    assert text.endswith(held_out)
    assert 0.08 < len(held_out) / len(text) < 0.11
    learned = joined(data, data.train)
    assert text.startswith(learned)
    places = range(0, len(held_out) - 40, 50)
    assert not any(held_out[at : at + 40] in learned for at in places)
    statistics = data.spec.statistics
    assert statistics["bytes_per_token"] == pytest.approx(1.0, abs=0.01)


def test_bits_are_counted_per_byte_for_every_script(opened: Project, tmp_path: Path) -> None:
    text = "\n".join(LANGUAGES[name][0] for name in LANGUAGES) * 3
    data = prepared(opened, tmp_path / "in", {"a.txt": text}, size=16, tokeniser="bytes")
    assert data.spec.statistics["bytes_per_token"] == pytest.approx(1.0, abs=0.01)
    again = prepare(opened, opened.library.datasets.all()[0].id, {"size": 16}, Work())
    letters = len(text.encode()) / len(text)
    assert again.spec.statistics["bytes_per_token"] == pytest.approx(letters, rel=0.1)


def test_repeated_paragraphs_do_not_leak(opened: Project, tmp_path: Path) -> None:
    paragraphs = [prose(seed, 40) for seed in range(50)]
    # one of the held-out end stands at the beginning too, and another one with few changes
    changed = paragraphs[49].replace(". ", "! ", 1).upper()
    text = "\n\n".join([paragraphs[48], changed, *paragraphs])
    data = prepared(opened, tmp_path / "in", {"a.txt": text}, size=64)
    learned = joined(data, data.train)
    kept = joined(data, data.validation)
    for paragraph in paragraphs[48:]:
        assert paragraph[20:70] in kept
        assert paragraph[20:70] not in learned
    assert changed[20:70] not in learned
    assert paragraphs[3][20:70] in learned


def test_short_texts_begin_and_end(opened: Project, tmp_path: Path) -> None:
    files = {f"{n}.txt": prose(n, 6) for n in range(30)}
    data = prepared(opened, tmp_path / "in", files, size=256)
    assert len(data.items) == 30
    assert len(data.validation) == 3
    for row in data.items:
        kept = row[row != PAD]
        assert (kept[0], kept[-1]) == (END, END)
    assert sorted(shown(data, range(30))) == sorted(files.values())


@pytest.mark.parametrize(
    ("text", "kind"),
    [("abc " * 3000, "characters"), ("".join(map(chr, range(0x4E00, 0x5200))) * 9, "bpe")],
)
def test_the_tokeniser_is_chosen(opened: Project, tmp_path: Path, text: str, kind: str) -> None:
    data = prepared(opened, tmp_path / "in", {"a.txt": text}, size=16)
    assert tokeniser_of(data.spec.resources).kind == kind
    assert data.spec.vocabulary <= 65_535


# ------------------------------------------------------------------------------- pairs


def test_pairs_of_a_table(opened: Project, tmp_path: Path) -> None:
    rows = "\n".join(f"the number {n},die Zahl {n * n}" for n in range(40))
    data = prepared(
        opened, tmp_path / "in", {"t.csv": f"source,target\n{rows}\n"}, form="pairs", size=24
    )
    assert data.spec.shape == (2, 24)
    assert data.items.shape == (40, 2, 24)
    assert len(data.validation) == 4
    tokeniser = tokeniser_of(data.spec.resources)
    source, target = data.items[3]
    assert tokeniser.decode(source) == "the number 3"
    assert tokeniser.decode(target) == "die Zahl 9"
    assert source[len("the number 3")] == END
    (media,) = MODALITY.as_prepared(data.items[3:4], data.spec)
    assert isinstance(media, Text)
    assert (media.text, media.facts["source"]) == ("die Zahl 9", "the number 3")
    assert data.spec.statistics["cut_share"] == 0
    assert TURNS not in data.spec.resources
    # models of running text read the same pairs in one go
    whole = prepare(opened, opened.library.datasets.all()[0].id, {"size": 32}, Work())
    assert ANSWER in whole.items[0]
    assert shown(whole, [3]) == ["the number 3\ndie Zahl 9"]


def test_a_dialogue_gives_pairs(opened: Project, tmp_path: Path) -> None:
    play = "\n\n".join(f"ANNA:\nWhere is {n}?\n\nBEN:\nBehind {n + 1}." for n in range(30))
    data = prepared(opened, tmp_path / "in", {"a.txt": play}, form="pairs", size=64)
    assert len(data.items) == 59
    assert TURNS in data.spec.resources
    pairs = [
        (media.facts["source"], media.text)
        for media in MODALITY.as_prepared(data.items[:2], data.spec)
        if isinstance(media, Text)
    ]
    assert pairs == [
        ("Where is 0?", "Behind 1."),
        ("Where is 0?\nBehind 1.", "Where is 1?"),
    ]
    # of what was said before the end is kept when there is too much of it
    (last,) = MODALITY.as_prepared(data.items[40:41], data.spec)
    assert last.facts["source"].endswith(".") or last.facts["source"].endswith("?")
    assert data.spec.statistics["cut_share"] > 0.5
    assert len(data.validation) == 6


def test_without_pairs_it_says_what_to_do(opened: Project, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        prepared(opened, tmp_path / "in", {"a.txt": prose(1)}, form="pairs", tokeniser="bytes")
    assert "source" in caught.value.hint


# -------------------------------------------------------------------------- what comes out


def test_a_text_keeps_its_recipe_and_its_tokens(tmp_path: Path) -> None:
    tokens = (Token("Hé", 0.5, ((" 汉", 0.25),)), Token("\n😀", 0.125))
    path = tmp_path / "a.txt"
    MODALITY.save(Text("Hé\n😀", tokens), path, {"seed": 7})
    assert path.read_text("utf-8") == "Hé\n😀"
    assert MODALITY.read_recipe(path) == {"seed": 7}
    assert read_tokens(path) == tokens
    assert MODALITY.extent(Text("Hé\n😀")) == (4, 2)
    sidecar(path).write_text('{"recipe": 3, "tokens": [["x"]]}')
    assert (MODALITY.read_recipe(path), read_tokens(path)) == (None, ())
    MODALITY.save(Text("plain"), path, None)
    assert not sidecar(path).exists()


@pytest.mark.parametrize("suffix", MODALITY.formats)
def test_every_format_keeps_the_text_and_the_recipe(tmp_path: Path, suffix: str) -> None:
    text = "Ein <Absatz> & mehr\nzweite Zeile\n\n汉字 العربية 😀\n"
    source = tmp_path / "source.txt"
    MODALITY.save(Text(text), source, {"seed": 1})
    recipe = {"prompt": 'a "quoted" --> <word> 汉', "long": "x" * 5000}
    target = tmp_path / f"out{suffix}"
    MODALITY.export(source, target, recipe)
    assert MODALITY.read_recipe(target) == recipe
    (item,) = MODALITY.probe(target.read_bytes(), target.name)
    words = item.stored.decode().split()
    assert words[: len(text.split())] == text.split()
    bare = tmp_path / f"bare{suffix}"
    MODALITY.export(source, bare, None)
    assert MODALITY.read_recipe(bare) is None
    assert b"quoted" not in bare.read_bytes()
    assert not list(tmp_path.glob(".*"))  # nothing half-written


def test_sheets_and_previews_are_text(tmp_path: Path) -> None:
    media = [Text("first\n"), Text("second", facts={"source": "asked"})]
    path = MODALITY.write_sheet(media, tmp_path / "step")
    assert path.name == "step.txt"
    assert path.read_text("utf-8") == "first\n\n———\n\nasked\n→ second\n"
    assert (thumbnail_text(MODALITY.preview(media)) or "").startswith("first")
    assert thumbnail_text(MODALITY.thumbnail(media[0])) == "first\n"


def test_the_data_page_shows_prepared_texts(opened: Project, tmp_path: Path) -> None:
    prepared(opened, tmp_path / "in", {"a.txt": "UPPER words. " * 400}, size=16)
    dataset = opened.library.datasets.all()[0].id
    path = preview_sheet(opened, dataset, {"lower": True, "size": 16}, 3, 0)
    assert path.suffix == ".txt"
    shown_text = path.read_text("utf-8")
    assert "upper" in shown_text
    assert "UPPER" not in shown_text


def test_own_files_are_read_as_the_model_reads(opened: Project, tmp_path: Path) -> None:
    data = prepared(opened, tmp_path / "in", {"a.txt": prose(3, 900)}, size=16)
    own = tmp_path / "own.txt"
    own.write_text(prose(3, 30))
    row = MODALITY.from_file(own, data.spec, data.preparation)
    assert row.shape == (33,)
    whole = MODALITY.whole(own)
    assert whole.text == prose(3, 30)
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps({"text": x}) for x in "ab"))
    assert MODALITY.whole(tmp_path / "rows.jsonl").text == "a\nb"
