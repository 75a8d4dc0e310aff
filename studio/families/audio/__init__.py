"""Families that make sound."""
