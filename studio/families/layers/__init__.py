"""Network blocks that several families share."""
