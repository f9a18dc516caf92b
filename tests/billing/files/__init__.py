"""Tests of the files that cross the plan's border to its bank."""
