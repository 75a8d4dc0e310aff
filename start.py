"""Sets everything up, then launches or tests the studio."""
