"""Rules that watch a run and say in plain words what goes wrong."""
