"""Time from the start of the process to a window that answers, median of several starts.

python -m benchmarks.window_start [--rounds 7] [--project P.studio]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys

#: Ends when the event loop has nothing left to do after the window is shown, and says what it took.
WINDOW = """
import sys, time
from pathlib import Path
import psutil
from PySide6.QtCore import QTimer
from studio.ui.app import make_application
from studio.ui.main_window import MainWindow
application = make_application([])
window = MainWindow()
window.show()
if len(sys.argv) > 1:
    window.open_project(Path(sys.argv[1]))
def interactive():
    print(time.time() - psutil.Process().create_time(), "torch" in sys.modules, flush=True)
    window._leave_project()
    application.quit()
QTimer.singleShot(0, interactive)
application.exec()
"""


def main() -> None:
    """Print the median and the range in seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--project", default="")
    arguments = parser.parse_args()
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    times = []
    for _round in range(arguments.rounds):
        command = [sys.executable, "-c", WINDOW, *filter(None, [arguments.project])]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        seconds, torch_loaded = ended.stdout.split()
        if torch_loaded != "False":
            raise SystemExit("the window's process loaded torch")
        times.append(float(seconds))
    print(
        f"median {statistics.median(times):.2f} s  "
        f"(from {min(times):.2f} to {max(times):.2f}, {len(times)} starts)"
    )


if __name__ == "__main__":
    main()
