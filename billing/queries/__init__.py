"""Reads of invoices, open items, payments and accounts. First argument `scope`; frozen dataclasses or querysets."""
