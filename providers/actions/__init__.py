"""Writes of the provider portal."""
