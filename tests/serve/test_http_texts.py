"""Texts and music over HTTP: written on from a prompt, gone on from a piece that is sent."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from studio.cli import main
from studio.core.media import Music, Track
from studio.core.runs import Run
from studio.data.music import midi
from studio.serve.app import make_app

_SMALL = ["steps=1", "batch_size=4", "width=16", "depth=1", "size=64"]


def _piece(seed: int) -> bytes:
    pitches = 60 + np.random.default_rng(seed).choice([0, 2, 4, 5, 7], 32)
    notes = [(240 * place, 240, int(pitch), 80) for place, pitch in enumerate(pitches)]
    return midi.write(Music((Track(np.array(notes, np.int32)),)))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with a writer of texts and one of music that learned for a step."""
    folder = tmp_path_factory.mktemp("serve") / "p.studio"
    files = tmp_path_factory.mktemp("files")
    tale = " ".join(f"Once upon a time number {day} came." for day in range(90))
    (files / "tale.txt").write_text(tale, "utf-8")
    for seed in range(24):
        (files / f"{seed}.mid").write_bytes(_piece(seed))
    texts, pieces = [str(files / "tale.txt")], [str(files / f"{seed}.mid") for seed in range(24)]
    for name, paths, family in (("Tale", texts, "rnn_lm"), ("Tunes", pieces, "music_rnn")):
        assert main(["import", str(folder), name, *paths]) == 0
        options = [part for setting in _SMALL for part in ("--set", setting)]
        command = ["train", str(folder), "--dataset", name, "--family", family]
        assert main([*command, *options]) == 0
    return folder


@pytest.fixture
def client(project: Path) -> Iterator[TestClient]:
    app = make_app(project, "secret", ["testserver"])
    headers = {"Authorization": "Bearer secret"}
    with TestClient(app, raise_server_exceptions=False, headers=headers) as made:
        yield made


def _model(project: Path, family: str) -> str:
    return next(run.id for run in Run.all(project / "runs") if run.recipe().family == family)


def test_a_text_goes_on_from_its_prompt(project: Path, client: TestClient) -> None:
    made = {offer["family"]: offer["makes"] for offer in client.get("/models").json()}
    assert (made["rnn_lm"], made["music_rnn"]) == ("text", "music")
    path = f"/models/{_model(project, 'rnn_lm')}/generate"
    question = {"prompt": "Once upon", "count": 2, "seed": 4, "options": {"length": 12}}
    answer = client.post(path, json=question)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert all(item["text"].startswith("Once upon") for item in items)
    assert all(item["png"] == item["midi"] == "" for item in items)
    again = client.post(path, json=question | {"count": 1, "seed": 5}).json()["items"]
    assert again[0]["text"] == items[1]["text"]


def test_a_piece_is_gone_on_from(project: Path, client: TestClient) -> None:
    path = f"/models/{_model(project, 'music_rnn')}/continue"
    sent = base64.b64encode(_piece(3)).decode()
    answer = client.post(path, json={"midi": sent, "options": {"bars": 1}})
    assert answer.status_code == 200, answer.text
    music = midi.read(base64.b64decode(answer.json()["items"][0]["midi"]))
    assert sum(len(track.notes) for track in music.tracks) >= 32
    for wrong in ({}, {"midi": base64.b64encode(b"no piece").decode()}):
        refused = client.post(path, json=wrong)
        assert refused.status_code == 400, refused.text
        assert refused.json()["title"]
