"""The demo: the use-cases driven through the weeks of a newsroom on a clock that is set by hand."""
