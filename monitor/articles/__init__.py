"""Page -> text -> story."""
