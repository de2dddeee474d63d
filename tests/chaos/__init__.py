"""Chaos engineering: one fault at a time into the running service, while a class hands in."""
