"""Scores -> the weekly summary."""
