"""Writes of enrollment records and member accounts."""
