"""Families that write texts."""
