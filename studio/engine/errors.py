"""Turning what went wrong into a report that a person can act on. The one place that knows how."""

from __future__ import annotations

import errno
import traceback

from studio.core.errors import StudioError
from studio.core.protocol import ErrorReport

_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "bad_alloc")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that memory of the device or the host ran out."""
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(word in text for word in _MEMORY_WORDS)


def is_disk_full(error: BaseException) -> bool:
    """Tell whether an error means that the disk, or the user's share of it, is full."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def report(error: BaseException) -> ErrorReport:
    """Return the report of an error."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, StudioError):
        return ErrorReport(
            kind="user",
            title=error.title,
            message=error.message,
            hint=error.hint,
            traceback=trace,
        )
    if is_out_of_memory(error):
        return ErrorReport(
            kind="memory",
            title="Out of memory",
            message="The model and its batch need more memory than this device has free.",
            hint="Choose a smaller batch or size, or close other programs that use the device.",
            traceback=trace,
        )
    if is_disk_full(error):
        return ErrorReport(
            kind="disk",
            title="The disk is full",
            message="There was no room left to write; what was saved before is untouched.",
            hint="Free some space, then go on.",
            traceback=trace,
        )
    return ErrorReport(
        kind="internal",
        title="Something unexpected went wrong",
        message=f"{type(error).__name__}: {error}",
        hint="What was saved before is untouched. Try again; if it comes back, report it with the"
        " details.",
        traceback=trace,
    )
