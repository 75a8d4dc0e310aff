"""start.py: what it says when it cannot go on, and real set-ups of a tiny project.

The set-ups run in a copy of start.py beside a project whose only dependency is a package of one
line, in a folder with spaces and letters that are not ASCII.
"""

from __future__ import annotations

import ast
import errno
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

START = Path(__file__).resolve().parents[2] / "start.py"
NOWHERE = "http://127.0.0.1:9/simple"  # the discard port of this machine: nothing answers

STUDIO = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd()}))
"""


def make_checkout(folder: Path, dependency: str) -> Path:
    """Make a checkout with the real start.py and a `studio` that says how it was called."""
    (folder / "studio").mkdir(parents=True)
    (folder / "studio" / "__init__.py").touch()
    (folder / "studio" / "__main__.py").write_text(STUDIO)
    (folder / "constraints.txt").write_text("tiny==1.0\n")
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "x"\ndependencies = ["{dependency}"]\n'
        '[project.optional-dependencies]\ntest = ["tiny"]\n'
    )
    shutil.copy(START, folder)
    return folder


def make_wheel(folder: Path, version: str) -> None:
    """Write a wheel of the package `tiny`, which holds its version."""
    folder.mkdir(exist_ok=True)
    info = f"tiny-{version}.dist-info"
    parts = {
        "tiny.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
    }
    with zipfile.ZipFile(folder / f"tiny-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in parts.items():
            wheel.writestr(name, text)


def start(checkout: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a checkout's start.py from its parent folder, with nothing of this machine's pip."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        kept.pop(name, None)
    return subprocess.run(
        [sys.executable, str(checkout / "start.py"), *arguments],
        cwd=checkout.parent,
        env={**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def call_of(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return how the studio was called, from the last line that it printed."""
    assert result.returncode == 0, result.stdout + result.stderr
    call: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return call


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that was set up from a folder of wheels, as a first start does it."""
    home = tmp_path_factory.mktemp("setup") / "Bilder für 模型"
    made = make_checkout(home / "aigc studio", "tiny")
    make_wheel(home / "wheels", "1.0")
    make_wheel(home / "wheels", "2.0")
    result = start(made, "setup", PIP_NO_INDEX="1", PIP_FIND_LINKS=(home / "wheels").as_uri())
    assert result.returncode == 0, result.stdout + result.stderr
    return made


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    """The functions of a start.py in an empty checkout."""
    folder = make_checkout(tmp_path / "checkout", "tiny")
    spec = importlib.util.spec_from_file_location("start_under_test", folder / "start.py")
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


# ---------------------------------------------------------------------------- without installing


def test_old_python_is_told_in_one_sentence(module: ModuleType) -> None:
    message = module.python_problem((3, 6, 15))
    assert "Python >= 3.11 is needed" in message
    assert "3.6.15" in message
    assert "\n" not in message
    assert module.python_problem((3, 11, 0)) == ""


def test_old_python_can_read_the_file() -> None:
    """The whole file must compile on Python 3.6, or it could not say what it needs."""
    text = START.read_text("utf-8")
    ast.parse(text, feature_version=(3, 6))
    assert text.index("python_problem(sys.version_info") < text.index("\nimport argparse")


def test_too_little_disk_is_said_before_anything_is_made(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = SimpleNamespace(free=1.5e9)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _path: usage)
    assert module.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert "too little disk space: 1.5 GB are free" in said
    assert not module.ENVIRONMENT.exists()


def test_disk_that_fills_up_meanwhile_is_named(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "make_environment", full)
    monkeypatch.setattr(module, "check_space", lambda: None)
    assert module.main(["setup"]) == 1
    assert "The disk is full" in capsys.readouterr().err
    assert "The disk is full" in module.likely_cause(["OSError: [Errno 28] No space left"])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="apt-get is Debian's")
def test_missing_system_libraries_are_printed_as_one_command(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "loads", lambda name: name != "libEGL.so.1")
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(module.shutil, "which", lambda _name: "/usr/bin/apt-get")
    monkeypatch.setenv("DISPLAY", ":0")
    assert module.main(["setup"]) == 1
    assert "sudo apt-get install libegl1\n" in capsys.readouterr().err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_display_is_found_by_its_variables(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert not module.has_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert module.has_display()


@pytest.mark.parametrize(("check", "status"), [("pass", 0), ("raise SystemExit(1)", 1)])
def test_checks_and_tests_all_run_and_count(
    module: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    check: str,
    status: int,
) -> None:
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(module, "CHECKS", {"first": ["-c", check], "second": ["-c", "print(2)"]})
    (module.CHECKOUT / "test_one.py").write_text(
        "import os, studio\n"
        "def test_one():\n    assert os.environ['QT_QPA_PLATFORM'] == 'offscreen'\n"
    )
    assert module.run_checks(["-q"]) == status
    lines = capfd.readouterr().out.splitlines()
    assert "2" in lines
    assert ("Failed so far: first" in lines) == bool(status)
    assert lines[-1].startswith("1 passed")


@pytest.mark.skipif(sys.platform == "win32", reason="a script for bash")
@pytest.mark.parametrize("kept", [False, True])
def test_ci_keeps_the_exit_code_and_removes_only_its_own_environment(
    tmp_path: Path, kept: bool
) -> None:
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(START.parent / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "start.py").write_text(
        "import os, sys\nos.makedirs('.venv', exist_ok=True)\nprint(sys.argv[1:])\nsys.exit(3)\n"
    )
    if kept:
        (tmp_path / ".venv").mkdir()
    result = subprocess.run(["bash", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (3, "['test']\n")
    assert (tmp_path / ".venv").exists() == kept


# ------------------------------------------------------------------------------- real set-ups


def test_arguments_pass_through_unchanged(checkout: Path) -> None:
    call = call_of(start(checkout, "--", "train", "mein Projekt", "--set", "steps=5", "--", "x"))
    assert call["arguments"] == ["train", "mein Projekt", "--set", "steps=5", "--", "x"]
    assert Path(call["folder"]) == checkout.parent


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_without_a_display_the_demo_runs(checkout: Path) -> None:
    result = start(checkout)
    assert call_of(result)["arguments"] == ["demo", "./demo-run"]
    assert result.stdout.startswith("There is no display here")


def test_second_start_is_offline_and_calls_no_pip(checkout: Path) -> None:
    before = (checkout / ".venv" / "setup.log").stat().st_mtime_ns
    result = start(checkout, "setup", PIP_INDEX_URL=NOWHERE)
    assert result.returncode == 0
    assert (checkout / ".venv" / "setup.log").stat().st_mtime_ns == before


def test_changed_requirements_and_extras_install_again(checkout: Path) -> None:
    wheels = (checkout.parent / "wheels").as_uri()
    stamp = checkout / ".venv" / "installed.txt"
    first = stamp.read_text()
    (checkout / "constraints.txt").write_text("tiny==2.0\n")
    result = start(checkout, "setup", PIP_NO_INDEX="1", PIP_FIND_LINKS=wheels)
    assert result.returncode == 0, result.stdout + result.stderr
    assert stamp.read_text() != first
    assert list(checkout.glob(".venv/**/tiny-2.0.dist-info"))
    assert not list(checkout.glob(".venv/**/tiny-1.0.dist-info"))


def test_half_installed_package_is_installed_again(checkout: Path) -> None:
    """What an interrupted pip leaves: files without the INSTALLER that pip writes last."""
    (module_file,) = checkout.glob(".venv/**/site-packages/tiny.py")
    (installer,) = checkout.glob(".venv/**/tiny-*.dist-info/INSTALLER")
    module_file.unlink()
    installer.unlink()
    (checkout / ".venv" / "installed.txt").unlink()
    wheels = (checkout.parent / "wheels").as_uri()
    result = start(checkout, "setup", PIP_NO_INDEX="1", PIP_FIND_LINKS=wheels)
    assert result.returncode == 0, result.stdout + result.stderr
    assert module_file.exists()


def test_without_network_it_says_so_and_goes_on_later(checkout: Path) -> None:
    """Comes last: it asks for what is not there."""
    project = checkout / "pyproject.toml"
    wanted = project.read_text()
    project.write_text(wanted.replace('["tiny"]', '["tiny", "nowhere"]', 1))
    result = start(checkout, "setup", PIP_INDEX_URL=NOWHERE)
    assert result.returncode == 1
    assert "The package server cannot be reached" in result.stderr
    assert "Traceback" not in result.stderr
    project.write_text(wanted)
    assert start(checkout, "setup", PIP_INDEX_URL=NOWHERE).returncode == 0
