"""Writes of the employer portal."""
