"""What a training loads, for a process that forks trainings: nothing is computed here."""

from studio.engine.registry import families

families()
