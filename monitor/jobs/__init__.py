"""Long work that people ask for: kinds of it, and who works it off."""
