"""Reads of the producer portal, by noun."""
