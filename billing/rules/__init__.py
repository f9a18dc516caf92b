"""Pure decisions of billing, split by noun: no database, no request, no clock. Refusals are codes, never sentences."""
