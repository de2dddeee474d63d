"""From a queued row to a graded one: threads in this process, or workers elsewhere."""
