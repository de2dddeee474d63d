"""Tests of the room ``grader/rosters``."""
