"""Exercise page: read, predict, submit, see the verdict."""
