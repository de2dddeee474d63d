"""Roster: who is in a course, in which sections and roles; the audit log."""
