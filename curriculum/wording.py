"""To be written. Floor 1."""
