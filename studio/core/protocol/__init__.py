"""Every message between the window and an engine: one class each, one line of JSON on the pipe.

Commands go to the engine's standard input, events come from its standard output. Media never
travel here: the engine writes a file and sends its path.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from studio.core.protocol.commands import (
    AttachSound,
    Axis,
    Command,
    CompareRuns,
    Control,
    DownloadDataset,
    Evaluate,
    Explore,
    ExportAssets,
    ExportModel,
    ExportOnnx,
    ExportTimelapse,
    Forecast,
    Generate,
    GenerateRequest,
    ImportFiles,
    ImportSample,
    Job,
    MakeBatch,
    MakeGrid,
    Park,
    Pause,
    PreviewPreparation,
    Resume,
    SampleNow,
    SaveNow,
    Shutdown,
    Stop,
    Train,
)
from studio.core.protocol.events import (
    Advice,
    AssetMade,
    CheckpointSaved,
    CoachAdvised,
    ComputeChosen,
    DeviceInfo,
    DeviceLoad,
    ErrorReport,
    Event,
    ForecastReady,
    ForecastResult,
    Hello,
    JobFinished,
    JobStarted,
    Metrics,
    Notice,
    Outcome,
    PreviewReady,
    Progress,
    SampleReady,
    Severity,
    StateChanged,
    TextWritten,
)
from studio.core.protocol.message import Message

__all__ = [
    "Advice",
    "AssetMade",
    "AttachSound",
    "Axis",
    "CheckpointSaved",
    "CoachAdvised",
    "Command",
    "CompareRuns",
    "ComputeChosen",
    "Control",
    "DeviceInfo",
    "DeviceLoad",
    "DownloadDataset",
    "ErrorReport",
    "Evaluate",
    "Event",
    "Explore",
    "ExportAssets",
    "ExportModel",
    "ExportOnnx",
    "ExportTimelapse",
    "Forecast",
    "ForecastReady",
    "ForecastResult",
    "Generate",
    "GenerateRequest",
    "Hello",
    "ImportFiles",
    "ImportSample",
    "Job",
    "JobFinished",
    "JobStarted",
    "MakeBatch",
    "MakeGrid",
    "Message",
    "Metrics",
    "Notice",
    "Outcome",
    "Park",
    "Pause",
    "PreviewPreparation",
    "PreviewReady",
    "Progress",
    "Resume",
    "SampleNow",
    "SampleReady",
    "SaveNow",
    "Severity",
    "Shutdown",
    "StateChanged",
    "Stop",
    "TextWritten",
    "Train",
    "decode_command",
    "decode_event",
    "encode",
]

_COMMAND: TypeAdapter[Any] = TypeAdapter(Command)
_EVENT: TypeAdapter[Any] = TypeAdapter(Event)


def encode(message: Message) -> str:
    """Return a message as one line of JSON, with its line end."""
    return message.model_dump_json() + "\n"


def decode_command(line: str) -> Message:
    """Return the command in a line; raises pydantic.ValidationError when it is none."""
    command: Message = _COMMAND.validate_json(line)
    return command


def decode_event(line: str) -> Message:
    """Return the event in a line; raises pydantic.ValidationError when it is none."""
    event: Message = _EVENT.validate_json(line)
    return event
