"""A site that fails on purpose, with people's identifiers in its hands: what may its logs say? See test_logs.py."""
