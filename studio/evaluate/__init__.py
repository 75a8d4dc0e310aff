"""Quality measures, one file per modality."""
