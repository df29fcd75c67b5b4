"""Pure classifiers: texts and labels in, predictions out. No database, no HTTP, no clock."""
