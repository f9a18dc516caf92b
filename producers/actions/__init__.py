"""Writes of the producer portal, by noun."""
