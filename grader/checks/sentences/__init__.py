"""Sentences that a student can read in a verdict, in English and in Chinese, by what they are about.

Short, in the second person, no blame, the field's terms. A hint asks a question that
leads to the mend; it never gives an answer. Exercises bring their own sentences for
their own misconceptions (``solution.toml``); those of a diagnosis stand with it (:mod:`grader.checks.diagnoses`).
"""

from grader.checks.sentences.answers import *
from grader.checks.sentences.definitions import *
from grader.checks.sentences.formulas import *
from grader.checks.sentences.gradients import *
from grader.checks.sentences.graphs import *
from grader.checks.sentences.lines import *
from grader.checks.sentences.phrases import *
from grader.checks.sentences.reports import *
from grader.checks.sentences.runs import *
from grader.checks.sentences.values import *
from grader.checks.sentences.without_autograd import *
