"""The API for programs: a skin over the use-cases, as the web pages are."""
