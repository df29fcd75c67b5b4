"""The web pages: a thin skin."""
