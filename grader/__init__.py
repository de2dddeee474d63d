"""A grader for automatic-differentiation exercises.

The rule everything follows: the child observes, the grader judges, the web does
neither. ``docs/architecture.md`` draws the way of one submission.
"""

__version__ = "0.1.0"
