"""What runs inside the jail, and only there: it observes, and knows of no answer.

``zygote`` imports torch once and forks; ``child`` walls a fork in; ``harness`` runs the student's
module and the tasks of a job; ``tasks`` runs one of them, by way of ``differentiation`` and
``tracing``; ``wrong_gradients`` reads wrong answers off a *reference's* graph, and
``tape`` writes its backward pass down (``given_code`` that of given code); ``serialize`` turns what came of
it into plain data.
"""
