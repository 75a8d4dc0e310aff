"""Sets everything up, then opens or tests the studio: `python3 start.py --help`.

One file, standard library only. Any Python from 3.6 on can read it, far enough to say that a
newer one is needed: no syntax here is younger than that, and the other imports follow the check.
"""

import sys

OLDEST_PYTHON = (3, 11)


def python_problem(version: "tuple[int, ...]") -> str:
    """Return why a Python of this version cannot run the studio; empty when it can."""
    if version[:2] >= OLDEST_PYTHON:
        return ""
    return (
        f"Python >= 3.11 is needed, and this is Python {'.'.join(map(str, version[:3]))}: "
        "install a newer one, then start this file with it, such as: python3.11 start.py"
    )


if python_problem(sys.version_info[:3]):
    sys.exit(python_problem(sys.version_info[:3]))

import argparse
import ctypes
import errno
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

WINDOWS = os.name == "nt"
LINUX = sys.platform.startswith("linux")

CHECKOUT = Path(__file__).resolve().parent
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if WINDOWS else "bin/python")
LOG = ENVIRONMENT / "setup.log"
STAMP = ENVIRONMENT / "installed.txt"  # written last: says what a finished set-up installed
DOWNLOADS = ENVIRONMENT / "downloads"  # pip's temporary files: /tmp is often too small for torch

# Free space that a new environment needs, in bytes. Linux packages of torch bring CUDA.
NEEDED_SPACE = int((9.5 if LINUX else 4) * 1e9)

# What a bare Debian or Ubuntu lacks: file that must load -> package that brings it.
WINDOW_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libbrotlidec.so.1": "libbrotli1",
    "libzstd.so.1": "libzstd1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
SOUND_LIBRARIES = {"libportaudio.so.2": "libportaudio2"}

CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
}


