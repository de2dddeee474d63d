"""Dispatching: from a queued row to a graded one, by threads in this process, or workers elsewhere."""
