"""Gradebook: a course for who teaches it, its scores and participants."""
