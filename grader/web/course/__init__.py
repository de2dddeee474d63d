"""Course: its settings, its assignments and their rules, for who teaches it."""
