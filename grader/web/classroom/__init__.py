"""Class: what a course misunderstands, statistics of its assignments, its watchlist, for who teaches it."""
