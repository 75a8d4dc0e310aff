"""Recordings: reading, cleaning, preparing, writing."""
