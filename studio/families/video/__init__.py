"""Families that make moving pictures."""
