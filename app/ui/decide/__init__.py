"""Decide: what waits for a person, by harm."""
