"""Limits over a calendar."""
