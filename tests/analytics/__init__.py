"""Tests of the room ``grader/analytics``."""
