"""Measured claims: each module is a command that prints figures beside a named reference."""
