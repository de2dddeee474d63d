"""Diagnoses: why a wrong gradient is wrong. All that belongs to one code stands in one record.

A record (:class:`~grader.checks.diagnoses.reason.Reason`) holds the rules by which its code is found, the rank at
which each is asked, and the sentences that are said of it. The records stand in the module of their family:

============  ==========================================================================
``numbers``   a sign, a factor, a mean: relations of plain numbers
``shapes``    the shape, and how entries are laid out and added up
``paths``     terms of the chain rule that are missing, or have another factor
``steps``     local derivatives that are missing, or are not the whole one
``graph``     where the graph is cut, where it should be, what is asked about
``orders``    too few derivatives or too many, one round or one power too much
``precision`` dtypes, rounding, NaN, difference quotients
``branches``  right on some inputs only
============  ==========================================================================

``registry`` gathers them by code; ``finder`` asks their rules by rank and names one code, or none; ``samples`` is
what the rules look at.
"""
