"""Families that make pictures."""
