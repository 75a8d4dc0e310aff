"""An engine for tests: speaks the protocol without torch and does what the job's name says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any


def say(kind: str, /, **fields: Any) -> None:
    """Send an event."""
    sys.stdout.write(json.dumps({"type": kind, **fields}) + "\n")
    sys.stdout.flush()


def flood(job: str) -> None:
    """Send far more than a window can draw."""
    for step in range(3000):
        say("progress", job_id=job, stage="Reading", done=step + 1, total=3000)
        if step % 50 == 0:
            say("metrics", job_id=job, step=step, seconds=0.0, values={"loss": 1.0})


def crash(job: str) -> None:
    """Say why on the log and die."""
    sys.stderr.write("the last words\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def crash_with_child(job: str) -> None:
    """Die and leave a child behind that holds the pipe open."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    crash(job)


def deaf(job: str) -> None:
    """Start a child, then hear nothing any more."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    say("notice", job_id=job, severity="info", title=str(child.pid), message="")
    time.sleep(60)


def controlled(job: str) -> None:
    """Follow commands until it is stopped."""
    states = {"pause": "paused", "park": "parked", "resume": "running"}
    for line in sys.stdin:
        command = json.loads(line)["type"]
        if command == "stop":
            say("state_changed", state="stopping")
            return
        say("state_changed", state=states[command])


SCRIPTS = {
    "flood": flood,
    "crash": crash,
    "crash_with_child": crash_with_child,
    "deaf": deaf,
    "controlled": controlled,
}


def main() -> None:
    """Be ready at once, then take jobs until the input ends."""
    device = {"kind": "cpu", "name": "Test processor", "memory": 8_000_000_000, "threads": 2}
    say("hello", version="test", device=device)
    say("state_changed", state="idle")
    for line in sys.stdin:
        command = json.loads(line)
        if command["type"] == "shutdown":
            return
        job = command["job_id"]
        recipe = command.get("recipe") or {}
        name = command.get("sample") or recipe.get("name") or command.get("resume") or ""
        say("state_changed", state="running")
        say("job_started", job_id=job, kind=command["type"], title=name, run=f"run-of-{name}")
        if name in SCRIPTS:
            SCRIPTS[name](job)
        outcome = "failed" if name == "fails" else "done"
        error = {"kind": "user", "title": "It failed", "message": "On purpose."}
        fields: dict[str, Any] = {"error": error} if outcome == "failed" else {}
        if command["type"] == "import_sample":
            fields["result"] = {"dataset_id": f"{name}-1", "items": 3, "rejected": 0}
        say("job_finished", job_id=job, outcome=outcome, seconds=0.1, **fields)
        say("state_changed", state="idle")


if __name__ == "__main__":
    main()
