"""Labels -> trained versions."""
