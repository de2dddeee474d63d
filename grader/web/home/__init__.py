"""Home page: one's courses and their exercises."""
