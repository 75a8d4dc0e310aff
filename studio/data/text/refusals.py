"""Why documents are not taken, in words."""

from __future__ import annotations

from studio.data.modality import Rejected


def too_large(what: str) -> Rejected:
    """Return that something is larger than is read."""
    return Rejected(
        "too-large",
        f"{what} is larger than is read of this kind.",
        "Save it as plain text, or split it into smaller files.",
    )


def locked() -> Rejected:
    """Return that a document cannot be opened without a password."""
    return Rejected(
        "encrypted",
        "It is locked with a password or by copy protection.",
        "Save it without protection, if you may, and import it again.",
    )


def damaged(kind: str) -> Rejected:
    """Return that a document of some kind cannot be read."""
    return Rejected(
        "damaged",
        f"The {kind} is damaged.",
        "Open it in the program that it is for, save it anew and import that.",
    )
