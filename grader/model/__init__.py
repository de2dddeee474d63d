"""The nouns: Exercise, Case, Submission, Job, Observation, Report. Frozen, typed, no I/O.

Everything here is a ``msgspec.Struct`` (or a plain value class), so that a thing has one
shape in memory, on the wire, in the database and in JSON.
"""
