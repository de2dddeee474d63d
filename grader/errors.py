"""Errors of ours, all in one tree.

::

    GraderError                     what, where and how to mend it, in one sentence
    ├── UsageError                  the call is wrong (exit 2)
    │   └── UnknownExercise         no such exercise; names the nearest
    ├── ExerciseError               an exercise folder is wrong (exit 2): file:line: what
    ├── GradingFailed               we, or the machine, could not grade (exit 3); may be retried
    │   ├── SandboxFailed           a zygote or a child could not be had: no job's fault
    │   │   ├── SandboxBusy         the bounded queue is full
    │   │   └── SandboxSlow         it does not get warm in time
    │   ├── SandboxCrashed          the sandbox dies under this very job, and under no other
    │   ├── Preempted               it has run for its share, and others wait: it is run again, later
    │   ├── TruthBusy               the reference is being run for another, and takes long
    │   └── TruthFailed             the reference itself did not run as its author says
    │       └── TruthLate           or it ran into its limit of time
    ├── StoreFailed                 the database cannot be used now, or not any more: no row's fault
    │   └── SchemaOutdated          it has the schema of an older grader
    ├── ProtocolError               bytes from a child that are no frame (becomes a verdict)
    └── SettingsError               the environment holds something we cannot use (exit 2)

What a *student's* code does wrong is never one of these: it is a verdict, a value.
"""

from __future__ import annotations


class GraderError(Exception):
    """The root. ``retry`` says whether the same call may succeed later, unchanged."""

    retry: bool = False


class UsageError(GraderError):
    """The caller asked for something that cannot be done; the message says how to mend it."""


class UnknownExercise(UsageError):
    """No exercise has this slug.

    :param slug: what was asked for.
    :param nearest: the most similar slug that does exist, or None.
    """

    def __init__(self, slug: str, nearest: str | None) -> None:
        hint = f"did you mean '{nearest}'?" if nearest else "'grade list' shows what there is."
        super().__init__(f"there is no exercise '{slug[:80]}': {hint}")
        self.slug, self.nearest = slug, nearest


class ExerciseError(GraderError):
    """An exercise folder is not sound. The message begins with ``file:line:``."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}:{line}: {what}")
        self.file, self.line, self.what = file, line, what


class GradingFailed(GraderError):
    """Our failure or the machine's, never the student's. It costs no attempt and no point."""

    retry = True


class SandboxFailed(GradingFailed):
    """The jail could not be built or died under us. It says nothing about the job."""


class SandboxBusy(SandboxFailed):
    """More submissions are waiting than the pool accepts."""


class SandboxSlow(SandboxFailed):
    """The jail does not get warm in time: the machine is busy, or slow."""


class SandboxCrashed(GradingFailed):
    """The jail died each time it ran this job, at last with nothing beside it, and runs others well."""


class Preempted(GradingFailed):
    """It has run for as long as it may while others wait. Nothing failed: it is run again from the start,
    when it is its turn among those that run for long."""


class TruthBusy(GradingFailed):
    """The exercise's reference is being run for another submission and takes long, or ran out of time lately.

    :ivar seconds: when to ask again; 0: in a moment.
    """

    def __init__(self, said: str, seconds: float = 0.0) -> None:
        super().__init__(said)
        self.seconds = seconds


class TruthFailed(GradingFailed):
    """The exercise's own reference did not return what it must. Retrying will not help."""

    retry = False


class TruthLate(TruthFailed):
    """The reference ran into its limit of time. On a machine that is busy it may get through later."""

    retry = True


class StoreFailed(GraderError):
    """The database as such cannot be used: locked, full, damaged, gone. It says nothing about a row."""


class SchemaOutdated(StoreFailed):
    """The database has an older schema, and this process does not migrate it."""


class ProtocolError(GraderError):
    """A child sent bytes that are not a frame. The only error the wire's decoder raises."""


class SettingsError(GraderError):
    """A setting in the environment cannot be used."""
