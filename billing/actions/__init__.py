"""Writes of money: bill runs, credits, voids, allocation. Modules are split by noun."""
