"""The producer portal's pages, by noun."""
