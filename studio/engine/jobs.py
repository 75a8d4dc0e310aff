"""The one table from commands to the functions that do them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from studio.core import protocol
from studio.core.protocol import Message
from studio.engine.job import JobContext

JobFunction = Callable[[Any, JobContext], dict[str, Any]]

#: Command -> module in `studio.engine` that holds the function of the command's `type`. Modules
#: are imported when the first job of their kind comes: an import of files never loads torch.
_MODULES: dict[type[Message], str] = {
    protocol.ImportFiles: "importing",
    protocol.ImportSample: "importing",
    protocol.DownloadDataset: "importing",
    protocol.PreviewPreparation: "importing",
    protocol.Forecast: "forecasting",
    protocol.Train: "training",
    protocol.Generate: "generator",
    protocol.MakeGrid: "grids",
    protocol.MakeBatch: "batches",
    protocol.Explore: "exploring",
    protocol.Evaluate: "evaluation",
    protocol.ExportModel: "packaging",
    protocol.ExportOnnx: "onnx_files",
    protocol.ExportAssets: "exporting",
    protocol.AttachSound: "attaching",
    protocol.ExportTimelapse: "exporting",
    protocol.CompareRuns: "comparing",
}


def is_job(command: Message) -> bool:
    """Tell whether a command is a job; the others control the one in hand."""
    return type(command) in _MODULES


def run_job(command: Message, job: JobContext) -> dict[str, Any]:
    """Do a job and return its result; raises what the job raises."""
    module = import_module(f"studio.engine.{_MODULES[type(command)]}")
    function: JobFunction = getattr(module, command.model_dump(include={"type"})["type"])
    return function(command, job)
