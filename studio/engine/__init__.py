"""The process that trains and generates: torch, no Qt."""
