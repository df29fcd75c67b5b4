"""Tables -> readiness observations."""
