"""Pieces of music: reading, cleaning, preparing, writing."""
