"""Accounts: signing in, one's own account, forgotten passwords, joining a course."""
