"""Text -> claims -> flags."""
