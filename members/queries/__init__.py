"""Reads of enrollment records; first argument `scope`."""
