"""The types of typed answers, a module for each: how one is read and how it is judged."""
