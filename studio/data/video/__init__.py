"""Films and clips: reading, cleaning, preparing, writing."""
