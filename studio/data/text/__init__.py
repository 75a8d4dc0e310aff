"""Texts: reading, cleaning, preparing, writing."""
