"""Labels as analysts look at them: what was decided, where people differ, what the labels mean."""
