"""The application, cut in the order the data flows; see docs/design/001-the-house.md."""
