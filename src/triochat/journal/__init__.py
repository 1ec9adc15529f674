"""The journal: one order for everything that sessions see, and the stores that keep it."""
