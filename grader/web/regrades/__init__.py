"""Regrades: proposals to change scores, looked at before they hold."""
