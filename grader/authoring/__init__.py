"""Authoring: ``grade check`` proves an exercise sound, ``grade new`` begins one.

``proof`` puts the parts together: ``golden`` (the submissions beside the reference), ``derivatives``
(autograd against the author's formula, forward mode and differences), ``separation`` (whether the
cases tell the wrong answers apart), ``mutants`` (whether the checks notice a changed reference),
``texts`` (prompts and hints); ``finder`` measures how often the reason of a wrong answer is found.
"""
