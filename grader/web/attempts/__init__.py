"""Attempts: what a student has handed in, as a list, one attempt, the difference of two."""
