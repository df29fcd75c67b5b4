"""How well the score and the alerts work: a simulated country with a known truth, and history replayed."""
