"""People who use the program: roles, passwords, signing in, sessions."""
