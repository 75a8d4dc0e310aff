"""The HTTP interface: what it makes, what it refuses, and that nothing it is sent ends it."""

from __future__ import annotations

import base64
import io
import json
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from studio.cli import main
from studio.core.errors import StudioError
from studio.core.runs import Run
from studio.serve.app import make_app
from studio.serve.questions import LARGEST_BODY
from studio.serve.run import is_own, serve

TOKEN = "a-secret-of-the-test"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}
SETTINGS = ["steps=2", "batch_size=8", "width=8", "code=4", "size=28"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """Return a project with a conditional GAN and a VAE that learned for two steps."""
    folder = tmp_path_factory.mktemp("serve") / "p.studio"
    assert main(["import", str(folder), "Shapes", str(pictures)]) == 0
    for family in ("gan", "vae"):
        options = [part for setting in SETTINGS for part in ("--set", setting)]
        command = ["train", str(folder), "--dataset", "Shapes", "--family", family]
        assert main([*command, *options]) == 0
    return folder


@pytest.fixture
def client(project: Path) -> Iterator[TestClient]:
    app = make_app(project, TOKEN, ["testserver"])
    with TestClient(app, raise_server_exceptions=False, headers=AUTHORISED) as made:
        yield made


def model_of(project: Path, family: str) -> str:
    return next(run.id for run in Run.all(project / "runs") if run.recipe().family == family)


def picture(width: int = 30, height: int = 20) -> str:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def opened(item: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(item["png"])))


def test_models_are_listed_with_what_they_can_do(project: Path, client: TestClient) -> None:
    offers = {offer["id"]: offer for offer in client.get("/models").json()}
    gan = offers[model_of(project, "gan")]
    assert gan["family"] == "gan"
    assert "generate" in gan["tasks"]
    assert gan["labels"]
    assert any(offer["id"].startswith("digits-gan-") for offer in offers.values())  # a ready one
    assert str(project) not in json.dumps(offers)


def test_the_same_seed_makes_the_same_picture(project: Path, client: TestClient) -> None:
    path = f"/models/{model_of(project, 'gan')}/generate"
    first = client.post(path, json={"count": 3, "seed": 5, "label": "square"}).json()
    again = client.post(path, json={"count": 1, "seed": 7, "label": "square"}).json()
    assert [item["facts"]["seed"] for item in first["items"]] == [5, 6, 7]
    assert first["items"][2]["png"] == again["items"][0]["png"]
    assert opened(first["items"][0]).size == (28, 28)


def test_an_own_picture_goes_through_a_model(project: Path, client: TestClient) -> None:
    path = f"/models/{model_of(project, 'vae')}/reconstruct"
    answer = client.post(path, json={"picture": picture()})
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    assert opened(item).size == (28, 28)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer no"}, {"Authorization": "é"}])
def test_without_the_token_nothing_is_told(client: TestClient, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    client.headers.pop("Authorization")
    assert client.get("/health").status_code == 200
    assert client.get("/openapi.json").status_code == 200
    assert client.get("/models", headers=encoded).status_code == 401
    assert client.post("/models/x/generate", headers=encoded, json={}).status_code == 401


def test_another_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/models", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"count": 0}, 422),
        ({"count": 10**9}, 422),
        ({"seed": -1}, 422),
        ({"variety": "very"}, 422),
        ({"unknown": 1}, 422),
        ({"label": "nobody"}, 400),
        ({"prompt": "a cat"}, 400),
        ({"options": {"steps": 3}}, 400),
        ([], 422),
        ("text", 422),
        (None, 422),
    ],
)
def test_what_cannot_be_made_is_said(
    project: Path, client: TestClient, body: object, code: int
) -> None:
    answer = client.post(f"/models/{model_of(project, 'gan')}/generate", json=body)
    assert answer.status_code == code, answer.text
    assert answer.json()["title"]
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("task", "body", "code"),
    [
        ("reconstruct", {}, 400),
        ("reconstruct", {"picture": "no base64!"}, 422),
        ("reconstruct", {"picture": ""}, 422),
        ("reconstruct", {"picture": base64.b64encode(b"no picture").decode()}, 400),
        ("reconstruct", {"picture": picture(), "mask": base64.b64encode(b"x").decode()}, 400),
        ("translate", {"picture": picture()}, 404),
        ("interpolate", {"picture": picture()}, 404),
        ("dance", {"picture": picture()}, 422),
    ],
)
def test_pictures_that_cannot_be_used_are_refused(
    project: Path, client: TestClient, task: str, body: dict[str, str], code: int
) -> None:
    answer = client.post(f"/models/{model_of(project, 'vae')}/{task}", json=body)
    assert answer.status_code == code, answer.text
    assert answer.json()["title"]


def test_a_body_that_is_too_large_is_not_read(project: Path, client: TestClient) -> None:
    path = f"/models/{model_of(project, 'vae')}/reconstruct"
    large = {"Content-Length": str(LARGEST_BODY + 1), "Content-Type": "application/json"}
    assert client.post(path, headers=large, content=b"{}").status_code == 413


def test_nothing_that_is_sent_ends_it(project: Path, client: TestClient) -> None:
    draw = random.Random(0)
    model = model_of(project, "vae")
    whole = json.dumps({"picture": picture(), "seed": 1, "options": {}}).encode()
    paths = [f"/models/{model}/reconstruct", f"/models/{model}/generate", "/models/%00/generate"]
    paths += ["/models/../../etc/passwd/generate", "/models//generate", f"/models/{model}/%FF"]
    for _ in range(300):
        body = bytearray(whole)
        for _ in range(draw.randrange(1, 20)):
            place = draw.randrange(len(body))
            action = draw.randrange(3)
            if action == 0:
                body[place] = draw.randrange(256)
            elif action == 1:
                del body[place : place + draw.randrange(1, 200)]
            else:
                body[place:place] = draw.choice([b"{", b'"', b"\x00", b"1e999", b"[" * 50, b"\xff"])
            if not body:
                break
        kind = draw.choice(["application/json", "text/plain", "image/png", "", "a/b; charset=x"])
        answer = client.post(
            draw.choice(paths), content=bytes(body), headers={"Content-Type": kind}
        )
        assert answer.status_code < 500, (answer.status_code, bytes(body)[:200])
    assert client.get("/models").status_code == 200
    assert client.post(paths[1], json={}).status_code == 200


def test_the_page_and_the_schema_need_no_network(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "openapi.json" in page
    assert "http://" not in page
    assert "https://" not in page
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/health", "/models", "/models/{model}/generate", "/models/{model}/{task}"} == set(
        paths
    )


def test_the_command_says_where_it_listens_and_answers(project: Path) -> None:
    command = [sys.executable, "-m", "studio", "serve", str(project), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["url"].startswith("http://127.0.0.1:")
        path = f"{said['url']}/models/{model_of(project, 'gan')}/generate"
        headers = {"Authorization": f"Bearer {said['token']}"}
        assert httpx.get(f"{said['url']}/models").status_code == 401
        answer = httpx.post(path, json={"count": 2}, headers=headers, timeout=60)
        assert len(answer.json()["items"]) == 2
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_a_port_in_use_is_said(project: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(StudioError, match="in use"),
    ):
        serve(project, "127.0.0.1", taken.getsockname()[1], TOKEN)


def test_only_this_computer_counts_as_its_own() -> None:
    assert all(map(is_own, ("127.0.0.1", "localhost", "::1")))
    assert not any(map(is_own, ("0.0.0.0", "192.168.1.4", "example.org")))
