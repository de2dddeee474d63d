"""What "right" means, and why a wrong gradient is wrong. numpy only, no I/O.

``points`` is what is compared, ``compare`` the order of judgement and its tolerances,
``typed`` answers as they are typed, ``relations`` finds the reason, ``outcomes`` what a
run that did not return means, ``judge`` puts one check's verdict together, ``sentences``
holds every sentence a student can read.
"""
