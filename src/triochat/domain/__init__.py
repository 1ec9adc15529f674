"""Rooms, users, sessions and their rules. Pure and synchronous: time, randomness and delivery are handed in."""
