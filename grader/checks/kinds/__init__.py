"""The kinds of checks, a module for each: what is asked, what is right, and how it is judged."""
