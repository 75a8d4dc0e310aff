"""Captions become rows of tokens that any prompt can be written with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from made import encoded, noise

from studio.core.project import Project
from studio.core.work import Work
from studio.data.captions import LONGEST, RESOURCE, CaptionTokenizer, learn
from studio.data.importer import import_paths
from studio.data.store import prepare

CAPTIONS = [f"a {size} {colour} ring" for size in ("small", "large") for colour in ("red", "blue")]


def test_known_words_are_one_token_and_strange_ones_can_be_written() -> None:
    text, length = learn(CAPTIONS * 3)
    tokenizer = CaptionTokenizer(text, length)
    known, shouted, empty, strange = tokenizer.rows(
        ["a small red ring", "A SMALL Red ring", "", "Ölçü 日"]
    )
    assert np.count_nonzero(known) == 4
    assert np.array_equal(known, shouted)
    assert not empty.any()
    assert strange.any()
    assert max(known.max(), strange.max()) < tokenizer.vocabulary
    assert tokenizer.text(known.tolist()) == "a small red ring"


def test_the_same_captions_teach_the_same_tokens_and_long_ones_are_cut() -> None:
    assert learn(CAPTIONS) == learn(CAPTIONS)
    text, length = learn(["word " * 500])
    assert length == LONGEST
    assert CaptionTokenizer(text, length).rows(["word " * 500]).shape == (1, LONGEST)


def test_a_captioned_dataset_is_prepared_with_its_captions(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for index, caption in enumerate([*CAPTIONS, ""]):
        (folder / f"{index}.png").write_bytes(encoded(noise(index)))
        if caption:
            (folder / f"{index}.txt").write_text(caption)
    dataset = import_paths(opened, "Data", [folder], Work()).dataset_id
    data = prepare(opened, dataset, {"size": 8}, Work())
    assert data.captions is not None
    assert data.captions.shape == (5, data.spec.caption_length)
    tokenizer = CaptionTokenizer(data.spec.resources[RESOURCE], data.spec.caption_length)
    assert data.spec.caption_vocabulary == tokenizer.vocabulary
    said = sorted(tokenizer.text(row.tolist()) for row in data.captions)
    assert said == sorted([*CAPTIONS, ""])


def test_without_captions_there_are_none(opened: Project, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(noise(1)))
    dataset = import_paths(opened, "Data", [tmp_path / "a.png"], Work()).dataset_id
    data = prepare(opened, dataset, {"size": 8}, Work())
    assert data.captions is None
    assert data.spec.caption_length == data.spec.caption_vocabulary == 0
