"""Trained models over HTTP, for other programs on this computer."""
