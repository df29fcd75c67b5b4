"""Claims, readiness and coverage -> scores and alerts."""