# Two processes share the tests out file by file; arguments of one's own, such as -n 0, win.
PYTEST = ["-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]


DISK_FULL = (
    "The disk is full. Free some space and start again; what is already installed stays. "
    f"About {NEEDED_SPACE / 1e9:.1f} GB are needed in all."
)

# Words in the log of a failed installation -> what most likely happened and what to do.
CAUSES = {
    ("No space left on device", "Errno 28", "not enough space on the disk"): DISK_FULL,
    (
        "Failed to establish a new connection",
        "Temporary failure in name resolution",
        "getaddrinfo failed",
        "ConnectTimeoutError",
        "Read timed out",
        "Connection refused",
        "Connection reset",
        "Network is unreachable",
        "Max retries exceeded",
    ): "The package server cannot be reached. Check the network, or the proxy, and start again; "
    "only the first start needs it.",
    ("No matching distribution found", "ResolutionImpossible"): (
        "A package is not offered for this Python or system. Use a 64-bit Python 3.11, 3.12 or "
        "3.13 from python.org or your system, remove the folder .venv and start again."
    ),
}


class SetupError(Exception):
    """Set-up cannot go on; the text says what happened and what to do."""


def main(arguments: list[str]) -> int:
    """Do what the command line asks; returns the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):  # a path may hold letters that a console lacks
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    own, passed = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        own, passed = arguments[:cut], arguments[cut + 1 :]
    parser = _parser()
    command = parser.parse_args(own).command
    if command == "setup" and passed:
        parser.error("setup takes no further arguments")
    try:
        if command == "setup":
            set_up(window=has_display())
            say("Everything is installed. Open the studio with: python3 start.py")
            return 0
        if command == "test":
            set_up("test")
            return run_checks(passed)
        return open_studio(passed)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next start goes on from here.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="start.py",
        usage="python3 start.py [setup | test] [-- ARGS]",
        description="Installs what is missing into .venv, then opens AIGC Studio. Without a "
        "display it trains a small model on the built-in samples into ./demo-run instead.",
        epilog="What follows -- goes to python -m studio; after test it goes to pytest.",
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("setup", "test"),
        metavar="setup | test",
        help="setup: only install; test: install, then run every check and test",
    )
    return parser


def say(text: str) -> None:
    """Print a line at once, so that it stands before what a child process prints."""
    print(text, flush=True)


# ------------------------------------------------------------------------------------- launching


def open_studio(arguments: list[str]) -> int:
    """Set up if needed, then run the studio: its window, a command, or the demo."""
    if arguments:
        set_up(window=False)
    elif has_display():
        set_up()
    else:
        set_up(window=False)
        say("There is no display here, so a small model is trained into ./demo-run instead.")
        arguments = ["demo", "./demo-run"]
    # -P keeps files of the current folder from standing in for Python's own modules
    command = [str(PYTHON), "-P", "-m", "studio", *arguments]
    if not WINDOWS:
        os.execve(command[0], command, child_environment())
    return subprocess.call(command, env=child_environment())


def has_display() -> bool:
    """Tell whether a window can be shown."""
    if not LINUX:
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment variables of a child that imports `studio` from the checkout."""
    paths = [str(CHECKOUT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **more}


def run_checks(pytest_arguments: list[str]) -> int:
    """Run every check and then the tests, whose closing line comes last; returns 0 or 1."""
    environment = child_environment(QT_QPA_PLATFORM="offscreen")
    commands = {**CHECKS, "pytest": [*PYTEST, *pytest_arguments]}
    failed: list[str] = []
    for name, command in commands.items():
        if name == "pytest" and failed:
            say("\nFailed so far: " + ", ".join(failed))
        say(f"\n== {name}")
        if subprocess.call([str(PYTHON), *command], cwd=CHECKOUT, env=environment):
            failed.append(name)
    return 1 if failed else 0


# --------------------------------------------------------------------------------------- set-up


def set_up(*extras: str, window: bool = True) -> None:
    """Bring the environment to what the project asks for; does nothing when it is there.

    Args:
        extras: Optional dependency groups of pyproject.toml that are needed too.
        window: Whether the libraries of the window are needed, not merely good to have.

    Raises:
        SetupError: It cannot be done.
    """
    installed = installed_extras()
    ready = installed is not None and installed.issuperset(extras)
    if LINUX and (window or not ready):
        ensure_libraries(WINDOW_LIBRARIES, "the window", needed=window)
    if ready:
        return
    if LINUX:
        ensure_libraries(SOUND_LIBRARIES, "playing sound", needed=False)
    check_space()
    try:
        make_environment()
        install(extras)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise SetupError(DISK_FULL) from error
        raise SetupError(f"The environment cannot be written: {error}") from error


def installed_extras() -> set[str] | None:
    """Return the optional groups that a finished set-up installed.

    None when there was none, or when the project asks for something else by now.
    """
    if not (PYTHON.exists() and STAMP.exists()):
        return None
    saved, *extras = STAMP.read_text("utf-8").split()
    return set(extras) if saved == fingerprint() else None


def fingerprint() -> str:
    """Return a hash of everything that decides what is installed."""
    project = read_project()
    asked = [project["dependencies"], project.get("optional-dependencies", {})]
    text = json.dumps(asked) + (CHECKOUT / "constraints.txt").read_text("utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def read_project() -> dict[str, Any]:
    """Return the table `project` of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
    return dict(table["project"])


def ensure_libraries(libraries: dict[str, str], purpose: str, *, needed: bool) -> None:
    """Install the system libraries that are missing, or print how to.

    Args:
        libraries: File that must load -> Debian package that brings it.
        purpose: What they are for, to follow "are needed for".
        needed: Whether to stop when they cannot be had.

    Raises:
        SetupError: They are needed and missing, and this program cannot install them.
    """
    missing = {name: package for name, package in libraries.items() if not loads(name)}
    if missing:
        install_packages(list(missing.values()), purpose, needed=needed)


def loads(library: str) -> bool:
    """Tell whether the system has a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_packages(packages: list[str], purpose: str, *, needed: bool) -> None:
    """Install Debian packages when we may; else say how, and stop when they are needed."""
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        advice = (
            f"Some system libraries are needed for {purpose}. Install what your system calls "
            f"these Debian packages: {names}"
        )
    elif os.geteuid() == 0:
        say(f"Installing system libraries for {purpose}: {names}")
        quiet = ["apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0"]
        new_log()
        # a failing update matters only when the installation fails too
        run_logged([*quiet, "update"], DEBIAN_FRONTEND="noninteractive")
        install = [*quiet, "install", "--no-install-recommends", *packages]
        if run_logged(install, DEBIAN_FRONTEND="noninteractive") == 0:
            return
        advice = f"The system libraries for {purpose} could not be installed.\n{log_end()}"
    else:
        advice = (
            f"Some system libraries are needed for {purpose}. Install them with:\n"
            f"  sudo apt-get install {names}"
        )
    if needed:
        raise SetupError(advice)
    say(advice)


def check_space() -> None:
    """Check that a new environment will fit.

    Raises:
        SetupError: There is too little room.
    """
    if half_done():
        return  # most of it lies there already
    free = shutil.disk_usage(CHECKOUT).free
    if free < NEEDED_SPACE:
        raise SetupError(
            f"There is too little disk space: {free / 1e9:.1f} GB are free in {CHECKOUT} and "
            f"about {NEEDED_SPACE / 1e9:.1f} GB are needed. Free some, or move this folder to "
            "another disk, and start again."
        )


def half_done() -> bool:
    """Tell whether the environment already holds the largest package."""
    return any((info / "INSTALLER").exists() for info in installed_packages("torch-*"))


def installed_packages(name: str = "*") -> list[Path]:
    """Return the folders in which pip keeps what it knows of each installed package."""
    packages = "Lib/site-packages" if WINDOWS else "lib/python3.*/site-packages"
    return list(ENVIRONMENT.glob(f"{packages}/{name}.dist-info"))


def make_environment() -> None:
    """Make the virtual environment, or keep the one that is there and works.

    Raises:
        SetupError: Python cannot make one.
    """
    works = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    if PYTHON.exists() and not subprocess.call(
        [str(PYTHON), "-c", works], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ):
        new_log()
        return
    if not importlib.util.find_spec("ensurepip"):
        version = "{}.{}".format(*sys.version_info[:2])
        install_packages([f"python{version}-venv"], "making the environment", needed=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    say(f"Making the environment in {ENVIRONMENT}")
    new_log()
    # when this very Python lives in a virtual environment, the one beneath it is meant
    base = getattr(sys, "_base_executable", sys.executable)
    if run_logged([base, "-m", "venv", str(ENVIRONMENT)]):
        raise SetupError(f"The environment could not be made.\n{log_end()}")


def install(extras: tuple[str, ...]) -> None:
    """Install the packages that are missing, and stamp the environment.

    Raises:
        SetupError: pip failed; the text says why, as far as its log tells.
    """
    already = installed_extras() or set()
    wanted = sorted(already | set(extras))
    project = read_project()
    packages = list(project["dependencies"])
    for extra in wanted:
        packages += project["optional-dependencies"][extra]
    remove_half_installed()
    say(f"Installing the packages; this takes some minutes the first time. Log: {LOG}")
    DOWNLOADS.mkdir(exist_ok=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    pip += ["--disable-pip-version-check", "--constraint", str(CHECKOUT / "constraints.txt")]
    folder = str(DOWNLOADS)
    failed = run_logged([*pip, *packages], TMPDIR=folder, TEMP=folder, TMP=folder)
    shutil.rmtree(DOWNLOADS, ignore_errors=True)
    if failed:
        raise SetupError(f"The packages could not be installed.\n{log_end()}")
    STAMP.write_text("\n".join([fingerprint(), *wanted]) + "\n", "utf-8")


def remove_half_installed() -> None:
    """Forget packages that an interrupted pip began to unpack, so that they are installed anew.

    pip writes a package's INSTALLER file after all of its other files.
    """
    for info in installed_packages():
        if not (info / "INSTALLER").exists():
            shutil.rmtree(info)


# --------------------------------------------------------------------------------- log and status


def new_log() -> None:
    """Begin an empty log."""
    ENVIRONMENT.mkdir(exist_ok=True)
    LOG.write_bytes(b"")


def run_logged(command: list[str], **variables: str) -> int:
    """Run a command, its output in the log and its last line live on the screen.

    Returns its exit code.
    """
    started = time.monotonic()
    with LOG.open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **variables},
        )
        try:
            while process.poll() is None:
                show_status(time.monotonic() - started)
                time.sleep(0.2)
        except KeyboardInterrupt:
            process.terminate()
            raise
        finally:
            process.wait()
            show_status(None)
    return process.returncode


def show_status(seconds: float | None) -> None:
    """Show how long it takes and the last line of the log; None wipes the line."""
    if not sys.stdout.isatty():
        return
    width = shutil.get_terminal_size().columns - 1
    text = ""
    if seconds is not None:
        lines = log_lines() or [""]
        text = f"  {int(seconds) // 60}:{int(seconds) % 60:02d}  {lines[-1]}"
    print("\r" + text[:width].ljust(width), end="" if text else "\r", flush=True)


def log_lines() -> list[str]:
    """Return the lines at the end of the log that are not empty."""
    with LOG.open("rb") as log:
        log.seek(max(0, LOG.stat().st_size - 20_000))
        text = log.read().decode("utf-8", errors="replace")
    return [line.strip() for line in text.splitlines() if line.strip()]


def log_end() -> str:
    """Return the last lines of the log and the likely cause of a failure."""
    lines = log_lines()
    shown = "\n".join("  | " + line for line in lines[-8:])
    return f"{shown}\n{likely_cause(lines)} The whole log: {LOG}"


def likely_cause(lines: list[str]) -> str:
    """Return the sentence for the first known cause that the log names."""
    text = "\n".join(lines)
    for signs, sentence in CAUSES.items():
        if any(sign in text for sign in signs):
            return sentence
    return "The lines above say what went wrong; start again once it is mended."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
