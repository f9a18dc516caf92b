"""Writes of billing: each in one transaction, locks in the order account, invoice, payment."""
