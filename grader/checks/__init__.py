"""What "right" means, and why a wrong gradient is wrong. numpy only, no I/O.

``registry`` finds what judges a check: a class in ``kinds/``, or in ``answers/`` where one is
typed. They judge by ``evidence``: the plan, what was seen, what is right; ``observed`` is one case
of that. ``compare`` has the order of judgement and its tolerances, ``judge`` puts the verdict on
numbers at every case together, ``outcomes`` says what a run that did not return means.
``diagnoses`` holds why a gradient is wrong, a record a code, ``sentences`` every other sentence a
student can read.
"""
