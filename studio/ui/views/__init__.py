"""One widget per kind of media."""
