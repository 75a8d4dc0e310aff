"""The command line does the whole work: train, generate, evaluate, export; with sound exits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.__main__ import main
from studio.core import protocol
from studio.core.assets import AssetFilter
from studio.core.errors import StopRequested
from studio.core.media import Modality
from studio.core.packages import ModelPackage
from studio.core.project import Project
from studio.core.runs import Run
from studio.data.modality import modality_data
from studio.engine.control import Control
from studio.engine.job import JobContext
from studio.engine.jobs import run_job

SETTINGS = ["steps=30", "batch_size=8", "size=28", "width=4", "code=4", "precision=fp32"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Iterator[Path]:
    """Return a project with a conditional GAN and a VAE, made by the command line alone."""
    folder = tmp_path_factory.mktemp("cli") / "Kater Überblick.studio"
    assert main(["import", str(folder), "Shapes", str(pictures)]) == 0
    for family in ("gan", "vae"):
        options = [part for setting in SETTINGS for part in ("--set", setting)]
        command = ["train", str(folder), "--dataset", "Shapes", "--family", family]
        assert main([*command, "--name", family.upper(), *options]) == 0
    yield folder
    shutil.rmtree(folder)


def run_of(project: Path, family: str) -> str:
    return next(r.id for r in Run.all(project / "runs") if r.recipe().family == family)


def pixels(path: Path) -> bytes:
    with Image.open(path) as picture:
        return picture.tobytes()


def frames(path: Path) -> int:
    with Image.open(path) as picture:
        return int(getattr(picture, "n_frames", 1))


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_generated_files_tell_their_label_and_can_be_made_again(
    trained: Path, tmp_path: Path
) -> None:
    for out in ("one", "two"):
        command = ["generate", str(trained), "--model", run_of(trained, "gan"), "--count", "70"]
        assert (
            main([*command, "--seed", "5", "--label", "square", "--out", str(tmp_path / out)]) == 0
        )
    first = sorted((tmp_path / "one").iterdir())
    assert len(first) == 70
    assert first[0].name == "00000-label-square-seed-5.png"
    assert first[69].name == "00069-label-square-seed-74.png"
    for path in first:
        twin = tmp_path / "two" / path.name
        assert pixels(path) == pixels(twin)
    recipe = modality_data(Modality.IMAGE).read_recipe(first[3])
    assert recipe is not None
    assert recipe["facts"] == {"seed": 8, "label": "square"}
    assert recipe["request"]["model"].startswith(run_of(trained, "gan"))


def test_a_seed_means_the_same_alone_and_among_others(trained: Path, tmp_path: Path) -> None:
    model = run_of(trained, "vae")
    command = ["generate", str(trained), "--model", model, "--out"]
    assert main([*command, str(tmp_path / "many"), "--count", "65", "--seed", "0"]) == 0
    assert main([*command, str(tmp_path / "one"), "--count", "1", "--seed", "64"]) == 0
    (alone,) = (tmp_path / "one").iterdir()
    among = tmp_path / "many" / "00064-seed-64.png"
    assert pixels(alone) == pixels(among)


def test_evaluate_prints_one_object_of_named_metrics(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["evaluate", str(trained), "--model", run_of(trained, "vae"), "--json"]) == 0
    (metrics,) = objects(capsys.readouterr().out)
    assert metrics["neg_elbo"] == pytest.approx(metrics["reconstruction"] + metrics["kl"], rel=1e-4)
    assert metrics["neg_elbo"] > 0
    told = {"judge", "judge_learned", "samples", "nearest"}
    assert told <= set(metrics)
    assert len(metrics["judge"]) == 12
    assert Path(metrics["nearest"]).exists()
    assert all(isinstance(value, float) for name, value in metrics.items() if name not in told)


def test_every_checkpoint_is_measured_and_the_best_stands_for_the_run(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run.find(trained / "runs", run_of(trained, "gan"))
    steps = list(run.checkpoint_paths())
    assert len(steps) > 1
    capsys.readouterr()
    command = ["evaluate", str(trained), "--model", run.id, "--json", "--samples", "60"]
    assert main([*command, "--all-checkpoints"]) == 0
    (result,) = objects(capsys.readouterr().out)
    assert [each["step"] for each in result["evaluations"]] == steps
    assert [each.step for each in run.evaluations()] == steps
    assert {each.samples for each in run.evaluations()} == {result["samples"]}
    if "studio_fd" in result:
        values = {each.step: each.metrics["studio_fd"] for each in run.evaluations()}
        assert run.best_step() == min(values, key=values.__getitem__)


@pytest.mark.parametrize("stage", ["Measuring on held-out items", "Making samples"])
def test_an_evaluation_can_be_stopped_at_every_stage(trained: Path, stage: str) -> None:
    control = Control()

    def stop_there(event: protocol.Message) -> None:
        if isinstance(event, protocol.Progress) and event.stage == stage:
            control.stop(save=False)

    command = protocol.Evaluate(project=str(trained), model=run_of(trained, "vae"))
    with pytest.raises(StopRequested):
        run_job(command, JobContext("", control, stop_there))


def test_events_come_as_lines_of_json(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    model = run_of(trained, "gan")
    assert main(["generate", str(trained), "--model", model, "--count", "3", "--json"]) == 0
    events = [protocol.decode_event(line) for line in capsys.readouterr().out.splitlines()]
    assert len([e for e in events if isinstance(e, protocol.AssetMade)]) == 3
    assert isinstance(events[-1], protocol.JobFinished)


def test_prepare_says_what_came_of_it(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["prepare", str(trained), "--set", "size=12", "--json", "--dataset"]
    assert main([*command, "Shapes"]) == 0
    (*events, finished) = map(protocol.decode_event, capsys.readouterr().out.splitlines())
    assert any(isinstance(event, protocol.Progress) for event in events)
    assert isinstance(finished, protocol.JobFinished)
    assert finished.result == {"items": 96, "shape": [1, 12, 12]}
    assert main([*command, "Nothing"]) == 1
    failed = protocol.decode_event(capsys.readouterr().out)
    assert isinstance(failed, protocol.JobFinished)
    assert failed.error is not None and failed.error.title == "No such dataset"


def test_a_package_travels_and_makes_the_same_pictures(trained: Path, tmp_path: Path) -> None:
    package = tmp_path / "shared.studiomodel"
    model = run_of(trained, "gan")
    assert main(["export", str(trained), "--model", model, "--out", str(package)]) == 0
    manifest = ModelPackage(package).manifest
    assert manifest.spec.labels == ("disc", "square")
    assert manifest.labelled
    assert "Settings" in ModelPackage(package).card()

    elsewhere = tmp_path / "elsewhere.studio"
    for project, reference, out in (
        (elsewhere, str(package), "package"),
        (trained, f"{model}@{manifest.step}", "run"),
    ):
        command = ["generate", str(project), "--model", reference, "--count", "2"]
        assert main([*command, "--out", str(tmp_path / out)]) == 0
    for path in (tmp_path / "package").iterdir():
        assert pixels(path) == pixels(tmp_path / "run" / path.name)


@pytest.mark.parametrize("form", ["strip", "gif", "webp", "mp4"])
def test_a_path_between_seeds_becomes_a_strip_or_a_clip(
    trained: Path, tmp_path: Path, form: str
) -> None:
    model = run_of(trained, "vae")
    command = ["generate", str(trained), "--model", model, "--task", "interpolate", "--place", "1"]
    command += ["--place", "9", "--frames", "6", "--form", form, "--out", str(tmp_path)]
    assert main(command) == 0
    (made,) = tmp_path.iterdir()
    assert made.suffix == (".png" if form == "strip" else f".{form}")
    if form == "strip":
        with Image.open(made) as picture:
            assert picture.size == (28 * 7, 28)
    elif form != "mp4":
        assert frames(made) == 7


def test_own_pictures_are_rebuilt_and_morphed(
    trained: Path, tmp_path: Path, pictures: Path
) -> None:
    own = sorted((pictures / "disc").iterdir())[:2]
    inputs = [part for path in own for part in ("--input", str(path))]
    model = run_of(trained, "vae")
    for task in ("reconstruct", "denoise", "morph"):
        command = ["generate", str(trained), "--model", model, "--task", task, *inputs]
        assert main([*command, "--out", str(tmp_path / task)]) == 0
    assert len(list((tmp_path / "reconstruct").iterdir())) == 2
    assert len(list((tmp_path / "morph").iterdir())) == 1


@pytest.mark.parametrize(
    ("form", "suffix"),
    [
        ("png", ".png"),
        ("jpeg", ".jpg"),
        ("webp", ".webp"),
        ("tiff", ".tiff"),
        ("gif", ".gif"),
        ("mp4", ".mp4"),
        ("sheet", ".png"),
        ("zip", ".zip"),
    ],
)
@pytest.mark.parametrize("embed", [True, False])
def test_assets_leave_in_every_format_with_or_without_their_recipe(
    trained: Path, tmp_path: Path, form: str, suffix: str, embed: bool
) -> None:
    from studio.headless import run_with
    from studio.terminal import Sink

    model = run_of(trained, "gan")
    assert main(["generate", str(trained), "--model", model, "--count", "3"]) == 0
    project = Project.open(trained)
    ids = project.library.assets.ids(AssetFilter())[:3]
    project.close()
    command = protocol.ExportAssets(
        project=str(trained),
        assets=ids,
        format=form,
        path=str(tmp_path / "out"),
        embed_recipe=embed,
    )
    finished = run_with(command, Sink())
    assert finished.error is None
    paths = [Path(path) for path in finished.result["paths"]]
    assert len(paths) == (3 if form in ("png", "jpeg", "webp", "tiff") else 1)
    assert {path.suffix for path in paths} == {suffix}
    marked = b"studio" in paths[0].read_bytes() and b"facts" in paths[0].read_bytes()
    if form != "zip":
        assert marked == embed
    if form in ("png", "jpeg", "webp"):
        recipe = modality_data(Modality.IMAGE).read_recipe(paths[0])
        assert (recipe is not None) == embed


def test_wrong_usage_says_what_is_right(
    trained: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gan, vae = run_of(trained, "gan"), run_of(trained, "vae")
    nowhere = tmp_path / "none.studio"
    wrong = {
        "no such dataset": ["train", str(trained), "--dataset", "Nothing"],
        "no setting": ["train", str(trained), "--dataset", "Shapes", "--set", "colour_of=red"],
        "does not know labels": ["generate", str(trained), "--model", vae, "--label", "disc"],
        "it knows disc, square": ["generate", str(trained), "--model", gan, "--label", "cat"],
        "no such run": ["generate", str(trained), "--model", "nothing-1234"],
        "no project": ["generate", str(nowhere), "--model", "x"],
        "is gone": ["generate", str(trained), "--model", str(tmp_path / "x.studiomodel")],
    }
    for words, command in wrong.items():
        assert main(command) == 1, command
        said = " ".join(capsys.readouterr().err.split()).lower()
        assert words in said, said
    assert not nowhere.exists()
    assert main(["generate", str(trained), "--model", gan, "--frames", "601"]) == 2
    assert main(["train"]) == 2
    assert main(["no-such-command"]) == 2
    assert main(["--help"]) == 0


def test_a_package_with_other_weights_is_refused(trained: Path, tmp_path: Path) -> None:
    from safetensors.torch import load, save

    from studio.core.errors import StudioError
    from studio.engine.models import load_model

    package = tmp_path / "m.studiomodel"
    model = run_of(trained, "gan")
    assert main(["export", str(trained), "--model", model, "--out", str(package)]) == 0
    whole = ModelPackage(package)
    weights = load(whole.weights())
    name, tensor = next((n, t) for n, t in weights.items() if t.dim() > 1)
    changes = {
        "shape": weights | {name: tensor[:1].clone()},
        "missing": {n: t for n, t in weights.items() if n != name},
        "not known": weights | {"generator.extra": tensor.clone()},
    }
    for reason, changed in changes.items():
        path = tmp_path / f"{reason}.studiomodel"
        ModelPackage.write(path, whole.manifest, save(changed), whole.preview(), whole.card())
        with pytest.raises(StudioError, match=reason):
            load_model(None, str(path))


def test_the_timelapse_shows_every_sheet(trained: Path, tmp_path: Path) -> None:
    run = Run(trained / "runs" / run_of(trained, "gan"))
    out = tmp_path / "t.gif"
    assert main(["timelapse", str(trained), "--run", run.id, "--out", str(out)]) == 0
    assert frames(out) >= len(run.sample_paths())


def test_a_grid_shows_checkpoints_against_seeds(trained: Path, tmp_path: Path) -> None:
    run = Run.find(trained / "runs", run_of(trained, "gan"))
    steps = ",".join(str(step) for step in run.checkpoint_paths())
    command = ["grid", str(trained), "--model", run.id, "--label", "square"]
    sides = ["--rows", f"checkpoint={steps}", "--columns", "seed=3,4,5"]
    assert main([*command, *sides, "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.iterdir()
    recipe = modality_data(Modality.IMAGE).read_recipe(path)
    assert recipe is not None
    assert recipe["facts"]["columns"] == {"what": "seed", "values": ["3", "4", "5"]}
    with Image.open(path) as grid:
        wide, tall = grid.size
    assert wide > 3 * 80
    assert tall > len(run.checkpoint_paths()) * 80
    for sides in (["seed=1", "seed=2"], ["label=none", "seed=1"], ["seed=x", "label=square"]):
        wrong = [*command, "--rows", sides[0], "--columns", sides[1], "--out", str(tmp_path)]
        assert main(wrong) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_sheet_measures_is_told_of_its_step(trained: Path) -> None:
    run = Run.find(trained / "runs", run_of(trained, "gan"))
    measured = [row["step"] for row in run.metrics() if "sample_distance" in row["values"]]
    assert measured == list(run.sample_paths())


def test_runs_stand_side_by_side(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = run_of(trained, "gan"), run_of(trained, "vae")
    out = tmp_path / "both.png"
    assert main(["compare", str(trained), one, two, "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [run["run"] for run in found["runs"]] == [one, two]
    assert "sample_distance" in found["metrics"]
    assert "batch_size" in found["settings"] or "learning_rate" in found["settings"]
    sheets = []
    for side in found["runs"]:
        run = Run.find(trained / "runs", side["run"])
        assert side["step"] in run.sample_paths()
        with Image.open(run.sample_paths()[side["step"]]) as sheet:
            sheets.append(sheet.size)
    with Image.open(out) as picture:
        assert picture.width > sum(width for width, _height in sheets)
    assert main(["compare", str(trained), one, two, "--minutes", "0"]) == 0
    assert one in capsys.readouterr().out
    for wrong in ([one], [one, one], [one, "nobody"]):
        assert main(["compare", str(trained), *wrong]) == 1
