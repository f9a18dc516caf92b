"""Pages of the employer portal."""
