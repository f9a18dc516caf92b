"""A small app of the benchmark `audit_saves`: one model plain and one audited by the library that is measured."""
