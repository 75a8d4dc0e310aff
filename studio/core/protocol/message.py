"""What every message has."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Base of all messages; `job_id` names the job it belongs to, empty for the engine itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    job_id: str = ""
