"""Pictures: reading, cleaning, preparing, writing."""
