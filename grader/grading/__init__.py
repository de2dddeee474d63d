"""From a submission to a report.

Read in this order: ``cases`` draws the inputs, ``plan`` turns checks into tasks, ``truth``
observes the reference (``published`` stands in where there is none), ``grade`` observes the
submission and puts the verdicts together.
"""

from grader.grading.grade import grade, not_gradable
from grader.grading.observe import Sandbox
from grader.grading.truths import Truths

__all__ = ["Sandbox", "Truths", "grade", "not_gradable"]
